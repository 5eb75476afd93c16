"""Counting: one definition, whatever the filter; totals are the sum of their parts."""

from __future__ import annotations

import datetime as dt
import random
import uuid
from typing import Any

import pytest

from branches.models import Person
from portal.kernel.months import Month
from servicecrew.counting import PARTS, Figures, Scope, added, figures_of_turnouts, split, totals
from servicecrew.models import SUB_KINDS, CityGoal, CrewTally, Turnout, Vehicle
from servicecrew.services import crews, steps
from servicecrew.services.imports import TurnoutRow, import_turnouts, open_balance
from servicecrew.services.turnout_rows import PersonDay, VehicleDay
from servicecrew.tallies import recount
from tests.cast import NOW, Cast
from tests.servicecrew.scene import Team, at


def random_rows(team: Team, cast: Cast, seed: int, count: int) -> list[TurnoutRow]:
    rng = random.Random(seed)
    squads = [team.squad, team.second, team.county]
    people = list(Person.objects.order_by("pk")[:40])
    vehicles = list(Vehicle.objects.order_by("pk"))
    goals = [None, *CityGoal.objects.values_list("pk", flat=True)]
    rows = []
    for n in range(count):
        day = dt.date(2017, 1, 1) + dt.timedelta(days=rng.randrange(170))
        crew = rng.choice(squads)
        other = rng.choice(squads)
        crews_out = list(dict.fromkeys([crew.pk, other.pk]))
        kind = rng.choice(list(SUB_KINDS))
        summer = team.summer.pk if day >= dt.date(2017, 6, 1) and rng.random() < 0.6 else None
        rows.append(
            TurnoutRow(
                uuid=uuid.UUID(int=rng.getrandbits(128)),
                crew=crew,
                started_on=day,
                values={
                    "subject": f"出队{n}",
                    "service_kind": kind,
                    "sub_kind": rng.choice(SUB_KINDS[kind]),
                    "county": rng.choice(["市区", "晋江", "德化"]),
                    "operation_id": summer,
                    "city_goal_id": rng.choice(goals),
                },
                people=[
                    PersonDay(
                        rng.choice(people).pk,
                        rng.choice(crews_out),
                        day + dt.timedelta(days=rng.randrange(40)),
                    )
                    for _n in range(rng.randrange(9))
                ],
                vehicles=[
                    VehicleDay(rng.choice(vehicles).pk, rng.choice(crews_out), day)
                    for _n in range(rng.randrange(3))
                ],
                other_crews=crews_out,
            )
        )
    return rows


@pytest.fixture
def year(cast: Cast, team: Team) -> list[Turnout]:
    rows = random_rows(team, cast, 135, 90)
    made = import_turnouts(rows=rows[:60], as_history=True, actor=None, now=NOW)
    made += import_turnouts(rows=rows[60:], actor=None, now=NOW)
    open_balance(
        crew=team.squad,
        counted_on=dt.date(2016, 12, 31),
        service_kind="repair",
        sub_kind="disaster_relief",
        person_times=168,
        vehicle_times=54,
        turnouts=12,
        basis="2016年纸质台账",
        actor=cast.officer,
        now=NOW,
    )
    return made


SCOPES: list[dict[str, Any]] = [
    {},
    {"is_verified": None},
    {"in_operations": True},
    {"operation": 0},
    {"county": "德化"},
    {"service_kind": "repair"},
    {"sub_kind": "power_guarantee"},
    {"goal": ""},
    {"goal": "happy", "is_verified": None},
    {"first": Month(2017, 3), "last": Month(2017, 5)},
    {"first": Month(2017, 6), "in_operations": True, "is_verified": None},
    {"is_opening": True},
    {"is_opening": False},
]


def test_the_tally_is_the_sum_of_the_rows(year: list[Turnout]) -> None:
    assert CrewTally.objects.exists()
    assert recount() == 0


