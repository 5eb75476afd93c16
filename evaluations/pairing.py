"""抽签配对: who visits whom this month. Names in, names out: no Django, no clock, no database.

Hard rules, soft wishes and the order in which they give way are those of ADR 40. A draw is
``k`` rounds of bipartite matching by augmenting paths over all allowed teams; every choice that
is left open is settled by SHA-256 of a published seed, so anybody who runs it again gets the
same plan. ``evaluations/pairing_check.py`` judges a plan without any of this code.
"""

from __future__ import annotations

import hashlib
import json
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain, islice
from typing import Any

FORMAT = "pairing-1"

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
    ``recusals``: pairs that must not meet; ``fixed``: visits that stand, whatever comes."""

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
class _Terms:
    """The rules as they stand after some steps."""

    memory: int
    same_county: bool
    load: int
    fill: bool = False
    same_type: bool = False
    mutual: bool = False
    fewer: bool = False


def draw(task: Task) -> Plan:
    """Draw the month. Relaxes only what it must, in the written order.

    When even the last step leaves a branch short, the plan says so in ``unfilled``; it never
    breaks a rule to hide that.
    """
    best: tuple[int, Plan] | None = None
    for terms, relaxations in _gives_way(task):
        if best is not None and not _could_do(task, terms):
            continue
        for attempt in range(_attempts(task)):
            match = _Match(task, terms, attempt)
            match.run()
            short = match.short
            if not short or best is None or sum(short.values()) < best[0]:
                plan = Plan(match.pairs(), relaxations, short, terms.load)
                best = (sum(short.values()), plan)
            if not short:
                return best[1]
    assert best is not None  # noqa: S101 - there is at least one set of terms
    return best[1]


def mend(task: Task, plan: Plan, *, gone: Collection[str]) -> Plan:
    """Re-match only the holes that the teams in ``gone`` leave; every other visit stays."""
    kept = tuple(pair for pair in plan.pairs if pair[0] not in gone)
    mended = draw(replace(task, fixed=kept, unavailable=task.unavailable | frozenset(gone)))
    steps = {r.step: r for r in plan.relaxations} | {r.step: r for r in mended.relaxations}
    for r in plan.relaxations:
        other = steps[r.step]
        if r.value is not None and other.value is not None:
            keep = min if r.step == MEMORY else max
            steps[r.step] = replace(r, value=keep(r.value, other.value))
    return replace(mended, relaxations=tuple(steps[s] for s in ORDER if s in steps))


def order_of(seed: str, label: str, key: str) -> bytes:
    """Where chance puts ``key``: SHA-256 of seed, label and key."""
    return hashlib.sha256(f"{seed}|{label}|{key}".encode()).digest()


def usual_load(task: Task) -> int:
    """The smallest load that can do all visits when it is spread evenly."""
    senders = sum(_sends(unit, task) for unit in task.units)
    wanted = sum(unit.is_visited for unit in task.units) * task.rules.visits
    return -(-wanted // senders) if senders else 0


def load_bound(task: Task) -> int:
    """What a team may be asked for when one type is larger than all others together:
    ⌈k·n/(N − n)⌉ visits; at least one more than usual."""
    bound = usual_load(task) + 1
    visited = Counter(unit.type for unit in task.units if unit.is_visited)
    for kind, count in visited.items():
        others = sum(_sends(unit, task) and unit.type != kind for unit in task.units)
        if others:
            bound = max(bound, -(-task.rules.visits * count // others))
    return bound


def largest_type(task: Task) -> str:
    """The type with most visited branches; of equals the first by name."""
    visited = Counter(unit.type for unit in task.units if unit.is_visited)
    return min(visited, key=lambda kind: (-visited[kind], kind))


def _sends(unit: Unit, task: Task) -> bool:
    return unit.sends_team and unit.key not in task.unavailable


def _gives_way(task: Task) -> Iterator[tuple[_Terms, tuple[Relaxation, ...]]]:
    """The terms step by step, each with what was given up so far."""
    rules, may = task.rules, frozenset(task.rules.may_relax)
    terms = _Terms(max(rules.memory, 2), rules.same_county, usual_load(task))
    taken: dict[str, Relaxation] = {}

    def now() -> tuple[_Terms, tuple[Relaxation, ...]]:
        return terms, tuple(taken[step] for step in ORDER if step in taken)

    yield now()
    if MEMORY in may:
        for memory in range(terms.memory - 1, LEAST_MEMORY - 1, -1):
            terms = replace(terms, memory=memory)
            taken[MEMORY] = Relaxation(MEMORY, memory)
            yield now()
    if SAME_COUNTY in may and terms.same_county:
        terms = replace(terms, same_county=False)
        taken[SAME_COUNTY] = Relaxation(SAME_COUNTY)
        yield now()
    if LOAD in may:
        for load in range(terms.load + 1, load_bound(task) + 1):
            terms = replace(terms, load=load)
            taken[LOAD] = Relaxation(LOAD, load)
            yield now()
    if FILL in may and any(unit.fills and _sends(unit, task) for unit in task.units):
        terms = replace(terms, fill=True)
        taken[FILL] = Relaxation(FILL)
        yield now()
    if SAME_TYPE in may and len({unit.county for unit in task.units}) > 1:
        terms = replace(terms, same_type=True)
        taken[SAME_TYPE] = Relaxation(SAME_TYPE)
        yield now()
    if MUTUAL in may:
        terms = replace(terms, mutual=True)
        taken[MUTUAL] = Relaxation(MUTUAL)
        yield now()
    if FEWER in may and rules.visits > 1:
        terms = replace(terms, fewer=True)
        taken[FEWER] = Relaxation(FEWER, rules.visits - 1)
        yield now()


def _attempts(task: Task) -> int:
    """How often another order is tried before a rule gives way."""
    return 24 if len(task.units) <= 100 else 4


def _could_do(task: Task, terms: _Terms) -> bool:
    """Whether every type has enough teams of other types at this load: no need to try a draw
    that must fail."""
    if terms.fill or terms.same_type or task.fixed:
        return True
    senders = Counter(unit.type for unit in task.units if _sends(unit, task))
    visited = Counter(unit.type for unit in task.units if unit.is_visited)
    largest = largest_type(task)
    for kind, count in visited.items():
        wanted = task.rules.visits - (1 if terms.fewer and kind == largest else 0)
        if count * wanted > terms.load * (senders.total() - senders[kind]):
            return False
    return True


# -- matching -----------------------------------------------------------------------------


class _Match:
    """One attempt. Units are numbers in here; ``teams_of`` and ``visits_of`` hold the plan."""

    def __init__(self, task: Task, terms: _Terms, attempt: int) -> None:
        self.task, self.terms = task, terms
        self.seed = f"{task.seed}|{attempt}"
        units = sorted(task.units, key=lambda unit: unit.key)
        self.units = units
        self.number = {unit.key: n for n, unit in enumerate(units)}
        size = len(units)
        self.teams_of: list[set[int]] = [set() for _u in units]
        self.visits_of: list[set[int]] = [set() for _u in units]  # that may be given to others
        self.load = [0] * size
        self.need = [0] * size
        largest = largest_type(task) if terms.fewer else None
        for n, unit in enumerate(units):
            if unit.is_visited:
                self.need[n] = task.rules.visits - (1 if unit.type == largest else 0)
        for inspector, inspected in task.fixed:
            team, branch = self.number[inspector], self.number[inspected]
            self.teams_of[branch].add(team)
            self.load[team] += 1
            self.need[branch] = max(0, self.need[branch] - 1)
        self._barred()
        self._ring()

    def _barred(self) -> None:
        """Per branch: teams that must not come, and those that came a while ago."""
        self.barred: list[set[int]] = [set() for _u in self.units]
        self.recent: list[dict[int, int]] = [{} for _u in self.units]
        for (inspector, inspected), age in self.task.history.items():
            if inspector in self.number and inspected in self.number:
                team, branch = self.number[inspector], self.number[inspected]
                if age < max(self.terms.memory, 2):
                    self.barred[branch].add(team)
                else:
                    self.recent[branch][team] = age
        for inspector, inspected in self.task.recusals:
            if inspector in self.number and inspected in self.number:
                self.barred[self.number[inspected]].add(self.number[inspector])
        houses: dict[str, list[int]] = defaultdict(list)
        for n, unit in enumerate(self.units):
            houses[unit.house].append(n)
        for members in houses.values():
            for n in members:
                self.barred[n].update(members)  # itself among them

    def _ring(self) -> None:
        """All teams in an order settled by the seed; each branch begins at its own place."""
        senders = [n for n, unit in enumerate(self.units) if _sends(unit, self.task)]
        self.ring = sorted(senders, key=lambda n: order_of(self.seed, "team", self.units[n].key))
        self.place = {team: at for at, team in enumerate(self.ring)}
        self.free: list[int] = []
        self.stale = 0
        self.kind = [unit.type for unit in self.units]
        self.county = [unit.county for unit in self.units]
        self.extra = [
            self.terms.fill and unit.fills and _sends(unit, self.task) for unit in self.units
        ]
        turns = {}
        counts = Counter(self.kind[n] for n in self.ring)
        for n, unit in enumerate(self.units):
            options = len(self.ring) - counts[unit.type] - len(self.barred[n])
            turns[n] = (options, order_of(self.seed, "branch", unit.key))
        self.order = sorted((n for n in turns if self.need[n]), key=lambda n: turns[n])
        self.start = {
            n: int.from_bytes(turns[n][1][:8], "big") % max(len(self.ring), 1) for n in self.order
        }

    def run(self) -> None:
        """``k`` rounds; inside a round the load rises visit by visit, so that it stays even."""
        rounds = max(self.need, default=0)
        for turn in range(rounds, 0, -1):
            waiting = [n for n in self.order if self.need[n] >= turn]
            for cap in range(1, self.terms.load + 1):
                if not waiting:
                    break
                waiting = self._fill(waiting, cap)

    def _fill(self, waiting: Sequence[int], cap: int) -> list[int]:
        left = []
        dead: set[int] = set()  # teams from which no free one can be reached at this load
        self._gather(cap)
        for branch in waiting:
            if self.free and self._augment(branch, cap, dead):
                self.need[branch] -= 1
            else:
                left.append(branch)
        return left

    def _gather(self, cap: int) -> None:
        """The free teams at this load, by their place in the ring."""
        self.free = [at for at, team in enumerate(self.ring) if self._is_free(team, cap)]
        self.stale = 0

    def _is_free(self, team: int, cap: int) -> bool:
        return self.load[team] < cap or (
            self.extra[team] and cap == self.terms.load  # stepping in comes last
        )

    def _allowed(self, team: int, branch: int) -> bool:
        """The hard rules for one visit, beside those that :meth:`_barred` knows."""
        if team in self.barred[branch] or team in self.teams_of[branch]:
            return False
        if self.kind[team] == self.kind[branch] and not (
            self.terms.same_type and self.county[team] != self.county[branch]
        ):
            return False
        if self.terms.same_county and self.county[team] != self.county[branch]:
            return False
        return self.terms.mutual or branch not in self.teams_of[team]

    def _candidates(self, branch: int) -> Iterator[int]:
        """Free teams that never came first, in ring order; then those that came longest ago."""
        ring, recent = self.ring, self.recent[branch]
        start = self.start.get(branch, 0)
        middle = bisect_left(self.free, start)
        for at in chain(islice(self.free, middle, None), islice(self.free, middle)):
            if ring[at] not in recent:
                yield ring[at]
        if recent:
            size = len(ring)
            yield from sorted(
                (team for team in recent if team in self.place),
                key=lambda team: (-recent[team], (self.place[team] - start) % size),
            )

    def _augment(self, branch: int, cap: int, dead: set[int]) -> bool:
        # Most find a free team at once; among those that came before, the oldest.
        for team in self._candidates(branch):
            if self._is_free(team, cap) and self._allowed(team, branch):
                self._add(team, branch)
                self._count_out(cap)
                return True
        tabu: set[Pair | tuple[int, int]] = set()
        for _try in range(6):
            path = self._path(branch, cap, dead, tabu)
            if path is None:
                return False
            broken = self._walk(path)
            if broken is None:
                self._count_out(cap)
                return True
            tabu.add(broken)
        return False

    def _count_out(self, cap: int) -> None:
        """A free team may be free no longer: look again once there are many such."""
        self.stale += 1
        if self.stale * 2 > len(self.free):
            self._gather(cap)

    def _path(
        self, branch: int, cap: int, dead: set[int], tabu: Collection[Any]
    ) -> list[tuple[int, int]] | None:
        """Visits to make, the last one by a free team: each makes the one before it possible
        by taking a branch off that team's hands. None when there is no such chain."""
        came: dict[int, int] = {}  # team -> branch that asked for it
        gave: dict[int, int] = {}  # branch -> team that would give it up
        unseen = [team for team in self.ring if team not in dead]
        queue, at = [branch], 0
        while at < len(queue):
            asking = queue[at]
            at += 1
            later = []
            for team in unseen:
                if not self._allowed(team, asking) or (team, asking) in tabu:
                    later.append(team)
                    continue
                came[team] = asking
                if self._is_free(team, cap):
                    path = [(team, asking)]
                    while asking != branch:
                        team = gave[asking]
                        asking = came[team]
                        path.append((team, asking))
                    return path[::-1]
                for other in sorted(self.visits_of[team]):
                    if other != branch and other not in gave:
                        gave[other] = team
                        queue.append(other)
            unseen = later
        if not tabu:
            dead.update(came)
        return None

    def _walk(self, path: Sequence[tuple[int, int]]) -> tuple[int, int] | None:
        """Make the visits of a path. Gives the visit that would run both ways, with everything
        put back, or None when all is well."""
        moved = [(path[n][0], path[n + 1][1]) for n in range(len(path) - 1)]
        for team, branch in moved:
            self._drop(team, branch)
        for team, branch in path:
            self._add(team, branch)
        if self.terms.mutual:
            return None
        for team, branch in path:
            if branch in self.teams_of[team]:
                for made in path:
                    self._drop(*made)
                for back in moved:
                    self._add(*back)
                return team, branch
        return None

    def _add(self, team: int, branch: int) -> None:
        self.teams_of[branch].add(team)
        self.visits_of[team].add(branch)
        self.load[team] += 1

    def _drop(self, team: int, branch: int) -> None:
        self.teams_of[branch].remove(team)
        self.visits_of[team].remove(branch)
        self.load[team] -= 1

    @property
    def short(self) -> dict[str, int]:
        return {self.units[n].key: need for n, need in enumerate(self.need) if need}

    def pairs(self) -> tuple[Pair, ...]:
        return tuple(
            (self.units[team].key, self.units[branch].key)
            for branch in range(len(self.units))
            for team in sorted(self.teams_of[branch])
        )


