"""What a turnout must be right in: the order of its moments, nobody in two places, what is due."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from django.db.models import Q
from django.utils.translation import gettext as _

from portal.kernel.errors import DomainError
from portal.kernel.months import SHANGHAI
from servicecrew.models import (
    MARK_FIELDS,
    Mark,
    ServiceKind,
    Turnout,
    TurnoutPerson,
    TurnoutVehicle,
)

# A phone may be a little fast; further ahead the moment cannot have been yet.
AHEAD = dt.timedelta(minutes=5)


def spoken(moment: dt.datetime) -> str:
    """``6月20日 21:46``."""
    local = moment.astimezone(SHANGHAI)
    return f"{local.month}月{local.day}日 {local:%H:%M}"


def check_order(turnout: Turnout, now: dt.datetime) -> None:
    """Raise DomainError naming the later of two moments that are the wrong way round."""
    last: tuple[str, dt.datetime] | None = None
    for mark in Mark:
        name = MARK_FIELDS[mark]
        moment: dt.datetime | None = getattr(turnout, name)
        if moment is None:
            continue
        if moment > now + AHEAD:
            raise DomainError(
                _("%(mark)s写的是%(at)s，还没有到这个时候。请核对日期和时间。")
                % {"mark": mark.label, "at": spoken(moment)},
                field=mark.value,
            )
        if last is not None and moment < last[1]:
            hint = (
                _("过了零点的，请把日期改成第二天。")
                if last[1] - moment < dt.timedelta(hours=24)
                else _("请核对日期。")
            )
            raise DomainError(
                _("%(mark)s（%(at)s）早于%(before)s（%(earlier)s）。%(hint)s")
                % {
                    "mark": mark.label,
                    "at": spoken(moment),
                    "before": last[0],
                    "earlier": spoken(last[1]),
                    "hint": hint,
                },
                field=mark.value,
            )
        last = (str(mark.label), moment)


# -- nobody in two places ------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class DoubleBooking:
    """A person or vehicle that is also on another turnout at the same time."""

    name: str
    subject: str
    since: dt.datetime
    key: int
    is_vehicle: bool

    def __str__(self) -> str:
        words = (
            _(
                "%(name)s 这段时间在另一次出队“%(subject)s”（%(since)s 出发），"
                "一辆车不能同时在两处。"
            )
            if self.is_vehicle
            else _(
                "%(name)s 这段时间在另一次出队“%(subject)s”（%(since)s 出发），"
                "一个人不能同时在两处。"
            )
        )
        return words % {
            "name": self.name,
            "subject": self.subject,
            "since": spoken(self.since),
        }


def double_bookings(turnout: Turnout) -> list[DoubleBooking]:
    """People and vehicles of ``turnout`` that are on another one whose time overlaps. Two
    queries. Without a time of leaving nothing can be said."""
    began = turnout.departed_at
    if began is None or not turnout.pk:
        return []
    ended = turnout.ended_at
    overlap = Q(turnout__departed_at__isnull=False)
    if ended is not None:
        overlap &= Q(turnout__departed_at__lt=ended)
    still_out = Q(turnout__left_at__isnull=True, turnout__restored_at__isnull=True)
    back_later = Q(turnout__left_at__gt=began) | Q(
        turnout__left_at__isnull=True, turnout__restored_at__gt=began
    )
    # Who never came back by the log is taken to be back after a day.
    recent = Q(turnout__departed_at__gt=began - dt.timedelta(hours=24))
    elsewhere = overlap & (back_later | (still_out & recent)) & ~Q(turnout=turnout)
    live = ~Q(turnout__status="void")
    days = {row.day for row in turnout.people.all()} | {row.day for row in turnout.vehicles.all()}
    found = [
        DoubleBooking(name, subject, since or began, key, is_vehicle=False)
        for key, name, subject, since in TurnoutPerson.objects.filter(
            elsewhere,
            live,
            day__in=_around(days),
            person_id__in=[row.person_id for row in turnout.people.all()],
        )
        .values_list("person_id", "person__name", "turnout__subject", "turnout__departed_at")
        .distinct()
    ]
    found += [
        DoubleBooking(plate, subject, since or began, key, is_vehicle=True)
        for key, plate, subject, since in TurnoutVehicle.objects.filter(
            elsewhere,
            live,
            day__in=_around(days),
            vehicle_id__in=[row.vehicle_id for row in turnout.vehicles.all()],
        )
        .values_list("vehicle_id", "vehicle__plate", "turnout__subject", "turnout__departed_at")
        .distinct()
    ]
    return found


def _around(days: Iterable[dt.date]) -> set[dt.date]:
    """The days and those beside them: a night's turnout is booked on the day it began."""
    return {day + dt.timedelta(days=n) for day in days for n in (-1, 0, 1)}


# -- what is still missing ------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Missing:
    """A field that is due before the captain confirms. ``field`` names it in form and API."""

    field: str
    label: str
    why: str = ""


def required_fields(turnout: Turnout) -> list[tuple[str, str]]:
    """At most eight, whatever the kind: crew, kind, reason, county, place, departure, people, and
    for repairs the work ticket."""
    fields = [
        ("crew", _("服务队")),
        ("service_kind", _("服务类别")),
        ("subject", _("事由")),
        ("county", _("区县")),
        ("place", _("地点")),
        ("departed", _("出发时间")),
        ("people", _("出动人员")),
    ]
    if turnout.service_kind == ServiceKind.REPAIR:
        fields.append(("work_ticket_no", _("工作票号")))
    return fields


def missing_fields(turnout: Turnout, *, people: int | None = None) -> list[Missing]:
    """Required fields that are still empty."""
    count = turnout.people.count() if people is None else people
    held = {
        "crew": turnout.crew_id,
        "service_kind": turnout.service_kind,
        "subject": turnout.subject.strip(),
        "county": turnout.county,
        "place": turnout.place or turnout.township,
        "departed": turnout.departed_at,
        "people": count,
        "work_ticket_no": turnout.work_ticket_no,
    }
    return [Missing(name, label) for name, label in required_fields(turnout) if not held[name]]


# Wanted at the latest when the captain confirms; a turnout may be logged without.
LATER = frozenset({"work_ticket_no", "place"})


def refuse_missing(missing: Collection[Missing], what: str) -> None:
    if missing:
        names = "、".join(item.label for item in missing)
        raise DomainError(
            _("还差%(names)s，填好才能%(what)s。") % {"names": names, "what": what},
            field=next(iter(missing)).field,
        )
