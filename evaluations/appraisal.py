"""What a secretary's month comes to: facts in, marks and reasons out. No database.

The items and full marks are those of the rubric in force (domain.md 2.3, SEC_FULL and SEC_PART);
a rubric item's rule is a sentence there, and this is that sentence as arithmetic. An item that
waits for something nobody has entered yet has no marks: the total says what it stands without.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal

from django.utils.translation import gettext as _

LOW_PERCENT = 60


class Verdict(enum.StrEnum):
    """党委点评 at the monthly meeting, and the share of the full marks it is worth: 10, 8, 6, 3
    of 10 for full-time, 5, 4, 3, 1.5 of 5 for part-time secretaries."""

    GOOD = "good"
    FAIRLY_GOOD = "fairly_good"
    AVERAGE = "average"
    POOR = "poor"

    @property
    def share(self) -> Decimal:
        return {
            Verdict.GOOD: Decimal(1),
            Verdict.FAIRLY_GOOD: Decimal("0.8"),
            Verdict.AVERAGE: Decimal("0.6"),
            Verdict.POOR: Decimal("0.3"),
        }[self]


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of one secretary and month. Lists hold sentences, one per occurrence."""

    is_full_time: bool
    month_number: int
    branch_total: Decimal | None = None
    unit_marks: Decimal | None = None
    not_chaired: Sequence[str] = ()
    lectures: int = 0
    study_rate: Decimal | None = None
    talks: int = 0
    team_visits: int = 0
    was_inspector: bool = False
    sent_deputy: bool = False
    had_a_team: bool = True
    late_sheets: Sequence[str] = ()
    overruled: Sequence[str] = ()
    late_records: Sequence[str] = ()
    overdue_findings: Sequence[str] = ()
    returned_findings: Sequence[str] = ()
    verdict: Verdict | None = None
    rating: Decimal | None = None


@dataclass(frozen=True, slots=True)
class ItemResult:
    """One item of the appraisal. ``marks`` None: it waits for ``waits_for``."""

    code: str
    name: str
    full: Decimal
    marks: Decimal | None
    reasons: Sequence[str] = field(default_factory=tuple)
    waits_for: str = ""

    @property
    def taken(self) -> Decimal | None:
        return None if self.marks is None else self.full - self.marks

    @property
    def is_low(self) -> bool:
        """Under 60 % of the full marks: what a table points at."""
        return self.marks is not None and self.marks * 100 < self.full * LOW_PERCENT


@dataclass(frozen=True, slots=True)
class Appraisal:
    """All items of one secretary."""

    items: Sequence[ItemResult]

    @property
    def total(self) -> Decimal:
        return sum((item.marks for item in self.items if item.marks is not None), Decimal(0))

    @property
    def waiting(self) -> Sequence[ItemResult]:
        return [item for item in self.items if item.marks is None]

    @property
    def full_known(self) -> Decimal:
        """Full marks of the items that are known: what ``total`` is out of."""
        return sum((item.full for item in self.items if item.marks is not None), Decimal(0))


@dataclass(frozen=True, slots=True)
class Item:
    """An item of the rubric in force."""

    code: str
    name: str
    full: Decimal


def appraise(items: Sequence[Item], facts: Facts) -> Appraisal:
    """The marks of every item. Raises KeyError for a code that no rule is known of."""
    rules = FULL_TIME if facts.is_full_time else PART_TIME
    return Appraisal([_result(item, rules[item.code], facts) for item in items])


# A rule gives what is taken (or the marks themselves) with reasons, or what it waits for.
@dataclass(frozen=True, slots=True)
class Outcome:
    taken: Decimal | None = None
    marks: Decimal | None = None
    reasons: Sequence[str] = ()
    waits_for: str = ""


Rule = Callable[[Facts, Decimal], Outcome]


def _result(item: Item, rule: Rule, facts: Facts) -> ItemResult:
    outcome = rule(facts, item.full)
    if outcome.waits_for:
        return ItemResult(item.code, item.name, item.full, None, (), outcome.waits_for)
    marks = outcome.marks
    if marks is None:
        marks = max(Decimal(0), item.full - (outcome.taken or Decimal(0)))
    # Not rounded here: a page rounds once, to what it shows.
    marks = min(marks, item.full)
    return ItemResult(item.code, item.name, item.full, marks, tuple(outcome.reasons))


def _branch_total(facts: Facts, full: Decimal) -> Outcome:
    if facts.branch_total is None:
        return Outcome(waits_for=_("本支部当月没有得分"))
    marks = facts.branch_total * full / 100
    return Outcome(marks=marks, reasons=[_("支部%(n)s分") % {"n": _plain(facts.branch_total)}])


