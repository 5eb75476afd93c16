"""The monthly meeting on the big screen: who comes when, what is said of each, what was decided."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.db.models import Q, QuerySet, Subquery
from django.urls import reverse
from django.utils.translation import gettext as _

from evaluations.lifecycles import AppealStatus
from evaluations.models import (
    Deduction,
    Inspection,
    MeetingComment,
    MeetingDecision,
    MeetingVerdict,
    MonthRound,
    RankingEntry,
    RectificationNotice,
    RoundParticipant,
    ScoreAppeal,
)
from evaluations.permissions import must_stand_back
from evaluations.selectors.fair import is_clear_change
from evaluations.selectors.revisions import put_in_force
from evaluations.selectors.standings import (
    Group,
    Line,
    Standing,
    entries_with_scores,
    standing_of,
)
from evaluations.services.meetings import is_over
from portal.accounts.models import User
from portal.kernel.together import read_together
from portal.kernel.ui import State, Status

MATTERS = 3
TREND_MONTHS = 6
LINE = 28  # characters of a fact that fit in one line
ROOM, TEXT_LINE = 640, 49  # CSS pixels of a wall of 1080: below "今天说", and a line of text
WIDE, CLOSE = 87, 72  # a matter's title with the space around it
VERDICT_LOOKS: dict[str, tuple[State, str]] = {
    MeetingVerdict.AVERAGE: ("soon", "info-circle"),
    MeetingVerdict.POOR: ("late", "alert-triangle"),
}
LONGEST = 300  # what a fact and a good thing may have at most, in characters
BOARD_ROWS = 13  # what a wall of 1080 lines shows at 32 px
LEAST_SPAN = Decimal(6)  # marks: a smaller range would draw chance as a mountain
TENTH = Decimal("0.1")


@dataclass(frozen=True, slots=True)
class Stop:
    """One branch on the agenda."""

    participant: RoundParticipant
    line: Line
    group: Group
    number: int
    of: int
    comment: MeetingComment | None
    members: int = 0  # of a general branch: those of its branches
    is_conflicted: bool = False  # the reader must stand back from it
    is_clear: bool | None = None  # beyond the error of both months; None where none is known

    @property
    def verdict_label(self) -> str:
        return self.comment.get_verdict_display() if self.comment else ""

    @property
    def verdict_status(self) -> Status | None:
        """The word as it is drawn: only what is well gets the tick of what is well."""
        if self.comment is None or not self.comment.verdict:
            return None
        state, icon = VERDICT_LOOKS.get(self.comment.verdict, ("done", "circle-check"))
        return Status(state, self.verdict_label, icon)


@dataclass(frozen=True, slots=True)
class Improvement:
    """A branch that rose by more than the error of both months."""

    stop: Stop
    rise: Decimal


@dataclass(frozen=True, slots=True)
class Board:
    """One type: 水平榜 (where each stands) beside 进步榜 (who rose). Types are never mixed."""

    number: int
    group: Group
    stops: Sequence[Stop]
    improvements: Sequence[Improvement]

    @property
    def level(self) -> Sequence[Stop]:
        return self.stops[:BOARD_ROWS]

    @property
    def risen(self) -> Sequence[Improvement]:
        return self.improvements[:BOARD_ROWS]

    @property
    def beyond(self) -> int:
        """How many stand on the ranking page only."""
        return max(0, len(self.stops) - BOARD_ROWS)


@dataclass(frozen=True, slots=True)
class DecisionLine:
    """A decision, and whether the reader may strike it off (not one about his own branch)."""

    decision: MeetingDecision
    may_close: bool


@dataclass(frozen=True, slots=True)
class Step:
    """One screen of the walk through the agenda."""

    label: str
    url: str
    is_branch: bool = False

    @property
    def lead(self) -> str:
        return _("下一位") if self.is_branch else _("下一项")


@dataclass(frozen=True, slots=True)
class Agenda:
    """The whole meeting: what the last one decided, then type by type a board and its branches,
    then what this one decided."""

    round: MonthRound
    boards: Sequence[Board]
    decided: Sequence[DecisionLine]
    earlier: Sequence[DecisionLine]

    @property
    def stops(self) -> list[Stop]:
        return [stop for board in self.boards for stop in board.stops]

    @property
    def decisions(self) -> list[MeetingDecision]:
        return [line.decision for line in self.decided]

    @property
    def earlier_decisions(self) -> list[MeetingDecision]:
        return [line.decision for line in self.earlier]

    def is_over(self, now: dt.datetime) -> bool:
        """Whether the meeting has been held: its verdicts are changed on purpose only."""
        comments = [stop.comment for stop in self.stops if stop.comment]
        return is_over(self.round, (c.said_at for c in comments if c.verdict), now)

    @property
    def has_risen(self) -> bool:
        return any(board.improvements for board in self.boards)

    @property
    def still_open(self) -> int:
        return sum(1 for line in self.earlier if line.decision.done_on is None)

    @property
    def commented(self) -> int:
        return sum(1 for stop in self.stops if stop.comment and stop.comment.verdict)

    def stop_of(self, participant_id: int) -> Stop | None:
        return next((s for s in self.stops if s.participant.pk == participant_id), None)

    def steps(self) -> list[Step]:
        pk = self.round.pk
        found = [Step(_("上次定的事"), reverse("evaluations:meeting-opening", args=[pk]))]
        for board in self.boards:
            address = reverse("evaluations:meeting-board", args=[pk, board.number])
            found.append(Step(board.group.label, address))
            found += [
                Step(
                    stop.line.branch_name,
                    reverse("evaluations:meeting-screen", args=[pk, stop.participant.pk]),
                    is_branch=True,
                )
                for stop in board.stops
            ]
        found.append(Step(_("这次定的事"), reverse("evaluations:meeting-closing", args=[pk])))
        return found

    def beside(self, url: str) -> tuple[Step | None, Step | None]:
        """The screens before and after the one at ``url``."""
        steps = self.steps()
        at = next(n for n, step in enumerate(steps) if step.url == url)
        before = steps[at - 1] if at else None
        after = steps[at + 1] if at + 1 < len(steps) else None
        return before, after


@dataclass(frozen=True, slots=True)
class Matter:
    """What cost the branch most: one rule, with the fact, and what it took off the score (the
    mean over the sheets)."""

    name: str
    is_key: bool
    fact: str
    taken: Decimal


@dataclass(frozen=True, slots=True)
class TrendPoint:
    """A month's published total and where its dot stands, in units of the drawing (600 x 118)."""

    label: str
    total: Decimal
    x: int
    y: int

    @property
    def above(self) -> int:
        """Where the figure over the dot is written."""
        return self.y - 16


