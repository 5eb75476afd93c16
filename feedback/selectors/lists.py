"""The lists: mine, in my hands, the office's ledger, the sealed ones, promises to be kept.

Tabs and filters live in the address; every list costs the same queries however long it is.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.core.paginator import Page, Paginator
from django.db.models import Case, Count, F, Q, QuerySet, When
from django.urls import reverse
from django.utils.translation import gettext as _

from feedback.access import listening_committees
from feedback.lifecycles import IN_HAND_STATUSES, OPEN_STATUSES
from feedback.models import Category, MeToo, Outcome, Promise, StaffRequest, SupervisionOrder
from feedback.permissions import handles, is_discipline, listens
from feedback.querysets import RequestQuerySet, late_on
from feedback.selectors.rates import received_in, year_before
from feedback.selectors.standing import order_standing, promise_standing, standing
from feedback.selectors.todo import rows_to_do
from feedback.similar import matching
from portal.kernel.searches import search_text
from portal.kernel.ui import Status, Tab

if TYPE_CHECKING:
    from portal.accounts.models import User

PAGE_SIZE = 30
ENDED = ("closed", "declined", "merged", "withdrawn")
LONGEST_SEARCH = 60
KEPT = ("q", "category", "outcome", "counted")  # what a tab leaves as it is


@dataclass(frozen=True, slots=True)
class Row:
    """One request in a list. ``title`` is the headline where the reader may not read more."""

    request: StaffRequest
    title: str
    line: str
    standing: Status
    url: str
    due_on: dt.date | None = None


@dataclass(frozen=True, slots=True)
class Listing:
    """A page of rows, with tabs above."""

    heading: str
    rows: Sequence[Row]
    page: Page[Any]
    tabs: Sequence[Tab]
    is_filtered: bool = False
    query: str = ""
    category: str = ""
    categories: Sequence[tuple[str, str]] = ()
    outcome: str = ""
    outcomes: Sequence[tuple[str, str]] = ()
    is_counted: bool = False
    joined: Sequence[Row] = ()


class _Counted(Paginator):  # type: ignore[type-arg]
    """Pages of rows that the tabs above have counted already."""

    def __init__(self, rows: QuerySet[Any], count: int) -> None:
        super().__init__(rows, PAGE_SIZE)
        self.count = count  # in place of the cached property, which would ask again


def _page(rows: QuerySet[Any], asked: Mapping[str, str], count: int) -> Page[Any]:
    return _Counted(rows, count).get_page(asked.get("page"))


def _row(request: StaffRequest, today: dt.date, *, line: str = "", whole: bool = True) -> Row:
    title = request.headline or (request.text if whole else request.number)
    return Row(
        request,
        title[:80],
        line,
        standing(request, today),
        reverse("feedback:request", args=[request.pk]),
        request.reply_due_on if request.status in IN_HAND_STATUSES else None,
    )


def _tabs(
    rows: QuerySet[Any],
    conditions: Sequence[tuple[str, str, Q]],
    asked: Mapping[str, str],
    *,
    joins: bool = False,
    apart: str = "",
    whole: str = "",
) -> tuple[str, list[Tab], dict[str, int]]:
    """Counted in one query; the first is shown unless the address says another. ``joins``: a
    condition joins, so rows are counted once each, which sorts all of them for each count.
    ``apart``: one that grows for ever and is counted by itself, from an index; ``whole``: the one
    of everything, that one and all that is open."""
    names = [name for name, _label, _q in conditions]
    chosen = asked.get("tab", "")
    if chosen not in names:
        chosen = names[0]
    rows = rows.order_by()
    counts = {}
    if apart:
        counts[apart] = rows.filter({n: q for n, _l, q in conditions}[apart]).count()
    few = rows.filter(status__in=OPEN_STATUSES) if apart else rows
    counts |= few.aggregate(
        **{
            name: Count("pk", filter=q, distinct=joins)
            for name, _label, q in conditions
            if name != apart
        }
    )
    if whole:
        counts[whole] += counts[apart]
    keep = {name: asked[name] for name in KEPT if asked.get(name)}
    tabs = [
        Tab(label, f"?{urlencode({**keep, 'tab': name})}", counts[name], name == chosen)
        for name, label, _q in conditions
    ]
    return chosen, tabs, counts


def my_requests(user: User, asked: Mapping[str, str], today: dt.date) -> Listing:
    """What I said and what became of it; and what I joined."""
    mine = StaffRequest.objects.authored_by(user).select_related("department").with_clock()
    conditions = [
        (
            "open",
            _("在办"),
            Q(status__in=("submitted", "accepted", "assigned", "replied", "reopened", "appealed")),
        ),
        ("ended", _("已结束"), Q(status__in=("closed", "declined", "merged", "withdrawn"))),
    ]
    chosen, tabs, counts = _tabs(mine, conditions, asked)
    if not counts["open"] and counts["ended"] and not asked.get("tab"):
        chosen = "ended"
        tabs = [Tab(t.label, t.url, t.count, n == 1) for n, t in enumerate(tabs)]
    shown = mine.filter({n: q for n, _l, q in conditions}[chosen])
    page = _page(shown, asked, counts[chosen])
    joined = [
        _row(m.request, today, line=_("您也遇到"), whole=False)
        for m in MeToo.objects.filter(user=user).select_related("request__department")[:20]
    ]
    waiting = mine.filter(status="replied").count()
    if waiting:
        heading = _("有 %(n)d 件已答复，等您说一句") % {"n": waiting}
    elif counts["open"]:
        heading = _("您说的 %(n)d 件正在办") % {"n": counts["open"]}
    else:
        heading = _("我说的事")
    rows = [
        _row(
            request,
            today,
            line="，".join(
                part
                for part in (
                    f"{request.submitted_on.month}月{request.submitted_on.day}日",
                    str(request.department or ""),
                    request.get_level_display(),
                )
                if part
            ),
        )
        for request in page
    ]
    return Listing(heading, rows, page, tabs, joined=joined)


def my_rows(user: User, today: dt.date, *, most: int) -> list[Row]:
    """The newest of what I said, those that wait for me first. One query."""
    mine = StaffRequest.objects.authored_by(user).select_related("department").with_clock()
    rank = Case(When(status="replied", then=0), When(status__in=ENDED, then=2), default=1)
    found = mine.order_by(rank, "-submitted_on", "pk")[:most]
    return [_row(request, today, line=str(request.department or "")) for request in found]


@dataclass(frozen=True, slots=True)
class AtOffice:
    """What waits for the user's office, the most urgent first: the first ``rows`` of ``count``,
    and the list where all of them stand."""

    office: str
    rows: Sequence[Row]
    count: int
    url: str


def waiting_at_office(user: User, today: dt.date, *, most: int) -> AtOffice | None:
    """None for whoever has no such office, or with nothing waiting. One query, for those who have
    one."""
    if is_discipline(user):
        office, where = _("纪检"), "feedback:sealed"
    elif listens(user):
        office, where = _("书记办公室"), "feedback:ledger"
    elif handles(user):
        office, where = "", "feedback:hands"
    else:
        return None
    due = Case(
        When(status="submitted", then=F("accept_due_on")),
        When(status="accepted", then=F("assign_due_on")),
        default=F("reply_due_on"),
    )
    found = list(
        StaffRequest.objects.filter(pk__in=rows_to_do(user))
        .select_related("department", "category")
        .with_clock()
        .order_by(due.asc(nulls_last=True), "submitted_on", "pk")
    )
    if not found:
        return None
    rows = [_row(request, today, line=_about(request)) for request in found[:most]]
    return AtOffice(office or str(found[0].department), rows, len(found), reverse(where))


def in_my_hands(user: User, asked: Mapping[str, str], today: dt.date) -> Listing:
    """The handler's list: by clock, the most urgent first."""
    rows = (
        StaffRequest.objects.in_hands_of(user).select_related("department", "category").with_clock()
    )
    conditions = [
        ("hand", _("要答复"), Q(status__in=IN_HAND_STATUSES)),
        (
            "promised",
            _("承诺兑现中"),
            Q(status="replied", promises__status__in=("promised", "ordered", "delivered")),
        ),
        ("replied", _("已答复"), Q(status__in=("replied", "appealed"))),
        ("ended", _("已结束"), Q(status__in=("closed", "merged"))),
    ]
    chosen, tabs, counts = _tabs(rows, conditions, asked, joins=True)
    shown = rows.filter({n: q for n, _l, q in conditions}[chosen]).distinct()
    order = (F("reply_due_on").asc(nulls_last=True), "pk")
    if chosen not in ("hand", "promised"):
        order = (F("replied_at").desc(nulls_last=True), "pk")
    page = _page(shown.order_by(*order), asked, counts[chosen])
    late = rows.overdue(today).filter(status__in=IN_HAND_STATUSES).count()
    if late:
        heading = _("手上 %(n)d 件要答复，%(late)d 件已逾期") % {"n": counts["hand"], "late": late}
    elif counts["hand"]:
        heading = _("手上 %(n)d 件要答复") % {"n": counts["hand"]}
    else:
        heading = _("手上没有要答复的事")
    listed = [_row(request, today, line=_about(request), whole=True) for request in page]
    return Listing(heading, listed, page, tabs)


