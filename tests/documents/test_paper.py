"""Official papers: measured on the rendered PDF against GB/T 9704-2012, and read back as docx."""

from __future__ import annotations

import dataclasses
import datetime as dt
import io
import itertools
import json
import zipfile
from typing import Any

import pytest
from docx import Document
from docx.oxml.ns import qn

from portal.documents.official import (
    Attachment,
    Column,
    Entry,
    FontsMissing,
    Form,
    Imprint,
    Layout,
    Paper,
    Paragraph,
    Signature,
    Table,
    Verification,
    digest_of,
    fonts,
    grid,
    restored,
    stored,
    write_docx,
    write_pdf,
)
from portal.documents.official.titles import title_lines
from tests.documents.measure import POINT, Box, Glyph, Sheet, sheets

NEAR = 0.3  # mm
ISSUER = "中共国网泉州供电公司委员会"
DAY = dt.date(2017, 7, 5)
SENTENCE = "党支部要对照清单逐条整改明确措施和责任人按时完成并把结果报送党群部"
RARE = "蟳璟玥喆堃"


def near(value: float, expected: float, tolerance: float = NEAR) -> bool:
    return abs(value - expected) <= tolerance


def red_head(**changes: Any) -> Paper:
    paper = Paper(
        layout=Layout.RED_HEAD,
        mark=f"{ISSUER}文件",
        number="泉电党整〔2017〕6号",
        title=("关于", "输电运检党支部", "限期整改", "有关问题的", "通知"),
        addressees=("输电运检党支部",),
        blocks=(
            Paragraph("2017年6月26日，公司党建工作第三互查组对你支部开展月度互查。"),
            Paragraph("6月固定日为9日。", "一、主题党日未按计划开展（考评项B4★）。", 1),
        ),
        attachments=(problem_list(2),),
        signature=Signature(ISSUER, DAY),
        imprint=Imprint(("党委委员", "各党总支"), "市公司党委党群部", DAY),
    )
    return dataclasses.replace(paper, **changes)


def problem_list(count: int) -> Attachment:
    columns = (Column("序号", 0.6), Column("事实", 4, "left"), Column("得分", 1))
    rows = tuple((str(n), f"问题{n}：{SENTENCE}。", "0.0 / 8.0") for n in range(1, count + 1))
    return Attachment(("问题清单",), (Table(columns, rows),))


def pages(paper: Paper) -> list[Sheet]:
    return sheets(write_pdf(paper))


def squeezed(line: list[Glyph]) -> str:
    return "".join(glyph.text for glyph in line)


# -- the grid -------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def full_page() -> Sheet:
    """The second page of a long text: nothing but body."""
    text = SENTENCE * 60
    return pages(red_head(blocks=(Paragraph(text),), attachments=()))[1]


def body_lines(sheet: Sheet) -> list[list[Glyph]]:
    return [line for line in sheet.lines() if line[0].baseline < grid.TOP + grid.BLOCK_HEIGHT]


def test_a_page_holds_22_lines_of_28_characters(full_page: Sheet) -> None:
    lines = body_lines(full_page)
    assert len(lines) == grid.LINES
    assert {len(line) for line in lines} == {grid.CHARACTERS}


def test_the_lines_fill_the_block(full_page: Sheet) -> None:
    lines = body_lines(full_page)
    for line in lines:
        assert near(line[0].x, grid.LEFT)
        assert near(line[-1].x + grid.CHARACTER, grid.LEFT + grid.BLOCK_WIDTH)
    pitches = [b[0].baseline - a[0].baseline for a, b in itertools.pairwise(lines)]
    assert all(near(pitch, grid.BLOCK_HEIGHT / 22, 0.02) for pitch in pitches)
    # A line is a character and the room below it: the last room ends with the block.
    box_top = lines[0][0].baseline - 0.88 * 16 * POINT
    assert near(box_top, grid.TOP, 0.05)
    assert near(box_top + 22 * grid.LINE, grid.TOP + grid.BLOCK_HEIGHT, 0.05)


def test_body_text_is_3_hao_and_indented_by_two(full_page: Sheet) -> None:
    assert {round(g.size, 1) for line in body_lines(full_page) for g in line} == {16.0}
    first = pages(red_head())[0].line("2017年6月26日")
    assert near(first[0].x, grid.LEFT + 2 * grid.CHARACTER)


# -- the red head ---------------------------------------------------------------------------


