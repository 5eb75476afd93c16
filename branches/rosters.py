"""Who should attend: the roster of a meeting, from the dated facts of its day."""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from django.db.models import Q

from branches.models import (
    Appointment,
    Branch,
    Duty,
    Membership,
    MembershipKind,
    PartyGroup,
    Person,
)


class Circle(enum.StrEnum):
    """How wide a meeting is."""

    MEMBERS = "members"
    GROUP = "group"
    COMMITTEE = "committee"


# Duties of the whole branch: no group and no committee alone can discharge them.
OF_ALL_MEMBERS = frozenset(
    {
        Duty.GENERAL_MEETING,
        Duty.THEMED_DAY,
        Duty.PARTY_LECTURE,
        Duty.ORG_LIFE_MEETING,
        Duty.MEMBER_APPRAISAL,
        Duty.WORK_REPORT,
    }
)
# Duties that the branch committee discharges when nothing wider is ticked.
OF_COMMITTEE = frozenset({Duty.COMMITTEE_MEETING, Duty.IDEOLOGY_REVIEW})


@dataclass(frozen=True, slots=True)
class Attendee:
    """One name on a roster. ``votes`` is False for probationary members."""

    person_id: int
    name: str
    votes: bool
    group_id: int | None


def in_force(day: dt.date) -> Q:
    return Q(started_on__lte=day) & (Q(ended_on__isnull=True) | Q(ended_on__gte=day))


def circle_of(duties: Collection[str], group: PartyGroup | None) -> Circle:
    """The circle that discharges ``duties``: a group when one is named, the committee when
    only its own affairs are ticked, else all members."""
    if group is not None:
        return Circle.GROUP
    if set(duties) & OF_COMMITTEE and not set(duties) - OF_COMMITTEE - {
        Duty.DOCUMENT_RELAY,
        Duty.GROUP_STUDY,
        Duty.YEAR_PLAN,
        Duty.YEAR_SUMMARY,
        Duty.QUARTER_PLAN,
    }:
        return Circle.COMMITTEE
    return Circle.MEMBERS


_Kept = dict[tuple[str, int, dt.date], list[Attendee]]
_kept: ContextVar[_Kept | None] = ContextVar("kept_rosters", default=None)
KEPT_DAYS = 60


@contextmanager
def kept_rosters() -> Iterator[None]:
    """Read each roster once while many records of few days are written. Only where nothing inside
    changes who is a member or holds a post."""
    token = _kept.set({})
    try:
        yield
    finally:
        _kept.reset(token)


def _read_once(
    name: str, branch: Branch, day: dt.date, read: Callable[[Branch, dt.date], list[Attendee]]
) -> list[Attendee]:
    kept = _kept.get()
    if kept is None:
        return read(branch, day)
    key = (name, branch.pk, day)
    if key not in kept:
        if len(kept) >= KEPT_DAYS:
            kept.clear()
        kept[key] = read(branch, day)
    return list(kept[key])


def members_on(branch: Branch, day: dt.date) -> list[Attendee]:
    """Members in force on ``day``; for a general branch those of the branches below too."""
    return _read_once("members", branch, day, _members_on)


def _members_on(branch: Branch, day: dt.date) -> list[Attendee]:
    rows = (
        Membership.objects.filter(in_force(day), Q(branch=branch) | Q(branch__parent=branch))
        .order_by("branch__sort_order", "branch_id", "id")
        .values_list("person_id", "person__name", "kind", "group_id")
    )
    return [
        Attendee(person, name, kind == MembershipKind.FULL, group)
        for person, name, kind, group in rows
    ]


def committee_on(branch: Branch, day: dt.date) -> list[Attendee]:
    """Holders of committee posts on ``day``, each once, in the order of their posts."""
    return _read_once("committee", branch, day, _committee_on)


def _committee_on(branch: Branch, day: dt.date) -> list[Attendee]:
    rows = (
        Appointment.objects.filter(in_force(day), branch=branch)
        .exclude(post="group_leader")
        .order_by("post__sort_order", "id")
        .values_list("person_id", "person__name")
    )
    return [Attendee(person, name, True, None) for person, name in dict(rows).items()]


def roster(branch: Branch, day: dt.date, circle: Circle, group_id: int | None) -> list[Attendee]:
    """Everybody who should attend a meeting of ``circle`` on ``day``."""
    if circle == Circle.COMMITTEE:
        return committee_on(branch, day)
    members = members_on(branch, day)
    if circle == Circle.GROUP:
        return [member for member in members if member.group_id == group_id]
    return members


def eligible_people(branch: Branch, day: dt.date) -> dict[int, str]:
    """Who may chair or record: members and post-holders on ``day``, by key."""
    people = {a.person_id: a.name for a in committee_on(branch, day)}
    people |= {a.person_id: a.name for a in members_on(branch, day)}
    return people


def people_choices(branch: Branch, day: dt.date) -> list[Person]:
    """The same as rows, post-holders first."""
    order = list(eligible_people(branch, day))
    found = Person.objects.in_bulk(order)
    return [found[key] for key in order]


def ever_of(branch: Branch, keys: Collection[int]) -> list[Person]:
    """Those of ``keys`` who were ever members (of the branches below too) or held a post here."""
    if not keys:
        return []
    members = Membership.objects.filter(Q(branch=branch) | Q(branch__parent=branch))
    posts = Appointment.objects.filter(branch=branch)
    return list(
        Person.objects.filter(
            Q(pk__in=members.values("person")) | Q(pk__in=posts.values("person")), pk__in=keys
        ).order_by("pk")
    )
