"""A paper as docx for Word and WPS: the standard's fonts by name, real styles, editable.

22 lines come from the section's grid and the exact line height, 28 characters from letters set a
little closer in the style: programs disagree about a grid of characters, not about these. Typing
on keeps the layout. The same paper gives the same bytes.
"""

from __future__ import annotations

import datetime as dt
import functools
import io
import math
import zipfile
from collections.abc import Sequence
from typing import Any, Final

from docx import Document
from docx.enum.section import WD_ORIENT, WD_SECTION
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import qn
from docx.shared import Length, Mm, Pt, RGBColor

from portal.documents.official import grid
from portal.documents.official.model import (
    Attachment,
    Block,
    Form,
    Imprint,
    Layout,
    Paper,
    Paragraph,
    Signature,
    Table,
    day_words,
)
from portal.documents.official.qr import code_png, words_beside
from portal.documents.official.titles import title_lines

SONG_TITLE: Final = "方正小标宋简体"
FANGSONG: Final = "仿宋_GB2312"
KAITI: Final = "楷体_GB2312"
HEITI: Final = "黑体"
SONGTI: Final = "宋体"

_MADE: Final = dt.datetime(
    2000, 1, 1, tzinfo=dt.UTC
)  # a file that knew the hour would not be the same
_ZIP_TIME: Final = (2000, 1, 1, 0, 0, 0)
_TWIPS_PER_MM: Final = 1440 / 25.4
# Word counts twentieths of a point: rounded up, the 22nd line would not fit.
_LINE_TWIPS: Final = int(grid.LINE * _TWIPS_PER_MM)
# 16 pt a character would be 27 in a line; a quarter of a point less makes 28 of them.
_CLOSER_TWIPS: Final = -5
_IMPRINT_LINE_PT: Final = 24.0
_RULE_SPACE_PT: Final = 3  # between a line of the imprint and the rule under it
_ALIGN: Final = {
    "left": WD_ALIGN_PARAGRAPH.LEFT,
    "center": WD_ALIGN_PARAGRAPH.CENTER,
    "right": WD_ALIGN_PARAGRAPH.RIGHT,
}
_LEVELS: Final = {0: "正文段落", 1: "一级标题", 2: "二级标题", 3: "三级标题", 4: "四级标题"}


def write_docx(paper: Paper, author: str = "") -> bytes:
    """The bytes of the .docx."""
    return _Writer(paper, author).bytes()


