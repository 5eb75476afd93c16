"""Small companies as plain values: written into the database, and ranked slowly in Python.

The slow way follows domain.md 2.2 sentence by sentence, one branch at a time, in Decimals; the
sheets go through ``evaluations.scoring``. What it says, the one SQL statement must say too.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from branches.models import Branch, Committee
from evaluations.models import (
    Band,
    BonusEntry,
    BonusRule,
    Deduction,
    DeductionRule,
    EvaluationPolicy,
    Finding,
    Inspection,
    InspectionTeam,
    ItemCheck,
    MonthRound,
    RankingEntry,
    RankingRun,
    RoundParticipant,
    Rubric,
    RubricItem,
    RubricSection,
    RubricVersion,
    ScoreAppeal,
    VetoEvent,
    VetoRule,
)
from evaluations.scoring import DueState, due_state, sheet_score
from portal.accounts.models import User
from portal.kernel.months import SHANGHAI, Month

CENT = Decimal("0.01")
NOW = dt.datetime(2017, 7, 5, 9, 0, tzinfo=SHANGHAI)
TYPES = ("production", "management", "business")
BANDS = (("好", 90), ("较好", 80), ("一般", 70), ("差", 0))


@dataclass(frozen=True)
class RuleSpec:
    points: Decimal | None  # None: takes all


@dataclass(frozen=True)
class ItemSpec:
    full: Decimal
    key: bool
    frequency: str
    applies_when: str
    rules: tuple[RuleSpec, ...]


@dataclass(frozen=True)
class VersionSpec:
    items: tuple[ItemSpec, ...]
    scale: bool
    bonus_cap: Decimal


@dataclass(frozen=True)
class LineSpec:
    item: int
    rule: int
    count: int
    critical: bool = False
    upheld_to: int | None = None
    open_finding: bool = False


@dataclass(frozen=True)
class SheetSpec:
    status: str
    lines: tuple[LineSpec, ...] = ()
    checks: tuple[tuple[int, str], ...] = ()


@dataclass(frozen=True)
class BranchSpec:
    type: int
    general: bool = False
    parent: int | None = None
    exempt: bool = False
    has_committee: bool = True
    groups: int = 1
    sheets: tuple[SheetSpec, ...] = ()
    bonuses: tuple[Decimal, ...] = ()
    vetoes: tuple[tuple[int, int | None], ...] = ()  # (cap, item falsified)
    previous: tuple[Decimal | None, int | None] | None = None


@dataclass(frozen=True)
class CompanySpec:
    month: int
    versions: tuple[VersionSpec, ...]
    branches: tuple[BranchSpec, ...]
    own_share: int = 50
    min_group: int = 3
    by_tier: bool = False
    fail_percent: int = 60


@dataclass
class Built:
    """The company in the database."""

    round: MonthRound
    participants: list[RoundParticipant]
    items: list[list[RubricItem]] = field(default_factory=list)


def build(spec: CompanySpec) -> Built:
    """Write the company, its round in provisional state, and last month's published run."""
    number = Committee.objects.count()
    user = User.objects.create(username=f"writer-{number}", display_name="录入")
    committee = Committee.objects.create(name=f"党委{number}", issuer_code="泉电党")
    policy = EvaluationPolicy.objects.create(
        committee=committee,
        first_month=dt.date(2017, 1, 1),
        own_share_percent=spec.own_share,
        min_group_size=spec.min_group,
        ranking_basis="tier_type" if spec.by_tier else "type",
        key_fail_percent=spec.fail_percent,
    )
    versions, items, rules = [], [], []
    for at, version_spec in enumerate(spec.versions):
        version, version_items, version_rules = _write_version(at, version_spec)
        versions.append(version)
        items.append(version_items)
        rules.append(version_rules)

    branches: list[Branch] = []
    for at, one in enumerate(spec.branches):
        branches.append(
            Branch.objects.create(
                committee=committee,
                name=f"支部{at}",
                sort_order=at,
                parent=branches[one.parent] if one.parent is not None else None,
            )
        )
    if any(one.previous for one in spec.branches):
        _write_previous(spec, committee, policy, branches, versions)
    round_ = _write_round(committee, policy, Month(2017, spec.month), "provisional")
    teams = [
        InspectionTeam.objects.create(
            round=round_,
            number=n + 1,
            branch=Branch.objects.create(committee=committee, name=f"检查{n}", sort_order=900 + n),
        )
        for n in range(3)
    ]
    participants = []
    for at, one in enumerate(spec.branches):
        participant = RoundParticipant.objects.create(
            round=round_,
            branch=branches[at],
            parent=branches[at].parent,
            tier="general_branch" if one.general else "branch",
            branch_type=TYPES[one.type],
            is_exempt=one.exempt,
            rubric_version=versions[one.type],
            has_committee=one.has_committee,
            group_count=one.groups,
        )
        participants.append(participant)
        for team, sheet in zip(teams, one.sheets, strict=False):
            _write_sheet(round_, team, participant, sheet, items[one.type], rules[one.type], user)
        for points in one.bonuses:
            BonusEntry.objects.create(
                participant=participant,
                rule=versions[one.type].bonus_rules.get(),
                points=points,
                fact="事实",
                approved_by=user,
                approved_at=NOW,
            )
        for nth, (cap, item) in enumerate(one.vetoes):
            VetoEvent.objects.create(
                participant=participant,
                rule=VetoRule.objects.create(
                    version=versions[one.type],
                    code=f"{at}{nth}",
                    text="否决",
                    cap=cap,
                    zeroes_item=item is not None,
                ),
                item=items[one.type][item] if item is not None else None,
                fact="台账造假",
                decided_by=user,
                decided_at=NOW,
            )
    return Built(round_, participants, items)


