"""Ranks a small company slowly, in Python.

It follows domain.md 2.2 sentence by sentence, one branch at a time, in Decimals; the sheets go
through ``evaluations.scoring``. What it says, the one SQL statement must say too.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from evaluations.scoring import DueState, due_state, sheet_score
from tests.ranking.company import BANDS, TYPES, BranchSpec, CompanySpec, SheetSpec, points_of

CENT = Decimal("0.01")


@dataclass
class Line:
    """What the reference says of one branch. Names as in StandingRow."""

    base: Decimal | None
    bonus: Decimal
    cap: Decimal | None
    total: Decimal | None
    key_marks: Decimal | None
    visits: int
    open_findings: int
    band: str = ""
    group_key: str = ""
    rank: int | None = None
    group_size: int = 0
    unranked_reason: str = ""
    previous_total: Decimal | None = None
    previous_rank: int | None = None


def _half_up(value: Decimal) -> Decimal:
    return value.quantize(CENT, rounding=ROUND_HALF_UP)


def _sheet(
    spec: CompanySpec, branch: BranchSpec, sheet: SheetSpec
) -> tuple[Decimal, Decimal, dict[int, Decimal], set[int]]:
    """Base, key marks, marks per item, and which items were judged."""
    version = spec.versions[branch.type]
    falsified = {item for _cap, item in branch.vetoes if item is not None}
    said = dict(sheet.checks)
    states, taken = {}, defaultdict(list)
    for at, item in enumerate(version.items):
        state = due_state(
            frequency=item.frequency,
            applies_when=item.applies_when,
            month_number=spec.month,
            has_committee=branch.has_committee,
            group_count=branch.groups,
            override=said.get(at, ""),
        )
        states[at] = DueState.DUE if at in falsified else state
        if at in falsified:
            taken[at].append(item.full)
    for line in sheet.lines:
        item = version.items[line.item]
        points = item.rules[line.rule].points
        count = line.count if line.upheld_to is None else line.upheld_to
        taken[line.item].append(points_of(points, count, item.full) if count else Decimal(0))
    entries = [(at, item.full, states[at]) for at, item in enumerate(version.items)]
    score = sheet_score(items=entries, deductions=taken, scale=version.scale)
    marks = {one.item_id: one.marks for one in score.items}
    judged = {at for at, state in states.items() if state is DueState.DUE}
    keys = [at for at, item in enumerate(version.items) if item.key]
    key_full = sum((version.items[at].full for at in keys), Decimal(0))
    if version.scale:
        due_full = sum((version.items[at].full for at in keys if at in judged), Decimal(0))
        due_marks = sum((marks[at] for at in keys if at in judged), Decimal(0))
        key = _half_up(due_marks * key_full / due_full) if due_full else key_full
    else:
        key = sum((marks[at] for at in keys), Decimal(0))
    return score.base, key, marks, judged


def _done(branch: BranchSpec) -> list[SheetSpec]:
    if branch.exempt:
        return []
    return [s for s in branch.sheets if s.status in {"submitted", "confirmed"}]


def slow_standing(spec: CompanySpec) -> list[Line]:
    """The standing, one branch after the other."""
    own: list[Decimal | None] = []
    found: list[Line] = []
    for branch in spec.branches:
        sheets = [_sheet(spec, branch, sheet) for sheet in _done(branch)]
        n = len(sheets)
        base = _half_up(sum((s[0] for s in sheets), Decimal(0)) / n) if n else None
        own.append(base)
        previous = branch.previous or (None, None)
        cap = min((Decimal(c) for c, _item in branch.vetoes), default=None)
        found.append(
            Line(
                base=base,
                bonus=min(sum(branch.bonuses, Decimal(0)), spec.versions[branch.type].bonus_cap),
                cap=cap,
                total=None,
                key_marks=_half_up(sum((s[1] for s in sheets), Decimal(0)) / n) if n else None,
                visits=n,
                open_findings=sum(
                    line.open_finding
                    for sheet in branch.sheets
                    if sheet.status in {"submitted", "confirmed"}
                    for line in sheet.lines
                ),
                previous_total=previous[0],
                previous_rank=previous[1],
            )
        )
    for at, (branch, line) in enumerate(zip(spec.branches, found, strict=True)):
        below = [
            mark
            for other, mark in zip(spec.branches, own, strict=True)
            if other.parent == at and mark is not None
        ]
        if branch.general and line.base is not None and below:
            share = Decimal(spec.own_share)
            mean = sum(below, Decimal(0)) / len(below)
            line.base = _half_up((share * line.base + (100 - share) * mean) / 100)
        if line.base is not None:
            line.total = line.base + line.bonus
            if line.cap is not None:
                line.total = min(line.cap, line.total)
            line.band = next(name for name, floor in BANDS if line.total >= floor)
    _rank(spec, found)
    return found


def _rank(spec: CompanySpec, found: list[Line]) -> None:
    def tiered(branch: BranchSpec) -> str:
        tier = "general_branch" if branch.general else "branch"
        return f"{tier}:{TYPES[branch.type]}"

    sizes: dict[str, int] = defaultdict(int)
    for branch, line in zip(spec.branches, found, strict=True):
        if line.total is not None:
            sizes[tiered(branch)] += 1
    split = spec.by_tier and bool(sizes) and min(sizes.values()) >= spec.min_group
    groups: dict[str, list[Line]] = defaultdict(list)
    for branch, line in zip(spec.branches, found, strict=True):
        line.group_key = tiered(branch) if split else TYPES[branch.type]
        groups[line.group_key].append(line)
    for branch, line in zip(spec.branches, found, strict=True):
        ranked = [other for other in groups[line.group_key] if other.total is not None]
        line.group_size = len(ranked)
        if branch.exempt:
            line.unranked_reason = "exempt"
        elif line.total is None:
            line.unranked_reason = "not_inspected"
        elif len(ranked) < spec.min_group:
            line.unranked_reason = "small_group"
        else:
            line.rank = 1 + sum(_order(other) < _order(line) for other in ranked)


def _order(line: Line) -> tuple[Decimal, Decimal, int, Decimal]:
    assert line.total is not None
    assert line.key_marks is not None
    rise = Decimal(0) if line.previous_total is None else line.total - line.previous_total
    return (-line.total, -line.key_marks, line.open_findings, -rise)


def slow_failures(spec: CompanySpec) -> dict[tuple[int, int], tuple[str, Decimal]]:
    """(branch, item) -> (trigger, marks), without the three-months rule."""
    found = {}
    for at, branch in enumerate(spec.branches):
        sheets = _done(branch)
        if not sheets:
            continue
        scored = [_sheet(spec, branch, sheet) for sheet in sheets]
        for item_at, item in enumerate(spec.versions[branch.type].items):
            if not item.key or not any(item_at in judged for _b, _k, _m, judged in scored):
                continue
            total = sum((marks[item_at] for _b, _k, marks, _j in scored), Decimal(0))
            lines = [
                line
                for sheet, (_b, _k, _m, judged) in zip(sheets, scored, strict=True)
                for line in sheet.lines
                if line.item == item_at
                and item_at in judged
                and (line.count if line.upheld_to is None else line.upheld_to) > 0
            ]
            if any(item.rules[line.rule].points is None for line in lines):
                trigger = "takes_all"
            elif total * 100 < spec.fail_percent * item.full * len(sheets):
                trigger = "below_line"
            elif any(line.critical for line in lines):
                trigger = "critical"
            else:
                continue
            found[at, item_at] = (trigger, _half_up(total / len(sheets)))
    return found
