"""Turnouts for reading: the list with its filters, one turnout with its history."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.core.paginator import Page, Paginator
from django.db.models import Count, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from branches.models import Membership
from portal.attachments.models import Attachment
from portal.kernel.months import SHANGHAI, Month
from portal.kernel.searches import search_text
from portal.kernel.ui import Status, Tab
from servicecrew import permissions
from servicecrew.access import crews_of
from servicecrew.checks import DoubleBooking, Missing, double_bookings, missing_fields
from servicecrew.counting import Figures, figures_of_turnouts
from servicecrew.fatigue import Strain
from servicecrew.models import (
    MARK_FIELDS,
    CityGoal,
    Crew,
    Mark,
    Operation,
    ServiceKind,
    SubKind,
    Turnout,
    TurnoutPerson,
    TurnoutTime,
)
from servicecrew.selectors.captain import FILL_IN, spell, spell_vehicles
from servicecrew.selectors.fatigue import strained_people

if TYPE_CHECKING:
    from portal.accounts.models import User

PAGE_SIZE = 40
STATUS: dict[str, Status] = {
    "draft": Status("idle", gettext_lazy("草稿")),
    "logged": Status("soon", gettext_lazy("待确认")),
    "captain_confirmed": Status("doing", gettext_lazy("待核定")),
    "verified": Status("done", gettext_lazy("已核定")),
    "void": Status("idle", gettext_lazy("已作废"), "x"),
}


def turnout_status(turnout: Turnout) -> Status:
    """Out now, or how far its paper has come."""
    if (
        turnout.departed_at is not None
        and turnout.ended_at is None
        and turnout.status in {"draft", "logged", "captain_confirmed"}
    ):
        return Status("doing", _("在外"), "truck")
    return STATUS[turnout.status]


# -- the list --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Choice:
    value: str
    label: Any
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Filter:
    name: str
    label: Any
    choices: Sequence[Choice]


@dataclass(frozen=True, slots=True)
class Line:
    turnout: Turnout
    status: Status
    figures: Figures

    @property
    def url(self) -> str:
        return reverse("servicecrew:turnout", args=[self.turnout.uuid])


@dataclass(frozen=True, slots=True)
class TurnoutList:
    heading: str
    lines: Sequence[Line]
    page: Page[Turnout]
    tabs: Sequence[Tab]
    filters: Sequence[Filter]
    hidden: Sequence[tuple[str, str]]
    asked: Mapping[str, str]
    is_filtered: bool
    may_write: bool
    is_captain: bool = False
    totals: Figures = field(default_factory=Figures)

    @property
    def query(self) -> str:
        return urlencode(self.asked)


NAMES = ("status", "crew", "county", "kind", "sub", "operation", "goal", "first", "last", "q")


def filtered(user: User, asked: Mapping[str, str]) -> tuple[QuerySet[Turnout], dict[str, str]]:
    """Visible turnouts that fit what was asked (without the status), and what of it was
    understood; the rest is forgotten."""
    rows = Turnout.objects.visible_to(user)
    kept: dict[str, str] = {}
    for name, column in (
        ("county", "county"),
        ("kind", "service_kind"),
        ("sub", "sub_kind"),
    ):
        if value := asked.get(name, "").strip():
            rows = rows.filter(**{column: value})
            kept[name] = value
    for name, column in (("operation", "operation_id"), ("crew", "parties__crew_id")):
        value = asked.get(name, "")
        if value.isdigit() and len(value) < 18:
            rows = rows.filter(**{column: int(value)})
            kept[name] = value
        elif name == "operation" and value in {"none", "any"}:
            rows = rows.filter(operation__isnull=value == "none")
            kept[name] = value
    if goal := asked.get("goal", ""):
        rows = (
            rows.filter(city_goal__isnull=True) if goal == "none" else rows.filter(city_goal=goal)
        )
        kept["goal"] = goal
    for name, lookup in (("first", "started_on__gte"), ("last", "started_on__lte")):
        try:
            month = Month.parse(asked.get(name, ""))
        except ValueError:
            continue
        rows = rows.filter(**{lookup: month.first_day if name == "first" else month.last_day})
        kept[name] = str(month)
    if words := search_text(asked, 60):
        rows = rows.filter(
            Q(subject__icontains=words)
            | Q(place__icontains=words)
            | Q(township__icontains=words)
            | Q(line_name__icontains=words)
            | Q(order_no=words)
        )
        kept["q"] = words
    return rows, kept


def turnout_list(*, user: User, asked: Mapping[str, str], today: dt.date) -> TurnoutList:
    """The newest first. A fixed number of queries."""
    rows, kept = filtered(user, asked)
    counted = dict(rows.order_by().values_list("status").annotate(n=Count("pk", distinct=True)))
    chosen = asked.get("status", "")
    address = reverse("servicecrew:turnouts")

    def link(status: str) -> str:
        query = {**kept, "status": status} if status else kept
        return f"{address}?{urlencode(query)}" if query else address

    live = {key: n for key, n in counted.items() if key != "void"}
    tabs = [Tab(_("全部"), link(""), sum(live.values()), not chosen)]
    tabs += [
        Tab(STATUS[key].text, link(key), counted.get(key, 0), chosen == key)
        for key in ("draft", "logged", "captain_confirmed", "verified")
    ]
    if counted.get("void"):
        tabs.append(Tab(STATUS["void"].text, link("void"), counted["void"], chosen == "void"))
    rows = rows.filter(status=chosen) if chosen in STATUS else rows.exclude(status="void")
    page = Paginator(
        rows.select_related("crew", "operation").order_by("-started_on", "-pk"), PAGE_SIZE
    ).get_page(asked.get("page"))
    figures = figures_of_turnouts([turnout.pk for turnout in page])
    waiting = counted.get("captain_confirmed", 0), counted.get("logged", 0)
    asked_all = {**kept, **({"status": chosen} if chosen in STATUS else {})}
    return TurnoutList(
        heading=_heading(sum(live.values()), *waiting),
        lines=[Line(t, turnout_status(t), figures.get(t.pk, Figures())) for t in page],
        page=page,
        tabs=tabs,
        filters=_filters(user, kept, today),
        hidden=[("status", chosen)] if chosen in STATUS else [],
        asked=asked_all,
        is_filtered=bool(kept),
        may_write=bool(_writes(user)),
    )


def _heading(everything: int, to_verify: int, to_confirm: int) -> str:
    if not everything:
        return _("还没有出队记录")
    parts = [_("共 %(n)d 次出队") % {"n": everything}]
    if to_confirm:
        parts.append(_("%(n)d 次待队长确认") % {"n": to_confirm})
    if to_verify:
        parts.append(_("%(n)d 次待核定") % {"n": to_verify})
    return "，".join(parts)


def _writes(user: User) -> frozenset[int]:
    return crews_of(user).serves


def _filters(user: User, kept: Mapping[str, str], today: dt.date) -> list[Filter]:
    crews = Crew.objects.visible_to(user).filter(level="squad").values_list("pk", "name", "county")
    named = [(str(pk), name) for pk, name, _county in crews]
    counties = list(dict.fromkeys(county for _pk, _name, county in crews))
    operations = Operation.objects.visible_to(user).values_list("pk", "name")
    goals = CityGoal.objects.filter(is_active=True).values_list("code", "name")
    latest = Month.of(today)
    months = [(str(latest.plus(-n)), latest.plus(-n).label) for n in range(24)]
    early = [
        (text, Month.parse(text).label)
        for name in ("first", "last")
        if (text := kept.get(name, "")) and text not in dict(months)
    ]

    def offered(name: str, label: Any, everything: Any, options: Any) -> Filter:
        return Filter(
            name,
            label,
            [
                Choice(value, text, kept.get(name, "") == value)
                for value, text in [("", everything), *options]
            ],
        )

    return [
        offered("crew", _("服务队"), _("全部服务队"), named),
        offered("county", _("区县"), _("全部区县"), [(c, c) for c in counties]),
        offered("kind", _("类别"), _("全部类别"), ServiceKind.choices),
        offered("sub", _("小类"), _("全部小类"), SubKind.choices),
        offered(
            "operation",
            _("行动"),
            _("不限行动"),
            [
                ("any", _("只看行动内")),
                ("none", _("不属于行动")),
                *[(str(k), n) for k, n in operations],
            ],
        ),
        offered("goal", _("五个泉州"), _("不限"), [*goals, ("none", _("没有标记"))]),
        offered("first", _("起"), _("不限"), [*months, *early]),
        offered("last", _("止"), _("不限"), [*months, *early]),
    ]


# -- one turnout -----------------------------------------------------------------------------


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
