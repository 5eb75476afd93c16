"""Who may do what with visits."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from branches.access import access_of
from feedback.access import listening_committees, name_committees

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from branches.models import Committee
    from feedback.models import StaffVisit
    from portal.accounts.models import User

    AnyUser: TypeAlias = User | AnonymousUser


def goes_visiting(user: AnyUser) -> bool:
    """A cadre: the office and leaders, secretaries and other holders of posts in branches."""
    return bool(listening_committees(user) or access_of(user).post_branches)


def may_record_visit(user: AnyUser, committee: Committee) -> bool:
    """Cadres of the committee."""
    access = access_of(user)
    return committee.pk in listening_committees(user) or (
        bool(access.post_branches) and committee.pk in access.home_committees
    )


def may_read_private(user: AnyUser, visit: StaffVisit) -> bool:
    """The private note and the two concerns: whoever went, and the secretary's office."""
    person = access_of(user).person_id
    return (person is not None and visit.led_by_id == person) or (
        visit.committee_id in name_committees(user)
    )


def may_assign_links(user: AnyUser, committee: Committee) -> bool:
    return committee.pk in listening_committees(user)
