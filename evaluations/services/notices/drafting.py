"""Before the signature: reworded, checked (核稿), sent back with a remark, signed."""

from __future__ import annotations

import datetime as dt

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from evaluations.four_eyes import Eyes, eyes_of
from evaluations.lifecycles import NOTICE, NoticeStatus
from evaluations.models import NoticeProblem, RectificationNotice
from evaluations.permissions import may_check_notice, may_issue_notice
from evaluations.recipients import reviewers_of, signers_of
from evaluations.selectors.papers import notice_code
from evaluations.services.notices.steps import (
    check_version,
    checked_text,
    close_step,
    day_words,
    locked,
)
from evaluations.services.papers import keep_notice
from portal.accounts.models import User
from portal.audit.services import record
from portal.kernel.errors import DomainError, TransitionRefused
from portal.kernel.months import local_date
from portal.kernel.sequences import next_number
from portal.workdays import services as workdays

MAX_FACTS = 2000


class FourEyes(DomainError):
    """The words are the user's own, and a colleague is there to check or sign them."""

    status_code = 403
    code = "four_eyes"


def edit_problem(
    *,
    notice_id: int,
    problem_id: int,
    facts: str,
    version: int,
    actor: User,
    now: dt.datetime,
) -> NoticeProblem:
    """Reword the facts of one problem before the notice is signed.

    What the machine had written stays in the audit trail; whose words they are now stands in
    ``edited_by``. Raises TransitionRefused once the notice is checked, EditConflict when a
    colleague changed it since ``version``.
    """
    text = facts.strip()
    if not text:
        raise DomainError(_("请写明事实：时间、地点、情况。"), field="facts")
    if len(text) > MAX_FACTS:
        raise DomainError(_("事实请控制在 %(max)d 字以内。") % {"max": MAX_FACTS}, field="facts")
    with transaction.atomic():
        notice = locked(notice_id)
        if not may_check_notice(actor, notice):
            raise PermissionDenied
        if notice.status == NoticeStatus.CHECKED:
            raise TransitionRefused(_("通知书已核稿，事实不能再改。要改请先退回起草。"))
        if notice.status != NoticeStatus.DRAFT:
            raise TransitionRefused(_("通知书已签发，事实不能再改。需要更正请先撤回。"))
        problem = notice.problems.get(pk=problem_id)
        if problem.facts == text:
            return problem
        check_version(notice, version)
        before, problem.facts = problem.facts, text
        problem.save(update_fields=["facts"])
        notice.edited_by = actor
        notice.version += 1
        notice.save(update_fields=["edited_by", "version"])
        record(
            code="notice.facts_edited",
            target=notice,
            actor=actor,
            now=now,
            before={"problem": problem.number, "facts": before},
            after={"problem": problem.number, "facts": text},
        )
    return problem


def check_notice(
    *,
    notice_id: int,
    actor: User,
    now: dt.datetime,
    version: int | None = None,
    reason: str = "",
    via: str = "web",
) -> RectificationNotice:
    """Pass the draft for signing (核稿): who and when are kept, the signers are told.

    ``version`` is the one the checker read; when the draft was changed since, EditConflict.
    Raises FourEyes when the words are the actor's own and another officer is there; an office of
    one gives a ``reason`` instead (DomainError on that field when it is missing).
    """
    with transaction.atomic():
        notice = locked(notice_id)
        _check(notice, actor=actor, now=now, version=version, reason=reason, via=via)
    return notice


def check_and_issue(
    *,
    notice_id: int,
    actor: User,
    now: dt.datetime,
    version: int | None = None,
    reason: str = "",
    via: str = "web",
) -> RectificationNotice:
    """核稿 and 签发 in one press, for who reads the draft and may sign it: both steps stand in
    the history. Raises what :func:`check_notice` and :func:`issue_notice` raise."""
    with transaction.atomic():
        notice = locked(notice_id)
        _check(notice, actor=actor, now=now, version=version, reason=reason, via=via, at_once=True)
        _issue(notice, actor=actor, now=now, via=via)
    return notice


def issue_notice(
    *,
    notice_id: int,
    actor: User,
    now: dt.datetime,
    version: int | None = None,
    via: str = "web",
) -> RectificationNotice:
    """Sign the checked notice: it gets its number and its deadlines and is served on the branch.

    ``version`` is the one the signer read; when it was changed since, EditConflict. Raises
    PermissionDenied for a member of the branch addressed (recusal), FourEyes for who has worded
    and checked it himself while somebody else could sign.
    """
    with transaction.atomic():
        notice = locked(notice_id)
        if not may_issue_notice(actor, notice):
            raise PermissionDenied
        if version is not None and NOTICE.allows(notice.status, "issue"):
            check_version(notice, version)
        _issue(notice, actor=actor, now=now, via=via)
    return notice


