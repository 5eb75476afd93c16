"""The inbox: one's own messages."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST
from django.views.generic import View

from portal.accounts.requests import signed_in
from portal.kernel.ui import Tab
from portal.notifications.models import InboxMessage
from portal.notifications.services import mark_all_read, mark_read

PER_PAGE = 30


class Inbox(View):
    """站内消息: unread first."""

    def get(self, request: HttpRequest) -> HttpResponse:
        user = signed_in(request)
        mine = InboxMessage.objects.visible_to(user)
        unread = mine.unread().count()
        only_unread = request.GET.get("show") == "unread"
        shown = (mine.unread() if only_unread else mine).unread_first()
        page = Paginator(shown, PER_PAGE).get_page(request.GET.get("page"))
        here = reverse("notifications:inbox")
        context: dict[str, Any] = {
            "page": page,
            "unread": unread,
            "only_unread": only_unread,
            "newest": mine.order_by("-pk").values_list("pk", flat=True).first() or 0,
            "tabs": [
                Tab("全部", here, is_current=not only_unread),
                Tab("未读", f"{here}?show=unread", is_current=only_unread, count=unread),
            ],
        }
        return render(request, "notifications/inbox.html", context)


def open_message(request: HttpRequest, pk: int) -> HttpResponse:
    """Mark a message read and go where it leads."""
    user = signed_in(request)
    message = InboxMessage.objects.visible_to(user).filter(pk=pk).first()
    if message is None:
        raise Http404
    mark_read(message_id=message.pk, user=user, now=timezone.now())
    return redirect(message.link or reverse("notifications:inbox"))


@require_POST
def read_message(request: HttpRequest, pk: int) -> HttpResponse:
    """Mark one message read and stay."""
    user = signed_in(request)
    if not InboxMessage.objects.visible_to(user).filter(pk=pk).exists():
        raise Http404
    mark_read(message_id=pk, user=user, now=timezone.now())
    return redirect(_back(request))


@require_POST
def read_all(request: HttpRequest) -> HttpResponse:
    """Mark everything read that was there when the page was drawn."""
    try:
        up_to = int(request.POST.get("up_to", "0"))
    except ValueError:
        up_to = 0
    mark_all_read(user=signed_in(request), up_to=up_to, now=timezone.now())
    return redirect(_back(request))


def _back(request: HttpRequest) -> str:
    """The list as it was (its filter and page), never an address outside."""
    back = request.POST.get("back", "")
    here = reverse("notifications:inbox")
    is_ours = back.startswith(here) and url_has_allowed_host_and_scheme(back, allowed_hosts=None)
    return back if is_ours else here
