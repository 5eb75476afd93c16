"""What the database itself refuses, whatever a service would do."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from feedback.models import Authorship, Level, Message, Rating, RequestEvent, StaffRequest
from tests.cast import Cast


def said(cast: Cast, level: str, **more: Any) -> StaffRequest:
    return StaffRequest.objects.create(
        committee=cast.city,
        kind_id="suggestion",
        level=level,
        text="夜里抢修回来食堂关门了",
        submitted_on=cast.today,
        released_on=cast.today,
        accept_due_on=cast.today,
        **more,
    )


def refused(write: Any) -> None:
    with pytest.raises(DatabaseError), transaction.atomic():
        write()


def test_an_anonymous_request_can_hold_no_author(cast: Cast) -> None:
    request = said(cast, Level.ANONYMOUS)
    refused(lambda: Authorship.objects.create(request=request, user=cast.employee))
    named = said(cast, Level.NAMED, submitted_at=cast.now)
    link = Authorship.objects.create(request=named, user=cast.employee)

    def move() -> None:
        Authorship.objects.filter(pk=link.pk).update(request=request)

    refused(move)
    assert not Authorship.objects.filter(request=request).exists()


def test_an_anonymous_request_has_a_date_only(cast: Cast) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        said(cast, Level.ANONYMOUS, submitted_at=cast.now)
    with pytest.raises(IntegrityError), transaction.atomic():
        said(cast, Level.ANONYMOUS, recorded_by=cast.officer)


def test_what_an_anonymous_author_says_later_has_a_date_only(cast: Cast) -> None:
    request = said(cast, Level.ANONYMOUS)
    words: dict[str, Any] = {
        "request": request,
        "number": 1,
        "text": "也没有热水",
        "on": cast.today,
    }
    refused(lambda: Message.objects.create(is_from_author=True, at=cast.now, **words))
    refused(lambda: Message.objects.create(is_from_author=True, sent_by=cast.employee, **words))
    Message.objects.create(is_from_author=True, **words)
    rating = {"request": request, "look": "first", "solved": "half", "is_answered": True}
    refused(lambda: Rating.objects.create(rated_on=cast.today, rater=cast.employee, **rating))
    Rating.objects.create(rated_on=cast.today, **rating)


def test_history_is_appended_only(cast: Cast) -> None:
    request = said(cast, Level.ANONYMOUS)
    event = RequestEvent.objects.create(
        request=request, number=1, code="submitted", text="提交", on=cast.today
    )
    refused(lambda: RequestEvent.objects.filter(pk=event.pk).update(text="没有提交"))
    refused(lambda: RequestEvent.objects.filter(pk=event.pk).delete())
    assert RequestEvent.objects.get(pk=event.pk).text == "提交"


def test_addresses_do_not_count(cast: Cast) -> None:
    keys = {said(cast, Level.ANONYMOUS).pk for _number in range(20)}
    assert len(keys) == 20
    assert all(len(key) == 16 for key in keys)
