"""The captain's night in a real browser at 390 pixels, and the reader's way from board to rows."""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from servicecrew.models import Turnout
from servicecrew.services import programmes
from servicecrew.services.imports import import_turnouts
from tests.cast import NOW, TODAY, Cast
from tests.conftest import axe, sign_in
from tests.servicecrew.scene import Team
from tests.servicecrew.test_counting import random_rows

if TYPE_CHECKING:
    from playwright.sync_api import Page


def test_a_night_on_the_phone(phone: Page, cast: Cast, team: Team) -> None:
    from playwright.sync_api import expect

    sign_in(phone, cast.captain)
    phone.goto("/")
    expect(phone.get_by_role("heading", level=1)).to_have_text("现在没有出队")
    axe(phone)
    phone.get_by_label("为什么出队").fill("10kV梓溪线陈溪支线断线")
    phone.get_by_label("去哪里").fill("桂阳乡")
    phone.get_by_role("button", name="出发").tap()
    expect(phone.get_by_role("heading", level=1)).to_have_text("10kV梓溪线陈溪支线断线")
    box = phone.get_by_role("button", name="到场").bounding_box()
    assert box is not None
    assert box["height"] >= 140
    axe(phone)
    expect(phone.locator("ol[data-turnout]")).to_be_visible()
    phone.get_by_role("button", name="到场").tap()
    departed = phone.locator("li[data-mark=departed]:visible")
    expect(departed).to_contain_text("6 人")  # what the server knows stays while a press waits
    phone.get_by_role("button", name="复电").tap()
    expect(phone.get_by_role("heading", name="还差 1 项")).to_be_visible()
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390
    axe(phone)
    phone.get_by_role("link", name=re.compile("填写.*工作票号")).tap()
    phone.get_by_label("工作票号").fill("DH-P-04")
    phone.get_by_role("button", name="存下").tap()
    phone.get_by_role("button", name="确认登记").tap()
    phone.get_by_role("button", name="队长确认").tap()
    expect(phone.get_by_role("button", name="队长确认")).to_have_count(0)
    turnout = Turnout.objects.get()
    assert turnout.status == "captain_confirmed"
    assert turnout.times.filter(is_measured=True, phone_at__isnull=False).count() == 3


def test_from_the_board_down_to_one_turnout(desktop: Page, cast: Cast, team: Team) -> None:
    from playwright.sync_api import expect

    rows: list[Any] = [
        row for row in random_rows(team, cast, 5, 30) if row.values["operation_id"] is not None
    ]
    import_turnouts(rows=rows, as_history=True, actor=None, now=timezone.now())
    people = sum(len({(p.day, p.person_id) for p in row.people}) for row in rows)
    sign_in(desktop, cast.leader)
    desktop.goto("/")
    expect(desktop.get_by_role("heading", level=1)).to_have_text("135 看板")
    axe(desktop)
    desktop.get_by_role("link", name=f"看 {len(rows)} 条记录").click()
    expect(desktop.get_by_role("heading", level=1)).to_contain_text(f"{people} 人次")
    axe(desktop)
    desktop.get_by_role("link", name=rows[0].values["subject"], exact=True).click()
    expect(desktop.get_by_role("heading", level=1)).to_have_text(rows[0].values["subject"])
    axe(desktop)


PAGES = (
    "operations/{summer}/",
    "operations/{summer}/photos/",
    "programmes/youth/",
    "programmes/pioneer/",
    "programmes/gratitude/",
    "programmes/youth/pairs/new/",
    "board/screen/",
)


def test_pages_stand_before_axe(
    desktop: Page, phone: Page, cast: Cast, team: Team, clock: object
) -> None:
    """Everybody's pages at 1440 and at 390, with rows in every list."""
    import_turnouts(rows=random_rows(team, cast, 9, 6), actor=None, now=NOW)
    people = cast.members(cast.branch_a)
    common: dict[str, Any] = {"branch": cast.branch_a, "actor": None, "now": NOW}
    programmes.pair_up(
        mentor=people[1], apprentice=people[2], subject="带电作业", started_on=TODAY, **common
    )
    for n, kind in enumerate(("area", "project")):
        programmes.take_on(
            person=people[n], kind=kind, title=f"后埔村{n}", started_on=TODAY, **common
        )
    programmes.keep_retired(person=people[6], retired_on=dt.date(2015, 3, 1), **common)
    for page in (desktop, phone):
        sign_in(page, cast.officer)
        for path in PAGES:
            page.goto(f"/{path.format(summer=team.summer.pk)}")
            axe(page)
            width = page.viewport_size["width"] if page.viewport_size else 0
            assert page.evaluate("document.documentElement.scrollWidth") <= width, path