def send_back_notice(
    *, notice_id: int, remark: str, actor: User, now: dt.datetime, via: str = "web"
) -> RectificationNotice:
    """Give the draft back to who wrote it, with a remark (退回起草). A check lapses with it."""
    remark = checked_text(remark, field="remark", missing=_("请写明哪里要改。"))
    with transaction.atomic():
        notice = locked(notice_id)
        if not may_check_notice(actor, notice):
            raise PermissionDenied
        last = notice.events.order_by("at", "pk").last()
        if last and (last.step, last.note, last.actor_id) == ("send_back", remark, actor.pk):
            return notice  # a second press
        before = NOTICE.take(notice, "send_back")
        people = {
            user.pk: user for user in (notice.edited_by, notice.checked_by) if user is not None
        } or {
            user.pk: user
            for user in reviewers_of([notice.branch], today=local_date(now)).get(
                notice.branch_id, []
            )
        }
        notice.checked_at = notice.checked_by = None
        notice.version += 1
        notice.save()
        close_step(
            notice,
            "send_back",
            actor=actor,
            now=now,
            via=via,
            note=remark,
            before={"status": before},
            after={"status": notice.status},
            tell_office=_("给%(branch)s的整改通知书退回起草") % {"branch": notice.branch},
            office=people.values(),
        )
    return notice


# -- inside ---------------------------------------------------------------------------


def _check(
    notice: RectificationNotice,
    *,
    actor: User,
    now: dt.datetime,
    version: int | None,
    reason: str,
    via: str,
    at_once: bool = False,
) -> None:
    """The step of checking; ``at_once``: the same press signs too."""
    if not may_check_notice(actor, notice):
        raise PermissionDenied
    before = NOTICE.take(notice, "check")
    if version is not None:
        check_version(notice, version)
    if not notice.problems.exists():
        raise DomainError(_("通知书里没有问题，不能签发。"))
    today = local_date(now)
    eyes = eyes_of(notice, actor, today)
    note = _reason_of(eyes, reason, at_once=at_once)
    notice.checked_at = now
    notice.checked_by = actor
    notice.version += 1
    notice.save()
    close_step(
        notice,
        "check",
        actor=actor,
        now=now,
        via=via,
        note=note or (_("与签发一次办理") if at_once else ""),
        before={"status": before},
        after={"status": notice.status},
        tell_office=""
        if at_once
        else _("给%(branch)s的整改通知书已核稿，待签发") % {"branch": notice.branch},
        office=()
        if at_once
        else signers_of([notice.branch], today=today).get(notice.branch_id, []),
    )


def _reason_of(eyes: Eyes, reason: str, *, at_once: bool) -> str:
    """The reason an officer without a colleague gives for checking his own words."""
    refusal = eyes.why_not_check() or (eyes.why_not_sign(in_one_go=True) if at_once else "")
    if refusal:
        raise FourEyes(refusal)
    if not eyes.needs_reason:
        return ""
    return checked_text(
        reason, field="reason", missing=_("事实是您自己改写的，请写明为什么由您核稿。")
    )


def _issue(notice: RectificationNotice, *, actor: User, now: dt.datetime, via: str) -> None:
    """The step of signing; permission and version were asked."""
    before = NOTICE.take(notice, "issue")
    today = local_date(now)
    if refusal := eyes_of(notice, actor, today).why_not_sign():
        raise FourEyes(refusal)
    if not notice.problems.exists():
        raise DomainError(_("通知书里没有问题，不能签发。"))
    policy = notice.run.round.policy
    notice.issuer_code = notice_code(notice.branch)
    notice.year = today.year
    notice.number = next_number(issuer_code=notice.issuer_code, year=today.year)
    notice.issued_at = now
    notice.issued_by = actor
    notice.acknowledge_by = workdays.add_workdays(today, policy.acknowledge_workdays)
    notice.due_on = workdays.add_workdays(today, policy.notice_workdays)
    notice.look_back_by = workdays.add_workdays(notice.due_on, policy.look_back_workdays)
    notice.version += 1
    notice.save()
    keep_notice(notice=notice, actor=actor, now=now)
    close_step(
        notice,
        "issue",
        actor=actor,
        now=now,
        via=via,
        before={"status": before},
        after={
            "status": notice.status,
            "document_number": notice.document_number,
            "acknowledge_by": notice.acknowledge_by,
            "due_on": notice.due_on,
        },
        tell_branch=_("收到整改通知书%(number)s，请签收并于%(due)s前整改")
        % {"number": notice.document_number, "due": day_words(notice.due_on)},
    )
