"""What the upper floors plug into the lower ones when the portal starts."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from branches.access import access_of
from branches.models import Role, RoleGrant
from evaluations.team_visits import Rows, register_team_visits
from feedback.models import PlaceKind, StaffVisit
from portal.accounts.models import User
from portal.audit.labels import register_labels
from portal.audit.scope import set_scope
from portal.dashboard.audit_labels import AUDIT_LABELS
from portal.kernel import navigation
from portal.notifications.alarms import register_alarm_readers
from portal.notifications.shell import register_standing, sweep_alarm, unread_of

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser


def visits_to_teams(people: QuerySet[Any, Any], first: dt.date, last: dt.date) -> Rows:
    """深入班组一线: visits on site to teams and stations, per person. For the appraisal, which
    stands on the same floor as the visits and may not ask them."""
    rows: Rows = (
        StaffVisit.objects.filter(
            led_by_id__in=people,
            visited_on__range=(first, last),
            place__kind__in=(PlaceKind.TEAM, PlaceKind.STATION),
        )
        .order_by()
        .values_list("led_by_id")
        .annotate(n=Count("pk"))
    )
    return rows


def plug_in() -> None:
    """Called once by ``DashboardConfig.ready``."""
    register_labels(AUDIT_LABELS)
    register_team_visits("staff_visits", visits_to_teams)
    set_scope(audit_scope)
    register_alarm_readers(system_admins)
    register_standing(lambda user: access_of(user).standing)
    navigation.register_inbox(navigation.Inbox("notifications:inbox", unread_of))
    navigation.register_alarm("sweep", sweep_alarm)
    navigation.register(
        navigation.NavEntry(
            key="machinery",
            label=_("后台运行"),
            icon="server",
            url_name="notifications:machinery",
            allowed=lambda user: access_of(user).is_system_admin,
            order=20,
        )
    )
    navigation.register(
        navigation.NavEntry(
            key="workdays",
            label=_("工作日历"),
            icon="calendar",
            url_name="workdays:calendar",
            allowed=lambda user: access_of(user).is_system_admin,
            order=30,
        )
    )
    navigation.register(
        navigation.NavEntry(
            key="audit",
            label=_("审计记录"),
            icon="history",
            url_name="audit:list",
            allowed=may_read_audit,
            order=20,
        )
    )


def system_admins(today: dt.date) -> list[User]:
    """Who is told when the machinery has trouble."""
    in_force = Q(started_on__lte=today) & (Q(ended_on__isnull=True) | Q(ended_on__gte=today))
    granted = RoleGrant.objects.filter(in_force, role=Role.SYSTEM_ADMIN)
    return list(
        User.objects.filter(is_active=True, pk__in=granted.values("user_id")).order_by("pk")
    )


def may_read_audit(user: User | AnonymousUser) -> bool:
    access = access_of(user)
    return access.is_auditor or access.is_security_admin


def audit_scope(user: User | AnonymousUser) -> Q:
    """The auditor reads everything; the security administrator what concerns accounts, roles
    and posts, because granting them is his own work; nobody else anything."""
    access = access_of(user)
    if access.is_auditor:
        return Q()
    if access.is_security_admin:
        return (
            Q(code__startswith="grant.")
            | Q(code__startswith="account.")
            | Q(code__startswith="appointment.")
        )
    return Q(pk__in=())
