"""Who may do what with crews and turnouts. Pure functions, one per verb; views, API, templates
and services ask the same one."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from branches.access import access_of
from branches.models import Branch, Committee
from servicecrew.access import crews_of
from servicecrew.models import Crew, Operation, Turnout

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from portal.accounts.models import User

    AnyUser: TypeAlias = User | AnonymousUser


def may_turn_out(user: AnyUser, crew: Crew) -> bool:
    """Write down that the crew goes out, and press its buttons: whoever serves in it."""
    return crew.pk in crews_of(user).serves


def may_mark(user: AnyUser, turnout: Turnout) -> bool:
    """State a moment of a turnout: whoever serves in the leading crew."""
    return turnout.crew_id in crews_of(user).serves


def may_edit_turnout(user: AnyUser, turnout: Turnout) -> bool:
    """Change what was written: captain or deputy; until it is logged also who wrote it."""
    crews = crews_of(user)
    if turnout.crew_id in crews.leads:
        return True
    return (
        turnout.is_draft
        and turnout.crew_id in crews.serves
        and turnout.created_by_id == access_of(user).user_id
    )


def may_confirm_turnout(user: AnyUser, turnout: Turnout) -> bool:
    """Stand for it: captain or deputy captain of the leading crew, by the dated roster."""
    return turnout.crew_id in crews_of(user).leads


def may_verify_turnout(user: AnyUser, turnout: Turnout) -> bool:
    """Let it count in the statistics, or give it back: officers of the crew's committee, and
    of those above. Nobody verifies what he confirmed himself."""
    access = access_of(user)
    return (
        turnout.committee_id in access.officer_committees
        and turnout.confirmed_by_id != access.user_id
    )


def may_correct_turnout(user: AnyUser, turnout: Turnout) -> bool:
    """Take back a confirmation (captain) or a verification (officer), with a reason."""
    if turnout.status == "verified":
        return turnout.committee_id in access_of(user).officer_committees
    return turnout.crew_id in crews_of(user).leads


def may_show_photos(user: AnyUser, turnout: Turnout) -> bool:
    """Add pictures, or take one away: whoever serves in the leading crew."""
    return may_mark(user, turnout)


def may_void_turnout(user: AnyUser, turnout: Turnout) -> bool:
    """Strike out what never happened: as editing."""
    return may_edit_turnout(user, turnout)


def may_see_crew_inside(user: AnyUser, crew: Crew) -> bool:
    """Roster, vehicles, equipment: whoever serves there, holds a post in its branch or oversees
    its committee."""
    access = access_of(user)
    return (
        crew.committee_id in access.overseen_committees
        or crew.pk in crews_of(user).serves
        or (crew.branch_id is not None and crew.branch_id in access.post_branches)
    )


def may_manage_crew(user: AnyUser, crew: Crew) -> bool:
    """Keep roster, vehicles, equipment and history: captain, deputy, officers; while there is a
    crew to keep."""
    return crew.closed_on is None and (
        crew.pk in crews_of(user).leads or crew.committee_id in access_of(user).officer_committees
    )


def may_found_crew(user: AnyUser, committee: Committee) -> bool:
    return committee.pk in access_of(user).officer_committees


def may_close_crew(user: AnyUser, crew: Crew) -> bool:
    """撤销: whoever may set crews up there."""
    return crew.committee_id in access_of(user).officer_committees


def may_run_operation(user: AnyUser, operation: Operation) -> bool:
    """Open, close, write its timeline, outage reports and lessons: officers of its committee."""
    return operation.committee_id in access_of(user).officer_committees


def may_open_operation(user: AnyUser, committee: Committee) -> bool:
    return committee.pk in access_of(user).officer_committees


def may_report_operation(user: AnyUser, operation: Operation) -> bool:
    """Add a line to the timeline: officers, and captains while the operation is open."""
    return may_run_operation(user, operation) or (operation.is_open and bool(crews_of(user).leads))


# -- the five programmes ----------------------------------------------------------------


def may_plan_programmes(user: AnyUser, committee: Committee) -> bool:
    """Set a committee's yearly plan: its officers."""
    return committee.pk in access_of(user).officer_committees


def may_keep_programmes(user: AnyUser, committee: Committee, branch: Branch | None) -> bool:
    """Write down what was done: officers, and for their branch secretary and deputy."""
    access = access_of(user)
    if committee.pk in access.officer_committees:
        return True
    return branch is not None and branch.pk in access.recording_branches


def may_see_visits(user: AnyUser) -> bool:
    """Whom was visited, mentors, retired comrades: overseers and post-holders."""
    access = access_of(user)
    return bool(access.overseen_committees or access.post_branches)
