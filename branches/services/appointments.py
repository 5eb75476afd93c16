"""Who holds which post, who is granted which role: dated, logged, never to oneself."""

from __future__ import annotations

import datetime as dt

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from branches.access import forget_access
from branches.models import (
    Appointment,
    Branch,
    Committee,
    Membership,
    Person,
    Post,
    Role,
    RoleGrant,
    SecretaryMode,
)
from branches.permissions import may_edit_organisation, may_grant
from branches.services.people import overlapping
from portal.accounts.models import User
from portal.audit.services import record
from portal.kernel.errors import DomainError, TransitionRefused

ADMIN_THIRDS = (Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDITOR)


@transaction.atomic
def appoint(
    *,
    person: Person,
    post: str,
    branch: Branch | None = None,
    committee: Committee | None = None,
    secretary_mode: str = "",
    started_on: dt.date,
    actor: User | None,
    now: dt.datetime,
    via: str = "web",
) -> Appointment:
    """Give a person a post in a branch or in a committee from ``started_on`` on.

    In a branch the person must be a member on that day: of the branch itself, or for a
    general branch of one below it (a temporary branch borrows its members, so anybody of the
    company may serve there). A branch secretary needs 专职 or 兼职.
    Raises PermissionDenied; DomainError when the post is taken, or anything above fails.
    """
    if (branch is None) == (committee is None):
        raise DomainError(_("任职须属于一个党支部或一个党委。"))
    home = branch.committee if branch is not None else committee
    assert home is not None  # noqa: S101 - one of the two is given, as checked above
    if actor is not None and not may_edit_organisation(actor, home):
        raise PermissionDenied(_("只有本党委的党群部专责可以办理任免。"))
    named = Post.objects.filter(pk=post).first()
    if named is None:
        raise DomainError(_("没有这个职务。"), field="post")
    if branch is not None:
        Branch.objects.select_for_update(of=("self",)).get(pk=branch.pk)
        _refuse_mode(post, secretary_mode)
        if not branch.is_temporary:
            _refuse_outsider(person, branch, started_on)
    else:
        Committee.objects.select_for_update(of=("self",)).get(pk=home.pk)
        secretary_mode = ""
    held = Appointment.objects.filter(
        overlapping(started_on), branch=branch, committee=committee
    ).select_related("person", "post")
    if post == "secretary":
        sitting = held.filter(post="secretary").first()
        if sitting is not None:
            raise DomainError(
                _("%(place)s已有书记%(person)s%(until)s，请先办免职，再从次日任职。")
                % {
                    "place": branch or committee,
                    "person": sitting.person,
                    "until": _("（任至%(day)s）") % {"day": sitting.ended_on}
                    if sitting.ended_on
                    else "",
                },
                field="post",
            )
    clash = ("secretary", "deputy_secretary") if post in {"secretary", "deputy_secretary"} else ()
    double = held.filter(person=person, post__in={post, *clash}).first()
    if double is not None:
        raise DomainError(
            _("%(person)s在这里已任%(post)s，任期重叠。") % {"person": person, "post": double.post},
            field="post",
        )
    appointment = Appointment.objects.create(
        person=person,
        branch=branch,
        committee=committee,
        post=named,
        secretary_mode=secretary_mode,
        started_on=started_on,
    )
    if person.user is not None:
        forget_access(person.user)
    record(
        code="appointment.made",
        target=appointment,
        actor=actor,
        now=now,
        via=via,
        after={"post": post, "secretary_mode": secretary_mode, "started_on": started_on},
    )
    return appointment


@transaction.atomic
def end_appointment(
    *,
    appointment: Appointment,
    ended_on: dt.date,
    actor: User | None,
    now: dt.datetime,
    via: str = "web",
) -> Appointment:
    """End an appointment; ``ended_on`` is its last day.

    Raises PermissionDenied; TransitionRefused when it has ended; DomainError for a day
    before it began.
    """
    place = appointment.branch.committee if appointment.branch else appointment.committee
    assert place is not None  # noqa: S101 - a constraint says so
    if actor is not None and not may_edit_organisation(actor, place):
        raise PermissionDenied(_("只有本党委的党群部专责可以办理任免。"))
    locked = Appointment.objects.select_for_update(of=("self",)).get(pk=appointment.pk)
    if locked.ended_on is not None:
        raise TransitionRefused(_("已于%(day)s免职。") % {"day": locked.ended_on})
    if ended_on < locked.started_on:
        raise DomainError(_("免职日期不能早于任职日期。"), field="ended_on")
    locked.ended_on = ended_on
    locked.save(update_fields=["ended_on"])
    if locked.person.user is not None:
        forget_access(locked.person.user)
    record(
        code="appointment.ended",
        target=locked,
        actor=actor,
        now=now,
        via=via,
        after={"ended_on": ended_on},
    )
    return locked


