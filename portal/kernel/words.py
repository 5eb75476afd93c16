"""Numbers and days as the portal says them, in pages, in messages and on paper."""

from __future__ import annotations

import datetime as dt
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from portal.kernel.marks import one_decimal
from portal.kernel.months import SHANGHAI, Month

MINUS = "−"
WEEKDAYS = "一二三四五六日"


def decimal_of(value: Any) -> Decimal | None:
    """What a template gave, as a number; None for nothing."""
    if value is None or value == "":
        return None
    return value if isinstance(value, Decimal) else Decimal(str(value))


def marks(value: Any) -> str:
    """One decimal always, U+2212 for minus, a dash for nothing."""
    return one_decimal(decimal_of(value))


def signed(value: Any) -> str:
    """``+2.4``, ``−1.0``, ``0.0``."""
    number = decimal_of(value)
    if number is None:
        return "—"
    rounded = number.quantize(Decimal("0.1"), rounding=ROUND_HALF_UP)
    return f"+{rounded}" if rounded > 0 else one_decimal(number)


def minus(value: Any) -> str:
    """A deduction held as a positive number, shown as taken away: 2 -> ``−2.0``."""
    number = decimal_of(value)
    return "—" if number is None else one_decimal(-abs(number)) if number else "0.0"


def plain(value: Any) -> str:
    """A number without needless zeros: 2.00 -> 2, 0.50 -> 0.5 (rules, full marks)."""
    number = decimal_of(value)
    if number is None:
        return "—"
    text = f"{number:f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return text.replace("-", MINUS)


def percent(value: Any, places: int = 0) -> str:
    """A share 0..1 as ``76%``."""
    number = decimal_of(value)
    if number is None:
        return "—"
    unit = Decimal(1).scaleb(-places)
    return f"{(number * 100).quantize(unit, rounding=ROUND_HALF_UP)}%".replace("-", MINUS)


def thousands(value: Any) -> str:
    """``1,086``: for totals only."""
    return "—" if value is None else f"{int(value):,}"


def _day(value: Any) -> dt.date | None:
    if isinstance(value, dt.datetime):
        return (timezone.localtime(value, SHANGHAI) if timezone.is_aware(value) else value).date()
    return value if isinstance(value, dt.date) else None


def zh_date(value: Any) -> str:
    """``6月27日(周二)``."""
    day = _day(value)
    return f"{day.month}月{day.day}日(周{WEEKDAYS[day.weekday()]})" if day else ""


def zh_day(value: Any) -> str:
    """``6月9日``: inside dense rows."""
    day = _day(value)
    return f"{day.month}月{day.day}日" if day else ""


def zh_weekday(value: Any) -> str:
    """``27日 周二``: the week strip."""
    day = _day(value)
    return f"{day.day}日 周{WEEKDAYS[day.weekday()]}" if day else ""


def zh_full(value: Any) -> str:
    """``2017年6月9日``."""
    day = _day(value)
    return f"{day.year}年{day.month}月{day.day}日" if day else ""


def zh_time(value: Any) -> str:
    """``16:20`` in Shanghai."""
    if isinstance(value, dt.datetime) and timezone.is_aware(value):
        value = timezone.localtime(value, SHANGHAI)
    return value.strftime("%H:%M") if isinstance(value, dt.datetime | dt.time) else ""


def zh_moment(value: Any) -> str:
    """``6月9日 16:20``; a bare date gives the day only, words stay words."""
    if isinstance(value, str):
        return value
    return f"{zh_day(value)} {zh_time(value)}".strip()


def month_label(value: Any) -> str:
    """``2017年6月`` of a date, a Month or ``2017-06``."""
    month = month_of(value)
    return month.label if month else ""


def month_short(value: Any) -> str:
    """``6月``."""
    month = month_of(value)
    return f"{month.number}月" if month else ""


def month_of(value: Any) -> Month | None:
    """What a template gave, as a month; None for nothing."""
    if isinstance(value, Month):
        return value
    if isinstance(value, str) and value:
        return Month.parse(value)
    day = _day(value)
    return Month.of(day) if day else None


def days_words(days: int | None, unit: str = "天") -> str:
    """Days from today: 3 -> ``剩 3 天``, 0 -> ``今天到期``, -1 -> ``逾期 1 天``."""
    if days is None:
        return ""
    if days == 0:
        return _("今天到期")
    # 剩 3 天, but 剩 5 个工作日: the longer unit takes its measure word.
    counted = f"{abs(days)} {unit if unit == '天' else '个' + unit}"
    return (_("剩 %(n)s") if days > 0 else _("逾期 %(n)s")) % {"n": counted}


def days_left(due: Any, today: Any) -> str:
    """``{{ notice.due_on|days_left:today }}`` in calendar days."""
    last, first = _day(due), _day(today)
    return days_words((last - first).days) if last and first else ""
