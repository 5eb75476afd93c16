"""Signatures given on the spot. They seal nothing by themselves (see ``SheetSignature``)."""

from __future__ import annotations

import datetime as dt

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from branches.models import Person
from evaluations.lifecycles import InspectionStatus
from evaluations.models import Inspection, SheetSignature, SignatureSide
from evaluations.permissions import may_fill_sheet
from evaluations.selectors.signers import signers_of
from portal.accounts.models import User
from portal.audit.services import record
from portal.kernel.errors import DomainError, TransitionRefused
from portal.kernel.words import zh_moment
from portal.notifications.services import tell
from portal.offline.clock import Moment


def sign_on_site(
    *,
    inspection_id: int,
    person_id: int,
    objection: str = "",
    made: Moment,
    actor: User,
    now: dt.datetime,
) -> SheetSignature:
    """The inspected side's word, given on the inspectors' phone after they submitted.

    ``person_id``: the branch's secretary or deputy, who is told at once and confirms (or
    objects) from an account of his own. Raises PermissionDenied for whoever is not in the
    team, TransitionRefused before the sheet is submitted, DomainError for another person.
    """
    with transaction.atomic():
        inspection = (
            Inspection.objects.with_seat_of(actor)
            .select_for_update(of=("self",))
            .select_related("round", "team", "participant__branch")
            .get(pk=inspection_id)
        )
        if not may_fill_sheet(actor, inspection):
            raise PermissionDenied
        if inspection.status not in (InspectionStatus.SUBMITTED, InspectionStatus.CONFIRMED):
            raise TransitionRefused(_("评分表还没有提交，被查支部不能签。"))
        signer = next((p for p in signers_of(inspection) if p.pk == person_id), None)
        if signer is None:
            raise DomainError(_("签字的应是被查支部的书记或副书记。"), field="person")
        found = SheetSignature.objects.filter(
            inspection=inspection, side=SignatureSide.INSPECTED
        ).first()
        if found is not None:
            if (found.person_id, found.objection) == (person_id, objection.strip()):
                return found
            raise TransitionRefused(_("被查支部已经当面签过。"))
        signature = _write(inspection, SignatureSide.INSPECTED, signer, objection, made, actor, now)
        _tell(signature, inspection, now)
    return signature


def sign_as_inspectors(
    *, inspection: Inspection, made: Moment, actor: User, now: dt.datetime
) -> SheetSignature | None:
    """Keep when the inspectors signed, if that was on a phone before the portal heard of it.
    The caller holds the lock and has submitted the sheet."""
    person = Person.objects.filter(user=actor).first()
    if made.phone is None or person is None:
        return None
    return _write(inspection, SignatureSide.INSPECTORS, person, "", made, actor, now)


def withdraw(inspection: Inspection) -> None:
    """Both signatures go with a sheet that is taken back. The caller holds the lock."""
    SheetSignature.objects.filter(inspection=inspection).delete()


def _write(
    inspection: Inspection,
    side: SignatureSide,
    person: Person,
    objection: str,
    made: Moment,
    actor: User,
    now: dt.datetime,
) -> SheetSignature:
    signature = SheetSignature.objects.create(
        inspection=inspection,
        side=side,
        person=person,
        objection=objection.strip()[:500],
        signed_at=made.at,
        phone_at=made.phone,
        received_at=now,
        phone_of=actor,
    )
    record(
        code="sheet.signed_on_site",
        target=inspection,
        actor=actor,
        now=now,
        after={"side": side.value, "person": person.pk, "signed_at": made.at, "phone": made.phone},
    )
    return signature


def _tell(signature: SheetSignature, inspection: Inspection, now: dt.datetime) -> None:
    if signature.person.user is None or inspection.status == InspectionStatus.CONFIRMED:
        return
    tell(
        user=signature.person.user,
        key=f"signed-on-site:{signature.pk}",
        title=_("您在%(team)s的手机上当面签了评分表，请用自己的账号确认")
        % {"team": inspection.team.label},
        body=_("%(at)s签。不是您签的，打开后选“有异议”。") % {"at": zh_moment(signature.signed_at)},
        link=reverse("evaluations:sheet-summary", args=[inspection.pk]),
        now=now,
    )
