"""``{% calendar_warning day1 day2 %}``: says so when a deadline rests on an estimate."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from typing import Any

from django import template

from portal.kernel.months import Month, local_date
from portal.workdays.services import missing_years

register = template.Library()


@register.inclusion_tag("workdays/warning.html")
def calendar_warning(*days: Any) -> dict[str, Any]:
    """A warning when one of the days lies in a year that no official notice confirms.

    Takes dates, moments, Months, and lists of these; None is passed over. Draws nothing when
    all is well.
    """
    years = missing_years(*_dates(days))
    return {"years": years, "first": years[0] if years else None}


def _dates(values: Iterable[Any]) -> Iterator[dt.date]:
    for value in values:
        if isinstance(value, dt.datetime):
            yield local_date(value)
        elif isinstance(value, dt.date):
            yield value
        elif isinstance(value, Month):
            yield value.last_day
        elif isinstance(value, list | tuple | set | frozenset):
            yield from _dates(value)
