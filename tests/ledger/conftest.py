from __future__ import annotations

from tests.permissions.scene import house_clock

__all__ = ("house_clock",)
