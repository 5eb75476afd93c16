"""The certificate of a draw with what has happened since, and its faults in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from evaluations.lifecycles import InspectionStatus
from evaluations.models import (
    Inspection,
    MonthRound,
    PairingChange,
    PairingDraw,
    RoundParticipant,
)
from evaluations.pairing_check import Fault
from evaluations.pairing_terms import MEMORY, ORDER, Pair
from portal.kernel.together import read_together


def pairs_of(round_: MonthRound, *, only_begun: bool = False) -> tuple[Pair, ...]:
    """The visits of a round as they stand, by branch numbers; not the second ones after an
    appeal, which no draw has planned. ``only_begun``: without those that are only planned."""
    visits = Inspection.objects.filter(round=round_, replaces=None)
    if only_begun:
        visits = visits.exclude(status=InspectionStatus.PLANNED)
    return tuple(
        (str(team), str(branch))
        for team, branch in visits.order_by(
            "inspected_branch_id", "inspector_branch_id"
        ).values_list("inspector_branch_id", "inspected_branch_id")
    )


@dataclass(frozen=True, slots=True)
class Arranged:
    """The visits of a round as they stand and the draw behind them, if there was one yet.
    ``changes``: what was changed since, the oldest first; ``participants`` with their branches,
    ``visits`` with their teams and the teams' branches, second visits left out."""

    round: MonthRound
    draw: PairingDraw | None
    changes: Sequence[PairingChange]
    participants: Sequence[RoundParticipant]
    visits: Sequence[Inspection]

    @property
    def pairs(self) -> tuple[Pair, ...]:
        """As :func:`pairs_of`."""
        pairs = sorted((v.inspected_branch_id, v.inspector_branch_id) for v in self.visits)
        return tuple((str(team), str(branch)) for branch, team in pairs)

    @property
    def holes(self) -> int:
        """How many visits the month's policy asks for and nobody makes."""
        ranked = sum(not p.is_exempt for p in self.participants)
        return max(0, ranked * self.round.policy.visits_per_branch - len(self.visits))

    @property
    def names(self) -> dict[str, str]:
        return {str(p.branch_id): p.branch.name for p in self.participants}

    @property
    def certificate(self) -> dict[str, Any] | None:
        """The certificate of the draw with the visits as they stand now, and what has been
        relaxed since."""
        if self.draw is None:
            return None
        steps = {r["step"]: r for r in self.draw.certificate["relaxations"]}
        for change in self.changes:
            for r in change.relaxations:
                old = steps.get(r["step"])
                if old is None or _is_further(r, old):
                    steps[r["step"]] = r
        return {
            **self.draw.certificate,
            "plan": [list(pair) for pair in self.pairs],
            "relaxations": [steps[step] for step in ORDER if step in steps],
        }


def arranged(round_: MonthRound, *along: QuerySet[Any]) -> Arranged:
    """Read the visits of ``round_`` and its draw, and ``along`` what else is wanted of it, in
    one query."""
    draws = round_.draws.select_related("drawn_by").order_by("-number")[:1]
    changes = (
        PairingChange.objects.filter(draw__round=round_)
        .select_related("actor")
        .order_by("at", "pk")
    )
    participants = round_.participants.select_related("branch").order_by(
        "branch__sort_order", "branch_id"
    )
    visits = (
        Inspection.objects.filter(round=round_, replaces=None)
        .select_related("team__branch")
        .order_by("planned_on", "team__number", "pk")
    )
    read_together(draws, changes, participants, visits, *along)
    draw = draws[0] if draws else None
    return Arranged(
        round_,
        draw,
        [change for change in changes if draw and change.draw_id == draw.pk],
        list(participants),
        list(visits),
    )


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
