"""What the branches put into the calendar feed: the fixed themed Party days."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from branches.access import access_of
from branches.duty_rules import fixed_day
from branches.models import Branch
from portal.kernel.months import Month
from portal.notifications.feed import CalendarItem

if TYPE_CHECKING:
    from portal.accounts.models import User


def themed_days(user: User, first: dt.date, last: dt.date) -> Iterator[CalendarItem]:
    """主题党日 of the branches one belongs to, month by month. One query."""
    branches = Branch.objects.filter(pk__in=access_of(user).own_branches).exclude(
        themed_day_rule=""
    )
    for branch in branches.order_by("pk"):
        month = Month.of(first)
        while month.first_day <= last:
            day = fixed_day(branch.themed_day_rule, month)
            if day is not None and first <= day <= last:
                yield CalendarItem(
                    uid=f"themed-day-{branch.pk}-{month}",
                    title=_("主题党日（%(branch)s）") % {"branch": branch.label},
                    day=day,
                    rings=True,
                )
            month = month.plus(1)
