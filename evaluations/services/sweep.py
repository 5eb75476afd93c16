"""What the calendar makes due: rounds to open, to advance and to publish.

Which rounds those are is asked of the database each time, never remembered: a message that got
lost, a beat that slept, a month that was forgotten are all found here. Each round is taken in
transactions of its own through the services that the buttons use, so that any number of sweeps,
buttons and commands may meet on one round.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from branches.models import Committee
from evaluations.lifecycles import ROUND, RoundStatus
from evaluations.models import MonthRound
from evaluations.services.publish import publish_round
from evaluations.services.rounds import (
    close_inspection,
    open_round,
    policy_in_force,
    start_inspection,
)
from portal.accounts.models import User
from portal.kernel.errors import DomainError, TransitionRefused
from portal.kernel.months import Month, local_date
from portal.workdays import services as workdays

logger = logging.getLogger(__name__)


class SweepFailed(Exception):
    """Rounds that could not be taken further because something broke, not because a person
    has still to do something."""


@dataclass(slots=True)
class Outcome:
    """What one sweep did, in sentences."""

    done: list[str] = field(default_factory=list)
    waiting: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        if not (self.done or self.waiting or self.failed):
            return _("没有到期的轮次")
        return "；".join([*self.failed, *self.done, *self.waiting])


def run(now: dt.datetime) -> str:
    """The step of the sweep. Raises SweepFailed at the end when a round broke; the others have
    been taken further by then."""
    outcome = sweep_rounds(now=now)
    if outcome.failed:
        raise SweepFailed(str(outcome))
    return str(outcome)


def sweep_rounds(*, now: dt.datetime) -> Outcome:
    """Open this month's rounds that are missing and take every due round as far as its
    calendar allows."""
    outcome = Outcome()
    for committee in committees_without_round(now=now):
        _guarded(outcome, str(committee), lambda c=committee: _open(c, outcome, now))  # type: ignore[misc]
    due = MonthRound.objects.due_to_advance(local_date(now)).select_related("committee")
    for round_ in due.order_by("month", "committee_id"):
        _guarded(outcome, str(round_), lambda r=round_: _advance(r, outcome, now))  # type: ignore[misc]
    return outcome


def committees_without_round(*, now: dt.datetime) -> list[Committee]:
    """Committees with branches and a policy whose round of the current month is not there,
    once the month's first working day has come."""
    today = local_date(now)
    month = Month.of(today)
    if today < workdays.nth_workday(month, 1):
        return []
    missing = (
        Committee.objects.filter(is_active=True, branches__isnull=False)
        .exclude(rounds__month=month.first_day)
        .distinct()
        .order_by("sort_order", "id")
    )
    return [committee for committee in missing if _has_policy(committee, month)]


def advance_once(
    *, round_: MonthRound, actor: User | None, now: dt.datetime, via: str, reason: str = ""
) -> str:
    """Take the one next step of a round, whatever it is; the sentence that says so.

    Raises what the step's service raises. A step that somebody else took meanwhile is
    reported, not repeated.
    """
    if round_.status == RoundStatus.PROVISIONAL:
        result = publish_round(round_id=round_.pk, actor=actor, now=now, via=via, reason=reason)
        if result.already:
            return _("%(round)s：已经发布") % {"round": round_}
        return _("%(round)s：已发布，%(count)d个单位，摘要%(digest)s") % {
            "round": round_,
            "count": result.run.entry_count,
            "digest": result.run.digest[:16],
        }
    name, service = {
        RoundStatus.OPEN: ("start_inspection", start_inspection),
        RoundStatus.INSPECTING: ("close_inspection", close_inspection),
    }[RoundStatus(round_.status)]
    service(round_id=round_.pk, actor=actor, now=now, via=via, reason=reason)
    return _("%(round)s：%(step)s") % {"round": round_, "step": ROUND.steps[name].label}


def steps_left(round_: MonthRound) -> list[str]:
    """The labels of the steps between where the round stands and publication."""
    path = ("start_inspection", "close_inspection", "publish")
    at = (RoundStatus.OPEN, RoundStatus.INSPECTING, RoundStatus.PROVISIONAL, RoundStatus.PUBLISHED)
    return [ROUND.steps[name].label for name in path[at.index(RoundStatus(round_.status)) :]]


def _open(committee: Committee, outcome: Outcome, now: dt.datetime) -> None:
    month = Month.of(local_date(now))
    round_ = open_round(committee=committee, month=month, actor=None, now=now, via="sweep")
    outcome.done.append(_("%(round)s：已开启") % {"round": round_})


def _advance(round_: MonthRound, outcome: Outcome, now: dt.datetime) -> None:
    """As far as the calendar allows. Each step is a transaction; the row is read again
    between them, because a button may have been pressed."""
    for _step in ROUND.steps:
        due = MonthRound.objects.due_to_advance(local_date(now)).select_related("committee")
        current = due.filter(pk=round_.pk).first()
        if current is None:
            return
        try:
            outcome.done.append(advance_once(round_=current, actor=None, now=now, via="sweep"))
        except TransitionRefused:
            continue  # somebody else took this very step: look again


def _guarded(outcome: Outcome, name: str, work: Callable[[], None]) -> None:
    """One round that waits or breaks stops nobody else."""
    try:
        work()
    except DomainError as refusal:
        outcome.waiting.append(f"{name}：{refusal}")
    except Exception as error:
        logger.exception("round %s could not be taken further", name)
        outcome.failed.append(f"{name}：{type(error).__name__} {error}")


def _has_policy(committee: Committee, month: Month) -> bool:
    try:
        policy_in_force(committee, month)
    except DomainError:
        return False
    return True
