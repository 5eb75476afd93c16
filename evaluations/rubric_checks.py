"""What keeps a rubric from taking effect, in sentences that say where and how much.

Two kinds: a *row* may be wrong by itself (it can't even be kept in a draft), and the *whole*
may not add up (a draft may stay like that for a while, but can't take effect).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from django.utils.translation import gettext as _

from evaluations.rubric_content import (
    TOTAL_MARKS,
    BandContent,
    BonusContent,
    ItemContent,
    RubricContent,
    RuleContent,
    SectionContent,
    VetoContent,
    plain,
)

STEP: Final = Decimal("0.1")
# How long a text may be; tests hold these against the columns.
LIMITS: Final = {
    "section.code": 4,
    "section.name": 40,
    "section.name_en": 80,
    "item.code": 6,
    "item.name": 40,
    "item.name_en": 100,
    "item.source": 20,
    "item.standard": 300,
    "item.evidence": 120,
    "rule.text": 120,
    "rule.unit": 16,
    "bonus.code": 4,
    "bonus.text": 120,
    "veto.code": 4,
    "veto.text": 120,
    "band.name": 8,
}
SOURCES: Final = ("auto", "onsite", "data", "manual")
SECTION_CODE = re.compile(r"[A-Z]")
ITEM_CODE = re.compile(r"([A-Z])[1-9]\d?")


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a version can't take effect. ``place`` is a section, item, bonus or veto code (or
    ``""`` for the whole), ``field`` the field to look at."""

    place: str
    field: str
    message: str


def problems(content: RubricContent) -> list[Problem]:
    """Everything that keeps ``content`` from taking effect: the whole first, then the rows."""
    return [*whole_problems(content), *row_problems(content)]


def whole_problems(content: RubricContent) -> list[Problem]:
    """What only the sum of the rows shows: marks that do not add up, items without a rule, no
    band for low totals."""
    found = sum_problems(content)
    if not content.for_secretaries:
        found += [
            Problem(item.code, "rules", _("%(code)s还没有扣分标准。") % {"code": item.code})
            for item in content.items
            if not item.rules
        ]
    if not any(band.floor == 0 for band in content.bands):
        found.append(Problem("", "bands", _("须有一个等次从0分起，否则低分没有等次。")))
    return found


def row_problems(content: RubricContent) -> list[Problem]:
    """What is wrong with single rows, and codes used twice."""
    found = frame_problems(content)
    for section in content.sections:
        found += section_problems(section)
        for item in section.items:
            found += item_problems(item, section.code)
    for bonus in content.bonus_rules:
        found += bonus_problems(bonus, content.bonus_cap)
    for veto in content.veto_rules:
        found += veto_problems(veto)
    for band in content.bands:
        found += band_problems(band)
    for names, field, message in (
        ([s.code for s in content.sections], "code", _("类别编号“%(name)s”用了不止一次。")),
        ([i.code for i in content.items], "code", _("项目编号“%(name)s”用了不止一次。")),
        ([b.code for b in content.bonus_rules], "code", _("加分项编号“%(name)s”用了不止一次。")),
        ([v.code for v in content.veto_rules], "code", _("否决项编号“%(name)s”用了不止一次。")),
        ([b.name for b in content.bands], "name", _("等次“%(name)s”用了不止一次。")),
        ([plain(b.floor) for b in content.bands], "floor", _("有两个等次都从%(name)s分起。")),
    ):
        found += doubles(names, field, message)
    return found


