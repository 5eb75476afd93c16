"""Samples for the routes of the draw and of corrected scores."""

from __future__ import annotations

from typing import Any

from tests.cast import Cast
from tests.permissions.scene import House


def _july(_cast: Cast, house: House) -> dict[str, Any]:
    return {"pk": house.july.pk}


def _june(_cast: Cast, house: House) -> dict[str, Any]:
    return {"pk": house.june.pk}


def _corrected(cast: Cast, house: House) -> dict[str, Any]:
    return {"pk": house.june.runs.get().corrected.get(branch=cast.branch_a).pk}


FAIR_SAMPLES = {
    "evaluations:round-pairing": _july,
    "evaluations:round-draw": _july,
    "evaluations:round-drop-out": _july,
    "evaluations:round-replan": _july,
    "evaluations:round-recuse": _july,
    "evaluations:round-certificate": _july,
    "evaluations:what-if": _july,
    "evaluations:what-if-month": _june,
    "api:round-certificate": _july,
    "api:round-draw": _july,
    "api:round-drop-out": _july,
    "api:round-replan": _july,
    "api:corrected-score-detail": _corrected,
}
