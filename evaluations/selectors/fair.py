"""What stands beside a standing: error, possible places, bands of equals, teams' severity."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db.models import OuterRef, Subquery
from django.utils.translation import gettext as _

from branches.access import access_of
from evaluations import calibration, fairness
from evaluations.models import (
    CorrectedScore,
    InspectionTeam,
    MonthRound,
    OfficialBasis,
    RankingEntry,
    RankingRun,
    RunCalibration,
    TeamMember,
    TeamSeverity,
)
from evaluations.places import Placed, differs_clearly, place
from evaluations.ranking import StandingRow, Sure, parameters_with, standing_rows
from evaluations.services.corrections import corrected_scores, marks, reliability_of
from evaluations.severity_fit import LITTLE_HISTORY
from portal.accounts.models import User
from portal.kernel import ui
from portal.kernel.marks import between, one_decimal
from portal.kernel.words import signed


@dataclass(frozen=True, slots=True)
class Honest:
    """How sure one branch's place is, on the basis that is official this month.

    ``other_rank``: the place on the other basis. ``part`` is 0 but for branches that can't be
    compared with the rest of their group.
    """

    score: CorrectedScore
    error: Decimal
    band: int | None
    low: int | None
    high: int | None
    other_rank: int | None
    part: int


@dataclass(frozen=True, slots=True)
class Team:
    """How strict the team of ``branch`` is; ``number`` is None when it does not go out this
    month."""

    branch: int
    number: int | None
    name: str
    severity: Decimal
    weight: Decimal


@dataclass(frozen=True, slots=True)
class Fairness:
    """The correction of one month. Empty where there is none: months published before it was
    introduced, and companies too large for it."""

    by_branch: Mapping[int, Honest] = field(default_factory=dict)
    before: Mapping[int, Sure] = field(default_factory=dict)
    run: RankingRun | None = None
    teams: Sequence[Team] = ()
    reliability: Mapping[str, int | None] = field(default_factory=dict)
    is_official: bool = False
    model_version: str = ""
    input_digest: str = ""

    def __bool__(self) -> bool:
        return bool(self.by_branch)


NO_FAIRNESS = Fairness()


def published_fairness(entries: Sequence[RankingEntry], min_group: int) -> Fairness:
    """What was kept with a run, of its entries read ``with_scores``; no query of its own."""
    kept: RunCalibration | None = getattr(entries[0].run, "calibration", None) if entries else None
    if kept is None:
        return NO_FAIRNESS
    # Django sets nothing where the join found nothing.
    scores = [getattr(e, "sure", None) for e in entries]
    earlier = {e.branch_id: getattr(e, "earlier", None) for e in entries}
    is_official = kept.basis == OfficialBasis.CORRECTED
    return Fairness(
        by_branch=_honest(
            [score for score in scores if score],
            {e.branch_id: e.group_key for e in entries},
            is_official=is_official,
            min_group=min_group,
        ),
        before={branch: score for branch, score in earlier.items() if score},
        run=kept.run,
        reliability=kept.reliability,
        is_official=is_official,
        model_version=kept.model_version,
        input_digest=kept.input_digest,
    )


def provisional_fairness(round_: MonthRound) -> tuple[Fairness, list[StandingRow]]:
    """What would be kept if the month were published now, and the standing. Two queries."""
    found = calibration.month_fit(round_)
    rows = standing_rows(parameters_with(round_, found), with_earlier=True)
    if found is None:
        return NO_FAIRNESS, rows
    scores = corrected_scores(round_, found, rows)
    is_official = calibration.is_official(round_)
    groups = {row.branch_id: row.group_key for row in rows}
    fair = Fairness(
        by_branch=_honest(
            scores, groups, is_official=is_official, min_group=round_.policy.min_group_size
        ),
        before={row.branch_id: row.earlier for row in rows if row.earlier},
        teams=[
            Team(
                int(str(team.inspector)),
                *found.teams[int(str(team.inspector))],
                marks(team.severity),
                marks(team.weight),
            )
            for team in found.fit.teams.values()
        ],
        reliability=reliability_of(scores, groups, corrected=is_official),
        is_official=is_official,
        model_version=fairness.MODEL_VERSION,
        input_digest=found.fit.input_digest,
    )
    return fair, rows


def _honest(
    scores: Sequence[CorrectedScore],
    groups: Mapping[int, str],
    *,
    is_official: bool,
    min_group: int,
) -> dict[int, Honest]:
    if is_official:
        return {
            s.branch_id: Honest(
                s, s.se, s.tie_band, s.rank_low, s.rank_high, s.raw_rank,
                s.part + 1 if s.reason == CorrectedScore.Reason.APART else 0,
            )
            for s in scores
        }  # fmt: skip
    # Raw scores rank: their own, larger error says how sure that is.
    together: dict[str, dict[Any, tuple[float, float]]] = defaultdict(dict)
    for s in scores:
        together[groups.get(s.branch_id, "")][s.branch_id] = (float(s.raw_total), float(s.raw_se))
    placed: dict[Any, Placed] = {}
    for members in together.values():
        if len(members) >= min_group:
            placed |= place(members)
    return {
        s.branch_id: Honest(
            s, s.raw_se, at.band if at else None, at.rank_low if at else None,
            at.rank_high if at else None, s.rank, 0,
        )
        for s in scores
        for at in (placed.get(s.branch_id),)
    }  # fmt: skip


def is_clear_change(now: Honest | None, before: Sure | None, *, official: bool) -> bool:
    """Whether a branch's change since last month is beyond the error of both months."""
    if now is None or before is None:
        return False
    if official:
        one, other = (now.score.total, now.score.se), (before.total, before.se)
    else:
        one, other = (now.score.raw_total, now.score.raw_se), (before.raw_total, before.raw_se)
    return differs_clearly((float(one[0]), float(one[1])), (float(other[0]), float(other[1])))