class _Writer:
    def __init__(self, paper: Paper, author: str) -> None:
        self.paper = paper
        self.document: Any = Document(io.BytesIO(_template()))
        self._properties(author)
        self._first_section()
        self._head()
        for block in paper.blocks:
            self._block(block)
        self._attachment_list()
        if paper.signature:
            self._signature(paper.signature)
        if paper.note:
            self._paragraph("正文段落", f"（{paper.note}）")
        for index, attachment in enumerate(paper.attachments):
            self._attachment(attachment, index)
        if paper.imprint:
            self._imprint(paper.imprint)

    def bytes(self) -> bytes:
        buffer = io.BytesIO()
        self.document.save(buffer)
        return _without_times(buffer.getvalue())

    # -- page -------------------------------------------------------------------------------

    def _properties(self, author: str) -> None:
        core = self.document.core_properties
        core.title, core.language = self.paper.name, "zh-CN"
        core.author = author or (
            self.paper.signature.name if self.paper.signature else self.paper.mark
        )
        core.last_modified_by, core.comments = core.author, ""
        core.created = core.modified = core.last_printed = _MADE

    def _first_section(self) -> None:
        section = self.document.sections[0]
        _lay_out(section, self.paper.landscape)
        self.document.settings.odd_and_even_pages_header_footer = True
        section.different_first_page_header_footer = self.paper.layout is Layout.LETTER
        if self.paper.layout is Layout.PLAIN:
            return
        _page_number(section.footer, WD_ALIGN_PARAGRAPH.RIGHT)
        _page_number(section.even_page_footer, WD_ALIGN_PARAGRAPH.LEFT)
        if self.paper.layout is Layout.LETTER:
            section.first_page_footer.is_linked_to_previous = False
            foot = section.first_page_footer.paragraphs[0]
            _red_rule(foot, "thinThickSmallGap", 24, above=True)
            side = Mm((grid.BLOCK_WIDTH - grid.LETTER_RULE_WIDTH) / 2)
            foot.paragraph_format.left_indent = foot.paragraph_format.right_indent = side

    def _new_section(self, landscape: bool) -> None:
        section = self.document.add_section(WD_SECTION.NEW_PAGE)
        _lay_out(section, landscape)
        section.different_first_page_header_footer = False

    # -- head -------------------------------------------------------------------------------

    def _head(self) -> None:
        paper = self.paper
        match paper.layout:
            case Layout.RED_HEAD:
                mark = self._paragraph("发文机关标志", paper.mark)
                mark.paragraph_format.space_before = Mm(grid.RED_MARK_TOP)
                _fit(mark, paper.mark, grid.BLOCK_WIDTH)
                self._blank(2)
                number = self._paragraph("发文字号", paper.number)
                number.alignment = WD_ALIGN_PARAGRAPH.CENTER
                _red_rule(number, "single", 16, gap=grid.RED_RULE_BELOW)
                self._blank(2)
            case Layout.LETTER:
                mark = self._paragraph("发文机关标志", paper.mark)
                _fit(mark, paper.mark, grid.LETTER_RULE_WIDTH)
                side = Mm((grid.BLOCK_WIDTH - grid.LETTER_RULE_WIDTH) / 2)
                mark.paragraph_format.left_indent = mark.paragraph_format.right_indent = side
                _red_rule(mark, "thickThinSmallGap", 24, gap=grid.LETTER_RULE_BELOW)
                number = self._paragraph("发文字号", paper.number)
                number.alignment = WD_ALIGN_PARAGRAPH.RIGHT
                number.paragraph_format.space_before = Pt(14)
                self._blank(2)
            case Layout.PLAIN:
                pass
        self._title(paper.title, paper.landscape)
        if paper.layout is Layout.PLAIN and paper.number:
            self._paragraph("发文字号", paper.number).alignment = WD_ALIGN_PARAGRAPH.RIGHT
        if paper.addressees:
            self._blank(1)
            self._paragraph("主送机关", "、".join(paper.addressees) + "：")

    def _title(self, words: Sequence[str], landscape: bool) -> None:
        wide = grid.BLOCK_HEIGHT if landscape else grid.BLOCK_WIDTH
        lines = title_lines(words, int(wide / grid.PT / grid.TITLE_PT))
        title = self._paragraph("公文标题")
        for number, line in enumerate(lines):
            run = title.add_run(line)
            if number < len(lines) - 1:
                run.add_break()

    # -- body -------------------------------------------------------------------------------

    def _block(self, block: Block) -> None:
        match block:
            case Paragraph():
                self._body(block)
            case Table():
                self._table(block)
            case Form():
                self._form(block)

    def _body(self, block: Paragraph) -> None:
        if not block.text:
            self._paragraph(_LEVELS[block.level], block.lead)
            return
        paragraph = self._paragraph("正文段落")
        if block.lead:
            paragraph.add_run(block.lead)._r.style = f"{_LEVELS[block.level]}（段首）"
        paragraph.add_run(block.text)

    def _table(self, block: Table) -> None:
        if block.caption:
            caption = self._paragraph("表题", block.caption)
            caption.paragraph_format.keep_with_next = True
        table = self.document.add_table(rows=1, cols=len(block.columns), style="Table Grid")
        table.alignment = WD_TABLE_ALIGNMENT.CENTER
        widths = _widths([column.width for column in block.columns], self._width)
        for cell, column in zip(table.rows[0].cells, block.columns, strict=True):
            _fill(cell, column.title, "表头", WD_ALIGN_PARAGRAPH.CENTER)
        _repeat(table.rows[0])
        for row in block.rows:
            added = table.add_row()
            _whole(added)
            cells = added.cells
            for cell, column, text in zip(cells, block.columns, row, strict=True):
                _fill(cell, text, "表格文字", _ALIGN[column.align])
        _set_widths(table, widths)
        _thin(self.document.add_paragraph())

    def _form(self, block: Form) -> None:
        for row in block.rows:
            table = self.document.add_table(rows=1, cols=2 * len(row), style="Table Grid")
            table.alignment = WD_TABLE_ALIGNMENT.CENTER
            label = 25.0
            rest = self._width / len(row) - label
            _set_widths(table, [label, rest] * len(row))
            table.rows[0].height = Pt(20 * max(entry.lines for entry in row) + 6)
            for index, entry in enumerate(row):
                cells = table.rows[0].cells
                _fill(cells[2 * index], entry.label, "表头", WD_ALIGN_PARAGRAPH.CENTER)
                _fill(cells[2 * index + 1], entry.text, "表格文字", WD_ALIGN_PARAGRAPH.LEFT)
            _thin(self.document.add_paragraph())

    @property
    def _width(self) -> float:
        section = self.document.sections[-1]
        wide: Length = section.page_width - section.left_margin - section.right_margin
        return float(Length(wide).mm)

    def _attachment_list(self) -> None:
        attachments = self.paper.attachments
        if not attachments:
            return
        self._blank(1)
        for index, attachment in enumerate(attachments):
            order = f"{index + 1}." if len(attachments) > 1 else ""
            label = "附件：" if index == 0 else "　　　"
            self._paragraph("附件说明", f"{label}{order}{attachment.name}")

    def _signature(self, signature: Signature) -> None:
        paper = self.paper
        if paper.verification:
            # As high as the two blank lines above a sealed name, at the other side of the page.
            line = self._paragraph("核验")
            line.add_run().add_picture(io.BytesIO(code_png(paper.verification)), width=Mm(20))
            line.add_run("  " + "  ".join(words_beside(paper.verification)))
            line.paragraph_format.keep_with_next = True
        else:
            self._blank(2 if signature.sealed else 1)
        day = day_words(signature.day)
        name = self._paragraph("署名", signature.name)
        date = self._paragraph("成文日期", day)
        char = grid.CHARACTER
        wide_name, wide_day = (_width_of(text) * char for text in (signature.name, day))
        if signature.sealed:
            # Centred over the date, whose last character stands four in from the edge.
            right = max(0.0, 4 * char + wide_day / 2 - wide_name / 2)
            date.paragraph_format.right_indent = Mm(4 * char)
        else:
            right = 2 * char
            shift = wide_name - 2 * char - wide_day
            date.paragraph_format.right_indent = Mm(max(2 * char, right + shift))
        name.paragraph_format.right_indent = Mm(right)
        name.paragraph_format.keep_with_next = True

    def _attachment(self, attachment: Attachment, index: int) -> None:
        self._new_section(attachment.landscape)
        order = str(index + 1) if len(self.paper.attachments) > 1 else ""
        self._paragraph("附件序号", f"附件{order}")
        self._blank(1)
        self._title(attachment.title, attachment.landscape)
        for block in attachment.blocks:
            self._block(block)

    def _imprint(self, imprint: Imprint) -> None:
        last = self.paper.attachments[-1] if self.paper.attachments else None
        if last is not None and last.landscape:
            self._new_section(landscape=False)
        ruled = self.paper.layout is not Layout.LETTER
        copies = "，".join(imprint.copies_to)
        rows = [f"抄送：{copies}。"] if copies else []
        if ruled:
            rows.append(f"{imprint.printer}\t{day_words(imprint.printed_on)}印发")
        if not rows:
            return
        inside = math.floor(grid.BLOCK_WIDTH / grid.PT / grid.SMALL_PT - 2)
        lines: list[Any] = []
        for number, text in enumerate(rows):
            wrapped = _wrapped(text, inside)
            for index, line in enumerate(wrapped):
                # One character in from the rule, which spans the text block.
                paragraph = self._paragraph("版记", f"　{line}")
                lines.append(paragraph._p)
                if not ruled:
                    continue
                bottom = 8 if number == len(rows) - 1 else 6
                _rules(
                    paragraph,
                    top=8 if not (number or index) else 0,
                    bottom=bottom if index == len(wrapped) - 1 else 0,
                )
        anchor = self.document.add_paragraph()
        _thin(anchor)
        _box_at_bottom(anchor, lines, len(lines) * _IMPRINT_LINE_PT + len(rows) * _RULE_SPACE_PT)

    def _paragraph(self, style: str, text: str = "") -> Any:
        paragraph = self.document.add_paragraph(text)
        _wear(paragraph, style)
        return paragraph

    def _blank(self, lines: int) -> None:
        for _line in range(lines):
            self._paragraph("空行")


