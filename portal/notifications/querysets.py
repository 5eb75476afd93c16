"""Named sets of messages."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models import Q

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from portal.accounts.models import User


class InboxQuerySet(models.QuerySet[Any]):
    """Sets of inbox messages."""

    def visible_to(self, user: User | AnonymousUser) -> Self:
        """One's own messages, nobody else's, whatever role one has."""
        return self.filter(user_id=user.pk) if user.is_authenticated else self.none()

    def unread(self) -> Self:
        return self.filter(read_at__isnull=True)

    def unread_first(self) -> Self:
        """Unread before read, each newest first."""
        return self.annotate(is_read=Q(read_at__isnull=False)).order_by(
            "is_read", "-created_at", "-id"
        )


class OutboxQuerySet(models.QuerySet[Any]):
    """Sets of outgoing messages."""

    def due(self, now: dt.datetime) -> Self:
        """What should be sent now, longest waiting first."""
        return self.filter(status="pending", next_attempt_at__lte=now).order_by(
            "next_attempt_at", "id"
        )

    def dead(self) -> Self:
        return self.filter(status="dead")
