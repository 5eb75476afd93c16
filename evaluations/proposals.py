"""What the records say about an item before anybody looks: proposed deductions, each with its
fact. The inspector confirms on the spot or does not; a proposal never scores by itself.

Computed anew each time, so a record changed before the lock changes the proposal; what is
written after it is a late entry and says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from branches.duty_facts import DutyCell, DutyState
from branches.duty_rules import RULES
from branches.meetings import is_below
from branches.models import Duty
from evaluations.item_facts import ItemFact

CODES = {rule.item_code for rule in RULES if rule.item_code}


@dataclass(frozen=True, slots=True)
class Proposal:
    """``rule_id`` is the deduction rule it would go to, None when it is only worth knowing."""

    fact: str
    rule_id: int | None = None
    count: int = 1


# Words of a deduction rule by what they are about. The rubrics may be reworded: a rule that has
# none of these words gets no proposal, and the fact is shown all the same.
_NOT_DONE = {
    Duty.DOCUMENT_RELAY: ("未传达",),
    Duty.PARTY_LECTURE: ("仍未开展", "未开展"),
    Duty.IDEOLOGY_REVIEW: ("未分析",),
    Duty.GENERAL_MEETING: ("未召开",),
    Duty.COMMITTEE_MEETING: ("未召开",),
    Duty.GROUP_MEETING: ("缺开",),
    Duty.THEMED_DAY: ("未开展",),
    Duty.ORG_LIFE_MEETING: ("未开展",),
    Duty.MEMBER_APPRAISAL: ("未开展",),
    Duty.HEART_TALKS: ("覆盖率低于50%",),
    Duty.RE_ELECTION: ("到期未换届",),
    Duty.DUES: ("未按月交纳",),
    Duty.SAFETY_TALK: ("未讲评",),
}


def proposals_of(
    code: str, cells: Sequence[DutyCell], rules: Sequence[tuple[int, str]]
) -> list[Proposal]:
    """Proposals for the item ``code`` from the branch's duty cells; ``rules`` are the item's
    deduction rules (key, text)."""
    found = []
    for cell in cells:
        if cell.rule.item_code == code and cell.state != DutyState.NOT_APPLICABLE:
            found += _of_cell(cell, rules)
    return found


def proposal_of(fact: ItemFact, rules: Sequence[tuple[int, str]]) -> Proposal:
    """The proposal that a fact kept elsewhere makes."""
    return Proposal(fact.fact, _rule(rules, *fact.words), fact.count)


def _rule(rules: Sequence[tuple[int, str]], *words: str) -> int | None:
    return next((key for word in words for key, text in rules if word in text), None)


def _of_cell(cell: DutyCell, rules: Sequence[tuple[int, str]]) -> list[Proposal]:
    label = cell.rule.label
    if cell.state == DutyState.OVERDUE:
        fact = _("%(label)s到%(day)s没有做：%(note)s。") % {
            "label": label,
            "day": f"{cell.due_on.month}月{cell.due_on.day}日" if cell.due_on else "",
            "note": cell.note,
        }
        count = max(1, cell.missing_count)
        return [Proposal(fact, _rule(rules, *_NOT_DONE.get(cell.duty, ())), count)]
    if cell.state == DutyState.TO_VERIFY:
        words = ("到会不足半数",) if "表决无效" in cell.note else ("记录要素缺项", "整改清单缺失")
        return [Proposal(f"{label}：{cell.note}。", _rule(rules, *words))]
    if cell.state == DutyState.LATE_ENTRY:
        fact = _("%(label)s是锁定后补录的。%(note)s。") % {"label": label, "note": cell.note}
        return [Proposal(fact)]
    if cell.is_fulfilled and cell.is_warning:
        return [Proposal(f"{label}：{cell.note}。", _warned(cell, rules))]
    if cell.is_left:
        return [Proposal(_("%(label)s还没有做，%(note)s。") % {"label": label, "note": cell.note})]
    return []


def _warned(cell: DutyCell, rules: Sequence[tuple[int, str]]) -> int | None:
    """The rule of a low attendance or of hours behind the schedule; the harder one excludes the
    other (不与上项叠加)."""
    if cell.duty == Duty.THEMED_DAY:
        hard = is_below(cell.present, cell.expected, 60)
        return _rule(rules, "出席率低于60%" if hard else "出席率低于80%")
    if cell.duty == Duty.GROUP_STUDY:
        hard = cell.percent_of_plan < 60
        return _rule(rules, "低于序时进度60%" if hard else "低于序时进度80%")
    return None
