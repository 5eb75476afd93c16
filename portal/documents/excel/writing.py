"""Workbooks and CSV that open well and can't run anything.

A text is always written as a string cell, so ``=1+1`` stays four characters. CSV has no cell
types: there a text that a spreadsheet would take for a formula gets a leading quote.
"""

from __future__ import annotations

import csv
import datetime as dt
import enum
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final

import xlsxwriter
from django.http import HttpResponse
from django.utils.translation import gettext as _

from portal.documents.downloads import download
from portal.documents.printable import printable
from portal.kernel.months import SHANGHAI, Month

XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
LONGEST_TEXT: Final = 32_767  # Excel's limit for one cell
FORMULA_STARTS: Final = tuple("=+-@＝＋－＠\t\r\n")
_NOT_IN_SHEET_NAME = re.compile(r"[\[\]:*?/\\']")


class Kind(enum.StrEnum):
    """How the cells of a column are typed and shown."""

    TEXT = "text"
    LONG_TEXT = "long_text"  # wraps
    CENTRED = "centred"  # a short word or tick
    INTEGER = "integer"
    MARKS = "marks"  # one decimal
    NUMBER = "number"  # as many decimals as there are
    PERCENT = "percent"  # 0.925 -> 92.5%
    DATE = "date"
    MOMENT = "moment"


_FORMATS: Final[dict[Kind, dict[str, Any]]] = {
    Kind.TEXT: {},
    Kind.LONG_TEXT: {"text_wrap": True},
    Kind.CENTRED: {"align": "center"},
    Kind.INTEGER: {"num_format": "#,##0", "align": "right"},
    Kind.MARKS: {"num_format": "0.0", "align": "right"},
    Kind.NUMBER: {"num_format": "General", "align": "right"},
    Kind.PERCENT: {"num_format": "0.0%", "align": "right"},
    Kind.DATE: {"num_format": "yyyy-mm-dd", "align": "left"},
    Kind.MOMENT: {"num_format": "yyyy-mm-dd hh:mm", "align": "left"},
}
_WIDTHS: Final[dict[Kind, float]] = {
    Kind.TEXT: 16,
    Kind.LONG_TEXT: 40,
    Kind.CENTRED: 8,
    Kind.DATE: 12,
    Kind.MOMENT: 17,
}


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its heading, what its cells hold, its width in characters (0 = usual)."""

    title: Any
    kind: Kind = Kind.TEXT
    width: float = 0
    choices: Sequence[Any] = ()  # offered as a drop-down list


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet: rows are sequences of plain values in the order of the columns.

    ``title`` and ``notes`` stand above the table (a reader finds the heading row by itself);
    ``totals`` is a last row in bold.
    """

    name: Any
    columns: Sequence[Column]
    rows: Iterable[Sequence[Any]]
    title: Any = ""
    notes: Sequence[Any] = ()
    totals: Sequence[Any] = ()
    portrait: bool = False
    spare_rows: int = field(default=0)  # empty rows below that still offer the choices


