"""Excel out of the lists of people and branches, exactly what their pages show."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.generic import View

from branches.burden import burden_of
from branches.list_sheets import (
    burden_sheet,
    members_sheet,
    people_sheet,
    study_sheet,
    tree_sheet,
)
from branches.models import Branch
from branches.organisation_tree import members_page
from branches.permissions import may_edit_organisation
from branches.register_pages import study_rows
from branches.views.base import month_of, today_of
from branches.views.organisation import asked_tree
from branches.views.people import asked_people
from branches.views.records import inside
from portal.accounts.requests import signed_in
from portal.documents.excel import Sheet, xlsx_response


class ListFile(View):
    """One table as a workbook."""

    def table(self, request: HttpRequest, **gaps: Any) -> Sheet:
        raise NotImplementedError

    def get(self, request: HttpRequest, **gaps: Any) -> HttpResponse:
        sheet = self.table(request, **gaps)
        return xlsx_response(str(sheet.title), [sheet])


class MembersFile(ListFile):
    """党员名册, which can be read in again."""

    def table(self, request: HttpRequest, **gaps: Any) -> Sheet:
        user = signed_in(request)
        branch = inside(user, gaps["pk"])
        kind = request.GET.get("kind", "")
        rows = members_page(branch, today_of())
        return members_sheet(
            branch,
            [row for row in rows if not kind or row.membership.kind == kind],
            is_whole=may_edit_organisation(user, branch.committee),
        )


class StudyFile(ListFile):
    """学时."""

    def table(self, request: HttpRequest, **gaps: Any) -> Sheet:
        branch, month = inside(signed_in(request), gaps["pk"]), month_of(request)
        rows = study_rows(branch, month.year, min(today_of(), month.last_day))
        return study_sheet(branch, month, rows)


class PeopleFile(ListFile):
    """人员, as far as the search finds them."""

    def table(self, request: HttpRequest, **gaps: Any) -> Sheet:
        return people_sheet(asked_people(request))


class TreeFile(ListFile):
    """组织, as far as the search finds them."""

    def table(self, request: HttpRequest, **gaps: Any) -> Sheet:
        return tree_sheet(asked_tree(request))


class BurdenFile(ListFile):
    """减负账单."""

    def table(self, request: HttpRequest, **gaps: Any) -> Sheet:
        branches = Branch.objects.visible_to(signed_in(request))
        return burden_sheet(burden_of(branches, month_of(request)))
