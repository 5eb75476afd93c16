"""Where a duty stands: facts and proofs in, a cell out, without database or clock.

What is due less often than monthly is amber
only in its period's last month and overdue only after its last day. Facts are those of the
month's last day, so a committee, group, tier or type that changes later changes no month before.
The portal hints; whether a branch really did its duty people judge on the spot.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from django.utils.translation import gettext as _

from branches.duty_facts import BranchFacts, DutyCell, DutyState, Proof, TalkFacts
from branches.duty_rules import Rule, fixed_day
from branches.meetings import has_quorum, is_below, percent
from branches.models.records import Duty
from portal.kernel.marks import one_decimal
from portal.kernel.months import Month

THEMED_DAY_PERCENT = 80
SOON_WORKDAYS = 3
STUDY_PERCENT = 80  # of the schedule, under which the running total is marked (A2)
TERM_WARNINGS = (6, 3, 1)  # months before a term ends (domain.md 3)
NEW_BRANCH_DAYS = 30  # a branch founded later than this before the last day owes nothing yet


def in_force(rule: Rule, facts: BranchFacts) -> Rule:
    """The rule as the branch's committee has set it: how often a lecture is due."""
    if rule.duty == Duty.PARTY_LECTURE and facts.lecture_frequency != rule.frequency:
        return replace(rule, frequency=facts.lecture_frequency)
    return rule


def applies(rule: Rule, facts: BranchFacts) -> bool:
    """Whether a branch owes the duty at all. Branches out of the ranking (retired comrades)
    owe the reduced set; without a committee or groups their meetings fall away."""
    if facts.branch_type not in rule.only_types:
        return False
    if facts.is_exempt and not rule.for_exempt:
        return False
    if rule.duty == Duty.COMMITTEE_MEETING:
        return facts.has_committee
    if rule.duty == Duty.GROUP_MEETING:
        return bool(facts.groups)
    if rule.duty == Duty.DUES:
        return facts.dues.owed > 0
    if rule.duty == Duty.HEART_TALKS:
        return facts.talks is None or facts.talks.owed > 0
    return True


def period_start(rule: Rule, month: Month) -> dt.date:
    """From when a record counts for ``month``: the period's first day, or when it opens."""
    last = rule.last_month(month)
    if rule.opens is not None:
        months, day = rule.opens
        return last.plus(months).first_day.replace(day=day)
    return last.plus(1 - max(rule.every, 1)).first_day


def due_date(rule: Rule, facts: BranchFacts, month: Month) -> dt.date:
    """The last day on which the duty is in time."""
    if rule.duty == Duty.THEMED_DAY and (day := fixed_day(facts.themed_day_rule, month)):
        return day
    last = rule.last_month(month)
    return last.first_day.replace(day=rule.due_day) if rule.due_day else last.last_day


def judge(
    rule: Rule,
    facts: BranchFacts,
    *,
    month: Month,
    today: dt.date,
    soon_until: dt.date,
    proofs: Sequence[Proof],
) -> DutyCell:
    """Where the duty stands on ``today``.

    ``soon_until`` is the day three working days ahead; ``proofs`` are the records of the
    duty's period up to the month's end, oldest first.
    """
    rule = in_force(rule, facts)
    if not applies(rule, facts):
        return DutyCell(rule, DutyState.NOT_APPLICABLE, month, note=_why_not(rule, facts))
    if rule.duty == Duty.RE_ELECTION:
        return _judge_term(rule, facts, month, today)
    due_on = due_date(rule, facts, month)
    if rule.duty == Duty.GROUP_MEETING:
        found = _judge_groups(rule, facts, month, today, soon_until, due_on, proofs)
    elif rule.duty == Duty.DUES:
        found = _judge_dues(rule, facts, month, today, soon_until, due_on)
    elif rule.duty == Duty.HEART_TALKS:
        found = _judge_talks(rule, facts, month, today, soon_until, due_on)
    elif proofs:
        found = _judge_proof(rule, facts, month, due_on, proofs)
    elif rule.duty == Duty.GROUP_STUDY and _is_on_schedule(facts, month):
        found = DutyCell(
            rule, DutyState.DONE, month, due_on=due_on, note=_study_words(facts, month)
        )
    else:
        found = _open_cell(rule, month, today, soon_until, due_on, _hint(rule, facts, due_on))
    if not found.is_fulfilled and _is_too_new(facts, due_on):
        return DutyCell(
            rule,
            DutyState.NOT_APPLICABLE,
            month,
            note=_("支部%(day)s成立，本期不要求") % {"day": facts.since},
        )
    return found


