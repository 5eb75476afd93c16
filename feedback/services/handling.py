"""What the department that answers does: reply, ask, promise, order, deliver."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from feedback.clocks import is_in_time, policy_of
from feedback.lifecycles import PROMISE, REQUEST, PromiseStatus
from feedback.models import Extension, Message, Outcome, Promise, PromiseTeam, Reply, StaffRequest
from feedback.models.requests import MAX_TEXT
from feedback.permissions import may_keep_promise, may_reply, may_talk
from feedback.recipients import office_of, people_of
from feedback.services.deadlines import end_pause
from feedback.services.history import (
    check_version,
    checked,
    day_words,
    locked,
    office_step,
    short,
    tell_author,
    tell_people,
)
from portal.accounts.models import User
from portal.kernel.errors import DomainError, TransitionRefused
from portal.kernel.months import local_date
from portal.workdays import services as workdays

MAX_TEAMS = 200
CONFIRM_WORKDAYS = 5


@dataclass(frozen=True, slots=True)
class Pledge:
    """What a reply promises, by when, and (optionally) to which teams."""

    what: str
    due_on: dt.date
    teams: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """A department's answer. ``before`` and ``after`` are the change in two short lines."""

    text: str
    outcome: str
    before: str = ""
    after: str = ""
    pledge: Pledge | None = None


def reply(
    *,
    request_id: str,
    answer: Answer,
    actor: User,
    now: dt.datetime,
    version: int | None = None,
    via: str = "web",
) -> Reply:
    """Answer, say what comes of it, and perhaps promise something by a day.

    With a promise the outcome is "planned" until those who asked say that it has arrived.
    Raises PermissionDenied, TransitionRefused, EditConflict, DomainError naming the field.
    """
    text = checked(answer.text, field="text", most=MAX_TEXT, missing=_("请写答复。"))
    before = checked(answer.before, field="before", most=200)
    after = checked(answer.after, field="after", most=200)
    if answer.outcome not in Outcome.values:
        raise DomainError(_("请选结果。"), field="outcome")
    with transaction.atomic():
        request = locked(request_id)
        if not may_reply(actor, request):
            raise PermissionDenied
        was = REQUEST.take(request, "reply")
        check_version(request, version)
        today = local_date(now)
        end_pause(request, today)
        department = request.department
        assert department is not None  # noqa: S101 - a constraint of the database
        outcome = answer.outcome
        if answer.pledge is not None:
            _check_pledge(answer.pledge, today)
            outcome = Outcome.PLANNED
        number = (request.replies.aggregate(last=Max("number"))["last"] or 0) + 1
        made = Reply.objects.create(
            request=request,
            number=number,
            department=department,
            text=text,
            before=before,
            after=after,
            outcome=outcome,
            replied_at=now,
            replied_by=actor,
        )
        in_time = is_in_time(request, today)
        request.outcome = outcome
        request.replied_at = now
        request.replied_on = request.replied_on or today
        request.replied_in_time = in_time and request.replied_in_time is not False
        request.rate_due_on = workdays.add_workdays(
            today, policy_of(request.committee_id).call_back_workdays
        )
        request.carried_out_on = today if outcome == Outcome.CARRIED_OUT else None
        office_step(
            request,
            "replied",
            _("答复：%(outcome)s") % {"outcome": request.get_outcome_display()},
            note=text[:500],
            actor=actor,
            office=str(department),
            now=now,
            via=via,
            before={"status": was},
            after={"status": request.status, "outcome": outcome, "in_time": in_time},
        )
        if answer.pledge is not None:
            _make_promise(request, answer.pledge, actor=actor, now=now, via=via)
        tell_author(
            request,
            f"replied-{number}",
            _("%(department)s已答复：%(what)s")
            % {"department": department, "what": short(request)},
            body=text,
            now=now,
        )
    return made


def carry_out(
    *, request_id: str, what: str, actor: User, now: dt.datetime, via: str = "web"
) -> StaffRequest:
    """What was planned has been done: the outcome changes, with the line that says what."""
    what = checked(what, field="what", most=200, missing=_("请写明做到了什么。"))
    with transaction.atomic():
        request = locked(request_id)
        if not may_reply(actor, request):
            raise PermissionDenied
        if request.outcome != Outcome.PLANNED or request.status not in ("replied", "closed"):
            raise TransitionRefused(_("只有“列入计划”的事项可以报完成。"))
        if request.promises.filter(status__in=("promised", "ordered", "delivered")).exists():
            raise TransitionRefused(_("还有承诺没有确认，确认后自动算整改。"))
        request.outcome = Outcome.CARRIED_OUT
        request.carried_out_on = local_date(now)
        office_step(
            request,
            "carried_out",
            _("已经做到：%(what)s") % {"what": what},
            actor=actor,
            office=str(request.department),
            now=now,
            via=via,
            before={"outcome": Outcome.PLANNED},
            after={"outcome": request.outcome},
        )
        tell_author(
            request, f"carried-{request.version}", _("已经做到：%(what)s") % {"what": what}, now=now
        )
    return request