@transaction.atomic
def grant_role(
    *,
    user: User,
    role: str,
    committee: Committee | None = None,
    branch: Branch | None = None,
    started_on: dt.date,
    actor: User | None,
    now: dt.datetime,
    via: str = "web",
) -> RoleGrant:
    """Grant a role with its scope: officers and the two offices a committee, captains a branch,
    the three administrators none.

    Raises PermissionDenied (only the security administrator, and not to himself);
    DomainError when the scope doesn't fit, the role is held already, or one person would be
    two of the three administrators.
    """
    _refuse_granter(actor, user)
    User.objects.select_for_update().get(pk=user.pk)
    if role not in Role.values:
        raise DomainError(_("没有这个角色。"), field="role")
    fits = {
        Role.PARTY_AFFAIRS_OFFICER: committee is not None and branch is None,
        Role.SECRETARY_OFFICE: committee is not None and branch is None,
        Role.DISCIPLINE_OFFICE: committee is not None and branch is None,
        Role.CREW_CAPTAIN: branch is not None and committee is None,
    }.get(Role(role), committee is None and branch is None)
    if not fits:
        raise DomainError(
            _("“%(role)s”的授权范围不对。") % {"role": Role(role).label}, field="role"
        )
    held = list(RoleGrant.objects.filter(overlapping(started_on), user=user))
    if role in ADMIN_THIRDS:
        third = next((grant for grant in held if grant.role in ADMIN_THIRDS), None)
        if third is not None:
            raise DomainError(
                _("%(user)s已是%(role)s。系统、安全、审计三员不得由一人兼任。")
                % {"user": user, "role": third.get_role_display()},
                field="role",
            )
    scope = (role, committee.pk if committee else None, branch.pk if branch else None)
    if any((grant.role, grant.committee_id, grant.branch_id) == scope for grant in held):
        raise DomainError(_("已有这项授权。"), field="role")
    grant = RoleGrant.objects.create(
        user=user, role=role, committee=committee, branch=branch, started_on=started_on
    )
    forget_access(user)
    record(
        code="grant.made",
        target=grant,
        actor=actor,
        now=now,
        via=via,
        after={
            "account": user.username,
            "role": role,
            "scope": str(committee or branch or ""),
            "started_on": started_on,
        },
    )
    return grant


@transaction.atomic
def end_grant(
    *,
    grant: RoleGrant,
    ended_on: dt.date,
    actor: User | None,
    now: dt.datetime,
    via: str = "web",
) -> RoleGrant:
    """Take a role back; ``ended_on`` is its last day. Raises as :func:`end_appointment`."""
    _refuse_granter(actor, grant.user)
    locked = RoleGrant.objects.select_for_update(of=("self",)).get(pk=grant.pk)
    if locked.ended_on is not None:
        raise TransitionRefused(_("已于%(day)s收回。") % {"day": locked.ended_on})
    if ended_on < locked.started_on:
        raise DomainError(_("终止日期不能早于起始日期。"), field="ended_on")
    locked.ended_on = ended_on
    locked.save(update_fields=["ended_on"])
    forget_access(grant.user)
    record(
        code="grant.ended",
        target=locked,
        actor=actor,
        now=now,
        via=via,
        after={"account": locked.user.username, "role": locked.role, "ended_on": ended_on},
    )
    return locked


def _refuse_granter(actor: User | None, user: User) -> None:
    if actor is None:
        return
    if not may_grant(actor):
        raise PermissionDenied(_("只有安全管理员可以授权。"))
    if actor.pk == user.pk:
        raise PermissionDenied(_("不能给自己授权或收回自己的授权。"))


def _refuse_mode(post: str, secretary_mode: str) -> None:
    if post == "secretary" and secretary_mode not in SecretaryMode.values:
        raise DomainError(_("支部书记须注明专职或兼职。"), field="secretary_mode")
    if post != "secretary" and secretary_mode:
        raise DomainError(_("只有书记分专职、兼职。"), field="secretary_mode")


def _refuse_outsider(person: Person, branch: Branch, day: dt.date) -> None:
    belongs = Membership.objects.filter(
        Q(branch=branch) | Q(branch__parent=branch),
        overlapping(day),
        person=person,
        started_on__lte=day,
    ).exists()
    if not belongs:
        raise DomainError(
            _("%(person)s在%(day)s不是“%(branch)s”的党员，请先办转入。")
            % {"person": person, "day": day, "branch": branch},
            field="person",
        )
