"""Homes by role, in the order in which they win for somebody with several roles:
secretary 20, officer 30, leader 40 (registered by their own modules), administrators 60,
staff 90."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect

from branches.access import access_of
from portal.accounts.requests import signed_in
from portal.dashboard import homes
from portal.dashboard.secretary import secretary_home
from portal.dashboard.staff import staff_home
from portal.kernel import navigation


def plug_in_homes() -> None:
    """Called once by ``DashboardConfig.ready``."""
    navigation.register_search("dashboard:search")
    homes.register("secretary", suits=lambda a: a.is_secretary, view=secretary_home, order=20)
    homes.register("admin", suits=lambda a: a.is_admin, view=admin_home, order=60)
    homes.register("staff", suits=lambda a: a.person_id is not None, view=staff_home, order=90)


def admin_home(request: HttpRequest) -> HttpResponseBase:
    """Each administrator lands on his own third and sees nothing of the others'."""
    access = access_of(signed_in(request))
    if access.is_security_admin:
        return redirect("branches:grant-list")
    if access.is_auditor:
        return redirect("audit:list")
    return redirect("notifications:machinery")
