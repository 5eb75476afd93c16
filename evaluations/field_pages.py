"""What an inspector or an inspected secretary needs on the phone where there is no signal."""

from __future__ import annotations

from collections.abc import Iterator

from django.urls import reverse
from django.utils.translation import gettext as _

from evaluations.models import Inspection
from evaluations.selectors.sheets import desk
from evaluations.services.sheet_state import rubric_content
from portal.accounts.models import User
from portal.kernel.words import zh_date
from portal.offline import keeping

MOST_VISITS = 6


def plug_in() -> None:
    """Called once by ``EvaluationsConfig.ready``."""
    keeping.register_pages("sheets", sheets_of)


def sheets_of(user: User) -> Iterator[keeping.FieldPage]:
    """The sheets to fill in an open inspection window, and those to confirm."""
    found = desk(user)
    to_do = [v for v in found.to_do if v.is_in_window][:MOST_VISITS]
    if to_do or found.to_confirm:
        yield keeping.FieldPage(url=reverse("evaluations:sheets"), title=_("互查任务"))
    for visit in to_do:
        yield _to_fill(visit)
    for visit in found.to_confirm[:MOST_VISITS]:
        yield keeping.FieldPage(
            url=reverse("evaluations:sheet-summary", args=[visit.pk]),
            title=_("确认%(team)s的评分表") % {"team": visit.team.label},
        )


def _to_fill(visit: Inspection) -> keeping.FieldPage:
    items = rubric_content(visit.participant.rubric_version)
    return keeping.FieldPage(
        url=reverse("evaluations:sheet", args=[visit.pk]),
        title=_("去查%(branch)s") % {"branch": visit.participant.branch.name},
        hint=zh_date(visit.planned_on),
        further=[
            reverse("evaluations:sheet-summary", args=[visit.pk]),
            *(reverse("evaluations:sheet-item", args=[visit.pk, item.pk]) for item in items),
        ],
        data={
            f"sheets/{visit.pk}": reverse("api:sheet-items", args=[visit.pk]),
            f"photos/{visit.pk}": reverse("api:sheet-photos", args=[visit.pk]),
        },
    )
