"""The monthly meeting on the big screen, and the secretaries' appraisals."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.generic import View

from branches.models import SecretaryMode
from evaluations.forms.meetings import DecisionForm, InputForm, OwnWordsForm, ResultForm
from evaluations.models import (
    AppraisalInput,
    MeetingComment,
    MeetingDecision,
    MonthRound,
    RoundParticipant,
)
from evaluations.permissions import (
    may_act_for_committee,
    may_hold_meeting,
    may_say_own_words,
)
from evaluations.selectors.appraisals import (
    appraisals,
    may_see_appraisal,
    may_see_appraisals,
    mode_tables,
    own_participations,
)
from evaluations.selectors.bulletins import SharedProblem, shared_problems
from evaluations.selectors.meetings import Agenda, Stop, agenda, screen, steps_words
from evaluations.services import meetings
from portal.accounts.requests import signed_in
from portal.kernel.errors import DomainError
from portal.kernel.months import local_date
from portal.kernel.ui import Crumb
from portal.workdays import services as workdays

DECISION_WORKDAYS = 10
SHOWN_SHARED = 5


class MeetingView(View):
    """What the addresses of one meeting share: for those who oversee the committee."""

    def find(self, pk: int) -> MonthRound:
        round_: MonthRound | None = (
            MonthRound.objects.visible_to(signed_in(self.request))
            .select_related("committee", "policy")
            .with_runs()
            .filter(pk=pk, status="published")
            .first()
        )
        if round_ is None or not may_hold_meeting(signed_in(self.request), round_):
            raise Http404
        return round_

    def stop(self, pk: int, participant_pk: int) -> tuple[Agenda, Stop]:
        found = agenda(self.find(pk), signed_in(self.request))
        stop = found.stop_of(participant_pk)
        if stop is None:
            raise Http404
        return found, stop


class MeetingStart(MeetingView):
    """例会: the agenda; last month's open decisions come first."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self.show(pk)

    def show(
        self,
        pk: int,
        *,
        status: int = 200,
        decision_form: DecisionForm | None = None,
        result_form: ResultForm | None = None,
        closing: int | None = None,
    ) -> HttpResponse:
        round_ = self.find(pk)
        found = agenda(round_, signed_in(self.request))
        shared = shared_problems(round_)[:SHOWN_SHARED]
        context = {
            "round": round_,
            "agenda": found,
            "shared": list(enumerate(shared)),
            "progress": steps_words(found),
            "decision_form": decision_form or _decision_form(self._about(shared)),
            "result_form": result_form or ResultForm(),
            "closing": closing,
            "crumbs": [
                Crumb(_("月度闭环"), reverse("evaluations:round", args=[pk])),
                Crumb(_("例会")),
            ],
        }
        return render(self.request, "evaluations/meetings/start.html", context, status=status)

    def _about(self, shared: Sequence[SharedProblem]) -> dict[str, str]:
        """The shared problem that was chosen, to begin a decision with."""
        chosen = self.request.GET.get("about", "")
        if not (chosen.isascii() and chosen.isdigit() and int(chosen[:3]) < len(shared)):
            return {}
        problem = shared[int(chosen[:3])]
        text = _("共性问题“%(item)s”（%(type)s%(n)d个支部）查原因、补制度") % {
            "item": problem.item,
            "type": problem.type_label,
            "n": problem.branches,
        }
        return {"text": text, "branch_type": problem.branch_type, "item_code": problem.code}


