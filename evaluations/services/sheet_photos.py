"""现场照片: pictures taken on a visit, beside the rule that takes marks. Optional throughout."""

from __future__ import annotations

import datetime as dt
import hashlib
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from evaluations.lifecycles import InspectionStatus
from evaluations.models import DeductionRule, Inspection, SheetPhoto
from evaluations.permissions import may_fill_sheet
from evaluations.services.sheet_gate import begin_visit, check_in_window, locked_sheet
from portal.accounts.models import User
from portal.attachments.checking import CheckedFile
from portal.attachments.limits import PHOTOS
from portal.attachments.services import attach, remove
from portal.audit.services import record
from portal.kernel.errors import DomainError, TransitionRefused
from portal.offline.clock import Moment

MOST_PHOTOS = 6  # beside one rule

_IN_THE_FIELD = (InspectionStatus.PLANNED, InspectionStatus.UNDER_WAY)


def keep_photo(
    *,
    photo_id: UUID,
    inspection_id: int,
    rule_id: int,
    picture: CheckedFile,
    made: Moment,
    actor: User,
    now: dt.datetime,
    via: str = "web",
) -> SheetPhoto:
    """Keep a picture beside a rule of the sheet. The same key, or the same picture beside the
    same rule, is kept once. Begins the visit, like the first item.

    After the sheet was submitted, only what a phone took before and could not send until now,
    and only beside a rule that took marks. PermissionDenied for anybody but the team;
    TransitionRefused outside the month's window and once the month is published; DomainError
    (field "photo") for a foreign rule and above ``MOST_PHOTOS``.
    """
    with transaction.atomic():
        inspection = locked_sheet(inspection_id, actor)
        if not may_fill_sheet(actor, inspection):
            raise PermissionDenied
        there = list(
            SheetPhoto.objects.filter(inspection=inspection, rule_id=rule_id).select_related(
                "picture"
            )
        )
        digest = hashlib.sha256(picture.data).hexdigest()
        for photo in there:
            if photo.pk == photo_id or photo.picture.digest == digest:
                return photo
        _check(inspection, rule_id, made)
        if SheetPhoto.objects.filter(pk=photo_id).exists():
            raise DomainError(_("这个照片编号已经用过。"), field="photo")
        if len(there) >= MOST_PHOTOS:
            raise DomainError(
                _("一条扣分最多放%(n)d张照片。先去掉一张再加。") % {"n": MOST_PHOTOS}, field="photo"
            )
        begin_visit(inspection, now)
        photo = SheetPhoto(
            pk=photo_id,
            inspection=inspection,
            rule_id=rule_id,
            taken_at=made.at,
            taken_by=actor,
        )
        [photo.picture] = attach(owner=photo, files=[picture], actor=actor, now=now, profile=PHOTOS)
        photo.save(force_insert=True)
        record(
            code="sheet.photo_kept",
            target=inspection,
            actor=actor,
            now=now,
            via=via,
            after={"rule": rule_id, "photo": str(photo_id), "taken_at": made.at},
        )
    return photo


def take_photo_away(
    *, photo_id: UUID, inspection_id: int, actor: User, now: dt.datetime, via: str = "web"
) -> None:
    """Remove a picture (a face on it, the wrong place) while the sheet can be written; the audit
    trail says that one went. Gone already is gone. Raises as :func:`keep_photo`."""
    with transaction.atomic():
        inspection = locked_sheet(inspection_id, actor)
        if not may_fill_sheet(actor, inspection):
            raise PermissionDenied
        found = SheetPhoto.objects.filter(inspection=inspection, pk=photo_id)
        if not found.exists():
            return
        check_in_window(inspection)
        if inspection.status not in _IN_THE_FIELD:
            raise TransitionRefused(_("评分表已提交，照片不能再去掉。需要修改请先撤回。"))
        _remove(found)
        record(
            code="sheet.photo_removed",
            target=inspection,
            actor=actor,
            now=now,
            via=via,
            before={"photo": str(photo_id)},
        )


def drop_unspoken(inspection: Inspection) -> None:
    """Remove pictures beside rules that take nothing: the sheet says nothing that they could show.
    Called when it is submitted, by whoever holds its lock."""
    _remove(
        SheetPhoto.objects.filter(inspection=inspection).exclude(
            rule__in=inspection.deductions.values("rule")
        )
    )


# -- inside ---------------------------------------------------------------------------------


def _check(inspection: Inspection, rule_id: int, made: Moment) -> None:
    if inspection.status in _IN_THE_FIELD:
        check_in_window(inspection)
        version = inspection.participant.rubric_version_id
        if not DeductionRule.objects.filter(pk=rule_id, item__version_id=version).exists():
            raise DomainError(_("这条扣分标准不属于这张评分表。"), field="photo")
        return
    if inspection.round.is_published:
        raise TransitionRefused(_("本月已通报，照片不能再加。"))
    if made.phone is None or inspection.submitted_at is None or made.at > inspection.submitted_at:
        raise TransitionRefused(_("评分表已提交，不能再加照片。需要补的，请先撤回。"))
    if not inspection.deductions.filter(rule_id=rule_id).exists():
        raise DomainError(_("这一条最后没有扣分，照片没有收下。"), field="photo")


def _remove(photos: object) -> None:
    rows = list(photos.select_related("picture"))  # type: ignore[attr-defined]
    SheetPhoto.objects.filter(pk__in=[photo.pk for photo in rows]).delete()
    remove(attachments=[photo.picture for photo in rows])
