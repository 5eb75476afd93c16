"""What the maintained package ``holidays`` knows of China's public holidays.

The package carries the State Council's yearly notices with their make-up working days
(调休). For a year whose notice it does not know yet it only computes the statutory days;
such a year has no make-up days and is therefore an *estimate*.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

import holidays

_SWAPPED = re.compile(r"由 (\d{4}-\d{2}-\d{2}) 调休")


@dataclass(frozen=True, slots=True)
class OfficialDay:
    """One day of a notice."""

    date: dt.date
    is_workday: bool
    note: str


@dataclass(frozen=True, slots=True)
class OfficialYear:
    """One year as the package knows it. ``is_confirmed``: from a notice, not estimated."""

    year: int
    is_confirmed: bool
    days: tuple[OfficialDay, ...]


def official_years(first: int, last: int) -> list[OfficialYear]:
    """The years ``first`` to ``last``, each with its holidays and make-up working days."""
    # One year on either side: New Year's make-up day may fall into the December before.
    known = holidays.country_holidays("CN", years=range(first - 1, last + 2), language="zh_CN")
    days: dict[dt.date, OfficialDay] = {}
    given_for: dict[dt.date, dt.date] = {}
    noticed: set[int] = set()
    for day, name in known.items():
        days[day] = OfficialDay(day, False, name)
        swapped = _SWAPPED.search(name)
        if swapped:
            noticed.add(day.year)
            given_for[dt.date.fromisoformat(swapped[1])] = day
    for day in known.weekend_workdays:
        given = given_for.get(day)
        note = f"调休上班（补 {given.isoformat()}）" if given else "调休上班"
        days[day] = OfficialDay(day, True, note)
    return [
        OfficialYear(
            year,
            year in noticed,
            tuple(days[day] for day in sorted(days) if day.year == year),
        )
        for year in range(first, last + 1)
    ]
