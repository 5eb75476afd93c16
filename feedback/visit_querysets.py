"""Named sets of visits, places and links, with their visibility."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models import Count, IntegerField, Max, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce

from branches.access import access_of
from feedback.access import listening_committees

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from portal.accounts.models import User


class VisitQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        """All of the committee for its office and leaders; one's own; those to places of a branch
        in which one holds a post. What is private in them is asked apart."""
        if not user.is_authenticated:
            return self.none()
        access = access_of(user)
        return self.filter(
            Q(committee_id__in=listening_committees(user))
            | Q(led_by_id=access.person_id or 0)
            | Q(recorded_by_id=user.pk)
            | Q(place__branch_id__in=access.post_branches)
        )

    def between(self, first: dt.date, last: dt.date) -> Self:
        return self.filter(visited_on__gte=first, visited_on__lte=last)


class PlaceQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Places of the committees that the user works in or for."""
        if not user.is_authenticated:
            return self.none()
        return self.filter(
            committee_id__in=listening_committees(user) | access_of(user).home_committees
        )

    def with_visits(self, today: dt.date) -> Self:
        """Annotate ``last_on``, ``in_year`` and ``in_month``: the last visit up to today, and how
        many there were in the last 365 and 30 days."""
        past = Q(visits__visited_on__lte=today)

        def since(days: int) -> Count:
            first = today - dt.timedelta(days=days - 1)
            return Count("visits", filter=past & Q(visits__visited_on__gte=first))

        return self.annotate(
            last_on=Max("visits__visited_on", filter=past),
            in_year=since(365),
            in_month=since(30),
        )


class LinkQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        """All of the committee for its office; one's own."""
        if not user.is_authenticated:
            return self.none()
        return self.filter(
            Q(committee_id__in=listening_committees(user))
            | Q(leader_id=access_of(user).person_id or 0)
        )

    def in_force(self, today: dt.date) -> Self:
        return self.filter(Q(ended_on__isnull=True) | Q(ended_on__gte=today), started_on__lte=today)

    def hooked(self) -> Self:
        """三挂: to a branch, a station or team, a project. Whoever is hooked goes there monthly;
        a 三联 has its times a year."""
        return self.filter(kind__in=("branch", "team", "project"))

    def with_made(self, first: dt.date, last: dt.date) -> Self:
        """Annotate ``made``: the leader's visits there between two days, both included. A visit
        to a place of a branch counts for the branch."""
        from feedback.models import StaffVisit

        there = (
            StaffVisit.objects.filter(
                Q(place=OuterRef("place")) | Q(place__branch=OuterRef("branch")),
                led_by=OuterRef("leader"),
                visited_on__range=(first, last),
            )
            .order_by()
            .annotate(one=Value(1))
            .values("one")
            .annotate(n=Count("pk"))
            .values("n")
        )
        return self.annotate(made=Coalesce(Subquery(there), 0, output_field=IntegerField()))
