"""A branch secretary's month: records, the sheet to confirm, an appeal, a notice."""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from branches.models import Activity
from evaluations.models import RectificationNotice, ScoreAppeal
from evaluations.services import notices
from portal.accounts.models import SignedIn
from tests.cast import NOW, Cast
from tests.conftest import expect_console, sign_in
from tests.journeys.hands import (
    fill_answers,
    follow,
    give_password,
    heading,
    log_in,
    press,
    sheet_submitted,
    upright,
)
from tests.month import MonthCast
from tests.notices.scene import PUBLISHED_AT, Provisional, Published, at

if TYPE_CHECKING:
    import time_machine
    from playwright.sync_api import Locator, Page

SUBJECT = "重温入党誓词，学习抢修现场安全规程"


def left_to_do(page: Page) -> int:
    """How many things the home says are left this month."""
    found = re.search(r"还有 (\d+) 件事", heading(page).inner_text())
    assert found is not None, heading(page).inner_text()
    return int(found[1])


def tick(page: Page, *labels: str) -> None:
    """Tick duties; each time the roster is asked again, and comes."""
    for label in labels:
        with page.expect_response(lambda answer: "/roster/" in answer.url):
            page.get_by_label(label).check()
    expect(page.locator("#roster.htmx-request")).to_have_count(0)


def mark_away(page: Page, name: str, reason: str) -> None:
    press_open(page.locator("details.roster-list"))
    page.get_by_label(name, exact=True).select_option(label="请假")
    page.get_by_label(f"{name}没来的原因").fill(reason)


def press_open(details: Locator) -> None:
    if details.get_attribute("open") is None:
        details.locator("summary").click()


def write_record(page: Page, cast: Cast) -> None:
    """Everything a themed day needs, with a member away."""
    tick(page, "支部党员大会（每季度）", "集中学习（每月）")
    page.get_by_label("地点").fill("配电运检楼三楼会议室")
    page.get_by_label("主题", exact=False).and_(page.locator("[name=subject]")).fill(SUBJECT)
    page.get_by_label("主持人").select_option(label="林建明")
    page.get_by_label("记录人").select_option(label="黄丽萍")
    page.get_by_label("学时").and_(page.locator("[name=study_hours]")).fill("2")
    page.get_by_label("议题与内容").fill("一、重温入党誓词\n二、学习安全规程")
    page.get_by_label("决议与落实").fill("6月30日前各班组自查一次，吴海生负责。")
    mark_away(page, cast.members(cast.branch_a)[5].name, "保电值班")


@pytest.mark.usefixtures("clock")
def test_home_tells_what_is_due_and_one_click_records_it(cast: Cast, screen: Page) -> None:
    log_in(screen, cast.secretary_a)
    before = left_to_do(screen)
    upright(screen)
    overdue = screen.locator(".duty").filter(has_text="6月主题党日")
    expect(overdue).to_contain_text("逾期 18 天")
    overdue.get_by_role("link", name=re.compile("主题党日")).click()

    expect(heading(screen)).to_have_text("记一件事")
    expect(screen.get_by_label("主题党日（每月）")).to_be_checked()
    expect(screen.get_by_label("日期")).to_have_value("2017-06-09")  # the second Friday
    write_record(screen, cast)
    expect(screen.locator("[data-roster-sum]")).to_contain_text("应到 12 人，实到 11 人")
    upright(screen)
    press(screen, "记下来")

    expect(heading(screen)).to_have_text(SUBJECT)
    away = cast.members(cast.branch_a)[5].name
    expect(screen.get_by_text(f"{away}（请假：保电值班）")).to_be_visible()
    expect(screen.get_by_text("应到 12 人，实到 11 人，92%")).to_be_visible()
    upright(screen)
    screen.goto("/")
    assert left_to_do(screen) == before - 3
    done = screen.locator(".duty-done .duty-title")
    expect(done).to_have_text([re.compile(d) for d in ("集中学习", "支部党员大会", "主题党日")])


