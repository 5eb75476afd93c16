"""Operations for reading: the list, the page with its figures, curve, tiles, and the report."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from django.db.models import Count, Max, Sum
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.translation import gettext as _

from branches.access import access_of
from portal.attachments.models import Attachment
from portal.kernel.months import SHANGHAI, local_date
from portal.kernel.ui import Figure, Status
from servicecrew import permissions
from servicecrew.access import crews_of
from servicecrew.counting import Figures, Scope, added, split
from servicecrew.fatigue import Strain
from servicecrew.lifecycles import LOGGED
from servicecrew.models import (
    Crew,
    Operation,
    OperationEvent,
    OperationTeam,
    OutageReport,
    Turnout,
    TurnoutCrew,
    TurnoutPerson,
)
from servicecrew.selectors.fatigue import strained_people

if TYPE_CHECKING:
    from portal.accounts.models import User

SHOWN_CREWS = 6
# Our own schematic (ADR 31): column, row, width, height on a grid of 4 x 4.
TILES: dict[str, tuple[int, int, int, int]] = {
    "德化": (1, 1, 2, 1),
    "永春": (1, 2, 2, 1),
    "洛江": (3, 2, 1, 1),
    "泉港": (4, 2, 1, 1),
    "安溪": (1, 3, 1, 2),
    "南安": (2, 3, 1, 2),
    "市区": (3, 3, 1, 1),
    "惠安": (4, 3, 1, 1),
    "晋江": (3, 4, 1, 1),
    "石狮": (4, 4, 1, 1),
}
OUT_STEPS = (5, 12, 19)


@dataclass(frozen=True, slots=True)
class OperationRow:
    operation: Operation
    figures: Figures
    status: Status


@dataclass(frozen=True, slots=True)
class Tile:
    """A county: number, share and crews as text; ``step`` 1..4 is only the shade."""

    county: str
    number: int
    share: int | None
    crews: int
    step: int
    place: str
    url: str


@dataclass(frozen=True, slots=True)
class CurvePoint:
    at: dt.datetime
    out: int


@dataclass(frozen=True, slots=True)
class Curve:
    """A drawn curve: paths and labels in the units of its viewBox."""

    width: int
    height: int
    line: str
    area: str
    end: tuple[float, float]
    grid: Sequence[tuple[float, str]]
    days: Sequence[tuple[float, str]]
    landfall: float | None
    landfall_label: str
    bottom: float
    right: float


@dataclass(frozen=True, slots=True)
class CrewLine:
    """A crew's line in the table. ``status``: 现场, 换班, 返回."""

    crew: Crew
    task: str
    url: str
    status: Status
    figures: Figures
    latest: dt.datetime | None


@dataclass(frozen=True, slots=True)
class TownshipLine:
    """What was done in a township of the chosen county; "" where nobody wrote which."""

    name: str
    turnouts: int
    customers_restored: int
    url: str


@dataclass(frozen=True, slots=True)
class OperationPage:
    operation: Operation
    status: Status
    day_count: int
    figures: Sequence[Figure]
    chosen: str
    total: Figures
    verified: Figures
    opening: Figures
    points: Sequence[CurvePoint]
    curve: Curve | None
    curve_small: Curve | None
    events: Sequence[OperationEvent]
    tiles: Sequence[Tile]
    legend: Sequence[str]
    tile_unit: str
    is_over: bool
    lines: Sequence[CrewLine]
    rest: Sequence[CrewLine]
    rest_sum: Figures
    teams: Sequence[OperationTeam]
    affected: int
    out: int
    areas_out: int
    restored: int
    as_of: dt.datetime
    county: str
    counties: Sequence[str]
    may_run: bool
    may_report: bool
    line_count: int
    strained: Sequence[Strain]
    photos: Sequence[Attachment]
    townships: Sequence[TownshipLine]
    turnout_count: int

    @property
    def restored_share(self) -> str:
        if not self.affected:
            return ""
        return f"{round(self.restored * 1000 / self.affected) / 10:.1f}%"


def scope_of(operation: Operation) -> Scope:
    """An open operation shows what is logged, and says so; a closed one what is verified."""
    return Scope(operation=operation.pk, is_verified=None if operation.is_open else True)


def operation_status(operation: Operation, today: dt.date) -> Status:
    if operation.is_open:
        day = (today - operation.started_on).days + 1
        return Status("doing", _("进行中，第 %(day)d 天") % {"day": day})
    return Status("done", _("已结束"))


def operation_list(*, user: User, today: dt.date) -> list[OperationRow]:
    """Open ones first, then the newest. Two queries and one for each basis."""
    operations = list(Operation.objects.visible_to(user).select_related("committee"))
    verified = split(Scope(in_operations=True), "operation")
    logged = split(Scope(in_operations=True, is_verified=None), "operation")
    rows = [
        OperationRow(
            operation,
            (logged if operation.is_open else verified).get(operation.pk, Figures()),
            operation_status(operation, today),
        )
        for operation in operations
    ]
    return sorted(
        rows, key=lambda row: (not row.operation.is_open, -row.operation.started_on.toordinal())
    )