_LEDGER_ORDER: tuple[Any, ...] = (F("reply_due_on").asc(nulls_last=True), "submitted_on", "pk")
MOST_EXPORTED = 5_000


def _ledger_conditions(today: dt.date) -> list[tuple[str, str, Q]]:
    return [
        ("todo", _("等办公室"), Q(status__in=("submitted", "accepted"))),
        ("late", _("逾期"), late_on(today)),
        ("hand", _("办理中"), Q(status__in=IN_HAND_STATUSES)),
        ("replied", _("已答复"), Q(status="replied")),
        ("decide", _("待裁定"), Q(status="appealed")),
        ("ended", _("已结束"), Q(status__in=ENDED)),
        ("all", _("全部"), Q()),
    ]


@dataclass(frozen=True, slots=True)
class _Asked:
    """What the ledger's address asks for. ``counted``: what the board counts as received in the
    twelve months up to today, so that its numbers lead to their rows."""

    query: str
    category: str
    outcome: str
    counted: bool

    @classmethod
    def of(cls, asked: Mapping[str, str]) -> _Asked:
        outcome = asked.get("outcome", "")
        return cls(
            search_text(asked, LONGEST_SEARCH),
            asked.get("category", ""),
            outcome if outcome in Outcome.values else "",
            asked.get("counted") == "1",
        )

    @property
    def narrows(self) -> bool:
        return bool(self.query or self.category or self.outcome or self.counted)


