"""Supervision orders (督办): issued to the department, reported by it, struck off."""

from __future__ import annotations

import datetime as dt

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from feedback.lifecycles import SUPERVISION, RequestStatus
from feedback.models import SupervisionOrder
from feedback.permissions import may_report_order, may_supervise
from feedback.recipients import office_of, people_of, seats_of
from feedback.services.history import (
    OFFICE,
    checked,
    day_words,
    locked,
    office_step,
    short,
    tell_people,
)
from portal.accounts.models import User
from portal.kernel.errors import DomainError, TransitionRefused
from portal.kernel.months import local_date
from portal.kernel.sequences import next_number

ORDER_CODE = "督办"


def supervise(
    *,
    request_id: str,
    demand: str,
    due_on: dt.date,
    actor: User,
    now: dt.datetime,
    via: str = "web",
) -> SupervisionOrder:
    """Issue a numbered supervision order (督办单) to the department that answers."""
    demand = checked(demand, field="demand", most=300, missing=_("请写明要求什么。"))
    with transaction.atomic():
        request = locked(request_id)
        if not may_supervise(actor, request):
            raise PermissionDenied
        today = local_date(now)
        if request.department is None or request.status not in (
            RequestStatus.ASSIGNED,
            RequestStatus.REOPENED,
            RequestStatus.REPLIED,
        ):
            raise TransitionRefused(_("分派给部门之后才能督办。"))
        if due_on < today:
            raise DomainError(_("督办期限不能早于今天。"), field="due_on")
        if request.orders.exclude(status="struck_off").exists():
            raise TransitionRefused(_("这件事已有一张未销号的督办单。"))
        order = SupervisionOrder.objects.create(
            request=request,
            department=request.department,
            year=today.year,
            number=next_number(
                issuer_code=f"{request.committee.issuer_code}{ORDER_CODE}"[:20], year=today.year
            ),
            demand=demand,
            due_on=due_on,
            issued_at=now,
            issued_by=actor,
        )
        office_step(
            request,
            "supervised",
            _("发出%(order)s，%(day)s前办结") % {"order": order, "day": day_words(due_on)},
            note=demand,
            actor=actor,
            office=OFFICE,
            now=now,
            via=via,
            after={"order": str(order), "due_on": due_on},
        )
        tell_people(
            request,
            people_of(seats_of, order.department_id, today=today),
            f"order-{order.pk}",
            _("%(order)s：%(what)s") % {"order": order, "what": short(request)},
            body=demand,
            now=now,
        )
    return order


def report_order(
    *, order_id: str, result: str, actor: User, now: dt.datetime, via: str = "web"
) -> SupervisionOrder:
    """The department says what it did about the order."""
    result = checked(result, field="result", missing=_("请写明办到什么程度。"))
    with transaction.atomic():
        order = _locked_order(order_id)
        if not may_report_order(actor, order):
            raise PermissionDenied
        SUPERVISION.take(order, "report")
        order.result = result
        order.reported_at = now
        order.save()
        office_step(
            order.request,
            "order_reported",
            _("%(order)s报办理结果") % {"order": order},
            note=result,
            actor=actor,
            office=str(order.department),
            now=now,
            via=via,
            is_inner=True,
        )
        tell_people(
            order.request,
            people_of(office_of, order.request.committee_id, today=local_date(now)),
            f"order-reported-{order.pk}-{order.request.version}",
            _("%(order)s已报结果，请销号") % {"order": order},
            body=result,
            now=now,
        )
    return order


def strike_off(
    *, order_id: str, actor: User, now: dt.datetime, via: str = "web"
) -> SupervisionOrder:
    """销号: the order is done."""
    with transaction.atomic():
        order = _locked_order(order_id)
        if not may_supervise(actor, order.request):
            raise PermissionDenied
        SUPERVISION.take(order, "strike_off")
        order.struck_off_at = now
        order.struck_off_by = actor
        order.save()
        office_step(
            order.request,
            "struck_off",
            _("%(order)s销号") % {"order": order},
            actor=actor,
            office=OFFICE,
            now=now,
            via=via,
        )
    return order


def _locked_order(order_id: str) -> SupervisionOrder:
    """The order with its request locked first: locks go from the request downwards."""
    found = SupervisionOrder.objects.values("request_id").get(pk=order_id)
    request = locked(found["request_id"])
    order: SupervisionOrder = (
        SupervisionOrder.objects.select_for_update(of=("self",))
        .select_related("department")
        .get(pk=order_id)
    )
    order.request = request
    return order
