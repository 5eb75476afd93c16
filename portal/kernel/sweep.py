"""The sweep: every minute, do whatever the database says is due.

Apps register their steps when they start (``AppConfig.ready``). A step is a callable that
takes the moment and says in a few words what it did; it must be safe to run twice and at
the same time as itself. Each step runs in its own try with its own heartbeat row: one that
fails stops nobody else, is logged with its traceback, and shows in its heartbeat.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.utils import timezone
from django.utils.translation import gettext as _

from portal.kernel.models import JobHeartbeat

logger = logging.getLogger(__name__)

SWEEP = "sweep"
FAILED = "失败："
LATE_AFTER = dt.timedelta(minutes=5)
_GRACE = dt.timedelta(minutes=2)
_process_started_at = timezone.now()

Run = Callable[[dt.datetime], str]


@dataclass(frozen=True, slots=True)
class Step:
    """One thing the sweep does. ``label`` is how the office calls it."""

    name: str
    label: str
    run: Run


@dataclass(frozen=True, slots=True)
class StepResult:
    """What became of one step in one sweep."""

    name: str
    label: str
    ok: bool
    outcome: str


_steps: dict[str, Step] = {}


def register(name: str, label: str, run: Run) -> None:
    """Have every sweep call ``run(now)``. The same name again replaces the step."""
    _steps[name] = Step(name, label, run)


def steps() -> list[Step]:
    """The registered steps in the order they are run."""
    return list(_steps.values())


def run(*, now: dt.datetime, only: str | None = None) -> list[StepResult]:
    """Run every step (or ``only`` one) and write the heartbeats.

    Raises KeyError for a step nobody registered. What a step raises is in its result.
    """
    wanted = steps() if only is None else [_steps[only]]
    with heartbeat(SWEEP) as beat:
        results = [_run_step(step, now) for step in wanted]
        failed = [result.label for result in results if not result.ok]
        beat.outcome = (
            _("未完成：%(steps)s") % {"steps": "、".join(failed)} if failed else _("正常")
        )
    return results


def _run_step(step: Step, now: dt.datetime) -> StepResult:
    try:
        with heartbeat(f"{SWEEP}.{step.name}") as beat:
            beat.outcome = step.run(now)
    except Exception as error:
        logger.exception("sweep step %s failed", step.name)
        return StepResult(step.name, step.label, False, _in_words(error))
    return StepResult(step.name, step.label, True, beat.outcome)


# -- heartbeats -------------------------------------------------------------------------


@dataclass(slots=True)
class Beat:
    """One run of a job; set ``outcome`` to what it did."""

    outcome: str = ""


@contextmanager
def heartbeat(name: str) -> Iterator[Beat]:
    """Write the start and the end of the job ``name``, also when it fails.

    A failure is written as the outcome and raised on. The clock is read here on purpose:
    how long a job took is a fact of the machine, not of the office.
    """
    JobHeartbeat.objects.update_or_create(name=name, defaults={"started_at": timezone.now()})
    beat = Beat()
    try:
        yield beat
    except Exception as error:
        _finish(name, FAILED + _in_words(error))
        raise
    _finish(name, beat.outcome)


def _finish(name: str, outcome: str) -> None:
    JobHeartbeat.objects.filter(name=name).update(finished_at=timezone.now(), outcome=outcome[:500])


def _in_words(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"[:480]


def last_finished(name: str = SWEEP) -> dt.datetime | None:
    """When the job last came to an end and had not failed."""
    beats = JobHeartbeat.objects.filter(name=name).exclude(outcome__startswith=FAILED)
    return beats.values_list("finished_at", flat=True).first()


def is_late(last: dt.datetime | None, now: dt.datetime) -> bool:
    """Whether the sweep has been silent for more than five minutes.

    A process that has just started does not complain yet: beat may have started with it.
    """
    if now - _process_started_at < _GRACE:
        return False
    return last is None or now - last > LATE_AFTER


def heartbeats() -> dict[str, JobHeartbeat]:
    """Every heartbeat row by its name."""
    return {beat.name: beat for beat in JobHeartbeat.objects.all()}
