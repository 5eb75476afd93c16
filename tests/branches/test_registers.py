"""Registers: dues, talks, terms, recruiting, study hours; what they prove and who may write."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from branches import recruiting
from branches.coverage import coverage
from branches.dues import dues_of
from branches.duty_facts import DutyState
from branches.duty_matrix import duties_of
from branches.models import CommitteeTerm, DuesPayment, Duty, RecruitStep, Talk
from branches.register_pages import study_rows, talk_coverage
from branches.services.registers import (
    DuesLine,
    enter_step,
    enter_term,
    record_talk,
    set_duty_settings,
    settle_dues,
    take_back,
    usual_lines,
)
from portal.audit.models import AuditEntry
from portal.kernel.errors import DomainError
from portal.kernel.months import Month
from tests.branches.test_record_pages import page, signed
from tests.branches.test_records import absent, save
from tests.cast import JUNE, NOW, TODAY, Cast

EIGHTH = dt.date(2017, 6, 8)
APPROVAL = "泉电党〔2017〕3号"


@pytest.fixture(autouse=True)
def june() -> Iterator[None]:
    """It is 27 June 2017, 10:00."""
    with time_machine.travel(NOW, tick=False):
        yield


def cell(cast: Cast, duty: Duty, month: Month = JUNE) -> Any:
    row = duties_of(cast.branch_a, month, TODAY)
    assert row is not None
    return next(c for c in row.cells if c.duty == duty)


def lines(cast: Cast, amount: str = "45") -> list[DuesLine]:
    return [DuesLine(person.pk, Decimal(amount)) for person in cast.members(cast.branch_a)]


def settle(cast: Cast, found: list[DuesLine], **more: Any) -> int:
    call: dict[str, Any] = {
        "branch": cast.branch_a,
        "month": JUNE,
        "paid_on": EIGHTH,
        "actor": cast.secretary_a,
        "now": NOW,
    }
    return settle_dues(lines=found, **(call | more))


# -- the rates ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("base", "retired", "due"),
    [
        ("0", False, "0.20"),
        ("3000", False, "15.00"),
        ("3000.01", False, "30.00"),
        ("5000", False, "50.00"),
        ("5000.01", False, "75.00"),
        ("10000", False, "150.00"),
        ("10000.01", False, "200.00"),
        ("5000", True, "25.00"),
        ("5000.01", True, "50.00"),
    ],
)
def test_the_rate_of_the_bracket_applies_to_the_whole_base(
    base: str, retired: bool, due: str
) -> None:
    assert dues_of(Decimal(base), retired=retired) == Decimal(due)


def test_the_calculator_answers_and_keeps_nothing(cast: Cast) -> None:
    client = signed(cast.secretary_a)
    before = AuditEntry.objects.count()
    response = client.post(reverse("branches:dues-calculator"), {"base": "5000.01"})
    assert "每月 75.00 元" in response.content.decode()
    assert "no-store" in response["Cache-Control"]
    assert AuditEntry.objects.count() == before
    assert not DuesPayment.objects.exists()


# -- dues --------------------------------------------------------------------------------------


def test_dues_are_done_when_every_member_has_settled(cast: Cast) -> None:
    found = lines(cast)
    assert settle(cast, found[:-1]) == 11
    assert cell(cast, Duty.DUES).state == DutyState.DUE_SOON
    assert cell(cast, Duty.DUES).note == "12名党员，已交11人"
    settle(cast, [DuesLine(found[-1].person_id, exempt_reason="家庭困难，支部大会同意")])
    done = cell(cast, Duty.DUES)
    assert (done.state, done.done_on, done.note) == (DutyState.DONE, EIGHTH, "11人已交，1人减免")


def test_the_same_dues_twice_are_one_row_and_a_slip_can_be_taken_back(cast: Cast) -> None:
    found = lines(cast)
    assert settle(cast, found) == 12
    assert settle(cast, found) == 0
    assert AuditEntry.objects.filter(code="dues.settled").count() == 1
    settle(cast, [DuesLine(found[0].person_id)])
    assert DuesPayment.objects.count() == 11


def test_a_transferred_member_pays_once_and_counts_where_he_is(cast: Cast) -> None:
    settle(cast, lines(cast))
    outsider = cast.members(cast.branch_b)[0]
    with pytest.raises(DomainError, match="不是本支部党员"):
        settle(cast, [DuesLine(outsider.pk, Decimal(10))])


@pytest.mark.parametrize("amount", ["-1", "5000.01"])
def test_an_impossible_amount_names_the_person(cast: Cast, amount: str) -> None:
    person = cast.members(cast.branch_a)[3]
    with pytest.raises(DomainError, match=person.name) as refused:
        settle(cast, [DuesLine(person.pk, Decimal(amount))])
    assert refused.value.field == f"amount_{person.pk}"


def test_last_months_amount_is_there_already(cast: Cast) -> None:
    settle(cast, lines(cast), month=JUNE.plus(-1), paid_on=dt.date(2017, 5, 9))
    people = cast.members(cast.branch_a)
    found = usual_lines(cast.branch_a, JUNE, {p.pk for p in people[:10]})
    assert [line.amount for line in found] == [Decimal(45)] * 10
    text = page(signed(cast.secretary_a), reverse("branches:dues", args=[cast.branch_a.pk]))
    assert "6月党费还有 12 人没有登记" in text
    assert text.count('value="45.00"') == 12


@pytest.mark.parametrize("typed_amount", ["三十", "NaN", "Infinity", "-inf", "9" * 40])
def test_the_page_settles_with_one_press_and_keeps_what_was_typed(
    cast: Cast, typed_amount: str
) -> None:
    client = signed(cast.secretary_a)
    address = reverse("branches:dues", args=[cast.branch_a.pk]) + "?month=2017-06"
    people = cast.members(cast.branch_a)
    typed = {f"amount_{p.pk}": "30" for p in people} | {"paid_on": "2017-06-08"}
    wrong = client.post(address, typed | {f"amount_{people[2].pk}": typed_amount})
    assert wrong.status_code == 400
    assert f"{people[2].name}的金额不是数字" in wrong.content.decode()
    assert typed_amount in wrong.content.decode()
    assert not DuesPayment.objects.exists()
    assert client.post(address, typed).status_code == 302
    assert DuesPayment.objects.count() == 12


def test_only_the_branchs_own_secretary_writes(cast: Cast) -> None:
    with pytest.raises(PermissionDenied):
        settle(cast, lines(cast), actor=cast.secretary_b)
    with pytest.raises(PermissionDenied):
        settle(cast, lines(cast), actor=cast.officer)


# -- talks -------------------------------------------------------------------------------------


def talk(cast: Cast, first: int, second: int, **more: Any) -> Talk:
    people = cast.members(cast.branch_a)
    values: dict[str, Any] = {
        "branch": cast.branch_a,
        "held_on": EIGHTH,
        "speaker": people[first],
        "listener": people[second],
        "points": "抢修夜班的困难，答应排班时错开",
        "actor": cast.secretary_a,
        "now": NOW,
    }
    return record_talk(**(values | more))


def test_coverage_counts_three_relations() -> None:
    found = coverage([1, 2, 3], [1, 2, 3, 4, 5, 6], [(1, 2), (4, 1), (5, 6), (6, 9)])
    assert (found.within_committee.owed, found.within_committee.done) == (3, 1)
    assert found.with_committee.left == ((5,), (6,))
    assert found.among_members.left == ((4,),)
    assert (found.owed, found.done, found.percent) == (9, 4, 44)


def test_a_branch_with_a_secretary_alone_owes_no_pairs() -> None:
    found = coverage([1], [1, 2], [(1, 2)])
    assert (found.owed, found.done, found.percent) == (1, 1, 100)


def test_talks_raise_the_coverage_and_prove_the_half_year(cast: Cast) -> None:
    assert talk_coverage(cast.branch_a, TODAY)[0].percent == 0
    for other in range(3, 12):
        talk(cast, 0, other)
    for first, second in ((3, 4), (5, 6)):
        talk(cast, first, second)
    found = cell(cast, Duty.HEART_TALKS)
    assert found.state == DutyState.DONE  # 9 + 4 of 3 + 9 + 9
    assert found.note == "覆盖率61%，应达50%"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"points": " "}, "points"),
        ({"held_on": dt.date(2017, 6, 28)}, "held_on"),
        ({"occasion": "gossip"}, "occasion"),
    ],
)
def test_a_talk_that_can_not_be_is_refused(cast: Cast, change: dict[str, Any], field: str) -> None:
    with pytest.raises(DomainError) as refused:
        talk(cast, 0, 4, **change)
    assert refused.value.field == field


def test_a_talk_with_a_stranger_or_oneself_is_refused(cast: Cast) -> None:
    with pytest.raises(DomainError, match="不能是同一人"):
        talk(cast, 0, 0)
    with pytest.raises(DomainError, match="不是本支部"):
        talk(cast, 0, 1, listener=cast.members(cast.branch_b)[0])
    talk(cast, 0, 4)
    with pytest.raises(DomainError, match="已登记"):
        talk(cast, 0, 4)


def test_the_register_says_who_is_left_and_ranks_nobody(cast: Cast) -> None:
    talk(cast, 0, 4)
    address = reverse("branches:register", args=[cast.branch_a.pk, "talks"])
    text = page(signed(cast.secretary_a), address)
    assert "今年谈心谈话覆盖4%" in text
    assert "支委与党员：1/9" in text
    stranger = signed(cast.secretary_b)
    assert stranger.get(address).status_code == 403


def test_a_long_register_is_paged(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("branches.views.registers.ROWS_PER_PAGE", 2)
    for other in (3, 4, 5):
        talk(cast, 0, other)
    address = reverse("branches:register", args=[cast.branch_a.pk, "talks"])
    client = signed(cast.secretary_a)
    assert page(client, address).count("take-back") == 2
    assert page(client, f"{address}?page=2").count("take-back") == 1
    assert "共 3 条，第 1–2 条" in page(client, address)


# -- terms -------------------------------------------------------------------------------------


def term(cast: Cast, **more: Any) -> CommitteeTerm:
    values: dict[str, Any] = {
        "branch": cast.branch_a,
        "elected_on": dt.date(2014, 7, 10),
        "actor": cast.secretary_a,
        "now": NOW,
    }
    return enter_term(**(values | more))


def test_a_term_lasts_three_years_and_warns_in_time(cast: Cast) -> None:
    assert term(cast).ends_on == dt.date(2017, 7, 10)
    found = cell(cast, Duty.RE_ELECTION)
    assert (found.state, found.note) == (
        DutyState.DUE_SOON,
        "2017年7月10日届满，不到1个月",
    )
    text = page(
        signed(cast.secretary_a), reverse("branches:register", args=[cast.branch_a.pk, "terms"])
    )
    assert "离届满不到1个月，还有13天" in text


def test_leap_day_terms_end_on_the_last_of_february(cast: Cast) -> None:
    found = term(cast, elected_on=dt.date(2016, 2, 29))
    assert found.ends_on == dt.date(2019, 2, 28)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"extended_until": dt.date(2018, 6, 1)}, "approval"),
        (
            {"extended_until": dt.date(2018, 8, 1), "approval": "泉电党〔2017〕3号"},
            "extended_until",
        ),
        (
            {"extended_until": dt.date(2017, 7, 1), "approval": "泉电党〔2017〕3号"},
            "extended_until",
        ),
        ({"elected_on": dt.date(2017, 6, 28)}, "elected_on"),
    ],
)
def test_a_delay_needs_approval_and_is_at_most_a_year(
    cast: Cast, change: dict[str, Any], field: str
) -> None:
    with pytest.raises(DomainError) as refused:
        term(cast, **change)
    assert refused.value.field == field


def test_an_approved_delay_moves_the_end(cast: Cast) -> None:
    term(cast, extended_until=dt.date(2018, 7, 10), approval="泉电党〔2017〕3号")
    assert cell(cast, Duty.RE_ELECTION).state == DutyState.NOT_DUE


# -- recruiting --------------------------------------------------------------------------------


def test_there_are_twenty_five_steps_in_five_stages() -> None:
    assert (len(recruiting.STAGES), len(recruiting.STEPS)) == (5, 25)
    assert recruiting.stage_of(7) == "发展对象"
    assert recruiting.stage_of(25) == "预备党员考察和转正"


def test_reversed_order_rings() -> None:
    day = dt.date
    found = recruiting.alarms({1: day(2015, 3, 1), 2: day(2015, 2, 1)})
    assert [a.text for a in found] == ["第2步“党组织派人谈话”早于第1步“递交入党申请书”"]
    assert [a.step for a in recruiting.alarms({1: day(2015, 1, 1), 3: day(2015, 9, 1)})] == [2]
    short = {n: day(2015, 1, n) for n in range(1, 7)} | {7: day(2015, 12, 1)}
    assert [a.text for a in recruiting.alarms(short)] == ["积极分子培养考察不满一年"]
    assert recruiting.alarms({1: day(2015, 1, 1), 2: day(2015, 1, 1)}) == []


def test_with_nobody_being_recruited_nothing_is_said_of_an_order(cast: Cast) -> None:
    text = page(
        signed(cast.secretary_a),
        reverse("branches:register", args=[cast.branch_a.pk, "recruiting"]),
    )
    assert "没有登记在发展的人" in text
    assert "次序都对" not in text


def test_a_reversed_step_is_stored_and_shown(cast: Cast) -> None:
    person = cast.person(cast.employee)
    for step, day in ((1, dt.date(2016, 5, 1)), (2, dt.date(2016, 4, 1))):
        enter_step(
            branch=cast.branch_a,
            person=person,
            step=step,
            done_on=day,
            actor=cast.secretary_a,
            now=NOW,
        )
    text = page(
        signed(cast.secretary_a),
        reverse("branches:register", args=[cast.branch_a.pk, "recruiting"]),
    )
    assert "1人在发展，1人的次序要核对" in text
    assert "早于第1步" in text


def test_a_form_finds_people_by_name_and_refuses_namesakes(cast: Cast) -> None:
    client = signed(cast.secretary_a)
    address = reverse("branches:register-add", args=[cast.branch_a.pk, "recruiting"])
    values = {"person": "谢小敏", "step": "1", "done_on": "2016-05-01"}
    assert client.post(address, values).status_code == 302
    assert RecruitStep.objects.get().person == cast.person(cast.employee)
    missing = client.post(address, values | {"person": "没有这人"})
    assert "本单位没有“没有这人”" in missing.content.decode()


def test_rows_can_be_taken_back_with_a_reason(cast: Cast) -> None:
    row = talk(cast, 0, 4)
    with pytest.raises(DomainError):
        take_back(row=row, reason=" ", actor=cast.secretary_a, now=NOW)
    client = signed(cast.secretary_a)
    address = reverse("branches:register-take-back", args=["talks", row.pk])
    assert client.post(address, {"reason": "日期写错"}).status_code == 302
    assert not Talk.objects.exists()
    assert AuditEntry.objects.get(code="talk.removed").reason == "日期写错"


# -- study hours ---------------------------------------------------------------------------------


def test_hours_come_from_the_sessions_somebody_was_at(cast: Cast) -> None:
    people = cast.members(cast.branch_a)
    save(
        cast,
        duties=("group_study",),
        study_hours=Decimal(3),
        absences=(absent(people[4]), absent(people[5], "made_up", "")),
    )
    save(
        cast,
        duties=("group_meeting", "group_study"),
        group=cast.group_one,
        study_hours=Decimal(1),
        chair=people[0],
        recorder=people[3],
    )
    hours = {row.name: row.hours for row in study_rows(cast.branch_a, 2017, TODAY)}
    assert hours[people[0].name] == 4  # in the first group
    assert hours[people[1].name] == 3
    assert hours[people[4].name] == 0
    assert hours[people[5].name] == 3


# -- settings ------------------------------------------------------------------------------------


def test_the_company_sets_how_often_a_lecture_is_due(cast: Cast) -> None:
    assert cell(cast, Duty.PARTY_LECTURE).state == DutyState.DUE_SOON
    set_duty_settings(
        committee=cast.city,
        first_month=JUNE,
        lecture_frequency="Y",
        study_hours=40,
        actor=cast.officer,
        now=NOW,
    )
    assert cell(cast, Duty.PARTY_LECTURE).state == DutyState.NOT_DUE
    assert cell(cast, Duty.PARTY_LECTURE, JUNE.plus(-3)).rule.frequency == "Q"
    with pytest.raises(PermissionDenied):
        set_duty_settings(
            committee=cast.city,
            first_month=JUNE,
            lecture_frequency="Q",
            study_hours=32,
            actor=cast.secretary_a,
            now=NOW,
        )
