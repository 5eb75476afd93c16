"""Scoring of one sheet: numbers in, numbers out. No Django, no clock, no database.

The whole company's standing is computed by the database (``evaluations/sql``); this module
is the same arithmetic for one sheet, for the screen and for the seal, and the reference the
SQL is tested against. Source of every rule: domain.md 2.2.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

HUNDREDTH = Decimal("0.01")
HUNDRED = Decimal(100)


class DueState(enum.StrEnum):
    """Whether an item is judged this month."""

    DUE = "due"
    NOT_DUE = "not_due"  # a quarter's, half-year's or year's item outside its last month
    NOT_APPLICABLE = "not_applicable"  # no committee, no groups, or said so by the inspector


def due_state(
    *,
    frequency: str,
    applies_when: str,
    month_number: int,
    has_committee: bool,
    group_count: int,
    override: str = "",
) -> DueState:
    """Whether an item with this ``frequency`` (M, Q, H, Y, E) is judged in month 1..12.

    ``override`` is what the inspector said on the sheet: ``not_applicable``, or ``judged``
    for an item that was done before it fell due. A branch without a committee (under seven
    full members) owes no committee meeting, one without groups no group meeting.
    """
    if override == "not_applicable":
        return DueState.NOT_APPLICABLE
    if applies_when == "has_committee" and not has_committee:
        return DueState.NOT_APPLICABLE
    if applies_when == "has_groups" and group_count == 0:
        return DueState.NOT_APPLICABLE
    if override == "judged":
        return DueState.DUE
    last_month_every = {"Q": 3, "H": 6, "Y": 12}.get(frequency, 1)
    return DueState.DUE if month_number % last_month_every == 0 else DueState.NOT_DUE


def deduction_points(
    *, points: Decimal | None, takes_all: bool, count: int, full_marks: Decimal
) -> Decimal:
    """What a rule takes when it is applied ``count`` times: points x count or everything,
    never more than the item's full marks."""
    if count <= 0:
        return Decimal(0)
    if takes_all or points is None:
        return full_marks
    return min(full_marks, points * count)


def item_marks(full_marks: Decimal, deducted: Iterable[Decimal]) -> Decimal:
    """An item's marks: max(0, full - sum of deductions)."""
    return max(Decimal(0), full_marks - sum(deducted, Decimal(0)))


@dataclass(frozen=True, slots=True)
class ItemScore:
    """One item on one sheet."""

    item_id: int
    full_marks: Decimal
    state: DueState
    marks: Decimal


@dataclass(frozen=True, slots=True)
class SheetScore:
    """A whole sheet: per item, and the base score out of 100 before any bonus."""

    items: tuple[ItemScore, ...]
    base: Decimal
    deducted: Decimal
    lines: int


def sheet_score(
    *,
    items: Iterable[tuple[int, Decimal, DueState]],
    deductions: Mapping[int, Iterable[Decimal]],
    scale: bool,
) -> SheetScore:
    """Score a sheet.

    ``items``: (id, full marks, state). ``deductions``: points per item id. With ``scale``
    False an item that is not due or not applicable keeps its full marks; with True such
    items are left out and the rest is scaled to 100 (half up to a hundredth). A sheet on
    which nothing at all is due scores 100.
    """
    scored: list[ItemScore] = []
    total = full = due_marks = due_full = Decimal(0)
    lines = 0
    for item_id, full_marks, state in items:
        taken = list(deductions.get(item_id, ()))
        marks = item_marks(full_marks, taken) if state is DueState.DUE else full_marks
        lines += len(taken)
        scored.append(ItemScore(item_id, full_marks, state, marks))
        total += marks
        full += full_marks
        if state is DueState.DUE:
            due_marks += marks
            due_full += full_marks
    base = total
    if scale:
        base = HUNDRED if not due_full else due_marks * HUNDRED / due_full
    base = base.quantize(HUNDREDTH, rounding=ROUND_HALF_UP)
    return SheetScore(tuple(scored), base, full - total, lines)
