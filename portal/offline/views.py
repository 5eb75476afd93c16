"""The web app's own pages: worker, manifest, the page without a signal, what waits."""

from __future__ import annotations

import json
from dataclasses import asdict

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect, render
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.http import require_safe

from portal.accounts.requests import signed_in
from portal.offline import assets
from portal.offline.keeping import FieldPage, keepable, pages_of


@login_not_required
@cache_control(no_cache=True, max_age=0)
@require_safe
def worker(request: HttpRequest) -> HttpResponse:
    """The service worker, served from the root so that its scope is the whole portal. Its text
    changes with any of the files it keeps, and then the browser renews it."""
    page = reverse("offline:page")
    plan = {
        "version": assets.version(),
        "page": page,
        "logout": reverse("accounts:logout"),
        "files": [*assets.addresses(), page],
    }
    text = (
        f"self.portal = {json.dumps(plan)};\nimportScripts({json.dumps(static(assets.WORKER))});\n"
    )
    return HttpResponse(text, content_type="text/javascript; charset=utf-8")


@login_not_required
@cache_control(max_age=3600)
@require_safe
def manifest(request: HttpRequest) -> HttpResponse:
    """What a phone needs to put the portal on its home screen."""

    def icon(name: str, size: str, purpose: str = "any") -> dict[str, str]:
        kind = "image/svg+xml" if name.endswith(".svg") else "image/png"
        return {"src": static(f"icons/{name}"), "sizes": size, "type": kind, "purpose": purpose}

    content = {
        "name": _("党建管理门户"),
        "short_name": _("党建门户"),
        "lang": "zh-Hans",
        "id": "/",
        "start_url": "/",
        "scope": "/",
        "display": "standalone",
        "background_color": "#f7f5f2",
        "theme_color": "#a61b1f",
        "icons": [
            icon("app-192.png", "192x192"),
            icon("app-512.png", "512x512"),
            icon("app-maskable-512.png", "512x512", "maskable"),
            icon("favicon.svg", "any"),
        ],
        "shortcuts": [{"name": _("待上传"), "url": reverse("offline:queue")}],
    }
    return JsonResponse(
        content,
        content_type="application/manifest+json",
        json_dumps_params={"ensure_ascii": False},
    )


@login_not_required
@cache_control(max_age=86400)
@require_safe
def favicon(request: HttpRequest) -> HttpResponse:
    """The icon for whoever asks by habit: pages that name none (the admin) and old browsers."""
    return redirect(static("icons/favicon.svg"))


@login_not_required
@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """没有信号: kept on every phone, the same for everybody, shown instead of a page that was
    not kept."""
    return render(request, "offline/page.html")


@never_cache
@require_safe
def me(request: HttpRequest) -> JsonResponse:
    """Who is signed in, a fresh token for what is sent, and the server's clock in ms."""
    return JsonResponse(
        {
            "user": str(signed_in(request).pk),
            "token": get_token(request),
            "now": int(timezone.now().timestamp() * 1000),
        }
    )


@never_cache
@require_safe
def pages(request: HttpRequest) -> JsonResponse:
    """What the user's phone should fetch while it can."""
    found = pages_of(signed_in(request))
    if found:
        found.append(FieldPage(url=reverse("offline:queue"), title=""))
    return JsonResponse({"version": assets.version(), "pages": [asdict(entry) for entry in found]})


@keepable
@require_safe
def queue(request: HttpRequest) -> HttpResponse:
    """待上传: what waits on this phone, what was not taken, the queue as a file and back."""
    return render(request, "offline/queue.html")
