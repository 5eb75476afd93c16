"""The REST twin of the registers: dues, talks, terms, recruiting, study hours, the calculator."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.exceptions import PermissionDenied
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from branches.api_fields import (
    REFUSALS,
    DayField,
    KeyField,
    asked_branch,
    asked_people,
    asked_person,
)
from branches.dues import dues_of
from branches.models import (
    Branch,
    CommitteeTerm,
    DuesPayment,
    RecruitStep,
    Talk,
    TalkOccasion,
)
from branches.register_pages import study_rows
from branches.services import registers
from branches.services.registers import DuesLine
from portal.accounts.requests import signed_in
from portal.kernel.api import (
    KEY_REGEX,
    MonthSerializerField,
    ReasonSerializer,
    VisibleRows,
)
from portal.kernel.months import local_date


class DuesSerializer(serializers.ModelSerializer[DuesPayment]):
    month = MonthSerializerField()

    class Meta:
        model = DuesPayment
        fields = (
            "id",
            "branch",
            "person",
            "month",
            "amount",
            "paid_on",
            "exempt_reason",
            "activity",
        )


class DuesLineInput(serializers.Serializer[Any]):
    person = KeyField()
    amount = serializers.DecimalField(
        max_digits=7, decimal_places=2, min_value=0, required=False, default=Decimal(0)
    )
    exempt_reason = serializers.CharField(
        max_length=100, required=False, allow_blank=True, default=""
    )


class DuesInput(serializers.Serializer[Any]):
    branch = KeyField()
    month = MonthSerializerField()
    paid_on = DayField()
    lines = DuesLineInput(many=True)


class ChangedSerializer(serializers.Serializer[Any]):
    changed = serializers.IntegerField()


class DuesViewSet(VisibleRows, mixins.ListModelMixin, viewsets.GenericViewSet[DuesPayment]):
    """党费: what members paid, by month. Wages are nowhere."""

    queryset = DuesPayment.objects.all()
    ordering = ("-month", "id")
    serializer_class = DuesSerializer
    permission_classes = (IsAuthenticated,)
    filterset_fields = {"branch": ["exact"], "month": ["exact"]}

    @extend_schema(request=DuesInput, responses={200: ChangedSerializer} | REFUSALS)
    def create(self, request: Request) -> Response:
        """State what members paid for a month; the same again changes nothing."""
        data = DuesInput(data=request.data)
        data.is_valid(raise_exception=True)
        values = data.validated_data
        changed = registers.settle_dues(
            branch=asked_branch(request, values["branch"]),
            month=values["month"],
            paid_on=values["paid_on"],
            lines=[
                DuesLine(line["person"], line["amount"], line["exempt_reason"])
                for line in values["lines"]
            ],
            actor=signed_in(request),
            now=timezone.now(),
            via="api",
        )
        return Response({"changed": changed})


class RegisterViewSet(VisibleRows, mixins.ListModelMixin, viewsets.GenericViewSet[Any]):
    """Rows of a register; written one by one, taken back with a reason."""

    permission_classes = (IsAuthenticated,)
    lookup_value_regex = KEY_REGEX
    filterset_fields = ("branch",)
    ordering = ("-pk",)

    @extend_schema(request=ReasonSerializer, responses={204: None} | REFUSALS)
    @action(detail=True, methods=["post"], url_path="take-back")
    def take_back(self, request: Request, pk: str) -> Response:
        """Remove a row that was entered by mistake."""
        row = self.get_object()
        data = ReasonSerializer(data=request.data)
        data.is_valid(raise_exception=True)
        registers.take_back(
            row=row,
            reason=data.validated_data["reason"],
            actor=signed_in(request),
            now=timezone.now(),
            via="api",
        )
        return Response(status=status.HTTP_204_NO_CONTENT)


class TalkSerializer(serializers.ModelSerializer[Talk]):
    class Meta:
        model = Talk
        fields = ("id", "branch", "held_on", "speaker", "listener", "occasion", "points")


class TalkInput(serializers.Serializer[Any]):
    branch = KeyField()
    held_on = DayField()
    speaker = KeyField()
    listeners = serializers.ListField(child=KeyField(), min_length=1, max_length=50)
    occasion = serializers.ChoiceField(TalkOccasion.choices, default=TalkOccasion.ROUTINE)
    points = serializers.CharField(max_length=200)


class TalkViewSet(RegisterViewSet):
    """谈心谈话: who talked with whom; points only."""

    queryset = Talk.objects.select_related("branch")
    serializer_class = TalkSerializer

    @extend_schema(request=TalkInput, responses={201: TalkSerializer(many=True)} | REFUSALS)
    def create(self, request: Request) -> Response:
        """Note a talk with each of ``listeners``."""
        data = TalkInput(data=request.data)
        data.is_valid(raise_exception=True)
        values = data.validated_data
        speaker = asked_person(values["speaker"], "speaker")
        assert speaker is not None  # noqa: S101 - a key is required
        talks = registers.record_talks(
            branch=asked_branch(request, values["branch"]),
            held_on=values["held_on"],
            speaker=speaker,
            listeners=asked_people(values["listeners"], "listeners"),
            occasion=values["occasion"],
            points=values["points"],
            actor=signed_in(request),
            now=timezone.now(),
            via="api",
        )
        return Response(TalkSerializer(talks, many=True).data, status=status.HTTP_201_CREATED)


class TermSerializer(serializers.ModelSerializer[CommitteeTerm]):
    class Meta:
        model = CommitteeTerm
        fields = ("id", "branch", "elected_on", "ends_on", "extended_until", "approval")


class TermInput(serializers.Serializer[Any]):
    branch = KeyField()
    elected_on = DayField()
    ends_on = DayField(required=False, allow_null=True, default=None)
    extended_until = DayField(required=False, allow_null=True, default=None)
    approval = serializers.CharField(max_length=60, required=False, allow_blank=True, default="")


class TermViewSet(RegisterViewSet):
    """届期: elections of the branch's committee."""

    queryset = CommitteeTerm.objects.select_related("branch")
    serializer_class = TermSerializer

    @extend_schema(request=TermInput, responses={201: TermSerializer} | REFUSALS)
    def create(self, request: Request) -> Response:
        """Enter an election."""
        data = TermInput(data=request.data)
        data.is_valid(raise_exception=True)
        values = dict(data.validated_data)
        term = registers.enter_term(
            branch=asked_branch(request, values.pop("branch")),
            **values,
            actor=signed_in(request),
            now=timezone.now(),
            via="api",
        )
        return Response(TermSerializer(term).data, status=status.HTTP_201_CREATED)


