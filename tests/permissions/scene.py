"""One of everything that has an address, in the states that matter.

It is 26 July 2017. June is published: branch A has a notice issued, one finding to put right and
one that waits for the look-back; the branch of the party-affairs office has a draft notice, and
an appeal of branch A's was turned down. July is being inspected: the inspector is at branch A, a
second team has handed in its sheet there, a third visit has not begun. A rubric is being drafted.

What only a few may read carries one of the words in ``SECRETS``.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
import time_machine
from django.utils import timezone

from branches.models import Activity, ImportKind
from branches.services.imports import keep_import as keep_rows
from branches.services.record_values import ActivityValues
from branches.services.records import save_activity
from branches.services.registers import enter_step, enter_term, record_talk
from evaluations.models import (
    BonusEntry,
    Deduction,
    Finding,
    Inspection,
    IssuedPaper,
    MeetingDecision,
    MonthRound,
    PaperBatch,
    RectificationNotice,
    RoundParticipant,
    Rubric,
    RubricItem,
    RubricSection,
    RubricVersion,
    ScoreAppeal,
    VetoEvent,
)
from evaluations.services import adjustments, appeals, findings, notices, rounds, sheets
from evaluations.services.batches import ask_for_batch, path_of
from evaluations.services.bulletins import sign_bulletin
from evaluations.services.meetings import decide
from evaluations.services.publish import publish_round
from evaluations.services.rubric_drafts import keep_import
from evaluations.services.rubrics import content_of, draft_version
from portal.audit.models import AuditEntry
from portal.documents.excel import Column, Sheet, write_workbook
from portal.kernel.months import SHANGHAI, Month
from portal.notifications.models import CalendarFeed, InboxMessage, OutboxMessage
from portal.notifications.services import renew_feed, tell
from tests.cast import Cast, kept
from tests.notices.scene import PUBLISHED_AT, build_provisional, draft
from tests.permissions.listening import MAY_READ as LISTENING_SECRETS
from tests.permissions.listening import ListeningHouse, build_listening_house
from tests.servicecrew.permissions import build_crews

JULY = Month(2017, 7)
TODAY_AT = dt.datetime(2017, 7, 26, 10, 0, tzinfo=SHANGHAI)

IN_RECORD = "海缆井巡查两人同行"
IN_FINDING = "6月固定日为9日"
IN_SHEET = "七月台账缺第三页"
IN_DRAFT_NOTICE = "部署超过10个工作日才传达1项"
IN_APPEAL = "当日监护人就在现场"
IN_TALK = "夜班排班错开，答应月底前落实"
IN_MESSAGE = "请到三楼取文件"
IN_MAIL = "催办邮件正文"
SECRETS = (
    *(IN_RECORD, IN_TALK, IN_FINDING, IN_SHEET, IN_DRAFT_NOTICE, IN_APPEAL, IN_MESSAGE, IN_MAIL),
    *LISTENING_SECRETS,
)


@dataclass
class House:
    """What the addresses are made of."""

    june: MonthRound
    july: MonthRound
    participant: RoundParticipant
    visit: Inspection
    submitted: Inspection
    planned: Inspection
    item: RubricItem
    deduction: Deduction
    to_fix: Finding
    reported: Finding
    appeal: ScoreAppeal
    notice: RectificationNotice
    draft_notice: RectificationNotice
    activity: Activity
    rubric: Rubric
    in_force: RubricVersion
    drafted: RubricVersion
    section: RubricSection
    bonus: BonusEntry
    veto: VetoEvent
    message: InboxMessage
    mail: OutboxMessage
    entry: AuditEntry
    listening: ListeningHouse
    decision: MeetingDecision
    feed: CalendarFeed
    paper: IssuedPaper
    batch: PaperBatch


def at(month: int, day: int, hour: int = 10) -> dt.datetime:
    return dt.datetime(2017, month, day, hour, tzinfo=SHANGHAI)


def _appealed(cast: Cast, deduction: Deduction) -> ScoreAppeal:
    filed = appeals.file_appeal(
        deduction_id=deduction.pk, text=IN_APPEAL, actor=cast.secretary_a, now=at(7, 3)
    )
    return appeals.decide_appeal(
        appeal_id=filed.pk,
        uphold=False,
        count_after=None,
        decision="照片上没有监护人",
        actor=cast.officer,
        now=at(7, 4),
    )


def _july(cast: Cast) -> tuple[MonthRound, dict[str, Inspection], RubricItem]:
    july = rounds.open_round(committee=cast.city, month=JULY, actor=None, now=at(7, 10))
    everybody = {p.branch_id: p for p in july.participants.all()}
    visits = {}
    for name, home, to, others in (
        ("visit", cast.office_two, cast.branch_a, [cast.person(cast.inspector)]),
        ("submitted", cast.supplies, cast.branch_a, []),
        ("planned", cast.branch_b, cast.energy, []),
    ):
        team = rounds.create_team(
            round_id=july.pk,
            branch=home,
            leader=cast.person(cast.secretary_of(home)),
            members=others,
            actor=None,
            now=at(7, 20),
        )
        visits[name] = rounds.assign(
            round_id=july.pk,
            team=team,
            participant=everybody[to.pk],
            planned_on=dt.date(2017, 7, 26),
            actor=None,
            now=at(7, 20),
        )
    july = rounds.start_inspection(round_id=july.pk, actor=None, now=at(7, 25), via="sweep")
    item = RubricItem.objects.get(version=visits["visit"].participant.rubric_version, code="D1")
    for name, actor in (
        ("visit", cast.inspector),
        ("submitted", cast.secretary_of(cast.supplies)),
    ):
        sheets.start_sheet(inspection_id=visits[name].pk, actor=actor, now=at(7, 25))
        sheets.save_item(
            inspection_id=visits[name].pk,
            item_id=item.pk,
            lines=[sheets.LineInput(item.rules.get(number=1).pk, 1, IN_SHEET)],
            override=None,
            version=0,
            actor=actor,
            now=at(7, 25),
        )
    sheets.submit_sheet(
        inspection_id=visits["submitted"].pk,
        rest_is_fine=True,
        actor=cast.secretary_of(cast.supplies),
        now=at(7, 25, 16),
    )
    found = {name: Inspection.objects.get(pk=visit.pk) for name, visit in visits.items()}
    return july, found, item


def _decision(cast: Cast, round_id: int) -> MeetingDecision:
    return decide(
        round_id=round_id,
        participant_id=None,
        text="党课讲稿统一备案",
        owner="党群部",
        due_on=dt.date(2017, 8, 4),
        client_key=None,
        actor=cast.leader,
        now=at(7, 10),
    )


def _batch(cast: Cast) -> PaperBatch:
    """June's zip as if a worker had made it; what is in it is asked elsewhere."""
    batch = ask_for_batch(
        committee=cast.city, month=Month(2017, 6), actor=cast.officer, now=at(7, 20)
    )
    batch.status, batch.file_name = PaperBatch.Status.READY, "house.zip"
    batch.save()
    path_of(batch).parent.mkdir(parents=True, exist_ok=True)
    path_of(batch).write_bytes(b"PK")
    return batch


