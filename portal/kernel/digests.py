"""Canonical text and SHA-256 digests of things that must not change unseen."""

from __future__ import annotations

import hashlib
import json
from typing import Any


def canonical(value: Any) -> str:
    """JSON with sorted keys and no spaces: equal values give equal text."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str)


def digest(value: Any, previous: str = "") -> str:
    """SHA-256 (64 hex digits) over the previous digest and the canonical text of ``value``."""
    return hashlib.sha256((previous + canonical(value)).encode()).hexdigest()
