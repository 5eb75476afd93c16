"""Tags and filters of the design system. How to use each: ``docs/components.md``."""

from __future__ import annotations

import datetime as dt
import re
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from django import template
from django.conf import settings
from django.core.paginator import Page
from django.forms import BoundField
from django.forms.widgets import (
    CheckboxInput,
    CheckboxSelectMultiple,
    RadioSelect,
    Select,
)
from django.template.context import Context
from django.template.loader import get_template
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from portal.kernel.marks import one_decimal
from portal.kernel.months import Month
from portal.kernel.ui import STATE_ICONS, Chart, RankBand, RankRow, Severity, State, Status

register = template.Library()

SHANGHAI = ZoneInfo("Asia/Shanghai")
MINUS = "−"
WEEKDAYS = "一二三四五六日"


# -- icons and states -------------------------------------------------------------------------


@cache
def icon_names() -> frozenset[str]:
    """The icons in the sprite (made by ``script/vendor``)."""
    sprite = settings.BASE_DIR / "static" / "icons" / "sprite.svg"
    return frozenset(re.findall(r'<symbol id="([^"]+)"', sprite.read_text(encoding="utf-8")))


@cache
def _icon(name: str, classes: str, label: str) -> SafeString:
    href = f"{static('icons/sprite.svg')}#{name}"
    if label:
        return format_html(
            '<svg class="{}" role="img" aria-label="{}"><use href="{}"></use></svg>',
            classes,
            label,
            href,
        )
    return format_html(
        '<svg class="{}" aria-hidden="true" focusable="false"><use href="{}"></use></svg>',
        classes,
        href,
    )


def _sprite_icon(name: str, size: int = 20, label: str = "", extra: str = "") -> SafeString:
    """``{% icon "bell" %}``, 20 px; size 16 in chips, 24 in bars. Silent unless labelled."""
    if name not in icon_names():
        raise template.TemplateSyntaxError(
            f"no icon {name!r} in the sprite: add it to script/vendored/icons.txt, "
            "then run script/vendor"
        )
    classes = "icon" if size == 20 else f"icon icon-{size}"
    return _icon(name, f"{classes} {extra}".strip(), str(label))


register.simple_tag(_sprite_icon, name="icon")


@register.simple_tag
def status(state: State | Status, text: Any = "", icon: str = "", bare: bool = False) -> SafeString:
    """``{% status "late" "逾期 1 天" %}`` or ``{% status row.status %}``."""
    shown = state if isinstance(state, Status) else Status(state, text, icon)
    return format_html(
        '<span class="status status-{}{}">{}<span>{}</span></span>',
        shown.state,
        " status-bare" if bare else "",
        _sprite_icon(icon or shown.icon or STATE_ICONS[shown.state], 16),
        text or shown.text,
    )


@register.simple_tag
def code(text: Any, is_key: bool = False) -> SafeString:
    """An item's code in a box, with the ★ of key work."""
    if not text:
        return mark_safe("")
    star = (
        format_html(
            ' <span class="star" aria-hidden="true">★</span>'
            '<span class="visually-hidden">{}</span>',
            _("重点工作"),
        )
        if is_key
        else ""
    )
    return format_html('<span class="code">{}{}</span>', text, star)


@register.simple_tag
def star() -> SafeString:
    """★ with the words behind it."""
    return format_html(
        '<span class="star" aria-hidden="true">★</span><span class="visually-hidden">{}</span>',
        _("重点工作"),
    )


# -- numbers ----------------------------------------------------------------------------------


def _decimal(value: Any) -> Decimal | None:
    if value is None or value == "":
        return None
    return value if isinstance(value, Decimal) else Decimal(str(value))


@register.filter
def marks(value: Any) -> str:
    """One decimal always, U+2212 for minus, a dash for nothing."""
    return one_decimal(_decimal(value))


