"""Minutes, attendance list and handbook: what stands on the paper, in both forms."""

from __future__ import annotations

import datetime as dt
import io
import re
from collections.abc import Iterator
from typing import Any

import pdfplumber
import pytest
import time_machine
from django.urls import reverse
from docx import Document

from branches.record_papers import attendance_paper, handbook_paper, minutes_paper
from branches.services.record_values import FollowUpValues
from branches.services.registers import enter_term
from portal.documents.official import Form, Paper, Paragraph, Table, write_pdf
from tests.branches.scene import Busy
from tests.branches.test_record_pages import signed
from tests.branches.test_records import absent, save
from tests.cast import NOW, TODAY, Cast


@pytest.fixture(autouse=True)
def june() -> Iterator[None]:
    """It is 27 June 2017, 10:00."""
    with time_machine.travel(NOW, tick=False):
        yield


def words(paper: Paper) -> str:
    """Everything that stands on the paper, in order."""
    found: list[str] = [paper.name]
    for block in paper.blocks:
        if isinstance(block, Paragraph):
            found.append(block.lead + block.text)
        elif isinstance(block, Table):
            found += [column.title for column in block.columns]
            found += [cell for row in block.rows for cell in row]
        elif isinstance(block, Form):
            found += [f"{entry.label}：{entry.text}" for row in block.rows for entry in row]
    return "\n".join(found)


def full_record(cast: Cast) -> Any:
    people = cast.members(cast.branch_a)
    return save(
        cast,
        starts_at=dt.time(15),
        statements="吴海生：夜班多，请错峰。",
        ayes=8,
        nays=1,
        motion="同意接收预备党员",
        absences=(absent(people[5]), absent(people[6], "absent", "")),
        follow_ups=(
            FollowUpValues("责任区挂牌", cast.person(cast.deputy_a), dt.date(2017, 6, 30)),
        ),
    )


def test_minutes_have_every_element(cast: Cast) -> None:
    people = cast.members(cast.branch_a)
    text = words(minutes_paper(full_record(cast)))
    for element in (
        "配电运检党支部党员大会记录",
        "时间：2017年6月9日 15:00",
        "地点：配电运检楼三楼会议室",
        "主持人：林建明",
        "记录人：黄丽萍",
        "应到12人，实到10人",
        f"{people[5].name}（请假：值班）、{people[6].name}（缺席）",
        "同意接收预备党员。应到有表决权11人，实到9人；赞成8，反对1，弃权0；通过",
        "一、议题与内容",
        "吴海生：夜班多，请错峰。",
        "三、决议与落实",
        "责任区挂牌",
        "主持签字",
        "记录签字",
    ):
        assert element in text


def test_a_vote_without_quorum_is_void_on_paper_too(cast: Cast) -> None:
    away = tuple(absent(p) for p in cast.members(cast.branch_a)[3:10])
    assert "到会不足半数，表决无效" in words(minutes_paper(save(cast, absences=away, ayes=4)))


def test_attendance_list_is_the_roster_of_the_day(cast: Cast) -> None:
    paper = attendance_paper(full_record(cast))
    table = next(block for block in paper.blocks if isinstance(block, Table))
    assert len(table.rows) == 12
    kinds = [row[3] for row in table.rows]
    assert kinds.count("到会") == 10
    assert "请假（值班）" in kinds
    assert table.rows[-1][2] == "预备"


def test_both_files_are_to_be_had_by_those_who_see_the_record(cast: Cast) -> None:
    activity = full_record(cast)
    for slug in ("minutes", "attendance"):
        address = reverse("branches:record-file", args=[activity.pk, slug, "docx"])
        answer = signed(cast.officer).get(address)
        body = Document(io.BytesIO(answer.content))
        assert any("配电运检党支部" in p.text for p in body.paragraphs)
        assert signed(cast.secretary_b).get(address).status_code == 404
    odd = reverse("branches:record-file", args=[activity.pk, "secret", "pdf"])
    assert signed(cast.officer).get(odd).status_code == 404


def test_minutes_fit_one_sheet_of_a4(cast: Cast) -> None:
    with pdfplumber.open(io.BytesIO(write_pdf(minutes_paper(full_record(cast))))) as pdf:
        assert len(pdf.pages) == 1
        assert (round(pdf.pages[0].width), round(pdf.pages[0].height)) == (595, 842)
        text = re.sub(r"\s", "", pdf.pages[-1].extract_text())
    assert "主持签字" in text


def test_the_handbook_is_the_year_in_one_file(cast: Cast, busy: Busy) -> None:
    enter_term(branch=cast.branch_a, elected_on=dt.date(2016, 3, 8), actor=None, now=NOW)
    text = words(handbook_paper(cast.branch_a, 2017, TODAY))
    for part in (
        "配电运检党支部2017年工作手册",
        "本届任期：2016年3月8日—2019年3月8日",
        "9/11",  # June
        "（3）6月8日　第二党小组学习安规",
        "应到12人，实到9人",
        "540.00",
        "夜班的困难",
        "林建明",
    ):
        assert part in text
    client = signed(cast.secretary_a)
    address = reverse("branches:handbook", args=[cast.branch_a.pk, 2017, "docx"])
    assert client.get(address).status_code == 200
    assert signed(cast.secretary_b).get(address).status_code == 403
    later = reverse("branches:handbook", args=[cast.branch_a.pk, 2018, "docx"])
    assert client.get(later).status_code == 404
