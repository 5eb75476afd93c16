"""What every REST resource shares: problem texts, keys that fit the database, transitions."""

from __future__ import annotations

from typing import Any, ClassVar

from django.http import Http404
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.response import Response
from rest_framework.views import exception_handler

from portal.kernel.errors import DomainError
from portal.kernel.months import Month

# Keys with more digits overflow the database's integers; such an address is simply not found.
KEY_REGEX = r"[0-9]{1,18}"
UUID_REGEX = r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}"


def problem(exc: Exception, context: dict[str, Any]) -> Response | None:
    """Turn a refusal of a service into an answer: 409 for a wrong state or a conflict, 400
    for bad input, each with a sentence in the user's words.

    Body: ``{"code": ..., "detail": ..., "field": ... or null}``; with ``errors`` where a refusal
    names several fields.
    """
    if isinstance(exc, DomainError):
        body: dict[str, Any] = {"code": exc.code, "detail": exc.message, "field": exc.field}
        if errors := getattr(exc, "errors", None):
            body["errors"] = errors
        return Response(body, status=exc.status_code)
    if isinstance(exc, Http404):
        # What a missing row says of itself names the model, in English.
        exc = NotFound(_("没有这一条，或者您看不到它。"))
    return exception_handler(exc, context)


@extend_schema_field({"type": "string", "pattern": r"^[0-9]{4}-[0-9]{2}$", "example": "2017-06"})
class MonthSerializerField(serializers.Field):  # type: ignore[type-arg]
    """A month as ``2017-06``; stored as the first of the month."""

    default_error_messages: ClassVar[dict[str, Any]] = {"invalid": _("月份请写成 2017-06 的样子。")}

    def to_representation(self, value: Any) -> str:
        return str(Month.of(value))

    def to_internal_value(self, data: Any) -> Month:
        try:
            return Month.parse(str(data))
        except ValueError:
            self.fail("invalid")


class ProblemSerializer(serializers.Serializer[Any]):
    """The shape of every refusal."""

    code = serializers.CharField()
    detail = serializers.CharField()
    field = serializers.CharField(allow_null=True)


class ReasonSerializer(serializers.Serializer[Any]):
    """A step that may ask for a reason."""

    reason = serializers.CharField(max_length=300, required=False, allow_blank=True, default="")


class VisibleRows:
    """A viewset over rows that the user may see; anything else is 404, whatever is sent.

    The viewset's ``queryset`` must come from a manager with ``visible_to``; ``ordering``
    makes pages stable.
    """

    queryset: Any
    request: Any
    ordering: tuple[Any, ...] = ("pk",)

    # Steps that ask whether the user may see the row only when their service refuses.
    looks_late: tuple[str, ...] = ()

    def initial(self, request: Any, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)  # type: ignore[misc]
        view: Any = self
        if view.detail and view.action and view.action not in self.looks_late:
            self.get_object()

    def get_object(self) -> Any:
        """The row of the address, read once per request."""
        if not hasattr(self, "_row"):
            self._row = super().get_object()  # type: ignore[misc]
        return self._row

    def get_queryset(self) -> Any:
        return self.queryset.all().visible_to(self.request.user).order_by(*self.ordering)
