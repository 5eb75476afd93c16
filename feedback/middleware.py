"""The door of the anonymous channel: what could lead to the visitor is left outside.

It stands before everything else. For the addresses of the channel it takes cookies, address,
browser, referrer and credentials out of the request, so that no view, log, error report or
library behind it can keep what it never gets; and it takes every cookie out of the answer.
"""

from __future__ import annotations

from collections.abc import Callable
from http.cookies import CookieError, SimpleCookie

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from feedback.rates import counter
from portal.kernel.navigation import LARGE_TYPE_COOKIE

PREFIX = "/listen/anonymous/"

# Why a post is not to be taken, in ``request.META[REFUSAL]``; empty when it may.
REFUSAL = "feedback.refusal"
BUSY = "busy"
ELSEWHERE = "elsewhere"

# What is needed to answer. Everything else that begins with HTTP_ or REMOTE_ goes.
KEPT_HEADERS = frozenset(
    {
        "HTTP_HOST",
        "HTTP_ORIGIN",
        "HTTP_SEC_FETCH_SITE",
        "HTTP_X_FORWARDED_PROTO",
        "HTTP_HX_REQUEST",
    }
)


def is_anonymous_path(path: str) -> bool:
    return path.startswith(PREFIX)


class AnonymousDoor:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not is_anonymous_path(request.path_info):
            return self.get_response(request)
        refusal = self._refusal(request) if request.method == "POST" else ""
        self._strip(request)
        # The view says it beside the form, so that nothing typed is lost.
        request.META[REFUSAL] = refusal
        response = self.get_response(request)
        response.cookies.clear()
        response["Cache-Control"] = "no-store"
        response["Referrer-Policy"] = "no-referrer"
        return response

    def _refusal(self, request: HttpRequest) -> str:
        if self._is_too_much(request):
            return BUSY
        return "" if self._is_from_us(request) else ELSEWHERE

    @staticmethod
    def _is_too_much(request: HttpRequest) -> bool:
        """Counted before the address is forgotten. Sending and looking up are counted apart, so
        that a burst of the one does not keep people from the other."""
        address = request.META.get("REMOTE_ADDR", "")
        if settings.BEHIND_PROXY:
            address = request.META.get("HTTP_X_FORWARDED_FOR", address).split(",")[-1].strip()
        if request.path_info.endswith("/similar/"):
            return counter.add(address, "type") > 20 * int(settings.ANONYMOUS_LOOKUPS_PER_HOUR)
        what = "look" if "/receipt/" in request.path_info else "send"
        limits = {
            "look": settings.ANONYMOUS_LOOKUPS_PER_HOUR,
            "send": settings.ANONYMOUS_REQUESTS_PER_HOUR,
        }
        return counter.add(address, what) > int(limits[what])

    @staticmethod
    def _strip(request: HttpRequest) -> None:
        large_type = _large_type(request.META.get("HTTP_COOKIE", ""))
        for key in list(request.META):
            if key.startswith(("HTTP_", "REMOTE_", "SSL_", "AUTH_")) and key not in KEPT_HEADERS:
                del request.META[key]
        request.META["REMOTE_ADDR"] = ""  # libraries expect the key
        if large_type:
            # The only cookie let in: it says "1" for everybody who has it.
            request.META["HTTP_COOKIE"] = f"{LARGE_TYPE_COOKIE}=1"

    @staticmethod
    def _is_from_us(request: HttpRequest) -> bool:
        """Instead of a token in a cookie: browsers say where a form was sent from."""
        site = request.META.get("HTTP_SEC_FETCH_SITE")
        if site is not None:
            return bool(site == "same-origin")
        origin = request.META.get("HTTP_ORIGIN")
        return origin is None or origin == f"{request.scheme}://{request.get_host()}"


def _large_type(header: str) -> bool:
    try:
        cookie = SimpleCookie(header).get(LARGE_TYPE_COOKIE)
    except CookieError:
        return False
    return cookie is not None and cookie.value == "1"
