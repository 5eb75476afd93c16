"""Writing organisations: committees, branches, their dated classification, groups.

Services about people live in ``people`` and ``appointments`` and are named here too, so that
a caller who builds a company imports one module. ``actor=None`` means the machine (the
demo company, a command); everybody else needs the right.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from branches.models import (
    Branch,
    BranchClassification,
    BranchType,
    Committee,
    PartyGroup,
    Tier,
)
from branches.permissions import may_create_committee, may_edit_organisation
from branches.services.appointments import appoint, end_appointment, end_grant, grant_role
from branches.services.people import (
    add_member,
    create_person,
    edit_person,
    end_membership,
    move_to_group,
)
from portal.audit.services import record
from portal.kernel.errors import DomainError, TransitionRefused
from portal.kernel.months import Month

if TYPE_CHECKING:
    from portal.accounts.models import User

__all__ = (
    "add_member",
    "appoint",
    "classify_branch",
    "close_branch",
    "create_branch",
    "create_committee",
    "create_group",
    "create_person",
    "edit_branch",
    "edit_committee",
    "edit_person",
    "end_appointment",
    "end_grant",
    "end_group",
    "end_membership",
    "grant_role",
    "move_to_group",
)

BRANCH_FIELDS = (
    "name",
    "short_name",
    "is_joint",
    "is_temporary",
    "has_party_affairs_office",
    "themed_day_rule",
    "sort_order",
)
COMMITTEE_FIELDS = ("name", "full_name", "county", "issuer_code", "sort_order", "is_active")


@transaction.atomic
def create_committee(
    *,
    name: str,
    full_name: str = "",
    parent: Committee | None,
    county: str = "",
    issuer_code: str,
    sort_order: int = 0,
    actor: User | None,
    now: dt.datetime,
    via: str = "web",
) -> Committee:
    """Found a committee under ``parent`` (None: the topmost).

    Raises PermissionDenied; DomainError for a name in use or a closed parent.
    """
    if actor is not None and not may_create_committee(actor, parent):
        raise PermissionDenied(_("只有系统管理员或上级党委的党群部专责可以新建党委。"))
    if parent is not None and not Committee.objects.select_for_update().get(pk=parent.pk).is_active:
        raise DomainError(_("上级党委已停用。"), field="parent")
    _refuse_committee_name(name)
    committee = Committee.objects.create(
        name=name,
        full_name=full_name,
        parent=parent,
        county=county,
        issuer_code=issuer_code,
        sort_order=sort_order,
    )
    record(
        code="committee.created",
        target=committee,
        actor=actor,
        now=now,
        via=via,
        after={"name": name, "parent": parent and parent.name, "issuer_code": issuer_code},
    )
    return committee


@transaction.atomic
def edit_committee(
    *,
    committee: Committee,
    values: dict[str, object],
    parent: Committee | None,
    actor: User | None,
    now: dt.datetime,
    via: str = "web",
) -> Committee:
    """Change a committee's names or hang it elsewhere in the tree.

    Raises PermissionDenied; DomainError when ``parent`` is the committee itself or below it.
    """
    if actor is not None and not may_create_committee(actor, parent):
        raise PermissionDenied(_("只有系统管理员或上级党委的党群部专责可以修改党委。"))
    # Two moves at once could close a ring between them, so the whole (small) tree is locked.
    rows = {row.pk: row for row in Committee.objects.select_for_update().order_by("pk")}
    locked = rows[committee.pk]
    above = rows[parent.pk] if parent is not None else None  # as locked, not as handed in
    while above is not None:
        if above.pk == locked.pk:
            raise DomainError(
                _("“%(name)s”就在它下面，不能作为它的上级。") % {"name": parent}, field="parent"
            )
        above = rows[above.parent_id] if above.parent_id else None
    if "name" in values:
        _refuse_committee_name(str(values["name"]), exclude=locked.pk)
    before = {name: getattr(locked, name) for name in COMMITTEE_FIELDS if name in values}
    changed = {name: values[name] for name, old in before.items() if old != values[name]}
    was_under = locked.parent_id
    for name, value in changed.items():
        setattr(locked, name, value)
    locked.parent = parent
    locked.save()
    record(
        code="committee.edited",
        target=locked,
        actor=actor,
        now=now,
        via=via,
        before={name: before[name] for name in changed} | {"parent": was_under},
        after=changed | {"parent": parent and parent.pk},
    )
    return locked


@transaction.atomic
def create_branch(
    *,
    committee: Committee,
    name: str,
    short_name: str = "",
    parent: Branch | None = None,
    tier: str,
    branch_type: str,
    first_month: Month,
    is_exempt: bool = False,
    is_joint: bool = False,
    is_temporary: bool = False,
    has_party_affairs_office: bool = False,
    themed_day_rule: str = "",
    sort_order: int = 0,
    founded_on: dt.date | None = None,
    actor: User | None,
    now: dt.datetime,
    via: str = "web",
) -> Branch:
    """Set up a branch with the tier and type it has from ``first_month`` on.

    Raises PermissionDenied; DomainError when the name is in use, ``parent`` is no general
    branch of the same committee, or a general branch is to stand under another.
    """
    if actor is not None and not may_edit_organisation(actor, committee):
        raise PermissionDenied(_("只有本党委的党群部专责可以新建支部。"))
    Committee.objects.select_for_update().get(pk=committee.pk)
    _refuse_unknown(tier, branch_type)
    _refuse_branch_name(committee, name)
    if parent is not None:
        _refuse_parent(parent, committee, tier, first_month)
    branch = Branch.objects.create(
        committee=committee,
        name=name,
        short_name=short_name,
        parent=parent,
        is_joint=is_joint,
        is_temporary=is_temporary,
        has_party_affairs_office=has_party_affairs_office,
        themed_day_rule=themed_day_rule,
        sort_order=sort_order,
        founded_on=founded_on,
    )
    BranchClassification.objects.create(
        branch=branch,
        first_month=first_month.first_day,
        tier=tier,
        branch_type=branch_type,
        is_exempt=is_exempt,
    )
    record(
        code="branch.created",
        target=branch,
        actor=actor,
        now=now,
        via=via,
        after={
            "committee": committee.name,
            "parent": parent and parent.name,
            "tier": tier,
            "branch_type": branch_type,
            "first_month": str(first_month),
            "is_exempt": is_exempt,
        },
    )
    return branch


@transaction.atomic
def edit_branch(
    *,
    branch: Branch,
    values: dict[str, object],
    parent: Branch | None,
    month: Month,
    actor: User | None,
    now: dt.datetime,
    via: str = "web",
) -> Branch:
    """Change names, marks and the general branch above; tier and type go by
    :func:`classify_branch`. ``month`` is the month whose tiers are asked.

    Raises PermissionDenied; DomainError as :func:`create_branch`.
    """
    if actor is not None and not may_edit_organisation(actor, branch.committee):
        raise PermissionDenied(_("只有本党委的党群部专责可以修改支部。"))
    Committee.objects.select_for_update().get(pk=branch.committee_id)
    locked: Branch = Branch.objects.select_for_update(of=("self",)).get(pk=branch.pk)
    if "name" in values:
        _refuse_branch_name(branch.committee, str(values["name"]), exclude=branch.pk)
    if parent is not None:
        if parent.pk == branch.pk:
            raise DomainError(_("支部不能以自己为上级。"), field="parent")
        current = Branch.objects.filter(pk=branch.pk).classified(month).first()
        tier = current.tier if current else Tier.BRANCH
        _refuse_parent(parent, branch.committee, tier, month)
        if Branch.objects.filter(parent=branch).exists():
            raise DomainError(_("本支部下面还有支部，不能再放到别的党总支下。"), field="parent")
    before = {name: getattr(locked, name) for name in BRANCH_FIELDS if name in values}
    changed = {name: values[name] for name, old in before.items() if old != values[name]}
    was_under = locked.parent_id
    for name, value in changed.items():
        setattr(locked, name, value)
    locked.parent = parent
    locked.save()
    if changed or was_under != locked.parent_id:
        record(
            code="branch.edited",
            target=locked,
            actor=actor,
            now=now,
            via=via,
            before={name: before[name] for name in changed} | {"parent": was_under},
            after=changed | {"parent": locked.parent_id},
        )
    return locked


@transaction.atomic
def close_branch(
    *,
    branch: Branch,
    closed_on: dt.date,
    reason: str,
    actor: User | None,
    now: dt.datetime,
    via: str = "web",
) -> Branch:
    """Dissolve a branch from ``closed_on`` on; its history stays.

    Raises PermissionDenied; DomainError while members, posts or branches hang on it;
    TransitionRefused when it is closed already.
    """
    if actor is not None and not may_edit_organisation(actor, branch.committee):
        raise PermissionDenied(_("只有本党委的党群部专责可以撤销支部。"))
    locked: Branch = Branch.objects.select_for_update(of=("self",)).get(pk=branch.pk)
    if locked.closed_on is not None:
        raise TransitionRefused(_("本支部已于%(day)s撤销。") % {"day": locked.closed_on})
    if not reason.strip():
        raise DomainError(_("请写明撤销依据。"), field="reason")
    if locked.founded_on and closed_on < locked.founded_on:
        raise DomainError(_("撤销日期不能早于成立日期。"), field="closed_on")
    left = [
        (locked.sub_branches.filter(closed_on__isnull=True).count(), _("个支部")),
        (locked.memberships.filter(ended_on__isnull=True).count(), _("名党员")),
        (locked.appointments.filter(ended_on__isnull=True).count(), _("个在任职务")),
    ]
    kept = "、".join(f"{count}{what}" for count, what in left if count)
    if kept:
        raise DomainError(_("还有%(kept)s，请先办转出或免职。") % {"kept": kept})
    locked.closed_on = closed_on
    locked.save(update_fields=["closed_on"])
    record(
        code="branch.closed",
        target=locked,
        actor=actor,
        now=now,
        via=via,
        reason=reason,
        after={"closed_on": closed_on},
    )
    return locked


@transaction.atomic
def classify_branch(
    *,
    branch: Branch,
    first_month: Month,
    tier: str,
    branch_type: str,
    is_exempt: bool,
    note: str = "",
    actor: User | None,
    now: dt.datetime,
    via: str = "web",
) -> BranchClassification:
    """Set tier, type and exemption from ``first_month`` until the next dated row.

    A row of that very month is corrected; earlier months keep what they had (and a round
    that is open already keeps the copy it took).
    Raises PermissionDenied; DomainError when nothing would change or the tree forbids it.
    """
    if actor is not None and not may_edit_organisation(actor, branch.committee):
        raise PermissionDenied(_("只有本党委的党群部专责可以调整分级分类。"))
    locked: Branch = Branch.objects.select_for_update(of=("self",)).get(pk=branch.pk)
    _refuse_unknown(tier, branch_type)
    if tier == Tier.BRANCH and locked.sub_branches.filter(closed_on__isnull=True).exists():
        raise DomainError(_("下面还有支部，不能改为党支部。"), field="tier")
    if tier == Tier.GENERAL_BRANCH and locked.parent_id:
        raise DomainError(_("党总支须直属党委，不能在另一个党总支下面。"), field="tier")
    wanted = {"tier": tier, "branch_type": branch_type, "is_exempt": is_exempt}
    in_force = (
        locked.classifications.filter(first_month__lte=first_month.first_day)
        .order_by("-first_month")
        .first()
    )
    before = {name: getattr(in_force, name) for name in wanted} if in_force else {}
    if before == wanted:
        raise DomainError(_("与%(month)s的分级分类相同，没有变化。") % {"month": first_month.label})
    row, _created = BranchClassification.objects.update_or_create(
        branch=locked, first_month=first_month.first_day, defaults={**wanted, "note": note}
    )
    record(
        code="branch.classified",
        target=locked,
        actor=actor,
        now=now,
        via=via,
        reason=note,
        before=before,
        after={**wanted, "first_month": str(first_month)},
    )
    return row


@transaction.atomic
def create_group(
    *,
    branch: Branch,
    name: str,
    started_on: dt.date,
    actor: User | None,
    now: dt.datetime,
    via: str = "web",
) -> PartyGroup:
    """Set up a Party group in a branch. Raises PermissionDenied; DomainError (name in use)."""
    if actor is not None and not may_edit_organisation(actor, branch.committee):
        raise PermissionDenied(_("只有本党委的党群部专责可以新建党小组。"))
    Branch.objects.select_for_update(of=("self",)).get(pk=branch.pk)
    if PartyGroup.objects.filter(branch=branch, name=name).exists():
        raise DomainError(_("本支部已有“%(name)s”。") % {"name": name}, field="name")
    group = PartyGroup.objects.create(branch=branch, name=name, started_on=started_on)
    record(
        code="group.created",
        target=group,
        actor=actor,
        now=now,
        via=via,
        after={"branch": branch.name, "started_on": started_on},
    )
    return group


@transaction.atomic
def end_group(
    *,
    group: PartyGroup,
    ended_on: dt.date,
    actor: User | None,
    now: dt.datetime,
    via: str = "web",
) -> PartyGroup:
    """Dissolve a group; its members stay in the branch without one.

    Raises PermissionDenied; TransitionRefused when it is dissolved already; DomainError for
    a day before it began.
    """
    if actor is not None and not may_edit_organisation(actor, group.branch.committee):
        raise PermissionDenied(_("只有本党委的党群部专责可以撤销党小组。"))
    locked = PartyGroup.objects.select_for_update(of=("self",)).get(pk=group.pk)
    if locked.ended_on is not None:
        raise TransitionRefused(_("“%(name)s”已撤销。") % {"name": locked.name})
    if ended_on < locked.started_on:
        raise DomainError(_("撤销日期不能早于成立日期。"), field="ended_on")
    locked.ended_on = ended_on
    locked.save(update_fields=["ended_on"])
    freed = locked.memberships.filter(ended_on__isnull=True).update(group=None)
    record(
        code="group.ended",
        target=locked,
        actor=actor,
        now=now,
        via=via,
        after={"ended_on": ended_on, "members_freed": freed},
    )
    return locked


def _refuse_unknown(tier: str, branch_type: str) -> None:
    if tier not in Tier.values:
        raise DomainError(_("没有这个层级。"), field="tier")
    if branch_type not in BranchType.values:
        raise DomainError(_("没有这个类型。"), field="branch_type")


def _refuse_committee_name(name: str, *, exclude: int = 0) -> None:
    if not name.strip():
        raise DomainError(_("请填名称。"), field="name")
    if Committee.objects.filter(name=name).exclude(pk=exclude).exists():
        raise DomainError(_("已有名为“%(name)s”的党委。") % {"name": name}, field="name")


def _refuse_branch_name(committee: Committee, name: str, *, exclude: int = 0) -> None:
    if not name.strip():
        raise DomainError(_("请填名称。"), field="name")
    if Branch.objects.filter(committee=committee, name=name).exclude(pk=exclude).exists():
        raise DomainError(
            _("%(committee)s已有“%(name)s”。") % {"committee": committee, "name": name},
            field="name",
        )


def _refuse_parent(parent: Branch, committee: Committee, tier: str, month: Month) -> None:
    """``parent`` must be a living general branch of ``committee`` that stands under nobody."""
    if tier == Tier.GENERAL_BRANCH:
        raise DomainError(_("党总支须直属党委，不能在另一个党总支下面。"), field="parent")
    above = (
        Branch.objects.select_for_update(of=("self",))
        .filter(pk=parent.pk)
        .classified(month)
        .first()
    )
    if above is None or above.tier != Tier.GENERAL_BRANCH:
        raise DomainError(
            _("“%(name)s”在%(month)s不是党总支，下面不能再设支部。")
            % {"name": parent, "month": month.label},
            field="parent",
        )
    if above.committee_id != committee.pk:
        raise DomainError(
            _("“%(name)s”不属于%(committee)s。") % {"name": parent, "committee": committee},
            field="parent",
        )
    if above.closed_on is not None:
        raise DomainError(_("“%(name)s”已撤销。") % {"name": parent}, field="parent")
