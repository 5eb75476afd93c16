"""The browser fixtures themselves: they see the live server, and they hear the console."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from portal.accounts.models import User
from tests.conftest import axe, expect_console, sign_in

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.conftest import Pages

PICTURE_FROM_ELSEWHERE = (
    "document.body.append(Object.assign(new Image(), {src: 'http://127.0.0.9/x.png'}))"
)


@pytest.mark.parametrize("size", ["desktop", "phone"])
def test_the_page_is_signed_in_and_of_the_right_size(
    size: str, request: pytest.FixtureRequest, new_page: Pages
) -> None:
    page: Page = request.getfixturevalue(size)
    user = User.objects.create_superuser("root", display_name="管理员")
    sign_in(page, user)
    page.goto("/admin/")
    expect(page.locator("h1").first).to_be_visible()
    expect(page.locator("body")).to_contain_text("管理员")
    assert page.evaluate("innerWidth") == {"desktop": 1440, "phone": 390}[size]
    assert page.evaluate("navigator.maxTouchPoints > 0") is (size == "phone")
    assert page.evaluate("Intl.DateTimeFormat().resolvedOptions().timeZone") == "Asia/Shanghai"


def test_the_console_is_heard_and_the_policy_stands(desktop: Page, new_page: Pages) -> None:
    desktop.goto("/admin/login/")
    expect_console(desktop, "Content Security Policy|violates")
    with desktop.expect_console_message(lambda message: message.type == "error"):
        desktop.evaluate(PICTURE_FROM_ELSEWHERE)
    assert new_page.said
    assert not new_page.complaints()
    new_page.expected.clear()
    assert new_page.complaints()
    expect_console(desktop, "Content Security Policy|violates")


def test_axe_finds_a_picture_without_words(desktop: Page) -> None:
    desktop.goto("/admin/login/")
    desktop.evaluate("document.body.append(new Image())")
    with pytest.raises(AssertionError, match="image-alt"):
        axe(desktop, "body > img")
