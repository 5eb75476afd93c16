"""The company on paper: counts of the documentation, pairs, names. No database."""

from __future__ import annotations

from collections import Counter

import pytest

from portal.demo import facts, plots
from portal.demo.accounts import DEMO_ACCOUNTS
from portal.demo.blueprint import generated, quanzhou
from portal.demo.chance import chance
from portal.demo.names import Names

SEED = 2017
SIZES = {  # domain.md 1.5
    "变电运检党总支": 68,
    "变电运维第一党支部": 24,
    "变电运维第二党支部": 21,
    "变电检修党支部": 23,
    "客户服务党总支": 57,
    "营业服务党支部": 31,
    "计量采集党支部": 26,
    "输电运检党支部": 26,
    "配电运检党支部": 33,
    "电力调控党支部": 22,
    "信息通信党支部": 14,
    "洛江供电服务党支部": 17,
    "泉港供电服务党支部": 15,
    "机关第一党支部": 24,
    "机关第二党支部": 21,
    "机关第三党支部": 16,
    "离退休党支部": 46,
    "物资供应党支部": 12,
    "综合能源党支部": 11,
    "电力设计党支部": 13,
    "集体企业联合党支部": 6,
}
FULL_TIME = {
    "变电运检党总支",
    "客户服务党总支",
    "输电运检党支部",
    "配电运检党支部",
    "离退休党支部",
}


def test_the_company_is_that_of_the_documentation() -> None:
    city = quanzhou(SEED).city.branches
    below = Counter({b.parent: 0 for b in city})
    for branch in city:
        below[branch.parent] += branch.members
    assert {b.name: b.members or below[b.name] for b in city} == SIZES
    assert sum(b.members for b in city) == 401
    assert Counter(b.type for b in city) == {"production": 13, "management": 4, "business": 4}
    assert {b.name for b in city if b.mode == "full_time"} == FULL_TIME
    assert [b.name for b in city if b.is_exempt] == ["离退休党支部"]
    assert [b.name for b in city if b.is_joint] == ["集体企业联合党支部"]


@pytest.mark.parametrize("size", [3, 4, 7, 21, 256, 3000])
def test_a_company_of_any_size(size: int) -> None:
    plan = generated(SEED, size)
    assert plan == generated(SEED, size)
    branches = plan.city.branches
    assert len(branches) == size
    assert len({b.name for b in branches}) == size
    assert {b.type for b in branches} == {"production", "management", "business"}
    generals = {b.name for b in branches if b.is_general}
    assert {b.parent for b in branches if b.parent} == generals
    named = [name for b in branches for _place, name in b.named]
    assert sorted(named) == sorted(["林建明", "黄丽萍", "苏文彬", "郑国栋", "吴志远", "陈雅芳"])
    if size >= 21:
        production = sum(b.type == "production" for b in branches)
        assert 0.55 < production / size < 0.7


def test_another_seed_is_another_company() -> None:
    assert generated(1, 60) != generated(2, 60)


def test_names_are_distinct_and_sound() -> None:
    names = Names(chance(SEED, "names"), taken={"陈雅芳"}, taken_usernames={"chenyafang"})
    drawn = [next(names) for _ in range(3000)]
    assert len({name for name, _ in drawn}) == 3000
    assert all(len(name) == 3 for name, _ in drawn)
    assert "陈雅芳" not in {name for name, _ in drawn}
    usernames = [names.username(pinyin) for _, pinyin in drawn]
    assert len(set(usernames)) == 3000
    assert names.username("chenyafang") == "chenyafang2"


def _texts() -> list[str]:
    pools = [facts.COMMON, *facts.OF_TYPE.values()]
    found = [text for pool in pools for texts in pool.values() for text in texts]
    found += [text for name in dir(facts) if name.isupper() for text in _flat(getattr(facts, name))]
    found += [f"{f.fact}{f.cause}{f.measure}" for f in plots.FAILURES]
    found += [b.name for b in quanzhou(SEED).city.branches]
    found += [f"{a.display_name}{a.role}{a.to_try}" for a in DEMO_ACCOUNTS]
    return found


def _flat(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        value = tuple(value.values())
    if isinstance(value, tuple):
        return [text for part in value for text in _flat(part)]
    return []


def test_no_text_is_damaged() -> None:
    """Copies of the source article on the web lost the character 党 before 员 in places."""
    texts = _texts()
    assert len(texts) > 120
    for text in texts:
        assert "海丝之光”员" not in text
        assert "发挥员" not in text
        assert "!" not in text
        assert "！" not in text


def test_every_fact_belongs_to_a_rule_that_exists() -> None:
    from evaluations.services.rubric_seed import seed_source

    kinds = {"PROD": "production", "MGMT": "management", "BUSI": "business"}
    rules = {
        (kinds[rubric["code"]], item["code"], number): rule
        for rubric in seed_source()["rubrics"]
        for section in rubric["sections"]
        for item in section["items"]
        for number, rule in enumerate(item["deductions"], start=1)
    }
    for kind, pool in facts.OF_TYPE.items():
        for code, number in {*facts.COMMON, *pool}:
            rule = rules[kind, code, number]
            assert not rule["takes_all"], (kind, code, number)
