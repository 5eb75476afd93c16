"""The Excel kit: nothing runs, nothing is lost, nothing hostile is opened."""

from __future__ import annotations

import csv
import datetime as dt
import io
import zipfile
from decimal import Decimal
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from hypothesis import given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from portal.documents.excel import (
    CellProblem,
    Column,
    Kind,
    Row,
    Sheet,
    UnreadableFile,
    csv_response,
    read_sheet,
    read_sheets,
    write_csv,
    write_workbook,
    xlsx_response,
)
from portal.documents.excel.guarding import TYPED
from portal.kernel.months import SHANGHAI, Month

HOSTILE = [
    "=1+1",
    '=HYPERLINK("http://example.invalid","x")',
    "+1",
    "-2+3",
    "@SUM(A1)",
    "＝1+1",
    "＋1",
    "－1",
    "＠x",
    "\t=1",
    " =1+1",
    "|calc",
    "_x0041_",
    "'quoted",
]


def book(*rows: tuple[Any, ...], titles: tuple[str, ...] = ("编号", "得分")) -> bytes:
    return write_workbook([Sheet("表", [Column(title) for title in titles], rows)])


def stream(body: bytes) -> io.BytesIO:
    return io.BytesIO(body)


# -- writing ----------------------------------------------------------------------------------


def test_hostile_texts_are_string_cells() -> None:
    body = book(*((text, 1) for text in HOSTILE))
    sheet = openpyxl.load_workbook(stream(body)).worksheets[0]
    cells = [sheet.cell(row, 1) for row in range(2, 2 + len(HOSTILE))]
    assert {cell.data_type for cell in cells} == {"s"}
    with zipfile.ZipFile(stream(body)) as archive:
        assert b"<f>" not in archive.read("xl/worksheets/sheet1.xml")
    assert [row.raw("编号") for row in read_sheet(stream(body), required=["编号"]).rows] == HOSTILE


@pytest.mark.parametrize("text", [t for t in HOSTILE if t.strip(" ")[0] in "=+-@＝＋－＠\t"])
def test_hostile_texts_in_csv_get_a_leading_quote(text: str) -> None:
    sheet = Sheet("表", [Column("编号")], [(text,)])
    rows = list(csv.reader(io.StringIO(write_csv(sheet).decode("utf-8-sig"))))
    assert rows[1] == [f"'{text}"]


def test_csv_leaves_numbers_and_plain_texts_alone() -> None:
    sheet = Sheet(
        "表",
        [Column("a"), Column("b"), Column("c"), Column("d")],
        [(Decimal("-0.5"), "机关第一党支部", dt.date(2017, 6, 9), None)],
        totals=("", "合计", True, 3),
    )
    rows = list(csv.reader(io.StringIO(write_csv(sheet).decode("utf-8-sig"))))
    assert rows[1:] == [["-0.5", "机关第一党支部", "2017-06-09", ""], ["", "合计", "是", "3"]]


def test_cells_keep_their_types() -> None:
    moment = dt.datetime(2017, 6, 27, 2, 30, tzinfo=dt.UTC)
    sheet = Sheet(
        "六月",
        [
            Column("支部"),
            Column("得分", Kind.MARKS),
            Column("率", Kind.PERCENT),
            Column("日期", Kind.DATE),
            Column("时间", Kind.MOMENT),
            Column("月份"),
            Column("重点", choices=["是", "否"]),
        ],
        [("输电", Decimal("94.5"), 0.925, dt.date(2017, 6, 9), moment, Month(2017, 6), True)],
        title="2017年6月得分",
        notes=["内部资料"],
        totals=("合计", Decimal("94.5"), None, None, None, None, None),
    )
    page = openpyxl.load_workbook(stream(write_workbook([sheet]))).worksheets[0]
    assert page.title == "六月"
    assert page.freeze_panes == "A4"  # title, note, headings
    row = [cell.value for cell in page[4]]
    assert row[:4] == ["输电", 94.5, 0.925, dt.datetime(2017, 6, 9)]  # noqa: DTZ001
    assert row[4] == dt.datetime(2017, 6, 27, 10, 30)  # noqa: DTZ001 - Shanghai
    assert row[5:] == ["2017-06", "是"]
    assert page["B4"].number_format == "0.0"
    assert page.print_title_rows == "$3:$3"
    table = read_sheet(stream(write_workbook([sheet])), required=["支部", "得分"])
    assert table.heading_row == 3
    assert [r.number for r in table.rows] == [4, 5]


