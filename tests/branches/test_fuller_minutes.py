"""Fuller minutes: time, statements, votes, sessions, follow-ups; dues and copying in one go."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.urls import reverse

from branches.models import Activity, DuesPayment
from branches.services.record_values import AbsenceValues, FollowUpValues, SessionValues
from branches.services.records import delete_activity
from branches.services.registers import DuesLine, settle_dues
from evaluations.services import rounds, rubric_seed
from portal.audit.models import AuditEntry
from portal.kernel.errors import DomainError
from servicecrew.models import Deed, Programme
from tests.branches.test_record_pages import page, signed
from tests.branches.test_records import JULY, absent, save
from tests.cast import FIRST_MONTH, JUNE, NOW, Cast

NINTH = dt.date(2017, 6, 9)


@pytest.fixture(autouse=True)
def june() -> Iterator[None]:
    """It is 27 June 2017, 10:00."""
    with time_machine.travel(NOW, tick=False):
        yield


def form_url(cast: Cast) -> str:
    return reverse("branches:record-create", args=[cast.branch_a.pk])


def post(cast: Cast, **more: Any) -> Any:
    values = {
        "duties": ["themed_day", "general_meeting", "party_lecture", "group_study", "dues"],
        "held_on": "2017-06-09",
        "starts_at": "15:00",
        "place": "三楼会议室",
        "subject": "学规矩、保安全",
        "chair": cast.person(cast.secretary_a).pk,
        "recorder": cast.person(cast.deputy_a).pk,
        "agenda": "一、学习",
        "resolution": "挂牌本月完成",
        "study_hours": "2",
    }
    return signed(cast.secretary_a).post(form_url(cast), values | more)


def pay_may(cast: Cast) -> None:
    settle_dues(
        branch=cast.branch_a,
        month=JUNE.plus(-1),
        paid_on=dt.date(2017, 5, 9),
        lines=[DuesLine(p.pk, Decimal(45)) for p in cast.members(cast.branch_a)],
        actor=cast.secretary_a,
        now=NOW,
    )


# -- one record, five ticks ----------------------------------------------------------------------


def test_one_record_ticks_five_duties_and_settles_the_dues_of_those_present(cast: Cast) -> None:
    pay_may(cast)
    away = cast.members(cast.branch_a)[5]
    assert (
        post(cast, **{f"absent_{away.pk}": "leave", f"reason_{away.pk}": "值班"}).status_code == 302
    )
    activity = Activity.objects.get()
    assert set(activity.ticks.values_list("duty", flat=True)) == {
        "themed_day",
        "general_meeting",
        "party_lecture",
        "group_study",
        "dues",
    }
    paid = DuesPayment.objects.filter(month=JUNE.first_day)
    assert (paid.count(), set(paid.values_list("paid_on", flat=True))) == (11, {NINTH})
    assert not paid.filter(person=away).exists()


def test_unticking_the_dues_takes_back_what_came_from_the_record(cast: Cast) -> None:
    pay_may(cast)
    activity = save(cast, duties=("themed_day", "dues"))
    assert DuesPayment.objects.filter(activity=activity).count() == 12
    save(cast, activity=activity, version=1, duties=("themed_day",))
    assert not DuesPayment.objects.filter(month=JUNE.first_day).exists()
    assert AuditEntry.objects.filter(code="dues.removed").count() == 1


def test_deleting_the_record_leaves_money_that_was_paid(cast: Cast) -> None:
    pay_may(cast)
    activity = save(cast, duties=("themed_day", "dues"))
    delete_activity(activity=activity, reason="重复", actor=cast.secretary_a, now=NOW)
    assert DuesPayment.objects.filter(month=JUNE.first_day, activity=None).count() == 12


def test_what_a_register_proves_can_not_be_ticked(cast: Cast) -> None:
    for duty in ("heart_talks", "re_election"):
        with pytest.raises(DomainError, match="没有这个事项"):
            save(cast, duties=(duty,))
    with pytest.raises(DomainError, match="请在党费登记里记"):
        save(cast, duties=("dues",))


def test_a_record_may_be_a_programmes_deed_as_well(cast: Cast) -> None:
    programme = Programme.objects.first()
    assert programme is not None
    text = page(signed(cast.secretary_a), form_url(cast))
    assert f'value="programme:{programme.code}"' in text
    assert post(cast, also=[f"programme:{programme.code}"]).status_code == 302
    activity = Activity.objects.get()
    deed = Deed.objects.get(activity=activity)
    assert (deed.programme, deed.branch) == (programme, cast.branch_a)
    assert set(deed.groups.all()) == set(programme.groups.all())
    edit = page(signed(cast.secretary_a), reverse("branches:record-edit", args=[activity.pk]))
    assert f'value="programme:{programme.code}"' not in edit  # counted once
    with pytest.raises(DomainError, match="没有这个工程"):
        save(cast, also=("programme:none",))
    with pytest.raises(DomainError, match="没有这一项"):
        save(cast, also=("nonsense:1",))


# -- minutes -------------------------------------------------------------------------------------


def test_minutes_keep_time_statements_sessions_and_follow_ups(cast: Cast) -> None:
    person = cast.person(cast.deputy_a)
    answer = post(
        cast,
        statements="吴海生：夜班多，请错峰。",
        follow_text_0="责任区挂牌",
        follow_person_0=person.pk,
        follow_due_0="2017-06-30",
        session_day_0="2017-06-12",
        session_place_0="值班室",
    )
    assert answer.status_code == 302
    text = page(signed(cast.secretary_a), answer["Location"])
    for words in ("15:00", "请错峰", "责任区挂牌，黄丽萍，6月30日前", "6月12日(周一) 值班室"):
        assert words in text
    activity = Activity.objects.get()
    edit = page(signed(cast.secretary_a), reverse("branches:record-edit", args=[activity.pk]))
    assert 'value="责任区挂牌"' in edit
    assert 'value="值班室"' in edit


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"follow_due_0": "2017-06-30"}, "落实事项要写办什么"),
        ({"session_place_0": "值班室"}, "分批场次要填日期"),
        ({"session_day_0": "2017-06-08"}, "不能早于第一场"),
        ({"session_day_0": "2017-06-26"}, "10个工作日内开完"),
        ({"nays": "2"}, "请填赞成人数"),
        ({"ayes": "8", "nays": "4"}, "多于实到有表决权的11人"),
        ({"starts_at": "25:00"}, "请填时间"),
    ],
)
def test_what_can_not_be_is_said_beside_the_field_and_nothing_is_lost(
    cast: Cast, change: dict[str, str], words: str
) -> None:
    answer = post(cast, **change)
    text = answer.content.decode()
    assert answer.status_code == 200
    assert words in text
    assert "学规矩、保安全" in text
    for value in change.values():
        assert f'value="{value}"' in text
    assert not Activity.objects.exists()


def test_votes_are_judged_against_those_who_should_attend(cast: Cast) -> None:
    people = cast.members(cast.branch_a)
    activity = save(
        cast,
        absences=tuple(absent(p) for p in people[3:8]),
        ayes=5,
        nays=1,
        motion="同意接收预备党员",
    )
    assert (activity.voter_count, activity.voters_present) == (11, 6)
    assert (activity.has_quorum, activity.is_carried, activity.abstentions) == (True, False, 0)


def test_making_up_too_late_is_an_absence(cast: Cast) -> None:
    who = cast.members(cast.branch_a)[5]
    in_time = AbsenceValues(who.pk, "made_up", "", dt.date(2017, 6, 23))
    late = AbsenceValues(who.pk, "made_up", "", dt.date(2017, 6, 26))
    assert save(cast, absences=(in_time,)).present_count == 12
    assert save(cast, absences=(late,)).present_count == 11
    with pytest.raises(DomainError, match="补课日期早于"):
        save(cast, absences=(AbsenceValues(who.pk, "made_up", "", dt.date(2017, 6, 8)),))


def test_the_audit_trail_keeps_the_new_words(cast: Cast) -> None:
    save(cast, statements="不同意见一条", motion="", starts_at=dt.time(15))
    after = AuditEntry.objects.get(code="record.created").after
    assert after["statements"] == "不同意见一条"


def test_follow_ups_are_replaced_by_what_was_sent(cast: Cast) -> None:
    activity = save(
        cast,
        follow_ups=(FollowUpValues("挂牌"), FollowUpValues("  ")),
        sessions=(SessionValues(dt.date(2017, 6, 12)),),
    )
    assert activity.follow_ups.count() == 1
    save(cast, activity=activity, version=1)
    assert (activity.follow_ups.count(), activity.sessions.count()) == (0, 0)


# -- late ----------------------------------------------------------------------------------------


def test_a_late_entry_says_how_late(cast: Cast) -> None:
    activity = save(cast, held_on=dt.date(2017, 5, 25), late_reason="记录人住院")
    assert activity.days_to_write == 33
    text = page(signed(cast.secretary_a), reverse("branches:record-detail", args=[activity.pk]))
    assert "补录，写于 33 天后" in text
    soon = save(cast, now=dt.datetime(2017, 6, 15, 9, tzinfo=NOW.tzinfo))
    assert soon.days_to_write == 6
    assert not soon.is_late_entry
    detail = page(signed(cast.secretary_a), reverse("branches:record-detail", args=[soon.pk]))
    assert "写于 6 天后" in detail
    assert JULY > NOW


# -- prefill -------------------------------------------------------------------------------------


def test_last_month_can_be_copied_with_its_duties(cast: Cast) -> None:
    last = save(
        cast,
        held_on=dt.date(2017, 5, 12),
        duties=("themed_day", "group_study"),
        study_hours=Decimal(2),
        starts_at=dt.time(14, 30),
        late_reason="漏记",
    )
    client = signed(cast.secretary_a)
    assert f"?copy={last.pk}" in page(client, form_url(cast))
    text = page(client, f"{form_url(cast)}?copy={last.pk}")
    assert 'value="2017-06-09"' in text  # the fixed Friday of June
    assert 'value="14:30"' in text
    assert 'value="学规矩、保安全"' in text
    assert text.count('value="themed_day" id="id_duties_7" checked') == 1 or "checked" in text
    stranger = page(client, f"{form_url(cast)}?copy=999999")
    assert "学规矩、保安全" not in stranger


def test_the_agenda_opens_with_the_months_key_tasks(cast: Cast) -> None:
    rubric_seed.load_rubrics(
        source=rubric_seed.seed_source(), first_month=FIRST_MONTH, actor=None, now=NOW
    )
    rounds.set_policy(committee=cast.city, first_month=FIRST_MONTH, values={}, actor=None, now=NOW)
    round_ = rounds.open_round(committee=cast.city, month=JUNE, actor=None, now=NOW)
    rounds.write_words(
        round_id=round_.pk,
        focus="合同合规；廉洁风险三清单",
        highlights="",
        next_focus="",
        actor=cast.officer,
        now=NOW,
    )
    text = page(signed(cast.secretary_a), f"{form_url(cast)}?duty=committee_meeting")
    assert "1. 合同合规\n2. 廉洁风险三清单" in text
    assert "合同合规" not in page(signed(cast.secretary_a), f"{form_url(cast)}?duty=themed_day")
