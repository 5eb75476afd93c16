"""The code that leads from a paper to the page that vouches for it."""

from __future__ import annotations

import io

import segno

from portal.documents.official.model import Verification

SHOWN_DIGITS = 16  # of the digest, as printed beside the code


def code_svg(verification: Verification) -> str:
    buffer = io.BytesIO()
    segno.make(verification.url, error="m", micro=False).save(
        buffer, kind="svg", border=1, xmldecl=False, svgclass=None, lineclass=None
    )
    return buffer.getvalue().decode()


def code_png(verification: Verification) -> bytes:
    buffer = io.BytesIO()
    segno.make(verification.url, error="m", micro=False).save(buffer, kind="png", border=1, scale=6)
    return buffer.getvalue()


def words_beside(verification: Verification) -> list[str]:
    """扫码核验 and the first digits of the digest, in groups of four."""
    digits = verification.digest[:SHOWN_DIGITS].upper()
    half = SHOWN_DIGITS // 2
    return [
        "扫码核验真伪",
        "摘要",
        f"{digits[:4]} {digits[4:half]}",
        f"{digits[half : half + 4]} {digits[half + 4 :]}",
    ]
