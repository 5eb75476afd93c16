"""Turnouts over the API: what comes out, and what comes in with its checks."""

from __future__ import annotations

from typing import Any, ClassVar

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from portal.kernel.api import ProblemSerializer
from servicecrew.checks import double_bookings, missing_fields
from servicecrew.models import (
    CrewRole,
    EnteredVia,
    Mark,
    Turnout,
    TurnoutPerson,
    TurnoutTime,
    TurnoutVehicle,
)
from servicecrew.services.turnouts import EDITABLE

MAX_KEY = 2**53
FIRST_YEAR, LAST_YEAR = 2000, 2100


class MomentField(serializers.DateTimeField):
    """A moment with its zone. 25:00 is answered in words."""

    default_error_messages: ClassVar[dict[str, Any]] = {
        "invalid": _(
            "时间请写成 2017-06-21T01:17+08:00 的样子，小时从 00 到 23，"
            "没有 24:00、25:00；过了零点用第二天的日期。"
        ),
    }

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.error_messages["invalid"] = MomentField.default_error_messages["invalid"]

    def to_internal_value(self, value: Any) -> Any:
        found = super().to_internal_value(value)
        if not FIRST_YEAR <= found.year <= LAST_YEAR:
            self.fail("invalid", format="")
        return found


class DayField(serializers.DateField):
    """A day in the years that a portal may hold."""

    def to_internal_value(self, value: Any) -> Any:
        found = super().to_internal_value(value)
        if not FIRST_YEAR <= found.year <= LAST_YEAR:
            self.fail("invalid", format="2017-06-20")
        return found


class TimeSerializer(serializers.ModelSerializer[TurnoutTime]):
    is_clock_off = serializers.BooleanField()

    class Meta:
        model = TurnoutTime
        fields = (
            "key",
            "mark",
            "is_measured",
            "at",
            "phone_at",
            "offset_ms",
            "is_clock_off",
            "device",
            "reason",
            "received_at",
        )


class PersonDaySerializer(serializers.ModelSerializer[TurnoutPerson]):
    name = serializers.CharField(source="person.name")

    class Meta:
        model = TurnoutPerson
        fields = ("person", "name", "crew", "day", "role", "shift")


class VehicleDaySerializer(serializers.ModelSerializer[TurnoutVehicle]):
    plate = serializers.CharField(source="vehicle.plate")

    class Meta:
        model = TurnoutVehicle
        fields = ("vehicle", "plate", "crew", "day", "kind")


FIELDS = tuple(name.removesuffix("_id") for name in EDITABLE)
MOMENTS = (
    "ordered_at",
    "departed_at",
    "arrived_at",
    "work_started_at",
    "restored_at",
    "left_at",
)


class TurnoutSerializer(serializers.ModelSerializer[Turnout]):
    """A line of the list."""

    crew_name = serializers.CharField(source="crew.name")
    number = serializers.CharField()

    class Meta:
        model = Turnout
        fields: tuple[str, ...] = (
            "uuid",
            "number",
            "status",
            "version",
            "crew",
            "crew_name",
            "committee",
            "started_on",
            *FIELDS,
            *MOMENTS,
            "response_minutes",
            "is_in_time",
            "entered_via",
            "created_at",
            "updated_at",
        )


class TurnoutDetailSerializer(TurnoutSerializer):
    """The whole turnout, with where each moment comes from and what is still missing."""

    crews = serializers.SerializerMethodField()
    times = TimeSerializer(many=True)
    people = PersonDaySerializer(many=True)
    vehicles = VehicleDaySerializer(many=True)
    missing = serializers.SerializerMethodField()
    warnings = serializers.SerializerMethodField()
    server_now = serializers.SerializerMethodField()

    class Meta(TurnoutSerializer.Meta):
        fields = (
            *TurnoutSerializer.Meta.fields,
            "crews",
            "times",
            "people",
            "vehicles",
            "missing",
            "warnings",
            "server_now",
        )

    def get_crews(self, turnout: Turnout) -> list[int]:
        return [party.crew_id for party in turnout.parties.all()]

    def get_missing(self, turnout: Turnout) -> list[dict[str, str]]:
        found = missing_fields(turnout, people=len(turnout.people.all()))
        return [{"field": item.field, "label": str(item.label)} for item in found]

    def get_warnings(self, turnout: Turnout) -> list[str]:
        """People and vehicles that are on another turnout at the same time."""
        return [str(booking) for booking in double_bookings(turnout)]

    def get_server_now(self, turnout: Turnout) -> str:
        return timezone.now().isoformat()


