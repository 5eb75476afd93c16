"""Words for what crews write down."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django import template
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.kernel.months import SHANGHAI
from servicecrew.models import Mark, Turnout

register = template.Library()

# The word of a stored code: 满意 for satisfied.
CHOICES: dict[str, dict[Any, Any]] = {
    field.name: dict(field.flatchoices)
    for field in Turnout._meta.concrete_fields
    if field.flatchoices
}
EVENT_WORDS = {
    "opened": gettext_lazy("开始记录"),
    "edited": gettext_lazy("修改"),
    "marked": gettext_lazy("按下按钮"),
    "declared": gettext_lazy("补报时间"),
    "log": gettext_lazy("登记"),
    "confirm": gettext_lazy("队长确认"),
    "verify": gettext_lazy("核定，计入统计"),
    "give_back": gettext_lazy("退回队长"),
    "reopen": gettext_lazy("更正"),
    "void": gettext_lazy("作废"),
    "photos": gettext_lazy("照片"),
    "imported": gettext_lazy("导入"),
    "imported_history": gettext_lazy("历史记录导入并核定"),
}


@register.filter
def event_word(step: str) -> str:
    return str(EVENT_WORDS.get(step, step))


@register.filter
def change_lines(changes: Mapping[str, Any]) -> list[str]:
    """``地点：桂阳乡 → 陈溪村`` for each change of an event."""
    return [f"{_name(field)}：{_change(field, pair)}" for field, pair in changes.items()]


def _name(field: str) -> str:
    if field == "people":
        return _("人员")
    if field == "vehicles":
        return _("车辆")
    if field in Mark.values:
        return str(Mark(field).label)
    try:
        return str(Turnout._meta.get_field(field.removesuffix("_id")).verbose_name)  # type: ignore[union-attr]
    except LookupError:
        return field


def _change(field: str, pair: Any) -> str:
    before, after = pair
    if before is None:
        return _value(field, after)
    return f"{_value(field, before)} → {_value(field, after)}"


def _value(field: str, value: Any) -> str:
    if value is True or value is False:
        return _("是") if value else _("否")
    if value in (None, ""):
        return _("（空）")
    if isinstance(value, str) and value in CHOICES.get(field, {}):
        return str(CHOICES[field][value])
    text = str(value)
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError:
        return text
    if moment.tzinfo is None:
        return text
    local = moment.astimezone(SHANGHAI)
    return f"{local.month}月{local.day}日 {local:%H:%M}"


@register.filter
def clock_error(offset_ms: int | None) -> str:
    """``快 10 分`` or ``慢 3 分``."""
    if offset_ms is None:
        return ""
    minutes = max(1, round(abs(offset_ms) / 60_000))
    word = _("快 %(n)d 分") if offset_ms > 0 else _("慢 %(n)d 分")
    return word % {"n": minutes}
