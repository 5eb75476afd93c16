"""The calendar in memory, one copy per process.

The days are read once and kept. Whether they still hold is asked anew at the start of every
request and of every task (one small query, at the first use), by comparing the years'
revision tokens. A change made in this process is noticed at once.
"""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from portal.workdays.models import CalendarDay, CalendarYear

_WEEKEND_STARTS = 5  # Saturday, as date.weekday() counts


@dataclass(frozen=True, slots=True)
class Calendar:
    """One state of the tables. ``years`` maps the year to (source, revision)."""

    years: Mapping[int, tuple[str, str]]
    exceptions: Mapping[dt.date, bool]

    def works(self, day: dt.date) -> bool:
        known = self.exceptions.get(day)
        return day.weekday() < _WEEKEND_STARTS if known is None else known

    def is_confirmed(self, year: int) -> bool:
        return self.years.get(year, ("", ""))[0] == CalendarYear.Source.CONFIRMED


class _Kept:
    calendar: Calendar | None = None
    asked = False


_kept = _Kept()
_lock = threading.Lock()


def current() -> Calendar:
    """The calendar as the database has it, from memory where nothing changed."""
    kept = _kept.calendar
    if kept is not None and _kept.asked:
        return kept
    with _lock:
        _kept.asked = True  # before the queries: what changes during them is asked again
        try:
            return _read()
        except BaseException:
            _kept.asked = False
            raise


def _read() -> Calendar:
    years = {
        year: (source, revision)
        for year, source, revision in CalendarYear.objects.order_by().values_list(
            "year", "source", "revision"
        )
    }
    kept = _kept.calendar
    if kept is None or dict(kept.years) != years:
        days = CalendarDay.objects.order_by().values_list("date", "is_workday")
        kept = Calendar(years, dict(days))
        _kept.calendar = kept
    return kept


def ask_again(**_: Any) -> None:
    """Compare with the database at the next use. Connected to request and task start."""
    _kept.asked = False


def forget() -> None:
    """Read everything anew at the next use."""
    _kept.calendar = None
    _kept.asked = False
