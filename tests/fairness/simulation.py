"""Companies out of thin air, with the truth known: the generator of fairness.md, and what it
flatters left out one by one."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import Random

Row = tuple[int, str, str, str, float]


@dataclass
class Year:
    """Twelve months of scores and the truth of the last one."""

    rows: list[Row] = field(default_factory=list)
    truth: dict[str, float] = field(default_factory=dict)
    group: dict[str, str] = field(default_factory=dict)
    severity: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class World:
    """What kind of company. Standard deviations in marks."""

    branches: int = 60
    teams: int = 2
    months: int = 12
    severity_sd: float = 3.0
    noise_sd: float = 3.0
    unequal_scale: float = 0.0  # log-sd of how far a team stretches differences
    jump: float = 0.0  # a shift of some teams' severity in the middle of the year
    missing: float = 0.0  # share of visits that never take place
    districts: int = 1  # teams stay inside their district


def year(world: World, seed: int) -> Year:
    rng = Random(seed)
    names = [f"b{n:03d}" for n in range(world.branches)]
    types = ["prod"] * round(world.branches * 0.4)
    types += ["mgmt"] * round(world.branches * 0.3)
    types += ["busi"] * (world.branches - len(types))
    rng.shuffle(types)
    kind = dict(zip(names, types, strict=True))
    tier = {name: "general" if rng.random() < 0.3 else "branch" for name in names}
    district = {name: n % world.districts for n, name in enumerate(names)}
    found = Year(group={name: f"{kind[name]}:{tier[name]}" for name in names})
    level = {t: 88 + rng.gauss(0, 2) for t in ("prod", "mgmt", "busi")}
    quality = {name: rng.gauss(0, 3) for name in names}
    swing = {name: rng.gauss(0, 2) for name in names}
    severity = {name: rng.gauss(0, world.severity_sd) for name in names}
    noise = {name: world.noise_sd * math.exp(rng.gauss(0, 0.35)) for name in names}
    scale = {name: math.exp(rng.gauss(0, world.unequal_scale)) for name in names}
    jumpers = set(rng.sample(names, len(names) // 5)) if world.jump else set()
    for month in range(world.months):
        effect = {t: rng.gauss(0, 1.5) for t in level}
        wobble = {name: rng.gauss(0, 1) if world.severity_sd else 0.0 for name in names}
        for name in names:
            if month:
                swing[name] = 0.5 * swing[name] + rng.gauss(0, 2 * math.sqrt(0.75))
        visits = _random_visits(names, kind, district, world.teams, rng)
        for team, name in visits:
            if world.missing and rng.random() < world.missing and month < world.months - 1:
                continue
            bias = severity[team] + wobble[team]
            if team in jumpers and month >= world.months // 2:
                bias += world.jump
            good = quality[name] + swing[name]
            exact = (
                level[kind[name]]
                + effect[kind[name]]
                + scale[team] * good
                + bias
                + rng.gauss(0, noise[team])
            )
            score = min(100.0, max(0.0, round(exact * 2) / 2))
            found.rows.append((month, team, name, found.group[name], score))
    found.truth = {name: quality[name] + swing[name] for name in names}
    found.severity = severity
    return found


def _random_visits(
    names: Sequence[str],
    kind: dict[str, str],
    district: dict[str, int],
    teams: int,
    rng: Random,
) -> list[tuple[str, str]]:
    """Loads as even as a draw gives them; another type, inside the district."""
    load = dict.fromkeys(names, 0)
    found = []
    for name in rng.sample(list(names), len(names)):
        options = [t for t in names if kind[t] != kind[name] and district[t] == district[name]]
        rng.shuffle(options)
        options.sort(key=lambda t: load[t])
        for team in options[:teams]:
            load[team] += 1
            found.append((team, name))
    return found


# -- the regularised fit by another road -----------------------------------------------------


def solved_exactly(rows: Sequence[Row]) -> dict[str, float]:
    """Severity per team from the normal equations of the objective in fairness.md, by
    elimination: no going round, no code of the engine."""
    last = max(row[0] for row in rows)
    rows = [row for row in rows if last - row[0] < 12]
    weight_of: dict[str, float] = defaultdict(float)
    for m, j, _i, _g, _s in rows:
        weight_of[j] += 0.5 ** ((last - m) / 4)
    keys: dict[tuple[str, object], int] = {}

    def number(kind: str, name: object) -> int:
        return keys.setdefault((kind, name), len(keys))

    sums: dict[tuple[int, int], float] = defaultdict(float)
    right: dict[int, float] = defaultdict(float)
    for m, j, i, g, s in rows:
        w = 0.5 ** ((last - m) / 4)
        unknowns = [number("level", (m, g)), number("branch", i)]
        if weight_of[j] >= 2:
            unknowns.append(number("team", j))
        for a in unknowns:
            right[a] += w * s
            for b in unknowns:
                sums[a, b] += w
    for (kind, _name), n in keys.items():
        if kind != "level":
            sums[n, n] += 1.0
    size = len(keys)
    matrix = [[sums.get((a, b), 0.0) for b in range(size)] + [right[a]] for a in range(size)]
    for a in range(size):
        pivot = max(range(a, size), key=lambda r: abs(matrix[r][a]))
        matrix[a], matrix[pivot] = matrix[pivot], matrix[a]
        top = matrix[a]
        for r in range(a + 1, size):
            factor = matrix[r][a] / top[a]
            if factor:
                row = matrix[r]
                for c in range(a, size + 1):
                    row[c] -= factor * top[c]
    solution = [0.0] * size
    for a in range(size - 1, -1, -1):
        row = matrix[a]
        solution[a] = (row[size] - sum(row[c] * solution[c] for c in range(a + 1, size))) / row[a]
    return {name: solution[n] for (kind, name), n in keys.items() if kind == "team"}  # type: ignore[misc]


def fitted_by_hand(rows: Sequence[Row]) -> dict[str, float]:
    """Corrected scores of the last month from :func:`solved_exactly`."""
    severity = solved_exactly(rows)
    last = max(row[0] for row in rows)
    scores: dict[str, list[float]] = defaultdict(list)
    for m, j, i, _g, s in rows:
        if m == last:
            scores[i].append(s - severity.get(j, 0.0))
    return {i: sum(found) / len(found) for i, found in scores.items()}


# -- yardsticks ------------------------------------------------------------------------------


def spearman(one: dict[str, float], other: dict[str, float], group: dict[str, str]) -> float:
    """Mean rank correlation inside groups, weighted by size."""
    total = weight = 0.0
    for members in _groups(one, group):
        if len(members) < 4:
            continue
        a, b = _ranks([one[m] for m in members]), _ranks([other[m] for m in members])
        mean = (len(members) + 1) / 2
        top = sum((x - mean) * (y - mean) for x, y in zip(a, b, strict=True))
        bottom = math.sqrt(sum((x - mean) ** 2 for x in a) * sum((y - mean) ** 2 for y in b))
        total += len(members) * (top / bottom if bottom else 0.0)
        weight += len(members)
    return total / weight


def rmse(one: dict[str, float], other: dict[str, float], group: dict[str, str]) -> float:
    """Error of differences inside groups: each group is centred first."""
    squares, count = 0.0, 0
    for members in _groups(one, group):
        shift = sum(one[m] - other[m] for m in members) / len(members)
        squares += sum((one[m] - other[m] - shift) ** 2 for m in members)
        count += len(members)
    return math.sqrt(squares / count)


def _groups(one: dict[str, float], group: dict[str, str]) -> list[list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for name in one:
        found[group[name]].append(name)
    return list(found.values())


def _ranks(values: Sequence[float]) -> list[float]:
    order = sorted(range(len(values)), key=lambda n: values[n])
    ranks = [0.0] * len(values)
    at = 0
    while at < len(order):
        end = at
        while end + 1 < len(order) and values[order[end + 1]] == values[order[at]]:
            end += 1
        for n in order[at : end + 1]:
            ranks[n] = (at + end) / 2 + 1
        at = end + 1
    return ranks


def mean_of(measure: Callable[[int], float], seeds: Sequence[int]) -> float:
    return sum(measure(seed) for seed in seeds) / len(seeds)
