"""What the pages of a score sheet show beside the sheet itself."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby
from typing import Any

from django.db.models import F, Q, QuerySet, Sum
from django.utils.translation import gettext as _

from branches.access import access_of
from branches.duty_matrix import duties_of
from evaluations.item_facts import item_facts
from evaluations.lifecycles import InspectionStatus
from evaluations.models import (
    Deduction,
    Finding,
    FindingKind,
    Inspection,
    RubricItem,
    Severity,
    SheetPhoto,
)
from evaluations.proposals import CODES, Proposal, proposal_of, proposals_of
from evaluations.scoring import DueState
from evaluations.selectors.sheet_photos import by_rule, photos_of_visit
from evaluations.services.sheet_state import SheetItem, SheetState, read_sheet, rubric_content
from portal.accounts.models import User
from portal.kernel import ui
from portal.kernel.months import Month
from portal.kernel.words import plain

SHEET_ROWS = (
    "round__committee",
    "round__policy",
    "team__branch",
    "participant__branch",
    "participant__rubric_version__rubric",
    "participant__secretary",
    "submitted_by",
    "confirmed_by",
    "replaces__team",
    "second_visit__team",
)


def sheets_for(user: User) -> QuerySet[Any]:
    """Sheets the user may open, ready for a page."""
    found: QuerySet[Any] = Inspection.objects.visible_to(user).with_seat_of(user)
    return found.select_related(*SHEET_ROWS)


@dataclass(frozen=True, slots=True)
class Desk:
    """An inspector's or secretary's list: what to inspect, what to confirm, what is done."""

    to_do: Sequence[Inspection]
    to_confirm: Sequence[Inspection]
    waiting: Sequence[Inspection]
    done: Sequence[Inspection]
    own: Collection[int]  # the branches whose sheets the user confirms: these were inspected


def desk(user: User) -> Desk:
    """The visits of the user's teams and of his branches, those to act on first."""
    access = access_of(user)
    mine = list(
        Inspection.objects.inspected_by(user)
        .select_related(*SHEET_ROWS)
        .order_by(F("planned_on").asc(nulls_last=True), "pk")
    )
    received = list(
        Inspection.objects.filter(
            inspected_branch_id__in=access.recording_branches, submitted_at__isnull=False
        )
        .select_related(*SHEET_ROWS)
        .order_by("-submitted_at", "-pk")
    )
    open_now = [
        i
        for i in mine
        if i.status in (InspectionStatus.PLANNED, InspectionStatus.UNDER_WAY)
        and (i.round.status == "open" or i.is_in_window)
    ]
    settled = (InspectionStatus.CONFIRMED, InspectionStatus.SET_ASIDE)
    finished = [i for i in mine if i.status in settled]
    finished += [i for i in received if i.status in settled]
    return Desk(
        to_do=open_now,
        to_confirm=[i for i in received if i.status == InspectionStatus.SUBMITTED],
        waiting=[i for i in mine if i.status == InspectionStatus.SUBMITTED],
        done=sorted(finished, key=lambda i: (i.confirmed_at or i.submitted_at, i.pk), reverse=True)[
            :24
        ],
        own=access.recording_branches,
    )


@dataclass(frozen=True, slots=True)
class Section:
    """A section of the sheet with its items."""

    code: str
    name: str
    items: Sequence[SheetItem]


def sections(state: SheetState) -> list[Section]:
    grouped = groupby(state.items, key=lambda i: (i.item.section.code, i.item.section.name))
    return [Section(code, name, list(items)) for (code, name), items in grouped]


def ticks(state: SheetState, current: int | None = None) -> list[ui.Tick]:
    """One tick per item: deducted, looked at, the one on the screen, to come."""

    def tick(entry: SheetItem) -> ui.Tick:
        if entry.item.pk == current:
            return ui.Tick("current")
        if entry.lines:
            return ui.Tick("deducted")
        return ui.Tick("plain" if entry.check or not entry.is_due else "todo")

    return [tick(entry) for entry in state.items]


@dataclass(frozen=True, slots=True)
class PadRule:
    """A deduction rule as the pad draws it."""

    id: int
    text: str
    points_line: str
    points: Decimal | None
    takes_all: bool
    count: int
    fact: str
    severity: str
    kind: str
    error: str = ""
    photos: Sequence[SheetPhoto] = ()


@dataclass(frozen=True, slots=True)
class Pad:
    """One item on the screen. ``state``: the whole sheet around it."""

    state: SheetState
    entry: SheetItem
    number: int
    total: int
    rules: Sequence[PadRule]
    previous: SheetItem | None
    next: SheetItem | None
    last_month: Decimal | None
    open_findings: Sequence[Finding]
    proposals: Sequence[Proposal] = ()

    @property
    def is_greyed(self) -> bool:
        return not self.entry.is_due

    @property
    def may_judge_early(self) -> bool:
        return self.entry.state is DueState.NOT_DUE

    @property
    def said_not_applicable(self) -> bool:
        return bool(self.entry.check and self.entry.check.state == "not_applicable")


