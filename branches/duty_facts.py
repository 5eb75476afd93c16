"""What the due rules are told (facts, proofs) and what they answer (cells, rows)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from branches.duty_rules import Rule
from branches.models.records import Duty
from portal.kernel.months import Month


class DutyState(models.TextChoices):
    """Where a duty stands. Computed from records and the date, never stored."""

    OVERDUE = "overdue", gettext_lazy("逾期")
    DUE_SOON = "due_soon", gettext_lazy("临期")
    TO_VERIFY = "to_verify", gettext_lazy("待核实")
    NOT_DUE = "not_due", gettext_lazy("未到期")
    LATE_ENTRY = "late_entry", gettext_lazy("补录")
    DONE = "done", gettext_lazy("已完成")
    NOT_APPLICABLE = "not_applicable", gettext_lazy("不涉及")


ORDER = {state: number for number, state in enumerate(DutyState.values)}
FULFILLED = frozenset({DutyState.DONE, DutyState.LATE_ENTRY})


@dataclass(frozen=True, slots=True)
class DuesFacts:
    """The month's dues: how many members owe, how many are settled (paid or exempt)."""

    owed: int = 0
    settled: int = 0
    exempt: int = 0
    last_paid_on: dt.date | None = None


@dataclass(frozen=True, slots=True)
class TermFacts:
    """The term in force: elected, ends (an approved delay counted in)."""

    elected_on: dt.date
    ends_on: dt.date


@dataclass(frozen=True, slots=True)
class TalkFacts:
    """The year's talks so far."""

    owed: int
    done: int
    last_on: dt.date | None = None

    @property
    def percent(self) -> int:
        return self.done * 100 // self.owed if self.owed else 100


@dataclass(frozen=True, slots=True)
class BranchFacts:
    """What the rules ask about a branch in a month."""

    branch_type: str
    is_exempt: bool
    has_committee: bool
    groups: tuple[tuple[int, str], ...] = ()
    themed_day_rule: str = ""
    since: dt.date | None = None
    lecture_frequency: str = "Q"
    study_target: int = 32
    study_hours: Decimal | None = None
    dues: DuesFacts = DuesFacts()
    talks: TalkFacts | None = None
    term: TermFacts | None = None


@dataclass(frozen=True, slots=True)
class Proof:
    """A record that ticks the duty."""

    activity_id: int
    held_on: dt.date
    subject: str
    group_id: int | None = None
    expected: int = 0
    present: int = 0
    voters: int = 0
    voters_present: int = 0
    ayes: int | None = None
    has_resolution: bool = True
    late_reason: str = ""
    study_hours: str = ""
    chair: str = ""
    others: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DutyCell:
    """One duty of one branch in one month."""

    rule: Rule
    state: DutyState
    month: Month
    due_on: dt.date | None = None
    days: int = 0
    done_on: dt.date | None = None
    activity_id: int | None = None
    note: str = ""
    is_warning: bool = False
    missing_groups: tuple[str, ...] = ()
    missing_group_ids: tuple[int, ...] = ()
    group_count: int = 0
    missing_count: int = 0
    expected: int = 0
    present: int = 0
    percent_of_plan: int = 100

    @property
    def duty(self) -> Duty:
        return self.rule.duty

    @property
    def is_fulfilled(self) -> bool:
        return self.state in FULFILLED

    @property
    def is_open(self) -> bool:
        """Something is left to do, this month or later in the quarter."""
        return self.state not in FULFILLED and self.state != DutyState.NOT_APPLICABLE

    @property
    def counts(self) -> bool:
        """Whether the month's total counts it: done, or due by the month's end."""
        if self.state == DutyState.NOT_APPLICABLE:
            return False
        is_due = self.due_on is not None and self.due_on <= self.month.last_day
        if self.rule.every == 12 and self.is_fulfilled:  # a year's duty counts once, not monthly
            return is_due or (self.done_on is not None and Month.of(self.done_on) == self.month)
        return self.is_fulfilled or is_due

    @property
    def is_left(self) -> bool:
        """Counted and not done."""
        return self.counts and not self.is_fulfilled

    @property
    def days_overdue(self) -> int:
        return max(0, -self.days)

    @property
    def period(self) -> str:
        """The period in words: ``第二季度``, ``上半年``, ``2017年度``."""
        last = self.rule.last_month(self.month)
        if self.rule.frequency == "Q":
            return _("第%(quarter)s季度") % {"quarter": _("一二三四")[(last.number - 1) // 3]}
        if self.rule.frequency == "H":
            return _("上半年") if last.number <= 6 else _("下半年")
        if self.rule.frequency == "Y":
            # What may be handed in until January belongs to the year before; a plan to its own.
            is_before = last.number == 1 and self.rule.duty != Duty.YEAR_PLAN
            return _("%(year)d年度") % {"year": last.year - is_before}
        return last.label

    @property
    def title(self) -> str:
        """How people call it this month: ``第三党小组6月党小组会``, ``党课（第二季度）``."""
        label = self.rule.label
        if self.rule.duty == Duty.GENERAL_MEETING or not self.rule.every:
            return label
        if self.rule.is_longer:
            return _("%(label)s（%(period)s）") % {"label": label, "period": self.period}
        if self.rule.duty == Duty.GROUP_MEETING and len(self.missing_groups) == 1:
            return _("%(group)s%(month)d月%(label)s") % {
                "group": self.missing_groups[0],
                "month": self.month.number,
                "label": label,
            }
        if self.is_open:
            return _("%(month)d月%(label)s") % {"month": self.month.number, "label": label}
        return label


@dataclass(frozen=True, slots=True)
class DutyRow:
    """All duties of one branch in one month, in the order of the rules."""

    branch_id: int
    name: str
    parent_id: int | None
    tier: str
    branch_type: str
    is_exempt: bool
    cells: tuple[DutyCell, ...] = field(default_factory=tuple)
    committee_id: int = 0

    def of(self, rules: Sequence[Rule]) -> tuple[DutyCell, ...]:
        """The cells of ``rules``, in their order."""
        by_duty = {cell.duty: cell for cell in self.cells}
        return tuple(by_duty[rule.duty] for rule in rules)

    def in_state(self, *states: str) -> list[DutyCell]:
        return [cell for cell in self.cells if cell.state in states]

    @property
    def due_count(self) -> int:
        return sum(cell.counts for cell in self.cells)

    @property
    def done_count(self) -> int:
        return sum(cell.counts and cell.is_fulfilled for cell in self.cells)

    @property
    def left(self) -> list[DutyCell]:
        """What is still to do this month, the most urgent first."""
        open_cells = [cell for cell in self.cells if cell.is_left]
        return sorted(open_cells, key=lambda c: (ORDER[c.state], c.due_on or dt.date.max))

    @property
    def missing_count(self) -> int:
        return len(self.left)

    @property
    def overdue_count(self) -> int:
        return len(self.in_state(DutyState.OVERDUE))
