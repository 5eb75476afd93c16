"""Appeals (申诉): a branch contests a deduction while the preliminary scores are shown.

Both texts are kept. An appeal upheld lowers the rule's count; the deduction, the sheet's score
and its seal follow in the same transaction. A deduction brought down to count 0 stays as a row
that takes nothing, so that the appeal still says what it was about.
"""

from __future__ import annotations

import datetime as dt

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from evaluations.lifecycles import APPEAL, AppealStatus, InspectionStatus, RoundStatus
from evaluations.models import Deduction, Finding, Inspection, MonthRound, ScoreAppeal
from evaluations.permissions import may_appeal, may_decide_appeal
from evaluations.recipients import reviewers_of, secretaries_of
from evaluations.scoring import deduction_points
from evaluations.services.findings import strike_off
from evaluations.services.rounds import locked_round
from evaluations.services.sheet_state import reseal
from portal.accounts.models import User
from portal.audit.services import record
from portal.kernel.errors import DomainError, Frozen, TransitionRefused
from portal.kernel.months import local_date
from portal.notifications.services import tell

MAX_TEXT = 500


def open_appeals(round_: MonthRound) -> QuerySet[ScoreAppeal]:
    """Appeals of a round that are not settled yet, oldest first."""
    return (
        ScoreAppeal.objects.open()
        .filter(deduction__inspection__round=round_)
        .select_related("branch", "deduction__item")
        .order_by("filed_at", "id")
    )


def refuse_if_appeals_open(round_: MonthRound) -> None:
    """Raise DomainError naming the branches whose appeals are still open, if any are."""
    waiting = list(open_appeals(round_))
    out = [a for a in waiting if a.status == AppealStatus.REVISIT]
    if out and len(out) == len(waiting):
        raise DomainError(
            _("还有重查没有提交评分表，不能发布：%(names)s。")
            % {"names": "、".join(dict.fromkeys(str(a.branch) for a in out))}
        )
    names = list(dict.fromkeys(str(appeal.branch) for appeal in waiting))
    if names:
        raise DomainError(
            _("还有申诉没有复核，不能发布：%(names)s。请先逐条复核。") % {"names": "、".join(names)}
        )


def why_no_appeal(deduction: Deduction, now: dt.datetime) -> str:
    """The sentence that says why this deduction can't be contested now; empty when it can.

    Reads ``deduction.inspection.round``; asks the database whether it was contested or is being
    looked at by a second team.
    """
    round_ = deduction.inspection.round
    if round_.status in {RoundStatus.OPEN, RoundStatus.INSPECTING}:
        return _("初评还没有公示，公示后才能申诉。")
    if round_.is_published:
        return _("本月已通报，申诉期已过。")
    if local_date(now) > round_.appeals_end_on:
        return _("申诉期已于%(month)d月%(day)d日24:00截止。") % {
            "month": round_.appeals_end_on.month,
            "day": round_.appeals_end_on.day,
        }
    if deduction.inspection.replaces_id is not None:
        return _("这是申诉后重查的结果，不再申诉。")
    if deduction.inspection.status == InspectionStatus.SET_ASIDE:
        return _("这张评分表已由重查代替。")
    if deduction.inspection.status not in {InspectionStatus.SUBMITTED, InspectionStatus.CONFIRMED}:
        return _("这张评分表还没有提交。")
    if Inspection.objects.filter(replaces=deduction.inspection_id).exists():
        return _("这张评分表正在另派组重查，以重查为准。")
    if deduction.appeals.exists():
        return _("这一条已经申诉过，见复核结果。")
    return ""


def file_appeal(
    *, deduction_id: int, text: str, actor: User, now: dt.datetime, via: str = "web"
) -> ScoreAppeal:
    """Contest one deduction. Each may be contested once, until 24:00 of the round's last
    appeal day; TransitionRefused says so otherwise."""
    text = checked_text(text, field="text", missing=_("请写明申诉理由：哪里不属实、依据是什么。"))
    with transaction.atomic():
        deduction = locked_deduction(deduction_id)
        if not may_appeal(actor, deduction):
            raise PermissionDenied
        refusal = why_no_appeal(deduction, now)
        if refusal:
            raise TransitionRefused(refusal)
        if deduction.count == 0:
            raise DomainError(_("这一条没有扣分。"))
        try:
            with transaction.atomic():
                appeal: ScoreAppeal = ScoreAppeal.objects.create(
                    deduction=deduction,
                    branch=deduction.inspection.inspected_branch,
                    text=text,
                    filed_by=actor,
                    filed_at=now,
                    count_before=deduction.count,
                )
        except IntegrityError:
            raise TransitionRefused(_("这一条已经申诉过，见复核结果。")) from None
        record(
            code="appeal.filed",
            target=appeal,
            actor=actor,
            now=now,
            via=via,
            reason=text,
            after={"item": deduction.item.code, "count": deduction.count},
        )
        users = reviewers_of([appeal.branch], today=local_date(now))[appeal.branch_id]
        tell_of_appeal(
            appeal,
            users,
            _("%(branch)s申诉：%(item)s") % {"branch": appeal.branch, "item": deduction.item},
            "filed",
            body=text,
            now=now,
        )
    return appeal


