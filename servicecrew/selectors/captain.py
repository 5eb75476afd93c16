"""The captain's home on the phone: what is under way, what is still owed, who is tired."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from django.db.models import Count
from django.urls import reverse
from django.utils.translation import gettext as _

from portal.kernel.months import local_date
from portal.kernel.ui import Status
from servicecrew.access import crews_of
from servicecrew.checks import Missing, missing_fields
from servicecrew.fatigue import Strain
from servicecrew.models import (
    MARK_FIELDS,
    Crew,
    Mark,
    Operation,
    ServiceKind,
    Turnout,
    TurnoutVehicle,
    VehicleKind,
)
from servicecrew.selectors.fatigue import strained_people

if TYPE_CHECKING:
    from portal.accounts.models import User

# How long after the end the captain may still fill in what is missing, undisturbed.
FILL_IN = dt.timedelta(hours=72)
BUTTONS = (Mark.DEPARTED, Mark.ARRIVED, Mark.RESTORED)
OWED = 20


@dataclass(frozen=True, slots=True)
class Button:
    """One of the three. ``state``: done, next or later."""

    mark: str
    label: str
    state: str
    hint: str
    at: dt.datetime | None = None
    note: str = ""
    key: UUID | None = None


@dataclass(frozen=True, slots=True)
class Owed:
    """A turnout that waits for its captain: something missing, or his yes."""

    turnout: Turnout
    missing: Sequence[Missing]
    status: Status
    action: str
    url: str


@dataclass(frozen=True, slots=True)
class CaptainHome:
    today: dt.date
    now: dt.datetime
    crews: Sequence[Crew]
    crew: Crew | None
    turnout: Turnout | None
    buttons: Sequence[Button]
    people: int
    vehicles: str
    owed: Sequence[Owed]
    strained: Sequence[Strain]
    operations: Sequence[Operation]
    new_key: UUID
    press_key: UUID
    kinds: Sequence[tuple[str, Any]]
    leads: bool

    @property
    def heading(self) -> str:
        if self.turnout is not None:
            return self.turnout.subject
        if self.owed:
            return _("有 %(count)d 次出队等您补齐或确认") % {"count": len(self.owed)}
        return _("现在没有出队")

    @property
    def since_arrival(self) -> str:
        """How long the crew has been there, in words."""
        if self.turnout is None or self.turnout.arrived_at is None:
            return ""
        return spell(self.now - self.turnout.arrived_at)


def spell(span: dt.timedelta) -> str:
    """``2 小时 34 分``."""
    minutes = max(0, int(span.total_seconds() // 60))
    if minutes < 60:
        return _("%(minutes)d 分") % {"minutes": minutes}
    return _("%(hours)d 小时 %(minutes)d 分") % {"hours": minutes // 60, "minutes": minutes % 60}


def spell_vehicles(kinds: Sequence[str]) -> str:
    """``抢修车 2 台，吊车 1 台``."""
    counted = {kind: list(kinds).count(kind) for kind in dict.fromkeys(kinds)}
    return "，".join(
        _("%(kind)s %(count)d 台") % {"kind": VehicleKind(kind).label, "count": count}
        for kind, count in counted.items()
    )


def captain_home(*, user: User, now: dt.datetime, crew_id: int | None = None) -> CaptainHome:
    """One page, a fixed number of queries. ``crew_id`` picks one of several crews."""
    mine = crews_of(user)
    crews = sorted(
        Crew.objects.filter(pk__in=mine.serves),
        key=lambda crew: (crew.pk not in mine.leads, crew.sort_order, crew.pk),
    )
    crew = next((c for c in crews if c.pk == crew_id), crews[0] if crews else None)
    turnout = _under_way(crew)
    kinds: list[str] = []
    people = 0
    if turnout is not None:
        people = turnout.people.count()
        kinds = list(TurnoutVehicle.objects.filter(turnout=turnout).values_list("kind", flat=True))
    return CaptainHome(
        today=local_date(now),
        now=now,
        crews=crews,
        crew=crew,
        turnout=turnout,
        buttons=_buttons(turnout, people, spell_vehicles(kinds)),
        people=people,
        vehicles=spell_vehicles(kinds),
        owed=_owed(crew, turnout, now) if crew and crew.pk in mine.leads else [],
        strained=strained_people(now=now, crews=[crew.pk]) if crew else [],
        operations=list(Operation.objects.visible_to(user).open()),
        new_key=uuid4(),
        press_key=uuid4(),
        kinds=ServiceKind.choices,
        leads=crew is not None and crew.pk in mine.leads,
    )


def _under_way(crew: Crew | None) -> Turnout | None:
    if crew is None:
        return None
    found: Turnout | None = (
        Turnout.objects.filter(
            crew=crew,
            status__in=("draft", "logged"),
            restored_at__isnull=True,
            left_at__isnull=True,
        )
        .select_related("crew", "operation")
        .order_by("-created_at", "-pk")
        .first()
    )
    return found


def _buttons(turnout: Turnout | None, people: int, vehicles: str) -> list[Button]:
    found = []
    is_next = True
    for mark in BUTTONS:
        at = getattr(turnout, MARK_FIELDS[mark]) if turnout is not None else None
        if at is not None:
            state = "done"
        else:
            state = "next" if is_next else "later"
            is_next = False
        found.append(
            Button(
                mark=mark.value,
                label=str(mark.label),
                state=state,
                hint=_hint(mark, turnout, people, vehicles, state),
                at=at,
                note=_note(mark, turnout),
                key=uuid4() if state == "next" else None,
            )
        )
    return found


def _hint(mark: Mark, turnout: Turnout | None, people: int, vehicles: str, state: str) -> str:
    if mark == Mark.DEPARTED:
        if turnout is None:
            return _("队员按名册带出，缺谁再点")
        names = _("%(count)d 人") % {"count": people}
        return f"{names}，{vehicles}" if vehicles else names
    if mark == Mark.ARRIVED:
        if turnout is None or turnout.service_kind != ServiceKind.REPAIR:
            return _("到了按一下")
        return _("%(area)s承诺 %(minutes)d 分钟") % {
            "area": turnout.get_area_kind_display(),
            "minutes": turnout.arrival_promise,
        }
    return _("送电成功后按一下") if state == "next" else _("送电成功，或做完了")


def _note(mark: Mark, turnout: Turnout | None) -> str:
    if turnout is None:
        return ""
    if mark == Mark.DEPARTED and turnout.ordered_at and turnout.departed_at:
        minutes = int((turnout.departed_at - turnout.ordered_at).total_seconds() // 60)
        return _("接令后 %(minutes)d 分") % {"minutes": minutes}
    if mark == Mark.ARRIVED and turnout.response_minutes is not None:
        return _("用时 %(minutes)d 分") % {"minutes": turnout.response_minutes}
    return ""


def _owed(crew: Crew, under_way: Turnout | None, now: dt.datetime) -> list[Owed]:
    rows = (
        Turnout.objects.filter(crew=crew, status__in=("draft", "logged"))
        .exclude(pk=under_way.pk if under_way else None)
        .select_related("crew")
        .annotate(people_count=Count("people"))
        .order_by("started_on", "pk")[:OWED]
    )
    return [owed_row(turnout, now) for turnout in rows]


def owed_row(turnout: Turnout, now: dt.datetime) -> Owed:
    missing = missing_fields(turnout, people=getattr(turnout, "people_count", None))
    url = reverse("servicecrew:turnout", args=[turnout.uuid])
    due = (turnout.ended_at or turnout.created_at) + FILL_IN
    left = (local_date(due) - local_date(now)).days
    if left < 0:
        status = Status("late", _("逾期 %(days)d 天") % {"days": -left})
    elif missing:
        status = Status("soon", _("还差 %(count)d 项") % {"count": len(missing)})
    else:
        status = Status("doing", _("待确认"))
    action = _("去补") if missing else _("去确认")
    return Owed(turnout, missing, status, action, url)