def operation_page(
    *,
    operation: Operation,
    user: User,
    now: dt.datetime,
    chosen: str = "people",
    county: str = "",
    everything: bool = False,
) -> OperationPage:
    """Everything about one operation. A fixed number of queries."""
    scope = scope_of(operation)
    reports = list(OutageReport.objects.filter(operation=operation))
    affected_by = dict(operation.counties.values_list("county", "customers_affected"))
    points = _points(reports)
    latest_at = points[-1].at if points else None
    latest = {row.county: row for row in reports if row.reported_at == latest_at}
    out = sum(row.customers_out for row in latest.values())
    affected = sum(affected_by.values())
    parts = split(scope, "crew")
    by_county = split(scope, "county")
    total = added(parts.values())
    verified = added(split(replace(scope, is_verified=True), "crew").values())
    opening = added(split(replace(scope, is_opening=True), "crew").values())
    lines = _crew_lines(operation, parts, user, now)
    counties = (
        sorted({line.crew.county for line in lines}, key=list(TILES).index)
        if all(line.crew.county in TILES for line in lines)
        else sorted({line.crew.county for line in lines})
    )
    teams = list(operation.teams.select_related("crew"))
    if county in counties:
        lines = [line for line in lines if line.crew.county == county]
    else:
        county = ""
    shown = lines if everything or county else lines[:SHOWN_CREWS]
    rest = lines[len(shown) :]
    has_out = bool(affected)
    is_over = has_out and not operation.is_open and not out
    return OperationPage(
        operation=operation,
        status=operation_status(operation, local_date(now)),
        day_count=(local_date(now) - operation.started_on).days + 1,
        figures=_figures(
            operation, total, verified, affected, out, latest, len(parts), chosen, has_out
        ),
        chosen=chosen,
        total=total if not county else added(line.figures for line in lines),
        verified=verified,
        opening=opening,
        points=points,
        curve=draw(points, 720, 220, operation.landfall_at) if len(points) > 1 else None,
        curve_small=draw(points, 340, 200, operation.landfall_at) if len(points) > 1 else None,
        events=list(operation.events.all()[:60]),
        tiles=_tiles(operation, affected_by, latest, by_county, parts, is_over=is_over),
        legend=_legend(has_out and not is_over),
        tile_unit=(_("影响用户") if is_over else _("待复电户数")) if has_out else _("出动人次"),
        is_over=is_over,
        lines=shown,
        rest=rest,
        rest_sum=added(line.figures for line in rest),
        teams=teams,
        affected=affected,
        out=out,
        areas_out=sum(row.areas_out for row in latest.values()),
        restored=affected - out if points else 0,
        as_of=latest_at or now,
        county=county,
        counties=counties,
        may_run=permissions.may_run_operation(user, operation),
        may_report=permissions.may_report_operation(user, operation),
        line_count=len(lines),
        strained=strained_people(now=now, crews=list(parts))
        if operation.is_open and _may_see_tired(user)
        else [],
        photos=list(Attachment.objects.of(operation)),
        townships=_townships(operation, county) if county else [],
        turnout_count=total.turnouts,
    )


def _may_see_tired(user: User) -> bool:
    """Who is worn out is for those who can relieve him: overseers and captains."""
    return bool(access_of(user).overseen_committees or crews_of(user).leads)


def _townships(operation: Operation, county: str) -> list[TownshipLine]:
    """Where in the county the crews were, by the turnout's own place; most turnouts first."""
    rows = (
        Turnout.objects.filter(operation=operation, county=county, status__in=LOGGED)
        .order_by()
        .values("township")
        .annotate(n=Count("pk"), restored=Coalesce(Sum("customers_restored"), 0))
        .order_by("-n", "township")
    )
    address = reverse("servicecrew:turnouts")
    return [
        TownshipLine(
            row["township"],
            row["n"],
            row["restored"],
            f"{address}?"
            + urlencode(
                {"operation": operation.pk, "county": county}
                | ({"q": row["township"]} if row["township"] else {})
            ),
        )
        for row in rows
    ]


def _points(reports: Sequence[OutageReport]) -> list[CurvePoint]:
    """The counties' reports of the same hour, added up."""
    sums: dict[dt.datetime, int] = {}
    for row in reports:
        sums[row.reported_at] = sums.get(row.reported_at, 0) + row.customers_out
    return [CurvePoint(at, out) for at, out in sorted(sums.items())]


