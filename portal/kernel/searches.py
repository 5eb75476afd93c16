"""The words that somebody typed into a search box."""

from __future__ import annotations

from collections.abc import Mapping


def search_text(asked: Mapping[str, str], most: int) -> str:
    """``q`` of the address, at most ``most`` characters. NUL is dropped: PostgreSQL refuses to
    compare with it, and nobody types it."""
    return asked.get("q", "").replace("\0", "").strip()[:most]
