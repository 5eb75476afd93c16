"""日历订阅: the page with one's own address, and the feed behind it."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_POST, require_safe

from portal.accounts.requests import signed_in
from portal.kernel.months import local_date
from portal.notifications.feed import feed, items_for
from portal.notifications.models import CalendarFeed
from portal.notifications.services import close_feed, renew_feed


@require_safe
def subscription(request: HttpRequest) -> HttpResponse:
    """One's own address and what stands in the feed now."""
    user = signed_in(request)
    mine = CalendarFeed.objects.filter(user=user).first()
    today = local_date(timezone.now())
    address = ""
    if mine is not None:
        path = reverse("notifications:feed", args=[mine.token])
        address = f"{settings.PORTAL_BASE_URL.rstrip('/')}{path}"
    context = {
        "address": address,
        "webcal": address.replace("https://", "webcal://").replace("http://", "webcal://"),
        "items": [item for item in items_for(user, today) if item.day >= today][:20],
    }
    return render(request, "notifications/calendar.html", context)


@require_POST
def renew(request: HttpRequest) -> HttpResponse:
    renew_feed(user=signed_in(request), now=timezone.now())
    messages.success(request, _("订阅地址已生成；以前的地址不再能用。"))
    return redirect("notifications:calendar")


@require_POST
def close(request: HttpRequest) -> HttpResponse:
    close_feed(user=signed_in(request), now=timezone.now())
    messages.success(request, _("已停止订阅，地址不再能用。"))
    return redirect("notifications:calendar")


@login_not_required
@cache_control(private=True, max_age=300)
@require_safe
def ics(request: HttpRequest, token: str) -> HttpResponse:
    """The feed. Whoever has the address reads it, as calendar programs can't sign in; an account
    that is closed closes its feed."""
    found = (
        CalendarFeed.objects.select_related("user")
        .filter(token=token, user__is_active=True)
        .first()
    )
    if found is None:
        raise Http404
    answer = HttpResponse(feed(found.user, timezone.now()), content_type="text/calendar")
    answer["Content-Disposition"] = 'inline; filename="portal.ics"'
    answer["X-Robots-Tag"] = "noindex"
    answer["Referrer-Policy"] = "no-referrer"
    return answer
