"""The branch's turn: it signs for the notice and answers problem by problem."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Min
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from evaluations.lifecycles import NOTICE
from evaluations.models import NoticeProblem, RectificationNotice
from evaluations.permissions import may_respond
from evaluations.services.notices.steps import check_version, close_step, count_save, locked
from portal.accounts.models import User
from portal.kernel.errors import DomainError, TransitionRefused
from portal.kernel.months import local_date
from portal.kernel.words import zh_day


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


def acknowledge_notice(
    *, notice_id: int, actor: User, now: dt.datetime, via: str = "web"
) -> RectificationNotice:
    """Sign for the notice (签收): name and time are kept."""
    with transaction.atomic():
        notice = locked(notice_id)
        if not may_respond(actor, notice):
            raise PermissionDenied
        before = NOTICE.take(notice, "acknowledge")
        notice.acknowledged_at = now
        notice.acknowledged_by = actor
        notice.version += 1
        notice.save()
        close_step(
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
        notice = locked(notice_id)
        if not may_respond(actor, notice):
            raise PermissionDenied
        if not NOTICE.allows(notice.status, "respond"):
            raise TransitionRefused(
                _("现在是“%(state)s”，不能填整改情况。") % {"state": notice.get_status_display()}
            )
        problems = list(notice.problems.select_related("item"))
        if _same_answers(problems, answers):
            return notice  # a second press of the same save
        check_version(notice, version)
        _write_answers(problems, answers, today=local_date(now), complete=False, notice=notice)
        count_save(notice)
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
        notice = locked(notice_id)
        if not may_respond(actor, notice):
            raise PermissionDenied
        before = NOTICE.take(notice, "respond")
        problems = list(notice.problems.select_related("item"))
        if not _same_answers(problems, answers):
            check_version(notice, version)
        _write_answers(problems, answers, today=local_date(now), complete=True, notice=notice)
        notice.responded_at = now
        notice.version += 1
        notice.save()
        close_step(
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
    found_on = _found_on(notice)
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
        elif problem.done_on and problem.done_on < found_on:
            found["done_on"] = _("完成时间不能早于检查当天（%(day)s）。") % {
                "day": zh_day(found_on)
            }
        if found:
            errors[problem.pk] = found
    if errors:
        raise AnswerIncomplete(errors)
    NoticeProblem.objects.bulk_update(problems, ANSWER_FIELDS)


def _found_on(notice: RectificationNotice) -> dt.date:
    """The day of the month's first visit to the branch: nothing was put right before anybody had
    found it. The first of the month where no team came."""
    round_ = notice.run.round
    first = round_.inspections.filter(inspected_branch_id=notice.branch_id).aggregate(
        first=Min("started_at")
    )["first"]
    return local_date(first) if first else round_.month
