"""Pages of the rectification notices: the ledger, one notice, one small view per step."""

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
    AnswerForms,
    CheckForm,
    EvidenceForm,
    ExtendForm,
    FactsForm,
    GiveBackForm,
    NoteForm,
    RemarkForm,
    ServiceForm,
    VersionForm,
    WithdrawForm,
)
from evaluations.models import NoticeProblem, RectificationNotice
from evaluations.paper_files import papers_for
from evaluations.selectors.ledgers import notice_ledger
from evaluations.selectors.notices import NoticePage as Page
from evaluations.selectors.notices import notice_for_page, notice_page
from evaluations.services import evidence, notices
from evaluations.views.moved_on import moved_on
from portal.accounts.requests import signed_in
from portal.kernel.errors import DomainError, EditConflict
from portal.kernel.months import local_date
from portal.kernel.ui import Crumb


def _today() -> dt.date:
    return local_date(timezone.now())


class NoticeList(View):
    """整改通知书台账."""

    def get(self, request: HttpRequest) -> HttpResponse:
        ledger = notice_ledger(signed_in(request), request.GET.dict(), _today())
        return render(request, "evaluations/notices/list.html", {"ledger": ledger})


class NoticeView(View):
    """What every address of one notice shares: a stranger gets 404, a refusal the page."""

    def find(self, pk: int) -> RectificationNotice:
        try:
            return notice_for_page(signed_in(self.request), pk)
        except RectificationNotice.DoesNotExist:
            raise Http404 from None

    def show(
        self,
        pk: int,
        *,
        status: int = 200,
        refusal: str = "",
        answers: AnswerForms | None = None,
        facts: FactsForm | None = None,
        edited_problem: int | None = None,
        forms: Mapping[str, ServiceForm] | None = None,
    ) -> HttpResponse:
        notice = self.find(pk)
        page = notice_page(notice, signed_in(self.request), _today())
        problems = [clause.problem for clause in page.letter.problems]
        context: dict[str, Any] = {
            "page": page,
            "notice": notice,
            "crumbs": [
                Crumb(_("整改通知书"), reverse("evaluations:notice-list")),
                Crumb(notice.document_number or _("草稿")),
            ],
            "papers": papers_for(signed_in(self.request), notice),
            "version_form": VersionForm(initial={"version": notice.version}),
            "check_form": CheckForm(initial={"version": notice.version}),
            "remark_form": RemarkForm(),
            "give_back_form": GiveBackForm(due_on=page.default_return_due),
            "note_form": NoteForm(),
            "withdraw_form": WithdrawForm(),
            "extend_form": ExtendForm(),
            "evidence_form": EvidenceForm(notice),
            **(forms or {}),
        }
        if page.may_word:
            context["facts_forms"] = [
                facts
                if facts is not None and edited_problem == problem.pk
                else FactsForm.of(problem, notice.version)
                for problem in problems
            ]
        gone = [form for name, form in (forms or {}).items() if not _offers(page, name)]
        if facts is not None and not page.may_word:
            gone.append(facts)
        if page.turn == "respond":
            context["answers"] = answers or AnswerForms(problems, notice.version)
        elif answers is not None:
            gone += answers.forms
        context |= moved_on(gone, page.events, refusal)
        return render(self.request, "evaluations/notices/detail.html", context, status=status)


def _offers(page: Page, form_name: str) -> bool:
    """Whether the page shows the form."""
    shown = {
        "check_form": page.turn == "check",
        "version_form": page.turn == "issue",
        "remark_form": page.may_send_back,
        "note_form": page.turn == "review",
        "give_back_form": page.turn == "review",
        "extend_form": page.may_extend,
        "withdraw_form": page.may_withdraw,
        "evidence_form": page.turn == "respond",
    }
    return shown[form_name]


