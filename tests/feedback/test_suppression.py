"""No hidden count can be computed from what is shown."""

from __future__ import annotations

import itertools
import random

import pytest

from feedback.suppression import Table, suppressed, suppressed_list

ROWS, COLUMNS = ("一班", "二班", "三班"), ("物资", "安全", "后勤")


def table(*lines: tuple[int, ...], limit: int = 5) -> Table:
    counts = {
        (row, column): lines[y][x]
        for y, row in enumerate(ROWS[: len(lines)])
        for x, column in enumerate(COLUMNS[: len(lines[0])])
    }
    return suppressed(counts, ROWS[: len(lines)], COLUMNS[: len(lines[0])], limit=limit)


def test_nothing_small_nothing_hidden() -> None:
    found = table((5, 6, 0), (7, 8, 9), (0, 0, 12))
    assert not found.hides
    assert found.total == 47


def test_one_small_cell_takes_three_with_it() -> None:
    found = table((3, 20, 30), (12, 25, 40), (50, 60, 70))
    hidden = {cell for cell, count in found.cells.items() if count is None}
    assert hidden == {("一班", "物资"), ("一班", "安全"), ("二班", "物资"), ("二班", "安全")}
    assert found.row_sums == {"一班": 53, "二班": 77, "三班": 180}
    assert found.total == 310


def test_zero_is_shown_and_hides_nobody() -> None:
    found = table((0, 20, 30), (12, 0, 40))
    assert not found.hides


def test_a_small_sum_is_hidden_like_a_cell() -> None:
    found = table((1, 1, 0), (30, 30, 30), (40, 40, 40))
    assert found.row_sums["一班"] is None
    assert [found.cells["一班", column] for column in COLUMNS] == [None, None, 0]


def test_a_list_with_its_sum() -> None:
    assert suppressed_list({"a": 2, "b": 9, "c": 30}) == {"a": None, "b": None, "c": 30}
    assert suppressed_list({"a": 6, "b": 9}) == {"a": 6, "b": 9}
    assert suppressed_list({"a": 0, "b": 9}) == {"a": 0, "b": 9}
    assert suppressed_list({}) == {}


def solutions(found: Table, most: int) -> dict[tuple[object, object], set[int]]:
    """Every value that each hidden cell could have, given everything that is shown and that small
    cells are hidden: by trying them all."""
    cells = [(r, c) for r in found.rows for c in found.columns]
    hidden = [cell for cell in cells if found.cells[cell] is None]
    could: dict[tuple[object, object], set[int]] = {cell: set() for cell in hidden}
    for guess in itertools.product(range(most + 1), repeat=len(hidden)):
        trial = {cell: found.cells[cell] for cell in cells} | dict(zip(hidden, guess, strict=True))
        fits = all(
            (want := found.row_sums[r]) is None
            or sum(trial[r, c] or 0 for c in found.columns) == want
            for r in found.rows
        ) and all(
            (want := found.column_sums[c]) is None
            or sum(trial[r, c] or 0 for r in found.rows) == want
            for c in found.columns
        )
        if fits:
            for cell, value in zip(hidden, guess, strict=True):
                could[cell].add(value)
    return could


@pytest.mark.parametrize("seed", range(40))
def test_nobody_can_solve_for_a_hidden_cell(seed: int) -> None:
    chance = random.Random(seed)
    lines = [tuple(chance.choice((0, 1, 2, 3, 4, 5, 6, 7)) for _ in range(3)) for _ in range(2)]
    found = table(*lines, limit=3)
    for cell, values in solutions(found, 9).items():
        assert len(values) > 1, (seed, lines, cell)


def test_every_small_cell_is_hidden_in_random_tables() -> None:
    for seed in range(200):
        chance = random.Random(seed)
        lines = [tuple(chance.randrange(30) for _ in range(3)) for _ in range(3)]
        found = table(*lines)
        for (y, row), (x, column) in itertools.product(enumerate(ROWS), enumerate(COLUMNS)):
            shown = found.cells[row, column]
            assert shown is None or shown == lines[y][x]
            assert shown is None or not 0 < shown < 5
        for sums in (found.row_sums, found.column_sums):
            for axis, total in sums.items():
                if total is None:
                    continue
                line = [found.cells[cell] for cell in found.cells if axis in cell]
                gone = line.count(None)
                # One unknown in a line whose sum is shown is no unknown.
                assert gone != 1, (seed, lines)