def sum_problems(content: RubricContent) -> list[Problem]:
    """Items must add up to their section, sections to 100."""
    found = []
    for section in content.sections:
        if not section.items:
            found.append(
                Problem(section.code, "full_marks", _("%(section)s还没有项目。") % _named(section))
            )
        elif section.missing:
            found.append(
                Problem(
                    section.code,
                    "full_marks",
                    _("%(section)s满分%(full)s分，项目合计%(sum)s分，%(gap)s。")
                    % {
                        **_named(section),
                        "full": plain(section.full_marks),
                        "sum": plain(section.marks_of_items),
                        "gap": _gap(section.missing),
                    },
                )
            )
    missing = TOTAL_MARKS - content.total
    if missing:
        found.append(
            Problem(
                "",
                "full_marks",
                _("总分须为100分，现在各类合计%(sum)s分，%(gap)s（%(parts)s）。")
                % {
                    "sum": plain(content.total),
                    "gap": _gap(missing),
                    "parts": "、".join(f"{s.code} {plain(s.full_marks)}" for s in content.sections)
                    or _("没有类别"),
                },
            )
        )
    return found


def section_problems(section: SectionContent) -> list[Problem]:
    found = _long("section", section.code, section, ("name", "name_en"))
    if not SECTION_CODE.fullmatch(section.code):
        found.append(Problem(section.code, "code", _("类别编号须是一个大写字母，例如 A。")))
    if not section.name.strip():
        found.append(Problem(section.code, "name", _("类别须有名称。")))
    return found + _marks(section.code, "full_marks", section.full_marks, _("满分"))


def item_problems(item: ItemContent, section_code: str) -> list[Problem]:
    """What is wrong with one item by itself."""
    found = _long("item", item.code, item, ("name", "name_en", "source", "standard", "evidence"))
    match = ITEM_CODE.fullmatch(item.code)
    if not match:
        found.append(
            Problem(
                item.code,
                "code",
                _("项目编号须是类别字母加数字，例如 %(code)s1。") % {"code": section_code},
            )
        )
    elif match[1] != section_code:
        found.append(
            Problem(
                item.code,
                "code",
                _("项目编号“%(code)s”与所在类别“%(section)s”不符。")
                % {"code": item.code, "section": section_code},
            )
        )
    if not item.name.strip():
        found.append(Problem(item.code, "name", _("项目须有名称。")))
    if not item.standard.strip():
        found.append(Problem(item.code, "standard", _("须写考评要求。")))
    if item.frequency not in {"M", "Q", "H", "Y", "E"}:
        found.append(
            Problem(item.code, "frequency", _("周期须是每月、每季、每半年、每年或按事件。"))
        )
    if item.applies_when not in {"", "has_committee", "has_groups"}:
        found.append(Problem(item.code, "applies_when", _("适用范围不认识。")))
    parts = item.source.split("+")
    if not set(parts) <= set(SOURCES) or len(set(parts)) != len(parts):
        found.append(
            Problem(item.code, "source", _("数据来源须是系统、现场、数据或人工，可用加号连接。"))
        )
    found += _marks(item.code, "full_marks", item.full_marks, _("满分"))
    for number, rule in enumerate(item.rules, start=1):
        found += rule_problems(rule, number, item)
    texts = Counter(rule.text.strip() for rule in item.rules)
    found += [
        Problem(item.code, "rules", _("扣分标准“%(text)s”写了不止一次。") % {"text": text})
        for text, times in texts.items()
        if times > 1
    ]
    return found


def rule_problems(rule: RuleContent, number: int, item: ItemContent) -> list[Problem]:
    """What is wrong with one deduction rule of an item."""
    place = f"{item.code}.{number}"
    found = _long("rule", place, rule, ("text", "unit"))
    if not rule.text.strip():
        found.append(Problem(place, "text", _("须写扣分情形。")))
    if not rule.unit.strip():
        found.append(Problem(place, "unit", _("须写单位，例如 每项、每次。")))
    if rule.takes_all:
        if rule.points is not None:
            found.append(Problem(place, "points", _("已选扣满分，不要再写分值。")))
        return found
    if rule.points is None:
        found.append(Problem(place, "points", _("须写每单位扣几分，或选扣满分。")))
        return found
    found += _marks(place, "points", rule.points, _("扣分"))
    if rule.points > item.full_marks:
        found.append(
            Problem(
                place,
                "points",
                _("一次扣%(points)s分，超过满分%(full)s分；请改为扣满分。")
                % {"points": plain(rule.points), "full": plain(item.full_marks)},
            )
        )
    return found


