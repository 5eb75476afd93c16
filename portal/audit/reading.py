"""An audit entry in words: the fields and values by the names people know them by."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.db.models import Field
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.audit.models import AuditEntry


@dataclass(frozen=True, slots=True)
class Change:
    """One field of an entry: how it is called, what it was, what it became."""

    label: str
    before: str
    after: str


def changes_of(entry: AuditEntry) -> list[Change]:
    """Every field that either side of the entry names, in words."""
    before, after = dict(entry.before or {}), dict(entry.after or {})
    names = [*before, *(name for name in after if name not in before)]
    return [
        Change(
            _label(entry.object_type, name),
            _value(entry.object_type, name, before, name in before),
            _value(entry.object_type, name, after, name in after),
        )
        for name in names
    ]


def type_label(object_type: str) -> str:
    """``branches.branch`` -> 支部."""
    try:
        return str(apps.get_model(object_type)._meta.verbose_name)
    except (LookupError, ValueError):
        return object_type


def _label(object_type: str, name: str) -> str:
    field = _field(object_type, name)
    return str(field.verbose_name) if field is not None else str(_COMMON.get(name, name))


def _value(object_type: str, name: str, values: dict[str, Any], is_there: bool) -> str:
    if not is_there:
        return "—"
    value = values[name]
    if value is None or value == "" or value == {} or value == []:
        return _("（空）")
    if isinstance(value, bool):
        return _("是") if value else _("否")
    field = _field(object_type, name)
    choices = dict(field.flatchoices) if field is not None and field.choices else {}
    if isinstance(value, str | int) and value in choices:
        return str(choices[value])
    if isinstance(value, list) and all(isinstance(one, str | int | float) for one in value):
        return "、".join(str(one) for one in value)
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False, indent=1)
    return str(value)


@lru_cache(maxsize=2048)
def _field(object_type: str, name: str) -> Field[Any, Any] | None:
    try:
        model = apps.get_model(object_type)
    except (LookupError, ValueError):
        return None
    for wanted in (name, name.removesuffix("_id")):
        try:
            found = model._meta.get_field(wanted)
        except FieldDoesNotExist:
            continue
        if isinstance(found, Field):
            return found
    return None


_COMMON = {
    "rows": gettext_lazy("条数"),
    "filters": gettext_lazy("筛选条件"),
    "days": gettext_lazy("日子"),
    "year_source": gettext_lazy("年份依据"),
}
