"""Keeping the monthly tally beside the rows it is the sum of.

A write brackets itself: :func:`Ledger.before`, the write, :func:`Ledger.after`. The difference
between the counted rows before and after is added to the tally by an upsert, so that two writes
at once add up whatever their order.
"""

# ruff: noqa: S608 - the statements are files and constants of ours; values are parameters
from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Collection
from functools import cache
from pathlib import Path
from typing import Any

from django.db import connection

from servicecrew.models import CrewTally

SQL_DIR = Path(__file__).parent / "sql"
KEYS = (
    "crew_id",
    "month",
    "county",
    "service_kind",
    "sub_kind",
    "operation_key",
    "goal",
    "is_verified",
    "is_opening",
)
MEASURES = (
    "turnouts",
    "person_times",
    "vehicle_times",
    "timed",
    "in_time",
    "asked",
    "satisfied",
    "customers_restored",
    "lines_restored",
    "minutes_out",
)
BATCH = 500

_Cells = dict[tuple[Any, ...], Counter[str]]


@cache
def count_rows() -> str:
    """The one definition of what counts, without its comments."""
    text = (SQL_DIR / "count_rows.sql").read_text(encoding="utf-8")
    return "\n".join(line for line in text.splitlines() if not line.startswith("--"))


def _month(day: Any) -> dt.date:
    day = dt.date.fromisoformat(day[:10]) if isinstance(day, str) else day
    return dt.date(day.year, day.month, 1)


def cells_of(where: str, parameters: Collection[Any]) -> _Cells:
    """Counted rows that fit ``where`` (columns of the definition), summed by key."""
    sums = ", ".join(f"SUM({name})" for name in MEASURES)
    dims = "crew_id, day, county, service_kind, sub_kind, operation_key, goal, is_verified"
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {dims}, is_opening, {sums} FROM ({count_rows()}) counted"
            f" WHERE {where} GROUP BY {dims}, is_opening",
            list(parameters),
        )
        rows = cursor.fetchall()
    found: _Cells = {}
    for row in rows:
        key = list(row[: len(KEYS)])
        key[1] = _month(key[1])
        key[7], key[8] = bool(key[7]), bool(key[8])
        cell = found.setdefault(tuple(key), Counter())
        for name, value in zip(MEASURES, row[len(KEYS) :], strict=True):
            cell[name] += int(value or 0)
    return found


def add_to_tally(cells: _Cells) -> None:
    """Add the differences; rows are locked in the order of their keys."""
    rows = [
        [*key, *(cell[name] for name in MEASURES)]
        for key, cell in sorted(cells.items(), key=lambda item: str(item[0]))
        if any(cell.values())
    ]
    table = CrewTally._meta.db_table
    columns = (*KEYS, *MEASURES)
    adding = ", ".join(f"{m} = {table}.{m} + excluded.{m}" for m in MEASURES)
    with connection.cursor() as cursor:
        for first in range(0, len(rows), BATCH):
            batch = rows[first : first + BATCH]
            places = ", ".join("(" + ", ".join(["%s"] * len(columns)) + ")" for _row in batch)
            cursor.execute(
                f"INSERT INTO {table} ({', '.join(columns)}) VALUES {places}"
                f" ON CONFLICT ({', '.join(KEYS)}) DO UPDATE SET {adding}",
                [value for row in batch for value in row],
            )


class Ledger:
    """Brackets a write to some turnouts (by key)::

    with Ledger([turnout.pk]):
        ...write...
    """

    def __init__(self, turnout_ids: Collection[int]) -> None:
        self.ids = list(turnout_ids)

    def _cells(self) -> _Cells:
        if not self.ids:
            return {}
        marks = ", ".join(["%s"] * len(self.ids))
        return cells_of(f"turnout_id IN ({marks})", self.ids)

    def __enter__(self) -> Ledger:
        self.before = self._cells()
        return self

    def __exit__(self, failed: type[BaseException] | None, *rest: object) -> None:
        if failed is not None:
            return
        change = self._cells()
        for key, cell in self.before.items():
            change.setdefault(key, Counter()).subtract(cell)
        add_to_tally(change)


def recount() -> int:
    """Count everything anew. Returns how many cells of the tally had been wrong (0 in a healthy
    portal). Inside the caller's transaction."""
    right = cells_of("1 = 1", ())
    kept = {
        tuple(row[: len(KEYS)]): Counter(dict(zip(MEASURES, row[len(KEYS) :], strict=True)))
        for row in CrewTally.objects.values_list(*KEYS, *MEASURES)
    }
    change: _Cells = {}
    for key in {*right, *kept}:
        difference = Counter(right.get(key, Counter()))
        difference.subtract(kept.get(key, Counter()))
        if any(difference.values()):
            change[key] = difference
    add_to_tally(change)
    return len(change)