# -- words ---------------------------------------------------------------------------------


def correction_sentence(score: CorrectedScore, labels: Mapping[int, str]) -> str:
    """The correction in words with its figures. ``labels``: what the teams are called."""
    if score.reason:
        said = str(CorrectedScore.Reason(score.reason).label) + "。"
        if score.withheld:
            said += _("算出的校正是 %(n)s 分。") % {"n": signed(score.withheld)}
        return said
    parts, counted = [], []
    for team in score.teams:
        severity, weight = Decimal(team["severity"]), Decimal(team["weight"])
        name = labels.get(team["branch"], _("检查组"))
        if weight < Decimal(str(LITTLE_HISTORY)):
            parts.append(_("%(team)s打分还少，不折算") % {"team": name})
            continue
        average = severity * (weight + 1) / weight
        parts.append(
            _("%(team)s平均%(way)s %(n)s 分")
            % {
                "team": name,
                "way": _("低") if average < 0 else _("高"),
                "n": one_decimal(abs(average)),
            }
        )
        counted.append(
            _("%(team)s折合 %(n)s 次，按 %(n)s/%(more)s 计 %(s)s 分")
            % {
                "team": name,
                "n": one_decimal(weight),
                "more": one_decimal(weight + 1),
                "s": one_decimal(abs(severity)),
            }
        )
    # As the sum above prints it.
    printed = between(score.raw, score.raw + score.correction)
    change = (_("平均补回 %(n)s 分。") if printed > 0 else _("平均减去 %(n)s 分。")) % {
        "n": one_decimal(abs(printed))
    }
    if not printed:
        change = _("校正不到 0.1 分。") if score.correction else _("不用校正。")
    return (
        _("近 12 个月，与检查同一支部的其他组相比，%(parts)s。") % {"parts": "，".join(parts)}
        + (_("%(counted)s；") % {"counted": "；".join(counted)} if counted else "")
        + change
    )


def reliability_sentence(percent: int | None) -> str:
    """The month's reliability figure in words; empty when it can't be told."""
    if percent is None:
        return ""
    if percent >= 70:
        verdict = _("名次大体可信")
    elif percent >= 40:
        verdict = _("相邻名次多半分不出先后")
    else:
        verdict = _("差别多半是误差，不宜看名次")
    return _("可靠度 %(n)d%%：得分差别里约有这么多不是检查误差，%(verdict)s。") % {
        "n": percent,
        "verdict": verdict,
    }


