"""The docx as another program sees it: opened by LibreOffice, laid out, measured.

Its fonts are whatever the machine has, so this asks where things stand, not how letters look.
"""

from __future__ import annotations

import dataclasses
import itertools
import shutil
import subprocess

import pytest

from portal.documents.official import Entry, Form, Imprint, Layout, Paper, grid, write_docx
from tests.documents.measure import Box, Sheet, sheets
from tests.documents.test_paper import DAY, ISSUER, problem_list, red_head

pytestmark = pytest.mark.office

COPIES = ("党委委员", "各党总支", "泉港供电公司", "洛江供电公司", "晋江供电公司", "石狮供电公司")
PAPERS: dict[str, Paper] = {
    "one problem": red_head(attachments=(problem_list(1),)),
    "forty problems": red_head(attachments=(problem_list(40),)),
    "two lines of copies": red_head(imprint=Imprint(COPIES, "市公司党委党群部", DAY)),
    "wide last sheet": red_head(
        attachments=(problem_list(2), dataclasses.replace(problem_list(1), landscape=True))
    ),
    "letter": red_head(layout=Layout.LETTER, mark=ISSUER),
}
BOXES = ("约谈时间", "约谈人", "约谈对象", "约谈事由", "约谈内容", "表态", "整改承诺")
FORM = Paper(
    layout=Layout.PLAIN,
    title=("约谈", "记录"),
    blocks=(Form(tuple((Entry(label, "", 3),) for label in BOXES)),),
)


@pytest.fixture(scope="module")
def rendered(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Sheet]]:
    """All papers through LibreOffice at once; starting it is what takes time."""
    folder = tmp_path_factory.mktemp("office")
    names = {name: folder / f"{number}.docx" for number, name in enumerate(PAPERS)}
    for name, path in names.items():
        path.write_bytes(write_docx(PAPERS[name]))
    names["form"] = folder / "form.docx"
    names["form"].write_bytes(write_docx(FORM))
    program = shutil.which("soffice")
    assert program is not None
    ran = subprocess.run(
        [
            program,
            f"-env:UserInstallation={(folder / 'profile').as_uri()}",
            "--headless",
            "--convert-to",
            "pdf",
            "--outdir",
            str(folder),
            *map(str, names.values()),
        ],
        capture_output=True,
        text=True,
        timeout=180,
        check=True,
    )
    said = [line for line in ran.stderr.splitlines() if "java" not in line]  # it has none here
    assert not said
    return {name: sheets(path.with_suffix(".pdf").read_bytes()) for name, path in names.items()}


@pytest.mark.parametrize("name", [name for name in PAPERS if name != "letter"])
def test_the_imprint_stands_on_the_bottom_edge_of_the_last_page(
    rendered: dict[str, list[Sheet]], name: str
) -> None:
    *others, last = rendered[name]
    middle = last.ink(red=False, area=Box(105, 200, 115, 266))  # between printer and date
    assert abs(middle.bottom - (grid.TOP + grid.BLOCK_HEIGHT)) < 1.5
    rule = last.ink(red=False, area=Box(0, middle.bottom - 0.3, 210, middle.bottom))
    assert abs(rule.left - grid.LEFT) < 0.5
    assert abs(rule.width - grid.BLOCK_WIDTH) < 1
    assert "抄送：党委委员" in last.text.replace(" ", "")
    assert "2017年7月5日印发" in last.text.replace(" ", "")
    assert not any("抄送" in sheet.text for sheet in others)


@pytest.mark.parametrize("name", [name for name in PAPERS if name != "letter"])
def test_the_red_rule_is_as_wide_as_the_block(rendered: dict[str, list[Sheet]], name: str) -> None:
    rule = rendered[name][0].ink(red=True, area=Box(0, 105, 210, 160))
    assert abs(rule.width - grid.BLOCK_WIDTH) < 1
    assert abs(rule.left - grid.LEFT) < 0.5
    assert rule.height < 1.5


def test_every_word_of_every_paper_is_there(rendered: dict[str, list[Sheet]]) -> None:
    for name in PAPERS:
        text = "".join(sheet.text for sheet in rendered[name]).replace(" ", "")
        for said in ("泉电党整〔2017〕6号", "输电运检党支部：", "问题1：", "2017年7月5日"):
            assert said in text, f"{name}: {said}"


def test_the_boxes_of_a_form_touch_and_stay_on_one_page(rendered: dict[str, list[Sheet]]) -> None:
    """The line that keeps two tables apart takes no line of the page's grid."""
    (sheet,) = rendered["form"]
    tops = [sheet.line(label)[0].baseline for label in BOXES]
    steps = {round(b - a) for a, b in itertools.pairwise(tops)}
    assert max(steps) - min(steps) <= 1
    assert max(steps) < 26  # three lines of 20 points and the frame; a line more would be 34
