"""Who is told about a notice, a finding or an appeal: set-based, a fixed number of queries."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db.models import Q

from branches.models import Appointment, Branch, Committee, Membership, Role, RoleGrant
from evaluations.models import Inspection, TeamMember
from portal.accounts.models import User
from portal.kernel.together import read_together

SIGNING_POSTS = ("secretary", "deputy_secretary")


def in_force(today: dt.date) -> Q:
    """Rows of dated facts that hold on ``today``."""
    return Q(started_on__lte=today) & (Q(ended_on__isnull=True) | Q(ended_on__gte=today))


def secretaries_of(
    branch_ids: Iterable[int], *, today: dt.date, posts: tuple[str, ...] = SIGNING_POSTS
) -> dict[int, list[User]]:
    """Accounts of the secretary and deputies of each branch (or of those in ``posts``)."""
    found: dict[int, list[User]] = defaultdict(list)
    signing = (
        Appointment.objects.filter(
            in_force(today),
            branch_id__in=set(branch_ids),
            post_id__in=posts,
            person__user__is_active=True,
        )
        .select_related("person__user")
        .order_by("post__sort_order", "id")
    )
    for post in signing:
        user = post.person.user
        if post.branch_id is not None and user is not None and user not in found[post.branch_id]:
            found[post.branch_id].append(user)
    return dict(found)


def with_secretary(branch_ids: Iterable[int], *, today: dt.date) -> set[int | None]:
    """Those of the branches that have a secretary in post who can sign in."""
    return set(
        Appointment.objects.filter(
            in_force(today),
            branch_id__in=set(branch_ids),
            post_id="secretary",
            person__user__is_active=True,
        ).values_list("branch_id", flat=True)
    )


@dataclass(frozen=True, slots=True)
class _Actors:
    """Who may speak for each committee, and the branches where each of them must stand back."""

    parents: Mapping[int, int | None]
    officers: Mapping[int, list[User]]
    leaders: Mapping[int, list[User]]
    secretaries: Mapping[int, list[User]]
    own: Mapping[int, set[int]]

    def reviewers(self, branch: Branch) -> list[User]:
        """Officers of the branch's committee (else of the nearest committee above), without those
        who must stand back; where nobody is left, the committee's secretaries."""
        return _nearest(
            self.officers,
            self.parents,
            branch,
            self.own,
            keeps_office=branch.has_party_affairs_office,
        ) or _nearest(self.leaders, self.parents, branch, self.own, keeps_office=False)

    def signers(self, branch: Branch) -> list[User]:
        """The committee's own secretaries, without those who must stand back."""
        found = self.secretaries.get(branch.committee_id, [])
        return [user for user in found if branch.pk not in self.own.get(user.pk, set())]


def _actors(today: dt.date) -> _Actors:
    """Two queries."""
    committees = Committee.objects.values_list("id", "parent_id")
    grants = (
        RoleGrant.objects.filter(
            in_force(today), role=Role.PARTY_AFFAIRS_OFFICER, user__is_active=True
        )
        .select_related("user__person")
        .order_by("id")
    )
    posts = (
        Appointment.objects.filter(
            in_force(today),
            committee__isnull=False,
            post_id__in=SIGNING_POSTS,
            person__user__is_active=True,
        )
        .select_related("person__user")
        .order_by("post__sort_order", "id")
    )
    read_together(committees, grants, posts)
    officers: dict[int, list[User]] = defaultdict(list)
    for grant in grants:
        if grant.committee_id is not None:
            officers[grant.committee_id].append(grant.user)
    leaders: dict[int, list[User]] = defaultdict(list)
    secretaries: dict[int, list[User]] = defaultdict(list)
    for post in posts:
        if post.committee_id is not None and post.person.user is not None:
            leaders[post.committee_id].append(post.person.user)
            if post.post_id == "secretary":
                secretaries[post.committee_id].append(post.person.user)
    own = _own_branches(
        {user.pk for users in (*officers.values(), *leaders.values()) for user in users}, today
    )
    return _Actors(dict(committees), officers, leaders, secretaries, own)


def reviewers_of(branches: Iterable[Branch], *, today: dt.date) -> dict[int, list[User]]:
    """Accounts that act for the committee towards each branch."""
    wanted = list(branches)
    if not wanted:
        return {}
    actors = _actors(today)
    return {branch.pk: actors.reviewers(branch) for branch in wanted}


