"""Those who only read: an employee sees what is published, the auditor who did what."""

from __future__ import annotations

import re
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from openpyxl import load_workbook
from playwright.sync_api import expect

from tests.cast import Cast
from tests.conftest import expect_console, sign_in
from tests.journeys.hands import follow, heading, log_in, press, upright
from tests.notices.scene import Provisional, Published

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.usefixtures("on")


def test_an_employee_reads_tables_and_bulletin_but_no_why(
    cast: Cast, published: Published, screen: Page
) -> None:
    log_in(screen, cast.employee)
    upright(screen)
    screen.goto("/bulletins/")
    follow(screen, re.compile("2017年6月份"))
    expect(heading(screen)).to_contain_text("2017年6月")
    for name in ("生产（服务）型", "管理型", "经营型"):
        expect(screen.get_by_role("heading", name=re.compile(re.escape(name)))).to_be_visible()
    expect(screen.locator("article")).to_contain_text("配电运检党支部")
    expect(screen.locator("article")).not_to_contain_text("安全帽下颏带")
    upright(screen)
    follow(screen, "看排名")
    follow(screen, "生产（服务）型")
    screen.get_by_role("group", name="显示方式").get_by_role("link", name="表").click()
    row = screen.locator("tr").filter(has_text="配电运检党支部")
    expect(row).to_contain_text("91.0")
    expect(screen.locator("main").get_by_role("link", name="配电运检党支部")).to_have_count(0)
    upright(screen)

    expect_console(screen, "404")
    number = published.provisional.round.pk
    closed = (
        f"/rankings/{number}/branches/{cast.branch_a.pk}/",
        f"/sheets/{published.provisional.inspection.pk}/",
        f"/rectification/notices/{published.notice.pk}/",
        f"/rounds/{number}/",
    )
    for address in closed:
        answer = screen.goto(address)
        assert answer is not None
        assert answer.status == 404, address
        expect(screen.locator("main")).not_to_contain_text("配电运检")
        upright(screen)
    screen.goto(f"/rankings/{number}/?branch={cast.branch_a.pk}")
    expect(screen.locator("#why")).to_have_count(0)


def test_nobody_outside_reads_scores_before_they_are_published(
    cast: Cast, provisional: Provisional, desktop: Page
) -> None:
    sign_in(desktop, cast.employee)
    desktop.goto("/rankings/")
    expect(heading(desktop)).to_have_text("还没有可以看的排名")
    expect_console(desktop, "404")
    for address in ("rankings", "bulletins"):
        answer = desktop.goto(f"/{address}/{provisional.round.pk}/")
        assert answer is not None
        assert answer.status == 404


def test_the_auditor_finds_the_publication_and_takes_it_along(
    cast: Cast, published: Published, screen: Page, tmp_path: Path
) -> None:
    log_in(screen, cast.auditor, "/audit/")
    before = int(re.sub(r"\D", "", heading(screen).inner_text()))
    upright(screen)
    screen.get_by_label("含有").fill("round.publish")
    press(screen, "筛选")
    expect(heading(screen)).to_have_text("找到 1 条审计记录")
    assert before > 1
    entry = screen.locator(".audit-entry").first
    expect(entry).to_contain_text("系统")
    entry.locator("summary").click()
    expect(entry).to_contain_text("已通报")
    upright(screen)
    with screen.expect_download() as download:
        screen.get_by_role("link", name="导出 Excel").click()
    book = load_workbook(BytesIO(Path(download.value.path()).read_bytes()), read_only=True)
    cells = [str(c) for row in book.worksheets[0].iter_rows(values_only=True) for c in row]
    assert any("2017年6月" in cell for cell in cells)
    # That he took it along is itself on file.
    screen.goto("/audit/?q=audit.export")
    expect(screen.locator(".audit-entry")).not_to_have_count(0)
