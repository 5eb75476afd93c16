"""Who hears of trouble in the machinery. Who administers the system is known on a higher
floor, which registers it here."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from portal.accounts.models import User

Readers = Callable[[dt.date], Sequence["User"]]

_readers: list[Readers] = []


def register_alarm_readers(readers: Readers) -> None:
    """Have ``readers(today)`` say who is told of an alarm."""
    if readers not in _readers:
        _readers.append(readers)


def alarm_readers(today: dt.date) -> list[User]:
    """Everybody who is told of an alarm, each once."""
    found = {user.pk: user for readers in _readers for user in readers(today)}
    return list(found.values())
