"""The choices of a form's field, read once.

A ``ModelChoiceField`` asks the database for its rows whenever it is drawn, whatever the page has
read before. :func:`offer` gives it the rows instead::

    rule = form.fields["rule"]
    read_together(bonuses, rule.queryset)
    offer(rule)
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import Model
from django.forms import Field, ModelChoiceField


def offer(field: Field, rows: Iterable[Model] | None = None) -> None:
    """Let ``field`` be drawn with ``rows``; without any, with those of its own queryset, read
    now unless they were read before. What a person sends is looked up in the queryset as ever.
    """
    assert isinstance(field, ModelChoiceField)  # noqa: S101 - declared so in its form
    shown: Any = field.queryset if rows is None else rows
    choices: list[tuple[Any, Any]] = [
        (field.prepare_value(row), field.label_from_instance(row)) for row in shown
    ]
    if field.empty_label is not None:
        choices.insert(0, ("", field.empty_label))
    field.choices = choices
