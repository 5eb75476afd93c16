"""What a branch owes in a month, and where it stands: rules without database or clock.

Frequencies and item codes are those of the rubrics (``domain.md`` sections 2.3 and 3; a test
compares them); each rule names what it rests on. What is due less often than monthly is amber
only in its period's last month and overdue only after its last day. Facts are those of the
month's last day, so a committee, group, tier or type that changes later changes no month before.
The portal hints; whether a branch really did its duty people judge on the spot.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from branches.meetings import has_quorum, is_below, percent
from branches.models.organisation import BranchType
from branches.models.records import Duty
from portal.kernel.marks import one_decimal
from portal.kernel.months import Month

THEMED_DAY_PERCENT = 80
SOON_WORKDAYS = 3
STUDY_PERCENT = 80  # of the schedule, under which the running total is marked (A2)
TERM_WARNINGS = (6, 3, 1)  # months before a term ends (domain.md 3)
NEW_BRANCH_DAYS = 30  # a branch founded later than this before the last day owes nothing yet


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


EVERY = {"M": 1, "Q": 3, "H": 6, "Y": 12}
PERIODS = {
    "M": gettext_lazy("每月"),
    "Q": gettext_lazy("每季度"),
    "H": gettext_lazy("每半年"),
    "Y": gettext_lazy("每年"),
    "E": gettext_lazy("按届期"),
}
# In which months a period ends when a rule says nothing else; every month for "M".
_USUAL_END = {"Q": 3, "H": 6, "Y": 12}


@dataclass(frozen=True, slots=True)
class Rule:
    """One duty, how often it is due, and what says so.

    ``frequency`` is that of the rubrics: M month, Q quarter, H half-year, Y year, E event.
    ``ends_in`` is a month in which a period ends (组织生活会 of a year may be held until January:
    1). ``due_day`` is the last day in time within that month, 0 its end. ``opens`` says from when
    a record counts: (months before the period's last month, day); without it from the period's
    first day. ``remind_days`` draws it amber so many days ahead; 0: in the whole last month.
    ``register`` names the register that proves it; all others are proven by ticked records.
    """

    duty: Duty
    frequency: str
    item_code: str = ""
    is_key: bool = False
    only_types: frozenset[str] = frozenset(BranchType.values)
    for_exempt: bool = False
    ends_in: int = 0
    due_day: int = 0
    opens: tuple[int, int] | None = None
    remind_days: int = 0
    register: str = ""
    short: Any = ""
    basis: Any = ""

    @property
    def label(self) -> str:
        return str(self.duty.label)

    @property
    def every(self) -> int:
        """Months in a period; 0 for events."""
        return EVERY.get(self.frequency, 0)

    @property
    def is_quarterly(self) -> bool:
        return self.frequency == "Q"

    @property
    def is_longer(self) -> bool:
        """Due less often than monthly."""
        return self.every > 1

    @property
    def period_label(self) -> str:
        return str(PERIODS[self.frequency])

    def last_month(self, month: Month) -> Month:
        """The last month of the period that ``month`` lies in."""
        if self.every <= 1:
            return month
        ends_in = self.ends_in or _USUAL_END[self.frequency]
        return month.plus((ends_in - month.number) % self.every)


RULES: tuple[Rule, ...] = (
    Rule(
        Duty.DOCUMENT_RELAY,
        "M",
        "A1",
        is_key=True,
        short=gettext_lazy("传达"),
        basis=gettext_lazy("公司考评细则：上级部署10个工作日内传达"),
    ),
    Rule(
        Duty.GROUP_STUDY,
        "M",
        "A2",
        for_exempt=True,
        short=gettext_lazy("学时"),
        basis=gettext_lazy("《党员教育管理工作条例》：党员每年集中学习一般不少于32学时"),
    ),
    Rule(
        Duty.PARTY_LECTURE,
        "Q",
        "A3",
        short=gettext_lazy("党课"),
        basis=gettext_lazy("条例只要求按期，次数由公司在应办事项设置里定"),
    ),
    Rule(
        Duty.IDEOLOGY_REVIEW,
        "Q",
        "A4",
        short=gettext_lazy("思想"),
        basis=gettext_lazy("公司考评细则：每季度分析1次"),
    ),
    Rule(
        Duty.GENERAL_MEETING,
        "Q",
        "B1",
        is_key=True,
        for_exempt=True,
        short=gettext_lazy("大会"),
        basis=gettext_lazy("《支部工作条例》第十一条：一般每季度召开1次"),
    ),
    Rule(
        Duty.COMMITTEE_MEETING,
        "M",
        "B2",
        short=gettext_lazy("支委会"),
        basis=gettext_lazy("《支部工作条例》：一般每月召开1次；正式党员不足7名不设支委会"),
    ),
    Rule(
        Duty.GROUP_MEETING,
        "M",
        "B3",
        short=gettext_lazy("党小组"),
        basis=gettext_lazy("《支部工作条例》：党小组会一般每月召开1次"),
    ),
    Rule(
        Duty.THEMED_DAY,
        "M",
        "B4",
        is_key=True,
        for_exempt=True,
        short=gettext_lazy("党日"),
        basis=gettext_lazy("《支部工作条例》第十六条：每月相对固定1天开展主题党日"),
    ),
    Rule(
        Duty.ORG_LIFE_MEETING,
        "Y",
        "B5",
        for_exempt=True,
        ends_in=1,
        opens=(-3, 1),
        short=gettext_lazy("组织生活会"),
        basis=gettext_lazy("《支部工作条例》第十七条：每年至少1次，一般在第四季度，可延到次年1月"),
    ),
    Rule(
        Duty.MEMBER_APPRAISAL,
        "Y",
        "B5",
        for_exempt=True,
        ends_in=1,
        opens=(-3, 1),
        short=gettext_lazy("民主评议"),
        basis=gettext_lazy("《支部工作条例》第十八条：一般每年1次，可以结合组织生活会"),
    ),
    Rule(
        Duty.HEART_TALKS,
        "H",
        "B6",
        register="talks",
        short=gettext_lazy("谈心"),
        basis=gettext_lazy("《支部工作条例》第十九条：每年谈心谈话不少于1次；按半年查序时覆盖率"),
    ),
    Rule(
        Duty.RE_ELECTION,
        "E",
        "C1",
        for_exempt=True,
        register="terms",
        short=gettext_lazy("换届"),
        basis=gettext_lazy("《基层组织选举工作条例》：任期3年，延期须批准且不超过1年"),
    ),
    Rule(
        Duty.DUES,
        "M",
        "C3",
        for_exempt=True,
        register="dues",
        short=gettext_lazy("党费"),
        basis=gettext_lazy("《关于中国共产党党费收缴、使用和管理的规定》：按月交纳"),
    ),
    Rule(
        Duty.SAFETY_TALK,
        "M",
        "D2",
        only_types=frozenset({BranchType.PRODUCTION.value}),
        short=gettext_lazy("安全讲评"),
        basis=gettext_lazy("公司考评细则：每月讲评1次"),
    ),
    Rule(
        Duty.WORK_REPORT,
        "Y",
        ends_in=1,
        opens=(-1, 1),
        short=gettext_lazy("述职"),
        basis=gettext_lazy("党支部书记抓党建述职评议考核：每年1次"),
    ),
    Rule(
        Duty.YEAR_PLAN,
        "Y",
        ends_in=1,
        due_day=20,
        opens=(-1, 15),
        remind_days=7,
        short=gettext_lazy("年计划"),
        basis=gettext_lazy("公司规定：12月15日至次年1月20日报年度计划，提前7天提醒"),
    ),
    Rule(
        Duty.YEAR_SUMMARY,
        "Y",
        ends_in=1,
        due_day=20,
        opens=(-1, 15),
        remind_days=7,
        short=gettext_lazy("年总结"),
        basis=gettext_lazy("公司规定：12月15日至次年1月20日报年度总结，提前7天提醒"),
    ),
    Rule(
        Duty.QUARTER_PLAN,
        "Q",
        ends_in=1,
        due_day=10,
        opens=(-1, 15),
        remind_days=7,
        short=gettext_lazy("季计划"),
        basis=gettext_lazy("公司规定：每季度首月10日前报季度计划，提前7天提醒"),
    ),
)
RULE_OF = {rule.duty.value: rule for rule in RULES}
TICKABLE = tuple(rule.duty for rule in RULES if not rule.register)


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


# -- the fixed themed day ---------------------------------------------------------------------

_NUMBERS = {c: n for n, c in enumerate("一二三四五", start=1)} | {str(n): n for n in range(1, 6)}
_WEEKDAYS = {c: n for n, c in enumerate("一二三四五六日")} | {"天": 6}
_NTH = re.compile(r"^每月第?(最后一|[一二三四五1-5])个?(?:周|星期)([一二三四五六日天])$")
_DAY = re.compile(r"^每月(?:固定)?(\d{1,2})[日号]$")


def fixed_day(rule: str, month: Month) -> dt.date | None:
    """The day that ``每月第二个周五``, ``每月最后一个周三`` or ``每月5日`` means in ``month``.

    None for words the portal can't read: then only the month's end counts.
    """
    text = re.sub(r"\s", "", rule)
    if found := _DAY.match(text):
        number = int(found[1])
        if 1 <= number <= month.last_day.day:
            return month.first_day.replace(day=number)
        return None
    if not (found := _NTH.match(text)):
        return None
    weekday = _WEEKDAYS[found[2]]
    days = [
        month.first_day + dt.timedelta(days=n)
        for n in range(month.last_day.day)
        if (month.first_day + dt.timedelta(days=n)).weekday() == weekday
    ]
    if found[1] == "最后一":
        return days[-1]
    number = _NUMBERS[found[1]]
    return days[number - 1] if number <= len(days) else None


# -- judging ----------------------------------------------------------------------------------


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
        days=(term.ends_on - seen_on).days,
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
