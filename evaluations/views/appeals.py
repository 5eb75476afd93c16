"""Pages of the appeals: the list, the form from a deduction, the decision."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any, ClassVar

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.generic import View

from evaluations.forms.rectification import (
    AppealForm,
    CorrectionForm,
    RecallForm,
    RejectForm,
    SecondTeamForm,
    ServiceForm,
    UpholdForm,
)
from evaluations.models import Deduction, ScoreAppeal
from evaluations.permissions import may_appeal, may_correct, may_run_round
from evaluations.selectors.appeals import AppealPage as Page
from evaluations.selectors.appeals import (
    appeal_for_page,
    appeal_page,
    correction_choices,
    count_choices,
    deduction_to_appeal,
)
from evaluations.selectors.ledgers import appeal_ledger
from evaluations.services import appeals, second_visits
from evaluations.views.moved_on import moved_on
from portal.accounts.requests import signed_in
from portal.kernel.errors import DomainError
from portal.kernel.months import local_date
from portal.kernel.ui import Crumb


def _today() -> dt.date:
    return local_date(timezone.now())


class AppealList(View):
    """申诉."""

    def get(self, request: HttpRequest) -> HttpResponse:
        ledger = appeal_ledger(signed_in(request), request.GET.dict(), _today())
        return render(request, "evaluations/appeals/list.html", {"ledger": ledger})


class AboutDeduction(View):
    """A form about one deduction; what comes of it is read on the page of an appeal."""

    template_name: ClassVar[str]
    deduction: Deduction

    def is_allowed(self) -> bool:
        raise NotImplementedError

    def make_form(self, data: Any = None) -> ServiceForm:
        raise NotImplementedError

    def why_not(self) -> str:
        """The sentence that stands in the place of the form; empty when there is nothing."""
        raise NotImplementedError

    def more(self) -> dict[str, Any]:
        raise NotImplementedError

    def perform(self, values: dict[str, Any]) -> ScoreAppeal:
        raise NotImplementedError

    def find(self, deduction_id: int) -> None:
        try:
            self.deduction = deduction_to_appeal(signed_in(self.request), deduction_id)
        except Deduction.DoesNotExist:
            raise Http404 from None
        if not self.is_allowed():
            raise PermissionDenied

    def show(self, form: ServiceForm, *, status: int = 200, refusal: str = "") -> HttpResponse:
        context = {
            "deduction": self.deduction,
            "form": form,
            "refusal": refusal or self.why_not(),
            **self.more(),
        }
        return render(self.request, self.template_name, context, status=status)

    def get(self, request: HttpRequest, deduction_id: int) -> HttpResponse:
        self.find(deduction_id)
        return self.show(self.make_form())

    def post(self, request: HttpRequest, deduction_id: int) -> HttpResponse:
        self.find(deduction_id)
        form = self.make_form(request.POST)
        if not form.is_valid():
            return self.show(form, status=400)
        try:
            appeal = self.perform(form.cleaned_data)
        except DomainError as error:
            beside = error.field in form.fields
            if beside:
                form.refuse(error)
            refusal = "" if beside else error.message
            return self.show(form, status=error.status_code, refusal=refusal)
        return redirect("evaluations:appeal-detail", pk=appeal.pk)


class AppealCreate(AboutDeduction):
    """对一条扣分申诉."""

    template_name = "evaluations/appeals/create.html"

    def is_allowed(self) -> bool:
        return may_appeal(signed_in(self.request), self.deduction)

    def make_form(self, data: Any = None) -> AppealForm:
        return AppealForm(data)

    def why_not(self) -> str:
        return appeals.why_no_appeal(self.deduction, timezone.now())

    def more(self) -> dict[str, Any]:
        return {
            "existing": self.deduction.appeals.first(),
            "crumbs": [
                Crumb(_("申诉"), reverse("evaluations:appeal-list")),
                Crumb(_("新的申诉")),
            ],
        }

    def perform(self, values: dict[str, Any]) -> ScoreAppeal:
        return appeals.file_appeal(
            deduction_id=self.deduction.pk,
            text=values["text"],
            actor=signed_in(self.request),
            now=timezone.now(),
        )


class CorrectionCreate(AboutDeduction):
    """更正已通报的一条扣分."""

    template_name = "evaluations/appeals/correct.html"
    in_force: int

    def is_allowed(self) -> bool:
        return may_correct(signed_in(self.request), self.deduction)

    def make_form(self, data: Any = None) -> CorrectionForm:
        self.in_force = appeals.count_in_force(self.deduction)
        return CorrectionForm(correction_choices(self.deduction, self.in_force), data)

    def why_not(self) -> str:
        return appeals.why_no_correction(self.deduction)

    def more(self) -> dict[str, Any]:
        visit = self.deduction.inspection
        score = reverse("evaluations:score", args=[visit.round_id, visit.inspected_branch_id])
        return {
            "in_force": self.in_force,
            "crumbs": [Crumb(str(visit.inspected_branch), score), Crumb(_("更正这条扣分"))],
        }

    def perform(self, values: dict[str, Any]) -> ScoreAppeal:
        return appeals.correct_deduction(
            deduction_id=self.deduction.pk,
            count_after=values["count_after"],
            reason=values["reason"],
            actor=signed_in(self.request),
            now=timezone.now(),
        )


class AppealView(View):
    """What every address of one appeal shares."""

    def find(self, pk: int) -> ScoreAppeal:
        try:
            return appeal_for_page(signed_in(self.request), pk)
        except ScoreAppeal.DoesNotExist:
            raise Http404 from None

    def show(
        self,
        pk: int,
        *,
        status: int = 200,
        refusal: str = "",
        forms: Mapping[str, ServiceForm] | None = None,
    ) -> HttpResponse:
        appeal = self.find(pk)
        page = appeal_page(appeal, signed_in(self.request), _today())
        context: dict[str, Any] = {
            "page": page,
            "appeal": appeal,
            "may_republish": may_run_round(
                signed_in(self.request), appeal.deduction.inspection.round
            ),
            "crumbs": [
                Crumb(_("申诉"), reverse("evaluations:appeal-list")),
                Crumb(str(appeal.deduction.item)),
            ],
            "uphold_form": UpholdForm(appeal.count_before, choices=count_choices(appeal)),
            "reject_form": RejectForm(),
            "second_form": SecondTeamForm(page.candidates),
            "recall_form": RecallForm(),
            **(forms or {}),
        }
        gone = [form for name, form in (forms or {}).items() if not _offers(page, name)]
        context |= moved_on(gone, page.events, refusal)
        return render(self.request, "evaluations/appeals/detail.html", context, status=status)


def _offers(page: Page, form_name: str) -> bool:
    """Whether the page shows the form."""
    if form_name == "recall_form":
        return page.may_recall
    return page.may_decide and (form_name != "second_form" or bool(page.candidates))


class AppealPage(AppealView):
    """申诉与复核."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self.show(pk)


