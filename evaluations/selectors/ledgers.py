"""The three ledgers: notices, findings and appeals, with filters that live in the address.

Every ledger costs the same number of queries however many rows it has.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Generic, TypeVar
from urllib.parse import urlencode

from django.core.paginator import Page, Paginator
from django.db.models import Case, Count, IntegerField, Prefetch, Q, QuerySet, Value, When
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from branches.access import access_of
from branches.models import BranchType
from evaluations.lifecycles import UNSIGNED
from evaluations.models import (
    Finding,
    NoticeProblem,
    RectificationNotice,
    ScoreAppeal,
    Severity,
    TeamMember,
)
from evaluations.selectors.deadlines import appeal_standing, finding_standing, notice_standing
from evaluations.selectors.rechecks import ReopenedRate, reopened_among
from portal.kernel.months import Month, end_of_day
from portal.kernel.together import counted, counting, read_together
from portal.kernel.ui import Status, Tab

if TYPE_CHECKING:
    from portal.accounts.models import User

PAGE_SIZE = 50
COMMITTEE_NAME = "inspection__round__committee__name"
Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Choice:
    """One value of a filter."""

    value: str
    label: Any
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Filter:
    """A drop-down filter; its value is in the address under ``name``."""

    name: str
    label: Any
    choices: Sequence[Choice]

    @property
    def chosen(self) -> str:
        return next((choice.value for choice in self.choices if choice.is_chosen), "")


@dataclass(frozen=True, slots=True)
class Ledger(Generic[Row]):
    """A page of rows with the tabs and filters above it."""

    headline: str
    rows: Sequence[Row]
    page: Page[Any]
    tabs: Sequence[Tab]
    filters: Sequence[Filter]
    counts: Mapping[str, int]
    tab: str
    clear_url: str
    scope: str = ""
    scopes: Sequence[Tab] = field(default_factory=tuple)
    is_filtered: bool = False
    hidden: Sequence[tuple[str, str]] = field(default_factory=tuple)
    rate: ReopenedRate | None = None

    @property
    def is_empty(self) -> bool:
        """Nothing at all, under no condition: tabs and filters would only be in the way."""
        return not self.is_filtered and not any(self.counts.values())


class Address:
    """The query string of a ledger: what was asked, and links that change one thing."""

    def __init__(self, url: str, asked: Mapping[str, str], names: Sequence[str]) -> None:
        self.url = url
        self.asked = {name: asked[name] for name in names if asked.get(name)}

    def get(self, name: str) -> str:
        return self.asked.get(name, "")

    def keep(self, name: str, allowed: Sequence[str]) -> str:
        """The value asked for, forgotten when it is none of ``allowed``."""
        value = self.asked.get(name, "")
        if value not in allowed:
            self.asked.pop(name, None)
            return ""
        return value

    def link(self, **changed: str) -> str:
        query = {k: v for k, v in {**self.asked, **changed}.items() if v}
        return f"{self.url}?{urlencode(query)}" if query else self.url


def drop_down(
    address: Address, name: str, label: Any, everything: Any, options: Sequence[tuple[str, Any]]
) -> Filter:
    chosen = address.keep(name, [value for value, _label in options])
    choices = [("", everything), *options]
    return Filter(
        name, label, tuple(Choice(value, text, value == chosen) for value, text in choices)
    )


def days_of(rows: QuerySet[Any], path: str) -> QuerySet[Any, dt.date]:
    """The first days of the months that occur in ``rows``, newest first."""
    return rows.order_by(f"-{path}").values_list(path, flat=True).distinct()


def month_filter(address: Address, days: Iterable[dt.date]) -> Filter:
    """One of the months that occur."""
    months = [(str(Month.of(day)), Month.of(day).label) for day in days]
    return drop_down(address, "month", _("月份"), _("全部月份"), months)


Conditions = Sequence[tuple[str, Any, Q]]


def _counting(rows: QuerySet[Any], conditions: Conditions) -> QuerySet[Any, dict[str, int]]:
    """How many rows each tab has: one row to be read."""
    return counting(rows, **{f"n_{name}": Count("pk", filter=q) for name, _label, q in conditions})


def _tabs(
    row: QuerySet[Any, dict[str, int]],
    conditions: Conditions,
    address: Address,
    default: str = "",
) -> tuple[str, list[Tab], dict[str, int]]:
    """Counted tabs; the chosen one is in the address under ``status``."""
    chosen = address.keep("status", [name for name, _label, _q in conditions]) or default
    numbers = counted(row)
    counts = {name: numbers[f"n_{name}"] for name, _label, _q in conditions}
    tabs = [
        Tab(
            label,
            address.link(status="" if name == default else name),
            counts[name],
            is_current=name == chosen,
        )
        for name, label, _q in conditions
    ]
    return chosen, tabs, counts


def _headline(parts: Sequence[tuple[int, str]], nothing: str) -> str:
    """The answer in one line: "2 份待签发，1 份逾期", or that there is nothing to do."""
    told = "，".join(words % {"n": n} for n, words in parts if n)
    return told.replace(" ", "\u00a0") or nothing  # the number stays with its noun


def _page(rows: QuerySet[Any], count: int, number: str | None) -> Page[Any]:
    """A page of rows that their tab has counted already."""
    pages = Paginator(rows, PAGE_SIZE)
    pages.count = count
    return pages.get_page(number)


# -- notices -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class NoticeRow:
    notice: RectificationNotice
    standing: Status
    url: str

    @property
    def problems(self) -> list[NoticeProblem]:
        return list(self.notice.problems.all())


def notice_conditions(today: dt.date) -> list[tuple[str, Any, Q]]:
    """The tabs of the notices' ledger: name, label, condition."""
    overdue = Q(status__in=("issued", "acknowledged", "returned"), due_on__lt=today)
    unsigned = Q(status="issued", acknowledge_by__lt=today)
    return [
        ("all", gettext_lazy("全部"), Q(pk__isnull=False)),
        ("draft", gettext_lazy("待核稿"), Q(status="draft")),
        ("checked", gettext_lazy("待签发"), Q(status="checked")),
        ("issued", gettext_lazy("待签收"), Q(status="issued")),
        ("fixing", gettext_lazy("整改中"), Q(status__in=("acknowledged", "returned"))),
        ("responded", gettext_lazy("待审核"), Q(status="responded")),
        ("overdue", gettext_lazy("逾期"), overdue | unsigned),
        ("closed", gettext_lazy("办结、撤回"), Q(status__in=("accepted", "withdrawn"))),
    ]


