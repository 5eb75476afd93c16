"""The difference between two versions of a rubric, in the words of the office.

Pure: two values in, a list of sentences out. Items, sections, bonus and veto rules are matched
by code, bands by name, deduction rules by their text (a rule whose text alone was reworded is
matched by its place).
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final, TypeVar

from django.utils.translation import gettext as _

from evaluations.rubric_content import (
    BandContent,
    BonusContent,
    ItemContent,
    RubricContent,
    RuleContent,
    SectionContent,
    VetoContent,
    plain,
)

FREQUENCIES: Final = {"M": "每月", "Q": "每季", "H": "每半年", "Y": "每年", "E": "按事件"}
APPLIES: Final = {"": "都适用", "has_committee": "设支委会的支部", "has_groups": "设党小组的支部"}
SOURCES: Final = {"auto": "系统", "onsite": "现场", "data": "数据", "manual": "人工"}
POLICIES: Final = {"full_marks": "不涉及不扣分", "scale": "剔除后折算到100分"}


class Kind(enum.StrEnum):
    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class Change:
    """One difference: where (a code, or a heading for the rest), of what kind, in words."""

    place: str
    kind: Kind
    text: str


T = TypeVar("T")


def differences(old: RubricContent, new: RubricContent) -> list[Change]:
    """What changed from ``old`` to ``new``, in the order of the new rubric."""
    found: list[Change] = []
    old_sections = {section.code: section for section in old.sections}
    old_items = {item.code: item for item in old.items}
    for section in new.sections:
        found += _section(old_sections.get(section.code), section)
        for item in section.items:
            found += _item(old_items.get(item.code), item)
    new_items = {item.code for item in new.items}
    found += [
        Change(
            item.code,
            Kind.REMOVED,
            _("删除%(code)s“%(name)s”（满分%(marks)s分）")
            % {"code": item.code, "name": item.name, "marks": plain(item.full_marks)},
        )
        for item in old.items
        if item.code not in new_items
    ]
    new_sections = {section.code for section in new.sections}
    found += [
        Change(
            section.code,
            Kind.REMOVED,
            _("删除%(code)s类“%(name)s”") % {"code": section.code, "name": section.name},
        )
        for section in old.sections
        if section.code not in new_sections
    ]
    found += _order(old, new)
    found += _list(
        _("加分项"), old.bonus_rules, new.bonus_rules, lambda bonus: bonus.code, _bonus_text
    )
    if old.bonus_cap != new.bonus_cap:
        found.append(
            _changed(
                _("加分项"), _from_to(_("加分上限"), plain(old.bonus_cap), plain(new.bonus_cap))
            )
        )
    found += _list(_("否决项"), old.veto_rules, new.veto_rules, lambda veto: veto.code, _veto_text)
    found += _list(_("等次"), old.bands, new.bands, lambda band: band.name, _band_text)
    if old.not_due_policy != new.not_due_policy:
        found.append(
            _changed(
                _("算法"),
                _from_to(
                    _("未到期项目"),
                    POLICIES.get(old.not_due_policy, old.not_due_policy),
                    POLICIES.get(new.not_due_policy, new.not_due_policy),
                ),
            )
        )
    return found


def source_words(source: str) -> str:
    """``auto+onsite`` -> ``系统+现场``."""
    return "+".join(SOURCES.get(part, part) for part in source.split("+"))


def rule_words(rule: RuleContent) -> str:
    """A deduction rule in one line: ``未传达：每项扣2``."""
    taken = _("满分") if rule.takes_all else plain(rule.points or Decimal(0))
    return _("%(text)s：%(unit)s扣%(points)s") % {
        "text": rule.text,
        "unit": rule.unit,
        "points": taken,
    }


def _section(old: SectionContent | None, new: SectionContent) -> list[Change]:
    if old is None:
        return [
            Change(
                new.code,
                Kind.ADDED,
                _("新增%(code)s类“%(name)s”，满分%(marks)s分")
                % {"code": new.code, "name": new.name, "marks": plain(new.full_marks)},
            )
        ]
    where = _("%(code)s类") % {"code": new.code}
    found = []
    if old.name != new.name:
        found.append(_changed(new.code, _renamed(where, old.name, new.name)))
    if old.full_marks != new.full_marks:
        found.append(
            _changed(
                new.code,
                _from_to(
                    where + _("满分"), plain(old.full_marks), plain(new.full_marks), spaced=True
                ),
            )
        )
    if old.name_en != new.name_en:
        found.append(_changed(new.code, _reworded(where + _("英文名"), old.name_en, new.name_en)))
    return found


def _item(old: ItemContent | None, new: ItemContent) -> list[Change]:
    if old is None:
        text = _("新增%(code)s“%(name)s”，满分%(marks)s分") % {
            "code": new.code,
            "name": new.name,
            "marks": plain(new.full_marks),
        }
        if new.is_key_work:
            text += _("，重点工作")
        return [Change(new.code, Kind.ADDED, text)]
    code = new.code
    found = []
    if old.name != new.name:
        found.append(_changed(code, _renamed(code, old.name, new.name)))
    if old.full_marks != new.full_marks:
        found.append(
            _changed(
                code,
                _from_to(
                    f"{code} " + _("满分"),
                    plain(old.full_marks),
                    plain(new.full_marks),
                    spaced=True,
                ),
            )
        )
    if old.is_key_work != new.is_key_work:
        found.append(
            _changed(
                code,
                (_("%(code)s 列为重点工作★") if new.is_key_work else _("%(code)s 不再是重点工作★"))
                % {"code": code},
            )
        )
    choices: tuple[tuple[str, str, str, Callable[[str], str]], ...] = (
        (_("周期"), old.frequency, new.frequency, lambda v: FREQUENCIES.get(v, v)),
        (_("数据来源"), old.source, new.source, source_words),
        (_("适用范围"), old.applies_when, new.applies_when, lambda v: APPLIES.get(v, v)),
    )
    for label, before, after, words in choices:
        if before != after:
            found.append(_changed(code, _from_to(f"{code} {label}", words(before), words(after))))
    for label, before, after in (
        (_("考评要求"), old.standard, new.standard),
        (_("依据材料"), old.evidence, new.evidence),
        (_("英文名"), old.name_en, new.name_en),
    ):
        if before != after:
            found.append(_changed(code, _reworded(f"{code} {label}", before, after)))
    return found + _rules(code, old.rules, new.rules)


def _rules(code: str, old: Sequence[RuleContent], new: Sequence[RuleContent]) -> list[Change]:
    before = {rule.text: rule for rule in old}
    after = {rule.text: rule for rule in new}
    # A reworded rule keeps its place, unit and points: say that it was reworded.
    reworded = {
        there.text: here.text
        for here, there in zip(old, new, strict=False)
        if here.text not in after
        and there.text not in before
        and (here.unit, here.points, here.takes_all) == (there.unit, there.points, there.takes_all)
    }
    found = []
    for rule in new:
        if rule.text in reworded:
            found.append(
                _changed(
                    code,
                    _reworded(f"{code} " + _("扣分标准"), reworded[rule.text], rule.text),
                )
            )
        elif rule.text not in before:
            found.append(
                Change(
                    code,
                    Kind.ADDED,
                    _("%(code)s 新增扣分标准“%(rule)s”") % {"code": code, "rule": rule_words(rule)},
                )
            )
        elif rule != before[rule.text]:
            found.append(
                _changed(
                    code,
                    _("%(code)s 扣分标准“%(text)s”由%(old)s改为%(new)s")
                    % {
                        "code": code,
                        "text": rule.text,
                        "old": _taken(before[rule.text]),
                        "new": _taken(rule),
                    },
                )
            )
    found += [
        Change(
            code,
            Kind.REMOVED,
            _("%(code)s 删除扣分标准“%(rule)s”") % {"code": code, "rule": rule_words(rule)},
        )
        for rule in old
        if rule.text not in after and rule.text not in reworded.values()
    ]
    kept_before = [rule.text for rule in old if rule.text in after]
    kept_after = [rule.text for rule in new if rule.text in before]
    if kept_before != kept_after:
        found.append(_changed(code, _("%(code)s 扣分标准的次序有调整") % {"code": code}))
    return found


def _order(old: RubricContent, new: RubricContent) -> list[Change]:
    found = []
    for label, before, after in (
        (_("类别"), [s.code for s in old.sections], [s.code for s in new.sections]),
        (_("项目"), [i.code for i in old.items], [i.code for i in new.items]),
    ):
        if [c for c in before if c in after] != [c for c in after if c in before]:
            found.append(_changed(_("次序"), _("%(label)s的次序有调整") % {"label": label}))
    return found


def _list(
    heading: str,
    old: Iterable[T],
    new: Iterable[T],
    key: Callable[[T], Any],
    words: Callable[[T], str],
) -> list[Change]:
    before = {key(thing): thing for thing in old}
    after = {key(thing): thing for thing in new}
    found = []
    for name, thing in after.items():
        if name not in before:
            found.append(
                Change(
                    heading,
                    Kind.ADDED,
                    _("新增%(heading)s“%(thing)s”") % {"heading": heading, "thing": words(thing)},
                )
            )
        elif before[name] != thing:
            found.append(
                _changed(
                    heading,
                    _("%(heading)s由“%(old)s”改为“%(new)s”")
                    % {"heading": heading, "old": words(before[name]), "new": words(thing)},
                )
            )
    return found + [
        Change(
            heading,
            Kind.REMOVED,
            _("删除%(heading)s“%(thing)s”") % {"heading": heading, "thing": words(thing)},
        )
        for name, thing in before.items()
        if name not in after
    ]


def _bonus_text(bonus: BonusContent) -> str:
    return _("%(code)s %(text)s，加%(points)s分") % {
        "code": bonus.code,
        "text": bonus.text,
        "points": plain(bonus.points),
    }


def _veto_text(veto: VetoContent) -> str:
    return f"{veto.code} {veto.text}，" + "，".join(veto_effects(veto))


def veto_effects(veto: VetoContent) -> list[str]:
    """What a veto does, in words: 总分封顶60分, 取消当季评优 ..."""
    effects = [_("总分封顶%(cap)s分") % {"cap": plain(veto.cap)}]
    if veto.zeroes_item:
        effects.append(_("涉及项目计0分"))
    if veto.bars_awards:
        effects.append(_("取消当季评优"))
    if veto.needs_talk:
        effects.append(_("约谈"))
    return effects


def _band_text(band: BandContent) -> str:
    return _("%(name)s：%(floor)s分起") % {"name": band.name, "floor": plain(band.floor)}


def _taken(rule: RuleContent) -> str:
    points = _("满分") if rule.takes_all else plain(rule.points or Decimal(0))
    return _("“%(unit)s扣%(points)s”") % {"unit": rule.unit, "points": points}


def _changed(place: str, text: str) -> Change:
    return Change(place, Kind.CHANGED, text)


def _from_to(what: str, old: str, new: str, *, spaced: bool = False) -> str:
    if spaced:
        return _("%(what)s由 %(old)s 改为 %(new)s") % {"what": what, "old": old, "new": new}
    return _("%(what)s由“%(old)s”改为“%(new)s”") % {"what": what, "old": old, "new": new}


def _renamed(what: str, old: str, new: str) -> str:
    return _("%(what)s 改名：“%(old)s”改为“%(new)s”") % {"what": what, "old": old, "new": new}


def _reworded(what: str, old: str, new: str) -> str:
    if not old:
        return _("%(what)s写为“%(new)s”") % {"what": what, "new": new}
    if not new:
        return _("%(what)s删去“%(old)s”") % {"what": what, "old": old}
    return _("%(what)s由“%(old)s”改为“%(new)s”") % {"what": what, "old": old, "new": new}
