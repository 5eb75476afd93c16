"""Findings: reading them and their pictures, and each step as a POST."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from evaluations.api.rectification import (
    MAX_VERSION,
    ExtendSerializer,
    NoticeSerializer,
    NoticeViewSet,
    ReturnSerializer,
)
from evaluations.api.rounds import REFUSALS
from evaluations.api.sheet_photos import SheetPhotoSerializer
from evaluations.models import Finding
from evaluations.selectors.sheet_photos import photos_of_findings
from evaluations.services import finding_steps, findings, notices
from portal.accounts.requests import signed_in
from portal.kernel.api import KEY_REGEX, VisibleRows


class FindingSerializer(serializers.ModelSerializer[Finding]):
    branch_name = serializers.CharField(source="branch.name")
    item_code = serializers.CharField(source="item.code")
    item_name = serializers.CharField(source="item.name")

    class Meta:
        model = Finding
        fields = (
            "id",
            "inspection",
            "branch",
            "branch_name",
            "item_code",
            "item_name",
            "number",
            "fact",
            "severity",
            "kind",
            "status",
            "raised_at",
            "due_on",
            "cause",
            "measure",
            "responsible",
            "reported_at",
            "verified_at",
            "return_reason",
            "extended_from",
            "awaits_endorsement",
            "endorsed_at",
            "rechecked_at",
            "version",
        )


class FindingReportSerializer(serializers.Serializer[Any]):
    cause = serializers.CharField(max_length=300)
    measure = serializers.CharField(max_length=500)
    responsible = serializers.CharField(max_length=40)
    version = serializers.IntegerField(
        required=False, allow_null=True, default=None, min_value=0, max_value=MAX_VERSION
    )


class FindingTalkSerializer(serializers.Serializer[Any]):
    note = serializers.CharField(max_length=300)


class FindingViewSet(
    VisibleRows, mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Finding]
):
    """问题台账."""

    queryset = Finding.objects.select_related("branch", "item", "deduction")
    ordering = ("due_on", "pk")
    serializer_class = FindingSerializer
    permission_classes = (IsAuthenticated,)
    lookup_value_regex = KEY_REGEX
    filterset_fields = {
        "branch": ["exact"],
        "status": ["exact", "in"],
        "severity": ["exact"],
        "due_on": ["gte", "lte"],
    }

    def _step(self, service: Any, **values: Any) -> Response:
        finding = service(
            finding_id=self.get_object().pk,
            actor=signed_in(self.request),
            now=timezone.now(),
            via="api",
            **values,
        )
        return Response(FindingSerializer(finding).data)

    @extend_schema(responses={200: SheetPhotoSerializer(many=True)}, filters=False)
    @action(detail=True, filterset_fields=(), pagination_class=None)
    def photos(self, request: Request, pk: str) -> Response:
        """现场照片, taken when it was raised."""
        finding = self.get_object()
        rows = photos_of_findings([finding])
        return Response(SheetPhotoSerializer(rows, many=True).data)

    @extend_schema(request=FindingReportSerializer, responses={200: FindingSerializer, **REFUSALS})
    @action(detail=True, methods=["post"])
    def report(self, request: Request, pk: str) -> Response:
        """报整改: cause, measure and who answers for it."""
        given = FindingReportSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        return self._step(findings.report_finding, **given.validated_data)

    @extend_schema(request=None, responses={200: FindingSerializer, **REFUSALS})
    @action(detail=True, methods=["post"])
    def verify(self, request: Request, pk: str) -> Response:
        """销号."""
        return self._step(findings.verify_finding)

    @extend_schema(request=ExtendSerializer, responses={200: FindingSerializer, **REFUSALS})
    @action(detail=True, methods=["post"])
    def extend(self, request: Request, pk: str) -> Response:
        """延期, once between two reports."""
        given = ExtendSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        return self._step(finding_steps.extend_finding, **given.validated_data)

    @extend_schema(request=FindingTalkSerializer, responses={200: FindingSerializer, **REFUSALS})
    @action(detail=True, methods=["post"])
    def talk(self, request: Request, pk: str) -> Response:
        """约谈 about an overdue finding."""
        given = FindingTalkSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        return self._step(finding_steps.talk_about_finding, **given.validated_data)

    @extend_schema(
        request=None,
        responses={
            200: NoticeSerializer,
            **REFUSALS,
        },
    )
    @action(detail=True, methods=["post"])
    def notice(self, request: Request, pk: str) -> Response:
        """转整改通知书: the draft made of this finding, or the one that there is."""
        made = notices.notice_from_finding(
            finding_id=self.get_object().pk,
            actor=signed_in(request),
            now=timezone.now(),
            via="api",
        )
        return Response(NoticeSerializer(NoticeViewSet.queryset.get(pk=made.pk)).data)

    @extend_schema(request=None, responses={200: FindingSerializer, **REFUSALS})
    @action(detail=True, methods=["post"])
    def endorse(self, request: Request, pk: str) -> Response:
        """书记背书 of what the deputy reported."""
        return self._step(finding_steps.endorse_finding)

    @extend_schema(request=ReturnSerializer, responses={200: FindingSerializer, **REFUSALS})
    @action(detail=True, methods=["post"], url_path="return")
    def give_back(self, request: Request, pk: str) -> Response:
        """退回再改."""
        given = ReturnSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        return self._step(findings.return_finding, **given.validated_data)