def decide_appeal(
    *,
    appeal_id: int,
    uphold: bool,
    count_after: int | None,
    decision: str,
    actor: User,
    now: dt.datetime,
    via: str = "web",
) -> ScoreAppeal:
    """Uphold with a lower count (0 takes the deduction off altogether), or keep it.

    PermissionDenied for a member of the branch (recusal); Frozen when the month has been
    published meanwhile and the appeal would change a mark.
    """
    decision = checked_text(decision, field="decision", missing=_("请写明复核意见。"))
    with transaction.atomic():
        found = ScoreAppeal.objects.values("deduction_id").get(pk=appeal_id)
        deduction = locked_deduction(found["deduction_id"])
        appeal: ScoreAppeal = (
            ScoreAppeal.objects.select_for_update(of=("self",))
            .select_related("branch__committee")
            .get(pk=appeal_id)
        )
        if not may_decide_appeal(actor, appeal):
            raise PermissionDenied
        APPEAL.take(appeal, "uphold" if uphold else "reject")
        if uphold and deduction.inspection.round.is_published:
            raise Frozen(_("本月已通报，分数已冻结。要改分，请按更正程序重新发布。"))
        before = {"count": deduction.count, "points": deduction.points}
        if uphold:
            _lower(deduction, count_after, decision, actor, now)
            appeal.count_after = count_after
        appeal.decision = decision
        appeal.decided_by = actor
        appeal.decided_at = now
        appeal.save()
        record(
            code="appeal.upheld" if uphold else "appeal.rejected",
            target=appeal,
            actor=actor,
            now=now,
            via=via,
            reason=decision,
            before=before,
            after={
                "count": deduction.count,
                "points": deduction.points,
                "score": deduction.inspection.score,
            },
        )
        users = secretaries_of([appeal.branch_id], today=local_date(now))
        tell_of_appeal(
            appeal,
            users.get(appeal.branch_id, []),
            _("申诉%(result)s：%(item)s")
            % {"result": _("成立") if uphold else _("未采纳，维持原扣分"), "item": deduction.item},
            "decided",
            body=decision,
            now=now,
        )
    return appeal


# -- inside ---------------------------------------------------------------------------


def locked_deduction(deduction_id: int) -> Deduction:
    """The deduction with its round and sheet locked: nobody publishes, and nobody else
    changes the sheet, until this transaction ends. Locks go from the round downwards."""
    found = Deduction.objects.values("inspection_id", "inspection__round_id").get(pk=deduction_id)
    round_ = locked_round(found["inspection__round_id"])
    inspection = (
        Inspection.objects.select_for_update(of=("self",))
        .select_related(
            "participant__rubric_version", "inspected_branch__committee", "team__branch"
        )
        .get(pk=found["inspection_id"])
    )
    inspection.round = round_
    deduction = (
        Deduction.objects.select_for_update(of=("self",))
        .select_related("rule", "item")
        .get(pk=deduction_id)
    )
    deduction.inspection = inspection
    return deduction


def _lower(
    deduction: Deduction,
    count_after: int | None,
    decision: str,
    actor: User,
    now: dt.datetime,
) -> None:
    if count_after is None or not 0 <= count_after < deduction.count:
        raise DomainError(
            _("申诉成立，次数须少于原来的%(count)d：填0到%(most)d。")
            % {"count": deduction.count, "most": deduction.count - 1},
            field="count_after",
        )
    deduction.count = count_after
    deduction.points = deduction_points(
        points=deduction.rule.points,
        takes_all=deduction.rule.takes_all,
        count=count_after,
        full_marks=deduction.item.full_marks,
    )
    deduction.save(update_fields=["count", "points"])
    reseal(deduction.inspection)
    finding = Finding.objects.filter(deduction=deduction).first()
    if count_after == 0 and finding is not None:
        strike_off(finding=finding, reason=decision[:300], actor=actor, now=now)


def checked_text(text: str, *, field: str, missing: str) -> str:
    text = text.strip()
    if not text:
        raise DomainError(missing, field=field)
    if len(text) > MAX_TEXT:
        raise DomainError(_("请控制在 %(max)d 字以内。") % {"max": MAX_TEXT}, field=field)
    return text


def tell_of_appeal(
    appeal: ScoreAppeal, users: list[User], title: str, step: str, *, body: str, now: dt.datetime
) -> None:
    for user in users:
        tell(
            user=user,
            key=f"appeal:{appeal.pk}:{step}:{user.pk}",
            title=title[:120],
            body=body,
            link=reverse("evaluations:appeal-detail", args=[appeal.pk]),
            now=now,
        )
