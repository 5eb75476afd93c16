"""An inspector where there is no signal: the network is really cut, the browser really closed."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from evaluations.models import Inspection, ItemCheck
from evaluations.services.sheets import save_item
from portal.offline.models import GivenAnswer
from tests.cast import NOW, Cast
from tests.journeys.hands import heading, item_of, press, rule_box, saved_line, upright
from tests.month import MonthCast
from tests.offline.conftest import Phone, all_ahead
from tests.offline.hands import FACT, KEPT, LATE, NEVER, SAVED, bar, on_file, take
from tests.offline.may import findings_of_may

if TYPE_CHECKING:
    from pathlib import Path


pytestmark = pytest.mark.usefixtures("clock")


def test_a_visit_without_a_signal(
    cast: Cast, month_cast: MonthCast, phones: Callable[[], Phone]
) -> None:
    visit = month_cast.visit_a
    phone = phones()
    page = phone.open()
    phone.sign_in(cast.inspector)
    page.goto("/sheets/")
    all_ahead(page)
    phone.cut()

    # From the list to the first item, all from the phone.
    page.goto(f"/sheets/{visit.pk}/")
    expect(heading(page)).to_have_text("去查配电运检党支部")
    press(page, "开始检查")
    expect(heading(page)).to_have_text("第一议题与上级部署传达落实")
    expect(bar(page)).to_contain_text("离线，可以继续打分")
    take(page, LATE, FACT)
    expect(saved_line(page)).to_have_text(KEPT)
    expect(bar(page)).to_contain_text("2 项待上传")
    expect(page.locator("[data-total]")).to_have_text("99.0")
    upright(page)
    page.get_by_role("button", name="下一项 A2").click()
    expect(heading(page)).to_have_text("党员集中学习与学时")
    page.get_by_role("button", name="下一项 A3").click()
    expect(heading(page)).to_have_text("党课")
    expect(bar(page)).to_contain_text("3 项待上传")
    assert not ItemCheck.objects.exists()

    # What was not kept says so honestly.
    page.goto("/rankings/")
    expect(heading(page)).to_have_text("没有信号，这一页打不开")
    expect(page.get_by_role("link", name="去查配电运检党支部")).to_be_visible()
    expect(page.get_by_role("link", name="待上传")).to_be_visible()

    # The battery is flat. Later, still without a signal, all is there.
    phone.close()
    page = phone.open(offline=True)
    page.goto(f"/sheets/{visit.pk}/items/{item_of(visit, 'A1').pk}/")
    expect(rule_box(page, LATE).get_by_label("事实")).to_have_value(FACT)
    expect(page.locator("[data-marks]")).to_have_text("3.0")
    expect(bar(page)).to_contain_text("3 项待上传")
    rule_box(page, LATE).get_by_role("button", name="加一").click()
    expect(page.locator("[data-total]")).to_have_text("98.0")
    expect(saved_line(page)).to_have_text(KEPT)
    expect(bar(page)).to_contain_text("3 项待上传")
    page.goto(f"/sheets/{visit.pk}/")
    expect(page.locator("li.line").filter(has_text="第一议题")).to_contain_text("−2.0（待上传）")
    assert not ItemCheck.objects.exists()

    # A signal: it goes by itself, and says once that it has gone.
    phone.reach()
    expect(bar(page)).to_contain_text(re.compile(r"已全部上传 10:0\d"))
    expect(bar(page)).to_contain_text("3 项")
    assert on_file(visit, "A1") == [(2, FACT)]
    assert set(ItemCheck.objects.values_list("item__code", flat=True)) == {"A1", "A2"}
    assert Inspection.objects.get(pk=visit.pk).status == "under_way"
    page.reload()
    expect(heading(page)).to_have_text("去查配电运检党支部")
    expect(bar(page)).to_be_hidden()


def test_both_sides_sign_without_a_signal(
    cast: Cast, month_cast: MonthCast, phones: Callable[[], Phone]
) -> None:
    visit = month_cast.visit_a
    phone = phones()
    page = phone.open()
    phone.sign_in(cast.inspector)
    page.goto(f"/sheets/{visit.pk}/")
    expect(page.get_by_text("整张表已存在本机")).to_be_visible()
    all_ahead(page)
    phone.cut()
    page.goto(f"/sheets/{visit.pk}/items/{item_of(visit, 'A1').pk}/")
    take(page, NEVER, FACT)
    expect(saved_line(page)).to_have_text(KEPT)

    page.goto(f"/sheets/{visit.pk}/summary/")
    expect(page.locator("[data-sum-base]")).to_have_text("98.0")
    expect(page.get_by_text(f"{NEVER}×1：{FACT}")).to_be_visible()
    expect(page.get_by_text("请被查支部当面签")).to_be_hidden()
    upright(page)
    press(page, "提交，请对方确认")
    expect(page.locator("[data-sum-left-error]")).to_contain_text("没有看")
    page.get_by_label(re.compile(r"其余 \d+ 项无扣分")).check()
    page.get_by_label("亮点与建议").fill("抢修现场的规矩上了墙。")
    page.get_by_role("button", name="提交，请对方确认").dblclick()
    expect(page.get_by_text(re.compile(r"已签 10:0\d，待上传"))).to_have_count(1)

    # The phone is handed over the table.
    name = cast.person(cast.secretary_a).name
    page.get_by_label(name).check()
    press(page, "事实属实，确认")
    expect(page.get_by_text(re.compile(r"已签 10:0\d，待上传"))).to_have_count(2)
    expect(bar(page)).to_contain_text("离线，签字先存本机")
    expect(bar(page)).to_contain_text("3 项待上传")
    upright(page)

    # What is signed is closed, on this phone too.
    page.goto(f"/sheets/{visit.pk}/items/{item_of(visit, 'A1').pk}/")
    expect(page.get_by_text("这张表已经签了")).to_be_visible()

    page.goto(f"/sheets/{visit.pk}/summary/")
    phone.reach()
    expect(page.get_by_text("待本人账号确认")).to_be_visible()
    expect(bar(page)).to_contain_text("已全部上传")
    sealed = Inspection.objects.get(pk=visit.pk)
    assert (sealed.status, str(sealed.score)) == ("submitted", "98.00")
    assert [s.person.name for s in sealed.signatures.order_by("signed_at")][1] == name

    # At his own phone he confirms, in the lift, where there is no signal either.
    own = phones()
    page = own.open()
    own.sign_in(cast.secretary_a)
    page.goto("/sheets/")
    all_ahead(page)
    own.cut()
    page.goto(f"/sheets/{visit.pk}/summary/")
    press(page, "事实属实，确认")
    expect(page.get_by_text(re.compile(r"已签 10:0\d，待上传"))).to_be_visible()
    own.reach()
    expect(page.get_by_text("已确认 10:00")).to_be_visible()
    assert Inspection.objects.get(pk=visit.pk).status == "confirmed"


def test_two_phones_on_one_item(
    cast: Cast, month_cast: MonthCast, phones: Callable[[], Phone]
) -> None:
    """Both were without a signal; the later one chooses, and the other version stays readable."""
    visit = month_cast.visit_a
    address = f"/sheets/{visit.pk}/items/{item_of(visit, 'A1').pk}/"
    first, second = phones(), phones()
    pages = []
    for phone, user in ((first, cast.inspector), (second, cast.secretary_of(cast.office_two))):
        page = phone.open()
        phone.sign_in(user)
        page.goto("/sheets/")
        all_ahead(page)
        phone.cut()
        page.goto(address)
        pages.append(page)
    mine, theirs = pages
    take(theirs, NEVER, "省公司6月会议精神没有传达")
    expect(saved_line(theirs)).to_have_text(KEPT)
    take(mine, LATE, FACT)
    expect(saved_line(mine)).to_have_text(KEPT)

    second.reach()
    expect(saved_line(theirs)).to_have_text(SAVED)
    first.reach()
    expect(bar(mine)).to_contain_text("有 1 项没有收下，要您看一下")

    # Nothing is signed over it, and what it takes is named.
    mine.goto(f"/sheets/{visit.pk}/summary/")
    mine.get_by_label(re.compile(r"其余 \d+ 项无扣分")).check()
    press(mine, "提交，请对方确认")
    unsettled = mine.locator("[data-unsettled]")
    expect(unsettled).to_be_focused()
    expect(unsettled).to_contain_text("先处理这几项，再提交、再签字")
    expect(mine.get_by_text(re.compile(r"已签 \d"))).to_have_count(0)
    upright(mine)
    unsettled.get_by_role("link", name=re.compile("A1 .*两份不一样，要您选一份")).click()
    expect(mine.locator(".version")).to_have_count(2)
    bar(mine).get_by_role("link", name="去看").click()
    expect(heading(mine)).to_have_text("有 1 项没有收下，要您看一下")
    expect(mine.locator(".version").first).to_contain_text(FACT)
    expect(mine.locator(".version").last).to_contain_text("省公司6月会议精神没有传达")
    expect(mine.locator("[data-queue-line]")).to_have_text("等您看过再传")
    upright(mine)
    assert on_file(visit, "A1") == [(1, "省公司6月会议精神没有传达")]

    press(mine, "用对方的")
    expect(heading(mine)).to_have_text("都上传了")
    expect(mine.locator("[data-aside-rows]")).to_contain_text(FACT)
    assert on_file(visit, "A1") == [(1, "省公司6月会议精神没有传达")]


def test_what_was_signed_before_the_conflict_does_not_say_that_it_is_on_its_way(
    cast: Cast, month_cast: MonthCast, phones: Callable[[], Phone]
) -> None:
    visit = month_cast.visit_a
    address = f"/sheets/{visit.pk}/items/{item_of(visit, 'A1').pk}/"
    phone = phones()
    page = phone.open()
    phone.sign_in(cast.inspector)
    page.goto("/sheets/")
    all_ahead(page)
    phone.cut()
    page.goto(address)
    take(page, LATE, FACT)
    expect(saved_line(page)).to_have_text(KEPT)
    page.goto(f"/sheets/{visit.pk}/summary/")
    page.get_by_label(re.compile(r"其余 \d+ 项无扣分")).check()
    press(page, "提交，请对方确认")
    expect(page.get_by_text(re.compile(r"已签 10:0\d，待上传"))).to_have_count(1)
    save_item(
        inspection_id=visit.pk,
        item_id=item_of(visit, "A1").pk,
        lines=[],
        override=None,
        version=0,
        actor=cast.secretary_of(cast.office_two),
        now=NOW,
    )
    phone.reach()
    expect(page.locator("[data-unsettled]")).to_contain_text("签了的还传不上去")
    expect(page.get_by_text("还没有上传")).to_be_visible()
    page.locator("[data-unsettled]").get_by_role("link").click()
    expect(page.locator("[data-queue-line]")).to_have_text("等您看过再传")
    expect(page.get_by_text("等您先看过前面那项")).to_be_visible()
    press(page, "用我的")
    expect(heading(page)).to_have_text("都上传了")
    assert on_file(visit, "A1") == [(1, FACT)]
    assert Inspection.objects.get(pk=visit.pk).status == "submitted"


def test_the_queue_as_a_file_on_another_device(
    cast: Cast, month_cast: MonthCast, phones: Callable[[], Phone], tmp_path: Path
) -> None:
    visit = month_cast.visit_a
    drowned, other = phones(), phones()
    page = drowned.open()
    drowned.sign_in(cast.inspector)
    page.goto("/sheets/")
    all_ahead(page)
    drowned.cut()
    page.goto(f"/sheets/{visit.pk}/items/{item_of(visit, 'A1').pk}/")
    take(page, LATE, FACT)
    expect(saved_line(page)).to_have_text(KEPT)
    page.goto("/offline/queue/")
    expect(heading(page)).to_have_text("还有 1 项待上传")
    upright(page)
    with page.expect_download() as download:
        press(page, "存成文件")
    file = tmp_path / "queue.json"
    download.value.save_as(file)
    assert re.fullmatch(r"待上传-.+-\d{4}-\d{4}\.json", download.value.suggested_filename)

    # Somebody else can't hand it in; its owner can, and twice is once.
    page = other.open()
    other.sign_in(cast.secretary_b)
    page.goto("/offline/queue/")
    page.get_by_label("待上传文件").set_input_files(file)
    expect(page.get_by_text("请用本人的账号登录后再交")).to_be_visible()
    other.sign_in(cast.inspector)
    page.reload()
    page.get_by_label("待上传文件").set_input_files(file)
    expect(page.locator("[data-file-rows]")).to_contain_text(FACT)
    press(page, "交上去")
    expect(bar(page)).to_contain_text("已全部上传")
    assert on_file(visit, "A1") == [(1, FACT)]

    # The first phone wakes up after all.
    page = drowned.context.pages[0]  # type: ignore[union-attr]
    drowned.reach()
    expect(heading(page)).to_have_text("都上传了")
    assert on_file(visit, "A1") == [(1, FACT)]
    assert ItemCheck.objects.get(item__code="A1").version == 1
    assert GivenAnswer.objects.count() == 1


def test_an_answer_lost_on_the_way_is_no_second_write(
    cast: Cast, month_cast: MonthCast, phones: Callable[[], Phone]
) -> None:
    visit = month_cast.visit_a
    phone = phones()
    page = phone.open()
    phone.sign_in(cast.inspector)
    page.goto(f"/sheets/{visit.pk}/items/{item_of(visit, 'A1').pk}/")
    lost: list[str] = []

    def lose(route: object) -> None:
        """The server has done it; the phone never hears of it, the first time."""
        answer = route.fetch()  # type: ignore[attr-defined]
        if lost:
            route.fulfill(response=answer)  # type: ignore[attr-defined]
        else:
            lost.append(answer.text())
            route.abort()  # type: ignore[attr-defined]

    page.context.route("**/api/v1/sheets/*/items/*/", lose)
    take(page, LATE, FACT)
    expect(saved_line(page)).to_have_text(SAVED)
    assert json.loads(lost[0])["status"] == "under_way"
    assert ItemCheck.objects.get().version == 1
    assert GivenAnswer.objects.count() == 1


def test_it_goes_soon_after_a_signal_that_nobody_announced(
    cast: Cast, month_cast: MonthCast, phones: Callable[[], Phone]
) -> None:
    """A mast without a line behind it: the browser never said offline, so it says no online."""
    visit = month_cast.visit_a
    phone = phones()
    page = phone.open()
    phone.sign_in(cast.inspector)
    page.goto(f"/sheets/{visit.pk}/items/{item_of(visit, 'A1').pk}/")
    all_ahead(page)
    page.context.route("**/offline/me/", lambda route: route.abort())
    take(page, LATE, FACT)
    expect(bar(page)).to_contain_text("1 项待上传")
    page.evaluate(
        """async () => {
          const { sync } = await import("/static/js/offline/queue.js");
          for (let time = 0; time < 12; time += 1) await sync();
        }"""
    )
    page.context.unroute("**/offline/me/")
    assert not ItemCheck.objects.exists()
    page.clock.fast_forward(40_000)
    expect(bar(page)).to_contain_text("已全部上传")
    assert on_file(visit, "A1") == [(1, FACT)]


def test_a_dead_session_loses_nothing_and_signing_out_leaves_nothing(
    cast: Cast, month_cast: MonthCast, phones: Callable[[], Phone]
) -> None:
    visit = month_cast.visit_a
    phone = phones()
    page = phone.open()
    phone.sign_in(cast.inspector)
    page.goto("/sheets/")
    all_ahead(page)
    phone.cut()
    page.goto(f"/sheets/{visit.pk}/items/{item_of(visit, 'A1').pk}/")
    take(page, LATE, FACT)
    expect(saved_line(page)).to_have_text(KEPT)
    page.context.clear_cookies(name="sessionid")
    phone.reach()
    expect(bar(page)).to_contain_text("登录已过期，1 项还在本机")
    bar(page).get_by_role("link", name="去登录").click()
    expect(heading(page)).to_have_text("登录")
    expect(page.get_by_text("还有 1 项存在这台设备里")).to_be_visible()

    # Somebody else borrows the phone: sees nothing of it, gets none of its pages, sends nothing.
    phone.sign_in(cast.employee)
    page.goto("/")
    page.goto("/offline/queue/")
    expect(heading(page)).to_have_text("都上传了")
    phone.cut()
    page.goto(f"/sheets/{visit.pk}/")
    expect(heading(page)).to_have_text("没有信号，这一页打不开")
    assert not ItemCheck.objects.exists()
    phone.reach()
    expect(heading(page)).to_have_text("没有这一页")  # it asks again by itself; not hers to see

    # He is back: it goes by itself. Then he signs out, and nothing of his is left.
    phone.sign_in(cast.inspector)
    page.goto("/sheets/")
    expect(bar(page)).to_contain_text("已全部上传")
    assert on_file(visit, "A1") == [(1, FACT)]
    all_ahead(page)
    page.locator(".menu-more > summary").click()
    page.locator(".menu-more").get_by_role("button", name="退出").click()
    expect(heading(page)).to_have_text("登录")
    left = page.evaluate(
        """async () => {
          const names = (await caches.keys()).filter((name) => name.startsWith("portal-pages"));
          const open = indexedDB.open("portal-offline");
          const base = await new Promise((done) => (open.onsuccess = () => done(open.result)));
          const rows = [];
          for (const store of base.objectStoreNames) {
            const all = base.transaction(store).objectStore(store).getAll();
            rows.push(...await new Promise((done) => (all.onsuccess = () => done(all.result))));
          }
          return [names, rows.filter((row) => row.value?.items || row.body || row.url)];
        }"""
    )
    assert left == [[], []]


def test_signing_out_asks_first_when_something_waits(
    cast: Cast, month_cast: MonthCast, phones: Callable[[], Phone]
) -> None:
    phone = phones()
    page = phone.open()
    phone.sign_in(cast.inspector)
    page.goto("/sheets/")
    all_ahead(page)
    phone.cut()
    item = item_of(month_cast.visit_a, "A1")
    page.goto(f"/sheets/{month_cast.visit_a.pk}/items/{item.pk}/")
    take(page, LATE, FACT)
    expect(saved_line(page)).to_have_text(KEPT)
    page.goto("/sheets/")
    page.locator(".menu-more > summary").click()
    page.locator(".menu-more").get_by_role("button", name="退出").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("还有 1 项没有上传")
    with page.expect_download():
        dialog.get_by_role("button", name="存成文件").click()
    dialog.get_by_role("button", name="先不退出").click()
    expect(bar(page)).to_contain_text("1 项待上传")


def test_a_wrong_clock_is_noticed_and_both_times_are_kept(
    cast: Cast, month_cast: MonthCast, phones: Callable[[], Phone]
) -> None:
    """The phone says 10:25; it is 10:00."""
    import datetime as dt

    phone = phones()
    page = phone.open(clock=cast.now + dt.timedelta(minutes=25))
    phone.sign_in(cast.inspector)
    page.goto("/sheets/")
    all_ahead(page)
    expect(page.get_by_text(re.compile(r"这台手机的时间快了 2[45] 分钟"))).to_be_visible()
    phone.cut()
    item = item_of(month_cast.visit_a, "A1")
    page.goto(f"/sheets/{month_cast.visit_a.pk}/items/{item.pk}/")
    take(page, LATE, FACT)
    expect(saved_line(page)).to_have_text(re.compile(r"已存在本机 (09:59|10:0\d)"))
    phone.reach()
    expect(saved_line(page)).to_have_text(SAVED)
    row = GivenAnswer.objects.get()
    assert row.made_at is not None
    assert row.clock_skew_ms is not None
    assert row.made_at >= cast.now + dt.timedelta(minutes=24)
    assert -26 * 60_000 < row.clock_skew_ms < -24 * 60_000


def test_last_months_findings_are_rechecked_without_a_signal(
    cast: Cast, month_cast: MonthCast, phones: Callable[[], Phone]
) -> None:
    held, broken = findings_of_may(cast)
    visit = month_cast.visit_a
    phone = phones()
    page = phone.open()
    phone.sign_in(cast.inspector)
    page.goto(f"/sheets/{visit.pk}/")
    page.wait_for_load_state("load")
    phone.cut()  # in the cellar, with the task sheet open
    expect(page.get_by_role("heading", name="先复核这 2 条老问题")).to_be_visible()
    upright(page)
    first = page.locator(".old").filter(has_text=held.fact)
    first.get_by_role("button", name=re.compile("已改到位")).click()
    expect(first).to_contain_text("已改到位（待上传）")
    second = page.locator(".old").filter(has_text=broken.fact)
    second.get_by_text(re.compile("没有改到位")).first.click()
    second.get_by_role("button", name="退回再改").click()
    expect(second.locator("[data-note-error]")).to_be_visible()
    second.get_by_label("哪里没有改到位").fill("6月又漏登")
    second.get_by_role("button", name="退回再改").click()
    expect(second).to_contain_text("退回再改（待上传）")
    expect(bar(page)).to_contain_text("2 项待上传")
    upright(page)

    phone.reach()
    expect(bar(page)).to_contain_text("已全部上传")
    expect(first).not_to_contain_text("待上传")
    for finding in (held, broken):
        finding.refresh_from_db()
    assert (held.status, held.rechecked_in_id) == ("verified", visit.pk)
    assert (broken.status, broken.return_reason) == ("returned", "6月又漏登")


def test_the_page_without_a_signal_does_not_come_back_over_one_who_leaves_it(
    cast: Cast, month_cast: MonthCast, phones: Callable[[], Phone]
) -> None:
    """A signal returns just as somebody presses a link: the link wins. Nobody leaving, the page
    tries again by itself."""
    phone = phones()
    page = phone.open()
    phone.sign_in(cast.inspector)
    page.goto(f"/sheets/{month_cast.visit_a.pk}/")
    all_ahead(page)
    phone.cut()
    page.goto("/rankings/")
    expect(heading(page)).to_have_text("没有信号，这一页打不开")
    reloads = page.evaluate(
        """() => {
            let count = 0;
            navigation.addEventListener("navigate", (event) => {
                count += event.navigationType === "reload";
                event.preventDefault();
            });
            const happens = (name) => window.dispatchEvent(new Event(name));
            happens("beforeunload");
            happens("online");
            const leaving = count;
            happens("pageshow");
            happens("online");
            return [leaving, count];
        }"""
    )
    assert reloads == [0, 1]
