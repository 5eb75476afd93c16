"""A score sheet as it stands: every item with its marks, the running score, and its seal.

Reads only, but for :func:`reseal`; the steps of a sheet are in ``services.sheets``.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any

from django.db.models import QuerySet

from evaluations.models import (
    Deduction,
    Inspection,
    ItemCheck,
    NotDuePolicy,
    RubricItem,
    RubricVersion,
    Severity,
)
from evaluations.scoring import DueState, SheetScore, due_state, sheet_score
from portal.kernel.digests import digest
from portal.kernel.together import read_together


@dataclass(frozen=True, slots=True)
class SheetItem:
    """An item on the sheet with everything its card shows. ``state`` may be greyed."""

    item: RubricItem
    state: DueState
    marks: Decimal
    lines: tuple[Deduction, ...]
    check: ItemCheck | None

    @property
    def deducted(self) -> Decimal:
        full_marks: Decimal = self.item.full_marks
        return full_marks - self.marks

    @property
    def is_due(self) -> bool:
        return self.state is DueState.DUE

    @property
    def version(self) -> int:
        """What the next save of this item must carry."""
        return self.check.version if self.check else 0


@dataclass(frozen=True, slots=True)
class SheetState:
    """A whole sheet as it stands: the visit, its items in order, the running score."""

    inspection: Inspection
    items: tuple[SheetItem, ...]
    score: SheetScore

    @property
    def scales(self) -> bool:
        """Whether items not judged are left out and the rest scaled to 100."""
        version = self.inspection.participant.rubric_version
        return bool(version.not_due_policy == NotDuePolicy.SCALE)

    @property
    def unchecked(self) -> tuple[SheetItem, ...]:
        """Items that are judged this month and that nobody has looked at yet."""
        return tuple(i for i in self.items if i.is_due and i.check is None)

    @property
    def key_failures(self) -> tuple[SheetItem, ...]:
        """Key-work items that by this sheet alone would propose a notice (domain.md 2.2)."""
        percent = self.inspection.round.policy.key_fail_percent
        return tuple(i for i in self.items if is_key_failure(i, percent))

    def item(self, item_id: int) -> SheetItem:
        return next(i for i in self.items if i.item.pk == item_id)

    @property
    def lines(self) -> tuple[Deduction, ...]:
        return tuple(line for item in self.items for line in item.lines)


def is_key_failure(entry: SheetItem, fail_percent: int) -> bool:
    """★ item under the line, a ★ rule that takes all, or a ★ fault called critical."""
    if not entry.item.is_key_work or not entry.is_due:
        return False
    return entry.marks * 100 < entry.item.full_marks * fail_percent or any(
        line.count > 0 and (line.rule.takes_all or line.severity == Severity.CRITICAL)
        for line in entry.lines
    )


def _content(version_id: int) -> tuple[RubricItem, ...]:
    return tuple(
        RubricItem.objects.filter(version_id=version_id)
        .select_related("section")
        .prefetch_related("rules")
        .order_by("sort_order")
    )


@lru_cache(maxsize=64)
def _frozen_content(version_id: int, frozen_at: dt.datetime) -> tuple[RubricItem, ...]:
    return _content(version_id)


def rubric_content(version: RubricVersion) -> tuple[RubricItem, ...]:
    """Items of a version in order, with section and rules. A frozen version never changes
    (a database trigger sees to it), so its content is kept for the life of the process, under
    the moment it froze: a freeze that was rolled back says nothing about the next one."""
    if version.frozen_at is None:
        return _content(version.pk)
    return _frozen_content(version.pk, version.frozen_at)


def forget_rubrics() -> None:
    """Drop what :func:`rubric_content` keeps, when the database under it was exchanged."""
    _frozen_content.cache_clear()


def read_sheet(inspection: Inspection, *beside: QuerySet[Any, Any]) -> SheetState:
    """The sheet as it stands. One query, however long the rubric is (and one more for a rubric
    version this process has not read yet); ``beside`` is read in the same one."""
    lines = (
        Deduction.objects.filter(inspection=inspection)
        .select_related("rule", "item")
        .order_by("item__sort_order", "rule__number")
    )
    checks = ItemCheck.objects.filter(inspection=inspection).select_related("checked_by")
    read_together(lines, checks, *beside)
    return assemble(inspection, lines, {check.item_id: check for check in checks})


def assemble(
    inspection: Inspection, lines: Iterable[Deduction], checks: Mapping[int, ItemCheck]
) -> SheetState:
    version = inspection.participant.rubric_version
    content = rubric_content(version)
    by_item: dict[int, list[Deduction]] = defaultdict(list)
    for line in lines:
        by_item[line.item_id].append(line)
    states = {
        item.pk: state_of(inspection, item, checks[item.pk].state if item.pk in checks else "")
        for item in content
    }
    score = sheet_score(
        items=[(i.pk, i.full_marks, states[i.pk]) for i in content],
        deductions={pk: [line.points for line in found] for pk, found in by_item.items()},
        scale=version.not_due_policy == NotDuePolicy.SCALE,
    )
    marks = {s.item_id: s.marks for s in score.items}
    return SheetState(
        inspection,
        tuple(
            SheetItem(
                item=item,
                state=states[item.pk],
                marks=marks[item.pk],
                lines=tuple(by_item[item.pk]),
                check=checks.get(item.pk),
            )
            for item in content
        ),
        score,
    )


def seal(inspection: Inspection) -> None:
    """Set score and digest (unsaved) from the sheet as it stands in the database."""
    state = read_sheet(inspection)
    inspection.score = state.score.base
    inspection.digest = digest(sheet_text(state))


def reseal(inspection: Inspection) -> None:
    """Seal again after an appeal changed a deduction. The caller holds the lock and logs."""
    seal(inspection)
    inspection.save(update_fields=["score", "digest"])


def sheet_text(state: SheetState) -> dict[str, object]:
    """What a sheet's digest covers: who was visited by whom, every line, every override."""
    return {
        "inspection": state.inspection.pk,
        "team": state.inspection.team_id,
        "branch": state.inspection.inspected_branch_id,
        "base": str(state.score.base),
        "lines": [
            [line.item.code, line.rule.number, line.count, str(line.points), line.fact]
            for line in state.lines
        ],
        "overrides": [
            [i.item.code, i.check.state, i.check.reason]
            for i in state.items
            if i.check and i.check.state
        ],
    }


def state_of(inspection: Inspection, item: RubricItem, override: str) -> DueState:
    return due_state(
        frequency=item.frequency,
        applies_when=item.applies_when,
        month_number=inspection.round.period.number,
        has_committee=inspection.participant.has_committee,
        group_count=inspection.participant.group_count,
        override=override,
    )