@dataclass(frozen=True, slots=True)
class Screen:
    """One branch on the screen: three matters, one good thing, four verdicts."""

    stop: Stop
    matters: Sequence[Matter]
    highlight: str
    notices: Sequence[RectificationNotice]
    decisions: Sequence[MeetingDecision]
    range_percent: tuple[int, int, int] | None
    trend: Sequence[TrendPoint]

    @property
    def trend_line(self) -> str:
        return " ".join(f"{point.x},{point.y}" for point in self.trend)

    @property
    def density(self) -> str:
        """How close the rows have to stand for one wall: nothing (whatever is said is shown
        whole), ``full`` (closer, and what is long takes ``lines``) or ``crowded`` (one line)."""
        if self._height(WIDE, LONGEST) <= ROOM:
            return ""
        return "full" if self.lines > 1 else "crowded"

    @property
    def lines(self) -> int:
        """How many lines of each text the wall has room for where it is full."""
        return next((n for n in (5, 4, 3, 2) if self._height(CLOSE, n) <= ROOM), 1)

    def _height(self, title: int, most: int) -> int:
        """Of all rows, where no text takes more than ``most`` lines."""
        own = self.stop.comment.own_words if self.stop.comment else ""
        texts = [m.fact for m in self.matters] + [self.highlight + "亮点：" * bool(self.highlight)]
        taken = sum(min(-(-len(text) // LINE), most) for text in texts)
        lines = taken + bool(self.notices)
        beside = bool(self.highlight) + bool(self.notices)
        return len(self.matters) * title + lines * TEXT_LINE + beside * 18 + bool(own) * 56

    @property
    def verdicts(self) -> list[tuple[str, str, bool]]:
        chosen = self.stop.comment.verdict if self.stop.comment else ""
        return [(value, str(label), value == chosen) for value, label in MeetingVerdict.choices]


def agenda(round_: MonthRound, user: User) -> Agenda:
    """The agenda of a published month; one query."""
    entries = entries_with_scores(round_)
    taking_part = round_.participants.filter(is_exempt=False).select_related(
        "branch", "secretary", "comment"
    )
    decisions = _decisions(round_)
    read_together(entries, taking_part, decisions)
    standing = standing_of(round_, user, entries)
    participants = {p.branch_id: p for p in taking_part}
    below: dict[int, int] = defaultdict(int)
    for p in participants.values():
        below[p.branch.parent_id or 0] += p.member_count
    boards: list[Board] = []
    for group in standing.groups:
        ours = [line for line in group.lines if line.standing.branch_id in participants]
        stops = []
        for number, line in enumerate(ours, start=1):
            participant = participants[line.standing.branch_id]
            comment: MeetingComment | None = getattr(participant, "comment", None)
            clear = _is_clear(line, standing)
            members = participant.member_count or below[participant.branch_id]
            conflicted = must_stand_back(user, participant.branch)
            stops.append(
                Stop(
                    participant,
                    line,
                    group,
                    number,
                    len(ours),
                    comment,
                    members,
                    conflicted,
                    clear,
                )
            )
        if stops:
            boards.append(Board(len(boards) + 1, group, stops, _improvements(stops)))
    lines = _lines(decisions, user)
    return Agenda(
        round_,
        boards,
        [line for line in lines if line.decision.round_id == round_.pk],
        # Open ones first: they are what the meeting has to speak of.
        sorted(
            (line for line in lines if line.decision.round_id != round_.pk),
            key=lambda line: line.decision.done_on is not None,
        ),
    )


def _decisions(round_: MonthRound) -> QuerySet[MeetingDecision]:
    """What this meeting decided; what the last one did, done or not; and whatever older ones left
    open. By day."""
    last = (
        MonthRound.objects.filter(
            committee_id=round_.committee_id, month__lt=round_.month, status="published"
        )
        .order_by("-month")
        .values("month")[:1]
    )
    decisions: QuerySet[MeetingDecision] = (
        MeetingDecision.objects.filter(
            Q(round=round_)
            | Q(round__month__lt=round_.month)
            & (Q(done_on__isnull=True) | Q(round__month=Subquery(last))),
            round__committee_id=round_.committee_id,
        )
        .select_related("participant__branch", "round")
        .order_by("due_on", "pk")
    )
    return decisions


def _lines(decisions: Iterable[MeetingDecision], user: User) -> list[DecisionLine]:
    return [
        DecisionLine(
            decision,
            decision.participant is None or not must_stand_back(user, decision.participant.branch),
        )
        for decision in decisions
    ]


def screen(found: Agenda, stop: Stop) -> Screen:
    """What the wall says of one branch; one query."""
    visits = Inspection.objects.filter(participant=stop.participant).done()
    highlights = visits.order_by("pk").values_list("highlights", flat=True)
    taken = (
        Deduction.objects.filter(inspection__in=visits.values("pk"), points__gt=0)
        .select_related("item", "rule")
        .order_by("item__sort_order", "rule__number", "pk")
    )
    upheld = ScoreAppeal.objects.filter(
        deduction__inspection__in=visits.values("pk"), status=AppealStatus.UPHELD
    )
    notices = (
        RectificationNotice.objects.filter(branch_id=stop.participant.branch_id)
        .open()
        .order_by("due_on", "pk")
    )
    totals = _totals(stop.participant.branch_id, found.round)
    read_together(highlights, taken, upheld, notices, totals)
    standing = stop.line.standing
    put_in_force(taken, upheld, standing.run if isinstance(standing, RankingEntry) else None)
    highlight = next((said for said in highlights if said), "")
    return Screen(
        stop=stop,
        matters=_matters([row for row in taken if row.points], len(highlights)),
        highlight=highlight.split("。")[0],
        notices=list(notices),
        decisions=[d for d in found.decisions if d.participant_id == stop.participant.pk],
        range_percent=_range(stop),
        trend=_trend(totals),
    )


def _matters(taken: Iterable[Deduction], visits: int) -> list[Matter]:
    """The dearest rules on the sheets of so many visits."""
    by_rule: dict[int, list[Deduction]] = {}
    for row in taken:
        by_rule.setdefault(row.rule_id, []).append(row)
    found = [
        Matter(
            name=rows[0].item.name,
            is_key=rows[0].item.is_key_work,
            fact="；".join(dict.fromkeys(row.fact for row in rows if row.fact)),
            taken=-sum((row.points for row in rows), Decimal(0)) / visits,
        )
        for rows in by_rule.values()
    ]
    return sorted(found, key=lambda one: one.taken)[:MATTERS]


Total = tuple[dt.date, Decimal | None]


def _totals(branch_id: int, until: MonthRound) -> QuerySet[Any, Total]:
    """Published totals up to the month of ``until``, the newest month and revision first."""
    entries: QuerySet[Any, Total] = (
        RankingEntry.objects.filter(branch_id=branch_id, run__round__month__lte=until.month)
        .order_by("-run__round__month", "-run__revision")
        .values_list("run__round__month", "total")[: 3 * TREND_MONTHS]
    )
    return entries


def _trend(totals: Iterable[Total]) -> list[TrendPoint]:
    """The last months, the newest revision of each; nothing below two."""
    newest: dict[dt.date, tuple[str, Decimal]] = {}
    for month, total in totals:
        if total is not None and month not in newest and len(newest) < TREND_MONTHS:
            newest[month] = (_("%(n)d月") % {"n": month.month}, total)
    points = list(reversed(newest.values()))
    if len(points) < 2:
        return []
    lowest, highest = min(t for _m, t in points), max(t for _m, t in points)
    span = max(highest - lowest, LEAST_SPAN)
    floor = (highest + lowest - span) / 2
    step = Decimal(520) / (len(points) - 1)
    return [
        TrendPoint(
            label,
            total.quantize(TENTH, ROUND_HALF_UP),
            round(40 + number * step),
            round(70 - (total - floor) * 32 / span),
        )
        for number, (label, total) in enumerate(points)
    ]


def _range(stop: Stop) -> tuple[int, int, int] | None:
    """Where the bar of possible places begins, how long it is and where the dot stands, in
    units of the drawing (600 wide, 12 of them left free at either end)."""
    fair, rank = stop.line.fair, stop.line.standing.rank
    size = len(stop.group.ranked)
    if fair is None or rank is None or fair.low is None or fair.high is None or size < 2:
        return None

    def at(place: int) -> int:
        return 12 + round((place - 1) * 576 / (size - 1))

    return at(fair.low), at(fair.high) - at(fair.low), at(rank)


def _is_clear(line: Line, standing: Standing) -> bool | None:
    if line.fair is None or line.rise is None:
        return None
    fair = standing.fairness
    before = fair.before.get(line.standing.branch_id)
    return is_clear_change(line.fair, before, official=fair.is_official)


def _improvements(stops: Sequence[Stop]) -> list[Improvement]:
    """Who rose by more than the error of both months, most first; where nothing is known of the
    error, whoever rose."""
    found = []
    for stop in stops:
        rise = stop.line.rise
        if rise is not None and rise > 0 and stop.is_clear is not False:
            found.append(Improvement(stop, rise))
    return sorted(found, key=lambda one: -one.rise)


def steps_words(found: Agenda) -> str:
    return _("已点评%(n)d / %(of)d") % {"n": found.commented, "of": len(found.stops)}
