"""The month's correction, from the sheets of the committee's last twelve months.

``evaluations.fairness`` knows only rows of numbers; this module fetches them (one query), hands
what it found to the one statement that ranks (``evaluations.ranking``), and works out the error
of each total. Pages, publication and recomputation use the same functions.
"""

from __future__ import annotations

import datetime as dt
import json
import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from django.db.models import Count, Exists, OuterRef, Q, Subquery

from branches.models import Tier
from evaluations import fairness
from evaluations.fairness import Corrected, Fit
from evaluations.lifecycles import AppealStatus, RoundStatus
from evaluations.models import Inspection, MonthRound, OfficialBasis, ScoreAppeal
from evaluations.places import Placed, place
from evaluations.severity_fit import WINDOW_MONTHS, Row
from portal.kernel.marks import to_hundredths

if TYPE_CHECKING:
    from evaluations.ranking import StandingRow

# A company with more visits a month than this is ranked on raw scores: 3,000 branches visited
# three times are below it. The database says so itself, before a row is read.
MOST_VISITS = 10_000


@dataclass(frozen=True, slots=True)
class MonthFit:
    """What was found out about one month. ``branches`` by branch id; ``participants`` and
    ``teams`` (number this month, name of the branch that sends it) of the round itself."""

    fit: Fit
    row_count: int
    participants: Mapping[int, int]
    teams: Mapping[int, tuple[int | None, str]]

    @property
    def branches(self) -> Mapping[Any, Corrected]:
        return self.fit.branches


@dataclass(frozen=True, slots=True)
class Fair:
    """One branch's total on one basis, with its error and where that leaves it among those it
    can be compared with. Whole hundredths."""

    total: int
    se: int
    placed: Placed | None


Rows = tuple[tuple[Row, ...], tuple[Row, ...]]


def month_fit(round_: MonthRound, as_of: dt.datetime | None = None) -> MonthFit | None:
    """The correction of ``round_``; None when nothing was inspected, or when the company is too
    large for it. One query: the sheets of published months of the window that ends with the
    round, and of the round itself. ``as_of``: with what was known at that moment."""
    read = sheets_of(round_, as_of)
    return from_sheets(read, round_.month) if read else None


# Month, branches that send and are visited, group, score, whether an appeal was upheld,
# participant, number and name of the team.
Sheet = tuple[dt.date, int, int, str, Decimal, bool, int, int, str]


def sheets_of(round_: MonthRound, as_of: dt.datetime | None = None) -> list[Sheet] | None:
    """The sheets that a fit of ``round_`` learns from, in order."""
    first = round_.period.plus(1 - WINDOW_MONTHS).first_day
    upheld = ScoreAppeal.objects.filter(
        deduction__inspection=OuterRef("pk"), status=AppealStatus.UPHELD
    )
    earlier = Q(round__status=RoundStatus.PUBLISHED)
    if as_of is not None:
        upheld = upheld.filter(decided_at__lte=as_of)
        earlier &= Q(round__published_at__lte=as_of)
    visits = (
        Inspection.objects.filter(round=round_)
        .order_by()
        .values("round")
        .annotate(n=Count("pk"))
        .values("n")
    )
    sheets = (
        Inspection.objects.done()
        .annotate(visits=Subquery(visits))
        .filter(
            Q(round=round_) | earlier,
            round__committee_id=round_.committee_id,
            round__month__gte=first,
            round__month__lte=round_.month,
            participant__is_exempt=False,
            visits__lte=MOST_VISITS,
        )
        .annotate(contested=Exists(upheld))
        .order_by("pk")
        .values_list(
            "round__month", "inspector_branch_id", "inspected_branch_id", "inspected_type",
            "score", "contested", "participant_id", "team__number", "inspector_branch__name",
        )
    )  # fmt: skip
    read = list(sheets)
    if not any(row[0] == round_.month for row in read):
        return None
    return read


