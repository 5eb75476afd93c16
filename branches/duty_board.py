"""The officers' board: branches x duties of a month, from one reading of the rules."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from branches.duty_cells import duty_cell, duty_columns
from branches.duty_facts import DutyCell, DutyRow, DutyState
from branches.duty_matrix import duty_matrix
from branches.duty_rules import Rule
from branches.models import Branch, BranchType, Committee
from portal.documents.excel import Column, Kind, Sheet
from portal.kernel import ui
from portal.kernel.months import Month
from portal.kernel.words import days_words

if TYPE_CHECKING:
    from portal.accounts.models import User

LONG = 40  # rows from which the board scrolls in its own window


@dataclass(frozen=True, slots=True)
class Missing:
    """A branch with something left, for the phone's list."""

    row: DutyRow
    words: str
    status: ui.Status
    url: str


@dataclass(frozen=True, slots=True)
class Board:
    """What is due in a month, seen on a day."""

    month: Month
    today: dt.date
    rules: tuple[Rule, ...]
    rows: tuple[DutyRow, ...]
    shown: tuple[DutyRow, ...]
    matrix: ui.Matrix
    missing: tuple[Missing, ...]
    committees: tuple[Committee, ...]

    @property
    def due_count(self) -> int:
        return sum(row.due_count for row in self.rows)

    @property
    def done_count(self) -> int:
        return sum(row.done_count for row in self.rows)

    @property
    def left_count(self) -> int:
        return self.due_count - self.done_count

    @property
    def overdue_count(self) -> int:
        return sum(row.overdue_count for row in self.rows)

    @property
    def is_long(self) -> bool:
        return len(self.shown) > LONG


def duty_board(
    user: User,
    *,
    month: Month,
    today: dt.date,
    branch_type: str = "",
    committee_id: int | None = None,
    text: str = "",
    only_missing: bool = False,
) -> Board:
    """The board of the branches whose inside ``user`` sees. Two queries for any number of
    branches: those of the matrix, and the committees of the filter."""
    branches = Branch.objects.overseen_by(user)
    if committee_id is not None:
        branches = branches.filter(committee=committee_id)
    if text:
        branches = branches.filter(Q(name__icontains=text) | Q(short_name__icontains=text))
    found = duty_matrix(branches=branches, month=month, today=today)
    rows = tuple(r for r in found.rows if not branch_type or r.branch_type == branch_type)
    shown = tuple(row for row in rows if row.missing_count or not only_missing)
    return Board(
        month=month,
        today=today,
        rules=found.rules,
        rows=rows,
        shown=shown,
        matrix=_matrix(found.rules, shown),
        missing=_missing(rows),
        committees=tuple(
            Committee.objects.filter(branches__in=Branch.objects.overseen_by(user)).distinct()
        ),
    )


def _matrix(rules: Sequence[Rule], rows: Sequence[DutyRow]) -> ui.Matrix:
    groups = []
    for value, label in BranchType.choices:
        mine = [row for row in rows if row.branch_type == value]
        if mine:
            lines = [
                ui.MatrixRow(
                    name=row.name,
                    cells=[duty_cell(cell, row.branch_id) for cell in row.of(rules)],
                    missing=row.missing_count,
                    url=reverse("branches:record-list", args=[row.branch_id]),
                    indent=row.parent_id is not None,
                )
                for row in mine
            ]
            groups.append(ui.MatrixGroup(label, lines, note=_("%(n)d 个") % {"n": len(mine)}))
    return ui.Matrix(columns=duty_columns(rules), groups=groups, caption=_("支部与应办事项"))


def _missing(rows: Sequence[DutyRow]) -> tuple[Missing, ...]:
    found = []
    for row in rows:
        left = row.left
        if not left:
            continue
        worst = left[0]
        words = "、".join(cell.rule.label for cell in left[:3])
        if len(left) > 3:
            words += _("等%(n)d项") % {"n": len(left)}
        address = reverse("branches:record-list", args=[row.branch_id])
        found.append(Missing(row, words, status_of(worst), address))
    return tuple(found)


def status_of(cell: DutyCell) -> ui.Status:
    """A cell's chip outside the matrix: state and days in words."""
    states: dict[str, ui.State] = {
        DutyState.OVERDUE: "late",
        DutyState.DUE_SOON: "soon",
        DutyState.TO_VERIFY: "doing",
        DutyState.DONE: "done",
        DutyState.LATE_ENTRY: "makeup",
    }
    if cell.state in {DutyState.OVERDUE, DutyState.DUE_SOON}:
        return ui.Status(states[cell.state], days_words(cell.days))
    if cell.state == DutyState.NOT_DUE and cell.counts:
        return ui.Status("idle", days_words(cell.days))
    return ui.Status(states.get(cell.state, "idle"), str(cell.state.label))


def sheet_of(board: Board) -> Sheet:
    """The board as a table of words, exactly what is shown."""
    kinds = dict(BranchType.choices)
    return Sheet(
        name=_("应办事项"),
        columns=[
            Column(_("支部"), width=22),
            Column(_("类型"), width=14),
            *(Column(f"{rule.item_code} {rule.label}".strip(), width=14) for rule in board.rules),
            Column(_("缺"), Kind.INTEGER),
        ],
        rows=[
            (
                row.name,
                kinds[row.branch_type],
                *(_words(cell) for cell in row.of(board.rules)),
                row.missing_count,
            )
            for row in board.shown
        ],
        title=_("%(month)s应办事项") % {"month": board.month.label},
        notes=[
            _("%(n)d 个组织，应办 %(due)d 项，已办 %(done)d 项")
            % {"n": len(board.rows), "due": board.due_count, "done": board.done_count}
        ],
    )


def _words(cell: DutyCell) -> str:
    if cell.state == DutyState.OVERDUE:
        return _("逾期%(n)d天") % {"n": abs(cell.days)}
    return str(cell.state.label)
