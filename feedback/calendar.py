"""What listening puts into the calendar feed: announced reception days and forums."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import TYPE_CHECKING

from django.urls import reverse

from feedback.models import ListeningSession
from portal.notifications.feed import CalendarItem

if TYPE_CHECKING:
    from portal.accounts.models import User


def sessions(user: User, first: dt.date, last: dt.date) -> Iterator[CalendarItem]:
    """Who comes to one is never told, only that it takes place. One query."""
    announced = ListeningSession.objects.visible_to(user).filter(
        held_on__range=(first, last), status="announced"
    )
    for session in announced.order_by("held_on", "starts_at"):
        yield CalendarItem(
            uid=f"session-{session.pk}",
            title=f"{session.get_kind_display()}（{session.leader_title}）",
            day=session.held_on,
            starts=session.starts_at,
            ends=session.ends_at,
            place=session.place,
            link=reverse("feedback:session", args=[session.pk]),
        )
