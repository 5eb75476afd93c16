"""Reading rubrics: the shelf, one version, two versions' difference, the workbook."""

from __future__ import annotations

import datetime as dt

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.generic import View

from evaluations.models import Rubric, RubricVersion
from evaluations.permissions import may_draft_rubric
from evaluations.rubric_workbook import sheets_of
from evaluations.selectors.rubrics import compare, find_version, shelf, version_page
from evaluations.services.rubrics import content_of, first_free_month, version_in_force
from portal.accounts.models import User
from portal.accounts.requests import signed_in
from portal.documents.excel import xlsx_response
from portal.kernel.months import Month, local_date
from portal.kernel.ui import Crumb


def drafter(request: HttpRequest) -> User:
    """The signed-in user, if he may draft. Raises PermissionDenied."""
    user = signed_in(request)
    if not may_draft_rubric(user):
        raise PermissionDenied
    return user


def this_day() -> dt.date:
    return local_date(timezone.now())


def earliest_month() -> Month:
    """From when a new version may take effect: next month, or later when rounds are open."""
    month = Month.of(this_day())
    return max(month.plus(1), first_free_month() or month)


def crumbs(version: RubricVersion | None = None, *more: str) -> list[Crumb]:
    """Where a page of rubrics lies."""
    found = [Crumb(_("考评细则"), reverse("evaluations:rubric-list"))]
    if version is not None:
        label = _("%(rubric)s 第%(number)d版") % {
            "rubric": version.rubric.name,
            "number": version.number,
        }
        url = reverse("evaluations:rubric-version", args=[version.pk]) if more else ""
        found.append(Crumb(label, url))
    return [*found, *(Crumb(name) for name in more)]


class RubricList(View):
    """考评细则: every rubric, what is in force and what is coming."""

    def get(self, request: HttpRequest) -> HttpResponse:
        user = signed_in(request)
        today = this_day()
        return render(
            request,
            "evaluations/rubrics/list.html",
            {
                "rows": shelf(user, today),
                "month": Month.of(today),
                "may_draft": may_draft_rubric(user),
                "free_month": earliest_month(),
            },
        )


class RubricInForce(View):
    """The version in force this month, by the rubric's code: an address to write down."""

    def get(self, request: HttpRequest, code: str) -> HttpResponse:
        rubric = get_object_or_404(Rubric, code=code)
        version = version_in_force(rubric, Month.of(this_day()))
        if version is None:
            raise Http404
        return redirect("evaluations:rubric-version", pk=version.pk)


class VersionPage(View):
    """One version to read, search, print and compare."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        user = signed_in(request)
        version = find_version(user, pk)
        page = version_page(user, version, today=this_day(), query=request.GET.get("q", ""))
        exact = page.content.item(page.query.upper())
        if exact:  # a code leads to its item
            address = reverse("evaluations:rubric-version", args=[pk])
            return redirect(f"{address}#{exact.code}")
        return render(
            request,
            "evaluations/rubrics/version.html",
            {"page": page, "crumbs": crumbs(version)},
        )


class Difference(View):
    """What a version changes against another (``?with=``; by default the one before)."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        user = signed_in(request)
        version = find_version(user, pk)
        page = version_page(user, version, today=this_day())
        others = [other for other in page.versions if other.pk != version.pk]
        chosen = request.GET.get("with", "")
        if chosen:
            other = next((other for other in others if str(other.pk) == chosen), None)
            if other is None:
                raise Http404
        else:
            other = page.previous
        comparison = compare(other, page) if other else None
        return render(
            request,
            "evaluations/rubrics/difference.html",
            {
                "page": page,
                "others": others,
                "other": other,
                "comparison": comparison,
                "crumbs": crumbs(version, _("版本差异")),
            },
        )


class VersionWorkbook(View):
    """The version as an Excel workbook, in the form that can be uploaded again."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        version = find_version(signed_in(request), pk)
        title = _("%(rubric)s 第%(number)d版（%(month)s起）") % {
            "rubric": version.rubric.name,
            "number": version.number,
            "month": version.month.label,
        }
        return xlsx_response(title, sheets_of(content_of(version), title=title))
