"""The score sheet of one visit: filled in the field, saved as one goes, sealed, confirmed.

Two inspectors of one team may have the sheet open at once. Each save carries the version of
the item that the screen was drawn from: a save that would overwrite somebody else's change is
refused with EditConflict and nothing is lost on either side.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from evaluations.lifecycles import FINDING, INSPECTION, InspectionStatus
from evaluations.models import (
    CheckState,
    Deduction,
    Finding,
    FindingKind,
    Inspection,
    ItemCheck,
    RubricItem,
    Severity,
)
from evaluations.permissions import may_confirm_sheet, may_fill_sheet
from evaluations.scoring import DueState, deduction_points
from evaluations.services import second_visits, sheet_photos, signatures
from evaluations.services.finding_days import finding_due_on
from evaluations.services.sheet_gate import begin_visit, check_in_window, locked_sheet
from evaluations.services.sheet_state import (
    SheetItem,
    SheetState,
    assemble,
    read_sheet,
    seal,
    state_of,
)
from portal.accounts.models import User
from portal.audit.services import record
from portal.kernel.errors import DomainError, EditConflict, TransitionRefused
from portal.kernel.months import local_date
from portal.offline.clock import Moment

MAX_COUNT = 999
MAX_FACT = 500


@dataclass(frozen=True, slots=True)
class LineInput:
    """One deduction as the inspector enters it. Lines not given, or with count 0, go."""

    rule_id: int
    count: int
    fact: str = ""
    severity: str = Severity.MINOR
    kind: str = FindingKind.FIX_BY_DATE


@dataclass(frozen=True, slots=True)
class OverrideInput:
    """The inspector's word on an item: not applicable this month, or done early and judged."""

    state: str
    reason: str


@dataclass(frozen=True, slots=True)
class ItemInput:
    """One item as the screen sends it; ``version`` is the one it was drawn from. ``overrules``:
    the inspector saw both versions of a conflict and chose this one."""

    item_id: int
    lines: tuple[LineInput, ...] = ()
    override: OverrideInput | None = None
    version: int = 0
    overrules: bool = False


def start_sheet(*, inspection_id: int, actor: User, now: dt.datetime) -> Inspection:
    """Begin the visit. Starting a sheet that is under way already is no error."""
    with transaction.atomic():
        inspection = locked_sheet(inspection_id, actor)
        if not may_fill_sheet(actor, inspection):
            raise PermissionDenied
        check_in_window(inspection)
        if inspection.status == InspectionStatus.UNDER_WAY:
            return inspection
        INSPECTION.take(inspection, "start")
        inspection.started_at = now
        inspection.save(update_fields=["status", "started_at"])
        record(code="sheet.started", target=inspection, actor=actor, now=now)
    return inspection


def save_item(
    *,
    inspection_id: int,
    item_id: int,
    lines: Sequence[LineInput],
    override: OverrideInput | None,
    version: int,
    overrules: bool = False,
    actor: User,
    now: dt.datetime,
) -> SheetState:
    """Save one item of the sheet: its deductions, and whether it is judged at all.

    ``version`` is the item's version the screen was drawn from (0: nobody had looked at it).
    When somebody else saved the item since, EditConflict is raised and nothing is written.
    Refused in words: a count without a fact, a rule of another item, a month not in its
    inspection window, a sheet already submitted. Saving the first item starts the visit.
    ``overrules``: what stood there before goes into the audit trail, word by word.
    """
    given = ItemInput(item_id, tuple(lines), override, version, overrules)
    return save_items(inspection_id=inspection_id, items=[given], actor=actor, now=now)


def save_items(
    *, inspection_id: int, items: Sequence[ItemInput], actor: User, now: dt.datetime
) -> SheetState:
    """Save several items at once, as a phone does that was without a signal: all or none, in
    as many statements as one. Raises as :func:`save_item`."""
    with transaction.atomic():
        inspection = locked_sheet(inspection_id, actor)
        if not may_fill_sheet(actor, inspection):
            raise PermissionDenied
        check_in_window(inspection)
        begin_visit(inspection, now)
        if inspection.status != InspectionStatus.UNDER_WAY:
            raise TransitionRefused(_("评分表已提交，不能再改。需要修改请先撤回。"))
        state = read_sheet(inspection)
        entries = {entry.item.pk: entry for entry in state.items}
        changed: dict[int, tuple[SheetItem, list[Deduction]]] = {}
        checks: list[ItemCheck] = []
        for given in items:
            entry = entries.get(given.item_id)
            if entry is None:
                raise DomainError(_("这个考评项目不在本支部的评分表里。"))
            if given.item_id in changed:
                raise DomainError(_("同一个考评项目交了两次。"))
            override = given.override
            wanted = _checked_lines(inspection, entry.item, given.lines, override)
            if given.version != entry.version:
                if entry.check and _same(entry, wanted, override):
                    continue  # a second press of the same save
                raise EditConflict(
                    _("同组的另一位检查人刚改过“%(item)s”。您填的内容还在，请核对后再存。")
                    % {"item": entry.item}
                )
            changed[given.item_id] = (entry, wanted)
            if given.overrules:
                _keep_overruled(entry, wanted, actor, now)
            checks.append(
                ItemCheck(
                    inspection=inspection,
                    item=entry.item,
                    state=override.state if override else "",
                    reason=override.reason.strip()[:200] if override else "",
                    version=given.version + 1,
                    checked_by=actor,
                    checked_at=now,
                )
            )
        if not changed:
            return state
        ItemCheck.objects.bulk_create(
            checks,
            update_conflicts=True,
            unique_fields=["inspection", "item"],
            update_fields=["state", "reason", "version", "checked_by", "checked_at"],
        )
        kept = _write_lines(changed.values())
    others = [line for line in state.lines if line.item_id not in changed]
    known = {entry.item.pk: entry.check for entry in state.items if entry.check}
    known |= {check.item_id: check for check in checks}
    return assemble(inspection, [*others, *kept], known)


