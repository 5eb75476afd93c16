"""Operations for reading: the list, the page with its figures, curve, tiles, and the report."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils.translation import gettext as _

from branches.access import access_of
from portal.attachments.models import Attachment
from portal.kernel.months import local_date
from portal.kernel.ui import Figure, Status
from servicecrew import permissions
from servicecrew.access import crews_of
from servicecrew.counting import Figures, Scope, added, split
from servicecrew.fatigue import Strain
from servicecrew.models import Crew, Operation, OperationEvent, OperationTeam, OutageReport
from servicecrew.selectors.fatigue import by_crew, strained_people
from servicecrew.selectors.operation_crews import (
    SHOWN_CREWS,
    CrewLine,
    TownshipLine,
    crew_lines,
    townships_of,
)
from servicecrew.selectors.operation_curve import Curve, CurvePoint, draw, points_of

if TYPE_CHECKING:
    from portal.accounts.models import User

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
    strained_crews: Sequence[tuple[str, int]]
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
    points = points_of(reports)
    latest_at = points[-1].at if points else None
    latest = {row.county: row for row in reports if row.reported_at == latest_at}
    out = sum(row.customers_out for row in latest.values())
    affected = sum(affected_by.values())
    parts = split(scope, "crew")
    by_county = split(scope, "county")
    total = added(parts.values())
    verified = added(split(replace(scope, is_verified=True), "crew").values())
    opening = added(split(replace(scope, is_opening=True), "crew").values())
    lines = crew_lines(operation, parts, user, now)
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
    strained, strained_crews = by_crew(
        strained_people(now=now, crews=list(parts))
        if operation.is_open and _may_see_tired(user)
        else []
    )
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
        strained=strained,
        strained_crews=strained_crews,
        photos=list(Attachment.objects.of(operation)),
        townships=townships_of(operation, county) if county else [],
        turnout_count=total.turnouts,
    )


def _may_see_tired(user: User) -> bool:
    """Who is worn out is for those who can relieve him: overseers and captains."""
    return bool(access_of(user).overseen_committees or crews_of(user).leads)


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
        # Shares are whole per cent and a step begins above its limit: no share is in two.
        below = [_("待复 %(most)d%% 以内") % {"most": OUT_STEPS[0]}]
        between = [
            _("%(least)d%% 到 %(most)d%%") % {"least": low + 1, "most": high}
            for low, high in pairwise(OUT_STEPS)
        ]
        return [*below, *between, _("%(least)d%% 及以上") % {"least": OUT_STEPS[-1] + 1}]
    return [_("较少"), _("较多"), _("多"), _("最多")]
