"""Writing people: persons and memberships."""

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
    MembershipKind,
    PartyGroup,
    Person,
)
from branches.permissions import may_edit_organisation
from portal.accounts.models import User
from portal.audit.services import record
from portal.kernel.errors import DomainError, TransitionRefused


def overlapping(started_on: dt.date) -> Q:
    """Rows whose time reaches ``started_on`` or later: a new open row would overlap them."""
    return Q(ended_on__isnull=True) | Q(ended_on__gte=started_on)


@transaction.atomic
def create_person(
    *,
    name: str,
    committee: Committee,
    staff_no: str | None = None,
    user: User | None = None,
    workplace: str = "",
    job_title: str = "",
    actor: User | None,
    now: dt.datetime,
    via: str = "web",
) -> Person:
    """Enter a person, with or without an account.

    Raises PermissionDenied; DomainError when the number or the account is somebody else's.
    """
    if actor is not None and not may_edit_organisation(actor, committee):
        raise PermissionDenied(_("只有本党委的党群部专责可以登记人员。"))
    _refuse_person(name, staff_no, user)
    person = Person.objects.create(
        name=name,
        committee=committee,
        staff_no=staff_no or None,
        user=user,
        workplace=workplace,
        job_title=job_title,
    )
    if user is not None:
        forget_access(user)
    record(
        code="person.created",
        target=person,
        actor=actor,
        now=now,
        via=via,
        after={
            "committee": committee.name,
            "staff_no": staff_no,
            "account": user and user.username,
        },
    )
    return person


@transaction.atomic
def edit_person(
    *,
    person: Person,
    name: str,
    staff_no: str | None,
    user: User | None,
    workplace: str,
    job_title: str,
    actor: User | None,
    now: dt.datetime,
    via: str = "web",
) -> Person:
    """Correct a person's facts. Raises as :func:`create_person`."""
    if actor is not None and not may_edit_organisation(actor, person.committee):
        raise PermissionDenied(_("只有本党委的党群部专责可以修改人员。"))
    locked = Person.objects.select_for_update(of=("self",)).get(pk=person.pk)
    _refuse_person(name, staff_no, user, exclude=person.pk)
    wanted = {
        "name": name,
        "staff_no": staff_no or None,
        "user_id": user.pk if user else None,
        "workplace": workplace,
        "job_title": job_title,
    }
    changed = {key: value for key, value in wanted.items() if getattr(locked, key) != value}
    before = {key: getattr(locked, key) for key in changed}
    for key, value in changed.items():
        setattr(locked, key, value)
    locked.save()
    if changed:
        record(
            code="person.edited",
            target=locked,
            actor=actor,
            now=now,
            via=via,
            before=before,
            after=changed,
        )
    return locked


@transaction.atomic
def add_member(
    *,
    person: Person,
    branch: Branch,
    kind: str,
    group: PartyGroup | None = None,
    started_on: dt.date,
    actor: User | None,
    now: dt.datetime,
    via: str = "web",
) -> Membership:
    """Take a person into a branch from ``started_on`` on.

    Raises PermissionDenied; DomainError when the person is in a branch on that day or later,
    or the group is another branch's.
    """
    if actor is not None and not may_edit_organisation(actor, branch.committee):
        raise PermissionDenied(_("只有本党委的党群部专责可以办理组织关系。"))
    Person.objects.select_for_update(of=("self",)).get(pk=person.pk)
    if kind not in MembershipKind.values:
        raise DomainError(_("没有这个党员类别。"), field="kind")
    _refuse_group(group, branch)
    if branch.closed_on is not None and branch.closed_on < started_on:
        raise DomainError(_("“%(branch)s”已撤销。") % {"branch": branch}, field="branch")
    other = (
        Membership.objects.filter(overlapping(started_on), person=person)
        .select_related("branch")
        .first()
    )
    if other is not None:
        raise DomainError(
            _("%(person)s在“%(branch)s”，请先办转出，再从次日转入。")
            % {"person": person, "branch": other.branch},
            field="person",
        )
    membership = Membership.objects.create(
        person=person, branch=branch, kind=kind, group=group, started_on=started_on
    )
    if person.user is not None:
        forget_access(person.user)
    record(
        code="member.added",
        target=membership,
        actor=actor,
        now=now,
        via=via,
        after={"kind": kind, "group": group and group.name, "started_on": started_on},
    )
    return membership


