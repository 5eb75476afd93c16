"""The way to a sheet that is about to be written: its lock, the month's window, the beginning of
the visit."""

from __future__ import annotations

import datetime as dt

from django.utils.translation import gettext as _

from evaluations.lifecycles import INSPECTION, InspectionStatus, RoundStatus
from evaluations.models import Inspection
from portal.accounts.models import User
from portal.kernel.errors import TransitionRefused


def locked_sheet(inspection_id: int, actor: User) -> Inspection:
    """The sheet with its row locked, and whether ``actor`` has a seat in its team."""
    inspection: Inspection = (
        Inspection.objects.with_seat_of(actor)
        .select_for_update(of=("self",))
        .select_related(
            "round__committee",
            "round__policy",
            "team__branch",
            "participant__branch",
            "participant__rubric_version",
        )
        .get(pk=inspection_id)
    )
    return inspection


def begin_visit(inspection: Inspection, now: dt.datetime) -> None:
    """The first word in the field begins the visit. The caller holds the lock."""
    if inspection.status == InspectionStatus.PLANNED:
        INSPECTION.take(inspection, "start")
        inspection.started_at = now
        inspection.save(update_fields=["status", "started_at"])


def check_in_window(inspection: Inspection) -> None:
    """TransitionRefused, in words, while the month lets no sheet be filled."""
    if inspection.is_in_window:
        return
    if inspection.round.status == RoundStatus.OPEN:
        raise TransitionRefused(
            _("%(month)s的互查还没有开始，不能填评分表。") % {"month": inspection.round.label}
        )
    raise TransitionRefused(
        _("%(month)s的互查已经结束，评分表不能再改。") % {"month": inspection.round.label}
    )
