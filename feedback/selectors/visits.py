"""Visits as pages show them: the year in figures, who has not been seen, who too often."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db.models import Count, Q, QuerySet, Sum
from django.utils.translation import gettext as _

from branches.models import Branch, Committee, Person
from feedback.models import (
    LinkAssignment,
    PlaceKind,
    StaffRequest,
    StaffVisit,
    VisitAnswer,
    VisitPlace,
)
from feedback.selectors.rates import percent
from feedback.visit_permissions import may_read_private
from portal.kernel import ui

if TYPE_CHECKING:
    from portal.accounts.models import User

LONG_AGO_MONTHS = 3  # nobody has been there for so long: due
MOST_TIMES = 52  # a leader goes to a place at most so often a year: every week
TOO_OFTEN = 3  # visits within 30 days: a burden


@dataclass(frozen=True, slots=True)
class YearOfVisits:
    """What a period's visits add up to. ``rate``: carried out of what was brought back, in per
    cent with one decimal."""

    visits: int
    met: int
    brought: int
    carried_out: int

    @property
    def rate(self) -> Decimal | None:
        return percent(self.carried_out, self.brought)


def year_of_visits(rows: Any) -> YearOfVisits:
    """Two queries. ``rows``: visits."""
    seen = rows.order_by().aggregate(visits=Count("pk"), met=Sum("met_count"))
    brought = StaffRequest.objects.filter(
        visit_link__visit__in=rows.order_by().values("pk"), is_sealed=False
    ).aggregate(brought=Count("pk"), carried_out=Count("pk", filter=Q(outcome="carried_out")))
    return YearOfVisits(
        seen["visits"], seen["met"] or 0, brought["brought"], brought["carried_out"]
    )


@dataclass(frozen=True, slots=True)
class PlaceLine:
    """One place with its last visit. ``months``: full months since, None when never."""

    place: VisitPlace
    last_on: dt.date | None
    in_year: int
    in_month: int
    months: int | None

    @property
    def is_too_often(self) -> bool:
        return self.in_month >= TOO_OFTEN

    @property
    def is_due(self) -> bool:
        return self.months is None or self.months >= LONG_AGO_MONTHS

    @property
    def standing(self) -> ui.Status:
        if self.months is None:
            return ui.Status("late", _("还没有去过"))
        if self.is_too_often:
            return ui.Status("soon", _("30天内%(n)d次，先缓一缓") % {"n": self.in_month})
        if self.is_due:
            return ui.Status("soon", _("%(n)d个月没有去") % {"n": self.months})
        if self.months == 0:
            return ui.Status("done", _("一个月内去过"))
        return ui.Status("done", _("%(n)d个月前去过") % {"n": self.months})

    @property
    def step(self) -> int:
        """The shade of the map, 1 (just seen) to 4 (never or long ago)."""
        if self.months is None:
            return 4
        return 1 if self.months < 1 else 2 if self.months < 3 else 3 if self.months < 6 else 4


@dataclass(frozen=True, slots=True)
class PlaceGroup:
    label: str
    lines: Sequence[PlaceLine]

    @property
    def due(self) -> int:
        return sum(line.is_due for line in self.lines)


def coverage(committees: Collection[int], today: dt.date) -> list[PlaceGroup]:
    """Every place in use by kind, those not seen for longest first. One query."""
    rows = (
        VisitPlace.objects.filter(committee_id__in=committees, is_active=True)
        .with_visits(today)
        .order_by("sort_order", "pk")
    )
    lines = [
        PlaceLine(
            place=place,
            last_on=place.last_on,
            in_year=place.in_year,
            in_month=place.in_month,
            months=months_between(place.last_on, today) if place.last_on else None,
        )
        for place in rows
    ]
    groups = []
    for kind in PlaceKind:
        own = [line for line in lines if line.place.kind == kind]
        own.sort(key=lambda line: (line.last_on is not None, line.last_on or today))
        if own:
            groups.append(PlaceGroup(str(kind.label), own))
    return groups


def months_between(earlier: dt.date, later: dt.date) -> int:
    """Full months from one day to another: 31 January to 28 February is none, to 1 March one."""
    months = (later.year - earlier.year) * 12 + later.month - earlier.month
    return months - (later.day < earlier.day)


@dataclass(frozen=True, slots=True)
class LinkLine:
    """A link with how often it was kept in the last year and in this month, which is what the
    rubric's item on linked visits asks (每月至少到挂点1次)."""

    link: LinkAssignment
    made: int
    in_month: int = 0

    @property
    def is_owed(self) -> bool:
        """挂点走访还欠: hooked, and nobody has been there this month (``LinkQuerySet.hooked``)."""
        return self.link.kind in ("branch", "team", "project") and not self.in_month

    @property
    def standing(self) -> ui.Status:
        left = self.link.times_a_year - self.made
        if left <= 0:
            return ui.Status("done", _("近一年%(n)d次") % {"n": self.made})
        return ui.Status(
            "soon", _("近一年%(n)d次，还差%(left)d次") % {"n": self.made, "left": left}
        )


