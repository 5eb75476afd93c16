"""Office files are zip archives: looked at before they are opened, and copied entry by entry.

The copy has the same parts except the authors: ``docProps`` is emptied, dates of entries are one
and the same. Macros, embedded programs and links to other files are refused.
"""

from __future__ import annotations

import io
import zipfile
import zlib

from django.utils.translation import gettext as _

from portal.attachments.limits import (
    MAX_ARCHIVE_BYTES,
    MAX_ARCHIVE_ENTRIES,
    MAX_ARCHIVE_RATIO,
)

_HEART = {"docx": "word/document.xml", "xlsx": "xl/workbook.xml"}
_EPOCH = (1980, 1, 1, 0, 0, 0)
_CHUNK = 1 << 16
_ENCRYPTED = 0x1
_HEAD = b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_EMPTIED = {
    "docProps/core.xml": _HEAD
    + b'<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/'
    b'core-properties"/>',
    "docProps/app.xml": _HEAD
    + b'<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/'
    b'extended-properties"/>',
    "docProps/custom.xml": _HEAD
    + b'<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/'
    b'custom-properties"/>',
}
_REFUSED = ("vbaproject.bin", "activex", "embeddings/", "externallinks/", "attachedtemplate")


class BadArchive(ValueError):
    """The file can't be taken; the text says why."""


def without_authors(data: bytes, extension: str) -> bytes:
    """A clean copy of a docx or xlsx. Raises BadArchive."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            _look(archive, len(data), extension)
            return _copy(archive)
    except BadArchive:
        raise
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError):
        raise BadArchive(_("这个文件打不开，可能已损坏。")) from None


def _look(archive: zipfile.ZipFile, size: int, extension: str) -> None:
    """Ask the table of contents, before a single entry is unpacked."""
    entries = archive.infolist()
    names = {entry.filename for entry in entries}
    packed = sum(entry.compress_size for entry in entries)
    unpacked = sum(entry.file_size for entry in entries)
    too_large = (
        len(entries) > MAX_ARCHIVE_ENTRIES
        or unpacked > MAX_ARCHIVE_BYTES
        or unpacked > MAX_ARCHIVE_RATIO * max(packed, 1)
        or packed > size  # entries that overlap: one block unpacked many times
        or len(names) < len(entries)
    )
    if too_large:
        raise BadArchive(_("这个文件展开后过大，不像普通的办公文件。"))
    if any(entry.flag_bits & _ENCRYPTED for entry in entries):
        raise BadArchive(_("文件设了密码，请去掉密码再传。"))
    if any(name.startswith(("/", "\\")) or ".." in name.split("/") for name in names):
        raise BadArchive(_("这个文件的内部结构不对。"))
    if "[Content_Types].xml" not in names or _HEART[extension] not in names:
        raise BadArchive(_("文件内容和后缀“.%(ext)s”对不上。") % {"ext": extension})
    if any(part in name.lower() for name in names for part in _REFUSED):
        raise BadArchive(_("文件里有宏、嵌入的对象或外部链接，请去掉后再传。"))


def _copy(archive: zipfile.ZipFile) -> bytes:
    out = io.BytesIO()
    left = MAX_ARCHIVE_BYTES
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as copy:
        for entry in archive.infolist():
            if entry.is_dir():
                continue
            content = _EMPTIED.get(entry.filename)
            if content is None:
                content = _unpacked(archive, entry, left)
            left -= len(content)
            copy.writestr(zipfile.ZipInfo(entry.filename, _EPOCH), content, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def _unpacked(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, left: int) -> bytes:
    """The entry's bytes, counted while they come: the table of contents may lie."""
    chunks = []
    with archive.open(entry) as stream:
        while chunk := stream.read(_CHUNK):
            left -= len(chunk)
            if left < 0:
                raise BadArchive(_("这个文件展开后过大，不像普通的办公文件。"))
            chunks.append(chunk)
    return b"".join(chunks)