class StatementSerializer(serializers.Serializer[Any]):
    """A pressed button (``is_measured``) or a time declared later."""

    key = serializers.UUIDField()
    mark = serializers.ChoiceField(choices=Mark.choices)
    at = MomentField()
    is_measured = serializers.BooleanField(default=True)
    offset_ms = serializers.IntegerField(
        required=False, allow_null=True, default=None, min_value=-(2**53), max_value=2**53
    )
    sent_at = MomentField(required=False, allow_null=True, default=None)
    device = serializers.CharField(required=False, allow_blank=True, default="", max_length=40)
    reason = serializers.CharField(required=False, allow_blank=True, default="", max_length=200)


class StatementsSerializer(serializers.Serializer[Any]):
    times = StatementSerializer(many=True, allow_empty=False)


class PersonInSerializer(serializers.Serializer[Any]):
    person = serializers.IntegerField(min_value=1, max_value=MAX_KEY)
    crew = serializers.IntegerField(
        min_value=1, max_value=MAX_KEY, required=False, allow_null=True, default=None
    )
    day = DayField(required=False, allow_null=True, default=None)
    role = serializers.ChoiceField(choices=CrewRole.choices, default=CrewRole.MEMBER)
    shift = serializers.IntegerField(min_value=1, max_value=20, default=1)


class VehicleInSerializer(serializers.Serializer[Any]):
    vehicle = serializers.IntegerField(min_value=1, max_value=MAX_KEY)
    crew = serializers.IntegerField(
        min_value=1, max_value=MAX_KEY, required=False, allow_null=True, default=None
    )
    day = DayField(required=False, allow_null=True, default=None)


class ValuesSerializer(serializers.ModelSerializer[Turnout]):
    """What a person may change by hand."""

    class Meta:
        model = Turnout
        fields = FIELDS
        extra_kwargs: ClassVar[dict[str, Any]] = {name: {"required": False} for name in FIELDS}


class OpenTurnoutSerializer(ValuesSerializer):
    uuid = serializers.UUIDField()
    crew = serializers.IntegerField(min_value=1, max_value=MAX_KEY)
    subject = serializers.CharField(max_length=80)
    started_on = DayField(required=False, allow_null=True, default=None)
    entered_via = serializers.ChoiceField(
        choices=[EnteredVia.PHONE, EnteredVia.WEB, EnteredVia.PAPER], default=EnteredVia.PHONE
    )
    crews = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=MAX_KEY), required=False
    )
    times = StatementSerializer(many=True, required=False)
    people = PersonInSerializer(many=True, required=False, allow_null=True)
    vehicles = VehicleInSerializer(many=True, required=False)

    class Meta(ValuesSerializer.Meta):
        fields = (
            *FIELDS,
            "uuid",
            "crew",
            "started_on",
            "entered_via",
            "crews",
            "times",
            "people",
            "vehicles",
        )


class EditTurnoutSerializer(ValuesSerializer):
    version = serializers.IntegerField(min_value=0, max_value=2**31 - 1)
    key = serializers.UUIDField(required=False, allow_null=True, default=None)
    reason = serializers.CharField(required=False, allow_blank=True, default="", max_length=300)
    crews = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=MAX_KEY),
        required=False,
        allow_null=True,
    )
    people = PersonInSerializer(many=True, required=False, allow_null=True)
    vehicles = VehicleInSerializer(many=True, required=False, allow_null=True)

    class Meta(ValuesSerializer.Meta):
        fields = (*FIELDS, "version", "key", "reason", "crews", "people", "vehicles")


class StepSerializer(serializers.Serializer[Any]):
    key = serializers.UUIDField(required=False, allow_null=True, default=None)


class ReasonedStepSerializer(StepSerializer):
    reason = serializers.CharField(max_length=300)


class ConflictSerializer(ProblemSerializer):
    """Both versions, to be shown side by side."""

    current = TurnoutDetailSerializer()
    yours = serializers.DictField()
