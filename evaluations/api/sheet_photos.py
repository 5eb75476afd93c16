"""现场照片 of a sheet. A phone sends the bare picture under a key of its own; a program may send
a form."""

from __future__ import annotations

from collections.abc import Mapping
from typing import IO, Any
from uuid import UUID

from django.core.files.uploadedfile import UploadedFile
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.parsers import BaseParser, MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from evaluations.api.rounds import REFUSALS
from evaluations.models import Inspection, SheetPhoto
from evaluations.services import sheet_photos
from portal.accounts.requests import signed_in
from portal.attachments.checking import BadFile, CheckedFile, check
from portal.attachments.limits import PHOTOS
from portal.attachments.models import Attachment
from portal.kernel.api import KEY_REGEX
from portal.offline.clock import moment_of

UUID_REGEX = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_ENDINGS = {"image/jpeg": "jpg", "image/png": "png", "image/webp": "webp"}


class PictureParser(BaseParser):
    """The body is the picture. One byte more than allowed is enough to know."""

    media_type = "image/*"

    def parse(
        self,
        stream: IO[bytes],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> dict[str, bytes]:
        return {"photo": stream.read(PHOTOS.max_bytes + 1)}


class SheetPhotoSerializer(serializers.ModelSerializer[SheetPhoto]):
    """``url`` downloads it, for whoever sees the sheet."""

    url = serializers.SerializerMethodField()
    item = serializers.IntegerField(source="rule.item_id")
    width = serializers.IntegerField(source="picture.width")
    height = serializers.IntegerField(source="picture.height")

    class Meta:
        model = SheetPhoto
        fields = ("id", "item", "rule", "url", "width", "height", "taken_at")

    def get_url(self, photo: SheetPhoto) -> str:
        return reverse("attachments:file", args=[photo.picture_id])


class FileSerializer(serializers.ModelSerializer[Attachment]):
    """A file beside a finding. ``url`` downloads it, for whoever may open it."""

    url = serializers.SerializerMethodField()

    class Meta:
        model = Attachment
        fields = ("id", "url", "shown_name", "is_picture", "width", "height", "size", "pages")

    def get_url(self, file: Attachment) -> str:
        return reverse("attachments:file", args=[file.pk])


class SentPhotoSerializer(serializers.Serializer[Any]):
    photo = serializers.ImageField()


class HasSheetPhotos:
    """The pictures beside the rules of a sheet."""

    @extend_schema(responses={200: SheetPhotoSerializer(many=True)}, filters=False)
    @action(detail=True, filterset_fields=(), pagination_class=None)
    def photos(self, request: Request, pk: str) -> Response:
        """照片: which there are, in the order in which they were taken."""
        visit: Inspection = self.get_object()  # type: ignore[attr-defined]
        rows = visit.photos.select_related("picture", "rule")
        return Response(SheetPhotoSerializer(rows, many=True).data)

    @extend_schema(
        methods=["put"],
        request={"multipart/form-data": SentPhotoSerializer, "image/jpeg": bytes},
        responses={200: SheetPhotoSerializer, **REFUSALS},
    )
    @extend_schema(methods=["delete"], request=None, responses={204: None, **REFUSALS})
    @action(
        detail=True,
        methods=["put", "delete"],
        url_path=rf"rules/(?P<rule>{KEY_REGEX})/photos/(?P<photo>{UUID_REGEX})",
        parser_classes=[PictureParser, MultiPartParser],
    )
    def photo(self, request: Request, pk: str, rule: str, photo: str) -> Response:
        """One picture beside a rule, under a key that its sender makes: kept once, however often
        it is sent. Taken away while the sheet is open; gone already is gone."""
        now = timezone.now()
        common = {
            "photo_id": UUID(photo),
            "inspection_id": self.get_object().pk,  # type: ignore[attr-defined]
            "actor": signed_in(request),
            "now": now,
            "via": "api",
        }
        if request.method == "DELETE":
            sheet_photos.take_photo_away(**common)
            return Response(status=204)
        kept = sheet_photos.keep_photo(
            rule_id=int(rule), picture=_picture(request), made=moment_of(request, now), **common
        )
        return Response(SheetPhotoSerializer(kept).data)


def _picture(request: Request) -> CheckedFile:
    data: Any = request.data
    sent: Any = data.get("photo")
    try:
        if isinstance(sent, bytes):
            kind = (request.content_type or "").partition(";")[0].strip().lower()
            name = _("现场照片") + f".{_ENDINGS.get(kind, '')}"
            return check(name=name, data=sent, profile=PHOTOS)
        if not isinstance(sent, UploadedFile):
            raise BadFile(_("请选择照片。"))
        return check(name=sent.name or "", data=sent.read(PHOTOS.max_bytes + 1), profile=PHOTOS)
    except BadFile as error:
        error.field = "photo"
        raise
