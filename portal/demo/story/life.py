"""What every part of the story knows of a committee's months, and remembers of them."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass
from enum import StrEnum

from branches.models import Duty
from evaluations.models import Inspection, RoundParticipant
from portal.accounts.models import User
from portal.demo import plots
from portal.demo.agenda import Agenda
from portal.demo.company import BuiltBranch, BuiltCommittee
from portal.demo.plots import Failure
from portal.kernel.months import SHANGHAI, Month
from portal.workdays.services import is_workday

ONE_DAY = dt.timedelta(days=1)


class Ending(StrEnum):
    """How far a month gets."""

    PUBLISHED = "published"
    IN_APPEALS = "in_appeals"
    IN_INSPECTION = "in_inspection"
    OPEN = "open"


def moment(day: dt.date, hour: int, minute: int = 0) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(hour, minute), SHANGHAI)


def workdays_of(first: dt.date, last: dt.date) -> list[dt.date]:
    days = ((first + dt.timedelta(days=n)) for n in range((last - first).days + 1))
    return [day for day in days if is_workday(day)]


@dataclass(frozen=True, slots=True)
class Visit:
    """A visit as the story means it to go."""

    inspection: Inspection
    team: BuiltBranch
    host: BuiltBranch
    participant: RoundParticipant
    at: dt.datetime


class Life:
    """The life of one committee and its branches: who acts, what the month in hand is, and
    what has been so far (records and sheets refer to each other)."""

    def __init__(
        self,
        *,
        seed: int,
        built: BuiltCommittee,
        agenda: Agenda,
        hand: Month,
        today: dt.date,
        has_plots: bool,
    ) -> None:
        self.seed = seed
        self.built = built
        self.agenda = agenda
        self.hand = hand  # the month in hand
        self.today = today
        self.has_plots = has_plots
        self.turnout: dict[tuple[Month, str], tuple[int, int]] = {}
        self.held: dict[tuple[Month, str, Duty], dt.date] = {}
        self.moved: set[tuple[Month, str]] = set()
        self.key_faults: dict[tuple[Month, str], set[tuple[str, str]]] = defaultdict(set)
        assert built.officer is not None  # noqa: S101 - founded with branches
        assert built.leader is not None  # noqa: S101
        self.officer: User = built.officer
        self.leader: User = built.leader

    def failures(self, month: Month, name: str) -> list[Failure]:
        if not self.has_plots:
            return []
        return [
            failure
            for failure in plots.FAILURES
            if failure.branch == name and self.hand.plus(-failure.months_back) == month
        ]

    def judge_of(self, host: BuiltBranch) -> User:
        """The officer, or for the branch of his own department the committee's secretary."""
        return self.leader if host.plan.has_party_affairs_office else self.officer
