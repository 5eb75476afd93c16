"""The month's bulletin (通报): totals, three tables, shared problems, failed key work."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db.models import Count, F, Prefetch, Q, QuerySet
from django.utils.translation import gettext as _

from branches.models import BranchType
from evaluations.models import (
    Deduction,
    Finding,
    Inspection,
    MeetingDecision,
    MonthRound,
    NoticeProblem,
    RankingRun,
    RectificationNotice,
)
from evaluations.ranking import key_failures, months_before
from evaluations.selectors.fair import reliability_sentence
from evaluations.selectors.revisions import Revision, revision_rows, revisions_from
from evaluations.selectors.standings import Standing, standing_of
from portal.accounts.models import User
from portal.kernel.together import counted, counting, read_together

SHOWN_SHARED = 8
MAX_NOTED = 8
MIN_SHARED = 3  # branches of one type that share a fault make it a shared problem (共性问题)


@dataclass(frozen=True, slots=True)
class SharedProblem:
    """A rule that several branches of one type tripped over. Named by count, not by branch.
    ``action``: what a meeting has decided about it, in words; empty until one has."""

    branch_type: str
    type_label: str
    code: str
    item: str
    text: str
    branches: int
    of: int
    action: str = ""

    @property
    def quantity(self) -> str:
        """个别 / 部分 / 多数, as bulletins are worded."""
        if self.branches * 2 > self.of:
            return _("多数党支部")
        return _("部分党支部") if self.branches >= MIN_SHARED else _("个别党支部")


@dataclass(frozen=True, slots=True)
class Area:
    """Findings of one rubric section."""

    name: str
    count: int


@dataclass(frozen=True, slots=True)
class Bulletin:
    """Everything the bulletin says. ``run`` is None before publication (a preview). ``noted``: what
    the teams praised on site, branch by branch. ``revisions``: what was corrected, the newest
    first. ``failed``: participant and item of the key work that fails with the corrected counts;
    None where nothing was corrected."""

    round: MonthRound
    run: RankingRun | None
    standing: Standing
    highlights: str
    next_focus: str
    participants: int
    visits: int
    averages: Sequence[tuple[str, Decimal]]
    findings: int
    areas: Sequence[Area]
    closed_last_month: int
    raised_last_month: int
    shared: Sequence[SharedProblem]
    shared_more: int
    notices: Sequence[RectificationNotice]
    noted: Sequence[tuple[str, str]]
    revisions: Sequence[Revision] = ()
    failed: Collection[tuple[int, int]] | None = None

    @property
    def reliability(self) -> list[str]:
        """The month's reliability, group by group, in words."""
        shares = self.standing.fairness.reliability
        return [
            f"{group.label}：{sentence}"
            for group in self.standing.groups
            if group.ranked and (sentence := reliability_sentence(shares.get(group.key)))
        ]

    @property
    def title(self) -> str:
        return _("关于%(month)s份党支部党建工作考评情况的通报") % {"month": self.round.label}


def bulletin(
    round_: MonthRound, user: User | AnonymousUser, *beside: QuerySet[Any, Any]
) -> Bulletin:
    """The bulletin of ``round_``; before publication what it would say now. Two queries after the
    standing's, three where it was corrected; ``beside`` is read in the first of them."""
    standing = standing_of(round_, user)
    corrected = standing.revision > 1
    changes = revision_rows(round_) if corrected else ()
    before = months_before(round_)
    done = Inspection.objects.filter(round=round_).done()
    # Both before it is known whether they are wanted: a round trip costs more than eight rows.
    runs = round_.runs.select_related("bulletin").order_by("-revision")[:1]
    noted = (
        done.exclude(highlights="")
        .order_by("inspected_branch__sort_order", "inspected_branch_id", "pk")
        .values_list("inspected_branch__name", "highlights")[:MAX_NOTED]
    )
    visits = counting(done, n=Count("pk"))
    last_month = counting(
        Finding.objects.filter(
            inspection__round__committee_id=round_.committee_id,
            inspection__round__month=round_.period.plus(-1).first_day,
        ),
        raised=Count("pk"),
        closed=Count("pk", filter=Q(status="verified")),
    )
    by_section = (
        Finding.objects.filter(inspection__round=round_)
        .values(section=F("item__section__name"))
        .annotate(n=Count("pk"))
        .order_by("-n", "section")
    )
    problems = NoticeProblem.objects.select_related("item").order_by("number")
    notices = (
        RectificationNotice.objects.filter(run__round=round_, finding__isnull=True)
        .exclude(status="withdrawn")
        .select_related("branch")
        .prefetch_related(Prefetch("problems", queryset=problems))
        .order_by("branch__sort_order", "branch_id")
    )
    sizes, faults, decisions = _shared_rows(round_)
    read_together(
        *(runs, noted, visits, last_month, by_section, notices, sizes, faults, decisions, before),
        *changes,
        *beside,
    )
    run: RankingRun | None = runs[0] if round_.is_published and runs else None
    words = run.bulletin if run else round_
    areas = [Area(row["section"], row["n"]) for row in by_section]
    shared = _shared(round_, sizes, faults, decisions)
    failed = None
    if run is not None and corrected:
        failures = key_failures(round_, before, run.published_at)
        failed = {(failure.participant_id, failure.item_id) for failure in failures}
    return Bulletin(
        round=round_,
        run=run,
        standing=standing,
        highlights=words.highlights,
        next_focus=words.next_focus,
        participants=sum(1 for g in standing.groups for line in g.lines if line.standing.visits),
        visits=counted(visits)["n"],
        averages=[(g.label, g.average) for g in standing.groups if g.average is not None],
        findings=sum(area.count for area in areas),
        areas=areas,
        closed_last_month=counted(last_month)["closed"],
        raised_last_month=counted(last_month)["raised"],
        shared=shared[:SHOWN_SHARED],
        shared_more=max(0, len(shared) - SHOWN_SHARED),
        notices=list(notices) if failed is None else _founded(notices, failed),
        revisions=revisions_from(changes) if changes else (),
        failed=failed,
        noted=[] if words.highlights else list(noted),
    )


