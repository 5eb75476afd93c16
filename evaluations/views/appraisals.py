"""The secretaries' appraisals: the table of a month, one secretary's page, and what is entered."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.generic import View

from branches.models import SecretaryMode
from evaluations.forms.meetings import InputForm, OwnWordsForm
from evaluations.models import AppraisalInput, MonthRound, RoundParticipant
from evaluations.permissions import may_act_for_committee, may_say_own_words
from evaluations.selectors.appraisal_tables import mode_tables
from evaluations.selectors.appraisals import (
    appraisals,
    may_see_appraisal,
    may_see_appraisals,
    own_months,
)
from evaluations.services import meetings
from portal.accounts.requests import signed_in
from portal.kernel.errors import DomainError
from portal.kernel.months import local_date
from portal.kernel.together import read_together


class AppraisalIndex(View):
    """书记履职评价: the newest month for those who oversee, one's own months for a secretary."""

    def get(self, request: HttpRequest) -> HttpResponse:
        user = signed_in(request)
        newest = (
            MonthRound.objects.overseen_by(user)
            .exclude(status="open")
            .order_by("-month", "committee__sort_order", "committee_id")
            .first()
        )
        if newest is not None:
            return redirect("evaluations:appraisals", pk=newest.pk)
        return render(
            request,
            "evaluations/meetings/own_appraisals.html",
            {"months": own_months(user), "today": local_date(timezone.now())},
        )


class AppraisalMonth(View):
    """对标: the secretaries of one month, one table per mode."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        user = signed_in(request)
        this = MonthRound.objects.filter(pk=pk)
        visible = this.visible_to(user).select_related("committee", "policy").with_runs()
        months = (
            MonthRound.objects.overseen_by(user)
            .filter(committee_id__in=this.values("committee_id"))
            .exclude(status="open")
            .order_by("-month")
        )
        read_together(visible, months)
        round_ = next(iter(visible), None)
        if round_ is None or not may_see_appraisals(user, round_):
            raise Http404
        context = {
            "round": round_,
            "is_running": local_date(timezone.now()) <= round_.period.last_day,
            "tables": mode_tables(appraisals(round_, user, today=local_date(timezone.now()))),
            "rounds": months,
        }
        return render(request, "evaluations/meetings/appraisals.html", context)


class AppraisalView(View):
    """What the addresses of one secretary's appraisal share."""

    def find(self, pk: int, participant_pk: int) -> RoundParticipant:
        participant: RoundParticipant = get_object_or_404(
            RoundParticipant.objects.select_related(
                "round__committee", "round__policy", "branch__committee", "secretary"
            ),
            pk=participant_pk,
            round_id=pk,
        )
        if participant.secretary is None or not may_see_appraisal(
            signed_in(self.request), participant
        ):
            raise Http404
        return participant

    def show(
        self,
        pk: int,
        participant_pk: int,
        *,
        status: int = 200,
        forms: dict[str, Any] | None = None,
    ) -> HttpResponse:
        user = signed_in(self.request)
        round_ = get_object_or_404(
            MonthRound.objects.with_runs().select_related("committee", "policy"), pk=pk
        )
        today = local_date(timezone.now())
        row = next(iter(appraisals(round_, user, only=participant_pk, today=today)), None)
        if row is None or not may_see_appraisal(user, row.participant):
            raise Http404
        participant, comment = row.participant, row.comment
        may_enter = may_act_for_committee(user, participant.branch)
        kinds = [AppraisalInput.Kind.RATING]
        if participant.secretary_mode == SecretaryMode.PART_TIME:
            kinds.insert(0, AppraisalInput.Kind.UNIT)
        given = forms or {}
        context = {
            "participant": participant,
            "round": round_,
            "is_running": today <= round_.period.last_day,
            "row": row,
            "comment": comment,
            "may_say": may_say_own_words(user, participant) and not (comment and comment.verdict),
            "own_form": given.get("own")
            or OwnWordsForm(initial={"own_words": comment.own_words if comment else ""}),
            "input_forms": [
                given.get(kind) or InputForm(kind, initial={"marks": row.entered.get(kind)})
                for kind in kinds
            ]
            if may_enter
            else [],
            "sees_all": may_see_appraisals(user, round_),
        }
        return render(self.request, "evaluations/meetings/appraisal.html", context, status=status)


class AppraisalPage(AppraisalView):
    """一位书记一个月的履职评价: every item with its facts."""

    def get(self, request: HttpRequest, pk: int, participant_pk: int) -> HttpResponse:
        return self.show(pk, participant_pk)


class OwnWords(AppraisalView):
    """支部自己说, by POST."""

    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest, pk: int, participant_pk: int) -> HttpResponse:
        participant = self.find(pk, participant_pk)
        if not may_say_own_words(signed_in(request), participant):
            raise Http404
        form = OwnWordsForm(request.POST)
        if form.is_valid():
            try:
                meetings.say_own_words(
                    participant_id=participant.pk,
                    text=form.cleaned_data["own_words"],
                    actor=signed_in(request),
                    now=timezone.now(),
                )
            except DomainError as error:
                form.refuse(error)
        if form.errors:
            return self.show(pk, participant_pk, status=400, forms={"own": form})
        messages.success(request, _("已存下，例会上照这段话念。"))
        return redirect("evaluations:appraisal", pk=pk, participant_pk=participant_pk)


class EnterInput(AppraisalView):
    """录入业绩或评议得分, by POST."""

    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest, pk: int, participant_pk: int, kind: str) -> HttpResponse:
        participant = self.find(pk, participant_pk)
        if not may_act_for_committee(signed_in(request), participant.branch):
            raise Http404
        form = InputForm(kind, request.POST)
        if form.is_valid():
            try:
                meetings.enter_input(
                    participant_id=participant.pk,
                    kind=kind,
                    marks=form.cleaned_data["marks"],
                    actor=signed_in(request),
                    now=timezone.now(),
                )
            except DomainError as error:
                form.refuse(error)
        if form.errors:
            return self.show(pk, participant_pk, status=400, forms={kind: form})
        return redirect("evaluations:appraisal", pk=pk, participant_pk=participant_pk)
