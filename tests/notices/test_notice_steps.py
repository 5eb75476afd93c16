"""The life of a notice: every state x step x role, numbers, deadlines, history."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.urls import reverse

from branches.models import Role
from branches.services import organisation
from evaluations.lifecycles import NOTICE, NoticeStatus
from evaluations.models import NoticeEvent, RectificationNotice
from evaluations.services import notices
from portal.accounts.models import User
from portal.audit.models import AuditEntry
from portal.kernel.errors import DomainError, EditConflict, TransitionRefused
from portal.kernel.models import NumberSequence
from portal.notifications.models import InboxMessage
from tests.cast import Cast
from tests.notices.scene import PUBLISHED_AT, Published, answers, at, put

pytestmark = pytest.mark.usefixtures("on")

NOW = PUBLISHED_AT
ROLES = (
    "secretary_a",
    "deputy_a",
    "secretary_b",
    "inspector",
    "officer",
    "officer_elsewhere",
    "leader",
    "captain",
    "employee",
    "sysadmin",
    "secadmin",
    "auditor",
)
COMMITTEE = {"officer", "leader"}
BRANCH = {"secretary_a", "deputy_a"}


STEPS: dict[str, tuple[set[str], Callable[[RectificationNotice, User], Any]]] = {
    "check": (COMMITTEE, lambda n, u: notices.check_notice(notice_id=n.pk, actor=u, now=NOW)),
    "send_back": (
        COMMITTEE,
        lambda n, u: notices.send_back_notice(
            notice_id=n.pk, remark="写明改期原因", actor=u, now=NOW
        ),
    ),
    "issue": (COMMITTEE, lambda n, u: notices.issue_notice(notice_id=n.pk, actor=u, now=NOW)),
    "acknowledge": (
        BRANCH,
        lambda n, u: notices.acknowledge_notice(notice_id=n.pk, actor=u, now=NOW),
    ),
    "respond": (
        BRANCH,
        lambda n, u: notices.respond_to_notice(
            notice_id=n.pk, answers=answers(n), version=n.version, actor=u, now=NOW
        ),
    ),
    "accept": (COMMITTEE, lambda n, u: notices.accept_response(notice_id=n.pk, actor=u, now=NOW)),
    "return": (
        COMMITTEE,
        lambda n, u: notices.return_response(notice_id=n.pk, reason="还差一项", actor=u, now=NOW),
    ),
    "extend": (
        COMMITTEE,
        lambda n, u: notices.extend_notice(
            notice_id=n.pk, due_on=dt.date(2017, 7, 19), reason="厂家交货晚", actor=u, now=NOW
        ),
    ),
    "withdraw": (
        COMMITTEE,
        lambda n, u: notices.withdraw_notice(notice_id=n.pk, reason="事实有误", actor=u, now=NOW),
    ),
}


def test_every_step_of_the_table_is_played() -> None:
    assert set(STEPS) == set(NOTICE.steps)


@pytest.mark.parametrize("step", list(STEPS))
@pytest.mark.parametrize("status", NoticeStatus.values)
def test_matrix_of_state_step_and_role(
    cast: Cast, published: Published, status: str, step: str
) -> None:
    allowed, take = STEPS[step]
    for role in ROLES:
        notice = put(published.notice, status)
        history = list(notice.events.values_list("step", flat=True))
        user = getattr(cast, role)
        if role not in allowed:
            with pytest.raises(PermissionDenied):
                take(notice, user)
        elif not NOTICE.allows(status, step):
            with pytest.raises(TransitionRefused) as refused:
                take(notice, user)
            assert str(NoticeStatus(status).label) in refused.value.message
        else:
            take(notice, user)
            notice.refresh_from_db()
            assert notice.status == (NOTICE.steps[step].target or status)
            assert list(notice.events.values_list("step", flat=True)) == [*history, step]
            continue
        notice.refresh_from_db()
        assert notice.status == status, role
        assert list(notice.events.values_list("step", flat=True)) == history


@pytest.mark.parametrize(
    "step", ["check", "send_back", "issue", "accept", "return", "extend", "withdraw"]
)
def test_recusal_the_office_does_not_judge_its_own_branch(
    cast: Cast, published: Published, step: str
) -> None:
    """office_three is the officer's branch and that of the department: its secretary above
    decides, and an officer of the committee above may."""
    sources = NOTICE.steps[step].sources
    notice = put(published.office_notice, sorted(sources)[0])
    with pytest.raises(PermissionDenied):
        STEPS[step][1](notice, cast.officer)
    STEPS[step][1](notice, cast.leader)
    notice.refresh_from_db()
    assert notice.status == (NOTICE.steps[step].target or sorted(sources)[0])


def test_recusal_of_a_colleague_who_is_on_no_roll(cast: Cast, published: Published) -> None:
    """Another officer of the same department whose membership nobody entered: the flag on
    the branch keeps him out all the same; a member of branch A keeps out of branch A."""
    colleague = User.objects.create_user("colleague", display_name="苏雅婷")
    member = cast.secretary_of(cast.branch_b)
    for user in (colleague, member):
        organisation.grant_role(
            user=user,
            role=Role.PARTY_AFFAIRS_OFFICER,
            committee=cast.city,
            started_on=dt.date(2016, 1, 4),
            actor=None,
            now=NOW,
        )
    organisation.create_person(
        name="苏雅婷", committee=cast.city, user=colleague, actor=None, now=NOW
    )
    with pytest.raises(PermissionDenied):
        notices.check_and_issue(notice_id=published.office_notice.pk, actor=colleague, now=NOW)
    notices.check_and_issue(notice_id=published.notice.pk, actor=colleague, now=NOW)


def test_issue_gives_number_deadlines_and_word_to_the_branch(
    cast: Cast, published: Published
) -> None:
    notice = notices.check_and_issue(
        notice_id=published.notice.pk, actor=cast.officer, now=NOW, version=1
    )
    notice.refresh_from_db()
    assert notice.document_number == "泉电党整〔2017〕1号"
    assert str(notice) == "泉电党整〔2017〕1号"
    assert notice.acknowledge_by == dt.date(2017, 7, 7)
    assert notice.due_on == dt.date(2017, 7, 12)
    assert notice.look_back_by == dt.date(2017, 7, 19)
    assert notice.issued_by == cast.officer
    entry = AuditEntry.objects.get(code="notice.issued")
    assert entry.after["document_number"] == "泉电党整〔2017〕1号"
    told = InboxMessage.objects.filter(key__startswith="notice-event:")
    assert {m.user for m in told} == {cast.secretary_a, cast.deputy_a}
    assert {m.link for m in told} == {reverse("evaluations:notice-detail", args=[notice.pk])}
    assert all("泉电党整〔2017〕1号" in m.title and "7月12日" in m.title for m in told)


@pytest.mark.parametrize(
    ("now", "sign", "due"),
    [
        (at(9, 30, year=2026), dt.date(2026, 10, 9), dt.date(2026, 10, 13)),
        (at(9, 29, year=2017), dt.date(2017, 10, 9), dt.date(2017, 10, 12)),
        (at(2, 11, year=2026), dt.date(2026, 2, 13), dt.date(2026, 2, 25)),
        (at(7, 5, 23, 59), dt.date(2017, 7, 7), dt.date(2017, 7, 12)),
    ],
)
def test_deadlines_count_working_days_over_holidays(
    cast: Cast, published: Published, now: dt.datetime, sign: dt.date, due: dt.date
) -> None:
    notice = notices.check_and_issue(notice_id=published.notice.pk, actor=cast.leader, now=now)
    assert (notice.acknowledge_by, notice.due_on) == (sign, due)


def test_year_of_the_number_is_that_of_shanghai(cast: Cast, published: Published) -> None:
    new_year = dt.datetime(2017, 12, 31, 16, 30, tzinfo=dt.UTC)  # 2018-01-01 00:30 in Shanghai
    notices.check_and_issue(notice_id=published.notice.pk, actor=cast.leader, now=new_year)
    other = notices.check_and_issue(
        notice_id=published.office_notice.pk, actor=cast.leader, now=NOW
    )
    published.notice.refresh_from_db()
    assert published.notice.document_number == "泉电党整〔2018〕1号"
    assert other.document_number == "泉电党整〔2017〕1号"


def test_number_is_given_back_when_signing_fails(cast: Cast, published: Published) -> None:
    with transaction.atomic():
        notices.check_and_issue(notice_id=published.notice.pk, actor=cast.leader, now=NOW)
        transaction.set_rollback(True)
    assert not NumberSequence.objects.exists()
    again = notices.check_and_issue(notice_id=published.notice.pk, actor=cast.leader, now=NOW)
    assert again.number == 1


def test_withdrawn_number_is_never_given_again(cast: Cast, published: Published) -> None:
    notices.check_and_issue(notice_id=published.notice.pk, actor=cast.leader, now=NOW)
    notices.withdraw_notice(
        notice_id=published.notice.pk, reason="事实有误", actor=cast.leader, now=NOW
    )
    second = notices.check_and_issue(
        notice_id=published.office_notice.pk, actor=cast.leader, now=NOW
    )
    published.notice.refresh_from_db()
    assert published.notice.number == 1
    assert second.number == 2


def test_second_press_of_issue_uses_no_number(cast: Cast, published: Published) -> None:
    for press in (1, 2):
        if press == 1:
            notices.check_and_issue(notice_id=published.notice.pk, actor=cast.officer, now=NOW)
        else:
            with pytest.raises(TransitionRefused, match="待签收"):
                notices.check_and_issue(notice_id=published.notice.pk, actor=cast.officer, now=NOW)
    assert NumberSequence.objects.get().last_number == 1
    assert NoticeEvent.objects.filter(step="issue").count() == 1


def test_notice_without_problems_is_not_issued(cast: Cast, published: Published) -> None:
    published.notice.problems.all().delete()
    with pytest.raises(DomainError, match="没有问题"):
        notices.check_and_issue(notice_id=published.notice.pk, actor=cast.officer, now=NOW)
    assert not NumberSequence.objects.exists()


# -- the draft -------------------------------------------------------------------------------


def edit(published: Published, user: User, facts: str, version: int = 1) -> Any:
    return notices.edit_problem(
        notice_id=published.notice.pk,
        problem_id=published.problems[0].pk,
        facts=facts,
        version=version,
        actor=user,
        now=NOW,
    )


def test_facts_may_be_reworded_and_the_generated_text_is_kept(
    cast: Cast, published: Published
) -> None:
    generated = published.problems[0].facts
    edit(published, cast.officer, "  6月9日未开展主题党日，也未说明改期原因 ")
    assert published.problems[0].facts == "6月9日未开展主题党日，也未说明改期原因"
    entry = AuditEntry.objects.get(code="notice.facts_edited")
    assert entry.before == {"problem": 1, "facts": generated}


def test_signer_signs_what_he_read(cast: Cast, published: Published) -> None:
    edit(published, cast.officer, "改过的事实")
    with pytest.raises(EditConflict):
        notices.check_and_issue(
            notice_id=published.notice.pk, actor=cast.leader, now=NOW, version=1
        )
    assert not NumberSequence.objects.exists()


def test_two_editors_of_a_draft(cast: Cast, published: Published) -> None:
    edit(published, cast.officer, "甲的说法")
    with pytest.raises(EditConflict):
        edit(published, cast.leader, "乙的说法", version=1)
    assert published.problems[0].facts == "甲的说法"
    edit(published, cast.officer, "甲的说法", version=1)  # the same save pressed twice


@pytest.mark.parametrize("facts", ["", "   ", "长" * 2001])
def test_facts_must_be_there_and_fit(cast: Cast, published: Published, facts: str) -> None:
    with pytest.raises(DomainError) as refused:
        edit(published, cast.officer, facts)
    assert refused.value.field == "facts"


def test_facts_stand_once_issued_and_are_not_the_branchs_to_edit(
    cast: Cast, published: Published
) -> None:
    with pytest.raises(PermissionDenied):
        edit(published, cast.secretary_a, "没有的事")
    put(published.notice, "issued")
    with pytest.raises(TransitionRefused, match="已签发"):
        edit(published, cast.officer, "改不了了")


# -- who sees it, and what follows from the date ------------------------------------------------


def test_who_sees_which_notice(cast: Cast, published: Published) -> None:
    def seen(user: User) -> set[str]:
        return {n.status for n in RectificationNotice.objects.visible_to(user)}

    overseers = {cast.officer, cast.leader}
    for user in cast.users.values():
        assert seen(user) == ({"draft"} if user in overseers else set()), user
    put(published.notice, "issued")
    # The captain is the branch's organisation member: committee members read, and only read.
    branch = {cast.secretary_a, cast.deputy_a, cast.captain}
    for user in cast.users.values():
        expected = {"issued"} if user in branch else set()
        assert seen(user) == ({"draft", "issued"} if user in overseers else expected), user


def test_withdrawn_before_it_was_served_stays_inside_the_department(
    cast: Cast, published: Published
) -> None:
    notices.withdraw_notice(
        notice_id=published.notice.pk, reason="重复", actor=cast.officer, now=NOW
    )
    assert not RectificationNotice.objects.visible_to(cast.secretary_a).exists()
    assert not InboxMessage.objects.filter(user=cast.secretary_a, key__startswith="notice").exists()


@pytest.mark.parametrize(
    ("status", "overdue"),
    [
        ("draft", False),
        ("issued", True),
        ("acknowledged", True),
        ("returned", True),
        ("responded", False),
        ("accepted", False),
        ("withdrawn", False),
    ],
)
def test_overdue_follows_from_the_date(published: Published, status: str, overdue: bool) -> None:
    put(published.notice, status)
    notices_of = RectificationNotice.objects
    assert not notices_of.overdue(dt.date(2017, 7, 12)).exists()  # the day itself is still good
    assert notices_of.overdue(dt.date(2017, 7, 13)).exists() is overdue
    unsigned = notices_of.unacknowledged(dt.date(2017, 7, 8)).exists()
    assert unsigned is (status == "issued")
