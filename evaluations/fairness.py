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
from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

MODEL_VERSION = "fair-1"

WINDOW_MONTHS = 12
RIDGE = 1.0  # one neutral visit is added to what is known of each branch and team
TOLERANCE = 1e-6
MOST_TURNS = 2000
LITTLE_HISTORY = 2.0  # a team with less weight than this is taken as neutral
HELD_ABOVE = 8.0  # a correction beyond this is left to a person
CLEARLY = 1.645  # two scores differ clearly beyond this many errors of their difference
SMALL_GROUP = 3
ENOUGH_FREEDOM = 10

# 0.5 ** (age / 4). Square roots are correctly rounded everywhere, powers are not.
_QUARTER = math.sqrt(math.sqrt(0.5))
_STEPS = (1.0, _QUARTER, math.sqrt(0.5), math.sqrt(0.5) * _QUARTER)
WEIGHTS = tuple(0.5 ** (age // 4) * _STEPS[age % 4] for age in range(WINDOW_MONTHS))

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


@dataclass(frozen=True, slots=True)
class Placed:
    """Where a score stands among others: see :func:`place`."""

    band: int
    rank: int
    rank_low: int
    rank_high: int


Row = tuple[Any, Hashable, Hashable, Hashable, Any]


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
    parts = _parts(known, aside)
    data = _Data(known, month, parts)
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


# -- the fit ------------------------------------------------------------------------------


class _Data:
    """The rows by number, and the going round that solves them."""

    def __init__(
        self,
        rows: Sequence[tuple[int, Hashable, Hashable, Hashable, float]],
        month: int,
        parts: Mapping[tuple[str, Hashable], int],
    ) -> None:
        self.score = [row[4] for row in rows]
        self.weight = [WEIGHTS[month - row[0]] for row in rows]
        self.teams = {team: n for n, team in enumerate(dict.fromkeys(row[1] for row in rows))}
        branches = {b: n for n, b in enumerate(dict.fromkeys(row[2] for row in rows))}
        # A part that nothing connects with the rest has a level of its own.
        levels: dict[Hashable, list[int]] = defaultdict(list)
        cells: dict[Hashable, list[int]] = defaultdict(list)
        for n, row in enumerate(rows):
            levels[row[0], row[3], parts["branch", row[2]]].append(n)
            cells[row[0], row[2]].append(n)
        self.levels = list(levels.values())
        self.cells = [cell for cell in cells.values() if len(cell) > 1]
        self.row_level = [0] * len(rows)
        for number, members in enumerate(self.levels):
            for n in members:
                self.row_level[n] = number
        self.row_team = [self.teams[row[1]] for row in rows]
        self.row_branch = [branches[row[2]] for row in rows]
        self.of_team = _by(self.row_team, len(self.teams))
        self.of_branch = _by(self.row_branch, len(branches))
        self.team_weight = [math.fsum(self.weight[n] for n in of) for of in self.of_team]
        self.branch_weight = [math.fsum(self.weight[n] for n in of) for of in self.of_branch]
        self.level = [0.0] * len(self.levels)
        self.quality = [0.0] * len(branches)
        self.severity = [0.0] * len(self.teams)

    def solve(self) -> None:
        """Go round levels, branches and teams until nothing moves by more than 1e-6."""
        score, weight = self.score, self.weight
        branch_of, team_of, level_of = self.row_branch, self.row_team, self.row_level
        free = [
            (j, of, self.team_weight[j] + RIDGE)
            for j, of in enumerate(self.of_team)
            if self.team_weight[j] >= LITTLE_HISTORY
        ]
        held = list(zip(self.of_branch, self.branch_weight, strict=True))
        sizes = [len(of) for of in self.levels]
        level, quality, severity = self.level, self.quality, self.severity
        weighted = [w * s for w, s in zip(weight, score, strict=True)]
        for _turn in range(MOST_TURNS):
            rest = [
                s - quality[i] - severity[j]
                for s, i, j in zip(score, branch_of, team_of, strict=True)
            ]
            news = [
                math.fsum([rest[n] for n in of]) / size
                for of, size in zip(self.levels, sizes, strict=True)
            ]
            moved = max(map(abs, map(float.__sub__, news, level)), default=0.0)
            level[:] = news
            rest = [
                ws - w * (level[g] + severity[j])
                for ws, w, g, j in zip(weighted, weight, level_of, team_of, strict=True)
            ]
            news = [math.fsum([rest[n] for n in of]) / (w + RIDGE) for of, w in held]
            moved = max(moved, max(map(abs, map(float.__sub__, news, quality)), default=0.0))
            quality[:] = news
            rest = [
                ws - w * (level[g] + quality[i])
                for ws, w, g, i in zip(weighted, weight, level_of, branch_of, strict=True)
            ]
            for j, of, total in free:
                new = math.fsum([rest[n] for n in of]) / total
                moved = max(moved, abs(new - severity[j]))
                severity[j] = new
            if moved < TOLERANCE:
                return

    def scatter(self) -> tuple[float, float, float]:
        """Variances: between teams on one branch after removing their severity, before it, and
        of the residuals; the first two fall back on residuals while there is little to pool."""
        rest = [
            s - self.level[g] - self.quality[i] - self.severity[j]
            for s, g, i, j in zip(
                self.score, self.row_level, self.row_branch, self.row_team, strict=True
            )
        ]
        total = math.fsum(self.weight)
        residual = (
            math.fsum(w * r * r for w, r in zip(self.weight, rest, strict=True)) / total
            if total
            else 0.0
        )
        freedom = sum(len(cell) - 1 for cell in self.cells)
        if freedom < ENOUGH_FREEDOM:
            loose = [r + self.severity[j] for r, j in zip(rest, self.row_team, strict=True)]
            spread = math.fsum(w * r * r for w, r in zip(self.weight, loose, strict=True))
            return residual, spread / total if total else 0.0, residual
        return (
            self._between([self.score[n] - self.severity[j] for n, j in enumerate(self.row_team)]),
            self._between(self.score),
            residual,
        )

    def _between(self, values: Sequence[float]) -> float:
        """The pooled variance of ``values`` inside the cells."""
        squares = []
        for cell in self.cells:
            mean = math.fsum(values[n] for n in cell) / len(cell)
            squares += [(values[n] - mean) ** 2 for n in cell]
        return math.fsum(squares) / sum(len(cell) - 1 for cell in self.cells)


def _by(numbers: Sequence[int], size: int) -> list[list[int]]:
    found: list[list[int]] = [[] for _n in range(size)]
    for row, number in enumerate(numbers):
        found[number].append(row)
    return found


def _parts(*rows: Iterable[Row]) -> dict[tuple[str, Hashable], int]:
    """The connected parts of the graph of teams and branches, each node with its part's
    number. Numbers follow the smallest name in a part, so that the order of rows is no matter."""
    root: dict[tuple[str, Hashable], tuple[str, Hashable]] = {}

    def find(node: tuple[str, Hashable]) -> tuple[str, Hashable]:
        root.setdefault(node, node)
        while root[node] != node:
            root[node] = root[root[node]]
            node = root[node]
        return node

    for some in rows:
        for _month, team, branch, _group, _score in some:
            one, other = find(("team", team)), find(("branch", branch))
            if one != other:
                root[one] = other
    members: dict[tuple[str, Hashable], list[tuple[str, Hashable]]] = defaultdict(list)
    for node in root:
        members[find(node)].append(node)
    ordered = sorted(members.values(), key=lambda nodes: min(map(str, nodes)))
    return {node: number for number, nodes in enumerate(ordered) for node in nodes}


# -- branches -----------------------------------------------------------------------------


def _branches(
    rows: Sequence[tuple[int, Hashable, Hashable, Hashable, float]],
    data: _Data,
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


def _reliability(branches: Sequence[Corrected]) -> dict[Hashable, float | None]:
    together: dict[Hashable, list[Corrected]] = defaultdict(list)
    for branch in branches:
        together[branch.group].append(branch)
    return {
        group: reliability([(b.score, b.se) for b in members])
        for group, members in together.items()
    }


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
