"""职工首页: the branch's standing, the published bulletins, the next visit for inspectors."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from branches.access import access_of
from branches.models import Branch
from evaluations.models import Inspection, MonthRound, RankingEntry
from feedback.lifecycles import OPEN_STATUSES
from feedback.models import Publication
from feedback.selectors.board import NextSession, board_committee, next_session
from feedback.selectors.confirm import Waiting, to_confirm
from feedback.selectors.lists import AtOffice, Row, my_rows, waiting_at_office
from portal.accounts.models import User
from portal.accounts.requests import signed_in
from portal.dashboard.secretary import sheet_url
from portal.kernel.months import Month, local_date

SHOWN_BULLETINS = 4
SHOWN_SAID = 4
SHOWN_WAITING = 6
SHOWN_CHANGES = 3
GOING = ("planned", "under_way")


@dataclass(frozen=True, slots=True)
class Visit:
    inspection: Inspection
    url: str


@dataclass(frozen=True, slots=True)
class StaffHome:
    today: dt.date
    month: Month
    branches: Sequence[Branch]
    visits: Sequence[Visit]
    bulletins: Sequence[MonthRound]
    standings: Sequence[RankingEntry]
    office: AtOffice | None = None
    said: Sequence[Row] = ()
    to_confirm: Sequence[Waiting] = ()
    changes: Sequence[Publication] = ()
    session: NextSession | None = None

    @property
    def heading(self) -> str:
        if self.office and not self.visits:
            return _("%(count)d 件诉求等%(office)s办") % {
                "count": self.office.count,
                "office": self.office.office,
            }
        waiting = sum(row.request.status == "replied" for row in self.said)
        if waiting and not self.visits:
            return _("您说的 %(count)d 件已答复，解决了没有") % {"count": waiting}
        if self.visits:
            return _("还有 %(count)d 个支部等您去查") % {"count": len(self.visits)}
        in_hand = sum(row.request.status in OPEN_STATUSES for row in self.said)
        if in_hand:
            return _("您说的 %(count)d 件正在办") % {"count": in_hand}
        if self.bulletins:
            return _("%(month)s通报已发布") % {"month": self.bulletins[0].label}
        return _("还没有发布过通报")


def staff_home(request: HttpRequest) -> HttpResponse:
    home = staff_page(user=signed_in(request), now=timezone.now())
    return render(request, "dashboard/staff.html", {"home": home})


def staff_page(*, user: User, now: dt.datetime) -> StaffHome:
    """What concerns a member of staff without a post. A fixed number of queries."""
    today = local_date(now)
    visits = [
        Visit(i, sheet_url(i))
        for i in Inspection.objects.inspected_by(user)
        .filter(status__in=GOING)
        .select_related("inspected_branch", "team", "round")
        .order_by("planned_on", "planned_time", "pk")
    ]
    bulletins = list(
        MonthRound.objects.visible_to(user)
        .filter(status="published")
        .select_related("committee")
        .order_by("-month", "committee__sort_order")[:SHOWN_BULLETINS]
    )
    branches = list(
        Branch.objects.filter(pk__in=access_of(user).own_branches).select_related("committee")
    )
    committee = board_committee(user)
    changes = list(
        Publication.objects.filter(request__committee=committee, request__is_sealed=False)
        .select_related("request__department")
        .order_by("-is_featured", "-published_at", "-pk")[:SHOWN_CHANGES]
    )
    newest: dict[int, RankingEntry] = {}
    for entry in (
        RankingEntry.objects.visible_to(user)
        .filter(branch__in=branches, run__round__in=bulletins)
        .select_related("branch", "run__round")
        .order_by("-run__round__month", "-run__revision")
    ):
        newest.setdefault(entry.branch_id, entry)
    return StaffHome(
        today=today,
        month=Month.of(today),
        branches=branches,
        visits=visits,
        bulletins=bulletins,
        standings=list(newest.values()),
        office=waiting_at_office(user, today, most=SHOWN_WAITING),
        said=my_rows(user, today, most=SHOWN_SAID),
        to_confirm=to_confirm(user),
        changes=changes,
        session=next_session(committee, today) if committee else None,
    )