class AppealStep(AppealView):
    """One step of an appeal, by POST."""

    http_method_names = ["post", "options"]
    form_name = ""

    def form(self, appeal: ScoreAppeal) -> ServiceForm:
        raise NotImplementedError

    def take(self, pk: int, values: dict[str, Any]) -> None:
        raise NotImplementedError

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        form = self.form(self.find(pk))
        if not form.is_valid():
            return self.show(pk, status=400, forms={self.form_name: form})
        try:
            self.take(pk, form.cleaned_data)
        except DomainError as error:
            beside = error.field in form.fields
            if beside:
                form.refuse(error)
            return self.show(
                pk,
                status=error.status_code,
                refusal="" if beside else error.message,
                forms={self.form_name: form},
            )
        return redirect("evaluations:appeal-detail", pk=pk)


class DecideView(AppealStep):
    """One way to decide on the papers."""

    uphold = False

    def take(self, pk: int, values: dict[str, Any]) -> None:
        appeals.decide_appeal(
            appeal_id=pk,
            uphold=self.uphold,
            count_after=values.get("count_after"),
            decision=values["decision"],
            actor=signed_in(self.request),
            now=timezone.now(),
        )


class Uphold(DecideView):
    """认可申诉."""

    form_name = "uphold_form"
    uphold = True

    def form(self, appeal: ScoreAppeal) -> ServiceForm:
        return UpholdForm(appeal.count_before, self.request.POST, choices=count_choices(appeal))


class Reject(DecideView):
    """维持原扣分."""

    form_name = "reject_form"
    uphold = False

    def form(self, appeal: ScoreAppeal) -> ServiceForm:
        return RejectForm(self.request.POST)


class SendSecondTeam(AppealStep):
    """另派组重查."""

    form_name = "second_form"

    def form(self, appeal: ScoreAppeal) -> ServiceForm:
        return SecondTeamForm(second_visits.candidates(appeal), self.request.POST)

    def take(self, pk: int, values: dict[str, Any]) -> None:
        second_visits.send_second_team(
            appeal_id=pk,
            team_id=values["team"] or 0,
            planned_on=values["planned_on"],
            reason=values["reason"],
            actor=signed_in(self.request),
            now=timezone.now(),
        )


class RecallSecondTeam(AppealStep):
    """撤回重查."""

    form_name = "recall_form"

    def form(self, appeal: ScoreAppeal) -> ServiceForm:
        return RecallForm(self.request.POST)

    def take(self, pk: int, values: dict[str, Any]) -> None:
        second_visits.recall_second_team(
            appeal_id=pk,
            reason=values["reason"],
            actor=signed_in(self.request),
            now=timezone.now(),
        )
