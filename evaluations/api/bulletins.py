"""Bulletins, signed papers and their zips: the REST twin of their pages."""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import mixins, serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.exceptions import PermissionDenied
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from branches.access import access_of
from branches.models import Committee
from evaluations.api.papers import PAPER_ANSWERS, PAPER_RENDERERS
from evaluations.api.rounds import REFUSALS
from evaluations.models import BulletinDraft, IssuedPaper, MonthRound, PaperBatch
from evaluations.paper_files import issued_file
from evaluations.selectors.archive import matching
from evaluations.selectors.bulletin_page import BulletinPage, Passage, Reader, bulletin_page
from evaluations.selectors.bulletin_text import Part
from evaluations.services import batches, bulletins
from portal.accounts.requests import signed_in
from portal.kernel.api import KEY_REGEX, MonthSerializerField, VisibleRows

MAX_VERSION = 2**31 - 1


class PassageSerializer(serializers.Serializer[Passage]):
    part = serializers.CharField()
    heading = serializers.CharField()
    lines = serializers.SerializerMethodField()
    is_edited = serializers.BooleanField(source="section.is_edited", default=False)
    is_outdated = serializers.BooleanField(source="section.is_outdated", default=False)
    generated = serializers.CharField(source="section.generated", default=None, allow_null=True)

    def get_lines(self, passage: Passage) -> list[str]:
        return [line.lead + line.text for line in passage.paragraphs]


class ReaderSerializer(serializers.Serializer[Reader]):
    branch = serializers.IntegerField(source="branch_id")
    branch_name = serializers.CharField(source="name")
    received_at = serializers.DateTimeField(source="at", allow_null=True)


class BulletinSerializer(serializers.Serializer[BulletinPage]):
    """``generated`` and ``is_edited`` are told to those who see the draft only, ``readers`` to
    those who oversee the committee."""

    round = serializers.IntegerField(source="bulletin.round.pk")
    title = serializers.CharField(source="bulletin.title")
    document_number = serializers.CharField(
        source="paper.document_number", default=None, allow_null=True
    )
    version = serializers.IntegerField()
    wording = serializers.CharField(source="draft.wording", default=None, allow_null=True)
    is_approved = serializers.BooleanField(source="approval_stands")
    parts = PassageSerializer(source="passages", many=True)
    readers = ReaderSerializer(many=True)


class BulletinLineSerializer(serializers.ModelSerializer[MonthRound]):
    round = serializers.IntegerField(source="pk")
    month = MonthSerializerField()
    committee_name = serializers.CharField(source="committee.name")

    class Meta:
        model = MonthRound
        fields = ("round", "month", "committee", "committee_name", "published_at")


class EditBulletinSerializer(serializers.Serializer[Any]):
    """``words``: part to text; a part that is not named stays as it is."""

    words = serializers.DictField(child=serializers.CharField(allow_blank=True), required=False)
    wording = serializers.ChoiceField(choices=BulletinDraft.Wording.choices, required=False)
    version = serializers.IntegerField(min_value=0, max_value=MAX_VERSION)

    def validate_words(self, value: dict[str, str]) -> dict[str, str]:
        unknown = sorted(set(value) - set(Part))
        if unknown:
            raise serializers.ValidationError(
                _("没有这样的部分：%(names)s。") % {"names": "、".join(unknown)}
            )
        return value


class VersionSerializer(serializers.Serializer[Any]):
    version = serializers.IntegerField(min_value=0, max_value=MAX_VERSION)


class VoidSerializer(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=300)


class ReceivedSerializer(serializers.Serializer[Any]):
    """``new``: for how many branches it was not signed before."""

    new = serializers.IntegerField()


class BulletinViewSet(VisibleRows, mixins.ListModelMixin, viewsets.GenericViewSet[MonthRound]):
    """月度通报, by the key of its round. Before publication for those who oversee the committee."""

    queryset = MonthRound.objects.select_related("committee", "policy")
    ordering = ("-month", "committee")
    serializer_class = BulletinLineSerializer
    permission_classes = (IsAuthenticated,)
    lookup_value_regex = KEY_REGEX
    filterset_fields = ("committee",)

    def get_queryset(self) -> Any:
        rows = super().get_queryset()
        if self.action == "list":
            return rows.filter(status="published")
        overseen = access_of(self.request.user).overseen_committees
        return rows.filter(Q(status="published") | Q(committee_id__in=overseen))

    def _page(self) -> Response:
        round_ = self.get_queryset().get(pk=self.get_object().pk)
        return Response(BulletinSerializer(bulletin_page(round_, signed_in(self.request))).data)

    @extend_schema(responses=BulletinSerializer)
    def retrieve(self, request: Request, pk: str) -> Response:
        return self._page()

    @extend_schema(request=EditBulletinSerializer, responses={200: BulletinSerializer, **REFUSALS})
    def partial_update(self, request: Request, pk: str) -> Response:
        """Word parts of the text; only before it is signed."""
        given = EditBulletinSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        round_ = self.get_object()
        draft = BulletinDraft.objects.filter(round=round_).first()
        standing = draft.wording if draft else BulletinDraft.Wording.COUNTED
        bulletins.edit_bulletin(
            round_id=round_.pk,
            words=given.validated_data.get("words", {}),
            wording=given.validated_data.get("wording", standing),
            version=given.validated_data["version"],
            actor=signed_in(request),
            now=timezone.now(),
        )
        return self._page()

    def _step(self, service: Any) -> Response:
        given = VersionSerializer(data=self.request.data)
        given.is_valid(raise_exception=True)
        service(
            round_id=self.get_object().pk,
            version=given.validated_data["version"],
            actor=signed_in(self.request),
            now=timezone.now(),
            via="api",
        )
        return self._page()

    @extend_schema(request=VersionSerializer, responses={200: BulletinSerializer, **REFUSALS})
    @action(detail=True, methods=["post"])
    def approve(self, request: Request, pk: str) -> Response:
        """审签 before publication."""
        return self._step(bulletins.approve_bulletin)

    @extend_schema(request=VersionSerializer, responses={200: BulletinSerializer, **REFUSALS})
    @action(detail=True, methods=["post"])
    def sign(self, request: Request, pk: str) -> Response:
        """签发 with a number, after publication."""
        return self._step(bulletins.sign_bulletin)

    @extend_schema(request=VoidSerializer, responses={200: BulletinSerializer, **REFUSALS})
    @action(detail=True, methods=["post"])
    def void(self, request: Request, pk: str) -> Response:
        """作废. The number stays used."""
        given = VoidSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        bulletins.void_bulletin(
            round_id=self.get_object().pk,
            reason=given.validated_data["reason"],
            actor=signed_in(request),
            now=timezone.now(),
            via="api",
        )
        return self._page()

    @extend_schema(request=None, responses={200: ReceivedSerializer, **REFUSALS})
    @action(detail=True, methods=["post"])
    def receive(self, request: Request, pk: str) -> Response:
        """签阅 for the branches one is secretary or deputy of."""
        new = bulletins.receive_bulletin(
            round_id=self.get_object().pk, actor=signed_in(request), now=timezone.now()
        )
        return Response(ReceivedSerializer({"new": new}).data)


