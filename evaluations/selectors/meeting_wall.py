"""What fits on one screen of the wall: a few decisions large, many in two columns, more on
further screens. Nothing is cut short: the room is reckoned from the length of the words.

Measures are CSS pixels of a wall of 1920 x 1080 and those of ``meetings.css``; they only have to
be near, for a row too many makes the screen scroll and a row too few leaves it a little emptier.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from evaluations.selectors.bulletins import SharedProblem
from evaluations.selectors.meetings import DecisionLine

HEADING = 64  # of the shared problems
SHARED_CHARS, SHARED_LINE = 17, 50


@dataclass(frozen=True, slots=True)
class Density:
    """How rows are set: in so many columns, with room for so many characters in a line of the
    decision and of the line below it, and how tall those lines and the space around a row are."""

    name: str
    columns: int
    chars: float
    below: float
    line: int
    line_below: int
    around: int
    room: int  # between the title and the foot
    most: int  # rows beyond which it looks crammed, however short they are

    def height(self, line: DecisionLine) -> int:
        decision = line.decision
        where = decision.participant.branch.name if decision.participant else ""
        told = f"{where}，{decision.owner}，12月31日(周四)前"
        if decision.done_on:
            told += f"；12月31日(周四)办完：{decision.result}"
        return (
            _lines(decision.text, self.chars) * self.line
            + _lines(told, self.below) * self.line_below
            + self.around
        )


LARGE = Density("", 1, 38, 42, 52, 49, 37, 735, 5)
TWO = Density("is-long", 2, 16, 18, 52, 49, 37, 735, 8)
DENSE = Density("is-dense", 2, 26, 20, 39, 40, 13, 765, 16)
# What was decided an hour ago is being done: without that word the line below is longer.
QUIET = replace(DENSE, name="is-dense is-quiet", below=26.5)


@dataclass(frozen=True, slots=True)
class Sheet:
    """One screen of a list."""

    density: str
    lines: Sequence[DecisionLine]
    shared: Sequence[SharedProblem] = ()


def sheets_of(
    lines: Sequence[DecisionLine],
    shared: Sequence[SharedProblem] = (),
    *,
    densest: Density = DENSE,
) -> list[Sheet]:
    """The screens that ``lines`` take, and ``shared`` below them where there is room, else on a
    screen of their own. At least one."""
    for density in (LARGE, TWO):  # an empty list is a screen too
        if _filled(lines, density, density.room - _height(shared)) == len(lines):
            return [Sheet(density.name, lines, shared)]
    found = []
    rest = lines
    while rest:
        fitting = max(1, _filled(rest, densest, densest.room))
        found.append(Sheet(densest.name, rest[:fitting]))
        rest = rest[fitting:]
    return [*found, Sheet("", (), shared)] if shared else found


def _filled(lines: Sequence[DecisionLine], density: Density, room: int) -> int:
    """How many of ``lines`` fit, column by column."""
    column, used = 1, 0
    for number, line in enumerate(lines[: density.most]):
        height = density.height(line)
        if used + height > room:
            if column == density.columns:
                return number
            column, used = column + 1, 0
        used += height
    return min(len(lines), density.most)


def _height(shared: Sequence[SharedProblem]) -> int:
    if not shared:
        return 0
    rows = [_lines(p.item, SHARED_CHARS - 4) + _lines(p.text, SHARED_CHARS) for p in shared]
    pairs = [max(rows[n : n + 2]) for n in range(0, len(rows), 2)]
    return HEADING + sum(pairs) * SHARED_LINE + 22 * len(pairs)


def _lines(text: str, chars: float) -> int:
    """Latin letters and digits are about half as wide."""
    width = sum(0.55 if char.isascii() else 1 for char in text)
    return max(1, math.ceil(width / chars))