def bonus_problems(bonus: BonusContent, cap: Decimal) -> list[Problem]:
    found = _long("bonus", bonus.code, bonus, ("code", "text"))
    if not bonus.code.strip():
        found.append(Problem(bonus.code, "code", _("须有编号。")))
    if not bonus.text.strip():
        found.append(Problem(bonus.code, "text", _("须写情形。")))
    found += _marks(bonus.code, "points", bonus.points, _("加分"))
    if bonus.points > cap:
        found.append(
            Problem(
                bonus.code,
                "points",
                _("加%(points)s分，超过加分上限%(cap)s分。")
                % {"points": plain(bonus.points), "cap": plain(cap)},
            )
        )
    return found


def veto_problems(veto: VetoContent) -> list[Problem]:
    found = _long("veto", veto.code, veto, ("code", "text"))
    if not veto.code.strip():
        found.append(Problem(veto.code, "code", _("须有编号。")))
    if not veto.text.strip():
        found.append(Problem(veto.code, "text", _("须写情形。")))
    if not 0 <= veto.cap < TOTAL_MARKS or veto.cap % STEP:
        found.append(Problem(veto.code, "cap", _("封顶分须从0分起、小于100分。")))
    return found


def band_problems(band: BandContent) -> list[Problem]:
    found = _long("band", band.name, band, ("name",))
    if not band.name.strip():
        found.append(Problem(band.name, "name", _("等次须有名称。")))
    if not 0 <= band.floor < TOTAL_MARKS or band.floor % STEP:
        found.append(Problem(band.name, "floor", _("最低分须从0分起、小于100分。")))
    return found


def frame_problems(content: RubricContent) -> list[Problem]:
    """The numbers that belong to no row."""
    found = []
    if not 0 <= content.bonus_cap <= TOTAL_MARKS or content.bonus_cap % STEP:
        found.append(Problem("", "bonus_cap", _("加分上限须在0到100分之间。")))
    if content.not_due_policy not in {"full_marks", "scale"}:
        found.append(Problem("", "not_due_policy", _("未到期项目的算法不认识。")))
    return found


def doubles(names: Iterable[str], field: str, message: str) -> list[Problem]:
    """A problem for every name that occurs more than once; ``message`` holds %(name)s."""
    return [
        Problem(name, field, message % {"name": name})
        for name, times in Counter(names).items()
        if times > 1
    ]


def _marks(place: str, name: str, value: Decimal, label: str) -> list[Problem]:
    if value <= 0:
        return [Problem(place, name, _("%(label)s须大于0。") % {"label": label})]
    if value > TOTAL_MARKS:
        return [Problem(place, name, _("%(label)s不能超过100。") % {"label": label})]
    if value % STEP:
        return [Problem(place, name, _("%(label)s以0.1分为最小单位。") % {"label": label})]
    return []


def _long(kind: str, place: str, thing: object, names: tuple[str, ...]) -> list[Problem]:
    return [
        Problem(
            place,
            name,
            _("最多%(limit)d个字，现在%(length)d个。")
            % {"limit": LIMITS[f"{kind}.{name}"], "length": len(getattr(thing, name))},
        )
        for name in names
        if len(getattr(thing, name)) > LIMITS[f"{kind}.{name}"]
    ]


def _named(section: SectionContent) -> dict[str, str]:
    return {
        "section": _("%(code)s类“%(name)s”") % {"code": section.code, "name": section.name},
    }


def _gap(missing: Decimal) -> str:
    if missing > 0:
        return _("少%(marks)s分") % {"marks": plain(missing)}
    return _("多%(marks)s分") % {"marks": plain(-missing)}
