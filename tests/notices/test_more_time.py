"""More time for a notice, what it climbs when the time is over, and the files beside it."""

from __future__ import annotations

import datetime as dt
import io
from typing import Any
from uuid import UUID

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from PIL import Image

from evaluations.models import MonthRound, NoticeProblem, RectificationNotice
from evaluations.services import evidence, notices, overdue
from portal.attachments.models import Attachment
from portal.kernel.errors import DomainError, TransitionRefused
from portal.notifications.models import InboxMessage
from tests.cast import Cast
from tests.notices.scene import Published, at

pytestmark = pytest.mark.usefixtures("on")


@pytest.fixture
def signed(cast: Cast, published: Published) -> RectificationNotice:
    """Signed on 5 July: to be put right by the 12th."""
    notice = notices.check_and_issue(
        notice_id=published.notice.pk, actor=cast.leader, now=at(7, 5, 11)
    )
    return notices.acknowledge_notice(notice_id=notice.pk, actor=cast.secretary_a, now=at(7, 5, 15))


def extend(notice: RectificationNotice, actor: Any, day: dt.date, **more: Any) -> Any:
    values = {"reason": "公示牌厂家交货晚", "now": at(7, 10), **more}
    return notices.extend_notice(notice_id=notice.pk, due_on=day, actor=actor, **values)


