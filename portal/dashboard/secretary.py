"""支部书记首页: what is due, by when, and one click to it.

Everything on the page is read in a fixed number of queries (a test counts them).
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Case, Exists, OuterRef, Q, Subquery, When
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from branches import locks
from branches.duty_facts import DutyRow, DutyState
from branches.duty_matrix import duties_of
from branches.models import Branch
from evaluations.lifecycles import RoundStatus
from evaluations.models import (
    CorrectedScore,
    Deduction,
    Finding,
    Inspection,
    MonthRound,
    RankingEntry,
    RectificationNotice,
    ScoreAppeal,
)
from evaluations.selectors.deadlines import finding_standing, notice_standing
from evaluations.selectors.revisions import put_in_force
from evaluations.selectors.terms import terms_of
from evaluations.selectors.todo import contestable
from portal.accounts.models import User
from portal.accounts.requests import signed_in
from portal.dashboard.secretary_duties import GOING, duty_groups, visit_time, week_days
from portal.kernel import ui
from portal.kernel.marks import one_decimal
from portal.kernel.months import Month, local_date
from portal.kernel.words import zh_day

SHOWN_FIXES = 5
SHOWN_DEDUCTIONS = 3
TREND_MONTHS = 12


@dataclass(frozen=True, slots=True)
class Task:
    """互查任务: where the branch's team goes next."""

    inspection: Inspection
    when: ui.Status
    members: str
    focus: str
    url: str
    more: int
    is_now: bool  # begun, or planned for today or before, and the reader is of the team


@dataclass(frozen=True, slots=True)
class Incoming:
    """A sheet about this branch that waits for its word."""

    inspection: Inspection
    url: str


@dataclass(frozen=True, slots=True)
class Contestable:
    """A month whose preliminary score the branch may contest until 24:00 of ``until``."""

    month: Month
    until: dt.date
    url: str


@dataclass(frozen=True, slots=True)
class LastScore:
    """The last published score with its biggest deductions."""

    month: Month
    score: ui.Score
    url: str
    ranking_url: str
    count: int
    lost: Decimal
    trend: Sequence[Decimal]
    trend_months: tuple[Month, Month]


@dataclass(frozen=True, slots=True)
class Fix:
    """One finding or notice that is not closed."""

    title: str
    line: str
    due_on: dt.date | None
    status: ui.Status
    action: str
    url: str


@dataclass(frozen=True, slots=True)
class SecretaryHome:
    branch: Branch
    branches: Sequence[Branch]
    today: dt.date
    month: Month
    row: DutyRow | None
    groups: Sequence[ui.DutyGroup]
    more_done: Sequence[ui.Duty]
    week: Sequence[ui.Day]
    records_due_on: dt.date
    task: Task | None
    waiting: Sequence[Incoming]
    last: LastScore | None
    fixes: Sequence[Fix]
    late_fixes: int
    finding_count: int
    notice_count: int
    has_round: bool
    appeals: Sequence[Contestable]

    @property
    def left_count(self) -> int:
        return self.row.missing_count if self.row else 0

    @property
    def overdue_count(self) -> int:
        return sum(cell.state == DutyState.OVERDUE for cell in self.row.left) if self.row else 0

    @property
    def heading(self) -> str:
        """The answer to the page's one question."""
        if self.row is None:
            return _("本月本支部还不参加考评")
        if not self.left_count:
            return _("本月该办的都办了")
        if not self.overdue_count:
            return _("本月还有 %(left)d 件事") % {"left": self.left_count}
        if self.overdue_count == self.left_count:
            return _("本月还有 %(left)d 件事，都已逾期") % {"left": self.left_count}
        return _("本月还有 %(left)d 件事，%(late)d 件已逾期") % {
            "left": self.left_count,
            "late": self.overdue_count,
        }


def secretary_home(request: HttpRequest) -> HttpResponse:
    """The home of secretaries and deputies; with several branches, one at a time."""
    user, now = signed_in(request), timezone.now()
    mine = list(Branch.objects.recorded_by(user).select_related("committee"))
    wanted = request.GET.get("branch", "")
    branch = next((b for b in mine if str(b.pk) == wanted), mine[0])
    home = secretary_page(user=user, branch=branch, branches=mine, now=now)
    return render(request, "dashboard/secretary.html", {"home": home})


