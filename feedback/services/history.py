"""What every step shares: the lock, the line of history, the audit row, telling the others.

A step of the author leaves no actor: the Authorship row is the only one that leads to a person.
Of an anonymous author it leaves no time either, and nothing in the audit trail.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import Max
from django.urls import reverse
from django.utils.translation import gettext as _

from feedback.models import Authorship, MeToo, RequestEvent, StaffRequest
from portal.accounts.models import User
from portal.audit.services import record
from portal.kernel.errors import DomainError, EditConflict
from portal.kernel.months import local_date
from portal.notifications.services import Message, tell_many

OFFICE = "书记办公室"
DISCIPLINE = "纪检"

AUTHOR = "诉求人"


def locked(request_id: str) -> StaffRequest:
    """The request with its row locked. Raises StaffRequest.DoesNotExist."""
    found: StaffRequest = (
        StaffRequest.objects.select_for_update(of=("self",))
        .select_related("committee", "department", "kind")
        .get(pk=request_id)
    )
    return found


def check_version(request: StaffRequest, version: int | None) -> None:
    """Somebody else changed it since ``version`` was read: nothing is overwritten."""
    if version is not None and request.version != version:
        raise EditConflict(_("另一位同志刚办过这件事。您填的内容还在下面，请核对后再提交。"))


def checked(text: str, *, field: str, most: int = 500, missing: Any = "") -> str:
    """``text`` without blanks around it. DomainError when it is missing or too long."""
    text = text.strip()
    if missing and not text:
        raise DomainError(str(missing), field=field)
    if len(text) > most:
        raise DomainError(
            _("请控制在 %(max)d 字以内，现在是 %(len)d 字。") % {"max": most, "len": len(text)},
            field=field,
        )
    return text


def add_event(
    request: StaffRequest,
    code: str,
    text: str,
    *,
    actor: User | None,
    office: str,
    now: dt.datetime,
    note: str = "",
    is_inner: bool = False,
) -> RequestEvent:
    """One line of history by somebody of the house (or the machine: no actor)."""
    return RequestEvent.objects.create(
        request=request,
        number=_next(request),
        code=code,
        text=text[:500],
        note=note[:500],
        on=local_date(now),
        at=now,
        actor=actor,
        actor_office=office,
        is_inner=is_inner,
    )


def add_author_event(
    request: StaffRequest, code: str, text: str, *, now: dt.datetime, note: str = ""
) -> RequestEvent:
    """One line of history by the author: never an actor, and for an anonymous one no time."""
    return RequestEvent.objects.create(
        request=request,
        number=_next(request),
        code=code,
        text=text[:500],
        note=note[:500],
        on=local_date(now),
        at=None if request.is_anonymous else now,
        actor_office=AUTHOR,
    )


def _next(request: StaffRequest) -> int:
    last = RequestEvent.objects.filter(request=request).aggregate(last=Max("number"))["last"]
    return (last or 0) + 1


def office_step(
    request: StaffRequest,
    code: str,
    text: str,
    *,
    actor: User | None,
    office: str,
    now: dt.datetime,
    via: str,
    note: str = "",
    is_inner: bool = False,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    """Save the request, write its line of history and its audit row."""
    request.version += 1
    request.save()
    add_event(
        request, code, text, actor=actor, office=office, now=now, note=note, is_inner=is_inner
    )
    record(
        code=f"request.{code}",
        target=request,
        actor=actor,
        now=now,
        via=via,
        reason=note,
        before=before,
        after=after,
    )


def author_step(
    request: StaffRequest, code: str, text: str, *, now: dt.datetime, note: str = ""
) -> None:
    """Save the request and write the author's line. Not in the audit trail, whose reader would
    learn who it was."""
    request.version += 1
    request.save()
    add_author_event(request, code, text, now=now, note=note)


def tell_author(
    request: StaffRequest, step: str, title: str, *, body: str = "", now: dt.datetime
) -> None:
    """Tell the author, those who asked the same, and the authors of what was merged into it.

    An anonymous author reads it with the receipt; nobody can be told."""
    merged = list(request.merged.values_list("pk", flat=True))
    users = set(
        Authorship.objects.filter(
            request_id__in=[request.pk, *merged], user__isnull=False
        ).values_list("user_id", flat=True)
    )
    users |= set(MeToo.objects.filter(request=request).values_list("user_id", flat=True))
    link = reverse("feedback:request", args=[request.pk])
    tell_many(
        messages=[
            Message(user_id, f"request:{request.pk}:{step}:{user_id}", title, body, link)
            for user_id in sorted(user for user in users if user is not None)
        ],
        now=now,
    )


def tell_people(
    request: StaffRequest,
    people: Iterable[User],
    step: str,
    title: str,
    *,
    body: str = "",
    now: dt.datetime,
) -> None:
    link = reverse("feedback:request", args=[request.pk])
    tell_many(
        messages=[
            Message(user.pk, f"request:{request.pk}:{step}:{user.pk}", title, body, link)
            for user in dict.fromkeys(people)
        ],
        now=now,
    )


def short(request: StaffRequest) -> str:
    """How a message calls the request: the office's headline, else its number."""
    return request.headline or _("编号 %(number)s") % {"number": request.number}


def day_words(day: dt.date | None) -> str:
    """A day in a line of history; nothing when there is none."""
    return f"{day.month}月{day.day}日" if day else ""
