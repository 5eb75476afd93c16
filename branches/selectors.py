"""The records of a branch: as a list, as a month's calendar, as what a new one starts from. The
number of queries never grows with the rows."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q, QuerySet

from branches.duty_cells import action_address
from branches.duty_facts import (
    DutyCell,
    DutyRow,
)
from branches.models import (
    Activity,
    Branch,
)
from portal.kernel.months import Month
from portal.workdays.services import is_workday


def records_of(branch: Branch, month: Month, *, duty: str = "", text: str = "") -> QuerySet[Any]:
    """Records of a branch in a month, newest first, with ticks (two queries)."""
    found = (
        Activity.objects.filter(branch=branch)
        .in_month(month)
        .select_related("chair", "group")
        .prefetch_related("ticks")
    )
    if duty:
        found = found.filter(ticks__duty=duty)
    if text:
        found = found.filter(
            Q(subject__icontains=text)
            | Q(place__icontains=text)
            | Q(agenda__icontains=text)
            | Q(resolution__icontains=text)
        )
    return found


def recent_activity(branch: Branch, duty: str = "") -> Activity | None:
    """The newest record of the branch, of this duty when there is one: a new form starts with
    its place and people."""
    records = Activity.objects.filter(branch=branch).order_by("-held_on", "-pk")
    found: Activity | None = None
    if duty:
        found = records.filter(ticks__duty=duty).first()
    return found or records.first()


def last_month_of(branch: Branch, today: dt.date) -> Activity | None:
    """Last month's record that satisfied the most duties, the newest of those: what "copy last
    month" means."""
    found: Activity | None = (
        Activity.objects.filter(branch=branch)
        .in_month(Month.of(today).plus(-1))
        .annotate(duty_count=Count("ticks"))
        .order_by("-duty_count", "-held_on", "-pk")
        .first()
    )
    return found


@dataclass(frozen=True, slots=True)
class CalendarDay:
    """One day of the month's calendar. ``mark`` is 休 or 班 where the office calendar differs
    from Monday to Friday."""

    day: dt.date
    in_month: bool
    is_today: bool
    is_workday: bool
    mark: str
    records: tuple[Activity, ...]
    due: tuple[tuple[DutyCell, str], ...]  # with the address where it is done
    is_lock: bool

    @property
    def is_blank(self) -> bool:
        return not (self.records or self.due or self.is_lock)


def calendar_of(
    branch: Branch, month: Month, today: dt.date, *, row: DutyRow | None, records_due_on: dt.date
) -> list[list[CalendarDay]]:
    """Weeks from Monday to Sunday that cover the month, with records, open duties and lock."""
    records: dict[dt.date, list[Activity]] = defaultdict(list)
    for activity in records_of(branch, month).order_by("held_on", "pk"):
        records[activity.held_on].append(activity)
    due: dict[dt.date, list[tuple[DutyCell, str]]] = defaultdict(list)
    for cell in row.left if row else []:
        if cell.due_on is not None:
            due[cell.due_on].append((cell, action_address(cell, branch.pk)))
    first = month.first_day - dt.timedelta(days=month.first_day.weekday())
    weeks: list[list[CalendarDay]] = []
    day = first
    while day <= month.last_day:
        week = []
        for _weekday in range(7):
            works = is_workday(day)
            mark = ""
            if works != (day.weekday() < 5):
                mark = "班" if works else "休"
            week.append(
                CalendarDay(
                    day=day,
                    in_month=Month.of(day) == month,
                    is_today=day == today,
                    is_workday=works,
                    mark=mark,
                    records=tuple(records.get(day, ())),
                    due=tuple(due.get(day, ())),
                    is_lock=day == records_due_on,
                )
            )
            day += dt.timedelta(days=1)
        weeks.append(week)
    return weeks
