"""Turnouts for reading: the list with its filters."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.core.paginator import Page, Paginator
from django.db.models import Count, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.kernel.months import Month
from portal.kernel.searches import search_text
from portal.kernel.ui import Status, Tab
from servicecrew.access import crews_of
from servicecrew.counting import Figures, figures_of_turnouts
from servicecrew.models import CityGoal, Crew, Operation, ServiceKind, SubKind, Turnout

if TYPE_CHECKING:
    from portal.accounts.models import User

PAGE_SIZE = 40
STATUS: dict[str, Status] = {
    "draft": Status("idle", gettext_lazy("草稿")),
    "logged": Status("soon", gettext_lazy("待确认")),
    "captain_confirmed": Status("doing", gettext_lazy("待核定")),
    "verified": Status("done", gettext_lazy("已核定")),
    "void": Status("idle", gettext_lazy("已作废"), "x"),
}


def turnout_status(turnout: Turnout) -> Status:
    """Out now, or how far its paper has come."""
    if (
        turnout.departed_at is not None
        and turnout.ended_at is None
        and turnout.status in {"draft", "logged", "captain_confirmed"}
    ):
        return Status("doing", _("在外"), "truck")
    return STATUS[turnout.status]


@dataclass(frozen=True, slots=True)
class Choice:
    value: str
    label: Any
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Filter:
    name: str
    label: Any
    choices: Sequence[Choice]


@dataclass(frozen=True, slots=True)
class Line:
    turnout: Turnout
    status: Status
    figures: Figures

    @property
    def url(self) -> str:
        return reverse("servicecrew:turnout", args=[self.turnout.uuid])


@dataclass(frozen=True, slots=True)
class TurnoutList:
    heading: str
    lines: Sequence[Line]
    page: Page[Turnout]
    tabs: Sequence[Tab]
    filters: Sequence[Filter]
    hidden: Sequence[tuple[str, str]]
    asked: Mapping[str, str]
    is_filtered: bool
    may_write: bool
    is_captain: bool = False
    totals: Figures = field(default_factory=Figures)

    @property
    def query(self) -> str:
        return urlencode(self.asked)


NAMES = ("status", "crew", "county", "kind", "sub", "operation", "goal", "first", "last", "q")


def filtered(user: User, asked: Mapping[str, str]) -> tuple[QuerySet[Turnout], dict[str, str]]:
    """Visible turnouts that fit what was asked (without the status), and what of it was
    understood; the rest is forgotten."""
    rows = Turnout.objects.visible_to(user)
    kept: dict[str, str] = {}
    for name, column in (
        ("county", "county"),
        ("kind", "service_kind"),
        ("sub", "sub_kind"),
    ):
        if value := asked.get(name, "").strip():
            rows = rows.filter(**{column: value})
            kept[name] = value
    for name, column in (("operation", "operation_id"), ("crew", "parties__crew_id")):
        value = asked.get(name, "")
        if value.isdigit() and len(value) < 18:
            rows = rows.filter(**{column: int(value)})
            kept[name] = value
        elif name == "operation" and value in {"none", "any"}:
            rows = rows.filter(operation__isnull=value == "none")
            kept[name] = value
    if goal := asked.get("goal", ""):
        rows = (
            rows.filter(city_goal__isnull=True) if goal == "none" else rows.filter(city_goal=goal)
        )
        kept["goal"] = goal
    for name, lookup in (("first", "started_on__gte"), ("last", "started_on__lte")):
        try:
            month = Month.parse(asked.get(name, ""))
        except ValueError:
            continue
        rows = rows.filter(**{lookup: month.first_day if name == "first" else month.last_day})
        kept[name] = str(month)
    if words := search_text(asked, 60):
        rows = rows.filter(
            Q(subject__icontains=words)
            | Q(place__icontains=words)
            | Q(township__icontains=words)
            | Q(line_name__icontains=words)
            | Q(order_no=words)
        )
        kept["q"] = words
    return rows, kept


def turnout_list(*, user: User, asked: Mapping[str, str], today: dt.date) -> TurnoutList:
    """The newest first. A fixed number of queries."""
    rows, kept = filtered(user, asked)
    counted = dict(rows.order_by().values_list("status").annotate(n=Count("pk", distinct=True)))
    chosen = asked.get("status", "")
    address = reverse("servicecrew:turnouts")

    def link(status: str) -> str:
        query = {**kept, "status": status} if status else kept
        return f"{address}?{urlencode(query)}" if query else address

    live = {key: n for key, n in counted.items() if key != "void"}
    tabs = [Tab(_("全部"), link(""), sum(live.values()), not chosen)]
    tabs += [
        Tab(STATUS[key].text, link(key), counted.get(key, 0), chosen == key)
        for key in ("draft", "logged", "captain_confirmed", "verified")
    ]
    if counted.get("void"):
        tabs.append(Tab(STATUS["void"].text, link("void"), counted["void"], chosen == "void"))
    rows = rows.filter(status=chosen) if chosen in STATUS else rows.exclude(status="void")
    page = Paginator(
        rows.select_related("crew", "operation").order_by("-started_on", "-pk"), PAGE_SIZE
    ).get_page(asked.get("page"))
    figures = figures_of_turnouts([turnout.pk for turnout in page])
    waiting = counted.get("captain_confirmed", 0), counted.get("logged", 0)
    asked_all = {**kept, **({"status": chosen} if chosen in STATUS else {})}
    return TurnoutList(
        heading=_heading(sum(live.values()), *waiting),
        lines=[Line(t, turnout_status(t), figures.get(t.pk, Figures())) for t in page],
        page=page,
        tabs=tabs,
        filters=_filters(user, kept, today),
        hidden=[("status", chosen)] if chosen in STATUS else [],
        asked=asked_all,
        is_filtered=bool(kept),
        may_write=bool(_writes(user)),
    )


def _heading(everything: int, to_verify: int, to_confirm: int) -> str:
    if not everything:
        return _("还没有出队记录")
    parts = [_("共 %(n)d 次出队") % {"n": everything}]
    if to_confirm:
        parts.append(_("%(n)d 次待队长确认") % {"n": to_confirm})
    if to_verify:
        parts.append(_("%(n)d 次待核定") % {"n": to_verify})
    return "，".join(parts)


def _writes(user: User) -> frozenset[int]:
    return crews_of(user).serves


def _filters(user: User, kept: Mapping[str, str], today: dt.date) -> list[Filter]:
    crews = Crew.objects.visible_to(user).filter(level="squad").values_list("pk", "name", "county")
    named = [(str(pk), name) for pk, name, _county in crews]
    counties = list(dict.fromkeys(county for _pk, _name, county in crews))
    operations = Operation.objects.visible_to(user).values_list("pk", "name")
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
                Choice(value, text, kept.get(name, "") == value)
                for value, text in [("", everything), *options]
            ],
        )

    return [
        offered("crew", _("服务队"), _("全部服务队"), named),
        offered("county", _("区县"), _("全部区县"), [(c, c) for c in counties]),
        offered("kind", _("类别"), _("全部类别"), ServiceKind.choices),
        offered("sub", _("小类"), _("全部小类"), SubKind.choices),
        offered(
            "operation",
            _("行动"),
            _("不限行动"),
            [
                ("any", _("只看行动内")),
                ("none", _("不属于行动")),
                *[(str(k), n) for k, n in operations],
            ],
        ),
        offered("goal", _("五个泉州"), _("不限"), [*goals, ("none", _("没有标记"))]),
        offered("first", _("起"), _("不限"), [*months, *early]),
        offered("last", _("止"), _("不限"), [*months, *early]),
    ]
