"""Excel in: choose a file, look at what was read, say yes, undo."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import View

from branches.models import Branch, ImportKind, ImportStage, RowImport
from branches.services.imports import accept_import, keep_import, may_import, undo_import
from branches.views.base import visible_branch
from branches.workbooks import OPTIONAL, REQUIRED, blank_sheet, problem_sheet
from portal.accounts.models import User
from portal.accounts.requests import signed_in
from portal.documents.excel import xlsx_response
from portal.documents.excel.guarding import LARGE
from portal.kernel.errors import DomainError

SHOWN = 200  # rows drawn in the preview; the problems come first


class UploadForm(forms.Form):
    file = forms.FileField(
        label=gettext_lazy("Excel 文件"),
        help_text=gettext_lazy(
            "照空表的列填，.xlsx，一次最多5万行。先给您看读到了什么，点头才写。"
        ),
        error_messages={"required": gettext_lazy("请选一个文件。")},
    )


def _asked(request: HttpRequest, pk: int, kind: str) -> tuple[Branch, ImportKind]:
    if kind not in ImportKind.values:
        raise Http404
    branch = visible_branch(signed_in(request), pk)
    if not may_import(signed_in(request), branch, kind):
        raise PermissionDenied(_("名册由党群部导入，党费和记录由本支部书记、副书记导入。"))
    return branch, ImportKind(kind)


class ImportUpload(View):
    """Choose a file."""

    def get(self, request: HttpRequest, pk: int, kind: str) -> HttpResponse:
        return self._draw(request, *_asked(request, pk, kind), UploadForm())

    def post(self, request: HttpRequest, pk: int, kind: str) -> HttpResponse:
        branch, asked = _asked(request, pk, kind)
        form = UploadForm(request.POST, request.FILES)
        if not form.is_valid():
            return self._draw(request, branch, asked, form, 400)
        file = form.cleaned_data["file"]
        try:
            kept = keep_import(
                uuid=uuid4(),
                branch=branch,
                kind=asked,
                filename=file.name,
                body=file.read(LARGE.size + 1),
                actor=signed_in(request),
                now=timezone.now(),
            )
        except DomainError as error:
            form.add_error("file", error.message)
            return self._draw(request, branch, asked, form, error.status_code)
        return redirect("branches:import-preview", kept.pk)

    @staticmethod
    def _draw(
        request: HttpRequest, branch: Branch, kind: ImportKind, form: UploadForm, status: int = 200
    ) -> HttpResponse:
        context = {
            "branch": branch,
            "kind": kind,
            "form": form,
            "required": REQUIRED[kind],
            "optional": OPTIONAL[kind],
        }
        return render(request, "branches/import.html", context, status=status)


class ImportBlank(View):
    """The empty table."""

    def get(self, request: HttpRequest, pk: int, kind: str) -> HttpResponse:
        branch, asked = _asked(request, pk, kind)
        return xlsx_response(f"{branch.label}{asked.label}导入表", [blank_sheet(asked, branch)])


def kept_for(user: User, uuid: UUID) -> RowImport:
    """An import of a branch whose rows the user may write; for all others it does not exist."""
    kept: RowImport = get_object_or_404(
        RowImport.objects.visible_to(user).select_related("branch__committee"), pk=uuid
    )
    return kept


class ImportPreview(View):
    """How far it is, what was read, row by row; yes; undo."""

    def get(self, request: HttpRequest, uuid: UUID) -> HttpResponse:
        return self._draw(request, kept_for(signed_in(request), uuid))

    def post(self, request: HttpRequest, uuid: UUID) -> HttpResponse:
        user = signed_in(request)
        kept = kept_for(user, uuid)
        who: dict[str, Any] = {"uuid": kept.pk, "actor": user, "now": timezone.now()}
        try:
            if request.POST.get("step") == "undo":
                undo_import(**who)
            else:
                accept_import(only_good=request.POST.get("only_good") == "1", **who)
        except DomainError as error:
            return self._draw(request, kept, error)
        return redirect("branches:import-preview", kept.pk)

    @staticmethod
    def _draw(
        request: HttpRequest, kept: RowImport, error: DomainError | None = None
    ) -> HttpResponse:
        context: dict[str, Any] = {
            "kept": kept,
            "branch": kept.branch,
            "error": error,
            "percent": min(100, 100 * kept.cursor // kept.total) if kept.total else 0,
        }
        if getattr(request, "htmx", False):
            answer = render(request, "branches/_import_progress.html", context)
            if not kept.is_at_work:
                answer["HX-Refresh"] = "true"
            return answer
        status = error.status_code if error is not None else 200
        if kept.is_at_work or kept.stage == ImportStage.UNREADABLE:
            return render(request, "branches/import_progress.html", context, status=status)
        good = kept.rows.filter(is_good=True).count()
        context |= {
            "good": good,
            "bad": kept.total - good,
            "rows": kept.rows.all()[:SHOWN],
            "hidden": max(0, kept.total - SHOWN),
        }
        return render(request, "branches/import_preview.html", context, status=status)


class ImportProblems(View):
    """The rows that don't fit as a table: row, column, reason."""

    def get(self, request: HttpRequest, uuid: UUID) -> HttpResponse:
        kept = kept_for(signed_in(request), uuid)
        return xlsx_response(
            f"{kept.branch.label}{kept.get_kind_display()}要改的行", [problem_sheet(kept)]
        )