def notice_ledger(user: User, asked: Mapping[str, str], today: dt.date) -> Ledger[NoticeRow]:
    """Notices the user may see, what needs somebody first. Queries: access, months, counts,
    page (2)."""
    address = Address(reverse("evaluations:notice-list"), asked, ("status", "type", "month"))
    visible = RectificationNotice.objects.visible_to(user)
    oversees = bool(access_of(user).overseen_committees)
    filters = []
    rows = visible
    if oversees:
        kind = drop_down(address, "type", _("类型"), _("全部类型"), list(BranchType.choices))
        filters.append(kind)
        if kind.chosen:
            rows = rows.filter(participant__branch_type=kind.chosen)
    month = month_filter(address, days_of(visible, "run__round__month"))
    filters.append(month)
    if month.chosen:
        rows = rows.filter(run__round__month=Month.parse(month.chosen).first_day)
    conditions = notice_conditions(today)
    if not oversees:
        conditions = [c for c in conditions if c[0] not in UNSIGNED]
    tab, tabs, counts = _tabs(_counting(rows, conditions), conditions, address, "all")
    chosen = next(q for name, _label, q in conditions if name == tab)
    urgency = Case(
        When(conditions[[c[0] for c in conditions].index("overdue")][2], then=Value(0)),
        When(status="responded", then=Value(1)),
        When(status__in=UNSIGNED, then=Value(2)),
        When(status__in=("issued", "acknowledged", "returned"), then=Value(3)),
        default=Value(4),
        output_field=IntegerField(),
    )
    page = _page(
        rows.filter(chosen)
        .annotate(urgency=urgency)
        .select_related("branch", "run__round", "participant")
        .prefetch_related(Prefetch("problems", NoticeProblem.objects.select_related("item")))
        .order_by("urgency", "due_on", "-drafted_at", "pk"),
        counts[tab],
        asked.get("page"),
    )
    parts = (
        [
            (counts["overdue"], _("%(n)d 份通知书逾期")),
            (counts.get("draft", 0), _("%(n)d 份待核稿")),
            (counts.get("checked", 0), _("%(n)d 份待签发")),
            (counts["responded"], _("%(n)d 份待审核")),
        ]
        if oversees
        else [
            (counts["overdue"], _("%(n)d 份通知书逾期")),
            (counts["issued"], _("%(n)d 份待签收")),
            (counts["fixing"], _("%(n)d 份整改中")),
        ]
    )
    return Ledger(
        headline=_headline(parts, _("没有要办的整改通知书")),
        rows=[
            NoticeRow(
                notice=notice,
                standing=notice_standing(notice, today),
                url=reverse("evaluations:notice-detail", args=[notice.pk]),
            )
            for notice in page
        ],
        page=page,
        tabs=tabs,
        filters=filters,
        counts=counts,
        tab=tab,
        clear_url=address.url,
        is_filtered=any(f.chosen for f in filters) or tab != "all",
        hidden=_hidden(address),
    )


