"""Pages of a round: the board, its steps, calendar and words."""

from __future__ import annotations

import datetime as dt
from typing import Any, ClassVar

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Case, F, Q, When
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.generic import View

from branches.access import access_of
from branches.models import BranchType, Committee
from evaluations.forms.rounds import (
    CalendarForm,
    ReasonForm,
    WordsForm,
)
from evaluations.lifecycles import RoundStatus
from evaluations.models import MonthRound
from evaluations.permissions import may_run_round
from evaluations.selectors.round_board import round_board, rounds_of
from evaluations.services import rounds
from evaluations.services.publish import publish_round, republish_round
from evaluations.services.reminders import remind_missing
from evaluations.views.moved_on import moved_on
from portal.accounts.requests import signed_in
from portal.kernel import ui
from portal.kernel.errors import DomainError
from portal.kernel.months import Month, local_date


class RoundView(View):
    """What every page of one round shares: only those who oversee the committee find it."""

    needs_running: ClassVar[bool] = False

    def find(self, pk: int) -> MonthRound:
        round_: MonthRound = get_object_or_404(
            MonthRound.objects.overseen_by(self.request.user).select_related("committee", "policy"),
            pk=pk,
        )
        if self.needs_running and not may_run_round(self.request.user, round_):
            raise PermissionDenied
        return round_


class RoundIndex(View):
    """月度闭环: the round in hand of one's committee, or how to open the first."""

    def get(self, request: HttpRequest) -> HttpResponse:
        access = access_of(request.user)
        if not access.overseen_committees:
            raise PermissionDenied
        in_hand = _in_hand(access.overseen_committees)
        if in_hand is not None:
            return redirect("evaluations:round", pk=in_hand.pk)
        return render(
            request,
            "evaluations/rounds/none.html",
            {"committees": Committee.objects.filter(pk__in=access.officer_committees)},
        )


def _in_hand(committees: frozenset[int]) -> MonthRound | None:
    """The round of the highest committee that is to be worked at: the oldest that is not published
    yet, else the newest. An officer's own company comes first."""
    unfinished = Case(When(~Q(status=RoundStatus.PUBLISHED), then=F("month")))
    found: MonthRound | None = (
        rounds_of(committees)
        .order_by(
            "committee__sort_order", "committee_id", unfinished.asc(nulls_last=True), "-month"
        )
        .first()
    )
    return found


