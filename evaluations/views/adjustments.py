"""Pages of bonus and veto of one branch in one round."""

from __future__ import annotations

from typing import Any

from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from evaluations.forms.rounds import (
    BonusForm,
    VetoForm,
)
from evaluations.models import BonusEntry, RoundParticipant, VetoEvent
from evaluations.permissions import may_run_round
from evaluations.services import adjustments
from evaluations.views.rounds import RoundView
from portal.accounts.requests import signed_in
from portal.kernel.choices import offer
from portal.kernel.errors import DomainError
from portal.kernel.together import read_together


class AdjustPage(RoundView):
    """加分和否决 of one branch in one round."""

    def participant(self, pk: int, participant_pk: int) -> RoundParticipant:
        found: RoundParticipant = get_object_or_404(
            RoundParticipant.objects.select_related("branch", "rubric_version", "round"),
            pk=participant_pk,
            round=self.find(pk),
        )
        return found

    def get(self, request: HttpRequest, pk: int, participant_pk: int) -> HttpResponse:
        return self.show(self.participant(pk, participant_pk))

    def show(
        self,
        participant: RoundParticipant,
        *,
        status: int = 200,
        refusal: str = "",
        **forms: Form,
    ) -> HttpResponse:
        round_ = participant.round
        bonuses = participant.bonuses.select_related("rule", "approved_by")
        vetoes = participant.vetoes.select_related("rule", "item", "decided_by")
        bonus_form = forms.get("bonus_form") or BonusForm(participant)
        veto_form = forms.get("veto_form") or VetoForm(participant)
        chosen: list[Any] = [
            bonus_form.fields["rule"], veto_form.fields["rule"], veto_form.fields["item"],
        ]  # fmt: skip
        read_together(bonuses, vetoes, *(field.queryset for field in chosen))
        for field in chosen:
            offer(field)
        context = {
            "round": round_,
            "participant": participant,
            "may_run": may_run_round(self.request.user, round_) and not round_.is_published,
            "bonuses": bonuses,
            "vetoes": vetoes,
            "bonus_form": bonus_form,
            "veto_form": veto_form,
            "refusal": refusal,
        }
        return render(self.request, "evaluations/rounds/adjust.html", context, status=status)


class AddBonus(AdjustPage):
    http_method_names = ["post", "options"]
    needs_running = True

    def post(self, request: HttpRequest, pk: int, participant_pk: int) -> HttpResponse:
        participant = self.participant(pk, participant_pk)
        form = BonusForm(participant, request.POST)
        if not form.is_valid():
            return self.show(participant, status=400, bonus_form=form)
        try:
            adjustments.add_bonus(
                participant=participant,
                rule=form.cleaned_data["rule"],
                fact=form.cleaned_data["fact"],
                actor=signed_in(request),
                now=timezone.now(),
            )
        except DomainError as error:
            return self.show(
                participant, status=error.status_code, refusal=error.message, bonus_form=form
            )
        return redirect("evaluations:round-adjust", pk=pk, participant_pk=participant_pk)


class AddVeto(AdjustPage):
    http_method_names = ["post", "options"]
    needs_running = True

    def post(self, request: HttpRequest, pk: int, participant_pk: int) -> HttpResponse:
        participant = self.participant(pk, participant_pk)
        form = VetoForm(participant, request.POST)
        if not form.is_valid():
            return self.show(participant, status=400, veto_form=form)
        try:
            adjustments.add_veto(
                participant=participant,
                actor=signed_in(request),
                now=timezone.now(),
                **form.cleaned_data,
            )
        except DomainError as error:
            if error.field in form.fields:
                form.add_error(error.field, error.message)
                return self.show(participant, status=error.status_code, veto_form=form)
            return self.show(
                participant, status=error.status_code, refusal=error.message, veto_form=form
            )
        return redirect("evaluations:round-adjust", pk=pk, participant_pk=participant_pk)


class RemoveAdjustment(AdjustPage):
    """Take a bonus or a veto back, with a reason, before the month is published."""

    http_method_names = ["post", "options"]
    needs_running = True

    def post(
        self, request: HttpRequest, pk: int, participant_pk: int, kind: str, row_pk: int
    ) -> HttpResponse:
        participant = self.participant(pk, participant_pk)
        reason = request.POST.get("reason", "")
        try:
            if kind == "bonus":
                adjustments.remove_bonus(
                    entry=get_object_or_404(BonusEntry, pk=row_pk, participant=participant),
                    reason=reason,
                    actor=signed_in(request),
                    now=timezone.now(),
                )
            else:
                adjustments.remove_veto(
                    event=get_object_or_404(VetoEvent, pk=row_pk, participant=participant),
                    reason=reason,
                    actor=signed_in(request),
                    now=timezone.now(),
                )
        except DomainError as error:
            return self.show(participant, status=error.status_code, refusal=error.message)
        return redirect("evaluations:round-adjust", pk=pk, participant_pk=participant_pk)
