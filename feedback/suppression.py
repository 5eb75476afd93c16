"""Small cells are not shown, nor anything they could be computed from.

A count under the limit can point at somebody ("the one complaint of a team of three"). Hiding it
alone does not help where its row or column shows the sum, so a second cell goes with it
(complementary suppression). Zero is shown: nobody is nobody. Pure functions, no Django.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

Row = TypeVar("Row", bound=Hashable)
Column = TypeVar("Column", bound=Hashable)

LIMIT = 5


@dataclass(frozen=True, slots=True)
class Table:
    """A table as it may be shown: None is hidden. Sums of rows, columns and all are shown, except
    where they are small themselves."""

    rows: tuple[Hashable, ...]
    columns: tuple[Hashable, ...]
    cells: Mapping[tuple[Hashable, Hashable], int | None]
    row_sums: Mapping[Hashable, int | None]
    column_sums: Mapping[Hashable, int | None]
    total: int | None

    @property
    def hides(self) -> bool:
        return None in (*self.cells.values(), *self.row_sums.values(), *self.column_sums.values())


def suppressed(
    counts: Mapping[tuple[Row, Column], int],
    rows: Sequence[Row],
    columns: Sequence[Column],
    *,
    limit: int = LIMIT,
) -> Table:
    """The table of ``counts`` with every count of 1 to ``limit`` - 1 hidden, and enough others
    that no hidden one can be computed from the sums, not even with the others it stands with.

    Missing cells count 0. Sums belong to the table: a row sum is a cell of a further column.
    """
    # The table with its sums is a grid whose last row and column are the sums, so that small
    # sums are cells like others: each line adds up to its last cell.
    height, width = len(rows) + 1, len(columns) + 1
    grid = [[counts.get((row, column), 0) for column in columns] for row in rows]
    grid = [[*line, sum(line)] for line in grid]
    grid.append([sum(line[x] for line in grid) for x in range(width)])
    hidden = {(y, x) for y in range(height) for x in range(width) if 0 < grid[y][x] < limit}
    _complement(grid, hidden, limit)
    shown = [
        [None if (y, x) in hidden else grid[y][x] for x in range(width)] for y in range(height)
    ]
    return Table(
        rows=tuple(rows),
        columns=tuple(columns),
        cells={
            (row, column): shown[y][x]
            for y, row in enumerate(rows)
            for x, column in enumerate(columns)
        },
        row_sums={row: shown[y][-1] for y, row in enumerate(rows)},
        column_sums={column: shown[-1][x] for x, column in enumerate(columns)},
        total=shown[-1][-1],
    )


def suppressed_list(counts: Mapping[Row, int], *, limit: int = LIMIT) -> dict[Row, int | None]:
    """The same for one row of counts whose sum is shown."""
    keys = list(counts)
    table = suppressed({(key, ""): count for key, count in counts.items()}, keys, [""], limit=limit)
    return {key: table.cells[key, ""] for key in keys}


def _complement(grid: list[list[int]], hidden: set[tuple[int, int]], limit: int) -> None:
    """Hide more cells until no line gives a hidden one away: a line may not have exactly one
    hidden cell, and what is hidden in it must add up to at least the limit on each side."""
    height, width = len(grid), len(grid[0])
    changed = True
    while changed:
        changed = False
        lines = [[(y, x) for x in range(width)] for y in range(height)]
        lines += [[(y, x) for y in range(height)] for x in range(width)]
        for line in lines:
            gone = [cell for cell in line if cell in hidden]
            if not gone or (len(gone) > 1 and _is_vague(grid, line, gone, limit)):
                continue
            more = _cheapest(grid, line, hidden)
            if more is None:
                continue  # the whole line is hidden or empty: nothing to compute from
            hidden.add(more)
            changed = True


def _is_vague(
    grid: list[list[int]],
    line: Sequence[tuple[int, int]],
    gone: Sequence[tuple[int, int]],
    limit: int,
) -> bool:
    """Whether the sum of what is hidden in the line leaves room: it is not so small that each
    part is known to be. The sum itself (the last cell) stands on the other side."""
    last = line[-1]
    if last in gone:
        return True
    return sum(grid[y][x] for y, x in gone) >= limit


def _cheapest(
    grid: list[list[int]], line: Sequence[tuple[int, int]], hidden: set[tuple[int, int]]
) -> tuple[int, int] | None:
    """The smallest shown cell of the line that is not nobody; sums last."""
    open_cells = [cell for cell in line if cell not in hidden and grid[cell[0]][cell[1]] > 0]
    if not open_cells:
        return None
    height, width = len(grid), len(grid[0])
    return min(
        open_cells,
        key=lambda cell: (cell[0] == height - 1 or cell[1] == width - 1, grid[cell[0]][cell[1]]),
    )
