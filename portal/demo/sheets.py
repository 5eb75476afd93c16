"""What a team finds at a branch: deductions drawn so that scores look like real ones.

score = 100 − (a usual month's faults − the branch's quality + the team's severity + chance).
Both teams of a month look at the same branch, so most faults are common to their sheets.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from random import Random

from evaluations.models import FindingKind, RubricItem, Severity
from evaluations.scoring import deduction_points
from evaluations.services.sheets import LineInput
from portal.demo import facts
from portal.demo.blueprint import BranchPlan

KEY_SHARE = Decimal("0.4")  # a starred item keeps at least 60 %: no notice comes by chance
USUAL = 8.2


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault of a branch in a month, as a line on a sheet."""

    item: RubricItem
    rule_id: int
    rule_text: str
    number: int
    count: int
    points: Decimal
    fact: str
    severity: str
    kind: str

    @property
    def line(self) -> LineInput:
        return LineInput(self.rule_id, self.count, self.fact, self.severity, self.kind)


@dataclass(frozen=True, slots=True)
class Scene:
    """What the facts of a month are made of."""

    plan: BranchPlan
    month_number: int
    quarter: int
    days: Sequence[dt.date]
    committee_day: dt.date | None = None
    themed_day: dt.date | None = None


def templates_for(branch_type: str, code: str, number: int) -> tuple[str, ...]:
    own = facts.OF_TYPE[branch_type].get((code, number), ())
    return own or (facts.COMMON.get((code, number), ()) if code[0] in "ABC" else ())


def draw_faults(
    *,
    items: Iterable[RubricItem],
    scene: Scene,
    amount: float,
    rng: Random,
    blocked: frozenset[tuple[str, str]] = frozenset(),
    given: Sequence[Fault] = (),
) -> list[Fault]:
    """Faults worth about ``amount`` marks, in the order in which they were found.

    ``items`` are those judged this month; ``blocked`` (item code, rule text) would be the same
    key-work fault a third month running; ``given`` faults come first and count.
    """
    choices = [
        (item, rule)
        for item in items
        for rule in item.rules.all()
        if rule.points is not None
        and templates_for(scene.plan.type, item.code, rule.number)
        and not (item.is_key_work and (item.code, rule.text) in blocked)
    ]
    # Weightier rules come up more often: a usual sheet has seven lines, not twelve.
    choices.sort(key=lambda choice: rng.random() ** (1 / float(choice[1].points)), reverse=True)
    taken: dict[str, Decimal] = defaultdict(Decimal)
    chosen = list(given)
    for fault in given:
        taken[fault.item.code] += fault.points
    total = sum((fault.points for fault in given), Decimal(0))
    used = {fault.rule_id for fault in given}
    for item, rule in choices:
        if float(total) >= amount:
            break
        points = rule.points or Decimal(0)
        template = rng.choice(templates_for(scene.plan.type, item.code, rule.number))
        count = rng.choice((2, 2, 3) if points < 1 else (1, 1, 1, 2))
        if "{n}" not in template:
            count = 1
        worth = deduction_points(
            points=points, takes_all=False, count=count, full_marks=item.full_marks
        )
        limit = item.full_marks * (KEY_SHARE if item.is_key_work else Decimal("0.75"))
        too_much = taken[item.code] + worth > limit or float(total + worth) > amount + 1
        if too_much or rule.pk in used:
            continue
        taken[item.code] += worth
        total += worth
        severity = Severity.MAJOR if worth >= 2 else Severity.MINOR
        chosen.append(
            Fault(
                item=item,
                rule_id=rule.pk,
                rule_text=rule.text,
                number=rule.number,
                count=count,
                points=worth,
                fact=write(template, scene=scene, count=count, rng=rng),
                severity=severity,
                kind=_kind(severity, rng),
            )
        )
    return chosen


def _kind(severity: str, rng: Random) -> str:
    if severity != Severity.MINOR:
        return FindingKind.FIX_BY_DATE
    return rng.choices(
        (FindingKind.FIX_NOW, FindingKind.FIX_BY_DATE, FindingKind.CONTINUING), (15, 80, 5)
    )[0]


def as_seen_by(
    *, faults: Sequence[Fault], amount: float, rng: Random, keep: Sequence[Fault] = ()
) -> list[Fault]:
    """The part of a branch's faults that one team writes down, worth about ``amount``."""
    seen = list(keep)
    total = sum((fault.points for fault in keep), Decimal(0))
    for fault in faults:
        if fault in seen or float(total + fault.points) > amount + 0.5 or rng.random() < 0.12:
            continue
        seen.append(fault)
        total += fault.points
    return seen


def by_item(faults: Iterable[Fault]) -> dict[int, list[LineInput]]:
    """Lines per item, in the rubric's order."""
    found: dict[int, list[LineInput]] = defaultdict(list)
    for fault in sorted(faults, key=lambda f: (f.item.sort_order, f.number)):
        found[fault.item.pk].append(fault.line)
    return found


def write(template: str, *, scene: Scene, count: int, rng: Random) -> str:
    """The template with dates, places and numbers of this branch and month."""
    day = rng.choice(scene.days)
    chosen = rng.sample(facts.ELEMENTS, min(count, len(facts.ELEMENTS)))
    return template.format(
        n=count,
        d=_day(day),
        cd=_day(scene.committee_day or day),
        td=_day(scene.themed_day or day),
        m=scene.month_number,
        q="一二三四"[scene.quarter - 1],
        site=rng.choice(scene.plan.sites or (scene.plan.team,)),
        team=scene.plan.team,
        doc=rng.choice(facts.DOCUMENTS),
        task=rng.choice(facts.TASKS),
        topic=rng.choice(facts.TOPICS),
        goods=facts.GOODS[scene.quarter],
        missing="、".join(chosen),
    )


def _day(day: dt.date) -> str:
    return f"{day.month}月{day.day}日"
