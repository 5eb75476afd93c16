"""What the party-affairs office sets: kinds, categories, departments, clocks, templates, places,
checklists. One service for all, for each is a row of plain values."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from django.core.exceptions import PermissionDenied
from django.db import models, transaction
from django.utils.translation import gettext as _

from feedback.lifecycles import OPEN_STATUSES
from feedback.models import Department, Kind, StaffRequest
from feedback.permissions import may_configure
from portal.audit.services import record
from portal.kernel.errors import DomainError

if TYPE_CHECKING:
    from portal.accounts.models import User


@transaction.atomic
def save_setting(
    *,
    thing: models.Model,
    changed: Collection[str],
    actor: User,
    now: dt.datetime,
    via: str = "web",
) -> models.Model:
    """Save a new row, or one whose fields ``changed`` were edited. What was accepted or answered
    before keeps its clocks. Raises PermissionDenied, DomainError naming the field."""
    committee_id: int | None = getattr(thing, "committee_id", None)
    if not may_configure(actor, committee_id):
        raise PermissionDenied
    manager = type(thing)._default_manager
    old = None if thing._state.adding else manager.select_for_update().get(pk=thing.pk)
    if old is not None and getattr(old, "committee_id", None) != committee_id:
        raise PermissionDenied  # nothing moves to another committee
    _refuse_gaps(thing)
    thing.save()
    name = thing._meta.model_name
    record(
        code=f"listening.{name}_{'added' if old is None else 'changed'}",
        target=thing,
        actor=actor,
        now=now,
        via=via,
        before={field: _plain(old, field) for field in changed} if old is not None else None,
        after={field: _plain(thing, field) for field in changed},
    )
    return thing


def _plain(thing: models.Model, field: str) -> Any:
    value = getattr(thing, field)
    return str(value) if isinstance(value, models.Model) else value


def _refuse_gaps(thing: models.Model) -> None:
    """The doors stay open: somebody can always say something, and somebody answers it."""
    if isinstance(thing, Department) and not thing.is_active and thing.pk is not None:
        waiting = StaffRequest.objects.filter(department=thing, status__in=OPEN_STATUSES).count()
        if waiting:
            raise DomainError(
                _("这个部门手上还有%(n)d件没办结，先办完或改派再停用。") % {"n": waiting},
                field="is_active",
            )
    if isinstance(thing, Kind):
        others = Kind.objects.exclude(pk=thing.pk).filter(is_active=True, is_sealed=thing.is_sealed)
        if not thing.is_active and not others.exists():
            raise DomainError(_("至少要留一种在用的类型。"), field="is_active")
