"""What a correction of a published month changed, in words: a revision against the one before."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from typing import Any

from django.db.models import F, OuterRef, QuerySet, Subquery
from django.utils.translation import gettext as _

from evaluations.lifecycles import AppealStatus
from evaluations.models import (
    Deduction,
    IssuedPaper,
    MonthRound,
    RankingEntry,
    RankingRun,
    ScoreAppeal,
)
from evaluations.scoring import deduction_points
from portal.kernel.marks import one_decimal
from portal.kernel.together import read_together


@dataclass(frozen=True, slots=True)
class Revision:
    """One correction. ``deductions``: a sentence for each that counts otherwise. ``changes``: a
    sentence per branch, own marks first, then those who only moved because others did; ``own``:
    how many the first are. ``unchanged``: how many branches stand as they did. ``old_number`` and
    ``old_paper``: the signed bulletin that this one takes the place of."""

    number: int
    published_at: dt.datetime
    by: str
    reason: str
    changes: Sequence[str]
    unchanged: int
    by_branch: Mapping[int, str]
    deductions: Sequence[str]
    own: int
    old_number: str
    old_paper: int | None


def points_of(deduction: Deduction, count: int) -> Decimal:
    """What a deduction takes when its rule counts ``count`` times."""
    return deduction_points(
        points=deduction.rule.points,
        takes_all=deduction.rule.takes_all,
        count=count,
        full_marks=deduction.item.full_marks,
    )


def put_in_force(
    deductions: Iterable[Deduction], upheld: Iterable[ScoreAppeal], run: RankingRun | None
) -> dict[int, tuple[Decimal, str]]:
    """Give deductions of a published month the count and points that counted in ``run``, in
    memory only: the rows stay as they were written. By key what the changed ones took before,
    and why that was changed.

    ``upheld``: appeals of these deductions, whatever their state. Before the first publication
    an appeal changes the deduction itself, so only a later revision can differ.
    """
    if run is None or run.revision == 1:
        return {}
    latest: dict[int, ScoreAppeal] = {}
    for appeal in sorted(upheld, key=lambda one: one.pk):
        if appeal.status != AppealStatus.UPHELD or appeal.count_after is None:
            continue
        if appeal.decided_at is not None and appeal.decided_at <= run.published_at:
            latest[appeal.deduction_id] = appeal
    written: dict[int, tuple[Decimal, str]] = {}
    for deduction in deductions:
        change = latest.get(deduction.pk)
        if change is None or change.count_after in {None, deduction.count}:
            continue
        written[deduction.pk] = deduction.points, change.decision.rstrip("。")
        deduction.count = change.count_after or 0
        deduction.points = points_of(deduction, deduction.count)
    return written


def awaits_republication(appeal: ScoreAppeal, published_at: dt.datetime | None) -> bool:
    """Whether it was upheld after the month's latest publication: it does not count yet."""
    return bool(
        appeal.status == AppealStatus.UPHELD
        and appeal.decided_at
        and published_at
        and appeal.decided_at > published_at
    )


def awaiting_republication(round_: MonthRound) -> QuerySet[Any]:
    """What was upheld since the month's latest publication and counts in the next one."""
    latest = RankingRun.objects.filter(round=OuterRef("deduction__inspection__round"))
    newest = Subquery(latest.order_by("-revision").values("published_at")[:1])
    found: QuerySet[Any] = _upheld_in(round_).alias(published=newest)
    return found.filter(decided_at__gt=F("published"))


def _upheld_in(round_: MonthRound) -> QuerySet[Any]:
    found: QuerySet[Any] = (
        ScoreAppeal.objects.filter(
            deduction__inspection__round=round_,
            deduction__inspection__status__in=("submitted", "confirmed"),
            status=AppealStatus.UPHELD,
            count_after__isnull=False,
        )
        .select_related("branch", "deduction__item", "deduction__rule")
        .order_by("branch__sort_order", "branch_id", "deduction__item__sort_order", "pk")
    )
    return found