def _figures(
    operation: Operation,
    total: Figures,
    verified: Figures,
    affected: int,
    out: int,
    latest: Mapping[str, OutageReport],
    crews: int,
    chosen: str,
    has_out: bool,
) -> list[Figure]:
    here = reverse("servicecrew:operation", args=[operation.pk])
    areas = sum(row.areas_out for row in latest.values())
    waiting = total.person_times - verified.person_times
    found: list[Figure] = []
    if has_out:
        restored = affected - out
        share = f"{round(restored * 1000 / affected) / 10:.1f}%"
        found += [
            Figure(
                _("影响用户"),
                f"{affected:,}",
                note=_("%(n)d 个区县合计") % {"n": len(latest)},
                url=f"{here}#tiles",
            ),
            Figure(
                _("已复电"),
                f"{restored:,}",
                note=_("占 %(share)s") % {"share": share},
                url=f"{here}#curve",
            ),
            Figure(
                _("待复电"),
                f"{out:,}",
                note=_("看 %(n)d 个台区") % {"n": areas},
                url=f"{here}#tiles",
            ),
        ]
    else:
        found += [
            Figure(
                _("出队"),
                f"{total.turnouts:,}",
                _("次"),
                _("看每一次"),
                f"{reverse('servicecrew:turnouts')}?operation={operation.pk}",
            ),
            Figure(
                _("复电用户"),
                f"{total.customers_restored:,}",
                _("户"),
                _("恢复线路 %(n)d 条") % {"n": total.lines_restored},
                f"{reverse('servicecrew:turnouts')}?operation={operation.pk}",
            ),
            Figure(
                _("在外时间"),
                f"{total.hours_out:,}",
                _("小时"),
                _("各次出队相加"),
                f"{reverse('servicecrew:turnouts')}?operation={operation.pk}",
            ),
        ]
    rows = _("看 %(n)d 行") % {"n": crews}
    note = (
        rows
        if not (operation.is_open and waiting)
        else _("%(rows)s，%(n)s 待核定")
        % {
            "rows": rows,
            "n": f"{waiting:,}",
        }
    )
    found += [
        Figure(
            _("出动队伍"), crews, _("队"), _("看队伍"), f"{here}?show=crews#rows", chosen == "crews"
        ),
        Figure(
            _("出动人次"),
            f"{total.person_times:,}",
            note=note,
            url=f"{here}?show=people#rows",
            is_chosen=chosen == "people",
        ),
        Figure(
            _("出动台次"),
            f"{total.vehicle_times:,}",
            note=rows,
            url=f"{here}?show=vehicles#rows",
            is_chosen=chosen == "vehicles",
        ),
    ]
    return found


def _crew_lines(
    operation: Operation, parts: Mapping[int, Figures], user: User, now: dt.datetime
) -> list[CrewLine]:
    """One line per crew that counts, or is out, in this operation; most people first."""
    crews = Crew.objects.in_bulk(parts)
    led: dict[int, list[Turnout]] = {}
    turnouts = (
        Turnout.objects.filter(operation=operation)
        .exclude(status__in=("void", "draft"))
        .only(
            "pk",
            "uuid",
            "crew_id",
            "subject",
            "departed_at",
            "restored_at",
            "left_at",
            "arrived_at",
            "started_on",
            "updated_at",
            "status",
        )
        .order_by("-started_on", "-pk")
    )
    for turnout in turnouts:
        led.setdefault(turnout.crew_id, []).append(turnout)
    joined = dict(
        TurnoutCrew.objects.filter(turnout__operation=operation)
        .values_list("crew_id")
        .annotate(newest=Max("turnout__updated_at"))
    )
    relieved = set(
        TurnoutPerson.objects.filter(
            turnout__operation=operation, shift__gt=1, day=local_date(now)
        ).values_list("crew_id", flat=True)
    )
    found = []
    for key, figures in parts.items():
        crew = crews[key]
        rows = led.get(key, [])
        found.append(
            CrewLine(
                crew=crew,
                task=_task(rows),
                url=f"{reverse('servicecrew:turnouts')}?operation={operation.pk}&crew={key}",
                status=_crew_status(operation, rows, key in relieved),
                figures=figures,
                latest=_latest(rows, joined.get(key)),
            )
        )
    return sorted(found, key=lambda line: (-line.figures.person_times, line.crew.sort_order))


def _task(rows: Sequence[Turnout]) -> str:
    if not rows:
        return _("期初数")
    if len(rows) == 1:
        return str(rows[0].subject)
    return _("%(subject)s等 %(count)d 次") % {"subject": rows[0].subject, "count": len(rows)}


def _crew_status(operation: Operation, rows: Sequence[Turnout], relieved: bool) -> Status:
    if not rows:
        return Status("idle", _("期初数"))
    if relieved:
        return Status("soon", _("换班"), "refresh")
    if operation.is_open and any(row.ended_at is None for row in rows):
        return Status("doing", _("现场"), "tool")
    return Status("done", _("返回"))