@register.filter
def signed(value: Any) -> str:
    """``+2.4``, ``−1.0``, ``0.0``."""
    number = _decimal(value)
    if number is None:
        return "—"
    rounded = number.quantize(Decimal("0.1"), rounding=ROUND_HALF_UP)
    return f"+{rounded}" if rounded > 0 else one_decimal(number)


@register.filter
def minus(value: Any) -> str:
    """A deduction held as a positive number, shown as taken away: 2 -> ``−2.0``."""
    number = _decimal(value)
    return "—" if number is None else one_decimal(-abs(number)) if number else "0.0"


@register.filter
def plain(value: Any) -> str:
    """A number without needless zeros: 2.00 -> 2, 0.50 -> 0.5 (rules, full marks)."""
    number = _decimal(value)
    if number is None:
        return "—"
    text = f"{number:f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return text.replace("-", MINUS)


@register.filter
def percent(value: Any, places: int = 0) -> str:
    """A share 0..1 as ``76%``."""
    number = _decimal(value)
    if number is None:
        return "—"
    unit = Decimal(1).scaleb(-places)
    return f"{(number * 100).quantize(unit, rounding=ROUND_HALF_UP)}%".replace("-", MINUS)


@register.filter
def thousands(value: Any) -> str:
    """``1,086``: for totals only."""
    return "—" if value is None else f"{int(value):,}"


# -- days -------------------------------------------------------------------------------------


def _day(value: Any) -> dt.date | None:
    if isinstance(value, dt.datetime):
        return (timezone.localtime(value, SHANGHAI) if timezone.is_aware(value) else value).date()
    return value if isinstance(value, dt.date) else None


@register.filter
def zh_date(value: Any) -> str:
    """``6月27日(周二)``."""
    day = _day(value)
    return f"{day.month}月{day.day}日(周{WEEKDAYS[day.weekday()]})" if day else ""


@register.filter
def zh_day(value: Any) -> str:
    """``6月9日``: inside dense rows."""
    day = _day(value)
    return f"{day.month}月{day.day}日" if day else ""


@register.filter
def zh_weekday(value: Any) -> str:
    """``27日 周二``: the week strip."""
    day = _day(value)
    return f"{day.day}日 周{WEEKDAYS[day.weekday()]}" if day else ""


@register.filter
def zh_full(value: Any) -> str:
    """``2017年6月9日``."""
    day = _day(value)
    return f"{day.year}年{day.month}月{day.day}日" if day else ""


@register.filter
def zh_time(value: Any) -> str:
    """``16:20`` in Shanghai."""
    if isinstance(value, dt.datetime) and timezone.is_aware(value):
        value = timezone.localtime(value, SHANGHAI)
    return value.strftime("%H:%M") if isinstance(value, dt.datetime | dt.time) else ""


@register.filter
def zh_moment(value: Any) -> str:
    """``6月9日 16:20``; a bare date gives the day only, words stay words."""
    if isinstance(value, str):
        return value
    return f"{zh_day(value)} {zh_time(value)}".strip()


@register.filter
def month_label(value: Any) -> str:
    """``2017年6月`` of a date, a Month or ``2017-06``."""
    month = _month(value)
    return month.label if month else ""


@register.filter
def month_short(value: Any) -> str:
    """``6月``."""
    month = _month(value)
    return f"{month.number}月" if month else ""


def _month(value: Any) -> Month | None:
    if isinstance(value, Month):
        return value
    if isinstance(value, str) and value:
        return Month.parse(value)
    day = _day(value)
    return Month.of(day) if day else None


@register.filter
def days_words(days: int | None, unit: str = "天") -> str:
    """Days from today: 3 -> ``剩 3 天``, 0 -> ``今天到期``, -1 -> ``逾期 1 天``."""
    if days is None:
        return ""
    if days == 0:
        return _("今天到期")
    # 剩 3 天, but 剩 5 个工作日: the longer unit takes its measure word.
    counted = f"{abs(days)} {unit if unit == '天' else '个' + unit}"
    return (_("剩 %(n)s") if days > 0 else _("逾期 %(n)s")) % {"n": counted}


