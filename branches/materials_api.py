"""The REST twin of the files beside a record."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.parsers import FormParser, JSONParser, MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from branches.forms.materials import MaterialsForm
from branches.services.materials import add_materials, remove_material
from portal.accounts.requests import signed_in
from portal.attachments.models import Attachment
from portal.kernel.api import UUID_REGEX, ProblemSerializer


class MaterialSerializer(serializers.ModelSerializer[Attachment]):
    """``url`` downloads it, for whoever sees the record."""

    url = serializers.SerializerMethodField()
    name = serializers.CharField(source="shown_name")

    class Meta:
        model = Attachment
        fields = ("id", "url", "name", "size", "width", "height", "pages", "uploaded_at")

    def get_url(self, file: Attachment) -> str:
        return reverse("attachments:file", args=[file.pk])


class MaterialsInput(serializers.Serializer[Any]):
    materials = serializers.ListField(child=serializers.FileField(), max_length=10)
    reason = serializers.CharField(max_length=200, required=False, allow_blank=True, default="")


class RemovalInput(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=200, required=False, allow_blank=True, default="")


class MaterialActions:
    """佐证材料 of the record in the address."""

    get_object: Any

    @extend_schema(
        methods=["post"],
        request={"multipart/form-data": MaterialsInput},
        responses={200: MaterialSerializer(many=True), 400: ProblemSerializer},
    )
    @extend_schema(methods=["get"], responses={200: MaterialSerializer(many=True)}, filters=False)
    @action(
        detail=True,
        methods=["get", "post"],
        parser_classes=[MultiPartParser, FormParser, JSONParser],
        pagination_class=None,
    )
    def materials(self, request: Request, pk: str) -> Response:
        """材料: which there are; or more of them. The same file again is not kept again. After the
        month's lock ``reason`` says why now."""
        activity = self.get_object()
        if request.method == "POST":
            # The reason is the service's to ask for, so that a page and a call hear the same.
            form = MaterialsForm({}, request.FILES, is_locked=False)
            if not form.is_valid():
                raise serializers.ValidationError(
                    {"materials": [str(words) for words in form.errors["materials"]]}
                )
            given = MaterialsInput(data=request.data)
            given.is_valid(raise_exception=True)
            add_materials(
                activity=activity,
                files=form.cleaned_data["materials"],
                reason=given.validated_data["reason"],
                actor=signed_in(request),
                now=timezone.now(),
                via="api",
            )
        return Response(MaterialSerializer(Attachment.objects.of(activity), many=True).data)

    @extend_schema(
        parameters=[OpenApiParameter("reason", str, description="after the month's lock")],
        responses={204: None, 400: ProblemSerializer},
    )
    @action(
        detail=True,
        methods=["delete"],
        url_path=rf"materials/(?P<file>{UUID_REGEX})",
        url_name="material",
    )
    def material(self, request: Request, pk: str, file: str) -> Response:
        """Take one away."""
        given = RemovalInput(data=request.query_params)
        given.is_valid(raise_exception=True)
        remove_material(
            activity=self.get_object(),
            attachment_id=UUID(file),
            reason=given.validated_data["reason"],
            actor=signed_in(request),
            now=timezone.now(),
            via="api",
        )
        return Response(status=status.HTTP_204_NO_CONTENT)
