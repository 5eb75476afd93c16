"""The due rules over years: whatever the day, they hold together."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from branches.duties import due_date, judge, months_before, months_warned, period_start
from branches.duty_facts import BranchFacts, DuesFacts, DutyState, Proof, TalkFacts, TermFacts
from branches.duty_rules import RULE_OF, RULES
from branches.models import BranchType, Duty
from portal.kernel.months import Month

YEARS = range(2015, 2029)  # three leap days
MONTHS = [Month(year, number) for year in YEARS for number in range(1, 13)]
TICKED = [rule for rule in RULES if not rule.register]
FACTS = BranchFacts(
    branch_type="production",
    is_exempt=False,
    has_committee=True,
    groups=((1, "第一党小组"),),
    dues=DuesFacts(owed=5),
    talks=TalkFacts(owed=10, done=0),
    term=TermFacts(dt.date(2016, 3, 31), dt.date(2019, 3, 31)),
)
ORDER = [DutyState.NOT_DUE, DutyState.DUE_SOON, DutyState.OVERDUE]
days = st.dates(dt.date(2015, 1, 1), dt.date(2028, 12, 31))
months = st.sampled_from(MONTHS)
rules = st.sampled_from(TICKED)
kinds = st.sampled_from(BranchType.values)


def state(
    rule: object, month: Month, today: dt.date, *proofs: Proof, facts: BranchFacts = FACTS
) -> DutyState:
    return judge(
        rule,  # type: ignore[arg-type]
        facts,
        month=month,
        today=today,
        soon_until=today + dt.timedelta(days=4),
        proofs=proofs,
    ).state


def proof(day: dt.date, **more: object) -> Proof:
    return Proof(activity_id=1, held_on=day, subject="", group_id=1, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.duty.value)
def test_every_month_lies_in_one_period_and_periods_follow_each_other(rule: object) -> None:
    ends = [rule.last_month(month) for month in MONTHS]  # type: ignore[attr-defined]
    every = max(rule.every, 1)  # type: ignore[attr-defined]
    for month, end in zip(MONTHS, ends, strict=True):
        assert month <= end < month.plus(every)
        assert rule.last_month(end) == end  # type: ignore[attr-defined]
    assert len(set(ends)) == pytest.approx(len(MONTHS) / every, abs=1)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.duty.value)
def test_the_last_day_lies_within_the_period(rule: object) -> None:
    for month in MONTHS:
        start, due = period_start(rule, month), due_date(rule, FACTS, month)  # type: ignore[arg-type]
        assert start <= due
        assert Month.of(due) == rule.last_month(month)  # type: ignore[attr-defined]
        if not rule.opens:  # type: ignore[attr-defined]
            assert start <= month.first_day
        if not rule.due_day:  # type: ignore[attr-defined]
            assert due + dt.timedelta(days=1) == Month.of(due).plus(1).first_day


def test_february_ends_on_its_leap_day() -> None:
    relay = RULE_OF["document_relay"]
    assert due_date(relay, FACTS, Month(2016, 2)) == dt.date(2016, 2, 29)
    assert due_date(relay, FACTS, Month(2017, 2)) == dt.date(2017, 2, 28)
    assert state(relay, Month(2016, 2), dt.date(2016, 2, 29)) == DutyState.DUE_SOON
    assert state(relay, Month(2016, 2), dt.date(2016, 3, 1)) == DutyState.OVERDUE


@settings(max_examples=300)
@given(rules, months, days, days)
def test_time_only_makes_it_more_urgent(
    rule: object, month: Month, one: dt.date, other: dt.date
) -> None:
    early, late = sorted((one, other))
    assert ORDER.index(state(rule, month, early)) <= ORDER.index(state(rule, month, late))


@settings(max_examples=300)
@given(rules, months, days)
def test_overdue_exactly_after_the_last_day_of_the_periods_last_month(
    rule: object, month: Month, today: dt.date
) -> None:
    is_last = rule.last_month(month) == month  # type: ignore[attr-defined]
    is_past = today > due_date(rule, FACTS, month)  # type: ignore[arg-type]
    assert (state(rule, month, today) == DutyState.OVERDUE) is (is_last and is_past)


@settings(max_examples=300)
@given(rules, months, days, st.integers(0, 400))
def test_a_record_never_makes_it_worse(
    rule: object, month: Month, today: dt.date, offset: int
) -> None:
    start = period_start(rule, month)  # type: ignore[arg-type]
    held_on = min(start + dt.timedelta(days=offset), month.last_day)
    if held_on < start:  # the period has not opened by the month's end
        return
    assert state(rule, month, today, proof(held_on)) == DutyState.DONE


@settings(max_examples=200)
@given(months, kinds, st.booleans(), st.booleans(), st.integers(0, 3), days)
def test_a_cell_always_has_a_reason_or_a_day(
    month: Month, kind: str, is_exempt: bool, has_committee: bool, groups: int, today: dt.date
) -> None:
    facts = replace(
        FACTS,
        branch_type=kind,
        is_exempt=is_exempt,
        has_committee=has_committee,
        groups=tuple((n, f"第{n}党小组") for n in range(groups)),
    )
    for rule in RULES:
        found = judge(rule, facts, month=month, today=today, soon_until=today, proofs=())
        assert found.note
        assert (found.due_on is None) is (found.state == DutyState.NOT_APPLICABLE)
        if found.state == DutyState.NOT_APPLICABLE:
            assert not found.counts


def test_what_changes_in_mid_year_changes_no_month_before() -> None:
    """Committee gone in July, groups since May, production until August: each month is judged
    by its own facts."""

    def facts_in(month: Month) -> BranchFacts:
        return replace(
            FACTS,
            has_committee=month < Month(2017, 7),
            groups=((1, "第一党小组"),) if month >= Month(2017, 5) else (),
            branch_type="production" if month < Month(2017, 9) else "business",
        )

    owed = {
        duty: [
            number
            for number in range(1, 13)
            if state(
                RULE_OF[duty],
                Month(2017, number),
                dt.date(2017, 12, 31),
                facts=facts_in(Month(2017, number)),
            )
            != DutyState.NOT_APPLICABLE
        ]
        for duty in ("committee_meeting", "group_meeting", "safety_talk")
    }
    assert owed == {
        "committee_meeting": list(range(1, 7)),
        "group_meeting": list(range(5, 13)),
        "safety_talk": list(range(1, 9)),
    }


def test_a_new_branch_owes_nothing_in_its_first_days() -> None:
    facts = replace(FACTS, since=dt.date(2017, 6, 10))
    june, july = Month(2017, 6), Month(2017, 7)
    meeting, relay = RULE_OF["general_meeting"], RULE_OF["document_relay"]
    for rule in (meeting, relay):
        assert state(rule, june, dt.date(2017, 6, 28), facts=facts) == DutyState.NOT_APPLICABLE
    assert state(relay, july, dt.date(2017, 8, 1), facts=facts) == DutyState.OVERDUE
    assert state(relay, june, dt.date(2017, 6, 28), proof(dt.date(2017, 6, 20)), facts=facts) == (
        DutyState.DONE
    )


# -- years, half-years, plans ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("month", "today", "expected"),
    [
        (Month(2017, 9), dt.date(2017, 9, 30), DutyState.NOT_DUE),
        (Month(2017, 12), dt.date(2017, 12, 31), DutyState.NOT_DUE),
        (Month(2018, 1), dt.date(2018, 1, 2), DutyState.DUE_SOON),
        (Month(2018, 1), dt.date(2018, 2, 1), DutyState.OVERDUE),
        (Month(2018, 2), dt.date(2018, 2, 1), DutyState.NOT_DUE),
    ],
)
def test_org_life_meeting_may_be_held_until_january(
    month: Month, today: dt.date, expected: DutyState
) -> None:
    rule = RULE_OF["org_life_meeting"]
    assert state(rule, month, today) == expected
    held = proof(dt.date(2017, 11, 20))
    if month >= Month(2017, 12) and month < Month(2018, 2):
        assert state(rule, month, today, held) == DutyState.DONE


@pytest.mark.parametrize(
    ("duty", "today", "expected"),
    [
        ("year_plan", dt.date(2018, 1, 12), DutyState.NOT_DUE),
        ("year_plan", dt.date(2018, 1, 13), DutyState.DUE_SOON),
        ("year_plan", dt.date(2018, 1, 20), DutyState.DUE_SOON),
        ("year_plan", dt.date(2018, 1, 21), DutyState.OVERDUE),
        ("quarter_plan", dt.date(2018, 1, 2), DutyState.NOT_DUE),
        ("quarter_plan", dt.date(2018, 1, 3), DutyState.DUE_SOON),
        ("quarter_plan", dt.date(2018, 1, 11), DutyState.OVERDUE),
    ],
)
def test_plans_are_reminded_of_seven_days_ahead(
    duty: str, today: dt.date, expected: DutyState
) -> None:
    assert state(RULE_OF[duty], Month(2018, 1), today) == expected


def test_a_years_duty_counts_once_and_not_in_every_month() -> None:
    rule = RULE_OF["org_life_meeting"]
    held = proof(dt.date(2017, 11, 20))
    counted = []
    for number in range(10, 14):
        month = Month(2017, 9).plus(number - 9)
        cell = judge(
            rule,
            FACTS,
            month=month,
            today=month.last_day,
            soon_until=month.last_day,
            proofs=[held] if held.held_on <= month.last_day else [],
        )
        if cell.counts:
            counted.append(str(month))
    assert counted == ["2017-11", "2018-01"]


def test_titles_name_the_year_they_belong_to() -> None:
    def title(duty: str, month: Month) -> str:
        return judge(
            RULE_OF[duty],
            FACTS,
            month=month,
            today=month.last_day,
            soon_until=month.last_day,
            proofs=(),
        ).title

    assert title("org_life_meeting", Month(2018, 1)) == "组织生活会（2017年度）"
    assert title("year_plan", Month(2018, 1)) == "年度计划（2018年度）"
    assert title("quarter_plan", Month(2017, 4)) == "季度计划（第二季度）"
    assert title("heart_talks", Month(2017, 11)) == "谈心谈话（下半年）"


@pytest.mark.parametrize(
    ("frequency", "due"), [("M", [4, 5, 6]), ("Q", [6]), ("H", [6]), ("Y", [])]
)
def test_lectures_are_due_as_often_as_the_company_says(frequency: str, due: list[int]) -> None:
    facts = replace(FACTS, lecture_frequency=frequency)
    found = [
        number
        for number in (4, 5, 6)
        if state(RULE_OF["party_lecture"], Month(2017, number), dt.date(2017, 7, 1), facts=facts)
        == DutyState.OVERDUE
    ]
    assert found == due


# -- registers -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("settled", "last", "expected"),
    [
        (4, dt.date(2017, 6, 8), DutyState.DUE_SOON),
        (5, dt.date(2017, 6, 8), DutyState.DONE),
        (5, dt.date(2017, 7, 3), DutyState.LATE_ENTRY),
    ],
)
def test_dues_are_done_when_everybody_settled(
    settled: int, last: dt.date, expected: DutyState
) -> None:
    facts = replace(FACTS, dues=DuesFacts(5, settled, 1, last))
    found = judge(
        RULE_OF["dues"],
        facts,
        month=Month(2017, 6),
        today=dt.date(2017, 6, 29),
        soon_until=dt.date(2017, 7, 4),
        proofs=(),
    )
    assert found.state == expected


@pytest.mark.parametrize(
    ("month", "done", "expected"),
    [
        (Month(2017, 6), 4, DutyState.OVERDUE),
        (Month(2017, 6), 5, DutyState.DONE),
        (Month(2017, 12), 9, DutyState.OVERDUE),
        (Month(2017, 12), 10, DutyState.DONE),
        (Month(2017, 5), 0, DutyState.NOT_DUE),
    ],
)
def test_half_the_talks_by_june_and_all_by_december(
    month: Month, done: int, expected: DutyState
) -> None:
    facts = replace(FACTS, talks=TalkFacts(10, done, dt.date(2017, 3, 1)))
    assert state(RULE_OF["heart_talks"], month, dt.date(2018, 1, 2), facts=facts) == expected


@pytest.mark.parametrize(
    ("today", "months", "expected", "counts"),
    [
        (dt.date(2018, 9, 29), 0, DutyState.NOT_DUE, False),
        (dt.date(2018, 9, 30), 6, DutyState.DUE_SOON, False),
        (dt.date(2018, 12, 30), 6, DutyState.DUE_SOON, False),
        (dt.date(2018, 12, 31), 3, DutyState.DUE_SOON, False),
        (dt.date(2019, 2, 27), 3, DutyState.DUE_SOON, False),
        (dt.date(2019, 2, 28), 1, DutyState.DUE_SOON, False),
        (dt.date(2019, 3, 1), 1, DutyState.DUE_SOON, True),
        (dt.date(2019, 4, 1), 1, DutyState.OVERDUE, True),
    ],
)
def test_elections_are_warned_of_six_three_and_one_months_ahead(
    today: dt.date, months: int, expected: DutyState, counts: bool
) -> None:
    ends_on = dt.date(2019, 3, 31)
    found = judge(
        RULE_OF["re_election"],
        FACTS,
        month=Month.of(today),
        today=today,
        soon_until=today,
        proofs=(),
    )
    assert (months_warned(ends_on, today), found.state, found.counts) == (months, expected, counts)


@settings(max_examples=200)
@given(days, st.integers(1, 24))
def test_months_before_a_day_is_that_month(day: dt.date, months: int) -> None:
    found = months_before(day, months)
    assert Month.of(found) == Month.of(day).plus(-months)
    assert found.day == min(day.day, Month.of(found).last_day.day)


def test_a_past_month_counts_a_terms_days_to_today_like_every_other() -> None:
    term = TermFacts(dt.date(2014, 12, 1), dt.date(2017, 11, 30))
    found = judge(
        RULE_OF["re_election"],
        replace(FACTS, term=term),
        month=Month(2017, 6),
        today=dt.date(2017, 7, 27),
        soon_until=dt.date(2017, 7, 27),
        proofs=(),
    )
    assert (found.state, found.days) == (DutyState.DUE_SOON, 126)


def test_a_term_that_nobody_entered_is_for_people_to_look_at() -> None:
    facts = replace(FACTS, term=None)
    assert (
        state(RULE_OF["re_election"], Month(2017, 6), dt.date(2017, 6, 1), facts=facts)
        == DutyState.TO_VERIFY
    )


def test_study_counts_the_running_total() -> None:
    rule = RULE_OF[Duty.GROUP_STUDY.value]
    month, today = Month(2017, 6), dt.date(2017, 7, 1)
    enough = replace(FACTS, study_hours=Decimal(16))
    short = replace(FACTS, study_hours=Decimal("12.7"))  # under 80 % of 16
    assert state(rule, month, today, facts=enough) == DutyState.DONE
    assert state(rule, month, today, facts=short) == DutyState.OVERDUE
    short_session = proof(today, study_hours="2")
    found = judge(
        rule,
        short,
        month=month,
        today=today,
        soon_until=today,
        proofs=[short_session],
    )
    assert (found.state, found.is_warning) == (DutyState.DONE, True)
    assert "累计12.7学时，序时16.0" in found.note
