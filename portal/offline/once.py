"""One operation of a phone's queue is carried out once, however often it is sent.

A request that carries ``Idempotency-Key`` is run inside one transaction together with the row
that remembers its answer. Sent again (the answer was lost on the way, two tabs, a file handed
in elsewhere) it gets that answer and nothing is written. A refusal writes nothing and is not
remembered: the next attempt is judged afresh.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import uuid
import zlib
from collections.abc import Callable

from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework.authentication import TokenAuthentication
from rest_framework.exceptions import AuthenticationFailed

from portal.accounts.models import User
from portal.offline.clock import moment_of
from portal.offline.models import GivenAnswer

HEADER = "Idempotency-Key"
REPLAYED = "X-Answered-Before"
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
KEPT_DAYS = 60  # longer than any phone lies in a drawer with a month's work in it

GetResponse = Callable[[HttpRequest], HttpResponse]


class OnceMiddleware:
    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        text = request.headers.get(HEADER)
        if text is None or request.method in SAFE:
            return self.get_response(request)
        user = _sender(request)
        if user is None:
            return self.get_response(request)  # the view sends the visitor to the door
        try:
            key = uuid.UUID(text)
        except ValueError:
            return _refusal("bad_key", _("操作编号不对。"), 400)
        return answer_once(request, user=user, key=key, answer=self.get_response)


def answer_once(
    request: HttpRequest, *, user: User, key: uuid.UUID, answer: GetResponse
) -> HttpResponse:
    """The answer of ``answer(request)``, or the one given to this user's ``key`` before.

    409 when the key was used for something else. Two at once: the unique constraint makes the
    second wait for the first.
    """
    now = timezone.now()
    made = moment_of(request, now)
    digest = _digest(request)
    with transaction.atomic():
        try:
            with transaction.atomic():
                row = GivenAnswer.objects.create(
                    user=user,
                    key=key,
                    request_digest=digest,
                    made_at=made.phone,
                    clock_skew_ms=_milliseconds(made.skew),
                    answered_at=now,
                )
        except IntegrityError:
            return _again(GivenAnswer.objects.get(user=user, key=key), digest)
        response = answer(request)
        if 200 <= response.status_code < 300 and not response.streaming:
            row.status = response.status_code
            row.body = zlib.compress(response.content)
            row.save(update_fields=["status", "body"])
        else:
            transaction.set_rollback(True)
    return response


def forget_old(*, now: dt.datetime) -> int:
    """Drop what no phone will ask for again; how many rows went."""
    old = GivenAnswer.objects.filter(answered_at__lt=now - dt.timedelta(days=KEPT_DAYS))
    return old.delete()[0]


def _again(row: GivenAnswer, digest: str) -> HttpResponse:
    if row.request_digest != digest:
        return _refusal("key_reused", _("这个操作编号已经用过，内容不一样。"), 409)
    body = zlib.decompress(bytes(row.body))
    response = HttpResponse(body, status=row.status, content_type="application/json")
    response[REPLAYED] = "1"
    return response


def _refusal(code: str, detail: str, status: int) -> JsonResponse:
    return JsonResponse({"code": code, "detail": detail, "field": None}, status=status)


def _digest(request: HttpRequest) -> str:
    head = f"{request.method} {request.get_full_path()}\n".encode()
    return hashlib.sha256(head + request.body).hexdigest()


def _milliseconds(skew: dt.timedelta | None) -> int | None:
    return None if skew is None else int(skew / dt.timedelta(milliseconds=1))


def _sender(request: HttpRequest) -> User | None:
    """By session, or by the token of a program."""
    if isinstance(request.user, User):
        return request.user
    try:
        found = TokenAuthentication().authenticate(request)  # type: ignore[arg-type]
    except AuthenticationFailed:
        return None
    return found[0] if found else None
