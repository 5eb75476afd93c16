"""The calendar drives the rounds: what is due is asked of the database."""

from __future__ import annotations

import datetime as dt
from unittest import mock

import pytest

from evaluations import tasks
from evaluations.models import MonthRound, RankingRun
from evaluations.services import appeals, rounds, sweep
from evaluations.services.publish import publish_round
from portal.kernel import sweep as portal_sweep
from portal.kernel.months import SHANGHAI, Month
from tests.cast import FIRST_MONTH, NOW, Cast
from tests.month import MonthCast
from tests.ranking.worked import CLOSED_AT, INSPECTED_AT, PUBLISH_AT, Worked, fill

pytestmark = pytest.mark.django_db


def at(month: int, day: int, hour: int = 9) -> dt.datetime:
    return dt.datetime(2017, month, day, hour, tzinfo=SHANGHAI)


@pytest.fixture
def ready(month_cast: MonthCast) -> MonthCast:
    """June without its round's rest: one sheet is in."""
    fill(month_cast.visit_a, {})
    return month_cast


def test_a_new_month_opens_on_its_first_working_day(cast: Cast, ready: MonthCast) -> None:
    """1 July 2017 is a Saturday: the round opens on Monday the 3rd."""
    july = MonthRound.objects.filter(committee=cast.city, month=Month(2017, 7).first_day)
    sweep.sweep_rounds(now=at(7, 1))
    assert not july.exists()
    outcome = sweep.sweep_rounds(now=at(7, 3))
    assert july.get().status == "open"
    assert july.get().events.get(step="open").via == "sweep"
    assert any("已开启" in said for said in outcome.done)
    sweep.sweep_rounds(now=at(7, 3))
    assert july.count() == 1


def test_a_committee_without_policy_or_branches_gets_no_round(cast: Cast, db: None) -> None:
    sweep.sweep_rounds(now=at(7, 3))
    assert not MonthRound.objects.exists()


def test_a_round_goes_through_all_its_steps_by_the_calendar(cast: Cast, ready: MonthCast) -> None:
    june = ready.round
    sweep.sweep_rounds(now=at(6, 30, 23))
    june.refresh_from_db()
    assert june.status == "inspecting"
    sweep.sweep_rounds(now=at(7, 1))
    june.refresh_from_db()
    assert june.status == "provisional"
    sweep.sweep_rounds(now=at(7, 4, 23))
    june.refresh_from_db()
    assert june.status == "provisional"
    sweep.sweep_rounds(now=at(7, 5))
    june.refresh_from_db()
    assert june.status == "published"
    assert [e.via for e in june.events.filter(step="publish")] == ["sweep"]


def test_a_month_that_was_slept_through_is_caught_up_at_once(ready: MonthCast) -> None:
    sweep.sweep_rounds(now=at(9, 20))
    ready.round.refresh_from_db()
    assert ready.round.status == "published"
    sweep.sweep_rounds(now=at(9, 20))
    assert RankingRun.objects.filter(round=ready.round).count() == 1


def test_a_round_that_waits_for_a_person_says_for_what(cast: Cast, worked: Worked) -> None:
    appeals.file_appeal(
        deduction_id=worked.deduction("F1").pk,
        text="按期答复",
        actor=cast.secretary_a,
        now=CLOSED_AT,
    )
    outcome = sweep.sweep_rounds(now=PUBLISH_AT)
    assert any("申诉" in said for said in outcome.waiting)
    assert not outcome.failed
    assert "申诉" in sweep.run(PUBLISH_AT)


def test_a_round_that_breaks_stops_no_other(cast: Cast, worked: Worked) -> None:
    rounds.set_policy(
        committee=cast.county, first_month=FIRST_MONTH, values={}, actor=None, now=NOW
    )
    other = rounds.open_round(committee=cast.county, month=Month(2017, 6), actor=None, now=NOW)
    real = publish_round

    def breaks(*, round_id: int, **more: object) -> object:
        if round_id == worked.round.pk:
            raise RuntimeError("disk full")
        return real(round_id=round_id, **more)  # type: ignore[arg-type]

    with mock.patch.object(sweep, "publish_round", breaks):
        sweep.run(at(6, 26))  # nothing due for June's other round but its inspection
        with pytest.raises(sweep.SweepFailed, match="disk full"):
            sweep.run(PUBLISH_AT)
    other.refresh_from_db()
    assert other.status == "provisional"
    worked.round.refresh_from_db()
    assert worked.round.status == "provisional"
    sweep.sweep_rounds(now=PUBLISH_AT)
    worked.round.refresh_from_db()
    assert worked.round.status == "published"


def test_the_portals_sweep_knows_the_step(worked: Worked) -> None:
    (result,) = portal_sweep.run(now=PUBLISH_AT, only="rounds")
    assert result.ok
    assert "已发布" in result.outcome


def test_somebody_elses_step_between_two_looks_is_no_failure(worked: Worked) -> None:
    """A button is pressed after the sweep has seen the round as due."""
    real = sweep.advance_once

    def pressed_first(**more: object) -> str:
        real(**{**more, "via": "web"})  # type: ignore[arg-type]
        return real(**more)  # type: ignore[arg-type]

    with mock.patch.object(sweep, "advance_once", pressed_first):
        outcome = sweep.sweep_rounds(now=PUBLISH_AT)
    assert not outcome.failed
    assert RankingRun.objects.filter(round=worked.round).count() == 1


def test_the_same_message_thirty_times_publishes_once(cast: Cast, worked: Worked) -> None:
    for _ in range(30):
        tasks.publish_round(round_id=worked.round.pk, reason="补发")
    assert RankingRun.objects.count() == 1
    assert worked.round.events.filter(step="publish").count() == 1


def test_the_task_sweeps(ready: MonthCast) -> None:
    assert INSPECTED_AT < PUBLISH_AT
    tasks.sweep()  # today is years later: everything is due
    ready.round.refresh_from_db()
    assert ready.round.status == "published"
