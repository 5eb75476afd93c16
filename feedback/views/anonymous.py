"""Pages of the anonymous channel.

They ask neither session nor account: ``AnonymousDoor`` has left both outside. Nothing is kept
between two pages either: a receipt travels in the form of the page that shows it, never in an
address.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Any

from django import forms
from django.contrib.auth.decorators import login_not_required
from django.db import Error as DatabaseError
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.generic import View

from feedback import receipts
from feedback.clocks import policy_of
from feedback.forms.anonymous import (
    AnonymousForm,
    ArrivedForm,
    RateForm,
    ReceiptForm,
    StubForm,
    WordForm,
)
from feedback.middleware import BUSY, ELSEWHERE, REFUSAL
from feedback.models import Kind, StaffRequest
from feedback.models.requests import MAX_TEXT
from feedback.receipts import Receipt
from feedback.selectors.dialogue import dialogue
from feedback.services import author
from feedback.services.anonymous import find, midnight, submit_anonymously
from feedback.similar import similar_matters
from feedback.uploads import MOST_BYTES, InMemoryOnly
from portal.kernel.errors import DomainError
from portal.kernel.months import local_date
from portal.kernel.words import zh_date

logger = logging.getLogger(__name__)

FOLDER = "feedback/anonymous/"


@method_decorator([csrf_exempt, login_not_required], name="dispatch")
class AnonymousView(View):
    """What the pages share: uploads in memory, refusals of the door."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        request.upload_handlers = [InMemoryOnly(request)]
        return super().dispatch(request, *args, **kwargs)

    @property
    def refusal(self) -> str:
        """The door's reason not to take this post, in words."""
        return {
            BUSY: _("这一小时里从这个网络来的太多了，请过一会儿再交。您写的还在下面，没有丢。"),
            ELSEWHERE: _("这张表不是从本页提交的，为防冒用没有收下。内容还在下面，请再按一次。"),
        }.get(self.request.META.get(REFUSAL, ""), "")

    @property
    def refusal_status(self) -> int:
        return 429 if self.request.META.get(REFUSAL) == BUSY else 403

    def page(self, name: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
        return render(self.request, f"{FOLDER}{name}.html", context, status=status)


class AnonymousSubmit(AnonymousView):
    """完全匿名地说一件事; the answer to the post is the receipt, shown once."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.form_page(AnonymousForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        if int(request.META.get("CONTENT_LENGTH") or 0) > MOST_BYTES:
            return self.form_page(
                AnonymousForm(),
                413,
                _("附件合起来超过30MB，没有收下。请减少或压缩后，把想说的再写一次。"),
            )
        form = AnonymousForm(request.POST, request.FILES)
        if self.refusal:
            return self.form_page(form, self.refusal_status, self.refusal)
        if request.POST.get("from_named"):
            # Typed on the page for named requests, then thought better of it. Its key, which a
            # named request would have had, takes no part; its nonce does: sent again (Back, or
            # the receipt reloaded), it comes to the same receipt.
            data = request.POST.copy()
            if len(form.committees) == 1:
                data["committee"] = str(form.committees[0].pk)
            form = AnonymousForm(data, request.FILES)
        if not form.is_valid():
            return self.form_page(form, 400)
        try:
            made, receipt = submit_anonymously(
                said=form.said,
                committee=form.cleaned_data["committee"],
                nonce=form.cleaned_data["nonce"],
                files=form.cleaned_data["photos"],
                now=timezone.now(),
            )
        except DomainError as error:
            form.add_error(error.field if error.field in form.fields else None, error.message)
            return self.form_page(form, error.status_code)
        except DatabaseError as error:
            logger.error("anonymous request not kept: %s", type(error).__name__)
            return self.form_page(form, 503, _("没有存上。您写的还在下面，请过一会儿再交。"))
        return self.receipt_page(made, receipt)

    def form_page(self, form: AnonymousForm, status: int = 200, trouble: str = "") -> HttpResponse:
        doors = [kind for kind in Kind.objects.filter(is_active=True) if kind.is_sealed]
        context = {"form": form, "trouble": trouble, "doors": doors}
        return self.page("form", context, status)

    def receipt_page(self, made: StaffRequest, receipt: Receipt) -> HttpResponse:
        address = self.request.build_absolute_uri(reverse("feedback:anonymous-receipt"))
        policy = policy_of(made.committee_id)
        context = {
            "receipt": receipt,
            "qr": receipts.qr(receipt, address),
            "address": address,
            "stub": receipts.stub_of(receipt, made.submitted_on),
            "made": made,
            "reply_note": _("一般事项%(a)d个工作日，复杂的%(b)d个")
            % {"a": policy.ordinary_workdays, "b": policy.complex_workdays},
        }
        return self.page("receipt", context)


class AnonymousSimilar(AnonymousView):
    """相似的事, while an anonymous author types. What is typed is compared and forgotten."""

    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest) -> HttpResponse:
        text = "" if self.refusal else request.POST.get("text", "")[:MAX_TEXT]
        context = {"found": similar_matters(text), "may_join": False}
        return render(request, "feedback/_similar.html", context)


class ReceiptLookup(AnonymousView):
    """凭查询码看进展. The code comes by POST only, from a form or from behind the ``#``."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.page("lookup", {"form": ReceiptForm()})

    def post(self, request: HttpRequest) -> HttpResponse:
        return self.with_receipt(lambda made, receipt: self.dialogue_page(made, receipt))

    def with_receipt(self, go_on: Callable[[StaffRequest, Receipt], HttpResponse]) -> HttpResponse:
        """Read the code and find its request, or say what is wrong with it."""
        form = ReceiptForm(self.request.POST)
        if self.refusal:
            return self.page("lookup", {"form": form, "trouble": self.refusal}, self.refusal_status)
        if not form.is_valid():
            return self.page("lookup", {"form": form}, 400)
        receipt: Receipt = form.cleaned_data["code"]
        made = find(receipt)
        if made is None:
            form.add_error("code", _("没有找到这个查询码。请对照回执核对；回执丢了，请另提一件。"))
            return self.page("lookup", {"form": form}, 404)
        return go_on(made, receipt)

    def dialogue_page(
        self,
        made: StaffRequest,
        receipt: Receipt,
        *,
        status: int = 200,
        done: str = "",
        trouble: str = "",
        filled: Mapping[str, forms.Form] | None = None,
    ) -> HttpResponse:
        today = local_date(timezone.now())
        context: dict[str, Any] = {
            "d": dialogue(made, today),
            "code": receipt.written,
            "today": today,
            "done": done,
            "trouble": trouble,
            "word_form": WordForm(),
            "rate_form": RateForm(),
            "arrived_form": ArrivedForm(),
            **(filled or {}),
        }
        return self.page("dialogue", context, status)


class AuthorStep(ReceiptLookup):
    """One thing the author does with the receipt; by POST."""

    http_method_names = ["post", "options"]
    form_class: type[forms.Form] = forms.Form
    form_name = ""
    done = ""

    def post(self, request: HttpRequest) -> HttpResponse:
        return self.with_receipt(self.take)

    def take(self, made: StaffRequest, receipt: Receipt) -> HttpResponse:
        form = self.form_class(self.request.POST)
        filled = {self.form_name: form} if self.form_name else {}
        if not form.is_valid():
            return self.dialogue_page(made, receipt, status=400, filled=filled)
        try:
            self.perform(made, form)
        except DomainError as error:
            if error.field in form.fields:
                form.add_error(error.field, error.message)
                return self.dialogue_page(made, receipt, status=error.status_code, filled=filled)
            return self.dialogue_page(
                made, receipt, status=error.status_code, trouble=error.message, filled=filled
            )
        again = find(receipt)
        assert again is not None  # noqa: S101 - it was there a moment ago, nobody deletes
        return self.dialogue_page(again, receipt, done=str(self.done))

    def perform(self, made: StaffRequest, form: forms.Form) -> None:
        raise NotImplementedError

    @property
    def moment(self) -> Any:
        return midnight(timezone.now())


class AddWord(AuthorStep):
    form_class = WordForm
    form_name = "word_form"

    @property
    def done(self) -> str:  # type: ignore[override]
        return _("补充的话收到了，下一个工作日一早送到承办的同志手里。")

    def perform(self, made: StaffRequest, form: forms.Form) -> None:
        author.add_word(
            request_id=made.pk,
            text=form.cleaned_data["text"],
            actor=None,
            has_receipt=True,
            now=self.moment,
        )


class Withdraw(AuthorStep):
    @property
    def done(self) -> str:  # type: ignore[override]
        return _("已撤回，不再办理。")

    def perform(self, made: StaffRequest, form: forms.Form) -> None:
        author.withdraw(request_id=made.pk, actor=None, has_receipt=True, now=self.moment)


class Rate(AuthorStep):
    form_class = RateForm
    form_name = "rate_form"

    @property
    def done(self) -> str:  # type: ignore[override]
        return _("评价收到了。")

    def perform(self, made: StaffRequest, form: forms.Form) -> None:
        author.rate(
            request_id=made.pk,
            solved=form.cleaned_data["solved"],
            is_answered=form.cleaned_data["is_answered"],
            comment=form.cleaned_data["comment"],
            again=form.cleaned_data["again"],
            actor=None,
            has_receipt=True,
            now=self.moment,
        )


class Arrived(AuthorStep):
    form_class = ArrivedForm
    form_name = "arrived_form"

    @property
    def done(self) -> str:  # type: ignore[override]
        return _("记下了。")

    def perform(self, made: StaffRequest, form: forms.Form) -> None:
        promise = made.promises.filter(pk=form.cleaned_data["promise"]).first()
        if promise is None:
            raise DomainError(_("这件事没有这项承诺。"))
        author.confirm_promise(
            promise_id=promise.pk,
            arrived=form.cleaned_data["arrived"],
            note=form.cleaned_data["note"],
            actor=None,
            has_receipt=True,
            now=self.moment,
        )


class VerifyStub(AnonymousView):
    """核对回执存根: yes or no, and nothing about any request."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.page("verify", {"form": StubForm()})

    def post(self, request: HttpRequest) -> HttpResponse:
        form = StubForm(request.POST)
        if self.refusal:
            return self.page("verify", {"form": form, "trouble": self.refusal}, self.refusal_status)
        if not form.is_valid():
            return self.page("verify", {"form": form}, 400)
        context = {
            "form": form,
            "asked": True,
            "genuine": form.is_genuine,
            "on": zh_date(form.cleaned_data["on"]),
        }
        return self.page("verify", context)
