"""Which crews a user serves in today. The facts ride along in the query of
:mod:`branches.access`: no page asks a second one for them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.db.models import CharField, F, Q, Value

from branches.access import Access, access_of, register_facts
from branches.models import Role, RoleGrant

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from portal.accounts.models import User

FACT = "crew"
LEADING = frozenset({"captain", "deputy_captain"})


@dataclass(frozen=True, slots=True)
class CrewAccess:
    """Keys of crews. ``leads``: captain or deputy there, by the roster or by a grant over the
    crew's branch. ``serves``: on the roster in any role, what he leads included."""

    leads: frozenset[int] = field(default_factory=frozenset)
    serves: frozenset[int] = field(default_factory=frozenset)


def crews_of(user: User | AnonymousUser, today: dt.date | None = None) -> CrewAccess:
    """By the dated roster and grants of ``today`` (default: now in Shanghai)."""
    return crews_in(access_of(user, today))


def crews_in(access: Access) -> CrewAccess:
    facts = access.more.get(FACT, frozenset())
    return CrewAccess(
        leads=frozenset(crew for role, crew in facts if role in LEADING),
        serves=frozenset(crew for _role, crew in facts),
    )


def plug_in_facts() -> None:
    """Called once by ``ServicecrewConfig.ready``."""
    register_facts(FACT, _facts)


def _facts(user_id: int, day: dt.date) -> Iterable[tuple[Any, Any, Any]]:
    from servicecrew.models import Crew, CrewMember

    in_force = Q(started_on__lte=day) & (Q(ended_on__isnull=True) | Q(ended_on__gte=day))
    roster = CrewMember.objects.filter(
        in_force, person__user_id=user_id, crew__closed_on__isnull=True
    )
    granted = Crew.objects.filter(
        closed_on__isnull=True,
        branch_id__in=RoleGrant.objects.filter(
            in_force, user_id=user_id, role=Role.CREW_CAPTAIN
        ).values("branch_id"),
    )
    captain = Value("captain", output_field=CharField())
    return ((roster, F("role"), F("crew_id")), (granted, captain, F("pk")))