def test_sheet_names_are_made_valid_and_unique() -> None:
    sheets = [Sheet(name, [Column("x")], []) for name in ["a/b:[c]", "A b  c", "", "x" * 40]]
    names = openpyxl.load_workbook(stream(write_workbook(sheets))).sheetnames
    assert len({name.casefold() for name in names}) == 4
    assert all(0 < len(name) <= 31 for name in names)


def test_control_characters_and_overlong_texts_do_not_spoil_the_file() -> None:
    body = book(("a\x00\x0bb\nc", 1), ("长" * 40_000, 2))
    rows = read_sheet(stream(body), required=["编号"]).rows
    assert rows[0].raw("编号") == "ab\nc"
    assert len(rows[1].raw("编号")) == 32_767


def test_a_row_of_the_wrong_length_is_a_mistake_of_the_programmer() -> None:
    with pytest.raises(ValueError, match="2 columns"):
        book(("A1",))


def test_downloads_are_attachments_with_their_chinese_name() -> None:
    sheet = Sheet("表", [Column("x")], [("1",)])
    for response, ending in (
        (xlsx_response("2017年6月 排名/总表", [sheet]), "xlsx"),
        (csv_response("2017年6月 排名/总表", sheet), "csv"),
    ):
        disposition = response["Content-Disposition"]
        assert disposition.startswith("attachment; ")
        assert "%E6%8E%92%E5%90%8D_%E6%80%BB%E8%A1%A8." + ending in disposition
        assert "/" not in disposition
        assert response["X-Content-Type-Options"] == "nosniff"


# -- reading ----------------------------------------------------------------------------------


def test_headings_may_come_in_any_order_and_further_columns_are_ignored() -> None:
    body = book(("x", "A1", 5), ("", "", ""), ("y", "A2", 6), titles=("别的", "编号", "得分"))
    table = read_sheet(stream(body), required=["得分", "编号"], optional=["备注"])
    assert table.columns == ("得分", "编号")
    assert [(r.number, r.text("编号"), str(r.decimal("得分"))) for r in table.rows] == [
        (2, "A1", "5"),
        (4, "A2", "6"),
    ]
    assert table.rows[0].text("备注") == ""


def test_missing_headings_are_named() -> None:
    with pytest.raises(UnreadableFile, match="缺少列：满分、周期"):
        read_sheet(stream(book(("A1", 1))), required=["编号", "满分", "周期"])


def test_the_same_heading_twice_is_refused() -> None:
    body = book(("A1", "A2"), titles=("编号", "编号"))
    with pytest.raises(UnreadableFile, match="“编号”列出现了不止一次"):
        read_sheet(stream(body), required=["编号"])


def test_missing_sheets_are_named() -> None:
    with pytest.raises(UnreadableFile, match="缺少工作表：等次"):
        read_sheets(stream(book(("A1", 1))), {"表": ["编号"], "等次": ["名称"]})
    found = read_sheets(stream(book(("A1", 1))), {"表": ["编号"]})
    assert found["表"].rows[0].text("编号") == "A1"


def test_numbers_of_rows_are_limited() -> None:
    body = book(*((f"A{n}", n) for n in range(12)))
    with pytest.raises(UnreadableFile, match="最多读10行，这个文件有12行"):
        read_sheet(stream(body), required=["编号"], most_rows=10)


def row(**values: Any) -> Row:
    return Row(7, values)


