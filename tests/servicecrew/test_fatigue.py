"""The fatigue guard in a storm: a turnout of several days is read by its days and shifts."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from servicecrew.fatigue import watches
from servicecrew.models import Turnout, TurnoutPerson
from servicecrew.selectors.fatigue import by_crew, strained_people
from servicecrew.services import steps
from servicecrew.services.turnout_rows import PersonDay
from servicecrew.services.turnouts import edit_turnout
from tests.cast import Cast
from tests.servicecrew.scene import Team, at, turnout_of

FIRST = dt.date(2017, 6, 20)


def day(number: int) -> dt.date:
    return FIRST + dt.timedelta(days=number)


def storm(team: Team, cast: Cast, lines: list[PersonDay]) -> Turnout:
    """Out on 20 June at 21:46 and not back yet, with just these people."""
    turnout = turnout_of(
        team, cast.captain, values={"subject": "抢险", "operation_id": team.summer.pk}
    )
    edit_turnout(
        turnout_id=turnout.pk,
        values={},
        people=lines,
        version=turnout.version,
        actor=cast.captain,
        now=at(20, 22),
    )
    return turnout


def people_of(team: Team) -> list[int]:
    return [row.person_id for row in team.squad.members.order_by("pk")]


def long_ones(now: dt.datetime, **whose: Any) -> dict[int, float]:
    return {s.person: s.hours for s in strained_people(now=now, **whose) if s.kind == "long"}


def test_a_turnout_of_two_days_names_those_whom_nobody_relieved(cast: Cast, team: Team) -> None:
    one, two, *_rest = people_of(team)
    turnout = storm(team, cast, [PersonDay(one), PersonDay(two, day=day(1))])
    now = at(22, 9, 46)  # 36 hours after leaving
    assert long_ones(now, crews=[team.squad.pk]) == {two: 24.0}
    TurnoutPerson.objects.filter(person=two).delete()
    # Nobody is written down after the first day: he has not been relieved.
    assert long_ones(now, crews=[team.squad.pk]) == {one: 24.0}
    Turnout.objects.filter(pk=turnout.pk).update(restored_at=now, left_at=now)
    assert long_ones(now + dt.timedelta(days=3), turnout_id=turnout.pk) == {}
    assert long_ones(now, turnout_id=turnout.pk) == {one: 24.0}


def test_shifts_that_are_written_down_share_the_day(cast: Cast, team: Team) -> None:
    one, two, *_rest = people_of(team)
    storm(
        team,
        cast,
        [
            PersonDay(one),
            PersonDay(two, shift=2),
            PersonDay(one, day=day(1)),
            PersonDay(two, day=day(1), shift=2),
        ],
    )
    assert long_ones(at(23, 0), crews=[team.squad.pk]) == {}


def test_a_crew_that_left_three_days_ago_and_is_still_out_is_seen(cast: Cast, team: Team) -> None:
    one, *_rest = people_of(team)
    storm(team, cast, [PersonDay(one)])
    assert long_ones(at(23, 22), crews=[team.squad.pk]) == {one: 24.0}


def test_a_draft_that_was_forgotten_warns_of_nobody(cast: Cast, team: Team) -> None:
    one, *_rest = people_of(team)
    storm(team, cast, [PersonDay(one)])
    assert long_ones(at(20, 9, month=7), crews=[team.squad.pk]) == {}


def test_the_page_says_that_it_reckoned_and_does_not_call_midnight_a_rest(
    client: Client, cast: Cast, team: Team
) -> None:
    one, *_rest = people_of(team)
    storm(team, cast, [PersonDay(one), PersonDay(one, day=day(1)), PersonDay(one, day=day(2))])
    with time_machine.travel(at(22, 9, 46), tick=False):
        client.force_login(cast.captain)
        page = client.get(reverse("servicecrew:home")).content.decode()
    assert "24 小时内在外 24.0 小时" in page
    assert "按登记的日期和班次算，换过班请补登" in page
    assert "只歇了" not in page


def test_who_looks_at_many_crews_sees_crews_not_a_wall_of_names(
    client: Client, cast: Cast, team: Team
) -> None:
    people = people_of(team)
    turnout = storm(team, cast, [PersonDay(p, day=day(n)) for p in people for n in range(3)])
    steps.log_turnout(turnout_id=turnout.pk, actor=cast.captain, now=at(21, 12))
    named, crews = by_crew(strained_people(now=at(22, 9, 46), crews=[team.squad.pk]))
    assert named == []
    assert crews == [(team.squad.name, len(people))]
    with time_machine.travel(at(22, 9, 46), tick=False):
        client.force_login(cast.officer)
        operation = reverse("servicecrew:operation", args=[team.summer.pk])
        page = client.get(operation).content.decode()
    assert f"{team.squad.name} {len(people)} 人" in page
    assert "24 小时内在外" not in page


def test_a_turnout_of_days_costs_one_query_more_whatever_its_length(
    cast: Cast, team: Team, django_assert_num_queries: Any
) -> None:
    people = people_of(team)
    storm(team, cast, [PersonDay(p, day=day(n)) for p in people for n in range(3)])
    with django_assert_num_queries(2):
        strained_people(now=at(23, 9), crews=[team.squad.pk])


@pytest.mark.parametrize(
    ("when", "shift", "shifts", "hours"),
    [
        (0, 1, {0: 1}, [4, 24, 24, 8]),  # one row for it all
        (0, 1, {0: 1, 2: 1}, [4, 24]),  # relieved on the third day
        (1, 2, {0: 1, 1: 2, 2: 1}, [12]),  # the second half of one day
        (3, 1, {0: 1, 3: 2}, [4]),  # the last day, cut short
        (9, 1, {0: 1, 9: 1}, []),  # a day on which nobody was out any more
    ],
)
def test_watches(when: int, shift: int, shifts: dict[int, int], hours: list[float]) -> None:
    """From the 20th at 20:00 to the 23rd at 8:00."""
    found = watches(
        at(20, 20), at(23, 8), day(when), shift, {day(n): most for n, most in shifts.items()}
    )
    assert [(end - start).total_seconds() / 3600 for start, end in found] == hours
