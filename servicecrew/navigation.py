"""What this app adds to the side bar and to the daily digest, and whose pictures it keeps."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from branches.access import access_of
from branches.models import Role, RoleGrant
from portal.attachments.owners import register_owner
from portal.audit.labels import register_labels
from portal.kernel import navigation
from portal.notifications.todo import TodoItem, register_todo
from servicecrew.access import crews_of, plug_in_facts
from servicecrew.audit_labels import AUDIT_LABELS
from servicecrew.models import CrewMember, Operation, Turnout

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from portal.accounts.models import User

LATE_AFTER = dt.timedelta(days=3)
MOST = 10


def works_in_crew(user: User | AnonymousUser) -> bool:
    """The crew is his work in the portal. A secretary, officer or leader on a roster has other
    work here: his crew is one entry among the six."""
    access = access_of(user)
    other = access.is_secretary or access.is_officer or access.is_leader
    return bool(crews_of(user).serves) and not other


def enters_from_outside(user: User | AnonymousUser) -> bool:
    """Serves in a crew, and the three buttons are not his home page."""
    return bool(crews_of(user).serves) and not (works_in_crew(user) and crews_of(user).leads)


ENTRIES = (
    navigation.NavEntry(
        key="crew",
        label=gettext_lazy("出队"),
        icon="truck",
        url_name="servicecrew:home",
        allowed=enters_from_outside,
        order=20,
        covers=lambda user: ("servicecrew:turnouts", "servicecrew:crews"),
    ),
    navigation.NavEntry(
        key="turnouts",
        label=gettext_lazy("出队记录"),
        icon="list-details",
        url_name="servicecrew:turnouts",
        allowed=works_in_crew,
        order=21,
    ),
    navigation.NavEntry(
        key="crews",
        label=gettext_lazy("队员"),
        icon="users",
        url_name="servicecrew:crews",
        allowed=works_in_crew,
        order=22,
    ),
    navigation.NavEntry(
        key="crew-operations",
        label=gettext_lazy("行动"),
        icon="bolt",
        url_name="servicecrew:operations",
        allowed=works_in_crew,
        order=23,
    ),
    navigation.NavEntry(
        key="operations",
        label=gettext_lazy("保供电行动"),
        icon="bolt",
        url_name="servicecrew:operations",
        allowed=lambda user: bool(access_of(user).overseen_committees),
        order=45,
    ),
)


def plug_in() -> None:
    """Called once by ``ServicecrewConfig.ready``."""
    register_labels(AUDIT_LABELS)
    plug_in_facts()
    for entry in ENTRIES:
        navigation.register(entry)
    register_todo("turnouts", turnouts_to_do)
    register_owner(Turnout, lambda user, key: sees(Turnout, user, key))
    register_owner(Operation, lambda user, key: sees(Operation, user, key))


def sees(model: type[Turnout | Operation], user: User | AnonymousUser, key: str) -> bool:
    """Pictures are for whoever sees the record they belong to."""
    visible: Any = model.objects.visible_to(user)
    return bool(visible.filter(pk=key).exists())


def turnouts_to_do(users: Sequence[User], today: dt.date) -> Mapping[int, Sequence[TodoItem]]:
    """Captains: turnouts to complete and confirm. Officers: turnouts to verify. Four queries for
    any number of users."""
    keys = [user.pk for user in users]
    found: dict[int, list[TodoItem]] = {}
    in_force = Q(started_on__lte=today) & (Q(ended_on__isnull=True) | Q(ended_on__gte=today))
    leads: dict[int, set[int]] = {}
    for crew, user in CrewMember.objects.filter(
        in_force, role__in=("captain", "deputy_captain"), person__user__in=keys
    ).values_list("crew_id", "person__user_id"):
        if user is not None:
            leads.setdefault(crew, set()).add(user)
    for turnout in Turnout.objects.filter(
        crew__in=leads, status__in=("draft", "logged"), started_on__lt=today
    ).order_by("started_on", "pk"):
        due = turnout.started_on + LATE_AFTER
        item = TodoItem(
            title=_("补齐并确认出队：%(subject)s") % {"subject": turnout.subject},
            due_on=due,
            link=reverse("servicecrew:turnout", args=[turnout.uuid]),
            state="late" if due < today else "soon",
        )
        for user in leads[turnout.crew_id]:
            if len(found.setdefault(user, [])) < MOST:
                found[user].append(item)
    officers: dict[int, set[int]] = {}
    for committee, user in RoleGrant.objects.filter(
        in_force, role=Role.PARTY_AFFAIRS_OFFICER, user__in=keys
    ).values_list("committee_id", "user_id"):
        if committee is not None:
            officers.setdefault(committee, set()).add(user)
    waiting: dict[int, int] = {}
    for committee in Turnout.objects.filter(
        committee__in=officers, status="captain_confirmed"
    ).values_list("committee_id", flat=True):
        waiting[committee] = waiting.get(committee, 0) + 1
    for committee, count in waiting.items():
        item = TodoItem(
            title=_("核定 %(count)d 次出队") % {"count": count},
            link=f"{reverse('servicecrew:turnouts')}?status=captain_confirmed",
            state="doing",
        )
        for user in officers[committee]:
            found.setdefault(user, []).append(item)
    return found
