"""The REST twin of the organisation: committees, branches, who I am."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, viewsets
from rest_framework.decorators import action
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from branches.access import access_of
from branches.models import (
    Absence,
    Activity,
    ActivitySession,
    Branch,
    BranchClassification,
    Committee,
    FollowUp,
)
from branches.paper_files import handbook_file, sign_in_file
from branches.rosters import Circle
from portal.accounts.requests import signed_in
from portal.documents.official.rest import PAPER_ANSWERS, PAPER_RENDERERS
from portal.kernel.api import KEY_REGEX, MonthSerializerField, VisibleRows
from portal.kernel.months import local_date


class CommitteeSerializer(serializers.ModelSerializer[Committee]):
    class Meta:
        model = Committee
        fields = ("id", "name", "full_name", "parent", "county", "issuer_code", "is_active")


class ClassificationSerializer(serializers.ModelSerializer[BranchClassification]):
    first_month = MonthSerializerField()

    class Meta:
        model = BranchClassification
        fields = ("first_month", "tier", "branch_type", "is_exempt", "note")


class BranchSerializer(serializers.ModelSerializer[Branch]):
    classifications = ClassificationSerializer(many=True, read_only=True)

    class Meta:
        model = Branch
        fields = (
            "id",
            "committee",
            "parent",
            "name",
            "short_name",
            "is_joint",
            "is_temporary",
            "themed_day_rule",
            "founded_on",
            "closed_on",
            "classifications",
        )


class AbsenceSerializer(serializers.ModelSerializer[Absence]):
    person_name = serializers.CharField(source="person.name")

    class Meta:
        model = Absence
        fields = ("person", "person_name", "kind", "reason", "made_up_on")


class ActivitySessionSerializer(serializers.ModelSerializer[ActivitySession]):
    class Meta:
        model = ActivitySession
        fields = ("held_on", "place")


class FollowUpSerializer(serializers.ModelSerializer[FollowUp]):
    class Meta:
        model = FollowUp
        fields = ("text", "person", "due_on")


class ActivitySerializer(serializers.ModelSerializer[Activity]):
    duties = serializers.SerializerMethodField()
    absences = AbsenceSerializer(many=True)
    sessions = ActivitySessionSerializer(many=True)
    follow_ups = FollowUpSerializer(many=True)
    is_late_entry = serializers.BooleanField()
    days_to_write = serializers.IntegerField()

    class Meta:
        model = Activity
        fields = (
            "id",
            "branch",
            "group",
            "held_on",
            "starts_at",
            "place",
            "subject",
            "chair",
            "recorder",
            "agenda",
            "statements",
            "resolution",
            "study_hours",
            "expected_count",
            "present_count",
            "voter_count",
            "voters_present",
            "motion",
            "ayes",
            "nays",
            "is_late_entry",
            "days_to_write",
            "late_reason",
            "version",
            "duties",
            "absences",
            "sessions",
            "follow_ups",
        )

    def get_duties(self, activity: Activity) -> list[str]:
        return sorted(tick.duty for tick in activity.ticks.all())


class CommitteeViewSet(viewsets.ReadOnlyModelViewSet[Committee]):
    """党委: those the user works in or oversees."""

    queryset = Committee.objects.order_by("sort_order", "id")
    serializer_class = CommitteeSerializer
    permission_classes = (IsAuthenticated,)
    lookup_value_regex = KEY_REGEX
    filterset_fields = ("parent", "is_active")

    def get_queryset(self) -> Any:
        access = access_of(self.request.user)
        return (
            super()
            .get_queryset()
            .filter(pk__in=access.overseen_committees | access.home_committees)
        )


class AskedSheet(serializers.Serializer[Any]):
    """Whose roster, of which day."""

    day = serializers.DateField(required=False, allow_null=True, default=None)
    of = serializers.ChoiceField(["members", "committee"], default="members")


class BranchViewSet(VisibleRows, viewsets.ReadOnlyModelViewSet[Branch]):
    """党支部, with the history of tier and type."""

    queryset = Branch.objects.prefetch_related("classifications")
    ordering = ("sort_order", "id")
    serializer_class = BranchSerializer
    permission_classes = (IsAuthenticated,)
    lookup_value_regex = KEY_REGEX
    filterset_fields = ("committee", "parent", "is_joint", "is_temporary")

    @extend_schema(responses=PAPER_ANSWERS)
    @action(
        detail=True,
        url_path=r"papers/handbook-(?P<year>[0-9]{4})\.(?P<form>pdf|docx)",
        url_name="handbook",
        renderer_classes=PAPER_RENDERERS,
    )
    def handbook(self, request: Request, pk: str, year: str, form: str) -> HttpResponse:
        """A branch's year as one file, for those who see its inside."""
        today = local_date(timezone.now())
        return handbook_file(signed_in(request), self.get_object(), int(year), form, today)

    @extend_schema(
        parameters=[
            OpenApiParameter("day", OpenApiTypes.DATE, description="today without it"),
            OpenApiParameter("of", str, enum=["members", "committee"]),
        ],
        responses=PAPER_ANSWERS,
    )
    @action(
        detail=True,
        url_path=r"papers/sign-in-sheet\.(?P<form>pdf|docx)",
        url_name="sign-in-sheet",
        renderer_classes=PAPER_RENDERERS,
    )
    def sign_in_sheet(self, request: Request, pk: str, form: str) -> HttpResponse:
        """A blank sheet to sign at a meeting."""
        asked = AskedSheet(data=request.query_params)
        asked.is_valid(raise_exception=True)
        day = asked.validated_data["day"] or local_date(timezone.now())
        circle = Circle(asked.validated_data["of"])
        return sign_in_file(signed_in(request), self.get_object(), day, circle, form)


class MeSerializer(serializers.Serializer[Any]):
    """Who is asking, and what he may do today."""

    username = serializers.CharField()
    display_name = serializers.CharField()
    secretary_branches = serializers.ListField(child=serializers.IntegerField())
    deputy_branches = serializers.ListField(child=serializers.IntegerField())
    officer_committees = serializers.ListField(child=serializers.IntegerField())
    leader_committees = serializers.ListField(child=serializers.IntegerField())


class MeView(APIView):
    """当前用户."""

    permission_classes = (IsAuthenticated,)

    @extend_schema(responses=MeSerializer)
    def get(self, request: Request) -> Response:
        user = signed_in(request)
        access = access_of(user)
        return Response(
            MeSerializer(
                {
                    "username": user.get_username(),
                    "display_name": user.get_full_name(),
                    "secretary_branches": sorted(access.secretary_branches),
                    "deputy_branches": sorted(access.deputy_branches),
                    "officer_committees": sorted(access.officer_committees),
                    "leader_committees": sorted(access.leader_committees),
                }
            ).data
        )
