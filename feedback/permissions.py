"""Who may do what with a request. Pure functions, one per verb; views, API, templates and
services ask the same one."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from branches.access import access_of
from branches.models import Committee
from feedback.access import (
    departments_of,
    headed_by,
    listening_committees,
    name_committees,
)
from feedback.models import (
    Authorship,
    Level,
    ListeningSession,
    Promise,
    PromiseTeam,
    StaffRequest,
    SupervisionOrder,
)

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from portal.accounts.models import User

    AnyUser: TypeAlias = User | AnonymousUser


# -- standing ---------------------------------------------------------------------------


def is_author(user: AnyUser, request: StaffRequest) -> bool:
    """Whether the request is the user's own. Read once per row; rows of ``authored_by`` know."""
    known: bool | None = getattr(request, "_is_author", None)
    if known is None:
        known = (
            not request.is_anonymous
            and Authorship.objects.filter(request=request, user_id=user.pk or 0).exists()
        )
        request._is_author = known  # type: ignore[attr-defined]
    return known


def listens(user: AnyUser) -> bool:
    """Works for the office that listens: officers, the secretary's office, secretaries."""
    return bool(listening_committees(user))


def handles(user: AnyUser) -> bool:
    """Answers for a department."""
    return bool(departments_of(user))


def is_discipline(user: AnyUser) -> bool:
    return bool(access_of(user).discipline_committees)


def leads(user: AnyUser) -> bool:
    return access_of(user).is_leader


# -- speaking ---------------------------------------------------------------------------


def may_submit(user: AnyUser) -> bool:
    """Every employee the portal knows by name."""
    return bool(access_of(user).home_committees)


def may_record(user: AnyUser, committee: Committee) -> bool:
    """Write down what somebody else said: the office."""
    return committee.pk in listening_committees(user)


def may_speak_as_author(
    user: AnyUser | None, request: StaffRequest, *, has_receipt: bool = False
) -> bool:
    """The author, by account or by receipt."""
    return has_receipt or (user is not None and is_author(user, request))


def may_see_name(user: AnyUser, request: StaffRequest) -> bool:
    """A named author is known to whoever sees the request; a confidential one to the
    secretary's office, one logged look at a time; an anonymous one to nobody."""
    if request.level == Level.NAMED:
        return True
    return request.level == Level.CONFIDENTIAL and (
        request.committee_id
        in (access_of(user).discipline_committees if request.is_sealed else name_committees(user))
    )


# -- the office -------------------------------------------------------------------------


def in_office_of(user: AnyUser, request: StaffRequest) -> bool:
    """The office acts on it: of its committee, not sealed, and not one's own request."""
    if request.is_sealed:
        return False
    return request.committee_id in listening_committees(user) and not is_author(user, request)


def may_accept(user: AnyUser, request: StaffRequest) -> bool:
    """Accept or decline; a sealed one is taken by the discipline office."""
    if request.is_sealed:
        return request.committee_id in access_of(user).discipline_committees
    return in_office_of(user, request)


def may_settle(user: AnyUser, request: StaffRequest) -> bool:
    """The discipline office tells the author what it did and ends it here."""
    return request.is_sealed and request.committee_id in access_of(user).discipline_committees


def may_assign(user: AnyUser, request: StaffRequest) -> bool:
    return in_office_of(user, request)


def may_merge(user: AnyUser, request: StaffRequest) -> bool:
    return in_office_of(user, request)


def may_publish(user: AnyUser, request: StaffRequest) -> bool:
    return in_office_of(user, request)


def may_supervise(user: AnyUser, request: StaffRequest) -> bool:
    """Issue a supervision order, and strike it off."""
    return in_office_of(user, request)


def may_grant_extension(user: AnyUser, request: StaffRequest) -> bool:
    return in_office_of(user, request)


def may_decide(user: AnyUser, request: StaffRequest) -> bool:
    """After the second refusal by the author: the committee's secretary."""
    return (
        not request.is_sealed
        and request.committee_id in access_of(user).leader_committees
        and not is_author(user, request)
    )


# -- the department ---------------------------------------------------------------------


def may_reply(user: AnyUser, request: StaffRequest) -> bool:
    """Answer for the department it is assigned to; nobody answers his own request."""
    return (
        request.department_id is not None
        and request.department_id in departments_of(user)
        and not request.is_sealed
        and not is_author(user, request)
    )


def may_pause(user: AnyUser, request: StaffRequest) -> bool:
    """Stop the clock with a reason: the office, or the department that answers."""
    return may_reply(user, request) or in_office_of(user, request)


def may_talk(user: AnyUser, request: StaffRequest) -> bool:
    """Ask the author something: whoever works on it, helping departments included."""
    if request.is_sealed:
        return request.committee_id in access_of(user).discipline_committees
    if in_office_of(user, request) or may_reply(user, request):
        return True
    mine = departments_of(user)
    return bool(mine) and any(helper.pk in mine for helper in request.helpers.all())


def may_keep_promise(user: AnyUser, promise: Promise) -> bool:
    """Order, deliver, recall: the department that promised, or the office on its word."""
    return promise.department_id in departments_of(user) or in_office_of(user, promise.request)


def may_report_order(user: AnyUser, order: SupervisionOrder) -> bool:
    return order.department_id in departments_of(user)


def may_rate(user: AnyUser, request: StaffRequest) -> bool:
    """The author; never somebody of the department that answered."""
    return is_author(user, request) and request.department_id not in departments_of(user)


def heads_department_of(user: AnyUser, request: StaffRequest) -> bool:
    return request.department_id is not None and request.department_id in headed_by(user)


def may_answer_for_team(user: AnyUser, team: PromiseTeam) -> bool:
    """Say that it has arrived at the team: whoever works there (whose 部门班组 in the roster is the
    team's name), or the author by name; nobody of the department that delivers."""
    made = team.promise
    if made.department_id in departments_of(user):
        return False
    access = access_of(user)
    if made.request.committee_id not in access.home_committees | access.overseen_committees:
        return False
    return workplace_of(user) == team.name or is_author(user, made.request)


def workplace_of(user: AnyUser) -> str:
    """部门班组 of the user as the roster has it, "" for an account of nobody in it."""
    person = getattr(user, "person", None)
    return person.workplace.strip() if person else ""


# -- settings ---------------------------------------------------------------------------


def configures(user: AnyUser) -> bool:
    """Sets something here: the party-affairs office of any committee."""
    return access_of(user).is_officer


def may_configure(user: AnyUser, committee_id: int | None) -> bool:
    """Set what belongs to the committee, or what holds everywhere (None: kinds, categories,
    checklists), which only the office of a committee with none above it does."""
    mine = access_of(user).officer_committees
    if committee_id is not None:
        return committee_id in mine
    return bool(mine) and Committee.objects.filter(pk__in=mine, parent__isnull=True).exists()


# -- sessions ---------------------------------------------------------------------------


def may_arrange(user: AnyUser, committee: Committee) -> bool:
    """Plan, announce, hold and publish sessions: the office."""
    return committee.pk in listening_committees(user)


def may_book(user: AnyUser, session: ListeningSession) -> bool:
    """Whoever works under the committee."""
    return session.committee_id in access_of(user).home_committees
