"""The five programmes for reading: plan and progress, what was done for whom, indicators."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import (
    Count,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
)
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from branches.access import access_of
from portal.kernel.ui import Status, Tab
from servicecrew import permissions
from servicecrew.models import (
    CareVisit,
    Deed,
    Indicator,
    Measure,
    MentorPair,
    PioneerEntry,
    PioneerKind,
    Programme,
    ProgrammePlan,
    RetiredComrade,
    TargetGroup,
    TurnoutPerson,
)
from servicecrew.selectors.retired import Roster, retired_roster

if TYPE_CHECKING:
    from portal.accounts.models import User

# Fewer people than this in a cell could be known by name: the number is not shown.
SMALLEST_CELL = 5
VERY_LATE = 3
SHOWN, MOST_LISTED = 60, 200


@dataclass(frozen=True, slots=True)
class ProgrammeCard:
    """A programme on the board: done against the year's plan, and what was last done."""

    code: str
    name: str
    groups: str
    target: int
    done: int
    expected: int
    last_day: dt.date | None
    last_words: str
    last_people: int
    is_restricted: bool
    aim: str = ""

    @property
    def status(self) -> Status:
        if not self.target:
            return Status("idle", _("还没有定计划"))
        behind = self.expected - self.done
        if behind <= 0:
            return Status("done", _("按计划"))
        return Status("late" if behind >= VERY_LATE else "soon", _("落后 %(n)d 项") % {"n": behind})

    @property
    def done_width(self) -> str:
        return f"{min(100.0, self.done * 100 / self.target):.1f}" if self.target else "0"

    @property
    def expected_at(self) -> str:
        return f"{min(100.0, self.expected * 100 / self.target):.1f}" if self.target else "0"


def expected_by(target: int, year: int, today: dt.date) -> int:
    """How many of the year's activities should be done by the end of last month and the part of
    this one that is over."""
    if today.year != year:
        return target if today.year > year else 0
    passed = today.timetuple().tm_yday / 365
    return math.floor(target * min(1.0, passed))


def programme_cards(
    *, committees: Collection[int], year: int, today: dt.date, may_see_restricted: bool
) -> list[ProgrammeCard]:
    """All five, in one query."""
    in_year = Q(committee_id__in=committees)
    deeds = (
        Deed.objects.told()
        .filter(in_year, programme=OuterRef("pk"), day__year=year, day__lte=today)
        .order_by("-day", "-pk")
    )
    done = (
        Deed.objects.told()
        .filter(in_year, programme=OuterRef("pk"), day__year=year)
        .order_by()
        .values("programme")
        .annotate(n=Count("pk"))
        .values("n")
    )
    target = (
        ProgrammePlan.objects.filter(
            committee_id__in=committees, programme=OuterRef("pk"), year=year
        )
        .order_by()
        .values("programme")
        .annotate(n=Sum("target"))
        .values("n")
    )
    rows = (
        Programme.objects.order_by("sort_order", "groups__sort_order")
        .annotate(
            target=Coalesce(Subquery(target), Value(0)),
            done=Coalesce(Subquery(done), Value(0)),
            last_day=Subquery(deeds.values("day")[:1]),
            last_words=Subquery(deeds.values("words")[:1]),
            last_people=Subquery(deeds.values("reach")[:1]),
        )
        .values(
            "code",
            "name",
            "aim",
            "is_restricted",
            "groups__name",
            "target",
            "done",
            "last_day",
            "last_words",
            "last_people",
        )
    )
    cards: dict[str, dict[str, Any]] = {}
    for row in rows:
        group = row["groups__name"]
        card = cards.setdefault(row["code"], {**row, "names": []})
        if group:
            card["names"].append(group)
    return [
        ProgrammeCard(
            code=card["code"],
            name=card["name"],
            aim=card["aim"],
            groups="、".join(card["names"]),
            target=card["target"],
            done=card["done"],
            expected=expected_by(card["target"], year, today),
            last_day=card["last_day"],
            last_words=(card["last_words"] or "")
            if may_see_restricted or not card["is_restricted"]
            else "",
            last_people=card["last_people"] or 0,
            is_restricted=card["is_restricted"],
        )
        for card in cards.values()
    ]


