"""Writing the registers beside the records: dues, talks, terms, recruiting; and the settings.

``actor=None`` means the machine (the demo company, a command); everybody else must keep the
branch's records. Each row is entered once: the same again is refused with a sentence.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from branches.models import (
    Activity,
    Branch,
    Committee,
    CommitteeTerm,
    DuesPayment,
    DutySettings,
    Membership,
    Person,
    RecruitStep,
    Talk,
    TalkOccasion,
)
from branches.permissions import may_edit_organisation, may_record
from branches.recruiting import STEPS
from branches.rosters import eligible_people
from portal.audit.services import record
from portal.kernel.errors import DomainError
from portal.kernel.months import Month, local_date

if TYPE_CHECKING:
    from portal.accounts.models import User

TERM_YEARS = 3
MOST_DUES = Decimal(5000)  # yuan a month; more is a slip of the finger


@dataclass(frozen=True, slots=True)
class DuesLine:
    """One member's month: an amount, or a reason why nothing is asked, or neither (not yet)."""

    person_id: int
    amount: Decimal = Decimal(0)
    exempt_reason: str = ""

    @property
    def says_nothing(self) -> bool:
        return not self.amount and not self.exempt_reason.strip()


def _locked(branch: Branch, actor: User | None) -> Branch:
    if actor is not None and not may_record(actor, branch):
        raise PermissionDenied(_("只有本支部的书记、副书记可以登记。"))
    locked: Branch = Branch.objects.select_for_update(of=("self",)).get(pk=branch.pk)
    return locked


def _not_ahead(day: dt.date, now: dt.datetime, field: str) -> None:
    if day > local_date(now):
        raise DomainError(_("还没到这一天。"), field=field)


# -- dues ----------------------------------------------------------------------------------------


def members_in(branch: Branch, month: Month) -> dict[int, str]:
    """Members of the branch on some day of the month, by key."""
    rows = (
        Membership.objects.filter(
            Q(ended_on__isnull=True) | Q(ended_on__gte=month.first_day),
            branch=branch,
            started_on__lte=month.last_day,
        )
        .order_by("id")
        .values_list("person_id", "person__name")
    )
    return dict(rows)


@transaction.atomic
def settle_dues(
    *,
    branch: Branch,
    month: Month,
    paid_on: dt.date,
    lines: Sequence[DuesLine],
    actor: User | None,
    now: dt.datetime,
    activity: Activity | None = None,
    via: str = "web",
) -> int:
    """State what members paid for ``month``: what ``lines`` say of a person replaces what stood
    there before; a line that says nothing takes it back. Returns how many rows changed."""
    branch = _locked(branch, actor)
    _not_ahead(paid_on, now, "paid_on")
    if month > Month.of(local_date(now)).plus(12):
        raise DomainError(_("最多预交一年。"), field="month")
    names = members_in(branch, month)
    if len({line.person_id for line in lines}) < len(lines):
        raise DomainError(_("名单里有人写了两次。"))
    held = {
        row.person_id: row
        for row in DuesPayment.objects.filter(
            month=month.first_day, person__in=[line.person_id for line in lines]
        )
    }
    changed, fresh, total = [], [], Decimal(0)
    for line in lines:
        if line.person_id not in names:
            raise DomainError(_("名单里有人这个月不是本支部党员，请刷新后再登记。"))
        name = names[line.person_id]
        if not 0 <= line.amount <= MOST_DUES:
            raise DomainError(
                _("%(name)s的金额请填0到%(most)s元。") % {"name": name, "most": MOST_DUES},
                field=f"amount_{line.person_id}",
            )
        row = held.get(line.person_id)
        if row is not None and row.branch_id != branch.pk:
            raise DomainError(
                _("%(name)s这个月的党费已在%(branch)s登记。")
                % {"name": name, "branch": row.branch},
                field=f"amount_{line.person_id}",
            )
        reason = line.exempt_reason.strip()
        if line.says_nothing:
            if row is not None:
                row.delete()
                changed.append(name)
            continue
        same = row is not None and (row.amount, row.exempt_reason) == (line.amount, reason)
        if same:
            continue
        is_new = row is None
        row = row or DuesPayment(branch=branch, person_id=line.person_id, month=month.first_day)
        row.amount, row.exempt_reason = line.amount, reason
        row.paid_on = paid_on if line.amount else None
        row.activity = activity or row.activity
        row.created_by, row.created_at = actor, now
        if is_new:
            fresh.append(row)
        else:
            row.save()
        changed.append(name)
        total += line.amount
    DuesPayment.objects.bulk_create(fresh)
    if changed:
        record(
            code="dues.settled",
            target=branch,
            actor=actor,
            now=now,
            via=via,
            after={"month": str(month), "people": changed, "total": total, "paid_on": paid_on},
        )
    return len(changed)


