"""The committee's turn: the answer is accepted or given back, time added, the notice withdrawn."""

from __future__ import annotations

import datetime as dt

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from evaluations.lifecycles import NOTICE
from evaluations.models import IssuedPaper, RectificationNotice
from evaluations.permissions import may_review_notice, may_withdraw_notice
from evaluations.services.findings import check_due
from evaluations.services.notices.steps import checked_text, close_step, day_words, locked
from evaluations.services.papers import void_paper
from portal.accounts.models import User
from portal.kernel.errors import DomainError, TransitionRefused
from portal.kernel.months import local_date
from portal.workdays import services as workdays


def accept_response(
    *, notice_id: int, actor: User, now: dt.datetime, note: str = "", via: str = "web"
) -> RectificationNotice:
    """The look-back found it put right: the notice is closed."""
    note = checked_text(note, field="note")
    with transaction.atomic():
        notice = locked(notice_id)
        if not may_review_notice(actor, notice):
            raise PermissionDenied
        before = NOTICE.take(notice, "accept")
        notice.closed_at = now
        notice.version += 1
        notice.save()
        close_step(
            notice,
            "accept",
            actor=actor,
            now=now,
            via=via,
            note=note,
            before={"status": before},
            after={"status": notice.status},
            tell_branch=_("整改通知书%(number)s已办结") % {"number": notice.document_number},
        )
    return notice


def return_response(
    *,
    notice_id: int,
    reason: str,
    due_on: dt.date | None = None,
    actor: User,
    now: dt.datetime,
    via: str = "web",
) -> RectificationNotice:
    """Give the answer back with the reason and a new day (default: the policy's working days
    from today). What the branch had answered stays, in the form and in the audit trail."""
    reason = checked_text(reason, field="reason", missing=_("请写明哪里没有改到位。"))
    with transaction.atomic():
        notice = locked(notice_id)
        if not may_review_notice(actor, notice):
            raise PermissionDenied
        before = NOTICE.take(notice, "return")
        today = local_date(now)
        policy = notice.run.round.policy
        old_due = notice.due_on
        notice.due_on = due_on or workdays.add_workdays(today, policy.notice_workdays)
        notice.extended_from = None
        check_due(notice.due_on, today, policy.continuing_workdays)
        notice.look_back_by = workdays.add_workdays(notice.due_on, policy.look_back_workdays)
        notice.version += 1
        notice.save()
        close_step(
            notice,
            "return",
            actor=actor,
            now=now,
            via=via,
            note=reason,
            before={"status": before, "due_on": old_due},
            after={"status": notice.status, "due_on": notice.due_on},
            tell_branch=_("整改通知书%(number)s退回再改，新期限%(due)s")
            % {"number": notice.document_number, "due": day_words(notice.due_on)},
        )
    return notice


def extend_notice(
    *,
    notice_id: int,
    due_on: dt.date,
    reason: str,
    actor: User,
    now: dt.datetime,
    via: str = "web",
) -> RectificationNotice:
    """Give the branch more time, once between two answers, with the reason in the history.

    The latest day is the policy's working days for continuing work, from today. Raises
    TransitionRefused when it is not the branch's turn, or when it was extended already.
    """
    reason = checked_text(reason, field="reason", missing=_("请写明为什么延期。"))
    with transaction.atomic():
        notice = locked(notice_id)
        if not may_review_notice(actor, notice):
            raise PermissionDenied
        NOTICE.take(notice, "extend")
        if notice.extended_from is not None:
            raise TransitionRefused(_("已经延过一次。还没改好的，按逾期处理或退回再改。"))
        today = local_date(now)
        policy = notice.run.round.policy
        latest = workdays.add_workdays(today, policy.continuing_workdays)
        if due_on <= (notice.due_on or today) or due_on < today:
            raise DomainError(_("新期限须晚于原期限，也不能早于今天。"), field="due_on")
        if due_on > latest:
            raise DomainError(
                _("最多延到%(day)s（%(n)d个工作日）。")
                % {"day": day_words(latest), "n": policy.continuing_workdays},
                field="due_on",
            )
        before, notice.extended_from, notice.due_on = notice.due_on, notice.due_on, due_on
        notice.look_back_by = workdays.add_workdays(due_on, policy.look_back_workdays)
        notice.version += 1
        notice.save()
        close_step(
            notice,
            "extend",
            actor=actor,
            now=now,
            via=via,
            note=reason,
            before={"due_on": before},
            after={"due_on": due_on},
            tell_branch=_("整改通知书%(number)s延期到%(due)s")
            % {"number": notice.document_number, "due": day_words(due_on)},
        )
    return notice


def withdraw_notice(
    *, notice_id: int, reason: str, actor: User, now: dt.datetime, via: str = "web"
) -> RectificationNotice:
    """Take the notice back with a reason. A number given out stays used; it is void."""
    reason = checked_text(reason, field="reason", missing=_("请写明为什么撤回。"))
    with transaction.atomic():
        notice = locked(notice_id)
        if not may_withdraw_notice(actor, notice):
            raise PermissionDenied
        before = NOTICE.take(notice, "withdraw")
        notice.version += 1
        notice.save()
        served = notice.issued_at is not None
        for paper in IssuedPaper.objects.live().filter(notice=notice):
            void_paper(paper=paper, reason=reason, now=now)
        close_step(
            notice,
            "withdraw",
            actor=actor,
            now=now,
            via=via,
            note=reason,
            before={"status": before},
            after={"status": notice.status},
            tell_branch=(
                _("整改通知书%(number)s已撤回") % {"number": notice.document_number}
                if served
                else ""
            ),
        )
    return notice
