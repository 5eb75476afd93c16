"""The rectification notice (整改通知书): drafted by the machine, issued by a person, answered.

A notice is addressed to one branch for failed key work. It gets its number in the transaction
that signs it. Each step locks the notice, checks the person and the state, writes, appends a
line to the notice's history and a row to the audit trail, and tells the other side.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from evaluations.lifecycles import EXTENDABLE, NOTICE, NoticeStatus
from evaluations.models import IssuedPaper, NoticeEvent, NoticeProblem, RectificationNotice
from evaluations.permissions import (
    may_issue_notice,
    may_respond,
    may_review_notice,
    may_withdraw_notice,
)
from evaluations.recipients import reviewers_of, secretaries_of
from evaluations.selectors.papers import notice_code
from evaluations.services.papers import keep_notice, void_paper
from portal.accounts.models import User
from portal.audit.services import record
from portal.kernel.errors import DomainError, EditConflict, TransitionRefused
from portal.kernel.months import local_date
from portal.kernel.sequences import next_number
from portal.notifications.services import tell
from portal.workdays import services as workdays

MAX_REASON = 300
MAX_FACTS = 2000


@dataclass(frozen=True, slots=True)
class Answer:
    """What a branch says about one problem of a notice."""

    cause: str = ""
    measure: str = ""
    responsible: str = ""
    done_on: dt.date | None = None
    result: str = ""


ANSWER_FIELDS = tuple(field.name for field in fields(Answer))


class AnswerIncomplete(DomainError):
    """An answer that can't be sent yet. ``errors``: per problem id and field, a sentence."""

    code = "incomplete"

    def __init__(self, errors: Mapping[int, Mapping[str, str]]) -> None:
        super().__init__(_("还有没填好的地方，已在下面标出。填好的都还在。"))
        self.errors = {pk: dict(found) for pk, found in errors.items()}


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

    What the machine had written stays in the audit trail. Raises TransitionRefused once the
    notice is issued, EditConflict when a colleague changed it since ``version``.
    """
    text = facts.strip()
    if not text:
        raise DomainError(_("请写明事实：时间、地点、情况。"), field="facts")
    if len(text) > MAX_FACTS:
        raise DomainError(_("事实请控制在 %(max)d 字以内。") % {"max": MAX_FACTS}, field="facts")
    with transaction.atomic():
        notice = _locked(notice_id)
        if not may_issue_notice(actor, notice):
            raise PermissionDenied
        if notice.status != NoticeStatus.DRAFT:
            raise TransitionRefused(_("通知书已签发，事实不能再改。需要更正请先撤回。"))
        problem = notice.problems.get(pk=problem_id)
        if problem.facts == text:
            return problem
        _check_version(notice, version)
        before, problem.facts = problem.facts, text
        problem.save(update_fields=["facts"])
        _count_save(notice)
        record(
            code="notice.facts_edited",
            target=notice,
            actor=actor,
            now=now,
            before={"problem": problem.number, "facts": before},
            after={"problem": problem.number, "facts": text},
        )
    return problem


def issue_notice(
    *,
    notice_id: int,
    actor: User,
    now: dt.datetime,
    version: int | None = None,
    via: str = "web",
) -> RectificationNotice:
    """Sign the notice: it gets its number and its deadlines and is served on the branch.

    ``version`` is the one the signer read; when the draft was changed since, EditConflict.
    Raises PermissionDenied for a member of the branch addressed (recusal).
    """
    with transaction.atomic():
        notice = _locked(notice_id)
        if not may_issue_notice(actor, notice):
            raise PermissionDenied
        NOTICE.take(notice, "issue")
        if version is not None:
            _check_version(notice, version)
        if not notice.problems.exists():
            raise DomainError(_("通知书里没有问题，不能签发。"))
        today = local_date(now)
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
        _close_step(
            notice,
            "issue",
            actor=actor,
            now=now,
            via=via,
            before={"status": NoticeStatus.DRAFT},
            after={
                "status": notice.status,
                "document_number": notice.document_number,
                "acknowledge_by": notice.acknowledge_by,
                "due_on": notice.due_on,
            },
            tell_branch=_("收到整改通知书%(number)s，请签收并于%(due)s前整改")
            % {"number": notice.document_number, "due": _day(notice.due_on)},
        )
    return notice


def acknowledge_notice(
    *, notice_id: int, actor: User, now: dt.datetime, via: str = "web"
) -> RectificationNotice:
    """Sign for the notice (签收): name and time are kept."""
    with transaction.atomic():
        notice = _locked(notice_id)
        if not may_respond(actor, notice):
            raise PermissionDenied
        before = NOTICE.take(notice, "acknowledge")
        notice.acknowledged_at = now
        notice.acknowledged_by = actor
        notice.version += 1
        notice.save()
        _close_step(
            notice,
            "acknowledge",
            actor=actor,
            now=now,
            via=via,
            before={"status": before},
            after={"status": notice.status},
            tell_committee=_("%(branch)s已签收整改通知书%(number)s"),
        )
    return notice


def save_answers(
    *,
    notice_id: int,
    answers: Mapping[int, Answer],
    version: int,
    actor: User,
    now: dt.datetime,
) -> RectificationNotice:
    """Keep the answer as far as it has been typed; nothing is required yet.

    Raises TransitionRefused when it is not the branch's turn, EditConflict when the other of
    secretary and deputy saved since ``version``; nothing is overwritten then.
    """
    with transaction.atomic():
        notice = _locked(notice_id)
        if not may_respond(actor, notice):
            raise PermissionDenied
        if not NOTICE.allows(notice.status, "respond"):
            raise TransitionRefused(
                _("现在是“%(state)s”，不能填整改情况。") % {"state": notice.get_status_display()}
            )
        problems = list(notice.problems.select_related("item"))
        if _same_answers(problems, answers):
            return notice  # a second press of the same save
        _check_version(notice, version)
        _write_answers(problems, answers, today=local_date(now), complete=False, notice=notice)
        _count_save(notice)
    return notice


def respond_to_notice(
    *,
    notice_id: int,
    answers: Mapping[int, Answer],
    version: int,
    actor: User,
    now: dt.datetime,
    via: str = "web",
) -> RectificationNotice:
    """Report the rectification: for each problem cause, measure, person, date and result.

    Raises AnswerIncomplete naming each missing field, TransitionRefused in a state that does
    not wait for an answer, EditConflict when a colleague saved since ``version``.
    """
    with transaction.atomic():
        notice = _locked(notice_id)
        if not may_respond(actor, notice):
            raise PermissionDenied
        before = NOTICE.take(notice, "respond")
        problems = list(notice.problems.select_related("item"))
        if not _same_answers(problems, answers):
            _check_version(notice, version)
        _write_answers(problems, answers, today=local_date(now), complete=True, notice=notice)
        notice.responded_at = now
        notice.version += 1
        notice.save()
        _close_step(
            notice,
            "respond",
            actor=actor,
            now=now,
            via=via,
            before={"status": before},
            after={
                "status": notice.status,
                "answers": {problem.number: _answer_of(problem) for problem in problems},
            },
            tell_committee=_("%(branch)s已报整改情况，请审核（%(number)s）"),
        )
    return notice


def accept_response(
    *, notice_id: int, actor: User, now: dt.datetime, note: str = "", via: str = "web"
) -> RectificationNotice:
    """The look-back found it put right: the notice is closed."""
    note = _checked(note, field="note")
    with transaction.atomic():
        notice = _locked(notice_id)
        if not may_review_notice(actor, notice):
            raise PermissionDenied
        before = NOTICE.take(notice, "accept")
        notice.closed_at = now
        notice.version += 1
        notice.save()
        _close_step(
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
    reason = _checked(reason, field="reason", missing=_("请写明哪里没有改到位。"))
    with transaction.atomic():
        notice = _locked(notice_id)
        if not may_review_notice(actor, notice):
            raise PermissionDenied
        before = NOTICE.take(notice, "return")
        today = local_date(now)
        policy = notice.run.round.policy
        old_due = notice.due_on
        notice.due_on = due_on or workdays.add_workdays(today, policy.notice_workdays)
        notice.extended_from = None
        if notice.due_on < today:
            raise DomainError(_("新的整改期限不能早于今天。"), field="due_on")
        notice.look_back_by = workdays.add_workdays(notice.due_on, policy.look_back_workdays)
        notice.version += 1
        notice.save()
        _close_step(
            notice,
            "return",
            actor=actor,
            now=now,
            via=via,
            note=reason,
            before={"status": before, "due_on": old_due},
            after={"status": notice.status, "due_on": notice.due_on},
            tell_branch=_("整改通知书%(number)s退回再改，新期限%(due)s")
            % {"number": notice.document_number, "due": _day(notice.due_on)},
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
    reason = _checked(reason, field="reason", missing=_("请写明为什么延期。"))
    with transaction.atomic():
        notice = _locked(notice_id)
        if not may_review_notice(actor, notice):
            raise PermissionDenied
        if notice.status not in EXTENDABLE or notice.due_on is None:
            raise TransitionRefused(
                _("现在是“%(state)s”，没有要延的期限。") % {"state": notice.get_status_display()}
            )
        if notice.extended_from is not None:
            raise TransitionRefused(_("已经延过一次。还没改好的，按逾期处理或退回再改。"))
        today = local_date(now)
        policy = notice.run.round.policy
        latest = workdays.add_workdays(today, policy.continuing_workdays)
        if due_on <= notice.due_on or due_on < today:
            raise DomainError(_("新期限须晚于原期限，也不能早于今天。"), field="due_on")
        if due_on > latest:
            raise DomainError(
                _("最多延到%(day)s（%(n)d个工作日）。")
                % {"day": _day(latest), "n": policy.continuing_workdays},
                field="due_on",
            )
        before, notice.extended_from, notice.due_on = notice.due_on, notice.due_on, due_on
        notice.look_back_by = workdays.add_workdays(due_on, policy.look_back_workdays)
        notice.version += 1
        notice.save()
        _close_step(
            notice,
            "extend",
            actor=actor,
            now=now,
            via=via,
            note=reason,
            before={"due_on": before},
            after={"due_on": due_on},
            tell_branch=_("整改通知书%(number)s延期到%(due)s")
            % {"number": notice.document_number, "due": _day(due_on)},
        )
    return notice


def withdraw_notice(
    *, notice_id: int, reason: str, actor: User, now: dt.datetime, via: str = "web"
) -> RectificationNotice:
    """Take the notice back with a reason. A number given out stays used; it is void."""
    reason = _checked(reason, field="reason", missing=_("请写明为什么撤回。"))
    with transaction.atomic():
        notice = _locked(notice_id)
        if not may_withdraw_notice(actor, notice):
            raise PermissionDenied
        before = NOTICE.take(notice, "withdraw")
        notice.version += 1
        notice.save()
        served = notice.issued_at is not None
        for paper in IssuedPaper.objects.live().filter(notice=notice):
            void_paper(paper=paper, reason=reason, now=now)
        _close_step(
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


# -- inside ---------------------------------------------------------------------------


def _locked(notice_id: int) -> RectificationNotice:
    notice: RectificationNotice = (
        RectificationNotice.objects.select_for_update(of=("self",))
        .select_related("branch__committee", "run__round__policy")
        .get(pk=notice_id)
    )
    return notice


def _check_version(notice: RectificationNotice, version: int) -> None:
    if notice.version != version:
        raise EditConflict(_("另一位同志刚改过。您填的内容还在下面，请核对后再提交。"))


def _count_save(notice: RectificationNotice) -> None:
    notice.version += 1
    notice.save(update_fields=["version"])


def _checked(text: str, *, field: str, missing: str = "") -> str:
    text = text.strip()
    if missing and not text:
        raise DomainError(missing, field=field)
    if len(text) > MAX_REASON:
        raise DomainError(_("请控制在 %(max)d 字以内。") % {"max": MAX_REASON}, field=field)
    return text


def _answer_of(problem: NoticeProblem) -> dict[str, Any]:
    return {name: getattr(problem, name) for name in ANSWER_FIELDS}


def _same_answers(problems: Iterable[NoticeProblem], answers: Mapping[int, Answer]) -> bool:
    return all(
        problem.pk not in answers or _answer_of(problem) == _clean(answers[problem.pk])
        for problem in problems
    )


def _clean(answer: Answer) -> dict[str, Any]:
    return {
        name: value.strip() if isinstance(value, str) else value
        for name, value in asdict(answer).items()
    }


_MISSING = {
    "cause": gettext_lazy("请写明原因。"),
    "measure": gettext_lazy("请写明整改措施。"),
    "responsible": gettext_lazy("请写明责任人。"),
    "done_on": gettext_lazy("请填完成时间。"),
    "result": gettext_lazy("请写明完成情况。"),
}


def _write_answers(
    problems: list[NoticeProblem],
    answers: Mapping[int, Answer],
    *,
    today: dt.date,
    complete: bool,
    notice: RectificationNotice,
) -> None:
    unknown = set(answers) - {problem.pk for problem in problems}
    if unknown:
        raise DomainError(_("有的问题不在这份通知书里，请刷新页面。"))
    errors: dict[int, dict[str, str]] = {}
    others = {f.name for f in NoticeProblem._meta.concrete_fields} - set(ANSWER_FIELDS)
    for problem in problems:
        if problem.pk in answers:
            for name, value in _clean(answers[problem.pk]).items():
                setattr(problem, name, value)
        found: dict[str, str] = {}
        try:
            problem.clean_fields(exclude=others)
        except ValidationError as error:
            found = {name: str(texts[0]) for name, texts in error.message_dict.items()}
        if complete:
            for name in ANSWER_FIELDS:
                if not getattr(problem, name):
                    found.setdefault(name, str(_MISSING[name]))
        if problem.done_on and problem.done_on > today:
            found["done_on"] = _("完成时间不能晚于今天；还没完成的，完成后再报。")
        elif problem.done_on and problem.done_on < notice.run.round.month:
            found["done_on"] = _("完成时间早于被检查的月份，请核对。")
        if found:
            errors[problem.pk] = found
    if errors:
        raise AnswerIncomplete(errors)
    NoticeProblem.objects.bulk_update(problems, ANSWER_FIELDS)


def _close_step(
    notice: RectificationNotice,
    step: str,
    *,
    actor: User,
    now: dt.datetime,
    via: str,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    note: str = "",
    tell_branch: str = "",
    tell_committee: str = "",
) -> None:
    """The end of every step: history, audit, and a message to the other side."""
    event = NoticeEvent.objects.create(notice=notice, at=now, step=step, actor=actor, note=note)
    record(
        code=f"notice.{_PAST[step]}",
        target=notice,
        actor=actor,
        now=now,
        via=via,
        reason=note,
        before=before,
        after=after,
    )
    today = local_date(now)
    users: list[User] = []
    title = tell_branch
    if tell_branch:
        users = secretaries_of([notice.branch_id], today=today).get(notice.branch_id, [])
    elif tell_committee:
        users = reviewers_of([notice.branch], today=today).get(notice.branch_id, [])
        title = tell_committee % {"branch": notice.branch, "number": notice.document_number}
    link = reverse("evaluations:notice-detail", args=[notice.pk])
    for user in users:
        if user.pk != actor.pk:
            tell(
                user=user,
                key=f"notice-event:{event.pk}:{user.pk}",
                title=title[:120],
                body=note,
                link=link,
                now=now,
            )


_PAST = {
    "issue": "issued",
    "acknowledge": "acknowledged",
    "respond": "responded",
    "accept": "accepted",
    "return": "returned",
    "withdraw": "withdrawn",
    "extend": "extended",
}


def _day(day: dt.date) -> str:
    return f"{day.month}月{day.day}日"
