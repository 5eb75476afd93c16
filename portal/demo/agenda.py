"""A year of appointments: things that happen at a moment, in the order of their moments.

The story puts down what will happen; the agenda lets it happen up to a given moment and
leaves the rest undone, which is how the present of the demo comes about.
"""

from __future__ import annotations

import datetime as dt
import heapq
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from django.db import transaction

Action = Callable[[dt.datetime], None]
BATCH = 500


@dataclass(order=True, slots=True)
class _Entry:
    at: dt.datetime
    turn: int
    action: Action = field(compare=False)
    is_alone: bool = field(compare=False, default=False)


class Agenda:
    """What is still to happen, the earliest first."""

    def __init__(self) -> None:
        self._entries: list[_Entry] = []
        self._turn = 0

    def at(self, moment: dt.datetime, action: Action, *, alone: bool = False) -> None:
        """Let ``action(moment)`` happen then. ``alone``: it opens its own outermost
        transaction (a publication does), so it can't share one."""
        self._turn += 1
        heapq.heappush(self._entries, _Entry(moment, self._turn, action, alone))

    def run(
        self, until: dt.datetime, advance: Callable[[dt.datetime], None], *, now: dt.datetime
    ) -> None:
        """Let everything up to and including ``until`` happen, many things to a transaction
        (one commit for each would be most of the work). What is planned for after ``now``
        happens as long before ``now`` as it was planned before ``until``."""

        def happen(entry: _Entry) -> None:
            entry.action(entry.at if entry.at <= now else now - (until - entry.at))
            advance(entry.at)

        while self._due(until):
            if self._entries[0].is_alone:
                happen(heapq.heappop(self._entries))
                continue
            with transaction.atomic():
                for entry in self._batch(until):
                    happen(entry)

    def _due(self, until: dt.datetime) -> bool:
        return bool(self._entries) and self._entries[0].at <= until

    def _batch(self, until: dt.datetime) -> Iterator[_Entry]:
        for _number in range(BATCH):
            if not self._due(until) or self._entries[0].is_alone:
                return
            yield heapq.heappop(self._entries)
