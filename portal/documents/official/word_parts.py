"""Pieces of a docx that python-docx has no word for: sections, rules, cells, a box below."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from docx.enum.section import WD_ORIENT
from docx.enum.text import WD_LINE_SPACING
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import qn
from docx.shared import Mm, Pt

from portal.documents.official import grid
from portal.documents.official.word_styles import LINE_TWIPS, off_grid, wear

RULE_SPACE_PT: Final = 3  # between a line of the imprint and the rule under it


# -- pages and rules ------------------------------------------------------------------------


def lay_out(section: Any, landscape: bool) -> None:
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
    lines.set(qn("w:linePitch"), str(LINE_TWIPS))
    properties.append(lines)


def page_number(footer: Any, alignment: Any) -> None:
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


def red_rule(paragraph: Any, kind: str, size: int, gap: float = 0, above: bool = False) -> None:
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


def fit(paragraph: Any, text: str, wide: float) -> None:
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


def fill(cell: Any, text: str, style: str, alignment: Any) -> None:
    line = cell.paragraphs[0]
    wear(line, style)
    line.alignment = alignment
    line.add_run(text)
    properties = cell._tc.get_or_add_tcPr()
    middle = OxmlElement("w:vAlign")
    middle.set(qn("w:val"), "center")
    properties.append(middle)


def widths_of(shares: Sequence[float], whole: float) -> list[float]:
    return [whole * share / sum(shares) for share in shares]


def set_widths(table: Any, widths: Sequence[float]) -> None:
    table.autofit = False
    for column, wide in zip(table.columns, widths, strict=True):
        column.width = Mm(wide)
    for row in table.rows:
        for cell, wide in zip(row.cells, widths, strict=True):
            cell.width = Mm(wide)


def repeat(row: Any) -> None:
    heading = OxmlElement("w:tblHeader")
    heading.set(qn("w:val"), "true")
    row._tr.get_or_add_trPr().append(heading)


def whole(row: Any) -> None:
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


def box_at_bottom(anchor: Any, lines: Sequence[Any], high: float) -> None:
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


def rules(paragraph: Any, *, top: int, bottom: int) -> None:
    """Rules above and below, in eighths of a point; 0 draws none."""
    borders = OxmlElement("w:pBdr")
    for side, size in (("top", top), ("bottom", bottom)):
        if not size:
            continue
        rule = OxmlElement(f"w:{side}")
        for name, value in (("val", "single"), ("sz", str(size)), ("color", "000000")):
            rule.set(qn(f"w:{name}"), value)
        rule.set(qn("w:space"), str(RULE_SPACE_PT) if side == "bottom" else "0")
        borders.append(rule)
    if len(borders):
        properties = paragraph._p.get_or_add_pPr()
        properties.insert(0 if properties.pStyle is None else 1, borders)


def lines_of(text: str, wide: int) -> list[str]:
    """Lines of at most ``wide`` characters; a line with a tab is one already."""
    if "\t" in text:
        return [text]
    lines, line = [], ""
    for char in text:
        if line and width_of(line + char) > wide and char not in "，。、）":
            lines.append(line)
            line = ""
        line += char
    return [*lines, line]


def thin(paragraph: Any) -> None:
    """What keeps two tables from growing into one, and takes no room."""
    spacing = paragraph.paragraph_format
    spacing.line_spacing_rule = WD_LINE_SPACING.EXACTLY
    spacing.line_spacing = Pt(1)
    off_grid(paragraph)  # or it would be as high as a line of the page


def width_of(text: str) -> float:
    """In characters: a digit is half of one."""
    return sum(0.5 if char.isascii() else 1 for char in text)
