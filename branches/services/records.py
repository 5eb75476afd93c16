"""Writing monthly records: one entry, several duties, attendance by exception."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from branches import also, locks
from branches.models import (
    Absence,
    AbsenceKind,
    Activity,
    ActivitySession,
    ActivityTick,
    Branch,
    DuesPayment,
    Duty,
    FollowUp,
)
from branches.permissions import may_delete_activity, may_record
from branches.rosters import (
    Attendee,
)
from branches.services.record_checks import check_record, check_votes, count_heads
from branches.services.record_values import AbsenceValues, ActivityValues
from branches.services.registers import settle_dues, usual_lines
from portal.attachments.models import Attachment
from portal.attachments.services import remove
from portal.audit.services import record
from portal.kernel.errors import DomainError, EditConflict, Frozen
from portal.kernel.months import Month

if TYPE_CHECKING:
    from portal.accounts.models import User


MEMORABLE = (
    "held_on",
    "starts_at",
    "place",
    "subject",
    "group_id",
    "chair_id",
    "recorder_id",
    "agenda",
    "statements",
    "resolution",
    "study_hours",
    "expected_count",
    "present_count",
    "voter_count",
    "voters_present",
    "ayes",
    "nays",
    "motion",
    "late_reason",
)


def save_activity(
    *,
    branch: Branch,
    values: ActivityValues,
    actor: User,
    now: dt.datetime,
    activity: Activity | None = None,
    version: int | None = None,
    client_key: UUID | None = None,
    via: str = "web",
) -> Activity:
    """Write a new record, or change ``activity`` as it was at ``version``.

    The same ``client_key`` a second time returns the record it made the first time: a form
    sent twice is one record. Raises PermissionDenied (not this branch's secretary or
    deputy), EditConflict (somebody saved meanwhile), DomainError naming the field.
    """
    if not may_record(actor, branch):
        raise PermissionDenied(_("只有本支部的书记、副书记可以写记录。"))
    with transaction.atomic():
        # The branch's row serialises its records: a second press waits and finds the first.
        branch = Branch.objects.select_for_update(of=("self",)).get(pk=branch.pk)
        if client_key is not None and activity is None:
            earlier: Activity | None = Activity.objects.filter(client_key=client_key).first()
            if earlier is not None:
                if earlier.branch_id != branch.pk or earlier.created_by_id != actor.pk:
                    raise DomainError(_("这张表的标识已用过，请重新打开表单。"))
                return earlier
        if activity is not None:
            activity = _locked(activity, branch, version)
        before = _remembered(activity) if activity is not None else {}
        expected = check_record(branch, values, now)
        late_reason = _late_reason(branch, values, activity, now)
        counts = count_heads(expected, values, branch)
        check_votes(values, counts)
        fresh = activity is None
        if activity is None:
            activity = Activity(
                branch=branch, client_key=client_key, created_by=actor, created_at=now
            )
        else:
            activity.version += 1
        activity.group = values.group
        activity.held_on = values.held_on
        activity.starts_at = values.starts_at
        activity.place = values.place.strip()
        activity.subject = values.subject.strip()
        activity.chair = values.chair
        activity.recorder = values.recorder
        activity.agenda = values.agenda
        activity.statements = values.statements
        activity.resolution = values.resolution
        activity.study_hours = values.study_hours
        activity.expected_count = counts.expected
        activity.present_count = counts.present
        activity.voter_count = counts.voters
        activity.voters_present = counts.voters_present
        activity.ayes = values.ayes
        activity.nays = values.nays
        activity.motion = values.motion.strip()
        activity.late_reason = late_reason
        activity.updated_by = actor
        activity.updated_at = now
        activity.save()
        if not fresh:  # a new record has nothing to clear away
            activity.ticks.exclude(duty__in=values.duties).delete()
            activity.absences.all().delete()
            activity.sessions.all().delete()
            activity.follow_ups.all().delete()
        _write_ticks(activity, values.duties, fresh=fresh)
        _write_absences(activity, values.absences)
        _write_details(activity, values)
        _write_dues(activity, values, expected, actor=actor, now=now, via=via)
        also.tick(activity, values.also, actor, now)
        after = _remembered(activity)
        changed = [name for name in after if before.get(name) != after[name]]
        record(
            code="record.created" if fresh else "record.edited",
            target=activity,
            actor=actor,
            now=now,
            via=via,
            reason=late_reason,
            before={name: before[name] for name in changed if name in before},
            after={name: after[name] for name in changed},
        )
    return activity


def check_activity(
    *, branch: Branch, values: ActivityValues, actor: User, now: dt.datetime
) -> None:
    """Refuse what :func:`save_activity` would refuse in a new record, and write nothing. Dues that
    are collected at the meeting are not looked at: their own register judges them."""
    if not may_record(actor, branch):
        raise PermissionDenied(_("只有本支部的书记、副书记可以写记录。"))
    expected = check_record(branch, values, now)
    _late_reason(branch, values, None, now)
    check_votes(values, count_heads(expected, values, branch))


def delete_activity(
    *, activity: Activity, reason: str, actor: User, now: dt.datetime, via: str = "web"
) -> None:
    """Take a record away; the audit trail keeps what it said.

    Raises PermissionDenied; DomainError without a reason; Frozen after the month's lock.
    """
    if not may_delete_activity(actor, activity):
        raise PermissionDenied(_("只有本支部的书记、副书记可以删除记录。"))
    with transaction.atomic():
        branch = Branch.objects.select_for_update(of=("self",)).get(pk=activity.branch_id)
        locked = Activity.objects.select_for_update(of=("self",)).filter(pk=activity.pk).first()
        if locked is None:
            return  # gone already: what was asked for is so
        if not reason.strip():
            raise DomainError(_("请写明为什么删除。"), field="reason")
        if locks.is_locked(branch.committee_id, Month.of(locked.held_on), now):
            raise Frozen(_("这个月的记录已锁定，不能删除；写错了可以修改并说明原因。"))
        record(
            code="record.deleted",
            target=locked,
            actor=actor,
            now=now,
            via=via,
            reason=reason,
            before=_remembered(locked),
        )
        remove(attachments=Attachment.objects.of(locked))
        locked.delete()


def _locked(activity: Activity, branch: Branch, version: int | None) -> Activity:
    locked: Activity | None = (
        Activity.objects.select_for_update(of=("self",)).filter(pk=activity.pk).first()
    )
    if locked is None or locked.branch_id != branch.pk:
        raise EditConflict(_("这条记录已被删除，您填的内容还在，可以另存为新记录。"))
    if version != locked.version:
        raise EditConflict(
            _("%(who)s刚改过这条记录，没有覆盖。您填的内容还在，请对照后再保存。")
            % {"who": locked.updated_by}
        )
    return locked


def _remembered(activity: Activity) -> dict[str, Any]:
    """The record as the audit trail keeps it."""
    found: dict[str, Any] = {name: getattr(activity, name) for name in MEMORABLE}
    found["duties"] = sorted(activity.ticks.values_list("duty", flat=True))
    found["absences"] = [
        list(row)
        for row in activity.absences.order_by("person_id").values_list(
            "person_id", "kind", "reason"
        )
    ]
    return found


def _late_reason(
    branch: Branch, values: ActivityValues, activity: Activity | None, now: dt.datetime
) -> str:
    """The reason to store: asked for once the month is locked, kept from before otherwise."""
    months = {Month.of(values.held_on)}
    if activity is not None:
        months.add(Month.of(activity.held_on))
    given = values.late_reason.strip()
    if any(locks.is_locked(branch.committee_id, month, now) for month in months):
        if not given:
            raise DomainError(
                _("%(month)s的记录已锁定，现在写是补录，请写明原因。")
                % {"month": min(months).label},
                field="late_reason",
            )
        return given
    return activity.late_reason if activity is not None else ""


def _write_ticks(activity: Activity, duties: Iterable[str], *, fresh: bool) -> None:
    wanted = set(duties)
    held = set() if fresh else set(activity.ticks.values_list("duty", flat=True))
    ActivityTick.objects.bulk_create(
        [ActivityTick(activity=activity, duty=duty) for duty in sorted(wanted - held)]
    )


def _write_absences(activity: Activity, absences: Iterable[AbsenceValues]) -> None:
    Absence.objects.bulk_create(
        [
            Absence(
                activity=activity,
                person_id=absence.person_id,
                kind=absence.kind,
                reason=absence.reason.strip(),
                made_up_on=absence.made_up_on if absence.kind == AbsenceKind.MADE_UP else None,
            )
            for absence in absences
        ]
    )


def _write_details(activity: Activity, values: ActivityValues) -> None:
    ActivitySession.objects.bulk_create(
        [
            ActivitySession(activity=activity, held_on=s.held_on, place=s.place.strip())
            for s in values.sessions
        ]
    )
    FollowUp.objects.bulk_create(
        [
            FollowUp(activity=activity, text=f.text.strip(), person=f.person, due_on=f.due_on)
            for f in values.follow_ups
            if f.text.strip()
        ]
    )


def _write_dues(
    activity: Activity,
    values: ActivityValues,
    expected: list[Attendee],
    *,
    actor: User,
    now: dt.datetime,
    via: str,
) -> None:
    """Dues collected at the meeting: whoever was there paid what he paid last month. Unticked
    again, what came from this record is taken out of the register."""
    month = Month.of(values.held_on)
    if Duty.DUES not in values.duties:
        taken = DuesPayment.objects.filter(activity=activity)
        if count := taken.count():
            taken.delete()
            record(
                code="dues.removed",
                target=activity.branch,
                actor=actor,
                now=now,
                via=via,
                after={"month": str(month), "people": count},
            )
        return
    away = {absence.person_id for absence in values.absences}
    present = {attendee.person_id for attendee in expected} - away
    settle_dues(
        branch=activity.branch,
        month=month,
        paid_on=values.held_on,
        lines=usual_lines(activity.branch, month, present),
        actor=actor,
        now=now,
        activity=activity,
        via=via,
    )
