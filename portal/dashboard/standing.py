"""How the top bar names a user: the office held, and the place it belongs to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from branches.access import access_of
from portal.kernel.navigation import Standing

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from portal.accounts.models import User


def standing_of(user: User | AnonymousUser) -> Standing:
    """The office that the user's home is about; asks nothing beyond his access."""
    access = access_of(user)
    if access.is_officer:
        return Standing(office=_("党群部"), place=_("党建管理门户"))
    if access.is_leader:
        return Standing(office=_("党委领导"), place=_("党建管理门户"))
    if access.is_secretary:
        mine = access.secretary_branches or access.deputy_branches
        name = access.branch_names[min(mine)]
        post = _("书记") if access.secretary_branches else _("副书记")
        return Standing(office=f"{name}{post}", place=name)
    if access.captain_branches:
        name = access.branch_names[min(access.captain_branches)]
        return Standing(office=_("服务队队长"), place=name)
    if access.is_system_admin:
        return Standing(office=_("系统管理员"))
    if access.is_security_admin:
        return Standing(office=_("安全管理员"))
    if access.is_auditor:
        return Standing(office=_("审计管理员"))
    if access.own_branches:
        name = access.branch_names[min(access.own_branches)]
        return Standing(office=name, place=name)
    return Standing()