# -- one programme ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class IndicatorLine:
    name: str
    measure: str
    target: int
    value: int

    @property
    def is_met(self) -> bool:
        return self.value >= self.target


@dataclass(frozen=True, slots=True)
class GroupReach:
    """How many people of a group were reached; None where the number is too small to show."""

    name: str
    deeds: int
    people: int | None


@dataclass(frozen=True, slots=True)
class ProgrammePage:
    programme: Programme
    card: ProgrammeCard
    year: int
    years: Sequence[int]
    deeds: Sequence[Any]
    hidden_deeds: int
    indicators: Sequence[IndicatorLine]
    reach: Sequence[GroupReach]
    visits: Sequence[CareVisit]
    visit_counts: Sequence[tuple[str, int]]
    pairs: Sequence[MentorPair]
    pair_count: int
    retired: Roster | None
    retired_count: int
    posts: Sequence[PioneerEntry]
    post_tabs: Sequence[Tab]
    post_count: int
    may_keep: bool
    may_plan: bool
    sees_names: bool
    plan_text: str


def programme_page(
    *,
    programme: Programme,
    user: User,
    committees: Collection[int],
    year: int,
    today: dt.date,
    post_kind: str = "",
    asked: Mapping[str, str] | None = None,
) -> ProgrammePage:
    """One programme in one year. Names of visited people only for those who may see them.
    ``post_kind`` narrows the posts listed; their counts stay. ``asked``: what the roster of
    retired comrades is searched for."""
    access = access_of(user)
    everything = (
        Deed.objects.told()
        .filter(programme=programme, committee_id__in=committees, day__year=year)
        .order_by("-day", "-pk")
    )
    visible = everything.visible_to(user).select_related("branch", "activity", "turnout")
    deeds = list(visible[:60])
    card = next(
        c
        for c in programme_cards(
            committees=committees,
            year=year,
            today=today,
            may_see_restricted=bool(access.overseen_committees),
        )
        if c.code == programme.code
    )
    sees_names = permissions.may_see_visits(user)
    visits = CareVisit.objects.filter(
        programme=programme, branch__committee_id__in=committees, visited_on__year=year
    )
    counted = dict(visits.order_by().values_list("kind").annotate(n=Count("pk")))
    pairs = MentorPair.objects.filter(branch__committee_id__in=committees, ended_on__isnull=True)
    retired = RetiredComrade.objects.on_roster(today).filter(branch__committee_id__in=committees)
    posts = PioneerEntry.objects.running(today).filter(branch__committee_id__in=committees)
    is_youth, is_gratitude = programme.code == "youth", programme.code == "gratitude"
    post_counts = (
        dict(posts.order_by().values_list("kind").annotate(n=Count("pk")))
        if programme.code == "pioneer"
        else {}
    )
    plans = ProgrammePlan.objects.filter(
        programme=programme, committee_id__in=committees, year=year
    )
    return ProgrammePage(
        programme=programme,
        card=card,
        year=year,
        years=[today.year, today.year - 1],
        deeds=deeds,
        hidden_deeds=everything.count() - visible.count(),
        indicators=_indicators(plans, everything, visits, pairs, committees, year),
        reach=_reach(everything),
        visits=list(visits.visible_to(user).select_related("person", "branch")[:20])
        if sees_names
        else [],
        visit_counts=[
            (str(label), counted[kind])
            for kind, label in CareVisit._meta.get_field("kind").choices or ()
            if counted.get(kind)
        ],
        pairs=list(pairs.visible_to(user).select_related("mentor", "apprentice", "branch")[:SHOWN])
        if is_youth and sees_names
        else [],
        pair_count=pairs.count() if is_youth else 0,
        retired=retired_roster(retired.visible_to(user), programme, today, asked or {})
        if is_gratitude and sees_names
        else None,
        retired_count=retired.count() if is_gratitude else 0,
        posts=list(
            (posts.filter(kind=post_kind) if post_kind in post_counts else posts)
            .visible_to(user)
            .select_related("person", "branch")[:MOST_LISTED]
        )
        if post_counts and sees_names
        else [],
        post_tabs=[
            Tab(_("全部"), "?#posts", sum(post_counts.values()), post_kind not in post_counts),
            *(
                Tab(str(label), f"?post={kind}#posts", post_counts[kind], kind == post_kind)
                for kind, label in PioneerKind.choices
                if kind in post_counts
            ),
        ],
        post_count=post_counts.get(post_kind) or sum(post_counts.values()),
        may_keep=access.is_officer or access.is_secretary,
        may_plan=access.is_officer,
        sees_names=sees_names,
        plan_text=next((plan.text for plan in plans if plan.text), ""),
    )


