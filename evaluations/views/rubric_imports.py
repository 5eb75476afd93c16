"""Taking a rubric in from Excel: upload, look, then decide."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.generic import View

from evaluations.forms.rubrics import ConfirmImportForm, UploadForm
from evaluations.models import Rubric, RubricImport
from evaluations.rubric_checks import whole_problems
from evaluations.rubric_content import from_plain
from evaluations.rubric_differences import differences
from evaluations.rubric_workbook import read_workbook
from evaluations.services import rubric_drafts
from evaluations.services.rubric_drafts import PREVIEW_KEPT
from evaluations.services.rubrics import content_of, version_in_force
from evaluations.views.rubrics import crumbs, drafter, earliest_month, this_day
from portal.accounts.models import User
from portal.kernel.errors import DomainError
from portal.kernel.months import Month
from portal.kernel.ui import Crumb


class Upload(View):
    """Choose a workbook; it is read at once and kept for the preview."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        drafter(request)
        return self._show(request, get_object_or_404(Rubric, pk=pk), UploadForm())

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        user = drafter(request)
        rubric = get_object_or_404(Rubric, pk=pk)
        form = UploadForm(request.POST, request.FILES)
        if not form.is_valid():
            return self._show(request, rubric, form, status=400)
        file = form.cleaned_data["file"]
        try:
            understood = read_workbook(file, for_secretaries=rubric.is_for_secretaries)
        except DomainError as error:
            form.add_error("file", error.message)
            return self._show(request, rubric, form, status=error.status_code)
        rubric_drafts.keep_import(
            rubric=rubric,
            file_name=file.name,
            content=understood.content,
            report=[line.as_dict() for line in understood.report],
            actor=user,
            now=timezone.now(),
        )
        return redirect("evaluations:rubric-import-preview", pk=pk)

    def _show(
        self, request: HttpRequest, rubric: Rubric, form: UploadForm, *, status: int = 200
    ) -> HttpResponse:
        return render(
            request,
            "evaluations/rubrics/upload.html",
            {
                "rubric": rubric,
                "form": form,
                "current": version_in_force(rubric, Month.of(this_day())),
                "crumbs": [*crumbs(), Crumb(_("导入%(name)s") % {"name": rubric.name})],
            },
            status=status,
        )


class Preview(View):
    """What was understood, what was not, what would change. Nothing is written before the
    officer confirms."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        user = drafter(request)
        rubric = get_object_or_404(Rubric, pk=pk)
        return self._show(request, rubric, user, ConfirmImportForm(free=earliest_month()))

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        user = drafter(request)
        rubric = get_object_or_404(Rubric, pk=pk)
        form = ConfirmImportForm(request.POST, free=earliest_month())
        if not form.is_valid():
            return self._show(request, rubric, user, form, status=400)
        try:
            version = rubric_drafts.confirm_import(
                rubric=rubric, actor=user, now=timezone.now(), **form.cleaned_data
            )
        except DomainError as error:
            form.refuse(error)
            return self._show(request, rubric, user, form, status=error.status_code)
        return redirect("evaluations:rubric-edit", pk=version.pk)

    def _show(
        self,
        request: HttpRequest,
        rubric: Rubric,
        user: User,
        form: ConfirmImportForm,
        *,
        status: int = 200,
    ) -> HttpResponse:
        now = timezone.now()
        kept = RubricImport.objects.filter(
            rubric=rubric, user=user, uploaded_at__gte=now - PREVIEW_KEPT
        ).first()
        if kept is None:
            for error in form.non_field_errors():
                messages.error(request, str(error))
            return redirect("evaluations:rubric-import", pk=rubric.pk)
        content = from_plain(kept.content)
        current = version_in_force(rubric, Month.of(this_day()))
        causes = [line for line in kept.report if not line.get("follows")]
        unread = {line["code"] for line in kept.report if line.get("code")}
        changes = differences(content_of(current), content) if current else []
        context: dict[str, Any] = {
            "rubric": rubric,
            "kept": kept,
            "causes": causes,
            "follows": len(kept.report) - len(causes),
            # What was not understood has not been taken out by anybody.
            "unread": sorted(
                {c.place for c in changes if c.kind == "removed" and c.place in unread}
            ),
            "content": content,
            "item_count": len(list(content.items)),
            "rule_count": sum(len(item.rules) for item in content.items),
            "problems": whole_problems(content),
            "current": current,
            "changes": [c for c in changes if c.kind != "removed" or c.place not in unread],
            "form": form,
            "crumbs": [*crumbs(), Crumb(_("导入%(name)s") % {"name": rubric.name})],
        }
        return render(request, "evaluations/rubrics/preview.html", context, status=status)
