from __future__ import annotations

from tests.feedback.channel import at_the_time, visitor
from tests.feedback.scene import listening

__all__ = ("at_the_time", "listening", "visitor")