@pytest.mark.parametrize(
    ("value", "expected"),
    [(5.0, "5"), (0.3, "0.3"), ("１．５分", "1.5"), (" 2 ", "2"), (0.1 + 0.2, "0.3")],
)
def test_numbers(value: Any, expected: str) -> None:
    assert row(x=value).decimal("x") == Decimal(expected)


@pytest.mark.parametrize("value", ["十", "1e", "nan", "inf", True, dt.date(2017, 6, 9), ""])
def test_what_is_not_a_number(value: Any) -> None:
    with pytest.raises(CellProblem) as caught:
        row(x=value).decimal("x")
    assert caught.value.column == "x"


def test_other_cells() -> None:
    assert row(x=3.0).text("x") == "3"
    assert row(x=True).text("x") == "是"
    assert row(x=12.0).integer("x") == 12
    for yes in ("是", "★", "√", True, 1.0):
        assert row(x=yes).flag("x")
    for no in ("否", "", False, 0.0):
        assert not row(x=no).flag("x")
    for text in ("2017-06-09", "2017/6/9", "2017年6月9日", "20170609", dt.date(2017, 6, 9)):
        assert row(x=text).date("x") == dt.date(2017, 6, 9)
    for text in ("2017-06", "2017年6月", dt.date(2017, 6, 1)):
        assert row(x=text).month("x") == Month(2017, 6)


@pytest.mark.parametrize(
    ("method", "value", "reason"),
    [
        ("flag", "也许", "请填“是”或“否”"),
        ("date", "2017-02-30", "不是日期"),
        ("date", "昨天", "不是日期"),
        ("month", "2017-13", "不是月份"),
        ("integer", 1.5, "须为整数"),
    ],
)
def test_cells_that_do_not_fit(method: str, value: Any, reason: str) -> None:
    with pytest.raises(CellProblem, match=reason):
        getattr(row(x=value), method)("x")


def test_required_and_overlong_texts() -> None:
    with pytest.raises(CellProblem, match="不能为空"):
        row(x="  ").text("x", required=True)
    with pytest.raises(CellProblem, match="最多3个字，现在4个"):
        row(x="一二三四").text("x", limit=3)


# -- hostile files ----------------------------------------------------------------------------


def rebuilt(body: bytes, **changes: bytes) -> bytes:
    """The workbook with parts replaced (``sheet1``) or added."""
    buffer = io.BytesIO()
    names = {"sheet1": "xl/worksheets/sheet1.xml"}
    wanted = {names.get(name, name): content for name, content in changes.items()}
    with (
        zipfile.ZipFile(stream(body)) as old,
        zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for part in old.namelist():
            new.writestr(part, wanted.pop(part) if part in wanted else old.read(part))
        for part, content in wanted.items():
            new.writestr(part, content)
    return buffer.getvalue()


SHEET = (
    '<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/'
    '2006/main"><sheetData>{}</sheetData></worksheet>'
)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "文件是空的"),
        (b"%PDF-1.4", "不是 Excel 工作簿"),
        (b"a,b\n1,2\n", "不是 Excel 工作簿"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "旧版 .xls 或加了密码"),
        (b"PK\x03\x04" + b"\0" * 100, "文件已损坏"),
        (book(("A1", 1))[:-60], "文件已损坏"),
    ],
)
def test_files_that_are_no_workbooks(body: bytes, reason: str) -> None:
    with pytest.raises(UnreadableFile, match=reason):
        read_sheet(SimpleUploadedFile("x.xlsx", body), required=["编号"])


def test_another_kind_of_zip_is_refused() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("word/document.xml", "<x/>")
    with pytest.raises(UnreadableFile, match="不是 Excel 工作簿"):
        read_sheet(buffer, required=["编号"])


def test_too_large_an_upload_is_refused_unread() -> None:
    class Untouched(SimpleUploadedFile):
        def read(self, *args: Any) -> bytes:
            raise AssertionError("read")

    file = Untouched("x.xlsx", b"PK")
    file.size = TYPED.size + 1
    with pytest.raises(UnreadableFile, match="最多5 MB"):
        read_sheet(file, required=["编号"])


