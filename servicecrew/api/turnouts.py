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
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from portal.accounts.requests import signed_in
from portal.kernel.api import UUID_REGEX, ProblemSerializer, VisibleRows
from servicecrew.api.photos import HasPhotos
from servicecrew.api.turnout_serializers import (
    ConflictSerializer,
    EditTurnoutSerializer,
    OpenTurnoutSerializer,
    ReasonedStepSerializer,
    StatementSerializer,
    StatementsSerializer,
    StepSerializer,
    TurnoutDetailSerializer,
    TurnoutSerializer,
)
from servicecrew.errors import TurnoutConflict
from servicecrew.models import Crew, Turnout
from servicecrew.services import steps
from servicecrew.services.times import TimeStatement
from servicecrew.services.turnout_rows import PersonDay, VehicleDay
from servicecrew.services.turnouts import EDITABLE, edit_turnout, open_turnout

REFUSALS: dict[int, Any] = {400: ProblemSerializer, 409: ProblemSerializer}


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
