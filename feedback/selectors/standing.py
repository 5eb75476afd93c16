"""Where a request, a promise, an order stands: icon, word and days, the same on every page."""

from __future__ import annotations

import datetime as dt

from django.utils.translation import gettext as _

from feedback.lifecycles import PromiseStatus, RequestStatus
from feedback.models import ListeningSession, Outcome, Promise, StaffRequest, SupervisionOrder
from portal.kernel.ui import State, Status
from portal.workdays import services as workdays

SOON_WORKDAYS = 2


def days_left(due_on: dt.date, today: dt.date) -> tuple[State, str]:
    """("late", "逾期 3 天"), ("soon", "今天到期"), ("soon", "剩 1 个工作日"), ("doing", …)."""
    if today > due_on:
        return "late", _("逾期 %(days)d 天") % {"days": (today - due_on).days}
    left = workdays.workdays_between(today, due_on)
    if left == 0:
        return "soon", _("今天到期")
    state: State = "soon" if left <= SOON_WORKDAYS else "doing"
    return state, _("剩 %(days)d 个工作日") % {"days": left}


def standing(request: StaffRequest, today: dt.date) -> Status:
    """``request`` may carry ``is_paused`` (see ``with_clock``); without it nobody asks."""
    status = request.status
    if status in (RequestStatus.SUBMITTED, RequestStatus.ACCEPTED):
        due_on = (
            request.accept_due_on if status == RequestStatus.SUBMITTED else request.assign_due_on
        ) or today
        state, words = days_left(due_on, today)
        word = _("待受理") if status == RequestStatus.SUBMITTED else _("待分派")
        return Status("soon" if state == "doing" else state, f"{word}，{words}")
    if status in (RequestStatus.ASSIGNED, RequestStatus.REOPENED):
        word = _("办理中") if status == RequestStatus.ASSIGNED else _("重办中")
        if getattr(request, "is_paused", False):
            return Status("idle", _("%(word)s，暂停计时") % {"word": word})
        state, words = days_left(request.reply_due_on or today, today)
        return Status(state, f"{word}，{words}")
    if status == RequestStatus.REPLIED:
        if getattr(request, "has_open_promise", False):
            return Status("doing", _("已答复，承诺兑现中"))
        return Status("soon", _("已答复，等评价"), "message-circle")
    if status == RequestStatus.APPEALED:
        return Status("soon", _("待书记裁定"))
    if status == RequestStatus.CLOSED:
        return outcome_status(request)
    words = str(RequestStatus(status).label)
    return Status("idle", words, "ban" if status == RequestStatus.DECLINED else "")


def outcome_status(request: StaffRequest) -> Status:
    """What came of it."""
    words = request.get_outcome_display() if request.outcome else _("已办结")
    if request.outcome == Outcome.CARRIED_OUT:
        return Status("done", words)
    return Status("idle", words, "message-circle" if request.outcome else "circle-check")


def promise_standing(promise: Promise, today: dt.date) -> Status:
    if promise.status == PromiseStatus.CONFIRMED:
        return Status("done", _("大家已确认"))
    if promise.status == PromiseStatus.RECALLED:
        return Status("idle", _("已收回"), "ban")
    if promise.status == PromiseStatus.DELIVERED:
        return Status("soon", _("已送达，等确认"))
    state, words = days_left(promise.due_on, today)
    word = _("已承诺") if promise.status == PromiseStatus.PROMISED else _("已下单")
    return Status(state, f"{word}，{words}")


def order_standing(order: SupervisionOrder, today: dt.date) -> Status:
    if order.status == "struck_off":
        return Status("done", _("已销号"))
    if order.status == "reported":
        return Status("soon", _("待销号"))
    state, words = days_left(order.due_on, today)
    return Status(state, _("督办中，%(words)s") % {"words": words})


def session_standing(session: ListeningSession, today: dt.date) -> Status:
    if session.status == "cancelled":
        return Status("idle", _("已取消"), "ban")
    if session.status == "published":
        return Status("done", _("结果已公布"))
    if session.status == "held":
        return Status("soon", _("待公布结果"))
    if session.held_on < today:
        return Status("late", _("已过，还没记纪要"))
    left = workdays.workdays_between(today, session.held_on)
    words = _("今天") if left == 0 else _("还有 %(days)d 个工作日") % {"days": left}
    if session.status == "planned":
        return Status("soon", _("未公告，%(words)s") % {"words": words})
    return Status("doing", words, "calendar-event")
