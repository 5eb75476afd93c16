"""A person's calendar address: made on request, replaced when it has got about."""

from __future__ import annotations

import datetime as dt
import secrets

from django.db import transaction

from portal.accounts.models import User
from portal.audit.services import record
from portal.notifications.models import CalendarFeed


def renew_feed(*, user: User, now: dt.datetime) -> CalendarFeed:
    """A new address; the old one leads nowhere from now on."""
    with transaction.atomic():
        feed: CalendarFeed
        feed, _created = CalendarFeed.objects.update_or_create(
            user=user, defaults={"token": secrets.token_urlsafe(24), "made_at": now}
        )
        record(code="calendar.renewed", target=user, actor=user, now=now)
    return feed


def close_feed(*, user: User, now: dt.datetime) -> None:
    """No address any more. Closing twice is closing once."""
    with transaction.atomic():
        if CalendarFeed.objects.filter(user=user).delete()[0]:
            record(code="calendar.closed", target=user, actor=user, now=now)
