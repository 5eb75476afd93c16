"""The public board: what was said, what changed; and the next reception day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.core.paginator import Page, Paginator
from django.db.models import Case, Count, OuterRef, Q, Subquery, When
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from branches.access import access_of
from branches.models import Committee
from feedback.access import listening_committees
from feedback.clocks import known_policy
from feedback.models import (
    Department,
    ListeningSession,
    Promise,
    Publication,
    StaffRequest,
    StaffVisit,
)
from feedback.selectors.rates import (
    Breakdown,
    Counts,
    Figures,
    Rate,
    by_category,
    figures_of,
    received_in,
    year_before,
)
from portal.kernel.ui import Status
from portal.workdays import services as workdays

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from portal.accounts.models import User

PAGE_SIZE = 12
SATISFIED = {
    "solved": Status("done", _("满意")),
    "half": Status("done", _("基本满意")),
    "not": Status("idle", _("不满意"), "circle-x"),
}


@dataclass(frozen=True, slots=True)
class Change:
    """One line of the board."""

    publication: Publication
    answered_by: str
    answered_on: dt.date | None
    status: Status
    is_adopted: bool


@dataclass(frozen=True, slots=True)
class Stage:
    """One point of a promise's way on the change card."""

    name: str
    note: str
    state: str  # done, soon, late, todo


@dataclass(frozen=True, slots=True)
class Featured:
    """The card on top: said, changed, and how the promise went."""

    publication: Publication
    request: StaffRequest
    stages: Sequence[Stage]
    foot: str


@dataclass(frozen=True, slots=True)
class Open:
    """What is still in hand, in words; cells too small are not shown one by one."""

    total: int
    confirming: int
    running: int
    late: int
    is_hidden: bool


@dataclass(frozen=True, slots=True)
class NextSession:
    session: ListeningSession
    workdays_left: int
    booked: int
    free: int
    departments: str


@dataclass(frozen=True, slots=True)
class Board:
    committee: Committee | None
    today: dt.date
    first: dt.date
    counts: Counts | None
    rates: Sequence[Rate]
    featured: Featured | None
    page: Page[Any] | None
    changes: Sequence[Change]
    open: Open | None
    topics: Breakdown | None
    next: NextSession | None
    categories: Sequence[tuple[str, str]]
    category: str
    smallest: int
    visits: int | None = None


def board_committee(
    user: User | AnonymousUser, visits_since: dt.date | None = None
) -> Committee | None:
    """Whose board is shown: that of the committee which listens to the reader, or leads; for
    somebody without any, the one at the top. One query, with its policy and, if asked, with the
    number of its ``visits``."""
    access = access_of(user)
    wanted = access.home_committees | listening_committees(user)
    answering = Department.objects.filter(is_active=True).values("committee_id")
    found = Committee.objects.filter(pk__in=answering, is_active=True)
    if visits_since is not None:
        visits = StaffVisit.objects.filter(
            committee=OuterRef("pk"), visited_on__gte=visits_since
        ).order_by()
        counted = visits.values("committee").annotate(n=Count("pk")).values("n")
        found = found.annotate(visits=Coalesce(Subquery(counted), 0))
    return (
        found.select_related("listening_policy")
        .order_by(
            Case(When(pk__in=wanted, then=0), When(parent__isnull=True, then=1), default=2),
            "sort_order",
            "pk",
        )
        .first()
    )


def board(user: User | AnonymousUser, asked: Mapping[str, str], today: dt.date) -> Board:
    """Everything on the board. A fixed number of queries."""
    first = year_before(today)
    committee = board_committee(user, visits_since=first)
    if committee is None:
        return Board(None, today, first, None, (), None, None, (), None, None, None, (), "", 5)
    policy = known_policy(committee)
    smallest = policy.smallest_cell
    figures = figures_of(received_in([committee.pk], first, today), today)
    counts = figures.counts
    enough = counts.received >= smallest
    categories = sorted((code, name) for code, name, _n in figures.categories if code and name)
    published = (
        Publication.objects.filter(request__committee=committee, request__is_sealed=False)
        .select_related("request__department", "request__category")
        .order_by("-is_featured", "-published_at", "-pk")
    )
    category = asked.get("category", "")
    if category in dict(categories):
        published = published.filter(request__category=category).order_by("-published_at", "-pk")
    else:
        category = ""
    page = Paginator(published, PAGE_SIZE).get_page(asked.get("page"))
    listed = list(page)
    # The one on top of everything is told as a story; in a category it is a line like others.
    featured = None
    if listed and listed[0].is_featured and not category:
        featured = listed.pop(0)
    return Board(
        committee=committee,
        today=today,
        first=first,
        counts=counts if enough else None,
        rates=counts.rates(policy) if enough else (),
        featured=_featured(featured, today) if featured else None,
        page=page,
        changes=[_change(publication) for publication in listed],
        open=_open(figures, smallest),
        topics=by_category(figures.categories, smallest=smallest) if enough else None,
        next=next_session(committee, today),
        categories=categories,
        category=category,
        smallest=smallest,
        visits=getattr(committee, "visits", None),
    )


