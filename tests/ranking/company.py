"""Small companies as plain values, and how they are written into the database."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from decimal import Decimal
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
from portal.accounts.models import User
from portal.kernel.months import SHANGHAI, Month

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
            points=points_of(rule.points, line.count, item.full_marks),
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


def points_of(points: Decimal | None, count: int, full: Decimal) -> Decimal:
    return full if points is None else min(full, points * count)