def pad(
    inspection: Inspection,
    item_id: int,
    typed: dict[int, dict[str, Any]] | None = None,
    errors: dict[int, str] | None = None,
    *,
    today: dt.date,
) -> Pad | None:
    """The item's card; ``typed`` keeps what was entered when a save was refused. ``today``: the
    day on which the branch's records are read for proposals. None: no item of this sheet."""
    content = rubric_content(inspection.participant.rubric_version)
    item = next((item for item in content if item.pk == item_id), None)
    if item is None:
        return None
    photographs = photos_of_visit(inspection)
    lost_last_month = _lost_last_month(inspection, item)
    open_findings = (
        Finding.objects.filter(branch_id=inspection.inspected_branch_id, item__code=item.code)
        .open()
        .exclude(inspection__round=inspection.round)
        .order_by("due_on")[:3]
    )
    state = read_sheet(inspection, photographs, lost_last_month, open_findings)
    at = [entry.item.pk for entry in state.items].index(item_id)
    entry = state.items[at]
    lines = {line.rule_id: line for line in entry.lines}
    photos = by_rule(photographs)
    rules = []
    for rule in item.rules.all():
        line = lines.get(rule.pk)
        values: dict[str, Any] = {
            "count": line.count if line else 0,
            "fact": line.fact if line else "",
            "severity": line.severity if line else Severity.MINOR,
            "kind": line.kind if line else FindingKind.FIX_BY_DATE,
        }
        values |= (typed or {}).get(rule.pk, {})
        rules.append(
            PadRule(
                id=rule.pk,
                text=rule.text,
                points_line=_points_line(rule.unit, rule.points, rule.takes_all, item),
                points=rule.points,
                takes_all=rule.takes_all,
                error=(errors or {}).get(rule.pk, ""),
                photos=photos.get(rule.pk, ()),
                **values,
            )
        )
    return Pad(
        state=state,
        entry=entry,
        number=at + 1,
        total=len(state.items),
        rules=rules,
        proposals=_proposals(inspection, item, today),
        previous=state.items[at - 1] if at else None,
        next=state.items[at + 1] if at + 1 < len(state.items) else None,
        last_month=_mean_kept(item, lost_last_month),
        open_findings=list(open_findings),
    )


def _proposals(inspection: Inspection, item: RubricItem, today: dt.date) -> list[Proposal]:
    """What the branch's records, and whoever else keeps facts of it, say about the item today."""
    month = inspection.round.period
    rules = [(rule.pk, rule.text) for rule in item.rules.all()]
    found = []
    if item.code in CODES:
        row = duties_of(inspection.participant.branch, month, today)
        found = proposals_of(item.code, row.cells, rules) if row else []
    return found + [
        proposal_of(fact, rules)
        for fact in item_facts(
            f"{item.name}，{item.standard}", inspection.inspected_branch_id, month, today
        )
    ]


def _points_line(unit: str, points: Decimal | None, takes_all: bool, item: RubricItem) -> str:
    if takes_all:
        tail = _("，并提出整改通知书") if item.is_key_work else ""
        return _("%(unit)s扣满分%(tail)s") % {"unit": unit, "tail": tail}
    return _("%(unit)s扣 %(points)s") % {"unit": unit, "points": plain(points)}


def _lost_last_month(inspection: Inspection, item: RubricItem) -> QuerySet[Any, Any]:
    """What each of last month's visits took off the same item; None where it took nothing."""
    month: Month = inspection.round.period
    visits: QuerySet[Any, Any] = (
        Inspection.objects.filter(
            inspected_branch_id=inspection.inspected_branch_id,
            round__month=month.plus(-1).first_day,
        )
        .done()
        .order_by()
        .annotate(lost=Sum("deductions__points", filter=Q(deductions__item__code=item.code)))
        .values_list("lost", flat=True)
    )
    return visits


def _mean_kept(item: RubricItem, lost: Iterable[Decimal | None]) -> Decimal | None:
    """Mean marks of the item over visits that took off ``lost``, None without any visit."""
    kept = [max(Decimal(0), item.full_marks - (points or Decimal(0))) for points in lost]
    return sum(kept, Decimal(0)) / len(kept) if kept else None


@dataclass(frozen=True, slots=True)
class SummedItem:
    """An item that lost marks: its lines, each with the pictures beside it."""

    entry: SheetItem
    lines: Sequence[tuple[Deduction, Sequence[SheetPhoto]]]


@dataclass(frozen=True, slots=True)
class Summary:
    """The sheet summed up for both sides."""

    state: SheetState
    biggest: Sequence[SummedItem]
    findings: Sequence[Finding]
    key_ok: bool
    key_count: int


def summary(inspection: Inspection, *beside: QuerySet[Any, Any]) -> Summary:
    """One query, in which ``beside`` is read too."""
    photographs = photos_of_visit(inspection)
    findings = inspection.findings.select_related("item").order_by("number")
    state = read_sheet(inspection, photographs, findings, *beside)
    photos = by_rule(photographs)
    deducted = sorted(
        (entry for entry in state.items if entry.lines),
        key=lambda e: (-e.deducted, e.item.sort_order),
    )
    return Summary(
        state=state,
        biggest=[
            SummedItem(entry, [(line, photos.get(line.rule_id, ())) for line in entry.lines])
            for entry in deducted
        ],
        findings=list(findings),
        key_ok=not state.key_failures,
        key_count=sum(1 for e in state.items if e.item.is_key_work),
    )
