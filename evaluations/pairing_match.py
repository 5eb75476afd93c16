"""One attempt at a draw: rounds of bipartite matching by augmenting paths under fixed terms. No
Django (ADR 40). :mod:`evaluations.pairing` says which terms are tried in which order.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Sequence
from itertools import chain, islice
from typing import Any

from evaluations.pairing_terms import Pair, Task, Terms, largest_type, order_of, sends


class Match:
    """One attempt. Units are numbers in here; ``teams_of`` and ``visits_of`` hold the plan."""

    def __init__(self, task: Task, terms: Terms, attempt: int) -> None:
        self.task, self.terms = task, terms
        self.seed = f"{task.seed}|{attempt}"
        units = sorted(task.units, key=lambda unit: unit.key)
        self.units = units
        self.number = {unit.key: n for n, unit in enumerate(units)}
        size = len(units)
        self.teams_of: list[set[int]] = [set() for _u in units]
        self.visits_of: list[set[int]] = [set() for _u in units]  # that may be given to others
        self.load = [0] * size
        self.need = [0] * size
        largest = largest_type(task) if terms.fewer else None
        for n, unit in enumerate(units):
            if unit.is_visited:
                self.need[n] = task.rules.visits - (1 if unit.type == largest else 0)
        for inspector, inspected in task.fixed:
            team, branch = self.number[inspector], self.number[inspected]
            self.teams_of[branch].add(team)
            self.load[team] += 1
            self.need[branch] = max(0, self.need[branch] - 1)
        self._barred()
        self._ring()

    def _barred(self) -> None:
        """Per branch: teams that must not come, and those that came a while ago."""
        self.barred: list[set[int]] = [set() for _u in self.units]
        self.recent: list[dict[int, int]] = [{} for _u in self.units]
        for (inspector, inspected), age in self.task.history.items():
            if inspector in self.number and inspected in self.number:
                team, branch = self.number[inspector], self.number[inspected]
                if age < max(self.terms.memory, 2):
                    self.barred[branch].add(team)
                else:
                    self.recent[branch][team] = age
        for inspector, inspected in self.task.recusals:
            if inspector in self.number and inspected in self.number:
                self.barred[self.number[inspected]].add(self.number[inspector])
        houses: dict[str, list[int]] = defaultdict(list)
        for n, unit in enumerate(self.units):
            houses[unit.house].append(n)
        for members in houses.values():
            for n in members:
                self.barred[n].update(members)  # itself among them

    def _ring(self) -> None:
        """All teams in an order settled by the seed; each branch begins at its own place."""
        senders = [n for n, unit in enumerate(self.units) if sends(unit, self.task)]
        self.ring = sorted(senders, key=lambda n: order_of(self.seed, "team", self.units[n].key))
        self.place = {team: at for at, team in enumerate(self.ring)}
        self.free: list[int] = []
        self.stale = 0
        self.kind = [unit.type for unit in self.units]
        self.county = [unit.county for unit in self.units]
        self.extra = [
            self.terms.fill and unit.fills and sends(unit, self.task) for unit in self.units
        ]
        turns = {}
        counts = Counter(self.kind[n] for n in self.ring)
        for n, unit in enumerate(self.units):
            options = len(self.ring) - counts[unit.type] - len(self.barred[n])
            turns[n] = (options, order_of(self.seed, "branch", unit.key))
        self.order = sorted((n for n in turns if self.need[n]), key=lambda n: turns[n])
        self.start = {
            n: int.from_bytes(turns[n][1][:8], "big") % max(len(self.ring), 1) for n in self.order
        }

    def run(self) -> None:
        """``k`` rounds; inside a round the load rises visit by visit, so that it stays even."""
        rounds = max(self.need, default=0)
        for turn in range(rounds, 0, -1):
            waiting = [n for n in self.order if self.need[n] >= turn]
            for cap in range(1, self.terms.load + 1):
                if not waiting:
                    break
                waiting = self._fill(waiting, cap)

    def _fill(self, waiting: Sequence[int], cap: int) -> list[int]:
        left = []
        dead: set[int] = set()  # teams from which no free one can be reached at this load
        self._gather(cap)
        for branch in waiting:
            if self.free and self._augment(branch, cap, dead):
                self.need[branch] -= 1
            else:
                left.append(branch)
        return left

    def _gather(self, cap: int) -> None:
        """The free teams at this load, by their place in the ring."""
        self.free = [at for at, team in enumerate(self.ring) if self._is_free(team, cap)]
        self.stale = 0

    def _is_free(self, team: int, cap: int) -> bool:
        return self.load[team] < cap or (
            self.extra[team] and cap == self.terms.load  # stepping in comes last
        )

    def _allowed(self, team: int, branch: int) -> bool:
        """The hard rules for one visit, beside those that :meth:`_barred` knows."""
        if team in self.barred[branch] or team in self.teams_of[branch]:
            return False
        if self.kind[team] == self.kind[branch] and not (
            self.terms.same_type and self.county[team] != self.county[branch]
        ):
            return False
        if self.terms.same_county and self.county[team] != self.county[branch]:
            return False
        return self.terms.mutual or branch not in self.teams_of[team]

    def _candidates(self, branch: int) -> Iterator[int]:
        """Free teams that never came first, in ring order; then those that came longest ago."""
        ring, recent = self.ring, self.recent[branch]
        start = self.start.get(branch, 0)
        middle = bisect_left(self.free, start)
        for at in chain(islice(self.free, middle, None), islice(self.free, middle)):
            if ring[at] not in recent:
                yield ring[at]
        if recent:
            size = len(ring)
            yield from sorted(
                (team for team in recent if team in self.place),
                key=lambda team: (-recent[team], (self.place[team] - start) % size),
            )

    def _augment(self, branch: int, cap: int, dead: set[int]) -> bool:
        # Most find a free team at once; among those that came before, the oldest.
        for team in self._candidates(branch):
            if self._is_free(team, cap) and self._allowed(team, branch):
                self._add(team, branch)
                self._count_out(cap)
                return True
        tabu: set[Pair | tuple[int, int]] = set()
        for _try in range(6):
            path = self._path(branch, cap, dead, tabu)
            if path is None:
                return False
            broken = self._walk(path)
            if broken is None:
                self._count_out(cap)
                return True
            tabu.add(broken)
        return False

    def _count_out(self, cap: int) -> None:
        """A free team may be free no longer: look again once there are many such."""
        self.stale += 1
        if self.stale * 2 > len(self.free):
            self._gather(cap)

    def _path(
        self, branch: int, cap: int, dead: set[int], tabu: Collection[Any]
    ) -> list[tuple[int, int]] | None:
        """Visits to make, the last one by a free team: each makes the one before it possible
        by taking a branch off that team's hands. None when there is no such chain."""
        came: dict[int, int] = {}  # team -> branch that asked for it
        gave: dict[int, int] = {}  # branch -> team that would give it up
        unseen = [team for team in self.ring if team not in dead]
        queue, at = [branch], 0
        while at < len(queue):
            asking = queue[at]
            at += 1
            later = []
            for team in unseen:
                if not self._allowed(team, asking) or (team, asking) in tabu:
                    later.append(team)
                    continue
                came[team] = asking
                if self._is_free(team, cap):
                    path = [(team, asking)]
                    while asking != branch:
                        team = gave[asking]
                        asking = came[team]
                        path.append((team, asking))
                    return path[::-1]
                for other in sorted(self.visits_of[team]):
                    if other != branch and other not in gave:
                        gave[other] = team
                        queue.append(other)
            unseen = later
        if not tabu:
            dead.update(came)
        return None

    def _walk(self, path: Sequence[tuple[int, int]]) -> tuple[int, int] | None:
        """Make the visits of a path. Gives the visit that would run both ways, with everything
        put back, or None when all is well."""
        moved = [(path[n][0], path[n + 1][1]) for n in range(len(path) - 1)]
        for team, branch in moved:
            self._drop(team, branch)
        for team, branch in path:
            self._add(team, branch)
        if self.terms.mutual:
            return None
        for team, branch in path:
            if branch in self.teams_of[team]:
                for made in path:
                    self._drop(*made)
                for back in moved:
                    self._add(*back)
                return team, branch
        return None

    def _add(self, team: int, branch: int) -> None:
        self.teams_of[branch].add(team)
        self.visits_of[team].add(branch)
        self.load[team] += 1

    def _drop(self, team: int, branch: int) -> None:
        self.teams_of[branch].remove(team)
        self.visits_of[team].remove(branch)
        self.load[team] -= 1

    @property
    def short(self) -> dict[str, int]:
        return {self.units[n].key: need for n, need in enumerate(self.need) if need}

    def pairs(self) -> tuple[Pair, ...]:
        return tuple(
            (self.units[team].key, self.units[branch].key)
            for branch in range(len(self.units))
            for team in sorted(self.teams_of[branch])
        )
