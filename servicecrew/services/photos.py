"""照片: pictures of a turnout or an operation, kept by the portal's attachments."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Sequence
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from portal.accounts.models import User
from portal.attachments.checking import CheckedFile
from portal.attachments.limits import PHOTOS
from portal.attachments.models import Attachment
from portal.attachments.services import attach, remove
from portal.audit.services import record
from portal.kernel.errors import DomainError
from servicecrew.lifecycles import TurnoutStatus
from servicecrew.models import Operation, Turnout
from servicecrew.permissions import may_report_operation, may_run_operation, may_show_photos
from servicecrew.services.turnout_rows import locked, note


def add_photos(
    *,
    owner: Turnout | Operation,
    photos: Sequence[CheckedFile],
    actor: User,
    now: dt.datetime,
    via: str = "web",
) -> list[Attachment]:
    """Keep pictures. One that is there already (the button pressed twice) is not kept again.

    A picture is no figure: it may come after the record was verified. Raises PermissionDenied,
    DomainError (too many; the turnout was voided).
    """
    with transaction.atomic():
        owner = _locked(owner, actor)
        there = set(Attachment.objects.of(owner).values_list("digest", flat=True))
        fresh = {hashlib.sha256(photo.data).hexdigest(): photo for photo in photos}
        kept = attach(
            owner=owner,
            files=[photo for digest, photo in fresh.items() if digest not in there],
            actor=actor,
            now=now,
            profile=PHOTOS,
        )
        if kept:
            _tell(owner, len(kept), actor, now, via)
    return kept


def take_photo_away(
    *,
    owner: Turnout | Operation,
    photo_id: UUID,
    actor: User,
    now: dt.datetime,
    via: str = "web",
) -> None:
    """Remove a picture (a face on it, the wrong place). The history says that one went. Taken
    away twice it is gone once. Of an operation, where captains of many crews add theirs, only
    its officers and whoever added it may."""
    with transaction.atomic():
        owner = _locked(owner, actor)
        rows = list(Attachment.objects.of(owner).filter(pk=photo_id))
        if (
            isinstance(owner, Operation)
            and not may_run_operation(actor, owner)
            and any(row.uploaded_by_id != actor.pk for row in rows)
        ):
            raise PermissionDenied(_("只有党群部专责和加照片的人可以去掉它。"))
        remove(attachments=rows)
        if rows:
            _tell(owner, -1, actor, now, via)


# -- inside ---------------------------------------------------------------------------------


def _locked(owner: Turnout | Operation, actor: User) -> Turnout | Operation:
    if isinstance(owner, Turnout):
        turnout = locked(owner.pk)
        if not may_show_photos(actor, turnout):
            raise PermissionDenied(_("只有本队队员可以加照片。"))
        if turnout.status == TurnoutStatus.VOID:
            raise DomainError(_("这条记录已作废，不用再加照片。"), field="photos")
        return turnout
    operation: Operation = Operation.objects.select_for_update(of=("self",)).get(pk=owner.pk)
    if not may_report_operation(actor, operation):
        raise PermissionDenied(_("只有党群部专责和队长可以加照片。"))
    return operation


def _tell(owner: Turnout | Operation, change: int, actor: User, now: dt.datetime, via: str) -> None:
    words = _("加了 %(n)d 张照片") % {"n": change} if change > 0 else _("去掉了 1 张照片")
    if isinstance(owner, Turnout):
        note(owner, "photos", actor=actor, now=now, text=words)
    record(
        code="turnout.photos" if isinstance(owner, Turnout) else "operation.photos",
        target=owner,
        actor=actor,
        now=now,
        via=via,
        after={"photos": change},
    )
