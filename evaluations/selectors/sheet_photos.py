"""Pictures of a visit, beside the rules of its sheet and beside findings; who may open them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from django.db.models import QuerySet

from evaluations.models import Finding, Inspection, SheetPhoto

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from portal.accounts.models import User


def photos_of_visit(inspection: Inspection) -> QuerySet[SheetPhoto]:
    """The pictures of a visit."""
    return SheetPhoto.objects.filter(inspection=inspection).select_related("picture")


def by_rule(photos: Iterable[SheetPhoto]) -> Mapping[int, Sequence[SheetPhoto]]:
    """The pictures of one visit by the rule they stand beside."""
    found: dict[int, list[SheetPhoto]] = defaultdict(list)
    for photo in photos:
        found[photo.rule_id].append(photo)
    return found


def photos_of_findings(findings: Sequence[Finding]) -> QuerySet[SheetPhoto]:
    """The pictures taken when these findings were raised, and a few more where several visits
    are concerned (see :func:`by_finding`). The findings come with their deductions."""
    wanted = _places(findings)
    return SheetPhoto.objects.filter(
        inspection__in={visit for visit, _rule in wanted},
        rule__in={rule for _visit, rule in wanted},
    ).select_related("picture", "rule")


def by_finding(
    findings: Sequence[Finding], photos: Iterable[SheetPhoto]
) -> Mapping[int, Sequence[SheetPhoto]]:
    """The pictures by the key of the finding they stand beside."""
    wanted = _places(findings)
    found: dict[int, list[SheetPhoto]] = defaultdict(list)
    for photo in photos:
        if finding_pk := wanted.get((photo.inspection_id, photo.rule_id)):
            found[finding_pk].append(photo)
    return found


def _places(findings: Sequence[Finding]) -> dict[tuple[int, int], int]:
    """Finding by visit and rule: where its pictures are."""
    return {
        (finding.inspection_id, finding.deduction.rule_id): finding.pk
        for finding in findings
        if finding.deduction is not None
    }


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
