"""What a record can not say: refused with a sentence that names its field. Writes nothing."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from branches.duty_rules import TICKABLE
from branches.models import (
    AbsenceKind,
    Branch,
    BranchType,
    Duty,
)
from branches.rosters import (
    OF_ALL_MEMBERS,
    Attendee,
    Circle,
    circle_of,
    eligible_people,
    roster,
)
from branches.services.record_values import AbsenceValues, ActivityValues
from portal.kernel.errors import DomainError
from portal.kernel.months import Month, local_date
from portal.workdays.services import add_workdays

if TYPE_CHECKING:
    pass


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
MAKE_UP_WORKDAYS = 10  # 倒班班组10个工作日内补课视同参加 (domain.md 2.3, B1 and B4)


@dataclass(frozen=True, slots=True)
class RecordCounts:
    expected: int
    present: int
    voters: int
    voters_present: int


def check_record(branch: Branch, values: ActivityValues, now: dt.datetime) -> list[Attendee]:
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
    check_day(branch, day, today)
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


def check_day(branch: Branch, day: dt.date, today: dt.date) -> None:
    """Refuse a day to come, and one on which there was no such branch."""
    if day > today:
        raise DomainError(_("还没到这一天，开完再记。"), field="held_on")
    if branch.founded_on and day < branch.founded_on:
        raise DomainError(_("支部%(day)s才成立。") % {"day": branch.founded_on}, field="held_on")
    if branch.closed_on and day > branch.closed_on:
        raise DomainError(_("支部已于%(day)s撤销。") % {"day": branch.closed_on}, field="held_on")


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


def count_heads(expected: list[Attendee], values: ActivityValues, branch: Branch) -> RecordCounts:
    """Numbers for the record. A make-up session counts as attendance only where people work
    in shifts, that is in production branches, and only within ten working days (domain.md 2.3,
    B1 and B4)."""
    missing = {absence.person_id for absence in values.absences}
    made_up = {a.person_id for a in values.absences if _is_made_up_in_time(a, values.held_on)}
    if made_up and _is_production(branch, values.held_on):
        missing -= made_up
    voters = [attendee for attendee in expected if attendee.votes]
    return RecordCounts(
        expected=len(expected),
        present=len(expected) - len(missing),
        voters=len(voters),
        voters_present=sum(attendee.person_id not in missing for attendee in voters),
    )


def check_votes(values: ActivityValues, counts: RecordCounts) -> None:
    """Refuse more votes than there were voters present."""
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


def _is_made_up_in_time(absence: AbsenceValues, held_on: dt.date) -> bool:
    """Whether somebody made the meeting up soon enough; without a date people say so."""
    if absence.kind != AbsenceKind.MADE_UP:
        return False
    latest = add_workdays(held_on, MAKE_UP_WORKDAYS)
    return absence.made_up_on is None or absence.made_up_on <= latest
