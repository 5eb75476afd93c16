"""The table of a round: branch by branch what is owed and who visits, and the short list of those
who owe something.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from branches.duty_cells import duty_cell, duty_columns
from branches.duty_facts import DutyCell, DutyState
from branches.duty_matrix import DutyMatrix
from branches.models import BranchType
from evaluations.lifecycles import InspectionStatus
from evaluations.models import (
    Inspection,
    MonthRound,
    RoundParticipant,
)
from portal.kernel import ui

# A sheet that a second visit replaced was made: its slot is filled.
DONE = (InspectionStatus.SUBMITTED, InspectionStatus.CONFIRMED, InspectionStatus.SET_ASIDE)


@dataclass(frozen=True, slots=True)
class Missing:
    """One branch that owes something, for the short list beside the next step."""

    branch_id: int
    name: str
    what: str
    status: ui.Status
    days_late: int


def missing_of(
    participants: Sequence[RoundParticipant], cells: dict[int, tuple[DutyCell, ...]]
) -> list[Missing]:
    found = []
    for participant in participants:
        owed = [c for c in cells.get(participant.branch_id, ()) if c.is_left]
        if not owed:
            continue
        late = [c for c in owed if c.state == DutyState.OVERDUE]
        worst = max((c.days for c in late), default=0)
        if late:
            status = ui.Status("late", _("逾期 %(n)d 天") % {"n": abs(worst)})
        else:
            nearest = min((abs(c.days) for c in owed), default=0)
            soon = any(c.state == DutyState.DUE_SOON for c in owed)
            status = ui.Status(
                "soon" if soon else "idle",
                _("剩 %(n)d 天") % {"n": nearest} if nearest else _("今天到期"),
            )
        found.append(
            Missing(
                participant.branch_id,
                participant.branch.name,
                "、".join(c.rule.label for c in (late or owed)[:2])
                + (_("等 %(n)d 项") % {"n": len(owed)} if len(owed) > 2 else ""),
                status,
                abs(worst) if late else 0,
            )
        )
    return sorted(found, key=lambda m: (ui.STATE_ORDER.index(m.status.state), -m.days_late))


def round_matrix(
    round_: MonthRound,
    participants: Sequence[RoundParticipant],
    cells: dict[int, tuple[DutyCell, ...]],
    visits: dict[int, list[Inspection]],
    duties: DutyMatrix,
    branch_type: str,
    only_missing: bool,
) -> ui.Matrix:
    most_visits = max([round_.policy.visits_per_branch, *(len(v) for v in visits.values())])
    columns = duty_columns(duties.rules)
    columns += [
        ui.Column(
            code=_("互查"),
            lines=[_("第%(n)d次") % {"n": number + 1}],
            starts_block=number == 0,
        )
        for number in range(most_visits)
    ]
    of_rules = {row.branch_id: row.of(duties.rules) for row in duties.rows}
    groups = []
    for value, label in BranchType.choices:
        if branch_type and branch_type != value:
            continue
        mine = [p for p in participants if p.branch_type == value]
        rows = []
        for participant in mine:
            row_cells = [
                duty_cell(cell, participant.branch_id)
                for cell in of_rules.get(participant.branch_id, ())
            ]
            visit_cells = _visit_cells(participant, visits[participant.pk], most_visits)
            missing = sum(c.is_left for c in cells.get(participant.branch_id, ()))
            lacks_team = any(c.state == "late" for c in visit_cells)
            if only_missing and not (missing or lacks_team):
                continue
            rows.append(
                ui.MatrixRow(
                    name=participant.branch.name,
                    cells=[*row_cells, *visit_cells],
                    missing=missing,
                    url=reverse("branches:detail", args=[participant.branch_id]),
                    indent=participant.parent_id is not None,
                )
            )
        if rows:
            groups.append(ui.MatrixGroup(label, rows, note=_("%(n)d 个") % {"n": len(mine)}))
    return ui.Matrix(columns=columns, groups=groups, caption=_("支部与任务"))


def _visit_cells(
    participant: RoundParticipant, visits: Sequence[Inspection], most: int
) -> list[ui.Cell]:
    if participant.is_exempt:
        return [ui.Cell("na", _("不参评"), hidden=_("不参评")) for _n in range(most)]
    cells = []
    for visit in visits:
        url = reverse("evaluations:sheet", args=[visit.pk])
        if visit.status in DONE:
            cells.append(ui.Cell("done", hidden=_("%(t)s已查") % {"t": visit.team.label}, url=url))
        elif visit.status == InspectionStatus.UNDER_WAY:
            cells.append(ui.Cell("doing", _("在查"), hidden=visit.team.label, url=url))
        else:
            when = _("%(n)d日") % {"n": visit.planned_on.day} if visit.planned_on else _("待定")
            cells.append(ui.Cell("plan", when, hidden=visit.team.label, url=url))
    cells += [ui.Cell("late", _("缺组")) for _n in range(most - len(visits))]
    return cells
