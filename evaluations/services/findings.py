"""Findings (问题): put right by the branch, looked back at by those who raised them.

They arise when a sheet is submitted (services.sheets). From there on: the branch reports what
it did, a member of the team that raised the finding (or an officer) looks back, strikes it off
or gives it back with a new day. Nobody looks back at his own branch.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from evaluations.lifecycles import FINDING, FindingStatus
from evaluations.models import Finding, FindingEvent
from evaluations.permissions import may_report_finding, may_verify_finding
from evaluations.recipients import inspectors_of, reviewers_of, secretaries_of
from evaluations.services.endorsements import check_endorsed, to_be_asked, vouch
from evaluations.services.finding_days import finding_due_on
from portal.accounts.models import User
from portal.audit.services import record
from portal.kernel.errors import DomainError, EditConflict, TransitionRefused
from portal.kernel.months import local_date
from portal.notifications.services import Message, tell_many
from portal.workdays import services as workdays

MAX_REASON = 300


@dataclass(frozen=True, slots=True)
class Report:
    """What a branch says about a finding: why it happened, what was done, who answers for it."""

    cause: str = ""
    measure: str = ""
    responsible: str = ""

    def stripped(self) -> dict[str, str]:
        return {name: value.strip() for name, value in asdict(self).items()}


REPORT_FIELDS = tuple(field.name for field in fields(Report))

_MISSING = {
    "cause": gettext_lazy("请写明原因。"),
    "measure": gettext_lazy("请写明整改措施。"),
    "responsible": gettext_lazy("请写明责任人。"),
}


class ReportIncomplete(DomainError):
    """A report that can't be sent yet. ``errors``: a sentence per field."""

    code = "incomplete"

    def __init__(self, errors: Mapping[str, str]) -> None:
        super().__init__(_("还有没填好的地方，已在下面标出。填好的都还在。"))
        self.errors = dict(errors)


def save_report(
    *,
    finding_id: int,
    cause: str,
    measure: str,
    responsible: str,
    version: int,
    actor: User,
    now: dt.datetime,
) -> Finding:
    """Keep the report as far as it has been typed; the first save starts the rectification."""
    with transaction.atomic():
        finding = locked_finding(finding_id)
        if not may_report_finding(actor, finding):
            raise PermissionDenied
        check_confirmed(finding)
        if not FINDING.allows(finding.status, "report"):
            raise TransitionRefused(
                _("现在是“%(state)s”，不能填整改情况。") % {"state": finding.get_status_display()}
            )
        report = Report(cause, measure, responsible)
        if _report_of(finding) == report.stripped():
            return finding  # a second press of the same save
        _check_version(finding, version)
        _write_report(finding, report, complete=False)
        finding.version += 1
        if FINDING.allows(finding.status, "start_fixing"):
            before = FINDING.take(finding, "start_fixing")
            finding.save()
            log_step(finding, "start_fixing", actor=actor, now=now, before={"status": before})
        else:
            finding.save()
    return finding


def report_finding(
    *,
    finding_id: int,
    cause: str,
    measure: str,
    responsible: str,
    actor: User,
    now: dt.datetime,
    version: int | None = None,
    via: str = "web",
) -> Finding:
    """The branch says it is put right. The inspectors have the policy's working days to look
    back. Raises ReportIncomplete, TransitionRefused, EditConflict (when ``version`` is given
    and a colleague saved since)."""
    with transaction.atomic():
        finding = locked_finding(finding_id)
        if not may_report_finding(actor, finding):
            raise PermissionDenied
        check_confirmed(finding)
        before = FINDING.take(finding, "report")
        report = Report(cause, measure, responsible)
        if version is not None and _report_of(finding) != report.stripped():
            _check_version(finding, version)
        _write_report(finding, report, complete=True)
        policy = finding.inspection.round.policy
        finding.reported_at = now
        finding.look_back_by = workdays.add_workdays(local_date(now), policy.look_back_workdays)
        vouch(finding, to_be_asked([finding], actor, now), actor, now)
        finding.version += 1
        finding.save()
        log_step(
            finding,
            "report",
            actor=actor,
            now=now,
            via=via,
            before={"status": before},
            after={**_report_of(finding), "look_back_by": finding.look_back_by},
        )
        title = _("%(branch)s已报整改，请回头看：%(fact)s")
        _tell(finding, _who_looks_back(finding, now), title, "report", actor=actor, now=now)
        if finding.awaits_endorsement:
            tell_branch(
                finding, _("副书记已报整改，请背书：%(fact)s"), "asked", actor=actor, now=now
            )
    return finding


