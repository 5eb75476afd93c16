"""When and where the visits of a draw are planned."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, replace

from evaluations.models import MonthRound, PairingDraw
from evaluations.pairing_terms import order_of
from portal.workdays.services import is_workday


@dataclass(frozen=True, slots=True)
class Slot:
    """When and where a visit is planned."""

    on: dt.date | None = None
    at: dt.time | None = None
    place: str = ""


Diary = Callable[[int, int], Slot]  # (branch that sends, branch visited)


def even_diary(round_: MonthRound) -> Diary:
    """Half days of the window, dealt out so that neither a team nor a branch has two visits at
    once while there is room."""
    day, days = round_.window_starts_on, []
    while day <= round_.window_ends_on:
        if is_workday(day):
            days.append(day)
        day += dt.timedelta(days=1)
    halves = [
        (d, t) for d in days or [round_.window_starts_on] for t in (dt.time(9), dt.time(14, 30))
    ]
    busy: dict[int, set[tuple[dt.date, dt.time]]] = defaultdict(set)
    for team, branch, on, at in round_.inspections.values_list(
        "inspector_branch_id", "inspected_branch_id", "planned_on", "planned_time"
    ):
        if on and at:
            busy[team].add((on, at))
            busy[branch].add((on, at))

    def slot(team: int, branch: int) -> Slot:
        first = int.from_bytes(order_of(round_.label, str(team), str(branch))[:4], "big")
        turned = [halves[(first + n) % len(halves)] for n in range(len(halves))]
        half = next((h for h in turned if h not in busy[team] | busy[branch]), turned[0])
        busy[team].add(half)
        busy[branch].add(half)
        return Slot(*half)

    return slot


def freed_slots(draw: PairingDraw) -> Diary:
    """The days that the branch had already been told, else a free half day."""
    freed: dict[int, list[Slot]] = defaultdict(list)
    for change in draw.changes.order_by("at", "pk"):
        for visit in change.removed:
            if visit.get("on"):
                freed[int(visit["branch"])].append(
                    Slot(
                        dt.date.fromisoformat(visit["on"]),
                        dt.time.fromisoformat(visit["at"]) if visit.get("at") else None,
                        visit.get("place", ""),
                    )
                )
    otherwise = even_diary(draw.round)
    taken = {
        (team, on, at)
        for team, on, at in draw.round.inspections.values_list(
            "inspector_branch_id", "planned_on", "planned_time"
        )
    }

    def slot(team: int, branch: int) -> Slot:
        while freed[branch]:
            known = freed[branch].pop()
            if (team, known.on, known.at) not in taken:
                taken.add((team, known.on, known.at))
                return known
        return replace(otherwise(team, branch))

    return slot