def _registers(cast: Cast) -> None:
    """A row in each register of A."""
    who: dict[str, Any] = {
        "branch": cast.branch_a,
        "actor": cast.secretary_a,
        "now": at(7, 12, 18),
    }
    record_talk(
        held_on=dt.date(2017, 7, 11),
        speaker=cast.person(cast.secretary_a),
        listener=cast.person(cast.deputy_a),
        points=IN_TALK,
        **who,
    )
    enter_term(elected_on=dt.date(2016, 3, 8), **who)
    keep_rows(
        uuid=UUID("6f1c2a34-0000-4000-8000-00000000000d"),
        kind=ImportKind.DUES,
        filename="党费.xlsx",
        body=write_workbook(
            [
                Sheet(
                    "表",
                    [Column(head) for head in ("姓名", "月份", "金额")],
                    [("没有这人", "", "")],
                )
            ]
        ),
        **who,
    )
    enter_step(person=cast.person(cast.employee), step=1, done_on=dt.date(2017, 3, 1), **who)


def build(cast: Cast) -> House:
    june = build_provisional(cast)
    appeal = _appealed(cast, june.breaches)
    result = publish_round(round_id=june.round.pk, actor=None, now=PUBLISHED_AT, via="sweep")
    notice = RectificationNotice.objects.get(run=result.run, branch=cast.branch_a)
    notice = notices.check_and_issue(notice_id=notice.pk, actor=cast.officer, now=at(7, 6))
    paper = sign_bulletin(
        round_id=june.round.pk, version=1, actor=cast.leader, now=at(7, 6, 11)
    ).paper
    draft_notice = draft(result.run, cast.office_three, {"A1": IN_DRAFT_NOTICE})
    reported = findings.report_finding(
        finding_id=june.finding(june.lecture).pk,
        cause="忘记写讲稿",
        measure="已补写",
        responsible="黄丽萍",
        actor=cast.secretary_a,
        now=at(7, 7),
    )
    july, visits, item = _july(cast)
    activity = save_activity(
        branch=cast.branch_a,
        values=ActivityValues(
            duties=("general_meeting",),
            held_on=dt.date(2017, 7, 12),
            place="配电运检楼三楼会议室",
            subject=IN_RECORD,
            chair=cast.person(cast.secretary_a),
            recorder=cast.person(cast.deputy_a),
            agenda="一、学习安规\n二、讨论本月重点工作",
            resolution="巡查制度本月上墙，吴海生负责。",
        ),
        actor=cast.secretary_a,
        now=at(7, 12, 17),
    )
    _registers(cast)
    participant = july.participants.get(branch=cast.branch_a)
    in_force = participant.rubric_version
    rubric = in_force.rubric
    drafted = draft_version(
        rubric=rubric, first_month=Month(2017, 9), actor=cast.officer, now=at(7, 20)
    )
    keep_import(
        rubric=rubric,
        file_name="细则.xlsx",
        content=content_of(in_force),
        report=[],
        actor=cast.officer,
        now=TODAY_AT,
    )
    bonus = adjustments.add_bonus(
        participant=participant,
        rule=in_force.bonus_rules.order_by("pk")[0],
        fact="市级示范党支部",
        points=Decimal(1),
        actor=cast.officer,
        now=at(7, 20),
    )
    veto = adjustments.add_veto(
        participant=participant,
        rule=in_force.veto_rules.filter(zeroes_item=False).order_by("pk")[0],
        fact="七月一般责任事故",
        actor=cast.officer,
        now=at(7, 20),
    )
    tell(user=cast.secretary_a, key="house", title=IN_MESSAGE, now=at(7, 20))
    OutboxMessage.objects.create(
        key="house",
        user=cast.secretary_a,
        subject="催办",
        body=IN_MAIL,
        status="dead",
        next_attempt_at=at(7, 20),
        created_at=at(7, 20),
    )
    listening = build_listening_house(cast)
    build_crews(cast)
    return House(
        listening=listening,
        decision=_decision(cast, june.round.pk),
        feed=renew_feed(user=cast.secretary_a, now=at(7, 20)),
        paper=paper,
        batch=_batch(cast),
        june=MonthRound.objects.get(pk=june.round.pk),
        july=july,
        participant=participant,
        visit=visits["visit"],
        submitted=visits["submitted"],
        planned=visits["planned"],
        item=item,
        deduction=june.themed_day,
        to_fix=june.finding(june.themed_day),
        reported=reported,
        appeal=appeal,
        notice=notice,
        draft_notice=draft_notice,
        activity=activity,
        rubric=rubric,
        in_force=in_force,
        drafted=drafted,
        section=drafted.sections.order_by("pk")[0],
        bonus=bonus,
        veto=veto,
        message=InboxMessage.objects.get(key="house"),
        mail=OutboxMessage.objects.get(key="house"),
        entry=AuditEntry.objects.get(code="round.published"),
    )


@pytest.fixture
def house(cast: Cast) -> House:
    """Everything above; the wall clock stands at ``TODAY_AT`` while the test runs (see
    ``house_clock``)."""
    return kept("permissions: house", lambda: build(cast))


@pytest.fixture
def house_clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(TODAY_AT, tick=False) as traveller:
        assert timezone.now() == TODAY_AT
        yield traveller


__all__ = ("House", "house", "house_clock")
