"""Writing monthly records: one entry, several duties, attendance by exception."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from branches import also, locks
from branches.duties import TICKABLE
from branches.models import (
    Absence,
    AbsenceKind,
    Activity,
    ActivitySession,
    ActivityTick,
    Branch,
    BranchType,
    DuesPayment,
    Duty,
    FollowUp,
    PartyGroup,
    Person,
)
from branches.permissions import may_delete_activity, may_record
from branches.rosters import (
    OF_ALL_MEMBERS,
    Attendee,
    Circle,
    circle_of,
    eligible_people,
    roster,
)
from branches.services.registers import settle_dues, usual_lines
from portal.attachments.models import Attachment
from portal.attachments.services import remove
from portal.audit.services import record
from portal.kernel.errors import DomainError, EditConflict, Frozen
from portal.kernel.months import Month, local_date
from portal.workdays.services import add_workdays

if TYPE_CHECKING:
    from portal.accounts.models import User

# What a record can satisfy: everything but what a register of its own proves. Dues paid at the
# meeting are written into their register from the record.
RECORDABLE = frozenset({duty.value for duty in TICKABLE} | {Duty.DUES.value})

# Meetings whose minutes must name a recorder and an agenda.
WITH_MINUTES = frozenset(
    {
        Duty.GENERAL_MEETING,
        Duty.COMMITTEE_MEETING,
        Duty.GROUP_MEETING,
        Duty.THEMED_DAY,
        Duty.ORG_LIFE_MEETING,
        Duty.MEMBER_APPRAISAL,
    }
)
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
MAKE_UP_WORKDAYS = 10  # 倒班班组10个工作日内补课视同参加 (domain.md 2.3, B1 and B4)


@dataclass(frozen=True, slots=True)
class AbsenceValues:
    """Somebody on the roster who did not come."""

    person_id: int
    kind: str = AbsenceKind.LEAVE
    reason: str = ""
    made_up_on: dt.date | None = None


@dataclass(frozen=True, slots=True)
class SessionValues:
    """A further sitting of the same event, for another shift."""

    held_on: dt.date
    place: str = ""


@dataclass(frozen=True, slots=True)
class FollowUpValues:
    """What was resolved, who does it, by when."""

    text: str
    person: Person | None = None
    due_on: dt.date | None = None


@dataclass(frozen=True, slots=True)
class ActivityValues:
    """What a record says. Numbers of people are not in it: they follow from the roster."""

    duties: tuple[str, ...]
    held_on: dt.date
    place: str
    subject: str
    chair: Person
    recorder: Person | None = None
    group: PartyGroup | None = None
    agenda: str = ""
    resolution: str = ""
    study_hours: Decimal = Decimal(0)
    ayes: int | None = None
    absences: tuple[AbsenceValues, ...] = ()
    late_reason: str = ""
    starts_at: dt.time | None = None
    statements: str = ""
    nays: int | None = None
    motion: str = ""
    sessions: tuple[SessionValues, ...] = ()
    follow_ups: tuple[FollowUpValues, ...] = ()
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Counts:
    expected: int
    present: int
    voters: int
    voters_present: int


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
        expected = _check(branch, values, now)
        late_reason = _late_reason(branch, values, activity, now)
        counts = _count(expected, values, branch)
        if values.ayes is not None and values.ayes > counts.voters_present:
            raise DomainError(
                _("赞成%(ayes)d人，多于实到有表决权的%(present)d人。")
                % {"ayes": values.ayes, "present": counts.voters_present},
                field="ayes",
            )
        if values.ayes is not None and values.ayes + (values.nays or 0) > counts.voters_present:
            raise DomainError(
                _("赞成和反对共%(votes)d人，多于实到有表决权的%(present)d人。")
                % {"votes": values.ayes + (values.nays or 0), "present": counts.voters_present},
                field="nays",
            )
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


def _check(branch: Branch, values: ActivityValues, now: dt.datetime) -> list[Attendee]:
    """Refuse what can't be; return the roster of the day."""
    day = values.held_on
    duties = set(values.duties)
    today = local_date(now)
    if not duties:
        raise DomainError(_("请勾选这件事完成了哪几项。"), field="duties")
    if unknown := duties - RECORDABLE:
        raise DomainError(
            _("没有这个事项：%(names)s。") % {"names": "、".join(sorted(unknown))}, field="duties"
        )
    if day > today:
        raise DomainError(_("还没到这一天，开完再记。"), field="held_on")
    if branch.founded_on and day < branch.founded_on:
        raise DomainError(_("支部%(day)s才成立。") % {"day": branch.founded_on}, field="held_on")
    if branch.closed_on and day > branch.closed_on:
        raise DomainError(_("支部已于%(day)s撤销。") % {"day": branch.closed_on}, field="held_on")
    for name, text, wanted in (
        ("place", values.place, _("请填地点。")),
        ("subject", values.subject, _("请填主题。")),
    ):
        if not text.strip():
            raise DomainError(wanted, field=name)
    _check_duties(branch, duties, values)
    circle = circle_of(duties, values.group)
    expected = roster(branch, day, circle, values.group.pk if values.group else None)
    if not expected:
        raise DomainError(
            {
                Circle.COMMITTEE: _("本支部这一天没有登记支委，请先办任职。"),
                Circle.GROUP: _("这个党小组这一天没有党员，请先把党员编入小组。"),
                Circle.MEMBERS: _("本支部这一天没有党员，请先办转入。"),
            }[circle],
            field="duties",
        )
    _check_people(branch, values, expected)
    return expected


