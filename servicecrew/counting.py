"""Figures: sums of the counted rows (``sql/count_rows.sql``), by any filter and any part.

Boards and lists ask the monthly tally, which is kept from the same rows; a page that opens a
figure down to its rows asks the rows themselves. Both are tested against each other.
"""

# ruff: noqa: S608 - the statements are files and constants of ours; values are parameters
from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet, Sum

from branches.access import access_of
from branches.models import Committee
from portal.kernel.months import Month
from servicecrew.models import (
    CrewTally,
    OpeningBalance,
    Turnout,
    TurnoutPerson,
    TurnoutVehicle,
)
from servicecrew.tallies import count_rows

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from portal.accounts.models import User

# What a figure may be split by, and the column of the tally that says so.
PARTS: dict[str, str] = {
    "crew": "crew_id",
    "committee": "crew__committee_id",
    "county": "county",
    "service_kind": "service_kind",
    "sub_kind": "sub_kind",
    "operation": "operation_key",
    "goal": "goal",
    "month": "month",
}


@dataclass(frozen=True, slots=True)
class Figures:
    """The sums. ``timed`` turnouts had a promise to keep, ``in_time`` kept it; ``asked``
    customers answered, ``satisfied`` were content; ``minutes_out`` of the turnouts."""

    turnouts: int = 0
    person_times: int = 0
    vehicle_times: int = 0
    timed: int = 0
    in_time: int = 0
    asked: int = 0
    satisfied: int = 0
    customers_restored: int = 0
    lines_restored: int = 0
    minutes_out: int = 0

    def __add__(self, other: Figures) -> Figures:
        return Figures(*(getattr(self, f) + getattr(other, f) for f in NAMES))

    @property
    def hours_out(self) -> int:
        return round(self.minutes_out / 60)


NAMES = tuple(f.name for f in fields(Figures))


@dataclass(frozen=True, slots=True)
class Scope:
    """A filter. None means any; months are whole ones, both ends included. ``in_operations``:
    only what was done in a named operation (disasters and major supply tasks). ``goal`` and
    ``operation`` may be "" and 0: those without. ``is_verified`` None: what is logged too."""

    committees: frozenset[int] | None = None
    crew: int | None = None
    county: str | None = None
    service_kind: str | None = None
    sub_kind: str | None = None
    operation: int | None = None
    goal: str | None = None
    first: Month | None = None
    last: Month | None = None
    in_operations: bool = False
    is_verified: bool | None = True
    is_opening: bool | None = None

    def tallies(self) -> QuerySet[CrewTally]:
        rows = CrewTally.objects.all()
        if self.committees is not None:
            rows = rows.filter(crew__committee_id__in=self.committees)
        wanted: dict[str, Any] = {
            "crew_id": self.crew,
            "county": self.county,
            "service_kind": self.service_kind,
            "sub_kind": self.sub_kind,
            "operation_key": self.operation,
            "goal": self.goal,
            "is_verified": self.is_verified,
            "is_opening": self.is_opening,
            "month__gte": self.first and self.first.first_day,
            "month__lte": self.last and self.last.first_day,
        }
        rows = rows.filter(**{k: v for k, v in wanted.items() if v is not None})
        if self.in_operations:
            rows = rows.exclude(operation_key=0)
        return rows

    def turnouts(self) -> QuerySet[Turnout]:
        """The turnouts whose rows this scope counts (any of them)."""
        rows = Turnout.objects.filter(
            status__in=("verified",)
            if self.is_verified
            else ("logged", "captain_confirmed", "verified")
        )
        if self.is_opening:
            return rows.none()
        if self.committees is not None:
            rows = rows.filter(
                Q(committee_id__in=self.committees)
                | Q(parties__crew__committee_id__in=self.committees)
            ).distinct()
        wanted: dict[str, Any] = {
            "county": self.county,
            "service_kind": self.service_kind,
            "sub_kind": self.sub_kind,
            "operation_id": self.operation or None,
            "city_goal_id": self.goal or None,
        }
        rows = rows.filter(**{k: v for k, v in wanted.items() if v is not None})
        if self.first is not None or self.last is not None:
            rows = rows.filter(self._in_days())
        if self.crew is not None:
            rows = rows.filter(pk__in=Turnout.objects.filter(crews=self.crew).values("pk"))
        if self.operation == 0:
            rows = rows.filter(operation__isnull=True)
        if self.goal == "":
            rows = rows.filter(city_goal__isnull=True)
        if self.in_operations:
            rows = rows.filter(operation__isnull=False)
        return rows

    def _in_days(self) -> Q:
        """Begun within the months, or out on a day of them."""
        days: dict[str, dt.date] = {}
        if self.first is not None:
            days["gte"] = self.first.first_day
        if self.last is not None:
            days["lte"] = self.last.last_day
        out = {f"day__{bound}": day for bound, day in days.items()}
        return (
            Q(**{f"started_on__{bound}": day for bound, day in days.items()})
            | Q(Exists(TurnoutPerson.objects.filter(turnout=OuterRef("pk"), **out)))
            | Q(Exists(TurnoutVehicle.objects.filter(turnout=OuterRef("pk"), **out)))
        )

    def openings(self) -> QuerySet[OpeningBalance]:
        rows = OpeningBalance.objects.all()
        if self.is_opening is False or self.goal:
            return rows.none()
        if self.committees is not None:
            rows = rows.filter(crew__committee_id__in=self.committees)
        wanted: dict[str, Any] = {
            "crew_id": self.crew,
            "crew__county": self.county,
            "service_kind": self.service_kind,
            "sub_kind": self.sub_kind,
            "operation_id": self.operation or None,
            "counted_on__gte": self.first and self.first.first_day,
            "counted_on__lte": self.last and self.last.last_day,
        }
        rows = rows.filter(**{k: v for k, v in wanted.items() if v is not None})
        if self.operation == 0:
            rows = rows.filter(operation__isnull=True)
        if self.in_operations:
            rows = rows.filter(operation__isnull=False)
        return rows


