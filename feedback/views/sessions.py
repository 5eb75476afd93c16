"""Reception days: the calendar, one of them, booking a time, holding it."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.generic import View

from branches.models import Committee
from feedback.access import listening_committees
from feedback.forms import steps
from feedback.forms.fields import ServiceForm
from feedback.models import ListeningSession, PromiseTeam, Slot
from feedback.permissions import listens
from feedback.selectors.confirm import to_confirm
from feedback.selectors.sessions import session_calendar, session_page
from feedback.services import author, sessions
from feedback.views.base import today_here
from portal.accounts.models import User
from portal.accounts.requests import signed_in
from portal.kernel.errors import DomainError
from portal.kernel.ui import Crumb


class SessionList(View):
    """接待日."""

    def get(self, request: HttpRequest) -> HttpResponse:
        calendar = session_calendar(signed_in(request), today_here())
        return render(request, "feedback/sessions.html", {"calendar": calendar})


def arranged_committee(user: User) -> Committee:
    """Whose reception days the user arranges. Raises PermissionDenied."""
    if not listens(user):
        raise PermissionDenied
    found = Committee.objects.filter(
        pk__in=listening_committees(user), departments__is_active=True
    ).order_by("sort_order", "pk")
    own = found.first()
    if own is None:
        raise PermissionDenied
    return own


class SessionCreate(View):
    """安排一场."""

    def committee(self) -> Committee:
        return arranged_committee(signed_in(self.request))

    def show(self, form: steps.SessionForm, status: int = 200) -> HttpResponse:
        crumbs = [Crumb(_("接待日"), reverse("feedback:sessions")), Crumb(_("安排一场"))]
        return render(
            self.request,
            "feedback/session_form.html",
            {"form": form, "crumbs": crumbs},
            status=status,
        )

    def get(self, request: HttpRequest) -> HttpResponse:
        initial = {"starts_at": "09:00", "ends_at": "11:30"}
        return self.show(steps.SessionForm(initial=initial, committee_id=self.committee().pk))

    def post(self, request: HttpRequest) -> HttpResponse:
        committee = self.committee()
        form = steps.SessionForm(request.POST, committee_id=committee.pk)
        if not form.is_valid():
            return self.show(form, 400)
        given = form.cleaned_data
        try:
            made = sessions.plan_session(
                committee=committee,
                values=sessions.SessionValues(
                    **{**given, "departments": tuple(given["departments"])}
                ),
                actor=signed_in(request),
                now=timezone.now(),
            )
        except DomainError as error:
            form.refuse(error)
            return self.show(form, error.status_code)
        return redirect("feedback:session", key=made.pk)


class SessionView(View):
    """What every address of one session shares."""

    def find(self, key: str) -> ListeningSession:
        found: ListeningSession | None = (
            ListeningSession.objects.visible_to(signed_in(self.request))
            .select_related("committee")
            .prefetch_related("departments")
            .filter(pk=key)
            .first()
        )
        if found is None:
            raise Http404
        return found

    def show(
        self,
        session: ListeningSession,
        *,
        status: int = 200,
        refusal: str = "",
        forms: dict[str, ServiceForm] | None = None,
    ) -> HttpResponse:
        context: dict[str, Any] = {
            "page": session_page(session, signed_in(self.request), today_here()),
            "refusal": refusal,
            "crumbs": [Crumb(_("接待日"), reverse("feedback:sessions")), Crumb(str(session))],
            "announce_form": steps.AnnounceForm(),
            "minutes_form": steps.MinutesForm(),
            "results_form": steps.ResultsForm(),
            "cancel_form": steps.CancelForm(),
            "book_form": steps.BookForm(),
            **(forms or {}),
        }
        return render(self.request, "feedback/session.html", context, status=status)


class SessionPage(SessionView):
    """一场接待."""

    def get(self, request: HttpRequest, key: str) -> HttpResponse:
        return self.show(self.find(key))


class SessionStep(SessionView):
    """One step of a session, by POST."""

    http_method_names = ["post", "options"]
    form_name = ""
    form_class: type[ServiceForm] = ServiceForm
    service: Any = None

    def post(self, request: HttpRequest, key: str) -> HttpResponse:
        session = self.find(key)
        form = self.form_class(request.POST)
        if not form.is_valid():
            return self.show(session, status=400, forms={self.form_name: form})
        try:
            type(self).service(
                session_id=key, actor=signed_in(request), now=timezone.now(), **form.cleaned_data
            )
        except DomainError as error:
            beside = error.field in form.fields
            if beside:
                form.refuse(error)
            return self.show(
                self.find(key),
                status=error.status_code,
                refusal="" if beside else error.message,
                forms={self.form_name: form},
            )
        return redirect("feedback:session", key=key)


class Announce(SessionStep):
    """公告."""

    form_name, form_class, service = "announce_form", steps.AnnounceForm, sessions.announce


class Hold(SessionStep):
    """记为已举行."""

    form_name, form_class, service = "minutes_form", steps.MinutesForm, sessions.hold


class PublishResults(SessionStep):
    """公布结果."""

    form_name, form_class, service = "results_form", steps.ResultsForm, sessions.publish_results


class Cancel(SessionStep):
    """取消."""

    form_name, form_class, service = "cancel_form", steps.CancelForm, sessions.cancel


class SlotView(SessionView):
    http_method_names = ["post", "options"]

    def slot(self, key: str) -> Slot:
        found = Slot.objects.filter(pk=key).select_related("session").first()
        if found is None:
            raise Http404
        return found


class Book(SlotView):
    """约一个时间."""

    def post(self, request: HttpRequest, key: str) -> HttpResponse:
        slot = self.slot(key)
        session = self.find(slot.session_id)
        form = steps.BookForm(request.POST)
        if not form.is_valid():
            return self.show(session, status=400, forms={"book_form": form})
        try:
            sessions.book(
                slot_id=key, actor=signed_in(request), now=timezone.now(), **form.cleaned_data
            )
        except DomainError as error:
            return self.show(
                self.find(session.pk),
                status=error.status_code,
                refusal=error.message,
                forms={"book_form": form},
            )
        return redirect("feedback:session", key=session.pk)


class Unbook(SlotView):
    """取消预约."""

    def post(self, request: HttpRequest, key: str) -> HttpResponse:
        slot = self.slot(key)
        session = self.find(slot.session_id)
        try:
            sessions.unbook(slot_id=key, actor=signed_in(request), now=timezone.now())
        except DomainError as error:
            return self.show(session, status=error.status_code, refusal=error.message)
        return redirect("feedback:session", key=session.pk)


class TeamArrived(View):
    """班组确认收到: from the home page of somebody of that team."""

    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest, team_id: int) -> HttpResponse:
        team = PromiseTeam.objects.filter(pk=team_id).first()
        if team is None:
            raise Http404
        author.answer_for_team(
            team_id=team_id,
            arrived=request.POST.get("arrived") == "1",
            note=request.POST.get("note", ""),
            actor=signed_in(request),
            now=timezone.now(),
        )
        return redirect("feedback:confirm")


class Confirm(View):
    """等大家确认: promises that were delivered, team by team."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return render(
            request,
            "feedback/confirm.html",
            {"waiting": to_confirm(signed_in(request))},
        )
