"""What the dotted codes are called on pages. Apps add theirs when the portal starts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_labels: dict[str, Any] = {}


def register_labels(labels: Mapping[str, Any]) -> None:
    """Add names for codes: ``{"notice.issued": _("签发整改通知书")}``."""
    _labels.update(labels)


def label_of(code: str) -> str:
    """The name of ``code``; the code itself when nobody named it."""
    return str(_labels.get(code, code))


def labels() -> dict[str, str]:
    """Every named code."""
    return {code: str(label) for code, label in _labels.items()}