@pytest.mark.usefixtures("clock")
def test_what_is_missing_is_said_beside_its_field(cast: Cast, screen: Page) -> None:
    sign_in(screen, cast.secretary_a)
    screen.goto(f"/records/branches/{cast.branch_a.pk}/new/?duty=themed_day")
    write_record(screen, cast)
    screen.get_by_label("地点").fill("")
    screen.get_by_label("议题与内容").fill("")
    expect_console(screen, "400")
    press(screen, "记下来")

    summary = screen.locator("[data-error-summary]")
    expect(summary).to_be_visible()
    expect(screen.locator("#field_id_place")).to_contain_text("请填地点。")
    expect(screen.get_by_label("地点")).to_have_attribute("aria-invalid", "true")
    expect(screen.locator("[name=subject]")).to_have_value(SUBJECT)
    expect(screen.locator("[data-roster-sum]")).to_contain_text("实到 11 人")
    upright(screen)
    screen.get_by_label("地点").fill("三楼会议室")
    press(screen, "记下来")
    expect(screen.locator("#field_id_agenda")).to_contain_text("会议记录要有议题。")
    screen.get_by_label("议题与内容").fill("学习安全规程")
    press(screen, "记下来")
    expect(heading(screen)).to_have_text(SUBJECT)
    assert Activity.objects.get().absences.get().reason == "保电值班"


@pytest.mark.usefixtures("clock")
def test_a_dead_session_loses_no_word_and_no_absence(cast: Cast, screen: Page) -> None:
    log_in(screen, cast.secretary_a)
    follow(screen, re.compile("记一件事"))
    tick(screen, "主题党日（每月）")
    write_record(screen, cast)
    expect(screen.locator("form [data-saved]")).to_contain_text("已保存")
    SignedIn.objects.all().delete()
    press(screen, "记下来")
    give_password(screen, cast.secretary_a)

    expect(screen.get_by_text("没有提交的内容")).to_be_visible()
    expect(screen.locator("[name=subject]")).to_have_value(SUBJECT)
    expect(screen.get_by_label("主题党日（每月）")).to_be_checked()
    expect(screen.get_by_label("决议与落实")).to_have_value(re.compile("吴海生负责"))
    expect(screen.locator("[data-roster-sum]")).to_contain_text("实到 11 人")
    assert Activity.objects.count() == 0
    press(screen, "记下来")
    expect(heading(screen)).to_have_text(SUBJECT)
    assert Activity.objects.get().absences.get().reason == "保电值班"


@pytest.mark.usefixtures("clock")
def test_an_impatient_double_click_saves_once(cast: Cast, screen: Page) -> None:
    sign_in(screen, cast.secretary_a)
    screen.goto(f"/records/branches/{cast.branch_a.pk}/new/?duty=themed_day")
    write_record(screen, cast)
    screen.get_by_role("button", name="记下来").dblclick()
    expect(heading(screen)).to_have_text(SUBJECT)
    # Nor do going back and pressing again make a second one.
    screen.go_back()
    expect(heading(screen)).to_have_text("记一件事")
    expect(screen.locator("[name=subject]")).to_have_value(SUBJECT)
    press(screen, "记下来")
    expect(heading(screen)).to_have_text(SUBJECT)
    expect(screen.get_by_text("没有记第二条")).to_be_visible()
    screen.goto(f"/records/branches/{cast.branch_a.pk}/")
    expect(screen.locator("main").get_by_role("link", name=SUBJECT)).to_have_count(1)
    assert Activity.objects.count() == 1


@pytest.mark.usefixtures("clock")
def test_a_text_near_its_end_is_counted_and_a_paste_that_is_cut_is_said(
    cast: Cast, screen: Page
) -> None:
    sign_in(screen, cast.secretary_a)
    screen.goto(f"/records/branches/{cast.branch_a.pk}/new/")
    screen.wait_for_load_state("load")
    agenda, note = screen.locator("#id_agenda"), screen.locator("#id_agenda + .length-note")
    agenda.fill("议" * 3599)
    expect(note).to_have_count(0)
    agenda.fill("议" * 3990)
    expect(note).to_have_text("3990 / 4000")
    agenda.evaluate(
        """(field) => {
          const clipboardData = new DataTransfer();
          clipboardData.setData("text", "题".repeat(110));
          field.setSelectionRange(field.value.length, field.value.length);
          field.dispatchEvent(new ClipboardEvent("paste", { bubbles: true, clipboardData }));
        }"""
    )
    expect(note).to_have_text("最多 4000 字，粘贴的内容后面 100 字放不下，没有贴进来。")
    agenda.fill("议")
    expect(note).to_have_text("")