def test_the_red_mark_stands_35_mm_below_the_top_of_the_block() -> None:
    sheet = pages(red_head())[0]
    rule = sheet.rules(red=True)[0]
    ink = sheet.ink(red=True, area=Box(0, 0, 210, rule.top - 1))
    assert near(ink.top, grid.TOP + 35)
    assert near((ink.left + ink.right) / 2, grid.LEFT + grid.BLOCK_WIDTH / 2, 1)
    assert ink.width <= grid.BLOCK_WIDTH + NEAR


def test_the_red_rule_is_4_mm_below_the_number_and_as_wide_as_the_block() -> None:
    sheet = pages(red_head())[0]
    rule = sheet.rules(red=True)[0]
    number = sheet.line("泉电党整")
    area = Box(0, number[0].baseline - 6, 210, rule.top - 0.2)
    assert near(rule.top - sheet.ink(red=False, area=area).bottom, 4)
    assert near(rule.left, 28)
    assert near(rule.width, 156)
    middle = (number[0].x + number[-1].x + grid.CHARACTER) / 2
    assert near(middle, grid.LEFT + grid.BLOCK_WIDTH / 2, 0.5)


def test_a_very_long_issuer_fits_the_block() -> None:
    name = "中共国网福建省电力有限公司泉州供电公司惠安县供电公司委员会直属机关委员会文件"
    sheet = pages(red_head(mark=name))[0]
    rule = sheet.rules(red=True)[0]
    ink = sheet.ink(red=True, area=Box(0, 0, 210, rule.top - 1))
    assert grid.LEFT - NEAR <= ink.left < ink.right <= grid.LEFT + grid.BLOCK_WIDTH + NEAR
    assert near(ink.top, grid.TOP + 35)


def test_the_title_is_2_hao_below_two_blank_lines() -> None:
    sheet = pages(red_head())[0]
    title = sheet.line("关于输电运检")
    assert {round(g.size, 1) for g in title} == {22.0}
    top = title[0].baseline - 0.88 * 22 * POINT
    assert near(top - sheet.rules(red=True)[0].bottom, 2 * grid.LINE)
    addressee = sheet.line("输电运检党支部：")
    assert near(addressee[0].x, grid.LEFT)


# -- titles ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "lines"),
    [
        (("整改通知书",), ["整改通知书"]),
        (
            ("关于", "变电检修中心党支部", "限期整改", "有关问题的", "通知"),
            ["关于变电检修中心党支部", "限期整改有关问题的通知"],
        ),
        (
            ("关于", "2017年6月份", "党支部", "党建工作", "考评情况的", "通报"),
            ["关于2017年6月份党支部", "党建工作考评情况的通报"],
        ),
    ],
)
def test_a_title_breaks_at_words(words: tuple[str, ...], lines: list[str]) -> None:
    assert title_lines(words) == lines or (
        "".join(title_lines(words)) == "".join(lines)
        and all(len(line) <= 20 for line in title_lines(words))
    )
    ends, at = set(), 0
    for word in words:
        at += len(word)
        ends.add(at)
    at = 0
    for line in title_lines(words):
        at += len(line)
        assert at in ends, f"{line} ends within a word"


def test_a_long_title_is_a_trapezoid_or_a_diamond_never_a_block_or_an_hourglass() -> None:
    words: tuple[str, ...] = (
        "关于",
        "中共国网泉州供电公司",
        "委员会",
        "所属",
        "各党总支",
        "党支部",
        "开展",
    )
    words += ("2017年第二季度", "党建工作", "交叉互查", "情况的", "通报")
    lengths = [len(line) for line in title_lines(words)]
    assert len(lengths) == 3
    grows, shrinks = lengths == sorted(lengths), lengths == sorted(lengths, reverse=True)
    assert len(set(lengths)) > 1
    assert grows or shrinks or lengths[1] == max(lengths)


def test_a_word_wider_than_a_line_is_cut_rather_than_lost() -> None:
    assert "".join(title_lines(("字" * 47,))) == "字" * 47
    assert all(len(line) <= 20 for line in title_lines(("字" * 47,)))


def test_a_word_that_must_be_cut_is_cut_at_a_pause() -> None:
    """A branch with everything it covers in its name: no line begins with a bracket that closes."""
    name = "变电运维党支部（含城区、洛江、泉港三个运维班及输变电联合值守点、蟳埔供电所值守点）"
    lines = title_lines(("关于", name, "限期整改", "有关问题的", "通知"))
    assert "".join(lines) == f"关于{name}限期整改有关问题的通知"
    assert all(line[0] not in "）、，" and 6 <= len(line) <= 20 for line in lines)
    assert lines[0].endswith("（含城区、")


