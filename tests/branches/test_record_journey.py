"""记一件事 in a real browser, on a phone, by a secretary with one thumb."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
import time_machine
from django.conf import settings
from django.urls import reverse

from branches.models import Activity
from tests.branches.scene import Busy
from tests.cast import NOW, Cast
from tests.conftest import axe, sign_in

if TYPE_CHECKING:
    from playwright.sync_api import Page


@pytest.fixture(autouse=True)
def june() -> Iterator[None]:
    """The server lives in June 2017; its clock ticks."""
    with time_machine.travel(NOW, tick=True):
        yield


def form_url(cast: Cast) -> str:
    return reverse("branches:record-create", args=[cast.branch_a.pk])


def fill(page: Page) -> None:
    page.get_by_label("地点").fill("配电运检楼三楼会议室")
    page.get_by_label("主题", exact=False).last.fill("学规矩、保安全")
    page.get_by_label("主持人").select_option(label="林建明")
    page.get_by_label("记录人").select_option(label="黄丽萍")
    page.get_by_label("议题与内容").fill("一、学习上级文件")


def test_secretary_records_a_themed_day_with_one_thumb(cast: Cast, busy: Busy, phone: Page) -> None:
    from playwright.sync_api import expect

    sign_in(phone, cast.secretary_a)
    phone.goto("/")
    expect(phone.get_by_role("heading", level=1)).to_have_text("本月还有 2 件事")
    axe(phone)
    phone.get_by_role("link", name="记一件事").click()

    # The roster follows what is ticked.
    expect(phone.locator("[data-roster-sum]")).to_contain_text("全体党员应到 12 人")
    phone.get_by_label("党小组会").check()
    expect(phone.get_by_text("请选哪个党小组开的会。")).to_be_visible()
    phone.locator("#id_group").select_option(label="第三党小组")
    expect(phone.locator("[data-roster-sum]")).to_contain_text("第三党小组党员应到 4 人")
    phone.get_by_label("安全讲评").check()

    # Hours are asked for only when there was study.
    expect(phone.get_by_label("学时")).to_be_hidden()
    phone.get_by_label("集中学习").check()
    phone.get_by_label("学时").fill("1.5")

    fill(phone)
    phone.get_by_text("标出没来的人").click()
    row = phone.locator(".roster-row", has_text="黄海波")
    expect(row.locator(".roster-reason")).to_be_hidden()
    row.locator("select").select_option(label="请假")
    expect(phone.locator("[data-roster-sum]")).to_contain_text("实到 3 人，75%")

    # A leave without its reason is sent back; everything typed is still there.
    phone.get_by_role("button", name="记下来").click()
    expect(phone.locator("[data-error-summary]")).to_contain_text("黄海波请假，请写原因")
    expect(phone.get_by_label("地点")).to_have_value("配电运检楼三楼会议室")
    axe(phone)
    phone.get_by_label("黄海波没来的原因").fill("抢修值班")
    phone.get_by_role("button", name="记下来").click()

    expect(phone.get_by_role("heading", level=1)).to_have_text("学规矩、保安全")
    expect(phone.get_by_text("应到 4 人，实到 3 人，75%")).to_be_visible()
    axe(phone)
    phone.goto("/")
    expect(phone.get_by_role("heading", level=1)).to_have_text("本月该办的都办了")


def test_committee_meeting_is_kept_apart_while_typing(cast: Cast, desktop: Page) -> None:
    from playwright.sync_api import expect

    sign_in(desktop, cast.secretary_a)
    desktop.goto(form_url(cast))
    desktop.get_by_label("支部委员会会议").check()
    expect(desktop.locator("[data-roster-sum]")).to_contain_text("支委应到 3 人")
    desktop.get_by_label("主题党日").check()
    expect(desktop.get_by_text("与全体党员参加的活动要分开记")).to_be_visible()
    desktop.get_by_label("主题党日").uncheck()
    expect(desktop.get_by_text("与全体党员参加的活动要分开记")).to_be_hidden()
    desktop.get_by_label("日期").fill("2017-07-01")
    expect(desktop.get_by_text("还没到这一天，开完再记。")).to_be_visible()


def test_what_was_typed_outlives_a_dead_session(cast: Cast, phone: Page) -> None:
    from playwright.sync_api import expect

    sign_in(phone, cast.secretary_a)
    phone.goto(f"{form_url(cast)}?duty=themed_day")
    fill(phone)
    phone.get_by_text("标出没来的人").click()
    phone.locator(".roster-row", has_text="黄海波").locator("select").select_option(label="缺席")
    phone.get_by_label("决议与落实").fill("责任区挂牌，吴海生负责")
    expect(phone.locator("[data-saved]")).to_contain_text("已保存")

    phone.context.clear_cookies(name=settings.SESSION_COOKIE_NAME)
    phone.get_by_role("button", name="记下来").click()
    expect(phone).not_to_have_url(f"{form_url(cast)}?duty=themed_day")
    assert not Activity.objects.exists()

    sign_in(phone, cast.secretary_a)
    phone.goto(form_url(cast))
    expect(phone.get_by_text("没有提交的内容")).to_be_visible()
    expect(phone.get_by_label("决议与落实")).to_have_value("责任区挂牌，吴海生负责")
    expect(phone.locator('[name="duties"][value="themed_day"]')).to_be_checked()
    expect(phone.locator("[data-roster-sum]")).to_contain_text("实到 11 人")
    phone.get_by_role("button", name="记下来").click()
    expect(phone.get_by_role("heading", level=1)).to_have_text("学规矩、保安全")
    saved = Activity.objects.get()
    assert (saved.present_count, saved.expected_count) == (11, 12)

    # The draft is let go once the server has taken it.
    phone.goto(form_url(cast))
    expect(phone.get_by_label("决议与落实")).to_have_value("")
    expect(phone.get_by_text("没有提交的内容")).to_be_hidden()


@pytest.mark.parametrize(
    ("who", "name"),
    [
        ("secretary_a", "record-list"),
        ("secretary_a", "calendar"),
        ("secretary_a", "members"),
        ("officer", "detail"),
        ("officer", "edit"),
        ("officer", "appoint"),
    ],
)
def test_pages_have_nothing_for_axe_and_fit_the_phone(
    cast: Cast, busy: Busy, phone: Page, who: str, name: str
) -> None:
    sign_in(phone, getattr(cast, who))
    phone.goto(reverse(f"branches:{name}", args=[cast.branch_a.pk]))
    axe(phone)
    assert phone.evaluate("document.documentElement.scrollWidth") == 390


def test_minutes_print_on_paper_without_the_shell(cast: Cast, busy: Busy, desktop: Page) -> None:
    from playwright.sync_api import expect

    sign_in(desktop, cast.secretary_a)
    desktop.goto(reverse("branches:record-detail", args=[busy.themed_day.pk]))
    expect(desktop.get_by_text("主持人签字：")).to_be_hidden()
    desktop.emulate_media(media="print")
    expect(desktop.get_by_text("主持人签字：")).to_be_visible()
    expect(desktop.get_by_role("navigation", name="主导航")).to_be_hidden()
    expect(desktop.get_by_role("button", name="打印记录")).to_be_hidden()
