"""What a record says, as forms, imports and calls hand it to the service."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from branches.models import (
    AbsenceKind,
    PartyGroup,
    Person,
)

if TYPE_CHECKING:
    pass


@dataclass(frozen=True, slots=True)
class AbsenceValues:
    """Somebody on the roster who did not come."""

    person_id: int
    kind: str = AbsenceKind.LEAVE
    reason: str = ""
    made_up_on: dt.date | None = None


@dataclass(frozen=True, slots=True)
class SessionValues:
    """A further sitting of the same event, for another shift."""

    held_on: dt.date
    place: str = ""


@dataclass(frozen=True, slots=True)
class FollowUpValues:
    """What was resolved, who does it, by when."""

    text: str
    person: Person | None = None
    due_on: dt.date | None = None


@dataclass(frozen=True, slots=True)
class ActivityValues:
    """What a record says. Numbers of people are not in it: they follow from the roster."""

    duties: tuple[str, ...]
    held_on: dt.date
    place: str
    subject: str
    chair: Person
    recorder: Person | None = None
    group: PartyGroup | None = None
    agenda: str = ""
    resolution: str = ""
    study_hours: Decimal = Decimal(0)
    ayes: int | None = None
    absences: tuple[AbsenceValues, ...] = ()
    late_reason: str = ""
    starts_at: dt.time | None = None
    statements: str = ""
    nays: int | None = None
    motion: str = ""
    sessions: tuple[SessionValues, ...] = ()
    follow_ups: tuple[FollowUpValues, ...] = ()
    also: tuple[str, ...] = ()
