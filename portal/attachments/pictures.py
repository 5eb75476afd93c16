"""Pictures are drawn anew: only the pixels cross over.

Saving an opened picture keeps what was hidden in it (a plain save kept the comment of a JPEG), so
the pixels are painted onto a fresh canvas that knows nothing else.
"""

from __future__ import annotations

import io
import threading
import warnings
from dataclasses import dataclass

from django.utils.translation import gettext as _
from PIL import Image, ImageOps

from portal.attachments.limits import LONGEST_SIDE, MAX_PIXELS

_FORMATS = {"jpg": "JPEG", "png": "PNG", "webp": "WEBP"}
_FINGER = 16  # a fingerprint has 16 x 16 bits
_AT_ONCE = threading.BoundedSemaphore(2)  # a large picture takes 200 MB while it is drawn


class BadPicture(ValueError):
    """The picture can't be taken; the text says why."""


@dataclass(frozen=True, slots=True)
class Picture:
    data: bytes
    width: int
    height: int


def redraw(data: bytes, extension: str) -> Picture:
    """A fresh picture of the same pixels, upright, at most 2,560 on its longer side. Of several
    frames the first. Raises BadPicture."""
    form = _FORMATS[extension]
    with _AT_ONCE, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # odd metadata: it is left behind anyway
        try:
            with Image.open(io.BytesIO(data), formats=(form,)) as opened:
                if opened.width * opened.height > MAX_PIXELS:
                    raise BadPicture(_("照片的像素太大，请缩小后再传。"))
                opened.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
                upright = ImageOps.exif_transpose(opened)
                upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
                mode = "RGBA" if form != "JPEG" and _has_holes(upright) else "RGB"
                pixels = upright.convert(mode)
        except BadPicture:
            raise
        except Image.DecompressionBombError:
            raise BadPicture(_("照片的像素太大，请缩小后再传。")) from None
        except Exception:  # whatever a hostile picture makes the decoder raise
            raise BadPicture(_("这张照片打不开，可能已损坏。请重新拍一张或截图再传。")) from None
        canvas = Image.new(pixels.mode, pixels.size)
        canvas.paste(pixels)
        out = io.BytesIO()
        if form == "PNG":
            canvas.save(out, form, optimize=False)
        else:
            canvas.save(out, form, quality=85)
    return Picture(out.getvalue(), canvas.width, canvas.height)


def fingerprint(data: bytes) -> str:
    """What a clean picture looks like, in 64 hexadecimal digits: whether each of 16 x 16 patches is
    darker than its right neighbour (difference hash). Scaled, recompressed or slightly brightened
    it hardly changes. Says nothing of who or what is on the picture."""
    with _AT_ONCE, Image.open(io.BytesIO(data)) as opened:
        opened.draft("L", (256, 256))
        grey = opened.convert("L").resize((_FINGER + 1, _FINGER), Image.Resampling.BOX)
    light = grey.tobytes()
    bits = 0
    for row in range(_FINGER):
        start = row * (_FINGER + 1)
        for place in range(start, start + _FINGER):
            bits = bits << 1 | (light[place] < light[place + 1])
    return f"{bits:064x}"


def _has_holes(image: Image.Image) -> bool:
    return image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info
