"""The arithmetic of one sheet, by tables (domain.md 2.2)."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluations.scoring import DueState, deduction_points, due_state, item_marks, sheet_score

D = Decimal


@pytest.mark.parametrize(
    ("frequency", "applies", "month", "committee", "groups", "override", "expected"),
    [
        ("M", "", 5, True, 0, "", DueState.DUE),
        ("E", "", 5, True, 0, "", DueState.DUE),
        ("Q", "", 5, True, 0, "", DueState.NOT_DUE),
        ("Q", "", 6, True, 0, "", DueState.DUE),
        ("H", "", 9, True, 0, "", DueState.NOT_DUE),
        ("H", "", 6, True, 0, "", DueState.DUE),
        ("Y", "", 6, True, 0, "", DueState.NOT_DUE),
        ("Y", "", 12, True, 0, "", DueState.DUE),
        ("M", "has_committee", 6, False, 0, "", DueState.NOT_APPLICABLE),
        ("M", "has_groups", 6, True, 0, "", DueState.NOT_APPLICABLE),
        ("M", "has_groups", 6, True, 2, "", DueState.DUE),
        ("Q", "", 5, True, 0, "judged", DueState.DUE),
        ("M", "", 5, True, 0, "not_applicable", DueState.NOT_APPLICABLE),
        ("M", "has_committee", 6, False, 0, "judged", DueState.NOT_APPLICABLE),
    ],
)
def test_what_is_judged_this_month(
    frequency: str,
    applies: str,
    month: int,
    committee: bool,
    groups: int,
    override: str,
    expected: DueState,
) -> None:
    state = due_state(
        frequency=frequency,
        applies_when=applies,
        month_number=month,
        has_committee=committee,
        group_count=groups,
        override=override,
    )
    assert state is expected


@pytest.mark.parametrize(
    ("points", "takes_all", "count", "full", "expected"),
    [
        (D("0.5"), False, 3, D(4), D("1.5")),
        (D(2), False, 5, D(8), D(8)),
        (None, True, 1, D(6), D(6)),
        (D(1), False, 0, D(6), D(0)),
    ],
)
def test_what_a_rule_takes(
    points: Decimal | None, takes_all: bool, count: int, full: Decimal, expected: Decimal
) -> None:
    assert (
        deduction_points(points=points, takes_all=takes_all, count=count, full_marks=full)
        == expected
    )


def test_an_item_never_falls_below_nothing() -> None:
    assert item_marks(D(4), [D(3), D(3)]) == 0


def test_an_item_not_due_keeps_full_marks_or_is_left_out() -> None:
    items = [
        (1, D(60), DueState.DUE),
        (2, D(20), DueState.NOT_DUE),
        (3, D(20), DueState.NOT_APPLICABLE),
    ]
    taken = {1: [D(6)]}
    assert sheet_score(items=items, deductions=taken, scale=False).base == D("94.00")
    assert sheet_score(items=items, deductions=taken, scale=True).base == D("90.00")


def test_scaling_rounds_half_up() -> None:
    items = [(1, D(80), DueState.DUE), (2, D(20), DueState.NOT_DUE)]
    # 79.9 / 80 x 100 = 99.875
    assert sheet_score(items=items, deductions={1: [D("0.1")]}, scale=True).base == D("99.88")


def test_a_sheet_with_nothing_due_scores_a_hundred() -> None:
    items = [(1, D(100), DueState.NOT_APPLICABLE)]
    assert sheet_score(items=items, deductions={}, scale=True).base == 100


marks = st.integers(1, 30).map(D)
tenths = st.integers(0, 400).map(lambda n: D(n) / 10)


@given(st.lists(st.tuples(marks, st.lists(tenths, max_size=4)), min_size=1, max_size=30))
def test_a_score_stays_between_nothing_and_full(rows: list[tuple[Decimal, list[Decimal]]]) -> None:
    items = [(n, full, DueState.DUE) for n, (full, _) in enumerate(rows)]
    taken = {n: points for n, (_, points) in enumerate(rows)}
    score = sheet_score(items=items, deductions=taken, scale=False)
    total = sum((full for full, _ in rows), D(0))
    assert 0 <= score.base <= total
    assert score.base + score.deducted == total
    more = {n: [*points, D(1)] for n, points in taken.items()}
    assert sheet_score(items=items, deductions=more, scale=False).base <= score.base
