"""One small view per step of a request, a promise or a supervision order."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from feedback.forms import steps
from feedback.models import StaffRequest
from feedback.plain_words import hints
from feedback.services import author, deadlines, handling, office, publishing, supervision
from feedback.views.base import RequestView, StepView
from portal.accounts.requests import signed_in
from portal.kernel.errors import DomainError


class Accept(StepView):
    """受理."""

    name, form_class = "accept", steps.AcceptForm

    def take(self, key: str, values: dict[str, Any], common: dict[str, Any]) -> Any:
        return office.accept(request_id=key, **values, **common)


class Decline(StepView):
    """不予受理."""

    name, form_class = "decline", steps.ReasonForm

    def take(self, key: str, values: dict[str, Any], common: dict[str, Any]) -> Any:
        return office.decline(request_id=key, **values, **common)


class Settle(StepView):
    """告知办结."""

    name, form_class = "settle", steps.TextForm

    def take(self, key: str, values: dict[str, Any], common: dict[str, Any]) -> Any:
        return office.settle(request_id=key, **values, **common)


class Assign(StepView):
    """分派, 改派."""

    name, form_class = "assign", steps.AssignForm

    def take(self, key: str, values: dict[str, Any], common: dict[str, Any]) -> Any:
        return office.assign(request_id=key, **values, **common)


class Merge(StepView):
    """并案."""

    name, form_class = "merge", steps.MergeForm

    def take(self, key: str, values: dict[str, Any], common: dict[str, Any]) -> Any:
        wanted = values["into"].replace("-", "").strip().upper()
        found = (
            StaffRequest.objects.in_office_of(common["actor"])
            .filter(pk__startswith=wanted)
            .values_list("pk", flat=True)[:2]
        )
        if len(wanted) < 8 or len(found) != 1:
            raise DomainError(_("没有这个编号，请从台账里抄一遍。"), field="into")
        return office.merge(request_id=key, into_id=found[0], **common)


class Pause(StepView):
    """暂停计时."""

    name, form_class = "pause", steps.ReasonForm

    def take(self, key: str, values: dict[str, Any], common: dict[str, Any]) -> Any:
        return deadlines.pause(request_id=key, **values, **common)


class Resume(StepView):
    """恢复计时."""

    name, form_class = "resume", steps.EmptyForm

    def take(self, key: str, values: dict[str, Any], common: dict[str, Any]) -> Any:
        return deadlines.resume(request_id=key, **common)


class AskExtension(StepView):
    """申请延期."""

    name, form_class = "ask-extension", steps.AskExtensionForm

    def take(self, key: str, values: dict[str, Any], common: dict[str, Any]) -> Any:
        return handling.ask_extension(request_id=key, **values, **common)


class DecideExtension(StepView):
    """批延期."""

    name, form_class = "extension", steps.ExtensionForm

    def take(self, key: str, values: dict[str, Any], common: dict[str, Any]) -> Any:
        return deadlines.decide_extension(request_id=key, grant=values["grant"] == "1", **common)


class Supervise(StepView):
    """督办."""

    name, form_class = "supervise", steps.SuperviseForm

    def take(self, key: str, values: dict[str, Any], common: dict[str, Any]) -> Any:
        return supervision.supervise(request_id=key, **values, **common)


class Decide(StepView):
    """书记裁定."""

    name, form_class = "decide", steps.DecideForm

    def take(self, key: str, values: dict[str, Any], common: dict[str, Any]) -> Any:
        return office.decide(request_id=key, **values, **common)


class Publish(StepView):
    """公开到看板."""

    name, form_class = "publish", steps.PublishForm

    def take(self, key: str, values: dict[str, Any], common: dict[str, Any]) -> Any:
        return publishing.publish(request_id=key, **values, **common)


class Reply(StepView):
    """答复."""

    name, form_class = "reply", steps.ReplyForm

    def values(self, form: steps.StepForm) -> dict[str, Any]:
        assert isinstance(form, steps.ReplyForm)  # noqa: S101 - form_class above
        return {"answer": form.answer}

    def take(self, key: str, values: dict[str, Any], common: dict[str, Any]) -> Any:
        return handling.reply(request_id=key, **values, **common)


class Ask(StepView):
    """给诉求人留言."""

    name, form_class = "ask", steps.TextForm

    def take(self, key: str, values: dict[str, Any], common: dict[str, Any]) -> Any:
        return handling.ask_author(request_id=key, **values, **common)


class CarryOut(StepView):
    """报完成."""

    name, form_class = "carry-out", steps.CarryOutForm

    def take(self, key: str, values: dict[str, Any], common: dict[str, Any]) -> Any:
        return handling.carry_out(request_id=key, **values, **common)


class Add(StepView):
    """补充一句."""

    name, form_class = "add", steps.TextForm

    def take(self, key: str, values: dict[str, Any], common: dict[str, Any]) -> Any:
        return author.add_word(request_id=key, **values, **common)


class Withdraw(StepView):
    """撤回."""

    name, form_class = "withdraw", steps.EmptyForm

    def take(self, key: str, values: dict[str, Any], common: dict[str, Any]) -> Any:
        return author.withdraw(request_id=key, **common)


class Rate(StepView):
    """评价."""

    name, form_class = "rate", steps.RateForm

    def take(self, key: str, values: dict[str, Any], common: dict[str, Any]) -> Any:
        values = {**values, "is_answered": values["is_answered"] == "1"}
        return author.rate(request_id=key, **values, **common)


class MeToo(RequestView):
    """我也遇到: joined from the similar matters; the reader need not see the request. Pressed
    beside the form it is answered in place, so that what is typed there stays."""

    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest, key: str) -> HttpResponse:
        if not StaffRequest.objects.filter(pk=key, is_sealed=False).exclude(headline="").exists():
            raise Http404
        author.me_too(request_id=key, actor=signed_in(request), now=timezone.now())
        if request.headers.get("HX-Request") == "true":
            return render(request, "feedback/_joined.html")
        return redirect("feedback:mine")


class LookAtName(RequestView):
    """查看姓名: once, with the reason, logged."""

    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest, key: str) -> HttpResponse:
        found = self.find(key)
        try:
            name = office.look_at_name(
                request_id=key,
                reason=request.POST.get("reason", ""),
                actor=signed_in(request),
                now=timezone.now(),
            )
        except DomainError as error:
            return self.show(found, status=error.status_code, refusal=error.message)
        return self.show(self.find(key), name=name)


class Hints(RequestView):
    """The plain-reply check while typing: a fragment, nothing is kept."""

    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest, key: str) -> HttpResponse:
        found = self.find(key)
        said = hints(request.POST.get("text", "")[:4000], found.text)
        return render(request, "feedback/_hints.html", {"hints": said})


# -- promises and orders ----------------------------------------------------------------


class OrderPromised(StepView):
    """记为已下单."""

    name, form_class, kind = "order", steps.NoteForm, "promise"

    def take(self, key: str, values: dict[str, Any], common: dict[str, Any]) -> Any:
        return handling.order_promised(promise_id=key, **values, **common)


class Deliver(StepView):
    """说已送达."""

    name, form_class, kind = "deliver", steps.DeliverForm, "promise"

    def take(self, key: str, values: dict[str, Any], common: dict[str, Any]) -> Any:
        teams = values.pop("teams").splitlines()
        return handling.deliver_promised(promise_id=key, teams=teams, **values, **common)


class Recall(StepView):
    """收回承诺."""

    name, form_class, kind = "recall", steps.ReasonForm, "promise"

    def take(self, key: str, values: dict[str, Any], common: dict[str, Any]) -> Any:
        return handling.recall_promise(promise_id=key, **values, **common)


class Arrived(StepView):
    """诉求人确认收到."""

    name, form_class, kind = "arrived", steps.ArrivedForm, "promise"

    def take(self, key: str, values: dict[str, Any], common: dict[str, Any]) -> Any:
        return author.confirm_promise(
            promise_id=key, arrived=values["arrived"] == "1", note=values["note"], **common
        )


class ReportOrder(StepView):
    """督办单报结果."""

    name, form_class, kind = "report", steps.ResultForm, "order"

    def take(self, key: str, values: dict[str, Any], common: dict[str, Any]) -> Any:
        return supervision.report_order(order_id=key, **values, **common)


class StrikeOff(StepView):
    """销号."""

    name, form_class, kind = "strike-off", steps.EmptyForm, "order"

    def take(self, key: str, values: dict[str, Any], common: dict[str, Any]) -> Any:
        return supervision.strike_off(order_id=key, **common)