@transaction.atomic
def move_to_group(
    *,
    membership: Membership,
    group: PartyGroup | None,
    actor: User | None,
    now: dt.datetime,
    via: str = "web",
) -> Membership:
    """Put a member into a group of his branch (None: into no group).

    Raises PermissionDenied; DomainError when the group is another branch's or dissolved.
    """
    if actor is not None and not may_edit_organisation(actor, membership.branch.committee):
        raise PermissionDenied(_("只有本党委的党群部专责可以调整党小组。"))
    locked = Membership.objects.select_for_update(of=("self",)).get(pk=membership.pk)
    _refuse_group(group, membership.branch)
    before = locked.group_id
    locked.group = group
    locked.save(update_fields=["group"])
    record(
        code="member.grouped",
        target=locked,
        actor=actor,
        now=now,
        via=via,
        before={"group": before},
        after={"group": group and group.pk},
    )
    return locked


@transaction.atomic
def end_membership(
    *,
    membership: Membership,
    ended_on: dt.date,
    actor: User | None,
    now: dt.datetime,
    via: str = "web",
) -> Membership:
    """Let a member go; ``ended_on`` is his last day.

    Raises PermissionDenied; TransitionRefused when he is gone already; DomainError for a day
    before he came, or while he holds a post of the branch.
    """
    if actor is not None and not may_edit_organisation(actor, membership.branch.committee):
        raise PermissionDenied(_("只有本党委的党群部专责可以办理组织关系。"))
    locked = Membership.objects.select_for_update(of=("self",)).get(pk=membership.pk)
    if locked.ended_on is not None:
        raise TransitionRefused(_("已于%(day)s转出。") % {"day": locked.ended_on})
    if ended_on < locked.started_on:
        raise DomainError(_("转出日期不能早于转入日期。"), field="ended_on")
    post = (
        Appointment.objects.filter(
            Q(ended_on__isnull=True) | Q(ended_on__gt=ended_on),
            person_id=locked.person_id,
            branch_id=locked.branch_id,
        )
        .select_related("post")
        .first()
    )
    if post is not None:
        raise DomainError(
            _("%(person)s还任%(post)s，请先办免职。") % {"person": locked.person, "post": post.post}
        )
    locked.ended_on = ended_on
    locked.save(update_fields=["ended_on"])
    record(
        code="member.ended",
        target=locked,
        actor=actor,
        now=now,
        via=via,
        after={"ended_on": ended_on},
    )
    return locked


def _refuse_person(name: str, staff_no: str | None, user: User | None, *, exclude: int = 0) -> None:
    if not name.strip():
        raise DomainError(_("请填姓名。"), field="name")
    others = Person.objects.exclude(pk=exclude)
    if staff_no and (other := others.filter(staff_no=staff_no).first()):
        raise DomainError(
            _("工号%(no)s已是%(name)s的。") % {"no": staff_no, "name": other}, field="staff_no"
        )
    if user is not None and (other := others.filter(user=user).first()):
        raise DomainError(_("这个账号已是%(name)s的。") % {"name": other}, field="user")


def _refuse_group(group: PartyGroup | None, branch: Branch) -> None:
    if group is None:
        return
    if group.branch_id != branch.pk:
        raise DomainError(_("“%(group)s”不是本支部的党小组。") % {"group": group}, field="group")
    if group.ended_on is not None:
        raise DomainError(_("“%(group)s”已撤销。") % {"group": group}, field="group")