def change_words(upheld: Iterable[ScoreAppeal]) -> list[str]:
    """One sentence for each deduction that counts otherwise, from the first count to the last."""
    by_deduction: dict[int, list[ScoreAppeal]] = defaultdict(list)
    for appeal in upheld:
        by_deduction[appeal.deduction_id].append(appeal)
    return [
        _("%(branch)s：%(item)s，原扣%(before)s，更正后扣%(after)s（%(reason)s）。")
        % {
            "branch": first.branch,
            "item": first.deduction.item,
            "before": one_decimal(points_of(first.deduction, first.count_before)),
            "after": one_decimal(points_of(first.deduction, last.count_after or 0)),
            "reason": last.decision.rstrip("。"),
        }
        for first, last in ((rows[0], rows[-1]) for rows in by_deduction.values())
        if first.count_before != last.count_after
    ]


Rows = tuple[QuerySet[Any, Any], ...]


def revisions_of(round_: MonthRound) -> list[Revision]:
    """The corrections of a month, the newest first; none for a month published once. One query,
    however many revisions."""
    rows = revision_rows(round_)
    read_together(*rows)
    return revisions_from(rows)


def revision_rows(round_: MonthRound) -> Rows:
    """What :func:`revisions_from` needs, to be read together with more."""
    runs = RankingRun.objects.filter(round=round_).select_related("published_by")
    entries = RankingEntry.objects.filter(run__round=round_).select_related("branch")
    papers = (
        IssuedPaper.objects.live()
        .filter(run__round=round_)
        .order_by("run__revision")
        .values("pk", "run__revision", "issuer_code", "year", "number")
    )
    return runs.order_by("revision"), entries.order_by("pk"), _upheld_in(round_), papers


def revisions_from(rows: Rows) -> list[Revision]:
    """The corrections behind :func:`revision_rows`."""
    runs, every, upheld, papers = rows
    entries: dict[int, dict[int, RankingEntry]] = defaultdict(dict)
    for entry in every:
        entries[entry.run_id][entry.branch_id] = entry
    found = []
    for old, new in pairwise(runs):
        before, after = entries[old.pk], entries[new.pk]
        signed = [paper for paper in papers if paper["run__revision"] <= old.revision]
        paper = signed[-1] if signed else None
        told = []
        by_branch = {}
        for branch_id, entry in after.items():
            is_own, sentence = _difference(before.get(branch_id), entry)
            if sentence:
                told.append((not is_own, entry.branch.sort_order, sentence))
                by_branch[branch_id] = sentence
        found.append(
            Revision(
                number=new.revision,
                published_at=new.published_at,
                by=str(new.published_by) if new.published_by else _("系统"),
                reason=new.reason,
                changes=[sentence for _own, _order, sentence in sorted(told)],
                unchanged=len(after) - len(told),
                by_branch=by_branch,
                deductions=change_words(
                    one for one in upheld if old.published_at < one.decided_at <= new.published_at
                ),
                own=sum(1 for not_own, _order, _sentence in told if not not_own),
                old_number=_document_number(paper) if paper else "",
                old_paper=paper["pk"] if paper else None,
            )
        )
    return found[::-1]


def _difference(old: RankingEntry | None, new: RankingEntry) -> tuple[bool, str]:
    """Whether the branch's own total changed, and what changed for it; empty when nothing."""
    if old is None:
        return True, _("%(branch)s：上一次没有，这一次新列入。") % {"branch": new.branch}
    shown = [
        (_("总分"), one_decimal(old.total), one_decimal(new.total)),
        (_("加分"), one_decimal(old.bonus), one_decimal(new.bonus)),
        (_("封顶"), one_decimal(old.cap), one_decimal(new.cap)),
        (_("名次"), _place(old.rank), _place(new.rank)),
        (_("等次"), old.band or "—", new.band or "—"),
    ]
    parts = [
        _("%(what)s由%(old)s改为%(new)s") % {"what": what, "old": before, "new": after}
        for what, before, after in shown
        if before != after
    ]
    if not parts:
        return False, ""
    own = (old.total, old.bonus, old.cap) != (new.total, new.bonus, new.cap)
    tail = "" if own else _("（自己的分没有变，是别的支部变了）")
    return own, f"{new.branch}：{'，'.join(parts)}{tail}。"


def _document_number(paper: Mapping[str, Any]) -> str:
    return f"{paper['issuer_code']}〔{paper['year']}〕{paper['number']}号"


def _place(rank: int | None) -> str:
    return _("不排名") if rank is None else _("第%(rank)d") % {"rank": rank}
