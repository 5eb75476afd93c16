"""Facts for rubric items that others keep: plugged in above, shown as proposals.

A source says what an item must be about (words of its name or standard); for such an item it is
asked for facts of the branch and month. A fact goes to the first deduction rule that has one of
its words, or to none: then it is only worth knowing. It never scores by itself (ADR 73)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from portal.kernel.months import Month


@dataclass(frozen=True, slots=True)
class ItemFact:
    """``words`` of the deduction rule it would go to; ``count``: how often it applies."""

    fact: str
    words: tuple[str, ...] = ()
    count: int = 1


# Key of the branch, month, today.
Source = Callable[[int, Month, dt.date], Sequence[ItemFact]]

_sources: dict[str, tuple[tuple[str, ...], Source]] = {}


def register_item_facts(name: str, about: tuple[str, ...], source: Source) -> None:
    """``about``: words of the items it knows of. The same name again replaces it."""
    _sources[name] = (about, source)


def item_facts(text: str, branch_id: int, month: Month, today: dt.date) -> list[ItemFact]:
    """What every source knows about an item; ``text``: its name and standard."""
    return [
        fact
        for about, source in _sources.values()
        if any(word in text for word in about)
        for fact in source(branch_id, month, today)
    ]
