"""What a branch owes, how often, and what says so: the rules as a table, and the fixed themed day.

Frequencies and item codes are those of the rubrics (``domain.md`` sections 2.3 and 3; a test
compares them); each rule names what it rests on.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy

from branches.models.organisation import BranchType
from branches.models.records import Duty
from portal.kernel.months import Month

EVERY = {"M": 1, "Q": 3, "H": 6, "Y": 12}
PERIODS = {
    "M": gettext_lazy("每月"),
    "Q": gettext_lazy("每季度"),
    "H": gettext_lazy("每半年"),
    "Y": gettext_lazy("每年"),
    "E": gettext_lazy("按届期"),
}
# In which months a period ends when a rule says nothing else; every month for "M".
_USUAL_END = {"Q": 3, "H": 6, "Y": 12}


@dataclass(frozen=True, slots=True)
class Rule:
    """One duty, how often it is due, and what says so.

    ``frequency`` is that of the rubrics: M month, Q quarter, H half-year, Y year, E event.
    ``ends_in`` is a month in which a period ends (组织生活会 of a year may be held until January:
    1). ``due_day`` is the last day in time within that month, 0 its end. ``opens`` says from when
    a record counts: (months before the period's last month, day); without it from the period's
    first day. ``remind_days`` draws it amber so many days ahead; 0: in the whole last month.
    ``register`` names the register that proves it; all others are proven by ticked records.
    """

    duty: Duty
    frequency: str
    item_code: str = ""
    is_key: bool = False
    only_types: frozenset[str] = frozenset(BranchType.values)
    for_exempt: bool = False
    ends_in: int = 0
    due_day: int = 0
    opens: tuple[int, int] | None = None
    remind_days: int = 0
    register: str = ""
    short: Any = ""
    basis: Any = ""

    @property
    def label(self) -> str:
        return str(self.duty.label)

    @property
    def every(self) -> int:
        """Months in a period; 0 for events."""
        return EVERY.get(self.frequency, 0)

    @property
    def is_quarterly(self) -> bool:
        return self.frequency == "Q"

    @property
    def is_longer(self) -> bool:
        """Due less often than monthly."""
        return self.every > 1

    @property
    def period_label(self) -> str:
        return str(PERIODS[self.frequency])

    def last_month(self, month: Month) -> Month:
        """The last month of the period that ``month`` lies in."""
        if self.every <= 1:
            return month
        ends_in = self.ends_in or _USUAL_END[self.frequency]
        return month.plus((ends_in - month.number) % self.every)


RULES: tuple[Rule, ...] = (
    Rule(
        Duty.DOCUMENT_RELAY,
        "M",
        "A1",
        is_key=True,
        short=gettext_lazy("传达"),
        basis=gettext_lazy("公司考评细则：上级部署10个工作日内传达"),
    ),
    Rule(
        Duty.GROUP_STUDY,
        "M",
        "A2",
        for_exempt=True,
        short=gettext_lazy("学时"),
        basis=gettext_lazy("《党员教育管理工作条例》：党员每年集中学习一般不少于32学时"),
    ),
    Rule(
        Duty.PARTY_LECTURE,
        "Q",
        "A3",
        short=gettext_lazy("党课"),
        basis=gettext_lazy(
            "《支部工作条例》只要求按期上党课，没有定次数；次数由公司在应办事项设置里定"
        ),
    ),
    Rule(
        Duty.IDEOLOGY_REVIEW,
        "Q",
        "A4",
        short=gettext_lazy("思想"),
        basis=gettext_lazy("公司考评细则：每季度分析1次"),
    ),
    Rule(
        Duty.GENERAL_MEETING,
        "Q",
        "B1",
        is_key=True,
        for_exempt=True,
        short=gettext_lazy("大会"),
        basis=gettext_lazy("《支部工作条例》第十一条：一般每季度召开1次"),
    ),
    Rule(
        Duty.COMMITTEE_MEETING,
        "M",
        "B2",
        short=gettext_lazy("支委会"),
        basis=gettext_lazy("《支部工作条例》：支委会一般每月召开1次；正式党员不足7名不设支委会"),
    ),
    Rule(
        Duty.GROUP_MEETING,
        "M",
        "B3",
        short=gettext_lazy("党小组"),
        basis=gettext_lazy("《支部工作条例》：党小组会一般每月召开1次"),
    ),
    Rule(
        Duty.THEMED_DAY,
        "M",
        "B4",
        is_key=True,
        for_exempt=True,
        short=gettext_lazy("党日"),
        basis=gettext_lazy("《支部工作条例》第十六条：每月相对固定1天开展主题党日"),
    ),
    Rule(
        Duty.ORG_LIFE_MEETING,
        "Y",
        "B5",
        for_exempt=True,
        ends_in=1,
        opens=(-3, 1),
        short=gettext_lazy("组织生活会"),
        basis=gettext_lazy("《支部工作条例》第十七条：每年至少1次，一般在第四季度，可延到次年1月"),
    ),
    Rule(
        Duty.MEMBER_APPRAISAL,
        "Y",
        "B5",
        for_exempt=True,
        ends_in=1,
        opens=(-3, 1),
        short=gettext_lazy("民主评议"),
        basis=gettext_lazy("《支部工作条例》第十八条：一般每年1次，可以结合组织生活会"),
    ),
    Rule(
        Duty.HEART_TALKS,
        "H",
        "B6",
        register="talks",
        short=gettext_lazy("谈心"),
        basis=gettext_lazy(
            "《支部工作条例》第十九条：支委之间、支委与党员、党员之间每年谈心谈话一般不少于1次；半年查序时进度是公司考评细则"
        ),
    ),
    Rule(
        Duty.RE_ELECTION,
        "E",
        "C1",
        for_exempt=True,
        register="terms",
        short=gettext_lazy("换届"),
        basis=gettext_lazy(
            "《支部工作条例》：任期一般3年；《基层组织选举工作条例》：延期须上级批准且不超过1年"
        ),
    ),
    Rule(
        Duty.DUES,
        "M",
        "C3",
        for_exempt=True,
        register="dues",
        short=gettext_lazy("党费"),
        basis=gettext_lazy("《关于中国共产党党费收缴、使用和管理的规定》：按月交纳"),
    ),
    Rule(
        Duty.SAFETY_TALK,
        "M",
        "D2",
        only_types=frozenset({BranchType.PRODUCTION.value}),
        short=gettext_lazy("安全讲评"),
        basis=gettext_lazy("公司考评细则：每月讲评1次"),
    ),
    Rule(
        Duty.WORK_REPORT,
        "Y",
        ends_in=1,
        opens=(-1, 1),
        short=gettext_lazy("述职"),
        basis=gettext_lazy("党支部书记抓党建述职评议考核：每年1次"),
    ),
    Rule(
        Duty.YEAR_PLAN,
        "Y",
        ends_in=1,
        due_day=20,
        opens=(-1, 15),
        remind_days=7,
        short=gettext_lazy("年计划"),
        basis=gettext_lazy("没有统一规定；门户默认12月15日至次年1月20日报年度计划，提前7天提醒"),
    ),
    Rule(
        Duty.YEAR_SUMMARY,
        "Y",
        ends_in=1,
        due_day=20,
        opens=(-1, 15),
        remind_days=7,
        short=gettext_lazy("年总结"),
        basis=gettext_lazy("没有统一规定；门户默认12月15日至次年1月20日报年度总结，提前7天提醒"),
    ),
    Rule(
        Duty.QUARTER_PLAN,
        "Q",
        ends_in=1,
        due_day=10,
        opens=(-1, 15),
        remind_days=7,
        short=gettext_lazy("季计划"),
        basis=gettext_lazy("没有统一规定；门户默认每季度首月10日前报季度计划，提前7天提醒"),
    ),
)
RULE_OF = {rule.duty.value: rule for rule in RULES}
TICKABLE = tuple(rule.duty for rule in RULES if not rule.register)


# -- the fixed themed day ---------------------------------------------------------------------

_NUMBERS = {c: n for n, c in enumerate("一二三四五", start=1)} | {str(n): n for n in range(1, 6)}
_WEEKDAYS = {c: n for n, c in enumerate("一二三四五六日")} | {"天": 6}
_NTH = re.compile(r"^每月第?(最后一|[一二三四五1-5])个?(?:周|星期)([一二三四五六日天])$")
_DAY = re.compile(r"^每月(?:固定)?(\d{1,2})[日号]$")


def fixed_day(rule: str, month: Month) -> dt.date | None:
    """The day that ``每月第二个周五``, ``每月最后一个周三`` or ``每月5日`` means in ``month``.

    None for words the portal can't read: then only the month's end counts.
    """
    text = re.sub(r"\s", "", rule)
    if found := _DAY.match(text):
        number = int(found[1])
        if 1 <= number <= month.last_day.day:
            return month.first_day.replace(day=number)
        return None
    if not (found := _NTH.match(text)):
        return None
    weekday = _WEEKDAYS[found[2]]
    days = [
        month.first_day + dt.timedelta(days=n)
        for n in range(month.last_day.day)
        if (month.first_day + dt.timedelta(days=n)).weekday() == weekday
    ]
    if found[1] == "最后一":
        return days[-1]
    number = _NUMBERS[found[1]]
    return days[number - 1] if number <= len(days) else None
