"""The least squares behind 校正: levels, branches and teams, solved by going round.

Pure numbers: rows in, how strict each team is out (ADR 41). :mod:`evaluations.fairness` makes a
branch's month of it.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import Any

# One visit: its month, who inspected whom, in which ranking group, and the score.
Row = tuple[Any, Hashable, Hashable, Hashable, Any]

WINDOW_MONTHS = 12
RIDGE = 1.0  # one neutral visit is added to what is known of each branch and team
TOLERANCE = 1e-6
MOST_TURNS = 2000
LITTLE_HISTORY = 2.0  # a team with less weight than this is taken as neutral
ENOUGH_FREEDOM = 10
# 0.5 ** (age / 4). Square roots are correctly rounded everywhere, powers are not.
_QUARTER = math.sqrt(math.sqrt(0.5))
_STEPS = (1.0, _QUARTER, math.sqrt(0.5), math.sqrt(0.5) * _QUARTER)
WEIGHTS = tuple(0.5 ** (age // 4) * _STEPS[age % 4] for age in range(WINDOW_MONTHS))


class Observations:
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


def connected_parts(*rows: Iterable[Row]) -> dict[tuple[str, Hashable], int]:
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
