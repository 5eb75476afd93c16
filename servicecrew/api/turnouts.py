"""Turnouts: made by a phone that may have no network, so everything may be sent twice.

A phone makes the turnout's UUID and the key of every press itself. ``POST /turnouts/`` with a
known UUID answers 200 with the turnout as it stands (201 the first time); a press or a step with
a known key changes nothing and answers the same. An edit names the version it saw: 409 brings
``current`` (what stands) and ``yours`` (what was sent). Times: ``at`` is what the phone's clock
said, ``sent_at`` what it says when sending; the portal works out the clock's error from the two.
"""

from __future__ import annotations

from typing import Any, ClassVar

from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from portal.accounts.requests import signed_in
from portal.kernel.api import ProblemSerializer, VisibleRows
from servicecrew.api.photos import HasPhotos
from servicecrew.checks import double_bookings, missing_fields
from servicecrew.errors import TurnoutConflict
from servicecrew.models import (
    Crew,
    CrewRole,
    EnteredVia,
    Mark,
    Turnout,
    TurnoutPerson,
    TurnoutTime,
    TurnoutVehicle,
)
from servicecrew.services import steps
from servicecrew.services.times import TimeStatement
from servicecrew.services.turnouts import (
    EDITABLE,
    PersonDay,
    VehicleDay,
    edit_turnout,
    open_turnout,
)

UUID_REGEX = r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}"
MAX_KEY = 2**53
FIRST_YEAR, LAST_YEAR = 2000, 2100
REFUSALS: dict[int, Any] = {400: ProblemSerializer, 409: ProblemSerializer}


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


# -- what comes out --------------------------------------------------------------------------


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


# -- what comes in ---------------------------------------------------------------------------


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


