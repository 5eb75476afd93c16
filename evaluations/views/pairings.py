"""Pages of the draw: who visits whom, why, and what to do when a team drops out."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from evaluations.forms.pairings import DropOutForm, RecusalForm
from evaluations.forms.rounds import ReasonForm
from evaluations.models import MonthRound
from evaluations.permissions import may_run_round
from evaluations.selectors.pairings import may_see_pairing, pairing_board
from evaluations.services import pairing
from evaluations.services.pairing_facts import latest_draw
from evaluations.views.rounds import RoundView
from portal.accounts.requests import signed_in
from portal.kernel.errors import DomainError


class PairingPage(RoundView):
    """抽签配对: the draw with its certificate, what gave way, what changed since."""

    def find(self, pk: int) -> MonthRound:
        if self.needs_running:
            return super().find(pk)
        user = signed_in(self.request)
        round_: MonthRound = get_object_or_404(
            MonthRound.objects.visible_to(user).select_related("committee", "policy"), pk=pk
        )
        if not may_see_pairing(user, round_):
            raise Http404
        return round_

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self.show(self.find(pk))

    def show(
        self,
        round_: MonthRound,
        *,
        status: int = 200,
        refusal: str = "",
        draw_form: ReasonForm | None = None,
        drop_form: DropOutForm | None = None,
        recusal_form: RecusalForm | None = None,
    ) -> HttpResponse:
        is_open = round_.status in ("open", "inspecting")
        may_run = may_run_round(self.request.user, round_) and is_open
        board = pairing_board(round_)
        if may_run:
            drop_form = drop_form or DropOutForm(round_)
            drop_form.offer(board.branches, board.absences)
            recusal_form = recusal_form or RecusalForm(round_)
            recusal_form.offer(board.branches)
        context = {
            "round": round_,
            "board": board,
            "may_run": may_run,
            "refusal": refusal,
            "draw_form": draw_form or ReasonForm(),
            "drop_form": drop_form,
            "recusal_form": recusal_form,
        }
        return render(self.request, "evaluations/pairings/pairing.html", context, status=status)


class DrawPairs(PairingPage):
    """抽签, or again with a reason."""

    http_method_names = ["post", "options"]
    needs_running = True

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        round_ = self.find(pk)
        form = ReasonForm(request.POST)
        if not form.is_valid():
            return self.show(round_, status=400, draw_form=form)
        try:
            drawn = pairing.draw_round(
                round_id=pk,
                actor=signed_in(request),
                now=timezone.now(),
                reason=form.cleaned_data["reason"],
            )
        except DomainError as error:
            if error.field == "reason":
                form.add_error("reason", error.message)
                return self.show(round_, status=error.status_code, draw_form=form)
            return self.show(round_, status=error.status_code, refusal=error.message)
        messages.success(
            request,
            _("已抽签，共 %(n)d 次检查，校验通过。") % {"n": len(drawn.certificate["plan"])},
        )
        return redirect("evaluations:round-pairing", pk=pk)


class DropOut(PairingPage):
    """登记派不出组."""

    http_method_names = ["post", "options"]
    needs_running = True

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        round_ = self.find(pk)
        form = DropOutForm(round_, request.POST)
        if not form.is_valid():
            return self.show(round_, status=400, drop_form=form)
        try:
            freed = pairing.drop_out(
                round_id=pk,
                branch=form.cleaned_data["branch"],
                reason=form.cleaned_data["reason"],
                actor=signed_in(request),
                now=timezone.now(),
            )
        except DomainError as error:
            form.add_error(error.field if error.field in form.fields else None, error.message)
            return self.show(round_, status=error.status_code, drop_form=form)
        messages.success(request, _("已登记，空出 %(n)d 次检查。") % {"n": freed})
        return redirect("evaluations:round-pairing", pk=pk)


class Replan(PairingPage):
    """补派: fill the holes as shown; everything else stays."""

    http_method_names = ["post", "options"]
    needs_running = True

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        round_ = self.find(pk)
        try:
            change = pairing.replan(
                round_id=pk,
                actor=signed_in(request),
                now=timezone.now(),
                digest=request.POST.get("digest", "")[:64],
            )
        except DomainError as error:
            return self.show(round_, status=error.status_code, refusal=error.message)
        messages.success(request, _("已补派 %(n)d 次，其余不变。") % {"n": len(change.added)})
        return redirect("evaluations:round-pairing", pk=pk)


class AddRecusal(PairingPage):
    """登记回避."""

    http_method_names = ["post", "options"]
    needs_running = True

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        round_ = self.find(pk)
        form = RecusalForm(round_, request.POST)
        if not form.is_valid():
            return self.show(round_, status=400, recusal_form=form)
        try:
            pairing.recuse(
                inspector=form.cleaned_data["inspector"],
                inspected=form.cleaned_data["inspected"],
                first_month=round_.period,
                last_month=form.cleaned_data["last_month"],
                reason=form.cleaned_data["reason"],
                actor=signed_in(request),
                now=timezone.now(),
            )
        except ValidationError as error:
            form.add_error(None, error)
            return self.show(round_, status=400, recusal_form=form)
        return redirect("evaluations:round-pairing", pk=pk)


class Certificate(PairingPage):
    """The certificate as a file, for anybody who wants to check it or draw again."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        round_ = self.find(pk)
        draw = latest_draw(round_)
        if draw is None:
            raise Http404
        response = JsonResponse(
            draw.certificate, json_dumps_params={"ensure_ascii": False, "indent": 1}
        )
        name = f"pairing-{round_.period}-{draw.number}.json"
        response["Content-Disposition"] = f'attachment; filename="{name}"'
        return response
