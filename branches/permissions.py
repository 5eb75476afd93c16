"""Who may do what to organisations, people and records: one pure function per verb."""

from __future__ import annotations

from typing import TYPE_CHECKING

from branches.access import access_of
from branches.models import Activity, Branch, Committee

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from portal.accounts.models import User


def may_create_committee(user: User | AnonymousUser, parent: Committee | None) -> bool:
    """System administrators anywhere; officers below a committee of theirs."""
    access = access_of(user)
    if access.is_system_admin:
        return True
    return parent is not None and parent.pk in access.officer_committees


def may_edit_organisation(user: User | AnonymousUser, committee: Committee) -> bool:
    """Create and edit branches, groups, people, memberships and appointments of a committee."""
    return committee.pk in access_of(user).officer_committees


def may_see_branch(user: User | AnonymousUser, branch: Branch) -> bool:
    """See the inside of a branch: its members, records and calendar."""
    access = access_of(user)
    return branch.committee_id in access.overseen_committees or branch.pk in access.seen_branches


def may_record(user: User | AnonymousUser, branch: Branch) -> bool:
    """Write and change the records of a branch: its secretary and deputy."""
    return branch.pk in access_of(user).recording_branches


def may_edit_activity(user: User | AnonymousUser, activity: Activity) -> bool:
    return may_record(user, activity.branch)


def may_delete_activity(user: User | AnonymousUser, activity: Activity) -> bool:
    return may_record(user, activity.branch)


def may_grant(user: User | AnonymousUser) -> bool:
    """Give and take roles: security administrators only, and never to themselves (the
    service refuses that)."""
    return access_of(user).is_security_admin


def may_manage_accounts(user: User | AnonymousUser) -> bool:
    """Open, reset and close accounts: system administrators. What an account may do is the
    security administrator's business."""
    return access_of(user).is_system_admin
