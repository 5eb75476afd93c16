"""The 135 board for programs."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import PermissionDenied
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from portal.accounts.requests import signed_in
from portal.dashboard.board135 import may_see_board, read_board
from portal.kernel.months import local_date
from servicecrew.api.common import FiguresSerializer
from servicecrew.api.programmes import CardSerializer


class BarSerializer(serializers.Serializer[Any]):
    label = serializers.CharField()  # type: ignore[assignment]
    number = serializers.IntegerField()
    url = serializers.CharField()


class FactSerializer(serializers.Serializer[Any]):
    label = serializers.CharField()  # type: ignore[assignment]
    value = serializers.CharField()
    url = serializers.CharField()


class MechanismSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    who = serializers.CharField()
    title = serializers.CharField()
    bars = BarSerializer(many=True)
    facts = FactSerializer(many=True)


class OwedSerializer(serializers.Serializer[Any]):
    label = serializers.CharField()  # type: ignore[assignment]
    count = serializers.IntegerField()
    state = serializers.CharField()
    line = serializers.CharField()
    url = serializers.CharField()


class Board135Serializer(serializers.Serializer[Any]):
    """``major``: everything in named operations, ever; ``figures``: of the period, whose parts by
    kind are ``kinds``."""

    today = serializers.DateField()
    period = serializers.CharField(source="period_label")
    committee = serializers.IntegerField(source="committee.pk", default=None, allow_null=True)
    owed = OwedSerializer(many=True)
    squads = serializers.IntegerField()
    major = FiguresSerializer()
    figures = FiguresSerializer()
    kinds = BarSerializer(many=True)
    crews_out = serializers.IntegerField(source="out_count")
    mechanisms = MechanismSerializer(many=True)
    programmes = CardSerializer(many=True)


class Board135View(APIView):
    """135 看板."""

    permission_classes = (IsAuthenticated,)

    @extend_schema(
        parameters=[
            OpenApiParameter("committee", int),
            OpenApiParameter("period", str, description="2017, all; twelve months if left out"),
            OpenApiParameter("public", bool, description="the staff's version"),
        ],
        responses={200: Board135Serializer},
    )
    def get(self, request: Request) -> Response:
        """One crew, three mechanisms, five programmes. Everybody may ask for the public version."""
        asked = request.query_params
        is_public = asked.get("public", "") in {"1", "true"}
        if not is_public and not may_see_board(request.user):
            raise PermissionDenied(_("135 看板给党委和党群部看，职工请看公开版。"))
        committee = asked.get("committee", "")
        board = read_board(
            user=signed_in(request),
            today=local_date(timezone.now()),
            committee_id=int(committee) if committee.isdigit() and len(committee) < 18 else None,
            period=asked.get("period", ""),
            is_public=is_public,
        )
        return Response(Board135Serializer(board).data)
