"""What records propose to an inspector: a fact, the rule it goes to, and never a score."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.urls import reverse

from branches.duty_facts import DutyCell
from branches.duty_matrix import duties_of
from branches.models import Activity
from branches.services.record_values import AbsenceValues
from branches.services.registers import DuesLine, settle_dues
from evaluations.models import Deduction, RubricItem
from evaluations.proposals import Proposal, proposals_of
from evaluations.services import sheets
from tests.branches.scene import Busy
from tests.branches.test_record_pages import page, signed
from tests.branches.test_records import save
from tests.cast import JUNE, TODAY, Cast

SOURCE = Path(settings.BASE_DIR) / "evaluations" / "data" / "rubrics.json"
LAST_DAY = dt.date(2017, 7, 1)


def rules_of(code: str) -> list[tuple[int, str]]:
    """The rules of an item in the seed rubric of production branches, numbered from 1."""
    rubrics = json.loads(SOURCE.read_text())["rubrics"]
    rubric = next(r for r in rubrics if r["code"] == "PROD")
    item = next(i for s in rubric["sections"] for i in s["items"] if i["code"] == code)
    return list(enumerate((rule["text"] for rule in item["deductions"]), start=1))


def cells(cast: Cast, today: dt.date = TODAY) -> tuple[DutyCell, ...]:
    row = duties_of(cast.branch_a, JUNE, today)
    assert row is not None
    return row.cells


def proposed(cast: Cast, code: str, today: dt.date = TODAY) -> list[Proposal]:
    return proposals_of(code, cells(cast, today), rules_of(code))


def text_of(code: str, proposal: Proposal) -> str:
    assert proposal.rule_id is not None
    return dict(rules_of(code))[proposal.rule_id]


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("A1", "未传达"),
        ("A3", "季末仍未开展"),
        ("A4", "季度未分析"),
        ("B1", "季度未召开"),
        ("B2", "当月未召开"),
        ("B4", "当月未开展"),
        ("B6", "覆盖率低于50%"),
        ("D2", "当月未讲评"),
    ],
)
def test_what_was_not_done_goes_to_its_rule(cast: Cast, code: str, words: str) -> None:
    found = proposed(cast, code, LAST_DAY)
    assert len(found) == 1
    assert words in text_of(code, found[0])
    assert "没有做" in found[0].fact


def test_groups_and_members_are_counted(cast: Cast) -> None:
    save(cast, duties=("group_meeting",), group=cast.group_one)
    meetings = proposed(cast, "B3", LAST_DAY)[0]
    assert (meetings.count, "缺开" in text_of("B3", meetings)) == (2, True)
    settle_dues(
        branch=cast.branch_a,
        month=JUNE,
        paid_on=dt.date(2017, 6, 8),
        lines=[DuesLine(p.pk, 45) for p in cast.members(cast.branch_a)[:9]],  # type: ignore[arg-type]
        actor=None,
        now=cast.now,
    )
    dues = proposed(cast, "C3", LAST_DAY)[0]
    assert (dues.count, "未按月交纳" in text_of("C3", dues)) == (3, True)


@pytest.mark.parametrize(("away", "words"), [(3, "出席率低于80%"), (6, "出席率低于60%")])
def test_the_harder_rule_of_attendance_excludes_the_other(
    cast: Cast, away: int, words: str
) -> None:
    people = cast.members(cast.branch_a)[3 : 3 + away]
    save(cast, absences=tuple(AbsenceValues(p.pk, "leave", "值班") for p in people))
    found = proposed(cast, "B4")
    assert len(found) == 1
    assert words in text_of("B4", found[0])


def test_a_vote_without_quorum_and_missing_elements(cast: Cast) -> None:
    people = cast.members(cast.branch_a)[3:10]
    away = tuple(AbsenceValues(p.pk, "leave", "值班") for p in people)
    record = save(cast, duties=("general_meeting",), absences=away, ayes=4)
    assert "到会不足半数" in text_of("B1", proposed(cast, "B1")[0])
    # Changing the record before the lock changes the proposal.
    save(cast, activity=record, version=1, duties=("general_meeting",), ayes=8)
    assert proposed(cast, "B1") == []
    save(cast, duties=("committee_meeting",), resolution="")
    assert "记录要素缺项" in text_of("B2", proposed(cast, "B2")[0])


def test_after_the_lock_it_is_a_late_entry_and_only_worth_knowing(cast: Cast) -> None:
    day = dt.datetime(2017, 7, 10, 9, tzinfo=cast.now.tzinfo)
    save(cast, duties=("themed_day",), late_reason="记录人住院", now=day)
    [proposal] = proposed(cast, "B4", day.date())
    assert proposal.rule_id is None
    assert "锁定后补录" in proposal.fact


def test_before_the_last_day_it_is_only_worth_knowing(cast: Cast) -> None:
    found = proposed(cast, "A3")
    assert [p.rule_id for p in found] == [None]
    assert "还没有做" in found[0].fact


def test_a_reworded_rubric_gets_the_fact_without_a_rule(cast: Cast) -> None:
    found = proposals_of("A3", cells(cast, LAST_DAY), [(1, "另外的说法")])
    assert found[0].rule_id is None
    assert found[0].fact


def test_the_inspector_sees_it_and_nothing_is_deducted(cast: Cast, busy: Busy) -> None:
    now = dt.datetime(2017, 6, 29, 9, tzinfo=cast.now.tzinfo)
    with time_machine.travel(now, tick=False):
        sheets.start_sheet(inspection_id=busy.coming.pk, actor=cast.inspector, now=now)
        item: Any = RubricItem.objects.get(
            version=busy.coming.participant.rubric_version, code="B4"
        )
        address = reverse("evaluations:sheet-item", args=[busy.coming.pk, item.pk])
        text = page(signed(cast.inspector), address)
    assert "记录显示：主题党日：应到12人，实到9人，75%，低于80%" in text
    assert "现场属实，填上" in text
    assert not Deduction.objects.filter(inspection=busy.coming).exists()
    assert Activity.objects.count() > 0
