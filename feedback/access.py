"""Who is a handler follows from seats in departments; gathered with everything else that makes
a role (``branches.access``), in the same query."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from django.db.models import F, Q

from branches.access import access_of, register_facts

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from portal.accounts.models import User

HEADS = "heads_department"
HANDLES = "handles_department"


def plug_in() -> None:
    """Called once by ``FeedbackConfig.ready``."""
    register_facts(HEADS, lambda user_id, day: _seats(user_id, day, "head"))
    register_facts(HANDLES, lambda user_id, day: _seats(user_id, day, "handler"))


def _seats(user_id: int, day: dt.date, role: str) -> list[tuple[Any, Any, Any]]:
    from feedback.models import DepartmentSeat

    seats = DepartmentSeat.objects.filter(
        Q(ended_on__isnull=True) | Q(ended_on__gte=day),
        started_on__lte=day,
        role=role,
        person__user_id=user_id,
        department__is_active=True,
    )
    return [(seats, F("role"), F("department_id"))]


def departments_of(user: User | AnonymousUser) -> frozenset[int]:
    """Departments the user answers for, as head or handler."""
    access = access_of(user)
    return access.keys_of(HEADS) | access.keys_of(HANDLES)


def headed_by(user: User | AnonymousUser) -> frozenset[int]:
    return access_of(user).keys_of(HEADS)


def listening_committees(user: User | AnonymousUser) -> frozenset[int]:
    """Committees whose requests the user handles for the office: officers, the secretary's
    office, and secretaries."""
    access = access_of(user)
    return access.overseen_committees | access.aide_committees


def name_committees(user: User | AnonymousUser) -> frozenset[int]:
    """Committees whose secretary's office the user belongs to: may look at a confidential
    author's name (each look is logged and shown to the author)."""
    access = access_of(user)
    return access.leader_committees | access.aide_committees
