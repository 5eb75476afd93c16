"""Pages of the registers: dues, talks, terms, recruiting, study hours. One plain pattern."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import FormView, TemplateView, View

from branches.dues import dues_of, rate_of
from branches.duties import STUDY_PERCENT, study_schedule
from branches.duty_facts import BranchFacts
from branches.duty_matrix import duties_of, study_target_of
from branches.forms.registers import CalculatorForm, TakeBackForm
from branches.models import Branch, Duty
from branches.permissions import may_record
from branches.register_pages import REGISTERS, Register, dues_rows, study_rows
from branches.services import registers
from branches.services.registers import DuesLine
from branches.views.base import (
    ServiceFormView,
    month_of,
    months_back,
    today_of,
    visible_branch,
)
from branches.views.records import crumbs_of, inside, record_tabs
from portal.accounts.requests import signed_in
from portal.documents.excel import Column, Kind, Sheet, xlsx_response
from portal.kernel.errors import DomainError
from portal.kernel.ui import Crumb

ROWS_PER_PAGE = 30


def register_of(slug: str) -> Register:
    try:
        return REGISTERS[slug]
    except KeyError:
        raise Http404 from None


def writable(request: HttpRequest, pk: int) -> Branch:
    """A branch whose records the user keeps."""
    branch = visible_branch(signed_in(request), pk)
    if not may_record(signed_in(request), branch):
        raise PermissionDenied(_("只有本支部的书记、副书记可以登记。"))
    return branch


def trail(request: HttpRequest, branch: Branch, name: str) -> list[Crumb]:
    own = crumbs_of(signed_in(request), branch)
    return [*own, Crumb(name)] if own else []


class RegisterList(TemplateView):
    """The rows of a register with what is missing beside them."""

    template_name = "branches/register.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        user = signed_in(self.request)
        branch = inside(user, self.kwargs["pk"])
        register = register_of(self.kwargs["slug"])
        page = register.page(branch, today_of())
        rows = Paginator(page.rows, ROWS_PER_PAGE).get_page(self.request.GET.get("page"))
        return super().get_context_data(
            branch=branch,
            register=register,
            page=page,
            rows=rows,
            told_rows=[
                {"key": row.key, "told": list(zip(register.heads, row.cells, strict=True))}
                for row in rows
            ],
            tabs=record_tabs(branch, register.slug),
            may_record=may_record(user, branch),
            crumbs=trail(self.request, branch, str(register.label)),
            **kwargs,
        )


class RegisterFile(View):
    """The same rows as an Excel file."""

    def get(self, request: HttpRequest, pk: int, slug: str) -> HttpResponse:
        branch = inside(signed_in(request), pk)
        register = register_of(slug)
        page = register.page(branch, today_of())
        name = f"{branch.label}{register.label}"
        sheet = Sheet(
            name=register.label,
            columns=[Column(head, Kind.TEXT, width=20) for head in register.heads],
            rows=[row.cells for row in page.rows],
            title=name,
            notes=[page.heading],
        )
        return xlsx_response(name, [sheet])


class RegisterAdd(ServiceFormView):
    """A new row."""

    template_name = "branches/register_form.html"
    submit_label = gettext_lazy("登记")

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        self.register = register_of(kwargs["slug"])
        self.branch = writable(request, kwargs["pk"])
        return super().dispatch(request, *args, **kwargs)

    def get_form_class(self) -> Any:
        return self.register.form_class

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"branch": self.branch, "today": today_of()}

    def get_initial(self) -> dict[str, Any]:
        return self.register.initial(self.branch, today_of())

    def get_title(self) -> Any:
        return self.register.add_label

    def perform(self, form: Any) -> Any:
        return self.register.add(
            self.branch, form.cleaned_data, actor=self.user, now=timezone.now()
        )

    def get_back_url(self) -> str:
        return reverse("branches:register", args=[self.branch.pk, self.register.slug])


class RegisterTakeBack(ServiceFormView):
    """Remove a row that was entered by mistake."""

    form_class = TakeBackForm
    danger = True
    submit_label = gettext_lazy("撤销")

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        self.register = register_of(kwargs["slug"])
        rows = self.register.model.objects.visible_to(signed_in(request))
        self.row = get_object_or_404(rows.select_related("branch"), pk=kwargs["row"])
        if not may_record(signed_in(request), self.row.branch):
            raise PermissionDenied(_("只有本支部的书记、副书记可以登记。"))
        return super().dispatch(request, *args, **kwargs)

    def get_title(self) -> str:
        return _("撤销“%(row)s”") % {"row": self.row}

    def perform(self, form: forms.Form) -> None:
        registers.take_back(
            row=self.row,
            reason=form.cleaned_data["reason"],
            actor=self.user,
            now=timezone.now(),
        )

    def get_back_url(self) -> str:
        return reverse("branches:register", args=[self.row.branch_id, self.register.slug])


class Dues(TemplateView):
    """A month's dues: amounts of last month are there already, one press settles them."""

    template_name = "branches/dues.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        user = signed_in(self.request)
        branch = inside(user, self.kwargs["pk"])
        month, today = month_of(self.request), today_of()
        rows = dues_rows(branch, month)
        typed: dict[str, str] = kwargs.get("typed", {})
        shown = [
            {
                "row": row,
                "amount": typed.get(f"amount_{row.person_id}", row.amount or row.usual or ""),
                "exempt": typed.get(f"exempt_{row.person_id}", row.exempt_reason),
                "error": kwargs.get("errors", {}).get(f"amount_{row.person_id}", ""),
            }
            for row in rows
        ]
        return super().get_context_data(
            **{
                "branch": branch,
                "month": month,
                "months": months_back(),
                "rows": shown,
                "settled": sum(row.is_settled for row in rows),
                "left": sum(not row.is_settled for row in rows),
                "total": sum((row.amount or Decimal(0) for row in rows), Decimal(0)),
                "paid_on": typed.get("paid_on", min(today, month.last_day).isoformat()),
                "today": today,
                "tabs": record_tabs(branch, "dues"),
                "may_record": may_record(user, branch),
                "crumbs": trail(self.request, branch, _("党费")),
                **kwargs,
            }
        )

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        branch, month = writable(request, pk), month_of(request)
        errors: dict[str, str] = {}
        lines = []
        for row in dues_rows(branch, month):
            name = f"amount_{row.person_id}"
            text = request.POST.get(name, "").strip()
            reason = request.POST.get(f"exempt_{row.person_id}", "").strip()[:100]
            try:
                amount = Decimal(text or "0").quantize(Decimal("0.01"))
                if not amount.is_finite():  # "NaN" is a Decimal too
                    raise InvalidOperation
            except InvalidOperation:
                errors[name] = _("%(name)s的金额不是数字。") % {"name": row.name}
                continue
            lines.append(DuesLine(row.person_id, amount, reason))
        try:
            paid_on = dt.date.fromisoformat(request.POST.get("paid_on", ""))
        except ValueError:
            paid_on = None
            errors["paid_on"] = _("请填交纳日期。")
        if not errors and paid_on is not None:
            try:
                registers.settle_dues(
                    branch=branch,
                    month=month,
                    paid_on=paid_on,
                    lines=lines,
                    actor=signed_in(request),
                    now=timezone.now(),
                )
                address = reverse("branches:dues", args=[branch.pk])
                return HttpResponseRedirect(f"{address}?month={month}")
            except DomainError as error:
                errors[error.field or "paid_on"] = error.message
        context = self.get_context_data(typed=request.POST.dict(), errors=errors)
        return self.render_to_response(context, status=400)