def _is_too_new(facts: BranchFacts, due_on: dt.date) -> bool:
    return facts.since is not None and (due_on - facts.since).days < NEW_BRANCH_DAYS - 1


def _open_cell(
    rule: Rule,
    month: Month,
    today: dt.date,
    soon_until: dt.date,
    due_on: dt.date,
    note: str,
    *,
    is_warning: bool = False,
) -> DutyCell:
    return DutyCell(
        rule,
        _open_state(rule, month, today, soon_until, due_on),
        month,
        due_on=due_on,
        days=(due_on - today).days,
        note=note,
        is_warning=is_warning,
    )


def _open_state(
    rule: Rule, month: Month, today: dt.date, soon_until: dt.date, due_on: dt.date
) -> DutyState:
    if month != rule.last_month(month):
        return DutyState.NOT_DUE
    if today > due_on:
        return DutyState.OVERDUE
    if rule.remind_days:
        is_soon = due_on - today <= dt.timedelta(days=rule.remind_days)
    else:
        is_soon = rule.is_longer and Month.of(today) >= month
    if is_soon or due_on <= soon_until:
        return DutyState.DUE_SOON
    return DutyState.NOT_DUE


def _judge_dues(
    rule: Rule,
    facts: BranchFacts,
    month: Month,
    today: dt.date,
    soon_until: dt.date,
    due_on: dt.date,
) -> DutyCell:
    dues = facts.dues
    if dues.settled < dues.owed:
        note = _("%(owed)d名党员，已交%(settled)d人") % {
            "owed": dues.owed,
            "settled": dues.settled,
        }
        found = _open_cell(rule, month, today, soon_until, due_on, note)
        return replace(found, missing_count=dues.owed - dues.settled)
    note = _("%(count)d人已交") % {"count": dues.settled - dues.exempt}
    if dues.exempt:
        note += _("，%(count)d人减免") % {"count": dues.exempt}
    is_late = dues.last_paid_on is not None and dues.last_paid_on > due_on
    return DutyCell(
        rule,
        DutyState.LATE_ENTRY if is_late else DutyState.DONE,
        month,
        due_on=due_on,
        done_on=dues.last_paid_on,
        note=note + (_("，有人月后才交") if is_late else ""),
        is_warning=is_late,
    )


def _judge_talks(
    rule: Rule,
    facts: BranchFacts,
    month: Month,
    today: dt.date,
    soon_until: dt.date,
    due_on: dt.date,
) -> DutyCell:
    """Half of the year's talks by the end of June, all by the end of December (按半年序时)."""
    talks = facts.talks or TalkFacts(0, 0)
    wanted = 50 if rule.last_month(month).number <= 6 else 100
    note = _("覆盖率%(share)d%%，应达%(wanted)d%%") % {"share": talks.percent, "wanted": wanted}
    if talks.percent < wanted or talks.last_on is None:
        return _open_cell(rule, month, today, soon_until, due_on, note)
    return DutyCell(rule, DutyState.DONE, month, due_on=due_on, done_on=talks.last_on, note=note)


