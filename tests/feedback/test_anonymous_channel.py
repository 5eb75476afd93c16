"""The anonymous channel, page by page."""

from __future__ import annotations

import datetime as dt
from typing import Any
from unittest.mock import patch

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from feedback.models import Message, Rating, RequestEvent, StaffRequest
from feedback.services import batch, deadlines, handling, office
from feedback.services.handling import Answer, Pledge
from portal.attachments.models import Attachment
from portal.audit.models import AuditEntry
from portal.notifications.models import InboxMessage
from tests.attachments import files
from tests.cast import NOW, Cast
from tests.feedback.channel import NEXT_DAY, TEXT, code_in, only, say, send, with_receipt, words
from tests.feedback.scene import Listening

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_the_time")]


def test_the_receipt_is_shown_once_and_only_its_fingerprint_is_kept(visitor: Client) -> None:
    response = send(visitor)
    code = code_in(response)
    made = only()
    assert (made.level, made.submitted_at, made.recorded_by) == ("anonymous", None, None)
    assert made.released_on == NOW.date() + dt.timedelta(days=1)
    assert made.receipt_digest
    assert code.replace("-", "")[:24] not in str(vars(made))
    assert "data:image/svg+xml" in words(response)
    assert response["Cache-Control"] == "no-store"
    assert not response.cookies
    assert TEXT in words(with_receipt(visitor, code))


def test_sent_twice_it_is_one_request_with_one_receipt(visitor: Client) -> None:
    assert say(visitor) == say(visitor)
    assert StaffRequest.objects.count() == 1
    assert say(visitor, "另一件：班车太早。") != say(visitor)
    assert StaffRequest.objects.count() == 2


def test_the_named_page_sent_without_a_name_is_one_request_too(
    listening: Listening, visitor: Client
) -> None:
    member = Client()
    member.force_login(listening.worker)
    page = words(member.get(reverse("feedback:say")))
    nonce = page.split('name="nonce" value="', 1)[1].split('"', 1)[0]
    again = words(member.get(reverse("feedback:say")))
    assert nonce not in again
    one = say(visitor, nonce=nonce, from_named="1", level="anonymous")
    # Back and sent once more, or the receipt loaded again.
    assert say(visitor, nonce=nonce, from_named="1", level="anonymous") == one
    assert StaffRequest.objects.count() == 1


def test_nobody_is_signed_in_here_and_no_session_is_touched(
    cast: Cast, listening: Listening, django_assert_num_queries: Any
) -> None:
    member = Client()
    member.force_login(listening.worker)
    with patch("portal.accounts.session_store.SessionStore.load") as load:
        page = member.get(reverse("feedback:anonymous"))
        code = say(member)
        with_receipt(member, code)
    load.assert_not_called()
    assert not page.wsgi_request.user.is_authenticated
    assert page.wsgi_request.META["REMOTE_ADDR"] == ""
    assert listening.worker.display_name not in words(page)
    # The session itself is still good elsewhere.
    assert member.get("/").status_code == 200


def test_the_house_hears_of_it_in_the_next_days_batch(
    cast: Cast, listening: Listening, visitor: Client
) -> None:
    say(visitor)
    say(visitor, "又一件：工作服洗了就缩水。")
    assert not InboxMessage.objects.exists()
    assert not StaffRequest.objects.visible_to(cast.officer).exists()
    batch.deliver(NOW)
    assert not InboxMessage.objects.exists()
    with time_machine.travel(NEXT_DAY, tick=False):
        for hours in (0, 0, 3):
            batch.deliver(NEXT_DAY + dt.timedelta(hours=hours))
        assert StaffRequest.objects.visible_to(cast.officer).count() == 2
    told = InboxMessage.objects.filter(user=cast.officer)
    assert [message.title for message in told] == ["收到匿名诉求 2 件，请受理"]


def test_what_came_on_friday_is_told_on_monday(
    cast: Cast, listening: Listening, visitor: Client
) -> None:
    friday = dt.datetime.fromisoformat("2017-06-23T19:00:00+08:00")
    with time_machine.travel(friday, tick=False):
        receipt = words(send(visitor))
    assert "6月26日(周一)一早（下一个工作日）" in receipt
    assert "6月27日(周二)前" in receipt, "to be accepted the working day after"
    assert only().released_on == dt.date(2017, 6, 26)
    for days in (1, 2):
        batch.deliver(friday + dt.timedelta(days=days, hours=-9))
        assert not InboxMessage.objects.exists()
    batch.deliver(friday + dt.timedelta(days=3, hours=-9))
    assert InboxMessage.objects.filter(user=cast.officer).count() == 1


