"""Score sheets. What a phone saved without signal comes in through here later."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from evaluations.api.papers import PAPER_ANSWERS, PAPER_RENDERERS
from evaluations.api.rounds import REFUSALS
from evaluations.api.sheet_photos import FileSerializer, HasSheetPhotos, SheetPhotoSerializer
from evaluations.models import CheckState, Finding, FindingKind, Inspection, Severity
from evaluations.paper_files import sheet_file
from evaluations.selectors.rechecks import old_findings
from evaluations.services import rechecks, sheet_state, sheets, signatures
from portal.accounts.requests import signed_in
from portal.kernel.api import KEY_REGEX, VisibleRows
from portal.kernel.errors import DomainError
from portal.offline.clock import moment_of


class SheetSerializer(serializers.ModelSerializer[Inspection]):
    team_label = serializers.CharField(source="team.label")
    branch = serializers.IntegerField(source="inspected_branch_id")
    branch_name = serializers.CharField(source="participant.branch.name")

    class Meta:
        model = Inspection
        fields = (
            "id",
            "round",
            "team",
            "team_label",
            "branch",
            "branch_name",
            "planned_on",
            "planned_time",
            "place",
            "status",
            "started_at",
            "submitted_at",
            "confirmed_at",
            "objection",
            "highlights",
            "score",
            "digest",
            "replaces",
        )


class LineSerializer(serializers.Serializer[Any]):
    rule = serializers.IntegerField(source="rule_id", min_value=1, max_value=2**53)
    count = serializers.IntegerField(min_value=0, max_value=sheets.MAX_COUNT)
    fact = serializers.CharField(
        max_length=sheets.MAX_FACT, required=False, allow_blank=True, default=""
    )
    severity = serializers.ChoiceField(Severity.choices, default=Severity.MINOR)
    kind = serializers.ChoiceField(FindingKind.choices, default=FindingKind.FIX_BY_DATE)
    text = serializers.CharField(source="rule.text", read_only=True)
    points = serializers.DecimalField(max_digits=7, decimal_places=2, read_only=True)


class OverrideSerializer(serializers.Serializer[Any]):
    state = serializers.ChoiceField([c for c in CheckState.choices if c[0]])
    reason = serializers.CharField(max_length=200)


class SaveItemSerializer(serializers.Serializer[Any]):
    """One item: its lines, and the version of the item the screen was drawn from."""

    version = serializers.IntegerField(min_value=0, max_value=2**31 - 1)
    lines = LineSerializer(many=True)
    override = OverrideSerializer(required=False, allow_null=True, default=None)
    overrules = serializers.BooleanField(default=False)


class SheetItemSerializer(serializers.Serializer[Any]):
    item = serializers.IntegerField(source="item.pk")
    code = serializers.CharField(source="item.code")
    name = serializers.CharField(source="item.name")
    is_key_work = serializers.BooleanField(source="item.is_key_work")
    full_marks = serializers.DecimalField(source="item.full_marks", max_digits=7, decimal_places=2)
    marks = serializers.DecimalField(max_digits=7, decimal_places=2)
    state = serializers.CharField()
    version = serializers.IntegerField()
    lines = LineSerializer(many=True)
    reason = serializers.CharField(source="check.reason", default="")
    checked_by = serializers.CharField(source="check.checked_by.display_name", default="")
    checked_at = serializers.DateTimeField(source="check.checked_at", default=None)


class SheetStateSerializer(serializers.Serializer[Any]):
    base = serializers.DecimalField(source="score.base", max_digits=7, decimal_places=2)
    deducted = serializers.DecimalField(source="score.deducted", max_digits=7, decimal_places=2)
    status = serializers.CharField(source="inspection.status")
    scales = serializers.BooleanField()
    items = SheetItemSerializer(many=True)


class SubmitSerializer(serializers.Serializer[Any]):
    highlights = serializers.CharField(max_length=500, required=False, allow_blank=True, default="")
    rest_is_fine = serializers.BooleanField(default=False)


class SignSerializer(serializers.Serializer[Any]):
    person = serializers.IntegerField(min_value=1, max_value=2**53)
    objection = serializers.CharField(max_length=500, required=False, allow_blank=True, default="")


class RecheckSerializer(serializers.Serializer[Any]):
    holds = serializers.BooleanField()
    note = serializers.CharField(max_length=300, required=False, allow_blank=True, default="")


class OldFindingSerializer(serializers.Serializer[Any]):
    finding = serializers.IntegerField(source="finding.pk")
    item_code = serializers.CharField(source="finding.item.code")
    fact = serializers.CharField(source="finding.fact")
    measure = serializers.CharField(source="finding.measure")
    responsible = serializers.CharField(source="finding.responsible")
    status = serializers.CharField(source="finding.status")
    is_asked = serializers.BooleanField()
    may_take_back = serializers.BooleanField()
    photos = SheetPhotoSerializer(many=True)
    files = FileSerializer(many=True)


class ObjectionSerializer(serializers.Serializer[Any]):
    text = serializers.CharField(max_length=500)


def _old_findings(visit: Inspection, request: Request) -> Response:
    rows = old_findings(visit, signed_in(request), timezone.now()).rows
    return Response(OldFindingSerializer(rows, many=True).data)


class SheetViewSet(
    HasSheetPhotos,
    VisibleRows,
    mixins.ListModelMixin,
    mixins.RetrieveModelMixin,
    viewsets.GenericViewSet[Inspection],
):
    """评分表: one team's visit to one branch."""

    queryset = Inspection.objects.select_related(
        "round__policy", "team__branch", "participant__branch", "participant__rubric_version"
    )
    ordering = ("round", "planned_on", "pk")
    serializer_class = SheetSerializer
    permission_classes = (IsAuthenticated,)
    lookup_value_regex = KEY_REGEX
    filterset_fields = ("round", "status", "team", "inspected_branch")
    looks_late = ("save_item",)

    def _answer(self, inspection: Inspection) -> Response:
        fresh = SheetViewSet.queryset.get(pk=inspection.pk)
        return Response(SheetSerializer(fresh).data)

    @extend_schema(responses=SheetStateSerializer)
    @action(detail=True, filterset_fields=())
    def items(self, request: Request, pk: str) -> Response:
        """Every item with its lines, marks and state, and the running score."""
        return Response(SheetStateSerializer(sheet_state.read_sheet(self.get_object())).data)

    @extend_schema(request=SaveItemSerializer, responses={200: SheetStateSerializer, **REFUSALS})
    @action(detail=True, methods=["put"], url_path=rf"items/(?P<item_id>{KEY_REGEX})")
    def save_item(self, request: Request, pk: str, item_id: str) -> Response:
        """Save one item; 409 when somebody else saved it since ``version``."""
        try:
            state = self._save(request, int(pk), int(item_id))
        except (Inspection.DoesNotExist, PermissionDenied, DomainError, ValidationError):
            self.get_object()  # a stranger is told that there is nothing
            raise
        return Response(SheetStateSerializer(state).data)

    def _save(self, request: Request, pk: int, item_id: int) -> sheet_state.SheetState:
        given = SaveItemSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        override = given.validated_data["override"]
        return sheets.save_item(
            inspection_id=pk,
            item_id=item_id,
            lines=[sheets.LineInput(**line) for line in given.validated_data["lines"]],
            override=sheets.OverrideInput(**override) if override else None,
            version=given.validated_data["version"],
            overrules=given.validated_data["overrules"],
            actor=signed_in(request),
            now=timezone.now(),
        )

    @extend_schema(request=None, responses={200: SheetSerializer, **REFUSALS})
    @action(detail=True, methods=["post"])
    def start(self, request: Request, pk: str) -> Response:
        return self._answer(
            sheets.start_sheet(
                inspection_id=self.get_object().pk, actor=signed_in(request), now=timezone.now()
            )
        )

    @extend_schema(responses=PAPER_ANSWERS)
    @action(
        detail=True,
        url_path=r"papers/sheet\.(?P<form>pdf|docx)",
        renderer_classes=PAPER_RENDERERS,
        filterset_fields=(),
        pagination_class=None,
    )
    def paper(self, request: Request, pk: str, form: str) -> HttpResponse:
        """现场检查单: what the visit found, for both sides to sign and keep."""
        return sheet_file(signed_in(request), int(pk), form)

    @extend_schema(responses=OldFindingSerializer(many=True))
    @action(detail=True, filterset_fields=(), pagination_class=None)
    def rechecks(self, request: Request, pk: str) -> Response:
        """What earlier months found in the branch; ``is_asked``: this team rechecks it."""
        return _old_findings(self.get_object(), request)

    @extend_schema(
        request=RecheckSerializer, responses={200: OldFindingSerializer(many=True), **REFUSALS}
    )
    @action(detail=True, methods=["post"], url_path=rf"rechecks/(?P<finding_id>{KEY_REGEX})")
    def recheck(self, request: Request, pk: str, finding_id: str) -> Response:
        """复核: whether an earlier finding is put right, said on the spot by another team."""
        given = RecheckSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        visit = self.get_object()
        try:
            rechecks.recheck_finding(
                finding_id=int(finding_id),
                visit_id=visit.pk,
                actor=signed_in(request),
                now=timezone.now(),
                via="api",
                **given.validated_data,
            )
        except Finding.DoesNotExist:
            raise Http404 from None
        return _old_findings(self.get_object(), request)

    @extend_schema(request=None, responses={200: OldFindingSerializer(many=True), **REFUSALS})
    @action(
        detail=True,
        methods=["post"],
        url_path=rf"rechecks/(?P<finding_id>{KEY_REGEX})/take-back",
        url_name="recheck-take-back",
    )
    def take_back_recheck(self, request: Request, pk: str, finding_id: str) -> Response:
        """撤回复核: what was said to be put right by mistake, until the sheet is submitted."""
        visit = self.get_object()
        try:
            rechecks.take_back_recheck(
                finding_id=int(finding_id),
                visit_id=visit.pk,
                actor=signed_in(request),
                now=timezone.now(),
                via="api",
            )
        except Finding.DoesNotExist:
            raise Http404 from None
        return _old_findings(self.get_object(), request)

    @extend_schema(request=SubmitSerializer, responses={200: SheetSerializer, **REFUSALS})
    @action(detail=True, methods=["post"])
    def submit(self, request: Request, pk: str) -> Response:
        given = SubmitSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        return self._answer(
            sheets.submit_sheet(
                inspection_id=self.get_object().pk,
                actor=signed_in(request),
                now=timezone.now(),
                made=moment_of(request, timezone.now()),
                **given.validated_data,
            )
        )

    @extend_schema(request=SignSerializer, responses={200: SheetSerializer, **REFUSALS})
    @action(detail=True, methods=["post"])
    def sign(self, request: Request, pk: str) -> Response:
        """The inspected side signs on the inspectors' phone; the account confirms later."""
        given = SignSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        now = timezone.now()
        signatures.sign_on_site(
            inspection_id=self.get_object().pk,
            person_id=given.validated_data["person"],
            objection=given.validated_data["objection"],
            made=moment_of(request, now),
            actor=signed_in(request),
            now=now,
        )
        return self._answer(self.get_object())

    @extend_schema(request=None, responses={200: SheetSerializer, **REFUSALS})
    @action(detail=True, methods=["post"], url_path="take-back")
    def take_back(self, request: Request, pk: str) -> Response:
        return self._answer(
            sheets.take_back(
                inspection_id=self.get_object().pk, actor=signed_in(request), now=timezone.now()
            )
        )

    @extend_schema(request=None, responses={200: SheetSerializer, **REFUSALS})
    @action(detail=True, methods=["post"])
    def confirm(self, request: Request, pk: str) -> Response:
        """The inspected secretary confirms the facts, not the marks."""
        return self._answer(
            sheets.confirm_sheet(
                inspection_id=self.get_object().pk, actor=signed_in(request), now=timezone.now()
            )
        )

    @extend_schema(request=ObjectionSerializer, responses={200: SheetSerializer, **REFUSALS})
    @action(detail=True, methods=["post"])
    def object(self, request: Request, pk: str) -> Response:
        given = ObjectionSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        return self._answer(
            sheets.object_to_sheet(
                inspection_id=self.get_object().pk,
                actor=signed_in(request),
                now=timezone.now(),
                **given.validated_data,
            )
        )
