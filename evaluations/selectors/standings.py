"""The ranking page: a month's standing, published or preliminary, group by group."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db.models import F, FilteredRelation, Q, QuerySet
from django.utils.translation import gettext as _

from branches.access import access_of
from branches.models import BranchType, SecretaryMode
from evaluations.lifecycles import RoundStatus
from evaluations.models import MonthRound, RankingEntry
from evaluations.ranking import StandingRow, group_label
from evaluations.selectors.fair import (
    NO_FAIRNESS,
    Fairness,
    Honest,
    is_clear_change,
    provisional_fairness,
    published_fairness,
)
from evaluations.selectors.terms import Terms, terms_of
from portal.accounts.models import User
from portal.kernel.marks import between, one_decimal
from portal.kernel.ui import RankBand, RankRow
from portal.kernel.words import signed

GROUP_ORDER = {value: number for number, value in enumerate(BranchType.values)}


@dataclass(frozen=True, slots=True)
class Line:
    """One branch in a standing, published or not. ``standing`` has the fields of a
    RankingEntry; names are those of the day of publication's branch. ``url`` leads to its why
    for those who may read it. ``own_share``: what of its own sheets counts for a general branch,
    in per cent."""

    standing: StandingRow | RankingEntry
    branch_name: str
    is_own: bool
    url: str = ""
    fair: Honest | None = None
    own_share: int = 100

    @property
    def terms(self) -> Terms | None:
        """What the printed total is made of."""
        return terms_of(self.standing, self.fair.score.raw if self.fair else None, self.own_share)

    @property
    def would_change(self) -> Decimal | None:
        """What the correction would do to the total in a month ranked on raw scores."""
        if self.fair is None or self.standing.correction is not None:
            return None
        return between(self.fair.score.raw_total, self.fair.score.total)

    @property
    def rise(self) -> Decimal | None:
        row = self.standing
        if row.total is None or row.previous_total is None:
            return None
        return row.total - row.previous_total

    @property
    def places_gained(self) -> int | None:
        row = self.standing
        if row.rank is None or row.previous_rank is None:
            return None
        return row.previous_rank - row.rank

    @property
    def note(self) -> str:
        mode = self.standing.secretary_mode
        return _("%(mode)s书记") % {"mode": SecretaryMode(mode).label} if mode else _("书记空缺")

    @property
    def unranked_label(self) -> str:
        reason = self.standing.unranked_reason
        return str(RankingEntry.Unranked(reason).label) if reason else ""


@dataclass(frozen=True, slots=True)
class Group:
    """One ranking group: its ranked lines by rank, then those only listed."""

    key: str
    label: str
    ranked: tuple[Line, ...]
    listed: tuple[Line, ...]

    @property
    def size(self) -> int:
        return len(self.ranked) + len(self.listed)

    @property
    def lines(self) -> tuple[Line, ...]:
        return self.ranked + self.listed

    @property
    def average(self) -> Decimal | None:
        """Mean total of the lines that have one, unrounded."""
        totals = [line.standing.total for line in self.lines if line.standing.total is not None]
        return sum(totals, Decimal(0)) / len(totals) if totals else None

    def linked(self, links: dict[int, str]) -> Group:
        """The same group with addresses by branch on its lines."""

        def line(one: Line) -> Line:
            return replace(one, url=links.get(one.standing.branch_id, ""))

        return replace(
            self,
            ranked=tuple(line(one) for one in self.ranked),
            listed=tuple(line(one) for one in self.listed),
        )


@dataclass(frozen=True, slots=True)
class Standing:
    """A month's standing as one user may see it."""

    round: MonthRound
    groups: tuple[Group, ...]
    digest: str = ""
    revision: int = 0
    fairness: Fairness = NO_FAIRNESS

    @property
    def is_published(self) -> bool:
        return self.round.is_published

    def group(self, key: str | None) -> Group | None:
        """The group asked for, else the one with the user's own branch, else the first."""
        for group in self.groups:
            if group.key == key:
                return group
        for group in self.groups:
            if any(line.is_own for line in group.lines):
                return group
        return self.groups[0] if self.groups else None

    def line_of(self, branch_id: int) -> tuple[Group, Line] | None:
        for group in self.groups:
            for line in group.lines:
                if line.standing.branch_id == branch_id:
                    return group, line
        return None


