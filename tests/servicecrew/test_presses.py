"""Presses out of a queue: the clock may have been set meanwhile, the order of the presses holds."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from portal.kernel.errors import DomainError
from servicecrew.models import Operation, Turnout
from servicecrew.services import steps
from tests.cast import Cast
from tests.servicecrew.scene import Team, at, declared, pressed, turnout_of

MINUTE = 60_000


def press(turnout: Turnout, actor: Any, mark: str, moment: dt.datetime, **more: Any) -> Turnout:
    return steps.mark_turnout(
        turnout_id=turnout.pk,
        statements=[pressed(mark, moment, **more)],
        actor=actor,
        now=at(21, 8),
    )


def left(team: Team, actor: Any, **more: Any) -> Turnout:
    """A turnout that left at 21:46 by the phone's clock; the phone tells of it in the morning."""
    moment = pressed("departed", at(20, 21, 46), **more)
    return turnout_of(team, actor, times=[moment], now=at(21, 8))


def test_a_clock_measured_twice_turns_nothing_round(cast: Cast, team: Team) -> None:
    """Two buttons a second apart, sent in two goes over one bar: the second measurement is 12
    seconds less. The arrival is beside the departure, not before it and not refused."""
    turnout = left(team, cast.captain, offset_ms=-39_000)
    moment = at(20, 21, 46) + dt.timedelta(seconds=1)
    turnout = press(turnout, cast.captain, "arrived", moment, offset_ms=-27_000)
    assert turnout.departed_at == at(20, 21, 46) + dt.timedelta(seconds=39)
    assert turnout.arrived_at == turnout.departed_at
    row = turnout.times.get(mark="arrived")
    assert row.phone_at == moment
    assert not row.is_clock_off


def test_the_phone_sets_its_clock_between_two_presses(cast: Cast, team: Team) -> None:
    """Twenty minutes slow when the crew left, right when it arrived: the order of one phone's
    presses is a fact, and the page says that the clock was moved."""
    turnout = left(team, cast.captain, offset_ms=-20 * MINUTE)
    assert turnout.departed_at == at(20, 22, 6)
    turnout = press(turnout, cast.captain, "arrived", at(20, 21, 58), offset_ms=0)
    assert turnout.arrived_at == at(20, 22, 6)
    row = turnout.times.get(mark="arrived")
    assert (row.phone_at, row.offset_ms) == (at(20, 21, 58), -8 * MINUTE)
    assert row.is_clock_off
    turnout = press(turnout, cast.captain, "restored", at(21, 1, 17), offset_ms=0)
    assert turnout.restored_at == at(21, 1, 17)


def test_two_phones_that_differ_by_a_minute_agree(cast: Cast, team: Team) -> None:
    turnout = turnout_of(team, cast.captain)
    turnout = press(turnout, team.member, "arrived", at(20, 21, 45), offset_ms=0)
    assert turnout.arrived_at == turnout.departed_at == at(20, 21, 46)


def test_two_phones_that_contradict_each_other_are_told(cast: Cast, team: Team) -> None:
    turnout = turnout_of(team, cast.captain)
    with pytest.raises(DomainError, match="到场（6月20日 21:30）早于出发（6月20日 21:46）"):
        press(turnout, team.member, "arrived", at(20, 21, 30), offset_ms=0)
    turnout.refresh_from_db()
    assert turnout.arrived_at is None


def test_a_departure_that_arrives_late_stands_before_the_arrival(cast: Cast, team: Team) -> None:
    turnout = turnout_of(
        team, cast.captain, times=[pressed("arrived", at(20, 22, 41))], now=at(21, 8)
    )
    turnout = press(turnout, team.member, "departed", at(20, 22, 42), offset_ms=0)
    assert turnout.departed_at == turnout.arrived_at == at(20, 22, 41)


def test_no_press_counts_after_it_arrived_here(cast: Cast, team: Team) -> None:
    turnout = turnout_of(team, cast.captain)
    turnout = press(turnout, cast.captain, "arrived", at(21, 7, 59), offset_ms=-30 * MINUTE)
    assert turnout.arrived_at == at(21, 8)


def _open(team: Team, user: Any, **more: Any) -> dict[str, Any]:
    client = Client()
    client.force_login(user)
    answer = client.post(
        reverse("api:turnout-list"),
        {
            "uuid": str(uuid.uuid4()),
            "crew": team.squad.pk,
            "subject": "10kV后埔线断线",
            "times": [
                {"key": str(uuid.uuid4()), "mark": "departed", "at": "2017-06-20T22:06:00+08:00"}
                | more.pop("departed", {}),
                *more.pop("times", []),
            ],
        }
        | more,
        content_type="application/json",
    )
    assert answer.status_code == 201, answer.content.decode()
    found: dict[str, Any] = answer.json()
    return found


@pytest.mark.usefixtures("clock")
def test_an_operation_closed_meanwhile_does_not_cost_the_turnout(cast: Cast, team: Team) -> None:
    Operation.objects.filter(pk=team.summer.pk).update(ended_on=dt.date(2017, 6, 15))
    answer = _open(team, cast.captain, operation=team.summer.pk)
    assert answer["operation"] is None
    event = Turnout.objects.get(uuid=answer["uuid"]).events.get(step="opened")
    assert "没有归进去" in event.note


@pytest.mark.usefixtures("clock")
def test_an_order_typed_by_a_fast_clock_does_not_cost_the_turnout(cast: Cast, team: Team) -> None:
    """The phone was 20 minutes fast: it left at 21:46 and typed the order by the phone's clock."""
    order = {
        "key": str(uuid.uuid4()),
        "mark": "ordered",
        "at": "2017-06-20T21:55:00+08:00",
        "is_measured": False,
    }
    answer = _open(team, cast.captain, departed={"offset_ms": 20 * MINUTE}, times=[order])
    turnout = Turnout.objects.get(uuid=answer["uuid"])
    assert (turnout.departed_at, turnout.ordered_at) == (at(20, 21, 46), None)
    assert "接令 6月20日 21:55 晚于出发" in turnout.events.get(step="opened").note


def test_a_declared_time_is_judged_as_it_is_written(cast: Cast, team: Team) -> None:
    turnout = turnout_of(team, cast.captain)
    with pytest.raises(DomainError, match="早于出发"):
        steps.mark_turnout(
            turnout_id=turnout.pk,
            statements=[declared("arrived", at(20, 21, 45))],
            actor=cast.captain,
            now=at(21, 8),
        )
