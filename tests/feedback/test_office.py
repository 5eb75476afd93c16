"""What the office does beside answering: writing down, merging, supervising, the board."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse

from feedback.models import Level, ListeningPolicy, Source, StaffRequest
from feedback.services import author, handling, office, publishing, submitting, supervision, sweep
from feedback.similar import keep_up
from portal.kernel.errors import DomainError, TransitionRefused
from tests.cast import NOW, Cast
from tests.feedback.scene import (
    GLOVES,
    HEADLINE,
    Listening,
    accepted,
    assigned,
    at,
    fresh,
    heard,
    replied,
    say,
    sees,
)

pytestmark = pytest.mark.usefixtures("clock")


def test_written_down_for_somebody_without_an_account(cast: Cast, listening: Listening) -> None:
    said = submitting.Said(text=GLOVES, level=Level.NAMED)
    place: dict[str, Any] = {"committee": cast.city, "source": Source.PHONE, "now": NOW}
    with pytest.raises(PermissionDenied):
        submitting.record_request(
            said=said,
            speaker=submitting.Speaker(name="蔡师傅"),
            actor=listening.handler,
            **place,
        )
    with pytest.raises(DomainError):
        submitting.record_request(
            said=said, speaker=submitting.Speaker(), actor=listening.aide, **place
        )
    request = submitting.record_request(
        said=said,
        speaker=submitting.Speaker(name="蔡师傅", contact="外协队"),
        answer_at_once="会后就问物资部",
        actor=listening.aide,
        **place,
    )
    assert str(request.authorship) == "蔡师傅"
    assert request.events.get(code="answered_at_once").note == "会后就问物资部"


def test_merged_authors_hear_of_the_answer(cast: Cast, listening: Listening) -> None:
    main, twin = say(listening.worker), say(listening.colleague, "手套不够用啊")
    assigned(main, cast, listening)
    office.merge(request_id=twin.pk, into_id=main.pk, actor=cast.officer, now=NOW)
    assert fresh(twin).status == "merged"
    handling.reply(
        request_id=main.pk,
        answer=handling.Answer("每人每月4副", "carried_out"),
        actor=listening.handler,
        now=NOW,
    )
    assert any("已答复" in title for title in heard(listening.colleague))


def test_who_joined_hears_too_and_never_reads_the_words(cast: Cast, listening: Listening) -> None:
    request = say(listening.worker)
    with pytest.raises(TransitionRefused):
        author.me_too(request_id=request.pk, actor=listening.colleague, now=NOW)
    accepted(request, cast)
    author.me_too(request_id=request.pk, actor=listening.colleague, now=NOW)
    author.me_too(request_id=request.pk, actor=listening.colleague, now=NOW)
    assert request.me_toos.count() == 1
    assert not sees(listening.colleague, request)


def test_what_is_answered_is_not_joined_any_more(cast: Cast, listening: Listening) -> None:
    request = replied(say(listening.worker), cast, listening)
    for status in ("replied", "closed"):
        StaffRequest.objects.filter(pk=request.pk).update(status=status)
        with pytest.raises(TransitionRefused, match="已经答复"):
            author.me_too(request_id=request.pk, actor=listening.colleague, now=NOW)
    assert not request.me_toos.exists()


def test_joining_beside_the_form_is_answered_in_place(cast: Cast, listening: Listening) -> None:
    """Nothing typed is sent along, nothing is left: no page comes instead of the form's."""
    request = accepted(say(listening.worker), cast)
    colleague = Client()
    colleague.force_login(listening.colleague)
    keep_up(NOW)
    offered = colleague.post(reverse("feedback:similar"), {"text": GLOVES}).content.decode()
    address = reverse("feedback:me-too", args=[request.pk])
    assert f'hx-post="{address}"' in offered
    assert 'hx-params="none"' in offered
    assert "formaction" not in offered
    told = colleague.post(address, headers={"HX-Request": "true"})
    assert told.status_code == 200
    assert "下面写的还在" in told.content.decode()
    assert request.me_toos.count() == 1


