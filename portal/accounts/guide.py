"""The guided list on the sign-in page of a demo: whom to sign in as, and what to try.

Filled by the demo app, and only where ``PORTAL_ENV`` is ``demo``; elsewhere it is empty.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from django.conf import settings


class GuideEntry(Protocol):
    """What one line needs; ``portal.demo.accounts.DemoAccount`` is one."""

    @property
    def username(self) -> str: ...
    @property
    def display_name(self) -> str: ...
    @property
    def role(self) -> Any: ...
    @property
    def to_try(self) -> Any: ...


@dataclass(frozen=True, slots=True)
class Guide:
    password: str
    entries: Sequence[GuideEntry]


_guide: list[Guide] = []


def register_guide(*, password: str, entries: Sequence[GuideEntry]) -> None:
    _guide[:] = [Guide(password, entries)]


def guide() -> Guide | None:
    """The list, in a demo only."""
    return _guide[0] if _guide and settings.PORTAL_ENV == "demo" else None
