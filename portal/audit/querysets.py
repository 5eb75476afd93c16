"""Named sets of audit entries."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from django.db import models

from portal.audit.scope import scope_of

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from portal.accounts.models import User


class AuditQuerySet(models.QuerySet[Any]):
    """Sets of audit entries."""

    def visible_to(self, user: User | AnonymousUser) -> Self:
        return self.filter(scope_of(user))

    def about(self, thing: models.Model) -> Self:
        """The history of one object, newest first."""
        return self.filter(object_type=thing._meta.label_lower, object_id=str(thing.pk)).order_by(
            "-at", "-id"
        )
