"""Which papers beside a record cost marks when they are missing, by the rubric in force."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Subquery

from branches.evidence import WantedPaper
from branches.models import Activity, Branch
from evaluations.models import DeductionRule, RubricItem, RubricVersion, VersionStatus
from portal.kernel.months import Month


def papers_of_items(activity: Activity, codes: Sequence[str]) -> list[WantedPaper]:
    """The papers of these items that a deduction rule of theirs names (``无讲稿或课件`` names
    讲稿). The others are optional and are not asked for. One query."""
    if not codes:
        return []
    month = Month.of(activity.held_on)
    branch = Branch.objects.filter(pk=activity.branch_id).classified(month)
    version = RubricVersion.objects.filter(
        rubric__subject=Subquery(branch.values("branch_type")[:1]),
        status=VersionStatus.ACTIVE,
        first_month__lte=month.first_day,
    ).order_by("-first_month")
    rules = DeductionRule.objects.filter(
        item__version=Subquery(version.values("pk")[:1]), item__code__in=codes
    )
    items: dict[RubricItem, list[DeductionRule]] = {}
    for rule in rules.select_related("item").order_by("item__sort_order", "number"):
        items.setdefault(rule.item, []).append(rule)
    return [
        WantedPaper(item.code, item.name, paper, rule.text)
        for item, own in items.items()
        for paper in item.evidence.split("、")
        for rule in own
        if paper and paper in rule.text
    ]