class MeetingMinutes(MeetingView):
    """例会记录, for A4: every comment and decision."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        round_ = self.find(pk)
        context = {"round": round_, "agenda": agenda(round_, signed_in(request))}
        return render(request, "evaluations/meetings/minutes.html", context)


class MeetingScreen(MeetingView):
    """One branch on the big screen."""

    def get(self, request: HttpRequest, pk: int, participant_pk: int) -> HttpResponse:
        return self.show(pk, participant_pk)

    def show(
        self,
        pk: int,
        participant_pk: int,
        *,
        status: int = 200,
        refusal: str = "",
        decision_form: DecisionForm | None = None,
    ) -> HttpResponse:
        found, stop = self.stop(pk, participant_pk)
        before, after = found.beside(stop)
        user = signed_in(self.request)
        context = {
            "round": found.round,
            "agenda": found,
            "stop": stop,
            "screen": screen(found, stop, user, timezone.now()),
            "before": before,
            "after": after,
            "refusal": refusal,
            "decision_form": decision_form or _decision_form(),
        }
        return render(self.request, "evaluations/meetings/screen.html", context, status=status)


class Comment(MeetingScreen):
    """点评, by POST; asked for JSON the answer is one line, for the keys 1 to 4."""

    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest, pk: int, participant_pk: int) -> HttpResponse:
        self.stop(pk, participant_pk)
        version = request.POST.get("version", "")
        by_key = "application/json" in request.headers.get("Accept", "")
        try:
            comment = meetings.comment_secretary(
                participant_id=participant_pk,
                verdict=request.POST.get("verdict", ""),
                text=request.POST.get("text", ""),
                version=int(version)
                if version.isascii() and version.isdigit() and len(version) < 9
                else 0,
                actor=signed_in(request),
                now=timezone.now(),
            )
        except DomainError as error:
            if by_key:
                return JsonResponse({"detail": error.message}, status=error.status_code)
            return self.show(pk, participant_pk, status=error.status_code, refusal=error.message)
        if by_key:
            return JsonResponse({"verdict": comment.verdict, "version": comment.version})
        return redirect("evaluations:meeting-screen", pk=pk, participant_pk=participant_pk)


class Decide(MeetingScreen):
    """例会决定, of the whole or of one branch, by POST."""

    http_method_names = ["post", "options"]

    def post(
        self, request: HttpRequest, pk: int, participant_pk: int | None = None
    ) -> HttpResponse:
        if participant_pk is None:
            self.find(pk)
        else:
            self.stop(pk, participant_pk)
        form = DecisionForm(request.POST)
        if form.is_valid():
            try:
                meetings.decide(
                    round_id=pk,
                    participant_id=participant_pk,
                    actor=signed_in(request),
                    now=timezone.now(),
                    **form.cleaned_data,
                )
            except DomainError as error:
                form.refuse(error)
        if form.errors:
            if participant_pk is None:
                start = MeetingStart()
                start.setup(request)
                return start.show(pk, status=400, decision_form=form)
            return self.show(pk, participant_pk, status=400, decision_form=form)
        if participant_pk is None:
            return redirect("evaluations:meeting", pk=pk)
        return redirect("evaluations:meeting-screen", pk=pk, participant_pk=participant_pk)


class CloseDecision(MeetingStart):
    """销号, by POST."""

    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest, pk: int, decision_pk: int) -> HttpResponse:
        round_ = self.find(pk)
        get_object_or_404(
            MeetingDecision.objects.visible_to(signed_in(request)),
            pk=decision_pk,
            round__committee_id=round_.committee_id,
        )
        form = ResultForm(request.POST)
        if form.is_valid():
            try:
                meetings.close_decision(
                    decision_id=decision_pk,
                    actor=signed_in(request),
                    now=timezone.now(),
                    **form.cleaned_data,
                )
            except DomainError as error:
                form.refuse(error)
        if form.errors:
            return self.show(pk, status=400, result_form=form, closing=decision_pk)
        return redirect("evaluations:meeting", pk=pk)


def _decision_form(about: Mapping[str, str] | None = None) -> DecisionForm:
    today = local_date(timezone.now())
    return DecisionForm(
        initial={
            "text": "",
            **(about or {}),
            "due_on": workdays.add_workdays(today, DECISION_WORKDAYS),
            "client_key": uuid.uuid4(),
        }
    )


# -- appraisals -------------------------------------------------------------------------------


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
            {"participations": own_participations(user)},
        )


class AppraisalMonth(View):
    """对标: the secretaries of one month, one table per mode."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        user = signed_in(request)
        round_ = get_object_or_404(
            MonthRound.objects.visible_to(user).select_related("committee", "policy").with_runs(),
            pk=pk,
        )
        if not may_see_appraisals(user, round_):
            raise Http404
        context = {
            "round": round_,
            "tables": mode_tables(appraisals(round_, user)),
            "rounds": MonthRound.objects.overseen_by(user)
            .filter(committee=round_.committee)
            .exclude(status="open")
            .order_by("-month"),
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
        participant: RoundParticipant,
        *,
        status: int = 200,
        forms: dict[str, Any] | None = None,
    ) -> HttpResponse:
        user = signed_in(self.request)
        round_ = (
            MonthRound.objects.with_runs()
            .select_related("committee", "policy")
            .get(pk=participant.round_id)
        )
        rows = appraisals(round_, user, only=participant.pk)
        if not rows:
            raise Http404
        comment = MeetingComment.objects.filter(participant=participant).first()
        entered = {
            row.kind: row.marks
            for row in AppraisalInput.objects.filter(
                branch=participant.branch,
                person=participant.secretary,
                month=participant.round.month,
            )
        }
        may_enter = may_act_for_committee(user, participant.branch)
        kinds = [AppraisalInput.Kind.RATING]
        if participant.secretary_mode == SecretaryMode.PART_TIME:
            kinds.insert(0, AppraisalInput.Kind.UNIT)
        given = forms or {}
        context = {
            "participant": participant,
            "round": round_,
            "row": rows[0],
            "comment": comment,
            "may_say": may_say_own_words(user, participant) and not (comment and comment.verdict),
            "own_form": given.get("own")
            or OwnWordsForm(initial={"own_words": comment.own_words if comment else ""}),
            "input_forms": [
                given.get(kind) or InputForm(kind, initial={"marks": entered.get(kind)})
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
        return self.show(self.find(pk, participant_pk))


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
            return self.show(participant, status=400, forms={"own": form})
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
            return self.show(participant, status=400, forms={kind: form})
        return redirect("evaluations:appraisal", pk=pk, participant_pk=participant_pk)