def _hidden(address: Address) -> list[tuple[str, str]]:
    """What the filter form carries along unseen: the tab and the side."""
    return [(k, v) for k, v in address.asked.items() if k in ("status", "scope")]


# -- findings ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class FindingRow:
    finding: Finding
    standing: Status
    url: str


def finding_conditions(today: dt.date) -> list[tuple[str, Any, Q]]:
    to_fix = Q(status__in=("raised", "confirmed", "disputed", "fixing", "returned"))
    # Finding.waits_for_confirmation: nothing can be reported before the sheet is confirmed.
    waits = Q(status="raised") & ~Q(inspection__round__status="published")
    return [
        ("open", gettext_lazy("未销号"), ~Q(status="verified")),
        ("overdue", gettext_lazy("逾期"), to_fix & Q(due_on__lt=today)),
        ("raised", gettext_lazy("待确认"), waits),
        ("fixing", gettext_lazy("待整改"), to_fix & ~waits),
        ("reported", gettext_lazy("待回头看"), Q(status="reported")),
        ("closed", gettext_lazy("已销号"), Q(status="verified")),
        ("all", gettext_lazy("全部"), Q(pk__isnull=False)),
    ]


def finding_scopes(user: User) -> list[tuple[str, Any]]:
    """From which sides the user looks at findings: the committee's, the branch's, the team's."""
    access = access_of(user)
    scopes: list[tuple[str, Any]] = []
    if access.overseen_committees:
        scopes.append(("all", _("全部支部")))
    if access.post_branches:
        scopes.append(("branch", _("本支部")))
    if access.sub_branches:
        scopes.append(("below", _("所属支部")))
    if access.person_id and TeamMember.objects.filter(person_id=access.person_id).exists():
        scopes.append(("team", _("我组提出的")))
    return scopes


def finding_ledger(user: User, asked: Mapping[str, str], today: dt.date) -> Ledger[FindingRow]:
    """Findings from one side, the most urgent first."""
    address = Address(
        reverse("evaluations:finding-list"),
        asked,
        ("scope", "status", "committee", "type", "severity", "month", "branch"),
    )
    access = access_of(user)
    offered = finding_scopes(user)
    scope = address.keep("scope", [name for name, _label in offered]) or (
        offered[0][0] if offered else ""
    )
    visible = Finding.objects.visible_to(user)
    if scope == "branch":
        visible = visible.filter(branch_id__in=access.post_branches)
    elif scope == "below":
        visible = visible.filter(branch_id__in=access.sub_branches)
    elif scope == "team":
        visible = visible.raised_by(user)
    rows = visible
    filters = []
    names = visible.order_by("branch__sort_order", "branch_id").values_list(
        "branch_id", "branch__name", "inspection__round__committee", COMMITTEE_NAME
    )
    days = days_of(visible, "inspection__round__month")
    read_together(days, *(() if scope == "branch" else (names,)))
    if scope != "branch":
        committees = {str(pk): name for _branch, _name, pk, name in names}
        committee = drop_down(
            address, "committee", _("党委"), _("全部党委"), list(committees.items())
        )
        if len(committees) > 1:
            filters.append(committee)
        if committee.chosen:
            rows = rows.filter(inspection__round__committee_id=int(committee.chosen))
        kind = drop_down(address, "type", _("类型"), _("全部类型"), list(BranchType.choices))
        filters.append(kind)
        if kind.chosen:
            rows = rows.filter(inspection__inspected_type=kind.chosen)
        branch = drop_down(
            address,
            "branch",
            _("支部"),
            _("全部支部"),
            list({str(pk): name for pk, name, *_committee in names}.items()),
        )
        filters.append(branch)
        if branch.chosen:
            rows = rows.filter(branch_id=int(branch.chosen))
    severity = drop_down(address, "severity", _("程度"), _("全部程度"), list(Severity.choices))
    filters.append(severity)
    if severity.chosen:
        rows = rows.filter(severity=severity.chosen)
    month = month_filter(address, days)
    filters.append(month)
    if month.chosen:
        rows = rows.filter(inspection__round__month=Month.parse(month.chosen).first_day)
    conditions = finding_conditions(today)
    counts_row = _counting(rows, conditions)
    reopened = reopened_among(rows, end_of_day(today)) if scope == "all" else None
    read_together(counts_row, *(() if reopened is None else (reopened,)))
    tab, tabs, counts = _tabs(counts_row, conditions, address, "open")
    chosen = next(q for name, _label, q in conditions if name == tab)
    urgency = Case(
        When(status="verified", then=Value(2)),
        When(status="reported", then=Value(1)),
        default=Value(0),
        output_field=IntegerField(),
    )
    page = _page(
        rows.filter(chosen)
        .annotate(urgency=urgency)
        .select_related("branch", "item", "inspection__round", "inspection__team")
        .order_by("urgency", "due_on", "branch__sort_order", "inspection_id", "number"),
        counts[tab],
        asked.get("page"),
    )
    parts = [
        (counts["overdue"], _("%(n)d 个问题逾期")),
        (counts["fixing"], _("%(n)d 个待整改")),
        (counts["reported"], _("%(n)d 个待回头看")),
        (counts["raised"], _("%(n)d 个等确认评分表")),
    ]
    if scope == "team":
        parts = [parts[2], parts[0], parts[1], parts[3]]
    return Ledger(
        headline=_headline(parts, _("没有未销号的问题")),
        rows=[
            FindingRow(
                finding=finding,
                standing=finding_standing(finding, today),
                url=reverse("evaluations:finding-detail", args=[finding.pk]),
            )
            for finding in page
        ],
        page=page,
        tabs=tabs,
        filters=filters,
        counts=counts,
        tab=tab,
        clear_url=f"{address.url}?scope={scope}" if address.get("scope") else address.url,
        scope=scope,
        scopes=[
            Tab(label, address.url + f"?scope={name}", is_current=name == scope)
            for name, label in offered
        ],
        is_filtered=any(f.chosen for f in filters) or tab != "open",
        hidden=_hidden(address),
        rate=None if reopened is None else ReopenedRate(**counted(reopened)),
    )


