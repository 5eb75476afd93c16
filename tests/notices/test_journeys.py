"""In a real browser: typing is kept, the phone's way through, nothing for axe to find."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from evaluations.models import RectificationNotice, ScoreAppeal
from evaluations.services import findings, notices
from portal.accounts.models import SignedIn
from tests.cast import Cast
from tests.conftest import axe, expect_console, sign_in
from tests.journeys.hands import give_password, log_in
from tests.notices.scene import PUBLISHED_AT, Provisional, Published, at, draft

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.django_db(transaction=True)

DRAFTS = "Object.keys(localStorage).filter((key) => key.startsWith('portal.draft.')).length"


def open_page(page: Page, name: str, *args: int) -> None:
    page.goto(reverse(f"evaluations:{name}", args=args))


def test_secretary_answers_a_notice_on_the_phone(
    cast: Cast, published: Published, on: Any, phone: Page
) -> None:
    notices.check_and_issue(notice_id=published.notice.pk, actor=cast.officer, now=PUBLISHED_AT)
    sign_in(phone, cast.secretary_a)
    phone.goto(reverse("evaluations:rectification"))
    axe(phone)
    phone.get_by_role("link", name="泉电党整〔2017〕1号").click()
    expect(phone.get_by_role("heading", level=1)).to_contain_text("请签收")
    axe(phone)
    phone.get_by_role("button", name="签收").click()
    expect(phone.get_by_role("heading", level=1)).to_contain_text("7月12日前报整改情况")
    axe(phone)

    cause = phone.get_by_label("原因").first
    cause.fill("当天抢修")
    expect(phone.locator("#answer-saved")).to_contain_text("已保存")
    expect(phone.locator(".answer-filled").first).to_contain_text("已填 1 / 5")
    phone.reload()  # what was typed is on the server
    expect(phone.get_by_label("原因").first).to_have_value("当天抢修")

    expect_console(phone, "400")
    phone.get_by_role("button", name="报整改情况").click()
    expect(phone.locator(".error-summary")).to_contain_text("问题1 主题党日")
    expect(phone.get_by_label("原因").first).to_have_value("当天抢修")
    axe(phone)
    for n in range(2):
        phone.get_by_label("原因").nth(n).fill("抢修任务重")
        phone.get_by_label("整改措施").nth(n).fill("7月4日补开")
        phone.get_by_label("责任人").nth(n).fill("林建明")
        phone.get_by_label("完成时间").nth(n).fill("2017-07-04")
        phone.get_by_label("完成情况").nth(n).fill("到会11人")
    expect(phone.locator("#answer-saved")).to_contain_text("已保存")
    phone.get_by_role("button", name="报整改情况").click()
    expect(phone.get_by_role("heading", level=1)).to_contain_text("待审核")
    published.notice.refresh_from_db()
    assert published.notice.status == "responded"


def test_officer_rewords_leader_signs_officer_returns(
    cast: Cast, published: Published, on: Any, desktop: Page, new_page: Any
) -> None:
    sign_in(desktop, cast.officer)
    open_page(desktop, "notice-list")
    axe(desktop)
    desktop.get_by_role("link", name=re.compile("草稿.*配电运检")).click()
    desktop.get_by_text("改写事实").first.click()
    axe(desktop)
    desktop.get_by_label("事实").first.fill("6月9日未开展主题党日，也未说明改期原因")
    desktop.get_by_role("button", name="存下改写").first.click()
    expect(desktop.locator(".letter-facts").first).to_have_text(
        "6月9日未开展主题党日，也未说明改期原因"
    )
    # Her own words, and no colleague in the office: she says why, and the secretary signs.
    expect(desktop.get_by_role("button", name="核稿并签发")).to_have_count(0)
    expect_console(desktop, "400")
    desktop.get_by_role("button", name="核稿，送签").click()
    expect(desktop.locator(".field-error")).to_contain_text("请写明为什么由您核稿")
    axe(desktop)
    desktop.get_by_label("为什么由您核稿").fill("部门只有我一人")
    desktop.get_by_role("button", name="核稿，送签").click()
    expect(desktop.locator(".timeline")).to_contain_text("部门只有我一人")
    expect(desktop.get_by_text("请由另一位同志签发")).to_be_visible()
    axe(desktop)
    leader = new_page(1440, 900)
    sign_in(leader, cast.leader)
    leader.goto(reverse("evaluations:rectification"))
    leader.get_by_role("link", name=re.compile("草稿.*配电运检")).click()
    axe(leader)
    leader.locator(".ask > summary").click()
    leader.get_by_role("button", name="确认签发").click()
    expect(leader.locator(".letter-number")).to_have_text("泉电党整〔2017〕1号")
    desktop.reload()
    expect(desktop.locator(".letter-number")).to_have_text("泉电党整〔2017〕1号")
    axe(desktop)
    notice = RectificationNotice.objects.get(pk=published.notice.pk)
    notices.acknowledge_notice(notice_id=notice.pk, actor=cast.secretary_a, now=PUBLISHED_AT)
    notice.refresh_from_db()
    notices.respond_to_notice(
        notice_id=notice.pk,
        answers={
            pk: notices.Answer("抢修", "补开", "林建明", PUBLISHED_AT.date(), "已补开")
            for pk in notice.problems.values_list("pk", flat=True)
        },
        version=notice.version,
        actor=cast.secretary_a,
        now=PUBLISHED_AT,
    )
    desktop.reload()
    expect(desktop.get_by_role("heading", level=1)).to_contain_text("待审核")
    axe(desktop)
    desktop.get_by_text("没有改到位，退回再改").click()
    desktop.get_by_label("退回原因").fill("没有会议记录")
    desktop.get_by_role("button", name="退回再改").click()
    expect(desktop.get_by_role("heading", level=1)).to_contain_text("退回再改")
    notice.refresh_from_db()
    assert notice.status == "returned"


def test_inspector_looks_back_on_the_phone(
    cast: Cast, published: Published, on: Any, phone: Page
) -> None:
    finding = published.provisional.finding(published.provisional.breaches)
    findings.report_finding(
        finding_id=finding.pk,
        cause="疏忽",
        measure="讲评并列入互查表",
        responsible="林建明",
        actor=cast.secretary_a,
        now=PUBLISHED_AT,
    )
    sign_in(phone, cast.inspector)
    phone.goto(reverse("evaluations:rectification"))
    axe(phone)
    phone.get_by_role("link", name=finding.fact).click()
    axe(phone)
    phone.get_by_label("回头看记录").fill("现场看过，佩戴规范")
    phone.get_by_role("button", name="合格，销号").click()
    expect(phone.get_by_role("heading", level=1)).to_have_text("已销号")
    expect(phone.locator(".timeline")).to_contain_text("现场看过，佩戴规范")


def test_appeal_from_the_phone_to_the_decision(
    cast: Cast, provisional: Provisional, on: Any, phone: Page, new_page: Any
) -> None:
    on.move_to(at(7, 3))
    sign_in(phone, cast.deputy_a)
    open_page(phone, "appeal-create", provisional.breaches.pk)
    axe(phone)
    phone.get_by_label("申诉理由").fill("一人系好了，有照片")
    phone.get_by_role("button", name="提出申诉").click()
    expect(phone.get_by_text("等党群部复核。")).to_be_visible()
    axe(phone)

    office = new_page(1440, 900)
    sign_in(office, cast.officer)
    open_page(office, "appeal-list")
    axe(office)
    office.get_by_role("link", name=provisional.breaches.fact).click()
    axe(office)
    office.get_by_label("1次，扣2.0分").check()
    office.get_by_label("复核意见").first.fill("照片属实")
    office.get_by_role("button", name="申诉成立，改分").click()
    expect(office.get_by_role("heading", level=1)).to_contain_text("申诉成立")
    assert ScoreAppeal.objects.get().count_after == 1
    phone.reload()
    expect(phone.locator(".texts")).to_contain_text("照片属实")
    axe(phone)


def test_long_names_and_many_problems_stay_inside_the_screen(
    cast: Cast, published: Published, on: Any, phone: Page
) -> None:
    cast.branch_b.name = "变电运维党支部（含城区、洛江、泉港三个运维班及输变电联合值守点）"
    cast.branch_b.save()
    items = [f"{section}{n}" for section in "AB" for n in range(1, 5)]
    notice = draft(published.notice.run, cast.branch_b, dict.fromkeys(items, "没有记录" * 40))
    notices.check_and_issue(notice_id=notice.pk, actor=cast.officer, now=PUBLISHED_AT)
    notices.acknowledge_notice(notice_id=notice.pk, actor=cast.secretary_b, now=PUBLISHED_AT)
    sign_in(phone, cast.secretary_b)
    for name, args in (("notice-list", ()), ("notice-detail", (notice.pk,)), ("finding-list", ())):
        open_page(phone, name, *args)
        wide = phone.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        assert wide <= 0, name
    open_page(phone, "notice-detail", notice.pk)
    assert phone.locator("details.answer[open]").count() == 1  # the first unfinished one
    axe(phone)


def test_empty_ledgers_teach(cast: Cast, on: Any, desktop: Page) -> None:
    sign_in(desktop, cast.officer)
    for name in ("notice-list", "finding-list", "appeal-list"):
        open_page(desktop, name)
        assert desktop.locator(".empty-title").is_visible()
        assert not desktop.locator(".tabs").count()
        axe(desktop)


def test_a_dead_session_keeps_what_the_officer_was_writing(
    cast: Cast, published: Published, on: Any, desktop: Page
) -> None:
    """Forms that nobody gave a draft of their own: kept under their address, put back once."""
    log_in(desktop, cast.officer)
    open_page(desktop, "notice-detail", published.notice.pk)
    desktop.wait_for_load_state("load")
    desktop.get_by_text("不签发，撤回草稿").click()
    reason = desktop.locator("form[action$='/withdraw/'] textarea")
    reason.fill("事实有误，支部当天在抢修")
    SignedIn.objects.all().delete()
    desktop.locator("form[action$='/withdraw/'] button[type=submit]").click()
    give_password(desktop, cast.officer)
    expect(desktop.get_by_text("没有提交的内容")).to_be_visible()
    expect(reason).to_have_value("事实有误，支部当天在抢修")
    desktop.locator("form[action$='/withdraw/'] button[type=submit]").click()
    expect(desktop.get_by_text("已撤回").first).to_be_visible()
    published.notice.refresh_from_db()
    assert published.notice.status == "withdrawn"
    desktop.wait_for_load_state("load")  # the page's scripts have run by then
    assert desktop.evaluate(DRAFTS) == 0


def test_a_visitor_leaves_no_draft(db: None, phone: Page) -> None:
    phone.goto(reverse("feedback:anonymous"))
    phone.wait_for_load_state("load")
    phone.locator("textarea").first.fill("食堂的汤太咸")
    phone.goto(reverse("feedback:board"))
    assert phone.evaluate(DRAFTS) == 0
