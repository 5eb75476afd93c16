"""The monthly meeting on the big screen: who comes when, what is said of each, what was decided."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from django.utils.translation import gettext as _

from evaluations.models import (
    Inspection,
    MeetingComment,
    MeetingDecision,
    MeetingVerdict,
    MonthRound,
    RectificationNotice,
    RoundParticipant,
)
from evaluations.permissions import must_stand_back
from evaluations.selectors.standings import Group, Line, standing_of
from evaluations.selectors.why import why
from portal.accounts.models import User
from portal.kernel.ui import Deduction

MATTERS = 3


@dataclass(frozen=True, slots=True)
class Stop:
    """One branch on the agenda."""

    participant: RoundParticipant
    line: Line
    group: Group
    number: int
    comment: MeetingComment | None

    @property
    def verdict_label(self) -> str:
        return self.comment.get_verdict_display() if self.comment else ""


@dataclass(frozen=True, slots=True)
class Improvement:
    """A branch that moved by more than its error since last month."""

    stop: Stop
    rise: Decimal


@dataclass(frozen=True, slots=True)
class Agenda:
    """The whole meeting: last month's decisions first, then branch by branch within its type."""

    round: MonthRound
    stops: Sequence[Stop]
    decisions: Sequence[MeetingDecision]
    earlier: Sequence[MeetingDecision]
    improvements: Sequence[Improvement] = field(default_factory=tuple)

    @property
    def commented(self) -> int:
        return sum(1 for stop in self.stops if stop.comment and stop.comment.verdict)

    def stop_of(self, participant_id: int) -> Stop | None:
        return next((s for s in self.stops if s.participant.pk == participant_id), None)

    def beside(self, stop: Stop) -> tuple[Stop | None, Stop | None]:
        at = self.stops.index(stop)
        before = self.stops[at - 1] if at else None
        after = self.stops[at + 1] if at + 1 < len(self.stops) else None
        return before, after


@dataclass(frozen=True, slots=True)
class Screen:
    """One branch on the screen: three matters, one good thing, four verdicts."""

    stop: Stop
    matters: Sequence[Deduction]
    highlight: str
    notices: Sequence[RectificationNotice]
    decisions: Sequence[MeetingDecision]
    is_conflicted: bool
    range_percent: tuple[int, int, int] | None

    @property
    def verdicts(self) -> list[tuple[str, str, bool]]:
        chosen = self.stop.comment.verdict if self.stop.comment else ""
        return [(value, str(label), value == chosen) for value, label in MeetingVerdict.choices]


def agenda(round_: MonthRound, user: User) -> Agenda:
    """The agenda of a published month; a fixed number of queries."""
    standing = standing_of(round_, user)
    participants = {
        p.branch_id: p
        for p in round_.participants.filter(is_exempt=False).select_related("branch", "secretary")
    }
    comments = {c.participant_id: c for c in MeetingComment.objects.filter(round=round_)}
    stops = []
    for group in standing.groups:
        ours = [line for line in group.lines if line.standing.branch_id in participants]
        for number, line in enumerate(ours, start=1):
            participant = participants[line.standing.branch_id]
            stops.append(Stop(participant, line, group, number, comments.get(participant.pk)))
    decisions = list(
        round_.decisions.select_related("participant__branch").order_by("due_on", "pk")
    )
    earlier = list(
        MeetingDecision.objects.filter(
            round__committee_id=round_.committee_id, round__month__lt=round_.month
        )
        .open()
        .select_related("participant__branch", "round")
        .order_by("due_on", "pk")
    )
    return Agenda(round_, stops, decisions, earlier, _improvements(stops))


def screen(found: Agenda, stop: Stop, user: User, now: dt.datetime) -> Screen:
    explained = why(
        round_=found.round, group=stop.group, line=stop.line, user=user, now=now, short=MATTERS
    )
    highlight = (
        Inspection.objects.filter(participant=stop.participant)
        .exclude(highlights="")
        .order_by("pk")
        .values_list("highlights", flat=True)
        .first()
    )
    notices = (
        RectificationNotice.objects.filter(branch_id=stop.participant.branch_id)
        .open()
        .order_by("due_on", "pk")
    )
    return Screen(
        stop=stop,
        matters=explained.score.deductions,
        highlight=(highlight or "").split("。")[0],
        notices=list(notices),
        decisions=[d for d in found.decisions if d.participant_id == stop.participant.pk],
        is_conflicted=must_stand_back(user, stop.participant.branch),
        range_percent=_range(stop),
    )


def _range(stop: Stop) -> tuple[int, int, int] | None:
    """Where the bar of possible places begins, how long it is and where the dot stands, in
    percent of the places of the group."""
    fair, rank = stop.line.fair, stop.line.standing.rank
    size = len(stop.group.ranked)
    if fair is None or rank is None or fair.low is None or fair.high is None or size < 2:
        return None

    def at(place: int) -> int:
        return round((place - 1) * 100 / (size - 1))

    return at(fair.low), at(fair.high) - at(fair.low), min(at(rank), 98)


def _improvements(stops: Sequence[Stop]) -> list[Improvement]:
    """进步榜 beside the level: who rose by more than the error of both months, most first."""
    found = []
    for stop in stops:
        rise = stop.line.rise
        error = stop.line.fair.error if stop.line.fair else None
        if rise is not None and rise > 0 and (error is None or rise > error):
            found.append(Improvement(stop, rise))
    return sorted(found, key=lambda one: -one.rise)[:5]


def steps_words(found: Agenda) -> str:
    return _("已点评%(n)d / %(of)d") % {"n": found.commented, "of": len(found.stops)}
