"""Promises that were delivered and wait for the teams to say so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from branches.access import access_of
from feedback.access import departments_of
from feedback.models import Promise, PromiseTeam

if TYPE_CHECKING:
    from portal.accounts.models import User


@dataclass(frozen=True, slots=True)
class Waiting:
    """One promise and the teams that have not said yes."""

    promise: Promise
    teams: Sequence[PromiseTeam]
    arrived: int
    total: int


def to_confirm(user: User) -> list[Waiting]:
    """Two queries. Only the office's headline is shown, never what the author wrote."""
    access = access_of(user)
    rows = (
        Promise.objects.filter(
            status="delivered",
            request__committee_id__in=access.home_committees | access.overseen_committees,
            request__is_sealed=False,
            teams__isnull=False,
        )
        .exclude(department_id__in=departments_of(user))
        .select_related("request", "department")
        .prefetch_related("teams")
        .distinct()
        .order_by("confirm_by", "pk")
    )
    found = []
    for promise in rows:
        teams = list(promise.teams.all())
        left = [team for team in teams if not team.has_arrived]
        found.append(Waiting(promise, left, len(teams) - len(left), len(teams)))
    return found