def may_see_standing(user: User, round_: MonthRound) -> bool:
    """Published tables: everybody in the committee. Preliminary ones: those who hold a post in
    a branch of it, and those who oversee it."""
    access = access_of(user)
    if round_.committee_id in access.overseen_committees:
        return True
    if round_.committee_id not in access.home_committees:
        return False
    if round_.is_published:
        return True
    return round_.status == RoundStatus.PROVISIONAL and bool(access.post_branches)


def may_see_why(user: User, round_: MonthRound, branch_id: int) -> bool:
    """A branch's deductions, line by line: those who see into it."""
    access = access_of(user)
    if round_.committee_id in access.overseen_committees:
        return True
    return branch_id in access.seen_branches and round_.status in {
        RoundStatus.PROVISIONAL,
        RoundStatus.PUBLISHED,
    }


def standing_of(
    round_: MonthRound,
    user: User | AnonymousUser,
    published: Iterable[RankingEntry] | None = None,
) -> Standing:
    """The standing of ``round_``: the published lines of the latest revision, or what would be
    published now; with how sure each place is. One query when published, two when not.
    ``published``: its :func:`entries_with_scores`, where they were read together with more."""
    own = access_of(user).own_branches
    if round_.is_published:
        entries = list(entries_with_scores(round_) if published is None else published)
        run = entries[0].run if entries else None
        fair = published_fairness(entries, round_.policy.min_group_size)
        lines: list[Line] = [
            Line(
                entry,
                entry.branch.name,
                entry.branch_id in own,
                fair=fair.by_branch.get(entry.branch_id),
                own_share=round_.policy.own_share_percent,
            )
            for entry in entries
        ]
        return Standing(
            round_,
            _grouped(lines),
            digest=run.digest if run else "",
            revision=run.revision if run else 0,
            fairness=fair,
        )
    fair, rows = provisional_fairness(round_)
    return Standing(
        round_,
        _grouped(
            [
                Line(
                    row,
                    row.branch_name,
                    row.branch_id in own,
                    fair=fair.by_branch.get(row.branch_id),
                    own_share=round_.policy.own_share_percent,
                )
                for row in rows
            ]
        ),
        fairness=fair,
    )


def latest_entries(round_: MonthRound) -> QuerySet[Any]:
    """Entries of the latest revision of a published round, in order."""
    newest = round_.runs.order_by("-revision").values("pk")[:1]
    entries: QuerySet[Any] = (
        RankingEntry.objects.filter(run=newest)
        .select_related("branch", "run__calibration")
        .order_by("group_key", F("rank").asc(nulls_last=True), "branch__sort_order", "branch_id")
    )
    return entries


def entries_with_scores(round_: MonthRound) -> QuerySet[Any]:
    """The same, each with ``sure``, the corrected score kept with its run, and ``earlier``, the
    one of the month before; None where there is none. ``round_`` was read ``with_runs()``."""
    score = "branch__corrected_scores"
    before = getattr(round_, "previous_run_pk", None)
    entries: QuerySet[Any] = (
        latest_entries(round_)
        .annotate(
            sure=FilteredRelation(score, condition=Q(**{f"{score}__run": F("run")})),
            earlier=FilteredRelation(score, condition=Q(**{f"{score}__run": before or 0})),
        )
        .select_related("branch", "run__calibration", "sure", "earlier")
    )
    return entries


