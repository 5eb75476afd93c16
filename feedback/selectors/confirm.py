"""Promises that were delivered and wait for the teams to say so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Exists, OuterRef

from branches.access import access_of
from feedback.access import departments_of
from feedback.models import Authorship, Promise, PromiseTeam
from feedback.permissions import may_answer_for_team, workplace_of

if TYPE_CHECKING:
    from portal.accounts.models import User


@dataclass(frozen=True, slots=True)
class Waiting:
    """One promise and the teams that have not said yes and the user may speak for. ``is_own``:
    the user asked for it, and may so write down what any team says."""

    promise: Promise
    teams: Sequence[PromiseTeam]
    arrived: int
    total: int
    is_own: bool


def to_confirm(user: User) -> list[Waiting]:
    """Two queries, and one for the user's workplace. Only the office's headline is shown, never
    what the author wrote."""
    access = access_of(user)
    rows = (
        Promise.objects.filter(
            status="delivered",
            request__committee_id__in=access.home_committees | access.overseen_committees,
            request__is_sealed=False,
            teams__isnull=False,
        )
        .exclude(department_id__in=departments_of(user))
        .annotate(is_own=Exists(Authorship.objects.filter(request=OuterRef("request"), user=user)))
        .select_related("request", "department")
        .prefetch_related("teams")
        .distinct()
        .order_by("confirm_by", "pk")
    )
    found = []
    for promise in rows:
        teams = list(promise.teams.all())
        arrived = sum(bool(team.has_arrived) for team in teams)
        promise.request._is_author = promise.is_own
        mine = [team for team in teams if not team.has_arrived and may_answer_for_team(user, team)]
        mine.sort(key=lambda team: team.name != workplace_of(user))  # one's own first
        if mine:
            found.append(Waiting(promise, mine, arrived, len(teams), promise.is_own))
    return found
