"""Which papers beside a record cost marks when they are missing, by the rubric in force."""

from __future__ import annotations

from collections.abc import Sequence

from branches.evidence import WantedPaper
from branches.models import Activity, Branch
from evaluations.models import Rubric, RubricItem
from evaluations.services.rubrics import version_in_force
from portal.kernel.months import Month


def papers_of_items(activity: Activity, codes: Sequence[str]) -> list[WantedPaper]:
    """The papers of these items that a deduction rule of theirs names (``无讲稿或课件`` names
    讲稿). The others are optional and are not asked for. Five queries at most."""
    month = Month.of(activity.held_on)
    branch = Branch.objects.filter(pk=activity.branch_id).classified(month).first()
    rubric = Rubric.objects.filter(subject=branch.branch_type).first() if branch else None
    version = version_in_force(rubric, month) if rubric else None
    if version is None:
        return []
    items = RubricItem.objects.filter(version=version, code__in=codes).prefetch_related("rules")
    return [
        WantedPaper(item.code, item.name, paper, rule.text)
        for item in items
        for paper in item.evidence.split("、")
        for rule in item.rules.all()
        if paper and paper in rule.text
    ]
