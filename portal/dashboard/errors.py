"""Error pages: what happened, what was kept, what to do."""

from __future__ import annotations

from collections.abc import Callable

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.http import url_has_allowed_host_and_scheme

from portal.kernel.errors import DomainError


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "errors/400.html", status=400)


def permission_denied(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Says who can open it, if whoever refused said so."""
    reason = str(exception) if isinstance(exception, PermissionDenied) else ""
    return render(request, "errors/403.html", {"reason": reason}, status=403)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "errors/404.html", status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    """Asks neither the database nor the session: they may be what failed."""
    return HttpResponse(render_to_string("errors/500.html"), status=500)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The form's token no longer fits (signed out meanwhile, or a page left open for days)."""
    return render(request, "errors/csrf.html", {"back": came_from(request)}, status=403)


def refused(request: HttpRequest, error: DomainError) -> HttpResponse:
    """A rule of the office said no and the view had no better place to say it."""
    wants_fragment = request.headers.get("HX-Request") == "true"
    template = "errors/refused_fragment.html" if wants_fragment else "errors/refused.html"
    context = {"error": error, "back": came_from(request)}
    return render(request, template, context, status=error.status_code)


def only_sent_to(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """An address that takes forms and shows nothing, opened by itself: from the history, or
    reloaded."""
    page = render(request, "errors/405.html", {"back": came_from(request)}, status=405)
    page.headers["Allow"] = response.headers.get("Allow", "")
    return page


def came_from(request: HttpRequest) -> str:
    """The page of ours that the form stood on."""
    referer = request.headers.get("Referer", "")
    if url_has_allowed_host_and_scheme(referer, allowed_hosts={request.get_host()}):
        return referer
    return "/"


class DomainErrorMiddleware:
    """The net below the views: a refused step becomes a page, not a crash."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code == 405 and request.method == "GET" and not response.content:
            return only_sent_to(request, response)
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        return refused(request, exception) if isinstance(exception, DomainError) else None
