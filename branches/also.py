"""What else a record counts for, beyond the duties: asked of the trades above, ticked in the same
form, written in the same transaction (programmes of the five)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from portal.kernel.errors import DomainError

if TYPE_CHECKING:
    from branches.models import Activity
    from portal.accounts.models import User


@dataclass(frozen=True, slots=True)
class Also:
    """A further list of ticks. ``choices(activity)``: what may still be ticked (None: of a new
    record), as (key, label); ``tick`` writes one."""

    name: str
    choices: Callable[[Activity | None], Sequence[tuple[str, Any]]]
    tick: Callable[[Activity, str, User, dt.datetime], None]


_lists: dict[str, Also] = {}


def register(also: Also) -> None:
    """Offer a list in the form of a record; the same name again replaces it."""
    _lists[also.name] = also


def choices(activity: Activity | None) -> list[tuple[str, Any]]:
    """Every further tick, as ``name:key`` and its label."""
    return [
        (f"{also.name}:{key}", label)
        for also in _lists.values()
        for key, label in also.choices(activity)
    ]


def tick(activity: Activity, chosen: Sequence[str], actor: User, now: dt.datetime) -> None:
    """Write what was ticked besides. Raises DomainError for what nobody offered."""
    for value in dict.fromkeys(chosen):
        name, _mark, key = value.partition(":")
        if name not in _lists:
            raise DomainError(_("没有这一项：%(name)s。") % {"name": value}, field="also")
        _lists[name].tick(activity, key, actor, now)
