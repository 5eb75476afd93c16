"""What a committee owes, and to whom: the strip on top of the 135 board.

Each trade plugs in what it knows; the board shows at most four::

    owed.register("notices", notices_open, order=10)
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from portal.kernel.ui import State

if TYPE_CHECKING:
    from portal.accounts.models import User

MOST = 4


@dataclass(frozen=True, slots=True)
class Owed:
    """One tile. ``state`` gives icon and colour, ``line`` says whose and by when."""

    label: Any
    count: int
    state: State
    line: Any = ""
    url: str = ""


Provider = Callable[["User", dt.date], Owed | None]

_providers: dict[str, tuple[int, Provider]] = {}


def register(key: str, provider: Provider, *, order: int) -> None:
    """``provider(user, today)`` answers with a tile, or None where it is not the user's."""
    _providers[key] = (order, provider)


def owed_to(user: User, today: dt.date) -> list[Owed]:
    found = []
    for _order, provider in sorted(_providers.values(), key=lambda entry: entry[0]):
        tile = provider(user, today)
        if tile is not None:
            found.append(tile)
    return found[:MOST]
