"""The curve of an operation: customers without power over the hours, as an SVG path."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from portal.kernel.months import SHANGHAI
from servicecrew.models import OutageReport


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


def points_of(reports: Sequence[OutageReport]) -> list[CurvePoint]:
    """The counties' reports of the same hour, added up."""
    sums: dict[dt.datetime, int] = {}
    for row in reports:
        sums[row.reported_at] = sums.get(row.reported_at, 0) + row.customers_out
    return [CurvePoint(at, out) for at, out in sorted(sums.items())]


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
