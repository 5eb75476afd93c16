"""What changed between two texts, clause by clause, in the order in which it is read."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from typing import Literal

# A clause ends after its mark; Chinese has no spaces to cut at.
_CLAUSE = re.compile(r"[^，。；：！？、\n]*[，。；：！？、\n]|[^，。；：！？、\n]+")


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of text that both have, that went (``gone``) or that came (``new``)."""

    kind: Literal["same", "gone", "new"]
    text: str


def differences(before: str, after: str) -> list[Piece]:
    """The pieces that lead from ``before`` to ``after``; one piece when they are the same."""
    old, new = _CLAUSE.findall(before), _CLAUSE.findall(after)
    pieces: list[Piece] = []
    for verb, i1, i2, j1, j2 in difflib.SequenceMatcher(None, old, new, False).get_opcodes():
        if verb == "equal":
            pieces.append(Piece("same", "".join(old[i1:i2])))
            continue
        if i2 > i1:
            pieces.append(Piece("gone", "".join(old[i1:i2])))
        if j2 > j1:
            pieces.append(Piece("new", "".join(new[j1:j2])))
    return pieces
