"""A phone that is put into the pocket: a browser with a profile on the disk, closed and opened."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.conf import settings
from django.test import Client

from tests.cast import NOW
from tests.conftest import BROWSER_TIMEOUT_MS, CHROMIUM, CHROMIUM_FLAGS
from tests.month import month_cast

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

    from portal.accounts.models import User
    from tests.conftest import Pages


class Phone:
    """One device. ``open`` starts its browser, ``close`` ends it; the profile stays."""

    def __init__(self, browser: Browser, folder: Path, address: str) -> None:
        self.browser, self.folder, self.address = browser, folder, address
        self.context: BrowserContext | None = None
        self.said: list[str] = []

    def open(self, *, clock: Any = NOW, offline: bool = False) -> Page:
        self.context = self.browser.browser_type.launch_persistent_context(
            self.folder,
            executable_path=CHROMIUM,
            args=CHROMIUM_FLAGS,
            base_url=self.address,
            viewport={"width": 390, "height": 844},
            has_touch=True,
            is_mobile=True,
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
            reduced_motion="reduce",
            accept_downloads=True,
        )
        self.context.set_default_timeout(BROWSER_TIMEOUT_MS)
        if offline:
            self.context.set_offline(True)
        page = self.context.pages[0] if self.context.pages else self.context.new_page()
        page.on("pageerror", lambda error: self.said.append(f"uncaught: {error}"))
        if clock is not None:
            page.clock.set_system_time(clock)
        return page

    def sign_in(self, user: User) -> None:
        assert self.context is not None
        client = Client()
        client.force_login(user)
        cookie = client.cookies[settings.SESSION_COOKIE_NAME]
        # Kept over a restart of the browser, as the portal's own session cookie is.
        self.context.add_cookies(
            [
                {
                    "name": cookie.key,
                    "value": cookie.value,
                    "url": self.address,
                    "expires": 4_000_000_000,
                }
            ]
        )

    def cut(self) -> None:
        """Go where there is no signal."""
        assert self.context is not None
        self.context.set_offline(True)

    def reach(self) -> None:
        assert self.context is not None
        self.context.set_offline(False)

    def close(self) -> None:
        if self.context is not None:
            self.context.close()
            self.context = None


@pytest.fixture
def phones(new_page: Pages, tmp_path: Path) -> Iterator[Any]:
    """``phones()`` is one more device; ``new_page`` watches over the server's traffic."""
    made: list[Phone] = []

    def another() -> Phone:
        made.append(Phone(new_page.browser, tmp_path / f"phone-{len(made)}", new_page.address))
        return made[-1]

    yield another
    for phone in made:
        phone.close()
    said = [text for phone in made for text in phone.said]
    assert not said, "\n".join(said)


def all_ahead(page: Page) -> None:
    """Everything for the field is on the phone, and the worker holds the door."""
    page.wait_for_function("() => document.body.dataset.ahead === '1'")
    page.evaluate("() => navigator.serviceWorker.ready.then(() => true)")
    page.wait_for_function("() => navigator.serviceWorker.controller !== null")


TIME = re.compile(r"\d+:\d\d")

__all__ = ("Phone", "all_ahead", "month_cast", "phones")
