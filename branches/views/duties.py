"""Officers: every duty of every branch on one page, as a file, and the settings behind it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView, View

from branches.access import access_of
from branches.burden import burden_of
from branches.duty_board import duty_board, sheet_of
from branches.forms.registers import SettingsForm
from branches.models import Branch, BranchType, Committee, DutySettings
from branches.permissions import may_edit_organisation
from branches.services.registers import set_duty_settings
from branches.views.base import ServiceFormView, month_of, months_back, today_of
from portal.accounts.models import User
from portal.accounts.requests import signed_in
from portal.documents.excel import xlsx_response
from portal.kernel.months import Month
from portal.kernel.searches import search_text
from portal.kernel.ui import Tab


def overseer(request: HttpRequest) -> User:
    """Somebody who oversees a committee or heads a general branch."""
    user = signed_in(request)
    access = access_of(user)
    if not access.overseen_committees and not access.seen_branches:
        raise PermissionDenied(_("只有党群部、党委和支部的同志可以看应办事项。"))
    return user


def _asked(request: HttpRequest) -> dict[str, Any]:
    query = request.GET
    kind, committee = query.get("type", ""), query.get("committee", "")
    return {
        "branch_type": kind if kind in BranchType.values else "",
        "committee_id": int(committee) if committee.isdigit() and len(committee) < 10 else None,
        "text": search_text(query, 40),
        "only_missing": query.get("missing") == "1",
    }


class DutyBoard(TemplateView):
    """应办事项: branches x duties of a month."""

    template_name = "branches/duty_board.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        user = overseer(self.request)
        month, asked = month_of(self.request), _asked(self.request)
        board = duty_board(user, month=month, today=today_of(), **asked)
        query = self.request.GET.copy()

        def tab(value: str, label: Any) -> Tab:
            query["type"] = value
            if not value:
                query.pop("type")
            return Tab(label, f"?{query.urlencode()}", is_current=value == asked["branch_type"])

        short = {"production": _("生产"), "management": _("管理"), "business": _("经营")}
        return super().get_context_data(
            board=board,
            month=month,
            months=months_back(),
            settable=[c for c in board.committees if may_edit_organisation(user, c)][:3],
            type_tabs=[tab("", _("全部")), *(tab(v, short[v]) for v in BranchType.values)],
            **asked,
            **kwargs,
        )


class DutyBoardFile(View):
    """The board as it is filtered, as an Excel file."""

    def get(self, request: HttpRequest) -> HttpResponse:
        user, month = overseer(request), month_of(request)
        board = duty_board(user, month=month, today=today_of(), **_asked(request))
        return xlsx_response(f"{month.label}应办事项", [sheet_of(board)])


class BurdenPage(TemplateView):
    """减负账单: what was asked of people in a month. Shown to everybody."""

    template_name = "branches/burden.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        user, month = signed_in(self.request), month_of(self.request)
        return super().get_context_data(
            burden=burden_of(Branch.objects.visible_to(user), month),
            month=month,
            months=months_back(),
            **kwargs,
        )


class DutySettingsForm(ServiceFormView):
    """How often lectures are due, how many hours a year: from a month on."""

    form_class = SettingsForm
    title = gettext_lazy("应办事项设置")
    submit_label = gettext_lazy("从这个月起照此办")

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        user = signed_in(request)
        access = access_of(user)
        known = Committee.objects.filter(pk__in=access.overseen_committees | access.home_committees)
        self.committee: Committee = get_object_or_404(known, pk=kwargs["pk"])
        if not may_edit_organisation(user, self.committee):
            raise PermissionDenied(_("只有党群部可以改设置。"))
        return super().dispatch(request, *args, **kwargs)

    def get_initial(self) -> dict[str, Any]:
        month = Month.of(today_of())
        row = DutySettings.objects.filter(
            committee=self.committee, first_month__lte=month.first_day
        ).first()
        return {
            "first_month": month.plus(1),
            "lecture_frequency": row.lecture_frequency if row else "Q",
            "study_hours": row.study_hours if row else 32,
        }

    @property
    def note(self) -> str:
        return _("%(name)s所属支部。改动从选定的月份起算，以前的月份不变。") % {
            "name": self.committee.name
        }

    def perform(self, form: forms.Form) -> DutySettings:
        return set_duty_settings(
            committee=self.committee, **form.cleaned_data, actor=self.user, now=timezone.now()
        )

    def get_back_url(self) -> str:
        return reverse("branches:duty-board")