def links(user: User, today: dt.date) -> list[LinkLine]:
    """Links in force that the user may see, with their visits. Two queries: what a link to a branch
    or a person counts are visits by the leader to a place of that branch, or to that person."""
    rows = list(
        LinkAssignment.objects.visible_to(user)
        .in_force(today)
        .select_related("leader", "branch", "place", "person")
        .order_by("leader_id", "kind", "pk")
    )
    since = today - dt.timedelta(days=364)
    made = list(
        StaffVisit.objects.filter(
            led_by__in={link.leader_id for link in rows},
            visited_on__gte=since,
            visited_on__lte=today,
        ).values_list("led_by_id", "place_id", "place__branch_id", "whom", "visited_on")
    )
    month = today.replace(day=1)

    def counts(link: LinkAssignment, first: dt.date) -> int:
        return sum(
            on >= first
            and leader == link.leader_id
            and (
                (link.place_id is not None and place == link.place_id)
                or (link.branch_id is not None and branch == link.branch_id)
                or (link.person is not None and link.person.name in whom)
            )
            for leader, place, branch, whom, on in made
        )

    return [LinkLine(link, counts(link, since), counts(link, month)) for link in rows]


def hooks_of_month(committees: Collection[int], today: dt.date) -> list[tuple[int, str, int]]:
    """Leader's key, name, and visits this month, for every hook (三挂) in force. One query."""
    return list(
        LinkAssignment.objects.filter(committee_id__in=committees)
        .in_force(today)
        .hooked()
        .with_made(today.replace(day=1), today)
        .order_by("leader_id", "pk")
        .values_list("leader_id", "leader__name", "made")
    )


@dataclass(frozen=True, slots=True)
class VisitPage:
    visit: StaffVisit
    answers: Sequence[VisitAnswer]
    private: Sequence[VisitAnswer]
    note: str
    sees_private: bool
    brought: Sequence[StaffRequest]
    hidden: int


def visit_page(visit: StaffVisit, user: User) -> VisitPage:
    """Four queries. Requests that the reader may not see are only counted."""
    sees = may_read_private(user, visit)
    answers = list(visit.answers.select_related("question"))
    note = getattr(visit, "note", None) if sees else None
    brought = StaffRequest.objects.filter(visit_link__visit=visit, is_sealed=False)
    visible = list(brought.visible_to(user).order_by("pk"))
    return VisitPage(
        visit=visit,
        answers=[a for a in answers if not a.question.is_private],
        private=[a for a in answers if a.question.is_private] if sees else [],
        note=note.text if note else "",
        sees_private=sees,
        brought=visible,
        hidden=brought.count() - len(visible),
    )


def linkable(committee: Committee) -> dict[str, QuerySet[Any]]:
    """Who is linked and where to, by the field: leaders are holders of a post of the committee,
    branches and places those that are still there."""
    return {
        "leader": Person.objects.filter(
            appointments__committee=committee, appointments__ended_on__isnull=True
        ).distinct(),
        "branch": Branch.objects.filter(committee=committee, closed_on=None),
        "place": VisitPlace.objects.filter(committee=committee, is_active=True),
        "person": Person.objects.filter(committee=committee),
    }
