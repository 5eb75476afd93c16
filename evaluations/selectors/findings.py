"""One finding as a page: the fact, the countdown, what was reported, what comes next."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from evaluations.lifecycles import FINDING, FindingStatus, NoticeStatus
from evaluations.models import Finding, FindingEvent, RectificationNotice, SheetPhoto
from evaluations.permissions import (
    may_endorse_finding,
    may_escalate_finding,
    may_extend_finding,
    may_report_finding,
    may_verify_finding,
    stands_back,
)
from evaluations.selectors.deadlines import deadline_event, finding_standing, newest_first
from evaluations.selectors.sheet_photos import photos_of_findings
from evaluations.services.finding_days import finding_due_on
from portal.attachments.models import Attachment
from portal.kernel.months import local_date
from portal.kernel.together import read_together
from portal.kernel.ui import Event, Status, Step
from portal.workdays import services as workdays

if TYPE_CHECKING:
    from portal.accounts.models import User


@dataclass(frozen=True, slots=True)
class FindingPage:
    """``turn``: report, verify or "" (then ``waiting`` says whose turn it is)."""

    finding: Finding
    headline: str
    kicker: str
    standing: Status
    steps: Sequence[Step]
    events: Sequence[Event]
    turn: str
    waiting: str
    stands_back: bool
    default_return_due: dt.date
    files: Sequence[Attachment]
    photos: Sequence[SheetPhoto]
    may_change_files: bool
    may_extend: bool
    may_endorse: bool
    may_talk: bool
    may_escalate: bool
    why_not_yet: str
    notice: RectificationNotice | None
    warning_years: Sequence[int]


def finding_for_page(user: User, pk: int) -> Finding:
    """The finding with what its page needs. Raises DoesNotExist for a stranger."""
    finding: Finding = (
        Finding.objects.visible_to(user)
        .select_related(
            "branch__committee",
            "item",
            "deduction__rule",
            "inspection__round__policy",
            "inspection__team__branch",
            "endorsed_by",
        )
        .get(pk=pk)
    )
    return finding


def finding_page(finding: Finding, user: User, today: dt.date) -> FindingPage:
    events = finding.events.select_related("actor")
    notices = _notices(finding, user)
    files = Attachment.objects.of(finding)
    photos = photos_of_findings([finding])
    read_together(events, notices, files, photos)
    notice = notices[0] if notices else None
    turn = _turn(finding, user)
    standing = finding_standing(finding, today)
    may_escalate, why_not_yet = _escalation(finding, user, notice, today)
    in_committees_hands = (
        FINDING.allows(finding.status, "report")
        and not finding.waits_for_confirmation
        and may_extend_finding(user, finding)
    )
    return FindingPage(
        finding=finding,
        headline=_headline(finding, turn, standing),
        kicker="，".join((finding.inspection.round.label, str(finding.branch))),
        standing=standing,
        steps=_steps(finding),
        events=_timeline(finding, list(events), notice, today),
        turn=turn,
        waiting="" if turn else _waiting(finding),
        stands_back=finding.status != FindingStatus.VERIFIED and stands_back(user, finding.branch),
        default_return_due=finding_due_on(
            finding.inspection.round.policy, finding.kind, finding.severity, today
        ),
        files=list(files),
        photos=list(photos),
        may_change_files=turn == "report",
        may_extend=in_committees_hands and finding.extended_from is None,
        may_talk=in_committees_hands and finding.due_on < today,
        may_escalate=may_escalate,
        why_not_yet=why_not_yet,
        notice=notice,
        may_endorse=finding.awaits_endorsement
        and finding.status == FindingStatus.REPORTED
        and may_endorse_finding(user, finding),
        warning_years=workdays.missing_years(finding.due_on),
    )


def _notices(finding: Finding, user: User) -> QuerySet[RectificationNotice]:
    """The notice made of it, where the reader may see that there is one."""
    found: QuerySet[RectificationNotice] = (
        RectificationNotice.objects.visible_to(user)
        .filter(finding=finding)
        .exclude(status=NoticeStatus.WITHDRAWN)
    )
    return found


def _escalation(
    finding: Finding, user: User, notice: RectificationNotice | None, today: dt.date
) -> tuple[bool, str]:
    """Whether the button is shown, and what it waits for where it is not yet the time."""
    late = finding.due_on < today or finding.status == FindingStatus.RETURNED
    asked = (
        notice is None
        and late
        and FINDING.allows(finding.status, "report")
        and not finding.waits_for_confirmation
        and may_escalate_finding(user, finding)
    )
    if asked and not finding.inspection.round.is_published:
        return False, _("%(month)s通报以后可以转整改通知书。") % {
            "month": finding.inspection.round.label
        }
    return asked, ""


def _headline(finding: Finding, turn: str, standing: Status) -> str:
    """The answer: what this reader has to do, else where the finding stands."""
    words = {
        "month": finding.due_on.month,
        "day": finding.due_on.day,
        "standing": standing.text,
        "branch": finding.branch.label,
    }
    match turn:
        case "report":
            return _("%(month)d月%(day)d日前整改（%(standing)s）") % words
        case "verify":
            return _("%(branch)s已报整改，请回头看") % words
    return str(standing.text)


def _turn(finding: Finding, user: User) -> str:
    if FINDING.allows(finding.status, "report") and may_report_finding(user, finding):
        waits = finding.status == FindingStatus.RAISED and not (
            finding.inspection.round.is_published
        )
        return "confirm" if waits else "report"
    if finding.status == FindingStatus.REPORTED and may_verify_finding(user, finding):
        return "verify"
    return ""


def _waiting(finding: Finding) -> str:
    match finding.status:
        case FindingStatus.VERIFIED:
            return _("已销号，没有要办的事。")
        case FindingStatus.REPORTED:
            return _("等%(team)s或党群部回头看。") % {"team": finding.inspection.team.label}
        case FindingStatus.RAISED:
            return _("等%(branch)s确认评分表。") % {"branch": finding.branch}
    return _("等%(branch)s报整改。") % {"branch": finding.branch}


def _steps(finding: Finding) -> list[Step]:
    current = {
        FindingStatus.RAISED: 1,
        FindingStatus.CONFIRMED: 2,
        FindingStatus.DISPUTED: 2,
        FindingStatus.FIXING: 2,
        FindingStatus.RETURNED: 2,
        FindingStatus.REPORTED: 3,
        FindingStatus.VERIFIED: 4,
    }[FindingStatus(finding.status)]
    reported = local_date(finding.reported_at) if finding.reported_at else None
    verified = local_date(finding.verified_at) if finding.verified_at else None
    confirm = _("有异议") if finding.inspection.objection else _("确认")
    stages = (
        (_("提出"), local_date(finding.raised_at), None),
        (confirm, None, None),
        (_("整改"), reported, finding.due_on),
        (_("回头看销号"), verified, finding.look_back_by),
    )
    steps = []
    for index, (name, done_on, plan) in enumerate(stages):
        state: Any = "done" if index < current else "current" if index == current else "todo"
        note = ""
        if state == "done" and done_on:
            note = f"{done_on.month}月{done_on.day}日"
        elif state != "done" and plan:
            note = _("%(month)d月%(day)d日前") % {"month": plan.month, "day": plan.day}
        steps.append(Step(name, note, state))
    return steps


_TOLD = {
    "start_fixing": "开始整改",
    "report": "报整改",
    "verify": "回头看合格，销号",
    "return": "退回再改",
    "strike_off": "申诉成立，销号",
    "extend": "延期",
    "escalate": "逾期未改，已报党群部",
    "talk": "约谈",
    "endorse": "书记背书",
    "recheck": "另一个检查组复核属实",
    "reopen": "另一个检查组复核退回，再改",
    "take_back": "另一个检查组撤回复核",
}


def _timeline(
    finding: Finding,
    events: Sequence[FindingEvent],
    notice: RectificationNotice | None,
    today: dt.date,
) -> list[Event]:
    """Newest first. Inspectors are named by their team, the branch and officers by name."""
    lines: list[Event] = []
    if finding.status not in {FindingStatus.VERIFIED, FindingStatus.REPORTED}:
        lines.append(deadline_event(finding.due_on, _("整改期限"), today))
    elif finding.status == FindingStatus.REPORTED and finding.look_back_by:
        lines.append(deadline_event(finding.look_back_by, _("回头看期限"), today))
    lines += [
        Event(
            event.at,
            _(_TOLD[event.step]),
            who=str(event.actor) if event.actor else _("系统"),
            note=event.note,
        )
        for event in reversed(events)
    ]
    if notice is not None:
        # To the branch it exists from the signature on; the office drafted it before.
        at = notice.issued_at or notice.drafted_at
        number = notice.document_number or _("待签发")
        lines.append(Event(at, _("转整改通知书"), note=number))
    inspection = finding.inspection
    if inspection.confirmed_at:
        lines.append(
            Event(
                inspection.confirmed_at,
                _("对评分表提出异议") if inspection.objection else _("确认事实"),
                who=str(finding.branch),
                note=inspection.objection,
            )
        )
    lines.append(Event(finding.raised_at, _("检查时当场提出"), who=finding.inspection.team.label))
    return newest_first(lines)
