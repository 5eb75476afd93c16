"""The officer's page of a round: where it stands, who is missing, the one next step."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, OuterRef, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from branches.duty_facts import DutyState
from branches.duty_matrix import DutyMatrix, duty_matrix
from branches.models import Branch
from evaluations.lifecycles import RoundStatus
from evaluations.models import (
    Inspection,
    IssuedPaper,
    MonthRound,
    RankingRun,
    RectificationNotice,
    RoundEvent,
    RoundParticipant,
    ScoreAppeal,
)
from evaluations.querysets import OPEN_NOTICES
from evaluations.selectors.revisions import awaiting_republication, change_words
from evaluations.selectors.round_matrix import DONE, Missing, missing_of, round_matrix
from evaluations.selectors.round_next import (
    NextStep,
    correction_step,
    is_held,
    next_step,
    skipped_of,
)
from portal.kernel import ui
from portal.kernel.together import read_together
from portal.kernel.words import zh_date, zh_day

SHOWN_MISSING = 4
SHOWN_EVENTS = 12


@dataclass(frozen=True, slots=True)
class Board:
    """Everything the round page draws."""

    round: MonthRound
    title: str
    steps: Sequence[ui.Step]
    next: NextStep
    duties: DutyMatrix
    matrix: ui.Matrix
    missing: Sequence[Missing]
    late_count: int
    soon_count: int
    due_total: int
    due_done: int
    visits_total: int
    visits_done: int
    events: Sequence[ui.Event]

    @property
    def later_count(self) -> int:
        """Owed this month and not yet near its day."""
        return self.due_total - self.due_done - self.late_count - self.soon_count

    @property
    def is_long(self) -> bool:
        """Too many rows to stand on the page: the matrix scrolls inside its own frame."""
        return sum(len(group.rows) for group in self.matrix.groups) > 40

    @property
    def shown_missing(self) -> Sequence[Missing]:
        return self.missing[:SHOWN_MISSING]

    @property
    def rest_missing(self) -> Sequence[Missing]:
        """Those that the short list leaves out: on a phone they stand where the matrix is."""
        return self.missing[SHOWN_MISSING:]

    @property
    def hidden_missing(self) -> int:
        return len(self.rest_missing)


def round_board(
    round_: MonthRound,
    *,
    today: dt.date,
    branch_type: str = "",
    only_missing: bool = False,
) -> Board:
    """The board of ``round_`` as of ``today``. The number of queries does not grow with the
    branches."""
    taking_part = (
        RoundParticipant.objects.filter(round=round_)
        .select_related("branch", "comment")
        .order_by("branch__sort_order", "branch_id")
    )
    arranged = (
        Inspection.objects.filter(round=round_, replaces=None)  # a second visit fills no slot
        .select_related("team")
        .order_by("planned_on", "pk")
    )
    absences = round_.absences.select_related("branch")
    appeals, notices = _by_status(round_)
    events = round_.events.select_related("actor").order_by("-at", "-pk")[:SHOWN_EVENTS]
    runs = (
        RankingRun.objects.filter(round=round_)
        .annotate(is_signed=Exists(IssuedPaper.objects.live().filter(run=OuterRef("pk"))))
        .order_by("-revision")[:1]
    )
    upheld = awaiting_republication(round_)
    read_together(taking_part, arranged, absences, appeals, notices, events, runs, upheld)
    participants = list(taking_part)
    visits: dict[int, list[Inspection]] = defaultdict(list)
    for visit in arranged:
        visits[visit.participant_id].append(visit)
    duties = duty_matrix(
        branches=Branch.objects.filter(participations__round=round_),
        month=round_.period,
        today=today,
    )
    cells = {row.branch_id: row.cells for row in duties.rows}
    every = list(arranged)
    counts = _counts(dict(appeals), dict(notices)) | _said(participants)
    wanted = round_.policy.visits_per_branch
    holes = sum(max(0, wanted - len(visits[p.pk])) for p in participants if not p.is_exempt)
    missing = missing_of(participants, cells)
    owed = [c for row in duties.rows for c in row.cells if c.counts]
    due_done = sum(c.is_fulfilled for c in owed)
    done = sum(v.status in DONE for v in every)
    return Board(
        round=round_,
        title=_title(round_),
        steps=_steps(round_, today, due_done, len(owed), done, len(every), counts),
        next=correction_step(round_, runs, change_words(upheld))
        or next_step(
            round_,
            today,
            every,
            counts,
            holes,
            list(absences),
            skipped_of(participants, visits),
        ),
        duties=duties,
        matrix=round_matrix(round_, participants, cells, visits, duties, branch_type, only_missing),
        missing=missing,
        late_count=sum(c.state == DutyState.OVERDUE for c in owed),
        soon_count=sum(c.state == DutyState.DUE_SOON for c in owed),
        due_total=len(owed),
        due_done=due_done,
        visits_total=len(every),
        visits_done=done,
        events=_events(events),
    )


APPEALS, MEETING = 5, 8
STEP_OF = {
    RoundStatus.OPEN: 1,
    RoundStatus.INSPECTING: 3,
    RoundStatus.PROVISIONAL: 5,
}


def _by_status(round_: MonthRound) -> tuple[QuerySet[Any], QuerySet[Any]]:
    """How many appeals and how many notices of the round stand where."""
    appeals = ScoreAppeal.objects.filter(deduction__inspection__round=round_)
    notices = RectificationNotice.objects.filter(participant__round=round_)
    return tuple(
        found.order_by().values("status").annotate(n=Count("pk")).values_list("status", "n")
        for found in (appeals, notices)
    )


def _counts(appeals: Mapping[str, int], notices: Mapping[str, int]) -> dict[str, int]:
    return {
        "appeals_filed": appeals.get("filed", 0),
        "appeals_revisit": appeals.get("revisit", 0),
        "appeals": sum(appeals.values()),
        "notices_unchecked": notices.get("draft", 0),
        "notices_unsigned": notices.get("checked", 0),
        "notices_open": sum(notices.get(status, 0) for status in OPEN_NOTICES),
        "notices_review": notices.get("responded", 0),
        "notices": sum(notices.values()) - notices.get("withdrawn", 0),
    }


def _said(participants: Sequence[RoundParticipant]) -> dict[str, int]:
    """How far the meeting is: branches with a word of the committee, of all that take part."""
    due = [p for p in participants if not p.is_exempt]
    comments = [getattr(p, "comment", None) for p in due]
    return {"to_comment": len(due), "commented": sum(bool(c and c.verdict) for c in comments)}


def _current_step(round_: MonthRound, counts: dict[str, int]) -> int:
    if round_.status != RoundStatus.PUBLISHED:
        return STEP_OF[RoundStatus(round_.status)]
    waiting = ("notices_unchecked", "notices_unsigned", "notices_open")
    if any(counts[name] for name in waiting):
        return 7
    return MEETING + 1 if is_held(counts) else MEETING


def _title(round_: MonthRound) -> str:
    words = {
        RoundStatus.OPEN: _("%(month)s，记录和安排互查"),
        RoundStatus.INSPECTING: _("%(month)s，第 3 步交叉互查"),
        RoundStatus.PROVISIONAL: _("%(month)s，初评公示，等申诉"),
        RoundStatus.PUBLISHED: _("%(month)s，已经通报"),
    }
    return words[RoundStatus(round_.status)] % {"month": round_.label}


def _steps(
    round_: MonthRound,
    today: dt.date,
    due_done: int,
    due_total: int,
    visits_done: int,
    visits_total: int,
    counts: dict[str, int],
) -> list[ui.Step]:
    current = _current_step(round_, counts)
    names: list[tuple[str, str, str]] = [
        (
            _("记录"),
            _("%(done)d / %(all)d，%(day)d日锁定")
            % {"done": due_done, "all": due_total, "day": round_.records_due_on.day},
            "",
        ),
        (
            _("抽签配对"),
            _("%(n)d 次已安排") % {"n": visits_total}
            if visits_total
            else _("%(day)d日抽签") % {"day": round_.policy.draw_day},
            reverse("evaluations:round-pairing", args=[round_.pk]),
        ),
        (
            _("交叉互查"),
            _("%(done)d / %(all)d 次") % {"done": visits_done, "all": visits_total},
            "",
        ),
        (_("初评"), zh_day(round_.window_ends_on) + _("后"), ""),
        (
            _("申诉"),
            _("%(n)d 件待复核") % {"n": counts["appeals_filed"]}
            if counts["appeals_filed"]
            else _("%(day)s截止") % {"day": zh_day(round_.appeals_end_on)},
            reverse("evaluations:appeal-list") if counts["appeals"] else "",
        ),
        (_("通报"), _("%(day)s前") % {"day": zh_day(round_.publish_on)}, ""),
        (
            _("整改通知书"),
            _("%(n)d 份") % {"n": counts["notices"]} if counts["notices"] else _("随通报"),
            reverse("evaluations:notice-list") if counts["notices"] else "",
        ),
        (
            _("月度例会"),
            _("已点评 %(n)d / %(all)d") % {"n": counts["commented"], "all": counts["to_comment"]}
            if counts["commented"]
            else zh_date(round_.meeting_on),
            reverse("evaluations:meeting", args=[round_.pk]) if round_.is_published else "",
        ),
    ]
    steps = []
    for number, (name, note, url) in enumerate(names, start=1):
        state: Any = "done" if number < current else "todo"
        if number == current:
            state = "current"
        elif number == 1 and today <= round_.records_due_on and current > 1:
            state = "beside"  # records run until their lock, whatever else goes on
        elif number == 2 and current == 1:
            state = "beside"
        elif number == MEETING and is_held(counts):
            state = "done"  # whatever notices are still open
        elif number == APPEALS and state == "done" and today <= round_.appeals_end_on:
            state = "beside"  # published before its day: not done but cut short
            note = _("提前通报，%(day)s前仍可申诉") % {"day": zh_day(round_.appeals_end_on)}
        steps.append(ui.Step(name, note, state, url))
    return steps


def rounds_of(committees: frozenset[int]) -> QuerySet[Any]:
    """Rounds of some committees, newest first."""
    found: QuerySet[Any] = MonthRound.objects.filter(committee_id__in=committees)
    return found.select_related("committee", "policy").order_by("-month", "committee__sort_order")


STEP_WORDS = {
    "open": "开启轮次",
    "draw": "抽签配对",
    "start_inspection": "开始互查",
    "close_inspection": "结束互查、公示初评",
    "reopen_inspection": "退回互查",
    "publish": "发布通报",
    "republish": "更正通报",
    "move_calendar": "调整日历",
}


def _events(events: Iterable[RoundEvent]) -> list[ui.Event]:
    """What happened to the round, in words."""
    return [
        ui.Event(
            when=event.at,
            text=STEP_WORDS.get(event.step, event.step),
            who=str(event.actor) if event.actor else _("系统"),
            note=event.note,
            state="done" if event.step == "publish" else "",
        )
        for event in events
    ]
