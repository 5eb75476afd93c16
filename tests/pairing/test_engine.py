"""No hard rule is ever broken, what gives way gives way in order, and chance can be repeated."""

from __future__ import annotations

import ast
import json
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluations import pairing_check
from evaluations.pairing import draw, load_bound, mend
from evaluations.pairing_certificate import certificate, plan_of, task_of
from evaluations.pairing_check import check
from evaluations.pairing_terms import (
    FEWER,
    FILL,
    LOAD,
    MEMORY,
    MUTUAL,
    ORDER,
    SAME_COUNTY,
    SAME_TYPE,
    Pair,
    Plan,
    Relaxation,
    Rules,
    Task,
    Unit,
    both_ways,
    history_of,
)
from tests.pairing.companies import company, demo, months

STRICT = tuple(step for step in ORDER if step not in {SAME_TYPE, MUTUAL, FEWER})


def broken(task: Task, plan: Plan) -> list[str]:
    """The hard rules, read here a third time and in the plainest way."""
    units = {unit.key: unit for unit in task.units}
    steps = {r.step: r.value for r in plan.relaxations}
    made = set(plan.pairs)
    found = []
    if len(made) != len(plan.pairs):
        found.append("a visit twice")
    for a, b in plan.pairs:
        if a == b or units[a].house == units[b].house:
            found.append(f"{a} visits its own house")
        if units[a].type == units[b].type and SAME_TYPE not in steps:
            found.append(f"{a} and {b} are of one type")
        if (b, a) in made and MUTUAL not in steps:
            found.append(f"{a} and {b} both ways")
        age = task.history.get((a, b), 99)
        if age == 1 or age < (steps.get(MEMORY) or task.rules.memory):
            found.append(f"{a} was at {b} {age} months ago")
        if a in task.unavailable or not units[a].sends_team or (a, b) in task.recusals:
            found.append(f"{a} can't go to {b}")
    got = Counter(b for _a, b in plan.pairs)
    for unit in task.units:
        wanted = task.rules.visits if unit.is_visited else 0
        low = wanted - plan.unfilled.get(unit.key, 0) - (FEWER in steps)
        if not low <= got[unit.key] <= wanted:
            found.append(f"{unit.key} has {got[unit.key]} visits")
    return found


# -- two years -------------------------------------------------------------------------------


def test_two_years_of_the_demo_company_break_nothing() -> None:
    for task, plan in months(demo(), 24, seed="demo"):
        assert broken(task, plan) == []
        assert check(certificate(task, plan)) == []
        assert not plan.unfilled
        assert {r.step for r in plan.relaxations} <= {MEMORY, LOAD}
        assert max(plan.loads.values()) <= load_bound(task) == 4


@pytest.mark.parametrize(("size", "seconds"), [(21, 1), (256, 1), (3000, 5)])
def test_two_years_break_nothing_share_evenly_and_keep_their_time(size: int, seconds: int) -> None:
    units = company(size)
    past: list[tuple[Pair, ...]] = []
    for month in range(24):
        history = history_of((age + 1, pairs) for age, pairs in enumerate(reversed(past[-12:])))
        task = Task(units, history=history, seed=f"years|{size}|{month}")
        before = time.process_time()
        plan = draw(task)
        assert time.process_time() - before < seconds
        past.append(plan.pairs)
        assert broken(task, plan) == []
        assert check(certificate(task, plan)) == []
        assert plan.relaxations == ()
        loads = [plan.loads[unit.key] for unit in units]
        assert max(loads) - min(loads) <= 1


@pytest.mark.parametrize("size", [9, 15, 30, 60])
@pytest.mark.parametrize("visits", [1, 2, 3])
def test_a_year_of_any_size_breaks_nothing(size: int, visits: int) -> None:
    for task, plan in months(company(size), 12, rules=Rules(visits=visits), seed="any"):
        assert broken(task, plan) == []
        assert check(certificate(task, plan)) == []


@pytest.mark.parametrize("shares", [(0.5, 0.25, 0.25), (0.7, 0.15, 0.15), (0.34, 0.33, 0.33)])
def test_lopsided_types_stay_within_the_stated_bound(shares: tuple[float, ...]) -> None:
    for task, plan in months(company(40, shares), 12, seed="lopsided"):
        assert broken(task, plan) == []
        assert not plan.unfilled
        assert max(plan.loads.values()) <= load_bound(task)


