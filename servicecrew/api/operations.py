"""Operations: the page's figures and rows, and what is written into one."""

from __future__ import annotations

from typing import Any, ClassVar

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from branches.access import access_of
from branches.models import Committee
from portal.accounts.requests import signed_in
from portal.kernel.api import KEY_REGEX, VisibleRows
from servicecrew.api.common import REFUSALS, FiguresSerializer, key_field, picked
from servicecrew.api.photos import HasPhotos
from servicecrew.api.turnout_serializers import DayField, MomentField
from servicecrew.counties import COUNTIES
from servicecrew.models import Crew, Operation, OperationEvent, OperationKind, OperationTeam
from servicecrew.selectors.operations import operation_page
from servicecrew.services import operations

MOST_CUSTOMERS = 99_999_999


class OperationSerializer(serializers.ModelSerializer[Operation]):
    """A line of the list."""

    class Meta:
        model = Operation
        fields: tuple[str, ...] = (
            "id",
            "committee",
            "name",
            "kind",
            "started_on",
            "ended_on",
            "commander",
            "summary",
            "lessons",
            "landfall_at",
            "version",
        )


class OperationEventSerializer(serializers.ModelSerializer[OperationEvent]):
    happened_at = MomentField()

    class Meta:
        model = OperationEvent
        fields = ("happened_at", "text", "who", "is_key")


class PlacedTeamSerializer(serializers.ModelSerializer[OperationTeam]):
    crew_name = serializers.CharField(source="crew.name")

    class Meta:
        model = OperationTeam
        fields = ("crew", "crew_name", "county", "place", "people", "vehicles", "placed_at")


class CurvePointSerializer(serializers.Serializer[Any]):
    at = serializers.DateTimeField()
    customers_out = serializers.IntegerField(source="out")


class CountyLineSerializer(serializers.Serializer[Any]):
    """A tile: ``number`` is customers without power where outages are reported, else
    person-times; ``share`` of those affected, in per cent."""

    county = serializers.CharField()
    number = serializers.IntegerField()
    share = serializers.IntegerField(allow_null=True)
    crews = serializers.IntegerField()


class CrewLineSerializer(serializers.Serializer[Any]):
    """What a crew brings to the figures; the lines add up to ``total``."""

    crew = serializers.IntegerField(source="crew.pk")
    crew_name = serializers.CharField(source="crew.name")
    county = serializers.CharField(source="crew.county")
    task = serializers.CharField()
    figures = FiguresSerializer()


class OperationDetailSerializer(OperationSerializer):
    """The whole page. ``verified`` and ``opening`` are parts of ``total``."""

    total = FiguresSerializer()
    verified = FiguresSerializer()
    opening = FiguresSerializer()
    customers_affected = serializers.IntegerField()
    customers_out = serializers.IntegerField()
    curve = CurvePointSerializer(many=True)
    events = OperationEventSerializer(many=True)
    counties = CountyLineSerializer(many=True)
    crews = CrewLineSerializer(many=True)
    teams = PlacedTeamSerializer(many=True)

    class Meta(OperationSerializer.Meta):
        fields = (
            *OperationSerializer.Meta.fields,
            "total",
            "verified",
            "opening",
            "customers_affected",
            "customers_out",
            "curve",
            "events",
            "counties",
            "crews",
            "teams",
        )


class OpenOperationSerializer(serializers.Serializer[Any]):
    committee = key_field()
    name = serializers.CharField(max_length=40)
    kind = serializers.ChoiceField(choices=OperationKind.choices)
    started_on = DayField()
    ended_on = DayField(required=False, allow_null=True, default=None)
    commander = serializers.CharField(max_length=40, required=False, allow_blank=True, default="")
    summary = serializers.CharField(required=False, allow_blank=True, default="")
    landfall_at = MomentField(required=False, allow_null=True, default=None)


class EditOperationSerializer(serializers.Serializer[Any]):
    """What is named is changed; ``version`` is the one seen."""

    version = serializers.IntegerField(min_value=0, max_value=2**31 - 1)
    commander = serializers.CharField(max_length=40, required=False, allow_blank=True)
    summary = serializers.CharField(required=False, allow_blank=True)
    lessons = serializers.CharField(required=False, allow_blank=True)
    landfall_at = MomentField(required=False, allow_null=True)
    ended_on = DayField(required=False, allow_null=True)


class PlaceTeamSerializer(serializers.Serializer[Any]):
    """Nobody and nothing (0, 0) takes the team back."""

    crew = key_field()
    place = serializers.CharField(max_length=60)
    people = serializers.IntegerField(min_value=0, max_value=9999)
    vehicles = serializers.IntegerField(min_value=0, max_value=999, default=0)
    placed_at = MomentField()


class AffectedSerializer(serializers.Serializer[Any]):
    """Customers affected by county; all of them at once."""

    counties = serializers.DictField(
        child=serializers.IntegerField(min_value=0, max_value=MOST_CUSTOMERS)
    )

    def validate_counties(self, value: dict[str, int]) -> dict[str, int]:
        return _known(value)


class OutageLineSerializer(serializers.Serializer[Any]):
    customers_out = serializers.IntegerField(min_value=0, max_value=MOST_CUSTOMERS)
    areas_out = serializers.IntegerField(min_value=0, max_value=MOST_CUSTOMERS, default=0)


class OutagesSerializer(serializers.Serializer[Any]):
    """The hour's report by county; the same hour again replaces it."""

    reported_at = MomentField()
    source = serializers.CharField(max_length=30, default="配网调度")  # type: ignore[assignment]
    counties = serializers.DictField(child=OutageLineSerializer(), allow_empty=False)

    def validate_counties(self, value: dict[str, Any]) -> dict[str, Any]:
        return _known(value)