def test_a_row_to_be_filled_in_by_hand_has_room() -> None:
    columns = (Column("序号", 0.6), Column("原因", 4, "left"))
    rows = (("1", ""), ("2", ""))
    steps = []
    for room in (1, 4):
        table = Table(columns, rows, row_lines=room)
        sheet = pages(Paper(layout=Layout.PLAIN, title=("反馈单",), blocks=(table,)))[0]
        steps.append(sheet.line("2")[0].baseline - sheet.line("1")[0].baseline)
    assert steps[0] < 10 < 20 < steps[1]


@pytest.mark.parametrize("landscape", [False, True])
def test_a_row_stays_on_one_page_unless_it_is_a_good_part_of_one(landscape: bool) -> None:
    columns = (Column("序号", 0.6), Column("事实", 4, "left"))

    def starts_and_ends(rows: int, sentences: int) -> tuple[list[int], list[int]]:
        text = "起" + SENTENCE * sentences + "讫"
        table = Table(columns, tuple((str(n), text) for n in range(rows)))
        paper = Paper(layout=Layout.PLAIN, title=("清单",), blocks=(table,), landscape=landscape)
        words = ["".join(map(squeezed, sheet.lines())) for sheet in pages(paper)]
        return [page.count("起") for page in words], [page.count("讫") for page in words]

    starts, ends = starts_and_ends(rows=23, sentences=5)
    assert starts == ends
    assert len(starts) > 2
    starts, ends = starts_and_ends(rows=1, sentences=60)
    assert starts != ends
    assert sum(starts) == sum(ends) == 1


@pytest.mark.parametrize("sentences", [20, 30, 150])
def test_a_long_word_in_a_form_goes_on_over_the_page(sentences: int) -> None:
    said = Entry("说明", SENTENCE * sentences + "讫", lines=8)
    beside = (Entry("签字", "", lines=4), Entry("签字", "", lines=4))
    paper = Paper(
        layout=Layout.PLAIN, title=("记录",), blocks=(Form(((said,), (said, said), beside)),)
    )
    lines = [line for sheet in pages(paper) for line in body_lines(sheet)]
    assert "".join(map(squeezed, lines)).count(SENTENCE[:2]) == 3 * sentences
    assert "".join(map(squeezed, lines)).count("讫") == 3


# -- signature, attachments, imprint, page numbers -------------------------------------------


def signed(paper: Paper) -> tuple[Sheet, list[Glyph], list[Glyph]]:
    """The page that is signed, the name's line and the date's."""
    for sheet in pages(paper):
        lines = sheet.lines()
        for name, day in itertools.pairwise(lines):
            if squeezed(day) == "2017年7月5日":
                return sheet, name, day
    raise AssertionError("nothing is signed")


def test_the_date_stands_four_characters_in_and_the_name_is_centred_over_it() -> None:
    _sheet, name, day = signed(red_head())
    # 日 is the last character: its box ends four characters from the edge.
    assert near(day[-1].x + grid.CHARACTER, grid.LEFT + grid.BLOCK_WIDTH - 4 * grid.CHARACTER)
    middle = (day[0].x + day[-1].x + grid.CHARACTER) / 2
    assert near((name[0].x + name[-1].x + grid.CHARACTER) / 2, middle)


def test_the_place_of_the_seal_is_left_free_and_none_is_drawn() -> None:
    sheet, name, _day = signed(red_head())
    above = [line for line in sheet.lines() if line[0].baseline < name[0].baseline - 1][-1]
    assert name[0].baseline - above[0].baseline > 2.9 * grid.LINE  # two blank lines
    with pytest.raises(AssertionError, match="nothing red"):
        sheet.ink(red=True)


def test_a_name_wider_than_the_date_allows_stays_in_the_block() -> None:
    name = "中共国网泉州供电公司委员会党群工作部互查办公室"
    _sheet, found, _day = signed(red_head(signature=Signature(name, DAY)))
    assert found[-1].x + grid.CHARACTER <= grid.LEFT + grid.BLOCK_WIDTH + NEAR


def test_an_attachment_begins_a_page_with_its_title_on_the_third_line() -> None:
    found = pages(red_head(attachments=(problem_list(2), problem_list(1))))
    sheet = next(sheet for sheet in found if sheet.text.startswith("附件1"))
    head, title = sheet.line("附件1"), sheet.line("问题清单")
    assert near(head[0].x, grid.LEFT)
    assert near(head[0].baseline - 0.88 * 16 * POINT, grid.TOP)
    top = title[0].baseline - 0.88 * 22 * POINT
    assert near(top, grid.TOP + 2 * grid.LINE)


