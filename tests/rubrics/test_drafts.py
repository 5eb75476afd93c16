"""Editing a draft piece by piece; two officers at once; taking a workbook in."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from evaluations.models import RubricImport, RubricVersion
from evaluations.rubric_content import (
    BandContent,
    ItemContent,
    RuleContent,
    SectionContent,
)
from evaluations.services import rubric_drafts
from evaluations.services.rubric_drafts import (
    confirm_import,
    date_draft,
    discard_draft,
    keep_import,
    remove_item,
    remove_section,
    save_frame,
    save_item,
    save_section,
    seal,
)
from evaluations.services.rubrics import activate_version, content_of, draft_version
from portal.audit.models import AuditEntry
from portal.kernel.errors import DomainError, EditConflict, TransitionRefused
from portal.kernel.months import Month
from tests.cast import Cast
from tests.rubrics.conftest import JULY, NOW

pytestmark = pytest.mark.django_db

AUGUST = Month(2017, 8)


@pytest.fixture
def draft(cast: Cast, first: RubricVersion) -> RubricVersion:
    return draft_version(rubric=first.rubric, first_month=JULY, actor=cast.officer, now=NOW)


def item_of(version: RubricVersion, code: str) -> ItemContent:
    item = content_of(version).item(code)
    assert item is not None
    return item


def section_of(version: RubricVersion, code: str) -> SectionContent:
    section = content_of(version).section(code)
    assert section is not None
    return section


def save(version: RubricVersion, cast: Cast, old: ItemContent | None, new: ItemContent) -> None:
    save_item(
        version_id=version.pk,
        section_code=new.code[0],
        code=old.code if old else None,
        item=new,
        seen=seal(old),
        actor=cast.officer,
        now=NOW,
    )


def test_an_item_is_changed_in_place_and_nothing_else(cast: Cast, draft: RubricVersion) -> None:
    before = content_of(draft)
    old = item_of(draft, "A1")
    new = replace(
        old,
        full_marks=Decimal("3.5"),
        rules=(*old.rules[:2], RuleContent("走过场", "每次", Decimal("0.3"))),
    )
    save(draft, cast, old, new)
    after = content_of(draft)
    assert after.item("A1") == new
    assert [i for i in after.items if i.code != "A1"] == [i for i in before.items if i.code != "A1"]
    assert replace(after, sections=()) == replace(before, sections=())
    entry = AuditEntry.objects.get(code="rubric.draft_edited")
    assert entry.after["changes"] == [
        "A1 满分由 4 改为 3.5",
        "A1 新增扣分标准“走过场：每次扣0.3”",
        "A1 删除扣分标准“只有传达没有落实措施：每项扣0.5”",
    ]


def test_an_item_is_added_last_and_removed(cast: Cast, draft: RubricVersion) -> None:
    new = ItemContent(
        "A5",
        "读书班",
        Decimal(1),
        "每季1次",
        "onsite",
        rules=(RuleContent("未办", "次", None, True),),
    )
    save(draft, cast, None, new)
    assert [item.code for item in section_of(draft, "A").items][-1] == "A5"
    with pytest.raises(DomainError, match="项目编号“A5”已经有了"):
        save(draft, cast, None, new)  # the button pressed twice
    remove_item(version_id=draft.pk, code="A5", seen=seal(new), actor=cast.officer, now=NOW)
    assert content_of(draft).item("A5") is None
    remove_item(version_id=draft.pk, code="A5", seen=seal(new), actor=cast.officer, now=NOW)
    assert AuditEntry.objects.filter(code="rubric.draft_edited").count() == 2


def test_two_officers_on_one_item(cast: Cast, draft: RubricVersion) -> None:
    old = item_of(draft, "A1")
    save(draft, cast, old, replace(old, name="先到的改法"))
    with pytest.raises(EditConflict, match="A1刚被别人改过，没有覆盖"):
        save(draft, cast, old, replace(old, name="后到的改法"))
    assert item_of(draft, "A1").name == "先到的改法"
    other = item_of(draft, "A2")
    save(draft, cast, other, replace(other, name="另一项照常"))
    save(draft, cast, old, replace(old, name="先到的改法"))  # already so: nothing to do


@pytest.mark.parametrize(
    ("change", "field", "reason"),
    [
        ({"code": "B9"}, "code", "与所在类别“A”不符"),
        ({"code": "A2"}, "code", "项目编号“A2”已经有了"),
        ({"name": " "}, "name", "项目须有名称"),
        ({"full_marks": Decimal(0)}, "full_marks", "满分须大于0"),
        ({"full_marks": Decimal("1.25")}, "full_marks", "以0.1分为最小单位"),
        ({"full_marks": Decimal(1)}, "points", "一次扣2分，超过满分1分"),
        ({"source": "guess"}, "source", "数据来源须是"),
        ({"standard": "长" * 301}, "standard", "最多300个字"),
    ],
)
def test_an_item_that_is_not_well_formed_is_refused(
    cast: Cast, draft: RubricVersion, change: dict[str, Any], field: str, reason: str
) -> None:
    old = item_of(draft, "A1")
    with pytest.raises(DomainError, match=reason) as caught:
        save_item(
            version_id=draft.pk,
            section_code="A",
            code="A1",
            item=replace(old, **change),
            seen=seal(old),
            actor=cast.officer,
            now=NOW,
        )
    assert caught.value.field == field
    assert item_of(draft, "A1") == old


def test_sections(cast: Cast, draft: RubricVersion) -> None:
    common: dict[str, Any] = {"version_id": draft.pk, "actor": cast.officer, "now": NOW}
    old = section_of(draft, "H")
    new = replace(old, name="廉洁", full_marks=Decimal(2), items=())
    save_section(code="H", section=new, seen=seal(old), **common)
    assert section_of(draft, "H") == replace(old, name="廉洁", full_marks=Decimal(2))
    with pytest.raises(DomainError, match="编号不能再改"):
        save_section(code="H", section=replace(new, code="Z"), seen=seal(new), **common)
    with pytest.raises(DomainError, match="请先删除H类里的项目"):
        remove_section(code="H", seen=seal(new), **common)
    extra = SectionContent("I", "其他", Decimal(1))
    save_section(code=None, section=extra, seen="", **common)
    assert content_of(draft).sections[-1] == extra
    with pytest.raises(DomainError, match="类别编号“I”已经有了"):
        save_section(code=None, section=extra, seen="", **common)
    remove_section(code="I", seen=seal(extra), **common)
    assert content_of(draft).section("I") is None


def test_the_frame(cast: Cast, draft: RubricVersion) -> None:
    old = content_of(draft)
    values: dict[str, Any] = {
        "bonus_cap": Decimal(3),
        "not_due_policy": "scale",
        "bonus_rules": old.bonus_rules[:2],
        "veto_rules": old.veto_rules[::-1],
        "bands": [BandContent("合格", Decimal(0)), BandContent("优", Decimal(95))],
    }
    common: dict[str, Any] = {"version_id": draft.pk, "actor": cast.officer, "now": NOW}
    save_frame(**values, seen=seal(old), **common)
    new = content_of(draft)
    draft.refresh_from_db()
    assert (draft.bonus_cap, draft.not_due_policy) == (3, "scale")
    assert [band.name for band in new.bands] == ["优", "合格"]
    assert new.veto_rules == old.veto_rules
    with pytest.raises(EditConflict, match="加分、否决与等次刚被别人改过"):
        save_frame(**{**values, "bonus_cap": Decimal(4)}, seen=seal(old), **common)
    with pytest.raises(DomainError, match="超过加分上限1分"):
        save_frame(**{**values, "bonus_cap": Decimal(1)}, seen=seal(new), **common)
    twice = [BandContent("优", Decimal(9)), BandContent("优", Decimal(0))]
    with pytest.raises(DomainError, match="等次“优”用了不止一次"):
        save_frame(**{**values, "bands": twice}, seen=seal(new), **common)


def test_a_version_in_force_is_not_edited(cast: Cast, first: RubricVersion) -> None:
    old = item_of(first, "A1")
    with pytest.raises(TransitionRefused, match="已经生效。要改请先退回草稿"):
        save(first, cast, old, replace(old, name="x"))
    with pytest.raises(TransitionRefused):
        date_draft(version_id=first.pk, first_month=JULY, note="", actor=cast.officer, now=NOW)
    with pytest.raises(TransitionRefused):
        discard_draft(version_id=first.pk, actor=cast.officer, now=NOW)
    assert item_of(first, "A1") == old


def test_a_draft_is_dated_and_discarded(cast: Cast, draft: RubricVersion) -> None:
    date_draft(
        version_id=draft.pk, first_month=AUGUST, note="听取意见后修改", actor=cast.officer, now=NOW
    )
    draft.refresh_from_db()
    assert (draft.month, draft.note) == (AUGUST, "听取意见后修改")
    discard_draft(version_id=draft.pk, actor=cast.officer, now=NOW)
    assert not RubricVersion.objects.filter(pk=draft.pk).exists()
    assert AuditEntry.objects.get(code="rubric.draft_discarded").before["note"] == "听取意见后修改"


def test_a_draft_can_not_be_dated_to_where_a_version_is_in_force(
    cast: Cast, first: RubricVersion, draft: RubricVersion
) -> None:
    with pytest.raises(DomainError, match="第1版已从2017年1月起生效"):
        date_draft(
            version_id=draft.pk,
            first_month=first.month,
            note="",
            actor=cast.officer,
            now=NOW,
        )


@pytest.mark.parametrize("who", ["employee", "secretary_a", "officer_elsewhere"])
def test_strangers_edit_nothing(cast: Cast, draft: RubricVersion, who: str) -> None:
    user = cast.users[who]
    old = item_of(draft, "A1")
    common: dict[str, Any] = {"version_id": draft.pk, "actor": user, "now": NOW}
    with pytest.raises(PermissionDenied):
        save_item(section_code="A", code="A1", item=old, seen=seal(old), **common)
    with pytest.raises(PermissionDenied):
        remove_item(code="A1", seen=seal(old), **common)
    with pytest.raises(PermissionDenied):
        date_draft(first_month=JULY, note="", **common)
    with pytest.raises(PermissionDenied):
        discard_draft(**common)
    with pytest.raises(PermissionDenied):
        keep_import(
            rubric=draft.rubric,
            file_name="x",
            content=content_of(draft),
            report=[],
            actor=user,
            now=NOW,
        )


# -- imports ----------------------------------------------------------------------------------


def keep(first: RubricVersion, cast: Cast, *, report: int = 0, now: dt.datetime = NOW) -> None:
    line = {"sheet": "考评项目", "row": 4, "column": "满分", "reason": "“六”不是数字"}
    keep_import(
        rubric=first.rubric,
        file_name="细则.xlsx",
        content=content_of(first),
        report=[line] * report,
        actor=cast.officer,
        now=now,
    )


def confirm(first: RubricVersion, cast: Cast, **more: Any) -> RubricVersion:
    values: dict[str, Any] = {"first_month": JULY, "note": "", "only_good": False, "now": NOW}
    return confirm_import(rubric=first.rubric, actor=cast.officer, **{**values, **more})


def test_an_upload_becomes_a_draft_only_when_confirmed(cast: Cast, first: RubricVersion) -> None:
    keep(first, cast)
    assert first.rubric.versions.count() == 1
    version = confirm(first, cast, note="自表格")
    assert content_of(version) == content_of(first)
    assert (version.number, version.status, version.note) == (2, "draft", "自表格")
    assert not RubricImport.objects.exists()
    with pytest.raises(DomainError, match="已经用过或已过期"):
        confirm(first, cast)
    assert first.rubric.versions.count() == 2


def test_rows_that_were_not_understood_are_left_out_only_on_request(
    cast: Cast, first: RubricVersion
) -> None:
    keep(first, cast, report=3)
    with pytest.raises(DomainError, match="有3处没有读懂"):
        confirm(first, cast)
    assert first.rubric.versions.count() == 1
    confirm(first, cast, only_good=True)
    assert AuditEntry.objects.get(code="rubric.imported").after["rows_left_out"] == 3


def test_a_new_upload_takes_the_place_of_the_old(cast: Cast, first: RubricVersion) -> None:
    keep(first, cast, report=2)
    keep(first, cast)
    assert RubricImport.objects.get().report == []


def test_previews_do_not_outlive_a_day(cast: Cast, first: RubricVersion) -> None:
    keep(first, cast)
    with pytest.raises(DomainError, match="已过期"):
        confirm(first, cast, now=NOW + rubric_drafts.PREVIEW_KEPT + dt.timedelta(seconds=1))
    keep(first, cast, now=NOW + dt.timedelta(days=2))
    assert RubricImport.objects.count() == 1


def test_an_import_for_a_taken_month_makes_no_draft(cast: Cast, first: RubricVersion) -> None:
    keep(first, cast)
    with pytest.raises(DomainError, match="第1版已从2017年1月起生效"):
        confirm(first, cast, first_month=first.month)
    assert first.rubric.versions.count() == 1
    assert RubricImport.objects.count() == 1  # nothing lost: choose another month


def test_an_imported_draft_can_take_effect(cast: Cast, first: RubricVersion) -> None:
    keep(first, cast)
    version = confirm(first, cast)
    activate_version(version=version, actor=cast.officer, now=NOW)
