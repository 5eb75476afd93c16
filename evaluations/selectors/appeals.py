"""One appeal as a page: the deduction, both texts, and what a decision would change."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from django.db.models import OuterRef, Q
from django.utils.translation import gettext as _

from evaluations.lifecycles import AppealStatus, InspectionStatus, RoundStatus
from evaluations.models import Deduction, Inspection, RankingRun, ScoreAppeal
from evaluations.permissions import may_decide_appeal, stands_back, took_the_marks
from evaluations.selectors.deadlines import appeal_standing
from evaluations.selectors.revisions import awaits_republication, points_of
from evaluations.services import second_visits
from evaluations.services.second_visits import Candidate
from portal.kernel.marks import one_decimal
from portal.kernel.together import read_together
from portal.kernel.ui import Event, Status

if TYPE_CHECKING:
    from portal.accounts.models import User

_DEDUCTION = (
    "item__section",
    "rule",
    "inspection__round__policy",
    "inspection__team",
    "inspection__inspected_branch__committee",
)


@dataclass(frozen=True, slots=True)
class AppealPage:
    appeal: ScoreAppeal
    deduction: Deduction
    headline: str
    kicker: str
    standing: Status
    points_before: Decimal
    points_after: Decimal | None
    events: Sequence[Event]
    may_decide: bool
    stands_back: bool
    took_the_marks: bool
    is_frozen: bool
    awaits_republication: bool
    waiting: str
    candidates: Sequence[Candidate]
    second: SecondLook | None
    may_recall: bool


@dataclass(frozen=True, slots=True)
class SheetWords:
    """What one team said of the contested item, and its whole sheet."""

    visit: Inspection
    marks: Decimal | None
    lines: Sequence[Deduction]


@dataclass(frozen=True, slots=True)
class SecondLook:
    """The second visit beside the first. ``is_in``: it has been handed in and counts instead."""

    first: SheetWords
    second: SheetWords
    is_in: bool


def deduction_to_appeal(user: User, deduction_id: int) -> Deduction:
    """A deduction on a sheet the user may see. Raises DoesNotExist for a stranger."""
    return (
        Deduction.objects.filter(inspection__in=Inspection.objects.visible_to(user))
        .select_related(*_DEDUCTION)
        .get(pk=deduction_id)
    )


def appeal_for_page(user: User, pk: int) -> ScoreAppeal:
    appeal: ScoreAppeal = (
        ScoreAppeal.objects.visible_to(user)
        .annotate(
            last_published_at=RankingRun.objects.filter(
                round=OuterRef("deduction__inspection__round")
            )
            .order_by("-revision")
            .values("published_at")[:1]
        )
        .select_related(
            "branch__committee",
            "filed_by",
            "decided_by",
            *(f"deduction__{name}" for name in _DEDUCTION),
        )
        .get(pk=pk)
    )
    return appeal


MOST_CHOICES = 6


def count_choices(appeal: ScoreAppeal) -> list[tuple[int, str]]:
    """What each lower count would take, in words; nothing when there are too many to show."""
    if appeal.count_before > MOST_CHOICES:
        return []
    return [_choice(appeal.deduction, count) for count in range(appeal.count_before)]


def correction_choices(deduction: Deduction, in_force: int) -> list[tuple[int, str]]:
    """The same for a correction: any count but the one ``in_force``, up to the one written."""
    if deduction.count > MOST_CHOICES:
        return []
    return [_choice(deduction, n) for n in range(deduction.count + 1) if n != in_force]


def _choice(deduction: Deduction, count: int) -> tuple[int, str]:
    if not count:
        return 0, _("0次，不扣分，问题同时销号")
    words = {"count": count, "points": one_decimal(points_of(deduction, count))}
    return count, _("%(count)d次，扣%(points)s分") % words


def appeal_page(appeal: ScoreAppeal, user: User, today: dt.date) -> AppealPage:
    deduction = appeal.deduction
    is_open = appeal.status == AppealStatus.FILED
    may_judge = may_decide_appeal(user, appeal)
    may_decide = is_open and may_judge
    is_revisited = appeal.status in {AppealStatus.REVISIT, AppealStatus.REPLACED}
    second = _second_look(appeal) if is_revisited else None

    events = []
    handed_in = second.second.visit.submitted_at if second else None
    if second and handed_in:
        told = _("重查的评分表提交，代替原表")
        events.append(Event(handed_in, told, who=second.second.visit.team.label))
    if appeal.decided_at:
        counts = {"before": appeal.count_before, "after": appeal.count_after or 0}
        upheld = _("申诉成立，次数由%(before)d改为%(after)d")
        if appeal.is_correction:
            upheld = _("更正，次数由%(before)d改为%(after)d")
        text = {
            AppealStatus.UPHELD: upheld % counts,
            AppealStatus.REJECTED: _("维持原扣分"),
        }.get(AppealStatus(appeal.status), _("另派组重查"))
        events.append(Event(appeal.decided_at, text, who=str(appeal.decided_by)))
    if not appeal.is_correction:
        events.append(Event(appeal.filed_at, _("提出申诉"), who=str(appeal.filed_by)))
    standing = appeal_standing(appeal)
    return AppealPage(
        appeal=appeal,
        deduction=deduction,
        headline=(
            _("请复核%(branch)s对%(code)s的申诉") if may_decide else _("%(code)s：%(standing)s")
        )
        % {
            "branch": appeal.branch.label,
            "code": deduction.item.code,
            "standing": standing.text,
        },
        kicker="，".join((deduction.inspection.round.label, str(appeal.branch))),
        standing=standing,
        points_after=None
        if appeal.count_after is None
        else points_of(deduction, appeal.count_after),
        points_before=points_of(deduction, appeal.count_before),
        events=events,
        may_decide=may_decide,
        stands_back=is_open and stands_back(user, appeal.branch),
        took_the_marks=is_open and not may_judge and took_the_marks(user, appeal),
        is_frozen=deduction.inspection.round.is_published,
        awaits_republication=awaits_republication(
            appeal, getattr(appeal, "last_published_at", None)
        ),
        waiting=_waiting(appeal, second, may_decide=may_decide),
        candidates=second_visits.candidates(appeal)
        if may_decide and deduction.inspection.round.status == RoundStatus.PROVISIONAL
        else (),
        second=second,
        may_recall=appeal.status == AppealStatus.REVISIT
        and may_judge
        and (second is None or second.second.visit.status == InspectionStatus.PLANNED),
    )


def _waiting(appeal: ScoreAppeal, second: SecondLook | None, *, may_decide: bool) -> str:
    if second is not None and not second.is_in:
        return _("等%(team)s重查并提交评分表；提交后代替原表。") % {
            "team": second.second.visit.team.label
        }
    if appeal.status != AppealStatus.FILED or may_decide:
        return ""
    return _("等党群部复核。")


def _second_look(appeal: ScoreAppeal) -> SecondLook | None:
    """Both visits and what each said of the contested item. One query."""
    first = appeal.deduction.inspection
    visits = Inspection.objects.select_related("team").filter(replaces=first)
    lines = Deduction.objects.filter(
        Q(inspection=first) | Q(inspection__replaces=first), item_id=appeal.deduction.item_id
    ).select_related("rule")
    read_together(visits, lines)
    if not visits:
        return None
    visit = visits[0]
    full = appeal.deduction.item.full_marks

    def words(of: Inspection) -> SheetWords:
        own = [line for line in lines if line.inspection_id == of.pk]
        taken = sum((line.points for line in own), Decimal(0))
        return SheetWords(of, max(Decimal(0), full - taken), own)

    return SecondLook(words(first), words(visit), is_in=visit.submitted_at is not None)
