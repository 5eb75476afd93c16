"""A calendar month, the unit in which everything here is counted.

Stored as the date of its first day (with a check constraint, see :func:`first_of_month`),
written ``2017-06`` in addresses and commands, ``2017年6月`` on pages.
"""

from __future__ import annotations

import calendar
import datetime as dt
import re
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from django.db import models
from django.utils.translation import gettext_lazy as _

SHANGHAI = ZoneInfo("Asia/Shanghai")
_PATTERN = re.compile(r"(\d{4})-(\d{2})")


@dataclass(frozen=True, order=True, slots=True)
class Month:
    """One calendar month. Orders and hashes as a value."""

    year: int
    number: int

    def __post_init__(self) -> None:
        if not 1 <= self.number <= 12 or not 1900 <= self.year <= 2999:
            raise ValueError(f"no such month: {self.year}-{self.number}")

    @classmethod
    def of(cls, day: dt.date) -> Month:
        """The month that ``day`` lies in."""
        return cls(day.year, day.month)

    @classmethod
    def parse(cls, text: str) -> Month:
        """Read ``2017-06``. Raises ValueError for anything else."""
        match = _PATTERN.fullmatch(text)
        if not match:
            raise ValueError(f"a month looks like 2017-06, not {text!r}")
        return cls(int(match[1]), int(match[2]))

    def plus(self, months: int) -> Month:
        """The month ``months`` later (earlier when negative)."""
        index = self.year * 12 + self.number - 1 + months
        return Month(index // 12, index % 12 + 1)

    @property
    def first_day(self) -> dt.date:
        return dt.date(self.year, self.number, 1)

    @property
    def last_day(self) -> dt.date:
        return dt.date(self.year, self.number, calendar.monthrange(self.year, self.number)[1])

    @property
    def quarter_first(self) -> Month:
        """The first month of the quarter this month lies in."""
        return Month(self.year, (self.number - 1) // 3 * 3 + 1)

    @property
    def ends_quarter(self) -> bool:
        return self.number % 3 == 0

    @property
    def ends_half_year(self) -> bool:
        return self.number % 6 == 0

    @property
    def label(self) -> str:
        """``2017年6月``."""
        return f"{self.year}年{self.number}月"

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.number:02d}"


def first_of_month(field: str, name: str) -> models.CheckConstraint:
    """A constraint: the date in ``field`` is the first of a month."""
    return models.CheckConstraint(
        condition=models.Q(**{f"{field}__day": 1}),
        name=name,
        violation_error_message=_("月份须存为当月1日"),
    )


def local_date(moment: dt.datetime) -> dt.date:
    """The day in Shanghai on which an aware ``moment`` falls."""
    return moment.astimezone(SHANGHAI).date()


def end_of_day(day: dt.date) -> dt.datetime:
    """24:00 of ``day`` in Shanghai: the first moment that is too late."""
    return dt.datetime.combine(day + dt.timedelta(days=1), dt.time.min, SHANGHAI)
