"""谈心谈话: who should have talked with whom in a year, and who has. No Django.

Three relations, each at least once a year (domain.md 3, after 支部工作条例): every two committee
members with each other; every other member with somebody of the committee; every other member
with another member who holds no post.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from itertools import combinations


@dataclass(frozen=True, slots=True)
class Relation:
    """One of the three relations: how many are owed, who is left (pairs or single people)."""

    owed: int
    left: tuple[tuple[int, ...], ...]

    @property
    def done(self) -> int:
        return self.owed - len(self.left)


@dataclass(frozen=True, slots=True)
class Coverage:
    """The three relations of a branch in a year."""

    within_committee: Relation
    with_committee: Relation
    among_members: Relation

    @property
    def owed(self) -> int:
        return self.within_committee.owed + self.with_committee.owed + self.among_members.owed

    @property
    def done(self) -> int:
        return self.within_committee.done + self.with_committee.done + self.among_members.done

    @property
    def percent(self) -> int:
        """Whole per cent, rounded down: 99.6 % is not everybody. 100 when nothing is owed."""
        return self.done * 100 // self.owed if self.owed else 100


def coverage(
    committee: Collection[int], members: Collection[int], talks: Iterable[tuple[int, int]]
) -> Coverage:
    """``committee`` and ``members`` are people by key (committee members may stand in both);
    ``talks`` are the year's pairs in either order. Who left the branch counts for nobody."""
    posts = set(committee)
    ordinary = [person for person in dict.fromkeys(members) if person not in posts]
    plain = set(ordinary)
    pairs = {frozenset(pair) for pair in talks}
    with_post: set[int] = set()
    with_peer: set[int] = set()
    for pair in pairs:
        inside = pair & plain
        if len(inside) == 1 and pair & posts:
            with_post |= inside
        elif len(inside) == 2:
            with_peer |= inside
    committee_pairs = list(combinations(sorted(posts), 2))
    return Coverage(
        within_committee=Relation(
            len(committee_pairs),
            tuple(pair for pair in committee_pairs if frozenset(pair) not in pairs),
        ),
        with_committee=Relation(
            len(ordinary) if posts else 0,
            tuple((p,) for p in ordinary if p not in with_post) if posts else (),
        ),
        among_members=Relation(
            len(ordinary) if len(ordinary) > 1 else 0,
            tuple((p,) for p in ordinary if p not in with_peer) if len(ordinary) > 1 else (),
        ),
    )