def _change(publication: Publication) -> Change:
    request = publication.request
    rating = request.last_rating
    if request.status == "declined":
        return Change(
            publication, "", request.closed_on, Status("idle", _("不予受理"), "ban"), False
        )
    adopted = request.outcome in ("carried_out", "planned")
    if not adopted:
        status = Status("idle", _("已说明"), "message-circle")
    elif rating:
        status = SATISFIED[rating]
    elif request.outcome == "planned":
        status = Status("doing", _("列入计划"))
    else:
        status = Status("done", _("已整改"))
    return Change(publication, str(request.department or ""), request.replied_on, status, adopted)


def _featured(publication: Publication, today: dt.date) -> Featured:
    request = publication.request
    promise = (
        Promise.objects.filter(request=request)
        .exclude(status="recalled")
        .annotate(
            team_count=Count("teams"),
            arrived=Count("teams", filter=Q(teams__has_arrived=True)),
        )
        .order_by("-promised_at")
        .first()
    )
    said = request.submitted_on
    stages = [
        Stage(
            _("说"),
            _("%(day)s，%(source)s") % {"day": _day(said), "source": request.get_source_display()},
            "done",
        ),
    ]
    accepted = request.accepted_at
    if accepted is not None:
        on = accepted.date()
        same = _("，当天") if on == said else ""
        stages.append(Stage(_("受理并转办"), f"{_day(on)}{same}", "done"))
    if promise is None:
        if request.replied_on:
            stages.append(Stage(_("答复"), _day(request.replied_on), "done"))
        return Featured(publication, request, stages, "")
    stages.append(
        Stage(
            _("承诺"),
            _("%(day)s答复：%(due)s前%(what)s")
            % {
                "day": _day(promise.promised_at.date()),
                "due": _day(promise.due_on),
                "what": promise.what,
            },
            "done",
        )
    )
    foot = ""
    if promise.delivered_at is not None:
        on = promise.delivered_at.date()
        kept = _("，按承诺日") if on <= promise.due_on else ""
        stages.append(Stage(_("送达"), f"{_day(on)}{kept}", "done"))
        took = workdays.workdays_between(said, on)
        foot = _("从说到送达用了 %(n)d 个工作日。全部确认后，这件事才算办结。") % {"n": took}
    else:
        late = promise.due_on < today
        note = _("%(day)s前") % {"day": _day(promise.due_on)}
        stages.append(Stage(_("送达"), note, "late" if late else "soon"))
    if promise.status == "confirmed":
        stages.append(Stage(_("大家确认"), _day(promise.confirmed_on or today), "done"))
    else:
        note = ""
        if promise.team_count:
            note = _("%(all)d 个班组已确认 %(n)d 个") % {
                "all": promise.team_count,
                "n": promise.arrived,
            }
        if promise.confirm_by is not None:
            until = (
                _("今天截止")
                if promise.confirm_by == today
                else _("%(day)s截止") % {"day": _day(promise.confirm_by)}
            )
            note = f"{note}，{until}" if note else until
        state = "soon" if promise.status == "delivered" else "todo"
        stages.append(Stage(_("等大家确认"), note, state))
    return Featured(publication, request, stages, foot)


def _open(figures: Figures, smallest: int) -> Open:
    # Nothing here tells of a person: only how many wait for whom. Still, one alone is one.
    total, confirming = figures.counts.open, figures.counts.confirming
    running = total - confirming - figures.late
    return Open(total, confirming, running, figures.late, total == 1 and smallest > 1)


def next_session(committee: Committee, today: dt.date) -> NextSession | None:
    """The next announced session with its slots; three queries."""
    session = (
        ListeningSession.objects.filter(committee=committee, status="announced", held_on__gte=today)
        .annotate(
            slot_count=Count("slots"),
            booked=Count("slots", filter=Q(slots__booked_by__isnull=False)),
        )
        .order_by("held_on", "starts_at")
        .first()
    )
    if session is None:
        return None
    return NextSession(
        session,
        workdays.workdays_between(today, session.held_on),
        session.booked,
        session.slot_count - session.booked,
        "、".join(department.name for department in session.departments.all()),
    )


def _day(day: dt.date) -> str:
    return f"{day.month}月{day.day}日"
