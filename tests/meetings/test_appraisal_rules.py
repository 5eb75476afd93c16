"""The appraisal as arithmetic: each sentence of the two rubrics, at its edges."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluations.appraisal import FULL_TIME, PART_TIME, Facts, Item, Verdict, appraise
from evaluations.services.rubric_seed import seed_source

SEED = {entry["code"]: entry for entry in seed_source()["secretary"]}
ITEMS = {
    code: [Item(i["code"], i["name_zh"], Decimal(str(i["full_marks"]))) for i in entry["items"]]
    for code, entry in SEED.items()
}
FULL = Facts(
    is_full_time=True,
    month_number=6,
    branch_total=Decimal(100),
    lectures=1,
    talks=2,
    team_visits=4,
    was_inspector=True,
    verdict=Verdict.GOOD,
    rating=Decimal(100),
)
PART = replace(FULL, is_full_time=False, talks=1, team_visits=2, unit_marks=Decimal(100))


def marks_of(facts: Facts, code: str) -> Decimal | None:
    items = ITEMS["SEC_FULL" if facts.is_full_time else "SEC_PART"]
    (found,) = (item for item in appraise(items, facts).items if item.code == code)
    return found.marks


def test_every_item_of_both_rubrics_has_a_rule_and_the_full_marks_are_a_hundred() -> None:
    assert [item.code for item in ITEMS["SEC_FULL"]] == list(FULL_TIME)
    assert [item.code for item in ITEMS["SEC_PART"]] == list(PART_TIME)
    for items in ITEMS.values():
        assert sum(item.full for item in items) == 100


@pytest.mark.parametrize("facts", [FULL, PART], ids=["full", "part"])
def test_who_misses_nothing_has_a_hundred(facts: Facts) -> None:
    items = ITEMS["SEC_FULL" if facts.is_full_time else "SEC_PART"]
    found = appraise(items, facts)
    assert found.total == 100
    assert not found.waiting


@pytest.mark.parametrize(
    ("facts", "changed", "code", "marks"),
    [
        (FULL, {"branch_total": Decimal("89.9")}, "S1", "44.95"),
        (PART, {"branch_total": Decimal("89.9")}, "S1", "31.465"),
        # Half of 89.49 is shown as 44.7: rounded once, not by way of 44.75.
        (FULL, {"branch_total": Decimal("89.49")}, "S1", "44.745"),
        (PART, {"unit_marks": Decimal("92.5")}, "S2", "23.125"),
        (FULL, {"not_chaired": ["6月9日"]}, "S2", "2.5"),
        (FULL, {"not_chaired": ["a", "b", "c"]}, "S2", "0"),
        (PART, {"not_chaired": ["6月9日"]}, "S3", "3"),
        (FULL, {"lectures": 0}, "S3", "0"),
        (FULL, {"lectures": 0, "month_number": 5}, "S3", "4"),
        (FULL, {"month_number": 5, "study_rate": Decimal("0.89")}, "S3", "3"),
        (FULL, {"month_number": 5, "study_rate": Decimal("0.90")}, "S3", "4"),
        (PART, {"lectures": 0}, "S4", "0"),
        (PART, {"lectures": 0, "month_number": 3}, "S4", "3"),
        (FULL, {"talks": 1}, "S4", "2"),
        (FULL, {"talks": 0}, "S4", "0"),
        (PART, {"talks": 0}, "S5", "0"),
        (FULL, {"team_visits": 1}, "S5", "1"),
        (PART, {"team_visits": 1}, "S6", "1.5"),
        (FULL, {"was_inspector": False}, "S6", "0"),
        (FULL, {"was_inspector": False, "sent_deputy": True}, "S6", "0"),
        (PART, {"was_inspector": False, "sent_deputy": True}, "S7", "4"),
        (PART, {"was_inspector": False}, "S7", "0"),
        (FULL, {"was_inspector": False, "had_a_team": False}, "S6", "4"),
        (FULL, {"late_sheets": ["x"], "overruled": ["y", "z"]}, "S6", "2"),
        (PART, {"late_sheets": ["x"], "overruled": ["y", "z"]}, "S7", "3"),
        (FULL, {"late_records": ["a", "b", "c"]}, "S7", "2.5"),
        (FULL, {"overdue_findings": ["a"], "returned_findings": ["b"]}, "S8", "2"),
        (FULL, {"verdict": Verdict.FAIRLY_GOOD}, "S9", "8"),
        (FULL, {"verdict": Verdict.POOR}, "S9", "3"),
        (PART, {"verdict": Verdict.POOR}, "S9", "1.5"),
        (FULL, {"rating": Decimal("88")}, "S10", "4.4"),
    ],
)
def test_the_edges(facts: Facts, changed: dict[str, Any], code: str, marks: str) -> None:
    assert marks_of(replace(facts, **changed), code) == Decimal(marks)


@pytest.mark.parametrize(
    ("facts", "gone", "code"),
    [
        (FULL, "verdict", "S9"),
        (FULL, "rating", "S10"),
        (FULL, "branch_total", "S1"),
        (PART, "unit_marks", "S2"),
    ],
)
def test_what_nobody_entered_yet_waits_and_is_not_a_nought(
    facts: Facts, gone: str, code: str
) -> None:
    items = ITEMS["SEC_FULL" if facts.is_full_time else "SEC_PART"]
    found = appraise(items, replace(facts, **{gone: None}))  # type: ignore[arg-type]
    assert [item.code for item in found.waiting] == [code]
    assert found.waiting[0].waits_for
    assert found.total == found.full_known < 100


lists = st.lists(st.just("一件"), max_size=12)


@given(
    full_time=st.booleans(),
    month=st.integers(1, 12),
    counts=st.tuples(*[st.integers(0, 9)] * 3),
    sentences=st.tuples(*[lists] * 6),
    flags=st.tuples(*[st.booleans()] * 3),
)
def test_marks_stay_between_nought_and_full_and_every_loss_has_a_reason(
    full_time: bool, month: int, counts: Any, sentences: Any, flags: Any
) -> None:
    facts = Facts(
        is_full_time=full_time,
        month_number=month,
        branch_total=Decimal(80),
        unit_marks=Decimal(80),
        lectures=counts[0],
        talks=counts[1],
        team_visits=counts[2],
        not_chaired=sentences[0],
        late_sheets=sentences[1],
        overruled=sentences[2],
        late_records=sentences[3],
        overdue_findings=sentences[4],
        returned_findings=sentences[5],
        was_inspector=flags[0],
        sent_deputy=flags[1],
        had_a_team=flags[2],
        verdict=Verdict.AVERAGE,
        rating=Decimal(80),
    )
    for item in appraise(ITEMS["SEC_FULL" if full_time else "SEC_PART"], facts).items:
        assert item.marks is not None
        assert 0 <= item.marks <= item.full
        if item.taken and item.code != "S9":
            assert item.reasons
