"""The gallery and the forms in a real browser."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.cast import Cast
from tests.conftest import Pages, axe, sign_in

GALLERY = "/styleguide/"


@pytest.mark.parametrize("large", [False, True], ids=["plain", "large type"])
@pytest.mark.parametrize(("width", "touch"), [(1440, False), (390, True)])
def test_the_gallery_is_clean_on_both_screens(
    new_page: Pages, cast: Cast, width: int, touch: bool, large: bool
) -> None:
    cast.employee.large_type = large
    cast.employee.save()
    page = new_page(width, 900, touch=touch)
    sign_in(page, cast.employee)
    page.goto(GALLERY)
    expect(page.locator("[data-chart-plot] canvas").first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == width
    axe(page)


def test_a_chart_turns_into_its_table(desktop: Page, cast: Cast) -> None:
    sign_in(desktop, cast.employee)
    desktop.goto(GALLERY)
    chart = desktop.locator("[data-chart]").first
    expect(chart.locator("table")).to_be_hidden()
    chart.get_by_role("button", name="表").click()
    expect(chart.locator("table")).to_be_visible()
    expect(chart.locator("[data-chart-plot]")).to_be_hidden()


def test_menu_sheet_and_tabs_work_from_the_keyboard(desktop: Page, cast: Cast) -> None:
    sign_in(desktop, cast.employee)
    desktop.goto(GALLERY)
    summary = desktop.locator(".menu-user summary")
    summary.focus()
    desktop.keyboard.press("Enter")
    expect(desktop.get_by_role("button", name="退出")).to_be_visible()
    desktop.keyboard.press("Escape")
    expect(desktop.get_by_role("button", name="退出")).to_be_hidden()
    expect(summary).to_be_focused()

    desktop.get_by_role("tab", name="记录").focus()
    desktop.keyboard.press("ArrowRight")
    expect(desktop.get_by_role("tab", name="附件")).to_be_focused()
    expect(desktop.get_by_text("签到表 1 份。")).to_be_visible()

    desktop.get_by_role("button", name="打开说明").click()
    expect(desktop.get_by_role("dialog", name="怎么校正的")).to_be_visible()
    desktop.keyboard.press("Escape")
    expect(desktop.get_by_role("dialog", name="怎么校正的")).to_be_hidden()


def test_the_phone_has_the_bottom_bar_and_the_desktop_the_side_bar(
    desktop: Page, new_page: Pages, cast: Cast
) -> None:
    sign_in(desktop, cast.employee)
    desktop.goto(GALLERY)
    expect(desktop.get_by_role("navigation", name="主导航")).to_be_visible()
    expect(desktop.get_by_role("navigation", name="底部导航")).to_be_hidden()
    phone = new_page(390, 844, touch=True)
    sign_in(phone, cast.employee)
    phone.goto(GALLERY)
    expect(phone.get_by_role("navigation", name="主导航")).to_be_hidden()
    phone.get_by_role("navigation", name="底部导航").get_by_text("更多").click()
    expect(phone.get_by_role("button", name="退出")).to_be_visible()


def test_what_was_typed_comes_back_and_can_be_thrown_away(desktop: Page, cast: Cast) -> None:
    sign_in(desktop, cast.employee)
    desktop.goto(GALLERY)
    form = desktop.locator("form[data-draft=styleguide]")
    form.get_by_label("会议名称").fill("七一表彰会")
    form.get_by_label("作业现场").check()
    form.get_by_label("学时").check()
    expect(form.locator("[data-saved]")).to_have_text(re.compile(r"已保存 \d\d:\d\d"))

    desktop.reload()
    expect(form.get_by_label("会议名称")).to_have_value("七一表彰会")
    expect(form.get_by_label("作业现场")).to_be_checked()
    expect(form.get_by_label("学时")).to_be_checked()
    expect(form.get_by_label("党课")).not_to_be_checked()

    form.get_by_role("button", name="不要这份草稿").click()
    expect(form.get_by_label("会议名称")).to_have_value("6月主题党日")
    desktop.reload()
    expect(form.get_by_label("会议名称")).to_have_value("6月主题党日")


def test_one_person_never_sees_the_draft_of_another(desktop: Page, cast: Cast) -> None:
    sign_in(desktop, cast.employee)
    desktop.goto(GALLERY)
    form = desktop.locator("form[data-draft=styleguide]")
    form.get_by_label("会议名称").fill("七一表彰会")
    expect(form.locator("[data-saved]")).to_contain_text("已保存")
    sign_in(desktop, cast.captain)
    desktop.goto(GALLERY)
    expect(form.get_by_label("会议名称")).to_have_value("6月主题党日")


def test_a_dead_session_costs_nothing_that_was_typed(desktop: Page, cast: Cast) -> None:
    cast.secretary_a.set_password("a-long-enough-pass")
    cast.secretary_a.save()
    sign_in(desktop, cast.secretary_a)
    desktop.goto("/records/new/")
    form = desktop.locator("form[data-draft]")
    subject = form.locator("[name=subject]")
    subject.fill("传达省公司部署")
    expect(form.locator("[data-saved]")).to_contain_text("已保存")

    desktop.context.clear_cookies(name="sessionid")
    form.locator("button[type=submit], button:not([type])").last.click()
    expect(desktop.get_by_role("heading", name="登录")).to_be_visible()
    desktop.get_by_label("账号").fill(cast.secretary_a.username)
    desktop.get_by_label("密码").fill("a-long-enough-pass")
    desktop.get_by_role("button", name="登录", exact=True).click()
    expect(subject).to_have_value("传达省公司部署")
    expect(desktop.get_by_text("没有提交的内容")).to_be_visible()


def test_sign_in_on_a_phone(phone: Page, cast: Cast) -> None:
    cast.employee.set_password("a-long-enough-pass")
    cast.employee.save()
    phone.goto(GALLERY)
    expect(phone.get_by_text("登录后回到刚才要看的页面")).to_be_visible()
    axe(phone)
    phone.get_by_label("账号").fill(cast.employee.username)
    phone.get_by_label("密码").fill("wrong-password")
    phone.get_by_role("button", name="登录", exact=True).click()
    expect(phone.get_by_role("alert")).to_contain_text("账号或密码不对")
    expect(phone.get_by_label("账号")).to_have_value(cast.employee.username)
    axe(phone)
    phone.get_by_label("密码").fill("a-long-enough-pass")
    phone.get_by_role("button", name="登录", exact=True).click()
    expect(phone).to_have_url(re.compile(r"/styleguide/$"))


def test_paper_shows_the_desk_without_its_bars(desktop: Page, cast: Cast) -> None:
    sign_in(desktop, cast.employee)
    desktop.goto(GALLERY)
    desktop.set_viewport_size({"width": 700, "height": 900})  # A4 is narrower than a phone's limit
    desktop.emulate_media(media="print")
    expect(desktop.locator(".topbar")).to_be_hidden()
    expect(desktop.locator(".bottombar")).to_be_hidden()
    expect(desktop.locator(".matrix")).to_be_visible()
    expect(desktop.locator(".print-head")).to_contain_text("打印")
