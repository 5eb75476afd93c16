"""What-if: a published month replayed under a draft rubric, other shares, fewer teams, raw or
corrected. Nothing is written; the published month stays what it is."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _

from branches.models import Tier
from evaluations.models import (
    CorrectedScore,
    MonthRound,
    NotDuePolicy,
    OfficialBasis,
    RankingEntry,
    RankingRun,
    RubricVersion,
)
from evaluations.ranking import group_label, round_parameters, statement
from evaluations.rubric_content import ItemContent
from evaluations.selectors.standings import GROUP_ORDER, latest_entries
from evaluations.services.rubrics import content_of
from portal.kernel.marks import HUNDREDTH
from portal.kernel.words import signed

HUNDRED = Decimal(100)
MONTHS = 12


@dataclass(frozen=True, slots=True)
class Terms:
    """What is changed. None leaves it as it was in the month."""

    version: RubricVersion | None = None
    teams: int | None = None
    basis: str | None = None
    own_share: int | None = None


@dataclass(frozen=True, slots=True)
class Moved:
    """One branch, before and after, and why."""

    branch_id: int
    name: str
    rank_before: int | None
    rank: int | None
    total_before: Decimal
    total: Decimal
    why: str

    @property
    def places(self) -> int:
        """Places won (positive) or lost."""
        if self.rank is None or self.rank_before is None:
            return 0
        return self.rank_before - self.rank

    @property
    def fell(self) -> int:
        """Places lost; 0 when none were."""
        return max(0, -self.places)


@dataclass(frozen=True, slots=True)
class ReplayedGroup:
    label: str
    rows: Sequence[Moved]

    @property
    def moved(self) -> int:
        return sum(1 for row in self.rows if row.places)

    @property
    def farthest(self) -> int:
        return max((abs(row.places) for row in self.rows), default=0)


@dataclass(frozen=True, slots=True)
class Replay:
    """One month replayed, group by group."""

    round: MonthRound
    groups: Sequence[ReplayedGroup]

    @property
    def moved(self) -> int:
        return sum(group.moved for group in self.groups)

    @property
    def branches(self) -> int:
        return sum(len(group.rows) for group in self.groups)


@dataclass(frozen=True, slots=True)
class _Loss:
    """What a sheet lost on one item, and by which rules: (text, number, times)."""

    name: str
    lost: Decimal
    rules: list[tuple[str, int, int]]


@dataclass(frozen=True, slots=True)
class _Sheet:
    """What a sheet scored, how many marks were due on it, and what it lost item by item.
    ``branch`` was visited by the team of ``team``."""

    branch: int
    team: int
    base: Decimal
    due: Decimal
    losses: dict[str, _Loss]


@dataclass(frozen=True, slots=True)
class _Prices:
    """The items of another rubric by code."""

    items: Mapping[str, ItemContent]
    is_scaled: bool


def replay(round_: MonthRound, terms: Terms) -> Replay:
    """The published month under ``terms``. Three queries, and six more for a rubric."""
    entries = list(latest_entries(round_).select_related("participant"))
    run_id = entries[0].run_id if entries else 0
    corrected = {s.branch_id: s for s in CorrectedScore.objects.filter(run_id=run_id)}
    parents = {entry.branch_id: entry.participant.parent_id for entry in entries}
    read = _sheets(round_, entries[0].run if entries else None)
    prices, subject = _prices_of(terms.version)
    basis = terms.basis or _basis_of(entries)
    own: dict[int, Decimal] = {}
    reasons: dict[int, list[str]] = {}
    types = {e.branch_id: e.branch_type for e in entries}
    by_branch: dict[int, list[_Sheet]] = defaultdict(list)
    for sheet in read:
        by_branch[sheet.branch].append(sheet)
    for branch, visits in by_branch.items():
        chosen = visits[: terms.teams] if terms.teams else visits
        applies = prices if types.get(branch) == subject else None
        marks, why = _marks(chosen, applies)
        if len(chosen) < len(visits):
            why.append(_("只算前 %(n)d 个组") % {"n": len(chosen)})
        correction = Decimal(0)
        if basis == OfficialBasis.CORRECTED and branch in corrected:
            correction = _correction(corrected[branch], {sheet.team for sheet in chosen})
            why.append(_("校正 %(n)s") % {"n": signed(correction)})
        elif branch in corrected and _basis_of(entries) == OfficialBasis.CORRECTED:
            why.append(_("去掉校正 %(n)s") % {"n": signed(corrected[branch].correction)})
        own[branch] = _half_up(marks) + correction
        reasons[branch] = why
    share = round_.policy.own_share_percent if terms.own_share is None else terms.own_share
    below: dict[int, list[Decimal]] = defaultdict(list)
    for branch, above in parents.items():
        if above is not None and branch in own:
            below[above].append(own[branch])
    totals = {
        entry.branch_id: _total(entry, own, below.get(entry.branch_id, ()), share)
        for entry in entries
        if entry.total is not None and entry.branch_id in own
    }
    parts = _parts(corrected, basis)
    min_group = round_.policy.min_group_size
    return Replay(round_, _ranked(entries, totals, reasons, parts, min_group))


def _basis_of(entries: Sequence[RankingEntry]) -> str:
    official = any(entry.correction is not None for entry in entries)
    return OfficialBasis.CORRECTED if official else OfficialBasis.RAW


def _prices_of(version: RubricVersion | None) -> tuple[_Prices | None, str]:
    if version is None:
        return None, ""
    content = content_of(version)
    items = {item.code: item for section in content.sections for item in section.items}
    is_scaled = version.not_due_policy == NotDuePolicy.SCALE
    return _Prices(items, is_scaled), version.rubric.subject


def _sheets(round_: MonthRound, run: RankingRun | None) -> list[_Sheet]:
    """The sheets that count, by number of the team, with the counts of ``run``."""
    with connection.cursor() as cursor:
        parameters = round_parameters(round_, run.published_at if run else None)
        cursor.execute(statement("replay.sql"), parameters)
        rows = cursor.fetchall()
    found: dict[int, _Sheet] = {}
    for number, branch, team, base, due, code, name, lost, text, rule, times in rows:
        sheet = found.get(number)
        if sheet is None:
            marks = Decimal(base) / 100, Decimal(due) / 100
            sheet = found[number] = _Sheet(branch, team, *marks, {})
        if code is None:
            continue
        loss = sheet.losses.setdefault(code, _Loss(name, Decimal(lost) / 100, []))
        if text is not None:
            loss.rules.append((text, rule, times))
    return list(found.values())


def _marks(sheets: Sequence[_Sheet], prices: _Prices | None) -> tuple[Decimal, list[str]]:
    """The mean of the sheets, under other prices if there are any, and which items made the
    difference."""
    count = len(sheets)
    if prices is None:
        return sum((sheet.base for sheet in sheets), Decimal(0)) / count, []
    full = sum((item.full_marks for item in prices.items.values()), Decimal(0))
    total = Decimal(0)
    change: dict[str, Decimal] = defaultdict(Decimal)
    for sheet in sheets:
        # Items that are not due weigh on the others as they did in the month.
        weight = HUNDRED / sheet.due if prices.is_scaled and sheet.due else HUNDRED / full
        total += HUNDRED
        for code, loss in sheet.losses.items():
            lost = _lost_under(prices.items, code, loss) * weight
            total -= lost
            change[code] += loss.lost - lost
    biggest = sorted(change.items(), key=lambda pair: (-abs(pair[1]), pair[0]))
    why = [
        f"{code} {signed((value / count).quantize(HUNDREDTH))}"
        for code, value in biggest[:3]
        if abs(value) >= Decimal("0.05") * count
    ]
    return total / count, why


def _lost_under(items: Mapping[str, ItemContent], code: str, loss: _Loss) -> Decimal:
    """What the same facts cost under the item of another rubric: the rule with the same words,
    else the one in the same place. An item that is gone costs nothing."""
    item = items.get(code)
    if item is None:
        return Decimal(0)
    if not loss.rules:
        return item.full_marks
    lost = Decimal(0)
    for text, number, times in loss.rules:
        rule = next((r for r in item.rules if r.text == text), None)
        if rule is None and number <= len(item.rules):
            rule = item.rules[number - 1]
        if rule is None:
            continue
        lost += item.full_marks if rule.takes_all or rule.points is None else rule.points * times
    return min(lost, item.full_marks)


def _correction(score: CorrectedScore, teams: set[int]) -> Decimal:
    if score.reason:
        return Decimal(0)
    if teams == {team["branch"] for team in score.teams}:
        return Decimal(score.correction)
    severities = [Decimal(t["severity"]) for t in score.teams if t["branch"] in teams]
    return _half_up(-sum(severities, Decimal(0)) / len(severities)) if severities else Decimal(0)


def _half_up(value: Decimal) -> Decimal:
    return value.quantize(HUNDREDTH, rounding=ROUND_HALF_UP)


def _total(
    entry: RankingEntry, own: Mapping[int, Decimal], below: Sequence[Decimal], share: int
) -> Decimal:
    base = own[entry.branch_id]
    if entry.tier == Tier.GENERAL_BRANCH and below:
        base = (share * base + (100 - share) * sum(below, Decimal(0)) / len(below)) / 100
    total: Decimal = _half_up(base) + entry.bonus
    if entry.cap is not None:
        total = min(total, entry.cap)
    return total


def _parts(corrected: Mapping[int, CorrectedScore], basis: str) -> dict[int, int]:
    """Corrected scores rank inside the part of the group that can be compared; raw ones do
    not know of parts. As in standing.sql."""
    if basis != OfficialBasis.CORRECTED:
        return {}
    return {
        branch: score.part + 1
        for branch, score in corrected.items()
        if score.reason == CorrectedScore.Reason.APART
    }


def _ranked(
    entries: Sequence[RankingEntry],
    totals: Mapping[int, Decimal],
    reasons: Mapping[int, Sequence[str]],
    parts: Mapping[int, int],
    min_group: int,
) -> list[ReplayedGroup]:
    """The groups in their new order. Equal totals are decided as on the day: key work, open
    findings, the bigger rise."""
    groups: dict[str, list[RankingEntry]] = defaultdict(list)
    for entry in entries:
        if entry.branch_id in totals:
            groups[entry.group_key].append(entry)

    def order(entry: RankingEntry) -> tuple[Decimal, Decimal, int, Decimal]:
        total, before = totals[entry.branch_id], entry.previous_total
        return (
            -total,
            -(entry.key_marks or Decimal(0)),
            entry.open_findings,
            before - total if before is not None else Decimal(0),
        )

    found = []
    for key in sorted(groups, key=lambda key: (GROUP_ORDER[key.rpartition(":")[2]], key)):
        members = groups[key]
        keys: dict[int, list[Any]] = defaultdict(list)
        for entry in members:
            keys[parts.get(entry.branch_id, 0)].append(order(entry))
        for orders in keys.values():
            orders.sort()

        def rank(entry: RankingEntry, keys: Mapping[int, list[Any]] = keys) -> int | None:
            orders = keys[parts.get(entry.branch_id, 0)]
            if len(orders) < min_group or entry.unranked_reason == RankingEntry.Unranked.EXEMPT:
                return None
            return 1 + bisect_left(orders, order(entry))

        rows = [
            Moved(
                branch_id=entry.branch_id,
                name=entry.branch.name,
                rank_before=entry.rank,
                rank=rank(entry),
                total_before=entry.total or Decimal(0),
                total=totals[entry.branch_id],
                why="，".join(reasons.get(entry.branch_id, ())),
            )
            for entry in sorted(members, key=order)
        ]
        found.append(ReplayedGroup(group_label(key), rows))
    return found
