"""Saving records: roster of the day, once only, two editors, lock, and who may."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from django.core.exceptions import PermissionDenied

from branches import locks
from branches.models import Absence, Activity, Membership, Person
from branches.services import organisation
from branches.services.record_values import AbsenceValues, ActivityValues
from branches.services.records import delete_activity, save_activity
from evaluations.services import rounds
from portal.accounts.models import User
from portal.audit.models import AuditEntry
from portal.kernel.errors import DomainError, EditConflict, Frozen
from portal.kernel.months import Month
from tests.cast import NOW, TODAY, Cast
from tests.month import MonthCast

KEY = UUID("6f1c2a34-0000-4000-8000-000000000001")
NINTH = dt.date(2017, 6, 9)
JULY = dt.datetime(2017, 7, 3, 9, 0, tzinfo=NOW.tzinfo)


def values_of(cast: Cast, **more: Any) -> ActivityValues:
    values: dict[str, Any] = {
        "duties": ("themed_day", "general_meeting"),
        "held_on": NINTH,
        "place": "配电运检楼三楼会议室",
        "subject": "学规矩、保安全",
        "chair": cast.person(cast.secretary_a),
        "recorder": cast.person(cast.deputy_a),
        "agenda": "一、学习；二、讨论二季度工作",
        "resolution": "责任区挂牌本月完成，黄丽萍负责",
    }
    return ActivityValues(**(values | more))


def save(cast: Cast, actor: User | None = None, **more: Any) -> Activity:
    """Save as secretary of A (or ``actor``); what is no argument of the service is a value."""
    call: dict[str, Any] = {
        "branch": cast.branch_a,
        "actor": actor or cast.secretary_a,
        "now": NOW,
    }
    for name in ("activity", "version", "client_key", "now", "branch"):
        if name in more:
            call[name] = more.pop(name)
    return save_activity(values=values_of(cast, **more), **call)


def absent(person: Person, kind: str = "leave", reason: str = "值班") -> AbsenceValues:
    return AbsenceValues(person_id=person.pk, kind=kind, reason=reason)


# -- what a record knows ---------------------------------------------------------------------


def test_one_entry_satisfies_several_duties(cast: Cast) -> None:
    activity = save(cast)
    assert set(activity.ticks.values_list("duty", flat=True)) == {"themed_day", "general_meeting"}
    entry = AuditEntry.objects.get(code="record.created")
    assert entry.actor == cast.secretary_a
    assert entry.after["present_count"] == 12


def test_attendance_is_by_exception(cast: Cast) -> None:
    people = cast.members(cast.branch_a)
    activity = save(
        cast,
        absences=(
            absent(people[4]),
            absent(people[5], "absent", ""),
            absent(people[11], reason="出差"),  # the probationary member
        ),
    )
    assert (activity.expected_count, activity.present_count) == (12, 9)
    assert (activity.voter_count, activity.voters_present) == (11, 9)
    assert activity.attendance_percent == 75
    assert activity.is_attendance_low
    assert activity.has_quorum


def test_roster_is_that_of_the_day_not_of_today(cast: Cast) -> None:
    leaver = cast.members(cast.branch_a)[6]
    organisation.end_membership(
        membership=Membership.objects.get(person=leaver),
        ended_on=dt.date(2017, 6, 15),
        actor=cast.officer,
        now=NOW,
    )
    assert save(cast).expected_count == 12
    later = save(
        cast, held_on=dt.date(2017, 6, 16), duties=("group_study",), study_hours=Decimal(2)
    )
    assert later.expected_count == 11


def test_group_meeting_expects_the_group(cast: Cast) -> None:
    activity = save(cast, duties=("group_meeting",), group=cast.group_one)
    assert activity.expected_count == 4


def test_committee_meeting_expects_post_holders(cast: Cast) -> None:
    activity = save(cast, duties=("committee_meeting", "document_relay"))
    assert activity.expected_count == 3


def test_general_branch_expects_members_of_its_branches(cast: Cast) -> None:
    head = cast.secretary_of(cast.general)
    activity = save(
        cast,
        actor=head,
        branch=cast.general,
        duties=("general_meeting",),
        chair=cast.person(head),
        recorder=cast.members(cast.branch_b)[0],
    )
    assert activity.expected_count == 7 + 4


def test_make_up_session_counts_only_where_people_work_in_shifts(cast: Cast) -> None:
    made_up = (absent(cast.members(cast.branch_a)[5], "made_up", ""),)
    assert save(cast, absences=made_up).present_count == 12
    people = cast.members(cast.supplies)
    elsewhere = save(
        cast,
        actor=cast.secretary_of(cast.supplies),
        branch=cast.supplies,
        chair=people[0],
        recorder=people[1],
        absences=(absent(people[5], "made_up", ""),),
    )
    assert (elsewhere.expected_count, elsewhere.present_count) == (7, 6)


def test_votes_count_against_those_who_should_attend(cast: Cast) -> None:
    people = cast.members(cast.branch_a)
    away = tuple(absent(person) for person in people[4:9])
    activity = save(cast, absences=away, ayes=6)  # 11 voters, 6 present, all in favour
    assert (activity.voters_present, activity.is_carried) == (6, True)
    more = tuple(absent(person) for person in people[4:10])
    second = save(cast, absences=more, ayes=5, held_on=dt.date(2017, 6, 12))
    assert second.voters_present == 5
    assert not second.has_quorum
    assert not second.is_carried


# -- what is refused -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "field", "sentence"),
    [
        ({"duties": ()}, "duties", "请勾选"),
        ({"duties": ("picnic",)}, "duties", "没有这个事项"),
        ({"held_on": TODAY + dt.timedelta(days=1)}, "held_on", "还没到这一天"),
        ({"place": "  "}, "place", "请填地点"),
        ({"subject": ""}, "subject", "请填主题"),
        ({"agenda": " "}, "agenda", "要有议题"),
        ({"recorder": None}, "recorder", "要有记录人"),
        ({"duties": ("group_meeting",)}, "group", "哪个党小组"),
        ({"duties": ("group_study",)}, "study_hours", "请填学时"),
        ({"study_hours": Decimal("24.5")}, "study_hours", "0到24"),
        ({"study_hours": Decimal(-1)}, "study_hours", "0到24"),
        ({"duties": ("committee_meeting", "themed_day")}, "duties", "要分开记"),
        ({"duties": ("themed_day",), "ayes": 3}, "ayes", "只有支部党员大会"),
        ({"ayes": 12}, "ayes", "多于实到"),
    ],
)
def test_unlikely_record_is_refused_at_its_field(
    cast: Cast, change: dict[str, Any], field: str, sentence: str
) -> None:
    with pytest.raises(DomainError, match=sentence) as refusal:
        save(cast, **change)
    assert refusal.value.field == field
    assert not Activity.objects.exists()


def test_wide_meeting_is_not_a_groups_affair(cast: Cast) -> None:
    with pytest.raises(DomainError, match="主题党日不是一个党小组的事"):
        save(cast, duties=("group_meeting", "themed_day"), group=cast.group_one)


def test_strangers_neither_chair_nor_record(cast: Cast) -> None:
    stranger = cast.members(cast.supplies)[0]
    with pytest.raises(DomainError, match="不能主持"):
        save(cast, chair=stranger)
    with pytest.raises(DomainError, match="不能记录"):
        save(cast, recorder=stranger)


def test_absences_come_from_the_roster(cast: Cast) -> None:
    people = cast.members(cast.branch_a)
    for absences, sentence in (
        ((absent(cast.members(cast.supplies)[0]),), "不在应到名单"),
        ((absent(people[4]), absent(people[4])), "记了两次"),
        ((absent(people[4], reason=" "),), "请写原因"),
        ((absent(people[0]),), "主持人不能同时记缺席"),
        ((absent(people[1]),), "记录人不能同时记缺席"),
    ):
        with pytest.raises(DomainError, match=sentence) as refusal:
            save(cast, absences=absences)
        assert refusal.value.field == "absences"


def test_safety_talk_is_for_production_branches(cast: Cast) -> None:
    people = cast.members(cast.supplies)
    with pytest.raises(DomainError, match="生产（服务）型"):
        save(
            cast,
            actor=cast.secretary_of(cast.supplies),
            branch=cast.supplies,
            duties=("safety_talk",),
            chair=people[0],
            recorder=people[1],
        )


@pytest.mark.parametrize(
    "who", ["secretary_b", "officer", "leader", "captain", "inspector", "employee", "sysadmin"]
)
def test_only_secretary_and_deputy_write(cast: Cast, who: str) -> None:
    with pytest.raises(PermissionDenied):
        save(cast, actor=getattr(cast, who))
    activity = save(cast, actor=cast.deputy_a)
    with pytest.raises(PermissionDenied):
        delete_activity(activity=activity, reason="试试", actor=getattr(cast, who), now=NOW)
    assert Activity.objects.count() == 1


# -- once only, two editors ------------------------------------------------------------------


def test_a_form_sent_twice_is_one_record(cast: Cast) -> None:
    first = save(cast, client_key=KEY)
    second = save(cast, client_key=KEY)
    assert first.pk == second.pk
    assert Activity.objects.count() == 1
    assert AuditEntry.objects.filter(code="record.created").count() == 1


def test_a_key_does_not_open_another_branchs_record(cast: Cast) -> None:
    save(cast, client_key=KEY)
    people = cast.members(cast.supplies)
    with pytest.raises(DomainError, match="标识已用过"):
        save(
            cast,
            actor=cast.secretary_of(cast.supplies),
            branch=cast.supplies,
            chair=people[0],
            recorder=people[1],
            client_key=KEY,
        )


def test_second_editor_is_told_and_nothing_is_overwritten(cast: Cast) -> None:
    activity = save(cast)
    save(cast, actor=cast.deputy_a, activity=activity, version=1, place="二楼活动室")
    with pytest.raises(EditConflict, match="黄丽萍刚改过"):
        save(cast, activity=activity, version=1, place="操场")
    activity.refresh_from_db()
    assert (activity.place, activity.version) == ("二楼活动室", 2)


def test_edit_keeps_what_it_was(cast: Cast) -> None:
    person = cast.members(cast.branch_a)[5]
    activity = save(cast, absences=(absent(person),))
    edited = save(
        cast, activity=activity, version=1, duties=("themed_day",), subject="学规矩、强作风"
    )
    assert edited.present_count == 12
    assert not Absence.objects.exists()
    entry = AuditEntry.objects.get(code="record.edited")
    assert entry.before["duties"] == ["general_meeting", "themed_day"]
    assert entry.after["duties"] == ["themed_day"]
    assert entry.before["absences"] == [[person.pk, "leave", "值班"]]
    assert "place" not in entry.after


def test_editing_a_deleted_record_says_so(cast: Cast) -> None:
    activity = save(cast)
    delete_activity(activity=activity, reason="记错支部", actor=cast.secretary_a, now=NOW)
    with pytest.raises(EditConflict, match="已被删除"):
        save(cast, activity=activity, version=1)


# -- the lock --------------------------------------------------------------------------------


def test_after_the_lock_a_reason_is_asked_and_kept(cast: Cast) -> None:
    with pytest.raises(DomainError, match="2017年6月的记录已锁定") as refusal:
        save(cast, now=JULY)
    assert refusal.value.field == "late_reason"
    activity = save(cast, now=JULY, late_reason="记录人住院")
    assert activity.is_late_entry


def test_in_time_record_has_no_late_reason(cast: Cast) -> None:
    assert not save(cast, late_reason="多填的").is_late_entry


def test_edit_after_the_lock_is_marked_too(cast: Cast) -> None:
    activity = save(cast)
    with pytest.raises(DomainError, match="补录"):
        save(cast, now=JULY, activity=activity, version=1, place="改后的地点")
    changed = save(
        cast, now=JULY, activity=activity, version=1, place="改后的地点", late_reason="地点写错"
    )
    assert changed.late_reason == "地点写错"


def test_last_minute_counts_as_in_time(cast: Cast) -> None:
    last = dt.datetime(2017, 6, 30, 23, 59, 59, tzinfo=NOW.tzinfo)
    assert not save(cast, now=last).is_late_entry


def test_locked_record_is_not_deleted(cast: Cast) -> None:
    activity = save(cast)
    with pytest.raises(Frozen, match="已锁定"):
        delete_activity(activity=activity, reason="重复", actor=cast.secretary_a, now=JULY)
    assert Activity.objects.filter(pk=activity.pk).exists()


def test_deletion_needs_a_reason_and_leaves_a_trace(cast: Cast) -> None:
    activity = save(cast)
    with pytest.raises(DomainError, match="为什么删除"):
        delete_activity(activity=activity, reason=" ", actor=cast.secretary_a, now=NOW)
    delete_activity(activity=activity, reason="与6日重复", actor=cast.secretary_a, now=NOW)
    entry = AuditEntry.objects.get(code="record.deleted")
    assert entry.reason == "与6日重复"
    assert entry.before["subject"] == "学规矩、保安全"


@pytest.fixture
def lock_on_the_20th() -> Iterator[None]:
    def rule(committee_id: int, month: Month) -> dt.date | None:
        return month.first_day.replace(day=20)

    kept = locks._rules[:]
    locks._rules[:] = [rule]
    yield
    locks._rules[:] = kept


@pytest.mark.usefixtures("lock_on_the_20th")
def test_whoever_runs_the_round_sets_the_lock(cast: Cast) -> None:
    with pytest.raises(DomainError, match="已锁定"):
        save(cast)


def test_the_month_locks_with_its_round(month_cast: MonthCast, cast: Cast) -> None:
    """Moving the round's record day moves the lock."""
    early = dt.date(2017, 6, 26)
    rounds.move_calendar(
        round_id=month_cast.round.pk,
        dates={"records_due_on": early},
        reason="端午值班",
        actor=cast.officer,
        now=NOW,
    )
    with pytest.raises(DomainError, match="已锁定"):
        save(cast)