def _check_duties(branch: Branch, duties: set[str], values: ActivityValues) -> None:
    group = values.group
    if Duty.GROUP_MEETING in duties and group is None:
        raise DomainError(_("请选哪个党小组开的会。"), field="group")
    if group is not None:
        if group.branch_id != branch.pk:
            raise DomainError(_("这不是本支部的党小组。"), field="group")
        gone = group.ended_on is not None and group.ended_on < values.held_on
        if values.held_on < group.started_on or gone:
            raise DomainError(_("这一天还没有或已撤销这个党小组。"), field="group")
        wider = duties & (OF_ALL_MEMBERS | {Duty.COMMITTEE_MEETING})
        if wider:
            names = "、".join(str(duty.label) for duty in Duty if duty in wider)
            raise DomainError(
                _("%(names)s不是一个党小组的事，请与党小组会分开记。") % {"names": names},
                field="duties",
            )
    if Duty.COMMITTEE_MEETING in duties and duties & OF_ALL_MEMBERS:
        raise DomainError(
            _("支部委员会会议由支委参加，与全体党员参加的活动要分开记。"), field="duties"
        )
    if Duty.SAFETY_TALK in duties and not _is_production(branch, values.held_on):
        raise DomainError(_("安全讲评只有生产（服务）型支部才有。"), field="duties")
    if not Decimal(0) <= values.study_hours <= Decimal(24):
        raise DomainError(_("学时请填0到24。"), field="study_hours")
    if Duty.GROUP_STUDY in duties and not values.study_hours:
        raise DomainError(_("勾选了集中学习，请填学时。"), field="study_hours")
    if duties & WITH_MINUTES:
        if values.recorder is None:
            raise DomainError(_("会议记录要有记录人。"), field="recorder")
        if not values.agenda.strip():
            raise DomainError(_("会议记录要有议题。"), field="agenda")
    if values.ayes is not None and Duty.GENERAL_MEETING not in duties:
        raise DomainError(_("只有支部党员大会记表决。"), field="ayes")
    if values.ayes is None and (values.nays or values.motion.strip()):
        raise DomainError(_("请填赞成人数；没有表决就把表决事项和反对人数清空。"), field="ayes")
    if Duty.DUES in duties and duties == {Duty.DUES}:
        raise DomainError(_("只收党费的，请在党费登记里记。"), field="duties")
    for session in values.sessions:
        if session.held_on < values.held_on:
            raise DomainError(_("分批的场次不能早于第一场。"), field="sessions")
        if session.held_on > add_workdays(values.held_on, MAKE_UP_WORKDAYS):
            raise DomainError(
                _("分批要在%(days)d个工作日内开完。") % {"days": MAKE_UP_WORKDAYS},
                field="sessions",
            )


def _check_people(branch: Branch, values: ActivityValues, expected: list[Attendee]) -> None:
    eligible = eligible_people(branch, values.held_on)
    if values.chair.pk not in eligible:
        raise DomainError(
            _("%(name)s这一天不是本支部的党员或支委，不能主持。") % {"name": values.chair},
            field="chair",
        )
    if values.recorder is not None and values.recorder.pk not in eligible:
        raise DomainError(
            _("%(name)s这一天不是本支部的党员或支委，不能记录。") % {"name": values.recorder},
            field="recorder",
        )
    on_roster = {attendee.person_id: attendee.name for attendee in expected}
    seen: set[int] = set()
    for absence in values.absences:
        if absence.person_id not in on_roster:
            raise DomainError(
                _("缺席名单里有人这一天不在应到名单上，请重新勾选。"), field="absences"
            )
        name = on_roster[absence.person_id]
        if absence.person_id in seen:
            raise DomainError(_("%(name)s记了两次缺席。") % {"name": name}, field="absences")
        seen.add(absence.person_id)
        if absence.kind not in AbsenceKind.values:
            raise DomainError(_("%(name)s的缺席情况没有选。") % {"name": name}, field="absences")
        if absence.kind == AbsenceKind.LEAVE and not absence.reason.strip():
            raise DomainError(_("%(name)s请假，请写原因。") % {"name": name}, field="absences")
        if absence.made_up_on is not None and absence.made_up_on < values.held_on:
            raise DomainError(
                _("%(name)s的补课日期早于活动日期。") % {"name": name}, field="absences"
            )
    if values.chair.pk in seen:
        raise DomainError(_("主持人不能同时记缺席。"), field="absences")
    if values.recorder is not None and values.recorder.pk in seen:
        raise DomainError(_("记录人不能同时记缺席。"), field="absences")


def _is_production(branch: Branch, day: dt.date) -> bool:
    row = Branch.objects.filter(pk=branch.pk).classified(Month.of(day)).first()
    return row is not None and row.branch_type == BranchType.PRODUCTION


def _count(expected: list[Attendee], values: ActivityValues, branch: Branch) -> _Counts:
    """Numbers for the record. A make-up session counts as attendance only where people work
    in shifts, that is in production branches, and only within ten working days (domain.md 2.3,
    B1 and B4)."""
    missing = {absence.person_id for absence in values.absences}
    made_up = {a.person_id for a in values.absences if _is_made_up_in_time(a, values.held_on)}
    if made_up and _is_production(branch, values.held_on):
        missing -= made_up
    voters = [attendee for attendee in expected if attendee.votes]
    return _Counts(
        expected=len(expected),
        present=len(expected) - len(missing),
        voters=len(voters),
        voters_present=sum(attendee.person_id not in missing for attendee in voters),
    )


def _is_made_up_in_time(absence: AbsenceValues, held_on: dt.date) -> bool:
    """Whether somebody made the meeting up soon enough; without a date people say so."""
    if absence.kind != AbsenceKind.MADE_UP:
        return False
    latest = add_workdays(held_on, MAKE_UP_WORKDAYS)
    return absence.made_up_on is None or absence.made_up_on <= latest


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