def test_partners_rotate() -> None:
    drawn = months(company(60), 12, seed="rotate")
    met = Counter(pair for _task, plan in drawn for pair in plan.pairs)
    assert max(met.values()) <= 2  # a memory of six months: twice a year at most


# -- any task --------------------------------------------------------------------------------

keys = st.integers(0, 23)


@st.composite
def tasks(draw_: Any) -> Task:
    units = company(
        draw_(st.integers(6, 24)), draw_(st.sampled_from([(0.4, 0.3, 0.3), (0.6, 0.2, 0.2)])), 2
    )
    units = tuple(replace(u, fills=u.key == "m0000") for u in units)
    names = [u.key for u in units]
    pairs = st.tuples(st.sampled_from(names), st.sampled_from(names))
    return Task(
        units,
        Rules(
            visits=draw_(st.integers(1, 3)),
            memory=draw_(st.integers(2, 8)),
            same_county=draw_(st.booleans()),
            may_relax=draw_(st.sampled_from([ORDER, STRICT])),
        ),
        history=draw_(st.dictionaries(pairs, st.integers(1, 9), max_size=60)),
        recusals=frozenset(draw_(st.lists(pairs, max_size=12))),
        unavailable=frozenset(draw_(st.lists(st.sampled_from(names), max_size=4))),
        seed=draw_(st.text("abc", max_size=3)),
    )


@settings(max_examples=120)
@given(tasks())
def test_whatever_the_company_no_hard_rule_breaks(task: Task) -> None:
    plan = draw(task)
    assert broken(task, plan) == []
    assert check(certificate(task, plan)) == []


@settings(max_examples=40)
@given(tasks())
def test_who_stands_aside_for_another_is_not_visited_by_him_either(task: Task) -> None:
    task = replace(task, recusals=both_ways(task.recusals))
    plan = draw(task)
    stored = certificate(task, plan)
    assert not {(b, a) for a, b in plan.pairs} & task.recusals
    assert not {tuple(pair) for pair in stored["plan"]} & task.recusals
    assert check(stored) == []


@settings(max_examples=40)
@given(tasks())
def test_what_gives_way_gives_way_in_the_written_order(task: Task) -> None:
    steps = [r.step for r in draw(task).relaxations]
    assert steps == [step for step in ORDER if step in steps]
    assert set(steps) <= set(task.rules.may_relax)


@settings(max_examples=25)
@given(tasks(), st.randoms(use_true_random=False))
def test_the_same_seed_gives_the_same_plan_from_the_certificate_alone(
    task: Task, shuffle: Random
) -> None:
    plan = draw(task)
    stored = json.loads(json.dumps(certificate(task, plan)))
    assert draw(task_of(stored)) == plan == plan_of(stored)
    units = list(task.units)
    shuffle.shuffle(units)
    assert draw(replace(task, units=tuple(units))) == plan


def test_another_seed_gives_another_plan() -> None:
    task = Task(company(60), seed="one")
    assert draw(task).pairs != draw(replace(task, seed="two")).pairs


# -- each step -------------------------------------------------------------------------------


def test_memory_gives_way_first_and_only_to_three() -> None:
    drawn = [plan for _task, plan in months(demo(), 8, seed="memory")]
    shrunk = [r.value for plan in drawn for r in plan.relaxations if r.step == MEMORY]
    assert shrunk
    assert min(v for v in shrunk if v is not None) >= 3


def test_the_wish_for_short_ways_gives_way_before_the_load() -> None:
    units = tuple(
        Unit(f"{kind}{n}", kind, f"{kind}{n}", county="far" if kind == "p" else "near")
        for kind in "pmb"
        for n in range(4)
    )
    plan = draw(Task(units, Rules(visits=1, same_county=True)))
    assert [r.step for r in plan.relaxations] == [MEMORY, SAME_COUNTY]


def test_the_office_steps_in_when_the_load_is_full() -> None:
    units = tuple(
        [Unit(f"p{n}", "p", f"p{n}") for n in range(8)]
        + [Unit("m0", "m", "m0", fills=True), Unit("m1", "m", "m1")]
    )
    recusals = frozenset({("m1", f"p{n}") for n in range(6)})
    plan = draw(Task(units, Rules(visits=1, may_relax=STRICT), recusals=recusals))
    assert Relaxation(FILL) in plan.relaxations
    assert plan.loads["m0"] >= 6
    assert not plan.unfilled


