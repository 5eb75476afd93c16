"""发展党员: five stages, twenty-five steps, and what is wrong with the order of dates. No Django.

The portal knows step and date only; the formal file is on paper (domain.md 3).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

STAGES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("申请入党", ("递交入党申请书", "党组织派人谈话")),
    ("入党积极分子", ("推荐和确定积极分子", "报上级党委备案", "指定培养联系人", "培养教育考察")),
    (
        "发展对象",
        ("确定发展对象", "报上级党委备案", "确定入党介绍人", "进行政治审查", "开展集中培训"),
    ),
    (
        "预备党员接收",
        (
            "支部委员会审查",
            "上级党委预审",
            "填写入党志愿书",
            "支部大会讨论",
            "上级党委派人谈话",
            "上级党委审批",
            "再上一级党委组织部门备案",
        ),
    ),
    (
        "预备党员考察和转正",
        (
            "编入党支部和党小组",
            "入党宣誓",
            "继续教育和考察",
            "提出转正申请",
            "支部大会讨论转正",
            "上级党委审批转正",
            "材料归档",
        ),
    ),
)
STEPS: tuple[str, ...] = tuple(step for _stage, steps in STAGES for step in steps)
MADE_ACTIVIST, MADE_CANDIDATE, ADMITTED, APPROVED, CONFIRMED = 3, 7, 15, 17, 23


@dataclass(frozen=True, slots=True)
class Alarm:
    """Something about the dates that people must look at. ``step`` is where to look."""

    step: int
    text: str


def stage_of(step: int) -> str:
    """The stage that a step (1 to 25) belongs to."""
    number = 0
    for name, steps in STAGES:
        number += len(steps)
        if step <= number:
            return name
    raise ValueError(f"no such step: {step}")


def alarms(dates: Mapping[int, dt.date]) -> list[Alarm]:
    """What is out of order: a step before one that precedes it, a step passed over, a time that
    is too short or too long. ``dates`` are the days of the steps reached."""
    found = []
    reached = sorted(dates)
    for before, after in pairwise(reached):
        if dates[after] < dates[before]:
            found.append(
                Alarm(
                    after, f"第{after}步“{STEPS[after - 1]}”早于第{before}步“{STEPS[before - 1]}”"
                )
            )
    if reached:
        for step in sorted(set(range(1, reached[-1])) - set(reached)):
            found.append(Alarm(step, f"第{step}步“{STEPS[step - 1]}”没有登记，后面的步骤已登记"))
    for first, last, text in (
        (MADE_ACTIVIST, MADE_CANDIDATE, "积极分子培养考察不满一年"),
        (ADMITTED, CONFIRMED, "预备期不满一年"),
    ):
        if first in dates and last in dates and _years_later(dates[first], 1) > dates[last]:
            found.append(Alarm(last, text))
    if ADMITTED in dates and APPROVED in dates:
        day = dates[ADMITTED]
        month, year = (day.month + 5) % 12 + 1, day.year + (day.month + 5) // 12
        latest = dt.date(year, month, 1) + dt.timedelta(days=day.day - 1)
        if dates[APPROVED] > latest:
            found.append(Alarm(APPROVED, "上级党委审批超过6个月"))
    return sorted(found, key=lambda alarm: alarm.step)


def _years_later(day: dt.date, years: int) -> dt.date:
    try:
        return day.replace(year=day.year + years)
    except ValueError:  # 29 February
        return dt.date(day.year + years, 3, 1)
