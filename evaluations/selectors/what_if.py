"""What-if: a published month replayed under a draft rubric, other shares, fewer teams, raw or
corrected. Nothing is written; the published month stays what it is."""

from __future__ import annotations

import math
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
    Inspection,
    MonthRound,
    OfficialBasis,
    RankingEntry,
    RubricVersion,
)
from evaluations.places import CLEARLY
from evaluations.ranking import group_label, round_parameters, statement
from evaluations.rubric_content import ItemContent
from evaluations.selectors.fair import signed
from evaluations.selectors.standings import Group, Line, latest_entries
from evaluations.services.rubrics import content_of
from portal.kernel.marks import HUNDREDTH, one_decimal

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
    rules: Sequence[tuple[str, int, int]]


def replay(round_: MonthRound, terms: Terms) -> Replay:
    """The published month under ``terms``. Six queries, and six more for a rubric."""
    entries = list(latest_entries(round_))
    run_id = entries[0].run_id if entries else 0
    corrected = {s.branch_id: s for s in CorrectedScore.objects.filter(run_id=run_id)}
    sheets = list(
        Inspection.objects.filter(round=round_)
        .done()
        .order_by("team__number")
        .values_list("pk", "inspected_branch_id", "inspector_branch_id", "score")
    )
    parents = dict(round_.participants.values_list("branch_id", "parent_id"))
    losses = _losses(round_)
    items, subject = _items_of(terms.version)
    basis = terms.basis or _basis_of(entries)
    own: dict[int, Decimal] = {}
    reasons: dict[int, list[str]] = {}
    types = {e.branch_id: e.branch_type for e in entries}
    by_branch: dict[int, list[tuple[int, int, Decimal]]] = defaultdict(list)
    for sheet, branch, team, score in sheets:
        by_branch[branch].append((sheet, team, score))
    for branch, visits in by_branch.items():
        chosen = visits[: terms.teams] if terms.teams else visits
        applies = items if types.get(branch) == subject else None
        marks, why = _marks(chosen, losses, applies)
        if len(chosen) < len(visits):
            why.append(_("只算前 %(n)d 个组") % {"n": len(chosen)})
        correction = Decimal(0)
        if basis == OfficialBasis.CORRECTED and branch in corrected:
            correction = _correction(corrected[branch], {team for _s, team, _m in chosen})
            why.append(_("校正 %(n)s") % {"n": signed(correction)})
        elif branch in corrected and _basis_of(entries) == OfficialBasis.CORRECTED:
            why.append(_("去掉校正 %(n)s") % {"n": signed(corrected[branch].correction)})
        own[branch] = _half_up(marks) + correction
        reasons[branch] = why
    share = round_.policy.own_share_percent if terms.own_share is None else terms.own_share
    totals = {
        entry.branch_id: _total(entry, own, parents, share)
        for entry in entries
        if entry.total is not None and entry.branch_id in own
    }
    return Replay(round_, _ranked(entries, totals, reasons))


def _basis_of(entries: Sequence[RankingEntry]) -> str:
    official = any(entry.correction is not None for entry in entries)
    return OfficialBasis.CORRECTED if official else OfficialBasis.RAW


def _items_of(version: RubricVersion | None) -> tuple[dict[str, ItemContent] | None, str]:
    if version is None:
        return None, ""
    content = content_of(version)
    items = {item.code: item for section in content.sections for item in section.items}
    return items, version.rubric.subject


def _losses(round_: MonthRound) -> dict[int, dict[str, _Loss]]:
    with connection.cursor() as cursor:
        cursor.execute(statement("replay.sql"), round_parameters(round_))
        rows = cursor.fetchall()
    found: dict[int, dict[str, Any]] = defaultdict(dict)
    for sheet, code, name, lost, text, number, times in rows:
        loss = found[sheet].setdefault(code, _Loss(name, Decimal(lost) / 100, []))
        if text is not None:
            loss.rules.append((text, number, times))
    return found


