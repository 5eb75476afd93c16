"""The crew in the storm: three buttons without a signal."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from portal.offline.models import GivenAnswer
from servicecrew.models import Turnout, TurnoutTime
from tests.cast import Cast
from tests.conftest import axe
from tests.journeys.hands import heading, press, upright
from tests.offline.conftest import Phone, all_ahead
from tests.servicecrew.scene import Team, team, turnout_of

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

pytestmark = pytest.mark.usefixtures("clock")

SUBJECT = "10kV 梓溪线陈溪支线断线"


def bar(page: Page) -> Locator:
    return page.locator("[data-offline]")


def board(page: Page, mark: str) -> Locator:
    return page.locator(f"li[data-mark={mark}]:visible")


def set_out(page: Page, subject: str = SUBJECT) -> None:
    page.get_by_label("为什么出队").fill(subject)
    page.get_by_label("去哪里").fill("桂阳乡")
    page.get_by_role("button", name="出发").click()
    expect(heading(page)).to_have_text(subject)


def test_a_night_without_a_signal(cast: Cast, team: Team, phones: Callable[[], Phone]) -> None:
    phone = phones()
    page = phone.open(clock=cast.now - dt.timedelta(minutes=20))
    phone.sign_in(cast.captain)
    page.goto("/crew/")
    all_ahead(page)
    phone.cut()
    page.reload()
    expect(bar(page)).to_contain_text("没有信号，已记在手机里")
    press(page, re.compile("出发"))
    expect(page.get_by_text("请写出队事由，一句话就行。")).to_be_visible()
    set_out(page)
    expect(board(page, "departed")).to_contain_text(re.compile(r"\d\d:\d\d.*待上传"))
    board(page, "arrived").get_by_role("button").click()
    expect(board(page, "arrived")).to_contain_text("待上传")
    expect(bar(page)).to_contain_text("2 项待上传")
    expect(page.locator("[data-queue]")).to_contain_text("排队 2")
    upright(page)
    axe(page)
    page.goto(f"/operations/{team.summer.pk}/")
    expect(heading(page)).to_contain_text("迎峰度夏2017")
    expect(page.locator("#tiles").get_by_text("德化").first).to_be_visible()
    page.goto("/crew/")

    # The battery is flat; in the morning, still without a signal, all is there.
    phone.close()
    page = phone.open(clock=cast.now - dt.timedelta(seconds=40), offline=True)
    page.goto("/crew/")
    expect(heading(page)).to_have_text(SUBJECT)
    board(page, "restored").get_by_role("button").click()
    page.get_by_role("button", name="撤销").click()
    expect(bar(page)).to_contain_text("2 项待上传")
    board(page, "restored").get_by_role("button").click()
    expect(bar(page)).to_contain_text("3 项待上传")
    expect(page.get_by_label("为什么出队")).to_be_visible()
    assert not Turnout.objects.exists()

    phone.reach()
    expect(bar(page)).to_contain_text("已全部上传")
    turnout = Turnout.objects.get()
    assert (turnout.subject, turnout.place, turnout.entered_via) == (SUBJECT, "桂阳乡", "phone")
    assert turnout.people.count() == 6, "the roster came along"
    assert turnout.restored_at is not None
    assert {time.mark for time in turnout.times.all() if time.is_measured} == {
        "departed",
        "arrived",
        "restored",
    }


def test_one_bar_of_signal_turns_no_press_round(
    cast: Cast, team: Team, phones: Callable[[], Phone]
) -> None:
    """Out and arrived are pressed in one breath. The first sending gets lost, so the two leave the
    phone with two measurements of its clock: the arrival stays behind the departure."""
    phone = phones()
    page = phone.open(clock=cast.now - dt.timedelta(seconds=75))
    phone.sign_in(cast.captain)
    page.goto("/crew/")
    all_ahead(page)
    phone.cut()
    set_out(page)
    board(page, "arrived").get_by_role("button").click()
    expect(bar(page)).to_contain_text("2 项待上传")
    lost: list[str] = []

    def lose_the_first(route: object) -> None:
        if lost:
            route.continue_()  # type: ignore[attr-defined]
        else:
            lost.append("")
            route.abort()  # type: ignore[attr-defined]

    page.context.route("**/api/v1/turnouts/", lose_the_first)
    phone.reach()
    expect(bar(page)).to_contain_text("已全部上传")
    assert lost
    turnout = Turnout.objects.get()
    departed, arrived = (turnout.times.get(mark=mark) for mark in ("departed", "arrived"))
    assert departed.offset_ms != arrived.offset_ms, "the clock was measured twice"
    assert departed.phone_at is not None
    assert arrived.phone_at is not None
    assert departed.phone_at < arrived.phone_at
    assert turnout.departed_at is not None
    assert turnout.arrived_at is not None
    assert turnout.departed_at <= turnout.arrived_at <= cast.now


def test_a_hundred_turnouts_in_the_queue_each_once(
    cast: Cast, team: Team, phones: Callable[[], Phone]
) -> None:
    phone = phones()
    page = phone.open()
    phone.sign_in(cast.captain)
    page.goto("/crew/")
    all_ahead(page)
    phone.cut()
    made = page.evaluate(
        """async ([crew, count]) => {
          const { open } = await import("/static/js/offline/turnouts.js");
          const ops = [];
          for (let n = 0; n < count; n += 1) {
            const values = { subject: `第${n + 1}处断线`, service_kind: "repair" };
            ops.push(await open({ crew, crewName: "配电运检分队", values }));
          }
          return ops.map((op) => op.uuid);
        }""",
        [team.squad.pk, 100],
    )
    assert len(set(made)) == 100
    page.reload()
    expect(bar(page)).to_contain_text("100 项待上传")
    lost: list[str] = []

    def lose_every_tenth(route: object) -> None:
        """The server has it, the phone never hears of it: it will send it again."""
        answer = route.fetch()  # type: ignore[attr-defined]
        lost.append("")
        if len(lost) % 10 == 5:
            route.abort()  # type: ignore[attr-defined]
        else:
            route.fulfill(response=answer)  # type: ignore[attr-defined]

    page.context.route("**/api/v1/turnouts/", lose_every_tenth)
    phone.reach()
    expect(bar(page)).to_contain_text("已全部上传", timeout=120_000)
    expect(bar(page)).to_contain_text("100 项")
    assert {str(uuid) for uuid in Turnout.objects.values_list("uuid", flat=True)} == set(made)
    assert TurnoutTime.objects.count() == 100
    assert GivenAnswer.objects.count() == 100
    assert len(lost) > 100


def test_a_wrong_clock_and_two_phones_at_one_turnout(
    cast: Cast, team: Team, phones: Callable[[], Phone]
) -> None:
    """The captain's phone is 40 minutes fast, his deputy's is right; both press 到场."""
    turnout = turnout_of(team, cast.captain)
    pages = []
    devices = (phones(), phones())
    clocks = (cast.now + dt.timedelta(minutes=40), cast.now)
    for phone, user, clock in zip(devices, (cast.captain, cast.deputy_a), clocks, strict=True):
        page = phone.open(clock=clock)
        phone.sign_in(user)
        page.goto("/crew/")
        all_ahead(page)
        phone.cut()
        board(page, "arrived").get_by_role("button").click()
        expect(board(page, "arrived")).to_contain_text("待上传")
        pages.append(page)
    expect(pages[0].get_by_text(re.compile("这台手机的时间快了 (39|40) 分钟"))).to_be_visible()
    for phone, page in zip(devices, pages, strict=True):
        phone.reach()
        expect(bar(page)).to_contain_text("已全部上传")
    turnout.refresh_from_db()
    times = turnout.times.filter(mark="arrived", is_measured=True)
    assert times.count() == 2, "both are kept"
    assert turnout.arrived_at is not None
    assert abs(turnout.arrived_at - cast.now) < dt.timedelta(minutes=5)
    fast = max(times, key=lambda time: time.phone_at or time.at)
    assert fast.phone_at is not None
    assert fast.phone_at - fast.at > dt.timedelta(minutes=38)
    assert fast.is_clock_off


def test_the_form_is_filled_in_at_home_where_there_is_none(
    cast: Cast, team: Team, phones: Callable[[], Phone]
) -> None:
    turnout = turnout_of(team, cast.captain)
    phone, other = phones(), phones()
    page = phone.open()
    phone.sign_in(cast.captain)
    page.goto("/crew/")
    all_ahead(page)
    phone.cut()
    page.goto(f"/turnouts/{turnout.uuid}/edit/")
    page.get_by_label("工作票号").fill("配电-0620-3")
    page.get_by_label("复电户数").fill("312")
    press(page, "存下")
    expect(page.get_by_text("已存在本机，2 项待上传")).to_be_visible()

    # His deputy was faster: side by side, and he chooses.
    deputy = other.open()
    other.sign_in(cast.deputy_a)
    deputy.goto(f"/turnouts/{turnout.uuid}/edit/")
    deputy.get_by_label("复电户数").fill("300")
    press(deputy, "存下")
    expect(heading(deputy)).to_contain_text("梓溪线")
    phone.reach()
    expect(bar(page)).to_contain_text("要您看一下")
    bar(page).get_by_role("link", name="去看").click()
    expect(page.locator(".version").first).to_contain_text("复电户数：312")
    expect(page.locator(".version").last).to_contain_text("复电户数：300")
    upright(page)
    press(page, "用我的")
    expect(heading(page)).to_have_text("都上传了")
    turnout.refresh_from_db()
    assert (turnout.customers_restored, turnout.work_ticket_no) == (312, "配电-0620-3")


__all__ = ("team",)
