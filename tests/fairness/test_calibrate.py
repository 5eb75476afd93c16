"""The correction against simulated companies whose truth is known, and its invariances."""

from __future__ import annotations

import math
import time
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluations.fairness import (
    APART,
    FIRST,
    HELD,
    LITTLE,
    calibrate,
    fit,
)
from evaluations.places import differs_clearly, place, reliability
from tests.fairness.simulation import (
    Row,
    World,
    Year,
    fitted_by_hand,
    rmse,
    solved_exactly,
    spearman,
    year,
)

SEEDS = range(100, 124)


def _measured(world: World, seeds: range = SEEDS) -> dict[str, float]:
    """Means over simulated years: raw, corrected and exactly fitted against the truth, and the
    share of pairs whose 90 % interval holds the true difference."""
    sums = dict.fromkeys(("raw", "mine", "exact", "raw_e", "mine_e", "exact_e", "cover"), 0.0)
    for seed in seeds:
        simulated = year(world, seed)
        found = calibrate(simulated.rows)
        truth, group = simulated.truth, simulated.group
        raw = {b: v["raw"] for b, v in found.items()}
        mine = {b: v["score"] for b, v in found.items()}
        sums["raw"] += spearman(raw, truth, group)
        sums["mine"] += spearman(mine, truth, group)
        sums["raw_e"] += rmse(raw, truth, group)
        sums["mine_e"] += rmse(mine, truth, group)
        sums["cover"] += _coverage(simulated, found)
    return {name: value / len(seeds) for name, value in sums.items()}


def _coverage(simulated: Year, found: dict[Any, Any]) -> float:
    held = pairs = 0
    names = sorted(found)
    for n, a in enumerate(names):
        for b in names[:n]:
            if simulated.group[a] != simulated.group[b]:
                continue
            pairs += 1
            error = (found[a]["score"] - found[b]["score"]) - (
                simulated.truth[a] - simulated.truth[b]
            )
            held += abs(error) <= 1.645 * math.hypot(found[a]["se"], found[b]["se"])
    return held / pairs


@pytest.mark.parametrize(("teams", "share"), [(2, 0.85), (1, 0.80)])
def test_it_goes_most_of_the_way_from_the_raw_mean_to_the_exact_fit(
    teams: int, share: float
) -> None:
    raw = mine = exact = raw_e = mine_e = exact_e = 0.0
    for seed in range(7):
        simulated = year(World(teams=teams), seed)
        found = calibrate(simulated.rows)
        by_hand = fitted_by_hand(simulated.rows)
        truth, group = simulated.truth, simulated.group
        means = {b: v["raw"] for b, v in found.items()}
        scores = {b: v["score"] for b, v in found.items()}
        raw += spearman(means, truth, group)
        mine += spearman(scores, truth, group)
        exact += spearman(by_hand, truth, group)
        raw_e += rmse(means, truth, group)
        mine_e += rmse(scores, truth, group)
        exact_e += rmse(by_hand, truth, group)
    assert exact > raw
    assert mine - raw >= share * (exact - raw)
    assert raw_e - mine_e >= share * (raw_e - exact_e)


@pytest.mark.parametrize("teams", [1, 2, 3])
def test_its_pair_intervals_hold_the_truth_as_often_as_they_say(teams: int) -> None:
    measured = _measured(World(teams=teams))
    assert 0.85 <= measured["cover"] <= 0.97
    assert measured["mine"] > measured["raw"]
    assert measured["mine_e"] < measured["raw_e"]


@pytest.mark.parametrize(
    "world",
    [
        World(unequal_scale=0.25),
        World(jump=5.0),
        World(missing=0.15),
        World(jump=4.0, missing=0.1, unequal_scale=0.2),
    ],
    ids=["unequal scales", "jumps", "missing visits", "all at once"],
)
def test_it_helps_and_stays_honest_where_the_model_is_wrong(world: World) -> None:
    measured = _measured(world)
    assert measured["mine"] > measured["raw"] + 0.02
    assert measured["mine_e"] < measured["raw_e"]
    assert 0.82 <= measured["cover"] <= 0.97


def test_without_any_bias_it_does_next_to_nothing() -> None:
    measured = _measured(World(severity_sd=0.0))
    assert measured["mine"] > measured["raw"] - 0.02
    assert measured["mine_e"] < measured["raw_e"] * 1.05


def test_districts_that_never_cross_are_not_compared() -> None:
    simulated = year(World(branches=60, districts=2), 5)
    found = calibrate(simulated.rows)
    assert {v["part"] for v in found.values()} == {0, 1}
    apart = [b for b, v in found.items() if not v["comparable"]]
    assert apart
    for branch in apart:
        assert found[branch]["reason"] == APART
        assert found[branch]["correction"] == 0
        inside = [
            v
            for v in found.values()
            if v["part"] == found[branch]["part"] and v["group"] == found[branch]["group"]
        ]
        if found[branch]["rank"] is not None:
            assert found[branch]["rank"] <= len(inside)
            assert found[branch]["rank_high"] <= len(inside)


