"""Named sets of attachments."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Self

from django.db import models

from portal.attachments.owners import owner_type_of


class AttachmentQuerySet(models.QuerySet[Any]):
    def of(self, owner: models.Model) -> Self:
        """The attachments of one object, in their order."""
        return self.filter(owner_type=owner_type_of(owner), owner_id=str(owner.pk)).order_by(
            "number"
        )

    def of_several(self, model: type[models.Model], keys: Iterable[Any]) -> Self:
        """The attachments of several objects of one table, object by object."""
        return self.filter(
            owner_type=owner_type_of(model()), owner_id__in=[str(key) for key in keys]
        ).order_by("owner_id", "number")
