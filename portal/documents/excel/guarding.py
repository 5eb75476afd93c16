"""What a workbook must pass before it is opened: size, content, extent.

An .xlsx is a zip of XML. It is unpacked here once, within limits and piece by piece, before the
fast reader may see it: a bomb, a forged size, or a cell at the far end of the sheet (for which a
reader would allocate billions of cells) is refused with a sentence.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, Protocol
from xml.parsers import expat

from django.utils.translation import gettext as _
from python_calamine import CalamineWorkbook

from portal.kernel.errors import DomainError

HEADING_WITHIN: Final = 15  # rows; titles and notes may stand above the headings
MOST_RATIO: Final = 200
MOST_PARTS: Final = 500
PIECE: Final = 1 << 18  # bytes of a part that are looked at together


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of a workbook is read: ``size`` in bytes, ``unpacked`` in bytes, the extent."""

    size: int
    unpacked: int
    rows: int
    columns: int


TYPED = Limits(5 * 1024 * 1024, 40 * 1024 * 1024, 20_000, 200)  # what people fill in
# What other systems put out. The reader keeps every cell of the extent, so that few columns may go
# with many rows: 50,000 x 40 cells come to 50 MB.
LARGE = Limits(12 * 1024 * 1024, 120 * 1024 * 1024, 50_000, 40)

_ZIP = b"PK\x03\x04"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_CELL = re.compile(r"([A-Z]{1,3})?(\d{1,7})")


class UnreadableFile(DomainError):
    """The file as a whole can't be read. Nothing was taken from it."""

    code = "unreadable_file"


class Upload(Protocol):
    """An uploaded file, or any binary stream."""

    def seek(self, offset: int, /) -> Any: ...
    def read(self, size: int, /) -> bytes: ...


def open_workbook(file: Upload, limits: Limits = TYPED) -> CalamineWorkbook:
    """The workbook, once it is safe to open. Raises UnreadableFile."""
    body = _body(file, limits)
    _check_parts(body, limits)
    try:
        return CalamineWorkbook.from_filelike(io.BytesIO(body))
    except (KeyboardInterrupt, SystemExit, MemoryError):
        raise
    except BaseException as error:  # the reader is compiled; its panics are no Exceptions
        raise broken() from error


def _body(file: Upload, limits: Limits) -> bytes:
    size = getattr(file, "size", None)
    if size is not None and size > limits.size:
        raise _too_big(size, limits)
    file.seek(0)
    body = file.read(limits.size + 1)
    if len(body) > limits.size:
        raise _too_big(len(body), limits)
    if not body:
        raise UnreadableFile(_("文件是空的。"))
    if body.startswith(_OLE):
        raise UnreadableFile(_("这是旧版 .xls 或加了密码的文件。请去掉密码，另存为 .xlsx 后再传。"))
    if not body.startswith(_ZIP):
        raise UnreadableFile(_("这不是 Excel 工作簿（.xlsx）。"))
    return body


def _check_parts(body: bytes, limits: Limits) -> None:
    """Unpack within limits, piece by piece; every size that the archive states is held against
    what comes out."""
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            parts = archive.infolist()
            names = {part.filename for part in parts}
            if "[Content_Types].xml" not in names or "xl/workbook.xml" not in names:
                raise UnreadableFile(_("这不是 Excel 工作簿（.xlsx）。"))
            if names & {"content.xml", "xl/workbook.bin"}:  # a second workbook inside
                raise broken()
            if any(name.endswith("vbaProject.bin") for name in names):
                raise UnreadableFile(_("不接收带宏的工作簿，请另存为 .xlsx 后再传。"))
            unpacked = sum(part.file_size for part in parts)
            if (
                len(parts) > MOST_PARTS
                or unpacked > limits.unpacked
                or unpacked > MOST_RATIO * max(len(body), 4096)
            ):
                raise UnreadableFile(_("文件展开后过大，没有打开。请只留需要的工作表和行。"))
            for part in parts:
                with archive.open(part) as stream:  # stops at the stated size, checks the sum
                    pieces = iter(partial(stream.read, PIECE), b"")
                    if part.filename.lower().endswith((".xml", ".rels")):
                        _check_xml(pieces, limits)
                    else:
                        deque(pieces, maxlen=0)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise broken() from error


def _check_xml(pieces: Iterable[bytes], limits: Limits) -> None:
    """Refuse a sheet whose cells reach further than anybody fills in by hand, a document type,
    and a sheet kept in a part that this check does not see."""
    parser = expat.ParserCreate()

    def no_doctype(*_args: object) -> None:
        raise broken()

    def start(name: str, attributes: dict[str, str]) -> None:
        tag = name.rpartition(":")[2]
        if tag in {"row", "c"}:
            _check_reach(attributes.get("r", ""), limits)
        elif (
            tag == "Relationship"
            and attributes.get("Type", "").endswith("/worksheet")
            and not attributes.get("Target", "").lower().endswith(".xml")
        ):
            raise broken()

    parser.StartElementHandler = start
    parser.StartDoctypeDeclHandler = no_doctype
    try:
        for piece in pieces:
            parser.Parse(piece, False)
        parser.Parse(b"", True)
    except expat.ExpatError as error:
        raise broken() from error


def _check_reach(reference: str, limits: Limits) -> None:
    match = _CELL.fullmatch(reference)
    if match is None:
        if reference:
            raise broken()
        return
    if int(match[2]) > limits.rows + HEADING_WITHIN or _column(match[1] or "A") > limits.columns:
        raise UnreadableFile(
            _("工作表超过%(rows)d行或%(columns)d列，没有打开。请删去多余的行列。")
            % {"rows": limits.rows, "columns": limits.columns}
        )


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


def _too_big(size: int, limits: Limits) -> UnreadableFile:
    return UnreadableFile(
        _("文件有%(size)s MB，最多%(most)d MB。")
        % {"size": f"{size / 1024 / 1024:.1f}", "most": limits.size // 1024 // 1024}
    )


def broken() -> UnreadableFile:
    """What to say of a file whose inside is not what it should be."""
    return UnreadableFile(_("文件已损坏，打不开。请用 Excel 或 WPS 打开后另存一份再传。"))