def submit_sheet(
    *,
    inspection_id: int,
    highlights: str = "",
    rest_is_fine: bool = False,
    made: Moment | None = None,
    actor: User,
    now: dt.datetime,
) -> Inspection:
    """Seal the sheet: score and digest are set, each deduction becomes a finding with a due
    date, the inspected secretary is asked to confirm.

    Items nobody has looked at keep their full marks only if ``rest_is_fine`` says so;
    otherwise DomainError names how many are left. ``made``: when the team signed on a phone
    without a signal; kept beside the time at which the portal heard of it.
    """
    with transaction.atomic():
        inspection = locked_sheet(inspection_id, actor)
        if not may_fill_sheet(actor, inspection):
            raise PermissionDenied
        check_in_window(inspection)
        INSPECTION.take(inspection, "submit")
        left = len(read_sheet(inspection).unchecked)
        if left and not rest_is_fine:
            raise DomainError(
                _("还有 %(left)d 项没有看。都没有问题的话，请勾选“其余各项无扣分”再提交。")
                % {"left": left},
                field="rest_is_fine",
            )
        inspection.submitted_at = now
        inspection.submitted_by = actor
        inspection.highlights = highlights.strip()
        seal(inspection)
        inspection.save()
        sheet_photos.drop_unspoken(inspection)
        _raise_findings(inspection, now)
        if inspection.replaces_id is not None:
            second_visits.settle(second=inspection, actor=actor, now=now)
        if made is not None:
            signatures.sign_as_inspectors(inspection=inspection, made=made, actor=actor, now=now)
        record(
            code="sheet.submitted",
            target=inspection,
            actor=actor,
            now=now,
            after={"score": inspection.score, "digest": inspection.digest},
        )
    return inspection


def take_back(*, inspection_id: int, actor: User, now: dt.datetime) -> Inspection:
    """Back to the desk before the other side has confirmed; its findings go with it."""
    with transaction.atomic():
        inspection = locked_sheet(inspection_id, actor)
        if not may_fill_sheet(actor, inspection):
            raise PermissionDenied
        check_in_window(inspection)
        if inspection.replaces_id is not None:
            raise TransitionRefused(_("重查的评分表提交后就代替原表，不能撤回。"))
        if Inspection.objects.filter(replaces=inspection).exists():
            raise TransitionRefused(_("这张评分表正在另派组重查，不能撤回修改。"))
        INSPECTION.take(inspection, "take_back")
        inspection.findings.all().delete()
        signatures.withdraw(inspection)
        inspection.submitted_at = None
        inspection.submitted_by = None
        inspection.score = None
        inspection.digest = ""
        inspection.save()
        record(code="sheet.taken_back", target=inspection, actor=actor, now=now)
    return inspection


def confirm_sheet(*, inspection_id: int, actor: User, now: dt.datetime) -> Inspection:
    """The inspected secretary confirms that the facts are true (not the marks)."""
    return _answer(inspection_id, "confirm", "", actor, now)


def object_to_sheet(*, inspection_id: int, text: str, actor: User, now: dt.datetime) -> Inspection:
    """The inspected secretary objects. The objection is recorded and blocks nothing; points
    may be contested by an appeal once the preliminary scores are shown."""
    if not text.strip():
        raise DomainError(_("请写明哪一条不属实、为什么。"), field="objection")
    return _answer(inspection_id, "object", text.strip(), actor, now)


def _answer(
    inspection_id: int, name: str, objection: str, actor: User, now: dt.datetime
) -> Inspection:
    with transaction.atomic():
        inspection = locked_sheet(inspection_id, actor)
        if not may_confirm_sheet(actor, inspection):
            raise PermissionDenied
        if inspection.round.is_published:
            raise TransitionRefused(_("本月已通报，评分表不能再改。"))
        INSPECTION.take(inspection, name)
        inspection.confirmed_at = now
        inspection.confirmed_by = actor
        inspection.objection = objection
        inspection.save()
        wanted = "dispute" if objection else "confirm"
        for finding in inspection.findings.select_for_update():
            FINDING.take(finding, wanted)
            finding.save(update_fields=["status"])
        record(
            code=f"sheet.{name}ed",
            target=inspection,
            actor=actor,
            now=now,
            after={"objection": objection} if objection else None,
        )
    return inspection


