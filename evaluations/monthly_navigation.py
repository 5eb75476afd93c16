"""What the monthly work adds to the side bar: the round, visits, ranking, bulletins."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from branches.access import access_of
from evaluations.models import Inspection, TeamMember
from portal.kernel import navigation
from portal.notifications.shell import counter, register_count

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from portal.accounts.models import User

SEATS = "seats"


def plug_in() -> None:
    """Called once by ``EvaluationsConfig.ready``."""
    register_count("sheets", sheets_to_act_on)
    register_count(SEATS, seats_of)
    navigation.register(
        navigation.NavEntry(
            key="rounds",
            label=_("月度闭环"),
            icon="route",
            url_name="evaluations:rounds",
            allowed=lambda user: bool(access_of(user).overseen_committees),
            order=25,
        )
    )
    navigation.register(
        navigation.NavEntry(
            key="sheets",
            label=_("互查"),
            icon="clipboard-check",
            url_name="evaluations:sheets",
            allowed=inspects,
            order=30,
            counter=counter("sheets"),
        )
    )
    navigation.register(
        navigation.NavEntry(
            key="rankings",
            label=_("排名"),
            icon="chart-dots",
            url_name="evaluations:rankings",
            allowed=works_in_a_committee,
            order=40,
        )
    )
    navigation.register(
        navigation.NavEntry(
            key="appraisals",
            label=_("书记评价"),
            icon="id-badge",
            url_name="evaluations:appraisal-index",
            allowed=lambda user: bool(
                access_of(user).overseen_committees or access_of(user).secretary_branches
            ),
            order=66,
        )
    )
    navigation.register(
        navigation.NavEntry(
            key="bulletins",
            label=_("通报"),
            icon="news",
            url_name="evaluations:bulletins",
            allowed=lambda user: (
                works_in_a_committee(user) and not access_of(user).overseen_committees
            ),
            order=65,
        )
    )


def works_in_a_committee(user: User) -> bool:
    access = access_of(user)
    return bool(access.home_committees or access.overseen_committees) and not access.is_admin


def seats_of(user: User) -> QuerySet[Any]:
    """The user's seats in inspection teams, of any month."""
    # An account without a person sits nowhere: 0 matches nobody.
    return TeamMember.objects.filter(person_id=access_of(user).person_id or 0)


def has_a_seat(user: User) -> bool:
    return counter(SEATS)(user) > 0


def inspects(user: User) -> bool:
    """Secretaries confirm and are sent out; others only when a team lists them."""
    access = access_of(user)
    if access.overseen_committees or access.person_id is None:
        return False
    return access.is_secretary or has_a_seat(user)


def sheets_to_act_on(user: User) -> QuerySet[Any, Any]:
    """Visits still to make, and sheets waiting for the user's word."""
    access = access_of(user)
    to_make = Inspection.objects.filter(
        Q(round__status__in=("open", "inspecting"))
        | Q(round__status="provisional", replaces__isnull=False),
        team__members__person_id=access.person_id or 0,
        status__in=("planned", "under_way"),
    ).order_by()
    to_confirm = Inspection.objects.filter(
        inspected_branch_id__in=access.recording_branches, status="submitted"
    ).order_by()
    return to_make.values("pk").union(to_confirm.values("pk"))