def _in_ledger(user: User, wanted: _Asked, today: dt.date) -> RequestQuerySet:
    rows = StaffRequest.objects.in_office_of(user)
    if wanted.counted:
        year = received_in(listening_committees(user), year_before(today), today)
        rows = rows.filter(pk__in=year.values("pk"))
    if wanted.query:
        rows = rows.filter(pk__in=matching(wanted.query, today))
    if wanted.outcome:
        rows = rows.filter(outcome=wanted.outcome)
    return rows.filter(category=wanted.category) if wanted.category else rows


def counted_url(outcome: str = "") -> str:
    """Where the requests stand that the board's year counts, for whoever has the ledger."""
    more = {"outcome": outcome} if outcome else {}
    return f"{reverse('feedback:ledger')}?{urlencode({'tab': 'all', 'counted': '1', **more})}"


def ledger(user: User, asked: Mapping[str, str], today: dt.date) -> Listing:
    """The office's ledger of every request of its committees."""
    wanted = _Asked.of(asked)
    categories = list(Category.objects.values_list("code", "name"))
    if wanted.category not in dict(categories):
        wanted = replace(wanted, category="")
    rows = _in_ledger(user, wanted, today)
    conditions = _ledger_conditions(today)
    chosen, tabs, counts = _tabs(rows, conditions, asked, apart="ended", whole="all")
    if not asked.get("tab") and (wanted.query or wanted.outcome):
        # Where most of what was found stands; a result is asked for over all of them.
        found = {name: n for name, n in counts.items() if name != "all"}
        chosen = "all" if wanted.outcome else max(found, key=lambda name: found[name])
        tabs = [
            Tab(tab.label, tab.url, tab.count, name == chosen)
            for tab, (name, _l, _q) in zip(tabs, conditions, strict=True)
        ]
    shown = (
        rows.filter({n: q for n, _l, q in conditions}[chosen])
        .select_related("department", "category")
        .with_clock()
    )
    order: tuple[Any, ...] = {
        "ended": ("-closed_on", "pk"),
        "all": ("-submitted_on", "pk"),
    }.get(chosen, _LEDGER_ORDER)
    page = _page(shown.order_by(*order), asked, counts[chosen])
    if counts["todo"]:
        heading = _("%(n)d 件等着受理或分派") % {"n": counts["todo"]}
        if counts["late"]:
            heading += _("，%(n)d 件逾期") % {"n": counts["late"]}
    elif counts["late"]:
        heading = _("%(n)d 件逾期") % {"n": counts["late"]}
    else:
        heading = _("没有等着受理的诉求")
    listed = [_row(request, today, line=_about(request)) for request in page]
    return Listing(
        heading,
        listed,
        page,
        tabs,
        wanted.narrows,
        wanted.query,
        wanted.category,
        categories,
        wanted.outcome,
        [(value, str(label)) for value, label in Outcome.choices],
        wanted.counted,
    )


