from __future__ import annotations

from tests.notices.scene import on, provisional, published

__all__ = ("on", "provisional", "published")
