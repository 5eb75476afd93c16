"""Keys and lines as the two tables hold them."""

from __future__ import annotations

import hashlib

KEY_LENGTH = 120
CHUNK = 500
"""Rows per INSERT."""


def fit_key(key: str) -> str:
    """A key that is too long keeps its head and gets the digest of the whole."""
    if len(key) <= KEY_LENGTH:
        return key
    return f"{key[:80]}:{hashlib.sha256(key.encode()).hexdigest()[:39]}"


def one_line(text: str) -> str:
    return " ".join(str(text).split())
