"""支部书记首页: the duties of the month by urgency, and the days of the week."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence

from django.utils.translation import gettext as _

from branches.duty_cells import action_address, action_word, proof_address
from branches.duty_facts import DutyCell, DutyRow, DutyState
from branches.models import Branch
from evaluations.models import Finding, Inspection
from portal.kernel import ui
from portal.kernel.words import days_words

SHOWN_DONE = 6
WEEKDAYS = 5
LINES_A_DAY = 2
GOING = ("planned", "under_way")


def duty_groups(branch: Branch, row: DutyRow | None) -> tuple[list[ui.DutyGroup], list[ui.Duty]]:
    """Groups by urgency; done rows beyond the first few come apart."""
    if row is None:
        return [], []
    left = {state: [c for c in row.left if c.state == state] for state in DutyState}
    done = sorted(
        (c for c in row.cells if c.counts and c.is_fulfilled),
        key=lambda c: c.done_on or dt.date.min,
        reverse=True,
    )
    soon = left[DutyState.DUE_SOON]
    most = max((cell.days for cell in soon), default=0)
    soon_label = (
        _("%(days)d 天内到期 %(count)d") % {"days": max(most, 1), "count": len(soon)}
        if most <= 7
        else _("本月到期 %(count)d") % {"count": len(soon)}
    )
    groups = [
        _group(branch, _("逾期 %(count)d"), left[DutyState.OVERDUE], "late"),
        ui.DutyGroup(soon_label, [_duty(branch, cell) for cell in soon], "soon"),
        _group(branch, _("待核实 %(count)d"), left[DutyState.TO_VERIFY], "doing"),
        _group(branch, _("未到期 %(count)d"), left[DutyState.NOT_DUE], "idle"),
        ui.DutyGroup(
            _("已完成 %(count)d") % {"count": len(done)},
            [_duty(branch, cell) for cell in done[:SHOWN_DONE]],
            "done",
            _long_ones(done),
        ),
    ]
    return [g for g in groups if g.rows], [_duty(branch, cell) for cell in done[SHOWN_DONE:]]


def _long_ones(done: Sequence[DutyCell]) -> str:
    """Says which of the done were due less often than monthly."""
    words = {"Q": _("季度"), "H": _("半年"), "Y": _("年度")}
    frequencies = {cell.rule.frequency for cell in done}
    found = [word for frequency, word in words.items() if frequency in frequencies]
    return _("含%(periods)s任务") % {"periods": "、".join(found)} if found else ""


def _group(branch: Branch, label: str, cells: Sequence[DutyCell], state: ui.State) -> ui.DutyGroup:
    return ui.DutyGroup(
        label % {"count": len(cells)}, [_duty(branch, cell) for cell in cells], state
    )


def _duty(branch: Branch, cell: DutyCell) -> ui.Duty:
    record = proof_address(cell, branch.pk)
    if cell.is_fulfilled:
        return ui.Duty(
            title=cell.title,
            status=ui.Status("done", _("已完成"))
            if cell.state == DutyState.DONE
            else ui.Status("makeup", _("补录")),
            code=cell.rule.item_code,
            is_key=cell.rule.is_key,
            line=cell.note,
            due=cell.done_on,
            url=record,
        )
    if cell.state == DutyState.TO_VERIFY:
        return ui.Duty(
            title=cell.title,
            status=ui.Status("doing", _("待核实")),
            code=cell.rule.item_code,
            is_key=cell.rule.is_key,
            line=cell.note,
            due=cell.due_on,
            action=action_word(cell),
            url=action_address(cell, branch.pk),
        )
    states: dict[DutyState, ui.State] = {DutyState.OVERDUE: "late", DutyState.DUE_SOON: "soon"}
    return ui.Duty(
        title=cell.title,
        status=ui.Status(states.get(cell.state, "idle"), days_words(cell.days)),
        code=cell.rule.item_code,
        is_key=cell.rule.is_key,
        line=cell.note,
        due=cell.due_on,
        action=action_word(cell),
        url=action_address(cell, branch.pk),
    )


def week_days(
    today: dt.date,
    records_due_on: dt.date,
    row: DutyRow | None,
    going: Sequence[Inspection],
    coming: Sequence[Inspection],
    findings: Sequence[Finding],
) -> list[ui.Day]:
    """Monday to Friday of this week (on a rest day, of the next); two lines a day at most, and
    the lock is always on it."""
    monday = today - dt.timedelta(days=today.weekday())
    if today.weekday() >= WEEKDAYS:
        monday += dt.timedelta(days=7)
    lines: dict[dt.date, list[str]] = defaultdict(list)
    for visit in going:
        if visit.planned_on and visit.status in GOING:
            lines[visit.planned_on].append(
                _("%(time)s去查%(name)s")
                % {"time": visit_time(visit), "name": visit.inspected_branch.label}
            )
    for visit in coming:
        if visit.planned_on:
            lines[visit.planned_on].append(
                _("%(time)s%(name)s来查")
                % {"time": visit_time(visit), "name": visit.inspector_branch.label}
            )
    for finding in findings:
        if finding.status != "reported":
            lines[finding.due_on].append(_("%(code)s整改到期") % {"code": finding.item.code})
    for cell in row.cells if row else ():
        if cell.is_left and cell.due_on and cell.due_on != records_due_on:
            lines[cell.due_on].append(_("%(name)s到期") % {"name": cell.rule.label})
        elif cell.is_fulfilled and cell.done_on:
            lines[cell.done_on].append(_("%(name)s，已记") % {"name": cell.rule.label})
    days = []
    for offset in range(WEEKDAYS):
        day = monday + dt.timedelta(days=offset)
        room = LINES_A_DAY - (day == records_due_on)
        said = lines[day]
        if len(said) > room:
            rest = len(said) - room + 1
            said = [*said[: room - 1], _("%(count)d 件事") % {"count": rest}]
        if day == records_due_on:
            said = [*said, _("24:00 记录锁定")]
        days.append(ui.Day(day, said, is_today=day == today, is_past=day < today))
    return days


def visit_time(visit: Inspection) -> str:
    return f"{visit.planned_time:%H:%M} ".lstrip("0") if visit.planned_time else ""
