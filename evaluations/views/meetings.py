"""The monthly meeting: the agenda, the big screen, decisions and the minutes."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.generic import View

from evaluations.forms.meetings import DecisionForm, ResultForm
from evaluations.models import MeetingDecision, MonthRound
from evaluations.permissions import may_hold_meeting
from evaluations.selectors.bulletins import SharedProblem, shared_problems
from evaluations.selectors.meeting_wall import DENSE, QUIET, Sheet, sheets_of
from evaluations.selectors.meetings import Agenda, Step, Stop, agenda, screen, steps_words
from evaluations.services import meetings
from portal.accounts.requests import signed_in
from portal.kernel.errors import DomainError, EditConflict, TransitionRefused
from portal.kernel.months import local_date
from portal.kernel.ui import Crumb
from portal.workdays import services as workdays

DECISION_WORKDAYS = 10
SHOWN_SHARED = 5
SHARED_ON_WALL = 4


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
        refusal: str = "",
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
            "today": local_date(timezone.now()),
            "refusal": refusal,
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
        context = {
            "round": round_,
            "agenda": agenda(round_, signed_in(request)),
            "today": local_date(timezone.now()),
        }
        return render(request, "evaluations/meetings/minutes.html", context)


class MeetingWall(MeetingView):
    """A screen of the walk on the wall, with the one before and the one after it."""

    template_name: str

    def draw(
        self,
        found: Agenda,
        *,
        status: int = 200,
        walked: str = "",
        sheets: Sequence[Sheet] = (),
        **more: object,
    ) -> HttpResponse:
        """``sheets``: the screens of a list that has more than one; the address says which."""
        here = walked or self.request.path
        before, after = found.beside(here)
        if sheets:
            number = self._number(len(sheets))
            if number > 1:
                before = _turned(here, number - 1)
            if number < len(sheets):
                after = _turned(here, number + 1)
            more |= {"sheet": sheets[number - 1], "number": number, "of": len(sheets)}
        context = {
            "round": found.round,
            "agenda": found,
            "here": here,
            "before": before,
            "after": after,
            **more,
        }
        return render(self.request, self.template_name, context, status=status)

    def _number(self, of: int) -> int:
        """Which screen of a list; the nearest there is."""
        asked = self.request.GET.get("sheet", "")
        return min(max(1, int(asked[:3])), of) if asked.isascii() and asked.isdigit() else 1


class MeetingOpening(MeetingWall):
    """The meeting opens with what the last one decided."""

    template_name = "evaluations/meetings/opening.html"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        found = agenda(self.find(pk), signed_in(request))
        return self.draw(found, sheets=sheets_of(found.earlier), today=local_date(timezone.now()))


class MeetingBoard(MeetingWall):
    """One type: 水平榜 beside 进步榜."""

    template_name = "evaluations/meetings/board.html"

    def get(self, request: HttpRequest, pk: int, number: int) -> HttpResponse:
        found = agenda(self.find(pk), signed_in(request))
        board = next((one for one in found.boards if one.number == number), None)
        if board is None:
            raise Http404
        return self.draw(found, board=board)


class MeetingClosing(MeetingWall):
    """The meeting closes with what it decided: who and by when, and the shared problems that no
    department has yet."""

    template_name = "evaluations/meetings/closing.html"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        round_ = self.find(pk)
        shared = [p for p in shared_problems(round_) if not p.action][:SHARED_ON_WALL]
        found = agenda(round_, signed_in(request))
        today = local_date(timezone.now())
        late = any(not d.decision.done_on and d.decision.due_on < today for d in found.decided)
        # On the day itself everything is being done; opened later, what is overdue must say so.
        sheets = sheets_of(found.decided, shared, densest=DENSE if late else QUIET)
        return self.draw(found, sheets=sheets, today=today)


class MeetingScreen(MeetingWall):
    """One branch on the big screen."""

    template_name = "evaluations/meetings/screen.html"

    def get(self, request: HttpRequest, pk: int, participant_pk: int) -> HttpResponse:
        return self.show(pk, participant_pk)

    def show(
        self,
        pk: int,
        participant_pk: int,
        *,
        status: int = 200,
        refusal: str = "",
        typed: str | None = None,
        decision_form: DecisionForm | None = None,
    ) -> HttpResponse:
        """``typed``: the words of a comment that was refused; they stay in the field."""
        found, stop = self.stop(pk, participant_pk)
        said = stop.comment.text if stop.comment else ""
        here = reverse("evaluations:meeting-screen", args=[pk, participant_pk])
        is_over, amends = found.is_over(timezone.now()), _amends(self.request)
        return self.draw(
            found,
            status=status,
            walked=here,
            stop=stop,
            is_closed=is_over and not amends,
            amends=is_over and amends,
            screen=screen(found, stop),
            refusal=refusal,
            words=said if typed is None else typed,
            decision_form=decision_form or _decision_form(),
        )


class Comment(MeetingScreen):
    """点评, by POST; asked for JSON the answer is one line, for the keys 1 to 4."""

    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest, pk: int, participant_pk: int) -> HttpResponse:
        self.stop(pk, participant_pk)
        version = request.POST.get("version", "")
        typed = request.POST.get("text", "")
        by_key = "application/json" in request.headers.get("Accept", "")
        try:
            comment = meetings.comment_secretary(
                participant_id=participant_pk,
                verdict=request.POST.get("verdict", ""),
                text=typed,
                version=int(version)
                if version.isascii() and version.isdigit() and len(version) < 9
                else 0,
                actor=signed_in(request),
                now=timezone.now(),
                amend=_amends(request),
            )
        except DomainError as error:
            told, version_now = error.message, {}
            if isinstance(error, EditConflict):
                standing = self.stop(pk, participant_pk)[1]
                told += _standing_words(standing)
                version_now = {"version": standing.comment.version if standing.comment else 1}
            if by_key:
                return JsonResponse({"detail": told, **version_now}, status=error.status_code)
            return self.show(
                pk, participant_pk, status=error.status_code, refusal=told, typed=typed
            )
        if by_key:
            return JsonResponse(
                {"verdict": comment.verdict, "text": comment.text, "version": comment.version}
            )
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
        decision = get_object_or_404(
            MeetingDecision.objects.visible_to(signed_in(request)),
            pk=decision_pk,
            round__committee_id=round_.committee_id,
        )
        form = ResultForm(request.POST)
        refusal = ""
        if form.is_valid():
            try:
                meetings.close_decision(
                    decision_id=decision_pk,
                    actor=signed_in(request),
                    now=timezone.now(),
                    **form.cleaned_data,
                )
            except TransitionRefused as error:
                refusal = error.message
                refusal += _("您写的是：%(typed)s") % {"typed": form.cleaned_data["result"]}
            except DomainError as error:
                form.refuse(error)
        elif decision.done_on is not None:  # the form that the error would stand in is gone
            refusal = _("这件事已经销号。")
        if refusal:
            return self.show(pk, status=409, refusal=refusal)
        if form.errors:
            return self.show(pk, status=400, result_form=form, closing=decision_pk)
        return redirect("evaluations:meeting", pk=pk)


def _amends(request: HttpRequest) -> bool:
    """Whether what was said at a meeting that is over is changed on purpose (修改)."""
    return (request.POST if request.method == "POST" else request.GET).get("amend") == "1"


def _turned(address: str, number: int) -> Step:
    """Another screen of the list at ``address``."""
    return Step(_("第%(n)d页") % {"n": number}, f"{address}?sheet={number}")


def _standing_words(stop: Stop) -> str:
    """What a colleague wrote meanwhile, for who has to choose between the two."""
    said = [stop.verdict_label, stop.comment.text if stop.comment else ""]
    return _("现在写的是：%(said)s。") % {
        "said": "，".join(one.rstrip("。") for one in said if one)
    }


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
