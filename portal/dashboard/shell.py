"""What the dashboard adds to the shell around every page."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from branches.access import access_of
from portal.accounts import sessions
from portal.accounts.models import User
from portal.dashboard.homes import pages_at_home
from portal.dashboard.standing import standing_of
from portal.kernel import navigation


def plug_in_shell() -> None:
    """Called once by ``DashboardConfig.ready``."""
    navigation.register(
        navigation.NavEntry(
            key="home",
            label=_("首页"),
            icon="home",
            url_name="dashboard:home",
            order=10,
            covers=pages_at_home,
        )
    )
    navigation.register_standing(standing_of)
    sessions.register_privileged(sees_more_than_own)


def sees_more_than_own(user: User) -> bool:
    """Officers, leaders and administrators: their screens are left unattended for less long."""
    access = access_of(user)
    return access.is_officer or access.is_leader or access.is_admin
