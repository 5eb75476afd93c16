"""The clocks of a request, in Chinese working days (``domain.md`` 6.2; the numbers are settings).

Accepted within 1, assigned within 1, answered within 7 (complex 15, urgent the same day) counted
from the day of acceptance. A pause moves what is due by the working days it lasted.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from branches.models import Committee
from feedback.models import ListeningPolicy, StaffRequest, Urgency
from portal.workdays import services as workdays


def policy_of(committee_id: int) -> ListeningPolicy:
    """The committee's clocks, or the defaults (unsaved) where it has set none."""
    found = ListeningPolicy.objects.filter(committee_id=committee_id).first()
    return found or ListeningPolicy(committee_id=committee_id)


def known_policy(committee: Committee) -> ListeningPolicy:
    """The same without asking, of a committee fetched with its ``listening_policy``."""
    found: ListeningPolicy | None = getattr(committee, "listening_policy", None)
    return found or ListeningPolicy(committee=committee)


@dataclass(frozen=True, slots=True)
class Preview:
    """What a new request may expect, told beside the form and on the receipt."""

    accept_by: dt.date
    reply_by: dt.date
    accept_days: int
    reply_days: int


def preview(committee: Committee, today: dt.date) -> Preview:
    policy = policy_of(committee.pk)
    accept_by = workdays.add_workdays(today, policy.accept_workdays)
    return Preview(
        accept_by,
        workdays.add_workdays(accept_by, policy.ordinary_workdays),
        policy.accept_workdays,
        policy.ordinary_workdays,
    )


def reply_due(policy: ListeningPolicy, urgency: str, accepted_on: dt.date) -> dt.date:
    """The last day for the answer, counted from acceptance. An urgent matter that comes in on
    a rest day is due the next working day."""
    if urgency == Urgency.URGENT:
        return workdays.next_workday(accepted_on)
    days = policy.complex_workdays if urgency == Urgency.COMPLEX else policy.ordinary_workdays
    return workdays.add_workdays(accepted_on, days)


def result_due(policy: ListeningPolicy, accepted_on: dt.date) -> dt.date:
    return workdays.add_workdays(accepted_on, policy.result_workdays)


def moved(due_on: dt.date | None, paused_from: dt.date, until: dt.date) -> dt.date | None:
    """``due_on`` after a pause from ``paused_from`` to ``until``."""
    if due_on is None:
        return None
    return workdays.add_workdays(due_on, max(0, workdays.workdays_between(paused_from, until)))


def heard_until(today: dt.date) -> dt.date:
    """The last day whose anonymous words have reached the house: those of a day are read from the
    next working day on (ADR 26), so that nobody at work sees somebody writing."""
    day = today
    while not workdays.is_workday(day):
        day -= dt.timedelta(days=1)
    return day - dt.timedelta(days=1)


def is_in_time(request: StaffRequest, today: dt.date) -> bool:
    return request.reply_due_on is None or today <= request.reply_due_on
