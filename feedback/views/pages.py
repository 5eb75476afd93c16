"""Pages: say something, mine, in my hands, the ledger, promises, the board."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.generic import View

from branches.models import Committee
from feedback.access import listening_committees
from feedback.clocks import preview
from feedback.forms.speaking import RecordForm, SayForm
from feedback.models import Level, ListeningSession, Outcome
from feedback.permissions import configures, handles, is_discipline, listens
from feedback.selectors.board import Board as Shown
from feedback.selectors.board import board
from feedback.selectors.lists import (
    counted_url,
    in_my_hands,
    ledger,
    ledger_rows,
    my_requests,
    promise_board,
    sealed,
)
from feedback.services import submitting
from feedback.views.base import RequestView, today_here
from feedback.visit_permissions import goes_visiting
from feedback.workbook import ledger_sheet
from portal.accounts.requests import signed_in
from portal.audit.services import record
from portal.documents.excel import xlsx_response
from portal.kernel.errors import DomainError
from portal.kernel.ui import Crumb


def anonymous_url() -> str:
    """Where somebody says something without any name, or "" while that door is not built in."""
    try:
        return reverse("feedback:anonymous")
    except NoReverseMatch:
        return ""


class Say(View):
    """说一件事."""

    def show(self, form: SayForm, *, status: int = 200, refusal: str = "") -> HttpResponse:
        user = signed_in(self.request)
        committee = submitting.listening_committee(user)
        context = {
            "form": form,
            "refusal": refusal,
            "anonymous_url": anonymous_url(),
            "wants_anonymous": form.data.get("level") == Level.ANONYMOUS,
            "preview": preview(committee, today_here()),
        }
        return render(self.request, "feedback/say.html", context, status=status)

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.show(SayForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        form = SayForm(request.POST, request.FILES)
        if not form.is_valid():
            return self.show(form, status=400)
        if form.said.level == Level.ANONYMOUS:
            # This page knows who is signed in; the anonymous door does not.
            form.add_error(
                "level", _("完全匿名请按下面的“匿名提交”，那一页不认账号，会给您查询码。")
            )
            return self.show(form, status=400)
        is_repeated = submitting.is_taken(form.said)
        try:
            made = submitting.submit_request(
                said=form.said,
                actor=signed_in(request),
                files=form.cleaned_data["photos"],
                now=timezone.now(),
            )
        except DomainError as error:
            form.refuse(error)
            return self.show(form, status=error.status_code)
        if is_repeated:
            messages.info(request, _("这件事刚才已经提交过，就是这一件，没有提第二件。"))
        return redirect("feedback:said", key=made.pk)


class SaidPage(RequestView):
    """收到了: what happens next, by which day."""

    def get(self, request: HttpRequest, key: str) -> HttpResponse:
        found = self.find(key)
        context = {
            "made": found,
            "preview": preview(found.committee, found.submitted_on),
        }
        return render(request, "feedback/said.html", context)


class Record(View):
    """代记一件, in half a minute on the phone."""

    def committee(self) -> Committee:
        user = signed_in(self.request)
        found = Committee.objects.filter(
            pk__in=listening_committees(user), departments__is_active=True
        ).order_by("sort_order", "pk")
        own = found.first()
        if own is None:
            raise PermissionDenied
        return own

    def session(self, committee: Committee) -> ListeningSession | None:
        key = self.request.GET.get("session") or self.request.POST.get("session") or ""
        return ListeningSession.objects.filter(pk=key, committee=committee).first()

    def show(self, form: RecordForm, *, status: int = 200, saved: str = "") -> HttpResponse:
        committee = self.committee()
        context = {"form": form, "session": self.session(committee), "saved": saved}
        return render(self.request, "feedback/record.html", context, status=status)

    def fresh(self) -> RecordForm:
        session = self.session(self.committee())
        source = session.kind if session else "phone"
        return RecordForm(initial={"source": source, "level": Level.NAMED, "kind": "suggestion"})

    def get(self, request: HttpRequest) -> HttpResponse:
        self.committee()
        return self.show(self.fresh(), saved=request.GET.get("saved", ""))

    def post(self, request: HttpRequest) -> HttpResponse:
        committee = self.committee()
        form = RecordForm(request.POST)
        if not form.is_valid():
            return self.show(form, status=400)
        session = self.session(committee)
        try:
            made = submitting.record_request(
                said=form.said,
                committee=committee,
                source=form.cleaned_data["source"],
                speaker=form.speaker,
                session=session,
                answer_at_once=form.cleaned_data["answer_at_once"],
                actor=signed_in(request),
                now=timezone.now(),
            )
        except DomainError as error:
            form.refuse(error)
            return self.show(form, status=error.status_code)
        more = f"&session={session.pk}" if session else ""
        return redirect(f"{reverse('feedback:record')}?saved={made.number}{more}")


class Mine(View):
    """我说的事."""

    def get(self, request: HttpRequest) -> HttpResponse:
        listing = my_requests(signed_in(request), request.GET.dict(), today_here())
        context = {"listing": listing, "goes_visiting": goes_visiting(signed_in(request))}
        return render(request, "feedback/mine.html", context)


class Hands(View):
    """承办: what my departments have to answer."""

    def get(self, request: HttpRequest) -> HttpResponse:
        user = signed_in(request)
        if not handles(user):
            raise PermissionDenied
        listing = in_my_hands(user, request.GET.dict(), today_here())
        return render(request, "feedback/hands.html", {"listing": listing})


class Ledger(View):
    """诉求台账."""

    def get(self, request: HttpRequest) -> HttpResponse:
        user = signed_in(request)
        if not listens(user):
            raise PermissionDenied
        listing = ledger(user, request.GET.dict(), today_here())
        context = {"listing": listing, "may_configure": configures(user)}
        return render(request, "feedback/ledger.html", context)


class LedgerExcel(View):
    """The ledger as a workbook: what the page lists under the same conditions, on all its pages.
    The export is an entry of the trail."""

    def get(self, request: HttpRequest) -> HttpResponse:
        user = signed_in(request)
        if not listens(user):
            raise PermissionDenied
        now, today = timezone.now(), today_here()
        with transaction.atomic():
            rows = ledger_rows(user, request.GET.dict(), today)
            record(
                code="request.exported",
                target=user,
                actor=user,
                now=now,
                after={"rows": len(rows), "filters": request.GET.urlencode()[:200]},
            )
        return xlsx_response(f"诉求台账{today:%Y%m%d}", [ledger_sheet(rows, today)])


class Sealed(View):
    """只由纪检查看的反映."""

    def get(self, request: HttpRequest) -> HttpResponse:
        user = signed_in(request)
        if not is_discipline(user):
            raise PermissionDenied
        listing = sealed(user, request.GET.dict(), today_here())
        return render(request, "feedback/sealed.html", {"listing": listing})


class Promises(View):
    """承诺与督办: the secretary's board."""

    def get(self, request: HttpRequest) -> HttpResponse:
        user = signed_in(request)
        if not listens(user):
            raise PermissionDenied
        context = {
            "board": promise_board(user, today_here()),
            "crumbs": [Crumb(_("诉求台账"), reverse("feedback:ledger")), Crumb(_("承诺与督办"))],
        }
        return render(request, "feedback/promises.html", context)