@pytest.mark.parametrize("duplex", [False, True])
@pytest.mark.parametrize("problems", [1, 2, 9, 40])
def test_the_imprint_ends_on_the_bottom_edge_of_the_last_page(problems: int, duplex: bool) -> None:
    found = pages(red_head(attachments=(problem_list(problems),), duplex=duplex))
    if duplex:
        assert len(found) % 2 == 0
    rules = [rule for rule in found[-1].rules(red=False) if near(rule.width, 156)][-3:]
    assert near(rules[-1].bottom, grid.TOP + grid.BLOCK_HEIGHT)
    assert [round(rule.height, 2) for rule in rules] == [0.35, 0.25, 0.35]
    assert all(near(rule.left, 28) for rule in rules)
    assert "抄送：党委委员，各党总支。" in found[-1].text
    assert "2017年7月5日印发" in found[-1].text
    for sheet in found[:-1]:
        assert "抄送" not in sheet.text


def test_page_numbers_stand_7_mm_below_the_block_right_and_left() -> None:
    found = pages(red_head(attachments=(problem_list(40),)))
    assert len(found) > 3
    for number, sheet in enumerate(found[:3], start=1):
        line = sheet.line("—")
        assert squeezed(line).replace(" ", "") == f"—{number}—"
        assert {round(g.size, 1) for g in line} == {14.0}
        dash = sheet.ink(red=False, area=Box(line[0].x, 265, line[0].x + 4, 280))
        assert near(dash.top, grid.TOP + grid.BLOCK_HEIGHT + 7)
        if number % 2:
            end = line[-1].x + 14 * POINT
            assert near(end, grid.LEFT + grid.BLOCK_WIDTH - grid.CHARACTER)
        else:
            assert near(line[0].x, grid.LEFT + grid.CHARACTER)


def test_neither_a_blank_page_nor_the_imprint_after_it_has_a_number() -> None:
    wide = dataclasses.replace(problem_list(1), landscape=True)
    found = pages(red_head(attachments=(problem_list(1), wide), duplex=True))
    assert len(found) == 6
    assert [sheet.text.count("—") for sheet in found] == [2, 2, 2, 2, 0, 0]
    assert found[4].text == ""


def test_a_line_of_text_always_stands_above_the_signature() -> None:
    for length in range(1, 25):
        paper = red_head(blocks=(Paragraph(SENTENCE * length),), attachments=())
        sheet, name, _day = signed(paper)
        above = [line for line in sheet.lines() if line[0].baseline < name[0].baseline - 1]
        assert squeezed(above[-1])[-1] in SENTENCE, f"{length} sentences"


# -- the letter -----------------------------------------------------------------------------


def test_the_letter_has_its_double_rules_where_they_belong() -> None:
    sheet = pages(red_head(layout=Layout.LETTER, mark=ISSUER, title=("整改通知书",)))[0]
    first, second, third, fourth = sheet.rules(red=True)
    mark = sheet.ink(red=True, area=Box(0, 0, 210, first.top - 1))
    assert near(mark.top, 30)
    assert near(first.top - mark.bottom, 4)
    for rule in (first, second, third, fourth):
        assert near(rule.width, 170)
        assert near((rule.left + rule.right) / 2, 105)
    assert first.height > second.height  # thick over thin
    assert third.height < fourth.height  # thin over thick
    assert near(fourth.bottom, 297 - 20)
    number = sheet.line("泉电党整")
    assert near(number[-1].x + grid.CHARACTER, grid.LEFT + grid.BLOCK_WIDTH)
    assert "—" not in sheet.text  # no page number on the first page


# -- what people write ------------------------------------------------------------------------


def test_rare_characters_have_a_shape() -> None:
    found = pages(red_head(blocks=(Paragraph(f"责任人：{RARE}。"),)))[0]
    line = found.line("责任人")
    assert [g.text for g in line if g.text in RARE] == list(RARE)
    # A font without the shape would give its first glyph: all alike.
    boxes = {
        found.cut(Box(g.x, g.baseline - 4.8, g.x + 5.5, g.baseline + 0.8)).tobytes()
        for g in line
        if g.text in RARE
    }
    assert len(boxes) == len(RARE)


def test_three_lines_of_addressees_return_to_the_edge() -> None:
    names = tuple(f"{name}党支部" for name in ("输电运检", "变电运维", "变电检修") * 3)
    sheet = pages(red_head(addressees=names))[0]
    lines = sheet.lines()
    start = next(i for i, line in enumerate(lines) if squeezed(line).startswith("输电运检党支部、"))
    three = lines[start : start + 3]
    assert all(near(line[0].x, grid.LEFT) for line in three)
    assert "".join(map(squeezed, three)).endswith("变电检修党支部：")


