"""重查: after an appeal the officers may send a second team instead of judging on paper.

The second team is neither the first nor in conflict with the branch: the same hard rules as in
the draw, and no team that visits the branch this month anyway. Its sheet replaces the contested
one (domain.md 9, fairness.md: a withdrawn row leaves the mean and the fit); the first sheet stays
readable, its findings are struck off, the second sheet raises its own. The second visit is the
last word: it can't be contested again, and is not taken back.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from itertools import chain

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from evaluations.lifecycles import APPEAL, INSPECTION, AppealStatus, InspectionStatus, RoundStatus
from evaluations.models import (
    Inspection,
    InspectionTeam,
    ScoreAppeal,
)
from evaluations.permissions import may_decide_appeal
from evaluations.recipients import inspectors_of, secretaries_of
from evaluations.services import appeals, findings
from evaluations.services.pair_rules import check_pair
from evaluations.services.pairing_facts import recusals_in
from portal.accounts.models import User
from portal.audit.services import record
from portal.kernel.errors import DomainError, Frozen, TransitionRefused
from portal.kernel.months import local_date
from portal.kernel.together import read_together
from portal.notifications.services import tell


@dataclass(frozen=True, slots=True)
class Candidate:
    """A team of the month and why it can't be the second one; ``reason`` empty: it can."""

    team: InspectionTeam
    reason: str
    visits: int


def candidates(appeal: ScoreAppeal) -> list[Candidate]:
    """Every team of the month, those that may be sent first, the least loaded on top. One
    query."""
    first = appeal.deduction.inspection
    round_ = first.round
    teams = round_.teams.select_related("branch").order_by("number")
    participants = round_.participants.all()
    visits = round_.inspections.values_list("team_id", "inspector_branch_id", "inspected_branch_id")
    absent = round_.absences.values_list("branch_id", flat=True)
    last_visits = Inspection.objects.filter(
        round__month=round_.period.plus(-1).first_day,
        inspected_branch_id=first.inspected_branch_id,
    ).values_list("inspector_branch_id", flat=True)
    recused = (
        recusals_in(round_)
        .filter(
            Q(inspected_id=first.inspected_branch_id) | Q(inspector_id=first.inspected_branch_id)
        )
        .values_list("inspector_id", "inspected_id")
    )
    read_together(teams, participants, visits, absent, last_visits, recused)
    homes = {p.branch_id: p for p in participants}
    loads: dict[int, int] = {}
    pairs = set()
    for team_id, sender, visited in visits:
        loads[team_id] = loads.get(team_id, 0) + 1
        pairs.add((sender, visited))
    barred = (
        dict.fromkeys(absent, _("本月派不出组"))
        | dict.fromkeys(last_visits, _("上月查过这个支部"))
        | dict.fromkeys(chain.from_iterable(recused), _("已登记回避"))
    )
    host = homes[first.inspected_branch_id]
    found = []
    for team in teams:
        home = homes.get(team.branch_id)
        if home is None or home.branch_id == host.branch_id:
            reason = _("本支部")
        elif (home.branch_id, host.branch_id) in pairs:
            reason = _("本月已查过这个支部")
        elif (host.branch_id, home.branch_id) in pairs:
            reason = _("本月被这个支部检查")
        elif home.branch_type == host.branch_type:
            reason = _("同一类型")
        elif (home.parent_id or home.branch_id) == (host.parent_id or host.branch_id):
            reason = _("同一党总支")
        else:
            reason = barred.get(home.branch_id, "")
        found.append(Candidate(team, reason, loads.get(team.pk, 0)))
    return sorted(found, key=lambda c: (bool(c.reason), c.visits, c.team.number))


def send_second_team(
    *,
    appeal_id: int,
    team_id: int,
    reason: str,
    planned_on: dt.date | None = None,
    actor: User,
    now: dt.datetime,
    via: str = "web",
) -> Inspection:
    """Send another team to the branch. Every open appeal against the same sheet waits for it.

    PermissionDenied for a member of the branch (recusal); Frozen once the month is published;
    DomainError names the field: a team in conflict, no reason, a day that has passed.
    """
    with transaction.atomic():
        deduction_id = ScoreAppeal.objects.values_list("deduction_id", flat=True).get(pk=appeal_id)
        deduction = appeals.locked_deduction(deduction_id)
        appeal = _locked(appeal_id)
        appeal.deduction = deduction
        if not may_decide_appeal(actor, appeal):
            raise PermissionDenied
        reason = appeals.checked_text(reason, field="reason", missing=_("请写明为什么要重查。"))
        first = deduction.inspection
        if first.round.is_published:
            raise Frozen(_("本月已通报，分数已冻结，不能再派组重查。"))
        if first.round.status != RoundStatus.PROVISIONAL:
            raise TransitionRefused(_("初评公示之后才能派组重查。"))
        APPEAL.take(appeal, "send_second")  # refuses; the rows are written below
        if Inspection.objects.filter(replaces=first).exists():
            raise TransitionRefused(_("这张评分表已经另派组重查。"))
        if not INSPECTION.allows(first.status, "set_aside"):
            raise TransitionRefused(
                _("这张评分表现在是“%(state)s”，不能另派组重查。")
                % {"state": first.get_status_display()}
            )
        chosen = next((c for c in candidates(appeal) if c.team.pk == team_id), None)
        if chosen is None:
            raise DomainError(_("请选一个检查组。"), field="team")
        if chosen.reason:
            raise DomainError(
                _("%(team)s不能去：%(reason)s。")
                % {"team": chosen.team.label, "reason": chosen.reason},
                field="team",
            )
        today = local_date(now)
        if planned_on is not None and planned_on < today:
            raise DomainError(_("检查日期不能早于今天。"), field="planned_on")
        latest = max(today, first.round.publish_on)
        if planned_on is not None and planned_on > latest:
            raise DomainError(
                _("检查日期不能晚于通报日%(month)d月%(day)d日。")
                % {"month": latest.month, "day": latest.day},
                field="planned_on",
            )
        visit = Inspection(
            round=first.round,
            team=chosen.team,
            participant=first.participant,
            planned_on=planned_on,
            replaces=first,
        )
        check_pair(first.round, visit)
        visit.save()
        for one in _of_sheet(first, AppealStatus.FILED):
            APPEAL.take(one, "send_second")
            one.decision, one.decided_by, one.decided_at = reason, actor, now
            one.save()
            record(
                code="appeal.second_team_sent",
                target=one,
                actor=actor,
                now=now,
                via=via,
                reason=reason,
                after={"team": chosen.team.label, "on": planned_on},
            )
        title = _("申诉后由%(team)s重查：%(branch)s") % {
            "team": chosen.team.label,
            "branch": appeal.branch,
        }
        appeals.tell_of_appeal(
            appeal,
            secretaries_of([appeal.branch_id], today=today).get(appeal.branch_id, []),
            title,
            f"second:{visit.pk}",
            body=reason,
            now=now,
        )
        for user in inspectors_of([visit], today=today).get(visit.pk, []):
            tell(
                user=user,
                key=f"second-visit:{visit.pk}:{user.pk}",
                title=title[:120],
                body=reason,
                link=reverse("evaluations:sheet", args=[visit.pk]),
                now=now,
            )
    return visit


