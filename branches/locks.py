"""When the records of a month are locked: asked of whoever runs the month's round.

The round lives a floor above, so it registers itself here at start-up. Without a round the
month locks at the end of its last day. After the lock a record may still be written, but it
is marked 补录 and gives its reason; it can't be deleted any more.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from portal.kernel.months import Month, end_of_day

LockRule = Callable[[int, Month], dt.date | None]

_rules: list[LockRule] = []


def register(rule: LockRule) -> None:
    """Ask ``rule(committee_id, month)`` for the last day of records (None: no opinion)."""
    if rule not in _rules:
        _rules.append(rule)


def records_due_on(committee_id: int, month: Month) -> dt.date:
    """The last day on which records of ``month`` are in time."""
    days = [day for rule in _rules if (day := rule(committee_id, month)) is not None]
    return max(days, default=month.last_day)


def is_locked(committee_id: int, month: Month, now: dt.datetime) -> bool:
    """Whether the lock (24:00 of the last day, in Shanghai) has passed."""
    return now >= end_of_day(records_due_on(committee_id, month))
