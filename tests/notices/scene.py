"""What the tests of rectification play in: June 2017 of the cast, inspected and published.

``provisional`` goes up to the preliminary scores; ``published`` goes on to a publication with
draft notices. Both are kept and replayed like the cast itself.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import time_machine

from branches.models import Branch
from evaluations.lifecycles import UNSIGNED, NoticeStatus
from evaluations.models import (
    Deduction,
    EvaluationPolicy,
    Finding,
    Inspection,
    IssuedPaper,
    MonthRound,
    NoticeProblem,
    RankingRun,
    RectificationNotice,
    RoundParticipant,
    RubricItem,
)
from evaluations.services import notices, rounds, rubric_seed, sheets
from evaluations.services.notices import Answer
from evaluations.services.publish import publish_round
from portal.accounts.models import User
from portal.kernel.months import SHANGHAI, Month
from tests.cast import JUNE, Cast, kept

GOOD = Answer(
    cause="当天抢修，未及时改期",
    measure="改期补开，以后改期先报备",
    responsible="林建明",
    done_on=dt.date(2017, 7, 4),
    result="7月4日已补开，到会11人",
)

INSPECTED_AT = dt.datetime(2017, 6, 28, 15, 0, tzinfo=SHANGHAI)
CLOSED_AT = dt.datetime(2017, 7, 1, 0, 5, tzinfo=SHANGHAI)
PUBLISHED_AT = dt.datetime(2017, 7, 5, 9, 0, tzinfo=SHANGHAI)


def at(month: int, day: int, hour: int = 10, minute: int = 0, year: int = 2017) -> dt.datetime:
    return dt.datetime(year, month, day, hour, minute, tzinfo=SHANGHAI)


@dataclass
class Provisional:
    """The preliminary scores are out until 4 July, 24:00.

    ``inspection``: the inspector's team in ``branch_a``: themed day not held (critical),
    two ordinary breaches of safety rules, a lecture without notes (fix now).
    ``visit_office``: a team in the branch of the party-affairs office, with one deduction.
    """

    round: MonthRound
    inspection: Inspection
    visit_office: Inspection
    themed_day: Deduction
    breaches: Deduction
    lecture: Deduction
    office_line: Deduction

    def finding(self, deduction: Deduction) -> Finding:
        return Finding.objects.get(deduction_id=deduction.pk)


def _inspect(
    cast: Cast,
    inspection: Inspection,
    actor: User,
    lines: dict[tuple[str, int], tuple[int, str, str, str]],
) -> dict[tuple[str, int], Deduction]:
    for (code, number), (count, fact, severity, kind) in lines.items():
        item = RubricItem.objects.get(version=inspection.participant.rubric_version, code=code)
        rule = item.rules.get(number=number)
        sheets.save_item(
            inspection_id=inspection.pk,
            item_id=item.pk,
            lines=[sheets.LineInput(rule.pk, count, fact, severity, kind)],
            override=None,
            version=0,
            actor=actor,
            now=INSPECTED_AT,
        )
    sheets.submit_sheet(
        inspection_id=inspection.pk, rest_is_fine=True, actor=actor, now=INSPECTED_AT
    )
    sheets.confirm_sheet(
        inspection_id=inspection.pk,
        actor=cast.secretary_of(inspection.inspected_branch),
        now=INSPECTED_AT,
    )
    return {
        key: Deduction.objects.get(inspection=inspection, item__code=key[0], rule__number=key[1])
        for key in lines
    }


def build_provisional(cast: Cast) -> Provisional:
    rubric_seed.load_rubrics(
        source=rubric_seed.seed_source(), first_month=Month(2016, 1), actor=None, now=cast.now
    )
    for committee in (cast.city, cast.county):
        EvaluationPolicy.objects.get_or_create(committee=committee, first_month=dt.date(2016, 1, 1))
    round_ = rounds.open_round(committee=cast.city, month=JUNE, actor=None, now=at(6, 20))
    visits = []
    for home, leader, inspected in (
        (cast.office_two, cast.inspector, cast.branch_a),
        (cast.branch_b, cast.secretary_b, cast.office_three),
    ):
        team = rounds.create_team(
            round_id=round_.pk,
            branch=home,
            leader=cast.person(leader),
            members=[],
            actor=None,
            now=at(6, 22),
        )
        visits.append(
            rounds.assign(
                round_id=round_.pk,
                team=team,
                participant=RoundParticipant.objects.get(round=round_, branch=inspected),
                planned_on=INSPECTED_AT.date(),
                actor=None,
                now=at(6, 22),
            )
        )
    rounds.start_inspection(round_id=round_.pk, actor=None, now=at(6, 26), via="sweep")
    ours = _inspect(
        cast,
        visits[0],
        cast.inspector,
        {
            ("A3", 2): (1, "二季度党课没有讲稿", "minor", "fix_now"),
            ("B4", 1): (1, "6月固定日为9日，当月无活动记录", "critical", "fix_by_date"),
            ("D1", 1): (2, "6月14日两名党员安全帽下颏带未系好", "major", "fix_by_date"),
        },
    )
    theirs = _inspect(
        cast,
        visits[1],
        cast.secretary_b,
        {("A1", 2): (1, "6月2日文件6月20日才传达", "minor", "continuing")},
    )
    round_ = rounds.close_inspection(round_id=round_.pk, actor=None, now=CLOSED_AT, via="sweep")
    return Provisional(
        round=round_,
        inspection=Inspection.objects.get(pk=visits[0].pk),
        visit_office=Inspection.objects.get(pk=visits[1].pk),
        lecture=ours["A3", 2],
        themed_day=ours["B4", 1],
        breaches=ours["D1", 1],
        office_line=theirs["A1", 2],
    )


@dataclass
class Published:
    """The month is published; two notices wait as drafts: ``notice`` to branch A with two
    problems, ``office_notice`` to the branch of the party-affairs office."""

    provisional: Provisional
    notice: RectificationNotice
    office_notice: RectificationNotice

    @property
    def problems(self) -> list[NoticeProblem]:
        return list(self.notice.problems.order_by("number"))


def draft(
    run: RankingRun, branch: Branch, problems: dict[str, str], now: dt.datetime = PUBLISHED_AT
) -> RectificationNotice:
    """A draft notice as the publication writes it: per item code the generated facts."""
    participant = RoundParticipant.objects.get(round=run.round, branch=branch)
    notice: RectificationNotice = RectificationNotice.objects.create(
        run=run, participant=participant, branch=branch, drafted_at=now
    )
    for number, (code, facts) in enumerate(problems.items(), start=1):
        item = RubricItem.objects.get(version=participant.rubric_version, code=code)
        NoticeProblem.objects.create(
            notice=notice,
            number=number,
            item=item,
            trigger=NoticeProblem.Trigger.BELOW_LINE,
            marks=0,
            full_marks=item.full_marks,
            facts=facts,
        )
    return notice


def build_published(cast: Cast, provisional: Provisional) -> Published:
    result = publish_round(round_id=provisional.round.pk, actor=None, now=PUBLISHED_AT, via="sweep")
    return Published(
        provisional=provisional,
        notice=RectificationNotice.objects.get(run=result.run, branch=cast.branch_a),
        office_notice=draft(result.run, cast.office_three, {"A1": "部署超过10个工作日才传达1项"}),
    )


@pytest.fixture
def provisional(cast: Cast) -> Provisional:
    return kept("notices: provisional", lambda: build_provisional(cast))


@pytest.fixture
def published(cast: Cast, provisional: Provisional) -> Published:
    found = build_published(cast, provisional)
    found.provisional.round.refresh_from_db()
    return found


@pytest.fixture
def on() -> Iterator[time_machine.Traveller]:
    """The wall clock stands at the morning of publication; ``on.move_to`` moves it."""
    with time_machine.travel(PUBLISHED_AT, tick=False) as traveller:
        yield traveller


def put(notice: RectificationNotice, status: str) -> RectificationNotice:
    """The notice as it would stand in ``status``."""
    values: dict[str, Any] = {"status": status, "version": 1}
    values |= {"checked_at": None, "checked_by": None, "extended_from": None}
    if status in UNSIGNED:
        IssuedPaper.objects.filter(notice=notice).delete()  # a draft has none
        values |= {"number": None, "issued_at": None, "due_on": None}
    if status != NoticeStatus.DRAFT:
        values |= {"checked_at": PUBLISHED_AT, "checked_by": User.objects.get(username="officer")}
    if status not in UNSIGNED:
        values |= {
            "issuer_code": "泉电党整",
            "year": 2017,
            "number": 6,
            "issued_at": PUBLISHED_AT,
            "due_on": dt.date(2017, 7, 12),
            "acknowledge_by": dt.date(2017, 7, 7),
        }
    if status in {NoticeStatus.RESPONDED, NoticeStatus.ACCEPTED}:
        values["responded_at"] = PUBLISHED_AT
    RectificationNotice.objects.filter(pk=notice.pk).update(**values)
    notice.refresh_from_db()
    return notice


def answers(notice: RectificationNotice, answer: Answer = GOOD) -> dict[int, Answer]:
    return dict.fromkeys(notice.problems.values_list("pk", flat=True), answer)


def respond(published: Published, user: User, given: dict[int, Answer], version: int = 1) -> Any:
    return notices.respond_to_notice(
        notice_id=published.notice.pk, answers=given, version=version, actor=user, now=PUBLISHED_AT
    )
