"""In a real browser: the gloves from a phone to confirmed delivery by five people, a reception day
from the announcement to the published results, and a dialogue by receipt. axe finds nothing on
the way."""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING, Any

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from branches.models import Person
from feedback import rates
from feedback.models import ListeningSession, StaffRequest
from feedback.services import handling, office
from tests.cast import NOW, Cast
from tests.conftest import axe, expect_console, sign_in
from tests.feedback.scene import GLOVES, Listening

if TYPE_CHECKING:
    from playwright.sync_api import Dialog, Page

    from tests.conftest import Pages

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("clock")]


def heading(page: Page) -> Any:
    return expect(page.get_by_role("heading", level=1))


def test_the_gloves_from_phone_to_confirmed_delivery(
    cast: Cast, listening: Listening, phone: Page, new_page: Pages
) -> None:
    # 1. the worker, on the phone
    sign_in(phone, listening.worker)
    phone.goto("/")
    phone.locator(".page-actions").get_by_role("link", name="说一件事").click()
    expect_console(phone, "400")
    phone.get_by_label("想说什么").fill(GLOVES)
    phone.get_by_role("button", name="提交").click()
    expect(phone.get_by_text("请选让谁知道您是谁").first).to_be_visible()
    expect(phone.get_by_label("想说什么")).to_have_value(GLOVES)
    axe(phone)
    phone.get_by_text("只有书记办公室知道您").click()
    phone.get_by_label("关于哪方面").select_option("protection")
    phone.get_by_role("button", name="提交").click()
    heading(phone).to_have_text("书记办公室收到了")
    axe(phone)
    phone.get_by_role("link", name="看进展").click()
    expect(phone.get_by_text("还没有人看过您的姓名")).to_be_visible()
    address = reverse("feedback:request", args=[StaffRequest.objects.get().pk])

    # 2. the officer accepts and assigns
    desk = new_page(1440, 900)
    sign_in(desk, cast.officer)
    desk.goto(reverse("feedback:ledger"))
    axe(desk)
    desk.get_by_role("link", name="线路上干活").click()
    expect(desk.get_by_text("邱大川")).to_have_count(0)
    axe(desk)
    desk.get_by_label("标题").fill("一线班组纱手套不够用")
    desk.get_by_role("button", name="受理", exact=True).click()
    desk.get_by_label("承办部门").select_option(label="物资部")
    desk.get_by_role("button", name="分派").click()
    expect(desk.get_by_text("转物资部办理")).to_be_visible()

    # 3. the handler answers and promises
    bench = new_page(1440, 900)
    sign_in(bench, listening.handler)
    bench.goto(reverse("feedback:hands"))
    axe(bench)
    bench.get_by_role("link", name="答复最急的一件").click()
    words = bench.locator("[name=text]").first
    words.fill("已转相关部门。")
    expect(bench.get_by_text("没有写日期")).to_be_visible()
    words.fill("7月1日起纱手套每人每月由2副调为4副。")
    expect(bench.get_by_text("没有写日期")).to_have_count(0)
    bench.get_by_label("列入计划").check()
    bench.get_by_text("承诺：哪天前做到什么").click()
    bench.get_by_label("承诺做什么").fill("每人每月4副，补发本月差额")
    bench.get_by_label("哪天前做到").fill("2017-07-01")
    bench.get_by_label("送到哪些班组").fill("抢修一班\n抢修二班")
    bench.get_by_role("button", name="答复", exact=True).click()
    expect(bench.get_by_role("heading", name="物资部答复")).to_be_visible()
    bench.get_by_role("button", name="说已送达").click()
    expect(bench.get_by_text("2 个班组已确认 0 个")).to_be_visible()
    axe(bench)

    # 4. somebody of each team says that it has arrived there
    hall = new_page(390, 844, touch=True)
    teams = {"抢修一班": listening.colleague, "抢修二班": cast.employee}
    for team, user in teams.items():
        Person.objects.filter(user=user).update(workplace=team)
        sign_in(hall, user)
        hall.goto(reverse("feedback:confirm"))
        expect(hall.get_by_role("button", name="收到了")).to_have_count(1)
        axe(hall)
        # The name of the team is for screen readers; a browser reads it after a pause.
        hall.get_by_role("button", name=re.compile(rf"^收到了\s*：{team}$")).click()
        expect(hall.get_by_text(team, exact=True)).to_have_count(0)
    heading(hall).to_have_text("没有等着确认的")

    # 1 again: the worker has the last word
    phone.goto(address)
    phone.get_by_label("解决了", exact=True).check()
    phone.get_by_label("答到点上了", exact=True).check()
    axe(phone)
    phone.get_by_role("button", name="提交评价").click()
    expect(phone.get_by_text("已整改").first).to_be_visible()
    assert StaffRequest.objects.get().status == "closed"

    # 5. the secretary sees that nothing is owed, and anybody reads what changed
    desk.goto(address)
    desk.get_by_text("公开到看板").click()
    desk.get_by_label("改了什么").fill("7月1日起纱手套每人每月由2副调为4副")
    desk.get_by_label("放在看板最上面").check()
    desk.get_by_role("button", name="公开", exact=True).click()
    head = new_page(1440, 900)
    sign_in(head, cast.leader)
    head.goto(reverse("feedback:promises"))
    heading(head).to_have_text("没有欠着的承诺")
    axe(head)
    board = new_page(1440, 900)
    board.goto(reverse("feedback:board"))
    expect(board.get_by_role("heading", name="由2副调为4副")).to_be_visible()
    axe(board)


