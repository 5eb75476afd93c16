"""党费: how much is due of a wage. Computes and keeps nothing; no Django.

Rates of the dues regulation (domain.md 3): the rate of the bracket applies to the whole base,
not only to what lies above its edge.
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

WORKING = (
    (Decimal(3000), Decimal("0.005")),
    (Decimal(5000), Decimal("0.010")),
    (Decimal(10000), Decimal("0.015")),
    (None, Decimal("0.020")),
)
RETIRED = ((Decimal(5000), Decimal("0.005")), (None, Decimal("0.010")))
WITHOUT_PAY = Decimal("0.20")  # yuan: no fixed income, or on relief
CENT = Decimal("0.01")


def rate_of(base: Decimal, *, retired: bool = False) -> Decimal:
    """The rate for a monthly base in yuan (after tax, what is relatively fixed)."""
    for edge, rate in RETIRED if retired else WORKING:
        if edge is None or base <= edge:
            return rate
    raise AssertionError("the last bracket has no edge")


def dues_of(base: Decimal, *, retired: bool = False) -> Decimal:
    """Yuan a month, to the cent, half up. A base of 0 is somebody without pay."""
    if base < 0:
        raise ValueError("a wage is not negative")
    if not base:
        return WITHOUT_PAY
    return (base * rate_of(base, retired=retired)).quantize(CENT, ROUND_HALF_UP)
