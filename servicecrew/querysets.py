"""Named sets of crews, operations and turnouts. Visibility is written here, once."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models import CharField, Exists, IntegerField, OuterRef, Q, Value
from django.db.models.functions import Coalesce, NullIf

from branches.access import access_of
from servicecrew.access import crews_of
from servicecrew.lifecycles import OPEN

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from portal.accounts.models import User


class CrewQuerySet(models.QuerySet[Any]):
    """Sets of crews."""

    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Crews of the user's own committee and of those he oversees, and those he serves in.
        That a crew exists is no secret inside a committee."""
        access = access_of(user)
        return self.filter(
            Q(committee_id__in=access.overseen_committees | access.home_committees)
            | Q(pk__in=crews_of(user).serves)
            | Q(branch_id__in=access.own_branches)
        )

    def active_on(self, day: dt.date) -> Self:
        return self.filter(
            Q(founded_on__isnull=True) | Q(founded_on__lte=day),
            Q(closed_on__isnull=True) | Q(closed_on__gte=day),
        )

    def led_by(self, user: User | AnonymousUser) -> Self:
        """Crews whose turnouts the user writes down and confirms."""
        return self.filter(pk__in=crews_of(user).leads)

    def served_by(self, user: User | AnonymousUser) -> Self:
        return self.filter(pk__in=crews_of(user).serves)


class OperationQuerySet(models.QuerySet[Any]):
    """Sets of operations."""

    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Operations of the user's own committee, of those he oversees, and of the committee
        above his crews' (a county's crew goes out in the city's operation)."""
        from servicecrew.models import Crew

        access = access_of(user)
        serves = crews_of(user).serves
        committees = access.overseen_committees | access.home_committees
        wanted = Q(committee_id__in=committees)
        if serves:
            above = Crew.objects.filter(pk__in=serves)
            wanted |= Q(committee_id__in=above.values("committee_id"))
            wanted |= Q(committee_id__in=above.values("committee__parent_id"))
        return self.filter(wanted)

    def open(self) -> Self:
        return self.filter(ended_on__isnull=True)


class TurnoutQuerySet(models.QuerySet[Any]):
    """Sets of turnouts."""

    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Turnouts of committees the user oversees, of crews he serves in, of crews of the
        branches he holds a post in, and those he was out on himself."""
        from servicecrew.models import TurnoutCrew, TurnoutPerson

        access = access_of(user)
        serves = crews_of(user).serves
        wanted: Any = Q(committee_id__in=access.overseen_committees)
        if serves:
            wanted = wanted | Exists(
                TurnoutCrew.objects.filter(turnout=OuterRef("pk"), crew_id__in=serves)
            )
        if access.post_branches:
            wanted = wanted | Exists(
                TurnoutCrew.objects.filter(
                    turnout=OuterRef("pk"), crew__branch_id__in=access.post_branches
                )
            )
        if access.person_id is not None and not access.overseen_committees:
            wanted = wanted | Exists(
                TurnoutPerson.objects.filter(
                    turnout=OuterRef("pk"), person_id=access.person_id
                ).exclude(turnout__status="draft")
            )
        return self.filter(wanted)

    def live(self) -> Self:
        """Everything but what was voided."""
        return self.exclude(status="void")

    def under_way(self) -> Self:
        """Out now: left, and neither restored nor back. The index ``turnouts_under_way`` holds
        just these."""
        return self.filter(
            departed_at__isnull=False,
            restored_at__isnull=True,
            left_at__isnull=True,
            status__in=OPEN,
        )


class DeedQuerySet(models.QuerySet[Any]):
    """Sets of what was done for a programme."""

    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Everybody's own committee's and the overseen ones'; of a restricted programme only
        overseers' and, for their branch, secretaries' and discipline members'."""
        access = access_of(user)
        wanted = Q(committee_id__in=access.overseen_committees) | Q(
            branch_id__in=access.post_branches
        )
        return self.filter(
            wanted
            | (Q(committee_id__in=access.home_committees) & Q(programme__is_restricted=False))
        )

    def told(self) -> Self:
        """Annotate day, words and people, wherever they were entered."""
        people = Coalesce(
            "people",
            "activity__present_count",
            "turnout__users_served",
            Value(0),
            output_field=IntegerField(),
        )
        return self.annotate(
            day=Coalesce("held_on", "activity__held_on", "turnout__started_on"),
            words=Coalesce(
                NullIf("title", Value("")),
                "activity__subject",
                "turnout__subject",
                output_field=CharField(),
            ),
            reach=people,
        )


class BranchRowQuerySet(models.QuerySet[Any]):
    """Rows of a branch that name people: visits, mentor pairs, what members took on."""

    def visible_to(self, user: User | AnonymousUser) -> Self:
        """For overseers and for post-holders of the branch."""
        access = access_of(user)
        return self.filter(
            Q(branch__committee_id__in=access.overseen_committees)
            | Q(branch_id__in=access.post_branches)
        )


class DatedQuerySet(BranchRowQuerySet):
    """Mentor pairs, what members took on."""

    def running(self, today: dt.date) -> Self:
        return self.filter(Q(ended_on__isnull=True) | Q(ended_on__gte=today))


class RetiredQuerySet(BranchRowQuerySet):
    """Retired comrades."""

    def on_roster(self, today: dt.date) -> Self:
        return self.filter(Q(left_on__isnull=True) | Q(left_on__gte=today))
