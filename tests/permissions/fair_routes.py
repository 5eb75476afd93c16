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


def _recheck(gap: str) -> Any:
    def sample(_cast: Cast, house: House) -> dict[str, Any]:
        return {"pk": house.visit.pk, gap: house.reported.pk}

    return sample


def _visit(_cast: Cast, house: House) -> dict[str, Any]:
    return {"pk": house.visit.pk}


def _appeal(_cast: Cast, house: House) -> dict[str, Any]:
    return {"pk": house.appeal.pk}


def _to_fix(_cast: Cast, house: House) -> dict[str, Any]:
    return {"pk": house.to_fix.pk}


def _reported(_cast: Cast, house: House) -> dict[str, Any]:
    return {"pk": house.reported.pk}


def _no_file(_cast: Cast, house: House) -> dict[str, Any]:
    return {"pk": house.to_fix.pk, "file_pk": "00000000-0000-4000-8000-000000000000"}


def _photo(_cast: Cast, house: House) -> dict[str, Any]:
    rule = house.visit.participant.rubric_version.items.get(code="A1").rules.get(number=1)
    return {
        "pk": house.visit.pk,
        "rule": rule.pk,
        "photo": "00000000-0000-4000-8000-000000000000",
    }


FAIR_SAMPLES = {
    "evaluations:finding-notice": _to_fix,
    "api:finding-notice": _to_fix,
    "api:finding-photos": _to_fix,
    "api:sheet-photos": _visit,
    "api:sheet-photo": _photo,
    "evaluations:finding-extend": _to_fix,
    "evaluations:finding-talk": _to_fix,
    "api:finding-talk": _to_fix,
    "evaluations:finding-endorse": _reported,
    "evaluations:finding-add-evidence": _to_fix,
    "evaluations:finding-remove-evidence": _no_file,
    "api:finding-extend": _to_fix,
    "api:finding-endorse": _reported,
    "evaluations:sheet-recheck": _recheck("finding_pk"),
    "evaluations:sheet-recheck-take-back": _recheck("finding_pk"),
    "api:sheet-recheck-take-back": _recheck("finding_id"),
    "api:sheet-rechecks": _visit,
    "api:sheet-recheck": _recheck("finding_id"),
    "evaluations:deduction-correct": lambda cast, house: {"deduction_id": house.deduction.pk},
    "evaluations:appeal-second-team": _appeal,
    "evaluations:appeal-recall": _appeal,
    "api:appeal-second-team": _appeal,
    "api:appeal-recall": _appeal,
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
