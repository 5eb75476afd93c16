"""How often somebody went to the teams: told by whoever keeps the visits (plugged in above)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any, TypeAlias

from django.db.models import QuerySet

# Rows of a person's key and how many visits.
Rows: TypeAlias = QuerySet[Any, tuple[int, int]]
# A queryset of person keys, first and last day.
Source = Callable[[QuerySet[Any, Any], dt.date, dt.date], Rows]

_sources: dict[str, Source] = {}


def register_team_visits(name: str, source: Source) -> None:
    """Count what ``source`` knows as well. The same name again replaces it."""
    _sources[name] = source


def team_visits(people: QuerySet[Any, Any], first: dt.date, last: dt.date) -> list[Rows]:
    """Visits to teams and stations of these people, both days included: the rows of every
    source, unread, so that they can be read together with what else is asked."""
    return [source(people, first, last) for source in _sources.values()]
