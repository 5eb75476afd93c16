"""The inbox: exactly once by key."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.http import url_has_allowed_host_and_scheme

from portal.accounts.models import User
from portal.notifications.keys import CHUNK, fit_key, one_line
from portal.notifications.models import InboxMessage


@dataclass(frozen=True, slots=True)
class Message:
    """One inbox message to write: ``link`` is an address inside the portal."""

    user_id: int
    key: str
    title: str
    body: str = ""
    link: str = ""


def tell(
    *,
    user: User,
    key: str,
    title: str,
    body: str = "",
    link: str = "",
    now: dt.datetime,
) -> None:
    """Put one message into ``user``'s inbox, unless ``key`` is there already.

    Call it inside the transaction of the event. ``key`` names event and reader, for
    example ``notice-issued:17:user:4``.
    """
    tell_many(messages=[Message(user.pk, key, title, body, link)], now=now)


def tell_many(*, messages: Iterable[Message], now: dt.datetime) -> None:
    """Put many messages into inboxes, a fixed number of statements per 500. Keys that are
    there already are ignored."""
    rows = [
        InboxMessage(
            key=fit_key(message.key),
            user_id=message.user_id,
            title=one_line(message.title)[:120],
            body=message.body[:500],
            link=_inside(message.link),
            created_at=now,
        )
        for message in messages
    ]
    InboxMessage.objects.bulk_create(rows, ignore_conflicts=True, batch_size=CHUNK)


def mark_read(*, message_id: int, user: User, now: dt.datetime) -> None:
    """Mark one of ``user``'s messages read; nothing happens when it already is."""
    InboxMessage.objects.visible_to(user).unread().filter(pk=message_id).update(read_at=now)


def mark_all_read(*, user: User, up_to: int, now: dt.datetime) -> int:
    """Mark ``user``'s messages up to the number ``up_to`` read, and say how many.

    ``up_to`` is the newest one the reader had in front of him: what arrived since stays
    unread.
    """
    unread = InboxMessage.objects.visible_to(user).unread().filter(pk__lte=up_to)
    return int(unread.update(read_at=now))


def _inside(link: str) -> str:
    """``link`` when it leads to a page of this portal, otherwise nothing."""
    is_path = link.startswith("/") and url_has_allowed_host_and_scheme(link, allowed_hosts=None)
    return link if is_path and len(link) <= 200 else ""