def test_the_going_round_ends_where_elimination_ends() -> None:
    simulated = year(World(branches=24), 3)
    exact = solved_exactly(simulated.rows)
    found = fit(simulated.rows)
    for team, severity in exact.items():
        assert found.teams[team].severity == pytest.approx(severity, abs=2e-4)


def test_a_company_of_256_takes_a_fraction_of_its_two_seconds() -> None:
    simulated = year(World(branches=256), 11)
    assert len(simulated.rows) == 256 * 12 * 2
    before = time.process_time()
    calibrate(simulated.rows)
    assert time.process_time() - before < 2


# -- invariances -----------------------------------------------------------------------------


@st.composite
def small_years(draw: Any) -> list[Row]:
    world = World(
        branches=draw(st.sampled_from([9, 12, 18])),
        teams=draw(st.integers(1, 3)),
        months=draw(st.integers(1, 8)),
    )
    return year(world, draw(st.integers(0, 10_000))).rows


def _numbers(found: dict[Any, Any]) -> dict[Any, Any]:
    return {
        key: tuple(value[name] for name in ("score", "raw", "se", "band", "rank", "rank_low"))
        for key, value in found.items()
    }


@settings(max_examples=30)
@given(rows=small_years(), shuffle=st.randoms(use_true_random=False))
def test_the_order_of_rows_is_no_matter(rows: list[Row], shuffle: Random) -> None:
    shuffled = list(rows)
    shuffle.shuffle(shuffled)
    assert _numbers(calibrate(shuffled)) == _numbers(calibrate(rows))
    assert fit(shuffled).input_digest == fit(rows).input_digest


@settings(max_examples=20)
@given(rows=small_years())
def test_names_are_no_matter(rows: list[Row]) -> None:
    def other(name: str) -> str:
        return name[::-1] + "x"

    renamed = [(m, other(j), other(i), "g" + g, s) for m, j, i, g, s in rows]
    found, expected = calibrate(renamed), calibrate(rows)
    for key, value in expected.items():
        twin = found[other(key)]
        assert twin["score"] == pytest.approx(value["score"], abs=1e-9)
        assert twin["se"] == pytest.approx(value["se"], abs=1e-9)
        assert (twin["rank"], twin["band"]) == (value["rank"], value["band"])


@settings(max_examples=20)
@given(rows=small_years(), month=st.integers(0, 6), by=st.sampled_from([-6.0, -2.5, 3.0]))
def test_a_harder_past_month_changes_nothing(rows: list[Row], month: int, by: float) -> None:
    last = max(row[0] for row in rows)
    harder = [(m, j, i, g, s + by if m == month < last else s) for m, j, i, g, s in rows]
    found, expected = calibrate(harder), calibrate(rows)
    for key, value in expected.items():
        assert found[key]["score"] == pytest.approx(value["score"], abs=1e-4)


@settings(max_examples=20)
@given(rows=small_years())
def test_two_marks_less_for_everybody_are_two_marks_less(rows: list[Row]) -> None:
    last = max(row[0] for row in rows)
    lower = [(m, j, i, g, s - 2 if m == last else s) for m, j, i, g, s in rows]
    found, expected = calibrate(lower), calibrate(rows)
    for key, value in expected.items():
        assert found[key]["score"] == pytest.approx(value["score"] - 2, abs=1e-4)
        assert found[key]["rank"] == value["rank"]


@pytest.mark.parametrize("seed", range(5))
def test_a_team_four_marks_harsher_all_year_moves_its_branches_by_at_most_one(seed: int) -> None:
    rows = year(World(), seed).rows
    last = max(row[0] for row in rows)
    team = next(j for m, j, *_rest in rows if m == last)
    harsher = [(m, j, i, g, s - 4 if j == team else s) for m, j, i, g, s in rows]
    found, expected = calibrate(harsher), calibrate(rows)
    visited = {i for m, j, i, _g, _s in rows if m == last and j == team}
    for branch in visited:
        assert abs(found[branch]["score"] - expected[branch]["score"]) <= 1


# -- when not to correct ---------------------------------------------------------------------


def test_one_team_in_the_first_month_is_not_corrected() -> None:
    rows = [(1, f"t{n % 3}", f"b{n}", "g", 80.0 + n) for n in range(9)]
    found = calibrate(rows)
    assert {v["reason"] for v in found.values()} <= {FIRST, APART}
    assert all(v["score"] == v["raw"] for v in found.values())


