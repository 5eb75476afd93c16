"""转整改通知书: a finding that the branch let pass becomes the draft of a notice of its own."""

from __future__ import annotations

import datetime as dt

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from evaluations.lifecycles import FINDING, FindingStatus, NoticeStatus
from evaluations.models import Finding, NoticeEvent, NoticeProblem, RectificationNotice
from evaluations.permissions import may_escalate_finding
from evaluations.selectors.notices import day_words
from evaluations.services import findings
from evaluations.services.sheet_state import read_sheet
from portal.accounts.models import User
from portal.audit.services import record
from portal.kernel.errors import TransitionRefused
from portal.kernel.months import local_date


def notice_from_finding(
    *, finding_id: int, actor: User, now: dt.datetime, via: str = "web"
) -> RectificationNotice:
    """Draft a notice from an overdue finding, or from one that a look-back gave back: its rule and
    facts, the day that passed. From there on it goes the way of every notice (核稿, 签发). The
    finding stays open.

    Once: while a notice of this finding lives, it is the answer. The branch learns of it when it
    is signed. PermissionDenied for anybody but the committee (and for those of the branch
    itself); TransitionRefused before the sheet is confirmed, while the day has not passed, and
    before the month is published, for until then the publication itself drafts notices.
    """
    with transaction.atomic():
        finding = findings.locked_finding(finding_id)
        if not may_escalate_finding(actor, finding):
            raise PermissionDenied
        live: RectificationNotice | None = finding.notices.exclude(
            status=NoticeStatus.WITHDRAWN
        ).first()
        if live is not None:
            return live
        _check(finding, local_date(now))
        round_ = finding.inspection.round
        notice = RectificationNotice.objects.create(
            run=round_.runs.order_by("-revision")[0],
            participant_id=finding.inspection.participant_id,
            branch=finding.branch,
            finding=finding,
            drafted_at=now,
        )
        _problem(notice, finding)
        NoticeEvent.objects.create(notice=notice, at=now, step="draft", actor=actor)
        record(
            code="notice.drafted_from_finding",
            target=notice,
            actor=actor,
            now=now,
            via=via,
            after={"finding": finding.pk, "fact": finding.fact},
        )
    return notice


def _check(finding: Finding, today: dt.date) -> None:
    findings.check_confirmed(finding)
    returned = finding.status == FindingStatus.RETURNED
    if not FINDING.allows(finding.status, "report") or not (returned or finding.due_on < today):
        raise TransitionRefused(_("逾期未改、或回头看退回的问题，才转整改通知书。"))
    if not finding.inspection.round.is_published:
        raise TransitionRefused(
            _("%(month)s还没有通报，通报以后才能转整改通知书；现在可以先约谈。")
            % {"month": finding.inspection.round.label}
        )


def _problem(notice: RectificationNotice, finding: Finding) -> None:
    line = finding.deduction
    returned = finding.status == FindingStatus.RETURNED
    said = [f"{line.rule.text}：{finding.fact}" if line else finding.fact]
    said.append(
        _("%(team)s%(day)s当场提出，期限%(due)s。")
        % {
            "team": finding.inspection.team.label,
            "day": day_words(local_date(finding.raised_at)),
            "due": day_words(finding.due_on),
        }
    )
    if returned and finding.return_reason:
        said.append(_("退回原因：%(reason)s") % {"reason": finding.return_reason})
    NoticeProblem.objects.create(
        notice=notice,
        number=1,
        item=finding.item,
        trigger=NoticeProblem.Trigger.GIVEN_BACK if returned else NoticeProblem.Trigger.OVERDUE,
        marks=read_sheet(finding.inspection).item(finding.item_id).marks,
        full_marks=finding.item.full_marks,
        facts="\n".join(said),
    )
