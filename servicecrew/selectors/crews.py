"""Crews for reading: the tree, and one crew with everything it has and did."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import Count, Q
from django.utils.translation import gettext as _

from branches.access import access_of
from branches.models import Membership
from portal.kernel.months import Month
from servicecrew import permissions
from servicecrew.counting import Figures, Scope, split, totals
from servicecrew.models import (
    Crew,
    CrewMember,
    CrewNote,
    CrewNoteKind,
    Equipment,
    ServiceKind,
    Turnout,
    Vehicle,
)
from servicecrew.services.turnout_rows import in_force, roster_on

if TYPE_CHECKING:
    from portal.accounts.models import User


@dataclass(frozen=True, slots=True)
class CrewRow:
    crew: Crew
    people: int
    vehicles: int
    captain: str
    figures: Figures
    indent: int


@dataclass(frozen=True, slots=True)
class CrewList:
    heading: str
    rows: Sequence[CrewRow]
    counties: int
    total: Figures
    since: Month
    may_found: bool


def crew_list(*, user: User, today: dt.date) -> CrewList:
    """The tree of crews with people and twelve months' figures. Four queries."""
    since = Month.of(today).plus(-11)
    crews: list[Any] = list(
        Crew.objects.visible_to(user)
        .active_on(today)
        .annotate(
            people=Count(
                "members",
                filter=Q(members__started_on__lte=today)
                & (Q(members__ended_on__isnull=True) | Q(members__ended_on__gte=today)),
                distinct=True,
            ),
            vans=Count(
                "vehicles",
                filter=Q(vehicles__started_on__lte=today)
                & (Q(vehicles__ended_on__isnull=True) | Q(vehicles__ended_on__gte=today)),
                distinct=True,
            ),
        )
        .order_by("sort_order", "pk")
    )
    captains = dict(
        CrewMember.objects.filter(
            in_force(today), crew__in=[crew.pk for crew in crews], role="captain"
        ).values_list("crew_id", "person__name")
    )
    by_crew = split(Scope(first=since), "crew")
    below: dict[int | None, list[Any]] = {}
    known = {crew.pk for crew in crews}
    for crew in crews:
        below.setdefault(crew.parent_id if crew.parent_id in known else None, []).append(crew)
    rows: list[CrewRow] = []

    def place(parent: int | None, indent: int) -> None:
        for crew in below.get(parent, []):
            rows.append(
                CrewRow(
                    crew,
                    crew.people,
                    crew.vans,
                    captains.get(crew.pk, ""),
                    by_crew.get(crew.pk, Figures()),
                    indent,
                )
            )
            place(crew.pk, indent + 1)

    place(None, 0)
    squads = [row for row in rows if row.crew.level == "squad"]
    total = Figures()
    for row in rows:
        total = total + row.figures
    people = sum(row.people for row in squads)
    heading = (
        _("%(crews)d 支分队，%(people)d 名队员") % {"crews": len(squads), "people": people}
        if squads
        else _("还没有服务队")
    )
    return CrewList(
        heading,
        rows,
        len({row.crew.county for row in squads}),
        total,
        since,
        access_of(user).is_officer,
    )


@dataclass(frozen=True, slots=True)
class CrewPage:
    crew: Crew
    members: Sequence[CrewMember]
    vehicles: Sequence[Vehicle]
    equipment: Sequence[Equipment]
    notes: Sequence[CrewNote]
    note_counts: Sequence[tuple[str, int]]
    turnouts: Sequence[Turnout]
    year: Figures
    everything: Figures
    by_kind: Sequence[tuple[str, str, Figures]]
    members_of_party: int
    is_inside: bool
    may_manage: bool
    may_close: bool
    since: Month

    @property
    def has_skills(self) -> bool:
        """Whether the roster needs a column for them."""
        return any(member.skill for member in self.members)


def crew_page(*, crew: Crew, user: User, today: dt.date) -> CrewPage:
    """One crew. The inside (names, plates) only for those who may see it."""
    inside = permissions.may_see_crew_inside(user, crew)
    since = Month.of(today).plus(-11)
    members = roster_on(crew, today) if inside else []
    kinds = split(Scope(crew=crew.pk, first=since), "service_kind")
    notes = list(crew.notes.all()[:40])
    counted = dict(crew.notes.order_by().values_list("kind").annotate(n=Count("pk")))
    return CrewPage(
        crew=crew,
        members=members,
        vehicles=list(crew.vehicles.filter(in_force(today))) if inside else [],
        equipment=list(crew.equipment.all()) if inside else [],
        notes=notes,
        note_counts=[(str(label), counted.get(kind, 0)) for kind, label in CrewNoteKind.choices],
        turnouts=list(
            Turnout.objects.visible_to(user)
            .filter(crew=crew)
            .exclude(status="void")
            .select_related("crew")
            .order_by("-started_on", "-pk")[:8]
        ),
        year=totals(Scope(crew=crew.pk, first=since)),
        everything=totals(Scope(crew=crew.pk)),
        by_kind=[
            (value, str(label), kinds.get(value, Figures())) for value, label in ServiceKind.choices
        ],
        members_of_party=_party_members(members, today),
        is_inside=inside,
        may_manage=permissions.may_manage_crew(user, crew),
        may_close=crew.closed_on is None and permissions.may_close_crew(user, crew),
        since=since,
    )


def _party_members(members: Sequence[Any], today: dt.date) -> int:
    return (
        Membership.objects.filter(
            in_force(today), person_id__in=[member.person_id for member in members]
        )
        .values("person_id")
        .distinct()
        .count()
    )
