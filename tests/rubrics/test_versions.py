"""From draft to in force: who may, from when, and only when it adds up."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext

from evaluations.models import MonthRound, Rubric, RubricVersion, VersionStatus
from evaluations.rubric_checks import problems
from evaluations.rubric_content import RubricContent, SectionContent
from evaluations.services.rounds import open_round, set_policy
from evaluations.services.rubrics import (
    activate_version,
    content_of,
    draft_version,
    first_free_month,
    version_in_force,
    withdraw_version,
)
from portal.audit.models import AuditEntry
from portal.kernel.errors import DomainError, Frozen, TransitionRefused
from portal.kernel.months import Month
from tests.cast import Cast
from tests.rubrics.conftest import JANUARY, JULY, NOW

pytestmark = pytest.mark.django_db


def draft(rubric: Rubric, cast: Cast, month: Month = JULY, **more: Any) -> RubricVersion:
    return draft_version(rubric=rubric, first_month=month, actor=cast.officer, now=NOW, **more)


def june_round(cast: Cast) -> MonthRound:
    set_policy(committee=cast.city, first_month=JANUARY, values={}, actor=None, now=NOW)
    return open_round(committee=cast.city, month=cast.month, actor=cast.officer, now=NOW)


def with_marks(content: RubricContent, code: str, marks: str) -> RubricContent:
    """``content`` with other full marks for one item; its section keeps its own."""
    return replace(
        content,
        sections=tuple(
            replace(
                section,
                items=tuple(
                    replace(item, full_marks=Decimal(marks)) if item.code == code else item
                    for item in section.items
                ),
            )
            for section in content.sections
        ),
    )


def test_a_draft_says_what_the_version_in_force_says(cast: Cast, first: RubricVersion) -> None:
    version = draft(first.rubric, cast)
    assert version.number == 2
    assert version.status == VersionStatus.DRAFT
    assert version.created_by == cast.officer
    assert content_of(version) == content_of(first)
    entry = AuditEntry.objects.get(code="rubric.drafted")
    assert entry.actor == cast.officer
    assert entry.after == {"first_month": "2017-07", "copied_from": 1}


def test_drafting_takes_as_many_statements_for_a_long_rubric_as_for_a_short_one(
    cast: Cast, rubrics: dict[str, Rubric]
) -> None:
    counts = []
    for code in ("SEC_FULL", "PROD"):
        with CaptureQueriesContext(
            connection,
        ) as queries:
            draft(rubrics[code], cast)
        counts.append(len(queries))
    assert counts[1] - counts[0] <= 3  # rules, bonuses, vetoes: lists a secretary rubric lacks


def test_a_version_takes_effect_from_its_month(cast: Cast, first: RubricVersion) -> None:
    version = activate_version(version=draft(first.rubric, cast), actor=cast.officer, now=NOW)
    assert version_in_force(first.rubric, Month(2017, 6)) == first
    assert version_in_force(first.rubric, JULY) == version
    assert version_in_force(first.rubric, Month(2018, 1)) == version


def test_a_draft_is_never_in_force(cast: Cast, first: RubricVersion) -> None:
    draft(first.rubric, cast)
    assert version_in_force(first.rubric, Month(2020, 1)) == first


def test_the_activation_says_in_the_audit_what_changed(cast: Cast, first: RubricVersion) -> None:
    content = content_of(first)
    content = with_marks(with_marks(content, "A1", "3.5"), "A2", "3.5")
    version = draft(first.rubric, cast, content=content)
    activate_version(version=version, actor=cast.officer, now=NOW)
    entry = AuditEntry.objects.get(code="rubric.activated")
    assert entry.after["changes"] == ["A1 满分由 4 改为 3.5", "A2 满分由 3 改为 3.5"]


@pytest.mark.parametrize(
    ("code", "marks", "sentence"),
    [
        ("D1", "7", "D类“安全生产先锋”满分22分，项目合计21分，少1分。"),
        ("D1", "8.5", "D类“安全生产先锋”满分22分，项目合计22.5分，多0.5分。"),
    ],
)
def test_a_section_that_does_not_add_up_is_named_with_the_missing_marks(
    cast: Cast, first: RubricVersion, code: str, marks: str, sentence: str
) -> None:
    version = draft(first.rubric, cast, content=with_marks(content_of(first), code, marks))
    with pytest.raises(DomainError) as caught:
        activate_version(version=version, actor=cast.officer, now=NOW)
    assert caught.value.message == sentence
    version.refresh_from_db()
    assert version.status == VersionStatus.DRAFT


def test_a_rubric_that_sums_to_99_is_refused(cast: Cast, first: RubricVersion) -> None:
    content = with_marks(content_of(first), "D1", "7")
    sections = tuple(
        replace(s, full_marks=Decimal(21)) if s.code == "D" else s for s in content.sections
    )
    version = draft(first.rubric, cast, content=replace(content, sections=sections))
    with pytest.raises(DomainError) as caught:
        activate_version(version=version, actor=cast.officer, now=NOW)
    assert caught.value.message == (
        "总分须为100分，现在各类合计99分，少1分（A 12、B 20、C 12、D 21、E 16、F 8、G 7、H 3）。"
    )


def test_what_else_keeps_a_version_from_taking_effect(first: RubricVersion) -> None:
    content = content_of(first)

    def said(changed: RubricContent) -> list[str]:
        return [problem.message for problem in problems(changed)]

    section = content.sections[0]
    bare = replace(section.items[0], rules=())
    changed = replace(section, items=(bare, *section.items[1:]))
    assert said(replace(content, sections=(changed, *content.sections[1:]))) == [
        "A1还没有扣分标准。"
    ]
    assert said(replace(content, bands=content.bands[:3])) == [
        "须有一个等次从0分起，否则低分没有等次。"
    ]
    empty = SectionContent("I", "其他", Decimal(0))
    assert said(replace(content, sections=(*content.sections, empty)))[0] == "I类“其他”还没有项目。"
    assert "加2分，超过加分上限1分。" in said(replace(content, bonus_cap=Decimal(1)))


def test_no_version_takes_effect_in_a_month_whose_round_has_opened(
    cast: Cast, first: RubricVersion
) -> None:
    assert first_free_month() is None
    june_round(cast)
    assert first_free_month() == JULY
    version = draft(first.rubric, cast, cast.month)
    with pytest.raises(DomainError) as caught:
        activate_version(version=version, actor=cast.officer, now=NOW)
    assert caught.value.message == "2017年6月的轮次已经开启，新细则最早从2017年7月起生效。"
    assert caught.value.field == "first_month"
    version.first_month = JULY.first_day
    version.save(update_fields=["first_month"])
    activate_version(version=version, actor=cast.officer, now=NOW)


def test_one_version_per_month(cast: Cast, first: RubricVersion) -> None:
    one, two = draft(first.rubric, cast), draft(first.rubric, cast)
    activate_version(version=one, actor=cast.officer, now=NOW)
    with pytest.raises(DomainError, match="第2版已从2017年7月起生效"):
        activate_version(version=two, actor=cast.officer, now=NOW)


def test_activating_twice_is_refused_the_second_time(cast: Cast, first: RubricVersion) -> None:
    version = draft(first.rubric, cast)
    activate_version(version=version, actor=cast.officer, now=NOW)
    with pytest.raises(TransitionRefused, match="现在是“生效”，不能生效"):
        activate_version(version=version, actor=cast.officer, now=NOW)
    assert AuditEntry.objects.filter(code="rubric.activated").count() == 1


def test_a_version_in_force_that_no_round_has_used_can_be_withdrawn(
    cast: Cast, first: RubricVersion
) -> None:
    version = activate_version(version=draft(first.rubric, cast), actor=cast.officer, now=NOW)
    with pytest.raises(DomainError, match="请写明"):
        withdraw_version(version=version, reason=" ", actor=cast.officer, now=NOW)
    withdraw_version(version=version, reason="分值有误", actor=cast.officer, now=NOW)
    assert version_in_force(first.rubric, JULY) == first
    assert AuditEntry.objects.get(code="rubric.withdrawn").reason == "分值有误"
    with pytest.raises(TransitionRefused):
        withdraw_version(version=version, reason="再来", actor=cast.officer, now=NOW)


def test_the_only_version_and_a_used_one_stay(cast: Cast, first: RubricVersion) -> None:
    with pytest.raises(DomainError, match="唯一生效的版本"):
        withdraw_version(version=first, reason="x", actor=cast.officer, now=NOW)
    june_round(cast)
    with pytest.raises(Frozen, match="已用于月度考评，不能再改"):
        withdraw_version(version=first, reason="x", actor=cast.officer, now=NOW)


@pytest.mark.parametrize(
    "who", ["employee", "secretary_a", "inspector", "leader", "officer_elsewhere", "sysadmin"]
)
def test_only_officers_of_the_top_committee_draft_and_activate(
    cast: Cast, first: RubricVersion, who: str
) -> None:
    user = cast.users[who]
    version = draft(first.rubric, cast)
    with pytest.raises(PermissionDenied):
        draft_version(rubric=first.rubric, first_month=JULY, actor=user, now=NOW)
    with pytest.raises(PermissionDenied):
        activate_version(version=version, actor=user, now=NOW)
    with pytest.raises(PermissionDenied):
        withdraw_version(version=first, reason="x", actor=user, now=NOW)
    assert RubricVersion.objects.filter(status=VersionStatus.ACTIVE).count() == 5
