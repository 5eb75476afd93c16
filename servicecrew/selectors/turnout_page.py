"""One turnout for reading: its moments, people, facts and history."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import Q
from django.utils.translation import gettext as _

from branches.models import Membership
from portal.attachments.models import Attachment
from portal.kernel.months import SHANGHAI
from portal.kernel.ui import Status
from servicecrew import permissions
from servicecrew.checks import DoubleBooking, Missing, double_bookings, missing_fields
from servicecrew.counting import Figures, figures_of_turnouts
from servicecrew.fatigue import Strain
from servicecrew.models import MARK_FIELDS, Mark, ServiceKind, Turnout, TurnoutPerson, TurnoutTime
from servicecrew.selectors.captain import FILL_IN, spell, spell_vehicles
from servicecrew.selectors.fatigue import strained_people
from servicecrew.selectors.turnouts import turnout_status

if TYPE_CHECKING:
    from portal.accounts.models import User


@dataclass(frozen=True, slots=True)
class Moment:
    """A line of the summary's timeline: the moment that counts, and all that was said of it."""

    mark: str
    label: str
    at: dt.datetime
    day_note: str
    line: str
    is_last: bool
    statements: Sequence[TurnoutTime]

    @property
    def is_disputed(self) -> bool:
        """Measured and declared differ, or two phones pressed."""
        return len({statement.at for statement in self.statements}) > 1

    @property
    def is_clock_off(self) -> bool:
        return any(statement.is_clock_off for statement in self.statements)


@dataclass(frozen=True, slots=True)
class DayParty:
    """Who was out on one day (and shift) with one crew."""

    day: dt.date
    shift: int
    crew: str
    names: str
    count: int


@dataclass(frozen=True, slots=True)
class TurnoutPage:
    turnout: Turnout
    status: Status
    moments: Sequence[Moment]
    parties: Sequence[DayParty]
    people: int
    vehicles: int
    vehicle_words: str
    party_members: int
    figures: Figures
    missing: Sequence[Missing]
    fill_in_by: dt.datetime | None
    bookings: Sequence[DoubleBooking]
    strained: Sequence[Strain]
    facts: Sequence[tuple[str, Any]]
    results: Sequence[tuple[str, Any]]
    safety: Sequence[tuple[str, Any]]
    may_edit: bool
    may_mark: bool
    may_log: bool
    may_confirm: bool
    may_verify: bool
    may_give_back: bool
    may_reopen: bool
    may_void: bool
    may_show_photos: bool
    photos: Sequence[Attachment]
    crews: Sequence[str]

    @property
    def has_decision(self) -> bool:
        """Whether the user has one thing to decide here: verify, confirm or log it."""
        return self.may_verify or self.may_log or (self.may_confirm and not self.missing)

    @property
    def restored_note(self) -> str:
        areas = self.turnout.areas_restored
        return _("复电，%(areas)d 个台区") % {"areas": areas} if areas else _("复电户数")


def turnout_for_page(user: User, uuid: Any) -> Turnout:
    """Raises Turnout.DoesNotExist for strangers."""
    found: Turnout = (
        Turnout.objects.visible_to(user)
        .select_related("crew", "operation", "committee", "city_goal", "created_by")
        .prefetch_related(
            "parties__crew",
            "people__person",
            "people__crew",
            "vehicles__vehicle",
            "times__stated_by",
            "events__actor",
        )
        .get(uuid=uuid)
    )
    return found


def turnout_page(*, turnout: Turnout, user: User, now: dt.datetime) -> TurnoutPage:
    """Everything about one turnout and what the user may do with it."""
    people = list(turnout.people.all())
    vehicles = list(turnout.vehicles.all())
    can = {
        "edit": permissions.may_edit_turnout(user, turnout)
        and turnout.status in {"draft", "logged"},
        "mark": permissions.may_mark(user, turnout) and turnout.status in {"draft", "logged"},
    }
    missing = missing_fields(turnout, people=len(people))
    return TurnoutPage(
        turnout=turnout,
        status=turnout_status(turnout),
        moments=list(_moments(turnout)),
        parties=_parties(people),
        people=len({(row.day, row.person_id) for row in people}),
        vehicles=len(vehicles),
        vehicle_words=spell_vehicles(_kinds_of_first_day(turnout, vehicles)),
        party_members=_members_among(people, turnout.started_on),
        figures=figures_of_turnouts([turnout.pk]).get(turnout.pk, Figures()),
        missing=missing,
        fill_in_by=turnout.ended_at + FILL_IN if turnout.ended_at else None,
        bookings=double_bookings(turnout) if turnout.status in {"draft", "logged"} else [],
        strained=strained_people(now=turnout.ended_at or now, turnout_id=turnout.pk),
        facts=_facts(turnout),
        results=_results(turnout),
        safety=_safety(turnout),
        may_edit=can["edit"],
        may_mark=can["mark"],
        may_log=can["mark"] and turnout.status == "draft",
        may_confirm=permissions.may_confirm_turnout(user, turnout) and turnout.status == "logged",
        may_verify=permissions.may_verify_turnout(user, turnout)
        and turnout.status == "captain_confirmed",
        may_give_back=permissions.may_verify_turnout(user, turnout)
        and turnout.status == "captain_confirmed",
        may_reopen=turnout.status in {"captain_confirmed", "verified"}
        and permissions.may_correct_turnout(user, turnout),
        may_void=can["edit"],
        may_show_photos=permissions.may_show_photos(user, turnout) and turnout.status != "void",
        photos=list(Attachment.objects.of(turnout)),
        crews=[party.crew.name for party in turnout.parties.all()],
    )


