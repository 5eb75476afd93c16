"""What a correction of a published month changed, in words: a revision against the one before."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from django.utils.translation import gettext as _

from evaluations.models import MonthRound, RankingEntry, RankingRun
from portal.kernel.marks import one_decimal


@dataclass(frozen=True, slots=True)
class Revision:
    """One correction. ``changes``: a sentence per branch, own marks first, then those who only
    moved because others did. ``unchanged``: how many branches stand as they did."""

    number: int
    published_at: dt.datetime
    by: str
    reason: str
    changes: Sequence[str]
    unchanged: int


def revisions_of(round_: MonthRound) -> list[Revision]:
    """The corrections of a month, the newest first; none for a month published once. Two
    queries, however many revisions."""
    runs = list(
        RankingRun.objects.filter(round=round_).select_related("published_by").order_by("revision")
    )
    if len(runs) < 2:
        return []
    entries: dict[int, dict[int, RankingEntry]] = defaultdict(dict)
    for entry in RankingEntry.objects.filter(run__in=runs).select_related("branch"):
        entries[entry.run_id][entry.branch_id] = entry
    found = []
    for old, new in pairwise(runs):
        before, after = entries[old.pk], entries[new.pk]
        told = []
        for branch_id, entry in after.items():
            is_own, sentence = _difference(before.get(branch_id), entry)
            if sentence:
                told.append((not is_own, entry.branch.sort_order, sentence))
        found.append(
            Revision(
                number=new.revision,
                published_at=new.published_at,
                by=str(new.published_by) if new.published_by else _("系统"),
                reason=new.reason,
                changes=[sentence for _own, _order, sentence in sorted(told)],
                unchanged=len(after) - len(told),
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


def _place(rank: int | None) -> str:
    return _("不排名") if rank is None else _("第%(rank)d") % {"rank": rank}
