"""Fields and look-ups that the REST twins of the records share."""

from __future__ import annotations

from typing import Any

from django.shortcuts import get_object_or_404
from django.utils import timezone
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request

from branches.models import (
    Branch,
    Person,
)
from portal.accounts.requests import signed_in
from portal.kernel.api import (
    ProblemSerializer,
)
from portal.kernel.months import Month, local_date

REFUSALS: dict[int, Any] = {400: ProblemSerializer, 409: ProblemSerializer}
MAX_KEY = 2**53
MAX_VERSION = 2**31 - 1
FIRST_YEAR = 1990
LAST_YEAR = 2100


class DayField(serializers.DateField):
    """A day in the years that a portal may hold."""

    def to_internal_value(self, value: Any) -> Any:
        found = super().to_internal_value(value)
        if not FIRST_YEAR <= found.year <= LAST_YEAR:
            self.fail("invalid", format="2017-06-20")
        return found


class KeyField(serializers.IntegerField):
    """The key of a row."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"min_value": 1, "max_value": MAX_KEY} | kwargs)


def asked_branch(request: Request, key: int) -> Branch:
    found: Branch = get_object_or_404(
        Branch.objects.visible_to(signed_in(request)).select_related("committee"), pk=key
    )
    return found


def asked_month(request: Request) -> Month:
    """The month asked for (``2017-06``), else the current one."""
    text = request.query_params.get("month", "")
    if not text:
        return Month.of(local_date(timezone.now()))
    try:
        return Month.parse(text)
    except ValueError:
        raise ValidationError({"month": ["月份请写成 2017-06 的样子。"]}) from None


def asked_person(key: int | None, field: str) -> Person | None:
    if key is None:
        return None
    found = Person.objects.filter(pk=key).first()
    if found is None:
        raise ValidationError({field: ["没有这个人。"]})
    return found


def asked_people(keys: list[int], field: str) -> list[Person]:
    return [person for key in keys if (person := asked_person(key, field)) is not None]
