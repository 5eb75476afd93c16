"""An official paper as data: what stands on it, nothing about how it looks.

Renderers (:mod:`.pdf`, :mod:`.word`) turn it into a file; :mod:`.stored` into JSON and back, so
that a signed paper can be kept word for word. Every text is plain: markup in it is printed.
"""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeAlias


class Layout(enum.StrEnum):
    """Which head the paper has (GB/T 9704-2012)."""

    RED_HEAD = "red_head"  # 文件格式 (clause 7): the issuer in red, number, red rule
    LETTER = "letter"  # 信函格式 (clause 10.1): double red rules above and below
    PLAIN = "plain"  # a form or record: the title and what is to be filled in


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph of the body. ``lead`` opens it as a heading of ``level`` 1 to 4 (一、, （一）,
    1., （1）): alone, when ``text`` is empty, or run in."""

    text: str = ""
    lead: str = ""
    level: int = 0


@dataclass(frozen=True, slots=True)
class Column:
    """``width`` is a share of the whole. ``align``: where the cells stand."""

    title: str
    width: float = 1
    align: Literal["left", "center", "right"] = "center"


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of texts under a heading that every page repeats. ``row_lines``: room for so many lines
    even where nothing stands yet, since it will be filled in by hand."""

    columns: Sequence[Column]
    rows: Sequence[Sequence[str]]
    caption: str = ""
    row_lines: int = 1


@dataclass(frozen=True, slots=True)
class Entry:
    """One box of a form: its label, what stands in it, how many lines it has room for."""

    label: str
    text: str = ""
    lines: int = 1


@dataclass(frozen=True, slots=True)
class Form:
    """Boxes one below the other; two short ones may share a row."""

    rows: Sequence[Sequence[Entry]]


Block: TypeAlias = Paragraph | Table | Form


@dataclass(frozen=True, slots=True)
class Attachment:
    """附件: on a page of its own, before the imprint. A wide table lies across the sheet."""

    title: Sequence[str]
    blocks: Sequence[Block]
    landscape: bool = False

    @property
    def name(self) -> str:
        return "".join(self.title)


@dataclass(frozen=True, slots=True)
class Signature:
    """落款. ``day`` None leaves the date to be filled in by hand; ``sealed`` leaves the place of
    the seal free (no seal is ever drawn)."""

    name: str
    day: dt.date | None
    sealed: bool = True


@dataclass(frozen=True, slots=True)
class Imprint:
    """版记: whom copies go to, who printed it and when."""

    copies_to: Sequence[str] = ()
    printer: str = ""
    printed_on: dt.date | None = None


@dataclass(frozen=True, slots=True)
class Verification:
    """What a reader needs to ask the portal whether the paper is true."""

    url: str
    digest: str


@dataclass(frozen=True, slots=True)
class Paper:
    """One document.

    ``title`` is a sequence of words: a line may end after each, never within one. ``number`` is
    empty on forms. ``mark`` is the issuer as the head shows it. ``duplex`` puts the imprint on an
    even page, as a paper printed on both sides needs it.
    """

    layout: Layout
    title: Sequence[str]
    blocks: Sequence[Block]
    mark: str = ""
    number: str = ""
    addressees: Sequence[str] = ()
    attachments: Sequence[Attachment] = ()
    signature: Signature | None = None
    note: str = ""
    imprint: Imprint | None = None
    verification: Verification | None = None
    landscape: bool = False
    duplex: bool = field(default=False)

    @property
    def name(self) -> str:
        return "".join(self.title)


def day_words(day: dt.date | None) -> str:
    """2017年7月5日: arabic, the year in full, no padding; room to write when there is none."""
    return f"{day.year}年{day.month}月{day.day}日" if day else "　　　　年　　月　　日"
