"""27 June 2017 for the secretary of A: May is published with its findings, June is being
inspected, most of June's records are written, three things are left."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest

from branches.models import Activity, Branch
from branches.services.record_values import AbsenceValues, ActivityValues
from branches.services.records import save_activity
from branches.services.registers import DuesLine, record_talks, settle_dues
from evaluations.models import Finding, Inspection, MonthRound, RubricItem
from evaluations.services import findings, rounds, rubric_seed, sheets
from evaluations.services.publish import publish_round
from portal.accounts.models import User
from portal.kernel.months import SHANGHAI, Month
from tests.cast import FIRST_MONTH, JUNE, NOW, Cast, kept

MAY = Month(2017, 5)


def at(month: int, day: int, hour: int = 10) -> dt.datetime:
    return dt.datetime(2017, month, day, hour, tzinfo=SHANGHAI)


@dataclass
class Busy:
    """``visit``: A's team goes to the supplies branch tomorrow; ``coming``: the office's team
    comes to A on Thursday; ``open_finding`` waits for A, ``reported`` for the look-back."""

    may: MonthRound
    june: MonthRound
    visit: Inspection
    coming: Inspection
    open_finding: Finding
    reported: Finding
    themed_day: Activity


def keep(cast: Cast, day: dt.date, duties: Sequence[str], subject: str, **more: Any) -> Activity:
    """A record of A, written on its day."""
    absences = tuple(AbsenceValues(person.pk, "leave", "值班") for person in more.pop("away", ()))
    return save_activity(
        branch=cast.branch_a,
        values=ActivityValues(
            duties=tuple(duties),
            held_on=day,
            place=more.pop("place", "配电运检楼三楼会议室"),
            subject=subject,
            chair=cast.person(cast.secretary_a),
            recorder=cast.person(cast.deputy_a),
            agenda=more.pop("agenda", "一、学习上级文件\n二、讨论本月重点工作"),
            resolution=more.pop("resolution", "抢修现场的规矩本月上墙，吴海生负责。"),
            absences=absences,
            **more,
        ),
        actor=cast.secretary_a,
        now=dt.datetime.combine(day, dt.time(17), SHANGHAI),
    )


def _inspected(
    cast: Cast, round_: MonthRound, sent: Branch, to: Branch, lines: dict[tuple[str, int], str]
) -> Inspection:
    leader: User = cast.secretary_of(sent)
    team = rounds.create_team(
        round_id=round_.pk,
        branch=sent,
        leader=cast.person(leader),
        members=[],
        actor=None,
        now=at(5, 22),
    )
    visit = rounds.assign(
        round_id=round_.pk,
        team=team,
        participant=round_.participants.get(branch=to),
        planned_on=dt.date(2017, 5, 25),
        actor=None,
        now=at(5, 22),
    )
    rounds.start_inspection(round_id=round_.pk, actor=None, now=at(5, 25), via="sweep")
    sheets.start_sheet(inspection_id=visit.pk, actor=leader, now=at(5, 25))
    for (code, number), fact in lines.items():
        item = RubricItem.objects.get(version=visit.participant.rubric_version, code=code)
        sheets.save_item(
            inspection_id=visit.pk,
            item_id=item.pk,
            lines=[sheets.LineInput(item.rules.get(number=number).pk, 1, fact)],
            override=None,
            version=0,
            actor=leader,
            now=at(5, 25),
        )
    sheets.submit_sheet(inspection_id=visit.pk, rest_is_fine=True, actor=leader, now=at(5, 25, 16))
    sheets.confirm_sheet(inspection_id=visit.pk, actor=cast.secretary_of(to), now=at(5, 25, 17))
    return visit


def build(cast: Cast) -> Busy:
    rubric_seed.load_rubrics(
        source=rubric_seed.seed_source(), first_month=FIRST_MONTH, actor=None, now=NOW
    )
    rounds.set_policy(committee=cast.city, first_month=FIRST_MONTH, values={}, actor=None, now=NOW)
    may = rounds.open_round(committee=cast.city, month=MAY, actor=None, now=at(5, 2))
    visited = _inspected(
        cast,
        may,
        cast.office_one,
        cast.branch_a,
        {
            ("D1", 1): "5月12日一名党员登杆前未复核安全带挂点",
            ("E1", 2): "5月8日出队，5月15日才登记",
            ("D4", 1): "3号隐患5月20日到期未销号",
            ("D2", 1): "责任区公示牌2处人员未更新",
        },
    )
    rounds.close_inspection(round_id=may.pk, actor=None, now=at(6, 1), via="sweep")
    publish_round(round_id=may.pk, actor=None, now=at(6, 5), via="sweep")

    june = rounds.open_round(committee=cast.city, month=JUNE, actor=None, now=at(6, 6))
    june = rounds.write_words(
        round_id=june.pk,
        focus="合同合规、廉洁风险三清单",
        highlights="",
        next_focus="",
        actor=cast.officer,
        now=at(6, 20),
    )
    ours = rounds.create_team(
        round_id=june.pk,
        branch=cast.branch_a,
        leader=cast.person(cast.secretary_a),
        members=[cast.person(cast.deputy_a)],
        actor=None,
        now=at(6, 22),
    )
    theirs = rounds.create_team(
        round_id=june.pk,
        branch=cast.office_two,
        leader=cast.person(cast.inspector),
        members=[],
        actor=None,
        now=at(6, 22),
    )
    visit = rounds.assign(
        round_id=june.pk,
        team=ours,
        participant=june.participants.get(branch=cast.supplies),
        planned_on=dt.date(2017, 6, 28),
        planned_time=dt.time(14, 30),
        place="物资仓库二楼会议室",
        actor=None,
        now=at(6, 22),
    )
    coming = rounds.assign(
        round_id=june.pk,
        team=theirs,
        participant=june.participants.get(branch=cast.branch_a),
        planned_on=dt.date(2017, 6, 29),
        planned_time=dt.time(9),
        actor=None,
        now=at(6, 22),
    )
    june = rounds.start_inspection(round_id=june.pk, actor=None, now=at(6, 26), via="sweep")

    fixes = {f.item.code: f for f in Finding.objects.filter(inspection=visited)}
    reported = findings.report_finding(
        finding_id=fixes["E1"].pk,
        cause="值班交接漏登",
        measure="出队当晚由值班员登记，队长次日核对",
        responsible="吴海生",
        actor=cast.secretary_a,
        now=at(6, 26),
    )
    people = cast.members(cast.branch_a)
    day = dt.date(2017, 6, 9)
    themed = keep(
        cast,
        day,
        ["themed_day", "general_meeting", "party_lecture", "group_study"],
        "学规矩、保安全",
        study_hours=Decimal(3),
        ayes=8,
        away=people[4:7],
    )
    keep(cast, dt.date(2017, 6, 5), ["committee_meeting", "document_relay"], "六月重点工作安排")
    keep(cast, dt.date(2017, 6, 21), ["ideology_review"], "二季度员工思想动态分析")
    settle_dues(
        branch=cast.branch_a,
        month=JUNE,
        paid_on=dt.date(2017, 6, 8),
        lines=[DuesLine(person.pk, Decimal(45)) for person in people],
        actor=cast.secretary_a,
        now=at(6, 8),
    )
    for speaker, listeners in ((people[0], people[3:]), (people[3], people[4:6])):
        record_talks(
            branch=cast.branch_a,
            held_on=dt.date(2017, 6, 13),
            speaker=speaker,
            listeners=listeners,
            points="夜班的困难",
            actor=cast.secretary_a,
            now=at(6, 13),
        )
    for number, group in ((6, cast.group_one), (8, cast.group_two)):
        keep(
            cast,
            dt.date(2017, 6, number),
            ["group_meeting"],
            f"{group.name}学习安规",
            group=group,
            place="班组学习室",
        )
    return Busy(
        may=MonthRound.objects.get(pk=may.pk),
        june=june,
        visit=visit,
        coming=coming,
        open_finding=fixes["D2"],
        reported=reported,
        themed_day=themed,
    )


@pytest.fixture
def busy(cast: Cast) -> Busy:
    return kept("branches: busy", lambda: build(cast))
