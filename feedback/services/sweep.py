"""What the date makes due: reminders, escalation, closing what nobody rated.

What is due is asked of the database; nothing is remembered but the messages, whose keys name
the thing, the day and the reader. So the sweep may run every minute. Reminders go out on
working days between 8:00 and 18:00 only.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable

from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from feedback.clocks import policy_of
from feedback.models import (
    Authorship,
    ListeningPolicy,
    Promise,
    Rating,
    StaffRequest,
    SupervisionOrder,
)
from feedback.recipients import office_of, seats_of, secretaries_of
from feedback.services.author import close_if_done
from feedback.services.history import locked, short
from portal.accounts.models import User
from portal.kernel.months import SHANGHAI, local_date
from portal.notifications.models import InboxMessage
from portal.notifications.services import Message, tell_many
from portal.workdays import services as workdays

FIRST_HOUR, LAST_HOUR = 8, 18
ASKED_FOR_DAYS = 7
ESCALATE_AFTER = 2  # working days overdue: then the secretary hears of it


def run(now: dt.datetime) -> str:
    """The step of the sweep."""
    closed = close_unrated(now=now)
    told = remind(now=now) if in_office_hours(now) else 0
    return _("提醒 %(told)d 条，办结 %(closed)d 件") % {"told": told, "closed": closed}


def in_office_hours(now: dt.datetime) -> bool:
    local = timezone.localtime(now, SHANGHAI)
    return FIRST_HOUR <= local.hour < LAST_HOUR and workdays.is_workday(local.date())


def close_unrated(*, now: dt.datetime) -> int:
    """Close what was answered and not rated in time. It stays out of the satisfaction rate."""
    waiting = (
        StaffRequest.objects.filter(status="replied", rate_due_on__lt=local_date(now))
        .exclude(promises__status__in=("promised", "ordered", "delivered"))
        .values_list("pk", flat=True)
    )
    closed = 0
    for key in list(waiting[:500]):
        with transaction.atomic():
            request = locked(key)
            rated = Rating.objects.filter(request=request, is_author=True).exists()
            closed += close_if_done(request, now=now, unrated=not rated)
    return closed


def remind(*, now: dt.datetime) -> int:
    """Tell of every clock that is about to run out or has, once per day of the clock."""
    today = local_date(now)
    messages = [
        *_for_office(today),
        *_for_departments(today),
        *_promises(today),
        *_orders(today),
        *_second_looks(today),
    ]
    with transaction.atomic():
        known = set(
            InboxMessage.objects.filter(key__in=[m.key for m in messages]).values_list(
                "key", flat=True
            )
        )
        fresh = [message for message in messages if message.key not in known]
        tell_many(messages=fresh, now=now)
    return len(fresh)


def _for_office(today: dt.date) -> list[Message]:
    late = list(
        StaffRequest.objects.filter(
            Q(status="submitted", accept_due_on__lt=today)
            | Q(status="accepted", assign_due_on__lt=today),
            is_sealed=False,
        )
    )
    if not late:
        return []
    committees = {request.committee_id for request in late}
    office = office_of(committees, today=today)
    secretaries = secretaries_of(committees, today=today)
    messages = []
    for request in late:
        due_on = request.accept_due_on if request.status == "submitted" else request.assign_due_on
        title = (
            _("逾期未受理：%(what)s")
            if request.status == "submitted"
            else _("逾期未分派：%(what)s")
        )
        people = list(office.get(request.committee_id, ()))
        if _overdue_by(due_on, today) >= ESCALATE_AFTER:
            people += secretaries.get(request.committee_id, [])
        messages += _about(request, people, f"late:{request.status}:{due_on}", title, due_on)
    return messages


def _for_departments(today: dt.date) -> list[Message]:
    """Two working days ahead, on the day, and when it has passed: then the head of the
    department, two working days later the secretary."""
    soon = workdays.add_workdays(today, 15)
    due = list(
        StaffRequest.objects.in_hand()
        .running()
        .filter(reply_due_on__lte=soon, is_sealed=False)
        .select_related("department")
    )
    if not due:
        return []
    departments = {request.department_id or 0 for request in due}
    handlers = seats_of(departments, today=today, role="handler")
    heads = seats_of(departments, today=today, role="head")
    committees = {request.committee_id for request in due}
    secretaries = secretaries_of(committees, today=today)
    ahead = {pk: policy_of(pk).remind_workdays for pk in committees}
    messages = []
    for request in due:
        due_on, department = request.reply_due_on, request.department_id or 0
        left = workdays.workdays_between(today, due_on) if due_on else 0
        if due_on and due_on < today:
            messages += _about(
                request,
                [*handlers.get(department, ()), *heads.get(department, ())],
                f"late:reply:{due_on}",
                _("逾期未答复：%(what)s"),
                due_on,
            )
            if _overdue_by(due_on, today) >= ESCALATE_AFTER:
                messages += _about(
                    request,
                    secretaries.get(request.committee_id, ()),
                    f"escalated:{due_on}",
                    _("逾期未答复，请过问：%(what)s"),
                    due_on,
                )
        elif left in (0, ahead[request.committee_id]):
            title = _("今天到期：%(what)s") if left == 0 else _("快到期了：%(what)s")
            people = handlers.get(department) or heads.get(department, [])
            messages += _about(request, people, f"soon:{left}:{due_on}", title, due_on)
    return messages


def _promises(today: dt.date) -> list[Message]:
    late = list(Promise.objects.overdue(today).select_related("request"))
    if not late:
        return []
    seats = seats_of({promise.department_id for promise in late}, today=today)
    secretaries = secretaries_of({p.request.committee_id for p in late}, today=today)
    messages = []
    for promise in late:
        people = [
            *seats.get(promise.department_id, ()),
            *secretaries.get(promise.request.committee_id, ()),
        ]
        messages += _about(
            promise.request,
            people,
            f"promise-late:{promise.pk}:{promise.due_on}",
            _("承诺逾期：") + promise.what.replace("%", "%%"),
            promise.due_on,
        )
    return messages


def _orders(today: dt.date) -> list[Message]:
    late = list(SupervisionOrder.objects.overdue(today).select_related("request"))
    if not late:
        return []
    seats = seats_of({order.department_id for order in late}, today=today)
    secretaries = secretaries_of({o.request.committee_id for o in late}, today=today)
    messages = []
    for order in late:
        people = [
            *seats.get(order.department_id, ()),
            *secretaries.get(order.request.committee_id, ()),
        ]
        messages += _about(
            order.request,
            people,
            f"order-late:{order.pk}:{order.due_on}",
            _("%(order)s逾期：") % {"order": order} + "%(what)s",
            order.due_on,
        )
    return messages


def _second_looks(today: dt.date) -> list[Message]:
    """So many days after it was closed (30, a setting): does it really hold? Asked for a week, then
    let be."""
    days = dict(ListeningPolicy.objects.values_list("committee_id", "second_look_days"))
    usual = ListeningPolicy().second_look_days
    longest = max([usual, *days.values()])
    closed = [
        request
        for request in StaffRequest.objects.filter(
            status="closed",
            closed_on__lte=today,
            closed_on__gt=today - dt.timedelta(days=longest + ASKED_FOR_DAYS),
            outcome="carried_out",
            ratings__is_author=True,
        )
        .exclude(ratings__look="later")
        .distinct()
        if request.closed_on is not None
        and 0
        <= (today - request.closed_on).days - days.get(request.committee_id, usual)
        < ASKED_FOR_DAYS
    ]
    authors: dict[str, set[int]] = defaultdict(set)
    for key, user_id in Authorship.objects.filter(
        request__in=closed, user__isnull=False
    ).values_list("request_id", "user_id"):
        if user_id is not None:
            authors[key].add(user_id)
    return [
        Message(
            user_id,
            f"request:{request.pk}:later:{user_id}",
            _("过了一阵子，真的改了吗：%(what)s") % {"what": short(request)},
            "",
            reverse("feedback:request", args=[request.pk]),
        )
        for request in closed
        for user_id in sorted(authors[request.pk])
    ]


def _overdue_by(due_on: dt.date | None, today: dt.date) -> int:
    return workdays.workdays_between(due_on, today) if due_on and due_on < today else 0


def _about(
    request: StaffRequest,
    people: Iterable[User],
    step: str,
    title: str,
    due_on: dt.date | None,
) -> list[Message]:
    return _to(
        people,
        key=f"request:{request.pk}:{step}",
        title=title % {"what": short(request)},
        body=_("期限是%(day)s。") % {"day": f"{due_on.month}月{due_on.day}日"} if due_on else "",
        link=reverse("feedback:request", args=[request.pk]),
    )


def _to(
    people: Iterable[User], *, key: str, title: str, body: str = "", link: str = ""
) -> list[Message]:
    return [
        Message(user_id=user.pk, key=f"{key}:{user.pk}", title=title, body=body, link=link)
        for user in dict.fromkeys(people)
    ]


__all__ = ("close_unrated", "in_office_hours", "remind", "run")
