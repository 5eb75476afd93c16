"""From what somebody sent to what is kept: bytes in, clean bytes out, or a sentence why not.

The name's ending and the content must agree; the name decides nothing else. Pictures are drawn
anew, office files lose the names of their authors, texts become UTF-8. Nothing here touches the
database or the disk.
"""

from __future__ import annotations

import codecs
import unicodedata
from dataclasses import dataclass
from pathlib import PurePosixPath

from django.utils.translation import gettext as _

from portal.attachments import archives, pictures
from portal.attachments.limits import IMAGES, MAX_TEXT_CHARACTERS, MEGABYTE, OFFICE, Profile
from portal.attachments.pdf_room import check_pdf
from portal.kernel.errors import DomainError

MEDIA_TYPES = {
    "jpg": "image/jpeg",
    "png": "image/png",
    "webp": "image/webp",
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "txt": "text/plain; charset=utf-8",
    "csv": "text/csv; charset=utf-8",
}
MAX_NAME = 80


@dataclass(frozen=True, slots=True)
class CheckedFile:
    """A file that may be kept. ``name`` is empty where it must not be known."""

    extension: str
    data: bytes
    name: str = ""
    width: int | None = None
    height: int | None = None
    pages: int | None = None


class BadFile(DomainError):
    """The file can't be taken; the message says why and what to do."""

    code = "bad_file"


def check(*, name: str, data: bytes, profile: Profile) -> CheckedFile:
    """The clean copy of an upload. Raises BadFile with a sentence for the sender."""
    extension = extension_of(name)
    if extension not in profile.extensions:
        raise BadFile(_wrong_kind(extension, profile))
    if not data:
        raise BadFile(_("这个文件是空的。"))
    if len(data) > profile.max_bytes:
        raise BadFile(_("文件超过%(n)dMB，请压缩后再传。") % {"n": profile.max_bytes // MEGABYTE})
    extension = "jpg" if extension == "jpeg" else extension
    if kind_of(data) != _expected(extension):
        raise BadFile(
            _("文件内容和后缀“.%(ext)s”对不上，请用原来的软件另存一份再传。") % {"ext": extension}
        )
    kept_name = "" if profile.is_sealed else clean_name(name)
    try:
        return _copied(extension, data, kept_name, profile)
    except (pictures.BadPicture, archives.BadArchive) as error:
        raise BadFile(str(error)) from None


def _copied(extension: str, data: bytes, name: str, profile: Profile) -> CheckedFile:
    if extension in IMAGES:
        picture = pictures.redraw(data, extension)
        return CheckedFile(extension, picture.data, name, picture.width, picture.height)
    if extension == "pdf":
        answer = check_pdf(data, rasterise=profile.is_sealed)
        if answer.problem:
            raise BadFile(answer.problem)
        return CheckedFile(extension, answer.data, name, pages=answer.pages)
    if extension in OFFICE:
        return CheckedFile(extension, archives.without_authors(data, extension), name)
    return CheckedFile(extension, _as_text(data), name)


def extension_of(name: str) -> str:
    """The ending in lower case without the dot. Only the last one counts: ``a.jpg.exe`` is exe."""
    return PurePosixPath(name.replace("\\", "/").strip()).suffix.lower().lstrip(".")


def clean_name(name: str) -> str:
    """The name as it is shown and offered for download: no path, no control or direction-changing
    characters, at most 80 characters."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    plain = "".join(c for c in last if unicodedata.category(c)[0] != "C")
    plain = " ".join(plain.replace('"', "").replace(";", "").split()).strip(". ")
    stem, dot, ending = plain.rpartition(".")
    return f"{stem[: MAX_NAME - len(ending) - 1]}.{ending}" if dot else plain[:MAX_NAME]


def kind_of(data: bytes) -> str:
    """What the first bytes say: jpg, png, webp, pdf, zip, or text where nothing speaks."""
    if data.startswith(b"\xff\xd8\xff"):
        return "jpg"
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "webp"
    if data.startswith(b"%PDF-"):
        return "pdf"
    if data.startswith(b"PK\x03\x04"):
        return "zip"
    return "text"


def _expected(extension: str) -> str:
    if extension in OFFICE:
        return "zip"
    return extension if extension in MEDIA_TYPES and extension not in ("txt", "csv") else "text"


def _wrong_kind(extension: str, profile: Profile) -> str:
    if extension in ("heic", "heif"):
        return _(
            "苹果手机的HEIC照片这里打不开。请在“设置、相机、格式”里选“兼容性最佳”，或截图后再传。"
        )
    if extension in ("doc", "xls", "wps", "et"):
        return _("请另存为docx或xlsx再传。")
    if extension in ("docx", "xlsx") and profile.is_sealed:
        return _("办公文件里藏着作者姓名，匿名不收。请改成照片、PDF，或把内容写进正文。")
    return _("不收这种文件。可以传：%(kinds)s。") % {
        "kinds": "、".join(extension for extension in profile.extensions if extension != "jpeg")
    }


def _as_text(data: bytes) -> bytes:
    """The text in UTF-8. What is neither UTF-8 nor GB 18030, or holds control characters, is
    no text."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = codecs.decode(data, encoding)
        except UnicodeDecodeError:
            continue
        if any(unicodedata.category(c) == "Cc" and c not in "\r\n\t" for c in text):
            break
        if len(text) > MAX_TEXT_CHARACTERS:
            raise BadFile(_("文字太长，请分成几个文件。"))
        return text.replace("\r\n", "\n").encode()
    raise BadFile(_("这不是文字文件。请用记事本另存为UTF-8再传。"))
