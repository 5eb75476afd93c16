"""June 2017 of the cast, opened and in the middle of its inspections.

``month_cast`` has rubrics, policy, an inspecting round, three teams and four visits, none of
them begun. Built once through services and replayed like the cast itself.
"""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from branches.models import Branch
from evaluations.models import Inspection, InspectionTeam, MonthRound, RoundParticipant, RubricItem
from evaluations.services import rounds, rubric_seed
from tests.cast import FIRST_MONTH, JUNE, NOW, Cast, kept


@dataclass
class MonthCast:
    """The round and its visits.

    ``visit_a``: the inspector's team (office_two) at branch_a. ``visit_a_again``: the supplies
    branch's team at branch_a. ``visit_b``: office_two at sub_two. ``visit_energy``:
    branch_b's team at the energy branch.
    """

    round: MonthRound
    team_office: InspectionTeam
    team_supplies: InspectionTeam
    team_production: InspectionTeam
    visit_a: Inspection
    visit_a_again: Inspection
    visit_b: Inspection
    visit_energy: Inspection

    def participant(self, branch: Branch) -> RoundParticipant:
        return RoundParticipant.objects.get(round=self.round, branch=branch)

    def item(self, inspection: Inspection, code: str) -> RubricItem:
        """The item with ``code`` on the sheet of ``inspection``."""
        return RubricItem.objects.get(
            version_id=inspection.participant.rubric_version_id, code=code
        )


def _build(cast: Cast) -> MonthCast:
    rubric_seed.load_rubrics(
        source=rubric_seed.seed_source(), first_month=FIRST_MONTH, actor=None, now=NOW
    )
    rounds.set_policy(committee=cast.city, first_month=FIRST_MONTH, values={}, actor=None, now=NOW)
    round_ = rounds.open_round(committee=cast.city, month=JUNE, actor=None, now=NOW)
    everybody = {p.branch_id: p for p in round_.participants.all()}

    def team(branch: Branch, *others: object) -> InspectionTeam:
        leader = cast.person(cast.secretary_of(branch))
        return rounds.create_team(
            round_id=round_.pk,
            branch=branch,
            leader=leader,
            members=others,  # type: ignore[arg-type]
            actor=None,
            now=NOW,
        )

    def visit(sent: InspectionTeam, branch: Branch) -> Inspection:
        return rounds.assign(
            round_id=round_.pk,
            team=sent,
            participant=everybody[branch.pk],
            planned_on=NOW.date(),
            actor=None,
            now=NOW,
        )

    office = team(cast.office_two, cast.person(cast.inspector))
    supplies = team(cast.supplies)
    production = team(cast.branch_b)
    visits = {
        "visit_a": visit(office, cast.branch_a),
        "visit_a_again": visit(supplies, cast.branch_a),
        "visit_b": visit(office, cast.sub_two),
        "visit_energy": visit(production, cast.energy),
    }
    round_ = rounds.start_inspection(round_id=round_.pk, actor=None, now=NOW, via="sweep")
    return MonthCast(
        round=round_,
        team_office=office,
        team_supplies=supplies,
        team_production=production,
        **visits,
    )


@pytest.fixture
def month_cast(cast: Cast) -> MonthCast:
    """The cast's June, inspecting."""
    return kept("month_cast", lambda: _build(cast))


__all__ = ("MonthCast", "month_cast")
