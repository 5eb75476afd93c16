"""What this app adds to the side bar and to the daily digest."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from branches.access import access_of
from branches.duty_cells import action_address
from branches.duty_facts import DutyState
from branches.duty_matrix import duty_matrix
from branches.models import Activity, Appointment, Branch
from branches.rosters import in_force
from portal.attachments.owners import register_owner
from portal.kernel import navigation
from portal.kernel.months import Month
from portal.notifications.todo import TodoItem, register_todo

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from portal.accounts.models import User

STATES = {DutyState.OVERDUE: "late", DutyState.DUE_SOON: "soon"}


def plug_in() -> None:
    """Called once by ``BranchesConfig.ready``."""
    navigation.register(
        navigation.NavEntry(
            key="records",
            label=gettext_lazy("记录"),
            icon="notes",
            url_name="branches:own-records",
            allowed=lambda user: access_of(user).is_secretary,
            order=20,
        )
    )
    navigation.register(
        navigation.NavEntry(
            key="organisation",
            label=gettext_lazy("组织"),
            icon="sitemap",
            url_name="branches:list",
            allowed=lambda user: (
                not access_of(user).is_security_admin and not access_of(user).is_auditor
            ),
            order=70,
        )
    )
    navigation.register(
        navigation.NavEntry(
            key="accounts",
            label=gettext_lazy("账号"),
            icon="users",
            url_name="branches:account-list",
            allowed=lambda user: access_of(user).is_system_admin,
            order=15,
        )
    )
    navigation.register(
        navigation.NavEntry(
            key="grants",
            label=gettext_lazy("授权"),
            icon="key",
            url_name="branches:grant-list",
            allowed=lambda user: access_of(user).is_security_admin,
            order=15,
        )
    )
    register_todo("duties", duties_to_do)
    register_owner(Activity, may_open_materials)


def may_open_materials(user: User | AnonymousUser, activity_id: str) -> bool:
    """Whoever sees the record sees what was put beside it."""
    return bool(Activity.objects.visible_to(user).filter(pk=activity_id).exists())


def duties_to_do(users: Sequence[User], today: dt.date) -> Mapping[int, Sequence[TodoItem]]:
    """Overdue and soon-due duties of every branch that one of ``users`` keeps the records of.
    Two queries for any number of users."""
    keeps: dict[int, set[int]] = {}
    for branch_id, user_id in Appointment.objects.filter(
        in_force(today),
        branch__isnull=False,
        post__in=("secretary", "deputy_secretary"),
        person__user__in=[user.pk for user in users],
    ).values_list("branch_id", "person__user_id"):
        if branch_id is not None and user_id is not None:
            keeps.setdefault(branch_id, set()).add(user_id)
    matrix = duty_matrix(
        branches=Branch.objects.filter(pk__in=keeps), month=Month.of(today), today=today
    )
    found: dict[int, list[TodoItem]] = {}
    for row in matrix.rows:
        for cell in row.left:
            if cell.state not in STATES:
                continue
            item = TodoItem(
                title=_("%(branch)s：%(duty)s") % {"branch": row.name, "duty": cell.title},
                due_on=cell.due_on,
                link=action_address(cell, row.branch_id),
                state=STATES[cell.state],
            )
            for user_id in keeps[row.branch_id]:
                found.setdefault(user_id, []).append(item)
    return found
