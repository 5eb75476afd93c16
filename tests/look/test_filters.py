"""Numbers and days as the pages say them."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from portal.kernel import words
from portal.kernel.months import Month

MOMENT = dt.datetime(2017, 6, 9, 16, 5, tzinfo=dt.UTC)  # 10 June, five past midnight, in Shanghai


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        ("marks", Decimal("2"), "2.0"),
        ("marks", Decimal("91.25"), "91.3"),
        ("marks", Decimal("-1"), "−1.0"),
        ("marks", None, "—"),
        ("marks", "", "—"),
        ("signed", Decimal("2.4"), "+2.4"),
        ("signed", Decimal("-0.7"), "−0.7"),
        ("signed", Decimal("0.04"), "0.0"),
        ("signed", None, "—"),
        ("minus", Decimal("2"), "−2.0"),
        ("minus", Decimal("0"), "0.0"),
        ("plain", Decimal("2.00"), "2"),
        ("plain", Decimal("0.50"), "0.5"),
        ("plain", Decimal("100"), "100"),
        ("plain", Decimal("-1.50"), "−1.5"),
        ("percent", Decimal("0.755"), "76%"),
        ("percent", None, "—"),
        ("thousands", 1086, "1,086"),
        ("zh_date", dt.date(2017, 6, 27), "6月27日(周二)"),
        ("zh_date", None, ""),
        ("zh_day", MOMENT, "6月10日"),
        ("zh_time", MOMENT, "00:05"),
        ("zh_moment", MOMENT, "6月10日 00:05"),
        ("zh_moment", dt.date(2017, 6, 9), "6月9日"),
        ("zh_moment", "随通报", "随通报"),
        ("zh_full", dt.date(2017, 6, 9), "2017年6月9日"),
        ("zh_weekday", dt.date(2017, 6, 25), "25日 周日"),
        ("month_label", dt.date(2017, 6, 1), "2017年6月"),
        ("month_label", Month(2017, 12), "2017年12月"),
        ("month_label", "2017-06", "2017年6月"),
        ("month_label", "", ""),
        ("month_short", Month(2017, 6), "6月"),
        ("days_words", 3, "剩 3 天"),
        ("days_words", 0, "今天到期"),
        ("days_words", -1, "逾期 1 天"),
        ("days_words", None, ""),
    ],
)
def test_filter(name: str, value: Any, shown: str) -> None:
    assert getattr(words, name)(value) == shown


def test_days_left_counts_calendar_days_and_takes_another_unit() -> None:
    today = dt.date(2017, 6, 27)
    assert words.days_left(dt.date(2017, 7, 4), today) == "剩 7 天"
    assert words.days_left(dt.date(2017, 6, 26), today) == "逾期 1 天"
    assert words.days_words(5, "工作日") == "剩 5 个工作日"
    assert words.days_words(-2, "工作日") == "逾期 2 个工作日"
