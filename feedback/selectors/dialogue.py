"""What an anonymous author sees with the receipt."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from feedback.lifecycles import REQUEST, RequestStatus
from feedback.models import Message, Promise, Rating, Reply, StaffRequest
from feedback.services.author import later_look_on
from portal.attachments.models import Attachment
from portal.kernel import ui
from portal.kernel.words import zh_date

ENDED = ("declined", "merged", "withdrawn", "closed")
_STEPS = (
    (gettext_lazy("已提交"), ("submitted",)),
    (gettext_lazy("受理"), ("accepted",)),
    (gettext_lazy("办理"), ("assigned", "reopened")),
    (gettext_lazy("答复"), ("replied", "appealed")),
    (gettext_lazy("办结"), ("closed",)),
)


@dataclass(frozen=True, slots=True)
class Dialogue:
    """One request as its author sees it. ``main`` is the request that answers it: another one
    after a merge."""

    request: StaffRequest
    main: StaffRequest
    status: ui.Status
    steps: list[ui.Step]
    events: list[ui.Event]
    replies: list[Reply]
    messages: list[Message]
    promises: list[Promise]
    attachments: list[Attachment]
    may_add: bool
    may_withdraw: bool
    may_rate: bool
    may_confirm: list[Promise] = field(default_factory=list)


def dialogue(request: StaffRequest, today: dt.date) -> Dialogue:
    """Eight queries, however long it went on."""
    main = request.merged_into or request
    promises = list(main.promises.prefetch_related("teams").order_by("due_on"))
    rated = set(
        Rating.objects.filter(request=request, is_author=True).values_list("look", flat=True)
    )
    events = [
        ui.Event(
            when=zh_date(event.on),
            text=event.text,
            who=event.actor_office,
            note=event.note,
        )
        for event in request.events.filter(is_inner=False).order_by("-number")
    ]
    return Dialogue(
        request=request,
        main=main,
        status=_status(request, today),
        steps=_steps(request),
        events=events,
        replies=list(main.replies.select_related("department").order_by("-number")),
        messages=list(request.messages.order_by("number")),
        promises=promises,
        attachments=list(Attachment.objects.of(request)),
        may_add=request.status not in ENDED,
        may_withdraw=REQUEST.allows(request.status, "withdraw")
        and not any(p.status in ("promised", "ordered", "delivered") for p in promises),
        may_rate=_may_rate(request, rated, today),
        may_confirm=[
            promise
            for promise in promises
            if promise.status == "delivered"
            and main.pk == request.pk
            and all(team.has_arrived for team in promise.teams.all())
        ],
    )


def _may_rate(request: StaffRequest, rated: set[str], today: dt.date) -> bool:
    if request.status not in (RequestStatus.REPLIED, RequestStatus.CLOSED):
        return False
    if request.is_sealed or not request.replied_at:
        return False
    due = Rating.Look.AGAIN if request.reopened_on else Rating.Look.FIRST
    if due not in rated:
        return True
    return (
        request.status == RequestStatus.CLOSED
        and Rating.Look.LATER not in rated
        and today >= later_look_on(request)
    )


def _status(request: StaffRequest, today: dt.date) -> ui.Status:
    label = str(request.get_status_display())
    if request.status in ("closed", "replied"):
        return ui.Status("done", label)
    if request.status in ("declined", "withdrawn", "merged"):
        return ui.Status("idle", label)
    return ui.Status("doing", label)


def _steps(request: StaffRequest) -> list[ui.Step]:
    """The way it goes, and where it stands. A request that ended early has no steps to show."""
    if request.status in ("declined", "withdrawn", "merged"):
        return []
    notes = (
        zh_date(request.submitted_on),
        "" if request.accepted_at else _("%(day)s前") % {"day": zh_date(request.accept_due_on)},
        _("%(day)s前答复") % {"day": zh_date(request.reply_due_on)}
        if request.reply_due_on and not request.replied_on
        else "",
        zh_date(request.replied_on) if request.replied_on else "",
        zh_date(request.closed_on) if request.closed_on else "",
    )
    at = next((n for n, (_label, states) in enumerate(_STEPS) if request.status in states), 0)
    last = request.status == RequestStatus.CLOSED
    return [
        ui.Step(
            name=str(label),
            note=str(note),
            state="done" if n < at or last or (n == at == 0) else "current" if n == at else "todo",
        )
        for n, ((label, _states), note) in enumerate(zip(_STEPS, notes, strict=True))
    ]