def checkers_and_signers(branch: Branch, *, today: dt.date) -> tuple[list[User], list[User]]:
    """Who could check a notice to ``branch``, and which of the committee's secretaries could sign
    it."""
    actors = _actors(today)
    return actors.reviewers(branch), actors.signers(branch)


def office_of(committee: Committee, *, today: dt.date) -> list[User]:
    """Officers and secretaries of the committee, else of the nearest committee above."""
    place: Committee | None = committee
    while place is not None:
        granted = RoleGrant.objects.filter(
            in_force(today), committee=place, role=Role.PARTY_AFFAIRS_OFFICER
        ).values("user_id")
        posted = Appointment.objects.filter(
            in_force(today), committee=place, post_id__in=SIGNING_POSTS
        ).values("person__user_id")
        found = User.objects.filter(Q(pk__in=granted) | Q(pk__in=posted), is_active=True)
        if users := list(found.order_by("pk")):
            return users
        place = place.parent
    return []


def leaders_of(committee_ids: Iterable[int], *, today: dt.date) -> dict[int, list[User]]:
    """Accounts of the secretaries of each committee, in one query."""
    found: dict[int, list[User]] = defaultdict(list)
    posts = Appointment.objects.filter(
        in_force(today),
        committee__in=set(committee_ids),
        post_id="secretary",
        person__user__is_active=True,
    ).select_related("person__user")
    for post in posts.order_by("id"):
        if post.committee_id is not None and post.person.user is not None:
            found[post.committee_id].append(post.person.user)
    return dict(found)


def signers_of(branches: Iterable[Branch], *, today: dt.date) -> dict[int, list[User]]:
    """Accounts that sign a notice to each branch: the committee's secretaries, who need not stand
    back there; where there is none, those who act for the committee."""
    wanted = {branch.pk: branch for branch in branches}
    if not wanted:
        return {}
    leaders = leaders_of({branch.committee_id for branch in wanted.values()}, today=today)
    own = _own_branches({user.pk for users in leaders.values() for user in users}, today)
    found = {
        pk: [
            user
            for user in leaders.get(branch.committee_id, [])
            if pk not in own.get(user.pk, set())
        ]
        for pk, branch in wanted.items()
    }
    if not all(found.values()):
        reviewers = reviewers_of([wanted[pk] for pk in wanted if not found[pk]], today=today)
        found = {pk: users or reviewers.get(pk, []) for pk, users in found.items()}
    return found


def inspectors_of(inspections: Iterable[Inspection], *, today: dt.date) -> dict[int, list[User]]:
    """Accounts of the team behind each inspection, without members of the visited branch."""
    wanted = {inspection.pk: inspection for inspection in inspections}
    seats: dict[int, list[User]] = defaultdict(list)
    members = TeamMember.objects.filter(
        team_id__in={inspection.team_id for inspection in wanted.values()},
        person__user__is_active=True,
    ).select_related("person__user")
    for seat in members.order_by("-is_leader", "id"):
        if seat.person.user is not None:
            seats[seat.team_id].append(seat.person.user)
    own = _own_branches({user.pk for users in seats.values() for user in users}, today)
    return {
        pk: [
            user
            for user in seats.get(inspection.team_id, [])
            if inspection.inspected_branch_id not in own.get(user.pk, set())
        ]
        for pk, inspection in wanted.items()
    }


def _own_branches(user_ids: set[int], today: dt.date) -> dict[int, set[int]]:
    belongs, serves = (
        model._default_manager.filter(
            in_force(today), person__user_id__in=user_ids, branch__isnull=False
        ).values_list("person__user_id", "branch_id")
        for model in (Membership, Appointment)
    )
    read_together(belongs, serves)
    own: dict[int, set[int]] = defaultdict(set)
    for user_id, branch_id in (*belongs, *serves):
        own[user_id].add(branch_id)
    return own


def _nearest(
    people: Mapping[int, list[User]],
    parents: Mapping[int, int | None],
    branch: Branch,
    own: Mapping[int, set[int]],
    *,
    keeps_office: bool,
) -> list[User]:
    committee: int | None = branch.committee_id
    while committee is not None:
        chosen = [
            user
            for user in people.get(committee, [])
            if branch.pk not in own.get(user.pk, set())
            and not (keeps_office and _of_committee(user, branch.committee_id))
        ]
        if chosen:
            return list(dict.fromkeys(chosen))
        committee = parents.get(committee)
    return []


def _of_committee(user: User, committee_id: int) -> bool:
    """Whether the user works under this very committee (unknown counts as yes)."""
    person = getattr(user, "person", None)
    return person is None or person.committee_id == committee_id
