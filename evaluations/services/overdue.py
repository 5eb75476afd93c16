"""Reminders of what is overdue: each deadline that passes is told of once.

What is overdue follows from the date and is asked of the database; nothing is stored but the
messages. The key of a message names the thing, the deadline and the reader, so the sweep may
run every minute: in the steady state it only reads.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from evaluations.lifecycles import FindingStatus, RoundStatus
from evaluations.models import (
    Finding,
    FindingEvent,
    MonthRound,
    NoticeEvent,
    RectificationNotice,
)
from evaluations.recipients import inspectors_of, leaders_of, reviewers_of, secretaries_of
from portal.accounts.models import User
from portal.kernel.months import SHANGHAI, local_date
from portal.kernel.words import zh_date
from portal.notifications.models import InboxMessage
from portal.notifications.services import Message, tell_many
from portal.workdays import services as workdays

ESCALATE_AFTER_WORKDAYS = 2
STARTS_AT, ENDS_AT = dt.time(8, 30), dt.time(17, 30)


def remind_in_working_hours(now: dt.datetime) -> str:
    """The step of the sweep: nobody's phone rings at midnight. What fell due in the night or on a
    holiday is told on the next working morning."""
    local = now.astimezone(SHANGHAI)
    if not workdays.is_workday(local.date()) or not STARTS_AT <= local.time() < ENDS_AT:
        return _("非工作时间，不提醒")
    return remind(now)


def remind(now: dt.datetime) -> str:
    """Tell of every deadline that has passed and was not told of yet; say how many."""
    today = local_date(now)
    with transaction.atomic():
        messages = [
            *_notices(today),
            *_escalated(today, now),
            *_findings(today),
            *_escalated_findings(today, now),
        ]
        known = set(
            InboxMessage.objects.filter(key__in=[m.key for m in messages]).values_list(
                "key", flat=True
            )
        )
        fresh = [message for message in messages if message.key not in known]
        tell_many(messages=fresh, now=now)
    return _("提醒 %(count)d 条") % {"count": len(fresh)}


def _notices(today: dt.date) -> list[Message]:
    overdue = list(RectificationNotice.objects.overdue(today).select_related("branch"))
    unsigned = list(RectificationNotice.objects.unacknowledged(today).select_related("branch"))
    if not overdue and not unsigned:
        return []
    branches = {notice.branch_id: notice.branch for notice in (*overdue, *unsigned)}
    secretaries = secretaries_of(branches, today=today)
    reviewers = reviewers_of(branches.values(), today=today)
    messages = []
    for what, title, notices in (
        ("notice-overdue", _("逾期未整改：%(number)s（%(branch)s）"), overdue),
        ("notice-unsigned", _("逾期未签收：%(number)s（%(branch)s）"), unsigned),
    ):
        for notice in notices:
            day = notice.due_on if what == "notice-overdue" else notice.acknowledge_by
            people = [
                *secretaries.get(notice.branch_id, ()),
                *reviewers.get(notice.branch_id, ()),
            ]
            messages += _to(
                people,
                key=f"{what}:{notice.pk}:{day}",
                title=title % {"number": notice.document_number, "branch": notice.branch},
                body=_("期限是%(day)s。") % {"day": zh_date(day)},
                link=reverse("evaluations:notice-detail", args=[notice.pk]),
            )
    return messages


def _escalated(today: dt.date, now: dt.datetime) -> list[Message]:
    """An overdue notice climbs two rungs by itself, each once per deadline: two working days late
    it is the committee's secretary's; still open on a day of the monthly meeting, the meeting's
    (domain.md 4). Both stand in its history."""
    late = list(
        RectificationNotice.objects.overdue(today)
        .filter(due_on__lt=workdays.add_workdays(today, -ESCALATE_AFTER_WORKDAYS))
        .select_related("branch")
        .prefetch_related("events")
    )
    if not late:
        return []
    meetings = set(
        MonthRound.objects.filter(
            meeting_on=today, committee__in={notice.branch.committee_id for notice in late}
        ).values_list("committee_id", flat=True)
    )
    leaders = leaders_of({notice.branch.committee_id for notice in late}, today=today)
    events: list[NoticeEvent] = []
    messages: list[Message] = []
    for notice in late:
        known = {e.step for e in notice.events.all() if local_date(e.at) > notice.due_on}
        if "escalate" not in known:
            events.append(NoticeEvent(notice=notice, at=now, step="escalate"))
        if notice.branch.committee_id in meetings and "to_meeting" not in known:
            events.append(NoticeEvent(notice=notice, at=now, step="to_meeting"))
        messages += _to(
            leaders.get(notice.branch.committee_id, ()),
            key=f"notice-escalated:{notice.pk}:{notice.due_on}",
            title=_("%(branch)s的整改通知书逾期未改：%(number)s")
            % {"branch": notice.branch, "number": notice.document_number},
            body=_("期限是%(day)s，请过问；例会日仍未改的列入例会。")
            % {"day": zh_date(notice.due_on)},
            link=reverse("evaluations:notice-detail", args=[notice.pk]),
        )
    NoticeEvent.objects.bulk_create(events)
    return messages


def _findings(today: dt.date) -> list[Message]:
    overdue = list(Finding.objects.overdue(today).select_related("branch"))
    unseen = list(
        Finding.objects.look_back_overdue(today).select_related("branch", "inspection__team")
    )
    if not overdue and not unseen:
        return []
    secretaries = secretaries_of({finding.branch_id for finding in overdue}, today=today)
    inspectors = inspectors_of([finding.inspection for finding in unseen], today=today)
    reviewers = reviewers_of({f.branch_id: f.branch for f in unseen}.values(), today=today)
    messages = []
    for finding in overdue:
        messages += _to(
            secretaries.get(finding.branch_id, ()),
            key=f"finding-overdue:{finding.pk}:{finding.due_on}",
            title=_("问题逾期未整改：%(fact)s") % {"fact": finding.fact},
            body=_("期限是%(day)s。") % {"day": zh_date(finding.due_on)},
            link=reverse("evaluations:finding-detail", args=[finding.pk]),
        )
    for finding in unseen:
        people = inspectors.get(finding.inspection_id) or reviewers.get(finding.branch_id, [])
        messages += _to(
            people,
            key=f"look-back-overdue:{finding.pk}:{finding.look_back_by}",
            title=_("回头看逾期：%(branch)s，%(fact)s")
            % {"branch": finding.branch, "fact": finding.fact},
            body=_("期限是%(day)s。") % {"day": zh_date(finding.look_back_by)},
            link=reverse("evaluations:finding-detail", args=[finding.pk]),
        )
    return messages


def _escalated_findings(today: dt.date, now: dt.datetime) -> list[Message]:
    """A finding two working days late is the officers': a notice, or a talk (约谈). Once per
    deadline, and it stands in the finding's history."""
    late = list(
        Finding.objects.overdue(today)
        .filter(due_on__lt=workdays.add_workdays(today, -ESCALATE_AFTER_WORKDAYS))
        # While its sheet can be taken back, a finding has no history to append to.
        .exclude(~Q(inspection__round__status=RoundStatus.PUBLISHED), status=FindingStatus.RAISED)
        .select_related("branch")
        .prefetch_related("events")
    )
    if not late:
        return []
    reviewers = reviewers_of({f.branch_id: f.branch for f in late}.values(), today=today)
    events: list[FindingEvent] = []
    messages: list[Message] = []
    for finding in late:
        if not any(
            e.step == "escalate" and local_date(e.at) > finding.due_on for e in finding.events.all()
        ):
            events.append(FindingEvent(finding=finding, at=now, step="escalate"))
        messages += _to(
            reviewers.get(finding.branch_id, ()),
            key=f"finding-escalated:{finding.pk}:{finding.due_on}",
            title=_("%(branch)s的问题逾期未改，请约谈或发通知书：%(fact)s")
            % {"branch": finding.branch, "fact": finding.fact},
            body=_("期限是%(day)s。") % {"day": zh_date(finding.due_on)},
            link=reverse("evaluations:finding-detail", args=[finding.pk]),
        )
    FindingEvent.objects.bulk_create(events)
    return messages


def _to(people: Iterable[User], *, key: str, title: str, body: str, link: str) -> list[Message]:
    return [
        Message(user_id=user.pk, key=f"{key}:{user.pk}", title=title, body=body, link=link)
        for user in dict.fromkeys(people)
    ]
