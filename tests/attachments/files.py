"""Honest and hostile files, made when a test asks for them."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from typing import Any

from PIL import Image, PngImagePlugin

SECRET = "canary-林小燕-7731"


def photo(form: str = "JPEG", size: tuple[int, int] = (640, 480), **more: Any) -> bytes:
    """A picture with something to see, so that upright and turned can be told apart."""
    image = Image.new("RGB", size, (240, 240, 240))
    image.paste((166, 27, 31), (0, 0, size[0] // 2, size[1] // 4))
    out = io.BytesIO()
    image.save(out, form, **more)
    return out.getvalue()


def talkative_jpeg(**more: Any) -> bytes:
    """Camera, place, time and a comment, as a phone and an editor leave them."""
    exif = Image.Exif()
    exif[0x010F] = SECRET  # maker
    exif[0x0112] = 6  # turned by 90 degrees
    exif[0x9003] = "2017:06:09 10:36:00"
    exif.get_ifd(0x8825)[1] = "N"
    exif.get_ifd(0x8825)[2] = (24.0, 52.0, 30.0)
    return photo(exif=exif, comment=SECRET.encode(), **more) + SECRET.encode()


def talkative_png() -> bytes:
    info = PngImagePlugin.PngInfo()
    info.add_text("Author", SECRET)
    info.add_itxt("XML:com.adobe.xmp", f"<x>{SECRET}</x>")
    return photo("PNG", pnginfo=info)


def talkative_webp() -> bytes:
    exif = Image.Exif()
    exif[0x010F] = SECRET
    return photo("WEBP", exif=exif, xmp=f"<x>{SECRET}</x>".encode())


def pixel_bomb(width: int = 60_000, height: int = 60_000) -> bytes:
    """A PNG of a few bytes that claims 3.6 thousand million pixels."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        )

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(bytes(1000)))
        + chunk(b"IEND", b"")
    )


def office(extension: str = "docx", **parts: bytes) -> bytes:
    """A small docx or xlsx with an author in it."""
    heart = {"docx": "word/document.xml", "xlsx": "xl/workbook.xml"}[extension]
    entries = {
        "[Content_Types].xml": b"<Types/>",
        heart: "<document>纱手套领用表</document>".encode(),
        "docProps/core.xml": f"<dc:creator>{SECRET}</dc:creator>".encode(),
        "docProps/app.xml": f"<Company>{SECRET}</Company>".encode(),
        **{name.replace("__", "/"): body for name, body in parts.items()},
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in entries.items():
            archive.writestr(name, body)
    return out.getvalue()


def lying_archive() -> bytes:
    """Two hundred megabytes of zeros under an entry whose stated size is one kilobyte."""
    data = bytearray(office("xlsx", xl__worksheets__sheet1=bytes(200 << 20)))
    size = struct.pack("<I", 200 << 20)
    at = data.find(size)
    while at != -1:
        data[at : at + 4] = struct.pack("<I", 1024)
        at = data.find(size, at + 4)
    return bytes(data)


def pdf(pages: int = 1, body: bytes = b"", info: str = SECRET) -> bytes:
    """A PDF written by hand: text on each page, an author in its Info."""
    kids = " ".join(f"{10 + 2 * n} 0 R" for n in range(pages))
    objects = {
        1: b"<< /Type /Catalog /Pages 2 0 R " + body + b" >>",
        2: f"<< /Type /Pages /Kids [{kids}] /Count {pages} >>".encode(),
        3: b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        4: b"<< /Author <FEFF"
        + info.encode("utf-16-be").hex().encode()
        + b"> /Creator (canary) >>",
    }
    for n in range(pages):
        stream = f"BT /F1 24 Tf 72 700 Td (gloves canary-text {n}) Tj ET".encode()
        objects[10 + 2 * n] = (
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents {11 + 2 * n} 0 R "
            "/Resources << /Font << /F1 3 0 R >> >> >>"
        ).encode()
        objects[11 + 2 * n] = (
            f"<< /Length {len(stream)} >>\nstream\n".encode() + stream + b"\nendstream"
        )
    out = b"%PDF-1.4\n"
    places = {}
    for number, content in objects.items():
        places[number] = len(out)
        out += f"{number} 0 obj\n".encode() + content + b"\nendobj\n"
    start = len(out)
    out += f"xref\n0 {max(objects) + 1}\n".encode()
    for number in range(max(objects) + 1):
        if number in places:
            out += f"{places[number]:010d} 00000 n \n".encode()
        else:
            out += b"0000000000 65535 f \n"
    size = max(objects) + 1
    out += f"trailer\n<< /Size {size} /Root 1 0 R /Info 4 0 R >>\n".encode()
    return out + f"startxref\n{start}\n%%EOF".encode()