def usual_lines(branch: Branch, month: Month, present: set[int]) -> list[DuesLine]:
    """What everybody present pays when nothing changed: last month's amount, for whoever has
    not paid yet. Who has no last month is left for the register."""
    paid = set(
        DuesPayment.objects.filter(month=month.first_day).values_list("person_id", flat=True)
    )
    usual = dict(
        DuesPayment.objects.filter(
            month__lt=month.first_day, month__gte=month.plus(-3).first_day, amount__gt=0
        )
        .filter(person__in=present)
        .order_by("month")
        .values_list("person_id", "amount")
    )
    return [
        DuesLine(person, usual[person])
        for person in members_in(branch, month)
        if person in usual and person in present and person not in paid
    ]


# -- talks ---------------------------------------------------------------------------------------


def record_talk(
    *, branch: Branch, held_on: dt.date, speaker: Person, listener: Person, **more: Any
) -> Talk:
    """One talk; see :func:`record_talks`."""
    return record_talks(
        branch=branch, held_on=held_on, speaker=speaker, listeners=[listener], **more
    )[0]


@transaction.atomic
def record_talks(
    *,
    branch: Branch,
    held_on: dt.date,
    speaker: Person,
    listeners: Sequence[Person],
    points: str,
    actor: User | None,
    now: dt.datetime,
    occasion: str = TalkOccasion.ROUTINE,
    via: str = "web",
) -> list[Talk]:
    """Note that ``speaker`` talked with each of ``listeners`` on a day. Raises DomainError
    naming the field."""
    branch = _locked(branch, actor)
    _not_ahead(held_on, now, "held_on")
    listeners = list({person.pk: person for person in listeners}.values())
    if not listeners:
        raise DomainError(_("请选谈话对象。"), field="listeners")
    if any(person.pk == speaker.pk for person in listeners):
        raise DomainError(_("谈话人和谈话对象不能是同一人。"), field="listeners")
    eligible = eligible_people(branch, held_on)
    for field, person in (("speaker", speaker), *(("listeners", p) for p in listeners)):
        if person.pk not in eligible:
            raise DomainError(
                _("%(name)s这一天不是本支部的党员或支委。") % {"name": person}, field=field
            )
    if not points.strip():
        raise DomainError(_("请写谈话要点，一两句即可。"), field="points")
    if occasion not in TalkOccasion.values:
        raise DomainError(_("请选谈话缘由。"), field="occasion")
    twins = Talk.objects.filter(held_on=held_on, speaker=speaker, listener__in=listeners)
    if twin := twins.select_related("listener").first():
        raise DomainError(
            _("当天与%(name)s的谈话已登记。") % {"name": twin.listener}, field="listeners"
        )
    talks = Talk.objects.bulk_create(
        [
            Talk(
                branch=branch,
                held_on=held_on,
                speaker=speaker,
                listener=listener,
                occasion=occasion,
                points=points.strip(),
                created_by=actor,
                created_at=now,
            )
            for listener in listeners
        ]
    )
    record(
        code="talk.recorded",
        target=talks[0],
        actor=actor,
        now=now,
        via=via,
        after={
            "held_on": held_on,
            "speaker": str(speaker),
            "listeners": [str(listener) for listener in listeners],
        },
    )
    return talks


# -- terms ---------------------------------------------------------------------------------------


def three_years_later(day: dt.date) -> dt.date:
    """When a term that began on ``day`` ends, unless people say otherwise."""
    try:
        return day.replace(year=day.year + TERM_YEARS)
    except ValueError:  # 29 February
        return dt.date(day.year + TERM_YEARS, 2, 28)


