"""A rubric's values in the words of the office."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils.translation import gettext as _

from evaluations.rubric_content import ItemContent, RubricContent, RuleContent, VetoContent
from evaluations.rubric_differences import APPLIES, FREQUENCIES, POLICIES, veto_effects
from evaluations.rubric_differences import source_words as words_of_source
from evaluations.services.rubric_drafts import seal as seal_of

register = template.Library()


@register.filter
def frequency_words(frequency: str) -> str:
    """``Q`` -> ``每季``."""
    return FREQUENCIES.get(frequency, frequency)


@register.filter
def source_words(source: str) -> str:
    """``auto+onsite`` -> ``系统+现场``."""
    return words_of_source(source)


@register.filter
def applies_words(applies_when: str) -> str:
    return APPLIES.get(applies_when, applies_when)


@register.filter
def policy_words(policy: str) -> str:
    return POLICIES.get(policy, policy)


@register.filter
def effects(veto: VetoContent) -> str:
    """``总分封顶60分，取消当季评优``."""
    return "，".join(veto_effects(veto))


@register.filter
def taken(rule: RuleContent) -> str:
    """What one occurrence takes: ``−2`` or ``扣满分``."""
    if rule.takes_all or rule.points is None:
        return _("扣满分")
    return f"−{rule.points.normalize():f}"


@register.filter
def item_meta(item: ItemContent) -> str:
    """``每月 · 系统+现场 · 设支委会的支部``."""
    parts = [frequency_words(item.frequency), source_words(item.source)]
    if item.applies_when:
        parts.append(_("只限%(whom)s") % {"whom": applies_words(item.applies_when)})
    return " · ".join(parts)


@register.filter
def seal(piece: Any) -> str:
    """The sign of what a form shows (see ``rubric_drafts.seal``)."""
    return seal_of(piece)


@register.filter
def item_count(content: RubricContent) -> int:
    return sum(1 for _item in content.items)