def in_hand(cast: Cast, listening: Listening) -> StaffRequest:
    made = only()
    office.accept(request_id=made.pk, headline="夜间就餐", actor=cast.officer, now=NEXT_DAY)
    return office.assign(
        request_id=made.pk, department=listening.supplies, actor=cast.officer, now=NEXT_DAY
    )


def answered(cast: Cast, listening: Listening, pledge: Pledge | None = None) -> StaffRequest:
    made = in_hand(cast, listening)
    handling.reply(
        request_id=made.pk,
        answer=Answer(
            "7月1日起值班食堂供夜餐到凌晨1点。",
            "planned" if pledge else "carried_out",
            "21点关门",
            "供到凌晨1点",
            pledge=pledge,
        ),
        actor=listening.handler,
        now=NEXT_DAY,
    )
    return only()


def test_question_and_answer_go_to_and_fro_by_receipt(
    cast: Cast, listening: Listening, visitor: Client
) -> None:
    code = say(visitor)
    made = in_hand(cast, listening)
    handling.ask_author(
        request_id=made.pk, text="是哪个值班点？", actor=listening.handler, now=NEXT_DAY
    )
    with time_machine.travel(NEXT_DAY, tick=False):
        assert "是哪个值班点？" in words(with_receipt(visitor, code))
        page = with_receipt(visitor, code, "add", text="城东值班点。")
    assert "下一个工作日一早送到" in words(page)
    word = Message.objects.get(is_from_author=True)
    assert (word.text, word.at, word.sent_by) == ("城东值班点。", None, None)
    later = NEXT_DAY + dt.timedelta(days=1)
    before = InboxMessage.objects.filter(user=listening.handler).count()
    batch.deliver(NEXT_DAY)
    assert InboxMessage.objects.filter(user=listening.handler).count() == before
    batch.deliver(later)
    assert InboxMessage.objects.filter(user=listening.handler).count() == before + 1


def test_added_words_are_read_in_the_house_from_the_next_working_day(
    cast: Cast, listening: Listening, visitor: Client
) -> None:
    code = say(visitor)
    made = in_hand(cast, listening)
    friday = dt.datetime.fromisoformat("2017-06-30T10:00:00+08:00")
    monday = friday + dt.timedelta(days=3)
    deadlines.pause(
        request_id=made.pk, reason="等诉求人说是哪里", actor=listening.handler, now=NEXT_DAY
    )
    before = only()
    with time_machine.travel(friday, tick=False):
        assert "城东值班点。" in words(with_receipt(visitor, code, "add", text="城东值班点。"))
    after = only()
    assert (after.version, after.reply_due_on) == (before.version, before.reply_due_on)

    def read(when: dt.datetime) -> str:
        reader = Client()
        with time_machine.travel(when, tick=False):
            reader.force_login(listening.handler)
            batch.deliver(when)
            page = words(reader.get(reverse("feedback:request", args=[made.pk])))
            return page + str(reader.get(f"/api/v1/requests/{made.pk}/way/").json())

    for hours in (0, 24, 48):  # the rest of Friday, Saturday, Sunday
        page = read(friday + dt.timedelta(hours=hours))
        assert "城东值班点。" not in page
        assert "补充说明" not in page
        assert "'resumed'" not in page
        assert only().version == before.version
    page = read(monday)
    assert "城东值班点。" in page
    assert "补充说明" in page
    assert only().reply_due_on == dt.date(2017, 7, 12)  # three working days later
    assert not only().pauses.filter(ended_on__isnull=True).exists()


def test_a_sealed_one_waits_for_its_batch_too(
    cast: Cast, listening: Listening, visitor: Client
) -> None:
    say(visitor, "有人收了供应商的礼。", kind="discipline")
    seen = StaffRequest.objects.sealed_for
    assert not seen(listening.discipline).exists()
    with time_machine.travel(NEXT_DAY, tick=False):
        assert seen(listening.discipline).count() == 1
        assert not StaffRequest.objects.visible_to(cast.officer).exists()


