"""What each reader has to do, gathered from every app that registers a provider.

The daily digest mail is written from this, and a home page may be.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from portal.accounts.models import User

STATES = ("late", "soon", "doing", "idle")


@dataclass(frozen=True, slots=True)
class TodoItem:
    """One thing somebody has to do. ``state`` is late, soon, doing or idle (their order).
    ``about``: whom and which item it concerns, in words that may stand in a calendar outside the
    portal; never what was found."""

    title: str
    due_on: dt.date | None = None
    link: str = ""
    state: str = "doing"
    about: str = ""


Provider = Callable[[Sequence["User"], dt.date], Mapping[int, Sequence[TodoItem]]]

_providers: dict[str, Provider] = {}


def register_todo(name: str, provider: Provider) -> None:
    """Ask ``provider(users, today)`` for what each user (by primary key) has to do.

    It is asked for hundreds of users at once: its number of queries must not grow with
    them. The same name again replaces the provider.
    """
    _providers[name] = provider


def todo_for(users: Sequence[User], today: dt.date) -> dict[int, list[TodoItem]]:
    """Everything the ``users`` have to do, late things first; users with nothing are left
    out."""
    found: dict[int, list[TodoItem]] = {}
    for provider in _providers.values():
        for user_id, items in provider(users, today).items():
            if items:
                found.setdefault(user_id, []).extend(items)
    for items in found.values():
        items.sort(key=_urgency)
    return found


def _urgency(item: TodoItem) -> tuple[int, dt.date]:
    order = STATES.index(item.state) if item.state in STATES else len(STATES)
    return order, item.due_on or dt.date.max
