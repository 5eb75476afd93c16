"""Figures: any filter of the page, its parts, and the rows they are the sum of."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, viewsets
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from portal.accounts.requests import signed_in
from portal.kernel.months import local_date
from servicecrew.api.common import REFUSALS, FiguresSerializer, key_field, picked
from servicecrew.api.turnout_serializers import DayField
from servicecrew.models import Crew, OpeningBalance, Operation, ServiceKind, SubKind
from servicecrew.selectors.figures import PAGE_SIZE, PART_NAMES, figures_page
from servicecrew.selectors.programmes import contributions_of
from servicecrew.services.imports import open_balance

FILTERS = ("committee", "county", "crew", "kind", "sub", "operation", "goal", "first", "last")


class FigurePartSerializer(serializers.Serializer[Any]):
    label = serializers.CharField()  # type: ignore[assignment]
    figures = FiguresSerializer()


class FigureRowSerializer(serializers.Serializer[Any]):
    """A turnout or an opening balance. What the user may not read inside has no address; its
    numbers are there, so that the sum can be checked."""

    label = serializers.CharField()  # type: ignore[assignment]
    day = serializers.DateField()
    crew = serializers.CharField()
    is_opening = serializers.BooleanField()
    note = serializers.CharField()
    url = serializers.CharField()
    figures = FiguresSerializer()


class FiguresPageSerializer(serializers.Serializer[Any]):
    total = FiguresSerializer()
    opening = FiguresSerializer(help_text="Part of total: counted before the portal.")
    by = serializers.CharField()
    parts = FigurePartSerializer(many=True)
    row_count = serializers.IntegerField()
    page = serializers.IntegerField()
    page_count = serializers.IntegerField()
    rows = FigureRowSerializer(many=True)


class FiguresView(APIView):
    """数字怎么来的."""

    permission_classes = (IsAuthenticated,)

    @extend_schema(
        parameters=[
            *(OpenApiParameter(name, str) for name in FILTERS),
            OpenApiParameter("basis", str, enum=["logged"]),
            OpenApiParameter("by", str, enum=list(PART_NAMES)),
            OpenApiParameter("page", int, description=f"of {PAGE_SIZE} rows"),
        ],
        responses={200: FiguresPageSerializer},
    )
    def get(self, request: Request) -> Response:
        """Without a basis only verified turnouts count. ``operation`` may be ``any`` or ``none``,
        ``goal`` ``none``; months as 2017-06. The parts add up to the total, and so do the rows."""
        shown = figures_page(
            user=signed_in(request),
            asked=request.query_params.dict(),
            today=local_date(timezone.now()),
        )
        return Response(
            FiguresPageSerializer(
                {
                    "total": shown.total,
                    "opening": shown.opening,
                    "by": shown.by,
                    "parts": shown.parts,
                    "row_count": shown.row_count,
                    "page": shown.page.number,
                    "page_count": shown.page.paginator.num_pages,
                    "rows": shown.rows,
                }
            ).data
        )


class OpeningSerializer(serializers.ModelSerializer[OpeningBalance]):
    class Meta:
        model = OpeningBalance
        fields = (
            "id",
            "crew",
            "operation",
            "counted_on",
            "service_kind",
            "sub_kind",
            "turnouts",
            "person_times",
            "vehicle_times",
            "basis",
        )


class OpenBalanceSerializer(serializers.Serializer[Any]):
    crew = key_field()
    operation = key_field(required=False, allow_null=True, default=None)
    counted_on = DayField()
    service_kind = serializers.ChoiceField(choices=ServiceKind.choices)
    sub_kind = serializers.ChoiceField(
        choices=SubKind.choices, required=False, allow_blank=True, default=""
    )
    turnouts = serializers.IntegerField(min_value=0, max_value=9_999_999, default=0)
    person_times = serializers.IntegerField(min_value=0, max_value=9_999_999)
    vehicle_times = serializers.IntegerField(min_value=0, max_value=9_999_999, default=0)
    basis = serializers.CharField(max_length=120)


class OpeningViewSet(viewsets.GenericViewSet[OpeningBalance]):
    """期初数: written by officers, read in the figures."""

    queryset = OpeningBalance.objects.none()
    permission_classes = (IsAuthenticated,)

    @extend_schema(request=OpenBalanceSerializer, responses={201: OpeningSerializer, **REFUSALS})
    def create(self, request: Request) -> Response:
        """录入期初数."""
        given = OpenBalanceSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        data = dict(given.validated_data)
        user = signed_in(request)
        data["crew"] = picked(Crew.objects.visible_to(user), data["crew"], "crew")
        if data["operation"] is not None:
            data["operation"] = picked(
                Operation.objects.visible_to(user), data["operation"], "operation"
            )
        made = open_balance(**data, actor=user, now=timezone.now(), via="api")
        return Response(OpeningSerializer(made).data, status=201)


class OwnTurnoutSerializer(serializers.Serializer[Any]):
    turnout = serializers.UUIDField(source="turnout.uuid")
    subject = serializers.CharField(source="turnout.subject")
    day = serializers.DateField()
    crew = serializers.CharField(source="crew.name")
    role = serializers.CharField()


class OwnEntrySerializer(serializers.Serializer[Any]):
    kind = serializers.CharField()
    title = serializers.CharField()
    started_on = serializers.DateField()
    ended_on = serializers.DateField(allow_null=True)
    is_done = serializers.BooleanField()


class ContributionsSerializer(serializers.Serializer[Any]):
    """No points, no rank."""

    turnout_count = serializers.IntegerField()
    days = serializers.IntegerField()
    night_count = serializers.IntegerField()
    turnouts = OwnTurnoutSerializer(many=True)
    entries = OwnEntrySerializer(many=True)


class ContributionsView(APIView):
    """我做过的: one's own, nobody else's."""

    permission_classes = (IsAuthenticated,)

    @extend_schema(responses={200: ContributionsSerializer})
    def get(self, request: Request) -> Response:
        mine = contributions_of(signed_in(request), local_date(timezone.now()))
        return Response(ContributionsSerializer(mine).data)


__all__ = ("ContributionsView", "FiguresView", "OpeningViewSet")