def write_workbook(sheets: Sequence[Sheet], *, title: Any = "") -> bytes:
    """The bytes of an .xlsx with these sheets."""
    buffer = io.BytesIO()
    workbook = xlsxwriter.Workbook(
        buffer,
        {
            "in_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        },
    )
    workbook.set_properties({"title": clean_text(title or sheets[0].title or sheets[0].name)})
    formats = _Formats(workbook)
    taken: set[str] = set()
    for sheet in sheets:
        name = _sheet_name(str(sheet.name), taken)
        _write_sheet(workbook.add_worksheet(name), sheet, formats)
    workbook.close()
    return buffer.getvalue()


def write_csv(sheet: Sheet) -> bytes:
    """The same table as CSV in UTF-8 with a byte order mark, as Excel wants it."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow([_csv_cell(column.title) for column in sheet.columns])
    for row in sheet.rows:
        writer.writerow([_csv_cell(value) for value in row])
    if sheet.totals:
        writer.writerow([_csv_cell(value) for value in sheet.totals])
    return buffer.getvalue().encode("utf-8-sig")


def xlsx_response(name: str, sheets: Sequence[Sheet]) -> HttpResponse:
    """A download of ``name``.xlsx."""
    return download(write_workbook(sheets, title=name), f"{name}.xlsx", XLSX)


def csv_response(name: str, sheet: Sheet) -> HttpResponse:
    """A download of ``name``.csv."""
    return download(write_csv(sheet), f"{name}.csv", "text/csv; charset=utf-8")


def clean_text(value: Any) -> str:
    """Text as a cell can hold it: no control characters, not longer than Excel allows."""
    text = printable(str(value))
    return text if len(text) <= LONGEST_TEXT else text[: LONGEST_TEXT - 1] + "…"


def _csv_cell(value: Any) -> Any:
    if value is None:
        return ""
    if isinstance(value, bool):
        return _("是") if value else _("否")
    if isinstance(value, int | float | Decimal):
        return value
    if isinstance(value, dt.datetime):
        return _local(value).strftime("%Y-%m-%d %H:%M")
    if isinstance(value, dt.date):
        return value.isoformat()
    text = clean_text(value)
    return f"'{text}" if text.lstrip(" ").startswith(FORMULA_STARTS) else text


class _Formats:
    """Cell formats of one workbook, each made once."""

    def __init__(self, workbook: Any) -> None:
        self._workbook = workbook
        self._made: dict[tuple[Kind, bool], Any] = {}
        self.title = workbook.add_format({"bold": True, "font_size": 14, "valign": "vcenter"})
        self.note = workbook.add_format({"font_color": "#6F675F", "text_wrap": False})
        self.heading = workbook.add_format(
            {
                "bold": True,
                "bg_color": "#F0EDE8",
                "bottom": 1,
                "bottom_color": "#8B847B",
                "valign": "vcenter",
                "text_wrap": True,
            }
        )

    def cell(self, kind: Kind, bold: bool = False) -> Any:
        key = (kind, bold)
        if key not in self._made:
            self._made[key] = self._workbook.add_format(
                {
                    **_FORMATS[kind],
                    "valign": "top",
                    "bottom": 1,
                    "bottom_color": "#E5E0D9",
                    "bold": bold,
                }
            )
        return self._made[key]


def _write_sheet(worksheet: Any, sheet: Sheet, formats: _Formats) -> None:
    line = 0
    if sheet.title:
        worksheet.set_row(line, 26)
        worksheet.write_string(line, 0, clean_text(sheet.title), formats.title)
        line += 1
    for note in sheet.notes:
        worksheet.write_string(line, 0, clean_text(note), formats.note)
        line += 1
    heading = line
    worksheet.set_row(heading, 22)
    for position, column in enumerate(sheet.columns):
        worksheet.set_column(position, position, column.width or _WIDTHS.get(column.kind, 10))
        worksheet.write_string(heading, position, clean_text(column.title), formats.heading)
    line = heading + 1
    for row in sheet.rows:
        _write_row(worksheet, line, sheet.columns, row, formats)
        line += 1
    last = max(line - 1, heading)
    if sheet.totals:
        _write_row(worksheet, line, sheet.columns, sheet.totals, formats, bold=True)
    for position, column in enumerate(sheet.columns):
        if column.choices:
            worksheet.data_validation(
                heading + 1,
                position,
                max(last, heading + 1) + sheet.spare_rows,
                position,
                {"validate": "list", "source": [str(choice) for choice in column.choices]},
            )
    worksheet.freeze_panes(heading + 1, 0)
    if last > heading:
        worksheet.autofilter(heading, 0, last, len(sheet.columns) - 1)
    worksheet.set_paper(9)  # A4
    if not sheet.portrait:
        worksheet.set_landscape()
    worksheet.fit_to_pages(1, 0)
    worksheet.repeat_rows(heading)
    worksheet.set_footer(_("&C第 &P 页，共 &N 页"))


def _write_row(
    worksheet: Any,
    line: int,
    columns: Sequence[Column],
    row: Sequence[Any],
    formats: _Formats,
    *,
    bold: bool = False,
) -> None:
    if len(row) != len(columns):
        raise ValueError(f"{len(columns)} columns, but a row of {len(row)}: {row!r}")
    for position, (column, value) in enumerate(zip(columns, row, strict=True)):
        _write_cell(worksheet, line, position, column.kind, value, formats, bold)


def _write_cell(
    worksheet: Any, line: int, position: int, kind: Kind, value: Any, formats: _Formats, bold: bool
) -> None:
    style = formats.cell(kind, bold)
    if value is None or value == "":
        worksheet.write_blank(line, position, None, style)
    elif isinstance(value, bool):
        worksheet.write_string(line, position, _("是") if value else _("否"), style)
    elif isinstance(value, Month):
        worksheet.write_string(line, position, str(value), style)
    elif isinstance(value, int | float | Decimal):
        worksheet.write_number(line, position, float(value), style)
    elif isinstance(value, dt.datetime):
        worksheet.write_datetime(
            line, position, _local(value), formats.cell(_dated(kind, Kind.MOMENT), bold)
        )
    elif isinstance(value, dt.date):
        worksheet.write_datetime(
            line,
            position,
            dt.datetime(value.year, value.month, value.day),  # noqa: DTZ001 - a cell has no zone
            formats.cell(_dated(kind, Kind.DATE), bold),
        )
    else:
        worksheet.write_string(line, position, clean_text(value), style)


def _dated(kind: Kind, fallback: Kind) -> Kind:
    return kind if kind in {Kind.DATE, Kind.MOMENT} else fallback


def _local(moment: dt.datetime) -> dt.datetime:
    return moment.astimezone(SHANGHAI).replace(tzinfo=None) if moment.tzinfo else moment


def _sheet_name(name: str, taken: set[str]) -> str:
    base = (_NOT_IN_SHEET_NAME.sub(" ", clean_text(name)).strip() or "Sheet")[:31]
    found, number = base, 2
    while found.casefold() in taken:
        suffix = f"({number})"
        found = base[: 31 - len(suffix)] + suffix
        number += 1
    taken.add(found.casefold())
    return found