# -- styles ---------------------------------------------------------------------------------


def _wear(paragraph: Any, style: str) -> None:
    """Give the paragraph one of the styles below. Their identifiers are their names, so nothing has
    to be looked up: by name, the library searches every style for every paragraph."""
    paragraph._p.style = style


@functools.cache
def _template() -> bytes:
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
    spacing.line_spacing = Pt(_LINE_TWIPS / 20)
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
    _off_grid(title)
    style("主送机关", FANGSONG, grid.BODY_PT)
    body = style("正文段落", FANGSONG, grid.BODY_PT)
    body.paragraph_format.alignment = WD_ALIGN_PARAGRAPH.JUSTIFY
    _indent(body, 2)
    for level, font in ((1, HEITI), (2, KAITI), (3, FANGSONG), (4, FANGSONG)):
        heading = style(_LEVELS[level], font, grid.BODY_PT, base="正文段落")
        heading.paragraph_format.keep_with_next = True
        _outline(heading, level)
        lead = styles.add_style(f"{_LEVELS[level]}（段首）", WD_STYLE_TYPE.CHARACTER)
        _font(lead, font, grid.BODY_PT)
    listed = style("附件说明", FANGSONG, grid.BODY_PT)
    _indent(listed, 2)
    for name in ("署名", "成文日期"):
        style(name, FANGSONG, grid.BODY_PT).paragraph_format.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    style("附件序号", HEITI, grid.BODY_PT)
    imprint = style("版记", FANGSONG, grid.SMALL_PT)
    imprint.paragraph_format.line_spacing = Pt(_IMPRINT_LINE_PT)
    _tab_right(imprint)
    _closer(imprint, 0)
    _off_grid(imprint)
    number = style("页码", SONGTI, grid.SMALL_PT)
    number.paragraph_format.line_spacing_rule = WD_LINE_SPACING.SINGLE
    caption = style("表题", KAITI, grid.BODY_PT)
    caption.paragraph_format.alignment = WD_ALIGN_PARAGRAPH.CENTER
    for name, font in (("表头", HEITI), ("表格文字", FANGSONG)):
        cell = style(name, font, grid.CELL_PT)
        cell.paragraph_format.line_spacing = Pt(17)
        _closer(cell, 0)
        _off_grid(cell)
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