def ask_author(
    *,
    request_id: str,
    text: str,
    actor: User,
    now: dt.datetime,
    via: str = "web",
) -> Message:
    """Ask the author something, or tell how it stands. The answer comes under the question."""
    text = checked(text, field="text", most=MAX_TEXT, missing=_("请写要问的话。"))
    with transaction.atomic():
        request = locked(request_id)
        if not may_talk(actor, request):
            raise PermissionDenied
        if request.status in ("declined", "merged", "withdrawn"):
            raise TransitionRefused(_("这件事已经结束，不能再问。"))
        office = _office_of(actor, request)
        message = add_message(request, text, office=office, actor=actor, now=now)
        office_step(
            request,
            "asked",
            _("给诉求人留言"),
            actor=actor,
            office=office,
            now=now,
            via=via,
        )
        tell_author(
            request,
            f"asked-{message.number}",
            _("%(office)s给您留言：%(what)s") % {"office": office, "what": short(request)},
            body=text,
            now=now,
        )
    return message


def add_message(
    request: StaffRequest, text: str, *, office: str, actor: User, now: dt.datetime
) -> Message:
    number = (request.messages.aggregate(last=Max("number"))["last"] or 0) + 1
    return Message.objects.create(
        request=request,
        number=number,
        is_from_author=False,
        office=office,
        text=text,
        on=local_date(now),
        at=now,
        sent_by=actor,
    )


def _office_of(actor: User, request: StaffRequest) -> str:
    if request.is_sealed:
        return _("纪检")
    return str(request.department) if may_reply(actor, request) else _("书记办公室")


def ask_extension(
    *,
    request_id: str,
    new_due_on: dt.date,
    reason: str,
    actor: User,
    now: dt.datetime,
    via: str = "web",
) -> Extension:
    """Ask for more time, once, before the day has passed."""
    reason = checked(reason, field="reason", most=300, missing=_("请写明为什么办不完。"))
    with transaction.atomic():
        request = locked(request_id)
        if not may_reply(actor, request):
            raise PermissionDenied
        if request.status not in ("assigned", "reopened") or request.reply_due_on is None:
            raise TransitionRefused(_("只有办理中的事项可以申请延期。"))
        if Extension.objects.filter(request=request).exists():
            raise TransitionRefused(_("只能延期一次，已经申请过了。"))
        today = local_date(now)
        if today > request.reply_due_on:
            raise TransitionRefused(_("已经逾期，不能再申请延期。"))
        most = workdays.add_workdays(
            request.reply_due_on, policy_of(request.committee_id).complex_workdays
        )
        if not request.reply_due_on < new_due_on <= most:
            raise DomainError(
                _("新期限须在%(first)s之后、%(last)s之前。")
                % {"first": day_words(request.reply_due_on), "last": day_words(most)},
                field="new_due_on",
            )
        asked = Extension.objects.create(
            request=request,
            reason=reason,
            asked_at=now,
            asked_by=actor,
            old_due_on=request.reply_due_on,
            new_due_on=new_due_on,
        )
        office_step(
            request,
            "extension_asked",
            _("申请延期到%(day)s") % {"day": day_words(new_due_on)},
            note=reason,
            actor=actor,
            office=str(request.department),
            now=now,
            via=via,
            is_inner=True,
        )
        tell_people(
            request,
            people_of(office_of, request.committee_id, today=today),
            "extension-asked",
            _("请批延期：%(what)s") % {"what": short(request)},
            body=reason,
            now=now,
        )
    return asked


# -- promises ---------------------------------------------------------------------------


def promise(
    *, request_id: str, pledge: Pledge, actor: User, now: dt.datetime, via: str = "web"
) -> Promise:
    """Promise something more about a request that has been answered."""
    with transaction.atomic():
        request = locked(request_id)
        if not may_reply(actor, request):
            raise PermissionDenied
        if request.status not in ("assigned", "reopened", "replied"):
            raise TransitionRefused(_("办理中或等评价的事项才能再作承诺。"))
        _check_pledge(pledge, local_date(now))
        made = _make_promise(request, pledge, actor=actor, now=now, via=via)
        request.save()
        tell_author(
            request,
            f"promise-{made.pk}",
            _("承诺%(day)s前：%(what)s") % {"day": day_words(made.due_on), "what": made.what},
            now=now,
        )
    return made