# -- severity -------------------------------------------------------------------------------


def severity_rows(
    round_: MonthRound, fair: Fairness, user: User, chosen: int | None
) -> tuple[list[ui.Severity], str]:
    """The teams whose severity the user may know, strictest first, and which these are: those
    who oversee the committee see all, a branch's post-holders those that visited it this month.
    An inspector finds his own on a page of his own. At most one query."""
    access = access_of(user)
    sees_all = round_.committee_id in access.overseen_committees
    mine = set(access.post_branches)
    if chosen is not None and (sees_all or chosen in mine):
        mine = {chosen}
    came = {
        team["branch"]
        for branch in mine
        if branch in fair.by_branch
        for team in fair.by_branch[branch].score.teams
    }
    if not fair or not (sees_all or came):
        return [], ""
    rows = [
        ui.Severity(
            team=_("第%(n)d组") % {"n": team.number} if team.number else _("本月未出组"),
            value=team.severity,
            name=team.name,
            visits=int(team.weight.to_integral_value()),
            is_own=team.branch in came,
        )
        for team in (fair.teams or kept_teams(fair.run, round_))
        if sees_all or team.branch in came
    ]
    words = _("近 12 个月，与查同一支部的其他组相比，已按次数折算")
    if not sees_all:
        words = _("只列来过本支部的组；") + words
    return sorted(rows, key=lambda row: row.value), words


def kept_teams(run: RankingRun | None, round_: MonthRound) -> list[Team]:
    """The severities that were kept with a run. One query."""
    if run is None:
        return []
    number = InspectionTeam.objects.filter(round=round_, branch=OuterRef("branch")).values("number")
    return [
        Team(s.branch_id, s.number, s.branch.name, s.severity, s.weight)
        for s in TeamSeverity.objects.filter(run=run)
        .select_related("branch")
        .annotate(number=Subquery(number[:1]))
    ]


@dataclass(frozen=True, slots=True)
class OwnSeverity:
    """One inspector's severity, for his eyes only."""

    team: str
    months: Sequence[tuple[dt.date, Decimal, Decimal]]

    @property
    def latest(self) -> Decimal:
        return self.months[-1][1]

    @property
    def weight(self) -> Decimal:
        return self.months[-1][2]

    @property
    def words(self) -> str:
        value = self.latest
        if abs(value) < 1:
            return _("您的组打分和其他组差不多，校正不到 1 分。")
        way = _("低") if value < 0 else _("高")
        return _(
            "您的组比查同一支部的其他组平均打%(way)s约 %(n)s 分。排名会把它校正掉，被查支部不吃亏。"
        ) % {
            "way": way,
            "n": one_decimal(abs(value)),
        }

    @property
    def chart(self) -> ui.Chart | None:
        if len(self.months) < 2:
            return None
        return ui.Chart(
            kind="trend",
            title=_("近 12 个月宽严"),
            unit=_("分，低于 0 偏严"),
            source=_("各月通报时的校正"),
            labels=[f"{month.year}年{month.month}月" for month, _s, _w in self.months],
            series=[ui.Series(_("相差"), [float(s) for _m, s, _w in self.months], is_own=True)],
        )


def own_severity(user: User) -> list[OwnSeverity]:
    """The severity of the teams the user has sat in, month by month, newest revision. Two
    queries."""
    person = access_of(user).person_id or 0
    seats = TeamMember.objects.filter(person_id=person).values("team__branch_id").distinct()
    rows = (
        TeamSeverity.objects.filter(branch_id__in=seats)
        .select_related("run__round", "branch")
        .order_by("branch__sort_order", "branch_id", "run__round__month", "run__revision")
    )
    names: dict[int, str] = {}
    found: dict[int, dict[dt.date, tuple[Decimal, Decimal]]] = defaultdict(dict)
    for row in rows:
        names[row.branch_id] = row.branch.name
        found[row.branch_id][row.run.round.month] = (row.severity, row.weight)
    return [
        OwnSeverity(names[branch], [(m, s, w) for m, (s, w) in sorted(months.items())][-12:])
        for branch, months in found.items()
    ]
