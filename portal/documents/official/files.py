"""A paper as a file to take away."""

from __future__ import annotations

import enum

from django.http import HttpResponse
from django.utils.translation import gettext as _

from portal.documents.downloads import download
from portal.documents.official.fonts import FontsMissing
from portal.documents.official.model import Paper
from portal.documents.official.pdf import write_pdf
from portal.documents.official.word import write_docx
from portal.kernel.errors import DomainError


class FileForm(enum.StrEnum):
    """What a paper may be taken away as; the value is the file's extension."""

    PDF = "pdf"
    DOCX = "docx"

    @property
    def content_type(self) -> str:
        return {
            FileForm.PDF: "application/pdf",
            FileForm.DOCX: (
                "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
            ),
        }[self]


class PaperUnavailable(DomainError):
    """This machine can't make the file asked for; another form of it may do."""

    status_code = 503
    code = "no_fonts"


def paper_bytes(paper: Paper, form: FileForm) -> bytes:
    """The file's bytes. Raises PaperUnavailable where there is no Chinese font for a PDF."""
    if form is FileForm.DOCX:
        return write_docx(paper)
    try:
        return write_pdf(paper)
    except FontsMissing:
        raise PaperUnavailable(
            _("这台服务器没有中文字体，做不出 PDF。请先下载 Word 版，并告诉系统管理员。")
        ) from None


def paper_response(paper: Paper, form: FileForm, name: str) -> HttpResponse:
    """The file as a download called ``name`` with its extension."""
    return download(paper_bytes(paper, form), f"{name}.{form}", form.content_type)