@pytest.mark.usefixtures("clock")
def test_he_confirms_the_sheet_of_the_visit(
    cast: Cast, month_cast: MonthCast, screen: Page
) -> None:
    sheet_submitted(
        month_cast.visit_a, cast.inspector, NOW, {("D1", 1): "6月14日一名党员未系安全帽下颏带"}
    )
    log_in(screen, cast.secretary_a)
    expect(screen.get_by_text("机关第二党支部查完了，评 98.0 分，等您确认")).to_be_visible()
    follow(screen, "看评分表")
    expect(screen.get_by_text("未系安全帽下颏带").first).to_be_visible()
    upright(screen)
    expect_console(screen, "400")
    press(screen, "有异议")
    # The page leads to the box that is empty; a reload leads back to the summary.
    expect(screen.locator("#objection")).to_be_focused()
    expect(screen.locator("#objection-error")).to_be_in_viewport()
    screen.goto(screen.url)
    assert screen.url.endswith("/summary/")
    press(screen, "事实属实，确认")
    expect(screen.get_by_text("已确认 10:00")).to_be_visible()
    expect(screen.get_by_role("button", name="事实属实，确认")).to_have_count(0)
    screen.goto("/")
    expect(screen.get_by_text("等您确认")).to_have_count(0)


def test_he_appeals_against_one_line(
    cast: Cast, provisional: Provisional, on: time_machine.Traveller, screen: Page
) -> None:
    on.move_to(at(7, 3, 9))
    log_in(screen, cast.secretary_a, "/rankings/")
    expect(screen.get_by_text("申诉到 7月4日")).to_be_visible()
    follow(screen, "配电运检党支部")
    expect(screen.locator("#why")).to_be_visible()
    upright(screen)
    follow(screen, "看全部扣分")
    line = screen.locator("details.why-row").filter(has_text="安全帽下颏带")
    press_open(line)
    line.get_by_role("link", name="对这一条申诉").click()

    expect(heading(screen)).to_contain_text("D1")
    expect_console(screen, "400")
    press(screen, "提出申诉")
    expect(screen.locator("#field_id_text .field-error")).to_be_visible()
    screen.get_by_label("申诉理由").fill("其中一人当天休假，有考勤表。")
    upright(screen)
    screen.get_by_role("button", name="提出申诉").dblclick()
    expect(screen.get_by_text("其中一人当天休假，有考勤表。")).to_be_visible()
    expect(screen.get_by_text("还没有复核")).to_be_visible()
    appeal = ScoreAppeal.objects.get()
    assert appeal.deduction_id == provisional.breaches.pk


def test_he_acknowledges_and_answers_a_notice(
    cast: Cast, published: Published, on: time_machine.Traveller, screen: Page
) -> None:
    notice = published.notice
    notices.check_and_issue(
        notice_id=notice.pk, version=notice.version, actor=cast.officer, now=PUBLISHED_AT
    )
    on.move_to(at(7, 6, 9))
    log_in(screen, cast.secretary_a)
    screen.locator(".duty-fix").filter(has_text="通知书").get_by_role("link").click()
    expect(screen.get_by_text("泉电党整〔2017〕1号").first).to_be_visible()
    upright(screen)
    press(screen, "签收")
    expect(screen.get_by_role("heading", name="整改情况反馈单")).to_be_visible()
    upright(screen)

    expect_console(screen, "400")
    press(screen, "报整改情况")
    expect(screen.locator("[data-error-summary]")).to_contain_text("还没有报出去")
    fill_answers(screen, dt.date(2017, 7, 5))
    expect(screen.locator("#answer-saved")).to_contain_text("已保存 09:00")
    screen.goto(f"/rectification/notices/{notice.pk}/")
    assert screen.get_by_label("原因", exact=True).first.input_value().startswith("6月9日")
    press(screen, "报整改情况")
    expect(heading(screen)).to_have_text("泉电党整〔2017〕1号：待审核")
    assert RectificationNotice.objects.get(pk=notice.pk).status == "responded"