def _off_grid(style: Any) -> None:
    """Lines of this style are as high as they say, wherever the page's grid lies."""
    free = OxmlElement("w:snapToGrid")
    free.set(qn("w:val"), "0")
    properties = style.element.get_or_add_pPr()
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
    from docx.enum.text import WD_TAB_ALIGNMENT

    edge = grid.BLOCK_WIDTH - grid.SMALL_PT * grid.PT
    style.paragraph_format.tab_stops.add_tab_stop(Mm(edge), WD_TAB_ALIGNMENT.RIGHT)


# -- pages and rules ------------------------------------------------------------------------


def _lay_out(section: Any, landscape: bool) -> None:
    upright = (grid.PAGE_WIDTH, grid.PAGE_HEIGHT)
    bottom = grid.PAGE_HEIGHT - grid.TOP - grid.BLOCK_HEIGHT
    right = grid.PAGE_WIDTH - grid.LEFT - grid.BLOCK_WIDTH
    margins = (grid.TOP, right, bottom, grid.LEFT)  # top, right, bottom, left
    if landscape:  # bound like the others: the binding edge is its top
        upright = (upright[1], upright[0])
        margins = (grid.LEFT, grid.TOP, right, bottom)
    section.orientation = WD_ORIENT.LANDSCAPE if landscape else WD_ORIENT.PORTRAIT
    section.page_width, section.page_height = (Mm(side) for side in upright)
    section.top_margin, section.right_margin = Mm(margins[0]), Mm(margins[1])
    section.bottom_margin, section.left_margin = Mm(margins[2]), Mm(margins[3])
    section.header_distance = Mm(15)
    # The dash of the page number: about a third of its line below the line's top.
    section.footer_distance = Mm(margins[2] - grid.PAGE_NUMBER_BELOW - 2.5)
    properties = section._sectPr
    for old in properties.findall(qn("w:docGrid")):
        properties.remove(old)
    lines = OxmlElement("w:docGrid")
    lines.set(qn("w:type"), "lines")
    lines.set(qn("w:linePitch"), str(_LINE_TWIPS))
    properties.append(lines)