def totals(scope: Scope) -> Figures:
    """One query over the tally."""
    found = scope.tallies().aggregate(**{f"sum_{name}": Sum(name) for name in NAMES})
    return Figures(*(found[f"sum_{name}"] or 0 for name in NAMES))


def split(scope: Scope, part: str) -> dict[Any, Figures]:
    """The same figure by its parts; their sum is :func:`totals`. One query."""
    column = PARTS[part]
    rows = (
        scope.tallies()
        .order_by()
        .values_list(column)
        .annotate(**{f"sum_{name}": Sum(name) for name in NAMES})
    )
    return {row[0]: Figures(*(value or 0 for value in row[1:])) for row in rows}


def figures_of_turnouts(ids: Collection[int], scope: Scope | None = None) -> dict[int, Figures]:
    """The counted rows of some turnouts, summed by turnout: what each brings to a figure. With a
    ``scope`` only the rows of its crew and committees, and of its months."""
    if not ids:
        return {}
    conditions = [f"turnout_id IN ({_places(ids)})"]
    parameters: list[Any] = [*ids]
    if scope is not None:
        if scope.crew is not None:
            conditions.append("crew_id = %s")
            parameters.append(scope.crew)
        if scope.committees is not None:
            keys = sorted(scope.committees)
            conditions.append(
                "crew_id IN (SELECT id FROM servicecrew_crew"
                f" WHERE committee_id IN ({_places(keys) or 'NULL'}))"
            )
            parameters.extend(keys)
        if scope.first is not None:
            conditions.append("day >= %s")
            parameters.append(_day(scope.first.first_day))
        if scope.last is not None:
            conditions.append("day <= %s")
            parameters.append(_day(scope.last.last_day))
    sums = ", ".join(f"SUM({name})" for name in NAMES)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT turnout_id, {sums} FROM ({count_rows()}) counted"
            f" WHERE {' AND '.join(conditions)} GROUP BY turnout_id",
            parameters,
        )
        rows = cursor.fetchall()
    return {row[0]: Figures(*(int(value or 0) for value in row[1:])) for row in rows}


def figure_committees(user: User | AnonymousUser) -> frozenset[int]:
    """Committees whose totals (never rows) the user may see: those he oversees, his own and those
    below it: city and county together, as published."""
    return frozenset(committee.pk for committee in committees_counted_for(user))


def committees_counted_for(user: User | AnonymousUser) -> list[Committee]:
    """The same as rows. One query."""
    access = access_of(user)
    roots = access.overseen_committees | access.home_committees
    if not roots:
        return []
    committees = list(Committee.objects.all())
    found = below(roots, committees)
    return [committee for committee in committees if committee.pk in found]


def below(roots: Collection[int], committees: Collection[Committee]) -> frozenset[int]:
    """Keys of ``roots`` and of everything under them."""
    found = set(roots)
    while more := {c.pk for c in committees if c.parent_id in found} - found:
        found |= more
    return frozenset(found)


def added(parts: Iterable[Figures]) -> Figures:
    total = Figures()
    for part in parts:
        total = total + part
    return total


def _places(values: Collection[Any]) -> str:
    return ", ".join(["%s"] * len(values))


def _day(day: dt.date) -> Any:
    return connection.ops.adapt_datefield_value(day)
