"""A rubric goes out to Excel and comes back the same; what is broken is named row by row."""

from __future__ import annotations

import io
import random
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import openpyxl
import pytest

from evaluations.rubric_checks import row_problems
from evaluations.rubric_content import (
    BonusContent,
    ItemContent,
    RubricContent,
    RuleContent,
    SectionContent,
    from_plain,
    to_plain,
)
from evaluations.rubric_workbook import Understood, read_workbook, sheets_of
from evaluations.services.rubric_seed import seed_secretary_content, seed_source
from portal.documents.excel import UnreadableFile, write_workbook

HOSTILE = ("=1+1", "＝cmd", "@x", "-3%", "a\nb", "“引号”", "_x0041_", "'x", "<b>&", "1.0", "是")


def workbook(content: RubricContent) -> io.BytesIO:
    return io.BytesIO(write_workbook(sheets_of(content, title="生产型考评细则 第1版")))


def again(content: RubricContent) -> Understood:
    return read_workbook(workbook(content), for_secretaries=content.for_secretaries)


def broken(content: RubricContent, spoil: Callable[[Any], None]) -> Understood:
    """Read the workbook after ``spoil`` changed it as somebody in Excel would."""
    book = openpyxl.load_workbook(workbook(content))
    spoil(book)
    buffer = io.BytesIO()
    book.save(buffer)
    return read_workbook(buffer)


@pytest.mark.parametrize("code", ["MGMT", "PROD", "BUSI"])
def test_the_seed_comes_back_the_same(seed_values: dict[str, RubricContent], code: str) -> None:
    understood = again(seed_values[code])
    assert understood.report == ()
    assert understood.content == seed_values[code]


def test_a_secretary_rubric_comes_back_the_same() -> None:
    for entry in seed_source()["secretary"]:
        content = seed_secretary_content(entry)
        assert again(content) == Understood(content, (), 10 + 1 + 4 + 2)


def edited(content: RubricContent, dice: random.Random) -> RubricContent:
    """Some edits that an officer might make, hostile texts among them; rows stay valid."""
    sections = [list(section.items) for section in content.sections]
    for _ in range(12):
        items = dice.choice([items for items in sections if items])
        place = dice.randrange(len(items))
        item = items[place]
        rules = list(item.rules)
        match dice.randrange(6):
            case 0:
                marks = Decimal(dice.randrange(40, 200)) / 10
                items[place] = replace(item, full_marks=marks)
            case 1:
                items[place] = replace(
                    item,
                    standard=dice.choice(HOSTILE),
                    evidence=dice.choice((*HOSTILE, "")),
                    name_en=dice.choice((*HOSTILE, "")),
                )
            case 2:
                items[place] = replace(
                    item,
                    is_key_work=not item.is_key_work,
                    frequency=dice.choice("MQHYE"),
                    source=dice.choice(["auto", "data+onsite", "manual", "onsite"]),
                    applies_when=dice.choice(["", "has_groups", "has_committee"]),
                )
            case 3:
                text = f"{dice.choice(HOSTILE)}{dice.randrange(1000)}"
                points = Decimal(dice.randrange(1, 6)) / 10
                if text not in {rule.text for rule in rules} and points <= item.full_marks:
                    rules.insert(dice.randrange(len(rules) + 1), RuleContent(text, "每次", points))
                    items[place] = replace(item, rules=tuple(rules))
            case 4:
                items[place] = replace(item, rules=tuple(rules[1:]))
            case 5:
                items[place] = replace(item, name=dice.choice(HOSTILE))
    for items in sections:
        for place, item in enumerate(items):
            fitting = tuple(r for r in item.rules if r.takes_all or r.points <= item.full_marks)  # type: ignore[operator]
            items[place] = replace(item, rules=fitting)
    return replace(
        content,
        sections=tuple(
            replace(section, items=tuple(items), full_marks=Decimal(dice.randrange(10, 400)) / 10)
            for section, items in zip(content.sections, sections, strict=True)
        ),
        bonus_rules=(BonusContent("J1", dice.choice(HOSTILE), Decimal("0.1")),),
        bonus_cap=Decimal(dice.randrange(1, 100)) / 10,
        not_due_policy=dice.choice(["full_marks", "scale"]),
    )


@pytest.mark.parametrize("seed", range(25))
def test_any_edited_rubric_comes_back_the_same(
    seed_values: dict[str, RubricContent], seed: int
) -> None:
    dice = random.Random(seed)
    content = edited(seed_values[dice.choice(["MGMT", "PROD", "BUSI"])], dice)
    assert row_problems(content) == []
    understood = again(content)
    assert understood.report == ()
    assert understood.content == content
    assert from_plain(to_plain(content)) == content


