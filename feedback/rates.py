"""Limits without addresses: how often something was done this hour from one place.

The place is an HMAC of the address under a key that lives in this process's memory and is thrown
away each hour together with the counts. Nothing is written anywhere, and of an hour that has
passed nobody can say who was there. Each worker process counts for itself: the limits keep a
burst away, the 120 bits of a receipt keep guesses away.
"""

from __future__ import annotations

import hmac
import secrets
import threading
import time
from collections.abc import Callable

MOST_PLACES = 50_000
HOUR = 3600


class HourlyCounter:
    """Counts per place until the hour turns."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._turn()

    def _turn(self) -> None:
        self._key = secrets.token_bytes(32)
        self._counts: dict[bytes, int] = {}
        self._until = self._clock() + HOUR

    def _place(self, address: str) -> bytes:
        return hmac.digest(self._key, address.encode(), "sha256")[:16]

    def add(self, address: str, what: str) -> int:
        """Count one more of ``what`` from ``address`` and return how many there are now."""
        with self._lock:
            if self._clock() >= self._until:
                self._turn()
            place = self._place(f"{what}:{address}")
            if place not in self._counts and len(self._counts) >= MOST_PLACES:
                place = b"everybody else"
            self._counts[place] = self._counts.get(place, 0) + 1
            return self._counts[place]

    def forget(self) -> None:
        """Start a new hour now."""
        with self._lock:
            self._turn()


counter = HourlyCounter()
