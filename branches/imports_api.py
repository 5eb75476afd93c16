"""The REST twin of the imports: send a workbook, see how far it is, say yes, take it back."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import mixins, serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.parsers import FormParser, JSONParser, MultiPartParser
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from branches.models import Branch, ImportKind, ImportRow, RowImport
from branches.services.imports import accept_import, keep_import, undo_import
from portal.accounts.requests import signed_in
from portal.documents.excel.guarding import LARGE
from portal.kernel.api import UUID_REGEX, ProblemSerializer, VisibleRows

REFUSALS: dict[int, Any] = {400: ProblemSerializer, 409: ProblemSerializer}


class RowImportSerializer(serializers.ModelSerializer[RowImport]):
    """``stage`` reading, trying, writing: the machine's turn, at row ``cursor`` of ``total``."""

    good = serializers.IntegerField()
    bad = serializers.IntegerField()

    class Meta:
        model = RowImport
        fields = (
            "uuid",
            "branch",
            "kind",
            "filename",
            "stage",
            "cursor",
            "total",
            "good",
            "bad",
            "failure",
            "created_at",
            "accepted_at",
            "undone_at",
        )


class ImportProblemSerializer(serializers.Serializer[Any]):
    column = serializers.CharField()
    reason = serializers.CharField()


class ImportRowSerializer(serializers.ModelSerializer[ImportRow]):
    problems = serializers.SerializerMethodField()

    class Meta:
        model = ImportRow
        fields = ("number", "words", "is_good", "problems")

    @extend_schema_field(ImportProblemSerializer(many=True))
    def get_problems(self, row: ImportRow) -> list[dict[str, str]]:
        return [{"column": column, "reason": reason} for column, reason in row.problems]


class ImportInput(serializers.Serializer[Any]):
    branch = serializers.IntegerField(min_value=1, max_value=2**53)
    kind = serializers.ChoiceField(ImportKind.choices)
    file = serializers.FileField()


class AcceptInput(serializers.Serializer[Any]):
    only_good = serializers.BooleanField(default=False)


class RowImportViewSet(
    VisibleRows,
    mixins.ListModelMixin,
    mixins.RetrieveModelMixin,
    viewsets.GenericViewSet[RowImport],
):
    """导入: workbooks of branches whose rows the user may write."""

    queryset = RowImport.objects.with_counts()
    ordering = ("-created_at", "pk")
    serializer_class = RowImportSerializer
    permission_classes = (IsAuthenticated,)
    lookup_value_regex = UUID_REGEX
    parser_classes = (MultiPartParser, FormParser, JSONParser)
    filterset_fields = ("branch", "kind", "stage")

    @extend_schema(
        request={"multipart/form-data": ImportInput},
        responses={201: RowImportSerializer} | REFUSALS,
    )
    def create(self, request: Request) -> Response:
        """Have a workbook read. Nothing is written before ``accept``."""
        data = ImportInput(data=request.data)
        data.is_valid(raise_exception=True)
        values = data.validated_data
        kept = keep_import(
            uuid=uuid4(),
            branch=get_object_or_404(
                Branch.objects.visible_to(signed_in(request)).select_related("committee"),
                pk=values["branch"],
            ),
            kind=ImportKind(values["kind"]),
            filename=values["file"].name,
            body=values["file"].read(LARGE.size + 1),
            actor=signed_in(request),
            now=timezone.now(),
        )
        return self._shown(kept, status.HTTP_201_CREATED)

    def _shown(self, kept: RowImport, code: int = status.HTTP_200_OK) -> Response:
        """An import as it stands now, with its counts."""
        found = RowImport.objects.with_counts().get(pk=kept.pk)
        return Response(RowImportSerializer(found).data, status=code)

    @extend_schema(responses=ImportRowSerializer(many=True), filters=False)
    @action(detail=True)
    def rows(self, request: Request, pk: str) -> Response:
        """What was read, the rows that don't fit first."""
        page = self.paginate_queryset(self.get_object().rows.all())
        return self.get_paginated_response(ImportRowSerializer(page, many=True).data)

    @extend_schema(request=AcceptInput, responses={200: RowImportSerializer} | REFUSALS)
    @action(detail=True, methods=["post"])
    def accept(self, request: Request, pk: str) -> Response:
        """Write the rows; with bad ones among them only when ``only_good`` says so."""
        data = AcceptInput(data=request.data)
        data.is_valid(raise_exception=True)
        kept = accept_import(
            uuid=self.get_object().pk,
            only_good=data.validated_data["only_good"],
            actor=signed_in(request),
            now=timezone.now(),
        )
        return self._shown(kept)

    @extend_schema(request=None, responses={200: RowImportSerializer} | REFUSALS)
    @action(detail=True, methods=["post"])
    def undo(self, request: Request, pk: str) -> Response:
        """Take back what came in and was not changed since."""
        kept = undo_import(uuid=self.get_object().pk, actor=signed_in(request), now=timezone.now())
        return self._shown(kept)
