"""The roster inside the form of a record: who should attend, and who was marked as away."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from django.utils.translation import gettext as _

from branches.models import AbsenceKind, Branch, PartyGroup
from branches.rosters import Attendee, Circle, circle_of, ever_of, roster


class RosterRows:
    """The roster as the page draws it: everybody there unless marked.

    Who was marked on another day's roster stays in sight, so that a wrong date loses no mark.
    """

    def __init__(
        self,
        branch: Branch,
        day: dt.date,
        duties: list[str],
        group: PartyGroup | None,
        marked: Mapping[int, tuple[str, ...]],
    ) -> None:
        self.day = day
        self.circle = circle_of(duties, group)
        self.group = group
        people: list[Attendee] = roster(branch, day, self.circle, group.pk if group else None)
        self.rows = [
            {
                "person": attendee,
                "kind": marked.get(attendee.person_id, ("", "", ""))[0],
                "reason": marked.get(attendee.person_id, ("", "", ""))[1],
                "made_up": marked.get(attendee.person_id, ("", "", ""))[2],
                "is_stranger": number >= len(people),
            }
            for number, attendee in enumerate([*people, *self._strangers(branch, people, marked)])
        ]
        self.expected = len(people)
        self.absent = sum(
            row["kind"] in {"leave", "absent"} and not row["is_stranger"] for row in self.rows
        )
        self.voters = sum(attendee.votes for attendee in people)

    @staticmethod
    def _strangers(
        branch: Branch, people: list[Attendee], marked: Mapping[int, tuple[str, ...]]
    ) -> list[Attendee]:
        listed = {attendee.person_id for attendee in people}
        missing = {key for key, (kind, *_rest) in marked.items() if kind and key not in listed}
        return [
            Attendee(person.pk, person.name, votes=False, group_id=None)
            for person in ever_of(branch, missing)
        ]

    @property
    def is_marked(self) -> bool:
        return any(row["kind"] for row in self.rows)

    @property
    def present(self) -> int:
        return self.expected - self.absent

    @property
    def kinds(self) -> list[tuple[str, str]]:
        return [(kind.value, str(kind.label)) for kind in AbsenceKind]

    @property
    def words(self) -> str:
        """Who should attend, in words."""
        if self.circle == Circle.COMMITTEE:
            return str(_("支委"))
        if self.circle == Circle.GROUP and self.group is not None:
            return f"{self.group.name}党员"
        return str(_("全体党员"))
