"""What the pages of this app share."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.generic import FormView

from branches.models import Branch
from portal.accounts.models import User
from portal.accounts.requests import signed_in
from portal.kernel.errors import DomainError
from portal.kernel.months import Month, local_date


def today_of(now: dt.datetime | None = None) -> dt.date:
    return local_date(now or timezone.now())


def month_of(request: HttpRequest) -> Month:
    """The month in the address (``?month=2017-06``), else the current one. A word that is no
    month is a page that does not exist."""
    text = request.GET.get("month", "")
    if not text:
        return Month.of(today_of())
    try:
        return Month.parse(text)
    except ValueError:
        raise Http404 from None


def months_back(count: int = 13) -> list[Month]:
    """This month and those before it, for month pickers."""
    latest = Month.of(today_of())
    return [latest.plus(-n) for n in range(count)]


def visible_branch(user: User, pk: int) -> Branch:
    """A branch the user may know of; for everybody else it does not exist."""
    branch: Branch = get_object_or_404(
        Branch.objects.visible_to(user).select_related("committee", "parent"), pk=pk
    )
    return branch


class ServiceFormView(FormView):  # type: ignore[type-arg]
    """A form whose saving is one service call.

    ``perform(form)`` calls the service. A DomainError becomes the error of its field (409
    when the state or another person is in the way); nothing typed is lost.
    """

    template_name = "branches/plain_form.html"
    title: Any = ""
    submit_label: Any = ""
    note: Any = ""
    danger = False

    @property
    def user(self) -> User:
        return signed_in(self.request)

    def perform(self, form: Any) -> Any:
        raise NotImplementedError

    def get_back_url(self) -> str:
        raise NotImplementedError

    def get_success_url(self) -> str:
        return self.get_back_url()

    def get_title(self) -> Any:
        return self.title

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            **{
                "title": self.get_title(),
                "submit_label": self.submit_label,
                "note": self.note,
                "danger": self.danger,
                "back_url": self.get_back_url(),
            }
            | kwargs
        )

    def form_valid(self, form: forms.Form) -> HttpResponse:
        try:
            self.result = self.perform(form)
        except DomainError as error:
            return self.refuse(form, error)
        return super().form_valid(form)

    def refuse(self, form: forms.Form, error: DomainError) -> HttpResponse:
        field = error.field if error.field in form.fields else None
        form.add_error(field, error.message)
        response = self.form_invalid(form)
        if error.status_code == 409:
            response.status_code = 409
        return response
