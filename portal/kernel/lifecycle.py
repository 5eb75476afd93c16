"""Life cycles as tables: from which states a step may be taken, and where it leads.

Nothing else assigns a ``status``. A service locks the row, asks :meth:`Lifecycle.take`,
writes, and logs, in one transaction.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from django.db import models
from django.utils.translation import gettext as _

from portal.kernel.errors import TransitionRefused


class HasStatus(Protocol):
    status: str


@dataclass(frozen=True, slots=True)
class Step:
    """One step: ``sources`` it may start from, ``target`` it leads to ("" leaves the thing where
    it is), ``label`` for people."""

    sources: frozenset[str]
    target: str
    label: str


def step(sources: tuple[str, ...], target: str, label: str) -> Step:
    return Step(frozenset(sources), target, label)


def stay(sources: tuple[str, ...], label: str) -> Step:
    """A step that changes something, but not the state: more time for an answer."""
    return Step(frozenset(sources), "", label)


class Lifecycle:
    """The steps of one kind of thing, by name."""

    def __init__(self, states: type[models.TextChoices], steps: Mapping[str, Step]) -> None:
        self.states = states
        self.steps = dict(steps)

    def allows(self, status: str, name: str) -> bool:
        return status in self.steps[name].sources

    def take(self, thing: HasStatus, name: str) -> str:
        """Assign the step's target to ``thing.status`` (unsaved) and return the old status.

        Raises TransitionRefused when the step can't start from where the thing is. The
        caller holds the row lock.
        """
        wanted = self.steps[name]
        before = thing.status
        if before not in wanted.sources:
            raise TransitionRefused(
                _("现在是“%(state)s”，不能%(step)s。")
                % {"state": self.states(before).label, "step": wanted.label}
            )
        thing.status = wanted.target or before
        return before
