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
from evaluations.models import (
    Finding,
    Inspection,
    MeetingComment,
    MonthRound,
    RectificationNotice,
)
from evaluations.permissions import may_hold_meeting
from portal.dashboard.owed import Owed, owed_to
from portal.kernel.marks import one_decimal
from portal.kernel.months import Month
from portal.kernel.ui import Status, Tab
from servicecrew.counting import (
    Figures,
    Scope,
    added,
    below,
    committees_counted_for,
    split,
    totals,
)
from servicecrew.models import (
    Crew,
    CrewNote,
    PioneerEntry,
    PioneerKind,
    ServiceKind,
    Turnout,
    TurnoutPerson,
)
from servicecrew.selectors.programmes import ProgrammeCard, programme_cards

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from portal.accounts.models import User

BANDS = ("好", "较好", "一般", "差")


@dataclass(frozen=True, slots=True)
class Bar:
    """A part of a whole. ``width`` in per cent; ``tone`` picks the colour, the word says it."""

    label: Any
    number: int
    width: str
    tone: str = ""
    url: str = ""
    x: str = "0"


@dataclass(frozen=True, slots=True)
class Fact:
    label: Any
    value: Any
    url: str = ""
    status: Status | None = None


@dataclass(frozen=True, slots=True)
class Mechanism:
    name: Any
    who: Any
    title: Any
    bars: Sequence[Bar]
    facts: Sequence[Fact]
    nothing: Any = ""
    url: str = ""


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
        .values_list("county", flat=True)
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
        kinds=_kind_bars(kinds, figures_url, committee_part, first, last),
        out=list(dict.fromkeys(out)),
        out_count=len(out),
        crew_facts=_crew_facts(figures, scalars, figures_url, committee_part),
        mechanisms=[
            _secretaries(round_, entries, scalars, meeting),
            _branches(round_, entries, scalars),
            _members(scalars, label),
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
    fixing = findings.exclude(status="verified")
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
        _one("struck", findings.filter(status="verified")),
        _one("fixing", fixing.exclude(due_on__lt=today)),
        _one("fixing_late", fixing.filter(due_on__lt=today)),
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


# -- the parts -------------------------------------------------------------------------------


def _kind_bars(
    kinds: dict[Any, Figures],
    url: str,
    committee: dict[str, str],
    first: Month | None,
    last: Month | None,
) -> list[Bar]:
    most = max((figures.turnouts for figures in kinds.values()), default=0)
    bounds = {k: str(v) for k, v in (("first", first), ("last", last)) if v is not None}
    return [
        Bar(
            label,
            kinds.get(value, Figures()).turnouts,
            f"{kinds.get(value, Figures()).turnouts * 100 / most:.1f}" if most else "0",
            url=f"{url}?{urlencode({**committee, **bounds, 'kind': value})}",
        )
        for value, label in ServiceKind.choices
    ]


def _crew_facts(
    figures: Figures, scalars: dict[str, int], url: str, committee: dict[str, str]
) -> list[Fact]:
    repairs = f"{url}?{urlencode({**committee, 'kind': 'repair'})}"
    satisfied = (
        f"{round(figures.satisfied * 1000 / figures.asked) / 10:.1f}%" if figures.asked else "—"
    )
    return [
        Fact(
            _("到场达标"),
            _("%(n)d / %(all)d 次") % {"n": figures.in_time, "all": figures.timed},
            repairs,
        ),
        Fact(_("客户满意"), satisfied, f"{url}?{urlencode(committee)}"),
        Fact(
            _("锦旗、来信"),
            _("%(n)d 件") % {"n": scalars.get("notes", 0)},
            reverse("servicecrew:crews"),
        ),
    ]


def _parts(parts: Sequence[tuple[Any, int, str, str]]) -> list[Bar]:
    whole = sum(number for _label, number, _tone, _url in parts)
    found: list[Bar] = []
    at = 0.0
    for label, number, tone, url in parts:
        width = number * 100 / whole if whole else 0.0
        found.append(Bar(label, number, f"{max(0.0, width - 0.4):.2f}", tone, url, f"{at:.2f}"))
        at += width
    return found


def _secretaries(
    round_: MonthRound | None, entries: Sequence[Any], scalars: dict[str, int], meeting: str
) -> Mechanism:
    url = reverse("evaluations:ranking", args=[round_.pk]) if round_ else ""
    counted = {band: sum(1 for b, _t, _k in entries if b == band) for band in BANDS}
    notices = scalars.get("notices", 0)
    return Mechanism(
        name=_("书记党建责任落实"),
        who=_("对象：%(n)d 位书记") % {"n": scalars.get("branches", 0)},
        title=_("%(month)s考评等次") % {"month": round_.label} if round_ else "",
        bars=_parts(
            [
                (band, counted[band], tone, url)
                for band, tone in zip(BANDS, ("good", "fair", "plain", "bad"), strict=True)
            ]
        ),
        facts=[
            Fact(
                _("例会点评"),
                _("%(n)d / %(all)d 位")
                % {
                    "n": scalars.get("commented", 0),
                    "all": len([e for e in entries if e[1] is not None]),
                },
                meeting or url,
            ),
            Fact(
                _("在办通知书"),
                notices,
                reverse("evaluations:notice-list"),
                Status("soon", str(notices)) if notices else None,
            ),
            Fact(
                _("月度通报"),
                round_.label if round_ else "—",
                reverse("evaluations:bulletin", args=[round_.pk]) if round_ else "",
            ),
        ],
        nothing=_("还没有发布过月度考评"),
        url=url,
    )


def _branches(
    round_: MonthRound | None, entries: Sequence[Any], scalars: dict[str, int]
) -> Mechanism:
    struck, fixing = scalars.get("struck", 0), scalars.get("fixing", 0)
    late = scalars.get("fixing_late", 0)
    whole = struck + fixing + late
    findings = reverse("evaluations:finding-list")
    production = [
        total for _b, total, kind in entries if kind == "production" and total is not None
    ]
    mean = one_decimal(sum(production) / len(production)) if production else "—"
    return Mechanism(
        name=_("党支部战斗堡垒作用激发"),
        who=_("对象：%(n)d 个组织，%(ranked)d 个参评")
        % {
            "n": scalars.get("branches", 0),
            "ranked": len([e for e in entries if e[1] is not None]),
        },
        title=_("%(month)s互查问题 %(n)d 个") % {"month": round_.label, "n": whole}
        if round_
        else "",
        bars=_parts(
            [
                (_("已销号"), struck, "good", f"{findings}?status=closed"),
                (_("整改中"), fixing, "doing", f"{findings}?status=fixing"),
                (_("逾期"), late, "bad", f"{findings}?status=overdue"),
            ]
        ),
        facts=[
            Fact(
                _("互查"),
                _("%(n)d / %(all)d 次")
                % {"n": scalars.get("visits_done", 0), "all": scalars.get("visits", 0)},
                reverse("evaluations:round", args=[round_.pk]) if round_ else "",
            ),
            Fact(
                _("生产型平均"),
                _("%(mean)s 分") % {"mean": mean},
                reverse("evaluations:ranking", args=[round_.pk]) if round_ else "",
            ),
            Fact(
                _("销号率"),
                f"{round(struck * 1000 / whole) / 10:.1f}%" if whole else "—",
                findings,
            ),
        ],
        nothing=_("还没有发布过月度互查"),
    )


def _members(scalars: dict[str, int], label: str) -> Mechanism:
    members, out = scalars.get("members", 0), scalars.get("been_out", 0)

    def n(kind: str) -> int:
        return scalars.get(f"pioneer_{kind}", 0)

    posts = reverse("servicecrew:programme", args=["pioneer"])
    return Mechanism(
        name=_("党员先锋模范作用引导"),
        who=_("对象：%(n)d 名党员，不给个人排名") % {"n": members},
        title=_("%(period)s参加过出队") % {"period": label},
        bars=_parts(
            [
                (_("参加过"), out, "dark", reverse("servicecrew:figures")),
                (_("还没有"), members - out, "rest", ""),
            ]
        ),
        facts=[
            Fact(
                _("示范岗、责任区"),
                _("%(posts)d 个、%(areas)d 个") % {"posts": n("model_post"), "areas": n("area")},
                f"{posts}?post=model_post#posts",
            ),
            Fact(
                _("突击队在岗"),
                _("%(n)d 支") % {"n": n("commando")},
                f"{posts}?post=commando#posts",
            ),
            Fact(
                _("揭榜攻坚"),
                _("%(n)d 项，结题 %(done)d 项")
                % {"n": n("project"), "done": scalars.get("projects_done", 0)},
                f"{posts}?post=project#posts",
            ),
        ],
        nothing=_("还没有党员名册"),
    )
