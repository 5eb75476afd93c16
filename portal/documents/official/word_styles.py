"""The styles of a docx: fonts of the standard by name, sizes, line height, letters set closer."""

from __future__ import annotations

import functools
import io
from typing import Any, Final

from docx import Document
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING, WD_TAB_ALIGNMENT
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor

from portal.documents.official import grid

SONG_TITLE: Final = "方正小标宋简体"
FANGSONG: Final = "仿宋_GB2312"
KAITI: Final = "楷体_GB2312"
HEITI: Final = "黑体"
SONGTI: Final = "宋体"

_TWIPS_PER_MM: Final = 1440 / 25.4
# Word counts twentieths of a point: rounded up, the 22nd line would not fit.
LINE_TWIPS: Final = int(grid.LINE * _TWIPS_PER_MM)
# 16 pt a character would be 27 in a line; a quarter of a point less makes 28 of them.
_CLOSER_TWIPS: Final = -5
IMPRINT_LINE_PT: Final = 24.0
LEVELS: Final = {0: "正文段落", 1: "一级标题", 2: "二级标题", 3: "三级标题", 4: "四级标题"}


def wear(paragraph: Any, style: str) -> None:
    """Give the paragraph one of the styles below. Their identifiers are their names, so nothing has
    to be looked up: by name, the library searches every style for every paragraph."""
    paragraph._p.style = style


@functools.cache
def template() -> bytes:
    """An empty document with the styles, made once per process."""
    document = Document()
    _make_styles(document)
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def _make_styles(document: Any) -> None:
    styles = document.styles
    normal = styles["Normal"]
    _font(normal, FANGSONG, grid.BODY_PT)
    _closer(normal, _CLOSER_TWIPS)
    spacing = normal.paragraph_format
    spacing.space_before = spacing.space_after = Pt(0)
    spacing.line_spacing_rule = WD_LINE_SPACING.EXACTLY
    spacing.line_spacing = Pt(LINE_TWIPS / 20)
    spacing.widow_control = False

    def style(name: str, font: str, size: float, base: str = "Normal") -> Any:
        made = styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
        made.base_style = styles[base]
        made.quick_style = True
        _font(made, font, size)
        return made

    style("空行", FANGSONG, grid.BODY_PT)
    mark = style("发文机关标志", SONG_TITLE, 42)
    mark.font.color.rgb = RGBColor.from_string(grid.RED.upper())
    mark.paragraph_format.alignment = WD_ALIGN_PARAGRAPH.CENTER
    mark.paragraph_format.line_spacing_rule = WD_LINE_SPACING.SINGLE
    _closer(mark, 0)
    style("发文字号", FANGSONG, grid.BODY_PT)
    title = style("公文标题", SONG_TITLE, grid.TITLE_PT)
    title.paragraph_format.alignment = WD_ALIGN_PARAGRAPH.CENTER
    title.paragraph_format.line_spacing = Pt(35)
    title.paragraph_format.keep_with_next = True
    _closer(title, 0)
    off_grid(title)
    style("主送机关", FANGSONG, grid.BODY_PT)
    body = style("正文段落", FANGSONG, grid.BODY_PT)
    body.paragraph_format.alignment = WD_ALIGN_PARAGRAPH.JUSTIFY
    _indent(body, 2)
    for level, font in ((1, HEITI), (2, KAITI), (3, FANGSONG), (4, FANGSONG)):
        heading = style(LEVELS[level], font, grid.BODY_PT, base="正文段落")
        heading.paragraph_format.keep_with_next = True
        _outline(heading, level)
        lead = styles.add_style(f"{LEVELS[level]}（段首）", WD_STYLE_TYPE.CHARACTER)
        _font(lead, font, grid.BODY_PT)
    listed = style("附件说明", FANGSONG, grid.BODY_PT)
    _indent(listed, 2)
    for name in ("署名", "成文日期"):
        style(name, FANGSONG, grid.BODY_PT).paragraph_format.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    style("附件序号", HEITI, grid.BODY_PT)
    imprint = style("版记", FANGSONG, grid.SMALL_PT)
    imprint.paragraph_format.line_spacing = Pt(IMPRINT_LINE_PT)
    _tab_right(imprint)
    _closer(imprint, 0)
    off_grid(imprint)
    number = style("页码", SONGTI, grid.SMALL_PT)
    number.paragraph_format.line_spacing_rule = WD_LINE_SPACING.SINGLE
    caption = style("表题", KAITI, grid.BODY_PT)
    caption.paragraph_format.alignment = WD_ALIGN_PARAGRAPH.CENTER
    for name, font in (("表头", HEITI), ("表格文字", FANGSONG)):
        cell = style(name, font, grid.CELL_PT)
        cell.paragraph_format.line_spacing = Pt(17)
        _closer(cell, 0)
        off_grid(cell)
    small = style("核验", HEITI, 8)
    small.paragraph_format.line_spacing_rule = WD_LINE_SPACING.SINGLE


def _font(style: Any, name: str, size: float) -> None:
    style.font.name, style.font.size = name, Pt(size)
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for place in ("ascii", "hAnsi", "eastAsia", "cs"):
        fonts.set(qn(f"w:{place}"), name)


def _closer(style: Any, twips: int) -> None:
    """Set letters closer (negative) or, in a style based on such a one, apart again (0)."""
    properties = style.element.get_or_add_rPr()
    spacing = OxmlElement("w:spacing")
    spacing.set(qn("w:val"), str(twips))
    size = properties.find(qn("w:sz"))
    size.addprevious(spacing)


def off_grid(thing: Any) -> None:
    """Lines of this style, or of this paragraph, are as high as they say, wherever the page's grid
    lies."""
    free = OxmlElement("w:snapToGrid")
    free.set(qn("w:val"), "0")
    element = getattr(thing, "_p", None)
    properties = (thing.element if element is None else element).get_or_add_pPr()
    spacing = properties.find(qn("w:spacing"))
    if spacing is None:
        properties.append(free)
    else:
        spacing.addprevious(free)


def _indent(style: Any, characters: int) -> None:
    """First line in by whole characters, as Word counts them, and in points for others."""
    style.paragraph_format.first_line_indent = Mm(characters * grid.CHARACTER)
    style.element.get_or_add_pPr().find(qn("w:ind")).set(
        qn("w:firstLineChars"), str(100 * characters)
    )


def _outline(style: Any, level: int) -> None:
    found = OxmlElement("w:outlineLvl")
    found.set(qn("w:val"), str(level - 1))
    style.element.get_or_add_pPr().append(found)


def _tab_right(style: Any) -> None:
    edge = grid.BLOCK_WIDTH - grid.SMALL_PT * grid.PT
    style.paragraph_format.tab_stops.add_tab_stop(Mm(edge), WD_TAB_ALIGNMENT.RIGHT)
