"""Chance that repeats: the same seed and purpose always give the same numbers."""

from __future__ import annotations

from random import Random


def chance(seed: int, *purpose: object) -> Random:
    """A generator of its own for each purpose, so that a change in one place of the demo
    does not shuffle everything else."""
    return Random(":".join(map(str, (seed, *purpose))))  # noqa: S311 - a story, not a secret
