"""The answer to a notice: what it must say, its draft, how it is returned."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from evaluations.models import RectificationNotice
from evaluations.services import notices
from evaluations.services.notices import Answer, AnswerIncomplete
from portal.accounts.models import User
from portal.audit.models import AuditEntry
from portal.kernel.errors import DomainError, EditConflict, TransitionRefused
from portal.notifications.models import InboxMessage
from tests.cast import Cast
from tests.notices.scene import (
    GOOD,
    INSPECTED_AT,
    PUBLISHED_AT,
    Published,
    answers,
    at,
    put,
    respond,
)

pytestmark = pytest.mark.usefixtures("on")


def test_each_missing_field_is_named_and_nothing_is_sent(cast: Cast, published: Published) -> None:
    put(published.notice, "acknowledged")
    first, second = published.problems
    given = {first.pk: GOOD, second.pk: Answer(cause="只写了原因", measure="  ")}
    with pytest.raises(AnswerIncomplete) as refused:
        respond(published, cast.secretary_a, given)
    assert set(refused.value.errors) == {second.pk}
    assert set(refused.value.errors[second.pk]) == {"measure", "responsible", "done_on", "result"}
    published.notice.refresh_from_db()
    assert published.notice.status == "acknowledged"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"cause": "因" * 301}, "cause"),
        ({"responsible": "人" * 41}, "responsible"),
        ({"done_on": dt.date(2017, 7, 6)}, "done_on"),
        ({"done_on": INSPECTED_AT.date() - dt.timedelta(days=1)}, "done_on"),
    ],
)
def test_answer_that_can_not_be_true_or_does_not_fit(
    cast: Cast, published: Published, change: dict[str, Any], field: str
) -> None:
    put(published.notice, "acknowledged")
    values = {name: getattr(GOOD, name) for name in notices.ANSWER_FIELDS} | change
    with pytest.raises(AnswerIncomplete) as refused:
        respond(published, cast.secretary_a, answers(published.notice, Answer(**values)))
    assert {field} == {name for found in refused.value.errors.values() for name in found}


def test_answer_to_a_strange_problem_is_refused(cast: Cast, published: Published) -> None:
    put(published.notice, "acknowledged")
    strange = published.office_notice.problems.get()
    with pytest.raises(DomainError, match="不在这份通知书里"):
        respond(published, cast.secretary_a, {**answers(published.notice), strange.pk: GOOD})


def test_draft_of_the_answer_is_kept_and_guarded_against_two_hands(
    cast: Cast, published: Published
) -> None:
    put(published.notice, "acknowledged")
    pk = published.problems[0].pk

    def save(user: User, cause: str, version: int) -> RectificationNotice:
        return notices.save_answers(
            notice_id=published.notice.pk,
            answers={pk: Answer(cause=cause)},
            version=version,
            actor=user,
            now=PUBLISHED_AT,
        )

    saved = save(cast.secretary_a, "书记写的", 1)
    assert saved.version == 2
    with pytest.raises(EditConflict):
        save(cast.deputy_a, "副书记写的", 1)
    assert published.problems[0].cause == "书记写的"
    assert save(cast.deputy_a, "书记写的", 1).version == 2  # the same text is no conflict
    with pytest.raises(EditConflict):
        respond(published, cast.deputy_a, answers(published.notice), version=1)
    respond(published, cast.deputy_a, answers(published.notice), version=2)
    with pytest.raises(TransitionRefused, match="待审核"):
        save(cast.secretary_a, "再改", 3)


def test_returned_answer_comes_back_with_reason_day_and_its_text(
    cast: Cast, published: Published
) -> None:
    put(published.notice, "acknowledged")
    respond(published, cast.deputy_a, answers(published.notice))
    told = InboxMessage.objects.get(user=cast.officer, key__startswith="notice-event:")
    assert "配电运检党支部已报整改情况" in told.title
    returned = notices.return_response(
        notice_id=published.notice.pk,
        reason="没有会议记录",
        due_on=dt.date(2017, 7, 14),
        actor=cast.officer,
        now=at(7, 11),
    )
    assert (returned.due_on, returned.look_back_by) == (dt.date(2017, 7, 14), dt.date(2017, 7, 21))
    assert published.problems[0].result == GOOD.result
    assert AuditEntry.objects.get(code="notice.returned").reason == "没有会议记录"
    assert AuditEntry.objects.get(code="notice.responded").after["answers"]["1"]["cause"]
    with pytest.raises(TransitionRefused, match="退回再改"):
        notices.return_response(
            notice_id=returned.pk, reason="再退", actor=cast.officer, now=at(7, 11)
        )


def test_return_counts_working_days_when_no_day_is_given(cast: Cast, published: Published) -> None:
    put(published.notice, "responded")
    returned = notices.return_response(
        notice_id=published.notice.pk, reason="没改到位", actor=cast.officer, now=at(9, 29)
    )
    assert returned.due_on == dt.date(2017, 10, 12)  # 30 September is made up, then a week off


@pytest.mark.parametrize("step", ["return", "withdraw"])
@pytest.mark.parametrize("reason", ["", "  ", "长" * 301])
def test_reasons_are_required_and_fit(
    cast: Cast, published: Published, step: str, reason: str
) -> None:
    put(published.notice, "responded" if step == "return" else "issued")
    service = notices.return_response if step == "return" else notices.withdraw_notice
    with pytest.raises(DomainError) as refused:
        service(notice_id=published.notice.pk, reason=reason, actor=cast.officer, now=PUBLISHED_AT)
    assert refused.value.field == "reason"


def test_return_to_a_day_gone_by_is_refused(cast: Cast, published: Published) -> None:
    put(published.notice, "responded")
    with pytest.raises(DomainError) as refused:
        notices.return_response(
            notice_id=published.notice.pk,
            reason="没改到位",
            due_on=dt.date(2017, 7, 4),
            actor=cast.officer,
            now=PUBLISHED_AT,
        )
    assert refused.value.field == "due_on"