# -- certificate ----------------------------------------------------------------------------


def inputs_of(task: Task) -> dict[str, Any]:
    """Everything that went into a draw, as plain JSON values in a fixed order."""
    return {
        "rules": {
            "visits": task.rules.visits,
            "memory": task.rules.memory,
            "same_county": task.rules.same_county,
            "may_relax": list(task.rules.may_relax),
        },
        "units": [
            {
                "key": u.key,
                "type": u.type,
                "house": u.house,
                "county": u.county,
                "is_visited": u.is_visited,
                "sends_team": u.sends_team,
                "fills": u.fills,
            }
            for u in sorted(task.units, key=lambda unit: unit.key)
        ],
        "history": sorted([a, b, age] for (a, b), age in task.history.items()),
        "recusals": sorted([a, b] for a, b in task.recusals),
        "unavailable": sorted(task.unavailable),
        "fixed": sorted([a, b] for a, b in task.fixed),
    }


def certificate(task: Task, plan: Plan) -> dict[str, Any]:
    """The draw with all it takes to check and to repeat it."""
    inputs = inputs_of(task)
    return {
        "format": FORMAT,
        "seed": task.seed,
        "input_digest": canonical_digest(inputs),
        "inputs": inputs,
        "plan": [list(pair) for pair in plan.pairs],
        "load": plan.load,
        "relaxations": [{"step": r.step, "value": r.value} for r in plan.relaxations],
        "unfilled": dict(sorted(plan.unfilled.items())),
    }


