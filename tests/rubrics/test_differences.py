"""Two versions' difference, in the words a party-affairs officer would use."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pytest

from evaluations.rubric_content import (
    BandContent,
    BonusContent,
    ItemContent,
    RubricContent,
    RuleContent,
    SectionContent,
    VetoContent,
)
from evaluations.rubric_differences import Kind, differences

A1 = ItemContent(
    code="A1",
    name="第一议题",
    full_marks=Decimal(6),
    standard="10个工作日内传达",
    source="auto+onsite",
    is_key_work=True,
    rules=(
        RuleContent("未传达", "每项", Decimal(2)),
        RuleContent("迟传达", "每项", Decimal(1)),
        RuleContent("从未学习", "次", None, takes_all=True),
    ),
)
A2 = ItemContent("A2", "集中学习", Decimal(4), "全年32学时", "auto")
OLD = RubricContent(
    sections=(SectionContent("A", "政治建设", Decimal(10), items=(A1, A2)),),
    bands=(BandContent("好", Decimal(90)), BandContent("差", Decimal(0))),
    bonus_rules=(BonusContent("J1", "省级表彰", Decimal(2)),),
    veto_rules=(VetoContent("V1", "安全事件", Decimal(60), bars_awards=True),),
    bonus_cap=Decimal(5),
)


def with_items(*items: ItemContent) -> RubricContent:
    return replace(OLD, sections=(replace(OLD.sections[0], items=items),))


def with_rules(*rules: RuleContent) -> RubricContent:
    return with_items(replace(A1, rules=rules), A2)


TWO, ONE, ALL = A1.rules

TABLE: list[tuple[RubricContent, list[str]]] = [
    (OLD, []),
    (with_items(replace(A1, full_marks=Decimal("5.5")), A2), ["A1 满分由 6 改为 5.5"]),
    (with_items(replace(A1, name="首要议题"), A2), ["A1 改名：“第一议题”改为“首要议题”"]),
    (with_items(replace(A1, is_key_work=False), A2), ["A1 不再是重点工作★"]),
    (with_items(A1, replace(A2, is_key_work=True)), ["A2 列为重点工作★"]),
    (with_items(A1, replace(A2, frequency="Q")), ["A2 周期由“每月”改为“每季”"]),
    (with_items(A1, replace(A2, source="data")), ["A2 数据来源由“系统”改为“数据”"]),
    (
        with_items(A1, replace(A2, applies_when="has_groups")),
        ["A2 适用范围由“都适用”改为“设党小组的支部”"],
    ),
    (
        with_items(A1, replace(A2, standard="全年40学时", evidence="台账")),
        ["A2 考评要求由“全年32学时”改为“全年40学时”", "A2 依据材料写为“台账”"],
    ),
    (with_rules(TWO, ONE), ["A1 删除扣分标准“从未学习：次扣满分”"]),
    (
        with_rules(TWO, ONE, ALL, RuleContent("走过场", "每次", Decimal("0.5"))),
        ["A1 新增扣分标准“走过场：每次扣0.5”"],
    ),
    (
        with_rules(replace(TWO, points=Decimal(3)), ONE, ALL),
        ["A1 扣分标准“未传达”由“每项扣2”改为“每项扣3”"],
    ),
    (
        with_rules(replace(TWO, points=None, takes_all=True), ONE, ALL),
        ["A1 扣分标准“未传达”由“每项扣2”改为“每项扣满分”"],
    ),
    (
        with_rules(replace(TWO, text="没有传达"), ONE, ALL),
        ["A1 扣分标准由“未传达”改为“没有传达”"],
    ),
    (
        with_rules(RuleContent("没有传达", "每项", Decimal(4)), ONE, ALL),
        ["A1 新增扣分标准“没有传达：每项扣4”", "A1 删除扣分标准“未传达：每项扣2”"],
    ),
    (with_rules(ONE, TWO, ALL), ["A1 扣分标准的次序有调整"]),
    (with_items(A1), ["删除A2“集中学习”（满分4分）"]),
    (
        with_items(
            A1, A2, ItemContent("A3", "党课", Decimal(3), "每季1次", "auto", is_key_work=True)
        ),
        ["新增A3“党课”，满分3分，重点工作"],
    ),
    (with_items(A2, A1), ["项目的次序有调整"]),
    (
        replace(OLD, sections=(replace(OLD.sections[0], name="政治", full_marks=Decimal(9)),)),
        ["A类 改名：“政治建设”改为“政治”", "A类满分由 10 改为 9"],
    ),
    (
        replace(OLD, sections=(*OLD.sections, SectionContent("B", "组织生活", Decimal(20)))),
        ["新增B类“组织生活”，满分20分"],
    ),
    (
        replace(OLD, sections=()),
        ["删除A1“第一议题”（满分6分）", "删除A2“集中学习”（满分4分）", "删除A类“政治建设”"],
    ),
    (replace(OLD, bonus_cap=Decimal(3)), ["加分上限由“5”改为“3”"]),
    (
        replace(OLD, bonus_rules=(BonusContent("J1", "省级表彰", Decimal(1)),)),
        ["加分项由“J1 省级表彰，加2分”改为“J1 省级表彰，加1分”"],
    ),
    (
        replace(OLD, veto_rules=(VetoContent("V1", "安全事件", Decimal(70), needs_talk=True),)),
        ["否决项由“V1 安全事件，总分封顶60分，取消当季评优”改为“V1 安全事件，总分封顶70分，约谈”"],
    ),
    (replace(OLD, veto_rules=()), ["删除否决项“V1 安全事件，总分封顶60分，取消当季评优”"]),
    (
        replace(OLD, bands=(*OLD.bands, BandContent("一般", Decimal(70)))),
        ["新增等次“一般：70分起”"],
    ),
    (
        replace(OLD, not_due_policy="scale"),
        ["未到期项目由“不涉及不扣分”改为“剔除后折算到100分”"],
    ),
]


@pytest.mark.parametrize(("new", "sentences"), TABLE)
def test_differences_in_words(new: RubricContent, sentences: list[str]) -> None:
    assert [change.text for change in differences(OLD, new)] == sentences


def test_kinds_and_places() -> None:
    new = with_items(
        replace(A1, full_marks=Decimal(5)), ItemContent("A3", "x", Decimal(1), "y", "auto")
    )
    found = [(change.place, change.kind) for change in differences(OLD, new)]
    assert found == [("A1", Kind.CHANGED), ("A3", Kind.ADDED), ("A2", Kind.REMOVED)]


@pytest.mark.parametrize("code", ["MGMT", "PROD", "BUSI"])
def test_a_rubric_does_not_differ_from_itself(
    seed_values: dict[str, RubricContent], code: str
) -> None:
    assert differences(seed_values[code], seed_values[code]) == []


def test_whatever_differs_is_said(seed_values: dict[str, RubricContent]) -> None:
    """No field of any row changes without a sentence."""
    old = seed_values["PROD"]
    first = old.sections[0]
    item = first.items[0]
    rule = item.rules[0]

    def in_item(new: ItemContent) -> RubricContent:
        section = replace(first, items=(new, *first.items[1:]))
        return replace(old, sections=(section, *old.sections[1:]))

    def in_rule(new: RuleContent) -> RubricContent:
        return in_item(replace(item, rules=(new, *item.rules[1:])))

    changes: list[Callable[[], RubricContent]] = [
        *(
            (lambda name=name, value=value: in_item(replace(item, **{name: value})))
            for name, value in {
                "code": "A9",
                "name": "x",
                "full_marks": Decimal(1),
                "standard": "x",
                "source": "data",
                "frequency": "E",
                "is_key_work": not item.is_key_work,
                "applies_when": "has_committee",
                "evidence": "x",
                "name_en": "x",
            }.items()
        ),
        *(
            (lambda name=name, value=value: in_rule(replace(rule, **{name: value})))
            for name, value in {"text": "x", "unit": "x", "points": Decimal(9)}.items()
        ),
        lambda: replace(old, sections=(replace(first, name_en="x"), *old.sections[1:])),
    ]
    for change in changes:
        assert differences(old, change())
