"""Pictures of a visit, beside the rules of its sheet and beside findings; who may open them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from evaluations.models import Finding, Inspection, SheetPhoto

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from portal.accounts.models import User


def photos_by_rule(inspection: Inspection) -> Mapping[int, Sequence[SheetPhoto]]:
    """The pictures of a visit by the rule they stand beside. One query."""
    found: dict[int, list[SheetPhoto]] = defaultdict(list)
    for photo in SheetPhoto.objects.filter(inspection=inspection).select_related("picture"):
        found[photo.rule_id].append(photo)
    return found


def photos_of_findings(findings: Sequence[Finding]) -> Mapping[int, Sequence[SheetPhoto]]:
    """The pictures taken when these findings were raised, by the finding's key; the rows come
    with their deductions. One query."""
    wanted = {
        (finding.inspection_id, finding.deduction.rule_id): finding.pk
        for finding in findings
        if finding.deduction is not None
    }
    found: dict[int, list[SheetPhoto]] = defaultdict(list)
    if not wanted:
        return found
    photos = SheetPhoto.objects.filter(
        inspection__in={visit for visit, _rule in wanted},
        rule__in={rule for _visit, rule in wanted},
    ).select_related("picture", "rule")
    for photo in photos:
        if finding_pk := wanted.get((photo.inspection_id, photo.rule_id)):
            found[finding_pk].append(photo)
    return found


def may_open_photo(user: User | AnonymousUser, key: str) -> bool:
    """Whoever sees the sheet, or the finding beside which the picture stands."""
    photo = SheetPhoto.objects.filter(pk=key).first()
    if photo is None:
        return False
    if Inspection.objects.visible_to(user).filter(pk=photo.inspection_id).exists():
        return True
    beside = Finding.objects.filter(
        inspection_id=photo.inspection_id, deduction__rule_id=photo.rule_id
    )
    return bool(beside.with_files_for(user).exists())
