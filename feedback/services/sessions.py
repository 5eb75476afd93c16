"""Reception days and other sessions: planned, announced, booked, held, their results published."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from branches.models import Committee, Person
from feedback.clocks import policy_of
from feedback.lifecycles import SESSION
from feedback.models import Department, ListeningSession, SessionKind, Slot
from feedback.permissions import may_arrange, may_book
from feedback.recipients import office_of
from feedback.services.history import checked
from portal.accounts.models import User
from portal.audit.services import record
from portal.kernel.errors import DomainError, TransitionRefused
from portal.kernel.months import local_date
from portal.notifications.services import Message, tell_many
from portal.workdays import services as workdays

MOST_SLOTS = 40


@dataclass(frozen=True, slots=True)
class SessionValues:
    """What the office fills in. ``slot_minutes`` 0 means: no times to book, just come."""

    held_on: dt.date
    starts_at: dt.time
    ends_at: dt.time
    place: str
    leader_title: str
    kind: str = SessionKind.RECEPTION
    leader: Person | None = None
    rule: str = ""
    topic: str = ""
    slot_minutes: int = 30
    departments: tuple[Department, ...] = ()


@transaction.atomic
def plan_session(
    *,
    committee: Committee,
    values: SessionValues,
    actor: User | None,
    now: dt.datetime,
    via: str = "web",
) -> ListeningSession:
    """Enter a session with its slots. Raises PermissionDenied, DomainError naming the field."""
    if actor is not None and not may_arrange(actor, committee):
        raise PermissionDenied
    if values.kind not in SessionKind.values:
        raise DomainError(_("请选形式。"), field="kind")
    if values.ends_at <= values.starts_at:
        raise DomainError(_("结束时间须晚于开始时间。"), field="ends_at")
    if values.held_on < local_date(now):
        raise DomainError(_("日期已经过去了。"), field="held_on")
    if any(d.committee_id != committee.pk for d in values.departments):
        raise DomainError(_("到场部门须是本公司的。"), field="departments")
    session = ListeningSession.objects.create(
        committee=committee,
        kind=values.kind,
        held_on=values.held_on,
        starts_at=values.starts_at,
        ends_at=values.ends_at,
        place=checked(values.place, field="place", most=60, missing=_("请写地点。")),
        leader=values.leader,
        leader_title=checked(
            values.leader_title, field="leader_title", most=40, missing=_("请写由谁接待。")
        ),
        rule=checked(values.rule, field="rule", most=40),
        topic=checked(values.topic, field="topic", most=100),
    )
    session.departments.set(values.departments)
    Slot.objects.bulk_create(
        [
            Slot(session=session, starts_at=time)
            for time in slot_times(values.starts_at, values.ends_at, values.slot_minutes)
        ]
    )
    record(
        code="session.planned",
        target=session,
        actor=actor,
        now=now,
        via=via,
        after={"held_on": values.held_on, "place": values.place},
    )
    return session


def slot_times(starts_at: dt.time, ends_at: dt.time, minutes: int) -> list[dt.time]:
    """The times that fit between the two; none for 0 minutes. DomainError for too many."""
    if minutes == 0:
        return []
    if minutes < 5:
        raise DomainError(_("每段至少5分钟，不分段请填0。"), field="slot_minutes")
    first = starts_at.hour * 60 + starts_at.minute
    last = ends_at.hour * 60 + ends_at.minute
    found = [dt.time(at // 60, at % 60) for at in range(first, last - minutes + 1, minutes)]
    if len(found) > MOST_SLOTS:
        raise DomainError(
            _("一场最多%(max)d段，请把每段加长。") % {"max": MOST_SLOTS}, field="slot_minutes"
        )
    return found


def announce(
    *,
    session_id: str,
    late_reason: str = "",
    actor: User | None,
    now: dt.datetime,
    via: str = "web",
) -> ListeningSession:
    """Tell everybody the day, the place and the leader: three working days before, or later
    with a reason. Raises PermissionDenied, TransitionRefused, DomainError."""
    with transaction.atomic():
        session = _locked(session_id, actor)
        SESSION.take(session, "announce")
        today = local_date(now)
        ahead = policy_of(session.committee_id).announce_workdays
        latest = workdays.add_workdays(session.held_on, -ahead)
        if today > latest and not late_reason.strip():
            raise DomainError(
                _("应提前%(days)d个工作日公告，最迟%(day)s。现在公告请写明原因。")
                % {"days": ahead, "day": f"{latest.month}月{latest.day}日"},
                field="late_reason",
            )
        session.announced_at = now
        session.version += 1
        session.save()
        record(
            code="session.announced",
            target=session,
            actor=actor,
            now=now,
            via=via,
            reason=late_reason.strip(),
            after={"status": session.status},
        )
    return session


def book(
    *,
    slot_id: str,
    topic: str = "",
    is_confidential: bool = False,
    actor: User,
    now: dt.datetime,
) -> Slot:
    """Book a time. Confidentially: only the secretary's office sees who it is.

    Not in the audit trail. Raises PermissionDenied, TransitionRefused."""
    topic = checked(topic, field="topic", most=100)
    with transaction.atomic():
        slot = (
            Slot.objects.select_for_update(of=("self",)).select_related("session").get(pk=slot_id)
        )
        session = slot.session
        if not may_book(actor, session):
            raise PermissionDenied
        if session.status != "announced" or session.held_on < local_date(now):
            raise TransitionRefused(_("这一场现在不能预约。"))
        if slot.booked_by_id == actor.pk:
            return slot
        if slot.booked_by_id is not None:
            raise TransitionRefused(_("这个时间刚被别人约了，请换一个。"))
        slot.booked_by = actor
        slot.is_confidential = is_confidential
        slot.topic = topic
        slot.booked_at = now
        try:
            with transaction.atomic():
                slot.save()
        except IntegrityError:
            raise TransitionRefused(_("您在这一场已经约了一个时间，要换请先取消。")) from None
        people = office_of([session.committee_id], today=local_date(now))
        tell_many(
            messages=[
                Message(
                    user.pk,
                    f"slot:{slot.pk}:{now:%Y%m%d%H%M%S}:{user.pk}",
                    _("%(session)s有人约了%(time)s")
                    % {"session": session, "time": f"{slot.starts_at:%H:%M}"},
                    "",
                    reverse("feedback:session", args=[session.pk]),
                )
                for user in people.get(session.committee_id, ())
            ],
            now=now,
        )
    return slot


def unbook(*, slot_id: str, actor: User, now: dt.datetime) -> Slot:
    """Give the time back. Only by whoever booked it, and before the day."""
    with transaction.atomic():
        slot = (
            Slot.objects.select_for_update(of=("self",)).select_related("session").get(pk=slot_id)
        )
        if slot.booked_by_id != actor.pk:
            raise PermissionDenied
        if slot.session.status != "announced" or slot.session.held_on < local_date(now):
            raise TransitionRefused(_("已经过了时间，不能取消。"))
        slot.booked_by = None
        slot.is_confidential = False
        slot.topic = ""
        slot.booked_at = None
        slot.save()
    return slot


def hold(
    *,
    session_id: str,
    minutes: str,
    actor: User | None,
    now: dt.datetime,
    via: str = "web",
) -> ListeningSession:
    """It took place; the minutes are kept inside the office."""
    minutes = checked(minutes, field="minutes", most=4000, missing=_("请写纪要。"))
    with transaction.atomic():
        session = _locked(session_id, actor)
        if session.held_on > local_date(now):
            raise TransitionRefused(_("还没到日子。"))
        SESSION.take(session, "hold")
        session.minutes = minutes
        session.version += 1
        session.save()
        record(code="session.held", target=session, actor=actor, now=now, via=via)
    return session


def publish_results(
    *,
    session_id: str,
    results: str,
    actor: User | None,
    now: dt.datetime,
    via: str = "web",
) -> ListeningSession:
    """Publish what came of it, without names."""
    results = checked(results, field="results", most=2000, missing=_("请写公布的结果，不写姓名。"))
    with transaction.atomic():
        session = _locked(session_id, actor)
        SESSION.take(session, "publish")
        session.results = results
        session.published_at = now
        session.version += 1
        session.save()
        record(
            code="session.published",
            target=session,
            actor=actor,
            now=now,
            via=via,
            after={"results": results[:300]},
        )
    return session


def cancel(
    *,
    session_id: str,
    reason: str,
    actor: User | None,
    now: dt.datetime,
    via: str = "web",
) -> ListeningSession:
    """Call it off with a reason; whoever booked is told."""
    reason = checked(reason, field="reason", most=300, missing=_("请写明为什么取消。"))
    with transaction.atomic():
        session = _locked(session_id, actor)
        SESSION.take(session, "cancel")
        session.cancel_reason = reason
        session.version += 1
        session.save()
        booked: Iterable[int] = session.slots.filter(booked_by__isnull=False).values_list(
            "booked_by_id", flat=True
        )
        tell_many(
            messages=[
                Message(
                    user_id,
                    f"session-cancelled:{session.pk}:{user_id}",
                    _("%(session)s取消了") % {"session": session},
                    reason,
                    reverse("feedback:session", args=[session.pk]),
                )
                for user_id in booked
            ],
            now=now,
        )
        record(
            code="session.cancelled",
            target=session,
            actor=actor,
            now=now,
            via=via,
            reason=reason,
        )
    return session


def _locked(session_id: str, actor: User | None) -> ListeningSession:
    session: ListeningSession = (
        ListeningSession.objects.select_for_update(of=("self",))
        .select_related("committee")
        .get(pk=session_id)
    )
    if actor is not None and not may_arrange(actor, session.committee):
        raise PermissionDenied
    return session
