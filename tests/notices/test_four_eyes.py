"""核稿: words are checked by another than who wrote them, and an office of one is not stopped."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from branches.models import Appointment, Role
from branches.services import organisation
from evaluations.models import RectificationNotice
from evaluations.services import notices
from evaluations.services.notices import FourEyes
from portal.accounts.models import User
from portal.audit.models import AuditEntry
from portal.kernel.errors import DomainError, EditConflict, TransitionRefused
from portal.notifications.models import InboxMessage
from tests.api.test_api import post as api_post
from tests.cast import Cast
from tests.notices.pages import get, page, post, text
from tests.notices.scene import PUBLISHED_AT, Published

pytestmark = pytest.mark.usefixtures("on")

NOW = PUBLISHED_AT


def colleague(cast: Cast) -> User:
    user = User.objects.create_user("second_officer", display_name="苏雅婷")
    organisation.grant_role(
        user=user,
        role=Role.PARTY_AFFAIRS_OFFICER,
        committee=cast.city,
        started_on=dt.date(2016, 1, 4),
        actor=None,
        now=NOW,
    )
    return user


def reword(published: Published, user: User) -> RectificationNotice:
    published.notice.refresh_from_db()
    notices.edit_problem(
        notice_id=published.notice.pk,
        problem_id=published.problems[0].pk,
        facts=f"6月9日未开展主题党日（{user}核过）",
        version=published.notice.version,
        actor=user,
        now=NOW,
    )
    published.notice.refresh_from_db()
    return published.notice


def check(notice: RectificationNotice, user: User, **values: Any) -> RectificationNotice:
    return notices.check_notice(notice_id=notice.pk, actor=user, now=NOW, **values)


def both(notice: RectificationNotice, user: User, **values: Any) -> RectificationNotice:
    return notices.check_and_issue(notice_id=notice.pk, actor=user, now=NOW, **values)


def steps(notice: RectificationNotice) -> list[tuple[str, str]]:
    return list(notice.events.values_list("step", "note"))


def test_the_officer_checks_and_the_secretary_signs(cast: Cast, published: Published) -> None:
    checked = check(published.notice, cast.officer, version=1)
    assert (checked.checked_by, checked.checked_at) == (cast.officer, NOW)
    assert checked.number is None
    entry = AuditEntry.objects.get(code="notice.checked")
    assert entry.after["status"] == "checked"
    told = InboxMessage.objects.filter(title__contains="已核稿，待签发")
    assert {message.user for message in told} == {cast.leader}
    signed = notices.issue_notice(
        notice_id=checked.pk, actor=cast.leader, now=NOW, version=checked.version
    )
    assert (signed.checked_by, signed.issued_by) == (cast.officer, cast.leader)


def test_one_press_checks_and_signs_and_both_are_in_the_history(
    cast: Cast, published: Published
) -> None:
    """The machine's words are nobody's own."""
    signed = both(published.notice, cast.officer)
    assert signed.document_number == "泉电党整〔2017〕1号"
    assert (signed.checked_by, signed.issued_by) == (cast.officer, cast.officer)
    assert steps(signed) == [("draft", ""), ("check", "与签发一次办理"), ("issue", "")]
    assert not InboxMessage.objects.filter(title__contains="待签发", key__startswith="notice-")


def test_who_worded_it_leaves_the_check_to_a_colleague(cast: Cast, published: Published) -> None:
    second = colleague(cast)
    notice = reword(published, cast.officer)
    for press in (check, both):
        with pytest.raises(FourEyes, match="请由另一位同志核稿（如苏雅婷）"):
            press(notice, cast.officer, reason="赶时间")
    check(notice, second)
    signed = notices.issue_notice(notice_id=notice.pk, actor=cast.officer, now=NOW)
    assert (signed.edited_by, signed.checked_by) == (cast.officer, second)


def test_the_secretary_may_check_and_sign_what_the_officer_worded(
    cast: Cast, published: Published
) -> None:
    notice = reword(published, cast.officer)
    assert both(notice, cast.leader).issued_by == cast.leader


def test_the_last_who_worded_it_counts(cast: Cast, published: Published) -> None:
    reword(published, cast.officer)
    notice = reword(published, cast.leader)
    with pytest.raises(FourEyes, match="请由另一位同志核稿"):
        both(notice, cast.leader)
    assert check(notice, cast.officer).status == "checked"


def test_an_office_of_one_says_why_and_another_signs(cast: Cast, published: Published) -> None:
    notice = reword(published, cast.officer)
    with pytest.raises(DomainError, match="为什么由您核稿") as refused:
        check(notice, cast.officer)
    assert refused.value.field == "reason"
    with pytest.raises(FourEyes, match="请由另一位同志签发"):
        both(notice, cast.officer, reason="部门只有我一人")
    check(notice, cast.officer, reason="部门只有我一人")
    assert steps(notice)[-1] == ("check", "部门只有我一人")
    assert AuditEntry.objects.get(code="notice.checked").reason == "部门只有我一人"
    with pytest.raises(FourEyes, match="请由另一位同志签发"):
        notices.issue_notice(notice_id=notice.pk, actor=cast.officer, now=NOW)
    assert notices.issue_notice(notice_id=notice.pk, actor=cast.leader, now=NOW).number == 1


def test_where_nobody_else_is_there_one_press_with_a_reason(
    cast: Cast, published: Published
) -> None:
    Appointment.objects.filter(committee=cast.city).update(ended_on=dt.date(2017, 7, 1))
    notice = reword(published, cast.officer)
    body = text(get(cast.officer, "notice-detail", notice.pk))
    assert page("notice-check-and-issue", notice.pk) in body
    signed = both(notice, cast.officer, reason="党委书记空缺")
    assert signed.number == 1
    assert ("check", "党委书记空缺") in steps(signed)


def test_sent_back_with_a_remark_the_check_lapses(cast: Cast, published: Published) -> None:
    notice = reword(published, cast.leader)
    check(notice, cast.officer)
    with pytest.raises(TransitionRefused, match="已核稿，事实不能再改"):
        reword(published, cast.officer)
    back = notices.send_back_notice(
        notice_id=notice.pk, remark=" 写明改期原因 ", actor=cast.officer, now=NOW
    )
    assert (back.status, back.checked_by, back.checked_at) == ("draft", None, None)
    assert steps(back)[-1] == ("send_back", "写明改期原因")
    told = InboxMessage.objects.get(title__contains="退回起草")
    assert (told.user, told.body) == (cast.leader, "写明改期原因")
    shown = text(get(cast.leader, "notice-detail", notice.pk))
    assert "写明改期原因" in shown
    reword(published, cast.leader)
    check(notice, cast.officer)
    assert "letter-edit" not in text(get(cast.leader, "notice-detail", notice.pk))
    for remark in ("", "  ", "长" * 301):
        with pytest.raises(DomainError) as refused:
            notices.send_back_notice(
                notice_id=notice.pk, remark=remark, actor=cast.officer, now=NOW
            )
        assert refused.value.field == "remark"


def test_the_branch_reads_who_checked_and_nothing_of_the_drafting(
    cast: Cast, published: Published
) -> None:
    notice = reword(published, cast.officer)
    check(notice, cast.officer, reason="部门只有我一人")
    notices.send_back_notice(notice_id=notice.pk, remark="太笼统", actor=cast.leader, now=NOW)
    check(notice, cast.officer, reason="部门只有我一人")
    notices.issue_notice(notice_id=notice.pk, actor=cast.leader, now=NOW)
    office = text(get(cast.officer, "notice-detail", notice.pk))
    branch = text(get(cast.secretary_a, "notice-detail", notice.pk))
    for inside in ("太笼统", "退回起草", "部门只有我一人"):
        assert inside in office
        assert inside not in branch
    history = branch.split('class="timeline')[1]
    assert history.count("核稿") == 1
    assert str(cast.officer) in history


def test_checker_checks_what_he_read(cast: Cast, published: Published) -> None:
    reword(published, cast.leader)
    for press in (check, both):
        with pytest.raises(EditConflict):
            press(published.notice, cast.officer, version=1)


def test_a_notice_without_problems_is_not_checked(cast: Cast, published: Published) -> None:
    published.notice.problems.all().delete()
    with pytest.raises(DomainError, match="没有问题"):
        check(published.notice, cast.officer)


def test_the_page_says_whose_turn_it_is(cast: Cast, published: Published) -> None:
    second = colleague(cast)
    notice = reword(published, cast.officer)
    own = text(get(cast.officer, "notice-detail", notice.pk))
    assert "请由另一位同志核稿（如苏雅婷）" in own
    assert page("notice-check", notice.pk) not in own
    assert "改写事实" in own  # it is still a draft
    assert page("notice-check", notice.pk) in text(get(second, "notice-detail", notice.pk))
    refused = post(cast.officer, "notice-check", notice.pk, version=notice.version)
    assert refused.status_code == 403
    assert "请由另一位同志核稿" in text(refused)


def test_what_was_typed_stays_beside_the_sentence(cast: Cast, published: Published) -> None:
    notice = reword(published, cast.officer)
    version = notice.version
    refused = post(cast.officer, "notice-check", notice.pk, version=version, reason="长" * 301)
    assert refused.status_code == 400
    assert "长" * 301 in text(refused)
    remark = post(cast.officer, "notice-send-back", notice.pk, remark="长" * 301)
    assert remark.status_code == 400
    assert "长" * 301 in text(remark)


def test_the_interface_checks_sends_back_and_signs(cast: Cast, published: Published) -> None:
    def call(user: User, step: str, **data: Any) -> Any:
        return api_post(user, f"notices/{published.notice.pk}/{step}/", data)

    refused = call(cast.officer, "issue")
    assert refused.status_code == 409
    assert "待核稿" in refused.json()["detail"]
    checked = call(cast.officer, "check", version=1).json()
    assert (checked["status"], checked["checked_by_name"]) == ("checked", cast.officer.display_name)
    assert call(cast.leader, "send-back", remark="写明原因").json()["status"] == "draft"
    assert call(cast.secretary_a, "check").status_code == 404
    assert call(cast.leader, "check-and-issue").json()["document_number"] == "泉电党整〔2017〕1号"


def test_the_database_holds_that_nothing_is_signed_unchecked(
    cast: Cast, published: Published
) -> None:
    signed = both(published.notice, cast.leader)
    with pytest.raises(IntegrityError, match="signed_notice_was_checked"), transaction.atomic():
        RectificationNotice.objects.filter(pk=signed.pk).update(checked_at=None, checked_by=None)


def test_a_stranger_and_the_branch_check_nothing(cast: Cast, published: Published) -> None:
    for user in (cast.secretary_a, cast.employee, cast.officer_elsewhere, cast.auditor):
        with pytest.raises(PermissionDenied):
            check(published.notice, user)
        with pytest.raises(PermissionDenied):
            notices.send_back_notice(
                notice_id=published.notice.pk, remark="改", actor=user, now=NOW
            )