def task_of(given: Mapping[str, Any]) -> Task:
    """The task behind a certificate, to draw it again."""
    inputs = given["inputs"]
    rules = inputs["rules"]
    return Task(
        units=tuple(Unit(**unit) for unit in inputs["units"]),
        rules=Rules(
            rules["visits"], rules["memory"], rules["same_county"], tuple(rules["may_relax"])
        ),
        history={(a, b): age for a, b, age in inputs["history"]},
        recusals=frozenset((a, b) for a, b in inputs["recusals"]),
        unavailable=frozenset(inputs["unavailable"]),
        fixed=tuple((a, b) for a, b in inputs["fixed"]),
        seed=given["seed"],
    )


def plan_of(given: Mapping[str, Any]) -> Plan:
    """The plan in a certificate."""
    return Plan(
        pairs=tuple((a, b) for a, b in given["plan"]),
        relaxations=tuple(Relaxation(r["step"], r["value"]) for r in given["relaxations"]),
        unfilled=dict(given["unfilled"]),
        load=given["load"],
    )


def canonical_digest(inputs: Mapping[str, Any]) -> str:
    """SHA-256 over the JSON text with sorted keys and nothing between the tokens."""
    text = json.dumps(inputs, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def history_of(months: Iterable[tuple[int, Iterable[Pair]]]) -> dict[Pair, int]:
    """The youngest age of every pair, from (months ago, pairs) in any order."""
    found: dict[Pair, int] = {}
    for age, pairs in months:
        for pair in pairs:
            found[pair] = min(age, found.get(pair, age))
    return found