@register.filter
def days_left(due: Any, today: Any) -> str:
    """``{{ notice.due_on|days_left:today }}`` in calendar days."""
    last, first = _day(due), _day(today)
    return days_words((last - first).days) if last and first else ""


# -- shell of a page --------------------------------------------------------------------------


@register.simple_block_tag(takes_context=True)
def page_head(
    context: Context, content: str, title: Any, kicker: Any = "", sub: Any = ""
) -> SafeString:
    """The h1 that is the answer, a line above, a line below, the action at the right."""
    return _component(
        "page_head.html",
        {"title": title, "kicker": kicker, "sub": sub, "actions": content.strip()},
    )


@register.simple_block_tag
def panel(
    content: str,
    title: Any = "",
    sub: Any = "",
    link: str = "",
    link_text: Any = "",
    kind: str = "body",
    extra: str = "",
    level: int = 2,
) -> SafeString:
    """A white card. ``kind="rows"`` leaves the padding to the rows inside."""
    return _component(
        "panel.html",
        {
            "title": title,
            "sub": sub,
            "link": link,
            "link_text": link_text,
            "kind": kind,
            "extra": extra,
            "tag": f"h{level}",
            "content": content,
        },
    )


@register.simple_block_tag
def next_step(content: str, title: Any, label: Any = "", after: Any = "") -> SafeString:
    """The one thing to do now: red bar, a sentence, what is prepared, one red button."""
    return _component(
        "next_step.html",
        {
            "title": title,
            "label": label or _("现在要做的一件事"),
            "after": after,
            "content": content,
        },
    )


@register.simple_block_tag
def empty(content: str, title: Any, line: Any = "") -> SafeString:
    """What will be here, how it gets here, at most one button."""
    return _component("empty.html", {"title": title, "line": line, "content": content.strip()})


@register.simple_block_tag
def notice(content: str, state: str = "doing", title: Any = "", icon: str = "") -> SafeString:
    """A line that explains something on the page (not a result: change the row instead)."""
    return _component(
        "notice.html",
        {
            "state": state,
            "title": title,
            "icon": icon or STATE_ICONS.get(state, "info-circle"),
            "content": content,
        },
    )


def _component(name: str, values: dict[str, Any]) -> SafeString:
    return SafeString(get_template(f"components/{name}").render(values))


# -- lists ------------------------------------------------------------------------------------


@register.inclusion_tag("components/pagination.html", takes_context=True)
def pagination(
    context: Context, page: Page[Any], param: str = "page", anchor: str = ""
) -> dict[str, Any]:
    """Keeps the rest of the address. Nothing while there is only one page. ``anchor``: where on
    the page the list stands, if it is not what the page opens with."""
    request = context["request"]

    def address(number: int) -> str:
        query = request.GET.copy()
        query[param] = str(number)
        return f"?{query.urlencode()}{'#' if anchor else ''}{anchor}"

    numbers = page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1)
    return {
        "page": page,
        "links": [
            {"number": n, "url": address(n), "current": n == page.number}
            if isinstance(n, int)
            else {"gap": True}
            for n in numbers
        ],
        "previous": address(page.number - 1) if page.has_previous() else "",
        "next": address(page.number + 1) if page.has_next() else "",
    }


@register.inclusion_tag("components/month_picker.html", takes_context=True)
def month_picker(
    context: Context, months: list[Any], current: Any, param: str = "month"
) -> dict[str, Any]:
    """A menu of months as links that keep the rest of the address (page number excepted)."""
    request, chosen = context["request"], _month(current)
    links = []
    for value in months:
        month = _month(value)
        if month is None:
            continue
        query = request.GET.copy()
        query[param] = str(month)
        query.pop("page", None)
        links.append({"label": month.label, "url": f"?{query.urlencode()}", "on": month == chosen})
    return {"links": links, "label": chosen.label if chosen else _("选月份")}