def test_a_team_of_the_same_type_comes_from_another_county() -> None:
    units = (
        *(Unit(f"p{n}", "p", f"p{n}", county=f"c{n % 2}") for n in range(6)),
        Unit("m0", "m", "m0", sends_team=False),
    )
    plan = draw(Task(units, Rules(visits=1)))
    county = {u.key: u.county for u in units}
    kind = {u.key: u.type for u in units}
    assert SAME_TYPE in [r.step for r in plan.relaxations]
    assert all(county[a] != county[b] for a, b in plan.pairs if kind[a] == kind[b])
    assert not plan.unfilled


def test_two_branches_alone_visit_each_other_in_the_end() -> None:
    units = (Unit("a", "p", "a"), Unit("b", "m", "b"))
    plan = draw(Task(units, Rules(visits=1)))
    assert MUTUAL in [r.step for r in plan.relaxations]
    assert set(plan.pairs) == {("a", "b"), ("b", "a")}


def test_the_largest_type_gets_one_visit_less_at_the_very_end() -> None:
    units = (*(Unit(f"p{n}", "p", f"p{n}") for n in range(5)), Unit("m", "m", "m"))
    plan = draw(Task(units, Rules(visits=2)))
    assert plan.relaxations[-1] == Relaxation(FEWER, 1)
    assert Counter(b for _a, b in plan.pairs)["p0"] == 1
    assert Counter(b for _a, b in plan.pairs)["m"] == 2


def test_last_months_pair_never_meets_again_even_if_a_branch_goes_short() -> None:
    units = (Unit("a", "p", "a"), Unit("b", "m", "b"))
    plan = draw(Task(units, Rules(visits=1), history={("a", "b"): 1}))
    assert ("a", "b") not in plan.pairs
    assert plan.unfilled == {"b": 1}


def test_the_pair_that_met_longest_ago_comes_first() -> None:
    units = (
        Unit("a", "p", "a", sends_team=False),
        *(Unit(f"m{n}", "m", f"m{n}", is_visited=False) for n in range(4)),
    )
    history = {("m0", "a"): 7, ("m1", "a"): 9, ("m2", "a"): 8, ("m3", "a"): 6}
    plan = draw(Task(units, Rules(visits=2), history=history))
    assert set(plan.pairs) == {("m1", "a"), ("m2", "a")}


# -- a team drops out ------------------------------------------------------------------------


@pytest.mark.parametrize("units", [demo(), company(60)], ids=["demo", "60"])
def test_when_a_team_drops_out_only_its_visits_move(units: tuple[Unit, ...]) -> None:
    for task, plan in months(units, 6, seed="mend"):
        gone = plan.pairs[0][0]
        mended = mend(task, plan, gone=[gone])
        kept = {pair for pair in plan.pairs if pair[0] != gone}
        assert kept <= set(mended.pairs)
        assert len(mended.pairs) == len(plan.pairs)
        assert gone not in mended.loads
        after = replace(task, unavailable=frozenset({gone}))
        assert [f for f in check(certificate(after, mended)) if f.rule != "load"] == []


def _most_filled(task: Task) -> int:
    """How many of the missing visits could be made at most beside the fixed ones, by trying
    every team for every one of them, with all given up that STRICT allows to give up."""
    units = {unit.key: unit for unit in task.units}
    wanted = Counter({u.key: task.rules.visits for u in task.units if u.is_visited})
    wanted.subtract(b for _a, b in task.fixed)
    holes = [key for key, count in wanted.items() for _n in range(max(0, count))]
    bound = load_bound(task)

    def may(a: str, b: str, made: set[Pair]) -> bool:
        one, other = units[a], units[b]
        sent = sum(team == a for team, _host in made)
        return not (
            one.house == other.house
            or one.type == other.type
            or not one.sends_team
            or a in task.unavailable
            or (a, b) in made | task.recusals
            or (b, a) in made
            or task.history.get((a, b), 99) < 3
            or (sent >= bound and not one.fills)
        )

    def fill(at: int, made: set[Pair], best: int) -> int:
        """The most of ``holes[at:]``; gives up once it cannot beat ``best``."""
        if at == len(holes) or len(holes) - at <= best:
            return 0
        most = fill(at + 1, made, best)
        for team in sorted(units):
            if most == len(holes) - at:
                break
            if may(team, holes[at], made):
                most = max(most, 1 + fill(at + 1, made | {(team, holes[at])}, most - 1))
        return most

    return fill(0, set(task.fixed), -1)