# -- appeals -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class AppealRow:
    appeal: ScoreAppeal
    standing: Status
    url: str


def appeal_ledger(user: User, asked: Mapping[str, str], today: dt.date) -> Ledger[AppealRow]:
    """Appeals the user may see; open ones first, oldest first."""
    address = Address(reverse("evaluations:appeal-list"), asked, ("status", "month"))
    visible = ScoreAppeal.objects.visible_to(user)
    month = month_filter(address, days_of(visible, "deduction__inspection__round__month"))
    rows = visible
    if month.chosen:
        rows = rows.filter(deduction__inspection__round__month=Month.parse(month.chosen).first_day)
    conditions: list[tuple[str, Any, Q]] = [
        ("all", gettext_lazy("全部"), Q(pk__isnull=False)),
        ("open", gettext_lazy("待复核"), Q(status="filed")),
        ("revisit", gettext_lazy("另派组重查"), Q(status__in=("revisit", "replaced"))),
        ("upheld", gettext_lazy("申诉成立"), Q(status="upheld")),
        ("rejected", gettext_lazy("维持原扣分"), Q(status="rejected")),
    ]
    tab, tabs, counts = _tabs(_counting(rows, conditions), conditions, address, "all")
    chosen = next(q for name, _label, q in conditions if name == tab)
    first = Case(
        When(status="filed", then=Value(0)),
        When(status="revisit", then=Value(1)),
        default=Value(2),
        output_field=IntegerField(),
    )
    page = _page(
        rows.filter(chosen)
        .annotate(first=first)
        .select_related(
            "branch", "deduction__item", "deduction__rule", "deduction__inspection__round"
        )
        .order_by("first", "filed_at", "pk"),
        counts[tab],
        asked.get("page"),
    )
    return Ledger(
        headline=_headline([(counts["open"], _("%(n)d 条申诉待复核"))], _("没有待复核的申诉")),
        rows=[
            AppealRow(
                appeal=appeal,
                standing=appeal_standing(appeal),
                url=reverse("evaluations:appeal-detail", args=[appeal.pk]),
            )
            for appeal in page
        ],
        page=page,
        tabs=tabs,
        filters=[month],
        counts=counts,
        tab=tab,
        clear_url=address.url,
        is_filtered=bool(month.chosen) or tab != "all",
        hidden=_hidden(address),
    )