def test_totals_are_the_sum_of_their_parts(year: list[Turnout], team: Team) -> None:
    for wanted in SCOPES:
        for crew in (None, team.second.pk):
            scope = Scope(**wanted, crew=crew)
            total = totals(scope)
            for part in PARTS:
                assert added(split(scope, part).values()) == total, (wanted, part)


def test_every_total_opens_down_to_its_rows(year: list[Turnout], team: Team) -> None:
    """What the figures page lists adds up to what the board shows."""
    for wanted in SCOPES:
        for crew in (None, team.squad.pk):
            scope = Scope(**wanted, crew=crew)
            keys = list(scope.turnouts().values_list("pk", flat=True))
            found = added(figures_of_turnouts(keys, scope).values())
            for row in scope.openings():
                found += Figures(row.turnouts, row.person_times, row.vehicle_times)
            total = totals(scope)
            assert (found.turnouts, found.person_times, found.vehicle_times) == (
                total.turnouts,
                total.person_times,
                total.vehicle_times,
            ), wanted


def test_by_hand(cast: Cast, team: Team) -> None:
    """Six people on one night past midnight are six; the same six next day are six more; two of
    them relieved and back the same day are not counted again; two crews share one turnout."""
    six = [row.person_id for row in team.squad.members.order_by("pk")]
    two = [row.person_id for row in team.second.members.order_by("pk")]
    day, next_day = dt.date(2017, 6, 20), dt.date(2017, 6, 21)
    import_turnouts(
        rows=[
            TurnoutRow(
                uuid=uuid.uuid4(),
                crew=team.squad,
                started_on=day,
                values={"subject": "断线", "service_kind": "repair", "county": "德化"},
                times={"departed": at(20, 21, 46), "arrived": at(20, 22, 41)},
                people=[
                    *(PersonDay(p, team.squad.pk, day) for p in six),
                    *(PersonDay(p, team.squad.pk, day, shift=2) for p in six[:2]),
                    *(PersonDay(p, team.second.pk, day, shift=2) for p in two),
                    *(PersonDay(p, team.squad.pk, next_day) for p in six),
                ],
                vehicles=[VehicleDay(team.van.pk), VehicleDay(team.van.pk)],
                other_crews=[team.second.pk],
            )
        ],
        as_history=True,
        actor=None,
        now=NOW,
    )
    total = totals(Scope())
    assert (total.turnouts, total.person_times, total.vehicle_times) == (1, 6 + 2 + 6, 1)
    by_crew = split(Scope(), "crew")
    assert by_crew[team.squad.pk].person_times == 12
    assert by_crew[team.second.pk].person_times == 2
    assert by_crew[team.second.pk].turnouts == 0, "the turnout is counted for the crew that leads"


def test_nothing_counts_before_it_is_verified(cast: Cast, team: Team) -> None:
    (turnout,) = import_turnouts(rows=random_rows(team, cast, 7, 1), actor=None, now=NOW)
    assert totals(Scope()).turnouts == 0
    assert totals(Scope(is_verified=None)).turnouts == 1
    steps.void_turnout(
        turnout_id=turnout.pk, reason="没有出队", actor=_captain_of(cast, turnout), now=NOW
    )
    assert totals(Scope(is_verified=None)).turnouts == 0


def _captain_of(cast: Cast, turnout: Turnout) -> Any:
    if not turnout.crew.members.filter(person__user=cast.captain).exists():
        crews.enlist(
            crew=turnout.crew,
            person=cast.person(cast.captain),
            role="deputy_captain",
            started_on=dt.date(2017, 1, 1),
            actor=None,
            now=NOW,
        )
    return cast.captain


def test_an_import_twice_is_there_once(cast: Cast, team: Team) -> None:
    rows = random_rows(team, cast, 3, 20)
    first = import_turnouts(rows=rows, actor=None, now=NOW)
    before = totals(Scope(is_verified=None))
    assert import_turnouts(rows=rows, actor=None, now=NOW) == []
    assert totals(Scope(is_verified=None)) == before
    assert len(first) == 20