def verify_finding(
    *, finding_id: int, actor: User, now: dt.datetime, note: str = "", via: str = "web"
) -> Finding:
    """The look-back found it put right: struck off (销号). ``note`` says what was seen."""
    note = checked_note(note, field="note")
    with transaction.atomic():
        finding = locked_finding(finding_id)
        if not may_verify_finding(actor, finding):
            raise PermissionDenied
        before = FINDING.take(finding, "verify")
        check_endorsed(finding)
        finding.verified_at = now
        finding.version += 1
        finding.save()
        log_step(
            finding, "verify", actor=actor, now=now, via=via, note=note, before={"status": before}
        )
        title = _("问题已销号：%(fact)s")
        tell_branch(finding, title, "verify", actor=actor, now=now, body=note)
    return finding


def report_findings(
    *, reports: Mapping[int, Report], actor: User, now: dt.datetime, via: str = "web"
) -> list[Finding]:
    """Report several findings together, as the feedback sheet (整改反馈单) of a visit does: all
    or none, one message per inspector and finding. Raises as :func:`report_finding`."""
    with transaction.atomic():
        found = _locked_together(reports)
        asked = to_be_asked(found, actor, now)
        changes = []
        for finding in found:
            if not may_report_finding(actor, finding):
                raise PermissionDenied
            check_confirmed(finding)
            before = FINDING.take(finding, "report")
            _write_report(finding, reports[finding.pk], complete=True)
            policy = finding.inspection.round.policy
            finding.reported_at = now
            finding.look_back_by = workdays.add_workdays(local_date(now), policy.look_back_workdays)
            vouch(finding, asked, actor, now)
            finding.version += 1
            finding.save()
            after = {**_report_of(finding), "look_back_by": finding.look_back_by}
            changes.append((finding, {"status": before}, after))
        _log_together(changes, "report", actor=actor, now=now, via=via)
        looking = inspectors_of([f.inspection for f in found], today=local_date(now))
        readers = {f.pk: looking.get(f.inspection_id) or _who_looks_back(f, now) for f in found}
        title = _("%(branch)s已报整改，请回头看：%(fact)s")
        _tell_together(found, readers, title, "report", actor=actor, now=now)
    return found


def verify_findings(
    *,
    finding_ids: Collection[int],
    actor: User,
    now: dt.datetime,
    note: str = "",
    via: str = "web",
) -> list[Finding]:
    """Strike off several findings after one look back: all or none. Raises as
    :func:`verify_finding`."""
    note = checked_note(note, field="note")
    with transaction.atomic():
        found = _locked_together(finding_ids)
        changes: list[tuple[Finding, dict[str, Any], dict[str, Any]]] = []
        for finding in found:
            if not may_verify_finding(actor, finding):
                raise PermissionDenied
            before = FINDING.take(finding, "verify")
            check_endorsed(finding)
            finding.verified_at = now
            finding.version += 1
            finding.save()
            changes.append((finding, {"status": before}, {}))
        _log_together(changes, "verify", actor=actor, now=now, via=via, note=note)
        posts = secretaries_of({f.branch_id for f in found}, today=local_date(now))
        readers = {f.pk: posts.get(f.branch_id, []) for f in found}
        title = _("问题已销号：%(fact)s")
        _tell_together(found, readers, title, "verify", actor=actor, now=now, body=note)
    return found


