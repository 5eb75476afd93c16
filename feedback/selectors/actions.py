"""What a reader may do with a request now: the steps in the order in which they matter.

One table for the page, so that it never offers what a service would refuse.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils.translation import gettext as _

from feedback.access import departments_of
from feedback.clocks import known_policy
from feedback.forms import steps
from feedback.lifecycles import IN_HAND_STATUSES, REQUEST
from feedback.models import Promise, Rating, StaffRequest
from feedback.permissions import (
    in_office_of,
    is_author,
    may_accept,
    may_decide,
    may_keep_promise,
    may_rate,
    may_reply,
    may_report_order,
    may_settle,
    may_supervise,
    may_talk,
)
from feedback.services.author import later_look_on

if TYPE_CHECKING:
    from portal.accounts.models import User

FormClass = Callable[..., steps.StepForm]


@dataclass(frozen=True, slots=True)
class Action:
    """One step: its form, where it is sent, how its button is called. ``is_main``: the one thing
    to do now; the others stand folded below."""

    name: str
    title: str
    button: str
    form: steps.StepForm
    url: str
    is_main: bool = False
    after: str = ""
    is_plain: bool = False

    @property
    def is_open(self) -> bool:
        return self.form.is_bound


class _Actions:
    def __init__(
        self, request: StaffRequest, user: User, bound: Mapping[str, steps.StepForm]
    ) -> None:
        self.request, self.user, self.bound = request, user, bound
        self.found: list[Action] = []
        self.policy = known_policy(request.committee)

    def add(
        self,
        name: str,
        title: str,
        button: str,
        form: FormClass,
        *,
        key: str = "",
        kind: str = "request",
        is_main: bool = False,
        after: str = "",
        is_plain: bool = False,
    ) -> None:
        known = f"{name}:{key}" if key else name
        made = self.bound.get(known) or form(request=self.request, prefix=None)
        has_main = any(action.is_main for action in self.found)
        self.found.append(
            Action(
                known,
                title,
                button,
                made,
                reverse(f"feedback:{kind}-{name}", args=[key or self.request.pk]),
                is_main and not has_main,
                after,
                is_plain,
            )
        )


def actions_for(
    request: StaffRequest,
    user: User,
    today: dt.date,
    bound: Mapping[str, steps.StepForm] | None = None,
) -> list[Action]:
    """Every step the user may take now. A fixed number of queries."""
    actions = _Actions(request, user, bound or {})
    promises = list(request.promises.select_related("department"))
    for promise in promises:
        promise.request = request
    _of_author(actions, promises, today)
    _of_department(actions, promises)
    _of_office(actions)
    return actions.found


def _of_author(actions: _Actions, promises: list[Promise], today: dt.date) -> None:
    request, user = actions.request, actions.user
    if not is_author(user, request):
        return
    for promise in promises:
        if promise.status == "delivered" and not promise.teams.exclude(has_arrived=True).exists():
            actions.add(
                "arrived",
                _("收到了吗：%(what)s") % {"what": promise.what},
                _("确认"),
                steps.ArrivedForm,
                key=promise.pk,
                kind="promise",
                is_main=True,
                after=_("说收到了，这件事就算整改；说没收到，部门会接着办。"),
            )
    if may_rate(user, request) and _may_rate_now(request, today):
        actions.add(
            "rate",
            _("这件事解决了吗"),
            _("提交评价"),
            steps.RateForm,
            is_main=True,
            after=_("只要一分钟。没有评价的不计入满意率。"),
        )
    if request.status in ("submitted", "accepted", "assigned", "reopened", "replied"):
        actions.add("add", _("补充一句"), _("补充"), steps.TextForm)
    if REQUEST.allows(request.status, "withdraw"):
        actions.add("withdraw", _("撤回"), _("撤回这件事"), steps.EmptyForm, is_plain=True)


def _may_rate_now(request: StaffRequest, today: dt.date) -> bool:
    if request.status not in ("replied", "closed"):
        return False
    looks = set(
        Rating.objects.filter(request=request, is_author=True).values_list("look", flat=True)
    )
    due = "again" if request.reopened_on else "first"
    if due not in looks:
        return True
    return (
        request.status == "closed"
        and "later" not in looks
        and request.outcome == "carried_out"
        and today >= later_look_on(request)
    )


def _of_department(actions: _Actions, promises: list[Promise]) -> None:
    request, user = actions.request, actions.user
    if may_reply(user, request):
        if request.status in IN_HAND_STATUSES:
            actions.add(
                "reply",
                _("答复"),
                _("答复"),
                steps.ReplyForm,
                is_main=True,
                after=_("答复后职工会收到消息，%(n)d个工作日内评价。")
                % {"n": actions.policy.call_back_workdays},
            )
            if request.status == "assigned" and not hasattr(request, "extension"):
                actions.add(
                    "ask-extension",
                    _("申请延期（只有一次）"),
                    _("申请延期"),
                    steps.AskExtensionForm,
                )
        owed = any(p.status in ("promised", "ordered", "delivered") for p in promises)
        if request.outcome == "planned" and request.status in ("replied", "closed") and not owed:
            actions.add("carry-out", _("计划做到了"), _("报完成"), steps.CarryOutForm)
    for promise in promises:
        if not may_keep_promise(user, promise):
            continue
        mine = promise.department_id in departments_of(user)
        if promise.status in ("promised", "ordered"):
            actions.add(
                "deliver",
                _("送达：%(what)s") % {"what": promise.what},
                _("说已送达"),
                steps.DeliverForm,
                key=promise.pk,
                kind="promise",
                is_main=mine,
                after=_("说送达之后，由提的人和班组确认。"),
            )
            if promise.status == "promised":
                actions.add(
                    "order",
                    _("下单：%(what)s") % {"what": promise.what},
                    _("记为已下单"),
                    steps.NoteForm,
                    key=promise.pk,
                    kind="promise",
                )
            actions.add(
                "recall",
                _("收回承诺：%(what)s") % {"what": promise.what},
                _("收回承诺"),
                steps.ReasonForm,
                key=promise.pk,
                kind="promise",
            )
    for order in request.orders.all():
        if order.status == "open" and may_report_order(user, order):
            actions.add(
                "report",
                _("%(order)s：报办理结果") % {"order": order},
                _("上报"),
                steps.ResultForm,
                key=order.pk,
                kind="order",
            )


def _of_office(actions: _Actions) -> None:
    request, user = actions.request, actions.user
    if may_accept(user, request) and request.status == "submitted":
        actions.add(
            "accept",
            _("受理这件事"),
            _("受理"),
            steps.AcceptForm,
            is_main=True,
            after=_("受理后由纪检自己核实，不分派给部门；核实了什么、怎么继续，告知反映人后办结。")
            if request.is_sealed
            else _("受理后%(a)d个工作日内分派，一般事项%(b)d个工作日内答复。")
            % {
                "a": actions.policy.assign_workdays,
                "b": actions.policy.ordinary_workdays,
            },
        )
    if may_settle(user, request) and request.status == "accepted":
        actions.add(
            "settle",
            _("告知反映人"),
            _("告知并办结"),
            steps.TextForm,
            is_main=True,
            after=_("只有反映人和纪检看得到。"),
        )
    if may_decide(user, request) and request.status == "appealed":
        actions.add(
            "decide",
            _("第二次仍不满意，请您定"),
            _("裁定"),
            steps.DecideForm,
            is_main=True,
            after=_("裁定后办结，理由职工会看到。"),
        )
    office = in_office_of(user, request)
    if office:
        if request.status == "accepted":
            actions.add(
                "assign",
                _("分派给谁办"),
                _("分派"),
                steps.AssignForm,
                is_main=True,
                after=_("部门负责人和承办人会收到消息。"),
            )
        extension = getattr(request, "extension", None)
        if extension is not None and extension.granted is None:
            actions.add(
                "extension",
                _("申请延期到%(day)s：%(why)s")
                % {
                    "day": f"{extension.new_due_on.month}月{extension.new_due_on.day}日",
                    "why": extension.reason,
                },
                _("决定"),
                steps.ExtensionForm,
                is_main=True,
            )
        if request.status in IN_HAND_STATUSES:
            actions.add("assign", _("改派"), _("改派"), steps.AssignForm)
    for order in request.orders.all():
        if order.status in ("open", "reported") and may_supervise(user, order.request):
            title = _("%(order)s：%(demand)s") % {"order": order, "demand": order.demand}
            if order.result:
                title += _("（已报：%(result)s）") % {"result": order.result}
            actions.add(
                "strike-off",
                title,
                _("销号"),
                steps.EmptyForm,
                key=order.pk,
                kind="order",
                is_plain=True,
            )
    if may_accept(user, request) and REQUEST.allows(request.status, "decline"):
        actions.add("decline", _("不予受理"), _("不予受理"), steps.ReasonForm)
    if office:
        if REQUEST.allows(request.status, "merge"):
            actions.add("merge", _("与另一件一起办"), _("并案"), steps.MergeForm)
        if request.status in ("assigned", "reopened", "replied") and not any(
            order.status != "struck_off" for order in request.orders.all()
        ):
            actions.add("supervise", _("督办"), _("发督办单"), steps.SuperviseForm)
        if request.status in ("replied", "closed", "declined"):
            there = hasattr(request, "publication")
            actions.add(
                "publish",
                _("改看板上的写法") if there else _("公开到看板"),
                _("存上") if there else _("公开"),
                steps.PublishForm,
            )
    if may_talk(user, request) and request.status not in ("declined", "merged", "withdrawn"):
        actions.add("ask", _("给诉求人留言"), _("留言"), steps.TextForm)
    if (office or may_reply(user, request)) and request.status in IN_HAND_STATUSES:
        if getattr(request, "is_paused", False):
            actions.add("resume", _("恢复计时"), _("恢复计时"), steps.EmptyForm, is_plain=True)
        else:
            actions.add("pause", _("暂停计时"), _("暂停计时"), steps.ReasonForm)