def _indicators(
    plans: QuerySet[ProgrammePlan],
    deeds: QuerySet[Any],
    visits: QuerySet[Any],
    pairs: QuerySet[Any],
    committees: Collection[int],
    year: int,
) -> list[IndicatorLine]:
    """Each counted from its rows."""
    wanted = list(
        Indicator.objects.filter(plan__in=plans)
        .values("name", "measure")
        .annotate(whole=Sum("target"))
        .order_by("measure")
    )
    found = []
    for line in wanted:
        measure = line["measure"]
        if measure == Measure.DEEDS:
            value = deeds.count()
        elif measure == Measure.PEOPLE:
            value = deeds.aggregate(n=Sum("reach"))["n"] or 0
        elif measure == Measure.VISITS:
            value = visits.count()
        elif measure == Measure.PAIRS:
            value = pairs.count()
        else:
            value = deeds.filter(turnout__isnull=False).count()
        found.append(IndicatorLine(line["name"], measure, line["whole"], value))
    return found


def _reach(deeds: QuerySet[Any]) -> list[GroupReach]:
    """By group; a deed for two groups appears in both, for it was for both."""
    rows = (
        TargetGroup.objects.filter(deeds__in=deeds.values("pk"))
        .annotate(
            n=Count("deeds", filter=Q(deeds__in=deeds.values("pk"))),
            reached=Sum(
                Coalesce(
                    "deeds__people",
                    "deeds__activity__present_count",
                    Value(0),
                    output_field=IntegerField(),
                ),
                filter=Q(deeds__in=deeds.values("pk")),
            ),
        )
        .order_by("sort_order")
        .values_list("name", "n", "reached")
    )
    return [GroupReach(name, n, suppressed(reached or 0)) for name, n, reached in rows]


def suppressed(people: int) -> int | None:
    """None for a cell of one to four people."""
    return None if 0 < people < SMALLEST_CELL else people


# -- what a member took on --------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Contributions:
    """One's own, and nobody else's: no points, no rank."""

    turnouts: Sequence[TurnoutPerson]
    turnout_count: int
    days: int
    night_count: int
    entries: Sequence[PioneerEntry]
    since: dt.date


def contributions_of(user: User, today: dt.date) -> Contributions:
    """What the user did and took on, for himself to see. Three queries."""
    person = access_of(user).person_id or 0
    since = dt.date(today.year - 1, today.month, 1)
    rows = (
        TurnoutPerson.objects.filter(
            person_id=person,
            turnout__status__in=("logged", "captain_confirmed", "verified"),
        )
        .select_related("turnout", "crew")
        .order_by("-day", "-pk")
    )
    counted = rows.aggregate(
        days=Count("pk"),
        turnouts=Count("turnout", distinct=True),
        nights=Count("turnout", distinct=True, filter=Q(turnout__is_night_work=True)),
    )
    return Contributions(
        turnouts=list(rows[:30]),
        turnout_count=counted["turnouts"],
        days=counted["days"],
        night_count=counted["nights"],
        entries=list(PioneerEntry.objects.filter(person_id=person).select_related("branch")),
        since=since,
    )
