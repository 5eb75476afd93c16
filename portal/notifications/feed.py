"""The calendar feed: what has a day, for one person, as iCalendar (RFC 5545).

Apps register what they know; due days come from the to-do providers. A feed is read by whatever
calendar a person uses, often in somebody's cloud: it says what kind of thing is due and where to
look, never what was found. Alarms ring at nine on a working day.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.conf import settings
from django.utils.translation import gettext as _
from icalendar import Alarm, Calendar, Event

from portal.kernel.months import SHANGHAI
from portal.notifications.todo import todo_for
from portal.workdays import services as workdays

if TYPE_CHECKING:
    from portal.accounts.models import User

LOOKS_BACK = dt.timedelta(days=31)
LOOKS_AHEAD = dt.timedelta(days=92)
RINGS_AT = dt.time(9, 0)


@dataclass(frozen=True, slots=True)
class CalendarItem:
    """One thing on a day. ``uid`` stays the same when the day moves; ``starts`` and ``ends`` are
    empty for a whole day; ``rings`` asks for an alarm."""

    uid: str
    title: str
    day: dt.date
    link: str = ""
    starts: dt.time | None = None
    ends: dt.time | None = None
    place: str = ""
    rings: bool = False


Provider = Callable[["User", dt.date, dt.date], Iterable[CalendarItem]]

_providers: dict[str, Provider] = {}


def register_calendar(name: str, provider: Provider) -> None:
    """Ask ``provider(user, first, last)`` for what stands in the user's calendar between the two
    days, both included. The same name again replaces the provider."""
    _providers[name] = provider


def items_for(user: User, today: dt.date) -> list[CalendarItem]:
    """Everything from a month back to three months ahead, in order of days."""
    first, last = today - LOOKS_BACK, today + LOOKS_AHEAD
    items = [item for provider in _providers.values() for item in provider(user, first, last)]
    for todo in todo_for([user], today).get(user.pk, []):
        if todo.due_on is not None and first <= todo.due_on <= last:
            # The kind of thing and what it is about, not what was found: the text after the
            # colon stays here.
            kind = todo.title.split("：")[0]
            if todo.about:
                kind = f"{kind}：{todo.about}"
            items.append(CalendarItem(f"todo{todo.link}", kind, todo.due_on, todo.link, rings=True))
    return sorted(items, key=lambda item: (item.day, item.starts or dt.time(), item.uid))


def feed(user: User, now: dt.datetime) -> bytes:
    """The user's calendar as a file."""
    today = now.astimezone(SHANGHAI).date()
    base = settings.PORTAL_BASE_URL.rstrip("/")
    host = base.split("//")[-1].split("/")[0].split(":")[0]
    calendar = Calendar()
    calendar.add("prodid", "-//Party-building portal//ZH")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", _("党建工作日程"))
    calendar.add("x-wr-timezone", "Asia/Shanghai")
    calendar.add("refresh-interval", dt.timedelta(hours=6), {"value": "DURATION"})
    for item in items_for(user, today):
        calendar.add_component(_event(item, base, host, now))
    return bytes(calendar.to_ical())


def _event(item: CalendarItem, base: str, host: str, now: dt.datetime) -> Event:
    event = Event()
    event.add("uid", f"{item.uid.strip('/').replace('/', '-')}@{host}")
    event.add("dtstamp", now.astimezone(dt.UTC))
    event.add("summary", item.title)
    if item.starts is None:
        event.add("dtstart", item.day)
        event.add("dtend", item.day + dt.timedelta(days=1))
        event.add("transp", "TRANSPARENT")
    else:
        # In UTC: readers that know no time zones get the hour right too.
        event.add("dtstart", _moment(item.day, item.starts))
        event.add("dtend", _moment(item.day, item.ends or item.starts))
    if item.place:
        event.add("location", item.place)
    if item.link:
        event.add("url", f"{base}{item.link}")
    if item.rings:
        event.add_component(_alarm(item))
    return event


def _moment(day: dt.date, time: dt.time) -> dt.datetime:
    return dt.datetime.combine(day, time, SHANGHAI).astimezone(dt.UTC)


def _alarm(item: CalendarItem) -> Alarm:
    """At nine in the morning of the day, or of the last working day before it."""
    day = item.day
    if not workdays.is_workday(day):
        day = workdays.add_workdays(day, -1)
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", item.title)
    alarm.add("trigger", _moment(day, RINGS_AT), {"value": "DATE-TIME"})
    return alarm
