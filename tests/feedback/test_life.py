"""The life of a request: every step by whoever may, its clocks, and who hears of it."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from feedback.lifecycles import REQUEST, RequestStatus
from feedback.models import Authorship, Level, Rating, RequestEvent, StaffRequest
from feedback.services import author, batch, deadlines, handling, office, submitting, sweep
from feedback.services.submitting import Said
from portal.audit.models import AuditEntry
from portal.kernel.errors import DomainError, TransitionRefused
from portal.notifications.models import InboxMessage
from tests.cast import NOW, Cast
from tests.feedback.scene import (
    GLOVES,
    HEADLINE,
    Listening,
    assigned,
    at,
    fresh,
    heard,
    replied,
    say,
    sees,
)

pytestmark = pytest.mark.usefixtures("clock")


def test_the_gloves_from_a_sentence_to_confirmed_delivery(cast: Cast, listening: Listening) -> None:
    request = say(listening.worker, now=at(6, 9))
    assigned(request, cast, listening, at(6, 9, 15))
    assert fresh(request).reply_due_on == dt.date(2017, 6, 20)
    pledge = handling.Pledge("每人每月4副，先补6月差额", dt.date(2017, 6, 20), ("一班", "二班"))
    handling.reply(
        request_id=request.pk,
        answer=handling.Answer("每人每月由2副调为4副。", "carried_out", "2副", "4副", pledge),
        actor=listening.handler,
        now=at(6, 13),
    )
    promise = request.promises.get()
    assert fresh(request).outcome == "planned", "a promise is no change yet"
    handling.order_promised(promise_id=promise.pk, actor=listening.handler, now=at(6, 14))
    handling.deliver_promised(promise_id=promise.pk, actor=listening.handler, now=at(6, 20))
    author.rate(
        request_id=request.pk,
        solved="solved",
        is_answered=True,
        actor=listening.worker,
        now=at(6, 20, 16),
    )
    assert fresh(request).status == "replied", "not closed before everybody has confirmed"
    with pytest.raises(TransitionRefused):
        author.confirm_promise(
            promise_id=promise.pk, arrived=True, actor=listening.worker, now=at(6, 21)
        )
    for team in promise.teams.all():
        author.answer_for_team(team_id=team.pk, arrived=True, actor=listening.worker, now=at(6, 21))
    request = fresh(request)
    assert (request.status, request.outcome) == ("closed", "carried_out")
    assert request.carried_out_on == dt.date(2017, 6, 21)
    codes = list(request.events.order_by("number").values_list("code", flat=True))
    assert codes == [
        "submitted",
        "accepted",
        "assigned",
        "replied",
        "promised",
        "promise_ordered",
        "promise_delivered",
        "rated",
        "team_answered",
        "team_answered",
        "promise_confirmed",
        "closed",
    ]
    assert any("已送达" in t or "送到" in t for t in heard(listening.worker))


def test_the_author_says_it_has_not_arrived(cast: Cast, listening: Listening) -> None:
    request = say(listening.worker)
    pledge = handling.Pledge("补发", dt.date(2017, 7, 1))
    replied(request, cast, listening, pledge=pledge)
    promise = request.promises.get()
    handling.deliver_promised(promise_id=promise.pk, actor=listening.handler, now=NOW)
    with pytest.raises(DomainError):
        author.confirm_promise(
            promise_id=promise.pk, arrived=False, actor=listening.worker, now=NOW
        )
    author.confirm_promise(
        promise_id=promise.pk, arrived=False, note="三班没有", actor=listening.worker, now=NOW
    )
    promise.refresh_from_db()
    assert promise.status == "ordered"
    assert any("还没收到" in title for title in heard(listening.handler))


@pytest.mark.parametrize("status", RequestStatus.values)
@pytest.mark.parametrize("name", sorted(REQUEST.steps))
def test_every_step_from_every_state(status: str, name: str) -> None:
    request = StaffRequest(status=status)
    if status in REQUEST.steps[name].sources:
        assert REQUEST.take(request, name) == status
        assert request.status == REQUEST.steps[name].target
    else:
        with pytest.raises(TransitionRefused):
            REQUEST.take(request, name)
        assert request.status == status


def test_only_who_may_takes_a_step(cast: Cast, listening: Listening) -> None:
    request = say(listening.worker)
    for user in (listening.worker, listening.handler, cast.secretary_a, cast.officer_elsewhere):
        with pytest.raises(PermissionDenied):
            office.accept(request_id=request.pk, headline=HEADLINE, actor=user, now=NOW)
    assigned(request, cast, listening)
    answer = handling.Answer("好的，马上办。", "explained")
    for user in (listening.worker, listening.other_handler, cast.officer, cast.leader):
        with pytest.raises(PermissionDenied):
            handling.reply(request_id=request.pk, answer=answer, actor=user, now=NOW)


def test_nobody_judges_or_answers_or_rates_his_own(cast: Cast, listening: Listening) -> None:
    own = say(cast.officer, "机关食堂的米饭太硬")
    with pytest.raises(PermissionDenied):
        office.decline(request_id=own.pk, reason="不受理", actor=cast.officer, now=NOW)
    theirs = say(listening.handler, "物资部的仓库没有空调")
    assigned(theirs, cast, listening)
    with pytest.raises(PermissionDenied):
        handling.reply(
            request_id=theirs.pk,
            answer=handling.Answer("已装", "carried_out"),
            actor=listening.handler,
            now=NOW,
        )
    handling.reply(
        request_id=theirs.pk,
        answer=handling.Answer("已装", "carried_out"),
        actor=listening.head,
        now=NOW,
    )
    with pytest.raises(PermissionDenied):
        author.rate(
            request_id=theirs.pk,
            solved="solved",
            is_answered=True,
            actor=listening.handler,
            now=NOW,
        )


def test_declined_needs_a_reason_that_the_author_reads(cast: Cast, listening: Listening) -> None:
    request = say(listening.worker)
    with pytest.raises(DomainError) as refusal:
        office.decline(request_id=request.pk, reason=" ", actor=cast.officer, now=NOW)
    assert refusal.value.field == "reason"
    office.decline(request_id=request.pk, reason="不属于公司职权", actor=cast.officer, now=NOW)
    message = InboxMessage.objects.filter(user=listening.worker).get()
    assert "不予受理" in message.title
    assert message.body == "不属于公司职权"


def test_reopened_once_then_decided_by_the_secretary(cast: Cast, listening: Listening) -> None:
    request = say(listening.worker)
    replied(request, cast, listening, outcome="explained")
    no: dict[str, Any] = {"solved": "not", "is_answered": False, "actor": listening.worker}
    with pytest.raises(DomainError):
        author.rate(request_id=request.pk, again=True, now=NOW, **no)
    author.rate(request_id=request.pk, again=True, comment="没有说到点上", now=NOW, **no)
    assert fresh(request).status == "reopened"
    handling.reply(
        request_id=request.pk,
        answer=handling.Answer("库存不足，下季度再议。", "not_adopted"),
        actor=listening.handler,
        now=at(6, 28),
    )
    author.rate(request_id=request.pk, again=True, comment="还是不行", now=at(6, 28, 11), **no)
    assert fresh(request).status == "appealed"
    assert any("请书记定" in title for title in heard(cast.leader))
    with pytest.raises(PermissionDenied):
        office.decide(
            request_id=request.pk, outcome="planned", text="下季度", actor=cast.officer, now=NOW
        )
    office.decide(
        request_id=request.pk,
        outcome="planned",
        text="列入第三季度采购",
        actor=cast.leader,
        now=at(6, 29),
    )
    request = fresh(request)
    assert (request.status, request.outcome) == ("closed", "planned")


# -- clocks -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("urgency", "due_on"),
    [
        # 30 September 2026 plus: the holiday, and Saturday 10 October that works.
        ("ordinary", dt.date(2026, 10, 15)),
        ("complex", dt.date(2026, 10, 27)),
        ("urgent", dt.date(2026, 9, 30)),
    ],
)
def test_clocks_count_chinese_working_days(
    cast: Cast, listening: Listening, clock: Any, urgency: str, due_on: dt.date
) -> None:
    day = dt.datetime(2026, 9, 30, 9, 0, tzinfo=NOW.tzinfo)
    clock.move_to(day)
    request = say(listening.worker, now=day)
    assert request.accept_due_on == dt.date(2026, 10, 8)
    assigned(request, cast, listening, day, urgency=urgency)
    assert fresh(request).reply_due_on == due_on


def test_a_pause_needs_a_reason_and_moves_what_is_due(cast: Cast, listening: Listening) -> None:
    request = say(listening.worker, now=at(6, 9))
    assigned(request, cast, listening, at(6, 9))
    with pytest.raises(DomainError):
        deadlines.pause(request_id=request.pk, reason="", actor=listening.handler, now=at(6, 12))
    deadlines.pause(
        request_id=request.pk, reason="等班组报数量", actor=listening.handler, now=at(6, 12)
    )
    assert not StaffRequest.objects.overdue(dt.date(2017, 7, 30)).filter(pk=request.pk).exists()
    author.add_word(request_id=request.pk, text="一共46人", actor=listening.worker, now=at(6, 15))
    assert fresh(request).reply_due_on == dt.date(2017, 6, 23), "three working days later"
    assert StaffRequest.objects.overdue(dt.date(2017, 7, 30)).filter(pk=request.pk).exists()


def test_one_extension_if_the_office_agrees(cast: Cast, listening: Listening) -> None:
    request = say(listening.worker)
    assigned(request, cast, listening)
    ask: dict[str, Any] = {"request_id": request.pk, "actor": listening.handler, "now": NOW}
    with pytest.raises(DomainError):
        handling.ask_extension(new_due_on=dt.date(2017, 12, 1), reason="等招标", **ask)
    handling.ask_extension(new_due_on=dt.date(2017, 7, 14), reason="等招标", **ask)
    deadlines.decide_extension(request_id=request.pk, grant=True, actor=cast.officer, now=NOW)
    assert fresh(request).reply_due_on == dt.date(2017, 7, 14)
    with pytest.raises(TransitionRefused):
        handling.ask_extension(new_due_on=dt.date(2017, 7, 20), reason="还要", **ask)


def test_overdue_climbs_to_the_head_and_then_the_secretary(
    cast: Cast, listening: Listening
) -> None:
    request = say(listening.worker, now=at(6, 9))
    assigned(request, cast, listening, at(6, 9))
    sweep.run(at(6, 16))
    assert any("快到期" in title for title in heard(listening.handler))
    assert not any("快到期" in title for title in heard(listening.head))
    sweep.run(at(6, 21, 20))
    assert not any("逾期" in title for title in heard(listening.head)), "not in the evening"
    sweep.run(at(6, 21))
    sweep.run(at(6, 21, 11))
    assert sum("逾期" in title for title in heard(listening.head)) == 1
    assert not any("请过问" in title for title in heard(cast.leader))
    sweep.run(at(6, 22))
    assert any("请过问" in title for title in heard(cast.leader))


def test_who_does_not_rate_is_closed_and_left_out(cast: Cast, listening: Listening) -> None:
    request = say(listening.worker)
    replied(request, cast, listening)
    sweep.run(at(7, 4))
    assert fresh(request).status == "replied"
    sweep.run(at(7, 5))
    assert fresh(request).status == "closed"
    assert not Rating.objects.filter(request=request).exists()


# -- who sees what ------------------------------------------------------------------------


def test_who_sees_a_request(cast: Cast, listening: Listening) -> None:
    request = say(listening.worker)
    assert sees(listening.worker, request)
    assert sees(cast.officer, request)
    assert sees(listening.aide, request)
    for user in (listening.handler, listening.colleague, cast.secretary_a, cast.auditor):
        assert not sees(user, request), user
    assigned(request, cast, listening, helpers=[listening.logistics])
    assert sees(listening.handler, request)
    assert sees(listening.other_handler, request)
    assert not sees(cast.officer_elsewhere, request)


def test_a_discipline_matter_is_seen_by_the_discipline_office_alone(
    cast: Cast, listening: Listening
) -> None:
    request = say(listening.worker, "有人收了供应商的礼", level="confidential", kind="discipline")
    assert request.is_sealed
    assert sees(listening.discipline, request)
    assert sees(listening.worker, request)
    for user in (cast.officer, cast.leader, listening.aide, cast.auditor, listening.handler):
        assert not sees(user, request), user
        with pytest.raises(PermissionDenied):
            office.accept(request_id=request.pk, headline="x", actor=user, now=NOW)
    office.accept(request_id=request.pk, actor=listening.discipline, now=NOW)
    office.settle(request_id=request.pk, text="已转公司纪委", actor=listening.discipline, now=NOW)
    assert fresh(request).status == "closed"
    trail = AuditEntry.objects.filter(object_id=request.pk)
    assert not any("供应商" in str(vars(entry)) for entry in trail)


def test_a_confidential_name_is_looked_at_in_writing(cast: Cast, listening: Listening) -> None:
    request = say(listening.worker, level=Level.CONFIDENTIAL)
    assigned(request, cast, listening)
    for user in (listening.handler, cast.officer):
        with pytest.raises(PermissionDenied):
            office.look_at_name(request_id=request.pk, reason="看看", actor=user, now=NOW)
    name = office.look_at_name(
        request_id=request.pk, reason="需要当面了解尺码", actor=listening.aide, now=NOW
    )
    assert name == "邱大川"
    assert request.name_views.get().viewer == listening.aide
    assert any("查看了您的姓名" in title for title in heard(listening.worker))
    assert AuditEntry.objects.filter(code="request.name_viewed").count() == 1
    # The one row that leads to the author: neither history nor audit trail has the account.
    assert not RequestEvent.objects.filter(actor=listening.worker).exists()
    assert not AuditEntry.objects.filter(actor=listening.worker).exists()


def test_an_anonymous_request_keeps_nothing_and_waits_for_its_batch(
    cast: Cast, listening: Listening, clock: Any
) -> None:
    request = say(listening.worker, level=Level.ANONYMOUS)
    assert not Authorship.objects.filter(request=request).exists()
    assert request.submitted_at is None
    event = request.events.get()
    assert (event.actor, event.at) == (None, None)
    assert not InboxMessage.objects.exists()
    assert not AuditEntry.objects.filter(object_id=request.pk).exists()
    assert not sees(cast.officer, request)
    assert not sees(listening.worker, request), "only the receipt leads back"
    clock.move_to(at(6, 28))
    assert sees(cast.officer, request)
    batch.deliver(at(6, 28))
    assert heard(cast.officer) == ["收到匿名诉求 1 件，请受理"]


def test_the_same_form_twice_is_one_request(cast: Cast, listening: Listening) -> None:
    first = say(listening.worker, key="0123456789ABCDEF")
    again = say(listening.worker, key="0123456789ABCDEF")
    assert first.pk == again.pk == "0123456789ABCDEF"
    assert StaffRequest.objects.count() == 1
    with pytest.raises(DomainError):
        say(listening.worker, "另外一件事", key="0123456789ABCDEF")


def test_two_clicks_at_once_are_one_request(
    cast: Cast, listening: Listening, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = say(listening.worker, key="0123456789ABCDEF")
    looking, looked = submitting._already, []

    def too_early(said: Said) -> StaffRequest | None:
        """The first look is before the other has written."""
        looked.append(said)
        return looking(said) if len(looked) > 1 else None

    monkeypatch.setattr(submitting, "_already", too_early)
    assert say(listening.worker, key="0123456789ABCDEF") == first
    looked.clear()
    recorded = submitting.record_request(
        said=Said(GLOVES, "named", key="0123456789ABCDEF"),
        committee=cast.city,
        source="phone",
        speaker=submitting.Speaker(name="陈师傅"),
        actor=listening.aide,
        now=NOW,
    )
    assert recorded == first
    assert Authorship.objects.count() == 1


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"text": ""}, "text"),
        ({"text": "短"}, "text"),
        ({"text": "长" * 2001}, "text"),
        ({"text": "有\x00字符的文字"}, "text"),
        ({"level": "loud"}, "level"),
        ({"kind": "wish"}, "kind"),
    ],
)
def test_bad_words_are_refused_beside_their_field(
    cast: Cast, listening: Listening, more: dict[str, str], field: str
) -> None:
    with pytest.raises(DomainError) as refusal:
        say(listening.worker, **{"text": GLOVES, **more})
    assert refusal.value.field == field
    assert not StaffRequest.objects.exists()
