"""The 135 board: one crew, three mechanisms, five programmes, on one screen.

Every figure leads to the rows it was counted from. The same selector serves the page, the staff's
version, the big screen and the paper.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Concat
from django.urls import reverse
from django.utils.translation import gettext as _

from branches.access import access_of
from branches.models import Branch, Committee, Membership
from branches.rosters import in_force
from evaluations.models import Finding, Inspection, MeetingComment, MonthRound, RectificationNotice
from evaluations.permissions import may_hold_meeting
from portal.dashboard.owed import Owed, owed_to
from portal.kernel.months import Month
from portal.kernel.ui import Tab
from servicecrew.counting import Figures, Scope, added, below, committees_counted_for, split, totals
from servicecrew.models import Crew, CrewNote, PioneerEntry, PioneerKind, Turnout, TurnoutPerson
from servicecrew.selectors.programmes import ProgrammeCard, programme_cards

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from portal.accounts.models import User
from portal.dashboard.board135_parts import (
    Bar,
    Fact,
    Mechanism,
    branches_mechanism,
    crew_facts,
    kind_bars,
    members_mechanism,
    secretaries_mechanism,
)


@dataclass(frozen=True, slots=True)
class Board:
    today: dt.date
    committee: Committee | None
    committees: Sequence[Committee]
    committee_tabs: Sequence[Tab]
    period_tabs: Sequence[Tab]
    period: str
    period_label: str
    month_label: str
    owed: Sequence[Owed]
    squads: int
    major: Figures
    major_rows: int
    major_url: str
    figures: Figures
    kinds: Sequence[Bar]
    out: Sequence[str]
    out_count: int
    crew_facts: Sequence[Fact]
    mechanisms: Sequence[Mechanism]
    programmes: Sequence[ProgrammeCard]
    year: int
    is_public: bool
    is_current_year: bool
    rest_query: str = ""
    meeting_url: str = ""


def may_see_board(user: User | AnonymousUser) -> bool:
    """Overseers: everything. Staff see the public version."""
    return bool(access_of(user).overseen_committees)


def read_board(
    *,
    user: User,
    today: dt.date,
    committee_id: int | None = None,
    period: str = "",
    is_public: bool = False,
) -> Board:
    """Seven queries of its own, whatever the number of rows."""
    access = access_of(user)
    all_committees = committees_counted_for(user)
    allowed = {committee.pk for committee in all_committees}
    roots = [c for c in all_committees if c.parent_id not in allowed]
    chosen = next((c for c in all_committees if c.pk == committee_id), None)
    top = chosen or (roots[0] if roots else None)
    scope_of = below([top.pk], all_committees) if top is not None else frozenset()
    first, last, year, label, period = _period(period, today)
    base = Scope(committees=scope_of)
    major = totals(replace(base, in_operations=True))
    of_period = replace(base, first=first, last=last)
    kinds = split(of_period, "service_kind")
    figures = added(kinds.values())
    own = frozenset({top.pk}) if top is not None else frozenset()
    scalars = _scalars(scope_of, own, today, first, last)
    out = list(
        Turnout.objects.filter(committee_id__in=scope_of)
        .under_way()
        .order_by("county")
        .values_list("county", "crew_id")
    )
    round_, entries = _latest_round(own)
    meeting = (
        reverse("evaluations:meeting", args=[round_.pk])
        if round_ is not None and not is_public and may_hold_meeting(user, round_)
        else ""
    )
    may_see_restricted = bool(access.overseen_committees) and not is_public
    query = {"period": period, "committee": str(committee_id or "")}

    def link(**changed: str) -> str:
        wanted = {k: v for k, v in {**query, **changed}.items() if v}
        return f"?{urlencode(wanted)}" if wanted else "?"

    figures_url = reverse("servicecrew:figures")
    committee_part = {"committee": str(chosen.pk)} if chosen else {}
    return Board(
        today=today,
        committee=top,
        committees=all_committees,
        committee_tabs=[
            Tab(_short(c), link(committee="" if c in roots else str(c.pk)), is_current=c == top)
            for c in all_committees
        ],
        period_tabs=[
            Tab(text, link(period=key), is_current=key == period)
            for key, text in (
                ("", _("近 12 个月")),
                (str(today.year), _("%(year)d年") % {"year": today.year}),
                (str(today.year - 1), _("%(year)d年") % {"year": today.year - 1}),
                ("all", _("全部")),
            )
        ],
        period=period,
        period_label=label,
        month_label=round_.label if round_ is not None else "",
        owed=[] if is_public else owed_to(user, today),
        squads=scalars.get("squads", 0),
        major=major,
        major_rows=major.turnouts,
        major_url=f"{figures_url}?{urlencode({**committee_part, 'operation': 'any'})}#rows",
        figures=figures,
        kinds=kind_bars(kinds, figures_url, committee_part, first, last),
        out=list(dict.fromkeys(county for county, _crew in out)),
        out_count=len({crew for _county, crew in out}),
        crew_facts=crew_facts(figures, scalars, figures_url, committee_part),
        mechanisms=[
            secretaries_mechanism(round_, entries, scalars, meeting),
            branches_mechanism(
                round_, entries, scalars, is_overseen=bool(own & access.overseen_committees)
            ),
            members_mechanism(scalars, label),
        ],
        programmes=programme_cards(
            committees=scope_of, year=year, today=today, may_see_restricted=may_see_restricted
        ),
        year=year,
        is_public=is_public,
        is_current_year=year == today.year,
        rest_query=urlencode({k: v for k, v in query.items() if v}),
        meeting_url=meeting,
    )


def _short(committee: Committee) -> str:
    return committee.county or committee.name


def _period(period: str, today: dt.date) -> tuple[Month | None, Month | None, int, str, str]:
    if period == "all":
        return None, None, today.year, _("建档以来"), period
    if period.isdigit() and len(period) == 4 and 2000 <= int(period) <= today.year:
        year = int(period)
        return Month(year, 1), Month(year, 12), year, _("%(year)d年") % {"year": year}, period
    return Month.of(today).plus(-11), Month.of(today), today.year, _("近 12 个月"), ""


def _scalars(
    committees: Collection[int],
    own: Collection[int],
    today: dt.date,
    first: Month | None,
    last: Month | None,
) -> dict[str, int]:
    """Everything that is one number, in one query: a union of counts by name. Crews go out for
    city and county together; the mechanisms are the ``own`` committee's."""
    since = first.first_day if first else dt.date(1990, 1, 1)
    until = last.last_day if last else today
    crews = Crew.objects.filter(committee_id__in=committees).active_on(today)
    members = Membership.objects.filter(in_force(today), branch__committee_id__in=own)
    been_out = Exists(
        TurnoutPerson.objects.filter(
            person_id=OuterRef("person_id"),
            day__range=(since, until),
            turnout__status__in=("captain_confirmed", "verified", "logged"),
        )
    )
    latest = (
        MonthRound.objects.filter(committee_id__in=own, status="published")
        .order_by("-month", "committee__sort_order")
        .values("pk")[:1]
    )
    findings = Finding.objects.filter(inspection__round__in=latest)
    visits = Inspection.objects.filter(round__in=latest)
    notes = CrewNote.objects.filter(
        crew__committee_id__in=committees,
        kind__in=("letter", "banner"),
        happened_on__range=(since, until),
    )
    pioneers = PioneerEntry.objects.filter(branch__committee_id__in=own)
    going = Q(ended_on__isnull=True) | Q(ended_on__gte=today)
    counts: list[QuerySet[Any, Any]] = [
        _one("squads", crews.filter(level="squad")),
        _one("notes", notes),
        _one("members", members),
        _one("been_out", members.filter(been_out)),
        # The ledger's own sets: what has been reported is with those who look back, not overdue.
        _one("struck", findings.exclude(pk__in=findings.open().values("pk"))),
        _one("reported", findings.filter(status="reported")),
        _one("to_fix", findings.to_fix()),
        _one("overdue", findings.overdue(today)),
        _one("visits", visits),
        _one("visits_done", visits.filter(status__in=("submitted", "confirmed"))),
        _one(
            "notices",
            RectificationNotice.objects.filter(branch__committee_id__in=own).open(),
        ),
        _one("commented", MeetingComment.objects.filter(round__in=latest).exclude(verdict="")),
        _one("branches", Branch.objects.filter(committee_id__in=own).active_on(today)),
        _one("projects_done", pioneers.filter(kind=PioneerKind.PROJECT, is_done=True)),
        pioneers.filter(going | Q(kind=PioneerKind.PROJECT))
        .order_by()
        .annotate(name=Concat(Value("pioneer_"), "kind"))
        .values_list("name")
        .annotate(n=Count("pk")),
    ]
    return dict(counts[0].union(*counts[1:], all=True))


def _one(name: str, rows: QuerySet[Any, Any]) -> QuerySet[Any, Any]:
    counted: QuerySet[Any, Any] = (
        rows.order_by().annotate(name_=Value(name)).values_list("name_").annotate(n=Count("pk"))
    )
    return counted


def _latest_round(
    committees: Collection[int],
) -> tuple[MonthRound | None, list[tuple[str, Any, str]]]:
    """The month published last, with band, total and type of each line of its newest revision.
    One query: the month comes with every line."""
    latest = (
        MonthRound.objects.filter(committee_id__in=committees, status="published")
        .order_by("-month", "pk")
        .values("pk")[:1]
    )
    rows = list(
        MonthRound.objects.filter(pk__in=latest)
        .only("committee", "month")
        .annotate(
            revision=F("runs__revision"),
            band=F("runs__entries__band"),
            total=F("runs__entries__total"),
            kind=F("runs__entries__branch_type"),
        )
        .order_by("runs__entries__pk")
    )
    newest = max((row.revision or 0 for row in rows), default=0)
    lines = [
        (row.band, row.total, row.kind)
        for row in rows
        if row.revision == newest and row.band is not None
    ]
    return (rows[0] if rows else None), lines
