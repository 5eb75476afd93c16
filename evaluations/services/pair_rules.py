"""The rules that every road to a visit asks, drawn, by hand or after an appeal."""

from __future__ import annotations

from django.utils.translation import gettext as _

from evaluations.models import (
    Inspection,
    MonthRound,
)
from portal.kernel.errors import DomainError


def check_pair(round_: MonthRound, inspection: Inspection) -> None:
    """The hard rules of a pair; the database repeats the first two."""
    team, inspected = inspection.team, inspection.participant
    if team.round_id != round_.pk or inspected.round_id != round_.pk:
        raise DomainError(_("检查组和被查支部须属于同一个月。"))
    home = round_.participants.get(branch_id=team.branch_id)
    inspection.inspector_branch_id = home.branch_id
    inspection.inspected_branch_id = inspected.branch_id
    inspection.inspector_type = home.branch_type
    inspection.inspected_type = inspected.branch_type
    if home.branch_id == inspected.branch_id:
        raise DomainError(_("不能检查自己的支部。"), field="participant")
    if home.branch_type == inspected.branch_type:
        raise DomainError(
            _("%(a)s和%(b)s同为%(type)s，互查须由不同类型的支部进行。")
            % {"a": home, "b": inspected, "type": home.get_branch_type_display()},
            field="participant",
        )
    above = {home.parent_id or home.branch_id} & {inspected.parent_id or inspected.branch_id}
    if above:
        raise DomainError(_("同一党总支内不能互查。"), field="participant")
    if inspected.is_exempt:
        raise DomainError(_("该支部本月不参评，不安排检查。"), field="participant")
    others = round_.inspections.exclude(pk=inspection.pk)
    if others.filter(team=team, participant=inspected).exists():
        raise DomainError(_("该组本月已安排检查这个支部。"), field="participant")
    if others.filter(
        inspector_branch_id=inspected.branch_id, inspected_branch_id=home.branch_id
    ).exists():
        raise DomainError(
            _("%(b)s本月已检查%(a)s，不能互为检查方。") % {"a": home, "b": inspected},
            field="participant",
        )