def _judge_term(rule: Rule, facts: BranchFacts, month: Month, today: dt.date) -> DutyCell:
    """Warned six, three and one months before the term ends; counted from one month on. A
    branch whose term nobody entered is for people to look at."""
    term = facts.term
    if term is None:
        return DutyCell(rule, DutyState.TO_VERIFY, month, note=_("还没有登记本届任期"))
    seen_on = min(today, month.last_day)
    days = (term.ends_on - seen_on).days
    # A past month keeps what it judged; the days are counted to today like those of every duty.
    counted_from = seen_on if days >= 0 and term.ends_on < today else today
    ends = _("%(day)s届满") % {"day": zh_full(term.ends_on)}
    if days < 0:
        state, note = DutyState.OVERDUE, _("%(ends)s，没有换届也没有批复") % {"ends": ends}
    elif warned := months_warned(term.ends_on, seen_on):
        state = DutyState.DUE_SOON
        note = _("%(ends)s，不到%(months)d个月") % {"ends": ends, "months": warned}
    else:
        state, note = DutyState.NOT_DUE, ends
    return DutyCell(
        rule,
        state,
        month,
        due_on=term.ends_on,
        days=(term.ends_on - counted_from).days,
        note=note,
        is_warning=state != DutyState.NOT_DUE,
    )


def months_warned(ends_on: dt.date, today: dt.date) -> int:
    """Which warning is on: 1, 3 or 6 months ahead; 0 for none. A month ahead of 31 March is
    28 (29) February."""
    for months in sorted(TERM_WARNINGS):
        if today >= months_before(ends_on, months):
            return months
    return 0


def months_before(day: dt.date, months: int) -> dt.date:
    """The same day ``months`` earlier, or that month's last day."""
    month = Month.of(day).plus(-months)
    return month.first_day.replace(day=min(day.day, month.last_day.day))


def study_schedule(facts: BranchFacts, month: Month) -> Decimal:
    """Hours that should be reached by the month's end (2.7 a month of 32 a year)."""
    return Decimal(facts.study_target * month.number) / 12


def _is_on_schedule(facts: BranchFacts, month: Month) -> bool:
    return facts.study_hours is not None and facts.study_hours >= study_schedule(facts, month)


def _is_behind(facts: BranchFacts, month: Month) -> bool:
    return (
        facts.study_hours is not None
        and facts.study_hours * 100 < study_schedule(facts, month) * STUDY_PERCENT
    )


def _percent_of_plan(facts: BranchFacts, month: Month) -> int:
    """Study hours so far against the schedule, in whole per cent; 100 when nobody counts."""
    if facts.study_hours is None:
        return 100
    return int(facts.study_hours * 100 / study_schedule(facts, month))


def _study_words(facts: BranchFacts, month: Month) -> str:
    return _("本年累计%(hours)s学时，序时%(wanted)s") % {
        "hours": one_decimal(facts.study_hours),
        "wanted": one_decimal(study_schedule(facts, month)),
    }


