"""When something was done on a phone that had no signal, and how far its clock was out.

The queue sends two headers along: ``X-Made-At``, the phone's own clock at the tap, and
``X-Clock-Skew``, how many milliseconds the server was ahead of that clock when the two last
met. Both are kept: nobody's word is replaced by arithmetic.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django.http import HttpRequest
    from rest_framework.request import Request

NOTICEABLE = dt.timedelta(minutes=2)
_MOST_MS = 50 * 366 * 86_400_000


@dataclass(frozen=True, slots=True)
class Moment:
    """``at``: the time to go by, never after the server's now. ``phone``: what the phone's
    clock showed, None when the request did not come out of a queue. ``skew``: server minus
    phone, None when the two never met."""

    at: dt.datetime
    phone: dt.datetime | None = None
    skew: dt.timedelta | None = None

    @property
    def was_wrong(self) -> bool:
        """Whether the phone's clock was out by more than people let pass."""
        return self.skew is not None and abs(self.skew) > NOTICEABLE


def moment_of(request: HttpRequest | Request, now: dt.datetime) -> Moment:
    """When the operation was made; ``now`` for a request that does not say."""
    phone = _time(request.headers.get("X-Made-At", ""))
    if phone is None:
        return Moment(now)
    skew = _skew(request.headers.get("X-Clock-Skew", ""))
    try:
        at = phone + (skew or dt.timedelta())
    except OverflowError:
        return Moment(now, phone, None)
    return Moment(min(at, now), phone, skew)


def _time(text: str) -> dt.datetime | None:
    try:
        found = dt.datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo is not None else None


def _skew(text: str) -> dt.timedelta | None:
    try:
        found = int(text)
    except ValueError:
        return None
    return dt.timedelta(milliseconds=found) if abs(found) < _MOST_MS else None