def test_markup_in_a_text_is_printed_as_it_stands() -> None:
    text = '#panic("x") *粗* $x$ [y] @z <b>'
    assert text.replace(" ", "") in pages(red_head(blocks=(Paragraph(text),)))[0].text.replace(
        " ", ""
    )


def every_kind() -> dict[str, Paper]:
    form = Form(((Entry("约谈时间"), Entry("地点")), (Entry("内容", RARE, 8),)))
    return {
        "red_head": red_head(verification=Verification("http://portal/verify/A/", "ab" * 32)),
        "letter": red_head(layout=Layout.LETTER, mark=ISSUER, title=("整改通知书",)),
        "form": Paper(Layout.PLAIN, ("约谈", "记录"), (form,), landscape=True),
    }


@pytest.mark.parametrize("kind", ["red_head", "letter", "form"])
def test_the_same_paper_is_the_same_file(kind: str) -> None:
    paper = every_kind()[kind]
    assert write_pdf(paper) == write_pdf(paper)
    assert write_docx(paper) == write_docx(paper)


@pytest.mark.parametrize("kind", ["red_head", "letter", "form"])
def test_a_paper_comes_back_from_json_word_for_word(kind: str) -> None:
    paper = every_kind()[kind]
    kept = json.loads(json.dumps(stored(paper)))
    again = restored(kept, paper.verification)
    assert again == paper
    assert digest_of(stored(again)) == digest_of(kept)
    assert digest_of({**kept, "number": "泉电党整〔2017〕7号"}) != digest_of(kept)


def test_without_a_chinese_font_there_is_no_pdf(monkeypatch: pytest.MonkeyPatch) -> None:
    found = fonts()
    bare = dataclasses.replace(found.faces[0], used="")
    monkeypatch.setattr(
        "portal.documents.official.pdf.fonts", lambda: dataclasses.replace(found, faces=[bare])
    )
    with pytest.raises(FontsMissing):
        write_pdf(red_head())


# -- docx -----------------------------------------------------------------------------------


def test_the_docx_names_the_fonts_of_the_standard_in_real_styles() -> None:
    document: Any = Document(io.BytesIO(write_docx(red_head())))
    fonts_of = {
        style.name: style.element.rPr.rFonts.get(qn("w:eastAsia"))
        for style in document.styles
        if style.element.rPr is not None and style.element.rPr.rFonts is not None
    }
    assert fonts_of["公文标题"] == "方正小标宋简体"
    assert fonts_of["Normal"] == "仿宋_GB2312"
    assert fonts_of["一级标题"] == "黑体"
    assert fonts_of["二级标题"] == "楷体_GB2312"
    used = [paragraph.style.name for paragraph in document.paragraphs]
    for style in ("发文机关标志", "发文字号", "公文标题", "主送机关", "正文段落", "署名"):
        assert style in used


def test_the_docx_has_the_grid_of_22_lines_and_28_characters() -> None:
    document: Any = Document(io.BytesIO(write_docx(red_head())))
    section = document.sections[0]
    assert [round(side.mm) for side in (section.top_margin, section.left_margin)] == [37, 28]
    assert round((section.page_width - section.left_margin - section.right_margin) / 36000) == 156
    lines = section._sectPr.find(qn("w:docGrid"))
    pitch = int(lines.get(qn("w:linePitch"))) / 20
    assert int(225 / 25.4 * 72 / pitch) == 22
    normal = document.styles["Normal"].element.rPr
    character = 16 + int(normal.find(qn("w:spacing")).get(qn("w:val"))) / 20
    assert int(156 / 25.4 * 72 / character) == 28


def test_the_docx_is_whole() -> None:
    for paper in every_kind().values():
        with zipfile.ZipFile(io.BytesIO(write_docx(paper))) as packed:
            assert packed.testzip() is None
            assert {entry.date_time[0] for entry in packed.infolist()} == {2000}


def test_control_characters_pasted_from_elsewhere_do_not_stop_a_docx() -> None:
    """A word processor's line break inside a paragraph is one."""
    paper = Paper(
        layout=Layout.PLAIN,
        title=("检查单", "一\x0b二"),
        blocks=(
            Paragraph("三\x1f四\x00"),
            Table(columns=(Column("项\x0c目"),), rows=(("五\ufffe六",),)),
            Form(rows=((Entry("标\x08签", "七\x0b八"),),)),
        ),
    )
    document: Any = Document(io.BytesIO(write_docx(paper)))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    said = "".join(p.text for p in document.paragraphs) + "".join(cells)
    for words in ("一二", "三四", "项目", "五六", "标签", "七八"):
        assert words in said