class RecruitStepSerializer(serializers.ModelSerializer[RecruitStep]):
    class Meta:
        model = RecruitStep
        fields = ("id", "branch", "person", "step", "done_on")


class RecruitStepInput(serializers.Serializer[Any]):
    branch = KeyField()
    person = KeyField()
    step = serializers.IntegerField(min_value=1, max_value=25)
    done_on = DayField()


class RecruitStepViewSet(RegisterViewSet):
    """发展党员: steps reached, with their days."""

    queryset = RecruitStep.objects.select_related("branch")
    serializer_class = RecruitStepSerializer

    @extend_schema(request=RecruitStepInput, responses={201: RecruitStepSerializer} | REFUSALS)
    def create(self, request: Request) -> Response:
        """Note a step."""
        data = RecruitStepInput(data=request.data)
        data.is_valid(raise_exception=True)
        values = data.validated_data
        person = asked_person(values["person"], "person")
        assert person is not None  # noqa: S101 - a key is required
        row = registers.enter_step(
            branch=asked_branch(request, values["branch"]),
            person=person,
            step=values["step"],
            done_on=values["done_on"],
            actor=signed_in(request),
            now=timezone.now(),
            via="api",
        )
        return Response(RecruitStepSerializer(row).data, status=status.HTTP_201_CREATED)


# -- study hours, calculator ---------------------------------------------------------------------


class StudySerializer(serializers.Serializer[Any]):
    person = serializers.IntegerField(source="person_id")
    name = serializers.CharField()
    hours = serializers.DecimalField(max_digits=7, decimal_places=2)
    sessions = serializers.IntegerField()


class StudyView(APIView):
    """学时: every member's hours of this year so far, from the records."""

    permission_classes = (IsAuthenticated,)

    @extend_schema(operation_id="study_list", responses=StudySerializer(many=True))
    def get(self, request: Request, pk: str) -> Response:
        user = signed_in(request)
        branch = asked_branch(request, int(pk))
        if not Branch.objects.overseen_by(user).filter(pk=branch.pk).exists():
            raise PermissionDenied
        today: dt.date = local_date(timezone.now())
        return Response(StudySerializer(study_rows(branch, today.year, today), many=True).data)


class CalculatorInput(serializers.Serializer[Any]):
    base = serializers.DecimalField(max_digits=8, decimal_places=2, min_value=0)
    retired = serializers.BooleanField(required=False, default=False)


class DueSerializer(serializers.Serializer[Any]):
    due = serializers.DecimalField(max_digits=8, decimal_places=2)


class CalculatorView(APIView):
    """党费计算: yuan a month of a wage. Nothing is stored."""

    permission_classes = (IsAuthenticated,)

    @extend_schema(request=CalculatorInput, responses={200: DueSerializer} | REFUSALS)
    def post(self, request: Request) -> Response:
        data = CalculatorInput(data=request.data)
        data.is_valid(raise_exception=True)
        due = dues_of(data.validated_data["base"], retired=data.validated_data["retired"])
        return Response({"due": f"{due:.2f}"}, headers={"Cache-Control": "private, no-store"})