# -- inside ---------------------------------------------------------------------------


def _checked_lines(
    inspection: Inspection,
    item: RubricItem,
    lines: Sequence[LineInput],
    override: OverrideInput | None,
) -> list[Deduction]:
    """What the screen sent as unsaved rows, or the sentence that says what is wrong with it."""
    if override is not None:
        if override.state not in (CheckState.NOT_APPLICABLE, CheckState.JUDGED):
            raise DomainError(_("不认识的情况。"), field="override")
        if not override.reason.strip():
            raise DomainError(_("请写明为什么。"), field="override_reason")
    rules = {rule.pk: rule for rule in item.rules.all()}
    wanted = [line for line in lines if line.count > 0]
    state = state_of(inspection, item, override.state if override else "")
    if wanted and state is not DueState.DUE:
        raise DomainError(_("本项本月不评，不能扣分。已开展的请先选“照常检查”。"))
    checked: dict[int, Deduction] = {}
    for line in wanted:
        rule = rules.get(line.rule_id)
        if rule is None:
            raise DomainError(_("这条扣分标准不属于本项。"))
        if line.count > MAX_COUNT:
            raise DomainError(
                _("次数不能超过 %(max)d。") % {"max": MAX_COUNT}, field=f"count-{rule.pk}"
            )
        if not line.fact.strip():
            raise DomainError(
                _("“%(rule)s”要写明事实：时间、地点、人数。") % {"rule": rule.text},
                field=f"fact-{rule.pk}",
            )
        if len(line.fact.strip()) > MAX_FACT:
            raise DomainError(
                _("事实请控制在 %(max)d 字以内。") % {"max": MAX_FACT}, field=f"fact-{rule.pk}"
            )
        if line.severity not in Severity.values or line.kind not in FindingKind.values:
            raise DomainError(_("不认识的程度或整改方式。"), field=f"severity-{rule.pk}")
        checked[rule.pk] = Deduction(
            inspection=inspection,
            item=item,
            rule=rule,
            count=line.count,
            points=deduction_points(
                points=rule.points,
                takes_all=rule.takes_all,
                count=line.count,
                full_marks=item.full_marks,
            ),
            fact=line.fact.strip(),
            severity=line.severity,
            kind=line.kind,
        )
    return sorted(checked.values(), key=lambda line: line.rule.number)


def _keep_overruled(
    entry: SheetItem, wanted: Sequence[Deduction], actor: User, now: dt.datetime
) -> None:
    """Both versions of a conflict stay readable, whichever was chosen."""

    def text(lines: Iterable[Deduction]) -> list[str]:
        return [f"{n.rule.text}×{n.count}：{n.fact}" for n in lines]

    if entry.check is not None:
        record(
            code="sheet.item_overruled",
            target=entry.check,
            actor=actor,
            now=now,
            before={"by": entry.check.checked_by_id, "lines": text(entry.lines)},
            after={"lines": text(wanted)},
        )


_LINE_FIELDS = ("count", "points", "fact", "severity", "kind")


def _same(entry: SheetItem, wanted: Sequence[Deduction], override: OverrideInput | None) -> bool:
    def content(lines: Iterable[Deduction]) -> list[tuple[object, ...]]:
        return [(n.rule_id, n.count, n.fact, n.severity, n.kind) for n in lines]

    said = (override.state, override.reason.strip()) if override else ("", "")
    return (
        entry.check is not None
        and (entry.check.state, entry.check.reason) == said
        and content(entry.lines) == content(wanted)
    )


def _write_lines(
    changed: Collection[tuple[SheetItem, list[Deduction]]],
) -> list[Deduction]:
    """Make the rows of each item equal what is wanted, with at most two statements."""
    kept = [line for _entry, wanted in changed for line in wanted]
    kept_rules = {line.rule_id for line in kept}
    gone = [
        line.pk
        for entry, _wanted in changed
        for line in entry.lines
        if line.rule_id not in kept_rules
    ]
    if gone:
        Deduction.objects.filter(pk__in=gone).delete()
    if kept:
        Deduction.objects.bulk_create(
            kept,
            update_conflicts=True,
            unique_fields=["inspection", "rule"],
            update_fields=list(_LINE_FIELDS),
        )
    return kept


def _raise_findings(inspection: Inspection, now: dt.datetime) -> None:
    lines = list(
        Deduction.objects.filter(inspection=inspection)
        .select_related("item", "rule")
        .order_by("item__sort_order", "rule__number")
    )
    policy = inspection.round.policy
    today = local_date(now)
    Finding.objects.bulk_create(
        [
            Finding(
                inspection=inspection,
                deduction=line,
                branch_id=inspection.inspected_branch_id,
                item=line.item,
                number=number,
                fact=line.fact,
                severity=line.severity,
                kind=line.kind,
                raised_at=now,
                due_on=finding_due_on(policy, line.kind, line.severity, today),
            )
            for number, line in enumerate(lines, start=1)
        ]
    )
