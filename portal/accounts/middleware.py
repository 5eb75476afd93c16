"""What every request of a signed-in user passes: the idle limit and the first password."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, resolve_url
from django.utils.translation import gettext as _

from portal.accounts import sessions

# What somebody who has to choose a password first may still reach.
OPEN_BEFORE_PASSWORD = frozenset(
    {"accounts:password_change", "accounts:logout", "accounts:login", "accounts:large_type"}
)


class AccountMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated and hasattr(request, "session"):
            if sessions.has_expired(request):
                minutes = request.session.get(sessions.IDLE)
                logout(request)
                request.session[sessions.SIGNED_OUT] = minutes
            else:
                sessions.touch(request)
        response = self._back_to_the_form(request, self.get_response(request))
        return self._for_htmx(request, response)

    @staticmethod
    def _back_to_the_form(request: HttpRequest, response: HttpResponse) -> HttpResponse:
        """Sent without a session, a form leads through sign-in back to the page it stood on
        (where its draft waits), not to the address it was sent to, which may open nothing."""
        login = resolve_url(settings.LOGIN_URL)
        if request.method in {"GET", "HEAD"} or response.status_code != 302:
            return response
        if urlsplit(response.headers["Location"]).path != login:
            return response
        stood = urlsplit(request.headers.get("Referer", ""))
        if stood.netloc == request.get_host() and stood.path != login:
            back = f"{stood.path}?{stood.query}" if stood.query else stood.path
            response.headers["Location"] = f"{login}?{urlencode({'next': back})}"
        return response

    @staticmethod
    def _for_htmx(request: HttpRequest, response: HttpResponse) -> HttpResponse:
        """A fragment must not be filled with the sign-in page: lead the whole page there."""
        login = resolve_url(settings.LOGIN_URL)
        if request.headers.get("HX-Request") != "true" or response.status_code != 302:
            return response
        if urlsplit(response.headers["Location"]).path != login:
            return response
        shown = urlsplit(request.headers.get("HX-Current-URL", "/"))
        back = f"{shown.path}?{shown.query}" if shown.query else shown.path
        answer = HttpResponse(status=204)
        answer["HX-Redirect"] = f"{login}?{urlencode({'next': back})}"
        return answer

    def process_view(
        self, request: HttpRequest, view: Any, args: Any, kwargs: Any
    ) -> HttpResponse | None:
        if not request.user.is_authenticated or not request.user.must_change_password:
            return None
        match = request.resolver_match
        if match is not None and match.view_name in OPEN_BEFORE_PASSWORD | {"healthz", "readyz"}:
            return None
        if request.path.startswith("/api/"):
            return JsonResponse({"detail": _("请先在网页上改密码。")}, status=403)
        address = resolve_url("accounts:password_change")
        query = urlencode({"next": request.get_full_path()}) if request.method == "GET" else ""
        return redirect(f"{address}?{query}" if query else address)
