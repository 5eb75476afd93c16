"""Which papers the rubric asks for beside a record, asked of the floor that keeps the rubrics.

Files are optional. Only where a rule of the rubric itself takes marks for a missing paper does the
page say so, with the rule's words.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from branches.models import Activity


@dataclass(frozen=True, slots=True)
class WantedPaper:
    """One paper: the item's ``code`` and ``item`` name, what it is, and ``why`` in the words of the
    rule that takes marks without it."""

    code: str
    item: str
    paper: str
    why: str


Source = Callable[[Activity, Sequence[str]], Sequence[WantedPaper]]

_sources: dict[str, Source] = {}


def register(name: str, source: Source) -> None:
    """Ask ``source(activity, item codes)`` for the papers of those items."""
    _sources[name] = source


def papers_of(activity: Activity, codes: Sequence[str]) -> list[WantedPaper]:
    """The papers without which the items with these codes cost marks."""
    return [paper for source in _sources.values() for paper in source(activity, codes)]