class RoundPage(RoundView):
    """The officer's round."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self.show(pk, ReasonForm())

    def show(self, pk: int, form: Form, *, status: int = 200, refusal: str = "") -> HttpResponse:
        access = access_of(self.request.user)
        siblings = list(rounds_of(access.overseen_committees))  # this one is among them
        round_ = next((other for other in siblings if other.pk == pk), None)
        if round_ is None:
            raise Http404
        query = self.request.GET
        branch_type = query.get("type", "")
        if branch_type not in BranchType.values:
            branch_type = ""
        board = round_board(
            round_,
            today=local_date(timezone.now()),
            branch_type=branch_type,
            only_missing=query.get("missing") == "1",
        )
        months = [r for r in siblings if r.committee_id == round_.committee_id]
        context = {
            "board": board,
            "round": round_,
            "may_run": may_run_round(self.request.user, round_),
            "form": form,
            "refusal": refusal,
            "type_tabs": _type_tabs(query, branch_type),
            "only_missing": query.get("missing") == "1",
            "months": months,
            "unfinished": _unfinished_tabs(months, round_),
            "committees": _committee_tabs(siblings, round_),
            "next_month": round_.period.plus(1),
            "can_open_next": not any(r.month > round_.month for r in months),
        }
        if form.is_bound:
            context |= _refused(self.request.path, form, context)
        return render(self.request, "evaluations/rounds/board.html", context, status=status)


def _refused(path: str, form: Form, context: dict[str, Any]) -> dict[str, Any]:
    """Where a step that was sent to ``path`` shows its refusal: beside its button, or, where the
    month has moved on and the button is gone, on top of the page."""
    board, round_ = context["board"], context["round"]
    if board.next.action == "step" and board.next.url == path:
        return {}
    if (
        path == reverse("evaluations:round-reopen-inspection", args=[round_.pk])
        and round_.status == RoundStatus.PROVISIONAL
    ):
        return {"form": ReasonForm(), "reopen_form": form}
    if path == reverse("evaluations:round-republish", args=[round_.pk]) and round_.is_published:
        return {"form": ReasonForm(), "republish_form": form}
    return {"form": ReasonForm(), **moved_on([form], board.events, context["refusal"])}


def _type_tabs(query: Any, current: str) -> list[ui.Tab]:
    short = {"production": _("生产"), "management": _("管理"), "business": _("经营")}
    tail = "&missing=1" if query.get("missing") == "1" else ""
    return [
        ui.Tab(_("全部"), f"?{tail.lstrip('&')}", is_current=not current),
        *(
            ui.Tab(short[value], f"?type={value}{tail}", is_current=current == value)
            for value in BranchType.values
        ),
    ]


def _unfinished_tabs(months: list[MonthRound], round_: MonthRound) -> list[ui.Tab]:
    """Where two months run at once, one tab for each that is not published, the older first."""
    running = sorted((r for r in months if not r.is_published), key=lambda r: r.month)
    if len(running) < 2:
        return []
    return [
        ui.Tab(
            _("%(month)s（%(status)s）")
            % {"month": r.label, "status": RoundStatus(r.status).label},
            reverse("evaluations:round", args=[r.pk]),
            is_current=r.pk == round_.pk,
        )
        for r in running
    ]


def _committee_tabs(siblings: list[MonthRound], round_: MonthRound) -> list[ui.Tab]:
    """One tab per committee the user oversees, leading to its round of the same month."""
    newest: dict[int, MonthRound] = {}
    for other in siblings:
        if other.month <= round_.month or other.committee_id not in newest:
            current = newest.get(other.committee_id)
            if current is None or abs(other.month - round_.month) < abs(
                current.month - round_.month
            ):
                newest[other.committee_id] = other
    if len(newest) < 2:
        return []
    return [
        ui.Tab(
            other.committee.name,
            f"/rounds/{other.pk}/",
            is_current=other.committee_id == round_.committee_id,
        )
        for other in sorted(newest.values(), key=lambda r: (r.committee.sort_order, r.committee_id))
    ]


class OpenRound(View):
    """Open a month by hand."""

    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest) -> HttpResponse:
        access = access_of(request.user)
        committee = Committee.objects.filter(
            pk__in=access.officer_committees, pk=_number(request.POST.get("committee"))
        ).first()
        if committee is None:
            raise PermissionDenied
        try:
            month = Month.parse(request.POST.get("month", ""))
        except ValueError:
            raise Http404 from None
        try:
            round_ = rounds.open_round(
                committee=committee, month=month, actor=signed_in(request), now=timezone.now()
            )
        except DomainError as error:
            messages.error(request, error.message)
            return redirect("evaluations:rounds")
        return redirect("evaluations:round", pk=round_.pk)


def _number(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 18 else 0


class StepView(RoundPage):
    """One step of the round, by POST. A refusal comes back on the board beside the button."""

    http_method_names = ["post", "options"]
    needs_running = True

    def take(self, round_: MonthRound, reason: str, now: dt.datetime) -> None:
        raise NotImplementedError

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        round_ = self.find(pk)
        form = ReasonForm(request.POST)
        if not form.is_valid():
            return self.show(pk, form, status=400)
        try:
            self.take(round_, form.cleaned_data["reason"], timezone.now())
        except DomainError as error:
            beside = error.field in form.fields
            if beside:
                form.add_error(error.field, error.message)
            return self.show(
                pk, form, status=error.status_code, refusal="" if beside else error.message
            )
        return redirect("evaluations:round", pk=pk)


class StartInspection(StepView):
    def take(self, round_: MonthRound, reason: str, now: dt.datetime) -> None:
        rounds.start_inspection(
            round_id=round_.pk, actor=signed_in(self.request), now=now, reason=reason
        )


class CloseInspection(StepView):
    def take(self, round_: MonthRound, reason: str, now: dt.datetime) -> None:
        rounds.close_inspection(
            round_id=round_.pk, actor=signed_in(self.request), now=now, reason=reason
        )


class ReopenInspection(StepView):
    def take(self, round_: MonthRound, reason: str, now: dt.datetime) -> None:
        rounds.reopen_inspection(
            round_id=round_.pk, actor=signed_in(self.request), now=now, reason=reason
        )


class Publish(StepView):
    def take(self, round_: MonthRound, reason: str, now: dt.datetime) -> None:
        publish_round(
            round_id=round_.pk, actor=signed_in(self.request), now=now, via="web", reason=reason
        )


class Republish(StepView):
    """更正并重新发布."""

    def take(self, round_: MonthRound, reason: str, now: dt.datetime) -> None:
        result = republish_round(
            round_id=round_.pk, reason=reason, actor=signed_in(self.request), now=now
        )
        if result.already:
            messages.info(self.request, _("得分、名次和等次都与上一次发布相同，没有重新发布。"))
        else:
            messages.success(
                self.request, _("已更正并重新发布（第 %(n)d 次）。") % {"n": result.run.revision}
            )


class Remind(StepView):
    """一并提醒: an inbox message to every secretary who owes something, once a day."""

    def take(self, round_: MonthRound, reason: str, now: dt.datetime) -> None:
        count = remind_missing(round_id=round_.pk, actor=signed_in(self.request), now=now)
        messages.success(
            self.request,
            _("已提醒 %(n)d 位书记。") % {"n": count} if count else _("今天已经提醒过了。"),
        )


class CalendarPage(RoundView):
    """调整日历."""

    needs_running = True

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        round_ = self.find(pk)
        return self._show(round_, CalendarForm(instance=round_))

    def _show(self, round_: MonthRound, form: CalendarForm, status: int = 200) -> HttpResponse:
        return render(
            self.request,
            "evaluations/rounds/calendar.html",
            {"round": round_, "form": form},
            status=status,
        )

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        round_ = self.find(pk)
        form = CalendarForm(request.POST, instance=self.find(pk))
        if not form.is_valid():
            return self._show(round_, form, 400)
        dates = {name: form.cleaned_data[name] for name in CalendarForm.Meta.fields}
        try:
            rounds.move_calendar(
                round_id=pk,
                dates=dates,
                reason=form.cleaned_data["reason"],
                actor=signed_in(request),
                now=timezone.now(),
            )
        except ValidationError as error:
            form.add_error(None, error)
            return self._show(round_, form, 400)
        except DomainError as error:
            form.add_error(error.field if error.field in form.fields else None, error.message)
            return self._show(round_, form, error.status_code)
        return redirect("evaluations:round", pk=pk)


class WordsPage(RoundView):
    """写通报文字: focus, highlights, next month."""

    needs_running = True

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        round_ = self.find(pk)
        return self._show(round_, WordsForm(instance=round_))

    def _show(self, round_: MonthRound, form: WordsForm, status: int = 200) -> HttpResponse:
        return render(
            self.request,
            "evaluations/rounds/words.html",
            {"round": round_, "form": form},
            status=status,
        )

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        round_ = self.find(pk)
        form = WordsForm(request.POST, instance=self.find(pk))
        if not form.is_valid():
            return self._show(round_, form, 400)
        try:
            rounds.write_words(
                round_id=pk, actor=signed_in(request), now=timezone.now(), **form.cleaned_data
            )
        except DomainError as error:
            form.add_error(None, error.message)
            return self._show(round_, form, error.status_code)
        return redirect("evaluations:round", pk=pk)
