"""How long a session may lie idle, and which are shorter.

The house's lower floors do not know roles. Whoever does registers a predicate, asked once at
sign-in; the answer stays in the session.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth.signals import user_logged_in
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from portal.accounts.models import SignedIn, User

SEEN = "portal_seen"
IDLE = "portal_idle_minutes"
SIGNED_OUT = "portal_signed_out"
WRITE_EVERY_SECONDS = 120

_privileged: list[Callable[[User], bool]] = []


def register_privileged(predicate: Callable[[User], bool]) -> None:
    """Users for whom ``predicate`` holds get ``SESSION_IDLE_MINUTES_PRIVILEGED``."""
    _privileged[:] = [predicate]


def idle_minutes(user: User) -> int:
    if user.is_superuser or any(predicate(user) for predicate in _privileged):
        return int(settings.SESSION_IDLE_MINUTES_PRIVILEGED)
    return int(settings.SESSION_IDLE_MINUTES)


def begin(sender: Any, request: HttpRequest, user: User, **kwargs: Any) -> None:
    """Start the clock of a new session."""
    if hasattr(request, "session"):
        request.session[SEEN] = _now()
        request.session[IDLE] = idle_minutes(user)


def has_expired(request: HttpRequest) -> bool:
    seen = request.session.get(SEEN)
    if seen is None:
        return False
    return bool(_now() - seen > request.session.get(IDLE, settings.SESSION_IDLE_MINUTES) * 60)


def touch(request: HttpRequest) -> None:
    """Note that the user is there; written at most every two minutes."""
    now = _now()
    if now - request.session.get(SEEN, now) >= WRITE_EVERY_SECONDS:
        request.session[SEEN] = now


def _now() -> int:
    return int(timezone.now().timestamp())


def sweep(now: dt.datetime) -> str:
    """Take away the rows of sessions that have run out."""
    removed, _kinds = SignedIn.objects.filter(expire_date__lte=now).delete()
    return _("清理 %(n)d 个") % {"n": removed}


def connect() -> None:
    user_logged_in.connect(begin, dispatch_uid="portal.accounts.sessions")
