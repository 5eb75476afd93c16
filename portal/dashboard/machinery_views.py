"""后台运行: what the sweep did last, and which mails did not leave. System administrators only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from branches.access import access_of
from portal.accounts.models import User
from portal.accounts.requests import signed_in
from portal.kernel import sweep
from portal.kernel.errors import TransitionRefused
from portal.kernel.models import JobHeartbeat
from portal.kernel.ui import Status, Tab
from portal.notifications.models import OutboxMessage
from portal.notifications.services import send_again

PER_PAGE = 30


@dataclass(frozen=True, slots=True)
class StepRow:
    """One step of the sweep and its last run."""

    label: str
    beat: JobHeartbeat | None
    status: Status


def _admin(request: HttpRequest) -> User:
    user = signed_in(request)
    if not access_of(user).is_system_admin:
        raise PermissionDenied
    return user


def machinery(request: HttpRequest) -> HttpResponse:
    """The steps of the sweep, and the outbox by status."""
    _admin(request)
    return _page(request)


def _page(request: HttpRequest, *, refusal: str = "", status: int = 200) -> HttpResponse:
    beats = sweep.heartbeats()
    whole = beats.get(sweep.SWEEP)
    late = sweep.is_late(whole.finished_at if whole else None, timezone.now())
    wanted = request.GET.get("status", OutboxMessage.Status.DEAD)
    if wanted not in OutboxMessage.Status.values:
        wanted = OutboxMessage.Status.DEAD
    counts = dict(
        OutboxMessage.objects.order_by().values_list("status").annotate(number=Count("pk"))
    )
    mails = (
        OutboxMessage.objects.filter(status=wanted)
        .select_related("user")
        .order_by("-created_at", "-pk")
    )
    here = reverse("notifications:machinery")
    context: dict[str, Any] = {
        "whole": whole,
        "late": late,
        "steps": [_row(step, beats.get(f"{sweep.SWEEP}.{step.name}")) for step in sweep.steps()],
        "page": Paginator(mails, PER_PAGE).get_page(request.GET.get("page")),
        "wanted": wanted,
        "dead": counts.get(OutboxMessage.Status.DEAD, 0),
        "pending": counts.get(OutboxMessage.Status.PENDING, 0),
        "refusal": refusal,
        "tabs": [
            Tab(
                state.label,
                f"{here}?status={state.value}",
                is_current=state.value == wanted,
                count=counts.get(state.value, 0),
            )
            for state in (
                OutboxMessage.Status.DEAD,
                OutboxMessage.Status.PENDING,
                OutboxMessage.Status.SENT,
            )
        ],
    }
    return render(request, "notifications/machinery.html", context, status=status)


def _row(step: sweep.Step, beat: JobHeartbeat | None) -> StepRow:
    if beat is None or beat.finished_at is None:
        status = Status("idle", _("还没运行过"))
    elif beat.outcome.startswith(sweep.FAILED):
        status = Status("late", _("失败"))
    else:
        status = Status("done", _("正常"))
    return StepRow(step.label, beat, status)


@require_POST
def resend(request: HttpRequest, pk: int) -> HttpResponse:
    """Take up a dead mail again."""
    actor = _admin(request)
    try:
        send_again(message_id=pk, actor=actor, now=timezone.now())
    except OutboxMessage.DoesNotExist:
        raise Http404 from None
    except TransitionRefused as error:
        return _page(request, refusal=error.message, status=error.status_code)
    return redirect("notifications:machinery")