def _page_number(footer: Any, alignment: Any) -> None:
    footer.is_linked_to_previous = False
    line = footer.paragraphs[0]
    line.style, line.alignment = "页码", alignment
    inwards = Mm(grid.CHARACTER)
    line.paragraph_format.left_indent = line.paragraph_format.right_indent = inwards
    line.add_run("— ")
    for kind, text in (("begin", ""), ("", "PAGE"), ("separate", ""), ("", "1"), ("end", "")):
        run = line.add_run()
        if kind:
            mark = OxmlElement("w:fldChar")
            mark.set(qn("w:fldCharType"), kind)
            run._r.append(mark)
        elif text == "PAGE":
            code = OxmlElement("w:instrText")
            code.set(qn("xml:space"), "preserve")
            code.text = " PAGE "
            run._r.append(code)
        else:
            run.text = text
    line.add_run(" —")


def _red_rule(paragraph: Any, kind: str, size: int, gap: float = 0, above: bool = False) -> None:
    borders = OxmlElement("w:pBdr")
    side = OxmlElement("w:top" if above else "w:bottom")
    side.set(qn("w:val"), kind)
    side.set(qn("w:sz"), str(size))  # eighths of a point
    side.set(qn("w:space"), str(round(gap / grid.PT)))
    side.set(qn("w:color"), grid.RED.upper())
    borders.append(side)
    properties = paragraph._p.get_or_add_pPr()
    properties.insert_element_before(
        borders, "w:shd", "w:tabs", "w:spacing", "w:ind", "w:jc", "w:rPr", "w:sectPr"
    )


def _fit(paragraph: Any, text: str, wide: float) -> None:
    """Squeeze the mark into ``wide`` mm: narrower letters first, then smaller ones."""
    ratio = min(1.0, wide / (len(text) * 42 * grid.PT))
    run = paragraph.runs[0]
    if ratio < 0.62:
        run.font.size = Pt(int(42 * ratio / 0.62))
        ratio = 0.62
    scale = OxmlElement("w:w")
    scale.set(qn("w:val"), str(int(ratio * 100)))
    run._r.get_or_add_rPr().append(scale)


# -- tables ---------------------------------------------------------------------------------


def _fill(cell: Any, text: str, style: str, alignment: Any) -> None:
    line = cell.paragraphs[0]
    _wear(line, style)
    line.alignment = alignment
    line.add_run(text)
    properties = cell._tc.get_or_add_tcPr()
    middle = OxmlElement("w:vAlign")
    middle.set(qn("w:val"), "center")
    properties.append(middle)


def _widths(shares: Sequence[float], whole: float) -> list[float]:
    return [whole * share / sum(shares) for share in shares]


def _set_widths(table: Any, widths: Sequence[float]) -> None:
    table.autofit = False
    for column, wide in zip(table.columns, widths, strict=True):
        column.width = Mm(wide)
    for row in table.rows:
        for cell, wide in zip(row.cells, widths, strict=True):
            cell.width = Mm(wide)


def _repeat(row: Any) -> None:
    heading = OxmlElement("w:tblHeader")
    heading.set(qn("w:val"), "true")
    row._tr.get_or_add_trPr().append(heading)


def _whole(row: Any) -> None:
    """Never break the row across pages."""
    row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))


