"""The REST twin of the activity records."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from branches.api import ActivitySerializer
from branches.api_fields import (
    MAX_VERSION,
    REFUSALS,
    DayField,
    KeyField,
    asked_branch,
    asked_person,
)
from branches.materials_api import MaterialActions
from branches.models import (
    AbsenceKind,
    Activity,
    Duty,
    PartyGroup,
)
from branches.paper_files import record_file
from branches.services.record_values import (
    AbsenceValues,
    ActivityValues,
    FollowUpValues,
    SessionValues,
)
from branches.services.records import save_activity
from portal.accounts.requests import signed_in
from portal.documents.official.rest import PAPER_ANSWERS, PAPER_RENDERERS
from portal.kernel.api import (
    KEY_REGEX,
    VisibleRows,
)


class AbsenceInput(serializers.Serializer[Any]):
    person = KeyField()
    kind = serializers.ChoiceField(AbsenceKind.choices, default=AbsenceKind.LEAVE)
    reason = serializers.CharField(max_length=100, required=False, allow_blank=True, default="")
    made_up_on = DayField(required=False, allow_null=True, default=None)


class SessionInput(serializers.Serializer[Any]):
    held_on = DayField()
    place = serializers.CharField(max_length=60, required=False, allow_blank=True, default="")


class FollowUpInput(serializers.Serializer[Any]):
    text = serializers.CharField(max_length=120)
    person = KeyField(required=False, allow_null=True, default=None)
    due_on = DayField(required=False, allow_null=True, default=None)


class ActivityInput(serializers.Serializer[Any]):
    """A record as it is sent. The same ``client_key`` twice is one record."""

    branch = KeyField()
    duties = serializers.ListField(
        child=serializers.ChoiceField(Duty.choices), min_length=1, max_length=len(Duty)
    )
    held_on = DayField()
    starts_at = serializers.TimeField(required=False, allow_null=True, default=None)
    place = serializers.CharField(max_length=60)
    subject = serializers.CharField(max_length=120)
    chair = KeyField()
    recorder = KeyField(required=False, allow_null=True, default=None)
    group = KeyField(required=False, allow_null=True, default=None)
    agenda = serializers.CharField(max_length=4000, required=False, allow_blank=True, default="")
    statements = serializers.CharField(
        max_length=4000, required=False, allow_blank=True, default=""
    )
    resolution = serializers.CharField(
        max_length=4000, required=False, allow_blank=True, default=""
    )
    study_hours = serializers.DecimalField(
        max_digits=4,
        decimal_places=2,
        min_value=0,
        max_value=24,
        required=False,
        default=Decimal(0),
    )
    ayes = serializers.IntegerField(
        required=False, allow_null=True, default=None, min_value=0, max_value=9999
    )
    nays = serializers.IntegerField(
        required=False, allow_null=True, default=None, min_value=0, max_value=9999
    )
    motion = serializers.CharField(max_length=120, required=False, allow_blank=True, default="")
    late_reason = serializers.CharField(
        max_length=200, required=False, allow_blank=True, default=""
    )
    also = serializers.ListField(
        child=serializers.CharField(max_length=60), required=False, default=list, max_length=20
    )
    absences = AbsenceInput(many=True, required=False, default=list)
    sessions = SessionInput(many=True, required=False, default=list)
    follow_ups = FollowUpInput(many=True, required=False, default=list)
    client_key = serializers.UUIDField(required=False, allow_null=True, default=None)
    version = serializers.IntegerField(
        required=False, allow_null=True, default=None, min_value=0, max_value=MAX_VERSION
    )


def _values(data: dict[str, Any]) -> ActivityValues:
    chair = asked_person(data["chair"], "chair")
    assert chair is not None  # noqa: S101 - a key is required
    group = None
    if data["group"] is not None:
        group = PartyGroup.objects.filter(pk=data["group"]).first()
        if group is None:
            raise ValidationError({"group": ["没有这个党小组。"]})
    return ActivityValues(
        duties=tuple(data["duties"]),
        held_on=data["held_on"],
        starts_at=data["starts_at"],
        place=data["place"],
        subject=data["subject"],
        chair=chair,
        recorder=asked_person(data["recorder"], "recorder"),
        group=group,
        agenda=data["agenda"],
        statements=data["statements"],
        resolution=data["resolution"],
        study_hours=data["study_hours"],
        ayes=data["ayes"],
        nays=data["nays"],
        motion=data["motion"],
        late_reason=data["late_reason"],
        also=tuple(data["also"]),
        absences=tuple(
            AbsenceValues(a["person"], a["kind"], a["reason"], a["made_up_on"])
            for a in data["absences"]
        ),
        sessions=tuple(SessionValues(s["held_on"], s["place"]) for s in data["sessions"]),
        follow_ups=tuple(
            FollowUpValues(f["text"], asked_person(f["person"], "follow_ups"), f["due_on"])
            for f in data["follow_ups"]
        ),
    )


class ActivityViewSet(MaterialActions, VisibleRows, viewsets.ReadOnlyModelViewSet[Activity]):
    """活动记录 of the branches the user keeps or oversees; its secretary and deputy write."""

    queryset = Activity.objects.prefetch_related(
        "ticks", "absences__person", "sessions", "follow_ups"
    )
    ordering = ("-held_on", "-id")
    serializer_class = ActivitySerializer
    permission_classes = (IsAuthenticated,)
    lookup_value_regex = KEY_REGEX
    filterset_fields = {"branch": ["exact"], "held_on": ["gte", "lte"]}

    @extend_schema(
        request=ActivityInput,
        responses={200: ActivitySerializer, 201: ActivitySerializer} | REFUSALS,
    )
    def create(self, request: Request) -> Response:
        """Write a new record."""
        data = ActivityInput(data=request.data)
        data.is_valid(raise_exception=True)
        values = data.validated_data
        key = values["client_key"]
        known = key is not None and Activity.objects.filter(client_key=key).exists()
        activity = save_activity(
            branch=asked_branch(request, values["branch"]),
            values=_values(values),
            actor=signed_in(request),
            now=timezone.now(),
            client_key=key,
            via="api",
        )
        return Response(
            ActivitySerializer(activity).data,
            status=status.HTTP_200_OK if known else status.HTTP_201_CREATED,
        )

    @extend_schema(request=ActivityInput, responses={200: ActivitySerializer} | REFUSALS)
    def update(self, request: Request, pk: str) -> Response:
        """Change a record as it was at ``version``."""
        activity = self.get_object()
        data = ActivityInput(data=request.data)
        data.is_valid(raise_exception=True)
        saved = save_activity(
            branch=activity.branch,
            values=_values(data.validated_data),
            actor=signed_in(request),
            now=timezone.now(),
            activity=activity,
            version=data.validated_data["version"],
            via="api",
        )
        return Response(ActivitySerializer(saved).data)

    @extend_schema(responses=PAPER_ANSWERS)
    @action(
        detail=True,
        url_path=r"papers/(?P<slug>minutes|attendance)\.(?P<form>pdf|docx)",
        url_name="paper",
        renderer_classes=PAPER_RENDERERS,
    )
    def paper(self, request: Request, pk: str, slug: str, form: str) -> HttpResponse:
        """Minutes for signature, or the attendance list."""
        return record_file(signed_in(request), int(pk), slug, form)
