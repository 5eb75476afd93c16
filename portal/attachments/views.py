"""Opening an attachment: through the owner's permission, as a download, never as a page."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.http import content_disposition_header
from django.views.generic import View

from portal.attachments.checking import MEDIA_TYPES
from portal.attachments.models import Attachment
from portal.attachments.owners import may_read
from portal.attachments.services import content_of

# Whatever the file is, it runs nothing, shows nothing else and speaks to nobody.
LOCKED = "default-src 'none'; style-src 'unsafe-inline'; sandbox"


class AttachmentFile(View):
    """附件下载. A stranger's attachment does not exist."""

    http_method_names = ["get", "head", "options"]

    def get(self, request: HttpRequest, key: uuid.UUID) -> HttpResponse:
        attachment = Attachment.objects.filter(pk=key).first()
        if attachment is None or not may_read(
            request.user, attachment.owner_type, attachment.owner_id
        ):
            raise Http404
        try:
            data = content_of(attachment)
        except FileNotFoundError:
            raise Http404 from None
        return as_download(attachment, data)


def as_download(attachment: Attachment, data: bytes) -> HttpResponse:
    response: Any = HttpResponse(data, content_type=MEDIA_TYPES[attachment.extension])
    response["Content-Disposition"] = content_disposition_header(True, attachment.shown_name)
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    response["Content-Security-Policy"] = LOCKED
    return response  # type: ignore[no-any-return]
