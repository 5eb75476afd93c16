"""The REST twin of what is due, and of the bill of what was asked of people."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import PermissionDenied
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from branches.access import access_of
from branches.api_fields import asked_month
from branches.burden import burden_of
from branches.duty_board import duty_board
from branches.models import (
    Branch,
    BranchType,
)
from portal.accounts.requests import signed_in
from portal.kernel.months import local_date


class DutyCellSerializer(serializers.Serializer[Any]):
    duty = serializers.CharField()
    item_code = serializers.CharField(source="rule.item_code")
    frequency = serializers.CharField(source="rule.frequency")
    basis = serializers.CharField(source="rule.basis")
    state = serializers.CharField()
    due_on = serializers.DateField(allow_null=True)
    done_on = serializers.DateField(allow_null=True)
    note = serializers.CharField()
    activity = serializers.IntegerField(source="activity_id", allow_null=True)
    counts = serializers.BooleanField()


class DutyRowSerializer(serializers.Serializer[Any]):
    branch = serializers.IntegerField(source="branch_id")
    name = serializers.CharField()
    branch_type = serializers.CharField()
    due = serializers.IntegerField(source="due_count")
    done = serializers.IntegerField(source="done_count")
    cells = DutyCellSerializer(many=True)


class DutyView(APIView):
    """应办事项: where every duty of a month stands, for the branches whose inside the user sees."""

    permission_classes = (IsAuthenticated,)

    @extend_schema(
        operation_id="duty_list",
        parameters=[
            OpenApiParameter("month", str, description="2017-06; the current month without it"),
            OpenApiParameter("type", str, enum=BranchType.values),
            OpenApiParameter("committee", int),
        ],
        responses=DutyRowSerializer(many=True),
    )
    def get(self, request: Request) -> Response:
        user = signed_in(request)
        access = access_of(user)
        if not access.overseen_committees and not access.seen_branches:
            raise PermissionDenied
        today = local_date(timezone.now())
        query = request.query_params
        month = asked_month(request)
        committee = query.get("committee", "")
        kind = query.get("type", "")
        board = duty_board(
            user,
            month=month,
            today=today,
            branch_type=kind if kind in BranchType.values else "",
            committee_id=int(committee) if committee.isdecimal() and len(committee) < 10 else None,
        )
        return Response(DutyRowSerializer(board.rows, many=True).data)


class BurdenLineSerializer(serializers.Serializer[Any]):
    form = serializers.CharField(source="label")
    role = serializers.CharField()
    times = serializers.IntegerField()
    asked = serializers.IntegerField()
    prefilled = serializers.IntegerField()


class BurdenSerializer(serializers.Serializer[Any]):
    asked = serializers.IntegerField()
    typed = serializers.IntegerField()
    asked_twice = serializers.IntegerField()
    lines = BurdenLineSerializer(many=True)


class BurdenView(APIView):
    """减负账单: what was asked of people in a month."""

    permission_classes = (IsAuthenticated,)

    @extend_schema(parameters=[OpenApiParameter("month", str)], responses=BurdenSerializer)
    def get(self, request: Request) -> Response:
        month = asked_month(request)
        branches = Branch.objects.visible_to(signed_in(request))
        return Response(BurdenSerializer(burden_of(branches, month)).data)
