"""Rates from rows, small cells, and the plain-reply check: pure numbers and words."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from feedback.models import ListeningPolicy, StaffRequest
from feedback.plain_words import hints
from feedback.selectors.rates import (
    by_category,
    counts_of,
    figures_of,
    percent,
    received_in,
)
from feedback.services import author, office
from tests.cast import NOW, Cast
from tests.feedback.scene import Listening, assigned, replied, say

pytestmark = pytest.mark.usefixtures("clock")


@pytest.mark.parametrize(
    ("part", "whole", "shown"),
    [(136, 147, "92.5"), (113, 118, "95.8"), (138, 141, "97.9"), (1, 8, "12.5"), (1, 16, "6.3")],
)
def test_one_decimal_half_up(part: int, whole: int, shown: str) -> None:
    assert percent(part, whole) == Decimal(shown)


def test_nothing_counted_is_no_rate() -> None:
    assert percent(0, 0) is None


def everything(cast: Cast) -> Any:
    return received_in([cast.city.pk], dt.date(2016, 7, 1), cast.today)


def test_the_rates_count_what_they_say(cast: Cast, listening: Listening) -> None:
    done = replied(say(listening.worker), cast, listening)
    author.rate(
        request_id=done.pk, solved="half", is_answered=True, actor=listening.worker, now=NOW
    )
    told = replied(say(listening.worker, "食堂太远了"), cast, listening, outcome="explained")
    author.rate(
        request_id=told.pk, solved="not", is_answered=False, actor=listening.worker, now=NOW
    )
    replied(say(listening.worker, "没有人评价这一件"), cast, listening, outcome="planned")
    assigned(say(listening.worker, "还在办的一件"), cast, listening)
    say(listening.worker, "还没受理的一件")
    declined = say(listening.worker, "不归公司管的")
    office.decline(request_id=declined.pk, reason="不归公司管", actor=cast.officer, now=NOW)
    gone = say(listening.worker, "撤回的一件")
    author.withdraw(request_id=gone.pk, actor=listening.worker, now=NOW)
    say(listening.worker, "只给纪检看的一件", level="confidential", kind="discipline")
    say(listening.worker, "明天才放出来的匿名", level="anonymous")
    counts = counts_of(everything(cast))
    shown = {rate.key: (rate.part, rate.whole) for rate in counts.rates()}
    assert shown == {
        "accepted": (4, 5),
        "in_time": (3, 3),
        "satisfied": (1, 2),
        "carried_out": (1, 6),
    }


def test_a_rate_of_a_few_is_not_told(cast: Cast, listening: Listening) -> None:
    """One who rated of one is a person, not a rate."""
    for text in ("第一件事", "第二件事", "第三件事", "第四件事", "第五件事"):
        say(listening.worker, text)
    done = replied(say(listening.worker), cast, listening)
    author.rate(request_id=done.pk, solved="not", is_answered=True, actor=listening.worker, now=NOW)
    shown = {rate.key: rate for rate in counts_of(everything(cast)).rates(ListeningPolicy())}
    assert (shown["satisfied"].whole, shown["satisfied"].percent) == (0, None)
    assert shown["satisfied"].is_hidden
    assert (shown["carried_out"].part, shown["carried_out"].whole) == (1, 6)


def test_a_late_answer_stays_late(cast: Cast, listening: Listening) -> None:
    request = say(listening.worker)
    replied(request, cast, listening)
    StaffRequest.objects.filter(pk=request.pk).update(replied_in_time=False)
    assert counts_of(everything(cast)).in_time == 0


def test_small_cells_hide_each_other(cast: Cast, listening: Listening) -> None:
    """Two of 薪酬 would stand alone as 其他, so the next smallest goes with them."""
    for number, category in ((9, "logistics"), (6, "safety"), (2, "pay")):
        for row in range(number):
            request = say(listening.worker, f"{category}第{row}件")
            StaffRequest.objects.filter(pk=request.pk).update(category=category)
    figures = figures_of(everything(cast), cast.today)
    assert figures.counts == counts_of(everything(cast))
    shown = by_category(figures.categories, smallest=5)
    assert [(bar.label, bar.count) for bar in shown.bars] == [("后勤生活", 9), ("其他", 8)]
    assert shown.total == 17
    assert by_category([], smallest=5).bars == []


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        ("已转相关部门。", ["没有写日期", "等于没说", "没有提到"]),
        ("7月1日起纱手套每人每月4副。", []),
        ("纱手套会补的。", ["没有写日期"]),
        ("【哪天】起补发手套。", ["没有写日期", "还没有填"]),
        ("本月底前把纱手套补齐，" + "并" * 80 + "。", ["拆短"]),
        ("", []),
    ],
)
def test_hints_name_what_a_reader_would_miss(reply: str, said: list[str]) -> None:
    found = hints(reply, "线路上干活，纱手套一个月两副不够用。")
    assert len(found) == len(said)
    assert all(any(part in hint for hint in found) for part in said)