def _known(value: dict[str, Any]) -> dict[str, Any]:
    strange = [county for county in value if county not in COUNTIES]
    if strange:
        raise serializers.ValidationError(f"没有这个区县：{'、'.join(strange)[:60]}")
    return value


class OperationViewSet(
    HasPhotos,
    VisibleRows,
    mixins.ListModelMixin,
    mixins.RetrieveModelMixin,
    viewsets.GenericViewSet[Operation],
):
    """保供电行动."""

    queryset = Operation.objects.select_related("committee")
    ordering = ("-started_on", "-pk")
    serializer_class = OperationSerializer
    permission_classes = (IsAuthenticated,)
    lookup_value_regex = KEY_REGEX
    filterset_fields: ClassVar[dict[str, Any]] = {
        "committee": ["exact"],
        "kind": ["exact"],
        "ended_on": ["isnull"],
    }

    def whole(self, operation: Operation) -> Response:
        page = operation_page(
            operation=operation,
            user=signed_in(self.request),
            now=timezone.now(),
            everything=True,
        )
        return Response(
            {
                **OperationSerializer(operation).data,
                "total": FiguresSerializer(page.total).data,
                "verified": FiguresSerializer(page.verified).data,
                "opening": FiguresSerializer(page.opening).data,
                "customers_affected": page.affected,
                "customers_out": page.out,
                "curve": CurvePointSerializer(page.points, many=True).data,
                "events": OperationEventSerializer(page.events, many=True).data,
                "counties": CountyLineSerializer(page.tiles, many=True).data,
                "crews": CrewLineSerializer(page.lines, many=True).data,
                "teams": PlacedTeamSerializer(page.teams, many=True).data,
            }
        )

    @extend_schema(responses={200: OperationDetailSerializer})
    def retrieve(self, request: Request, pk: str) -> Response:
        """Figures, curve, counties, crews, timeline, teams."""
        return self.whole(self.get_object())

    def _given(self, kind: type[serializers.Serializer[Any]]) -> dict[str, Any]:
        given = kind(data=self.request.data)
        given.is_valid(raise_exception=True)
        return dict(given.validated_data)

    @property
    def common(self) -> dict[str, Any]:
        return {"actor": signed_in(self.request), "now": timezone.now(), "via": "api"}

    @extend_schema(
        request=OpenOperationSerializer, responses={201: OperationSerializer, **REFUSALS}
    )
    def create(self, request: Request) -> Response:
        """发起."""
        data = self._given(OpenOperationSerializer)
        user = signed_in(request)
        allowed = access_of(user).overseen_committees | access_of(user).home_committees
        committee = picked(
            Committee.objects.filter(pk__in=allowed), data.pop("committee"), "committee"
        )
        made = operations.open_operation(committee=committee, **data, **self.common)
        return Response(OperationSerializer(made).data, status=201)

    @extend_schema(
        request=EditOperationSerializer, responses={200: OperationSerializer, **REFUSALS}
    )
    def partial_update(self, request: Request, pk: str) -> Response:
        """Commander, summary, lessons, landfall; the last day closes it."""
        data = self._given(EditOperationSerializer)
        version = data.pop("version")
        changed = operations.edit_operation(
            operation_id=self.get_object().pk, values=data, version=version, **self.common
        )
        return Response(OperationSerializer(changed).data)

    @extend_schema(
        request=OperationEventSerializer, responses={200: OperationDetailSerializer, **REFUSALS}
    )
    @action(detail=True, methods=["post"])
    def events(self, request: Request, pk: str) -> Response:
        """记一条大事记."""
        operations.add_event(
            operation=self.get_object(), **self._given(OperationEventSerializer), **self.common
        )
        return self.whole(self.get_object())

    @extend_schema(
        request=PlaceTeamSerializer, responses={200: OperationDetailSerializer, **REFUSALS}
    )
    @action(detail=True, methods=["post"])
    def teams(self, request: Request, pk: str) -> Response:
        """前置力量: the same crew at the same place again replaces the numbers."""
        data = self._given(PlaceTeamSerializer)
        crew = picked(Crew.objects.visible_to(request.user), data["crew"], "crew")
        operations.place_teams(
            operation=self.get_object(),
            teams=[(crew, data["place"], data["people"], data["vehicles"])],
            placed_at=data["placed_at"],
            **self.common,
        )
        return self.whole(self.get_object())

    @extend_schema(
        request=AffectedSerializer, responses={200: OperationDetailSerializer, **REFUSALS}
    )
    @action(detail=True, methods=["post"])
    def counties(self, request: Request, pk: str) -> Response:
        """影响户数."""
        operations.set_affected(
            operation=self.get_object(),
            affected=self._given(AffectedSerializer)["counties"],
            **self.common,
        )
        return self.whole(self.get_object())

    @extend_schema(
        request=OutagesSerializer, responses={200: OperationDetailSerializer, **REFUSALS}
    )
    @action(detail=True, methods=["post"])
    def outages(self, request: Request, pk: str) -> Response:
        """停电时报."""
        data = self._given(OutagesSerializer)
        operations.report_outages(
            operation=self.get_object(),
            reported_at=data["reported_at"],
            out={
                county: (line["customers_out"], line["areas_out"])
                for county, line in data["counties"].items()
            },
            source=data["source"],
            **self.common,
        )
        return self.whole(self.get_object())
