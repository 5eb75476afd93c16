"""佐证材料: photos, a lecture's notes, a signed sheet beside a record. Optional, worth no mark."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Sequence
from typing import TYPE_CHECKING
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from branches import locks
from branches.models import Activity
from branches.permissions import may_edit_activity
from branches.pictures import note_twins
from portal.attachments.checking import CheckedFile
from portal.attachments.models import Attachment
from portal.attachments.services import attach, remove
from portal.audit.services import record
from portal.kernel.errors import DomainError
from portal.kernel.months import Month

if TYPE_CHECKING:
    from portal.accounts.models import User


def add_materials(
    *,
    activity: Activity,
    files: Sequence[CheckedFile],
    actor: User,
    now: dt.datetime,
    reason: str = "",
    via: str = "web",
) -> list[Attachment]:
    """Keep files beside a record; the same file twice is kept once.

    After the month's lock it is a late entry like any other and gives its reason. Raises
    PermissionDenied, DomainError (no file, too many, no reason).
    """
    if not files:
        raise DomainError(_("请选择文件。"), field="materials")
    with transaction.atomic():
        activity = _locked(activity, actor)
        _ask_reason(activity, reason, now)
        there = set(Attachment.objects.of(activity).values_list("digest", flat=True))
        fresh = {hashlib.sha256(file.data).hexdigest(): file for file in files}
        kept = attach(
            owner=activity,
            files=[file for digest, file in fresh.items() if digest not in there],
            actor=actor,
            now=now,
        )
        note_twins(activity, kept)
        if kept:
            record(
                code="record.material_added",
                target=activity,
                actor=actor,
                now=now,
                via=via,
                reason=reason,
                after={"files": [file.shown_name for file in kept]},
            )
    return kept


def remove_material(
    *,
    activity: Activity,
    attachment_id: UUID,
    actor: User,
    now: dt.datetime,
    reason: str = "",
    via: str = "web",
) -> None:
    """Take a file away (the wrong one, a face on it). Gone already is gone; the audit trail says
    that one went, and after the month's lock also why."""
    with transaction.atomic():
        activity = _locked(activity, actor)
        chosen = list(Attachment.objects.of(activity).filter(pk=attachment_id))
        if not chosen:
            return
        _ask_reason(activity, reason, now)
        names = [file.shown_name for file in chosen]
        remove(attachments=chosen)
        record(
            code="record.material_removed",
            target=activity,
            actor=actor,
            now=now,
            via=via,
            reason=reason,
            before={"files": names},
        )


def _locked(activity: Activity, actor: User) -> Activity:
    if not may_edit_activity(actor, activity):
        raise PermissionDenied(_("只有本支部的书记、副书记可以加减材料。"))
    locked: Activity = (
        Activity.objects.select_for_update(of=("self",))
        .select_related("branch")
        .get(pk=activity.pk)
    )
    return locked


def is_locked(activity: Activity, now: dt.datetime) -> bool:
    """Whether the record's month is locked, so that a reason is asked for."""
    return locks.is_locked(activity.branch.committee_id, Month.of(activity.held_on), now)


def _ask_reason(activity: Activity, reason: str, now: dt.datetime) -> None:
    if not reason.strip() and is_locked(activity, now):
        raise DomainError(
            _("%(month)s的记录已锁定，请写明原因。") % {"month": Month.of(activity.held_on).label},
            field="reason",
        )
