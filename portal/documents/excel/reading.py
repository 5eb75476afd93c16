"""Reading a workbook that somebody uploaded: checked by size, content and extent first.

An .xlsx is a zip of XML. It is unpacked here once, within limits, before the fast reader may
see it: a bomb, a forged size, or a cell at the far end of the sheet (for which a reader would
allocate billions of cells) is refused with a sentence.
"""

from __future__ import annotations

import datetime as dt
import io
import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any, Final, Protocol
from xml.parsers import expat

from django.utils.translation import gettext as _
from python_calamine import CalamineWorkbook

from portal.kernel.errors import DomainError
from portal.kernel.months import Month

MOST_BYTES: Final = 5 * 1024 * 1024
MOST_UNPACKED: Final = 40 * 1024 * 1024
MOST_RATIO: Final = 200
MOST_PARTS: Final = 500
MOST_ROWS: Final = 20_000
MOST_COLUMNS: Final = 200
HEADING_WITHIN: Final = 15  # rows; titles and notes may stand above the headings

_ZIP = b"PK\x03\x04"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_CELL = re.compile(r"([A-Z]{1,3})?(\d{1,7})")
_YES = frozenset({"是", "1", "y", "yes", "true", "√", "✓", "★", "☆", "有"})
_NO = frozenset({"", "否", "0", "n", "no", "false", "×", "-", "—", "无"})


class UnreadableFile(DomainError):
    """The file as a whole can't be read. Nothing was taken from it."""

    code = "unreadable_file"


class CellProblem(Exception):
    """One cell does not fit. ``column`` is its heading, ``reason`` why, for people."""

    def __init__(self, column: str, reason: str) -> None:
        super().__init__(f"{column}: {reason}")
        self.column = column
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Row:
    """One row below the headings, numbered as Excel does."""

    number: int
    values: dict[str, Any]

    def raw(self, column: str) -> Any:
        return self.values.get(column, "")

    def text(self, column: str, *, required: bool = False, limit: int | None = None) -> str:
        """The cell as text; a whole number loses its ``.0``."""
        value = self.raw(column)
        if isinstance(value, bool):
            text = _("是") if value else _("否")
        elif isinstance(value, float) and value.is_integer():
            text = str(int(value))
        elif isinstance(value, dt.datetime | dt.date):
            text = value.isoformat(*([" "] if isinstance(value, dt.datetime) else []))
        else:
            text = str(value).strip()
        if required and not text:
            raise CellProblem(column, _("不能为空"))
        if limit is not None and len(text) > limit:
            raise CellProblem(
                column,
                _("最多%(limit)d个字，现在%(length)d个") % {"limit": limit, "length": len(text)},
            )
        return text

    def optional_decimal(self, column: str) -> Decimal | None:
        """A number, or None for an empty cell."""
        value = self.raw(column)
        if isinstance(value, bool | dt.date | dt.time | dt.timedelta):
            raise CellProblem(column, _("不是数字"))
        if isinstance(value, int | float):
            # A double has 15 sure digits; 0.1 + 0.2 typed as a formula must read 0.3.
            return Decimal(f"{value:.12g}")
        text = str(value).strip().translate(_NARROW)
        if not text:
            return None
        try:
            number = Decimal(text.removesuffix("分"))
        except InvalidOperation:
            raise CellProblem(column, _("“%(text)s”不是数字") % {"text": text[:20]}) from None
        if not number.is_finite():
            raise CellProblem(column, _("“%(text)s”不是数字") % {"text": text[:20]})
        return number

    def decimal(self, column: str) -> Decimal:
        number = self.optional_decimal(column)
        if number is None:
            raise CellProblem(column, _("不能为空"))
        return number

    def integer(self, column: str) -> int:
        number = self.decimal(column)
        if number != number.to_integral_value() or abs(number) > 10**12:
            raise CellProblem(column, _("须为整数"))
        return int(number)

    def flag(self, column: str) -> bool:
        """是/否, ★, √, 1/0; empty is no."""
        value = self.raw(column)
        if isinstance(value, bool):
            return value
        text = self.text(column).casefold()
        if text in _YES:
            return True
        if text in _NO:
            return False
        raise CellProblem(column, _("请填“是”或“否”，现在是“%(text)s”") % {"text": text[:20]})

    def date(self, column: str) -> dt.date:
        """A date cell, or text like 2017-06-09, 2017/6/9, 2017年6月9日, 20170609."""
        value = self.raw(column)
        if isinstance(value, dt.datetime):
            return value.date()
        if isinstance(value, dt.date):
            return value
        text = self.text(column, required=True).translate(_NARROW)
        match = re.fullmatch(
            r"(\d{4})(?:[-/.]|年)(\d{1,2})(?:[-/.]|月)(\d{1,2})日?", text
        ) or re.fullmatch(r"(\d{4})(\d{2})(\d{2})", text)
        try:
            if match:
                return dt.date(int(match[1]), int(match[2]), int(match[3]))
        except ValueError:
            pass
        raise CellProblem(column, _("“%(text)s”不是日期，请写成 2017-06-09") % {"text": text[:20]})

    def month(self, column: str) -> Month:
        """2017-06, 2017年6月, or any date cell of that month."""
        value = self.raw(column)
        if isinstance(value, dt.date):
            return Month.of(value)
        text = self.text(column, required=True).translate(_NARROW)
        match = re.fullmatch(r"(\d{4})(?:[-/.]|年)(\d{1,2})月?", text)
        try:
            if match:
                return Month(int(match[1]), int(match[2]))
        except ValueError:
            pass
        raise CellProblem(column, _("“%(text)s”不是月份，请写成 2017-06") % {"text": text[:20]})


