"""One small view per step of a turnout: log, confirm, verify, give back, reopen, void."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from portal.accounts.requests import signed_in
from portal.kernel.errors import DomainError
from servicecrew.forms.turnouts import ReasonForm
from servicecrew.services import steps
from servicecrew.views.turnouts import TurnoutView


class StepView(TurnoutView):
    """A step without a word: by POST, back to the turnout."""

    http_method_names = ["post", "options"]
    service: Callable[..., Any]

    def post(self, request: HttpRequest, uuid: UUID) -> HttpResponse:
        turnout = self.find(uuid)
        service = type(self).service
        try:
            service(turnout_id=turnout.pk, actor=signed_in(request), now=timezone.now())
        except DomainError as error:
            return self.show(uuid, status=error.status_code, refusal=error.message)
        target = request.POST.get("next", "")
        if target == "queue":
            return redirect(f"{reverse('servicecrew:turnouts')}?status=captain_confirmed")
        return redirect("servicecrew:turnout", uuid=uuid)


class LogTurnout(StepView):
    service = steps.log_turnout


class ConfirmTurnout(StepView):
    service = steps.confirm_turnout


class VerifyTurnout(StepView):
    service = steps.verify_turnout


class ReasonedStepView(TurnoutView):
    """A step that asks why."""

    http_method_names = ["post", "options"]
    service: Callable[..., Any]
    name = ""

    def post(self, request: HttpRequest, uuid: UUID) -> HttpResponse:
        turnout = self.find(uuid)
        form = ReasonForm(request.POST)
        form.is_valid()
        service = type(self).service
        try:
            service(
                turnout_id=turnout.pk,
                reason=form.cleaned_data.get("reason", ""),
                actor=signed_in(request),
                now=timezone.now(),
            )
        except DomainError as error:
            beside = error.field in form.fields
            if beside:
                form.refuse(error)
            return self.show(
                uuid,
                status=error.status_code,
                refusal="" if beside else error.message,
                reason_form=form,
                open_step=self.name,
            )
        return redirect("servicecrew:turnout", uuid=uuid)


class GiveBackTurnout(ReasonedStepView):
    service = steps.give_back_turnout
    name = "give_back"


class ReopenTurnout(ReasonedStepView):
    service = steps.reopen_turnout
    name = "reopen"


class VoidTurnout(ReasonedStepView):
    service = steps.void_turnout
    name = "void"
