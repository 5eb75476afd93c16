"""抽签配对: who visits whom this month. Names in, names out: no Django, no clock, no database.

Hard rules, soft wishes and the order in which they give way are those of ADR 40. A draw is
``k`` rounds of bipartite matching by augmenting paths over all allowed teams; every choice that
is left open is settled by SHA-256 of a published seed, so anybody who runs it again gets the
same plan. ``evaluations/pairing_check.py`` judges a plan without any of this code.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import replace

from evaluations.pairing_match import Match
from evaluations.pairing_terms import (
    FEWER,
    FILL,
    LEAST_MEMORY,
    LOAD,
    MEMORY,
    MUTUAL,
    ORDER,
    SAME_COUNTY,
    SAME_TYPE,
    Plan,
    Relaxation,
    Task,
    Terms,
    largest_type,
    sends,
)


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
            match = Match(task, terms, attempt)
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


def usual_load(task: Task) -> int:
    """The smallest load that can do all visits when it is spread evenly."""
    senders = sum(sends(unit, task) for unit in task.units)
    wanted = sum(unit.is_visited for unit in task.units) * task.rules.visits
    return -(-wanted // senders) if senders else 0


def load_bound(task: Task) -> int:
    """What a team may be asked for when one type is larger than all others together:
    ⌈k·n/(N − n)⌉ visits; at least one more than usual."""
    bound = usual_load(task) + 1
    visited = Counter(unit.type for unit in task.units if unit.is_visited)
    for kind, count in visited.items():
        others = sum(sends(unit, task) and unit.type != kind for unit in task.units)
        if others:
            bound = max(bound, -(-task.rules.visits * count // others))
    return bound


def _gives_way(task: Task) -> Iterator[tuple[Terms, tuple[Relaxation, ...]]]:
    """The terms step by step, each with what was given up so far."""
    rules, may = task.rules, frozenset(task.rules.may_relax)
    terms = Terms(max(rules.memory, 2), rules.same_county, usual_load(task))
    taken: dict[str, Relaxation] = {}

    def now() -> tuple[Terms, tuple[Relaxation, ...]]:
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
    if FILL in may and any(unit.fills and sends(unit, task) for unit in task.units):
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


def _could_do(task: Task, terms: Terms) -> bool:
    """Whether every type has enough teams of other types at this load: no need to try a draw
    that must fail."""
    if terms.fill or terms.same_type or task.fixed:
        return True
    senders = Counter(unit.type for unit in task.units if sends(unit, task))
    visited = Counter(unit.type for unit in task.units if unit.is_visited)
    largest = largest_type(task)
    for kind, count in visited.items():
        wanted = task.rules.visits - (1 if terms.fewer and kind == largest else 0)
        if count * wanted > terms.load * (senders.total() - senders[kind]):
            return False
    return True


# -- matching -----------------------------------------------------------------------------


# -- certificate ----------------------------------------------------------------------------
