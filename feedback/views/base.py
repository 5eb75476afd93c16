"""What the pages share."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.generic import View

from feedback.forms.steps import StepForm
from feedback.models import Promise, StaffRequest, SupervisionOrder
from feedback.selectors.pages import request_for_page, request_page
from portal.accounts.requests import signed_in
from portal.kernel.errors import DomainError
from portal.kernel.months import local_date
from portal.kernel.ui import Crumb


def today_here() -> dt.date:
    return local_date(timezone.now())


class RequestView(View):
    """What every address of one request shares: a stranger gets 404, a refusal the page."""

    def find(self, key: str) -> StaffRequest:
        try:
            return request_for_page(signed_in(self.request), key)
        except StaffRequest.DoesNotExist:
            raise Http404 from None

    def show(
        self,
        request: StaffRequest,
        *,
        status: int = 200,
        refusal: str = "",
        bound: Mapping[str, StepForm] | None = None,
        name: str = "",
    ) -> HttpResponse:
        page = request_page(request, signed_in(self.request), today_here(), bound)
        label, url = page.back
        shown = any(
            action.form.is_bound for action in (*page.actions, *([page.main] if page.main else []))
        )
        if bound and not shown and not refusal:
            refusal = _("这一步现在不能做了，页面已经更新。")
        context = {
            "page": page,
            "refusal": refusal,
            "name": name,
            "crumbs": [Crumb(label, url), Crumb(page.request.number)],
        }
        return render(self.request, "feedback/request.html", context, status=status)


class StepView(RequestView):
    """One step, by POST. Subclasses name the form and call the service."""

    http_method_names = ["post", "options"]
    name = ""
    form_class: type[StepForm] = StepForm
    kind = "request"

    def take(self, key: str, values: dict[str, Any], common: dict[str, Any]) -> Any:
        raise NotImplementedError

    def owner(self, key: str) -> StaffRequest:
        """The request that the address belongs to."""
        if self.kind == "request":
            return self.find(key)
        model: Any = Promise if self.kind == "promise" else SupervisionOrder
        found = model.objects.filter(pk=key).values_list("request_id", flat=True).first()
        if found is None:
            raise Http404
        return self.find(found)

    def post(self, request: HttpRequest, key: str) -> HttpResponse:
        owner = self.owner(key)
        form = self.form_class(request.POST, request=owner)
        known = self.name if self.kind == "request" else f"{self.name}:{key}"
        if not form.is_valid():
            return self.show(owner, status=400, bound={known: form})
        common = {"actor": signed_in(request), "now": timezone.now()}
        try:
            self.take(key, self.values(form), common)
        except DomainError as error:
            beside = error.field in form.fields
            if beside:
                form.refuse(error)
            return self.show(
                self.find(owner.pk),
                status=error.status_code,
                refusal="" if beside else error.message,
                bound={known: form},
            )
        return self.done(owner)

    def values(self, form: StepForm) -> dict[str, Any]:
        return form.cleaned_data

    def done(self, owner: StaffRequest) -> HttpResponse:
        return redirect("feedback:request", key=owner.pk)
