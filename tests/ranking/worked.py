"""The worked example of domain.md 2.3 in the cast's June, through the services, and helpers to
publish it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

import pytest

from evaluations.models import (
    Deduction,
    Inspection,
    MonthRound,
    NoticeProblem,
    RankingRun,
    RoundParticipant,
    ScoreAppeal,
)
from evaluations.services import adjustments, rounds, sheets
from evaluations.services.publish import publish_round
from portal.accounts.models import User
from portal.kernel.months import SHANGHAI
from tests.cast import Cast, kept
from tests.month import MonthCast
from tests.month import _build as build_month

INSPECTED_AT = dt.datetime(2017, 6, 28, 15, 0, tzinfo=SHANGHAI)
CLOSED_AT = dt.datetime(2017, 7, 1, 0, 5, tzinfo=SHANGHAI)
PUBLISH_AT = dt.datetime(2017, 7, 5, 9, 0, tzinfo=SHANGHAI)

# Item and rule number -> (count, fact): six faults, seven marks, no starred item under 60 %.
JUNE_FAULTS = {
    ("A1", 2): (1, "6月2日文件6月27日才传达"),
    ("B1", 3): (2, "6月16日会议记录缺主持人、缺请假原因"),
    ("B4", 2): (1, "6月9日主题党日出席率76%"),
    ("D1", 1): (1, "6月14日一名党员安全帽下颏带未系"),
    ("E1", 2): (2, "6月11日、6月18日出队超3日登记"),
    ("F1", 1): (1, "手套质量诉求超期2日办结"),
}


@dataclass
class Worked:
    """June in provisional state, five sheets submitted; branch A's is the example."""

    round: MonthRound
    sheet_a: Inspection
    participant_a: RoundParticipant

    def deduction(self, code: str) -> Deduction:
        return Deduction.objects.get(inspection=self.sheet_a, item__code=code)


def fill(inspection: Inspection, faults: Mapping[tuple[str, int], tuple[int, str]]) -> Inspection:
    """Fill in and submit a sheet as the leader of its team."""
    leader = inspection.team.members.get(is_leader=True).person.user
    assert leader is not None
    version = inspection.participant.rubric_version
    for (code, number), (count, fact) in faults.items():
        item = version.items.get(code=code)
        sheets.save_item(
            inspection_id=inspection.pk,
            item_id=item.pk,
            lines=[sheets.LineInput(item.rules.get(number=number).pk, count, fact)],
            override=None,
            version=0,
            actor=leader,
            now=INSPECTED_AT,
        )
    if not faults:
        sheets.start_sheet(inspection_id=inspection.pk, actor=leader, now=INSPECTED_AT)
    return sheets.submit_sheet(
        inspection_id=inspection.pk, rest_is_fine=True, actor=leader, now=INSPECTED_AT
    )


def build_worked(cast: Cast, june: MonthCast, breaches: int = 1) -> Worked:
    """Inspect, add the typhoon bonus, close the inspection."""
    round_ = june.round
    visit_neighbour = rounds.assign(
        round_id=round_.pk,
        team=june.team_office,
        participant=june.participant(cast.branch_b),
        actor=None,
        now=INSPECTED_AT,
    )
    faults = {**JUNE_FAULTS, ("D1", 1): (breaches, JUNE_FAULTS["D1", 1][1])}
    sheet_a = fill(june.visit_a, faults)
    fill(june.visit_b, {("A2", 3): (2, "抽问2名党员答不出")})
    fill(visit_neighbour, {("C3", 2): (1, "党费收缴未登记")})
    fill(june.visit_energy, {})
    rounds.unassign(
        inspection_id=june.visit_a_again.pk, reason="该组抽调", actor=cast.officer, now=INSPECTED_AT
    )
    participant = june.participant(cast.branch_a)
    adjustments.add_bonus(
        participant=participant,
        rule=participant.rubric_version.bonus_rules.filter(points=1).order_by("code")[0],
        fact="6月抗台抢险突出",
        actor=cast.officer,
        now=INSPECTED_AT,
    )
    round_ = rounds.close_inspection(round_id=round_.pk, actor=None, now=CLOSED_AT, via="sweep")
    return Worked(round_, Inspection.objects.get(pk=sheet_a.pk), participant)


def publish(round_: MonthRound, **more: object) -> RankingRun:
    values = {"actor": None, "now": PUBLISH_AT, "via": "sweep", **more}
    run: RankingRun = publish_round(round_id=round_.pk, **values).run  # type: ignore[arg-type]
    round_.refresh_from_db()
    return run


def uphold_later(deduction: Deduction, to: int, officer: User) -> ScoreAppeal:
    """An appeal upheld after publication: the deduction stays, the appeal is counted."""
    appeal: ScoreAppeal = ScoreAppeal.objects.create(
        deduction=deduction,
        branch=deduction.inspection.inspected_branch,
        status="upheld",
        text="事后查明",
        filed_by=officer,
        filed_at=PUBLISH_AT,
        decision="复核属实",
        decided_by=officer,
        decided_at=PUBLISH_AT,
        count_before=deduction.count,
        count_after=to,
    )
    return appeal


def problems(run: RankingRun) -> list[NoticeProblem]:
    return list(
        NoticeProblem.objects.filter(notice__run=run)
        .select_related("item", "notice")
        .order_by("notice__branch_id", "number")
    )


@pytest.fixture
def worked(cast: Cast) -> Worked:
    return kept("worked", lambda: build_worked(cast, build_month(cast)))


@pytest.fixture
def failing(cast: Cast) -> Worked:
    """The same June with a second breach: D1 stands at 4 of 8, under the line."""
    return kept("failing", lambda: build_worked(cast, build_month(cast), breaches=2))


__all__ = ("failing", "worked")
