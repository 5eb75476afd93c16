"""A paper as docx for Word and WPS: the standard's fonts by name, real styles, editable.

22 lines come from the section's grid and the exact line height, 28 characters from letters set a
little closer in the style: programs disagree about a grid of characters, not about these. Typing
on keeps the layout. The same paper gives the same bytes.
"""

from __future__ import annotations

import datetime as dt
import io
import math
import zipfile
from collections.abc import Sequence
from typing import Any, Final

from docx import Document
from docx.enum.section import WD_SECTION
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.shared import Length, Mm, Pt

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
from portal.documents.official.word_parts import (
    RULE_SPACE_PT,
    box_at_bottom,
    fill,
    fit,
    lay_out,
    lines_of,
    page_number,
    red_rule,
    repeat,
    rules,
    set_widths,
    thin,
    whole,
    width_of,
    widths_of,
)
from portal.documents.official.word_styles import IMPRINT_LINE_PT, LEVELS, template, wear
from portal.documents.printable import all_printable

_MADE: Final = dt.datetime(
    2000, 1, 1, tzinfo=dt.UTC
)  # a file that knew the hour would not be the same
_ZIP_TIME: Final = (2000, 1, 1, 0, 0, 0)
_ALIGN: Final = {
    "left": WD_ALIGN_PARAGRAPH.LEFT,
    "center": WD_ALIGN_PARAGRAPH.CENTER,
    "right": WD_ALIGN_PARAGRAPH.RIGHT,
}


def write_docx(paper: Paper, author: str = "") -> bytes:
    """The bytes of the .docx."""
    return _Writer(all_printable(paper), author).bytes()


class _Writer:
    def __init__(self, paper: Paper, author: str) -> None:
        self.paper = paper
        self.document: Any = Document(io.BytesIO(template()))
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
        lay_out(section, self.paper.landscape)
        self.document.settings.odd_and_even_pages_header_footer = True
        section.different_first_page_header_footer = self.paper.layout is Layout.LETTER
        if self.paper.layout is Layout.PLAIN:
            return
        page_number(section.footer, WD_ALIGN_PARAGRAPH.RIGHT)
        page_number(section.even_page_footer, WD_ALIGN_PARAGRAPH.LEFT)
        if self.paper.layout is Layout.LETTER:
            section.first_page_footer.is_linked_to_previous = False
            foot = section.first_page_footer.paragraphs[0]
            red_rule(foot, "thinThickSmallGap", 24, above=True)
            side = Mm((grid.BLOCK_WIDTH - grid.LETTER_RULE_WIDTH) / 2)
            foot.paragraph_format.left_indent = foot.paragraph_format.right_indent = side

    def _new_section(self, landscape: bool, even: bool = False) -> None:
        section = self.document.add_section(WD_SECTION.EVEN_PAGE if even else WD_SECTION.NEW_PAGE)
        lay_out(section, landscape)
        section.different_first_page_header_footer = False

    # -- head -------------------------------------------------------------------------------

    def _head(self) -> None:
        paper = self.paper
        match paper.layout:
            case Layout.RED_HEAD:
                mark = self._paragraph("发文机关标志", paper.mark)
                mark.paragraph_format.space_before = Mm(grid.RED_MARK_TOP)
                fit(mark, paper.mark, grid.BLOCK_WIDTH)
                self._blank(2)
                number = self._paragraph("发文字号", paper.number)
                number.alignment = WD_ALIGN_PARAGRAPH.CENTER
                red_rule(number, "single", 16, gap=grid.RED_RULE_BELOW)
                self._blank(2)
            case Layout.LETTER:
                mark = self._paragraph("发文机关标志", paper.mark)
                fit(mark, paper.mark, grid.LETTER_RULE_WIDTH)
                side = Mm((grid.BLOCK_WIDTH - grid.LETTER_RULE_WIDTH) / 2)
                mark.paragraph_format.left_indent = mark.paragraph_format.right_indent = side
                red_rule(mark, "thickThinSmallGap", 24, gap=grid.LETTER_RULE_BELOW)
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
            self._paragraph(LEVELS[block.level], block.lead)
            return
        paragraph = self._paragraph("正文段落")
        if block.lead:
            paragraph.add_run(block.lead)._r.style = f"{LEVELS[block.level]}（段首）"
        paragraph.add_run(block.text)

    def _table(self, block: Table) -> None:
        if block.caption:
            caption = self._paragraph("表题", block.caption)
            caption.paragraph_format.keep_with_next = True
        table = self.document.add_table(rows=1, cols=len(block.columns), style="Table Grid")
        table.alignment = WD_TABLE_ALIGNMENT.CENTER
        widths = widths_of([column.width for column in block.columns], self._width)
        for cell, column in zip(table.rows[0].cells, block.columns, strict=True):
            fill(cell, column.title, "表头", WD_ALIGN_PARAGRAPH.CENTER)
        repeat(table.rows[0])
        for row in block.rows:
            added = table.add_row()
            whole(added)
            if block.row_lines > 1:
                added.height = Pt(17 * block.row_lines)
            cells = added.cells
            for cell, column, text in zip(cells, block.columns, row, strict=True):
                fill(cell, text, "表格文字", _ALIGN[column.align])
        set_widths(table, widths)
        thin(self.document.add_paragraph())

    def _form(self, block: Form) -> None:
        for row in block.rows:
            table = self.document.add_table(rows=1, cols=2 * len(row), style="Table Grid")
            table.alignment = WD_TABLE_ALIGNMENT.CENTER
            label = 25.0
            rest = self._width / len(row) - label
            set_widths(table, [label, rest] * len(row))
            table.rows[0].height = Pt(20 * max(entry.lines for entry in row) + 6)
            for index, entry in enumerate(row):
                cells = table.rows[0].cells
                fill(cells[2 * index], entry.label, "表头", WD_ALIGN_PARAGRAPH.CENTER)
                fill(cells[2 * index + 1], entry.text, "表格文字", WD_ALIGN_PARAGRAPH.LEFT)
            thin(self.document.add_paragraph())

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
        wide_name, wide_day = (width_of(text) * char for text in (signature.name, day))
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
            # A page of its own, without a number; printed on both sides, the back of a sheet.
            self._new_section(landscape=False, even=self.paper.duplex)
            section = self.document.sections[-1]
            for footer in (section.footer, section.even_page_footer):
                footer.is_linked_to_previous = False
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
            wrapped = lines_of(text, inside)
            for index, line in enumerate(wrapped):
                # One character in from the rule, which spans the text block.
                paragraph = self._paragraph("版记", f"　{line}")
                lines.append(paragraph._p)
                if not ruled:
                    continue
                bottom = 8 if number == len(rows) - 1 else 6
                rules(
                    paragraph,
                    top=8 if not (number or index) else 0,
                    bottom=bottom if index == len(wrapped) - 1 else 0,
                )
        anchor = self.document.add_paragraph()
        thin(anchor)
        box_at_bottom(anchor, lines, len(lines) * IMPRINT_LINE_PT + len(rows) * RULE_SPACE_PT)

    def _paragraph(self, style: str, text: str = "") -> Any:
        paragraph = self.document.add_paragraph(text)
        wear(paragraph, style)
        return paragraph

    def _blank(self, lines: int) -> None:
        for _line in range(lines):
            self._paragraph("空行")


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