_BOX: Final = """<mc:AlternateContent xmlns:mc="{mc}" xmlns:w="{w}" xmlns:wp="{wp}" xmlns:a="{a}"
 xmlns:wps="{wps}"><mc:Choice Requires="wps"><w:drawing><wp:anchor distT="0" distB="0" distL="0"
 distR="0" simplePos="0" relativeHeight="1" behindDoc="0" locked="0" layoutInCell="1"
 allowOverlap="1"><wp:simplePos x="0" y="0"/><wp:positionH relativeFrom="margin">
<wp:align>left</wp:align></wp:positionH><wp:positionV relativeFrom="margin">
<wp:align>bottom</wp:align></wp:positionV>
<wp:extent cx="{wide}" cy="{high}"/><wp:effectExtent l="0" t="0" r="0" b="0"/>
<wp:wrapTopAndBottom/><wp:docPr id="900" name="版记"/><wp:cNvGraphicFramePr/><a:graphic>
<a:graphicData uri="{wps}"><wps:wsp><wps:cNvSpPr txBox="1"/><wps:spPr><a:xfrm><a:off x="0" y="0"/>
<a:ext cx="{wide}" cy="{high}"/></a:xfrm><a:prstGeom prst="rect"><a:avLst/></a:prstGeom><a:noFill/>
<a:ln><a:noFill/></a:ln></wps:spPr><wps:txbx><w:txbxContent/></wps:txbx><wps:bodyPr lIns="0"
 tIns="0" rIns="0" bIns="0" anchor="b"><a:noAutofit/></wps:bodyPr></wps:wsp>
</a:graphicData></a:graphic></wp:anchor></w:drawing></mc:Choice></mc:AlternateContent>"""
_SPACES: Final = {
    "mc": "http://schemas.openxmlformats.org/markup-compatibility/2006",
    "w": "http://schemas.openxmlformats.org/wordprocessingml/2006/main",
    "wp": "http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing",
    "a": "http://schemas.openxmlformats.org/drawingml/2006/main",
    "wps": "http://schemas.microsoft.com/office/word/2010/wordprocessingShape",
}
_EMU_PER_MM: Final = 36000


def _box_at_bottom(anchor: Any, lines: Sequence[Any], high: float) -> None:
    """Move ``lines``, ``high`` points of them, into a box on the bottom edge of the text block of
    the page that ``anchor`` is on. A text box is what Word, WPS and LibreOffice all place there;
    floating tables and frames LibreOffice leaves where they were written."""
    box = parse_xml(
        _BOX.format(
            wide=round(grid.BLOCK_WIDTH * _EMU_PER_MM),
            high=round(high * grid.PT * _EMU_PER_MM),
            **_SPACES,
        ).replace("\n", "")
    )
    content = box.find(".//" + qn("w:txbxContent"))
    for line in lines:
        content.append(line)
    anchor.add_run()._r.append(box)


def _rules(paragraph: Any, *, top: int, bottom: int) -> None:
    """Rules above and below, in eighths of a point; 0 draws none."""
    borders = OxmlElement("w:pBdr")
    for side, size in (("top", top), ("bottom", bottom)):
        if not size:
            continue
        rule = OxmlElement(f"w:{side}")
        for name, value in (("val", "single"), ("sz", str(size)), ("color", "000000")):
            rule.set(qn(f"w:{name}"), value)
        rule.set(qn("w:space"), str(_RULE_SPACE_PT) if side == "bottom" else "0")
        borders.append(rule)
    if len(borders):
        properties = paragraph._p.get_or_add_pPr()
        properties.insert(0 if properties.pStyle is None else 1, borders)


def _wrapped(text: str, wide: int) -> list[str]:
    """Lines of at most ``wide`` characters; a line with a tab is one already."""
    if "\t" in text:
        return [text]
    lines, line = [], ""
    for char in text:
        if line and _width_of(line + char) > wide and char not in "，。、）":
            lines.append(line)
            line = ""
        line += char
    return [*lines, line]


def _thin(paragraph: Any) -> None:
    """What keeps two tables from growing into one, and takes no room."""
    spacing = paragraph.paragraph_format
    spacing.line_spacing_rule = WD_LINE_SPACING.EXACTLY
    spacing.line_spacing = Pt(1)


def _width_of(text: str) -> float:
    """In characters: a digit is half of one."""
    return sum(0.5 if char.isascii() else 1 for char in text)


# -- bytes ----------------------------------------------------------------------------------


def _without_times(data: bytes) -> bytes:
    """The same package with every entry dated alike, so that equal papers are equal files."""
    buffer = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data)) as given,
        zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as kept,
    ):
        for entry in given.infolist():
            copy = zipfile.ZipInfo(entry.filename, _ZIP_TIME)
            copy.compress_type = zipfile.ZIP_DEFLATED
            kept.writestr(copy, given.read(entry.filename))
    return buffer.getvalue()
