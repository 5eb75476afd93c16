from __future__ import annotations

from tests.permissions.scene import house, house_clock

__all__ = ("house", "house_clock")
