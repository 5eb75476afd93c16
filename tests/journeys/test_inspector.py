"""An inspector in the field: one thumb, a bad connection, a colleague on the same sheet."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from evaluations.models import Deduction, Inspection, ItemCheck
from tests.cast import Cast
from tests.conftest import Pages, axe, expect_console, sign_in
from tests.journeys.hands import (
    arrived,
    follow,
    heading,
    item_of,
    log_in,
    press,
    rule_box,
    saved_line,
    tap,
    upright,
)
from tests.month import MonthCast

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.usefixtures("clock")

LATE = "超过10个工作日才传达"
FACT = "6月2日的文件6月20日才传达"
SAVED = re.compile("已保存 10:00")


def open_item(page: Page, inspection: Inspection, code: str) -> None:
    page.goto(f"/sheets/{inspection.pk}/items/{item_of(inspection, code).pk}/")


def marks(page: Page) -> str:
    return page.locator("[data-marks]").inner_text()


def ready(page: Page) -> None:
    """The pad's script has arrived and has read what this phone keeps."""
    expect(page.get_by_role("button", name="加一").first).to_be_enabled()


def on_file(inspection: Inspection, code: str) -> list[tuple[int, str]]:
    """Counts and facts of an item in the database."""
    return list(
        Deduction.objects.filter(inspection=inspection, item__code=code)
        .order_by("rule__number")
        .values_list("count", "fact")
    )


def test_a_count_without_its_fact_is_said_and_nothing_is_signed_over_it(
    cast: Cast, month_cast: MonthCast, phone: Page
) -> None:
    visit = month_cast.visit_a
    log_in(phone, cast.inspector, f"/sheets/{visit.pk}/")
    open_item(phone, visit, "A1")
    ready(phone)
    box = rule_box(phone, LATE)
    box.get_by_role("button", name="加一").click()
    expect(phone.locator("[data-total]")).to_have_text("99.0")
    phone.get_by_role("button", name="下一项 A2").click()
    expect(box.locator("[data-rule-error]")).to_contain_text("请写上事实再往下走")
    expect(box.get_by_label("事实")).to_be_focused()
    expect(box.get_by_label("事实")).to_have_attribute("aria-invalid", "true")
    upright(phone)
    axe(phone)

    # Left all the same: the list and the summary say so, and it is not submitted.
    follow(phone, "全部考评项")
    arrived(phone, "去查配电运检党支部")
    expect(phone.locator("li.line").filter(has_text="第一议题")).to_contain_text("−1.0，没写事实")
    expect(phone.locator("[data-unsettled]")).to_contain_text("计了数没写事实")
    upright(phone)
    phone.goto(f"/sheets/{visit.pk}/summary/")
    phone.get_by_label(re.compile(r"其余 \d+ 项无扣分")).check()
    press(phone, "提交，请对方确认")
    expect(phone.locator("[data-unsettled]")).to_be_focused()
    assert Inspection.objects.get(pk=visit.pk).submitted_at is None

    # The fact written, all is well again.
    phone.locator("[data-unsettled]").get_by_role("link", name=re.compile("计了数没写事实")).click()
    rule_box(phone, LATE).get_by_label("事实").fill(FACT)
    expect(saved_line(phone)).to_have_text(SAVED)
    phone.goto(f"/sheets/{visit.pk}/summary/")
    expect(phone.get_by_text(f"{LATE}×1：{FACT}")).to_be_visible()
    expect(phone.locator("[data-unsettled]")).to_have_count(0)