def from_sheets(read: Sequence[Sheet], now: dt.date) -> MonthFit:
    """The fit over some sheets; ``now`` is the month that is corrected."""
    known: list[Row] = []
    contested: list[Row] = []
    participants: dict[int, int] = {}
    teams: dict[int, tuple[int | None, str]] = {}
    for month, team, branch, group, score, is_contested, participant, number, name in read:
        row = (fairness.month_number(month), team, branch, group, float(score))
        (contested if is_contested else known).append(row)
        is_now = month == now
        if is_now:
            participants[branch] = participant
        if is_now or team not in teams:
            teams[team] = (number if is_now else None, name)
    return MonthFit(fitted((tuple(known), tuple(contested))), len(read), participants, teams)


@lru_cache(maxsize=32)
def fitted(rows: Rows) -> Fit:
    """The fit of some rows; remembered, because a page is opened more often than a sheet is
    handed in."""
    known, contested = rows
    return fairness.fit(known, contested=contested)


def is_official(round_: MonthRound) -> bool:
    """Whether corrected scores rank this round: a number of the committee's policy."""
    return bool(round_.policy.official_basis == OfficialBasis.CORRECTED)


def standing_corrections(round_: MonthRound, found: MonthFit | None) -> dict[str, Any]:
    """What standing.sql must be told of the correction. Branches that cannot be compared are
    ranked inside their part (numbered from 1; 0 is the part that stands for the group)."""
    points: dict[str, int] = {}
    parts: dict[str, int] = {}
    if found is not None:
        for branch_id, branch in found.branches.items():
            participant = str(found.participants[branch_id])
            points[participant] = hundredths(branch.correction)
            if branch.reason == fairness.APART:
                parts[participant] = branch.part + 1
    return {
        "is_corrected": int(is_official(round_)),
        "corrections": json.dumps(points, sort_keys=True),
        "parts": json.dumps(parts, sort_keys=True),
    }


def fair_totals(
    rows: Sequence[StandingRow],
    found: MonthFit,
    *,
    corrected: bool,
    is_official: bool,
    own_share: int,
    min_group: int,
) -> dict[int, Fair]:
    """The error and the place of every total in ``rows``, by branch id.

    A general branch shares its branches' marks: the errors add up in the same proportions.
    ``corrected``: on which basis; ``is_official``: whether the rows rank by corrected scores.
    """
    own = {
        branch_id: branch.se if corrected else _raw_error(branch, found)
        for branch_id, branch in found.branches.items()
    }
    below: dict[int, list[float]] = defaultdict(list)
    for row in rows:
        if row.parent_id is not None and row.branch_id in own:
            below[row.parent_id].append(own[row.branch_id])
    errors: dict[int, int] = {}
    totals: dict[int, int] = {}
    groups: dict[tuple[str, int], dict[Any, tuple[float, float]]] = defaultdict(dict)
    for row in rows:
        total = row.total if corrected == is_official else row.other_total
        if total is None or row.branch_id not in own:
            continue
        error, branch = own[row.branch_id], found.branches[row.branch_id]
        beneath = below.get(row.branch_id)
        if row.tier == Tier.GENERAL_BRANCH and beneath:
            share = own_share / 100
            sub = math.fsum(e * e for e in beneath) / len(beneath) ** 2
            error = math.sqrt((share * error) ** 2 + (1 - share) ** 2 * sub)
        errors[row.branch_id] = hundredths(error)
        totals[row.branch_id] = to_hundredths(total)
        part = branch.part + 1 if corrected and branch.reason == fairness.APART else 0
        groups[row.group_key, part][row.branch_id] = (
            totals[row.branch_id] / 100,
            errors[row.branch_id] / 100,
        )
    placed: dict[Any, Placed] = {}
    for members in groups.values():
        if len(members) >= min_group:
            placed |= place(members)
    return {
        branch_id: Fair(total, errors[branch_id], placed.get(branch_id))
        for branch_id, total in totals.items()
    }


def _raw_error(branch: Corrected, found: MonthFit) -> float:
    return found.fit.loose / math.sqrt(len(branch.teams))


def hundredths(value: float) -> int:
    """A mark in whole hundredths, half away from zero."""
    return int(math.copysign(math.floor(abs(value) * 100 + 0.5), value))
