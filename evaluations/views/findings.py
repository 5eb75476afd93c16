"""Pages of the findings: the ledger with its countdowns, one finding, one view per step."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.generic import View

from evaluations.forms.rectification import (
    ExtendForm,
    FindingEvidenceForm,
    GiveBackForm,
    NoteForm,
    ReportForm,
    ServiceForm,
    TalkForm,
)
from evaluations.models import Finding
from evaluations.selectors.findings import FindingPage as Page
from evaluations.selectors.findings import finding_for_page, finding_page
from evaluations.selectors.ledgers import finding_ledger
from evaluations.services import evidence, finding_steps, findings, notices
from evaluations.views.moved_on import moved_on
from portal.accounts.requests import signed_in
from portal.kernel.errors import DomainError, EditConflict
from portal.kernel.months import local_date
from portal.kernel.ui import Crumb


def _today() -> dt.date:
    return local_date(timezone.now())


class FindingList(View):
    """问题台账."""

    def get(self, request: HttpRequest) -> HttpResponse:
        ledger = finding_ledger(signed_in(request), request.GET.dict(), _today())
        return render(request, "evaluations/findings/list.html", {"ledger": ledger})


class FindingView(View):
    """What every address of one finding shares: a stranger gets 404, a refusal the page."""

    def find(self, pk: int) -> Finding:
        try:
            return finding_for_page(signed_in(self.request), pk)
        except Finding.DoesNotExist:
            raise Http404 from None

    def show(
        self,
        pk: int,
        *,
        status: int = 200,
        refusal: str = "",
        forms: Mapping[str, ServiceForm] | None = None,
    ) -> HttpResponse:
        finding = self.find(pk)
        page = finding_page(finding, signed_in(self.request), _today())
        context: dict[str, Any] = {
            "page": page,
            "finding": finding,
            "crumbs": [
                Crumb(_("问题"), reverse("evaluations:finding-list")),
                Crumb(_("第%(number)d条") % {"number": finding.number}),
            ],
            "report_form": ReportForm.of(finding),
            "note_form": NoteForm(),
            "extend_form": ExtendForm(),
            "talk_form": TalkForm(),
            "evidence_form": FindingEvidenceForm(),
            "give_back_form": GiveBackForm(due_on=page.default_return_due),
            **(forms or {}),
        }
        gone = [form for name, form in (forms or {}).items() if not _offers(page, name)]
        context |= moved_on(gone, page.events, refusal)
        return render(self.request, "evaluations/findings/detail.html", context, status=status)


def _offers(page: Page, form_name: str) -> bool:
    """Whether the page shows the form."""
    shown = {
        "report_form": page.turn == "report",
        "note_form": page.turn == "verify" and not page.finding.awaits_endorsement,
        "give_back_form": page.turn == "verify",
        "extend_form": page.may_extend,
        "talk_form": page.may_talk,
        "evidence_form": page.may_change_files,
    }
    return shown[form_name]


class FindingPage(FindingView):
    """问题."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self.show(pk)


class StepView(FindingView):
    """One step of a finding, by POST."""

    http_method_names = ["post", "options"]
    form_name = ""

    def form(self, finding: Finding) -> ServiceForm:
        raise NotImplementedError

    def take(self, values: dict[str, Any], common: Any) -> str | None:
        """Where to go then, if not back to the finding."""
        raise NotImplementedError

    def _named(self, form: ServiceForm) -> dict[str, ServiceForm]:
        return {self.form_name: form} if self.form_name else {}

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        form = self.form(self.find(pk))
        if not form.is_valid():
            return self.show(pk, status=400, forms=self._named(form))
        common = {"finding_id": pk, "actor": signed_in(request), "now": timezone.now()}
        try:
            then = self.take(form.cleaned_data, common)
        except DomainError as error:
            beside = error.field in form.fields or hasattr(error, "errors")
            if isinstance(error, EditConflict) and isinstance(form, ReportForm):
                form.take_over(self.find(pk))
            elif beside:
                form.refuse(error)
            return self.show(
                pk,
                status=error.status_code,
                refusal="" if beside else error.message,
                forms=self._named(form),
            )
        return redirect(then or reverse("evaluations:finding-detail", args=[pk]))


