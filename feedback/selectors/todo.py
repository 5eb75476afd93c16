"""What requests ask of each reader: for the side bar and the digest."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from branches.access import access_of
from feedback.access import departments_of
from feedback.lifecycles import IN_HAND_STATUSES
from feedback.models import Authorship, Promise, StaffRequest, SupervisionOrder
from feedback.recipients import discipline_of, office_of, seats_of, secretaries_of
from feedback.selectors.standing import days_left
from feedback.services.history import short
from portal.kernel.months import local_date
from portal.notifications.todo import TodoItem

if TYPE_CHECKING:
    from portal.accounts.models import User


def rows_to_do(user: User) -> QuerySet[Any, Any]:
    """Requests where it is the turn of the user's office: counted on the side bar."""
    access = access_of(user)
    today = local_date(timezone.now())
    conditions = Q(pk__in=())
    if departments := departments_of(user):
        conditions |= Q(department_id__in=departments, status__in=IN_HAND_STATUSES, is_sealed=False)
    if office := access.officer_committees | access.aide_committees:
        conditions |= Q(
            committee_id__in=office,
            status__in=("submitted", "accepted"),
            is_sealed=False,
            released_on__lte=today,
        )
    if access.leader_committees:
        conditions |= Q(
            committee_id__in=access.leader_committees, status="appealed", is_sealed=False
        )
    if access.discipline_committees:
        conditions |= Q(
            committee_id__in=access.discipline_committees,
            status__in=("submitted", "accepted"),
            is_sealed=True,
            released_on__lte=today,
        )
    return StaffRequest.objects.filter(conditions).values("pk")


def rows_to_rate(user: User) -> QuerySet[Any, Any]:
    """One's own requests that have been answered and wait for a word."""
    return StaffRequest.objects.filter(authorship__user=user, status="replied").values("pk")


def feedback_todo(users: Sequence[User], today: dt.date) -> dict[int, list[TodoItem]]:
    """For each of ``users``: requests to accept, assign, answer, decide, rate; promises and
    orders to keep. A fixed number of queries."""
    wanted = {user.pk for user in users}
    found: dict[int, list[TodoItem]] = defaultdict(list)

    def give(people: Iterable[User], item: TodoItem) -> None:
        for user in people:
            if user.pk in wanted:
                found[user.pk].append(item)

    rows = list(
        StaffRequest.objects.filter(
            Q(status__in=("submitted", "accepted", "appealed"), released_on__lte=today)
            | Q(status__in=IN_HAND_STATUSES)
        ).with_clock()
    )
    promises = list(
        Promise.objects.filter(status__in=("promised", "ordered")).select_related("request")
    )
    orders = list(SupervisionOrder.objects.filter(status="open").select_related("request"))
    committees = {request.committee_id for request in rows}
    office = office_of(committees, today=today)
    discipline = discipline_of(committees, today=today)
    secretaries = secretaries_of(committees, today=today)
    seats = seats_of(
        {r.department_id for r in rows if r.department_id}
        | {p.department_id for p in promises}
        | {o.department_id for o in orders},
        today=today,
    )
    for request in rows:
        if request.status == "appealed":
            give(
                secretaries.get(request.committee_id, ()),
                _item(request, _("请书记定：%(what)s"), None, today),
            )
        elif request.status in IN_HAND_STATUSES:
            if not request.is_paused:
                give(
                    seats.get(request.department_id or 0, ()),
                    _item(request, _("答复：%(what)s"), request.reply_due_on, today),
                )
        else:
            people = discipline if request.is_sealed else office
            due_on = (
                request.accept_due_on if request.status == "submitted" else request.assign_due_on
            )
            title = _("受理：%(what)s") if request.status == "submitted" else _("分派：%(what)s")
            give(people.get(request.committee_id, ()), _item(request, title, due_on, today))
    for promise in promises:
        give(
            seats.get(promise.department_id, ()),
            _item(promise.request, _("兑现承诺：%(what)s"), promise.due_on, today),
        )
    for order in orders:
        give(
            seats.get(order.department_id, ()),
            _item(order.request, f"{order}：%(what)s", order.due_on, today),
        )
    for link in Authorship.objects.filter(
        user__in=wanted, request__status="replied"
    ).select_related("request", "user"):
        if link.user is not None:
            item = _item(
                link.request, _("说一句，解决了没有：%(what)s"), link.request.rate_due_on, today
            )
            give([link.user], item)
    return dict(found)


def _item(request: StaffRequest, title: str, due_on: dt.date | None, today: dt.date) -> TodoItem:
    state = days_left(due_on, today)[0] if due_on else "soon"
    return TodoItem(
        title % {"what": short(request)},
        due_on,
        reverse("feedback:request", args=[request.pk]),
        state,
    )
