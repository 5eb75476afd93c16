"""复核: another team, on its visit in a later month, looks at what was put right.

The team that raised a finding (or an officer) strikes it off within days of the report. A team
that had no part in it sees with its own eyes whether it held: it does, or the finding is open
again with a new day.
"""

from __future__ import annotations

import datetime as dt

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from evaluations.lifecycles import FINDING, FindingStatus, InspectionStatus
from evaluations.models import Finding, Inspection
from evaluations.permissions import may_recheck_finding
from evaluations.services import findings
from evaluations.services.endorsements import check_endorsed
from evaluations.services.finding_days import finding_due_on
from evaluations.services.sheet_gate import begin_visit, locked_sheet
from portal.accounts.models import User
from portal.kernel.errors import TransitionRefused
from portal.kernel.months import local_date


def recheck_finding(
    *,
    finding_id: int,
    visit_id: int,
    holds: bool,
    note: str = "",
    actor: User,
    now: dt.datetime,
    via: str = "web",
) -> Finding:
    """Say on the spot whether an earlier finding is put right. ``holds`` strikes a reported one
    off and leaves a struck-off one closed; otherwise it goes back to the branch with ``note``
    and as many working days as such a finding gets. Begins the visit, like the first item.

    PermissionDenied for anybody but a member of a later visit's team that another branch sent;
    TransitionRefused once the sheet is submitted or another team was there before;
    DomainError(field "note") when it is given back without a reason.
    """
    with transaction.atomic():
        visit = locked_sheet(visit_id, actor)
        finding = findings.locked_finding(finding_id)
        if not may_recheck_finding(actor, finding, visit):
            raise PermissionDenied
        missing = "" if holds else _("请写明哪里没有改到位。")
        note = findings.checked_note(note, field="note", missing=missing)
        _check_in_the_field(visit)
        if not Finding.objects.to_recheck_on(visit).filter(pk=finding.pk).exists():
            raise TransitionRefused(_("这个问题现在不用复核：已有别的组复核过，或支部还没报整改。"))
        begin_visit(visit, now)
        before = {"status": finding.status, "due_on": finding.due_on}
        step = _take(finding, holds, note, now)
        finding.rechecked_at = now
        finding.rechecked_in = visit
        finding.version += 1
        finding.save()
        findings.log_step(
            finding,
            step,
            actor=actor,
            now=now,
            via=via,
            note=note,
            before=before,
            after={"due_on": finding.due_on, "visit": visit.pk},
        )
        title = _("复核属实：%(fact)s") if holds else _("复核退回，请再改：%(fact)s")
        findings.tell_branch(finding, title, step, actor=actor, now=now, body=note)
    return finding


def take_back_recheck(
    *, finding_id: int, visit_id: int, actor: User, now: dt.datetime, via: str = "web"
) -> Finding:
    """Take "it is put right" back, as long as the sheet is in the field: one tap must not be final.
    The finding stands as before: reported, or struck off by those who raised it.

    PermissionDenied as in :func:`recheck_finding`; TransitionRefused once the sheet is submitted,
    and where this visit has not said so of the finding as it stands.
    """
    with transaction.atomic():
        visit = locked_sheet(visit_id, actor)
        finding = findings.locked_finding(finding_id)
        if not may_recheck_finding(actor, finding, visit):
            raise PermissionDenied
        _check_in_the_field(visit)
        if not finding.was_found_right_on(visit):
            raise TransitionRefused(_("这个问题没有可以撤回的复核。"))
        before = {"status": finding.status, "visit": visit.pk}
        if finding.verified_at == finding.rechecked_at:  # this visit struck it off
            FINDING.take(finding, "take_back")
            finding.verified_at = None
        finding.rechecked_at = finding.rechecked_in = None
        finding.version += 1
        finding.save()
        findings.log_step(finding, "take_back", actor=actor, now=now, via=via, before=before)
        title = _("检查组撤回了复核：%(fact)s")
        findings.tell_branch(finding, title, "take_back", actor=actor, now=now)
    return finding


def _take(finding: Finding, holds: bool, note: str, now: dt.datetime) -> str:
    """Change the row (unsaved); the name of the step taken."""
    was_closed = finding.status == FindingStatus.VERIFIED
    if holds and was_closed:
        return "recheck"
    step = "verify" if holds else "reopen" if was_closed else "return"
    FINDING.take(finding, step)
    if holds:
        check_endorsed(finding)
        finding.verified_at = now
    else:
        finding.return_reason = note
        finding.look_back_by = None
        finding.due_on = finding_due_on(
            finding.inspection.round.policy, finding.kind, finding.severity, local_date(now)
        )
    return step


def _check_in_the_field(visit: Inspection) -> None:
    if not visit.is_in_window:
        raise TransitionRefused(
            _("%(month)s的互查不在进行，现在不能复核。") % {"month": visit.round.label}
        )
    if visit.status not in {InspectionStatus.PLANNED, InspectionStatus.UNDER_WAY}:
        raise TransitionRefused(_("评分表已提交，不能再复核。需要修改请先撤回。"))
