"""What the office that listens does: accept or decline, assign, merge, decide."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from feedback.clocks import policy_of, reply_due, result_due
from feedback.lifecycles import REQUEST
from feedback.models import Category, Department, NameView, Outcome, StaffRequest, Urgency
from feedback.permissions import (
    may_accept,
    may_assign,
    may_decide,
    may_merge,
    may_see_name,
    may_settle,
)
from feedback.recipients import people_of, seats_of
from feedback.services.history import (
    DISCIPLINE,
    OFFICE,
    add_event,
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
from portal.audit.services import record
from portal.kernel.errors import DomainError, TransitionRefused
from portal.kernel.months import local_date
from portal.workdays import services as workdays


def accept(
    *,
    request_id: str,
    headline: str = "",
    category: str = "",
    actor: User,
    now: dt.datetime,
    version: int | None = None,
    via: str = "web",
) -> StaffRequest:
    """Take it on. ``headline`` is the office's wording without names: colleagues see that one.

    Raises PermissionDenied, TransitionRefused, EditConflict, DomainError naming the field.
    """
    with transaction.atomic():
        request = locked(request_id)
        if not may_accept(actor, request):
            raise PermissionDenied
        before = REQUEST.take(request, "accept")
        check_version(request, version)
        today = local_date(now)
        if not request.is_sealed:
            request.headline = checked(
                headline or request.headline,
                field="headline",
                most=60,
                missing=_("请写一个标题，不写姓名和五人以下的班组。"),
            )
        if category:
            request.category = Category.objects.filter(pk=category).first()
        request.accepted_at = now
        request.assign_due_on = workdays.add_workdays(
            today, policy_of(request.committee_id).assign_workdays
        )
        office_step(
            request,
            "accepted",
            _("受理"),
            actor=actor,
            office=DISCIPLINE if request.is_sealed else OFFICE,
            now=now,
            via=via,
            before={"status": before},
            after={"status": request.status, "headline": request.headline},
        )
        tell_author(request, "accepted", _("已受理：%(what)s") % {"what": short(request)}, now=now)
    return request


def decline(
    *, request_id: str, reason: str, actor: User, now: dt.datetime, via: str = "web"
) -> StaffRequest:
    """Say why it is not taken on; the author reads the reason."""
    reason = checked(reason, field="reason", missing=_("请说明为什么不予受理，职工会看到。"))
    with transaction.atomic():
        request = locked(request_id)
        if not may_accept(actor, request):
            raise PermissionDenied
        before = REQUEST.take(request, "decline")
        request.decline_reason = reason
        request.closed_on = local_date(now)
        office_step(
            request,
            "declined",
            _("不予受理"),
            note=reason,
            actor=actor,
            office=DISCIPLINE if request.is_sealed else OFFICE,
            now=now,
            via=via,
            before={"status": before},
            after={"status": request.status},
        )
        tell_author(
            request,
            "declined",
            _("不予受理：%(what)s") % {"what": short(request)},
            body=reason,
            now=now,
        )
    return request


def settle(
    *, request_id: str, text: str, actor: User, now: dt.datetime, via: str = "web"
) -> StaffRequest:
    """The discipline office tells the author where the matter goes on, and ends it here."""
    text = checked(text, field="text", missing=_("请写明已转到哪里、怎么继续。"))
    with transaction.atomic():
        request = locked(request_id)
        if not may_settle(actor, request):
            raise PermissionDenied
        before = REQUEST.take(request, "settle")
        request.closed_on = local_date(now)
        office_step(
            request,
            "settled",
            _("告知办结"),
            note=text,
            actor=actor,
            office=DISCIPLINE,
            now=now,
            via=via,
            before={"status": before},
            after={"status": request.status},
        )
        tell_author(
            request, "settled", _("纪检已告知：%(what)s") % {"what": short(request)}, now=now
        )
    return request


def assign(
    *,
    request_id: str,
    department: Department,
    helpers: Iterable[Department] = (),
    urgency: str = Urgency.ORDINARY,
    note: str = "",
    actor: User,
    now: dt.datetime,
    version: int | None = None,
    via: str = "web",
) -> StaffRequest:
    """Give it to the department that answers, with helpers and a clock; or to another one.

    Counted from the day of acceptance; a reassigned request keeps its clock unless ``urgency``
    changes. Raises PermissionDenied, TransitionRefused, EditConflict, DomainError.
    """
    note = checked(note, field="note", most=300)
    with transaction.atomic():
        request = locked(request_id)
        if not may_assign(actor, request):
            raise PermissionDenied
        if urgency not in Urgency.values:
            raise DomainError(_("请选缓急。"), field="urgency")
        if department.committee_id != request.committee_id or not department.is_active:
            raise DomainError(_("请选本公司的承办部门。"), field="department")
        others = [helper for helper in helpers if helper.pk != department.pk]
        if any(helper.committee_id != request.committee_id for helper in others):
            raise DomainError(_("协办部门须是本公司的。"), field="helpers")
        old = request.department
        step = {"assigned": "reassign", "reopened": "reassign_again"}.get(request.status, "assign")
        before = REQUEST.take(request, step)
        check_version(request, version)
        today = local_date(now)
        policy = policy_of(request.committee_id)
        accepted_on = local_date(request.accepted_at or now)
        if step == "assign" or urgency != request.urgency:
            start = today if step == "reassign_again" else accepted_on
            request.reply_due_on = max(reply_due(policy, urgency, start), today)
            request.result_due_on = max(result_due(policy, start), request.reply_due_on)
        request.urgency = urgency
        request.department = department
        request.assigned_at = now
        names = "、".join(str(helper) for helper in others)
        text = (_("转%(department)s办理") if step == "assign" else _("改由%(department)s办理")) % {
            "department": department
        }
        if names:
            text += _("，%(names)s协办") % {"names": names}
        office_step(
            request,
            "assigned" if step == "assign" else "reassigned",
            text,
            note=note,
            actor=actor,
            office=OFFICE,
            now=now,
            via=via,
            before={"status": before, "department": old and old.name},
            after={
                "status": request.status,
                "department": department.name,
                "reply_due_on": request.reply_due_on,
            },
        )
        request.helpers.set(others)
        people = seats_of([department.pk, *(h.pk for h in others)], today=today)
        tell_people(
            request,
            [user for users in people.values() for user in users],
            f"assigned-{request.version}",
            _("请办理：%(what)s") % {"what": short(request)},
            body=_("%(day)s前答复。%(note)s")
            % {"day": day_words(request.reply_due_on), "note": note},
            now=now,
        )
        tell_author(
            request,
            f"assigned-{request.version}",
            _("%(text)s：%(what)s") % {"text": text, "what": short(request)},
            now=now,
        )
    return request


def merge(
    *, request_id: str, into_id: str, actor: User, now: dt.datetime, via: str = "web"
) -> StaffRequest:
    """Handle it together with another: its author hears everything that becomes of that one."""
    if request_id == into_id:
        raise DomainError(_("不能并入自己。"), field="into")
    with transaction.atomic():
        # Both rows, in the order of their keys, so that two merges never wait for each other.
        rows = {key: locked(key) for key in sorted((request_id, into_id))}
        request, main = rows[request_id], rows[into_id]
        if not may_merge(actor, request) or not may_merge(actor, main):
            raise PermissionDenied
        if main.committee_id != request.committee_id:
            raise DomainError(_("两件不在同一个党委。"), field="into")
        if main.status in ("merged", "declined", "withdrawn"):
            raise TransitionRefused(
                _("要并入的那一件%(state)s，请换一件。") % {"state": main.get_status_display()}
            )
        before = REQUEST.take(request, "merge")
        request.merged_into = main
        request.closed_on = local_date(now)
        request.merged.update(merged_into=main)
        office_step(
            request,
            "merged",
            _("与“%(what)s”一起办") % {"what": short(main)},
            actor=actor,
            office=OFFICE,
            now=now,
            via=via,
            before={"status": before},
            after={"status": request.status, "into": main.pk},
        )
        add_event(
            main,
            "joined",
            _("有一件同样的事并进来一起办"),
            actor=actor,
            office=OFFICE,
            now=now,
        )
        tell_author(
            request,
            "merged",
            _("已并案，结果会一起告诉您：%(what)s") % {"what": short(main)},
            now=now,
        )
    return request


# -- the secretary ----------------------------------------------------------------------


def decide(
    *,
    request_id: str,
    outcome: str,
    text: str,
    actor: User,
    now: dt.datetime,
    via: str = "web",
) -> StaffRequest:
    """The secretary's last word after the author refused the second answer; it is closed."""
    text = checked(text, field="text", most=1000, missing=_("请写明怎么定、为什么，职工会看到。"))
    if outcome not in Outcome.values:
        raise DomainError(_("请选结果。"), field="outcome")
    with transaction.atomic():
        request = locked(request_id)
        if not may_decide(actor, request):
            raise PermissionDenied
        before = REQUEST.take(request, "decide")
        today = local_date(now)
        request.outcome = outcome
        request.closed_on = today
        if outcome == Outcome.CARRIED_OUT:
            request.carried_out_on = request.carried_out_on or today
        office_step(
            request,
            "decided",
            _("书记裁定：%(outcome)s") % {"outcome": request.get_outcome_display()},
            note=text[:500],
            actor=actor,
            office=_("书记"),
            now=now,
            via=via,
            before={"status": before},
            after={"status": request.status, "outcome": outcome},
        )
        tell_author(
            request,
            "decided",
            _("书记已裁定：%(what)s") % {"what": short(request)},
            body=text,
            now=now,
        )
        tell_people(
            request,
            people_of(seats_of, request.department_id, today=today),
            "decided",
            _("书记已裁定：%(what)s") % {"what": short(request)},
            body=text,
            now=now,
        )
    return request


# -- names ----------------------------------------------------------------------------


def look_at_name(
    *, request_id: str, reason: str, actor: User, now: dt.datetime, via: str = "web"
) -> str:
    """The name of a confidential author. Each look is written down and shown to the author."""
    reason = checked(reason, field="reason", most=200, missing=_("请写明为什么要看姓名。"))
    with transaction.atomic():
        request = locked(request_id)
        if not may_see_name(actor, request):
            raise PermissionDenied
        author = getattr(request, "authorship", None)
        if author is None:
            raise DomainError(_("这一件没有留姓名。"))
        NameView.objects.create(request=request, viewer=actor, reason=reason, viewed_at=now)
        record(
            code="request.name_viewed",
            target=request,
            actor=actor,
            now=now,
            via=via,
            reason=reason,
        )
        tell_author(
            request,
            f"name-{now:%Y%m%d%H%M%S}",
            _("%(who)s查看了您的姓名：%(what)s") % {"who": actor, "what": short(request)},
            body=reason,
            now=now,
        )
    return str(author)