@register.simple_tag(takes_context=True)
def query_with(context: Context, **changes: Any) -> str:
    """The present query string with some values changed; None removes one."""
    query = context["request"].GET.copy()
    for name, value in changes.items():
        if value is None or value == "":
            query.pop(name, None)
        else:
            query[name] = str(value)
    return f"?{query.urlencode()}"


# -- forms ------------------------------------------------------------------------------------


@register.inclusion_tag("components/field.html")
def ui_field(field: BoundField, label: Any = "") -> dict[str, Any]:
    """Label above, help under the label, the control, the error beside it."""
    return _field(field, label)


def _field(field: BoundField, label: Any = "") -> dict[str, Any]:
    widget = field.field.widget
    if isinstance(widget, CheckboxSelectMultiple | RadioSelect):
        kind, css = "choices", "form-check-input"
    elif isinstance(widget, CheckboxInput):
        kind, css = "check", "form-check-input"
    elif isinstance(widget, Select):
        kind, css = "plain", "form-select"
    else:
        kind, css = "plain", "form-control"
    if field.errors:
        css += " is-invalid"
    own = widget.attrs.get("class", "")
    attrs: dict[str, str | bool] = {"class": f"{css} {own}".strip()}
    return {
        "field": field,
        "kind": kind,
        "label": label or field.label,
        "attrs": attrs,
        "control": "" if kind == "choices" else field.as_widget(attrs=attrs),
        "widgets": field.subwidgets if kind == "choices" else (),
    }


@register.inclusion_tag("components/form_fields.html")
def form_fields(form: Any) -> dict[str, Any]:
    """The error summary and every field of a form, hidden ones included."""
    return {"form": form}


@register.inclusion_tag("components/error_summary.html")
def error_summary(form: Any) -> dict[str, Any]:
    """What does not fit, summed up above the form, each line leading to its field."""
    return {"form": form}


# -- drawings: SVG with positions in per cent, so nothing needs a style attribute ---------------


def _pct(value: float | Decimal) -> str:
    return f"{float(value):.2f}%"


@register.inclusion_tag("components/score_bar.html")
def score_bar(value: Any, error: Any = None, full: Any = 100) -> dict[str, Any]:
    """The bar to full marks with the error marked in red."""
    top = float(_decimal(full) or 100)
    number = max(0.0, min(float(_decimal(value) or 0), top))
    spread = float(_decimal(error) or 0)
    low, high = max(0.0, number - spread), min(top, number + spread)
    return {
        "width": _pct(number / top * 100),
        "low": _pct(low / top * 100),
        "spread": _pct((high - low) / top * 100),
        "high": _pct(high / top * 100),
        "has_error": spread > 0,
        "full": full,
        "value": value,
    }


@register.inclusion_tag("components/rank_plot.html")
def rank_plot(bands: list[RankBand], compared_to: Any = "", note: Any = "") -> dict[str, Any]:
    """Ranks as dots, possible ranks as bars, one row per branch, in the order of the bands."""
    rows = [row for band in bands for row in band.rows]
    count = max([len(rows), *[row.high or row.rank for row in rows]], default=1)
    step = 3 if count > 7 else (2 if count > 4 else 1)
    grid = list(range(1, count + 1, step))

    def at(rank: int) -> str:
        return _pct(4 + 92 * (rank - 1) / max(count - 1, 1))

    ready = []
    for band in bands:
        drawn = []
        for row in band.rows:
            spread = row.low is not None and row.high is not None and row.low != row.high
            raw = row.raw_rank if row.raw_rank not in (None, row.rank) else None
            drawn.append(
                {
                    "row": row,
                    "dot": at(row.rank),
                    "low": at(row.low) if spread and row.low else "",
                    "high": at(row.high) if spread and row.high else "",
                    "raw": at(raw) if raw else "",
                    "words": _rank_words(row.moved),
                    "arrow": _rank_arrow(row.moved),
                    "tone": ""
                    if not (row.is_clear and row.moved)
                    else ("up" if row.moved > 0 else "down"),
                }
            )
        ready.append({"band": band, "rows": drawn})
    return {
        "bands": ready,
        "grid": [{"rank": rank, "x": at(rank)} for rank in grid],
        "compared_to": compared_to,
        "note": note,
        "has_ranges": any(row.low is not None for row in rows),
        "has_raw": any(row.raw_rank not in (None, row.rank) for row in rows),
    }