def test_a_reception_day(
    cast: Cast, listening: Listening, desktop: Page, new_page: Pages, clock: Any
) -> None:
    sign_in(desktop, cast.officer)
    desktop.goto(reverse("feedback:sessions"))
    axe(desktop)
    desktop.get_by_role("link", name="安排一场").click()
    desktop.get_by_label("日期").fill("2017-07-03")
    desktop.get_by_label("地点").fill("公司本部3楼302室")
    desktop.get_by_label("由谁接待").fill("公司党委书记")
    axe(desktop)
    desktop.get_by_role("button", name="存上").click()
    desktop.get_by_role("button", name="公告").click()
    expect(desktop.get_by_text("还有 4 个工作日")).to_be_visible()
    address = reverse("feedback:session", args=[ListeningSession.objects.get().pk])

    worker = new_page(390, 844, touch=True)
    sign_in(worker, listening.worker)
    worker.goto(address)
    worker.get_by_text("约这个时间").first.click()
    worker.get_by_label("想谈什么").first.fill("手套")
    worker.get_by_label("不公开姓名").first.check()
    worker.get_by_role("button", name="约上").first.click()
    expect(worker.get_by_text("您约了 09:00")).to_be_visible()
    axe(worker)

    aide = new_page(390, 844, touch=True)
    sign_in(aide, listening.aide)
    aide.goto(address)
    expect(aide.get_by_text("邱大川，手套")).to_be_visible()
    aide.get_by_role("link", name="记一件").click()
    aide.get_by_label("说了什么").fill("夜班没有热水，洗不了澡。")
    aide.get_by_label("谁说的", exact=True).fill("蔡师傅")
    axe(aide)
    aide.get_by_role("button", name="记下").click()
    expect(aide.get_by_text("可以接着记下一件")).to_be_visible()
    made = StaffRequest.objects.get()
    assert (made.source, str(made.authorship)) == ("reception", "蔡师傅")
    desktop.goto(address)
    expect(desktop.get_by_role("link", name="夜班没有热水")).to_be_visible()

    # the day itself: answered on the spot, minutes, results for everybody
    clock.move_to(NOW.replace(month=7, day=3, hour=14))
    day = new_page(1440, 900)
    sign_in(day, cast.officer)
    day.goto(address)
    day.get_by_text("写纪要，记为已举行").click()
    day.locator("[name=minutes]").fill("来了2位同志，记下1件。")
    axe(day)
    day.get_by_role("button", name="存纪要").click()
    day.locator("[name=results]").fill("夜班浴室7月10日前通热水，办公室负责。")
    day.get_by_role("button", name="公布", exact=True).click()
    expect(day.get_by_role("heading", name="公布的结果")).to_be_visible()
    hall = new_page(390, 844, touch=True)
    sign_in(hall, listening.colleague)
    hall.goto(address)
    expect(hall.get_by_text("夜班浴室7月10日前通热水")).to_be_visible()
    expect(hall.get_by_text("来了2位同志")).to_have_count(0)  # minutes stay in the office
    expect(hall.get_by_text("蔡师傅")).to_have_count(0)
    axe(hall)


