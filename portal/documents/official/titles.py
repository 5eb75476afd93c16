"""Where the lines of a title end: between words, as a trapezoid or a diamond."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations, pairwise

from portal.documents.official.grid import TITLE_CHARACTERS

_NEVER_FIRST = "）》〉」』】〕、，。；：！？"
_PAUSES = "、，；）"
_PAUSE_WITHIN = 4  # a line may be so much shorter to end at a pause
_MOST_WORDS = 14  # beyond, neighbours are joined first: the combinations would be too many


def title_lines(words: Sequence[str], width: int = TITLE_CHARACTERS) -> list[str]:
    """The title in as few lines as hold it, none wider than ``width`` characters.

    Of all ways to break between words the best shaped one is taken: lines that grow, shrink, or
    swell to the middle; neither a block nor an hourglass, and none much shorter than the rest.
    A word wider than a line is cut, since nothing else is possible.
    """
    pieces = _joined([part for word in words if word for part in _cut(word, width)])
    if sum(map(len, pieces)) <= width:
        return ["".join(pieces)] if pieces else []
    for count in range(2, len(pieces) + 1):
        fitting = [
            lines for lines in _splits(pieces, count) if all(len(line) <= width for line in lines)
        ]
        if fitting:
            return min(fitting, key=_ugliness)
    return pieces


def _cut(word: str, width: int) -> list[str]:
    """Pieces of a word that is too wide: no line begins with what closes or separates, and none is
    left with a few characters."""
    count = -(-len(word) // width)
    parts: list[str] = []
    while word:
        end = min(width, -(-len(word) // max(1, count - len(parts))))
        pause = max((word.rfind(mark, 0, end) for mark in _PAUSES), default=-1) + 1
        if end < len(word) and end - pause <= _PAUSE_WITHIN:
            end = pause
        while 1 < end < len(word) and word[end] in _NEVER_FIRST:
            end -= 1
        parts.append(word[:end])
        word = word[end:]
    return parts


def _joined(pieces: list[str]) -> list[str]:
    """The shortest neighbours joined until few enough are left to try every break."""
    pieces = list(pieces)
    while len(pieces) > _MOST_WORDS:
        at = min(range(len(pieces) - 1), key=lambda i: len(pieces[i]) + len(pieces[i + 1]))
        pieces[at : at + 2] = [pieces[at] + pieces[at + 1]]
    return pieces


def _splits(pieces: Sequence[str], count: int) -> Iterator[list[str]]:
    for ends in combinations(range(1, len(pieces)), count - 1):
        edges = [0, *ends, len(pieces)]
        yield ["".join(pieces[a:b]) for a, b in pairwise(edges)]


def _ugliness(lines: Sequence[str]) -> tuple[int, int, int]:
    """Hourglass before block, then how uneven, then a short line above rather than below."""
    lengths = [len(line) for line in lines]
    waist = any(
        lengths[i] < max(lengths[:i]) and lengths[i] < max(lengths[i + 1 :])
        for i in range(1, len(lengths) - 1)
    )
    block = sum(abs(a - b) < 2 for a, b in pairwise(lengths))
    uneven = max(lengths) - min(lengths)
    lonely = 20 if min(lengths) * 3 < max(lengths) else 0
    return (
        (10 if waist else 0) + 3 * block + lonely + uneven,
        abs(uneven - 4),
        lengths[-1] - lengths[0],
    )
