"""The rubrics the product comes with say what domain.md 2.2 and 2.3 say."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db.models import Model

from evaluations.models import Rubric, RubricItem, RubricSection, RubricVersion
from evaluations.models.rubrics import (
    Band,
    BonusRule,
    DeductionRule,
    VetoRule,
)
from evaluations.rubric_checks import LIMITS, problems
from evaluations.rubric_content import RubricContent, single_failures
from evaluations.services.rubric_seed import load_rubrics, seed_source
from evaluations.services.rubrics import content_of, version_in_force
from portal.audit.models import AuditEntry
from portal.kernel.errors import DomainError
from portal.kernel.months import SHANGHAI, Month

NOW = dt.datetime(2017, 6, 1, 9, 0, tzinfo=SHANGHAI)
JANUARY = Month(2017, 1)

pytestmark = pytest.mark.django_db


@pytest.fixture
def seed() -> dict[str, RubricContent]:
    load_rubrics(source=seed_source(), first_month=JANUARY, actor=None, now=NOW)
    return {
        rubric.code: content_of(rubric.versions.get()) for rubric in Rubric.objects.order_by("pk")
    }


@pytest.mark.parametrize(
    ("code", "items", "key_marks"), [("MGMT", 23, 47), ("PROD", 27, 46), ("BUSI", 26, 43)]
)
def test_branch_rubrics_have_the_items_and_key_marks_of_the_domain(
    seed: dict[str, RubricContent], code: str, items: int, key_marks: int
) -> None:
    content = seed[code]
    assert len(list(content.items)) == items
    assert content.key_marks == key_marks
    assert content.total == 100
    assert problems(content) == []


@pytest.mark.parametrize(("code", "own_share"), [("SEC_FULL", 50), ("SEC_PART", 35)])
def test_secretary_rubrics_are_loaded_as_sentences(
    seed: dict[str, RubricContent], code: str, own_share: int
) -> None:
    content = seed[code]
    items = list(content.items)
    assert len(items) == 10
    assert content.total == 100
    assert problems(content) == []
    assert items[0].full_marks == own_share
    assert all(item.standard and not item.rules for item in items)
    assert not content.bonus_rules
    assert not content.veto_rules


def test_what_only_some_branches_owe(seed: dict[str, RubricContent]) -> None:
    for code in ("MGMT", "PROD", "BUSI"):
        scoped = {i.code: i.applies_when for i in seed[code].items if i.applies_when}
        assert scoped == {"B2": "has_committee", "B3": "has_groups"}


def test_bonus_veto_and_bands(seed: dict[str, RubricContent]) -> None:
    content = seed["PROD"]
    assert content.bonus_cap == 5
    assert {b.code: str(b.points) for b in content.bonus_rules} == {
        "J1": "2.00",
        "J2": "1.00",
        "J3": "1.00",
        "J4": "1.00",
        "J5": "0.50",
    }
    effects: dict[str, tuple[Any, ...]] = {
        v.code: (v.cap, v.zeroes_item, v.bars_awards, v.needs_talk) for v in content.veto_rules
    }
    assert effects == {
        "V1": (60, False, True, False),
        "V2": (60, False, True, False),
        "V3": (60, False, True, False),
        "V4": (60, True, False, False),
        "V5": (70, False, False, True),
    }
    assert [f"{b.name} {b.floor:.0f}" for b in content.bands] == [
        "好 90",
        "较好 80",
        "一般 70",
        "差 0",
    ]


SINGLE_FAILURES = {
    "MGMT": [
        "B1 季度未召开",
        "B1 到会不足半数仍作表决",
        "B4 当月未开展",
        "E2 回头看不合格",
        "F1 季度未教育",
    ],
    "PROD": [
        "A1 未传达",
        "B1 季度未召开",
        "B1 到会不足半数仍作表决",
        "B4 当月未开展",
        "B4 出席率低于60%（不与上项叠加）",
        "D1 党员严重违章",
        "G1 未按时完成",
        "G2 逾期未改",
        "G2 回头看不合格",
        "H1 季度未教育",
        "H1 行风问题属实",
    ],
    "BUSI": [
        "A1 未传达",
        "B1 季度未召开",
        "B1 到会不足半数仍作表决",
        "B4 当月未开展",
        "B4 出席率低于60%（不与上项叠加）",
        "F1 严重违章",
        "G1 未按时完成",
        "G2 逾期未改",
        "G2 回头看不合格",
    ],
}


@pytest.mark.parametrize("code", list(SINGLE_FAILURES))
def test_one_occurrence_that_alone_fails_key_work(
    seed: dict[str, RubricContent], code: str
) -> None:
    assert [f"{item} {text}" for item, text in single_failures(seed[code])] == SINGLE_FAILURES[code]


def test_loading_twice_changes_nothing(seed: dict[str, RubricContent]) -> None:
    counts = [model.objects.count() for model in (RubricVersion, RubricItem, DeductionRule)]
    entries = AuditEntry.objects.count()
    again = load_rubrics(source=seed_source(), first_month=Month(2019, 5), actor=None, now=NOW)
    assert [rubric.code for rubric in again] == ["MGMT", "PROD", "BUSI", "SEC_FULL", "SEC_PART"]
    assert counts == [m.objects.count() for m in (RubricVersion, RubricItem, DeductionRule)]
    assert AuditEntry.objects.count() == entries
    assert {v.month for v in RubricVersion.objects.all()} == {JANUARY}


def test_a_source_that_does_not_add_up_loads_nothing() -> None:
    source: dict[str, Any] = seed_source()
    source["rubrics"][1]["sections"][3]["items"][0]["full_marks"] -= 1
    with pytest.raises(DomainError, match=r"D类“安全生产先锋”满分22分，项目合计21分，少1分"):
        load_rubrics(source=source, first_month=JANUARY, actor=None, now=NOW)
    assert Rubric.objects.count() == 0


def test_version_in_force_is_found_by_month(seed: dict[str, RubricContent]) -> None:
    rubric = Rubric.objects.get(code="PROD")
    assert version_in_force(rubric, Month(2016, 12)) is None
    for month in (JANUARY, Month(2017, 6), Month(2030, 1)):
        found = version_in_force(rubric, month)
        assert found is not None
        assert found.number == 1


def test_text_limits_are_those_of_the_columns() -> None:
    models: dict[str, type[Model]] = {
        "section": RubricSection,
        "item": RubricItem,
        "rule": DeductionRule,
        "bonus": BonusRule,
        "veto": VetoRule,
        "band": Band,
    }
    for name, limit in LIMITS.items():
        kind, _, column = name.partition(".")
        field: Any = models[kind]._meta.get_field(column)
        assert field.max_length == limit, name