def test_the_answer_is_read_and_rated_by_receipt(
    cast: Cast, listening: Listening, visitor: Client
) -> None:
    code = say(visitor)
    assert "改了没有，您说了算" not in words(with_receipt(visitor, code))
    answered(cast, listening)
    with time_machine.travel(NEXT_DAY, tick=False):
        page = words(with_receipt(visitor, code))
        assert "供到凌晨1点" in page
        assert "改了没有，您说了算" in page
        missing = with_receipt(visitor, code, "rate", comment="还行")
        assert missing.status_code == 400
        assert "请选解决了没有" in words(missing)
        assert "还行" in words(missing)
        page = words(with_receipt(visitor, code, "rate", solved="solved", is_answered="1"))
        assert "评价收到了" in page
        again = with_receipt(visitor, code, "rate", solved="not", is_answered="0")
        assert again.status_code == 409
        assert "已经评价过了" in words(again)
    rating = Rating.objects.get()
    assert (rating.solved, rating.rater) == ("solved", None)
    assert only().status == "closed"


def test_not_solved_it_is_handled_once_more(
    cast: Cast, listening: Listening, visitor: Client
) -> None:
    code = say(visitor)
    answered(cast, listening)
    fields: dict[str, Any] = {"solved": "not", "is_answered": "0", "again": "on"}
    silent = with_receipt(visitor, code, "rate", **fields)
    assert silent.status_code == 400
    assert "请写明哪里没有办好" in words(silent)
    with_receipt(visitor, code, "rate", comment="城东还是九点关门", **fields)
    assert only().status == "reopened"


def test_a_promise_is_confirmed_by_receipt(
    cast: Cast, listening: Listening, visitor: Client
) -> None:
    code = say(visitor)
    due_on = NEXT_DAY.date() + dt.timedelta(days=10)
    made = answered(cast, listening, Pledge("夜餐供应到凌晨1点", due_on))
    promise = made.promises.get()
    handling.deliver_promised(promise_id=promise.pk, actor=listening.handler, now=NEXT_DAY)
    with time_machine.travel(NEXT_DAY, tick=False):
        assert "“夜餐供应到凌晨1点”到了吗" in words(with_receipt(visitor, code))
        with_receipt(visitor, code, "arrived", promise=promise.pk, arrived="1")
        assert with_receipt(visitor, code, "arrived", promise="X", arrived="1").status_code == 400
    promise.refresh_from_db()
    assert promise.status == "confirmed"
    assert only().outcome == "carried_out"


def test_it_can_be_withdrawn_by_receipt(visitor: Client) -> None:
    code = say(visitor)
    assert "已撤回" in words(with_receipt(visitor, code, "withdraw"))
    assert only().status == "withdrawn"
    assert with_receipt(visitor, code, "withdraw").status_code == 409
    assert with_receipt(visitor, code, "add", text="又想办了").status_code == 409


def test_nothing_of_the_author_is_in_history_or_audit(
    cast: Cast, listening: Listening, visitor: Client
) -> None:
    code = say(visitor)
    with_receipt(visitor, code, "add", text="补充一句。")
    with_receipt(visitor, code, "withdraw")
    assert not RequestEvent.objects.filter(actor__isnull=False).exists()
    # A line has no time, or that of midnight.
    assert {event.at for event in RequestEvent.objects.all()} <= {None}
    assert not AuditEntry.objects.filter(object_type="feedback.staffrequest").exists()


def test_files_are_sealed(visitor: Client) -> None:
    photo = SimpleUploadedFile(f"{files.SECRET}.jpg", files.talkative_jpeg(), "image/jpeg")
    say(visitor, photos=photo)
    kept = Attachment.objects.get()
    assert (kept.is_sealed, kept.name, kept.uploaded_at, kept.uploaded_by) == (True, "", None, None)
    assert kept.owner_id == only().pk


def test_handlers_open_the_files_of_what_they_answer(
    cast: Cast, listening: Listening, visitor: Client, client: Client
) -> None:
    say(visitor, photos=SimpleUploadedFile("a.jpg", files.photo(), "image/jpeg"))
    path = reverse("attachments:file", args=[Attachment.objects.get().pk])
    in_hand(cast, listening)
    with time_machine.travel(NEXT_DAY, tick=False):
        for user, status in (
            (listening.handler, 200),
            (cast.officer, 200),
            (listening.other_handler, 404),
            (listening.worker, 404),
            (cast.sysadmin, 404),
        ):
            client.force_login(user)
            assert client.get(path).status_code == status, user


def test_a_large_upload_never_touches_the_disk(visitor: Client) -> None:
    big = files.photo("PNG", (1800, 1800))
    upload = SimpleUploadedFile("a.png", big + bytes(3 << 20), "image/png")
    with patch("tempfile.NamedTemporaryFile") as temporary:
        assert send(visitor, photos=upload).status_code == 200
    temporary.assert_not_called()