def test_a_whole_sheet_with_one_thumb(cast: Cast, month_cast: MonthCast, phone: Page) -> None:
    visit = month_cast.visit_a
    log_in(phone, cast.inspector, "/sheets/")
    expect(heading(phone)).to_have_text("还有 2 次检查要去")
    upright(phone)
    card = phone.locator("section.panel").filter(has_text="去查配电运检党支部")
    card.get_by_role("link", name="打开任务单").click()
    expect(heading(phone)).to_have_text("去查配电运检党支部")
    upright(phone)
    press(phone, "开始检查")

    # The first item: the marks answer the tap, the reason opens, the fact saves itself.
    arrived(phone, "第一议题与上级部署传达落实")
    upright(phone)
    assert marks(phone) == "4.0"
    box = rule_box(phone, LATE)
    expect(box.get_by_label("事实")).to_be_hidden()
    box.get_by_role("button", name="加一").click()
    assert marks(phone) == "3.0"
    expect(box.get_by_label("事实")).to_be_focused()
    expect(saved_line(phone)).to_have_text("写上事实后自动保存")
    box.get_by_label("事实").fill(FACT)
    expect(saved_line(phone)).to_have_text(SAVED)
    expect(phone.locator("[data-total]")).to_have_text("99.0")
    box.get_by_role("button", name="加一").click()
    assert marks(phone) == "2.0"
    expect(phone.locator("[data-total]")).to_have_text("98.0")
    expect(saved_line(phone)).to_have_text(SAVED)
    assert on_file(visit, "A1") == [(2, FACT)]
    upright(phone)
    axe(phone)

    phone.reload()
    assert marks(phone) == "2.0"
    expect(rule_box(phone, LATE).get_by_label("事实")).to_have_value(FACT)

    # On to the next: looked at, nothing to take.
    phone.get_by_role("button", name="下一项 A2").click()
    expect(heading(phone)).to_have_text("党员集中学习与学时")
    phone.get_by_role("button", name="下一项 A3").click()
    expect(heading(phone)).to_have_text("党课")
    assert set(ItemCheck.objects.filter(inspection=visit).values_list("item__code", flat=True)) == {
        "A1",
        "A2",
    }

    # An item of December is grey in June; one that does not concern the branch says why.
    follow(phone, "全部考评项")
    yearly = phone.locator("li.line").filter(has_text="组织生活会与民主评议党员")
    expect(yearly).to_contain_text("本月未到期")
    expect(phone.locator("li.line").filter(has_text="第一议题")).to_contain_text("−2.0")
    upright(phone)
    yearly.get_by_role("link").click()
    expect(phone.get_by_text("本项本月未到期，不扣分。")).to_be_visible()
    expect(phone.get_by_role("button", name="加一")).to_have_count(0)
    axe(phone)
    open_item(phone, visit, "D3")
    phone.get_by_text("本月不涉及这一项").click()
    expect_console(phone, "400")
    press(phone, "记为不涉及")
    expect(phone.get_by_role("alert")).to_be_visible()
    if not phone.get_by_label("写明原因").is_visible():
        phone.get_by_text("本月不涉及这一项").click()
    phone.get_by_label("写明原因").fill("本月没有保电任务")
    press(phone, "记为不涉及")
    expect(phone.get_by_text("已记为本月不涉及：本月没有保电任务")).to_be_visible()

    # The summary asks about what nobody looked at.
    phone.goto(f"/sheets/{visit.pk}/")
    follow(phone, "汇总提交")
    expect(phone.get_by_text(f"{LATE}×2：{FACT}")).to_be_visible()
    upright(phone)
    press(phone, "提交，请对方确认")
    expect(phone.locator(".field-error:visible")).to_contain_text("没有看")
    assert Inspection.objects.get(pk=visit.pk).status == "under_way"
    phone.get_by_label(re.compile(r"其余 \d+ 项无扣分")).check()
    phone.get_by_label("亮点与建议").fill("抢修现场的规矩上了墙。")
    phone.get_by_role("button", name="提交，请对方确认").dblclick()
    expect(phone.get_by_text("已提交 10:00")).to_be_visible()
    upright(phone)
    axe(phone)
    sealed = Inspection.objects.get(pk=visit.pk)
    assert (sealed.status, str(sealed.score)) == ("submitted", "98.00")
    phone.goto("/sheets/")
    expect(heading(phone)).to_have_text("还有 1 次检查要去")


