"""Departments and who sits in them, as dated facts."""

from __future__ import annotations

import datetime as dt

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from branches.access import access_of, forget_access
from branches.models import Committee, Person
from feedback.models import Department, DepartmentSeat, SeatRole
from feedback.services.history import checked
from portal.accounts.models import User
from portal.audit.services import record
from portal.kernel.errors import DomainError, TransitionRefused


def _refuse(actor: User | None, committee_id: int) -> None:
    if actor is not None and committee_id not in access_of(actor).officer_committees:
        raise PermissionDenied


@transaction.atomic
def create_department(
    *,
    committee: Committee,
    name: str,
    sort_order: int = 0,
    actor: User | None,
    now: dt.datetime,
    via: str = "web",
) -> Department:
    """Enter a department that answers. Raises PermissionDenied, DomainError."""
    _refuse(actor, committee.pk)
    name = checked(name, field="name", most=40, missing=_("请写部门名称。"))
    if Department.objects.filter(committee=committee, name=name).exists():
        raise DomainError(_("已有同名的承办部门。"), field="name")
    made = Department.objects.create(committee=committee, name=name, sort_order=sort_order)
    record(code="department.created", target=made, actor=actor, now=now, via=via)
    return made


@transaction.atomic
def seat(
    *,
    department: Department,
    person: Person,
    role: str,
    started_on: dt.date,
    actor: User | None,
    now: dt.datetime,
    via: str = "web",
) -> DepartmentSeat:
    """Make ``person`` head or handler from a day on. Raises PermissionDenied, DomainError when
    there is a head already or the person sits there."""
    _refuse(actor, department.committee_id)
    if role not in SeatRole.values:
        raise DomainError(_("请选身份。"), field="role")
    Department.objects.select_for_update().get(pk=department.pk)
    sitting = department.seats.filter(ended_on__isnull=True)
    if role == SeatRole.HEAD and sitting.filter(role=role).exists():
        raise DomainError(_("该部门已有负责人，请先终止。"), field="role")
    if sitting.filter(person=person, role=role).exists():
        raise DomainError(_("该同志已在这个部门任此身份。"), field="person")
    made = DepartmentSeat.objects.create(
        department=department, person=person, role=role, started_on=started_on
    )
    if person.user is not None:
        forget_access(person.user)
    record(
        code="department.seated",
        target=department,
        actor=actor,
        now=now,
        via=via,
        after={"person": person.name, "role": role, "started_on": started_on},
    )
    return made


@transaction.atomic
def unseat(
    *,
    seat_id: int,
    ended_on: dt.date,
    actor: User | None,
    now: dt.datetime,
    via: str = "web",
) -> DepartmentSeat:
    """End a seat; ``ended_on`` is its last day."""
    held = (
        DepartmentSeat.objects.select_for_update(of=("self",))
        .select_related("department", "person__user")
        .get(pk=seat_id)
    )
    _refuse(actor, held.department.committee_id)
    if held.ended_on is not None:
        raise TransitionRefused(_("已经终止。"))
    if ended_on < held.started_on:
        raise DomainError(_("结束日期不能早于开始日期。"), field="ended_on")
    held.ended_on = ended_on
    held.save(update_fields=["ended_on"])
    if held.person.user is not None:
        forget_access(held.person.user)
    record(
        code="department.unseated",
        target=held.department,
        actor=actor,
        now=now,
        via=via,
        after={"person": held.person.name, "role": held.role, "ended_on": ended_on},
    )
    return held
