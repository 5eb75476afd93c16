"""What the journeys without a signal do again and again."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from evaluations.models import Deduction, Inspection
from tests.journeys.hands import rule_box

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

LATE = "超过10个工作日才传达"
NEVER = "未传达"
FACT = "6月2日的文件6月20日才传达"
KEPT = re.compile(r"已存在本机 10:0\d")
SAVED = re.compile("已保存 10:00")


def bar(page: Page) -> Locator:
    return page.locator("[data-offline]")


def on_file(inspection: Inspection, code: str) -> list[tuple[int, str]]:
    return list(
        Deduction.objects.filter(inspection=inspection, item__code=code)
        .order_by("rule__number")
        .values_list("count", "fact")
    )


def take(page: Page, rule: str, fact: str) -> None:
    box = rule_box(page, rule)
    box.get_by_role("button", name="加一").click()
    box.get_by_label("事实").fill(fact)
