"""Reading a workbook that somebody uploaded: headings found, rows as values, whole or streamed."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from itertools import chain, islice
from typing import Any, Final

from django.utils.translation import gettext as _
from python_calamine import CalamineWorkbook

from portal.documents.excel.guarding import (
    HEADING_WITHIN,
    LARGE,
    TYPED,
    Limits,
    UnreadableFile,
    Upload,
    broken,
    open_workbook,
)
from portal.kernel.months import Month

MOST_ROWS: Final = TYPED.rows

_YES = frozenset({"是", "1", "y", "yes", "true", "√", "✓", "★", "☆", "有"})
_NO = frozenset({"", "否", "0", "n", "no", "false", "×", "-", "—", "无"})


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
            number = Decimal(f"{value:.12g}")
            if not number.is_finite():
                raise CellProblem(column, _("不是数字"))
            return number
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
    workbook = open_workbook(file)
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
    raise _no_table(nearest)


@dataclass(frozen=True, slots=True)
class Stream:
    """A sheet that is read row by row: ``height`` rows at most, of which ``rows`` gives those that
    are not empty."""

    height: int
    rows: Iterator[Row]


def stream_sheet(
    file: Upload, *, required: Sequence[str], optional: Sequence[str] = (), limits: Limits = LARGE
) -> Stream:
    """The first sheet that has the headings ``required``, as a stream: rows become Python values
    as they are asked for, so that 50,000 of them need no more memory than one. Raises
    UnreadableFile, for a sheet with too many rows only when it gets there."""
    workbook = open_workbook(file, limits)
    nearest: tuple[int, list[str], str] | None = None
    for name in workbook.sheet_names:
        height, cells = _lazy(workbook, name)
        head = list(islice(cells, HEADING_WITHIN))
        index, places, missing = _heading(name, head, required, optional)
        if places:
            rows = _counted(_filled(chain(head[index + 1 :], cells), index, places), limits.rows)
            return Stream(max(0, height - index - 1), rows)
        if missing and (nearest is None or len(missing) < nearest[0]):
            nearest = (len(missing), missing, name)
    raise _no_table(nearest)


def read_sheets(
    file: Upload,
    wanted: Mapping[str, Sequence[str]],
    *,
    optional: Mapping[str, Sequence[str]] | None = None,
    most_rows: int = MOST_ROWS,
) -> dict[str, Table]:
    """Several sheets of one workbook by name, each with its required headings."""
    workbook = open_workbook(file)
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


def _rows(workbook: CalamineWorkbook, name: str) -> list[list[Any]]:
    try:
        return workbook.get_sheet_by_name(name).to_python(skip_empty_area=False)
    except (KeyboardInterrupt, SystemExit, MemoryError):
        raise
    except BaseException as error:
        raise broken() from error


def _table(
    name: str,
    rows: list[list[Any]],
    required: Sequence[str],
    optional: Sequence[str],
    most_rows: int,
) -> tuple[Table | None, list[str] | None]:
    """The table, or the headings missing from the row that looks most like headings; (None,
    None) for an empty sheet."""
    index, places, missing = _heading(name, rows[:HEADING_WITHIN], required, optional)
    if not places:
        return None, missing
    found = tuple(_filled(rows[index + 1 :], index, places))
    if len(found) > most_rows:
        raise UnreadableFile(
            _("一次最多读%(rows)d行，这个文件有%(found)d行。请分开上传。")
            % {"rows": most_rows, "found": len(found)}
        )
    return Table(name, tuple(places), found, index + 1), None


def _heading(
    name: str, rows: list[list[Any]], required: Sequence[str], optional: Sequence[str]
) -> tuple[int, dict[str, int], list[str] | None]:
    """Which row holds the headings and where each stands; else (0, nothing, what is missing from
    the row that looks most like them)."""
    best: list[str] | None = None
    for index, cells in enumerate(rows):
        titles = [str(cell).strip() for cell in cells]
        missing = [title for title in required if title not in titles]
        if not missing:
            known = [title for title in (*required, *optional) if title in titles]
            _check_double(name, titles, known)
            return index, {title: titles.index(title) for title in known}, None
        if best is None or len(missing) < len(best):
            best = missing
    return 0, {}, best


def _lazy(workbook: CalamineWorkbook, name: str) -> tuple[int, Iterator[list[Any]]]:
    """The height of a sheet and its rows, one by one."""
    try:
        sheet = workbook.get_sheet_by_name(name)
        return sheet.total_height, _careful(sheet.iter_rows())
    except (KeyboardInterrupt, SystemExit, MemoryError):
        raise
    except BaseException as error:
        raise broken() from error


def _careful(rows: Iterator[list[Any]]) -> Iterator[list[Any]]:
    while True:
        try:
            cells = next(rows)
        except StopIteration:
            return
        except (KeyboardInterrupt, SystemExit, MemoryError):
            raise
        except BaseException as error:
            raise broken() from error
        yield cells


def _counted(rows: Iterator[Row], most: int) -> Iterator[Row]:
    for count, row in enumerate(rows, start=1):
        if count > most:
            raise UnreadableFile(
                _("一次最多读%(rows)d行，这个文件不止。请分开上传。") % {"rows": most}
            )
        yield row


def _no_table(nearest: tuple[int, list[str], str] | None) -> UnreadableFile:
    if nearest is None:
        return UnreadableFile(_("文件是空的。"))
    return UnreadableFile(
        _("工作表“%(sheet)s”缺少列：%(columns)s。请用导出的表格改后再传。")
        % {"sheet": nearest[2], "columns": "、".join(nearest[1])}
    )


def _check_double(name: str, titles: list[str], known: list[str]) -> None:
    for title in known:
        if titles.count(title) > 1:
            raise UnreadableFile(
                _("工作表“%(sheet)s”里“%(column)s”列出现了不止一次。")
                % {"sheet": name, "column": title}
            )


def _filled(rows: Iterable[list[Any]], heading: int, places: dict[str, int]) -> Iterator[Row]:
    """The rows below the headings that are not empty, numbered as Excel does."""
    for number, cells in enumerate(rows, start=heading + 2):
        values = {
            title: cells[place] if place < len(cells) else "" for title, place in places.items()
        }
        if any(value != "" for value in values.values()):
            yield Row(number, values)