def test_an_anonymous_dialogue_by_receipt(
    cast: Cast, listening: Listening, phone: Page, new_page: Pages, clock: Any
) -> None:
    rates.counter.forget()
    sign_in(phone, listening.worker)  # signed in, and nobody here will know
    phone.goto(reverse("feedback:anonymous"))
    axe(phone)
    phone.locator("[name=text]").fill("夜里抢修回来食堂关门了，希望有热的夜餐。")
    phone.get_by_role("button", name="匿名提交").click()
    expect(phone.locator("[data-code]").first).to_be_visible()
    code = phone.locator("[data-code]").first.get_attribute("data-code") or ""
    axe(phone)
    made = StaffRequest.objects.get()
    assert (made.level, made.submitted_at, hasattr(made, "authorship")) == (
        "anonymous",
        None,
        False,
    )
    assert code not in phone.url

    # the next morning the office has it, and the department asks back
    tomorrow = NOW + dt.timedelta(days=1)
    clock.move_to(tomorrow)
    bench = new_page(1440, 900)
    sign_in(bench, listening.handler)
    office.accept(request_id=made.pk, headline="夜间就餐", actor=cast.officer, now=tomorrow)
    office.assign(
        request_id=made.pk, department=listening.supplies, actor=cast.officer, now=tomorrow
    )
    bench.goto(reverse("feedback:request", args=[made.pk]))
    expect(bench.get_by_text("邱大川")).to_have_count(0)
    bench.get_by_text("给诉求人留言").click()
    ask = bench.locator(f"form[action$='{made.pk}/ask/']")
    ask.locator("[name=text]").fill("是哪个值班点？")
    ask.get_by_role("button", name="留言").click()
    expect(bench.get_by_text("是哪个值班点？")).to_be_visible()

    # by the receipt alone, on a machine that has never been here
    elsewhere = new_page(390, 844, touch=True)
    elsewhere.goto(reverse("feedback:anonymous-receipt"))
    axe(elsewhere)

    def look_up() -> None:
        elsewhere.goto(reverse("feedback:anonymous-receipt"))
        elsewhere.locator("[name=code]").fill(code)
        elsewhere.get_by_role("button", name="看进展").click()
        expect(elsewhere.get_by_role("heading", name="来往的话")).to_be_visible()

    look_up()
    expect(elsewhere.get_by_text("是哪个值班点？")).to_be_visible()
    axe(elsewhere)
    elsewhere.locator("form[action$='/add/'] [name=text]").fill("城东值班点。")
    elsewhere.get_by_role("button", name="补充一句").click()
    expect(elsewhere.get_by_text("城东值班点。")).to_be_visible()
    assert code not in elsewhere.url

    # the department reads it the next working day, not while it is written
    bench.reload()
    expect(bench.get_by_text("是哪个值班点？")).to_be_visible()
    expect(bench.get_by_text("城东值班点。")).to_have_count(0)
    later = tomorrow + dt.timedelta(days=1)
    clock.move_to(later)
    sign_in(bench, listening.handler)  # a new day, a new session
    bench.goto(reverse("feedback:request", args=[made.pk]))
    expect(bench.get_by_text("城东值班点。")).to_be_visible()
    axe(bench)
    handling.reply(
        request_id=made.pk,
        answer=handling.Answer("7月1日起城东值班点供夜餐到凌晨1点。", "carried_out"),
        actor=listening.handler,
        now=later,
    )
    look_up()
    expect(elsewhere.get_by_text("7月1日起城东值班点供夜餐到凌晨1点。").first).to_be_visible()
    elsewhere.get_by_label("解决了", exact=True).check()
    elsewhere.get_by_label("答到了", exact=True).check()
    axe(elsewhere)
    elsewhere.get_by_role("button", name="提交评价").click()
    expect(elsewhere.get_by_text("办结").first).to_be_visible()
    made.refresh_from_db()
    assert (made.status, made.last_rating) == ("closed", "solved")
    assert elsewhere.context.cookies() == []


