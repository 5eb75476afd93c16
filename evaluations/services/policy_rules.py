"""What a policy (考评规则) may say: bounds of each number, and how the numbers follow each other.

A policy steers every later month: a 31st has no February, sixty teams per branch can't be drawn.
The rules stand here for the form and the service alike; the order of days is domain.md 9.1.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from evaluations.models import EvaluationPolicy

LAST_DAY = 28  # every month has it

# Smallest and largest value of each number; days are days of a month, the rest as its label says.
BOUNDS: dict[str, tuple[int, int]] = {
    "min_group_size": (1, 50),
    "key_fail_percent": (1, 100),
    "own_share_percent": (0, 100),
    "visits_per_branch": (1, 4),
    "pairing_memory": (0, 12),  # a draw looks twelve months back, no further
    "draw_day": (1, LAST_DAY),
    "window_first_day": (1, LAST_DAY),
    "appeal_workdays": (1, 10),
    "publish_day": (1, LAST_DAY),
    "meeting_day": (1, LAST_DAY),
    "fix_now_workdays": (1, 60),
    "minor_workdays": (1, 60),
    "major_workdays": (1, 60),
    "continuing_workdays": (1, 120),
    "notice_workdays": (1, 60),
    "acknowledge_workdays": (1, 20),
    "look_back_workdays": (1, 30),
}


def check_policy(policy: EvaluationPolicy) -> None:
    """Raise ValidationError with a sentence at each number that is out of bounds or out of
    order. What is wrong by itself is not compared any further."""
    wrong: dict[str, str] = {}
    for name, (least, most) in BOUNDS.items():
        if not least <= getattr(policy, name) <= most:
            wrong[name] = out_of_bounds(name)
    for earlier, later, holds, sentence in _order():
        if earlier in wrong or later in wrong:
            continue
        if not holds(getattr(policy, earlier), getattr(policy, later)):
            wrong[later] = sentence
    if wrong:
        raise ValidationError(wrong)


def out_of_bounds(name: str) -> str:
    """The sentence for a number outside its bounds."""
    least, most = BOUNDS[name]
    if most == LAST_DAY:
        return _("请填1到%(most)d：每个月都要有这一天。") % {"most": most}
    if most == 100:
        return _("请填%(least)d到%(most)d，不能超过100。") % {"least": least, "most": most}
    return _("请填%(least)d到%(most)d。") % {"least": least, "most": most}


def _order() -> list[tuple[str, str, Callable[[int, int], Any], str]]:
    def before(first: int, second: int) -> bool:
        return first < second

    def not_after(first: int, second: int) -> bool:
        return first <= second

    return [
        ("draw_day", "window_first_day", before, _("互查开始日要在抽签日之后。")),
        ("publish_day", "meeting_day", not_after, _("例会日不能早于通报日。")),
        (
            "fix_now_workdays",
            "minor_workdays",
            not_after,
            _("一般问题的期限不能短于立行立改。"),
        ),
        (
            "minor_workdays",
            "major_workdays",
            not_after,
            _("较重、严重问题的期限不能短于一般问题。"),
        ),
        (
            "major_workdays",
            "continuing_workdays",
            not_after,
            _("长期坚持的期限不能短于较重、严重问题。"),
        ),
        (
            "acknowledge_workdays",
            "notice_workdays",
            not_after,
            _("整改期限不能短于签收期限。"),
        ),
    ]
