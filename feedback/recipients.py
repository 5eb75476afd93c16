"""Who is told about a request: set-based, a fixed number of queries."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from typing import Protocol

from django.db.models import Q

from branches.models import Appointment, Role, RoleGrant
from feedback.models import DepartmentSeat
from portal.accounts.models import User

OFFICE_ROLES = (Role.PARTY_AFFAIRS_OFFICER, Role.SECRETARY_OFFICE)


def in_force(today: dt.date) -> Q:
    return Q(started_on__lte=today) & (Q(ended_on__isnull=True) | Q(ended_on__gte=today))


def _granted(
    committee_ids: Iterable[int], roles: Iterable[str], today: dt.date
) -> dict[int, list[User]]:
    found: dict[int, list[User]] = defaultdict(list)
    grants = RoleGrant.objects.filter(
        in_force(today), committee_id__in=set(committee_ids), role__in=roles, user__is_active=True
    ).select_related("user")
    for grant in grants.order_by("id"):
        if grant.committee_id is not None and grant.user not in found[grant.committee_id]:
            found[grant.committee_id].append(grant.user)
    return dict(found)


def office_of(committee_ids: Iterable[int], *, today: dt.date) -> dict[int, list[User]]:
    """Officers and the secretary's office of each committee."""
    return _granted(committee_ids, OFFICE_ROLES, today)


def discipline_of(committee_ids: Iterable[int], *, today: dt.date) -> dict[int, list[User]]:
    return _granted(committee_ids, (Role.DISCIPLINE_OFFICE,), today)


def secretaries_of(committee_ids: Iterable[int], *, today: dt.date) -> dict[int, list[User]]:
    """The committee's secretary (not the deputies): the last step of an escalation."""
    found: dict[int, list[User]] = defaultdict(list)
    posts = Appointment.objects.filter(
        in_force(today),
        committee_id__in=set(committee_ids),
        post_id="secretary",
        person__user__is_active=True,
    ).select_related("person__user")
    for post in posts:
        if post.committee_id is not None and post.person.user is not None:
            found[post.committee_id].append(post.person.user)
    return dict(found)


def seats_of(
    department_ids: Iterable[int], *, today: dt.date, role: str = ""
) -> dict[int, list[User]]:
    """Handlers and heads of each department, or those of one ``role``."""
    found: dict[int, list[User]] = defaultdict(list)
    seats = DepartmentSeat.objects.filter(
        in_force(today), department_id__in=set(department_ids), person__user__is_active=True
    ).select_related("person__user")
    if role:
        seats = seats.filter(role=role)
    for seat in seats.order_by("id"):
        user = seat.person.user
        if user is not None and user not in found[seat.department_id]:
            found[seat.department_id].append(user)
    return dict(found)


class _Finder(Protocol):
    def __call__(self, ids: Iterable[int], /, *, today: dt.date) -> dict[int, list[User]]: ...


def people_of(find: _Finder, key: int | None, *, today: dt.date) -> list[User]:
    """Those whom ``find`` (one of the above) names for one committee or department; nobody when
    there is none."""
    return find([key], today=today).get(key, []) if key is not None else []