def _moments(turnout: Turnout) -> Iterator[Moment]:
    statements = list(turnout.times.all())
    set_marks = [mark for mark in Mark if getattr(turnout, MARK_FIELDS[mark]) is not None]
    first: dt.date | None = None
    for mark in set_marks:
        at = getattr(turnout, MARK_FIELDS[mark])
        day = at.astimezone(SHANGHAI).date()
        first = first or day
        yield Moment(
            mark=mark.value,
            label=str(mark.label)
            if mark != Mark.RESTORED or turnout.service_kind == ServiceKind.REPAIR
            else _("完工"),
            at=at,
            day_note=f"{day.month}月{day.day}日" if day != first else "",
            line=_moment_line(mark, turnout),
            is_last=mark == set_marks[-1],
            statements=[s for s in statements if s.mark == mark],
        )


def _moment_line(mark: Mark, turnout: Turnout) -> str:
    if mark == Mark.ORDERED:
        parts = [turnout.get_source_display(), turnout.get_cause_display(), turnout.order_no]
        return "，".join(part for part in parts if part)
    if mark == Mark.ARRIVED and turnout.response_minutes is not None:
        if turnout.is_in_time is None:
            return _("用 %(took)d 分") % {"took": turnout.response_minutes}
        return _("承诺 %(promise)d 分，用 %(took)d 分") % {
            "promise": turnout.arrival_promise,
            "took": turnout.response_minutes,
        }
    if mark == Mark.RESTORED and turnout.whole_minutes is not None:
        whole = spell(dt.timedelta(minutes=turnout.whole_minutes))
        if turnout.service_kind == ServiceKind.REPAIR and turnout.whole_minutes < 24 * 60:
            return _("全程 %(whole)s，平均承诺 %(hours)d 小时") % {
                "whole": whole,
                "hours": turnout.restore_average // 60,
            }
        return _("全程 %(whole)s") % {"whole": whole}
    return ""


def _parties(people: Sequence[TurnoutPerson]) -> list[DayParty]:
    groups: dict[tuple[dt.date, int, str], list[TurnoutPerson]] = {}
    for row in people:
        groups.setdefault((row.day, row.shift, row.crew.name), []).append(row)
    return [
        DayParty(day, shift, crew, "、".join(_named(row) for row in rows), len(rows))
        for (day, shift, crew), rows in sorted(groups.items())
    ]


def _named(row: TurnoutPerson) -> str:
    if row.role == "member":
        return row.person.name
    return f"{row.person.name}（{row.get_role_display()}）"


def _kinds_of_first_day(turnout: Turnout, vehicles: Sequence[Any]) -> list[str]:
    return [row.kind for row in vehicles if row.day == turnout.started_on]


def _members_among(people: Sequence[TurnoutPerson], day: dt.date) -> int:
    """How many of the first day's people are Party members."""
    keys = {row.person_id for row in people}
    return (
        Membership.objects.filter(
            Q(ended_on__isnull=True) | Q(ended_on__gte=day), person_id__in=keys, started_on__lte=day
        )
        .values("person_id")
        .distinct()
        .count()
    )


def _facts(turnout: Turnout) -> list[tuple[str, Any]]:
    line = "".join(
        part for part in (turnout.get_voltage_display(), turnout.line_name, turnout.line_branch)
    )
    kind = turnout.get_service_kind_display()
    if turnout.sub_kind:
        kind = f"{kind}，{turnout.get_sub_kind_display()}"
    rows = [
        (_("类别"), kind),
        (_("行动"), turnout.operation),
        (_("地点"), " ".join(dict.fromkeys((turnout.county, turnout.township, turnout.place)))),
        (_("供电区域"), turnout.get_area_kind_display()),
        (_("线路"), line),
        (_("杆段"), turnout.pole_range),
        (_("台区"), turnout.transformer_area),
        (_("原因"), turnout.get_cause_display()),
        (_("天气"), turnout.weather + (_("，夜间作业") if turnout.is_night_work else "")),
        (_("来源"), " ".join((turnout.get_source_display(), turnout.order_no)).strip()),
        (_("五个泉州"), turnout.city_goal),
    ]
    return [(label, value) for label, value in rows if value]


def _results(turnout: Turnout) -> list[tuple[str, Any]]:
    rows: list[tuple[str, Any]] = [
        (_("停电户数"), _n(turnout.customers_out, _("户"))),
        (_("复电户数"), _n(turnout.customers_restored, _("户"))),
        (_("复电台区"), _n(turnout.areas_restored, _("个"))),
        (_("复电线路"), _n(turnout.lines_restored, _("条"))),
        (_("重要客户"), turnout.key_customers),
        (_("立杆"), _n(turnout.poles, _("基"))),
        (_("放线"), _n(turnout.metres, _("米"))),
        (_("更换设备"), _n(turnout.devices, _("件"))),
        (_("服务客户"), _n(turnout.users_served, _("人次"))),
        (_("解决问题"), _n(turnout.problems_solved, _("件"))),
        (_("外部协助"), _n(turnout.helpers_count or None, _("人，不计入出动人次"))),
        (_("工器具与材料"), turnout.materials),
        (_("处理经过"), turnout.result),
        (_("发现的诉求"), turnout.needs_found),
        (_("客户满意度"), turnout.get_satisfaction_display()),
        (_("媒体报道"), turnout.media),
    ]
    return [(label, value) for label, value in rows if value]


def _safety(turnout: Turnout) -> list[tuple[str, Any]]:
    rows = [
        (_("工作票号"), turnout.work_ticket_no),
        (_("到岗到位"), turnout.leader_on_site),
        (_("安全交底"), _("已做") if turnout.has_safety_talk else ""),
        (_("违章"), _("无违章") if turnout.has_no_breach else ""),
    ]
    return [(label, value) for label, value in rows if value]


def _n(value: int | None, unit: str) -> str:
    return "" if value is None else f"{value:,} {unit}"