def test_two_inspectors_on_one_item_lose_neither_word(
    cast: Cast, month_cast: MonthCast, phone: Page, new_page: Pages
) -> None:
    visit = month_cast.visit_a
    sign_in(phone, cast.inspector)
    phone.goto(f"/sheets/{visit.pk}/")
    press(phone, "开始检查")
    arrived(phone, "第一议题与上级部署传达落实")
    other = new_page(390, 844, touch=True)
    sign_in(other, cast.secretary_of(cast.office_two))
    open_item(other, visit, "A1")
    tap(other, "未传达", "省公司6月会议精神没有传达")

    expect_console(phone, "409")
    box = rule_box(phone, LATE)
    box.get_by_role("button", name="加一").click()
    box.get_by_label("事实").fill(FACT)
    alert = phone.get_by_role("alert")
    expect(alert).to_be_visible()
    expect(saved_line(phone)).to_have_text("没有存上，您填的还在")
    expect(box.get_by_label("事实")).to_have_value(FACT)
    assert on_file(visit, "A1") == [(1, "省公司6月会议精神没有传达")]
    axe(phone)

    # Both are there to be read, side by side; nothing overwrites the other by itself.
    mine, theirs = phone.locator(".version").all()
    expect(mine).to_contain_text(FACT)
    expect(theirs).to_contain_text("省公司6月会议精神没有传达")
    phone.reload()
    expect(phone.locator(".version").first).to_contain_text(FACT)
    assert on_file(visit, "A1") == [(1, "省公司6月会议精神没有传达")]

    # Two different faults: both stay.
    press(phone, "两份都留")
    expect(rule_box(phone, LATE).get_by_label("事实")).to_have_value(FACT)
    expect(rule_box(phone, "未传达").get_by_label("事实")).to_have_value(
        "省公司6月会议精神没有传达"
    )
    expect(saved_line(phone)).to_have_text(SAVED)
    expect(alert).to_be_hidden()
    assert on_file(visit, "A1") == [(1, "省公司6月会议精神没有传达"), (1, FACT)]


def test_without_a_signal_nothing_is_lost(cast: Cast, month_cast: MonthCast, phone: Page) -> None:
    visit = month_cast.visit_a
    sign_in(phone, cast.inspector)
    phone.goto(f"/sheets/{visit.pk}/")
    press(phone, "开始检查")
    arrived(phone, "第一议题与上级部署传达落实")
    ready(phone)
    expect_console(phone, "ERR_INTERNET_DISCONNECTED")
    phone.context.set_offline(True)
    box = rule_box(phone, LATE)
    box.get_by_role("button", name="加一").click()
    box.get_by_label("事实").fill(FACT)
    expect(saved_line(phone)).to_have_text(re.compile(r"已存在本机 \d+:\d\d"))
    assert marks(phone) == "3.0"
    assert on_file(visit, "A1") == []
    phone.context.set_offline(False)
    expect(saved_line(phone)).to_have_text(SAVED)
    assert on_file(visit, "A1") == [(1, FACT)]


def test_what_was_typed_offline_survives_a_closed_page(
    cast: Cast, month_cast: MonthCast, phone: Page
) -> None:
    visit = month_cast.visit_a
    sign_in(phone, cast.inspector)
    phone.goto(f"/sheets/{visit.pk}/")
    press(phone, "开始检查")
    arrived(phone, "第一议题与上级部署传达落实")
    ready(phone)
    expect_console(phone, "ERR_INTERNET_DISCONNECTED")
    phone.context.set_offline(True)
    box = rule_box(phone, LATE)
    box.get_by_role("button", name="加一").click()
    box.get_by_label("事实").fill(FACT)
    expect(saved_line(phone)).to_contain_text("已存在本机")
    address = phone.url
    phone.goto("about:blank")
    phone.context.set_offline(False)
    phone.goto(address)
    expect(rule_box(phone, LATE).get_by_label("事实")).to_have_value(FACT)
    expect(saved_line(phone)).to_have_text(SAVED)
    assert on_file(visit, "A1") == [(1, FACT)]


def test_a_dead_session_keeps_the_taps_on_the_phone(
    cast: Cast, month_cast: MonthCast, phone: Page
) -> None:
    visit = month_cast.visit_a
    sign_in(phone, cast.inspector)
    phone.goto(f"/sheets/{visit.pk}/")
    press(phone, "开始检查")
    arrived(phone, "第一议题与上级部署传达落实")
    ready(phone)
    expect_console(phone, "403")  # said by the page or by its worker, whoever sends first
    phone.context.clear_cookies(name="sessionid")
    box = rule_box(phone, LATE)
    box.get_by_role("button", name="加一").click()
    box.get_by_label("事实").fill(FACT)
    expect(saved_line(phone)).to_contain_text("登录已过期")
    assert on_file(visit, "A1") == []
    sign_in(phone, cast.inspector)
    phone.reload()
    expect(saved_line(phone)).to_have_text(SAVED)
    assert on_file(visit, "A1") == [(1, FACT)]
