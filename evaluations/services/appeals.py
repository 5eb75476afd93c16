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
from evaluations.permissions import may_appeal, may_correct, may_decide_appeal
from evaluations.recipients import reviewers_of, secretaries_of
from evaluations.scoring import deduction_points
from evaluations.services.findings import strike_off
from evaluations.services.rounds import locked_round
from evaluations.services.sheet_state import reseal
from portal.accounts.models import User
from portal.audit.services import record
from portal.kernel.errors import DomainError, TransitionRefused
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

    In a published month the deduction and its sheet stay as they were written: the count in
    the appeal replaces theirs in the next revision (``sql/taken.sql``).

    PermissionDenied for a member of the branch (recusal).
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
        before = {"count": deduction.count, "points": deduction.points}
        waits = uphold and deduction.inspection.round.is_published
        if uphold:
            appeal.count_after = _lower_count(deduction, count_after)
            if not waits:
                _lower(deduction, appeal.count_after)
            _strike_off_if_gone(deduction, appeal.count_after, decision, actor, now)
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
                "count": appeal.count_after if uphold else deduction.count,
                "points": deduction.points,
                "score": deduction.inspection.score,
                **({"waits_for_republication": True} if waits else {}),
            },
        )
        users = secretaries_of([appeal.branch_id], today=local_date(now))
        tell_of_appeal(
            appeal,
            users.get(appeal.branch_id, []),
            _("申诉%(result)s：%(item)s")
            % {"result": _("成立") if uphold else _("未采纳，维持原扣分"), "item": deduction.item},
            "decided",
            body=_told_of_waiting(decision) if waits else decision,
            now=now,
        )
    return appeal


def correct_deduction(
    *,
    deduction_id: int,
    count_after: int | None,
    reason: str,
    actor: User,
    now: dt.datetime,
    via: str = "web",
) -> ScoreAppeal:
    """Put one deduction of a published month right, where nobody appealed (事后查明).

    What was published stays; the correction is written as an upheld appeal of the committee's
    own and counts from the next revision on. A correction may itself be corrected, never
    beyond the count that the inspectors wrote down.

    PermissionDenied by :func:`may_correct`; TransitionRefused before publication or while an
    appeal is open; DomainError without a reason or with a count that changes nothing.
    """
    reason = checked_text(reason, field="reason", missing=_("请写明更正的原因：查明了什么。"))
    with transaction.atomic():
        deduction = locked_deduction(deduction_id)
        if not may_correct(actor, deduction):
            raise PermissionDenied
        refusal = why_no_correction(deduction)
        if refusal:
            raise TransitionRefused(refusal)
        in_force = count_in_force(deduction)
        if count_after is None or not 0 <= count_after <= deduction.count:
            raise DomainError(
                _("更正后的次数填0到%(most)d。") % {"most": deduction.count}, field="count_after"
            )
        if count_after == in_force:
            raise DomainError(
                _("现在就是计%(count)d次，没有要更正的。") % {"count": in_force},
                field="count_after",
            )
        appeal: ScoreAppeal = ScoreAppeal.objects.create(
            deduction=deduction,
            branch=deduction.inspection.inspected_branch,
            status=AppealStatus.UPHELD,
            text=reason,
            filed_by=actor,
            filed_at=now,
            decision=reason,
            decided_by=actor,
            decided_at=now,
            count_before=in_force,
            count_after=count_after,
        )
        _strike_off_if_gone(deduction, count_after, reason, actor, now)
        record(
            code="deduction.corrected",
            target=appeal,
            actor=actor,
            now=now,
            via=via,
            reason=reason,
            before={"item": deduction.item.code, "count": in_force},
            after={"count": count_after},
        )
        users = secretaries_of([appeal.branch_id], today=local_date(now))
        tell_of_appeal(
            appeal,
            users.get(appeal.branch_id, []),
            _("已通报的扣分有更正：%(item)s") % {"item": deduction.item},
            "corrected",
            body=_told_of_waiting(
                _("原计%(before)d次，更正后%(after)d次：%(reason)s")
                % {"before": in_force, "after": count_after, "reason": reason}
            ),
            now=now,
        )
    return appeal


def why_no_correction(deduction: Deduction) -> str:
    """The sentence that says why this deduction can't be corrected now; empty when it can."""
    if not deduction.inspection.round.is_published:
        return _("本月还没有通报：扣分在申诉里改，或者退回互查改评分表。")
    if deduction.inspection.status not in {InspectionStatus.SUBMITTED, InspectionStatus.CONFIRMED}:
        return _("这张评分表不计分，不用更正。")
    if deduction.appeals.open().exists():
        return _("这一条的申诉还没有复核，请在申诉里决定。")
    if deduction.count == 0:
        return _("这一条没有扣分。")
    return ""


def count_in_force(deduction: Deduction) -> int:
    """How often the rule counts now: what was upheld last, published or not, else what the
    inspectors wrote."""
    upheld = deduction.appeals.filter(
        status=AppealStatus.UPHELD, count_after__isnull=False
    ).order_by("-pk")
    found = upheld.values_list("count_after", flat=True).first()
    return deduction.count if found is None else found


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


def _lower_count(deduction: Deduction, count_after: int | None) -> int:
    if count_after is None or not 0 <= count_after < deduction.count:
        raise DomainError(
            _("申诉成立，次数须少于原来的%(count)d：填0到%(most)d。")
            % {"count": deduction.count, "most": deduction.count - 1},
            field="count_after",
        )
    return count_after


def _lower(deduction: Deduction, count_after: int) -> None:
    deduction.count = count_after
    deduction.points = deduction_points(
        points=deduction.rule.points,
        takes_all=deduction.rule.takes_all,
        count=count_after,
        full_marks=deduction.item.full_marks,
    )
    deduction.save(update_fields=["count", "points"])
    reseal(deduction.inspection)


def _strike_off_if_gone(
    deduction: Deduction, count_after: int, reason: str, actor: User, now: dt.datetime
) -> None:
    finding = Finding.objects.filter(deduction=deduction).first()
    if count_after == 0 and finding is not None:
        strike_off(finding=finding, reason=reason[:300], actor=actor, now=now)


def _told_of_waiting(text: str) -> str:
    return f"{text}\n" + _("本月已经通报，更正并重新发布后计入得分。")


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