class DuesFile(View):
    """The month's dues as an Excel file, which can also be filled in and read back."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        branch, month = inside(signed_in(request), pk), month_of(request)
        rows = dues_rows(branch, month)
        sheet = Sheet(
            name=_("党费"),
            columns=[
                Column(_("姓名"), width=12),
                Column(_("月份"), width=10),
                Column(_("金额"), Kind.NUMBER, width=10),
                Column(_("交纳日期"), Kind.DATE),
                Column(_("减免原因"), width=24),
            ],
            rows=[
                (row.name, str(month), row.amount, row.paid_on, row.exempt_reason) for row in rows
            ],
            title=_("%(branch)s%(month)s党费") % {"branch": branch.label, "month": month.label},
            portrait=True,
        )
        return xlsx_response(f"{branch.label}{month.label}党费", [sheet])


class Study(TemplateView):
    """Hours of every member in the year, from the records."""

    template_name = "branches/study.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        user = signed_in(self.request)
        branch = inside(user, self.kwargs["pk"])
        month, today = month_of(self.request), today_of()
        rows = study_rows(branch, month.year, min(today, month.last_day))
        row = duties_of(branch, month, today)
        cell = next((c for c in row.cells if c.duty == Duty.GROUP_STUDY), None) if row else None
        target = study_target_of(branch, month)
        plan = study_schedule(BranchFacts("", False, False, study_target=target), month)
        return super().get_context_data(
            branch=branch,
            month=month,
            months=months_back(),
            rows=rows,
            cell=cell,
            plan=plan,
            behind=sum(r.hours * 100 < plan * STUDY_PERCENT for r in rows),
            tabs=record_tabs(branch, "study"),
            crumbs=trail(self.request, branch, _("学时")),
            **kwargs,
        )


class Calculator(FormView):  # type: ignore[type-arg]
    """What somebody owes of a wage. Nothing is stored, nothing is logged: the answer is drawn
    from the request's body and forgotten."""

    template_name = "branches/dues_calculator.html"
    form_class = CalculatorForm

    def form_valid(self, form: CalculatorForm) -> HttpResponse:
        base, retired = form.cleaned_data["base"], form.cleaned_data["retired"]
        context = self.get_context_data(
            form=form,
            due=dues_of(base, retired=retired),
            rate=rate_of(base, retired=retired) * 100 if base else None,
        )
        return self.render_to_response(context)

    def render_to_response(self, context: dict[str, Any], **kwargs: Any) -> HttpResponse:
        response = super().render_to_response(context, **kwargs)
        response["Cache-Control"] = "private, no-store"
        return response
