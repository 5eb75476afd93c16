"""What the month's key tasks suggest for an agenda: asked of whoever sets them, a floor above."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from portal.kernel.months import Month

Source = Callable[[int, Month], Sequence[str]]
_sources: dict[str, Source] = {}


def register(name: str, source: Source) -> None:
    """Ask ``source(committee_id, month)`` for lines; the same name again replaces it."""
    _sources[name] = source


def agenda_of(committee_id: int, month: Month) -> list[str]:
    """Lines for the agenda of a meeting in ``month``, each once."""
    found = (line.strip() for source in _sources.values() for line in source(committee_id, month))
    return list(dict.fromkeys(line for line in found if line))