class SendReport(StepView):
    """报整改."""

    form_name = "report_form"

    def form(self, finding: Finding) -> ServiceForm:
        return ReportForm(self.request.POST)

    def take(self, values: dict[str, Any], common: Any) -> None:
        findings.report_finding(**values, **common)


class Verify(StepView):
    """销号."""

    form_name = "note_form"

    def form(self, finding: Finding) -> ServiceForm:
        return NoteForm(self.request.POST)

    def take(self, values: dict[str, Any], common: Any) -> None:
        findings.verify_finding(**values, **common)


class GiveBack(StepView):
    """退回再改."""

    form_name = "give_back_form"

    def form(self, finding: Finding) -> ServiceForm:
        return GiveBackForm(self.request.POST)

    def take(self, values: dict[str, Any], common: Any) -> None:
        findings.return_finding(**values, **common)


class Extend(StepView):
    """延期."""

    form_name = "extend_form"

    def form(self, finding: Finding) -> ServiceForm:
        return ExtendForm(self.request.POST)

    def take(self, values: dict[str, Any], common: Any) -> None:
        finding_steps.extend_finding(**values, **common)


class Talk(StepView):
    """约谈."""

    form_name = "talk_form"

    def form(self, finding: Finding) -> ServiceForm:
        return TalkForm(self.request.POST)

    def take(self, values: dict[str, Any], common: Any) -> None:
        finding_steps.talk_about_finding(**values, **common)


class ToNotice(StepView):
    """转整改通知书: leads to the draft."""

    def form(self, finding: Finding) -> ServiceForm:
        return ServiceForm(self.request.POST)

    def take(self, values: dict[str, Any], common: Any) -> str:
        notice = notices.notice_from_finding(**common)
        return reverse("evaluations:notice-detail", args=[notice.pk])


class Endorse(StepView):
    """书记背书."""

    def form(self, finding: Finding) -> ServiceForm:
        return ServiceForm(self.request.POST)

    def take(self, values: dict[str, Any], common: Any) -> None:
        finding_steps.endorse_finding(**common)


class AddEvidence(StepView):
    """添佐证."""

    form_name = "evidence_form"

    def form(self, finding: Finding) -> ServiceForm:
        return FindingEvidenceForm(self.request.POST, self.request.FILES)

    def take(self, values: dict[str, Any], common: Any) -> None:
        evidence.add_finding_evidence(files=values["papers"], **common)


class RemoveEvidence(FindingView):
    """删一个佐证, by POST."""

    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest, pk: int, file_pk: UUID) -> HttpResponse:
        self.find(pk)
        try:
            evidence.remove_finding_evidence(
                finding_id=pk,
                attachment_id=file_pk,
                actor=signed_in(request),
                now=timezone.now(),
            )
        except DomainError as error:
            return self.show(pk, status=error.status_code, refusal=error.message)
        return redirect("evaluations:finding-detail", pk=pk)


class SaveReport(FindingView):
    """Keep what is typed: with htmx as one types, without it by a button."""

    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        self.find(pk)
        form = ReportForm(request.POST)
        by_itself = bool(getattr(request, "htmx", False))
        now = timezone.now()
        if not form.is_valid():
            if by_itself:
                return self._note(pk, form.shown_version, _("还没有存上：有的地方填得不对。"), 400)
            return self.show(pk, status=400, forms={"report_form": form})
        try:
            finding = findings.save_report(
                finding_id=pk, actor=signed_in(request), now=now, **form.cleaned_data
            )
        except DomainError as error:
            if by_itself:
                return self._note(pk, form.shown_version, error.message, error.status_code)
            if isinstance(error, EditConflict):
                form.take_over(self.find(pk))
            return self.show(
                pk, status=error.status_code, refusal=error.message, forms={"report_form": form}
            )
        if by_itself:
            return self._note(pk, finding.version, "", 200, now)
        return redirect("evaluations:finding-detail", pk=pk)

    def _note(
        self, pk: int, version: int, problem: str, status: int, now: dt.datetime | None = None
    ) -> HttpResponse:
        context = {"finding_pk": pk, "version": version, "problem": problem, "saved_at": now}
        return render(self.request, "evaluations/findings/_saved.html", context, status=status)
