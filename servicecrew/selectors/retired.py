"""老同志名册: searched, narrowed and turned page by page, who waits longest for a visit first."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Page, Paginator
from django.db.models import Count, F, Max, Q, QuerySet
from django.utils.translation import gettext as _

from portal.kernel.searches import search_text
from portal.kernel.ui import Status, Tab
from servicecrew.models import Programme, RetiredComrade

LONG_AGO = 90  # days after which a retired comrade is due for a visit: a quarter
A_PAGE = 12
LONGEST_SEARCH = 40


@dataclass(frozen=True, slots=True)
class RetiredLine:
    """A retired comrade, and when somebody was last there."""

    row: RetiredComrade
    last_visit: dt.date | None
    status: Status | None


@dataclass(frozen=True, slots=True)
class Roster:
    """``page``: the lines asked for; ``tabs`` count what the search found; ``which``: the tab."""

    page: Page[Any]
    lines: Sequence[RetiredLine]
    tabs: Sequence[Tab]
    query: str
    which: str


def retired_roster(
    rows: QuerySet[Any], programme: Programme, today: dt.date, asked: Mapping[str, str]
) -> Roster:
    """``rows``: those the user may see. ``asked``: ``q`` (part of a name), ``who`` (a tab),
    ``page``. Two queries."""
    query = search_text(asked, LONGEST_SEARCH)
    rows = rows.annotate(
        last_visit=Max(
            "person__care_visits__visited_on", filter=Q(person__care_visits__programme=programme)
        )
    )
    if query:
        rows = rows.filter(person__name__icontains=query)
    parts = {
        "": (_("全部"), Q()),
        "due": (
            _("该走访了"),
            Q(last_visit__isnull=True) | Q(last_visit__lt=today - dt.timedelta(days=LONG_AGO)),
        ),
        "alone": (_("独居"), Q(lives_alone=True)),
        "study": (_("送学上门"), Q(gets_study_at_home=True)),
    }
    counts = rows.order_by().aggregate(
        **{f"n_{name}": Count("pk", filter=part) for name, (_l, part) in parts.items()}
    )
    which = asked.get("who", "")
    if which not in parts:
        which = ""

    def address(name: str) -> str:
        wanted = {"year": asked.get("year", ""), "q": query, "who": name}
        return f"?{urlencode({k: v for k, v in wanted.items() if v})}#retired"

    shown = rows.filter(parts[which][1]).select_related("person", "branch")
    shown = shown.order_by(F("last_visit").asc(nulls_first=True), "pk")
    paginator = Paginator(shown, A_PAGE)
    paginator.__dict__["count"] = counts[f"n_{which}"]  # counted already
    page = paginator.get_page(asked.get("page"))
    return Roster(
        page=page,
        lines=[RetiredLine(row, row.last_visit, _overdue(row.last_visit, today)) for row in page],
        tabs=[
            Tab(label, address(name), counts[f"n_{name}"], name == which)
            for name, (label, _part) in parts.items()
        ],
        query=query,
        which=which,
    )


def _overdue(last: dt.date | None, today: dt.date) -> Status | None:
    if last is None:
        return Status("late", _("还没有走访过"))
    days = (today - last).days
    return Status("soon", _("%(n)d 天没有走访") % {"n": days}) if days > LONG_AGO else None