class RequestPage(RequestView):
    """一件诉求."""

    def get(self, request: HttpRequest, key: str) -> HttpResponse:
        return self.show(self.find(key))


@method_decorator(login_not_required, name="dispatch")
class Board(View):
    """说了什么，改了什么: open to everybody who reaches the portal, for it names nobody."""

    def get(self, request: HttpRequest) -> HttpResponse:
        shown = board(request.user, request.GET.dict(), today_here())
        context: dict[str, Any] = {
            "board": shown,
            "rows": _rows_behind(request.user, shown),
            "anonymous_url": anonymous_url(),
            "receipt_url": _receipt_url(),
        }
        return render(request, "feedback/board.html", context)


def _rows_behind(user: Any, shown: Shown) -> list[tuple[str, str]]:
    """Where the board's numbers stand row by row, for whoever may read those."""
    counts, committee = shown.counts, shown.committee
    if counts is None or committee is None:
        return []
    links = []
    if goes_visiting(user):
        links.append((_("走访 %(n)d 次") % {"n": shown.visits or 0}, reverse("feedback:visits")))
    if committee.pk in listening_committees(user):
        links += [
            (_("收到 %(n)d 件") % {"n": counts.received}, counted_url()),
            (_("已改 %(n)d 件") % {"n": counts.carried_out}, counted_url(Outcome.CARRIED_OUT)),
        ]
    return links


def _receipt_url() -> str:
    try:
        return reverse("feedback:anonymous-receipt")
    except NoReverseMatch:
        return ""
