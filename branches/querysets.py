"""Named sets of organisations and records. Visibility is written here, once."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models import Count, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from branches.access import access_of
from portal.kernel.months import Month

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from portal.accounts.models import User


class BranchQuerySet(models.QuerySet[Any]):
    """Sets of branches."""

    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Branches whose name and published standing the user may see: his own committee's,
        and those under the committees he oversees. Names are no secret inside a committee."""
        access = access_of(user)
        return self.filter(
            Q(committee_id__in=access.overseen_committees | access.home_committees)
            | Q(pk__in=access.own_branches | access.captain_branches)
        )

    def overseen_by(self, user: User | AnonymousUser) -> Self:
        """Branches whose inside (records, sheets, findings) the user may see: those he holds
        a post in with those below, and all of the committees he oversees."""
        access = access_of(user)
        return self.filter(
            Q(committee_id__in=access.overseen_committees) | Q(pk__in=access.seen_branches)
        )

    def recorded_by(self, user: User | AnonymousUser) -> Self:
        """Branches the user keeps the records of (secretary, deputy)."""
        return self.filter(pk__in=access_of(user).recording_branches)

    def active_on(self, day: dt.date) -> Self:
        return self.filter(
            Q(founded_on__isnull=True) | Q(founded_on__lte=day),
            Q(closed_on__isnull=True) | Q(closed_on__gte=day),
        )

    def classified(self, month: Month) -> Self:
        """Annotate tier, type and exemption in force in ``month``; leaves out branches that
        had none yet."""
        from branches.models import BranchClassification

        latest = BranchClassification.objects.filter(
            branch=OuterRef("pk"), first_month__lte=month.first_day
        ).order_by("-first_month")
        return self.annotate(
            tier=Subquery(latest.values("tier")[:1]),
            branch_type=Subquery(latest.values("branch_type")[:1]),
            is_exempt=Subquery(latest.values("is_exempt")[:1]),
        ).filter(tier__isnull=False)


class ActivityQuerySet(models.QuerySet[Any]):
    """Sets of activity records."""

    def visible_to(self, user: User | AnonymousUser) -> Self:
        access = access_of(user)
        return self.filter(
            Q(branch__committee_id__in=access.overseen_committees)
            | Q(branch_id__in=access.seen_branches)
        )

    def in_month(self, month: Month) -> Self:
        return self.filter(held_on__range=(month.first_day, month.last_day))


class BranchRowsQuerySet(models.QuerySet[Any]):
    """Rows that belong to a branch (registers): for those who see its inside."""

    def visible_to(self, user: User | AnonymousUser) -> Self:
        access = access_of(user)
        return self.filter(
            Q(branch__committee_id__in=access.overseen_committees)
            | Q(branch_id__in=access.seen_branches)
        )


class RowImportQuerySet(models.QuerySet[Any]):
    """Sets of imports."""

    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Imports whose rows the user may write: rosters are the officers' business, dues and
        records the secretary's. For all others they do not exist."""
        access = access_of(user)
        return self.filter(
            Q(kind="roster", branch__committee_id__in=access.officer_committees)
            | Q(~Q(kind="roster"), branch_id__in=access.recording_branches)
        )

    def with_counts(self) -> Self:
        """``good`` and ``bad``: how many rows can and can't be brought in."""
        rows = self.model._meta.get_field("rows").related_model.objects.order_by()

        def count(**which: Any) -> Coalesce:
            found = rows.filter(row_import=OuterRef("pk"), **which).values("row_import")
            return Coalesce(Subquery(found.annotate(n=Count("pk")).values("n")), 0)

        return self.annotate(good=count(is_good=True), bad=count(is_good=False))

    def left_behind(self, before: dt.datetime) -> Self:
        """The machine's turn, and nobody at it since ``before``: a lost message, a dead worker,
        or one whose time was up."""
        return self.filter(
            Q(touched_at__isnull=True) | Q(touched_at__lt=before),
            stage__in=("reading", "trying", "writing"),
        )