def test_hostile_texts_are_no_formulas_in_the_workbook() -> None:
    item = ItemContent("A1", "=1+1", Decimal(5), "@x", "auto", evidence="＝y")
    section = SectionContent("A", "+x", Decimal(5), items=(item,))
    book = openpyxl.load_workbook(workbook(RubricContent((section,), ())))
    assert not [c for sheet in book for row in sheet for c in row if c.data_type == "f"]


def cell(book: Any, sheet: str, title: str, row: int) -> Any:
    """The cell under a heading, ``row`` rows below it."""
    page = book[sheet]
    for line in page.iter_rows(max_row=5):
        for found in line:
            if found.value == title:
                return page.cell(found.row + row, found.column)
    raise AssertionError(title)


@pytest.mark.parametrize(
    ("sheet", "title", "value", "reason"),
    [
        ("考评项目", "满分", "六", "“六”不是数字"),
        ("考评项目", "满分", None, "不能为空"),
        ("考评项目", "满分", -1, "满分须大于0"),
        ("考评项目", "满分", 4.05, "满分以0.1分为最小单位"),
        ("考评项目", "编号", "B9", "项目编号“B9”与所在类别“A”不符"),
        ("考评项目", "类别", "Z", "没有“Z”类"),
        ("考评项目", "重点工作", "大概", "请填“是”或“否”，现在是“大概”"),
        ("考评项目", "周期", "每周", "不认识“每周”，可填：每月、每季、每半年、每年、按事件"),
        ("考评项目", "数据来源", "系统+猜", "不认识“猜”，可填：系统、现场、数据、人工"),
        ("考评项目", "考评要求", None, "不能为空"),
        ("考评项目", "考评要求", "长" * 301, "最多300个字，现在301个"),
        ("扣分标准", "项目编号", "A8", "没有读到项目“A8”"),
        ("扣分标准", "每单位扣分", 9, "一次扣9分，超过满分4分；请改为扣满分"),
        ("扣分标准", "每单位扣分", None, "须写每单位扣几分，或选扣满分"),
        ("扣分标准", "扣满分", "是", "已选扣满分，不要再写分值"),
        ("扣分标准", "单位", None, "不能为空"),
        ("类别", "编号", "甲", "类别编号须是一个大写字母，例如 A"),
        ("加分项", "加分", 6, "加6分，超过加分上限5分"),
        ("否决项", "总分封顶", 100, "封顶分须从0分起、小于100分"),
        ("等次", "最低分", "高", "“高”不是数字"),
        ("总则", "内容", "很多", "“很多”不是数字"),
    ],
)
def test_a_broken_row_is_named_and_the_others_stand(
    seed_values: dict[str, RubricContent], sheet: str, title: str, value: Any, reason: str
) -> None:
    content = seed_values["PROD"]

    def spoil(book: Any) -> None:
        cell(book, sheet, title, 1).value = value

    understood = broken(content, spoil)
    first = understood.report[0]
    assert first.sheet == sheet
    assert reason in first.reason
    assert first.row == (4 if sheet == "考评项目" else 3 if sheet == "扣分标准" else 2)
    if sheet != "类别":  # a section that fails takes its items along
        kept = {item.code for item in understood.content.items}
        assert {item.code for item in content.items} - kept <= {"A1"}
        assert len(understood.content.sections) == 8


def test_what_hangs_on_a_broken_item_is_reported_too(
    seed_values: dict[str, RubricContent],
) -> None:
    def spoil(book: Any) -> None:
        cell(book, "考评项目", "满分", 1).value = "六"

    report = broken(seed_values["PROD"], spoil).report
    assert [(bad.sheet, bad.column, bad.follows) for bad in report] == [
        ("考评项目", "满分", False),
        ("扣分标准", "项目编号", True),
        ("扣分标准", "项目编号", True),
        ("扣分标准", "项目编号", True),
    ]


def test_a_code_used_twice_names_the_first_row(seed_values: dict[str, RubricContent]) -> None:
    def spoil(book: Any) -> None:
        cell(book, "考评项目", "编号", 2).value = "A1"
        cell(book, "等次", "最低分", 2).value = 90

    report = broken(seed_values["PROD"], spoil).report
    assert report[0].reason == "与第4行重复"
    assert [bad.reason for bad in report if bad.sheet == "等次"] == ["与上面一个等次的最低分相同"]


def test_an_empty_row_and_a_renamed_file_do_no_harm(
    seed_values: dict[str, RubricContent],
) -> None:
    def spoil(book: Any) -> None:
        book["考评项目"].insert_rows(6)
        book["考评项目"].delete_cols(11)  # the English column is optional

    understood = broken(seed_values["PROD"], spoil)
    assert understood.report == ()
    assert [item.code for item in understood.content.items] == [
        item.code for item in seed_values["PROD"].items
    ]


def test_another_workbook_is_refused_as_a_whole() -> None:
    book = openpyxl.Workbook()
    buffer = io.BytesIO()
    book.save(buffer)
    with pytest.raises(UnreadableFile, match="缺少工作表：类别、考评项目、扣分标准"):
        read_workbook(buffer)
