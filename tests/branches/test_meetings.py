"""Attendance, quorum and votes, with the worked examples of the office."""

from __future__ import annotations

import pytest

from branches.meetings import has_quorum, is_below, is_carried, percent


@pytest.mark.parametrize(
    ("part", "whole", "shown"),
    [(25, 33, 76), (136, 147, 93), (1, 3, 33), (2, 3, 67), (1, 8, 13), (0, 5, 0), (0, 0, 100)],
)
def test_percent_is_rounded_half_up(part: int, whole: int, shown: int) -> None:
    assert percent(part, whole) == shown


def test_the_line_is_drawn_before_rounding() -> None:
    """39 of 49 is 79.6 %: shown as 80 %, but below 80."""
    assert percent(39, 49) == 80
    assert is_below(39, 49, 80)
    assert not is_below(4, 5, 80)


@pytest.mark.parametrize(("expected", "present", "quorate"), [(24, 12, True), (25, 12, False)])
def test_half_of_the_voters_make_a_quorum(expected: int, present: int, quorate: bool) -> None:
    assert has_quorum(expected, present) is quorate


@pytest.mark.parametrize(
    ("expected", "ayes", "carried"),
    [
        (24, 13, True),
        (24, 12, False),  # half is not more than half
        (25, 13, True),
        (32, 16, False),  # all 16 present of 32 said yes: still not carried
    ],
)
def test_votes_are_counted_against_those_who_should_attend(
    expected: int, ayes: int, carried: bool
) -> None:
    assert is_carried(expected, ayes) is carried
