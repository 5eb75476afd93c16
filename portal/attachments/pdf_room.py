"""PDFs are opened in a room of their own: a process with little memory and little time.

A PDF reader is the part of an upload that hostile files aim at, and pdfium is not made for
threads; whatever happens to it there happens to nobody else.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path

from django.utils.translation import gettext as _

from portal.attachments.limits import MAX_PDF_PAGES, MAX_PDF_PAGES_SEALED

SECONDS = 30
_AT_ONCE = threading.BoundedSemaphore(2)
_WORKER = Path(__file__).with_name("pdf_worker.py")
_ESCAPED = re.compile(rb"#([0-9A-Fa-f]{2})")
_ACTIVE = (b"/JavaScript", b"/JS", b"/Launch", b"/EmbeddedFile", b"/RichMedia", b"/XFA")


@dataclass(frozen=True, slots=True)
class PdfAnswer:
    """``problem`` is empty when the file may be kept."""

    data: bytes = b""
    pages: int = 0
    problem: str = ""


def check_pdf(data: bytes, *, rasterise: bool) -> PdfAnswer:
    """Whether the PDF opens and is harmless. With ``rasterise`` the answer holds a new PDF made
    of pictures of the pages, without text, names, dates or links."""
    names = _ESCAPED.sub(lambda found: bytes([int(found[1], 16)]), data)
    if not rasterise and any(
        re.search(re.escape(word) + rb"(?![A-Za-z0-9])", names) for word in _ACTIVE
    ):
        return PdfAnswer(problem=_("PDF里有脚本、表单或附件，请打印成普通PDF再传。"))
    most = MAX_PDF_PAGES_SEALED if rasterise else MAX_PDF_PAGES
    header, body = _in_the_room(data, rasterise=rasterise, most=most)
    if header is None:
        return PdfAnswer(problem=_("这个PDF打不开，可能已损坏或设了密码。"))
    if header["pages"] > most:
        return PdfAnswer(problem=_("PDF最多%(n)d页，请拆开再传。") % {"n": most})
    return PdfAnswer(data=body if rasterise else data, pages=header["pages"])


def _in_the_room(data: bytes, *, rasterise: bool, most: int) -> tuple[dict[str, int] | None, bytes]:
    # -I: no environment, no site directory of the user, nothing of the caller's.
    command = [sys.executable, "-I", str(_WORKER), "draw" if rasterise else "count", str(most)]
    with _AT_ONCE:
        try:
            done = subprocess.run(  # noqa: S603 - our own file and our own words
                command, input=data, capture_output=True, timeout=SECONDS, check=False, env={}
            )
        except subprocess.TimeoutExpired:
            return None, b""
    if done.returncode != 0:
        return None, b""
    line, _newline, body = done.stdout.partition(b"\n")
    header: dict[str, int] = json.loads(line)
    return header, body
