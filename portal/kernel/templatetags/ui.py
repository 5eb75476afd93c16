"""Tags and filters of the design system. How to use each: ``docs/components.md``."""

from __future__ import annotations

import re
from decimal import Decimal
from functools import cache
from typing import Any

from django import template
from django.conf import settings
from django.core.paginator import Page
from django.forms import BoundField
from django.forms.widgets import CheckboxInput, CheckboxSelectMultiple, RadioSelect, Select
from django.template.context import Context
from django.template.loader import get_template
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from portal.kernel import words
from portal.kernel.ui import STATE_ICONS, Chart, RankBand, RankRow, Severity, State, Status
from portal.kernel.words import decimal_of, month_of

register = template.Library()

for _say in (
    words.marks,
    words.signed,
    words.minus,
    words.plain,
    words.percent,
    words.thousands,
    words.zh_date,
    words.zh_day,
    words.zh_weekday,
    words.zh_full,
    words.zh_time,
    words.zh_moment,
    words.month_label,
    words.month_short,
    words.days_words,
    words.days_left,
):
    register.filter(_say)


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
    request, chosen = context["request"], month_of(current)
    links = []
    for value in months:
        month = month_of(value)
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
    """What does not fit, summed up above the form, each line leading to its field. A form that
    keeps nothing says in ``refused_as`` what was not done."""
    return {"form": form}


# -- drawings: SVG with positions in per cent, so nothing needs a style attribute ---------------


def _pct(value: float | Decimal) -> str:
    return f"{float(value):.2f}%"


@register.inclusion_tag("components/score_bar.html")
def score_bar(value: Any, error: Any = None, full: Any = 100) -> dict[str, Any]:
    """The bar to full marks with the error marked in red."""
    top = float(decimal_of(full) or 100)
    number = max(0.0, min(float(decimal_of(value) or 0), top))
    spread = float(decimal_of(error) or 0)
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