def _latest(rows: Sequence[Turnout], updated: dt.datetime | None) -> dt.datetime | None:
    known = [
        moment
        for row in rows
        for moment in (row.departed_at, row.arrived_at, row.restored_at, row.left_at)
        if moment
    ]
    return max(known, default=updated)


def _tiles(
    operation: Operation,
    affected: Mapping[str, int],
    latest: Mapping[str, OutageReport],
    by_county: Mapping[str, Figures],
    parts: Mapping[int, Figures],
    *,
    is_over: bool,
) -> list[Tile]:
    """Customers without power; when all have it again, how many there were; where none were
    without, person-times."""
    crews: dict[str, int] = dict.fromkeys(TILES, 0)
    for county in Crew.objects.filter(pk__in=parts).values_list("county", flat=True):
        if county in crews:
            crews[county] += 1
    numbers = affected if is_over else {c: f.person_times for c, f in by_county.items()}
    most = max(numbers.values(), default=0)
    found = []
    share: int | None
    for county, (column, row, width, height) in TILES.items():
        if affected and not is_over:
            number = latest[county].customers_out if county in latest else 0
            whole = affected.get(county, 0)
            share = round(number * 100 / whole) if whole else 0
            step = 1 + sum(share > limit for limit in OUT_STEPS)
        else:
            number = numbers.get(county, 0)
            share = round(number * 100 / sum(affected.values())) if is_over else None
            step = 1 + sum(number > most * n / 4 for n in (1, 2, 3)) if most else 1
        found.append(
            Tile(
                county=county,
                number=number,
                share=share,
                crews=crews[county],
                step=step,
                place=f"tile-{column}-{row}-{width}-{height}",
                url=f"{reverse('servicecrew:operation', args=[operation.pk])}?county={county}#rows",
            )
        )
    return found


def _legend(has_out: bool) -> list[str]:
    if has_out:
        return [_("待复 5% 以内"), _("5% 到 12%"), _("12% 到 19%"), _("19% 以上")]
    return [_("较少"), _("较多"), _("多"), _("最多")]


# -- the curve -------------------------------------------------------------------------------


def draw(
    points: Sequence[CurvePoint], width: int, height: int, landfall: dt.datetime | None
) -> Curve:
    """Paths in a viewBox of ``width`` x ``height``. The x axis runs over whole days."""
    left, top, right, bottom = 36.0, 14.0, width - 14.0, height - 26.0
    first = points[0].at.astimezone(SHANGHAI).date()
    last = points[-1].at.astimezone(SHANGHAI).date() + dt.timedelta(days=1)
    start = dt.datetime.combine(first, dt.time.min, SHANGHAI)
    span = (dt.datetime.combine(last, dt.time.min, SHANGHAI) - start).total_seconds()
    most = max(point.out for point in points) or 1
    step = _nice(most / 3)
    ceiling = step * -(-most // step)

    def x(at: dt.datetime) -> float:
        return round(left + (right - left) * (at - start).total_seconds() / span, 1)

    def y(out: float) -> float:
        return round(bottom - (bottom - top) * out / ceiling, 1)

    pairs = [(x(point.at), y(point.out)) for point in points]
    line = " ".join(f"{'M' if n == 0 else 'L'}{px} {py}" for n, (px, py) in enumerate(pairs))
    area = f"{line} L{pairs[-1][0]} {bottom} L{pairs[0][0]} {bottom} Z"
    days = [
        (
            x(dt.datetime.combine(first + dt.timedelta(days=n), dt.time.min, SHANGHAI)),
            _("%(day)d日") % {"day": (first + dt.timedelta(days=n)).day},
        )
        for n in range((last - first).days)
    ]
    local = landfall.astimezone(SHANGHAI) if landfall else None
    return Curve(
        width=width,
        height=height,
        line=line,
        area=area,
        end=pairs[-1],
        grid=[(y(step * n), _wan(step * n)) for n in range(int(ceiling // step) + 1)],
        days=days,
        landfall=x(landfall) if landfall and points[0].at <= landfall <= points[-1].at else None,
        landfall_label=_("%(day)d日 %(hour)d 时登陆") % {"day": local.day, "hour": local.hour}
        if local
        else "",
        bottom=bottom,
        right=right,
    )


def _nice(rough: float) -> int:
    """A round step at least as large as ``rough``."""
    size = 1
    while size * 10 <= rough:
        size *= 10
    for factor in (1, 2, 4, 5, 10):
        if size * factor >= rough:
            return size * factor
    return size * 10


def _wan(value: int) -> str:
    """In 万户, as the axis says."""
    text = f"{value / 10_000:.1f}"
    return text.removesuffix(".0")
