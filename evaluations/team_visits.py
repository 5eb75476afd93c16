"""How often somebody went to the teams: told by whoever keeps the visits (plugged in above)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Mapping

# Person keys, first and last day: visits per person.
Source = Callable[[Collection[int], dt.date, dt.date], Mapping[int, int]]

_sources: dict[str, Source] = {}


def register_team_visits(name: str, source: Source) -> None:
    """Count what ``source`` knows as well. The same name again replaces it."""
    _sources[name] = source


def team_visits(people: Collection[int], first: dt.date, last: dt.date) -> dict[int, int]:
    """Visits to teams and stations per person, both days included."""
    found = dict.fromkeys(people, 0)
    for source in _sources.values():
        for person_id, number in source(people, first, last).items():
            found[person_id] = found.get(person_id, 0) + number
    return found