def ledger_rows(user: User, asked: Mapping[str, str], today: dt.date) -> list[StaffRequest]:
    """The ledger under the same conditions for a workbook: the tab that is asked for, otherwise
    everything; the newest ``MOST_EXPORTED``. One query."""
    rows = _in_ledger(user, _Asked.of(asked), today)
    condition = {n: q for n, _l, q in _ledger_conditions(today)}.get(asked.get("tab", ""))
    if condition is not None:
        rows = rows.filter(condition)
    rows = rows.select_related("department", "category", "kind").with_clock()
    return list(rows.order_by("-submitted_on", "pk")[:MOST_EXPORTED])


def sealed(user: User, asked: Mapping[str, str], today: dt.date) -> Listing:
    """What only the discipline office sees."""
    rows = StaffRequest.objects.sealed_for(user).with_clock()
    conditions = [
        ("open", _("待办"), Q(status__in=("submitted", "accepted"))),
        ("ended", _("已告知"), Q(status__in=("closed", "declined", "withdrawn"))),
    ]
    chosen, tabs, counts = _tabs(rows, conditions, asked)
    page = _page(
        rows.filter({n: q for n, _l, q in conditions}[chosen]).order_by("submitted_on", "pk"),
        asked,
        counts[chosen],
    )
    heading = (
        _("%(n)d 件只由纪检查看的反映") % {"n": counts["open"]}
        if counts["open"]
        else _("没有待办的反映")
    )
    listed = [_row(request, today, line=_about(request)) for request in page]
    return Listing(heading, listed, page, tabs)


def _about(request: StaffRequest) -> str:
    parts = [
        f"{request.submitted_on.month}月{request.submitted_on.day}日",
        request.get_source_display(),
        str(request.category or ""),
        str(request.department or ""),
    ]
    return "，".join(part for part in parts if part)


# -- promises ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PromiseRow:
    promise: Promise
    standing: Status
    url: str
    confirmed: int = 0
    teams: int = 0


@dataclass(frozen=True, slots=True)
class OrderRow:
    order: SupervisionOrder
    standing: Status
    url: str


@dataclass(frozen=True, slots=True)
class PromiseBoard:
    """What is owed to whom: overdue promises, those to come, orders that are open."""

    heading: str
    late: Sequence[PromiseRow]
    coming: Sequence[PromiseRow]
    delivered: Sequence[PromiseRow]
    orders: Sequence[OrderRow]
    to_decide: Sequence[Row]


def promise_board(user: User, today: dt.date) -> PromiseBoard:
    """The secretary's own board (and the office's). Four queries."""
    listened = StaffRequest.objects.in_office_of(user)
    promises = list(
        Promise.objects.open()
        .filter(request__in=listened)
        .select_related("request", "department")
        .annotate(
            team_count=Count("teams"),
            arrived=Count("teams", filter=Q(teams__has_arrived=True)),
        )
        .order_by("due_on", "pk")
    )
    rows = [
        PromiseRow(
            promise,
            promise_standing(promise, today),
            reverse("feedback:request", args=[promise.request_id]),
            promise.arrived,
            promise.team_count,
        )
        for promise in promises
    ]
    late = [r for r in rows if r.promise.status != "delivered" and r.promise.due_on < today]
    orders = [
        OrderRow(
            order,
            order_standing(order, today),
            reverse("feedback:request", args=[order.request_id]),
        )
        for order in SupervisionOrder.objects.open()
        .filter(request__in=listened)
        .select_related("request", "department")
        .order_by("due_on", "pk")
    ]
    to_decide = [
        _row(request, today, line=_about(request))
        for request in listened.filter(status="appealed").select_related("department", "category")
    ]
    if late:
        heading = _("%(n)d 件承诺逾期没有兑现") % {"n": len(late)}
    elif rows:
        heading = _("%(n)d 件承诺在路上，没有逾期") % {"n": len(rows)}
    else:
        heading = _("没有欠着的承诺")
    return PromiseBoard(
        heading,
        late,
        [r for r in rows if r.promise.status != "delivered" and r.promise.due_on >= today],
        [r for r in rows if r.promise.status == "delivered"],
        orders,
        to_decide,
    )