def client_of(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def steps_of(notice: RectificationNotice) -> list[str]:
    return list(notice.events.order_by("pk").values_list("step", flat=True))


# -- extension --------------------------------------------------------------------------------


def test_a_deadline_is_moved_once_with_its_reason(cast: Cast, signed: RectificationNotice) -> None:
    moved = extend(signed, cast.officer, dt.date(2017, 7, 19))
    assert (moved.extended_from, moved.due_on) == (dt.date(2017, 7, 12), dt.date(2017, 7, 19))
    assert moved.look_back_by == dt.date(2017, 7, 26)
    assert moved.status == "acknowledged"
    assert moved.events.get(step="extend").note == "公示牌厂家交货晚"
    message = InboxMessage.objects.get(user=cast.secretary_a, title__contains="延期到7月19日")
    assert signed.document_number in message.title
    with pytest.raises(TransitionRefused, match="已经延过一次"):
        extend(signed, cast.officer, dt.date(2017, 7, 21))


@pytest.mark.parametrize(
    ("day", "said"),
    [
        (dt.date(2017, 7, 12), "须晚于原期限"),
        (dt.date(2017, 7, 9), "须晚于原期限"),
        (dt.date(2017, 8, 8), "最多延到8月7日"),
    ],
)
def test_the_new_day_has_its_bounds(
    cast: Cast, signed: RectificationNotice, day: dt.date, said: str
) -> None:
    with pytest.raises(DomainError, match=said) as refusal:
        extend(signed, cast.officer, day)
    assert refusal.value.field == "due_on"


def test_who_may_not_and_when_not(cast: Cast, signed: RectificationNotice) -> None:
    for user in (cast.secretary_a, cast.employee, cast.officer_elsewhere):
        with pytest.raises(PermissionDenied):
            extend(signed, user, dt.date(2017, 7, 19))
    with pytest.raises(DomainError, match="为什么延期"):
        extend(signed, cast.officer, dt.date(2017, 7, 19), reason=" ")
    notices.withdraw_notice(notice_id=signed.pk, reason="有误", actor=cast.leader, now=at(7, 10))
    with pytest.raises(TransitionRefused, match="不能延期"):
        extend(signed, cast.officer, dt.date(2017, 7, 19))


def test_the_page_offers_it_to_the_office_and_keeps_what_was_typed(
    cast: Cast, signed: RectificationNotice
) -> None:
    page = reverse("evaluations:notice-detail", args=[signed.pk])
    address = reverse("evaluations:notice-extend", args=[signed.pk])
    officer = client_of(cast.officer)
    assert address in officer.get(page).content.decode()
    assert address not in client_of(cast.secretary_a).get(page).content.decode()
    typed = {"extend-due_on": "2017-07-19", "extend-reason": ""}
    answer = officer.post(address, typed)
    assert answer.status_code == 400
    assert "请写明为什么延期" in answer.content.decode()
    assert 'value="2017-07-19"' in answer.content.decode()
    assert officer.post(address, {**typed, "extend-reason": "厂家交货晚"}).status_code == 302
    assert "同意延期" in officer.get(page).content.decode()
    assert address not in officer.get(page).content.decode()


# -- the two rungs ----------------------------------------------------------------------------


def test_overdue_climbs_to_the_secretary_and_then_to_the_meeting(
    cast: Cast, signed: RectificationNotice
) -> None:
    # due on Wednesday the 12th: one working day late nobody above is asked, two days late is
    overdue.remind(at(7, 14, 9))
    assert "escalate" not in steps_of(signed)
    overdue.remind(at(7, 17, 9))
    overdue.remind(at(7, 17, 10))
    assert steps_of(signed).count("escalate") == 1
    told = InboxMessage.objects.filter(user=cast.leader, key__startswith="notice-escalated:")
    assert told.count() == 1
    assert "to_meeting" not in steps_of(signed)
    MonthRound.objects.filter(pk=signed.run.round_id).update(meeting_on=dt.date(2017, 7, 20))
    overdue.remind(at(7, 20, 9))
    overdue.remind(at(7, 21, 9))
    assert steps_of(signed).count("to_meeting") == 1
    page = client_of(cast.officer).get(reverse("evaluations:notice-detail", args=[signed.pk]))
    assert "已报党委书记" in page.content.decode()
    assert "列入月度例会" in page.content.decode()


def test_a_new_deadline_climbs_anew(cast: Cast, signed: RectificationNotice) -> None:
    overdue.remind(at(7, 17, 9))
    extend(signed, cast.officer, dt.date(2017, 7, 24), now=at(7, 18))
    overdue.remind(at(7, 25, 9))
    assert steps_of(signed).count("escalate") == 1
    overdue.remind(at(7, 28, 9))
    assert steps_of(signed).count("escalate") == 2


# -- evidence ---------------------------------------------------------------------------------


def photo(name: str = "公示牌.jpg") -> SimpleUploadedFile:
    data = io.BytesIO()
    Image.new("RGB", (40, 30), "white").save(data, "JPEG")
    return SimpleUploadedFile(name, data.getvalue(), "image/jpeg")


def test_a_file_is_put_beside_a_problem_seen_by_both_and_taken_away(
    cast: Cast, signed: RectificationNotice
) -> None:
    secretary = client_of(cast.secretary_a)
    problem: NoticeProblem = signed.problems.order_by("number")[0]
    address = reverse("evaluations:notice-add-evidence", args=[signed.pk])
    answer = secretary.post(address, {"evidence-problem": problem.pk, "evidence-papers": [photo()]})
    assert answer.status_code == 302
    kept = Attachment.objects.of(problem).get()
    file = reverse("attachments:file", args=[kept.pk])
    page = reverse("evaluations:notice-detail", args=[signed.pk])
    assert file in secretary.get(page).content.decode()
    for user, status in (
        (cast.officer, 200),
        (cast.secretary_a, 200),
        (cast.secretary_b, 404),
        (cast.employee, 404),
        (cast.officer_elsewhere, 404),
    ):
        assert client_of(user).get(file).status_code == status
    away = reverse("evaluations:notice-remove-evidence", args=[signed.pk, problem.pk, kept.pk])
    assert client_of(cast.secretary_b).post(away).status_code == 404
    assert secretary.post(away).status_code == 302
    assert secretary.post(away).status_code == 302
    assert not Attachment.objects.of(problem).exists()


def test_no_file_and_a_bad_file_say_so(cast: Cast, signed: RectificationNotice) -> None:
    secretary = client_of(cast.secretary_a)
    problem = signed.problems.order_by("number")[0]
    address = reverse("evaluations:notice-add-evidence", args=[signed.pk])
    answer = secretary.post(address, {"evidence-problem": problem.pk})
    assert answer.status_code == 400
    assert "请选择文件" in answer.content.decode()
    bad = SimpleUploadedFile("公示牌.jpg", b"MZ not a picture", "image/jpeg")
    answer = secretary.post(address, {"evidence-problem": problem.pk, "evidence-papers": [bad]})
    assert answer.status_code == 400
    assert "公示牌.jpg：" in answer.content.decode()


def test_evidence_rests_while_the_committee_reads(cast: Cast, signed: RectificationNotice) -> None:
    problem = signed.problems.order_by("number")[0]
    notices.withdraw_notice(notice_id=signed.pk, reason="有误", actor=cast.leader, now=at(7, 10))
    with pytest.raises(TransitionRefused):
        evidence.remove_evidence(
            notice_id=signed.pk,
            problem_id=problem.pk,
            attachment_id=UUID(int=1),
            actor=cast.secretary_a,
            now=at(7, 11),
        )
