"""Named sets of requests, promises, sessions and orders, with their visibility."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, Self

from django.apps import apps
from django.db import models
from django.db.models import Q
from django.utils import timezone

from branches.access import access_of
from feedback.access import departments_of, listening_committees
from feedback.lifecycles import IN_HAND_STATUSES, OPEN_STATUSES
from portal.kernel.months import local_date

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from portal.accounts.models import User

HANDLED = ("assigned", "replied", "reopened", "appealed", "closed", "merged")


def _running() -> Q:
    pauses = apps.get_model("feedback", "Pause")._default_manager
    standing = pauses.filter(request=models.OuterRef("pk"), ended_on__isnull=True)
    return Q(~models.Exists(standing))


def late_on(today: dt.date) -> Q:
    """The condition behind ``overdue``, for counts of several things in one pass."""
    late = (
        Q(status="submitted", accept_due_on__lt=today)
        | Q(status="accepted", assign_due_on__lt=today)
        | Q(status__in=IN_HAND_STATUSES, reply_due_on__lt=today)
    )
    return late & _running()


class RequestQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        """The author's own; for the office all of its committees that are not sealed, anonymous
        ones from the day of their batch; for handlers what is assigned to their departments;
        sealed ones for the discipline office alone (and their author)."""
        if not user.is_authenticated:
            return self.none()
        return self.filter(
            self._by(user) | self._for_office(user) | self._for_handlers(user) | self._sealed(user)
        )

    def handled_for(self, user: User | AnonymousUser) -> Self:
        """What the user sees because of an office or a department, not as author."""
        return self.filter(self._for_office(user) | self._for_handlers(user) | self._sealed(user))

    def authored_by(self, user: User | AnonymousUser) -> Self:
        if not user.is_authenticated:
            return self.none()
        return self.filter(pk__in=self._authored(user.pk))

    def in_office_of(self, user: User | AnonymousUser) -> Self:
        """The ledger of the office: its committees' requests, none sealed."""
        return self.filter(self._for_office(user))

    def in_hands_of(self, user: User | AnonymousUser) -> Self:
        """What the user's departments answer for or help with."""
        return self.filter(self._for_handlers(user))

    def sealed_for(self, user: User | AnonymousUser) -> Self:
        return self.filter(self._sealed(user))

    def _by(self, user: User | AnonymousUser) -> Q:
        # Who wrote it down for somebody else has done his part when it is sealed.
        return Q(pk__in=self._authored(user.pk)) | Q(recorded_by_id=user.pk, is_sealed=False)

    def _authored(self, user_id: int | None) -> models.QuerySet[Any, Any]:
        found: models.QuerySet[Any, Any] = self.model._default_manager.filter(
            authorship__user_id=user_id or 0
        ).values("pk")
        return found

    def _for_office(self, user: User | AnonymousUser) -> Q:
        today = local_date(timezone.now())
        return Q(
            committee_id__in=listening_committees(user), is_sealed=False, released_on__lte=today
        )

    def _for_handlers(self, user: User | AnonymousUser) -> Q:
        mine = departments_of(user)
        if not mine:
            return Q(pk__in=())
        helped = self.model.helpers.through._default_manager.filter(department_id__in=mine).values(
            "staffrequest_id"
        )
        return Q(is_sealed=False, status__in=HANDLED) & (
            Q(department_id__in=mine) | Q(pk__in=helped)
        )

    def _sealed(self, user: User | AnonymousUser) -> Q:
        return Q(
            is_sealed=True,
            committee_id__in=access_of(user).discipline_committees,
            released_on__lte=local_date(timezone.now()),
        )

    def with_clock(self) -> Self:
        """Annotate ``is_paused`` and ``has_open_promise``, which the standing asks."""
        pauses = apps.get_model("feedback", "Pause")._default_manager
        promises = apps.get_model("feedback", "Promise")._default_manager
        return self.annotate(
            is_paused=models.Exists(
                pauses.filter(request=models.OuterRef("pk"), ended_on__isnull=True)
            ),
            has_open_promise=models.Exists(
                promises.filter(
                    request=models.OuterRef("pk"), status__in=("promised", "ordered", "delivered")
                )
            ),
        )

    def open(self) -> Self:
        return self.filter(status__in=OPEN_STATUSES)

    def in_hand(self) -> Self:
        """A department owes an answer."""
        return self.filter(status__in=IN_HAND_STATUSES)

    def running(self) -> Self:
        """Whose clock is not standing still."""
        return self.filter(_running())

    def overdue(self, today: dt.date) -> Self:
        """Past the clock of the step they wait for. A paused clock is never overdue."""
        return self.filter(late_on(today))

    def published(self) -> Self:
        return self.filter(publication__isnull=False, is_sealed=False)


class PromiseQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        from feedback.models import StaffRequest

        return self.filter(request__in=StaffRequest.objects.visible_to(user))

    def open(self) -> Self:
        return self.filter(status__in=("promised", "ordered", "delivered"))

    def overdue(self, today: dt.date) -> Self:
        """Promised for a day that has passed, and not delivered."""
        return self.filter(status__in=("promised", "ordered"), due_on__lt=today)

    def unconfirmed(self) -> Self:
        return self.filter(status="delivered")


class SessionQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Announced ones for everybody of the committee; all for its office."""
        access = access_of(user)
        office = listening_committees(user)
        return self.filter(
            Q(committee_id__in=office)
            | Q(committee_id__in=access.home_committees)
            & Q(status__in=("announced", "held", "published", "cancelled"))
        )

    def coming(self, today: dt.date) -> Self:
        return self.filter(held_on__gte=today, status__in=("planned", "announced"))


class SupervisionQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        from feedback.models import StaffRequest

        return self.filter(request__in=StaffRequest.objects.handled_for(user))

    def open(self) -> Self:
        return self.filter(status__in=("open", "reported"))

    def overdue(self, today: dt.date) -> Self:
        return self.filter(status="open", due_on__lt=today)
