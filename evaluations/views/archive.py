"""Pages of the archive: search, one file, a month as a zip."""

from __future__ import annotations

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.generic import View

from branches.access import access_of
from branches.models import Committee
from evaluations.models import IssuedPaper, PaperBatch
from evaluations.paper_files import issued_file
from evaluations.selectors.archive import archive
from evaluations.services import batches
from portal.accounts.requests import signed_in
from portal.documents.official import PaperUnavailable
from portal.kernel.errors import DomainError
from portal.kernel.months import Month
from portal.kernel.ui import Crumb


def _crumbs(last: str) -> list[Crumb]:
    return [
        Crumb(_("通报"), reverse("evaluations:bulletins")),
        Crumb(_("文件库"), reverse("evaluations:archive")),
        Crumb(last),
    ]


class ArchivePage(View):
    """文件库."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.show(request)

    def show(self, request: HttpRequest, *, refusal: str = "", status: int = 200) -> HttpResponse:
        found = archive(signed_in(request), request.GET.dict(), reverse("evaluations:archive"))
        context = {"archive": found, "refusal": refusal, "crumbs": _crumbs("")[:1]}
        return render(request, "evaluations/papers/archive.html", context, status=status)


class PaperFile(View):
    """A signed paper as PDF or docx."""

    def get(self, request: HttpRequest, pk: int, slug: str, form: str) -> HttpResponse:
        paper = get_object_or_404(IssuedPaper.objects.visible_to(signed_in(request)), pk=pk)
        try:
            return issued_file(paper, slug, form)
        except PaperUnavailable as refusal:
            return ArchivePage().show(request, refusal=refusal.message, status=503)


class AskForBatch(View):
    """整月打包, by POST: committee and month."""

    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest) -> HttpResponse:
        overseen = access_of(request.user).overseen_committees
        if not overseen:
            raise Http404
        key = request.POST.get("committee", "")
        committee = get_object_or_404(
            Committee.objects.filter(pk__in=overseen),
            pk=int(key) if key.isascii() and key.isdigit() and len(key) < 18 else 0,
        )
        try:
            month = Month.parse(request.POST.get("month", ""))
        except ValueError:
            raise Http404 from None
        try:
            batch = batches.ask_for_batch(
                committee=committee, month=month, actor=signed_in(request), now=timezone.now()
            )
        except DomainError as error:
            return ArchivePage().show(request, refusal=error.message, status=error.status_code)
        return redirect("evaluations:batch", pk=batch.pk)


class BatchView(View):
    def rows(self) -> QuerySet[PaperBatch]:
        rows: QuerySet[PaperBatch] = PaperBatch.objects.visible_to(signed_in(self.request))
        return rows.select_related("committee", "asked_by")


class BatchPage(BatchView):
    """How far a zip is; asks again by itself until it is ready."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        batch = get_object_or_404(self.rows(), pk=pk)
        context = {
            "batch": batch,
            "month": Month.of(batch.month),
            "is_there": batches.path_of(batch).is_file(),
            "percent": 100 * batch.done // batch.total if batch.total else 0,
            "crumbs": _crumbs(_("整月打包")),
        }
        part = "_batch" if getattr(request, "htmx", False) else "batch"
        return render(request, f"evaluations/papers/{part}.html", context)


class BatchFile(BatchView):
    """The zip itself."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        response = batches.batch_response(get_object_or_404(self.rows(), pk=pk))
        if response is None:
            raise Http404
        return response
