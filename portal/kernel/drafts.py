"""Tells the browser which of its drafts the server has taken.

``static/js/drafts.js`` keeps what is typed and sends the draft's key along (``_draft``). A
post that leads on (a redirect that is not the sign-in page) was taken; everything else, an
error page, a dead session, a lost line, leaves the draft where it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import quote

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import resolve_url

COOKIE = "portal_draft_done"
_KEY = re.compile(r"[A-Za-z0-9_.:-]{1,100}")


class DraftMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.method != "POST" or response.status_code not in (302, 303):
            return response
        if response.headers.get("Location", "").startswith(resolve_url(settings.LOGIN_URL)):
            return response
        key = request.POST.get("_draft", "")
        if _KEY.fullmatch(key):
            # Not HttpOnly: the page's own script reads it once and removes it.
            response.set_cookie(COOKIE, quote(key), max_age=3600, samesite="Lax")
        return response
