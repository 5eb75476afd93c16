"""The figures page: any filter, its parts that add up, the rows they come from, and the rules."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.core.paginator import Page, Paginator
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from branches.access import access_of
from branches.models import Committee
from portal.kernel.months import Month
from portal.kernel.ui import Tab
from servicecrew.counting import (
    Figures,
    Scope,
    figure_committees,
    figures_of_turnouts,
    split,
    totals,
)
from servicecrew.models import (
    CityGoal,
    Crew,
    OpeningBalance,
    Operation,
    ServiceKind,
    SubKind,
    Turnout,
)
from servicecrew.selectors.turnouts import Choice, Filter

if TYPE_CHECKING:
    from portal.accounts.models import User

PAGE_SIZE = 50
PART_NAMES: dict[str, Any] = {
    "crew": gettext_lazy("服务队"),
    "county": gettext_lazy("区县"),
    "service_kind": gettext_lazy("类别"),
    "sub_kind": gettext_lazy("小类"),
    "operation": gettext_lazy("行动"),
    "goal": gettext_lazy("五个泉州"),
    "month": gettext_lazy("月份"),
}


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the figure. ``url`` opens it."""

    label: str
    figures: Figures
    url: str
    is_opening: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """What a turnout (or an opening balance) brings to the figure. Without ``url`` the user may
    not see the inside; the number is there all the same, so that the sum can be checked."""

    label: str
    day: dt.date
    crew: str
    figures: Figures
    url: str = ""
    is_opening: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True)
class FiguresPage:
    heading: str
    total: Figures
    opening: Figures
    parts: Sequence[Part]
    part_tabs: Sequence[Tab]
    part_name: Any
    rows: Sequence[Row]
    page: Page[Any]
    filters: Sequence[Filter]
    asked: Mapping[str, str]
    is_filtered: bool
    scope: Scope
    by: str
    row_count: int
    may_open_balance: bool


def read_scope(user: User, asked: Mapping[str, str]) -> tuple[Scope, dict[str, str]]:
    """The filter that was asked for, within what the user may count; and what was understood."""
    allowed = figure_committees(user)
    kept: dict[str, str] = {}
    scope = Scope(committees=allowed)

    def number(name: str) -> int | None:
        text = asked.get(name, "")
        if text.isdigit() and len(text) < 18:
            kept[name] = text
            return int(text)
        return None

    if (committee := number("committee")) is not None:
        scope = replace(scope, committees=_with_below(committee) & allowed)
    if (crew := number("crew")) is not None:
        scope = replace(scope, crew=crew)
    for name, column in (("county", "county"), ("kind", "service_kind"), ("sub", "sub_kind")):
        if value := asked.get(name, "").strip()[:20]:
            kept[name] = value
            narrowed: dict[str, Any] = {column: value}
            scope = replace(scope, **narrowed)
    operation = asked.get("operation", "")
    if operation in {"any", "none"}:
        kept["operation"] = operation
        scope = (
            replace(scope, in_operations=True)
            if operation == "any"
            else replace(scope, operation=0)
        )
    elif (key := number("operation")) is not None:
        scope = replace(scope, operation=key)
    if goal := asked.get("goal", ""):
        kept["goal"] = goal
        scope = replace(scope, goal="" if goal == "none" else goal)
    for name in ("first", "last"):
        try:
            month = Month.parse(asked.get(name, ""))
        except ValueError:
            continue
        kept[name] = str(month)
        bound: dict[str, Any] = {name: month}
        scope = replace(scope, **bound)
    if asked.get("basis") == "logged":
        kept["basis"] = "logged"
        scope = replace(scope, is_verified=None)
    return scope, kept


def _with_below(committee: int) -> frozenset[int]:
    parents = dict(Committee.objects.values_list("pk", "parent_id"))
    found = {committee}
    while more := {key for key, parent in parents.items() if parent in found} - found:
        found |= more
    return frozenset(found)


def figures_page(*, user: User, asked: Mapping[str, str], today: dt.date) -> FiguresPage:
    """A figure, its parts and its rows. A fixed number of queries."""
    scope, kept = read_scope(user, asked)
    by = asked.get("by", "") if asked.get("by", "") in PART_NAMES else "crew"
    address = reverse("servicecrew:figures")

    def link(**changed: str) -> str:
        query = {k: v for k, v in {**kept, "by": by, **changed}.items() if v}
        return f"{address}?{urlencode(query)}"

    total = totals(scope)
    opening = totals(replace(scope, is_opening=True))
    names = _part_labels(by, user)
    parts = [
        Part(names(key), figures, link(**{_asked_as(by): _asked_value(by, key)}))
        for key, figures in sorted(
            split(scope, by).items(), key=lambda item: (-item[1].person_times, str(item[0]))
        )
    ]
    rows, page, count = _rows(user, scope, asked.get("page"))
    tabs = [Tab(label, link(by=key), is_current=key == by) for key, label in PART_NAMES.items()]
    return FiguresPage(
        heading=_("%(people)s 人次，%(vehicles)s 台次，%(turnouts)s 次出队")
        % {
            "people": f"{total.person_times:,}",
            "vehicles": f"{total.vehicle_times:,}",
            "turnouts": f"{total.turnouts:,}",
        },
        total=total,
        opening=opening,
        parts=parts,
        part_tabs=tabs,
        part_name=PART_NAMES[by],
        rows=rows,
        page=page,
        filters=_filters(user, kept, today),
        asked=kept,
        is_filtered=bool(kept),
        scope=scope,
        by=by,
        row_count=count,
        may_open_balance=access_of(user).is_officer,
    )


