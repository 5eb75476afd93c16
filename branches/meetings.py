"""Arithmetic of a meeting: attendance, quorum, votes (domain.md 1.1 and 3). No Django."""

from __future__ import annotations


def percent(part: int, whole: int) -> int:
    """Whole per cent, rounded half up; 100 when nobody was expected."""
    if not whole:
        return 100
    return (part * 200 + whole) // (whole * 2)


def is_below(part: int, whole: int, line: int) -> bool:
    """Whether ``part`` of ``whole`` is under ``line`` per cent, before any rounding:
    79.6 % shows as 80 % but is below 80."""
    return part * 100 < whole * line


def has_quorum(voters_expected: int, voters_present: int) -> bool:
    """A general meeting may vote when at least half of its members with a vote came."""
    return voters_present * 2 >= voters_expected


def is_carried(voters_expected: int, ayes: int) -> bool:
    """A motion passes when the ayes exceed half of the members with a vote who *should*
    attend: counted against 应到, not against those present."""
    return ayes * 2 > voters_expected