def _write_version(
    at: int, spec: VersionSpec
) -> tuple[RubricVersion, list[RubricItem], list[list[DeductionRule]]]:
    rubric, _made = Rubric.objects.get_or_create(
        subject=TYPES[at], defaults={"code": f"T{at}", "name": TYPES[at]}
    )
    version = RubricVersion.objects.create(
        rubric=rubric,
        number=rubric.versions.count() + 1,
        first_month=dt.date(2017, 1, 1),
        status="draft",
        not_due_policy="scale" if spec.scale else "full_marks",
        bonus_cap=spec.bonus_cap,
        created_at=NOW,
    )
    section = RubricSection.objects.create(
        version=version, code="A", name="类别", full_marks=100, sort_order=1
    )
    items, rules = [], []
    for n, one in enumerate(spec.items):
        item = RubricItem.objects.create(
            section=section,
            version=version,
            code=f"A{n}",
            name=f"项目{n}",
            full_marks=one.full,
            is_key_work=one.key,
            frequency=one.frequency,
            applies_when=one.applies_when,
            source="onsite",
            standard="要求",
            sort_order=n,
        )
        items.append(item)
        rules.append(
            [
                DeductionRule.objects.create(
                    item=item,
                    number=m + 1,
                    text=f"情形{m}",
                    unit="次",
                    points=rule.points,
                    takes_all=rule.points is None,
                )
                for m, rule in enumerate(one.rules)
            ]
        )
    BonusRule.objects.create(version=version, code="B1", text="加分", points=1)
    Band.objects.bulk_create(
        [Band(version=version, name=name, floor=floor) for name, floor in BANDS]
    )
    return version, items, rules


def _write_round(
    committee: Committee, policy: EvaluationPolicy, month: Month, status: str, **more: Any
) -> MonthRound:
    after = month.plus(1).first_day
    return MonthRound.objects.create(
        committee=committee,
        month=month.first_day,
        status=status,
        policy=policy,
        opened_at=NOW,
        records_due_on=month.last_day,
        window_starts_on=month.first_day.replace(day=26),
        window_ends_on=month.last_day,
        appeals_end_on=after.replace(day=3),
        publish_on=after.replace(day=5),
        meeting_on=after.replace(day=8),
        **more,
    )


