"""Reception days: the calendar, and one of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Count, Q
from django.utils.translation import gettext as _

from feedback.access import listening_committees, name_committees
from feedback.models import ListeningSession, Slot, StaffRequest
from feedback.permissions import may_arrange, may_book
from feedback.selectors.standing import session_standing
from portal.kernel.ui import Status

if TYPE_CHECKING:
    from portal.accounts.models import User

SHOWN_PAST = 12


@dataclass(frozen=True, slots=True)
class SessionRow:
    session: ListeningSession
    standing: Status
    free: int
    booked: int
    requests: int


@dataclass(frozen=True, slots=True)
class Calendar:
    heading: str
    coming: Sequence[SessionRow]
    past: Sequence[SessionRow]
    may_plan: bool


@dataclass(frozen=True, slots=True)
class SlotLine:
    """``who`` is what this reader may know of who booked it."""

    slot: Slot
    who: str
    is_mine: bool
    is_free: bool


@dataclass(frozen=True, slots=True)
class SessionPage:
    session: ListeningSession
    standing: Status
    slots: Sequence[SlotLine]
    departments: str
    requests: Sequence[StaffRequest]
    may_arrange: bool
    may_book: bool
    mine: SlotLine | None
    free: int


def session_calendar(user: User, today: dt.date) -> Calendar:
    """Two queries."""
    rows = ListeningSession.objects.visible_to(user).annotate(
        slot_count=Count("slots", distinct=True),
        booked=Count("slots", filter=Q(slots__booked_by__isnull=False), distinct=True),
        request_count=Count("requests", filter=Q(requests__is_sealed=False), distinct=True),
    )

    def row(session: ListeningSession) -> SessionRow:
        return SessionRow(
            session,
            session_standing(session, today),
            session.slot_count - session.booked,  # type: ignore[attr-defined]
            session.booked,  # type: ignore[attr-defined]
            session.request_count,  # type: ignore[attr-defined]
        )

    coming = [row(s) for s in rows.coming(today).order_by("held_on", "starts_at")]
    past = [
        row(s)
        for s in rows.exclude(pk__in=[r.session.pk for r in coming]).order_by(
            "-held_on", "-starts_at"
        )[:SHOWN_PAST]
    ]
    announced = [r for r in coming if r.session.status == "announced"]
    if announced:
        first = announced[0].session
        heading = _("下一次是%(month)d月%(day)d日，%(who)s接待") % {
            "month": first.held_on.month,
            "day": first.held_on.day,
            "who": first.leader_title,
        }
    else:
        heading = _("还没有公告下一个接待日")
    return Calendar(heading, coming, past, bool(listening_committees(user)))


def session_page(session: ListeningSession, user: User, today: dt.date) -> SessionPage:
    """A confidential booking shows the name to the secretary's office alone."""
    office = may_arrange(user, session.committee)
    knows = session.committee_id in name_committees(user)
    slots = []
    for slot in session.slots.select_related("booked_by"):
        mine = slot.booked_by_id == user.pk
        who = ""
        if slot.booked_by is not None:
            if mine:
                who = _("您")
            elif office and (knows or not slot.is_confidential):
                who = slot.booked_by.display_name
            elif office:
                who = _("不公开姓名")
            else:
                who = _("已约")
        slots.append(SlotLine(slot, who, mine, slot.booked_by_id is None))
    return SessionPage(
        session=session,
        standing=session_standing(session, today),
        slots=slots,
        departments="、".join(d.name for d in session.departments.all()),
        requests=list(
            StaffRequest.objects.in_office_of(user)
            .filter(session=session)
            .select_related("department")
            .order_by("pk")
        )
        if office
        else [],
        may_arrange=office,
        may_book=may_book(user, session)
        and session.status == "announced"
        and session.held_on >= today,
        mine=next((line for line in slots if line.is_mine), None),
        free=sum(line.is_free for line in slots),
    )