def test_a_stream_without_a_size_is_limited_too() -> None:
    with pytest.raises(UnreadableFile, match="最多5 MB"):
        read_sheet(stream(b"PK\x03\x04" + b"\0" * TYPED.size), required=["编号"])


def test_a_zip_bomb_is_refused() -> None:
    body = rebuilt(book(("A1", 1)), **{"xl/media/bomb.xml": b"<x>" + b" " * 60_000_000 + b"</x>"})
    assert len(body) < 200_000
    with pytest.raises(UnreadableFile, match="展开后过大"):
        read_sheet(stream(body), required=["编号"])


def test_a_zip_with_a_forged_size_is_refused() -> None:
    body = rebuilt(book(("A1", 1)), **{"xl/bomb.xml": b"<x>" + b" " * 9_000_000 + b"</x>"})
    real = (9_000_007).to_bytes(4, "little")
    assert real in body
    with pytest.raises(UnreadableFile, match="文件已损坏"):
        read_sheet(stream(body.replace(real, (50).to_bytes(4, "little"))), required=["编号"])


@pytest.mark.parametrize(
    "cells",
    [
        '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>',
        '<row r="1"><c r="A1"><v>1</v></c></row><row r="900000"><c><v>1</v></c></row>',
        '<row r="1"><c r="&#88;&#70;&#68;1"><v>1</v></c></row>',
    ],
)
def test_a_cell_at_the_end_of_the_sheet_is_refused(cells: str) -> None:
    body = rebuilt(book(("A1", 1)), sheet1=SHEET.format(cells).encode())
    with pytest.raises(UnreadableFile, match="超过20000行或200列"):
        read_sheet(stream(body), required=["编号"])


def test_entities_and_broken_xml_are_refused() -> None:
    entity = b'<!DOCTYPE x [<!ENTITY a "b">]><worksheet>&a;</worksheet>'
    for sheet in (entity, b"<worksheet><sheetData>"):
        with pytest.raises(UnreadableFile, match="文件已损坏"):
            read_sheet(stream(rebuilt(book(("A1", 1)), sheet1=sheet)), required=["编号"])


def test_macros_and_hidden_second_workbooks_are_refused() -> None:
    with pytest.raises(UnreadableFile, match="带宏"):
        read_sheet(
            stream(rebuilt(book(("A1", 1)), **{"xl/vbaProject.bin": b"x"})), required=["编号"]
        )
    with pytest.raises(UnreadableFile, match="文件已损坏"):
        read_sheet(stream(rebuilt(book(("A1", 1)), **{"content.xml": b"<x/>"})), required=["编号"])


def test_a_reader_that_panics_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    class Panic(BaseException):
        pass

    def panics(_stream: object) -> object:
        raise Panic

    monkeypatch.setattr(CalamineWorkbook, "from_filelike", panics)
    with pytest.raises(UnreadableFile, match="文件已损坏"):
        read_sheet(stream(book(("A1", 1))), required=["编号"])


@settings(max_examples=40)
@given(
    st.lists(
        st.tuples(
            st.text(
                st.characters(exclude_categories=["Cs", "Cc", "Cn"], exclude_characters="\ufeff"),
                max_size=30,
            ),
            st.decimals(-1000, 1000, places=2),
        ),
        max_size=8,
    )
)
def test_whatever_is_written_is_read_again(rows: list[tuple[str, Decimal]]) -> None:
    table = read_sheet(stream(book(*rows)), required=["编号", "得分"])
    assert [(r.raw("编号"), r.decimal("得分")) for r in table.rows] == rows


def test_times_are_shanghai() -> None:
    moment = dt.datetime(2017, 6, 27, 10, tzinfo=SHANGHAI)
    text = write_csv(Sheet("x", [Column("t")], [(moment,)])).decode("utf-8-sig")
    assert "2017-06-27 10:00" in text


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_a_cell_without_a_finite_number_is_said_so(value: float) -> None:
    with pytest.raises(CellProblem, match="不是数字"):
        Row(2, {"金额": value}).optional_decimal("金额")
