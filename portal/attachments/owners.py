"""Whose attachment it is, and who may open it: the apps above say so when the portal starts."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django.db import models

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from portal.accounts.models import User

MayRead = Callable[["User | AnonymousUser", str], bool]

_owners: dict[str, MayRead] = {}


def register_owner(model: type[models.Model], may_read: MayRead) -> None:
    """Let rows of ``model`` have attachments. ``may_read(user, key)`` is asked for each download
    with the owner's primary key as text; what it refuses does not exist for that user."""
    _owners[model._meta.label_lower] = may_read


def owner_type_of(owner: models.Model) -> str:
    """How attachments name the owner's table. Raises LookupError for a table that nobody
    registered: its attachments could never be opened."""
    label = owner._meta.label_lower
    if label not in _owners:
        raise LookupError(f"{label} may have no attachments: register_owner() first")
    return str(label)


def may_read(user: Any, owner_type: str, owner_id: str) -> bool:
    """Whether ``user`` may open the attachments of this owner."""
    asked = _owners.get(owner_type)
    return asked is not None and asked(user, owner_id)
