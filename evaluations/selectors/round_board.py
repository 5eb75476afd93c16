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
    TeamAbsence,
)
from evaluations.querysets import OPEN_NOTICES
from evaluations.selectors.revisions import awaiting_republication, change_words
from evaluations.selectors.round_matrix import DONE, Missing, missing_of, round_matrix
from evaluations.services.rounds import gaps_in_words
from portal.kernel import ui
from portal.kernel.together import read_together
from portal.kernel.words import zh_date, zh_day

SHOWN_MISSING = 4
SHOWN_EVENTS = 12
SHOWN_SKIPPED = 6


@dataclass(frozen=True, slots=True)
class NextStep:
    """The one thing to do now. ``action`` names the form the template shows; ``skipped`` and
    ``warning`` say before the press what it leaves undone, ``changes`` what it will change, a
    sentence each."""

    title: str
    body: str
    action: str
    label: str
    url: str
    needs_reason: bool = False
    after: str = ""
    other_label: str = ""
    other_url: str = ""
    reason_label: str = ""
    changes: Sequence[str] = ()
    skipped: Sequence[str] = ()
    warning: str = ""

    @property
    def shown_skipped(self) -> Sequence[str]:
        return self.skipped[:SHOWN_SKIPPED]

    @property
    def more_skipped(self) -> Sequence[str]:
        return self.skipped[SHOWN_SKIPPED:]


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
        next=_correction(round_, runs, change_words(upheld))
        or _next(
            round_,
            today,
            every,
            counts,
            holes,
            list(absences),
            _skipped(participants, visits),
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


def _is_held(counts: Mapping[str, int]) -> bool:
    """Whether the meeting has heard every branch."""
    return 0 < counts["to_comment"] == counts["commented"]


def _current_step(round_: MonthRound, counts: dict[str, int]) -> int:
    if round_.status != RoundStatus.PUBLISHED:
        return STEP_OF[RoundStatus(round_.status)]
    waiting = ("notices_unchecked", "notices_unsigned", "notices_open")
    if any(counts[name] for name in waiting):
        return 7
    return MEETING + 1 if _is_held(counts) else MEETING


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
        elif number == MEETING and _is_held(counts):
            state = "done"  # whatever notices are still open
        elif number == APPEALS and state == "done" and today <= round_.appeals_end_on:
            state = "beside"  # published before its day: not done but cut short
            note = _("提前通报，%(day)s前仍可申诉") % {"day": zh_day(round_.appeals_end_on)}
        steps.append(ui.Step(name, note, state, url))
    return steps


def _skipped(
    participants: Sequence[RoundParticipant], visits: Mapping[int, Sequence[Inspection]]
) -> list[str]:
    """What closing or publishing now would leave out, as ``what_is_missing`` says it, from what
    the page has read."""
    waiting = []
    for participant in participants:
        for visit in visits.get(participant.pk, ()):
            if visit.status not in DONE:
                visit.participant = participant
                waiting.append(visit)
    unvisited = [p for p in participants if not p.is_exempt and not visits.get(p.pk)]
    return gaps_in_words(waiting, unvisited)


def _correction(round_: MonthRound, runs: Iterable[Any], changes: Sequence[str]) -> NextStep | None:
    """What a correction of the published month asks for: publish it again, then sign the paper."""
    if not round_.is_published:
        return None
    if changes:
        return NextStep(
            _("更正并重新发布"),
            _("通报以后更正了 %(n)d 条扣分，还没有计入得分和名次。上一次发布的内容原样留存。")
            % {"n": len(changes)},
            "step",
            _("更正并重新发布"),
            reverse("evaluations:round-republish", args=[round_.pk]),
            needs_reason=True,
            reason_label=_("更正的原因，印在修订后的通报上"),
            changes=changes,
        )
    for run in runs:
        if run.revision > 1 and not run.is_signed:
            return NextStep(
                _("签发更正后的通报"),
                _("第 %(n)d 次发布已经更正了分数。修订后的通报另行签发编号，原来的留在文件库。")
                % {"n": run.revision},
                "link",
                _("去签发"),
                reverse("evaluations:bulletin", args=[round_.pk]),
            )
    return None


def _next(
    round_: MonthRound,
    today: dt.date,
    visits: Sequence[Inspection],
    counts: dict[str, int],
    holes: int,
    absences: Sequence[TeamAbsence],
    skipped: Sequence[str],
) -> NextStep:
    def url(name: str) -> str:
        return reverse(f"evaluations:{name}", args=[round_.pk])

    is_running = round_.status in {RoundStatus.OPEN, RoundStatus.INSPECTING}
    if holes and visits and absences and is_running:
        return NextStep(
            _("给 %(n)d 次检查改派检查组") % {"n": holes},
            "".join(f"{a.branch.name}：{a.reason.rstrip('。')}。" for a in absences)
            + _("补派只补空出的检查，其余 %(rest)d 次不变，种子号与校验结果可查。")
            % {"rest": len(visits)},
            "link",
            _("看改派方案"),
            url("round-pairing"),
            after=_("下一步在 %(day)s 24:00：锁定记录") % {"day": zh_date(round_.records_due_on)},
            other_label=_("手工指定"),
            other_url=url("round-teams"),
        )
    if round_.status == RoundStatus.OPEN:
        if not visits:
            return NextStep(
                _("抽签决定这个月谁查谁"),
                _("每个参评支部 %(n)d 个组去，组来自不同类型的支部。按规定 %(day)d 日抽签。")
                % {"n": round_.policy.visits_per_branch, "day": round_.policy.draw_day},
                "link",
                _("去抽签"),
                url("round-pairing"),
                after=_("%(day)s自动进入互查") % {"day": zh_date(round_.window_starts_on)},
            )
        return NextStep(
            _("开始交叉互查"),
            _("已安排 %(n)d 次检查。到 %(day)s会自动开始，也可以现在开始。")
            % {"n": len(visits), "day": zh_date(round_.window_starts_on)},
            "step",
            _("现在开始互查"),
            url("round-start-inspection"),
            needs_reason=today < round_.window_starts_on,
        )
    if round_.status == RoundStatus.INSPECTING:
        left = [v for v in visits if v.status not in DONE]
        title = (
            _("还有 %(n)d 张评分表没有提交") % {"n": len(left)}
            if left
            else _("评分表都已提交，可以公示初评")
        )
        body = (
            _("没有提交的评分表不计入初评。到 %(day)s 24:00 自动结束互查。")
            if left
            else _("到 %(day)s 24:00 自动结束互查，也可以现在结束。")
        ) % {"day": zh_date(round_.window_ends_on)}
        return NextStep(
            title,
            body,
            "step",
            _("结束互查、公示初评"),
            url("round-close-inspection"),
            needs_reason=today <= round_.window_ends_on,
            after=_("下一步是支部申诉，到 %(day)s 24:00") % {"day": zh_date(round_.appeals_end_on)},
            skipped=skipped,
        )
    if round_.status == RoundStatus.PROVISIONAL:
        if counts["appeals_filed"]:
            return NextStep(
                _("复核 %(n)d 件申诉") % {"n": counts["appeals_filed"]},
                _("申诉没有复核完，不能手工发布通报。"),
                "link",
                _("去复核"),
                reverse("evaluations:appeal-list"),
                after=_("申诉到 %(day)s 24:00 截止") % {"day": zh_date(round_.appeals_end_on)},
            )
        if counts["appeals_revisit"]:
            return NextStep(
                _("等重查提交评分表"),
                _("%(n)d 件申诉已另派组重查，提交后代替原表，才能发布通报。")
                % {"n": counts["appeals_revisit"]},
                "link",
                _("看申诉"),
                reverse("evaluations:appeal-list"),
                after=_("到 %(day)s该发布通报") % {"day": zh_date(round_.publish_on)},
            )
        return NextStep(
            _("发布排名和通报"),
            _("发布后评分表和名次冻结，重点工作不落实的支部自动起草整改通知书，由您核稿。"),
            "publish",
            _("发布通报"),
            url("round-publish"),
            needs_reason=today < round_.publish_on,
            after=_("到 %(day)s自动发布") % {"day": zh_date(round_.publish_on)},
            skipped=skipped,
            warning=_(
                "申诉期到%(day)s24:00。现在发布，支部在这之前仍可申诉；申诉成立的，"
                "要更正后再发布一次。"
            )
            % {"day": zh_date(round_.appeals_end_on)}
            if today <= round_.appeals_end_on
            else "",
        )
    if counts["notices_unchecked"]:
        return NextStep(
            _("核稿 %(n)d 份整改通知书") % {"n": counts["notices_unchecked"]},
            _("系统按重点工作规则起草，事实和规则都在里面，核对后送签。"),
            "link",
            _("去核稿"),
            reverse("evaluations:notice-list") + "?status=draft",
        )
    if counts["notices_unsigned"]:
        return NextStep(
            _("签发 %(n)d 份整改通知书") % {"n": counts["notices_unsigned"]},
            _("已经核稿，签发后编号并送达支部。"),
            "link",
            _("去签发"),
            reverse("evaluations:notice-list") + "?status=checked",
        )
    if counts["notices_review"]:
        return NextStep(
            _("审核 %(n)d 份整改情况") % {"n": counts["notices_review"]},
            _("支部已经报来整改情况，认可或退回。"),
            "link",
            _("去审核"),
            reverse("evaluations:notice-list") + "?status=responded",
        )
    return _after_publication(round_, today, counts)


def _after_publication(round_: MonthRound, today: dt.date, counts: Mapping[str, int]) -> NextStep:
    """Nothing is left of the notices: the meeting is to come, is late, or was held."""
    words = {
        "day": zh_date(round_.meeting_on),
        "n": counts["commented"],
        "all": counts["to_comment"],
    }
    bulletin = reverse("evaluations:bulletin", args=[round_.pk])
    meeting = reverse("evaluations:meeting", args=[round_.pk])
    if _is_held(counts):
        return NextStep(
            _("这个月都办完了"),
            _("例会已开，%(n)d 个支部都已点评。") % words,
            "link",
            _("看通报"),
            bulletin,
            other_label=_("看例会"),
            other_url=meeting,
        )
    if today > round_.meeting_on:
        return NextStep(
            _("例会还没有点评完"),
            _("例会定在 %(day)s，已经过了；已点评 %(n)d / %(all)d。") % words,
            "link",
            _("去例会"),
            meeting,
            other_label=_("看通报"),
            other_url=bulletin,
        )
    return NextStep(
        _("这个月已经办完通报"),
        _("例会在 %(day)s。") % words,
        "link",
        _("看通报"),
        bulletin,
    )


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