def _grouped(lines: Iterable[Line]) -> tuple[Group, ...]:
    by_key: dict[str, list[Line]] = {}
    for line in lines:
        by_key.setdefault(line.standing.group_key, []).append(line)
    keys = sorted(by_key, key=lambda key: (GROUP_ORDER[key.rpartition(":")[2]], key))
    return tuple(
        Group(
            key=key,
            label=group_label(key),
            ranked=tuple(line for line in by_key[key] if line.standing.rank is not None),
            listed=tuple(line for line in by_key[key] if line.standing.rank is None),
        )
        for key in keys
    )


def bands_of(
    group: Group, chosen: int | None = None, *, fairness: Fairness = NO_FAIRNESS
) -> list[RankBand]:
    """The group's ranked lines as the rank plot wants them, band by band of those that can't be
    told apart. Where nothing is known of errors, under the word of their marks."""
    if not any(line.fair for line in group.ranked):
        return [
            RankBand(
                label=name,
                note=_("%(n)d 个支部") % {"n": len(lines)},
                rows=[_rank_row(line, chosen) for line in lines],
            )
            for name in dict.fromkeys(line.standing.band for line in group.ranked)
            for lines in ([line for line in group.ranked if line.standing.band == name],)
        ]
    earlier, official = fairness.before, fairness.is_official
    bands: list[RankBand] = []
    for place, lines in _tied(group.ranked).items():
        part, number = place
        count = _("%(n)d 个支部") % {"n": len(lines)}
        if number == 1:
            note = count if len(lines) == 1 else count + _("，与首位的差别在误差内")
        else:
            note = count + _("，明显低于第 %(n)d 档首位") % {"n": number - 1}
        if part:
            note += _("（与其他支部没有共同的检查组，单独排）")
        bands.append(
            RankBand(
                label=_("第 %(n)d 档") % {"n": number},
                note=note,
                rows=[
                    _rank_row(
                        line,
                        chosen,
                        is_clear=is_clear_change(
                            line.fair, earlier.get(line.standing.branch_id), official=official
                        ),
                        compared=line.standing.branch_id in earlier,
                        official=official,
                    )
                    for line in lines
                ],
            )
        )
    return bands


def _tied(lines: Sequence[Line]) -> dict[tuple[int, int], list[Line]]:
    """Lines by part and band, in that order. A line nothing is known of stays with the one
    before it."""
    found: dict[tuple[int, int], list[Line]] = {}
    place = (0, 1)
    for line in lines:
        if line.fair and line.fair.band:
            place = (line.fair.part, line.fair.band)
        found.setdefault(place, []).append(line)
    return dict(sorted(found.items()))


def _rank_row(
    line: Line,
    chosen: int | None,
    *,
    is_clear: bool = False,
    compared: bool = False,
    official: bool = False,
) -> RankRow:
    row, fair = line.standing, line.fair
    assert row.rank is not None  # noqa: S101 - ranked lines only
    parts = []
    terms = line.terms
    if terms and (official or terms.added or terms.halves):
        parts.append(terms.lines)
    if fair and not official:
        parts.insert(0, _("校正后 %(n)s") % {"n": one_decimal(fair.score.total)})
    rise = line.rise
    change = ""
    if rise is not None:
        change = _("%(n)s 分") % {"n": signed(rise)}
        if compared:
            change += _("，变化明显") if is_clear else _("，误差内")
    return RankRow(
        rank=row.rank,
        name=line.branch_name,
        score=row.total or Decimal(0),
        note=line.note,
        low=fair.low if fair else None,
        high=fair.high if fair else None,
        raw_rank=fair.other_rank if fair else None,
        error=fair.error if fair else None,
        score_line="，".join(parts),
        moved=line.places_gained,
        change_line=change,
        is_clear=is_clear,
        is_own=line.is_own or row.branch_id == chosen,
        url=line.url,
    )


def visible_months(rounds: Sequence[MonthRound], user: User) -> list[MonthRound]:
    """Those of ``rounds`` whose standing the user may see, the newest first."""
    return [r for r in rounds if may_see_standing(user, r)]