_NARROW = str.maketrans("０１２３４５６７８９．－／，", "0123456789.-/,")


@dataclass(frozen=True, slots=True)
class Table:
    """What a sheet holds: its name, the headings found, the rows that are not empty."""

    name: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    heading_row: int = field(default=1)


class Upload(Protocol):
    """An uploaded file, or any binary stream."""

    def seek(self, offset: int, /) -> Any: ...
    def read(self, size: int, /) -> bytes: ...


def read_sheet(
    file: Upload,
    *,
    required: Sequence[str],
    optional: Sequence[str] = (),
    sheet: str | None = None,
    most_rows: int = MOST_ROWS,
) -> Table:
    """The table under the headings ``required`` (in any order) on ``sheet``, or on the first
    sheet that has them. Raises UnreadableFile with a sentence for people."""
    workbook = _open(file)
    names = (
        workbook.sheet_names if sheet is None else [n for n in workbook.sheet_names if n == sheet]
    )
    if not names:
        raise UnreadableFile(_("文件里没有名为“%(sheet)s”的工作表。") % {"sheet": sheet})
    nearest: tuple[int, list[str], str] | None = None
    for name in names:
        rows = _rows(workbook, name)
        table, missing = _table(name, rows, required, optional, most_rows)
        if table:
            return table
        if missing is not None and (nearest is None or len(missing) < nearest[0]):
            nearest = (len(missing), missing, name)
    if nearest is None:
        raise UnreadableFile(_("文件是空的。"))
    raise UnreadableFile(
        _("工作表“%(sheet)s”缺少列：%(columns)s。请用导出的表格改后再传。")
        % {"sheet": nearest[2], "columns": "、".join(nearest[1])}
    )


def read_sheets(
    file: Upload,
    wanted: Mapping[str, Sequence[str]],
    *,
    optional: Mapping[str, Sequence[str]] | None = None,
    most_rows: int = MOST_ROWS,
) -> dict[str, Table]:
    """Several sheets of one workbook by name, each with its required headings."""
    workbook = _open(file)
    missing_sheets = [name for name in wanted if name not in workbook.sheet_names]
    if missing_sheets:
        raise UnreadableFile(
            _("文件里缺少工作表：%(sheets)s。请用导出的表格改后再传。")
            % {"sheets": "、".join(missing_sheets)}
        )
    found = {}
    for name, required in wanted.items():
        table, missing = _table(
            name, _rows(workbook, name), required, (optional or {}).get(name, ()), most_rows
        )
        if table is None:
            raise UnreadableFile(
                _("工作表“%(sheet)s”缺少列：%(columns)s。请用导出的表格改后再传。")
                % {"sheet": name, "columns": "、".join(missing or required)}
            )
        found[name] = table
    return found


def _open(file: Upload) -> CalamineWorkbook:
    body = _body(file)
    _check_parts(body)
    try:
        return CalamineWorkbook.from_filelike(io.BytesIO(body))
    except (KeyboardInterrupt, SystemExit, MemoryError):
        raise
    except BaseException as error:  # the reader is compiled; its panics are no Exceptions
        raise _broken() from error


def _rows(workbook: CalamineWorkbook, name: str) -> list[list[Any]]:
    try:
        return workbook.get_sheet_by_name(name).to_python(skip_empty_area=False)
    except (KeyboardInterrupt, SystemExit, MemoryError):
        raise
    except BaseException as error:
        raise _broken() from error


def _body(file: Upload) -> bytes:
    size = getattr(file, "size", None)
    if size is not None and size > MOST_BYTES:
        raise _too_big(size)
    file.seek(0)
    body = file.read(MOST_BYTES + 1)
    if len(body) > MOST_BYTES:
        raise _too_big(len(body))
    if not body:
        raise UnreadableFile(_("文件是空的。"))
    if body.startswith(_OLE):
        raise UnreadableFile(_("这是旧版 .xls 或加了密码的文件。请去掉密码，另存为 .xlsx 后再传。"))
    if not body.startswith(_ZIP):
        raise UnreadableFile(_("这不是 Excel 工作簿（.xlsx）。"))
    return body


