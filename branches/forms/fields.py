"""Inputs that several forms share."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from portal.kernel.months import Month


class DayInput(forms.DateInput):
    """The browser's own date picker; values travel as 2017-06-09."""

    input_type = "date"

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("format", "%Y-%m-%d")
        super().__init__(**kwargs)


FIRST_YEAR, LAST_YEAR = 1900, 2999  # of a Month


class DayField(forms.DateField):
    """A day, in the years that a month may lie in."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", DayInput())
        kwargs.setdefault(
            "error_messages",
            {"required": _("请填日期。"), "invalid": _("请填日期，例如 2017-06-09")},
        )
        kwargs.setdefault("input_formats", ["%Y-%m-%d", "%Y/%m/%d", "%Y年%m月%d日"])
        super().__init__(**kwargs)

    def to_python(self, value: Any) -> dt.date | None:
        day: dt.date | None = super().to_python(value)
        if day is not None and not FIRST_YEAR <= day.year <= LAST_YEAR:
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid")
        return day


class MonthField(forms.CharField):
    """A month, ``2017-06``; cleans to a Month."""

    widget = forms.TextInput(attrs={"type": "month"})

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        if not text:
            return None
        try:
            return Month.parse(text)
        except ValueError:
            raise forms.ValidationError(_("请填月份，例如 2017-06")) from None

    def prepare_value(self, value: Any) -> Any:
        return str(value) if isinstance(value, Month) else value


def iso(day: dt.date) -> str:
    """How date inputs want their limits."""
    return day.isoformat()


LONGEST_KEY = 18  # digits; a database's whole numbers have room for them


class SeveralField(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]
    """Several rows, ticked. A key that no table could hold is no choice, as with one row."""

    def clean(self, value: Any) -> Any:
        for key in value if isinstance(value, (list, tuple)) else ():
            if len(str(key)) > LONGEST_KEY:
                raise forms.ValidationError(
                    self.error_messages["invalid_choice"],
                    code="invalid_choice",
                    params={"value": str(key)[: LONGEST_KEY + 1] + "…"},
                )
        return super().clean(value)