def drafts(page: Page) -> list[str]:
    kept: list[str] = page.evaluate("Object.values(localStorage).map(String)")
    return [value for value in kept if "夜餐" in value or "手套" in value]


def test_what_is_said_without_a_name_leaves_no_draft(listening: Listening, phone: Page) -> None:
    sign_in(phone, listening.worker)
    phone.goto(reverse("feedback:say"))
    text = phone.get_by_label("想说什么")
    text.fill("希望有热的夜餐。")
    saved = phone.locator("[data-saved]")
    expect(saved).to_contain_text("已保存")
    assert drafts(phone)
    phone.get_by_text("谁都不知道").click()
    expect(saved).to_have_text("")
    assert not drafts(phone)
    text.fill("希望有热的夜餐，到凌晨一点。")
    phone.evaluate("window.dispatchEvent(new Event('pagehide'))")
    assert not drafts(phone)
    phone.get_by_role("button", name="匿名提交").click()
    heading(phone).to_have_text("门户收到了")
    assert not drafts(phone)
    # The code is shown once: the button that keeps it lies on the first screen, above the foot.
    copy = phone.get_by_role("button", name="复制").bounding_box()
    foot = phone.locator(".sticky-foot").bounding_box()
    assert copy is not None
    assert foot is not None
    assert copy["y"] + copy["height"] < foot["y"]
    phone.goto(reverse("feedback:say"))
    expect(text).to_have_value("")
    expect(phone.get_by_text("没有提交的内容")).to_have_count(0)


def test_signing_out_takes_the_draft_along(listening: Listening, desktop: Page) -> None:
    sign_in(desktop, listening.worker)
    desktop.goto(reverse("feedback:say"))
    desktop.get_by_label("想说什么").fill("手套不够用。")
    expect(desktop.locator("[data-saved]")).to_contain_text("已保存")
    desktop.goto("/")
    assert drafts(desktop)
    desktop.locator("[data-sign-out]").first.evaluate("form => form.requestSubmit()")
    expect(desktop.get_by_role("heading", name="登录")).to_be_visible()
    assert not drafts(desktop)


def test_leaving_the_anonymous_form_asks_before_what_was_typed_is_lost(
    listening: Listening, phone: Page
) -> None:
    phone.goto(reverse("feedback:anonymous"))
    phone.get_by_label("想说什么").fill("希望有热的夜餐。")
    asked: list[str] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    phone.on("dialog", stay)
    for name in ("登录后实名说", "有查询码"):
        phone.get_by_role("link", name=name).click(no_wait_after=True)
        expect(phone.get_by_label("想说什么")).to_have_value("希望有热的夜餐。")
    assert asked == ["beforeunload", "beforeunload"]
    assert not drafts(phone)
    phone.get_by_role("button", name="匿名提交").click()
    heading(phone).to_have_text("门户收到了")
