"""Chinese text as a bag of pieces that look alike can be measured with.

Pieces are pairs of neighbouring characters (bigrams), Latin words, numbers, and *things*: words of
``data/same_things.txt`` that mean the same in this company (食堂, 饭堂, 餐厅). No dictionary, no
model, nothing from outside; the same on both databases.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

_RUNS = re.compile(r"[\u3400-\u9fff]+|[a-z0-9]+")
_THINGS = Path(__file__).with_name("data") / "same_things.txt"

# Characters that carry manner, not matter; a bigram that touches only these says nothing.
_EMPTY = frozenset(
    "的了吗呢吧啊呀嘛们我你您他她它这那哪有是在也都就还很太最更再又不没能可以会要想请把被给对跟和与"
    "及或但而因为所如果么个些点下上里到得着过让使向从于之其此各该每多少几一两二三大小好"
)
K1, B = 1.2, 0.6  # BM25: how soon repeating stops to count, how much length counts
THING_WEIGHT = 1.0


@cache
def same_things() -> Mapping[str, str]:
    """Word -> the thing it stands for (the first word of its line)."""
    found: dict[str, str] = {}
    for line in _THINGS.read_text(encoding="utf-8").splitlines():
        if line.strip() and not line.startswith("#"):
            words = line.split()
            found |= dict.fromkeys(words, words[0])
    return found


@cache
def _thing_pattern() -> re.Pattern[str]:
    longest_first = sorted(same_things(), key=len, reverse=True)
    return re.compile("|".join(map(re.escape, longest_first)))


def normal(text: str) -> str:
    """Full-width letters narrow, capitals small."""
    return unicodedata.normalize("NFKC", text).lower()


def grams(text: str) -> list[str]:
    """The pieces of a text, in order, with repeats. Things begin with ``#``."""
    plain = normal(text)
    pieces = [f"#{same_things()[found]}" for found in _thing_pattern().findall(plain)]
    for run in _RUNS.findall(plain):
        if run[0] < "\u3400":
            pieces.append(run)
            continue
        pieces += [
            run[n : n + 2]
            for n in range(len(run) - 1)
            if run[n] not in _EMPTY or run[n + 1] not in _EMPTY
        ]
    return pieces


def weight(piece: str, count: int, total: int) -> float:
    """How much a piece says that ``count`` of ``total`` texts have."""
    rarity = math.log(1 + (total - count + 0.5) / (count + 0.5))
    return rarity * (THING_WEIGHT if piece.startswith("#") else 1.0)


def ranked(
    wanted: Iterable[str],
    texts: Mapping[str, list[str]],
    counts: Mapping[str, int],
    total: int,
    *,
    most: int = 5,
    least: float = 0.0,
) -> list[tuple[str, float]]:
    """The keys of ``texts`` that look most like ``wanted`` (BM25), best first, with their scores as
    a share of what ``wanted`` itself would score. Below the share ``least`` nothing is like it."""
    query = Counter(wanted)
    weights = {piece: weight(piece, counts.get(piece, 1), max(total, 1)) for piece in query}
    full = sum(weights.values()) or 1.0
    average = sum(map(len, texts.values())) / max(len(texts), 1) or 1.0
    scores = []
    for key, pieces in texts.items():
        there = Counter(piece for piece in pieces if piece in weights)
        if not there:
            continue
        length = K1 * (1 - B + B * len(pieces) / average)
        score = sum(
            weights[piece] * times * (K1 + 1) / (times + length) for piece, times in there.items()
        )
        if score / full >= least:
            scores.append((key, score / full))
    scores.sort(key=lambda pair: (-pair[1], pair[0]))
    return scores[:most]
