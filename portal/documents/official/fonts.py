"""Which fonts a PDF is set in here, and which of the standard's they stand in for.

The standard's own (方正小标宋, 仿宋_GB2312, 楷体_GB2312, 黑体) may not be passed on with a program.
Where one is installed it is used; otherwise a free one stands in for it, and the portal says so.
``script/fonts`` fetches the free ones. A docx always names the standard's fonts.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import typst
from django.conf import settings

# For each face: what the standard asks for (and its later editions), then what stands in for it.
_FACES: dict[str, tuple[str, tuple[str, ...], tuple[str, ...]]] = {
    "title": (
        "方正小标宋简体",
        ("FZXiaoBiaoSong-B05S", "FZXiaoBiaoSong-B05", "方正小标宋简体", "方正小标宋_GBK"),
        ("FandolSong", "Noto Serif CJK SC", "Source Han Serif SC"),
    ),
    "body": (
        "仿宋_GB2312",
        ("FangSong_GB2312", "仿宋_GB2312", "FangSong", "仿宋"),
        ("FandolFang R", "Noto Serif CJK SC", "Source Han Serif SC"),
    ),
    "second": (
        "楷体_GB2312",
        ("KaiTi_GB2312", "楷体_GB2312", "KaiTi", "楷体"),
        ("FandolKai", "Noto Serif CJK SC", "Source Han Serif SC"),
    ),
    "heading": (
        "黑体",
        ("SimHei", "黑体"),
        ("FandolHei", "Noto Sans CJK SC", "Source Han Sans SC"),
    ),
    "digits": (
        "宋体",
        ("SimSun", "宋体"),
        ("FandolSong", "Noto Serif CJK SC", "Source Han Serif SC"),
    ),
}
# What the free ones have no shape for (蟳 璟 玥 喆 堃) comes from these.
_RARE = ("Noto Serif CJK SC", "Source Han Serif SC", "Noto Sans CJK SC", "Source Han Sans SC")


class FontsMissing(RuntimeError):
    """There is no Chinese font on this machine: a PDF would show boxes."""


@dataclass(frozen=True, slots=True)
class Face:
    """One face of a paper. ``used`` is "" when nothing can stand in for it."""

    role: str
    standard: str
    used: str
    fallbacks: Sequence[str]

    @property
    def is_standard(self) -> bool:
        return self.used in _FACES[self.role][1]


@dataclass(frozen=True, slots=True)
class Fonts:
    """What was found. ``found`` is what the typesetter reads them from."""

    faces: Sequence[Face]
    found: typst.Fonts

    @property
    def stand_ins(self) -> list[Face]:
        return [face for face in self.faces if face.used and not face.is_standard]

    @property
    def missing(self) -> list[Face]:
        return [face for face in self.faces if not face.used]

    def face(self, role: str) -> Face:
        return next(face for face in self.faces if face.role == role)

    def families(self) -> dict[str, list[str]]:
        """Per role the families in the order they are tried. Raises FontsMissing."""
        if self.missing:
            raise FontsMissing
        return {face.role: [face.used, *face.fallbacks] for face in self.faces}


_looking = threading.Lock()


def fonts() -> Fonts:
    """The fonts of this machine and of ``PORTAL_FONTS_DIR``, looked up again when that changes."""
    directory = Path(settings.PORTAL_FONTS_DIR)
    state = tuple(sorted(path.name for path in directory.glob("*"))) if directory.is_dir() else ()
    with _looking:
        return _fonts(directory, state)


@lru_cache(maxsize=1)
def _fonts(directory: Path, state: tuple[str, ...]) -> Fonts:
    found = typst.Fonts(font_paths=[str(directory)] if state else [])
    names = set(found.families())
    faces = []
    for role, (standard, own, free) in _FACES.items():
        used = next((name for name in (*own, *free) if name in names), "")
        rare = [name for name in _RARE if name in names and name != used]
        faces.append(Face(role, standard, used, rare))
    return Fonts(faces, found)