def test_supervision_is_numbered_and_struck_off(cast: Cast, listening: Listening) -> None:
    request = say(listening.worker)
    demand: dict[str, Any] = {"demand": "本周内答复", "due_on": dt.date(2017, 6, 30), "now": NOW}
    accepted(request, cast)
    with pytest.raises(TransitionRefused):
        supervision.supervise(request_id=request.pk, actor=cast.officer, **demand)
    office.assign(request_id=request.pk, department=listening.supplies, actor=cast.officer, now=NOW)
    order = supervision.supervise(request_id=request.pk, actor=cast.leader, **demand)
    assert str(order) == "督办〔2017〕1号"
    with pytest.raises(TransitionRefused):
        supervision.supervise(request_id=request.pk, actor=cast.leader, **demand)
    supervision.report_order(
        order_id=order.pk, result="已经下单", actor=listening.handler, now=at(6, 28)
    )
    supervision.strike_off(order_id=order.pk, actor=cast.officer, now=at(6, 29))
    order.refresh_from_db()
    assert order.status == "struck_off"


def test_the_board_never_shows_the_authors_name(cast: Cast, listening: Listening) -> None:
    request = say(listening.worker)
    replied(request, cast, listening)
    words: dict[str, Any] = {
        "said": "手套不够用",
        "changed": "每月4副",
        "actor": cast.officer,
        "now": NOW,
    }
    with pytest.raises(DomainError):
        publishing.publish(request_id=request.pk, detail="邱大川提出", **words)
    publishing.publish(request_id=request.pk, detail="先补发6月差额", **words)
    assert request.publication.changed == "每月4副"


def test_a_second_look_is_asked_for_when_the_office_says(
    cast: Cast, listening: Listening, clock: Any
) -> None:
    """Does it really hold? Asked once, so many days after it was closed."""
    ListeningPolicy.objects.create(committee=cast.city, second_look_days=10)
    done = replied(say(listening.worker), cast, listening)
    rate: dict[str, Any] = {
        "request_id": done.pk,
        "solved": "solved",
        "is_answered": True,
        "actor": listening.worker,
    }
    author.rate(now=NOW, **rate)
    with pytest.raises(TransitionRefused, match="7月7日会再问您一次"):
        author.rate(now=NOW, **rate)
    for day, asked in ((6, 0), (7, 1), (10, 1)):
        clock.move_to(at(7, day))
        sweep.run(at(7, day))
        titles = [title for title in heard(listening.worker) if "真的改了吗" in title]
        assert len(titles) == asked, day
    author.rate(now=at(7, 10), **rate)
    assert [rating.look for rating in done.ratings.order_by("rated_on")] == ["first", "later"]


def test_at_home_each_office_reads_what_waits_for_it(cast: Cast, listening: Listening) -> None:
    late = assigned(say(listening.worker, "手套不够用，已经说过一次。"), cast, listening)
    StaffRequest.objects.filter(pk=late.pk).update(
        headline="最急的一件", reply_due_on=NOW.date() - dt.timedelta(days=1)
    )
    assigned(say(listening.worker), cast, listening)
    fresh_one = say(listening.colleague, "班车少了一站。")
    sealed = say(listening.worker, "有人多报了工程量。", kind="discipline")

    def home(user: Any) -> str:
        reader = Client()
        reader.force_login(user)
        return reader.get("/").content.decode()

    handler = home(listening.handler)
    assert "2 件诉求等物资部办" in handler
    assert handler.index("最急的一件") < handler.index(HEADLINE), "due first"
    assert reverse("feedback:request", args=[late.pk]) in handler
    aide = home(listening.aide)
    assert "1 件诉求等书记办公室办" in aide
    assert fresh_one.text in aide
    assert "多报了" not in aide
    discipline = home(listening.discipline)
    assert "1 件诉求等纪检办" in discipline
    assert reverse("feedback:request", args=[sealed.pk]) in discipline
    assert "手套" not in discipline
    assert "等物资部办" not in home(listening.other_handler)
    assert "件诉求等" not in home(listening.worker)
