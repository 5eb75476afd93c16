"""Papers over the API: see :mod:`portal.documents.official.rest`."""

from portal.documents.official.rest import (
    PAPER_ANSWERS,
    PAPER_RENDERERS,
    DocxRenderer,
    PdfRenderer,
)

__all__ = ("PAPER_ANSWERS", "PAPER_RENDERERS", "DocxRenderer", "PdfRenderer")