def return_finding(
    *,
    finding_id: int,
    reason: str,
    actor: User,
    now: dt.datetime,
    due_on: dt.date | None = None,
    via: str = "web",
) -> Finding:
    """Not put right: back to the branch with the reason and a new day (default: as many
    working days from today as such a finding gets)."""
    reason = checked_note(reason, field="reason", missing=_("请写明哪里没有改到位。"))
    with transaction.atomic():
        finding = locked_finding(finding_id)
        if not may_verify_finding(actor, finding):
            raise PermissionDenied
        before = FINDING.take(finding, "return")
        today = local_date(now)
        old_due = finding.due_on
        finding.due_on = due_on or finding_due_on(
            finding.inspection.round.policy, finding.kind, finding.severity, today
        )
        check_due(finding.due_on, today, finding.inspection.round.policy.continuing_workdays)
        finding.return_reason = reason
        finding.look_back_by = None
        finding.version += 1
        finding.save()
        log_step(
            finding,
            "return",
            actor=actor,
            now=now,
            via=via,
            note=reason,
            before={"status": before, "due_on": old_due},
            after={"due_on": finding.due_on},
        )
        title = _("问题退回再改：%(fact)s")
        tell_branch(finding, title, "return", actor=actor, now=now, body=reason)
    return finding


def strike_off(*, finding: Finding, reason: str, actor: User, now: dt.datetime) -> None:
    """An appeal against its deduction was upheld in full: there is nothing to put right.

    Called inside the appeal's transaction; a finding already struck off stays as it is.
    """
    finding = locked_finding(finding.pk)
    if finding.status == FindingStatus.VERIFIED:
        return
    before = FINDING.take(finding, "strike_off")
    finding.verified_at = now
    finding.version += 1
    finding.save()
    log_step(finding, "strike_off", actor=actor, now=now, note=reason, before={"status": before})


# -- inside ---------------------------------------------------------------------------


def locked_finding(finding_id: int) -> Finding:
    """The finding with its row locked, and what its permissions read."""
    finding: Finding = (
        Finding.objects.select_for_update(of=("self",))
        .select_related("branch__committee", "inspection__round__policy", "inspection__team")
        .prefetch_related("inspection__team__members")
        .get(pk=finding_id)
    )
    return finding


def _locked_together(finding_ids: Collection[int]) -> list[Finding]:
    """Several findings, locked in the order of their keys. Raises DoesNotExist for a key that
    is not there."""
    found = list(
        Finding.objects.select_for_update(of=("self",))
        .select_related("branch__committee", "inspection__round__policy", "inspection__team")
        .prefetch_related("inspection__team__members")
        .filter(pk__in=finding_ids)
        .order_by("pk")
    )
    if len(found) != len(set(finding_ids)):
        raise Finding.DoesNotExist
    return found


def check_confirmed(finding: Finding) -> None:
    """While the sheet can still be taken back there is nothing to report on; a sheet that was
    never answered stops mattering when the month is published."""
    if finding.waits_for_confirmation:
        raise TransitionRefused(_("请先确认评分表（或提出异议），再报整改。"))


def _check_version(finding: Finding, version: int) -> None:
    if finding.version != version:
        raise EditConflict(
            _("另一位同志刚改过，或者您在另一个窗口改过。您填的内容还在下面，请核对后再提交。")
        )


def check_due(day: dt.date, today: dt.date, most: int) -> None:
    """A new deadline lies between today and ``most`` working days from it; DomainError(field
    "due_on") else."""
    if day < today:
        raise DomainError(_("新的整改期限不能早于今天。"), field="due_on")
    latest = workdays.add_workdays(today, most)
    if day > latest:
        raise DomainError(
            _("新的整改期限最晚到%(day)s（%(n)d个工作日）。")
            % {"day": f"{latest.year}年{latest.month}月{latest.day}日", "n": most},
            field="due_on",
        )


def checked_note(text: str, *, field: str, missing: str = "") -> str:
    text = text.replace("\x00", "").strip()
    if missing and not text:
        raise DomainError(missing, field=field)
    if len(text) > MAX_REASON:
        raise DomainError(_("请控制在 %(max)d 字以内。") % {"max": MAX_REASON}, field=field)
    return text


def _report_of(finding: Finding) -> dict[str, str]:
    return {name: getattr(finding, name) for name in REPORT_FIELDS}


