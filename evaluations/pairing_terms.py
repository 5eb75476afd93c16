"""What a draw is asked and what it answers: units, rules, history, and the plan. No Django
(ADR 40).
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

# What gives way, in this order. Itself and last month's pair never do.
MEMORY = "memory"  # the memory shrinks month by month, to three
SAME_COUNTY = "same_county"  # the wish for short ways
LOAD = "load"  # a team visits more often, up to the bound
FILL = "fill"  # teams of the party-affairs office step in
SAME_TYPE = "same_type"  # a team of the same type from another county
MUTUAL = "mutual"  # two branches visit each other
FEWER = "fewer"  # branches of the largest type get one visit less
ORDER = (MEMORY, SAME_COUNTY, LOAD, FILL, SAME_TYPE, MUTUAL, FEWER)
LEAST_MEMORY = 3

Pair = tuple[str, str]  # who inspects, who is inspected


@dataclass(frozen=True, slots=True)
class Unit:
    """A branch as pairing sees it. ``house`` is the general branch it belongs to, or itself;
    ``fills``: its team may be sent more often than the load allows when nobody else is left."""

    key: str
    type: str
    house: str
    county: str = ""
    is_visited: bool = True
    sends_team: bool = True
    fills: bool = False


@dataclass(frozen=True, slots=True)
class Rules:
    """The committee's numbers. ``may_relax`` says which steps it allows at all."""

    visits: int = 2
    memory: int = 6
    same_county: bool = False
    may_relax: tuple[str, ...] = ORDER


@dataclass(frozen=True, slots=True)
class Task:
    """All that goes into a draw. ``history``: months since a pair last met (1 is last month);
    ``recusals``: visits that must not be (both ways where two branches stand aside for each
    other); ``fixed``: visits that stand, whatever comes."""

    units: tuple[Unit, ...]
    rules: Rules = Rules()
    history: Mapping[Pair, int] = field(default_factory=dict)
    recusals: frozenset[Pair] = frozenset()
    unavailable: frozenset[str] = frozenset()
    fixed: tuple[Pair, ...] = ()
    seed: str = ""


@dataclass(frozen=True, slots=True)
class Relaxation:
    """One step that was taken, and its new value (months, visits per team) where it has one."""

    step: str
    value: int | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """The visits in the order of the branches, what gave way, and who still lacks how many."""

    pairs: tuple[Pair, ...]
    relaxations: tuple[Relaxation, ...] = ()
    unfilled: Mapping[str, int] = field(default_factory=dict)
    load: int = 0

    @property
    def loads(self) -> Counter[str]:
        return Counter(inspector for inspector, _inspected in self.pairs)


@dataclass(frozen=True, slots=True)
class Terms:
    """The rules as they stand after some steps."""

    memory: int
    same_county: bool
    load: int
    fill: bool = False
    same_type: bool = False
    mutual: bool = False
    fewer: bool = False


def order_of(seed: str, label: str, key: str) -> bytes:
    """Where chance puts ``key``: SHA-256 of seed, label and key."""
    return hashlib.sha256(f"{seed}|{label}|{key}".encode()).digest()


def largest_type(task: Task) -> str:
    """The type with most visited branches; of equals the first by name."""
    visited = Counter(unit.type for unit in task.units if unit.is_visited)
    return min(visited, key=lambda kind: (-visited[kind], kind))


def sends(unit: Unit, task: Task) -> bool:
    return unit.sends_team and unit.key not in task.unavailable


def both_ways(pairs: Iterable[Pair]) -> frozenset[Pair]:
    """Each pair and its reverse: a recusal rests on what two branches have to do with each
    other, so neither inspects the other."""
    found = frozenset(pairs)
    return found | frozenset((b, a) for a, b in found)


def history_of(months: Iterable[tuple[int, Iterable[Pair]]]) -> dict[Pair, int]:
    """The youngest age of every pair, from (months ago, pairs) in any order."""
    found: dict[Pair, int] = {}
    for age, pairs in months:
        for pair in pairs:
            found[pair] = min(age, found.get(pair, age))
    return found