def zh_full(day: dt.date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def _judge_groups(
    rule: Rule,
    facts: BranchFacts,
    month: Month,
    today: dt.date,
    soon_until: dt.date,
    due_on: dt.date,
    proofs: Sequence[Proof],
) -> DutyCell:
    met = {proof.group_id for proof in proofs}
    missing = [(key, name) for key, name in facts.groups if key not in met]
    count = len(facts.groups)
    if not missing:
        last = proofs[-1]
        late = all(proof.late_reason for proof in proofs)
        return DutyCell(
            rule,
            DutyState.LATE_ENTRY if late else DutyState.DONE,
            month,
            due_on=due_on,
            done_on=last.held_on,
            activity_id=last.activity_id,
            note=_("%(count)d个党小组都已开") % {"count": count},
            group_count=count,
        )
    return DutyCell(
        rule,
        _open_state(rule, month, today, soon_until, due_on),
        month,
        due_on=due_on,
        days=(due_on - today).days,
        note=_("%(count)d个党小组已开%(done)d个") % {"count": count, "done": count - len(missing)},
        missing_groups=tuple(name for _key, name in missing),
        missing_group_ids=tuple(key for key, _name in missing),
        group_count=count,
        missing_count=len(missing),
    )


def _judge_proof(
    rule: Rule, facts: BranchFacts, month: Month, due_on: dt.date, proofs: Sequence[Proof]
) -> DutyCell:
    in_time = [proof for proof in proofs if not proof.late_reason]
    best = max(in_time or proofs, key=lambda p: (not _flaw(rule, p), p.held_on))
    flaw = _flaw(rule, best)
    if flaw:
        state = DutyState.TO_VERIFY
    elif not in_time:
        state = DutyState.LATE_ENTRY
    else:
        state = DutyState.DONE
    low = rule.duty == Duty.THEMED_DAY and is_below(best.present, best.expected, THEMED_DAY_PERCENT)
    low = low or (rule.duty == Duty.GROUP_STUDY and _is_behind(facts, month))
    return DutyCell(
        rule,
        state,
        month,
        due_on=due_on,
        done_on=best.held_on,
        activity_id=best.activity_id,
        note=flaw or _story(rule, facts, month, best, proofs),
        is_warning=bool(flaw) or low,
        expected=best.expected,
        present=best.present,
        percent_of_plan=_percent_of_plan(facts, month),
    )


def _flaw(rule: Rule, proof: Proof) -> str:
    """What a record lacks so that people must look at it; empty when it is whole."""
    if rule.duty == Duty.GENERAL_MEETING and proof.ayes is not None:
        if not has_quorum(proof.voters, proof.voters_present):
            return _("到会有表决权的%(present)d人，不足应到%(expected)d人的半数，表决无效") % {
                "present": proof.voters_present,
                "expected": proof.voters,
            }
    elif rule.duty in {Duty.GENERAL_MEETING, Duty.COMMITTEE_MEETING} and not proof.has_resolution:
        return _("记录缺“决议与落实”，请补上")
    elif rule.duty == Duty.ORG_LIFE_MEETING and not proof.has_resolution:
        return _("记录缺整改清单，请补在“决议与落实”里")
    elif rule.duty == Duty.MEMBER_APPRAISAL and not proof.has_resolution:
        return _("记录缺评议结果，请补在“决议与落实”里")
    return ""


def _story(
    rule: Rule, facts: BranchFacts, month: Month, proof: Proof, proofs: Sequence[Proof]
) -> str:
    """One line that a secretary recognises the record by."""
    if proof.late_reason:
        return _("补录：%(reason)s") % {"reason": proof.late_reason}
    if rule.duty == Duty.THEMED_DAY:
        share = percent(proof.present, proof.expected)
        line = _("应到%(expected)d人，实到%(present)d人，%(share)d%%") % {
            "expected": proof.expected,
            "present": proof.present,
            "share": share,
        }
        if is_below(proof.present, proof.expected, THEMED_DAY_PERCENT):
            line += _("，低于%(line)d%%") % {"line": THEMED_DAY_PERCENT}
        fixed = fixed_day(facts.themed_day_rule, month)
        if fixed and fixed != proof.held_on:
            line += _("；固定日是%(day)s") % {"day": f"{fixed.month}月{fixed.day}日"}
        return line
    if rule.duty == Duty.PARTY_LECTURE:
        return _("%(chair)s主讲，“%(subject)s”") % {
            "chair": proof.chair,
            "subject": proof.subject,
        }
    if rule.duty == Duty.GROUP_STUDY:
        line = _("%(times)d次，最近一次%(hours)s学时") % {
            "times": len(proofs),
            "hours": proof.study_hours,
        }
        return line + "；" + _study_words(facts, month) if facts.study_hours is not None else line
    if Duty.THEMED_DAY in proof.others:
        return _("并入主题党日，一次录入")
    return proof.subject


def _hint(rule: Rule, facts: BranchFacts, due_on: dt.date) -> str:
    if rule.duty == Duty.THEMED_DAY and facts.themed_day_rule:
        return _("固定日：%(rule)s") % {"rule": facts.themed_day_rule}
    if rule.due_day:
        return _("%(day)s前") % {"day": f"{due_on.month}月{due_on.day}日"}
    return _("%(period)s至少1次") % {"period": rule.period_label}


def _why_not(rule: Rule, facts: BranchFacts) -> str:
    if facts.branch_type not in rule.only_types:
        return _("只有生产（服务）型支部")
    if facts.is_exempt and not rule.for_exempt:
        return _("不参评支部不作要求")
    if rule.duty == Duty.COMMITTEE_MEETING:
        return _("正式党员不足7名，不设支委会")
    if rule.duty == Duty.DUES:
        return _("党员的党费在所属支部交")
    if rule.duty == Duty.HEART_TALKS:
        return _("没有应谈的人")
    return _("没有党小组")
