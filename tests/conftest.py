"""Fixtures for every test: the cast, the clock, and a real browser in two sizes.

A test that asks for ``desktop`` or ``phone`` gets a fresh Playwright page bound to the live
server. Whatever the page writes to its console as an error fails the test, refusals of the
content security policy included; a test that provokes one says so with ``expect_console``.
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
import threading
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.conf import settings
from django.core.signals import request_finished, request_started
from django.db.backends.signals import connection_created
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

from tests.cast import *  # noqa: F403
from tests.cast import NOW
from tests.demo_fixture import *  # noqa: F403

if TYPE_CHECKING:
    import datetime as dt

    from playwright.sync_api import Browser, ConsoleMessage, Page, Playwright

    from portal.accounts.models import User

# What a property says must not depend on how busy the machine is.
hypothesis_settings.register_profile(
    "house", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
hypothesis_settings.load_profile("house")

ROOT = Path(__file__).resolve().parent.parent
CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or "/usr/bin/chromium"
CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
]
BROWSER_TIMEOUT_MS = 90_000
LONGEST_ID = 60
BROWSER_FIXTURES = {"desktop", "phone", "chromium", "new_page"}


# -- what runs where -----------------------------------------------------------------------


def on_servers() -> bool:
    """Whether this run has PostgreSQL and a real broker."""
    database: str = settings.DATABASES["default"]["ENGINE"]
    return database.endswith("postgresql") and settings.CELERY_BROKER_URL.startswith("redis")


def pytest_make_parametrize_id(config: pytest.Config, val: object, argname: str) -> str | None:
    """Name a case of a file's bytes or a long text by its argument.

    A file made while tests are collected holds the time of its making: spelled out in a name,
    it would be another name in every worker, and xdist refuses workers that disagree.
    """
    if isinstance(val, bytes) or (isinstance(val, str) and len(val) > LONGEST_ID):
        return argname
    return None


@pytest.hookimpl(wrapper=True)  # marks before xdist reads the groups, order after pytest-django
def pytest_collection_modifyitems(
    config: pytest.Config, items: list[pytest.Item]
) -> Generator[None, None, None]:
    """Mark browser tests; leave out, aloud, what this machine or this database cannot run."""
    for item in items:
        if BROWSER_FIXTURES & set(getattr(item, "fixturenames", ())):
            item.add_marker("browser")
        if "demo_snapshot" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.xdist_group("demo"))  # one worker builds the demo
    _leave_out(config, items)
    yield
    items.sort(key=_when)


def _when(item: pytest.Item) -> int:
    """Groups that empty the database go after those that need what the migrations wrote into it
    (one worker runs a whole group when it meets its first test). Browser journeys go last:
    Playwright leaves an event loop behind in its thread."""
    if item.get_closest_marker("browser"):
        return 2
    groups = {mark.args[0] for mark in item.iter_markers("xdist_group")}
    return 1 if groups & {"demo", "processes"} else 0


def _leave_out(config: pytest.Config, items: list[pytest.Item]) -> None:
    left_out: list[str] = []
    gone: list[pytest.Item] = []
    if not Path(CHROMIUM).is_file():
        if os.environ.get("CI") == "true":
            raise pytest.UsageError(f"Chromium not found at {CHROMIUM}; with CI=true that fails.")
        gone += (found := [i for i in items if i.get_closest_marker("browser")])
        left_out.append(f"Chromium not found at {CHROMIUM}: {len(found)} browser tests did not run")
    if shutil.which("soffice") is None and (
        found := [i for i in items if i.get_closest_marker("office")]
    ):
        if os.environ.get("CI") == "true":
            raise pytest.UsageError("LibreOffice (soffice) not found; with CI=true that fails.")
        gone += found
        left_out.append(f"LibreOffice not found: {len(found)} tests of the docx did not run")
    if not on_servers():
        gone += [i for i in items if i.get_closest_marker("servers")]
    if gone:
        dropped = {id(item) for item in gone}
        config.hook.pytest_deselected(items=[i for i in items if id(i) in dropped])
        items[:] = [i for i in items if id(i) not in dropped]
    config.stash[LEFT_OUT] = left_out


LEFT_OUT = pytest.StashKey[list[str]]()


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    for line in config.stash.get(LEFT_OUT, []):
        terminalreporter.write_line(f"left out: {line}", yellow=True)


# -- the database --------------------------------------------------------------------------


def _flush_past_triggers(connection: Any, **kwargs: Any) -> None:
    """Let the flush between transactional tests empty tables that refuse deletion.

    Append-only and frozen tables say no to DELETE by trigger. PostgreSQL's TRUNCATE does not
    ask row triggers; SQLite only has DELETE, so the triggers step aside for the moment.
    """
    if connection.vendor != "sqlite" or hasattr(connection.ops, "plain_sql_flush"):
        return
    connection.ops.plain_sql_flush = connection.ops.sql_flush

    def sql_flush(*args: Any, **kwargs: Any) -> list[str]:
        statements: list[str] = connection.ops.plain_sql_flush(*args, **kwargs)
        with connection.cursor() as cursor:
            cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
            triggers = cursor.fetchall()
        return [
            *(f'DROP TRIGGER "{name}"' for name, _ in triggers),
            *statements,
            *(sql for _, sql in triggers),
        ]

    connection.ops.sql_flush = sql_flush


connection_created.connect(_flush_past_triggers, dispatch_uid="flush past triggers")


def pytest_unconfigure(config: pytest.Config) -> None:
    from tests.settings import FOLDER as folder

    assert folder.parent == Path(tempfile.gettempdir())
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(autouse=True)
def _nothing_remembered() -> None:
    """What the process keeps of frozen rubrics belongs to the database of the test before, in
    which the same keys may have stood for other rows."""
    from evaluations.services.sheet_state import forget_rubrics

    forget_rubrics()


@pytest.fixture
def now() -> dt.datetime:
    """The moment most tests happen at: 2017-06-27 10:00 in Shanghai."""
    return NOW


# -- the browser ---------------------------------------------------------------------------


class _Traffic:
    """Counts requests in flight, so that no test empties the database under one."""

    def __init__(self) -> None:
        self.open = 0
        self.changed = threading.Condition()

    def begin(self, **kwargs: Any) -> None:
        with self.changed:
            self.open += 1

    def end(self, **kwargs: Any) -> None:
        with self.changed:
            self.open -= 1
            self.changed.notify_all()

    def wait_until_quiet(self, seconds: float) -> bool:
        with self.changed:
            return self.changed.wait_for(lambda: self.open <= 0, timeout=seconds)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    from playwright.sync_api import expect, sync_playwright

    playwright: Playwright
    with sync_playwright() as playwright:
        expect.set_options(timeout=BROWSER_TIMEOUT_MS)
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session", autouse=True)
def _served_as_in_production() -> Iterator[None]:
    """The live server lets browsers keep static files, as the portal does, and sends small
    answers at once: without it every page of a journey asks for two dozen files again and waits
    for acknowledgements the kernel holds back."""
    from django.contrib.staticfiles.handlers import StaticFilesHandler
    from django.core.servers.basehttp import WSGIRequestHandler
    from django.http import HttpRequest, HttpResponseBase

    serve = StaticFilesHandler.serve

    def kept(self: StaticFilesHandler, request: HttpRequest) -> HttpResponseBase:
        answer = serve(self, request)
        answer.headers["Cache-Control"] = "public, max-age=3600"
        return answer

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(StaticFilesHandler, "serve", kept)
        patch.setattr(WSGIRequestHandler, "disable_nagle_algorithm", True)
        yield


class Pages:
    """Makes pages for one test and holds them to account afterwards."""

    def __init__(self, browser: Browser, address: str) -> None:
        self.browser = browser
        self.address = address
        self.pages: list[Page] = []
        self.said: list[str] = []
        self.expected: list[re.Pattern[str]] = []

    def __call__(
        self, width: int = 1440, height: int = 900, *, touch: bool = False, worker: bool = False
    ) -> Page:
        """``worker``: let the portal install its service worker (tests of what works offline)."""
        context = self.browser.new_context(
            base_url=self.address,
            viewport={"width": width, "height": height},
            has_touch=touch,
            is_mobile=touch,
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
            reduced_motion="reduce",
            service_workers="allow" if worker else "block",
        )
        context.set_default_timeout(BROWSER_TIMEOUT_MS)
        page = context.new_page()
        page.on("console", self._listen)
        page.on("pageerror", lambda error: self.said.append(f"uncaught: {error}"))
        self.pages.append(page)
        _pages_of[page] = self
        return page

    def _listen(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            where = message.location.get("url", "")
            self.said.append(f"{message.text} ({where})")

    def complaints(self) -> list[str]:
        return [said for said in self.said if not any(p.search(said) for p in self.expected)]


_pages_of: dict[Page, Pages] = {}


@pytest.fixture
def new_page(
    chromium: Browser, transactional_db: None, live_server: Any, request: pytest.FixtureRequest
) -> Iterator[Pages]:
    """``new_page(width, height, touch=…)`` opens one more page (a second person's)."""
    traffic = _Traffic()
    request_started.connect(traffic.begin)
    request_finished.connect(traffic.end)
    pages = Pages(chromium, live_server.url)
    try:
        yield pages
        report = request.node.stash.get(REPORT, None)
        if report is not None and report.failed:
            _keep_pictures(request.node.name, pages)
    finally:
        for page in pages.pages:
            page.context.close()
            _pages_of.pop(page, None)
        quiet = traffic.wait_until_quiet(20)
        request_started.disconnect(traffic.begin)
        request_finished.disconnect(traffic.end)
    assert quiet, "a request was still running 20 seconds after the test"
    assert not pages.complaints(), "the console showed errors: " + "\n".join(pages.complaints())


@pytest.fixture
def desktop(new_page: Pages) -> Page:
    """A page of 1440 x 900."""
    return new_page(1440, 900)


@pytest.fixture
def phone(new_page: Pages) -> Page:
    """A page of 390 x 844 under a thumb."""
    return new_page(390, 844, touch=True)


REPORT = pytest.StashKey[pytest.TestReport]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Any:
    report = yield
    if call.when == "call":
        item.stash[REPORT] = report
    return report


def _keep_pictures(name: str, pages: Pages) -> None:
    """Pictures of every open page of a failed test, in var/failures/."""
    folder = ROOT / "var" / "failures"
    folder.mkdir(parents=True, exist_ok=True)
    stem = re.sub(r"[^\w-]+", "_", name)
    for number, page in enumerate(pages.pages):
        if not page.is_closed():
            page.screenshot(path=folder / f"{stem}-{number}.png", full_page=True)


# Helpers that tests import: ``from tests.conftest import axe, expect_console, sign_in``.


def sign_in(page: Page, user: User) -> None:
    """Give the page the session cookie of ``user``, as if they had signed in."""
    from django.test import Client

    client = Client()
    client.force_login(user)
    cookie = client.cookies[settings.SESSION_COOKIE_NAME]
    page.context.add_cookies(
        [{"name": cookie.key, "value": cookie.value, "url": _pages_of[page].address}]
    )


def expect_console(page: Page, pattern: str) -> None:
    """Errors on the console that match ``pattern`` belong to this test."""
    _pages_of[page].expected.append(re.compile(pattern))


def axe(page: Page, context: str | None = None) -> None:
    """Assert that axe finds nothing on the page (or inside the element ``context``)."""
    page.wait_for_load_state("load")
    page.evaluate((ROOT / "tests" / "vendor" / "axe.min.js").read_text(encoding="utf-8"))
    found = page.evaluate(
        "context => axe.run(context || document, {resultTypes: ['violations']})", context
    )
    report = [
        f"{violation['id']}: {violation['help']}\n    {node['html']}\n    {node['failureSummary']}"
        for violation in found["violations"]
        for node in violation["nodes"]
    ]
    assert not report, f"{page.url}\n" + "\n".join(report)
