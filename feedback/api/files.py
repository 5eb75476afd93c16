"""Photos and papers of a request: which there are, and taking them along when it is said."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from portal.attachments.checking import CheckedFile
from portal.attachments.forms import AttachmentsField
from portal.attachments.limits import SEALED
from portal.attachments.models import Attachment


class AttachedSerializer(serializers.ModelSerializer[Attachment]):
    """``url`` downloads it, for whoever sees the request."""

    url = serializers.SerializerMethodField()

    class Meta:
        model = Attachment
        fields = ("id", "url", "shown_name", "is_picture", "width", "height", "size", "pages")

    def get_url(self, file: Attachment) -> str:
        return reverse("attachments:file", args=[file.pk])


class HasAttachments:
    @extend_schema(responses={200: AttachedSerializer(many=True)}, filters=False)
    @action(detail=True, methods=["get"], pagination_class=None)
    def attachments(self, request: Request, pk: str) -> Response:
        """附件."""
        files = Attachment.objects.of(self.get_object())  # type: ignore[attr-defined]
        return Response(AttachedSerializer(files, many=True).data)


def sent_files(request: Request) -> list[CheckedFile]:
    """The files of a multipart request, checked as the form checks them."""
    sent: Any = request.FILES
    try:
        return AttachmentsField(profile=SEALED).clean(sent.getlist("photos") if sent else [])
    except ValidationError as error:
        raise serializers.ValidationError({"photos": error.messages}) from None
