"""One request as its reader sees it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any

from django.db.models import Count
from django.urls import reverse
from django.utils.translation import gettext as _

from feedback.access import name_committees
from feedback.clocks import heard_until
from feedback.forms import steps
from feedback.lifecycles import REQUEST
from feedback.models import (
    Level,
    Message,
    NameView,
    Promise,
    Rating,
    Reply,
    ReplyTemplate,
    RequestEvent,
    StaffRequest,
    SupervisionOrder,
)
from feedback.permissions import in_office_of, is_author, may_reply, may_see_name
from feedback.selectors.actions import Action, actions_for
from feedback.selectors.standing import order_standing, promise_standing, standing
from feedback.similar import Similar, to_handle_together
from portal.attachments.models import Attachment
from portal.kernel.ui import Event, Status, Step

if TYPE_CHECKING:
    from portal.accounts.models import User

GATHERED = 3  # so many confirmations in a row stand in one line
WAY = ("submitted", "accepted", "assigned", "replied", "closed")


@dataclass(frozen=True, slots=True)
class PromiseLine:
    promise: Promise
    standing: Status
    teams: Sequence[Any]
    arrived: int


@dataclass(frozen=True, slots=True)
class Page:
    """Everything on the page of one request."""

    request: StaffRequest
    title: str
    kicker: str
    standing: Status
    steps: Sequence[Step]
    is_author: bool
    author_name: str
    may_look: bool
    views: Sequence[NameView]
    replies: Sequence[Reply]
    promises: Sequence[PromiseLine]
    orders: Sequence[tuple[SupervisionOrder, Status]]
    messages: Sequence[Message]
    ratings: Sequence[Rating]
    events: Sequence[Event]
    main: Action | None
    actions: Sequence[Action]
    templates: Sequence[ReplyTemplate]
    attachments: Sequence[Attachment]
    joined: int
    merged: int
    helpers: str
    pause: Any
    together: Sequence[Similar]
    back: tuple[str, str]


@dataclass(frozen=True, slots=True)
class Way:
    """What has happened to a request, oldest first."""

    events: Sequence[RequestEvent]
    replies: Sequence[Reply]
    messages: Sequence[Message]
    ratings: Sequence[Rating]


def way_of(request: StaffRequest, user: User, today: dt.date) -> Way:
    """Four queries. The author does not read what the office keeps to itself; the house reads
    what an anonymous author added from the next working day on."""
    heard = heard_until(today)
    events = request.events.heard(heard).order_by("number")
    if is_author(user, request):
        events = events.filter(is_inner=False)
    return Way(
        list(events),
        list(request.replies.select_related("department")),
        list(request.messages.heard(heard)),
        list(request.ratings.all()),
    )


def request_for_page(user: User, key: str) -> StaffRequest:
    """Raises StaffRequest.DoesNotExist for a stranger."""
    found: StaffRequest = (
        StaffRequest.objects.visible_to(user)
        .select_related(
            "committee__listening_policy",
            "department",
            "category",
            "kind",
            "session",
            "extension",
            "publication",
            "merged_into",
        )
        .prefetch_related("helpers", "orders__department")
        .with_clock()
        .get(pk=key)
    )
    return found


def request_page(
    request: StaffRequest,
    user: User,
    today: dt.date,
    bound: Mapping[str, steps.StepForm] | None = None,
) -> Page:
    """A fixed number of queries, whatever has happened to the request."""
    own = is_author(user, request)
    way = way_of(request, user, today)
    for order in request.orders.all():
        order.request = request
    actions = actions_for(request, user, today, bound)
    main = next((action for action in actions if action.is_main), None)
    promises = []
    rows = request.promises.select_related("department").prefetch_related("teams")
    for promise in rows:
        promise.request = request
        teams = list(promise.teams.all())
        promises.append(
            PromiseLine(
                promise,
                promise_standing(promise, today),
                teams,
                sum(bool(team.has_arrived) for team in teams),
            )
        )
    counted = StaffRequest.objects.filter(pk=request.pk).aggregate(
        joined=Count("me_toos", distinct=True), merged=Count("merged", distinct=True)
    )
    author_name = ""
    if own:
        author_name = _("您本人")
    elif request.level == Level.NAMED and may_see_name(user, request):
        author = getattr(request, "authorship", None)
        author_name = str(author) if author else ""
    return Page(
        request=request,
        title=request.headline
        or (request.text[:40] if len(request.text) <= 60 else request.text[:38] + "…"),
        kicker=_("编号 %(number)s，%(source)s，%(level)s")
        % {
            "number": request.number,
            "source": request.get_source_display(),
            "level": request.get_level_display(),
        },
        standing=standing(request, today),
        steps=_steps(request),
        is_author=own,
        author_name=author_name,
        may_look=not own and request.level == Level.CONFIDENTIAL and may_see_name(user, request),
        views=list(request.name_views.select_related("viewer"))
        if own or request.committee_id in name_committees(user)
        else [],
        replies=way.replies,
        promises=promises,
        orders=[(order, order_standing(order, today)) for order in request.orders.all()]
        if not own
        else [],
        messages=way.messages,
        ratings=way.ratings,
        events=_events(request, way.events, today),
        main=main,
        actions=[action for action in actions if action is not main],
        templates=list(ReplyTemplate.objects.filter(committee=request.committee_id, is_active=True))
        if may_reply(user, request)
        else [],
        joined=counted["joined"],
        merged=counted["merged"],
        helpers="、".join(str(helper) for helper in request.helpers.all()),
        attachments=list(Attachment.objects.of(request)),
        pause=request.pauses.filter(ended_on__isnull=True).first()
        if getattr(request, "is_paused", False)
        else None,
        together=to_handle_together(request, today)
        if in_office_of(user, request) and REQUEST.allows(request.status, "merge")
        else (),
        back=_back(request, user, own),
    )


def _back(request: StaffRequest, user: User, own: bool) -> tuple[str, str]:
    from feedback.access import listening_committees

    if own:
        return _("我说的事"), reverse("feedback:mine")
    if request.is_sealed:
        return _("纪检"), reverse("feedback:sealed")
    if request.committee_id in listening_committees(user):
        return _("诉求台账"), reverse("feedback:ledger")
    return _("承办"), reverse("feedback:hands")


def _steps(request: StaffRequest) -> list[Step]:
    """The way of a request; one that left it early has fewer steps."""
    names = {
        "submitted": _("提交"),
        "accepted": _("受理"),
        "assigned": _("分派办理"),
        "replied": _("答复"),
        "closed": _("评价办结"),
    }
    if request.is_sealed:
        names.pop("assigned")
        names.pop("replied")
        names["closed"] = _("告知")
    if request.status in ("declined", "withdrawn", "merged"):
        return []
    at = {"reopened": "assigned", "appealed": "closed"}.get(request.status, request.status)
    order = list(names)
    reached = order.index(at) if at in order else 0
    # The state says what has happened; what is current is the next thing.
    current = len(order) if request.status == "closed" else min(reached + 1, len(order) - 1)
    notes = {
        "submitted": request.submitted_on,
        "accepted": request.accepted_at,
        "assigned": request.assigned_at,
        "replied": request.replied_at,
        "closed": request.closed_on,
    }
    due = {
        "accepted": request.accept_due_on,
        "assigned": request.assign_due_on,
        "replied": request.reply_due_on,
        "closed": request.rate_due_on,
    }
    made = []
    for number, name in enumerate(order):
        state = "done" if number < current else "current" if number == current else "todo"
        when = notes[name] if state == "done" else due.get(name)
        note = ""
        if when is not None:
            day = when if not isinstance(when, dt.datetime) else when.date()
            note = f"{day.month}月{day.day}日" + ("" if state == "done" else _("前"))
        made.append(Step(names[name], note, state))  # type: ignore[arg-type]
    return made


def _events(request: StaffRequest, lines: Sequence[RequestEvent], today: dt.date) -> list[Event]:
    """Newest first, the clock on top."""
    events = []
    due_on = request.reply_due_on
    if request.status in ("assigned", "reopened") and due_on:
        late = due_on < today
        events.append(
            Event(
                due_on,
                _("答复期限（已过）") if late else _("答复期限"),
                state="late" if late else "",
                is_promised=not late,
            )
        )
    for _same, run in groupby(reversed(lines), key=_arrived_on):
        same = list(run)
        if _same and len(same) >= GATHERED:
            events.append(_gathered(same))
        else:
            events += [
                Event(line.at or line.on, line.text, who=line.actor_office, note=line.note)
                for line in same
            ]
    return events


def _arrived_on(line: RequestEvent) -> dt.date | None:
    """The day on which a team said, in no more words, that it had arrived."""
    said = _("%(team)s确认收到") % {"team": line.actor_office}
    plain = line.code == "team_answered" and line.text == said and not line.note
    return line.on if plain else None


def _gathered(lines: Sequence[RequestEvent]) -> Event:
    """Twenty teams in a row are one line of the history, with their names below it."""
    newest = lines[0]
    teams = [line.actor_office for line in reversed(lines)]
    return Event(
        newest.at or newest.on,
        _("%(n)d 个班组确认收到") % {"n": len(teams)},
        note="、".join(teams),
    )