@settings(max_examples=60)
@given(
    st.integers(8, 14),
    st.sampled_from([(0.4, 0.3, 0.3), (0.6, 0.2, 0.2), (0.7, 0.2, 0.1)]),
    st.integers(1, 2),
    st.integers(0, 99),
)
def test_no_way_of_filling_the_holes_fills_more_of_them(
    size: int, shares: tuple[float, ...], visits: int, chance: int
) -> None:
    rules = Rules(visits=visits, may_relax=STRICT)
    task, plan = months(company(size, shares), 5, rules=rules, seed=str(chance))[-1]
    loads = plan.loads
    gone = sorted(loads, key=lambda key: (-loads[key], key))[chance % 3]
    kept = tuple(pair for pair in plan.pairs if pair[0] != gone)
    holes = len(plan.pairs) - len(kept) + sum(plan.unfilled.values())
    after = replace(task, fixed=kept, unavailable=frozenset({gone}))
    mended = mend(task, plan, gone=[gone])
    assert set(kept) <= set(mended.pairs)
    assert broken(after, mended) == []
    assert holes - sum(mended.unfilled.values()) == _most_filled(after)


# -- the checker sees what is wrong -------------------------------------------------------------


def _spoilt(change: Any) -> list[str]:
    task, plan = months(company(12), 3, rules=Rules(visits=1), seed="spoil")[-1]
    given_ = json.loads(json.dumps(certificate(task, plan)))
    change(given_)
    return [fault.rule for fault in check(given_)]


def _replan(old: int, pair: list[str]) -> Any:
    def change(given_: dict[str, Any]) -> None:
        given_["plan"][old] = pair

    return change


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        (_replan(0, ["b0000", "b0000"]), "itself"),
        (_replan(0, ["b0001", "b0000"]), "type"),
        (_replan(0, ["p0000", "p0001"]), "house"),
        (lambda g: g["plan"].pop(), "visits"),
        (lambda g: g["plan"].append(g["plan"][0]), "twice"),
        (lambda g: g["plan"].append(g["plan"][0][::-1]), "mutual"),
        (lambda g: g["inputs"]["unavailable"].append(g["plan"][0][0]), "unavailable"),
        (lambda g: g["inputs"]["unavailable"].append(g["plan"][0][0]), "digest"),
        (lambda g: g["inputs"]["recusals"].append(g["plan"][0]), "recusal"),
        (lambda g: g["inputs"]["history"].append([*g["plan"][0], 1]), "last_month"),
        (lambda g: g["inputs"]["history"].append([*g["plan"][0], 3]), "memory"),
        (lambda g: g.update(relaxations=[{"step": "load", "value": 9}]), "load"),
        (lambda g: g.update(relaxations=[{"step": "memory", "value": 2}]), "order"),
        (lambda g: g.update(relaxations=[{"step": "memory", "value": 7}]), "order"),
        (
            lambda g: g.update(
                relaxations=[{"step": "mutual", "value": None}, {"step": "fill", "value": None}]
            ),
            "order",
        ),
        (lambda g: g["plan"].append(["nobody", "b0000"]), "unknown"),
        (lambda g: g.update(format="x"), "format"),
    ],
)
def test_the_checker_finds_what_was_spoilt(change: Any, rule: str) -> None:
    assert rule in _spoilt(change)


def test_the_checker_shares_no_code_with_the_engine() -> None:
    tree = ast.parse(Path(pairing_check.__file__).read_text(encoding="utf-8"))
    imported = {
        alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import)
        for alias in node.names
    } | {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert imported == {"__future__", "hashlib", "json", "collections.abc", "dataclasses", "typing"}


def test_the_checker_is_content_with_what_was_not() -> None:
    assert _spoilt(lambda _given: None) == []