class PaperSerializer(serializers.ModelSerializer[IssuedPaper]):
    month = MonthSerializerField()
    document_number = serializers.CharField()
    branch_name = serializers.CharField(source="branch.name", default=None, allow_null=True)

    class Meta:
        model = IssuedPaper
        fields = (
            "id",
            "kind",
            "document_number",
            "title",
            "month",
            "committee",
            "branch",
            "branch_name",
            "kept_at",
            "digest",
            "voided_at",
            "void_reason",
        )


@extend_schema(parameters=[OpenApiParameter("q", OpenApiTypes.STR, description=_("正文里的字"))])
class PaperViewSet(VisibleRows, viewsets.ReadOnlyModelViewSet[IssuedPaper]):
    """文件库: every signed paper, voided ones too."""

    queryset = IssuedPaper.objects.select_related("branch")
    ordering = ("-kept_at", "-pk")
    serializer_class = PaperSerializer
    permission_classes = (IsAuthenticated,)
    lookup_value_regex = KEY_REGEX
    filterset_fields = {
        "kind": ["exact"],
        "month": ["exact"],
        "committee": ["exact"],
        "branch": ["exact"],
        "number": ["exact"],
        "voided_at": ["isnull"],
    }

    def get_queryset(self) -> Any:
        return matching(super().get_queryset(), self.request.query_params.get("q", "")[:60])

    @extend_schema(responses=PAPER_ANSWERS)
    @action(
        detail=True,
        methods=["get"],
        url_path=r"(?P<slug>letter|red-head)\.(?P<form>pdf|docx)",
        renderer_classes=PAPER_RENDERERS,
        filterset_fields=(),
        pagination_class=None,
    )
    def file(self, request: Request, pk: str, slug: str, form: str) -> HttpResponse:
        return issued_file(self.get_object(), slug, form)


class BatchSerializer(serializers.ModelSerializer[PaperBatch]):
    month = MonthSerializerField()

    class Meta:
        model = PaperBatch
        fields = ("id", "committee", "month", "status", "total", "done", "failures", "asked_at")


class AskForBatchSerializer(serializers.Serializer[Any]):
    committee = serializers.IntegerField(min_value=1, max_value=2**63 - 1)
    month = MonthSerializerField()


class BatchViewSet(
    VisibleRows,
    mixins.ListModelMixin,
    mixins.RetrieveModelMixin,
    viewsets.GenericViewSet[PaperBatch],
):
    """整月打包: a month's papers as one zip, made by the worker."""

    queryset = PaperBatch.objects.all()
    ordering = ("-asked_at", "-pk")
    serializer_class = BatchSerializer
    permission_classes = (IsAuthenticated,)
    lookup_value_regex = KEY_REGEX
    filterset_fields = ("committee", "status")

    @extend_schema(request=AskForBatchSerializer, responses={201: BatchSerializer, **REFUSALS})
    def create(self, request: Request) -> Response:
        """Have it made; one that is there already is given again."""
        given = AskForBatchSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        committee = Committee.objects.filter(
            pk=given.validated_data["committee"],
            pk__in=access_of(request.user).overseen_committees,
        ).first()
        if committee is None:
            raise PermissionDenied
        batch = batches.ask_for_batch(
            committee=committee,
            month=given.validated_data["month"],
            actor=signed_in(request),
            now=timezone.now(),
        )
        return Response(BatchSerializer(batch).data, status=status.HTTP_201_CREATED)

    @extend_schema(responses={(200, "application/zip"): OpenApiTypes.BINARY})
    @action(detail=True, methods=["get"], filterset_fields=(), pagination_class=None)
    def file(self, request: Request, pk: str) -> HttpResponseBase:
        response = batches.batch_response(self.get_object())
        if response is None:
            raise Http404
        return response
