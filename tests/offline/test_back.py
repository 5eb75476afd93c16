"""Back to a form that was refused, with a signal and without."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.cast import Cast
from tests.journeys.hands import heading
from tests.month import MonthCast
from tests.notices.scene import Published, provisional, published, put
from tests.offline.conftest import Phone

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.usefixtures("clock")

FACT = "七一前夕牵头抢修，群众送来锦旗"


def _behind_the_worker(page: Page, address: str) -> None:
    page.goto(address)
    page.evaluate("() => navigator.serviceWorker.ready.then(() => true)")
    page.wait_for_function("() => navigator.serviceWorker.controller !== null")


def test_back_to_a_refused_form_finds_the_form_and_the_words(
    cast: Cast, month_cast: MonthCast, phones: Callable[[], Phone]
) -> None:
    """Refused twice and left: Back shows the form with what was typed, under an address that
    shows it and under one that only takes it. Without a signal it is the page that says so."""
    phone = phones()
    page = phone.open()
    phone.sign_in(cast.officer)
    say = "/listen/say/"
    _behind_the_worker(page, say)
    words = page.locator("textarea[name=text]")
    words.fill("食堂的饭凉了")
    for _time in range(2):
        page.get_by_role("button", name="提交", exact=True).click()
        expect(page.locator("[data-error-summary]")).to_be_visible()
    page.goto("/messages/")
    page.go_back()
    expect(page.get_by_text("没有提交的内容")).to_be_visible()
    expect(words).to_have_value("食堂的饭凉了")
    page.go_back()
    expect(words).to_have_value("食堂的饭凉了")

    one = month_cast.visit_a.participant
    adjust = f"/rounds/{one.round_id}/adjust/{one.pk}/"
    page.goto(adjust)
    form = page.locator("form[data-draft^=bonus]")
    fact = form.get_by_label("事实")
    send = form.locator("button[type=submit]")
    fact.fill(FACT)
    for _time in range(2):
        send.click()
        expect(page.locator("[data-error-summary]")).to_be_visible()
        assert page.url.endswith("/bonus/")
    page.goto("/messages/")
    page.go_back()
    page.wait_for_url(f"**{adjust}")
    expect(fact).to_have_value(FACT)

    send.click()
    expect(page.locator("[data-error-summary]")).to_be_visible()
    page.goto("/messages/")
    phone.cut()
    page.go_back()
    expect(heading(page)).to_have_text("没有信号，这一页打不开")
    expect(page.get_by_text("自动上传")).to_have_count(0)


def test_back_to_an_answer_with_a_wrong_day_finds_what_was_typed(
    cast: Cast, published: Published, phones: Callable[[], Phone]
) -> None:
    """The house keeps an answer as it is typed, but not one that it refused."""
    put(published.notice, "acknowledged")
    phone = phones()
    page = phone.open()
    phone.sign_in(cast.secretary_a)
    address = f"/rectification/notices/{published.notice.pk}/"
    _behind_the_worker(page, address)
    cause = page.get_by_label("原因").first
    cause.fill("计划被抢修冲掉")
    page.get_by_label("完成时间").first.fill("2017-06-01")
    page.locator("form[action$='/respond/'] button.btn-primary").click()
    expect(page.locator(".field-error").first).to_be_visible()
    page.goto("/messages/")
    page.go_back()
    page.wait_for_url(f"**{address}")
    expect(cause).to_have_value("计划被抢修冲掉")


__all__ = ("provisional", "published")