class NoticePage(NoticeView):
    """整改通知书."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self.show(pk)


class StepView(NoticeView):
    """One step of a notice, by POST. ``form_name`` is the form the refusal is shown in."""

    http_method_names = ["post", "options"]
    form_name = ""

    def form(self, notice: RectificationNotice) -> ServiceForm | None:
        return None

    def take(self, notice: RectificationNotice, values: dict[str, Any], common: Any) -> None:
        raise NotImplementedError

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        notice = self.find(pk)
        form = self.form(notice)
        forms = {self.form_name: form} if form is not None else {}
        if form is not None and not form.is_valid():
            return self.show(pk, status=400, forms=forms)
        common = {"notice_id": pk, "actor": signed_in(request), "now": timezone.now()}
        try:
            self.take(notice, form.cleaned_data if form is not None else {}, common)
        except DomainError as error:
            if form is not None and error.field in form.fields:
                form.refuse(error)
                return self.show(pk, status=error.status_code, forms=forms)
            return self.show(pk, status=error.status_code, refusal=error.message, forms=forms)
        return redirect("evaluations:notice-detail", pk=pk)


class Check(StepView):
    """核稿."""

    form_name = "check_form"

    def form(self, notice: RectificationNotice) -> ServiceForm:
        return CheckForm(self.request.POST)

    def take(self, notice: RectificationNotice, values: dict[str, Any], common: Any) -> None:
        notices.check_notice(**values, **common)


class CheckAndIssue(Check):
    """核稿并签发."""

    def take(self, notice: RectificationNotice, values: dict[str, Any], common: Any) -> None:
        notices.check_and_issue(**values, **common)


class SendBack(StepView):
    """退回起草."""

    form_name = "remark_form"

    def form(self, notice: RectificationNotice) -> ServiceForm:
        return RemarkForm(self.request.POST)

    def take(self, notice: RectificationNotice, values: dict[str, Any], common: Any) -> None:
        notices.send_back_notice(remark=values["remark"], **common)


class Issue(StepView):
    """签发."""

    form_name = "version_form"

    def form(self, notice: RectificationNotice) -> ServiceForm:
        return VersionForm(self.request.POST)

    def take(self, notice: RectificationNotice, values: dict[str, Any], common: Any) -> None:
        notices.issue_notice(version=values["version"], **common)


class Acknowledge(StepView):
    """签收."""

    def take(self, notice: RectificationNotice, values: dict[str, Any], common: Any) -> None:
        notices.acknowledge_notice(**common)


class Accept(StepView):
    """认可整改."""

    form_name = "note_form"

    def form(self, notice: RectificationNotice) -> ServiceForm:
        return NoteForm(self.request.POST)

    def take(self, notice: RectificationNotice, values: dict[str, Any], common: Any) -> None:
        notices.accept_response(note=values["note"], **common)


class GiveBack(StepView):
    """退回再改."""

    form_name = "give_back_form"

    def form(self, notice: RectificationNotice) -> ServiceForm:
        return GiveBackForm(self.request.POST)

    def take(self, notice: RectificationNotice, values: dict[str, Any], common: Any) -> None:
        notices.return_response(reason=values["reason"], due_on=values["due_on"], **common)


class Extend(StepView):
    """延期."""

    form_name = "extend_form"

    def form(self, notice: RectificationNotice) -> ServiceForm:
        return ExtendForm(self.request.POST)

    def take(self, notice: RectificationNotice, values: dict[str, Any], common: Any) -> None:
        notices.extend_notice(due_on=values["due_on"], reason=values["reason"], **common)


class AddEvidence(StepView):
    """添佐证."""

    form_name = "evidence_form"

    def form(self, notice: RectificationNotice) -> ServiceForm:
        return EvidenceForm(notice, self.request.POST, self.request.FILES)

    def take(self, notice: RectificationNotice, values: dict[str, Any], common: Any) -> None:
        evidence.add_evidence(problem_id=values["problem"].pk, files=values["papers"], **common)


class RemoveEvidence(NoticeView):
    """删一个佐证, by POST."""

    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest, pk: int, problem_id: int, file_pk: UUID) -> HttpResponse:
        if not self.find(pk).problems.filter(pk=problem_id).exists():
            raise Http404
        try:
            evidence.remove_evidence(
                notice_id=pk,
                problem_id=problem_id,
                attachment_id=file_pk,
                actor=signed_in(request),
                now=timezone.now(),
            )
        except DomainError as error:
            return self.show(pk, status=error.status_code, refusal=error.message)
        return redirect("evaluations:notice-detail", pk=pk)


class Withdraw(StepView):
    """撤回."""

    form_name = "withdraw_form"

    def form(self, notice: RectificationNotice) -> ServiceForm:
        return WithdrawForm(self.request.POST)

    def take(self, notice: RectificationNotice, values: dict[str, Any], common: Any) -> None:
        notices.withdraw_notice(reason=values["reason"], **common)


class EditProblem(NoticeView):
    """Reword the facts of one problem of a draft."""

    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest, pk: int, problem_id: int) -> HttpResponse:
        notice = self.find(pk)
        problem = notice.problems.filter(pk=problem_id).first()
        if problem is None:
            raise Http404
        form = FactsForm.of(problem, notice.version, request.POST)
        if not form.is_valid():
            return self.show(pk, status=400, facts=form, edited_problem=problem_id)
        try:
            notices.edit_problem(
                notice_id=pk,
                problem_id=problem_id,
                actor=signed_in(request),
                now=timezone.now(),
                **form.cleaned_data,
            )
        except DomainError as error:
            if isinstance(error, EditConflict):
                form.take_over(problem.facts, notice.version)
            form.refuse(error)
            return self.show(
                pk,
                status=error.status_code,
                refusal="" if error.field else error.message,
                facts=form,
                edited_problem=problem_id,
            )
        return redirect("evaluations:notice-detail", pk=pk)


class AnswerView(NoticeView):
    """What saving and sending the answer share."""

    http_method_names = ["post", "options"]

    def bound(self, notice: RectificationNotice) -> AnswerForms:
        problems: list[NoticeProblem] = list(notice.problems.select_related("item"))
        return AnswerForms(problems, notice.version, self.request.POST)

    def refuse(self, pk: int, forms: AnswerForms, error: DomainError) -> HttpResponse:
        forms.refuse(error)
        if isinstance(error, EditConflict):
            forms.take_over(self.find(pk))
        refusal = "" if forms.wrong else error.message
        return self.show(pk, status=error.status_code, refusal=refusal, answers=forms)


class Respond(AnswerView):
    """报整改情况."""

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        forms = self.bound(self.find(pk))
        if not forms.is_valid():
            return self.show(pk, status=400, answers=forms)
        try:
            notices.respond_to_notice(
                notice_id=pk,
                answers=forms.answers,
                version=forms.given_version,
                actor=signed_in(request),
                now=timezone.now(),
            )
        except DomainError as error:
            return self.refuse(pk, forms, error)
        return redirect("evaluations:notice-detail", pk=pk)


class SaveAnswers(AnswerView):
    """Keep what is typed: with htmx as one types, without it by a button."""

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        forms = self.bound(self.find(pk))
        by_itself = bool(getattr(request, "htmx", False))
        now = timezone.now()
        if not forms.is_valid():
            if by_itself:
                return self._note(pk, forms.given_version, _("还没有存上：有的地方填得不对。"), 400)
            return self.show(pk, status=400, answers=forms)
        try:
            notice = notices.save_answers(
                notice_id=pk,
                answers=forms.answers,
                version=forms.given_version,
                actor=signed_in(request),
                now=now,
            )
        except DomainError as error:
            if by_itself:
                return self._note(pk, forms.given_version, error.message, error.status_code)
            return self.refuse(pk, forms, error)
        if by_itself:
            return self._note(pk, notice.version, "", 200, now, forms)
        return redirect("evaluations:notice-detail", pk=pk)

    def _note(
        self,
        pk: int,
        version: int,
        problem: str,
        status: int,
        now: dt.datetime | None = None,
        forms: AnswerForms | None = None,
    ) -> HttpResponse:
        context = {
            "notice_pk": pk,
            "version": version,
            "problem": problem,
            "saved_at": now,
            "swapped_forms": forms.forms if forms is not None else (),
        }
        return render(self.request, "evaluations/notices/_saved.html", context, status=status)
