"""What the monthly work puts into the calendar feed: bulletin, meeting, one's own visits."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils.translation import gettext as _

from branches.access import access_of
from evaluations.models import Inspection, MonthRound
from portal.notifications.feed import CalendarItem

if TYPE_CHECKING:
    from portal.accounts.models import User


def monthly_days(user: User, first: dt.date, last: dt.date) -> Iterator[CalendarItem]:
    """通报日 and 例会日 for those who hold a post or oversee; 互查 for members of a team."""
    access = access_of(user)
    if access.post_branches or access.overseen_committees:
        rounds = MonthRound.objects.visible_to(user).filter(
            meeting_on__gte=first, publish_on__lte=last
        )
        for round_ in rounds.select_related("committee").order_by("month", "committee_id"):
            words = {"month": round_.label, "committee": round_.committee.name}
            yield CalendarItem(
                uid=f"bulletin-{round_.pk}",
                title=_("发布%(month)s通报（%(committee)s）") % words,
                day=round_.publish_on,
                link=reverse("evaluations:bulletins"),
            )
            yield CalendarItem(
                uid=f"meeting-{round_.pk}",
                title=_("%(month)s月度例会（%(committee)s）") % words,
                day=round_.meeting_on,
                link=reverse("evaluations:bulletins"),
                rings=True,
            )
    visits = Inspection.objects.inspected_by(user).filter(
        planned_on__range=(first, last), status__in=("planned", "under_way")
    )
    for visit in visits.select_related("inspected_branch").order_by("planned_on", "pk"):
        yield CalendarItem(
            uid=f"visit-{visit.pk}",
            title=_("互查：%(branch)s") % {"branch": visit.inspected_branch},
            day=visit.planned_on,
            link=reverse("evaluations:sheet", args=[visit.pk]),
            rings=True,
        )
