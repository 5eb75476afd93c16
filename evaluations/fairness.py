"""校正: how strict each team is, what that did to each branch, and how sure a rank is.

Numbers in, numbers out: no Django, no clock, no database, no third-party package. The model is
regularised additive least squares over the committee's last twelve months (ADR 41):

    score = level of the month and group + branch + team severity + rest

Every sum is exactly rounded (``math.fsum``) and every weight comes from square roots, so the
result does not depend on the order of the rows or on the machine, and a published month can be
recomputed to the same digest years later.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import math
from collections import Counter, defaultdict
from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from evaluations.places import SMALL_GROUP, Placed, place, reliability
from evaluations.severity_fit import (
    LITTLE_HISTORY,
    RIDGE,
    WINDOW_MONTHS,
    Observations,
    Row,
    connected_parts,
)

MODEL_VERSION = "fair-1"

HELD_ABOVE = 8.0  # a correction beyond this is left to a person

# Why a branch is not corrected.
APART = "apart"  # no chain of teams and branches leads from its part to the rest of its group
LITTLE = "little_history"  # none of its teams has marked enough yet
FIRST = "first_month"  # one team in the first month: nothing to compare it with
HELD = "held"  # the correction is too large to be taken without a person


@dataclass(frozen=True, slots=True)
class TeamView:
    """How one team marked a branch this month. ``severity`` below 0 is strict, in marks; it
    is what counts of ``average`` (the plain mean against other teams on the same branches)
    after shrinking by n/(n+1). ``weight`` is n: visits, older ones counting less."""

    inspector: Hashable
    score: float
    severity: float
    weight: float

    @property
    def has_little_history(self) -> bool:
        return self.weight < LITTLE_HISTORY

    @property
    def average(self) -> float:
        return self.severity * (self.weight + RIDGE) / self.weight if self.weight else 0.0


@dataclass(frozen=True, slots=True)
class Corrected:
    """One branch's month. ``rank_low`` is the best place within the error, ``rank_high`` the
    worst; all places are inside ``part`` of the group, in which scores can be compared."""

    inspected: Hashable
    group: Hashable
    part: int
    raw: float
    correction: float
    score: float
    se: float
    teams: tuple[TeamView, ...]
    reason: str = ""
    withheld: float = 0.0  # the correction that was not applied, when ``reason`` is HELD
    comparable: bool = True
    band: int | None = None
    rank: int | None = None
    rank_low: int | None = None
    rank_high: int | None = None


@dataclass(frozen=True, slots=True)
class Severity:
    """宽严: one team over the window."""

    inspector: Any
    severity: float
    weight: float


@dataclass(frozen=True, slots=True)
class Fit:
    """The month's result: branches, teams, and how far the ranking can be trusted.

    ``reliability`` per group is 1 - mean SE² / variance of the scores, between 0 and 1: the
    share of the differences that is not error. None where it cannot be told (under three
    branches, or no differences at all).
    """

    month: int
    branches: Mapping[Hashable, Corrected]
    teams: Mapping[Hashable, Severity]
    reliability: Mapping[Hashable, float | None]
    scatter: float  # standard deviation of a mark on one branch, teams' severity removed
    loose: float  # the same before it is removed
    input_digest: str


def calibrate(rows: Iterable[Row]) -> dict[Any, dict[str, Any]]:
    """Correct the largest month in ``rows`` of (month, inspector, inspected, group, score).

    A month is a number that counts months, a date, or text like ``2017-06``; a score is in
    marks out of 100. Rows older than twelve months are left out. Returns per inspected branch
    ``score``, ``raw``, ``correction``, ``se``, ``comparable``, ``reason``, ``band``, ``rank``,
    ``rank_low``, ``rank_high``, ``group``, ``part`` and ``teams``. A group (or a part of one
    that cannot be compared with the rest) of fewer than three is not ranked: None.
    """
    found = fit(rows)
    return {
        key: {
            "score": branch.score,
            "raw": branch.raw,
            "correction": branch.correction,
            "se": branch.se,
            "comparable": branch.comparable,
            "reason": branch.reason,
            "band": branch.band,
            "rank": branch.rank,
            "rank_low": branch.rank_low,
            "rank_high": branch.rank_high,
            "group": branch.group,
            "part": branch.part,
            "teams": [
                {
                    "inspector": team.inspector,
                    "score": team.score,
                    "severity": team.severity,
                    "weight": team.weight,
                }
                for team in branch.teams
            ],
        }
        for key, branch in found.branches.items()
    }


def fit(rows: Iterable[Row], *, contested: Collection[Row] = ()) -> Fit:
    """Like :func:`calibrate`, with everything that was found out on the way.

    ``contested`` rows (an appeal against them was upheld) stay in their branch's raw mean and
    are corrected like the others, but teach nothing about teams.
    """
    known = [(month_number(m), j, i, g, float(s)) for m, j, i, g, s in rows]
    aside = [(month_number(m), j, i, g, float(s)) for m, j, i, g, s in contested]
    if not known and not aside:
        return Fit(0, {}, {}, {}, 0.0, 0.0, input_digest([], []))
    month = max(row[0] for row in [*known, *aside])
    known = [row for row in known if month - row[0] < WINDOW_MONTHS]
    aside = [row for row in aside if month - row[0] < WINDOW_MONTHS]
    parts = connected_parts(known, aside)
    data = Observations(known, month, parts)
    data.solve()
    scatter, loose, residual = data.scatter()
    is_first = all(row[0] == month for row in [*known, *aside])
    branches = _branches(
        [row for row in [*known, *aside] if row[0] == month],
        data,
        parts,
        is_first=is_first,
        variances=(scatter, loose, residual),
    )
    ranked = _ranked(branches)
    return Fit(
        month=month,
        branches={branch.inspected: branch for branch in ranked},
        teams={
            team: Severity(team, data.severity[n], data.team_weight[n])
            for team, n in data.teams.items()
        },
        reliability=_reliability(ranked),
        scatter=math.sqrt(scatter),
        loose=math.sqrt(loose),
        input_digest=input_digest(known, aside),
    )


def month_number(month: Any) -> int:
    """A month as a count of months, so that differences are ages."""
    if isinstance(month, int):
        return month
    if isinstance(month, str):
        year, _dash, rest = month.partition("-")
        return int(year) * 12 + int(rest[:2])
    number = month.month if isinstance(month, dt.date) else month.number
    return int(month.year) * 12 + int(number)


def input_digest(known: Iterable[Row], contested: Iterable[Row]) -> str:
    """SHA-256 over the rows that went in, one line each, in order of their text."""
    lines = sorted(
        f"{mark}|{m}|{j}|{i}|{g}|{s!r}"
        for mark, rows in (("fit", known), ("contested", contested))
        for m, j, i, g, s in rows
    )
    return hashlib.sha256("\n".join([MODEL_VERSION, *lines]).encode()).hexdigest()


# -- branches -----------------------------------------------------------------------------


def _branches(
    rows: Sequence[tuple[int, Hashable, Hashable, Hashable, float]],
    data: Observations,
    parts: Mapping[tuple[str, Hashable], int],
    *,
    is_first: bool,
    variances: tuple[float, float, float],
) -> list[Corrected]:
    scatter, loose, residual = variances
    visits: dict[tuple[Hashable, Hashable], list[TeamView]] = defaultdict(list)
    for _month, team, branch, group, score in rows:
        n = data.teams.get(team)
        visits[branch, group].append(
            TeamView(team, score, data.severity[n], data.team_weight[n])
            if n is not None
            else TeamView(team, score, 0.0, 0.0)
        )
    whole = _main_parts(visits, parts)
    found = []
    for (branch, group), teams in visits.items():
        teams.sort(key=lambda team: str(team.inspector))
        count = len(teams)
        part = parts["branch", branch]
        raw = math.fsum(team.score for team in teams) / count
        correction = -math.fsum(team.severity for team in teams) / count
        reason, withheld = "", 0.0
        if part != whole.get(group):
            reason = APART
        elif is_first and count == 1:
            reason = FIRST
        elif all(team.has_little_history for team in teams):
            reason = LITTLE
        elif abs(correction) > HELD_ABOVE:
            reason, withheld = HELD, correction
        if reason:
            correction = 0.0
            variance = loose / count
        else:
            variance = scatter / count + math.fsum(
                residual / (team.weight + 1) for team in teams
            ) / (count * count)
        found.append(
            Corrected(
                inspected=branch,
                group=group,
                part=part,
                raw=raw,
                correction=correction,
                score=raw + correction,
                se=math.sqrt(variance),
                teams=tuple(teams),
                reason=reason,
                withheld=withheld,
                comparable=reason not in {APART, HELD},
            )
        )
    return sorted(found, key=lambda branch: str(branch.inspected))


def _main_parts(
    visits: Iterable[tuple[Hashable, Hashable]], parts: Mapping[tuple[str, Hashable], int]
) -> dict[Hashable, int]:
    """The part that stands for each group: the one with more than half of its branches. A
    group in pieces none of which is that large has none."""
    sizes: dict[Hashable, Counter[int]] = defaultdict(Counter)
    for branch, group in visits:
        sizes[group][parts["branch", branch]] += 1
    found = {}
    for group, counts in sizes.items():
        part, size = counts.most_common(1)[0]
        if size * 2 > counts.total():
            found[group] = part
    return found


def _ranked(branches: Sequence[Corrected]) -> list[Corrected]:
    together: dict[Hashable, list[Corrected]] = defaultdict(list)
    for branch in branches:
        together[branch.group, branch.part].append(branch)
    placed: dict[Hashable, Placed] = {}
    for members in together.values():
        if len(members) >= SMALL_GROUP:
            placed |= place({b.inspected: (b.score, b.se) for b in members})
    return [
        replace(
            branch,
            band=at.band,
            rank=at.rank,
            rank_low=at.rank_low,
            rank_high=at.rank_high,
        )
        if (at := placed.get(branch.inspected))
        else branch
        for branch in branches
    ]


def _reliability(branches: Sequence[Corrected]) -> dict[Hashable, float | None]:
    together: dict[Hashable, list[Corrected]] = defaultdict(list)
    for branch in branches:
        together[branch.group].append(branch)
    return {
        group: reliability([(b.score, b.se) for b in members])
        for group, members in together.items()
    }
