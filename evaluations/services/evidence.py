"""佐证: files a branch puts beside a problem of a notice, or beside a finding. Optional, and never
worth a point."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from evaluations.lifecycles import FINDING, NOTICE
from evaluations.models import Finding, NoticeProblem, RectificationNotice
from evaluations.permissions import may_report_finding, may_respond
from evaluations.services.findings import check_confirmed
from portal.accounts.models import User
from portal.attachments.checking import CheckedFile
from portal.attachments.models import Attachment
from portal.attachments.services import attach, remove
from portal.audit.services import record
from portal.kernel.errors import DomainError, TransitionRefused


def add_evidence(
    *,
    notice_id: int,
    problem_id: int,
    files: Sequence[CheckedFile],
    actor: User,
    now: dt.datetime,
) -> list[Attachment]:
    """Keep ``files`` beside the problem. Raises TransitionRefused when it is not the branch's
    turn, DomainError for no file or too many."""
    if not files:
        raise DomainError(_("请选择文件。"), field="papers")
    with transaction.atomic():
        notice, problem = _writable(notice_id, problem_id, actor)
        kept = attach(owner=problem, files=files, actor=actor, now=now)
        record(
            code="notice.evidence_added",
            target=notice,
            actor=actor,
            now=now,
            after={"problem": problem.number, "files": [file.name for file in kept]},
        )
    return kept


def remove_evidence(
    *, notice_id: int, problem_id: int, attachment_id: UUID, actor: User, now: dt.datetime
) -> None:
    """Take one file away again, as long as it is the branch's turn. Gone already is gone."""
    with transaction.atomic():
        notice, problem = _writable(notice_id, problem_id, actor)
        chosen = list(Attachment.objects.of(problem).filter(pk=attachment_id))
        if not chosen:
            return
        names = [file.name for file in chosen]
        remove(attachments=chosen)
        record(
            code="notice.evidence_removed",
            target=notice,
            actor=actor,
            now=now,
            before={"problem": problem.number, "files": names},
        )


def add_finding_evidence(
    *, finding_id: int, files: Sequence[CheckedFile], actor: User, now: dt.datetime
) -> list[Attachment]:
    """Keep ``files`` beside a finding. Raises as :func:`add_evidence`."""
    with transaction.atomic():
        finding = _writable_finding(finding_id, actor)
        if not files:
            raise DomainError(_("请选择文件。"), field="papers")
        kept = attach(owner=finding, files=files, actor=actor, now=now)
        record(
            code="finding.evidence_added",
            target=finding,
            actor=actor,
            now=now,
            after={"files": [file.name for file in kept]},
        )
    return kept


def remove_finding_evidence(
    *, finding_id: int, attachment_id: UUID, actor: User, now: dt.datetime
) -> None:
    """Take one file away again, as long as it is the branch's turn. Gone already is gone."""
    with transaction.atomic():
        finding = _writable_finding(finding_id, actor)
        chosen = list(Attachment.objects.of(finding).filter(pk=attachment_id))
        if not chosen:
            return
        names = [file.name for file in chosen]
        remove(attachments=chosen)
        record(
            code="finding.evidence_removed",
            target=finding,
            actor=actor,
            now=now,
            before={"files": names},
        )


def _writable_finding(finding_id: int, actor: User) -> Finding:
    finding: Finding = Finding.objects.select_for_update().get(pk=finding_id)
    if not may_report_finding(actor, finding):
        raise PermissionDenied
    check_confirmed(finding)
    if not FINDING.allows(finding.status, "report"):
        raise TransitionRefused(
            _("现在是“%(state)s”，佐证不能再改。") % {"state": finding.get_status_display()}
        )
    return finding


def _writable(
    notice_id: int, problem_id: int, actor: User
) -> tuple[RectificationNotice, NoticeProblem]:
    notice: RectificationNotice = RectificationNotice.objects.select_for_update().get(pk=notice_id)
    if not may_respond(actor, notice):
        raise PermissionDenied
    if not NOTICE.allows(notice.status, "respond"):
        raise TransitionRefused(
            _("现在是“%(state)s”，佐证不能再改。") % {"state": notice.get_status_display()}
        )
    return notice, notice.problems.get(pk=problem_id)
