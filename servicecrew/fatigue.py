"""Fatigue guard: who has been out too long, or rested too little. Numbers in, warnings out.

Over twelve hours out within a day, or out again with less than eight hours of rest after a turnout
that reached into the night. A warning to the captain, never a ban: a storm may leave no choice.
"""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from portal.kernel.months import SHANGHAI

MOST_OUT = dt.timedelta(hours=12)
LEAST_REST = dt.timedelta(hours=8)
NIGHT_FROM, NIGHT_TO = 22, 6


@dataclass(frozen=True, slots=True)
class Outing:
    """One person out from ``began`` to ``ended`` (now, if still out). ``is_reckoned``: by the
    days and shifts he is written down for, not by moments."""

    person: int
    name: str
    began: dt.datetime
    ended: dt.datetime
    is_reckoned: bool = False
    crew: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Strain:
    """A warning. ``hours`` out (``kind`` long) or rested (``kind`` short_rest). ``is_reckoned``
    as in the outing it comes from."""

    person: int
    name: str
    kind: str
    hours: float
    at: dt.datetime
    crew: str = ""
    is_reckoned: bool = False


def watches(
    began: dt.datetime,
    ended: dt.datetime,
    day: dt.date,
    shift: int,
    shifts: Mapping[dt.date, int],
) -> list[tuple[dt.datetime, dt.datetime]]:
    """The stretches of a turnout of several days in which somebody who is written down for one
    ``day`` and ``shift`` was out. ``shifts``: how many shifts are written down for each day that
    has any. Within a day they share the time evenly, in their order; who is written down for the
    last day before a gap stays out until somebody is written down after him."""
    later = [other for other in shifts if other > day]
    is_first = day == min(shifts)
    first = began.astimezone(SHANGHAI).date() if is_first else day
    last = min(later) - dt.timedelta(days=1) if later else ended.astimezone(SHANGHAI).date()
    found = []
    for number in range((last - first).days + 1):
        midnight = dt.datetime.combine(first + dt.timedelta(days=number), dt.time(), SHANGHAI)
        start, end = max(began, midnight), min(ended, midnight + dt.timedelta(days=1))
        part = (end - start) / shifts[day]
        start += part * (min(shift, shifts[day]) - 1)
        if part > dt.timedelta():
            found.append((start, start + part))
    return found


def reaches_into_night(outing: Outing) -> bool:
    began, ended = outing.began.astimezone(SHANGHAI), outing.ended.astimezone(SHANGHAI)
    return ended.date() > began.date() or ended.hour >= NIGHT_FROM or began.hour < NIGHT_TO


def strains(outings: Iterable[Outing]) -> list[Strain]:
    """Warnings for each person, the latest first, at most one of a kind."""
    by_person: dict[int, list[Outing]] = {}
    for outing in outings:
        if outing.ended > outing.began:
            by_person.setdefault(outing.person, []).append(outing)
    found: list[Strain] = []
    for rows in by_person.values():
        rows.sort(key=lambda o: o.began)
        found += _of_one(rows)
    return sorted(found, key=lambda s: (s.at, s.person), reverse=True)


def _of_one(rows: Sequence[Outing]) -> list[Strain]:
    last = rows[-1]
    found = []
    day_before = last.ended - dt.timedelta(hours=24)
    out = sum(
        (
            (row.ended - max(row.began, day_before))
            for row in _merged(rows)
            if row.ended > day_before
        ),
        dt.timedelta(),
    )
    if out > MOST_OUT:
        found.append(_strain(last, "long", out, last.ended))
    for earlier, later in itertools.pairwise(rows):
        rest = later.began - earlier.ended
        if not rest and earlier.is_reckoned and later.is_reckoned:
            continue  # the same turnout over midnight: nobody went home in between
        if dt.timedelta() <= rest < LEAST_REST and reaches_into_night(earlier):
            found.append(_strain(last, "short_rest", rest, later.began))
            break
    return found


def _strain(last: Outing, kind: str, span: dt.timedelta, moment: dt.datetime) -> Strain:
    return Strain(
        last.person, last.name, kind, _hours(span), moment, last.crew, is_reckoned=last.is_reckoned
    )


def _merged(rows: Sequence[Outing]) -> list[Outing]:
    """Overlapping stretches counted once."""
    found: list[Outing] = []
    for row in rows:
        if found and row.began <= found[-1].ended:
            before = found.pop()
            row = replace(row, began=before.began, ended=max(before.ended, row.ended))
        found.append(row)
    return found


def _hours(span: dt.timedelta) -> float:
    return round(span.total_seconds() / 3600, 1)
