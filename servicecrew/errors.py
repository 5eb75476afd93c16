"""Refusals of this app that carry more than a sentence."""

from __future__ import annotations

from typing import Any

from portal.kernel.errors import EditConflict


class TurnoutConflict(EditConflict):
    """Somebody saved the turnout meanwhile. ``turnout`` is what stands, ``yours`` what was sent,
    so that both can be shown side by side; nothing was overwritten."""

    def __init__(self, message: str, *, turnout: Any, yours: dict[str, Any]) -> None:
        super().__init__(message)
        self.turnout = turnout
        self.yours = yours