def test_teams_with_little_history_are_taken_as_neutral() -> None:
    rows = [
        (month, f"old{(n + month) % 4}", f"b{n}", "g", 85.0 + n % 5)
        for month in range(1, 7)
        for n in range(8)
    ]
    rows = [r for r in rows if not (r[0] == 6 and r[2] == "b0")] + [(6, "new", "b0", "g", 70.0)]
    branch = calibrate(rows)["b0"]
    assert branch["reason"] == LITTLE
    assert branch["correction"] == 0
    assert branch["teams"][0]["severity"] == 0


def test_a_correction_beyond_eight_is_held_for_a_person() -> None:
    rng = Random(4)
    rows = []
    for month in range(1, 13):
        for n in range(12):
            for k in range(2):
                team = (n + month * (k + 1) + k) % 12
                bias = -25.0 if team == 3 else 0.0
                rows.append((month, f"t{team}", f"b{n}", "g", 90 + rng.gauss(0, 1) + bias))
    found = fit(rows)
    held = [b for b in found.branches.values() if b.reason == HELD]
    assert held
    for branch in held:
        assert branch.score == branch.raw
        assert abs(branch.withheld) > 8
        assert not branch.comparable


def test_a_contested_sheet_teaches_nothing_but_counts_for_its_branch() -> None:
    rows = year(World(branches=12), 7).rows
    last = max(row[0] for row in rows)
    mine = next(r for r in rows if r[0] == last)
    with_it, without = fit(rows), fit([r for r in rows if r != mine], contested=[mine])
    branch = without.branches[mine[2]]
    assert branch.raw == with_it.branches[mine[2]].raw
    assert without.teams[mine[1]].weight == pytest.approx(with_it.teams[mine[1]].weight - 1)


def test_rows_older_than_a_year_are_left_out() -> None:
    rows = year(World(branches=12, months=14), 2).rows
    last = max(row[0] for row in rows)
    assert _numbers(calibrate(rows)) == _numbers(calibrate([r for r in rows if last - r[0] < 12]))


def test_a_group_under_three_is_listed_and_not_ranked() -> None:
    rows = year(World(branches=12), 9).rows
    last = max(row[0] for row in rows)
    small = sorted({r[2] for r in rows if r[0] == last})[:2]
    rows = [(m, j, i, "tiny" if i in small else "g", s) for m, j, i, _g, s in rows]
    found = calibrate(rows)
    for branch in small:
        assert found[branch]["rank"] is None
        assert found[branch]["band"] is None
    assert all(found[b]["rank"] for b in found if b not in small)


def test_months_may_be_dates_or_text() -> None:
    rows = year(World(branches=9, months=5), 1).rows
    as_text = [(f"2016-{m + 9:02d}" if m < 4 else "2017-01", j, i, g, s) for m, j, i, g, s in rows]
    assert _numbers(calibrate(as_text)) == _numbers(calibrate(rows))


def test_nothing_gives_nothing() -> None:
    assert calibrate([]) == {}


# -- places ----------------------------------------------------------------------------------

scored = st.dictionaries(
    st.integers(0, 99),
    st.tuples(st.floats(60, 100).map(lambda x: round(x, 1)), st.floats(0.1, 4)),
    min_size=1,
    max_size=25,
)


@given(scored)
def test_places_are_what_the_words_say(scores: dict[int, tuple[float, float]]) -> None:
    found = place(scores)
    n = len(scores)
    for key, at in found.items():
        better = [o for o in scores if scores[o][0] > scores[key][0]]
        clearly = [o for o in scores if differs_clearly(scores[o], scores[key])]
        assert at.rank == 1 + len(better)
        assert at.rank_low == 1 + sum(scores[o][0] > scores[key][0] for o in clearly)
        assert at.rank_high == n - sum(scores[o][0] < scores[key][0] for o in clearly)
        assert 1 <= at.rank_low <= at.rank <= at.rank_high <= n


@given(scored)
def test_a_band_begins_with_the_first_clearly_below_its_leader(
    scores: dict[int, tuple[float, float]],
) -> None:
    found = place(scores)
    order = sorted(scores, key=lambda k: (-scores[k][0], str(k)))
    band, leader = 1, order[0]
    for key in order:
        if scores[key][0] < scores[leader][0] and differs_clearly(scores[leader], scores[key]):
            band, leader = band + 1, key
        assert found[key].band == band


def test_reliability_is_the_share_that_is_not_error() -> None:
    assert reliability([(80, 0.0), (85, 0.0), (90, 0.0)]) == 1
    assert reliability([(80, 9.0), (81, 9.0), (82, 9.0)]) == 0
    assert reliability([(80, 1.0), (90, 1.0)]) is None
    assert 0 < (reliability([(80, 2.0), (85, 2.0), (90, 2.0)]) or 0) < 1
