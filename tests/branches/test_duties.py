"""What is due when: the rules, and the matrix with its fixed number of queries."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from branches.duties import judge
from branches.duty_facts import BranchFacts, DuesFacts, DutyCell, DutyState, Proof
from branches.duty_matrix import duties_of, duty_matrix
from branches.duty_rules import RULE_OF, RULES, fixed_day
from branches.models import Branch, Duty
from branches.services import organisation
from portal.kernel.months import Month
from tests.branches.test_records import absent, save
from tests.cast import FIRST_MONTH, JUNE, NOW, SINCE, TODAY, Cast

MAY = Month(2017, 5)
FACTS = BranchFacts(
    branch_type="production",
    is_exempt=False,
    has_committee=True,
    groups=((1, "第一党小组"), (2, "第二党小组"), (3, "第三党小组")),
    themed_day_rule="每月第二个周五",
)


def proof(day: dt.date, **more: Any) -> Proof:
    values: dict[str, Any] = {
        "activity_id": 7,
        "held_on": day,
        "subject": "抢修现场的规矩",
        "expected": 33,
        "present": 30,
        "voters": 30,
        "voters_present": 28,
        "chair": "林建明",
    }
    return Proof(**(values | more))


def cell(
    duty: str,
    today: dt.date,
    *proofs: Proof,
    month: Month = JUNE,
    facts: BranchFacts = FACTS,
    soon: int = 3,
) -> DutyCell:
    """``soon`` calendar days stand for three working days here."""
    return judge(
        RULE_OF[duty],
        facts,
        month=month,
        today=today,
        soon_until=today + dt.timedelta(days=soon),
        proofs=proofs,
    )


def june(day: int) -> dt.date:
    return dt.date(2017, 6, day)


# -- agreement with the rubrics --------------------------------------------------------------


def test_codes_frequencies_and_stars_are_those_of_the_rubrics() -> None:
    source = Path(settings.BASE_DIR) / "evaluations" / "data" / "rubrics.json"
    for rubric in json.loads(source.read_text())["rubrics"]:
        items = {item["code"]: item for s in rubric["sections"] for item in s["items"]}
        for rule in RULES:
            if rubric["branch_type"].split()[0] not in rule.only_types:
                continue
            if not rule.item_code:
                continue
            item = items[rule.item_code]
            assert item["frequency"] == rule.frequency, rule.duty
            assert item["is_key_work"] == rule.is_key, rule.duty


def test_every_duty_has_one_rule() -> None:
    assert [rule.duty for rule in RULES] == list(Duty)


# -- the fixed themed day --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rule", "day"),
    [
        ("每月第二个周五", june(9)),
        ("每月第1个星期三", june(7)),
        ("每月 最后一个 周五", june(30)),
        ("每月第五个周四", june(29)),
        ("每月第五个周一", None),
        ("每月15日", june(15)),
        ("每月固定5号", june(5)),
        ("每月31日", None),
        ("月底前", None),
        ("", None),
    ],
)
def test_fixed_day_is_read_from_plain_words(rule: str, day: dt.date | None) -> None:
    assert fixed_day(rule, JUNE) == day


# -- monthly duties --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("today", "state", "days"),
    [
        (june(5), DutyState.NOT_DUE, 25),
        (june(26), DutyState.NOT_DUE, 4),
        (june(27), DutyState.DUE_SOON, 3),
        (june(30), DutyState.DUE_SOON, 0),
        (dt.date(2017, 7, 1), DutyState.OVERDUE, -1),
    ],
)
def test_monthly_duty_through_the_month(today: dt.date, state: DutyState, days: int) -> None:
    found = cell("safety_talk", today)
    assert (found.state, found.days, found.due_on) == (state, days, june(30))
    assert found.days_overdue == max(0, -days)


def test_done_is_done_with_one_line_to_know_it_by() -> None:
    found = cell("safety_talk", TODAY, proof(june(20)))
    assert (found.state, found.done_on, found.note) == (
        DutyState.DONE,
        june(20),
        "抢修现场的规矩",
    )


def test_record_written_after_the_lock_is_a_late_entry() -> None:
    late = proof(june(20), late_reason="记录人住院")
    found = cell("safety_talk", TODAY, late)
    assert (found.state, found.note) == (DutyState.LATE_ENTRY, "补录：记录人住院")
    assert found.is_fulfilled
    assert cell("safety_talk", TODAY, late, proof(june(21))).state == DutyState.DONE


# -- the themed day --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("today", "state"),
    [
        (june(5), DutyState.NOT_DUE),
        (june(6), DutyState.DUE_SOON),
        (june(9), DutyState.DUE_SOON),
        (june(10), DutyState.OVERDUE),
    ],
)
def test_themed_day_is_due_on_its_fixed_day(today: dt.date, state: DutyState) -> None:
    assert cell("themed_day", today).state == state


def test_themed_day_without_readable_rule_is_due_at_the_months_end() -> None:
    facts = BranchFacts("production", False, True, themed_day_rule="月底前")
    assert cell("themed_day", june(12), facts=facts).due_on == june(30)


def test_themed_day_says_attendance_and_that_it_was_moved() -> None:
    found = cell("themed_day", TODAY, proof(june(16), expected=33, present=25))
    assert found.state == DutyState.DONE
    assert found.is_warning
    assert found.note == "应到33人，实到25人，76%，低于80%；固定日是6月9日"


def test_attendance_of_just_eighty_is_enough() -> None:
    found = cell("themed_day", TODAY, proof(june(9), expected=30, present=24))
    assert not found.is_warning
    assert found.note == "应到30人，实到24人，80%"


# -- quarterly duties ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("month", "today", "state"),
    [
        (Month(2017, 4), dt.date(2017, 4, 30), DutyState.NOT_DUE),
        (MAY, dt.date(2017, 5, 31), DutyState.NOT_DUE),
        (MAY, dt.date(2017, 9, 1), DutyState.NOT_DUE),  # May looked at in September
        (JUNE, june(1), DutyState.DUE_SOON),
        (JUNE, june(30), DutyState.DUE_SOON),
        (JUNE, dt.date(2017, 7, 1), DutyState.OVERDUE),
        (JUNE, dt.date(2017, 5, 20), DutyState.NOT_DUE),  # June looked at in May
    ],
)
def test_quarterly_duty_is_amber_only_in_its_last_month(
    month: Month, today: dt.date, state: DutyState
) -> None:
    assert cell("party_lecture", today, month=month).state == state


def test_lecture_of_april_serves_the_whole_quarter() -> None:
    found = cell("party_lecture", TODAY, proof(dt.date(2017, 4, 14)))
    assert found.state == DutyState.DONE
    assert found.title == "党课（第二季度）"
    assert found.note == "林建明主讲，“抢修现场的规矩”"


def test_quarterly_duty_not_yet_due_is_not_counted_this_month() -> None:
    waiting = cell("party_lecture", dt.date(2017, 5, 20), month=MAY)
    assert (waiting.counts, waiting.is_open) == (False, True)
    assert cell("party_lecture", TODAY).counts


# -- groups, committee, exempt ---------------------------------------------------------------


def test_group_meetings_name_the_group_that_is_missing() -> None:
    found = cell("group_meeting", TODAY, proof(june(6), group_id=1), proof(june(8), group_id=2))
    assert found.state == DutyState.DUE_SOON
    assert found.title == "第三党小组6月党小组会"
    assert found.note == "3个党小组已开2个"
    assert found.missing_group_ids == (3,)


def test_group_meetings_are_done_when_each_met() -> None:
    proofs = [proof(june(day), group_id=group) for day, group in ((6, 1), (8, 2), (9, 3))]
    found = cell("group_meeting", TODAY, *proofs)
    assert (found.state, found.done_on) == (DutyState.DONE, june(9))


@pytest.mark.parametrize(
    ("duty", "facts"),
    [
        ("committee_meeting", BranchFacts("business", False, False)),
        ("group_meeting", BranchFacts("business", False, True)),
        ("safety_talk", BranchFacts("management", False, True)),
    ],
)
def test_what_a_branch_does_not_have_it_does_not_owe(duty: str, facts: BranchFacts) -> None:
    found = cell(duty, TODAY, facts=facts)
    assert found.state == DutyState.NOT_APPLICABLE
    assert found.note
    assert not found.counts


def test_branch_out_of_the_ranking_owes_the_reduced_set() -> None:
    retired = BranchFacts("management", True, True, dues=DuesFacts(owed=3))
    owed = [
        rule.duty
        for rule in RULES
        if cell(rule.duty, TODAY, facts=retired).state != DutyState.NOT_APPLICABLE
    ]
    assert owed == [
        Duty.GROUP_STUDY,
        Duty.GENERAL_MEETING,
        Duty.THEMED_DAY,
        Duty.ORG_LIFE_MEETING,
        Duty.MEMBER_APPRAISAL,
        Duty.RE_ELECTION,
        Duty.DUES,
    ]


# -- records to look at again ----------------------------------------------------------------


def test_meeting_without_resolution_waits_for_a_look() -> None:
    found = cell("committee_meeting", TODAY, proof(june(5), has_resolution=False))
    assert (found.state, found.is_warning) == (DutyState.TO_VERIFY, True)
    whole = proof(june(12))
    better = cell("committee_meeting", TODAY, proof(june(5), has_resolution=False), whole)
    assert better.state == DutyState.DONE


def test_vote_without_quorum_waits_for_a_look() -> None:
    found = cell("general_meeting", TODAY, proof(june(9), voters=30, voters_present=14, ayes=14))
    assert found.state == DutyState.TO_VERIFY
    assert "不足应到30人的半数" in found.note


# -- the matrix ------------------------------------------------------------------------------


def test_row_counts_what_is_owed_and_what_is_left(cast: Cast) -> None:
    people = cast.members(cast.branch_a)
    save(cast, absences=tuple(absent(p) for p in people[4:7]))
    row = duties_of(cast.branch_a, JUNE, TODAY)
    assert row is not None
    assert (row.due_count, row.done_count, row.missing_count) == (11, 2, 9)
    themed = next(c for c in row.cells if c.duty == Duty.THEMED_DAY)
    assert themed.note == "应到12人，实到9人，75%，低于80%"
    general = next(c for c in row.cells if c.duty == Duty.GENERAL_MEETING)
    assert general.note == "并入主题党日，一次录入"
    assert [c.state for c in row.left] == [DutyState.DUE_SOON] * 9


def test_matrix_has_every_branch_in_order_and_its_own_duties(cast: Cast) -> None:
    matrix = duty_matrix(
        branches=Branch.objects.filter(committee=cast.city), month=JUNE, today=TODAY
    )
    assert [row.branch_id for row in matrix.rows] == [b.pk for b in cast.branches]
    states = {
        row.name: {c.duty: c.state for c in row.cells}[Duty.COMMITTEE_MEETING]
        for row in matrix.rows
    }
    assert states["集体企业联合党支部"] == DutyState.NOT_APPLICABLE  # six members, no committee
    assert states["变电运检党总支"] == DutyState.DUE_SOON


def test_matrix_leaves_out_branches_that_did_not_exist(cast: Cast) -> None:
    early = duty_matrix(
        branches=Branch.objects.filter(committee=cast.city),
        month=FIRST_MONTH.plus(-1),
        today=TODAY,
    )
    assert early.rows == ()


def test_another_branchs_record_proves_nothing_here(cast: Cast) -> None:
    save(cast)
    row = duties_of(cast.branch_b, JUNE, TODAY)
    assert row is not None
    assert row.done_count == 0


@pytest.mark.parametrize("count", [3, 30])
def test_matrix_costs_one_query_for_any_number_of_branches(
    cast: Cast, count: int, django_assert_num_queries: Callable[..., Any]
) -> None:
    for number in range(count):
        branch = organisation.create_branch(
            committee=cast.county,
            name=f"供电所第{number + 1}党支部",
            tier="branch",
            branch_type="production",
            first_month=FIRST_MONTH,
            actor=None,
            now=NOW,
        )
        organisation.create_group(
            branch=branch, name="第一党小组", started_on=SINCE, actor=None, now=NOW
        )
    save(cast)
    duties_of(cast.branch_a, JUNE, TODAY)  # the calendar is read once per process
    with django_assert_num_queries(1):
        matrix = duty_matrix(
            branches=Branch.objects.filter(name__startswith="供电所"), month=JUNE, today=TODAY
        )
    assert len(matrix.rows) == count
