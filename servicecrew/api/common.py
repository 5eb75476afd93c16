"""What the resources of this app share."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers

from portal.kernel.api import ProblemSerializer
from portal.kernel.errors import DomainError

REFUSALS: dict[int, Any] = {400: ProblemSerializer, 409: ProblemSerializer}
MAX_KEY = 2**53


def key_field(**kwargs: Any) -> serializers.IntegerField:
    """The key of a related row; whether the user may name it is asked by :func:`picked`."""
    return serializers.IntegerField(min_value=1, max_value=MAX_KEY, **kwargs)


def picked(rows: Any, key: Any, field: str) -> Any:
    """The row of ``rows`` with this key. What the user may not name does not exist for him:
    DomainError beside the field."""
    found = rows.filter(pk=key).first()
    if found is None:
        raise DomainError(_("没有这一项，或不归您选。"), field=field)
    return found


class FiguresSerializer(serializers.Serializer[Any]):
    """The sums. See ``servicecrew/sql/count_rows.sql`` for what counts."""

    turnouts = serializers.IntegerField()
    person_times = serializers.IntegerField()
    vehicle_times = serializers.IntegerField()
    timed = serializers.IntegerField()
    in_time = serializers.IntegerField()
    asked = serializers.IntegerField()
    satisfied = serializers.IntegerField()
    customers_restored = serializers.IntegerField()
    lines_restored = serializers.IntegerField()
    minutes_out = serializers.IntegerField()
