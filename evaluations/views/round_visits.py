"""Pages of a round's teams and visits, by hand: add, give to another team, drop."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from django.contrib import messages
from django.db.models import Prefetch
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from evaluations.forms.rounds import (
    ReassignForm,
    TeamForm,
    VisitForm,
)
from evaluations.models import Inspection, TeamMember
from evaluations.pairing_check import Fault
from evaluations.permissions import may_run_round
from evaluations.selectors.pairing_reasons import judged_teams
from evaluations.services import pairing, rounds
from evaluations.views.rounds import RoundView
from portal.accounts.requests import signed_in
from portal.kernel.errors import DomainError
from portal.kernel.together import read_together


class TeamsPage(RoundView):
    """安排互查: teams and visits, by hand."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self.show(pk)

    def show(
        self,
        pk: int,
        *,
        status: int = 200,
        team_form: TeamForm | None = None,
        visit_form: VisitForm | None = None,
    ) -> HttpResponse:
        round_ = self.find(pk)
        team_form = team_form or TeamForm(round_)
        visit_form = visit_form or VisitForm(round_)
        teams = (
            round_.teams.select_related("branch")
            .prefetch_related(Prefetch("members", TeamMember.objects.select_related("person")))
            .order_by("number")
        )
        visits = round_.inspections.select_related("team__branch", "participant__branch").order_by(
            "team__number", "planned_on", "pk"
        )
        participants = round_.participants.select_related("branch")
        people = team_form.fields["leader"].queryset  # type: ignore[attr-defined]
        read_together(teams, visits, participants, people)
        ranked = [p for p in participants if not p.is_exempt]
        team_form.offer([p.branch for p in participants], teams, people)
        visit_form.offer(teams, ranked)
        # A second visit fills no slot.
        per_branch = Counter(v.participant_id for v in visits if v.replaces_id is None)
        wanted = round_.policy.visits_per_branch
        short = [(p, wanted - per_branch[p.pk]) for p in ranked if per_branch[p.pk] < wanted]
        context = {
            "round": round_,
            "may_run": may_run_round(self.request.user, round_)
            and round_.status in ("open", "inspecting"),
            "teams": [(team, [v for v in visits if v.team_id == team.pk]) for team in teams],
            "visits_total": len(visits),
            "short": short,
            "team_form": team_form,
            "visit_form": visit_form,
        }
        return render(self.request, "evaluations/rounds/teams.html", context, status=status)


class AddTeam(TeamsPage):
    http_method_names = ["post", "options"]
    needs_running = True

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        form = TeamForm(self.find(pk), request.POST)
        if form.is_valid():
            try:
                rounds.create_team(
                    round_id=pk,
                    branch=form.cleaned_data["branch"],
                    leader=form.cleaned_data["leader"],
                    members=form.cleaned_data["members"],
                    actor=signed_in(request),
                    now=timezone.now(),
                )
                return redirect("evaluations:round-teams", pk=pk)
            except DomainError as error:
                form.add_error(error.field if error.field in form.fields else None, error.message)
        return self.show(pk, status=400, team_form=form)


class AddVisit(TeamsPage):
    http_method_names = ["post", "options"]
    needs_running = True

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        form = VisitForm(self.find(pk), request.POST)
        if form.is_valid():
            try:
                _visit, faults = pairing.add_by_hand(
                    round_id=pk, actor=signed_in(request), now=timezone.now(), **form.cleaned_data
                )
                _say(request, faults, done=_("已安排"))
                return redirect("evaluations:round-teams", pk=pk)
            except DomainError as error:
                form.add_error(error.field if error.field in form.fields else None, error.message)
        return self.show(pk, status=400, visit_form=form)


def _say(request: HttpRequest, faults: Sequence[Fault], *, done: str) -> None:
    """The checker's judgement of what was just done by hand."""
    if faults:
        said = "；".join(dict.fromkeys(fault.text for fault in faults))
        messages.warning(request, _("%(done)s。校验提示：%(said)s") % {"done": done, "said": said})
    else:
        messages.success(request, _("%(done)s，校验通过。") % {"done": done})


class VisitView(RoundView):
    """Change or drop one planned visit."""

    needs_running = True

    def visit(self, pk: int, visit_pk: int) -> Inspection:
        round_ = self.find(pk)
        found: Inspection = get_object_or_404(
            Inspection.objects.select_related("team__branch", "participant__branch"),
            pk=visit_pk,
            round=round_,
        )
        found.round = round_  # with its policy
        return found

    def show(self, visit: Inspection, form: Form, status: int = 200) -> HttpResponse:
        return render(
            self.request,
            "evaluations/rounds/visit.html",
            {"round": visit.round, "visit": visit, "form": form},
            status=status,
        )


class ReassignVisit(VisitView):
    """改派."""

    def get(self, request: HttpRequest, pk: int, visit_pk: int) -> HttpResponse:
        visit = self.visit(pk, visit_pk)
        return self.show(visit, ReassignForm(visit.round, judged=judged_teams(visit)))

    def post(self, request: HttpRequest, pk: int, visit_pk: int) -> HttpResponse:
        visit = self.visit(pk, visit_pk)
        form = ReassignForm(visit.round, request.POST, judged=judged_teams(visit))
        if form.is_valid():
            try:
                faults = pairing.hand_over(
                    inspection_id=visit.pk,
                    team=form.cleaned_data["team"],
                    reason=form.cleaned_data["reason"],
                    actor=signed_in(request),
                    now=timezone.now(),
                )
                _say(request, faults, done=_("已改派"))
                return redirect("evaluations:round-teams", pk=pk)
            except DomainError as error:
                field = "team" if error.field == "participant" else error.field
                form.add_error(field if field in form.fields else None, error.message)
        return self.show(visit, form, 400)


class DropVisit(VisitView):
    """取消一次检查."""

    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest, pk: int, visit_pk: int) -> HttpResponse:
        visit = self.visit(pk, visit_pk)
        form = ReassignForm(visit.round, request.POST, judged=judged_teams(visit))
        try:
            rounds.unassign(
                inspection_id=visit.pk,
                reason=request.POST.get("reason", "")[:300],
                actor=signed_in(request),
                now=timezone.now(),
            )
        except DomainError as error:
            form.is_valid()
            form.errors.pop("team", None)
            if error.field not in form.errors:
                form.add_error(error.field if error.field in form.fields else None, error.message)
            return self.show(visit, form, error.status_code)
        return redirect("evaluations:round-teams", pk=pk)