def _rank_words(moved: int | None) -> str:
    if moved is None:
        return _("上期未排")
    if moved == 0:
        return _("名次未变")
    word = _("升 %(n)s 位") if moved > 0 else _("降 %(n)s 位")
    return word % {"n": abs(moved)}


def _rank_tone(row: RankRow) -> str:
    """Colour only for a change beyond the error."""
    if not row.is_clear or not row.moved:
        return ""
    return "up" if row.moved > 0 else "down"


def _rank_arrow(moved: int | None) -> str:
    if not moved:
        return "minus"
    return "arrow-up" if moved > 0 else "arrow-down"


@register.inclusion_tag("components/severity.html")
def severity_bars(rows: list[Severity]) -> dict[str, Any]:
    """Diverging from 0: 偏严 to the left, 偏宽 to the right."""
    most = max([abs(float(row.value)) for row in rows], default=0) or 1.0
    drawn = []
    for row in rows:
        value = float(row.value)
        width = abs(value) / most * 48
        drawn.append({"row": row, "x": _pct(50 - width if value < 0 else 50), "width": _pct(width)})
    return {"rows": drawn}


@register.inclusion_tag("components/sparkline.html")
def sparkline(
    values: list[Any], low: list[Any] | None = None, high: list[Any] | None = None, label: Any = ""
) -> dict[str, Any]:
    """A small trend with its band; the last point is red. Needs two values or more."""
    line = [float(v) for v in values if v is not None]
    lows = [float(v) for v in low or [] if v is not None]
    highs = [float(v) for v in high or [] if v is not None]
    if len(line) < 2:
        return {"empty": True}
    every = [*line, *lows, *highs]
    bottom, top = min(every), max(every)
    height = (top - bottom) or 1.0

    def points(series: list[float]) -> list[tuple[float, float]]:
        last = len(series) - 1
        return [
            (1 + 197 * i / last, round(3 + 34 * (top - v) / height, 2))
            for i, v in enumerate(series)
        ]

    def path(pairs: list[tuple[float, float]]) -> str:
        return " ".join(f"{x:.2f},{y:.2f}" for x, y in pairs)

    banded = len(lows) == len(highs) == len(line)
    return {
        "line": path(points(line)),
        "band": path([*points(highs), *reversed(points(lows))]) if banded else "",
        "end_x": _pct(99),
        "end_y": _pct(points(line)[-1][1] / 40 * 100),
        "label": label,
    }


@register.inclusion_tag("components/chart.html")
def chart(chart: Chart, element_id: str) -> dict[str, Any]:
    """A chart and its table twin from one set of values. The page also loads charts.js."""
    rows = []
    for index, label in enumerate(chart.labels):
        rows.append({"label": label, "values": [series.values[index] for series in chart.series]})
    data = {
        "kind": chart.kind,
        "title": chart.title,
        "unit": chart.unit,
        "labels": list(chart.labels),
        "minimum": chart.minimum,
        "maximum": chart.maximum,
        "maxima": list(chart.maxima),
        "series": [
            {
                "name": series.name,
                "values": list(series.values),
                "low": list(series.low),
                "high": list(series.high),
                "own": series.is_own,
            }
            for series in chart.series
        ],
    }
    return {"chart": chart, "data_id": f"{element_id}-data", "rows": rows, "data": data}