def secretary_page(
    *, user: User, branch: Branch, branches: Sequence[Branch], now: dt.datetime
) -> SecretaryHome:
    """Everything on the page."""
    today = local_date(now)
    month = Month.of(today)
    rounds = _rounds(branch, month, today)
    round_ = next((r for r in rounds if r.month == month.first_day), None)
    records_due_on = (
        round_.records_due_on
        if round_ is not None
        else locks.records_due_on(branch.committee_id, month)
    )
    row = duties_of(branch, month, today)
    groups, more_done = duty_groups(branch, row)
    going = _going(branch, month)
    coming = list(
        Inspection.objects.filter(inspected_branch=branch, round__month=month.first_day)
        .select_related("team", "inspector_branch")
        .order_by("planned_on", "planned_time", "pk")
    )
    findings = list(
        Finding.objects.visible_to(user)
        .filter(branch=branch)
        .open()
        .select_related("item", "inspection__inspector_branch", "inspection__round")
        .order_by("due_on", "pk")
    )
    notices = list(
        RectificationNotice.objects.visible_to(user)
        .filter(branch=branch)
        .open()
        .order_by("due_on", "pk")
    )
    fixes = sorted(
        [_notice(n, today) for n in notices] + [_finding(f, today) for f in findings],
        key=lambda fix: (ui.STATE_ORDER.index(fix.status.state), fix.due_on or dt.date.max),
    )
    return SecretaryHome(
        branch=branch,
        branches=branches,
        today=today,
        month=month,
        row=row,
        groups=groups,
        more_done=more_done,
        week=week_days(today, records_due_on, row, going, coming, findings),
        records_due_on=records_due_on,
        task=_task(going, user, today, round_),
        waiting=[Incoming(i, sheet_url(i)) for i in coming if i.status == "submitted"],
        last=_last_score(branch),
        fixes=fixes[:SHOWN_FIXES],
        late_fixes=sum(fix.status.state == "late" for fix in fixes),
        finding_count=len(findings),
        notice_count=len(notices),
        has_round=round_ is not None,
        appeals=[
            Contestable(
                r.period,
                r.appeals_end_on,
                reverse("evaluations:score", args=[r.pk, branch.pk]),
            )
            for r in rounds
            if r.contestable and r.appeals_end_on >= today
        ],
    )


def _rounds(branch: Branch, month: Month, today: dt.date) -> list[Any]:
    """This month's round, and those whose preliminary scores may still be contested; each with
    ``contestable``: whether this branch has a deduction left to contest."""
    scored = Q(status__in=(RoundStatus.PROVISIONAL, RoundStatus.PUBLISHED))
    return list(
        MonthRound.objects.filter(committee=branch.committee_id)
        .filter(Q(month=month.first_day) | scored & Q(appeals_end_on__gte=today))
        .annotate(
            contestable=Case(
                When(scored, then=Exists(contestable(OuterRef("pk"), branch.pk))),
                default=False,
            )
        )
        .order_by("month")
    )


def sheet_url(inspection: Inspection) -> str:
    return reverse("evaluations:sheet", args=[inspection.pk])


# -- inspections -------------------------------------------------------------------------------


def _going(branch: Branch, month: Month) -> list[Inspection]:
    """Visits that the branch's own team makes this month."""
    return list(
        Inspection.objects.filter(inspector_branch=branch, round__month=month.first_day)
        .select_related("inspected_branch", "team")
        .prefetch_related("team__members__person")
        .order_by("planned_on", "planned_time", "pk")
    )


def _task(
    going: Sequence[Inspection], user: User, today: dt.date, round_: MonthRound | None
) -> Task | None:
    todo = [visit for visit in going if visit.status in GOING]
    if not todo:
        return None
    visit = todo[0]
    members = list(visit.team.members.all())
    is_member = any(member.person.user_id == user.pk for member in members)
    return Task(
        inspection=visit,
        when=_when(visit, today),
        members="、".join(
            _("%(name)s（组长）") % {"name": m.person.name} if m.is_leader else m.person.name
            for m in members
        ),
        focus=round_.focus if round_ is not None else "",
        url=sheet_url(visit) if is_member else "",
        more=len(todo) - 1,
        is_now=is_member
        and (
            visit.status == "under_way"
            or (visit.planned_on is not None and visit.planned_on <= today)
        ),
    )


def _when(visit: Inspection, today: dt.date) -> ui.Status:
    if visit.status == "under_way":
        return ui.Status("doing", _("检查中"))
    if visit.planned_on is None:
        return ui.Status("idle", _("时间未定"))
    days = (visit.planned_on - today).days
    words = {0: _("今天"), 1: _("明天"), 2: _("后天")}.get(days, zh_day(visit.planned_on))
    text = f"{words} {visit_time(visit)}".strip()
    if days < 0:
        return ui.Status("late", _("过了 %(days)d 天") % {"days": -days})
    return ui.Status("soon" if days <= 2 else "idle", text, "calendar-event")


# -- last score --------------------------------------------------------------------------------


