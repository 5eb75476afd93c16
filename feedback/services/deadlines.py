"""What the office does to the clocks of a request: pause, resume, extend once."""

from __future__ import annotations

import datetime as dt

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from feedback.clocks import moved
from feedback.models import Extension, Pause, StaffRequest
from feedback.permissions import may_grant_extension, may_pause
from feedback.recipients import people_of, seats_of
from feedback.services.history import (
    OFFICE,
    checked,
    day_words,
    locked,
    office_step,
    short,
    tell_author,
    tell_people,
)
from portal.accounts.models import User
from portal.kernel.errors import TransitionRefused
from portal.kernel.months import local_date


def pause(
    *, request_id: str, reason: str, actor: User, now: dt.datetime, via: str = "web"
) -> StaffRequest:
    """Stop the clock, with a reason that the author reads."""
    reason = checked(
        reason, field="reason", most=300, missing=_("请写明为什么暂停计时，职工会看到。")
    )
    with transaction.atomic():
        request = locked(request_id)
        if not may_pause(actor, request):
            raise PermissionDenied
        if request.status not in ("assigned", "reopened"):
            raise TransitionRefused(_("只有办理中的事项可以暂停计时。"))
        if request.pauses.filter(ended_on__isnull=True).exists():
            raise TransitionRefused(_("已经暂停计时了。"))
        Pause.objects.create(request=request, reason=reason, started_on=local_date(now))
        office_step(
            request,
            "paused",
            _("暂停计时"),
            note=reason,
            actor=actor,
            office=str(request.department or OFFICE),
            now=now,
            via=via,
        )
        tell_author(
            request,
            f"paused-{request.version}",
            _("暂停计时：%(what)s") % {"what": short(request)},
            body=reason,
            now=now,
        )
    return request


def resume(
    *, request_id: str, actor: User | None, now: dt.datetime, via: str = "web"
) -> StaffRequest:
    """Let the clock run again; what is due moves by the working days it stood still.

    ``actor`` None: the author has answered the question that it waited for."""
    with transaction.atomic():
        request = locked(request_id)
        if actor is not None and not may_pause(actor, request):
            raise PermissionDenied
        if not end_pause(request, local_date(now)):
            raise TransitionRefused(_("没有在暂停。"))
        office_step(
            request,
            "resumed",
            _("恢复计时，答复期限改为%(day)s") % {"day": day_words(request.reply_due_on)},
            actor=actor,
            office=str(request.department or OFFICE),
            now=now,
            via=via,
            after={"reply_due_on": request.reply_due_on},
        )
    return request


def end_pause(request: StaffRequest, today: dt.date) -> bool:
    """Close the open pause of a locked request and move its clocks (unsaved). False without."""
    standing = request.pauses.filter(ended_on__isnull=True).first()
    if standing is None:
        return False
    standing.ended_on = today
    standing.save(update_fields=["ended_on"])
    request.reply_due_on = moved(request.reply_due_on, standing.started_on, today)
    request.result_due_on = moved(request.result_due_on, standing.started_on, today)
    return True


def decide_extension(
    *, request_id: str, grant: bool, actor: User, now: dt.datetime, via: str = "web"
) -> StaffRequest:
    """Grant or refuse the one extension that a department may ask for."""
    with transaction.atomic():
        request = locked(request_id)
        if not may_grant_extension(actor, request):
            raise PermissionDenied
        asked = Extension.objects.select_for_update().filter(request=request).first()
        if asked is None or asked.granted is not None:
            raise TransitionRefused(_("没有等着批的延期申请。"))
        asked.granted = grant
        asked.decided_at = now
        asked.save(update_fields=["granted", "decided_at"])
        if grant and request.reply_due_on is not None:
            request.reply_due_on = max(request.reply_due_on, asked.new_due_on)
            request.result_due_on = max(
                request.result_due_on or request.reply_due_on, request.reply_due_on
            )
        text = (
            _("同意延期到%(day)s") % {"day": day_words(asked.new_due_on)}
            if grant
            else _("没有同意延期")
        )
        office_step(
            request,
            "extended" if grant else "extension_refused",
            text,
            note=asked.reason if grant else "",
            actor=actor,
            office=OFFICE,
            now=now,
            via=via,
            before={"reply_due_on": asked.old_due_on},
            after={"reply_due_on": request.reply_due_on},
        )
        tell_people(
            request,
            people_of(seats_of, request.department_id, today=local_date(now)),
            "extension",
            f"{text}：{short(request)}",
            now=now,
        )
        if grant:
            tell_author(
                request, "extension", f"{text}：{short(request)}", body=asked.reason, now=now
            )
    return request
