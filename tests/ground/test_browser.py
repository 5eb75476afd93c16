"""The same pages in a real browser: a person's way through them, and axe on each."""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from portal.audit.services import record
from portal.kernel import sweep
from portal.notifications import services
from portal.notifications.models import OutboxMessage
from tests.cast import NOW, Cast
from tests.conftest import Pages, axe, expect_console, sign_in

if TYPE_CHECKING:
    from playwright.sync_api import Page


def fill_inbox(cast: Cast) -> None:
    titles = [
        ("整改通知书〔2017〕6号已签发，请在 5 个工作日内签收", "重点工作“三会一课”得分低于 60%"),
        ("六月互查今天开始", "您的任务：检查配电运检党支部，6月28日"),
        ("评分表等您确认", "检查组已提交，请核对事实"),
        ("五月通报已发布", ""),
    ]
    for n, (title, body) in enumerate(titles):
        services.tell(
            user=cast.secretary_a,
            key=f"m{n}",
            title=title,
            body=body,
            link="/messages/?show=unread",
            now=NOW - dt.timedelta(days=n),
        )


@pytest.mark.usefixtures("clock")
def test_a_secretary_reads_his_messages_on_the_phone(cast: Cast, phone: Page) -> None:
    fill_inbox(cast)
    sign_in(phone, cast.secretary_a)
    phone.goto("/messages/")
    expect(phone.get_by_role("heading", level=1)).to_have_text("有 4 条消息还没看")
    axe(phone)
    phone.get_by_role("button", name=re.compile("标为已读.*六月互查")).click()
    expect(phone.get_by_role("heading", level=1)).to_have_text("有 3 条消息还没看")
    phone.get_by_role("link", name=re.compile("整改通知书")).click()
    expect(phone).to_have_url(re.compile(r"show=unread"))
    expect(phone.get_by_text("整改通知书")).to_have_count(0)
    phone.get_by_role("button", name="全部标为已读").click()
    expect(phone.get_by_text("没有未读消息")).to_be_visible()
    axe(phone)


@pytest.mark.usefixtures("clock")
def test_the_administrator_prepares_next_year(cast: Cast, desktop: Page) -> None:
    sign_in(desktop, cast.sysadmin)
    desktop.goto("/workdays/2027/")
    expect(desktop.get_by_role("heading", level=1)).to_contain_text("还没有核定")
    axe(desktop)
    desktop.locator("#m2").get_by_role("link", name=re.compile(r"^20")).click()
    desktop.get_by_label("上班（调休）").check()
    desktop.get_by_label("说明").fill("春节调休")
    desktop.get_by_role("button", name="保存这一天").click()
    expect(desktop.locator("#m2 .calendar-makeup")).to_contain_text("20")
    axe(desktop)
    desktop.get_by_label("依据").fill("国办发明电〔2026〕9号")
    desktop.get_by_role("button", name="核定 2027 年").click()
    expect(desktop.get_by_role("heading", level=1)).to_contain_text("已按通知核定")
    desktop.get_by_role("link", name="按通知重新录入").click()
    desktop.get_by_label("依据").fill("国办")
    desktop.get_by_label("放假和调休的日子").fill("2027-01-01,休\n看不懂的一行")
    expect_console(desktop, "400")
    desktop.get_by_role("button", name="保存并核定 2027 年").click()
    expect(desktop.get_by_text("第 2 行")).to_be_visible()
    axe(desktop)


@pytest.mark.usefixtures("clock")
def test_everybody_reads_the_calendar_on_the_phone(cast: Cast, phone: Page) -> None:
    sign_in(phone, cast.secretary_a)
    phone.goto("/workdays/2026/")
    expect(phone.get_by_text("2月15日–23日")).to_be_visible()
    expect(phone.get_by_role("button", name="保存")).to_have_count(0)
    axe(phone)


@pytest.mark.usefixtures("clock")
def test_the_administrator_sees_what_did_not_leave(cast: Cast, desktop: Page) -> None:
    cast.officer.email = "officer@example.test"
    cast.officer.save()
    services.mail(user=cast.officer, key="k", subject="2017年6月通报已发布", body="", now=NOW)
    OutboxMessage.objects.update(
        status="dead", attempts=6, last_error="ConnectionRefusedError: 连不上邮件服务器"
    )
    sweep.run(now=NOW)
    sign_in(desktop, cast.sysadmin)
    desktop.goto("/machinery/")
    expect(desktop.get_by_role("heading", level=1)).to_have_text("有 1 封邮件发不出去")
    axe(desktop)
    desktop.get_by_role("button", name=re.compile("再发一次")).click()
    expect(desktop.get_by_role("heading", level=1)).to_have_text("后台运行正常")
    desktop.get_by_role("link", name=re.compile("待发")).click()
    expect(desktop.get_by_text("2017年6月通报已发布")).to_be_visible()


@pytest.mark.usefixtures("clock")
@pytest.mark.parametrize(("width", "height"), [(1440, 900), (390, 844)])
def test_the_auditor_finds_who_changed_it(
    cast: Cast, new_page: Pages, width: int, height: int
) -> None:
    page = new_page(width, height, touch=width < 900)
    record(
        code="round.calendar_moved",
        target=cast.branch_a,
        actor=cast.officer,
        now=NOW,
        reason="端午节后顺延一天",
        before={"name": "配电运检党支部", "is_temporary": False},
        after={"name": "配电运检第一党支部", "is_temporary": True},
    )
    sign_in(page, cast.auditor)
    page.goto("/audit/")
    axe(page)
    page.get_by_label("含有").fill("顺延")
    page.get_by_role("button", name="筛选").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("找到 1 条审计记录")
    page.get_by_text("改轮次日程", exact=True).last.click()
    expect(page.get_by_text("配电运检第一党支部")).to_be_visible()
    expect(page.get_by_text("端午节后顺延一天")).to_be_visible()
    axe(page)
    with page.expect_download() as download:
        page.get_by_role("link", name="导出 Excel").click()
    assert download.value.suggested_filename.endswith(".xlsx")