@transaction.atomic
def enter_term(
    *,
    branch: Branch,
    elected_on: dt.date,
    actor: User | None,
    now: dt.datetime,
    ends_on: dt.date | None = None,
    extended_until: dt.date | None = None,
    approval: str = "",
    term: CommitteeTerm | None = None,
    via: str = "web",
) -> CommitteeTerm:
    """Enter an election, or change what stands of ``term`` (a delay with its approval). A delay
    is at most one year (选举工作条例)."""
    branch = _locked(branch, actor)
    _not_ahead(elected_on, now, "elected_on")
    ends_on = ends_on or three_years_later(elected_on)
    if ends_on <= elected_on:
        raise DomainError(_("届满日期要晚于选举日期。"), field="ends_on")
    if ends_on > three_years_later(three_years_later(elected_on)):
        raise DomainError(_("任期一般3年，请核对届满日期。"), field="ends_on")
    if extended_until is not None:
        if extended_until <= ends_on:
            raise DomainError(_("延期要晚于原届满日期。"), field="extended_until")
        if (extended_until - ends_on).days > 366:
            raise DomainError(_("延期最多1年。"), field="extended_until")
        if not approval.strip():
            raise DomainError(_("延期须有上级批复，请填文号。"), field="approval")
    twins = CommitteeTerm.objects.filter(branch=branch, elected_on=elected_on)
    if twins.exclude(pk=term.pk if term else None).exists():
        raise DomainError(_("这次选举已登记。"), field="elected_on")
    row = term or CommitteeTerm(branch=branch)
    row.elected_on, row.ends_on = elected_on, ends_on
    row.extended_until, row.approval = extended_until, approval.strip()
    row.created_by, row.created_at = actor, now
    row.save()
    record(
        code="term.entered",
        target=row,
        actor=actor,
        now=now,
        via=via,
        after={"elected_on": elected_on, "ends_on": ends_on, "extended_until": extended_until},
    )
    return row


# -- recruiting ----------------------------------------------------------------------------------


@transaction.atomic
def enter_step(
    *,
    branch: Branch,
    person: Person,
    step: int,
    done_on: dt.date,
    actor: User | None,
    now: dt.datetime,
    via: str = "web",
) -> RecruitStep:
    """Note that somebody reached a step on a day. A reversed order is stored and shown as an
    alarm: the register says what is, people put it right."""
    branch = _locked(branch, actor)
    _not_ahead(done_on, now, "done_on")
    if not 1 <= step <= len(STEPS):
        raise DomainError(_("没有这一步。"), field="step")
    if person.committee_id != branch.committee_id:
        raise DomainError(_("%(name)s不在本单位。") % {"name": person}, field="person")
    if RecruitStep.objects.filter(person=person, step=step).exists():
        raise DomainError(
            _("%(name)s的这一步已登记，写错了请先撤销。") % {"name": person}, field="step"
        )
    row = RecruitStep.objects.create(
        branch=branch,
        person=person,
        step=step,
        done_on=done_on,
        created_by=actor,
        created_at=now,
    )
    record(
        code="recruiting.step_entered",
        target=row,
        actor=actor,
        now=now,
        via=via,
        after={"person": str(person), "step": step, "done_on": done_on},
    )
    return row


# -- taking back ---------------------------------------------------------------------------------

_CODES = {Talk: "talk.removed", CommitteeTerm: "term.removed", RecruitStep: "recruiting.removed"}


@transaction.atomic
def take_back(
    *, row: Any, reason: str, actor: User | None, now: dt.datetime, via: str = "web"
) -> None:
    """Remove a row that was entered by mistake; the audit trail keeps it."""
    _locked(row.branch, actor)
    if not reason.strip():
        raise DomainError(_("请写明为什么撤销。"), field="reason")
    if type(row).objects.filter(pk=row.pk).exists():
        record(code=_CODES[type(row)], target=row, actor=actor, now=now, via=via, reason=reason)
        row.delete()


# -- settings ------------------------------------------------------------------------------------


@transaction.atomic
def set_duty_settings(
    *,
    committee: Committee,
    first_month: Month,
    lecture_frequency: str,
    study_hours: int,
    actor: User | None,
    now: dt.datetime,
    via: str = "web",
) -> DutySettings:
    """Decide how often lectures are due and how many hours a year, from a month on. What was
    due before stays as it was; a month that has passed can't be changed."""
    if actor is not None and not may_edit_organisation(actor, committee):
        raise PermissionDenied(_("只有党群部可以改设置。"))
    if actor is not None and first_month < Month.of(local_date(now)):
        raise DomainError(_("过去的月份不能改，请从本月或以后开始。"), field="first_month")
    if not 1 <= study_hours <= 400:
        raise DomainError(_("学时请填1到400。"), field="study_hours")
    row, _fresh = DutySettings.objects.update_or_create(
        committee=committee,
        first_month=first_month.first_day,
        defaults={
            "lecture_frequency": lecture_frequency,
            "study_hours": study_hours,
            "created_by": actor,
            "created_at": now,
        },
    )
    record(
        code="duty_settings.set",
        target=committee,
        actor=actor,
        now=now,
        via=via,
        after={
            "first_month": str(first_month),
            "lecture_frequency": lecture_frequency,
            "study_hours": study_hours,
        },
    )
    return row