def _write_report(finding: Finding, report: Report, *, complete: bool) -> None:
    for name, value in report.stripped().items():
        setattr(finding, name, value)
    found: dict[str, str] = {}
    try:
        others = {f.name for f in Finding._meta.concrete_fields} - set(REPORT_FIELDS)
        finding.clean_fields(exclude=others)
    except ValidationError as error:
        found = {name: str(texts[0]) for name, texts in error.message_dict.items()}
    if complete:
        for name in REPORT_FIELDS:
            if not getattr(finding, name):
                found.setdefault(name, str(_MISSING[name]))
    if found:
        raise ReportIncomplete(found)


def _secretaries(finding: Finding, now: dt.datetime) -> list[User]:
    found = secretaries_of([finding.branch_id], today=local_date(now))
    return found.get(finding.branch_id, [])


def _who_looks_back(finding: Finding, now: dt.datetime) -> list[User]:
    """The team that raised it; where none of them has an account, the officers."""
    today = local_date(now)
    inspectors = inspectors_of([finding.inspection], today=today).get(finding.inspection_id, [])
    return inspectors or reviewers_of([finding.branch], today=today).get(finding.branch_id, [])


def tell_branch(
    finding: Finding, title: str, step: str, *, actor: User, now: dt.datetime, body: str = ""
) -> None:
    """Tell the branch's secretaries of a step; ``title`` may name ``%(fact)s``."""
    _tell(finding, _secretaries(finding, now), title, step, actor=actor, now=now, body=body)


def _tell_together(
    found: Iterable[Finding],
    readers: Mapping[int, list[User]],
    title: str,
    step: str,
    *,
    actor: User,
    now: dt.datetime,
    body: str = "",
) -> None:
    messages = [
        _message(finding, user, title, step, body)
        for finding in found
        for user in readers[finding.pk]
        if user.pk != actor.pk
    ]
    tell_many(messages=messages, now=now)


def _tell(
    finding: Finding,
    users: list[User],
    title: str,
    step: str,
    *,
    actor: User,
    now: dt.datetime,
    body: str = "",
) -> None:
    _tell_together([finding], {finding.pk: users}, title, step, actor=actor, now=now, body=body)


def _message(finding: Finding, user: User, title: str, step: str, body: str) -> Message:
    text = title % {"branch": finding.branch, "fact": finding.fact}
    return Message(
        user_id=user.pk,
        key=f"finding:{finding.pk}:{step}:{finding.version}:{user.pk}",
        title=text if len(text) <= 120 else text[:119] + "…",
        body=body,
        link=reverse("evaluations:finding-detail", args=[finding.pk]),
    )


def _log_together(
    changes: Iterable[tuple[Finding, Mapping[str, Any], Mapping[str, Any]]],
    step: str,
    *,
    actor: User,
    now: dt.datetime,
    via: str,
    note: str = "",
) -> None:
    """History and audit of one step taken by several findings: (finding, before, after)."""
    changes = list(changes)
    FindingEvent.objects.bulk_create(
        [
            FindingEvent(finding=finding, at=now, step=step, actor=actor, note=note)
            for finding, _before, _after in changes
        ]
    )
    for finding, before, after in changes:
        record(
            code=f"finding.{_PAST[step]}",
            target=finding,
            actor=actor,
            now=now,
            via=via,
            reason=note,
            before=before,
            after={"status": finding.status, **after},
        )


def log_step(
    finding: Finding,
    step: str,
    *,
    actor: User,
    now: dt.datetime,
    via: str = "web",
    note: str = "",
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    changes = [(finding, before or {}, after or {})]
    _log_together(changes, step, actor=actor, now=now, via=via, note=note)


_PAST = {
    "start_fixing": "fixing_started",
    "report": "reported",
    "verify": "verified",
    "return": "returned",
    "strike_off": "struck_off",
    "extend": "extended",
    "talk": "talked_about",
    "endorse": "endorsed",
    "recheck": "rechecked",
    "reopen": "reopened",
    "take_back": "recheck_taken_back",
}
