"""Writing down what corrects a run: the one writer of corrected scores and severities."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from evaluations import calibration, fairness
from evaluations.calibration import Fair, MonthFit
from evaluations.models import (
    CorrectedScore,
    MonthRound,
    RankingRun,
    RunCalibration,
    TeamSeverity,
)
from evaluations.places import reliability
from evaluations.ranking import StandingRow
from portal.kernel.marks import from_hundredths

BATCH = 500


def marks(value: float) -> Decimal:
    """A float of the model as a mark of two places."""
    return from_hundredths(calibration.hundredths(value))


def corrected_scores(
    round_: MonthRound, found: MonthFit, rows: Sequence[StandingRow]
) -> list[CorrectedScore]:
    """Every branch's raw and corrected month, without a run: what is shown before publication
    and written with it. ``rows``: the standing, with both totals and places."""
    policy = round_.policy
    official = calibration.is_official(round_)

    def fair(*, corrected: bool) -> dict[int, Fair]:
        return calibration.fair_totals(
            rows,
            found,
            corrected=corrected,
            is_official=official,
            own_share=policy.own_share_percent,
            min_group=policy.min_group_size,
        )

    raw_fair, fair_now = fair(corrected=False), fair(corrected=True)
    scores = []
    for row in sorted(rows, key=lambda row: row.branch_id):
        branch = found.branches.get(row.branch_id)
        total = fair_now.get(row.branch_id)
        if branch is None or total is None:
            continue
        placed = total.placed
        scores.append(
            CorrectedScore(
                participant_id=row.participant_id,
                branch_id=row.branch_id,
                part=branch.part,
                raw=marks(branch.raw),
                correction=marks(branch.correction),
                withheld=marks(branch.withheld),
                raw_total=from_hundredths(raw_fair[row.branch_id].total),
                raw_rank=row.other_rank if official else row.rank,
                raw_se=from_hundredths(raw_fair[row.branch_id].se),
                total=from_hundredths(total.total),
                rank=row.rank if official else row.other_rank,
                se=from_hundredths(total.se),
                tie_band=placed.band if placed else None,
                rank_low=placed.rank_low if placed else None,
                rank_high=placed.rank_high if placed else None,
                is_comparable=branch.comparable,
                reason=branch.reason,
                teams=[
                    {
                        "branch": team.inspector,
                        "score": f"{team.score:.2f}",
                        "severity": f"{marks(team.severity):.2f}",
                        "weight": f"{marks(team.weight):.2f}",
                    }
                    for team in branch.teams
                ],
            )
        )
    return scores


def write_corrections(
    run: RankingRun, round_: MonthRound, found: MonthFit, rows: Sequence[StandingRow]
) -> None:
    """Write what corrects ``run``, whose own row does not exist yet: like its entries it is in
    the digest that the run then carries."""
    scores = corrected_scores(round_, found, rows)
    for score in scores:
        score.run = run
    CorrectedScore.objects.bulk_create(scores, batch_size=BATCH)
    severities = team_severities(found)
    for severity in severities:
        severity.run = run
    TeamSeverity.objects.bulk_create(severities, batch_size=BATCH)
    calibrated = calibration_of(round_, found, scores, rows)
    calibrated.run = run
    calibrated.save(force_insert=True)


def team_severities(found: MonthFit) -> list[TeamSeverity]:
    """Every team's severity over the window, without a run."""
    return [
        TeamSeverity(
            branch_id=team.inspector,
            severity=marks(team.severity),
            weight=marks(team.weight),
        )
        for team in sorted(found.fit.teams.values(), key=lambda team: str(team.inspector))
    ]


def calibration_of(
    round_: MonthRound,
    found: MonthFit,
    scores: Sequence[CorrectedScore],
    rows: Sequence[StandingRow],
) -> RunCalibration:
    """By which model, from what and on which basis, without a run."""
    return RunCalibration(
        basis=round_.policy.official_basis,
        model_version=fairness.MODEL_VERSION,
        input_digest=found.fit.input_digest,
        row_count=found.row_count,
        reliability=reliability_of(
            scores,
            {row.branch_id: row.group_key for row in rows},
            corrected=calibration.is_official(round_),
        ),
    )


def reliability_of(
    scores: Sequence[CorrectedScore], groups: Mapping[int, str], *, corrected: bool
) -> dict[str, Any]:
    """Per ranking group the share of the differences that is not error, in per cent."""
    by_group: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for score in scores:
        total, se = (score.total, score.se) if corrected else (score.raw_total, score.raw_se)
        by_group[groups[score.branch_id]].append((float(total), float(se)))
    found = {group: reliability(members) for group, members in by_group.items()}
    return {group: None if share is None else round(share * 100) for group, share in found.items()}
