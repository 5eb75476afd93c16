"""Papers over the API: who asks for a PDF by ``Accept`` is understood."""

from __future__ import annotations

from typing import Any

from drf_spectacular.types import OpenApiTypes
from rest_framework.renderers import BaseRenderer, JSONRenderer

from portal.documents.official.files import FileForm


class _FileRenderer(BaseRenderer):
    """Makes the media type known; the view answers with the file itself."""

    charset = None
    render_style = "binary"

    def render(self, data: Any, *args: Any, **kwargs: Any) -> Any:
        # A refusal comes as a problem text; a client that asked for a file can read that too.
        return JSONRenderer().render(data)


class PdfRenderer(_FileRenderer):
    media_type = FileForm.PDF.content_type
    format = "pdf"


class DocxRenderer(_FileRenderer):
    media_type = FileForm.DOCX.content_type
    format = "docx"


# JSON first: a refusal is a problem text whatever was asked for.
PAPER_RENDERERS = [JSONRenderer, PdfRenderer, DocxRenderer]
PAPER_ANSWERS: dict[Any, Any] = {
    (200, FileForm.PDF.content_type): OpenApiTypes.BINARY,
    (200, FileForm.DOCX.content_type): OpenApiTypes.BINARY,
}