class TurnoutViewSet(
    HasPhotos,
    VisibleRows,
    mixins.ListModelMixin,
    mixins.RetrieveModelMixin,
    viewsets.GenericViewSet[Turnout],
):
    """出队记录."""

    queryset = Turnout.objects.select_related("crew")
    ordering = ("-started_on", "-pk")
    serializer_class = TurnoutSerializer
    permission_classes = (IsAuthenticated,)
    lookup_field = "uuid"
    lookup_value_regex = UUID_REGEX
    filterset_fields: ClassVar[dict[str, Any]] = {
        "crew": ["exact"],
        "committee": ["exact"],
        "operation": ["exact", "isnull"],
        "status": ["exact", "in"],
        "service_kind": ["exact"],
        "sub_kind": ["exact"],
        "county": ["exact"],
        "city_goal": ["exact"],
        "started_on": ["gte", "lte"],
    }

    def get_queryset(self) -> Any:
        rows = super().get_queryset()
        if self.action == "retrieve":
            return rows.prefetch_related("parties", "times", "people__person", "vehicles__vehicle")
        return rows

    def get_serializer_class(self) -> Any:
        return TurnoutDetailSerializer if self.action == "retrieve" else TurnoutSerializer

    def handle_exception(self, exc: Exception) -> Response:
        response = super().handle_exception(exc)
        if isinstance(exc, TurnoutConflict):
            response.data["current"] = self._whole(exc.turnout.pk)
            response.data["yours"] = {
                name.removesuffix("_id"): value if value is None else str(value)
                for name, value in exc.yours.items()
            }
        return response

    def _whole(self, pk: int) -> Any:
        turnout = (
            Turnout.objects.select_related("crew")
            .prefetch_related("parties", "times", "people__person", "vehicles__vehicle")
            .get(pk=pk)
        )
        return TurnoutDetailSerializer(turnout).data

    @extend_schema(
        request=OpenTurnoutSerializer,
        responses={200: TurnoutDetailSerializer, 201: TurnoutDetailSerializer, **REFUSALS},
    )
    def create(self, request: Request) -> Response:
        """出队: 201 the first time, 200 for a UUID that is known."""
        given = OpenTurnoutSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        data = dict(given.validated_data)
        crew = Crew.objects.visible_to(request.user).filter(pk=data["crew"]).first()
        if crew is None:
            raise Http404
        people = data.get("people")
        turnout, is_new = open_turnout(
            uuid=data["uuid"],
            crew=crew,
            values=_values(data),
            times=[TimeStatement(**dict(line)) for line in data.get("times", ())],
            people=None if people is None else _people(people),
            vehicles=_vehicles(data.get("vehicles", [])),
            other_crews=data.get("crews", []),
            started_on=data["started_on"],
            entered_via=data["entered_via"],
            actor=signed_in(request),
            now=timezone.now(),
            via="api",
        )
        code = status.HTTP_201_CREATED if is_new else status.HTTP_200_OK
        return Response(self._whole(turnout.pk), status=code)

    @extend_schema(
        request=EditTurnoutSerializer,
        responses={200: TurnoutDetailSerializer, 400: ProblemSerializer, 409: ConflictSerializer},
    )
    def partial_update(self, request: Request, uuid: str) -> Response:
        """Change what is named; ``version`` is the one seen."""
        given = EditTurnoutSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        data = dict(given.validated_data)
        people, vehicles = data.get("people"), data.get("vehicles")
        turnout = edit_turnout(
            turnout_id=self.get_object().pk,
            values=_values(data),
            version=data["version"],
            people=None if people is None else _people(people),
            vehicles=None if vehicles is None else _vehicles(vehicles),
            other_crews=data.get("crews"),
            key=data["key"],
            reason=data["reason"],
            actor=signed_in(request),
            now=timezone.now(),
            via="api",
        )
        return Response(self._whole(turnout.pk))

    @extend_schema(
        request=StatementSerializer, responses={200: TurnoutDetailSerializer, **REFUSALS}
    )
    @action(detail=True, methods=["post"])
    def mark(self, request: Request, uuid: str) -> Response:
        """按下出发、到场、复电: one moment."""
        given = StatementSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        return self._mark([given.validated_data])

    @extend_schema(
        request=StatementsSerializer, responses={200: TurnoutDetailSerializer, **REFUSALS}
    )
    @action(detail=True, methods=["post"])
    def times(self, request: Request, uuid: str) -> Response:
        """Several moments at once, checked together (改时间)."""
        given = StatementsSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        return self._mark(given.validated_data["times"])

    def _mark(self, lines: list[Any]) -> Response:
        turnout = steps.mark_turnout(
            turnout_id=self.get_object().pk,
            statements=[TimeStatement(**dict(line)) for line in lines],
            actor=signed_in(self.request),
            now=timezone.now(),
            via="api",
        )
        return Response(self._whole(turnout.pk))

    def _step(self, service: Any, kind: type[serializers.Serializer[Any]]) -> Response:
        given = kind(data=self.request.data)
        given.is_valid(raise_exception=True)
        turnout = service(
            turnout_id=self.get_object().pk,
            actor=signed_in(self.request),
            now=timezone.now(),
            via="api",
            **given.validated_data,
        )
        return Response(self._whole(turnout.pk))

    @extend_schema(request=StepSerializer, responses={200: TurnoutDetailSerializer, **REFUSALS})
    @action(detail=True, methods=["post"])
    def log(self, request: Request, uuid: str) -> Response:
        """登记: it gets its number."""
        return self._step(steps.log_turnout, StepSerializer)

    @extend_schema(request=StepSerializer, responses={200: TurnoutDetailSerializer, **REFUSALS})
    @action(detail=True, methods=["post"])
    def confirm(self, request: Request, uuid: str) -> Response:
        """队长确认."""
        return self._step(steps.confirm_turnout, StepSerializer)

    @extend_schema(request=StepSerializer, responses={200: TurnoutDetailSerializer, **REFUSALS})
    @action(detail=True, methods=["post"])
    def verify(self, request: Request, uuid: str) -> Response:
        """党群部核定: it counts from now on."""
        return self._step(steps.verify_turnout, StepSerializer)

    @extend_schema(
        request=ReasonedStepSerializer, responses={200: TurnoutDetailSerializer, **REFUSALS}
    )
    @action(detail=True, methods=["post"], url_path="return")
    def give_back(self, request: Request, uuid: str) -> Response:
        """退回队长."""
        return self._step(steps.give_back_turnout, ReasonedStepSerializer)

    @extend_schema(
        request=ReasonedStepSerializer, responses={200: TurnoutDetailSerializer, **REFUSALS}
    )
    @action(detail=True, methods=["post"])
    def reopen(self, request: Request, uuid: str) -> Response:
        """更正: take a confirmation or a verification back."""
        return self._step(steps.reopen_turnout, ReasonedStepSerializer)

    @extend_schema(
        request=ReasonedStepSerializer, responses={200: TurnoutDetailSerializer, **REFUSALS}
    )
    @action(detail=True, methods=["post"])
    def void(self, request: Request, uuid: str) -> Response:
        """作废."""
        return self._step(steps.void_turnout, ReasonedStepSerializer)


def _values(data: dict[str, Any]) -> dict[str, Any]:
    """The named columns; a related row by its key."""
    found: dict[str, Any] = {}
    for name in EDITABLE:
        sent = name.removesuffix("_id")
        if sent in data:
            value = data[sent]
            found[name] = value.pk if name != sent and value is not None else value
    return found


def _people(lines: list[Any]) -> list[PersonDay]:
    return [
        PersonDay(line["person"], line["crew"], line["day"], line["role"], line["shift"])
        for line in lines
    ]


def _vehicles(lines: list[Any]) -> list[VehicleDay]:
    return [VehicleDay(line["vehicle"], line["crew"], line["day"]) for line in lines]