def _check_parts(body: bytes) -> None:
    """Unpack within limits; every size that the archive states is held against what comes out."""
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            parts = archive.infolist()
            names = {part.filename for part in parts}
            if "[Content_Types].xml" not in names or "xl/workbook.xml" not in names:
                raise UnreadableFile(_("这不是 Excel 工作簿（.xlsx）。"))
            if names & {"content.xml", "xl/workbook.bin"}:  # a second workbook inside
                raise _broken()
            if any(name.endswith("vbaProject.bin") for name in names):
                raise UnreadableFile(_("不接收带宏的工作簿，请另存为 .xlsx 后再传。"))
            unpacked = sum(part.file_size for part in parts)
            if (
                len(parts) > MOST_PARTS
                or unpacked > MOST_UNPACKED
                or unpacked > MOST_RATIO * max(len(body), 4096)
            ):
                raise UnreadableFile(_("文件展开后过大，没有打开。请只留需要的工作表和行。"))
            for part in parts:
                content = archive.read(part)  # stops at the stated size and checks the sum
                if part.filename.lower().endswith((".xml", ".rels")):
                    _check_xml(content)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise _broken() from error


def _check_xml(xml: bytes) -> None:
    """Refuse a sheet whose cells reach further than anybody fills in by hand, a document type,
    and a sheet kept in a part that this check does not see."""
    parser = expat.ParserCreate()

    def no_doctype(*_args: object) -> None:
        raise _broken()

    def start(name: str, attributes: dict[str, str]) -> None:
        tag = name.rpartition(":")[2]
        if tag in {"row", "c"}:
            _check_reach(attributes.get("r", ""))
        elif (
            tag == "Relationship"
            and attributes.get("Type", "").endswith("/worksheet")
            and not attributes.get("Target", "").lower().endswith(".xml")
        ):
            raise _broken()

    parser.StartElementHandler = start
    parser.StartDoctypeDeclHandler = no_doctype
    try:
        parser.Parse(xml, True)
    except expat.ExpatError as error:
        raise _broken() from error


def _check_reach(reference: str) -> None:
    match = _CELL.fullmatch(reference)
    if match is None:
        if reference:
            raise _broken()
        return
    if int(match[2]) > MOST_ROWS + HEADING_WITHIN or _column(match[1] or "A") > MOST_COLUMNS:
        raise UnreadableFile(
            _("工作表超过%(rows)d行或%(columns)d列，没有打开。请删去多余的行列。")
            % {"rows": MOST_ROWS, "columns": MOST_COLUMNS}
        )


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


def _table(
    name: str,
    rows: list[list[Any]],
    required: Sequence[str],
    optional: Sequence[str],
    most_rows: int,
) -> tuple[Table | None, list[str] | None]:
    """The table, or the headings missing from the row that looks most like headings; (None,
    None) for an empty sheet."""
    best: tuple[int, list[str]] | None = None
    for index, cells in enumerate(rows[:HEADING_WITHIN]):
        titles = [str(cell).strip() for cell in cells]
        missing = [title for title in required if title not in titles]
        if not missing:
            known = [title for title in (*required, *optional) if title in titles]
            _check_double(name, titles, known)
            places = {title: titles.index(title) for title in known}
            found = tuple(_filled(rows, index, places))
            if len(found) > most_rows:
                raise UnreadableFile(
                    _("一次最多读%(rows)d行，这个文件有%(found)d行。请分开上传。")
                    % {"rows": most_rows, "found": len(found)}
                )
            return Table(name, tuple(known), found, index + 1), None
        if best is None or len(missing) < best[0]:
            best = (len(missing), missing)
    return None, (best[1] if best else None)


def _check_double(name: str, titles: list[str], known: list[str]) -> None:
    for title in known:
        if titles.count(title) > 1:
            raise UnreadableFile(
                _("工作表“%(sheet)s”里“%(column)s”列出现了不止一次。")
                % {"sheet": name, "column": title}
            )


def _filled(rows: list[list[Any]], heading: int, places: dict[str, int]) -> Iterator[Row]:
    for number, cells in enumerate(rows[heading + 1 :], start=heading + 2):
        values = {
            title: cells[place] if place < len(cells) else "" for title, place in places.items()
        }
        if any(value != "" for value in values.values()):
            yield Row(number, values)


def _too_big(size: int) -> UnreadableFile:
    return UnreadableFile(
        _("文件有%(size)s MB，最多%(most)d MB。")
        % {"size": f"{size / 1024 / 1024:.1f}", "most": MOST_BYTES // 1024 // 1024}
    )


def _broken() -> UnreadableFile:
    return UnreadableFile(_("文件已损坏，打不开。请用 Excel 或 WPS 打开后另存一份再传。"))
