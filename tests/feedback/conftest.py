from __future__ import annotations

from tests.feedback.scene import listening

__all__ = ("listening",)
