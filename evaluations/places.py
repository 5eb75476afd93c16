"""How sure a rank is: places, ranges and tie bands of scores with their errors, and how much of
a ranking is not error. Numbers in, numbers out (ADR 41).
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

CLEARLY = 1.645  # two scores differ clearly beyond this many errors of their difference
SMALL_GROUP = 3


@dataclass(frozen=True, slots=True)
class Placed:
    """Where a score stands among others: see :func:`place`."""

    band: int
    rank: int
    rank_low: int
    rank_high: int


def place(scores: Mapping[Any, tuple[float, float]]) -> dict[Any, Placed]:
    """Ranks, ranges and tie bands of (score, standard error) by key, the highest score first.

    Two differ clearly when they lie more than 1.645·√(SE² + SE²) apart. A range runs from 1 +
    those clearly better to n - those clearly worse. A new band begins with the first that is
    clearly below the leader of the band. Equal scores share a rank (1, 2, 2, 4).
    """
    order = sorted(scores, key=lambda key: (-round(scores[key][0], 6), str(key)))
    ascending = sorted((round(score, 6), se) for score, se in scores.values())
    marks = [score for score, _se in ascending]
    widest = max((se for _score, se in ascending), default=0.0)
    found: dict[Any, Placed] = {}
    band, leader = 0, (0.0, 0.0)
    size = len(order)
    for key in order:
        score, se = round(scores[key][0], 6), scores[key][1]
        if not band or _clearly(leader[0] - score, leader[1], se):
            band, leader = band + 1, (score, se)
        # Only those within the widest possible error have to be looked at one by one.
        reach = CLEARLY * math.sqrt(se * se + widest * widest) + 1e-9
        low, high = bisect_left(marks, score - reach), bisect_right(marks, score + reach)
        near = ascending[low:high]
        worse = low + sum(1 for other, e in near if _clearly(score - other, se, e))
        better = size - high + sum(1 for other, e in near if _clearly(other - score, se, e))
        rank = 1 + size - bisect_right(marks, score)
        found[key] = Placed(band, rank, 1 + better, size - worse)
    return found


def differs_clearly(one: tuple[float, float], other: tuple[float, float]) -> bool:
    """Whether two (score, standard error) are further apart than chance explains."""
    return _clearly(abs(one[0] - other[0]), one[1], other[1])


def _clearly(difference: float, se: float, other_se: float) -> bool:
    return difference > CLEARLY * math.sqrt(se * se + other_se * other_se) + 1e-9


def reliability(scores: Sequence[tuple[float, float]]) -> float | None:
    """The share of the differences between scores that is not error: 1 - mean SE² / variance,
    not below 0. None under three scores or without differences."""
    if len(scores) < SMALL_GROUP:
        return None
    mean = math.fsum(score for score, _se in scores) / len(scores)
    variance = math.fsum((score - mean) ** 2 for score, _se in scores) / (len(scores) - 1)
    if variance <= 0:
        return None
    error = math.fsum(se * se for _score, se in scores) / len(scores)
    return max(0.0, 1 - error / variance)
