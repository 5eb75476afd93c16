"""Beside the way of a finding: more time for a reason, the secretary's word for a report, a talk
about what is overdue."""

from __future__ import annotations

import datetime as dt

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from evaluations.lifecycles import FINDING, FindingStatus
from evaluations.models import Finding
from evaluations.permissions import may_endorse_finding, may_extend_finding
from evaluations.services import findings
from portal.accounts.models import User
from portal.kernel.errors import DomainError, TransitionRefused
from portal.kernel.months import local_date
from portal.workdays import services as workdays


def extend_finding(
    *,
    finding_id: int,
    due_on: dt.date | None,
    reason: str,
    actor: User,
    now: dt.datetime,
    via: str = "web",
) -> Finding:
    """Give the branch more time, once between two reports, with the reason in the history. The
    latest day is the policy's working days for continuing work, from today.

    PermissionDenied for anybody but officers (and for those of the branch itself);
    TransitionRefused when it is not the branch's turn or it was extended already; DomainError
    names the field.
    """
    with transaction.atomic():
        finding = findings.locked_finding(finding_id)
        if not may_extend_finding(actor, finding):
            raise PermissionDenied
        findings.check_confirmed(finding)
        reason = findings.checked_note(reason, field="reason", missing=_("请写明为什么延期。"))
        if not FINDING.allows(finding.status, "report"):
            raise TransitionRefused(
                _("现在是“%(state)s”，没有要延的期限。") % {"state": finding.get_status_display()}
            )
        if finding.extended_from is not None:
            raise TransitionRefused(_("已经延过一次。还没改好的，按逾期处理或退回再改。"))
        today = local_date(now)
        days = finding.inspection.round.policy.continuing_workdays
        latest = workdays.add_workdays(today, days)
        if due_on is None or due_on <= finding.due_on or due_on < today:
            raise DomainError(_("新期限须晚于原期限，也不能早于今天。"), field="due_on")
        if due_on > latest:
            raise DomainError(
                _("最多延到%(month)d月%(day)d日（%(n)d个工作日）。")
                % {"month": latest.month, "day": latest.day, "n": days},
                field="due_on",
            )
        before, finding.extended_from, finding.due_on = finding.due_on, finding.due_on, due_on
        finding.version += 1
        finding.save()
        findings.log_step(
            finding,
            "extend",
            actor=actor,
            now=now,
            via=via,
            note=reason,
            before={"due_on": before},
            after={"due_on": due_on},
        )
        title = _("整改期限延长：%(fact)s")
        findings.tell_branch(finding, title, "extend", actor=actor, now=now, body=reason)
    return finding


def endorse_finding(*, finding_id: int, actor: User, now: dt.datetime, via: str = "web") -> Finding:
    """The secretary vouches for what the deputy reported; pressing twice is no error."""
    with transaction.atomic():
        finding = findings.locked_finding(finding_id)
        if not may_endorse_finding(actor, finding):
            raise PermissionDenied
        if finding.endorsed_at is not None and not finding.awaits_endorsement:
            return finding
        if finding.status != FindingStatus.REPORTED:
            raise TransitionRefused(
                _("现在是“%(state)s”，没有要背书的整改情况。")
                % {"state": finding.get_status_display()}
            )
        finding.awaits_endorsement = False
        finding.endorsed_by, finding.endorsed_at = actor, now
        finding.version += 1
        finding.save()
        findings.log_step(finding, "endorse", actor=actor, now=now, via=via)
    return finding


def talk_about_finding(
    *, finding_id: int, note: str, actor: User, now: dt.datetime, via: str = "web"
) -> Finding:
    """约谈: the committee has talked with the branch about an overdue finding; who, when and what
    came of it stands in the history. The finding stays open.

    PermissionDenied for anybody but the committee (and for those of the branch itself);
    TransitionRefused while it is not overdue; DomainError(field "note") without a record.
    """
    with transaction.atomic():
        finding = findings.locked_finding(finding_id)
        if not may_extend_finding(actor, finding):
            raise PermissionDenied
        findings.check_confirmed(finding)
        note = findings.checked_note(
            note, field="note", missing=_("请写明约谈了谁、什么时候、怎么说的。")
        )
        if not FINDING.allows(finding.status, "report") or finding.due_on >= local_date(now):
            raise TransitionRefused(_("逾期未改的问题才约谈。"))
        finding.version += 1
        finding.save(update_fields=["version"])
        findings.log_step(finding, "talk", actor=actor, now=now, via=via, note=note)
        title = _("已就逾期问题约谈：%(fact)s")
        findings.tell_branch(finding, title, "talk", actor=actor, now=now, body=note)
    return finding