def _asked_as(by: str) -> str:
    return {"service_kind": "kind", "sub_kind": "sub", "month": "first"}.get(by, by)


def _asked_value(by: str, key: Any) -> str:
    if by == "operation":
        return str(key) if key else "none"
    if by == "goal":
        return str(key) if key else "none"
    if by == "month":
        return str(Month.of(key))
    return str(key)


def _part_labels(by: str, user: User) -> Any:
    if by == "crew":
        crews = dict(Crew.objects.values_list("pk", "name"))
        return lambda key: crews.get(key, str(key))
    if by == "operation":
        operations = dict(Operation.objects.values_list("pk", "name"))
        return lambda key: operations.get(key, _("不属于行动"))
    if by == "goal":
        goals = dict(CityGoal.objects.values_list("code", "name"))
        return lambda key: goals.get(key, _("没有标记"))
    if by == "month":
        return lambda key: Month.of(key).label
    choices = {
        "service_kind": dict(ServiceKind.choices),
        "sub_kind": dict(SubKind.choices),
    }.get(by, {})
    return lambda key: str(choices.get(key, key or _("没有填")))


def _rows(user: User, scope: Scope, number: str | None) -> tuple[list[Row], Page[Any], int]:
    """A page of what the figure is the sum of: opening balances first, then turnouts, the newest
    first."""
    openings = list(scope.openings().select_related("crew", "operation"))
    turnouts = scope.turnouts().select_related("crew").order_by("-started_on", "-pk")
    page = Paginator(turnouts, PAGE_SIZE).get_page(number)
    keys = [turnout.pk for turnout in page]
    figures = figures_of_turnouts(keys, scope)
    visible = set(Turnout.objects.visible_to(user).filter(pk__in=keys).values_list("pk", flat=True))
    rows = [_opening_row(row) for row in openings] if page.number == 1 else []
    rows += [
        Row(
            label=turnout.subject if turnout.pk in visible else _("（内容不对您公开）"),
            day=turnout.started_on,
            crew=turnout.crew.name,
            figures=figures.get(turnout.pk, Figures()),
            url=reverse("servicecrew:turnout", args=[turnout.uuid])
            if turnout.pk in visible
            else "",
        )
        for turnout in page
    ]
    return rows, page, page.paginator.count + len(openings)


def _opening_row(balance: OpeningBalance) -> Row:
    return Row(
        label=_("期初数"),
        day=balance.counted_on,
        crew=balance.crew.name,
        figures=Figures(balance.turnouts, balance.person_times, balance.vehicle_times),
        is_opening=True,
        note=balance.basis,
    )


def _filters(user: User, kept: Mapping[str, str], today: dt.date) -> list[Filter]:
    allowed = figure_committees(user)
    crews = list(
        Crew.objects.filter(committee_id__in=allowed, level="squad").values_list(
            "pk", "name", "county"
        )
    )
    operations = Operation.objects.filter(committee_id__in=allowed).values_list("pk", "name")
    committees = Committee.objects.filter(pk__in=allowed).values_list("pk", "name")
    goals = CityGoal.objects.filter(is_active=True).values_list("code", "name")
    latest = Month.of(today)
    months = [(str(latest.plus(-n)), latest.plus(-n).label) for n in range(24)]
    early = [
        (text, Month.parse(text).label)
        for name in ("first", "last")
        if (text := kept.get(name, "")) and text not in dict(months)
    ]

    def offered(name: str, label: Any, everything: Any, options: Any) -> Filter:
        return Filter(
            name,
            label,
            [
                Choice(str(value), text, kept.get(name, "") == str(value))
                for value, text in [("", everything), *options]
            ],
        )

    return [
        offered("committee", _("党委"), _("市县合计"), committees),
        offered(
            "county",
            _("区县"),
            _("全部区县"),
            [(c, c) for c in dict.fromkeys(c for *_x, c in crews)],
        ),
        offered("crew", _("服务队"), _("全部服务队"), [(pk, name) for pk, name, _c in crews]),
        offered("kind", _("类别"), _("全部类别"), ServiceKind.choices),
        offered(
            "operation",
            _("行动"),
            _("不限行动"),
            [("any", _("抢险救灾与重大保电")), ("none", _("不属于行动")), *operations],
        ),
        offered("goal", _("五个泉州"), _("不限"), [*goals, ("none", _("没有标记"))]),
        offered("first", _("起"), _("不限"), [*months, *early]),
        offered("last", _("止"), _("不限"), [*months, *early]),
        offered("basis", _("口径"), _("已核定"), [("logged", _("已登记（含未核定）"))]),
    ]