def _last_score(branch: Branch) -> LastScore | None:
    """The newest published line of the branch, its trend, and its biggest deductions."""
    newest: dict[dt.date, Any] = {}
    own_means = CorrectedScore.objects.filter(run=OuterRef("run"), branch=branch)
    for entry in (
        RankingEntry.objects.filter(branch=branch)
        .select_related("run__round__policy")
        .annotate(own_mean=Subquery(own_means.values("raw")))
        .order_by("-run__round__month", "-run__revision")[: TREND_MONTHS * 3]
    ):
        newest.setdefault(entry.run.round.month, entry)
    if not newest:
        return None
    entries = list(newest.values())[:TREND_MONTHS]
    last = entries[0]
    round_ = last.run.round
    lost, count = _lost_by_item(last)
    biggest = sorted(lost, key=lambda d: d.points[0] or Decimal(0))[:SHOWN_DEDUCTIONS]
    totals = [entry.total for entry in reversed(entries) if entry.total is not None]
    months = [Month.of(e.run.round.month) for e in reversed(entries) if e.total is not None]
    return LastScore(
        month=Month.of(round_.month),
        score=ui.Score(
            value=last.total,
            rank_line=_rank_line(last),
            range_line=_("%(size)d 个支部中") % {"size": last.group_size} if last.rank else "",
            words=_score_words(last),
            deductions=biggest,
        ),
        url=reverse("evaluations:score", args=[round_.pk, branch.pk]),
        ranking_url=reverse("evaluations:ranking", args=[round_.pk]),
        count=count,
        lost=sum((d.points[0] or Decimal(0) for d in lost), Decimal(0)),
        trend=totals,
        trend_months=(months[0], months[-1]) if months else (Month.of(round_.month),) * 2,
    )


def _rank_line(entry: RankingEntry) -> str:
    if entry.rank is None:
        return str(entry.get_unranked_reason_display())
    return _("第 %(rank)d 名，%(band)s") % {"rank": entry.rank, "band": entry.band}


def _score_words(entry: Any) -> str:
    """``entry``: a line with ``own_mean``. What its total is made of, as on the score's page."""
    said = []
    if entry.visits > 1:
        said.append(_("%(visits)d 组平均") % {"visits": entry.visits})
    terms = terms_of(entry, entry.own_mean, entry.run.round.policy.own_share_percent)
    if terms:
        said.append(terms.words)
    if entry.previous_total is not None and entry.total is not None:
        change = entry.total - entry.previous_total
        if change:
            word = _("比上月多 %(n)s 分") if change > 0 else _("比上月少 %(n)s 分")
            said.append(word % {"n": one_decimal(abs(change))})
        else:
            said.append(_("与上月持平"))
    return "，".join(said)


def _lost_by_item(entry: RankingEntry) -> tuple[list[ui.Deduction], int]:
    """Marks lost per item, mean of the sheets, each sheet's item capped at its full marks."""
    deductions = list(
        Deduction.objects.filter(
            inspection__participant=entry.participant_id,
            inspection__status__in=("submitted", "confirmed"),
        )
        .select_related("item", "rule")
        .order_by("item__sort_order", "rule__number", "inspection_id")
    )
    if entry.run.revision > 1:  # corrected since the sheets were handed in
        put_in_force(deductions, ScoreAppeal.objects.filter(deduction__in=deductions), entry.run)
        deductions = [deduction for deduction in deductions if deduction.points]
    taken: dict[int, dict[int, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    rows: dict[int, list[Any]] = defaultdict(list)
    for deduction in deductions:
        taken[deduction.item_id][deduction.inspection_id] += deduction.points
        rows[deduction.item_id].append(deduction)
    visits = max(entry.visits, 1)
    found = []
    for item_id, own in rows.items():
        item = own[0].item
        lost = sum((min(item.full_marks, p) for p in taken[item_id].values()), Decimal(0)) / visits
        brief = "；".join(dict.fromkeys(_brief(d) for d in own))
        found.append(
            ui.Deduction(
                code=item.code,
                name=item.name,
                is_key=item.is_key_work,
                points=[-lost],
                brief=brief,
            )
        )
    # The score's page lists rules: what several teams took by one rule is one line of it.
    return found, len({deduction.rule_id for deduction in deductions})


def _brief(deduction: Deduction) -> str:
    if deduction.count > 1:
        return f"{deduction.rule.text}×{deduction.count}"
    return deduction.rule.text


# -- rectification -----------------------------------------------------------------------------


def _notice(notice: RectificationNotice, today: dt.date) -> Fix:
    action = {
        "issued": _("去签收"),
        "acknowledged": _("报整改"),
        "returned": _("再报整改"),
    }.get(notice.status, _("看进展"))
    return Fix(
        title=_("整改通知书 %(number)s") % {"number": notice.document_number},
        line=_("%(day)s签发") % {"day": zh_day(notice.issued_at)},
        due_on=notice.due_on,
        status=notice_standing(notice, today),
        action=action,
        url=reverse("evaluations:notice-detail", args=[notice.pk]),
    )


def _finding(finding: Finding, today: dt.date) -> Fix:
    is_reported = finding.status == "reported"
    line = _("%(code)s，%(who)s %(day)s指出") % {
        "code": finding.item.code,
        "who": finding.inspection.inspector_branch.label,
        "day": zh_day(finding.raised_at),
    }
    if is_reported:
        line = _("%(code)s，已交反馈，等检查组核验") % {"code": finding.item.code}
    action, url = (
        _("看反馈") if is_reported else _("报整改"),
        reverse("evaluations:finding-detail", args=[finding.pk]),
    )
    if finding.waits_for_confirmation:
        action, url = _("先确认评分表"), sheet_url(finding.inspection)
    return Fix(
        title=finding.fact,
        line=line,
        due_on=finding.look_back_by if is_reported else finding.due_on,
        status=finding_standing(finding, today),
        action=action,
        url=url,
    )
