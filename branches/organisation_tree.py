"""The organisation as its pages draw it: the tree of branches, the members of one."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from branches.models import (
    Appointment,
    Branch,
    BranchType,
    Committee,
    Membership,
    Tier,
)
from branches.rosters import in_force
from portal.kernel.months import Month


@dataclass(frozen=True, slots=True)
class TreeRow:
    """A branch in the tree: ``depth`` 1 stands under a general branch."""

    branch: Any
    depth: int


@dataclass(frozen=True, slots=True)
class TreeGroup:
    """A committee and its branches, in order."""

    committee: Committee
    rows: tuple[TreeRow, ...]
    depth: int


def organisation_tree(
    *, branches: QuerySet[Any], month: Month, today: dt.date, text: str = "", branch_type: str = ""
) -> list[TreeGroup]:
    """Committees with their branches, general branches before those below them.

    ``text`` finds a branch by its name or its secretary's. Three queries for any size.
    """
    secretary = Appointment.objects.filter(
        in_force(today), branch=OuterRef("pk"), post="secretary"
    ).order_by("-started_on")
    members = (
        Membership.objects.filter(in_force(today), branch=OuterRef("pk"))
        .order_by()
        .values("branch")
        .annotate(count=Count("pk"))
        .values("count")
    )
    chosen = (
        branches.active_on(today)  # type: ignore[attr-defined]
        .classified(month)
        .annotate(
            secretary=Subquery(secretary.values("person__name")[:1]),
            secretary_mode=Subquery(secretary.values("secretary_mode")[:1]),
            member_count=Coalesce(Subquery(members), 0),
        )
    )
    if text:
        chosen = chosen.filter(
            Q(name__icontains=text) | Q(short_name__icontains=text) | Q(secretary__icontains=text)
        )
    if branch_type:
        chosen = chosen.filter(branch_type=branch_type)
    by_committee: dict[int, list[Any]] = defaultdict(list)
    for branch in chosen:
        branch.tier_label = Tier(branch.tier).label
        branch.type_label = BranchType(branch.branch_type).label
        by_committee[branch.committee_id].append(branch)
    committees = list(Committee.objects.order_by("sort_order", "id"))
    groups = []
    for committee, depth in _in_tree_order(committees):
        own = by_committee.get(committee.pk, [])
        _count_members_below(own)
        if own:
            groups.append(TreeGroup(committee, tuple(_under_parents(own)), depth))
    return groups


def _in_tree_order(committees: list[Committee]) -> list[tuple[Committee, int]]:
    below: dict[int | None, list[Committee]] = defaultdict(list)
    for committee in committees:
        below[committee.parent_id].append(committee)

    def walk(parent: int | None, depth: int) -> list[tuple[Committee, int]]:
        found = []
        for committee in below[parent]:
            found += [(committee, depth), *walk(committee.pk, depth + 1)]
        return found

    return walk(None, 0)


def _under_parents(branches: list[Any]) -> list[TreeRow]:
    present = {branch.pk for branch in branches}
    below: dict[int | None, list[Any]] = defaultdict(list)
    for branch in branches:
        below[branch.parent_id if branch.parent_id in present else None].append(branch)
    rows = []
    for branch in below[None]:
        rows.append(TreeRow(branch, 0))
        rows += [TreeRow(sub, 1) for sub in below[branch.pk]]
    return rows


def _count_members_below(branches: list[Any]) -> None:
    """``shown_members``: a general branch counts the members of its branches too."""
    below: dict[int | None, int] = defaultdict(int)
    for branch in branches:
        below[branch.parent_id] += branch.member_count
    for branch in branches:
        branch.shown_members = branch.member_count + below.get(branch.pk, 0)


@dataclass(frozen=True, slots=True)
class MemberRow:
    """A member of a branch today, with what posts he holds there."""

    membership: Membership
    posts: tuple[str, ...]


def members_page(branch: Branch, today: dt.date) -> list[MemberRow]:
    """Members of the branch, and of the branches below a general branch, post-holders first
    (two queries)."""
    posts: dict[int, list[str]] = defaultdict(list)
    order: dict[int, int] = {}
    for person, name, rank in (
        Appointment.objects.filter(in_force(today), branch=branch)
        .order_by("post__sort_order", "id")
        .values_list("person_id", "post__name", "post__sort_order")
    ):
        posts[person].append(name)
        order.setdefault(person, rank)
    rows = [
        MemberRow(membership, tuple(posts.get(membership.person_id, ())))
        for membership in Membership.objects.filter(
            in_force(today), Q(branch=branch) | Q(branch__parent=branch)
        )
        .select_related("person", "group", "branch")
        .order_by("branch__sort_order", "branch_id", "id")
    ]
    return sorted(rows, key=lambda row: order.get(row.membership.person_id, 999))