def _write_previous(
    spec: CompanySpec,
    committee: Committee,
    policy: EvaluationPolicy,
    branches: list[Branch],
    versions: list[RubricVersion],
) -> None:
    month = Month(2017, spec.month).plus(-1)
    earlier = _write_round(committee, policy, month, "provisional")
    last = RankingRun.objects.order_by("-sequence").first()
    run = RankingRun(
        pk=(last.pk if last else 0) + 1,
        round=earlier,
        sequence=(last.sequence if last else 0) + 1,
        published_at=NOW,
        via="test",
        digest="x",
    )
    for at, one in enumerate(spec.branches):
        if one.previous is None:
            continue
        participant = RoundParticipant.objects.create(
            round=earlier,
            branch=branches[at],
            tier="branch",
            branch_type=TYPES[one.type],
            rubric_version=versions[one.type],
        )
        RankingEntry.objects.create(
            run_id=run.pk,
            participant=participant,
            branch=branches[at],
            tier="branch",
            branch_type=TYPES[one.type],
            group_key=TYPES[one.type],
            visits=1,
            bonus=0,
            total=one.previous[0],
            rank=one.previous[1],
            group_size=3,
        )
    run.save(force_insert=True)
    earlier.status, earlier.published_at = "published", NOW
    earlier.save()


def _write_sheet(
    round_: MonthRound,
    team: InspectionTeam,
    participant: RoundParticipant,
    spec: SheetSpec,
    items: list[RubricItem],
    rules: list[list[DeductionRule]],
    user: User,
) -> None:
    done = spec.status in {"submitted", "confirmed"}
    inspection = Inspection.objects.create(
        round=round_,
        team=team,
        participant=participant,
        inspector_branch=team.branch,
        inspected_branch=participant.branch,
        inspector_type=next(t for t in TYPES if t != participant.branch_type),
        inspected_type=participant.branch_type,
        status=spec.status,
        submitted_at=NOW if done else None,
        score=0 if done else None,
        digest=f"seal-{team.number}" if done else "",
    )
    for nth, line in enumerate(spec.lines):
        rule = rules[line.item][line.rule]
        item = items[line.item]
        deduction = Deduction.objects.create(
            inspection=inspection,
            item=item,
            rule=rule,
            count=line.count,
            points=_points(rule.points, line.count, item.full_marks),
            fact=f"事实{nth}",
            severity="critical" if line.critical else "minor",
        )
        Finding.objects.create(
            inspection=inspection,
            deduction=deduction,
            branch=participant.branch,
            item=item,
            number=nth + 1,
            fact=deduction.fact,
            severity=deduction.severity,
            kind="fix_by_date",
            status="raised" if line.open_finding else "verified",
            raised_at=NOW,
            due_on=NOW.date(),
            verified_at=None if line.open_finding else NOW,
        )
        if line.upheld_to is not None:
            ScoreAppeal.objects.create(
                deduction=deduction,
                branch=participant.branch,
                status="upheld",
                text="理由",
                filed_by=user,
                filed_at=NOW,
                decision="成立",
                decided_by=user,
                decided_at=NOW,
                count_before=line.count,
                count_after=line.upheld_to,
            )
    for item_at, state in spec.checks:
        ItemCheck.objects.create(
            inspection=inspection,
            item=items[item_at],
            state=state,
            reason="说明" if state else "",
            checked_by=user,
            checked_at=NOW,
        )


def _points(points: Decimal | None, count: int, full: Decimal) -> Decimal:
    return full if points is None else min(full, points * count)


# -- the slow way ---------------------------------------------------------------------------


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
        taken[line.item].append(_points(points, count, item.full) if count else Decimal(0))
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
