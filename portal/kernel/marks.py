"""Marks: exact in both databases.

SQLite keeps decimals as floating point, so sums of tenths drift. A mark is therefore held
as a whole number of hundredths and seen by Python as a Decimal with two places. The set-based
SQL that ranks a month works on these whole numbers and gives the same result everywhere.
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

HUNDREDTH = Decimal("0.01")


def to_hundredths(value: Any) -> int:
    """Whole hundredths of a mark, rounded half up: Decimal("2.005") -> 201."""
    return int((Decimal(str(value)) * 100).quantize(Decimal(1), rounding=ROUND_HALF_UP))


def from_hundredths(value: int) -> Decimal:
    """The mark that ``value`` hundredths are: 201 -> Decimal("2.01")."""
    return Decimal(value) / 100


class MarksField(models.DecimalField):  # type: ignore[type-arg]
    """A mark. Decimal with two places in Python, whole hundredths in the database."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("max_digits", 7)
        kwargs.setdefault("decimal_places", 2)
        super().__init__(*args, **kwargs)

    def get_internal_type(self) -> str:
        return "IntegerField"

    def db_type(self, connection: Any) -> str | None:
        return models.IntegerField().db_type(connection)

    def db_check(self, connection: Any) -> Any:
        return None

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Decimal | None:
        return None if value is None else (Decimal(value) / 100).quantize(HUNDREDTH)

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        if value is None or hasattr(value, "resolve_expression"):
            return value
        return to_hundredths(value)

    def get_db_prep_save(self, value: Any, connection: Any) -> Any:
        if hasattr(value, "as_sql"):
            return value
        return self.get_db_prep_value(value, connection)

    def to_python(self, value: Any) -> Decimal | None:
        if value is None or value == "":
            return None
        try:
            return Decimal(str(value)).quantize(HUNDREDTH, rounding=ROUND_HALF_UP)
        except ArithmeticError:
            raise ValidationError(_("请填数字，例如 1.5")) from None


def tenth(value: Decimal) -> Decimal:
    """A mark rounded to what pages show of it: one decimal, half up, never a negative zero."""
    return value.quantize(Decimal("0.1"), rounding=ROUND_HALF_UP) + 0


def between(before: Decimal, after: Decimal) -> Decimal:
    """What lies between two marks as they are printed: the sum on the page comes out right."""
    return tenth(after) - tenth(before)


def one_decimal(value: Decimal | None) -> str:
    """A mark as pages show it: one decimal, half up, with U+2212 for minus."""
    if value is None:
        return "—"
    return f"{tenth(value):.1f}".replace("-", "−")