def order_promised(
    *, promise_id: str, note: str = "", actor: User, now: dt.datetime, via: str = "web"
) -> Promise:
    """It has been ordered, or work has begun."""
    note = checked(note, field="note", most=200)
    with transaction.atomic():
        made = locked_promise(promise_id)
        if not may_keep_promise(actor, made):
            raise PermissionDenied
        PROMISE.take(made, "order")
        made.ordered_at = now
        _save(made, "ordered", _("已下单：%(what)s"), note, actor, now, via)
    return made


def deliver_promised(
    *,
    promise_id: str,
    note: str = "",
    teams: Iterable[str] = (),
    actor: User,
    now: dt.datetime,
    via: str = "web",
) -> Promise:
    """It has arrived, says the department; those who asked are to confirm it."""
    note = checked(note, field="note", most=200)
    with transaction.atomic():
        made = locked_promise(promise_id)
        if not may_keep_promise(actor, made):
            raise PermissionDenied
        PROMISE.take(made, "deliver")
        made.delivered_at = now
        made.delivery_note = note
        made.confirm_by = workdays.add_workdays(local_date(now), CONFIRM_WORKDAYS)
        _add_teams(made, teams)
        _save(made, "delivered", _("已送达：%(what)s"), note, actor, now, via)
        tell_author(
            made.request,
            f"delivered-{made.pk}-{made.version}",
            _("说是送到了，请您确认：%(what)s") % {"what": made.what},
            body=note,
            now=now,
        )
    return made


def recall_promise(
    *, promise_id: str, reason: str, actor: User, now: dt.datetime, via: str = "web"
) -> Promise:
    """Take a promise back, with the reason that those who asked read."""
    reason = checked(reason, field="reason", most=300, missing=_("请写明为什么做不到了。"))
    with transaction.atomic():
        made = locked_promise(promise_id)
        if not may_keep_promise(actor, made):
            raise PermissionDenied
        PROMISE.take(made, "recall")
        made.recall_reason = reason
        _save(made, "recalled", _("收回承诺：%(what)s"), reason, actor, now, via)
        tell_author(
            made.request,
            f"recalled-{made.pk}",
            _("收回了承诺：%(what)s") % {"what": made.what},
            body=reason,
            now=now,
        )
    return made


def locked_promise(promise_id: str) -> Promise:
    """The promise with its request locked first."""
    found = Promise.objects.values("request_id").get(pk=promise_id)
    request = locked(found["request_id"])
    made: Promise = (
        Promise.objects.select_for_update(of=("self",))
        .select_related("department")
        .get(pk=promise_id)
    )
    made.request = request
    return made


def _check_pledge(pledge: Pledge, today: dt.date) -> None:
    checked(pledge.what, field="promise_what", most=200, missing=_("请写承诺什么。"))
    if pledge.due_on < today:
        raise DomainError(_("兑现期限不能早于今天。"), field="promise_due_on")


def _make_promise(
    request: StaffRequest, pledge: Pledge, *, actor: User, now: dt.datetime, via: str
) -> Promise:
    department = request.department
    assert department is not None  # noqa: S101 - a constraint of the database
    made = Promise.objects.create(
        request=request,
        department=department,
        what=pledge.what.strip(),
        due_on=pledge.due_on,
        promised_at=now,
    )
    _add_teams(made, pledge.teams)
    office_step(
        request,
        "promised",
        _("承诺%(day)s前：%(what)s") % {"day": day_words(made.due_on), "what": made.what},
        actor=actor,
        office=str(department),
        now=now,
        via=via,
        after={"promise": made.pk, "due_on": made.due_on},
    )
    return made


def _add_teams(made: Promise, teams: Iterable[str]) -> None:
    names = list(dict.fromkeys(name.strip()[:60] for name in teams if name.strip()))
    if len(names) > MAX_TEAMS:
        raise DomainError(_("一次最多%(max)d个班组。") % {"max": MAX_TEAMS}, field="teams")
    PromiseTeam.objects.bulk_create(
        [PromiseTeam(promise=made, name=name) for name in names], ignore_conflicts=True
    )


def _save(
    made: Promise, code: str, text: str, note: str, actor: User, now: dt.datetime, via: str
) -> None:
    made.version += 1
    made.save()
    office_step(
        made.request,
        f"promise_{code}",
        text % {"what": made.what},
        note=note,
        actor=actor,
        office=str(made.department),
        now=now,
        via=via,
        after={"promise": made.pk, "status": made.status},
    )


def open_promises(request: StaffRequest) -> bool:
    return request.promises.filter(
        status__in=(PromiseStatus.PROMISED, PromiseStatus.ORDERED, PromiseStatus.DELIVERED)
    ).exists()
