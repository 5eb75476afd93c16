"""Small parts of the forms."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from portal.kernel.errors import DomainError


class Area(forms.Textarea):
    """A text of a few lines."""

    def __init__(self, rows: int = 3, **attrs: Any) -> None:
        super().__init__({"rows": rows, **attrs})


class Day(forms.DateInput):
    """A day, picked with the browser's own calendar."""

    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class Clock(forms.TimeInput):
    """A time of day."""

    input_type = "time"

    def __init__(self) -> None:
        super().__init__(format="%H:%M")


def words(
    label: Any, *, rows: int = 3, most: int = 500, required: bool = True, help_text: Any = ""
) -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=most,
        required=required,
        help_text=help_text,
        widget=Area(rows) if rows > 1 else forms.TextInput(),
        error_messages={
            "required": _("这里要填。"),
            "max_length": _("请控制在%(limit_value)d字以内，现在是%(show_value)d字。"),
        },
    )


class ServiceForm(forms.Form):
    """A form whose refusals come from a service."""

    def refuse(self, error: DomainError) -> None:
        per_field: Mapping[str, str] = getattr(error, "errors", {})
        for name, said in per_field.items():
            self.add_error(name if name in self.fields else None, said)
        if not per_field:
            self.add_error(error.field if error.field in self.fields else None, error.message)
