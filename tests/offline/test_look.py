"""Pictures of every state at 390 px, for the eye; and axe on each."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.cast import Cast
from tests.conftest import axe
from tests.journeys.hands import heading, item_of, press, saved_line, upright
from tests.month import MonthCast
from tests.offline.conftest import Phone, all_ahead
from tests.offline.hands import FACT, KEPT, LATE, NEVER, SAVED, bar, take
from tests.servicecrew.scene import Team, team

pytestmark = pytest.mark.usefixtures("clock")
FOLDER = os.environ.get("PICTURES", "")


def test_every_state_looked_at(
    cast: Cast, month_cast: MonthCast, phones: Callable[[], Phone]
) -> None:
    visit = month_cast.visit_a
    address = f"/sheets/{visit.pk}/items/{item_of(visit, 'A1').pk}/"
    phone, other = phones(), phones()
    page = phone.open()

    def look(name: str) -> None:
        upright(page)
        axe(page)
        if FOLDER:
            page.screenshot(path=Path(FOLDER) / f"{name}.png", full_page=True)

    phone.sign_in(cast.inspector)
    page.goto(f"/sheets/{visit.pk}/")
    all_ahead(page)
    look("task-kept")
    phone.cut()
    page.goto(address)
    take(page, LATE, FACT)
    expect(saved_line(page)).to_have_text(KEPT)
    look("pad-offline")
    page.goto(f"/sheets/{visit.pk}/")
    expect(page.get_by_text("−1.0（待上传）")).to_be_visible()
    look("task-offline")
    page.goto("/offline/queue/")
    expect(heading(page)).to_have_text("还有 1 项待上传")
    look("queue")
    page.goto("/rankings/")
    expect(page.get_by_role("link", name="待上传")).to_be_visible()
    look("no-signal")

    colleague = other.open()
    other.sign_in(cast.secretary_of(cast.office_two))
    colleague.goto(address)
    take(colleague, NEVER, "省公司6月会议精神没有传达")
    expect(saved_line(colleague)).to_have_text(SAVED)
    page.goto(address)
    expect(heading(page)).to_have_text("第一议题与上级部署传达落实")
    phone.reach()
    expect(page.locator(".versions")).to_be_visible()
    look("conflict")
    page.goto("/offline/queue/")
    look("queue-conflict")
    press(page, "两份都留")
    expect(bar(page)).to_contain_text("已全部上传")
    look("queue-sent")
    page.goto(f"/sheets/{visit.pk}/summary/")
    all_ahead(page)
    phone.cut()
    page.reload()
    page.get_by_label(re.compile("其余")).check()
    look("summary-offline")
    press(page, "提交，请对方确认")
    expect(page.get_by_text("请被查支部当面签")).to_be_visible()
    look("summary-sign")
    press(page, "事实属实，确认")
    expect(page.get_by_text(re.compile("待上传$"))).to_have_count(3)
    look("summary-signed")
    phone.reach()
    expect(page.get_by_text("待本人账号确认")).to_be_visible()
    look("summary-sent")


def test_the_buttons_looked_at(cast: Cast, team: Team, phones: Callable[[], Phone]) -> None:
    phone = phones()
    page = phone.open()

    def look(name: str) -> None:
        upright(page)
        axe(page)
        if FOLDER:
            page.screenshot(path=Path(FOLDER) / f"{name}.png", full_page=True)

    phone.sign_in(cast.captain)
    page.goto("/crew/")
    all_ahead(page)
    phone.cut()
    page.reload()
    expect(bar(page)).to_contain_text("没有信号，已记在手机里")
    look("crew-start")
    page.get_by_label("为什么出队").fill("10kV 梓溪线陈溪支线断线")
    page.get_by_label("去哪里").fill("德化桂阳乡")
    page.get_by_role("button", name="出发").click()
    expect(bar(page)).to_contain_text("1 项待上传")
    look("crew-undo")
    page.locator("li[data-mark=arrived]:visible").get_by_role("button").click()
    expect(bar(page)).to_contain_text("2 项待上传")
    expect(page.get_by_role("button", name="撤销")).to_be_hidden()
    look("crew-two")
    page.locator("li[data-mark=restored]:visible").get_by_role("button").click()
    expect(bar(page)).to_contain_text("3 项待上传")
    look("crew-done")
    phone.reach()
    expect(bar(page)).to_contain_text("已全部上传")
    look("crew-sent")


__all__ = ("team",)
