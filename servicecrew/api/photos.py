"""照片 of a turnout or an operation: the same two addresses for both."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.parsers import FormParser, JSONParser, MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from portal.accounts.requests import signed_in
from portal.attachments.models import Attachment
from portal.kernel.api import UUID_REGEX
from servicecrew.api.common import REFUSALS
from servicecrew.forms.operations import PhotosForm
from servicecrew.services.photos import add_photos, take_photo_away


class PhotoSerializer(serializers.ModelSerializer[Attachment]):
    """``url`` downloads it, for whoever sees the turnout or the operation."""

    url = serializers.SerializerMethodField()

    class Meta:
        model = Attachment
        fields = ("id", "url", "width", "height", "size", "uploaded_at")

    def get_url(self, photo: Attachment) -> str:
        return reverse("attachments:file", args=[photo.pk])


class PhotosSerializer(serializers.Serializer[Any]):
    photos = serializers.ListField(child=serializers.ImageField(), max_length=10)


class HasPhotos:
    """A resource whose rows keep pictures. Who may add one or take one away is asked by the
    service."""

    request: Any

    @extend_schema(
        methods=["post"],
        request={"multipart/form-data": PhotosSerializer},
        responses={200: PhotoSerializer(many=True), **REFUSALS},
    )
    @extend_schema(methods=["get"], responses={200: PhotoSerializer(many=True)}, filters=False)
    @action(
        detail=True,
        methods=["get", "post"],
        parser_classes=[MultiPartParser, FormParser, JSONParser],
        pagination_class=None,
    )
    def photos(self, request: Request, **key: Any) -> Response:
        """照片: which there are; or more of them. The same picture again is not kept again."""
        owner = self.get_object()  # type: ignore[attr-defined]
        if request.method == "POST":
            form = PhotosForm({}, request.FILES)
            if not form.is_valid():
                raise serializers.ValidationError(
                    {"photos": [str(words) for words in form.errors["photos"]]}
                )
            add_photos(
                owner=owner,
                photos=form.cleaned_data["photos"],
                actor=signed_in(request),
                now=timezone.now(),
                via="api",
            )
        return Response(PhotoSerializer(Attachment.objects.of(owner), many=True).data)

    @extend_schema(request=None, responses={204: None, **REFUSALS})
    @action(
        detail=True,
        methods=["delete"],
        url_path=rf"photos/(?P<photo>{UUID_REGEX})",
        url_name="photo",
    )
    def remove_photo(self, request: Request, photo: str, **key: Any) -> Response:
        """去掉一张照片. One that is gone already is gone."""
        take_photo_away(
            owner=self.get_object(),  # type: ignore[attr-defined]
            photo_id=UUID(photo),
            actor=signed_in(request),
            now=timezone.now(),
            via="api",
        )
        return Response(status=204)