def _unit(facts: Facts, full: Decimal) -> Outcome:
    if facts.unit_marks is None:
        return Outcome(waits_for=_("绩效办提供单位业绩得分"))
    marks = facts.unit_marks * full / 100
    return Outcome(marks=marks, reasons=[_("单位业绩%(n)s分") % {"n": _plain(facts.unit_marks)}])


def _each(what: str, points: str) -> Rule:
    """So many points for each occurrence."""

    def rule(facts: Facts, full: Decimal) -> Outcome:
        found: Sequence[str] = getattr(facts, what)
        return Outcome(taken=len(found) * Decimal(points), reasons=found)

    return rule


def _lecture_full_time(facts: Facts, full: Decimal) -> Outcome:
    """Quarter's last month: a lecture of one's own. Other months: attendance at study."""
    if facts.month_number % 3 == 0:
        if facts.lectures:
            return Outcome()
        return Outcome(taken=full, reasons=[_("本季度没有亲自讲党课")])
    if facts.study_rate is not None and facts.study_rate < Decimal("0.9"):
        percent = int((facts.study_rate * 100).quantize(Decimal(1), ROUND_HALF_UP))
        return Outcome(
            taken=Decimal(1), reasons=[_("学习出席率%(n)d%%，低于90%%") % {"n": percent}]
        )
    return Outcome()


def _lecture_part_time(facts: Facts, full: Decimal) -> Outcome:
    if facts.month_number % 6 or facts.lectures:
        return Outcome()
    return Outcome(taken=full, reasons=[_("本半年没有亲自讲党课")])


def _at_least(what: str, wanted: int, points: str, words: str) -> Rule:
    """So many points for each one that is missing from ``wanted``."""

    def rule(facts: Facts, full: Decimal) -> Outcome:
        number = int(getattr(facts, what))
        missing = max(0, wanted - number)
        if not missing:
            return Outcome()
        reason = _("%(what)s%(n)d次，应不少于%(wanted)d次") % {
            "what": _(words),
            "n": number,
            "wanted": wanted,
        }
        return Outcome(taken=missing * Decimal(points), reasons=[reason])

    return rule


def _inspector(facts: Facts, full: Decimal) -> Outcome:
    if not facts.had_a_team:
        return Outcome()  # the branch was asked for no team this month
    if not facts.was_inspector and (facts.is_full_time or not facts.sent_deputy):
        return Outcome(taken=full, reasons=[_("当月没有参加互查")])
    taken = Decimal(len(facts.late_sheets))
    reasons = list(facts.late_sheets)
    if facts.is_full_time:
        taken += Decimal("0.5") * len(facts.overruled)
        reasons += facts.overruled
    return Outcome(taken=taken, reasons=reasons)


def _rectification(facts: Facts, full: Decimal) -> Outcome:
    taken = 3 * len(facts.overdue_findings) + 5 * len(facts.returned_findings)
    return Outcome(
        taken=Decimal(taken), reasons=[*facts.overdue_findings, *facts.returned_findings]
    )


def _comment(facts: Facts, full: Decimal) -> Outcome:
    if facts.verdict is None:
        return Outcome(waits_for=_("月度例会点评"))
    return Outcome(marks=full * facts.verdict.share)


def _rating(facts: Facts, full: Decimal) -> Outcome:
    if facts.rating is None:
        return Outcome(waits_for=_("半年党员群众评议"))
    return Outcome(
        marks=facts.rating * full / 100, reasons=[_("评议%(n)s分") % {"n": _plain(facts.rating)}]
    )


FULL_TIME: Mapping[str, Rule] = {
    "S1": _branch_total,
    "S2": _each("not_chaired", "2.5"),
    "S3": _lecture_full_time,
    "S4": _at_least("talks", 2, "2", "谈心谈话"),
    "S5": _at_least("team_visits", 4, "1", "深入班组"),
    "S6": _inspector,
    "S7": _each("late_records", "0.5"),
    "S8": _rectification,
    "S9": _comment,
    "S10": _rating,
}
PART_TIME: Mapping[str, Rule] = {
    "S1": _branch_total,
    "S2": _unit,
    "S3": _each("not_chaired", "3"),
    "S4": _lecture_part_time,
    "S5": _at_least("talks", 1, "4", "谈心谈话"),
    "S6": _at_least("team_visits", 2, "1.5", "深入班组"),
    "S7": _inspector,
    "S8": _rectification,
    "S9": _comment,
    "S10": _rating,
}


def _plain(value: Decimal) -> str:
    return f"{value.normalize():f}"
