"""The certificate of a draw with what has happened since, and its faults in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from evaluations.models import Inspection, MonthRound, PairingDraw
from evaluations.pairing_check import Fault
from evaluations.pairing_terms import MEMORY, ORDER, Pair


def pairs_of(round_: MonthRound) -> tuple[Pair, ...]:
    """The visits of a round as they stand, by branch numbers; not the second ones after an
    appeal, which no draw has planned."""
    return tuple(
        (str(team), str(branch))
        for team, branch in Inspection.objects.filter(round=round_, replaces=None)
        .order_by("inspected_branch_id", "inspector_branch_id")
        .values_list("inspector_branch_id", "inspected_branch_id")
    )


def current_certificate(draw: PairingDraw, pairs: Sequence[Pair] | None = None) -> dict[str, Any]:
    """The certificate of a draw with the visits as they stand now (or ``pairs``), and what has
    been relaxed since."""
    steps = {r["step"]: r for r in draw.certificate["relaxations"]}
    for change in draw.changes.order_by("at", "pk"):
        for r in change.relaxations:
            old = steps.get(r["step"])
            if old is None or _is_further(r, old):
                steps[r["step"]] = r
    plan = pairs_of(draw.round) if pairs is None else pairs
    return {
        **draw.certificate,
        "plan": [list(pair) for pair in plan],
        "relaxations": [steps[step] for step in ORDER if step in steps],
    }


def _is_further(new: Mapping[str, Any], old: Mapping[str, Any]) -> bool:
    if new["value"] is None or old["value"] is None:
        return False
    if new["step"] == MEMORY:
        return bool(new["value"] < old["value"])
    return bool(new["value"] > old["value"])


def named_fault(fault: Fault, names: Mapping[str, str]) -> str:
    """A fault in words, with branches by name."""
    if fault.pair is None:
        return fault.text
    team, branch = (names.get(key, key) for key in fault.pair)
    text = fault.text
    for key in fault.pair:
        if key and text.startswith(key):
            return names.get(key, key) + text.removeprefix(key)
    return f"{team}→{branch}：{text}" if team and branch else f"{team or branch}：{text}"