def _marks(
    visits: Sequence[tuple[int, int, Decimal]],
    losses: Mapping[int, Mapping[str, _Loss]],
    items: Mapping[str, ItemContent] | None,
) -> tuple[Decimal, list[str]]:
    """The mean of the sheets under other items, and which items made the difference."""
    full = sum((item.full_marks for item in items.values()), Decimal(0)) if items else HUNDRED
    total = Decimal(0)
    change: dict[str, Decimal] = defaultdict(Decimal)
    for sheet, _team, _score in visits:
        kept = full
        for code, loss in losses.get(sheet, {}).items():
            lost = _lost_under(items, code, loss) if items is not None else loss.lost
            kept -= lost
            change[code] += loss.lost - lost * HUNDRED / full
        total += kept * HUNDRED / full
    count = len(visits)
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
    entry: RankingEntry,
    own: Mapping[int, Decimal],
    parents: Mapping[int, int | None],
    share: int,
) -> Decimal:
    base = own[entry.branch_id]
    below = [own[b] for b, above in parents.items() if above == entry.branch_id and b in own]
    if entry.tier == Tier.GENERAL_BRANCH and below:
        base = (share * base + (100 - share) * sum(below, Decimal(0)) / len(below)) / 100
    total: Decimal = _half_up(base) + entry.bonus
    if entry.cap is not None:
        total = min(total, entry.cap)
    return total


def _ranked(
    entries: Sequence[RankingEntry],
    totals: Mapping[int, Decimal],
    reasons: Mapping[int, Sequence[str]],
) -> list[ReplayedGroup]:
    groups: dict[str, list[RankingEntry]] = defaultdict(list)
    for entry in entries:
        if entry.branch_id in totals:
            groups[entry.group_key].append(entry)

    def order(entry: RankingEntry) -> tuple[Decimal, Decimal, int]:
        return -totals[entry.branch_id], -(entry.key_marks or Decimal(0)), entry.open_findings

    found = []
    for key, members in groups.items():
        keys = sorted(order(entry) for entry in members)
        rows = [
            Moved(
                branch_id=entry.branch_id,
                name=entry.branch.name,
                rank_before=entry.rank,
                rank=1 + keys.index(order(entry)) if entry.rank is not None else None,
                total_before=entry.total or Decimal(0),
                total=totals[entry.branch_id],
                why="，".join(reasons.get(entry.branch_id, ())),
            )
            for entry in sorted(members, key=order)
        ]
        found.append(ReplayedGroup(group_label(key), rows))
    return found


# -- one band up ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Lift:
    """What would lift a branch one band: the smallest set of items to win back."""

    target: str
    need: Decimal
    items: Sequence[tuple[str, str, Decimal]]  # code, name, marks to win back
    is_enough: bool

    @property
    def words(self) -> str:
        head = _("升到%(target)s还差 %(need)s 分") % {
            "target": self.target,
            "need": one_decimal(self.need),
        }
        named = "、".join(f"{code} {name}（{one_decimal(m)}）" for code, name, m in self.items)
        if not self.items:
            return head + _("，本月没有可以补的扣分。")
        if self.is_enough:
            return head + _("：补上 %(items)s 就够。") % {"items": named}
        return head + _("：本月扣分全补上也不够，最多的是 %(items)s。") % {"items": named}


def lift(
    line: Line,
    group: Group,
    lost: Mapping[tuple[str, str], Decimal],
    *,
    share: Decimal = Decimal(1),
) -> Lift | None:
    """The fewest items whose marks bring ``line`` into the band above; None at the top or where
    bands are unknown. ``lost``: marks per (code, name), mean over the teams; ``share``: how much
    of them reaches the total."""
    fair, total = line.fair, line.standing.total
    if fair is None or not fair.band or fair.band < 2 or total is None:
        return None
    above = [
        other
        for other in group.ranked
        if other.fair and other.fair.part == fair.part and other.fair.band == fair.band - 1
    ]
    if not above:
        return None
    leader = max(above, key=lambda other: other.standing.total or Decimal(0))
    assert leader.fair is not None  # noqa: S101 - filtered above
    margin = CLEARLY * math.hypot(float(leader.fair.error), float(fair.error))
    gap = (leader.standing.total or Decimal(0)) - total - Decimal(str(margin))
    need = max(gap, Decimal("0.01")).quantize(HUNDREDTH, rounding=ROUND_HALF_UP)
    won, chosen = Decimal(0), []
    for (code, name), marks in sorted(lost.items(), key=lambda pair: (-pair[1], pair[0])):
        if won >= need or marks <= 0:
            break
        won += marks * share
        chosen.append((code, name, marks))
    target = _("第 %(n)d 档") % {"n": fair.band - 1}
    return Lift(target, need, chosen if won >= need else chosen[:3], won >= need)
