"""What really stands on a rendered page, in millimetres from its top left corner."""

from __future__ import annotations

import io
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pdfplumber
import pypdfium2
from PIL import Image, ImageChops

PER_MM = 20  # pixels: a twentieth of a millimetre
POINT = 25.4 / 72


@dataclass(frozen=True, slots=True)
class Box:
    left: float
    top: float
    right: float
    bottom: float

    @property
    def width(self) -> float:
        return self.right - self.left

    @property
    def height(self) -> float:
        return self.bottom - self.top


@dataclass(frozen=True, slots=True)
class Glyph:
    """A character with its origin: left edge of its box, and baseline."""

    text: str
    x: float
    baseline: float
    size: float
    font: str


class Sheet:
    """One page of a PDF."""

    def __init__(self, data: bytes, number: int) -> None:
        self.data, self.number = data, number

    @cached_property
    def glyphs(self) -> list[Glyph]:
        with pdfplumber.open(io.BytesIO(self.data)) as pdf:
            page = pdf.pages[self.number]
            return [_glyph(char, float(page.height)) for char in page.chars]

    @property
    def text(self) -> str:
        return "".join(glyph.text for glyph in self.glyphs)

    def lines(self) -> list[list[Glyph]]:
        """Glyphs by baseline, from the top; each line from the left."""
        found: dict[float, list[Glyph]] = {}
        for glyph in self.glyphs:
            found.setdefault(round(glyph.baseline, 1), []).append(glyph)
        return [sorted(found[y], key=lambda g: g.x) for y in sorted(found)]

    def line(self, text: str) -> list[Glyph]:
        """The line that begins with ``text``."""
        for line in self.lines():
            if "".join(g.text for g in line).startswith(text):
                return line
        raise AssertionError(f"no line begins with {text!r}: {self.text[:300]}")

    @cached_property
    def picture(self) -> Image.Image:
        page = pypdfium2.PdfDocument(self.data)[self.number]
        picture: Image.Image = page.render(scale=PER_MM * POINT).to_pil()
        return picture.convert("RGB")

    def cut(self, area: Box) -> Image.Image:
        edges = [round(edge * PER_MM) for edge in (area.left, area.top, area.right, area.bottom)]
        return self.picture.crop((edges[0], edges[1], edges[2], edges[3]))

    def ink(self, *, red: bool, area: Box | None = None) -> Box:
        """The smallest box around what is red, or around what is dark, within ``area``."""
        picture = self.picture
        where = area or Box(0, 0, picture.width / PER_MM, picture.height / PER_MM)
        r, g, _b = self.cut(where).split()
        if red:
            mask = ImageChops.subtract(r, g).point(lambda v: 255 if v > 90 else 0)
        else:
            mask = r.point(lambda v: 255 if v < 140 else 0)
        found = mask.getbbox()
        assert found is not None, f"nothing {'red' if red else 'dark'} in {where}"
        left, top, right, bottom = (edge / PER_MM for edge in found)
        return Box(left + where.left, top + where.top, right + where.left, bottom + where.top)

    def rules(self, *, red: bool) -> list[Box]:
        """Horizontal bars at least 100 mm wide, from the top."""
        with pdfplumber.open(io.BytesIO(self.data)) as pdf:
            page = pdf.pages[self.number]
            found = [
                Box(*(float(r[k]) * POINT for k in ("x0", "top", "x1", "bottom")))
                for r in page.rects
                if float(r["width"]) * POINT > 100 and _is_red(r["non_stroking_color"]) == red
            ]
        return sorted(found, key=lambda box: box.top)


def sheets(data: bytes) -> list[Sheet]:
    return [Sheet(data, number) for number in range(len(pypdfium2.PdfDocument(data)))]


def _glyph(char: dict[str, Any], height: float) -> Glyph:
    _a, _b, _c, _d, x, y = char["matrix"]
    return Glyph(
        char["text"], x * POINT, (height - y) * POINT, float(char["size"]), char["fontname"]
    )


def _is_red(color: Any) -> bool:
    return isinstance(color, tuple | list) and len(color) == 3 and color[0] > 0.5 and color[1] < 0.3