def _founded(
    notices: Iterable[RectificationNotice], failed: Collection[tuple[int, int]]
) -> list[RectificationNotice]:
    """The notices with a problem that is left after the correction."""
    return [
        notice
        for notice in notices
        if any((notice.participant_id, p.item_id) in failed for p in notice.problems.all())
    ]


def shared_problems(round_: MonthRound) -> list[SharedProblem]:
    """Rules that at least three branches, and a third of their type, tripped over; most first.
    Such a fault has a cause beyond the branches: somebody's department has to act."""
    rows = _shared_rows(round_)
    read_together(*rows)
    return _shared(round_, *rows)


def _shared_rows(
    round_: MonthRound,
) -> tuple[QuerySet[Any, Any], QuerySet[Any, Any], QuerySet[Any, Any]]:
    """How many branches of each type there are, in how many a rule was tripped over, and what
    the meetings up to this month have decided about shared problems."""
    sizes = (
        round_.participants.filter(is_exempt=False)
        .order_by()
        .values_list("branch_type")
        .annotate(n=Count("pk"))
    )
    faults = (
        Deduction.objects.filter(
            inspection__round=round_, inspection__status__in=("submitted", "confirmed")
        )
        .values("item__code", "item__name", "rule__text", type=F("inspection__inspected_type"))
        .annotate(n=Count("inspection__inspected_branch", distinct=True))
        .filter(n__gte=MIN_SHARED)
        .order_by("-n", "type", "item__code", "rule__text")
    )
    decisions = (
        MeetingDecision.objects.filter(
            round__committee_id=round_.committee_id, round__month__lte=round_.month
        )
        .exclude(item_code="")
        .order_by("decided_at", "pk")
    )
    return sizes, faults, decisions


def _shared(
    round_: MonthRound,
    sizes: Iterable[tuple[str, int]],
    faults: Iterable[dict[str, Any]],
    decisions: Iterable[MeetingDecision],
) -> list[SharedProblem]:
    of = dict(sizes)
    actions = _actions(round_, decisions)
    return [
        SharedProblem(
            branch_type=row["type"],
            type_label=str(BranchType(row["type"]).label),
            code=row["item__code"],
            item=row["item__name"],
            text=row["rule__text"],
            branches=row["n"],
            of=of.get(row["type"], row["n"]),
            action=actions.get((row["type"], row["item__code"]), ""),
        )
        for row in faults
        if row["n"] * 3 >= of.get(row["type"], row["n"])
    ]


def _actions(
    round_: MonthRound, decisions: Iterable[MeetingDecision]
) -> dict[tuple[str, str], str]:
    """By type and item: the department that a meeting up to this month gave the problem to. The
    newest decision counts; one carried out in an earlier month does not hide that it is back."""
    told: dict[tuple[str, str], str] = {}
    for decision in decisions:
        words = {
            "owner": decision.owner,
            "month": decision.due_on.month,
            "day": decision.due_on.day,
        }
        told[decision.branch_type, decision.item_code] = (
            _("已由%(owner)s办过，仍有支部出现") % words
            if decision.done_on and decision.round_id != round_.pk
            else _("例会已定由%(owner)s在%(month)d月%(day)d日前查原因、补制度") % words
        )
    return told