def recall_second_team(
    *, appeal_id: int, reason: str, actor: User, now: dt.datetime, via: str = "web"
) -> None:
    """The second team does not go (any more): its visit, while it has not begun, is dropped and
    the appeals wait for a decision again."""
    with transaction.atomic():
        row = ScoreAppeal.objects.select_related("deduction").get(pk=appeal_id)
        # The second sheet before the first, as the hand-in locks them.
        visit = (
            Inspection.objects.select_for_update()
            .filter(replaces=row.deduction.inspection_id)
            .first()
        )
        first = appeals.locked_deduction(row.deduction_id).inspection
        appeal = _locked(appeal_id)
        if not may_decide_appeal(actor, appeal):
            raise PermissionDenied
        reason = appeals.checked_text(reason, field="reason", missing=_("请写明为什么撤回重查。"))
        if visit is not None and visit.status != InspectionStatus.PLANNED:
            raise TransitionRefused(_("重查已经开始，不能撤回。"))
        APPEAL.take(appeal, "recall")  # refuses; the rows are written below
        if visit is not None:
            visit.delete()
        for one in _of_sheet(first, AppealStatus.REVISIT):
            APPEAL.take(one, "recall")
            one.decision, one.decided_by, one.decided_at = "", None, None
            one.save()
            record(
                code="appeal.second_team_recalled",
                target=one,
                actor=actor,
                now=now,
                via=via,
                reason=reason,
            )


def settle(*, second: Inspection, actor: User, now: dt.datetime) -> None:
    """The second sheet is in: the first is set aside, its findings are struck off, the appeals
    are answered. Called inside the transaction that submits the second sheet."""
    first = (
        Inspection.objects.select_for_update(of=("self",))
        .select_related("team", "inspected_branch")
        .get(pk=second.replaces_id)
    )
    before = INSPECTION.take(first, "set_aside")
    first.save(update_fields=["status"])
    record(
        code="sheet.set_aside",
        target=first,
        actor=actor,
        now=now,
        before={"status": before, "score": first.score},
        after={"status": first.status, "second": second.pk, "score": second.score},
    )
    why = _("由%(team)s重查代替") % {"team": second.team.label}
    for finding in first.findings.order_by("pk"):
        findings.strike_off(finding=finding, reason=why, actor=actor, now=now)
    told = secretaries_of([first.inspected_branch_id], today=local_date(now))
    for appeal in _of_sheet(first, AppealStatus.REVISIT):
        APPEAL.take(appeal, "replace")
        appeal.save()
        record(
            code="appeal.replaced",
            target=appeal,
            actor=actor,
            now=now,
            before={"score": first.score},
            after={"score": second.score},
        )
        appeals.tell_of_appeal(
            appeal,
            told.get(first.inspected_branch_id, []),
            _("重查已提交，以重查为准：%(item)s") % {"item": appeal.deduction.item},
            "replaced",
            body=_("原表 %(old)s 分，重查 %(new)s 分。")
            % {"old": first.score, "new": second.score},
            now=now,
        )


# -- inside ---------------------------------------------------------------------------


def _locked(appeal_id: int) -> ScoreAppeal:
    appeal: ScoreAppeal = (
        ScoreAppeal.objects.select_for_update(of=("self",))
        .select_related("branch__committee")
        .get(pk=appeal_id)
    )
    return appeal


def _of_sheet(first: Inspection, status: str) -> list[ScoreAppeal]:
    """The appeals against one sheet that stand at ``status``, locked."""
    return list(
        ScoreAppeal.objects.select_for_update(of=("self",))
        .select_related("branch", "deduction__item")
        .filter(deduction__inspection=first, status=status)
        .order_by("pk")
    )
