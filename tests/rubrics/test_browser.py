"""An officer drafts, compares and activates in a real browser; a secretary reads on a phone."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from evaluations.models import RubricVersion
from tests.cast import Cast
from tests.conftest import axe, expect_console, sign_in

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser
MARKS = re.compile("^满分")


def address(name: str, *args: object) -> str:
    return reverse(f"evaluations:rubric-{name}", args=args)


def no_sideways_scrolling(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_an_officer_drafts_in_place_and_activates(
    desktop: Page, cast: Cast, first: RubricVersion
) -> None:
    page = desktop
    sign_in(page, cast.officer)
    page.goto(address("list"))
    axe(page)
    page.locator("tr", has_text="生产").get_by_role("button", name="起草新版").click()
    expect(page.locator("h1")).to_contain_text("合计相符")
    axe(page)

    row = page.locator("#A1")
    row.get_by_role("link", name="修改").click()
    form = row.locator(".piece-form")
    marks = form.get_by_label(MARKS)
    expect(marks).to_have_value("4")
    axe(page)
    marks.fill("1")
    expect_console(page, "status of 400")  # what does not fit comes back as 400
    form.get_by_role("button", name="保存 A1").click()
    expect(form.get_by_text("一次扣2分，超过满分1分；请改为扣满分。").first).to_be_visible()
    expect(marks).to_have_value("1")
    marks.fill("3")
    form.get_by_role("button", name="保存 A1").click()
    sums = page.locator("#rubric-sums")
    expect(sums).to_contain_text("A类“政治建设与理论学习”满分12分，项目合计11分，少1分。")
    expect(page.locator(".piece-form")).to_have_count(0)
    expect(page.get_by_role("link", name="核对并生效")).to_have_count(0)
    axe(page)

    page.locator("#A2").get_by_role("link", name="修改").click()
    form = page.locator("#A2 .piece-form")
    form.get_by_label(MARKS).fill("4")
    form.get_by_role("button", name="保存 A2").click()
    expect(sums).to_contain_text("合计相符，可以生效")
    sums.get_by_role("link", name="核对并生效").click()
    expect(page.get_by_text("A1 满分由 4 改为 3")).to_be_visible()
    expect(page.get_by_text("A2 满分由 3 改为 4")).to_be_visible()
    axe(page)
    page.get_by_role("button", name="确认生效").click()
    expect(page.get_by_role("status").first).to_contain_text("起生效。")
    page.get_by_role("link", name="看版本差异").click()
    expect(page.locator("h1")).to_have_text("第2版比第1版有 2 处不同")
    axe(page)


def test_an_officer_takes_a_workbook_out_and_in(
    desktop: Page, cast: Cast, first: RubricVersion, tmp_path: Path
) -> None:
    page = desktop
    sign_in(page, cast.officer)
    page.goto(address("version", first.pk))
    with page.expect_download() as download:
        page.get_by_role("link", name="导出 Excel").click()
    assert re.fullmatch(r"生产.*第1版.*\.xlsx", download.value.suggested_filename)
    file = tmp_path / "x.xlsx"
    download.value.save_as(file)
    page.goto(address("import", first.rubric_id))
    axe(page)
    page.get_by_label("Excel 工作簿").set_input_files(file)
    page.get_by_role("button", name="上传并预览").click()
    expect(page.locator("h1")).to_have_text("每一行都读懂了")
    axe(page)
    page.get_by_role("button", name="存成草稿").click()
    expect(page.locator("h1")).to_contain_text("合计相符")
    assert first.rubric.versions.count() == 2


def test_a_secretary_reads_on_a_phone(phone: Page, cast: Cast, first: RubricVersion) -> None:
    page = phone
    sign_in(page, cast.secretary_a)
    page.goto(address("list"))
    axe(page)
    no_sideways_scrolling(page)
    page.get_by_role("link", name="生产（服务）型党支部考评细则").click()
    expect(page.locator("h1")).to_contain_text("27 个项目")
    axe(page)
    no_sideways_scrolling(page)
    page.get_by_label("按编号或字词查找").fill("d1")
    page.get_by_role("button", name="查找").click()
    expect(page).to_have_url(re.compile("#D1$"))
    expect(page.locator("#D1")).to_be_in_viewport()


def test_an_officer_edits_on_a_phone(phone: Page, cast: Cast, first: RubricVersion) -> None:
    page = phone
    sign_in(page, cast.officer)
    page.goto(address("list"))
    page.locator("tr", has_text="生产").get_by_role("button", name="起草新版").click()
    foot = page.locator("#rubric-foot")
    expect(foot).to_contain_text("合计相符")
    no_sideways_scrolling(page)
    page.locator("#F1").get_by_role("link", name="修改").click()
    form = page.locator("#F1 .piece-form")
    form.get_by_label(MARKS).fill("5")
    no_sideways_scrolling(page)
    axe(page)
    form.get_by_role("button", name="保存 F1").click()
    expect(foot).to_contain_text("还有 1 处要改")
    page.locator("a", has_text="加分、否决与等次").click()
    expect(page.locator("h1")).to_have_text("加分、否决与等次")
    axe(page)
    no_sideways_scrolling(page)
