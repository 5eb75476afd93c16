"""What a visiting team looks at first: what earlier months found in the branch."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from evaluations.lifecycles import FindingStatus, InspectionStatus
from evaluations.models import Finding, FindingEvent, Inspection, Severity, SheetPhoto
from evaluations.querysets import REOPEN_WITHIN
from evaluations.selectors.deadlines import finding_standing
from evaluations.selectors.sheet_photos import by_finding, photos_of_findings
from portal.accounts.models import User
from portal.attachments.models import Attachment
from portal.kernel.months import local_date
from portal.kernel.together import counting, read_together
from portal.kernel.ui import Status

MOST = 40
WEIGHT: dict[str, int] = {Severity.MINOR: 0, Severity.MAJOR: 1, Severity.CRITICAL: 2}
FIRST = 5  # so many stand open on the sheet, the rest one touch away


@dataclass(frozen=True, slots=True)
class OldFinding:
    """A finding of an earlier month as the task sheet shows it. ``is_asked``: this team says
    now whether it is put right; ``may_take_back``: it has said so on this visit. ``photos``:
    taken when it was raised; ``files``: what the branch put beside its report. Both only where
    the reader may open them."""

    finding: Finding
    standing: Status
    is_asked: bool
    may_take_back: bool = False
    photos: Sequence[SheetPhoto] = ()
    files: Sequence[Attachment] = ()


@dataclass(frozen=True, slots=True)
class OldFindings:
    """Those to be rechecked first, then what the branch still owes."""

    rows: Sequence[OldFinding]
    headline: str
    is_open: bool

    @property
    def first(self) -> Sequence[OldFinding]:
        return self.rows[:FIRST]

    @property
    def rest(self) -> Sequence[OldFinding]:
        return self.rows[FIRST:]

    @property
    def asked(self) -> int:
        return sum(1 for row in self.rows if row.is_asked)


def old_findings(visit: Inspection, user: User, now: dt.datetime) -> OldFindings:
    """Two queries, one where there is nothing. ``is_open``: the visit is in the field, so the
    team may answer now."""
    today = local_date(now)
    to_recheck = Finding.objects.to_recheck_on(visit).filter(pk=OuterRef("pk"))
    with_files = Finding.objects.with_files_for(user).filter(pk=OuterRef("pk"))
    found = list(
        Finding.objects.filter(
            branch_id=visit.inspected_branch_id, inspection__round__month__lt=visit.round.month
        )
        .annotate(is_asked=Exists(to_recheck), opens_files=Exists(with_files))
        .filter(Q(is_asked=True) | Q(rechecked_in=visit) | ~Q(status=FindingStatus.VERIFIED))
        .select_related("item", "inspection__round", "inspection__team", "deduction")
        .order_by("due_on", "pk")[:MOST]
    )
    photos, files = _beside([finding for finding in found if finding.opens_files])
    rows = [
        OldFinding(
            finding,
            _standing(finding, visit, today),
            finding.is_asked,
            finding.was_found_right_on(visit),
            photos.get(finding.pk, ()),
            files.get(finding.pk, ()),
        )
        for finding in found
    ]
    rows.sort(key=lambda row: (not row.is_asked, -WEIGHT[row.finding.severity]))
    left = sum(1 for row in rows if row.is_asked)
    return OldFindings(
        rows=rows,
        headline=_("先复核这 %(n)d 条老问题") % {"n": left} if left else _("先看这些老问题"),
        is_open=visit.is_in_window
        and visit.status in (InspectionStatus.PLANNED, InspectionStatus.UNDER_WAY),
    )


def _beside(
    found: Sequence[Finding],
) -> tuple[Mapping[int, Sequence[SheetPhoto]], Mapping[int, Sequence[Attachment]]]:
    """Pictures and files beside these findings, by the finding's key."""
    photos = photos_of_findings(found)
    attached = Attachment.objects.of_several(Finding, [finding.pk for finding in found])
    read_together(photos, attached)
    files: dict[int, list[Attachment]] = defaultdict(list)
    for file in attached:
        files[int(file.owner_id)].append(file)
    return by_finding(found, photos), files


def _standing(finding: Any, visit: Inspection, today: dt.date) -> Status:
    if finding.is_asked:
        closed = finding.status == FindingStatus.VERIFIED
        return Status("soon", _("已销号，待复核") if closed else _("已报整改，待复核"))
    if finding.rechecked_in_id == visit.pk and finding.status == FindingStatus.VERIFIED:
        return Status("done", _("复核属实"))
    return finding_standing(finding, today)


@dataclass(frozen=True, slots=True)
class ReopenedRate:
    """How much of what was struck off did not hold."""

    part: int = 0
    whole: int = 0

    @property
    def percent(self) -> Decimal | None:
        """With one decimal: few come back, and 0 % must mean none."""
        if not self.whole:
            return None
        return (Decimal(100 * self.part) / self.whole).quantize(Decimal("0.1"))

    @property
    def definition(self) -> str:
        return _(
            "分母：近12个月销号的次数（因申诉成立销号的不算）；分子：其中销号后90天内被另一个"
            "检查组复核退回的。销号不满90天的也在分母里，以后还可能退回。"
        )


def reopened_among(
    findings: QuerySet[Finding], now: dt.datetime
) -> QuerySet[FindingEvent, dict[str, int]]:
    """Of the times these findings were struck off in the last 365 days (``whole``), how often the
    finding was reopened within 90 days (``part``): one row to be read."""
    again = FindingEvent.objects.filter(
        finding_id=OuterRef("finding_id"),
        step="reopen",
        at__gte=OuterRef("at"),
        at__lte=OuterRef("at") + REOPEN_WITHIN,
    )
    closed = FindingEvent.objects.filter(
        finding__in=findings.order_by().values("pk"),
        step="verify",
        at__gte=now - dt.timedelta(days=365),
    )
    return counting(closed, whole=Count("pk"), part=Count("pk", filter=Exists(again)))
