"""What a rubric version says, as plain values: read, checked, compared and written as a whole.

The database rows, the Excel workbook and the seed file are three forms of this one value, so
that a round trip through any of them can be tested by ``==``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from decimal import Decimal
from typing import Any, Final

TOTAL_MARKS: Final = Decimal(100)
KEY_LINE_PERCENT: Final = 60


@dataclass(frozen=True, slots=True)
class RuleContent:
    """A deduction rule: so many points per unit, or everything."""

    text: str
    unit: str
    points: Decimal | None
    takes_all: bool = False


@dataclass(frozen=True, slots=True)
class ItemContent:
    code: str
    name: str
    full_marks: Decimal
    standard: str
    source: str
    frequency: str = "M"
    is_key_work: bool = False
    applies_when: str = ""
    evidence: str = ""
    name_en: str = ""
    rules: tuple[RuleContent, ...] = ()


@dataclass(frozen=True, slots=True)
class SectionContent:
    code: str
    name: str
    full_marks: Decimal
    name_en: str = ""
    items: tuple[ItemContent, ...] = ()

    @property
    def marks_of_items(self) -> Decimal:
        return sum((item.full_marks for item in self.items), Decimal(0))

    @property
    def missing(self) -> Decimal:
        """Marks its items lack (negative: have too many)."""
        return self.full_marks - self.marks_of_items


@dataclass(frozen=True, slots=True)
class BonusContent:
    code: str
    text: str
    points: Decimal


@dataclass(frozen=True, slots=True)
class VetoContent:
    code: str
    text: str
    cap: Decimal
    zeroes_item: bool = False
    bars_awards: bool = False
    needs_talk: bool = False


@dataclass(frozen=True, slots=True)
class BandContent:
    name: str
    floor: Decimal


@dataclass(frozen=True, slots=True)
class RubricContent:
    """Everything a version says. ``for_secretaries``: items are scored by a sentence
    (``standard``), not by deduction rules."""

    sections: tuple[SectionContent, ...]
    bands: tuple[BandContent, ...]
    bonus_rules: tuple[BonusContent, ...] = ()
    veto_rules: tuple[VetoContent, ...] = ()
    bonus_cap: Decimal = Decimal(0)
    not_due_policy: str = "full_marks"
    for_secretaries: bool = field(default=False, kw_only=True)

    @property
    def items(self) -> Iterator[ItemContent]:
        for section in self.sections:
            yield from section.items

    @property
    def total(self) -> Decimal:
        return sum((section.full_marks for section in self.sections), Decimal(0))

    @property
    def key_marks(self) -> Decimal:
        """Marks that lie on key work (★)."""
        return sum((item.full_marks for item in self.items if item.is_key_work), Decimal(0))

    def item(self, code: str) -> ItemContent | None:
        return next((item for item in self.items if item.code == code), None)

    def section(self, code: str) -> SectionContent | None:
        return next((section for section in self.sections if section.code == code), None)


def plain(marks: Decimal) -> str:
    """A mark in a sentence: ``18``, ``0.5``."""
    text = f"{marks.quantize(Decimal('0.01')):f}"
    return text.rstrip("0").rstrip(".") or "0"


def single_failures(
    content: RubricContent, percent: int = KEY_LINE_PERCENT
) -> list[tuple[str, str]]:
    """Rules of which one single occurrence takes a key item (★) under ``percent`` of its full
    marks: (item code, rule text), in the rubric's order."""
    found = []
    for item in content.items:
        for rule in item.rules if item.is_key_work else ():
            taken = item.full_marks if rule.takes_all else (rule.points or Decimal(0))
            left = max(Decimal(0), item.full_marks - taken)
            if left * 100 < item.full_marks * percent:
                found.append((item.code, rule.text))
    return found


def to_plain(content: RubricContent) -> dict[str, Any]:
    """The value as JSON holds it, marks as text."""
    plain_values: dict[str, Any] = as_texts(asdict(content))
    return plain_values


def from_plain(values: Mapping[str, Any]) -> RubricContent:
    """The value again from :func:`to_plain`."""
    return RubricContent(
        sections=tuple(
            SectionContent(
                **{
                    **section,
                    "full_marks": Decimal(section["full_marks"]),
                    "items": tuple(_item(item) for item in section["items"]),
                }
            )
            for section in values["sections"]
        ),
        bands=tuple(BandContent(b["name"], Decimal(b["floor"])) for b in values["bands"]),
        bonus_rules=tuple(
            BonusContent(b["code"], b["text"], Decimal(b["points"])) for b in values["bonus_rules"]
        ),
        veto_rules=tuple(
            VetoContent(**{**veto, "cap": Decimal(veto["cap"])}) for veto in values["veto_rules"]
        ),
        bonus_cap=Decimal(values["bonus_cap"]),
        not_due_policy=values["not_due_policy"],
        for_secretaries=values["for_secretaries"],
    )


def _item(values: Mapping[str, Any]) -> ItemContent:
    return ItemContent(
        **{
            **values,
            "full_marks": Decimal(values["full_marks"]),
            "rules": tuple(
                RuleContent(
                    **{
                        **rule,
                        "points": None if rule["points"] is None else Decimal(rule["points"]),
                    }
                )
                for rule in values["rules"]
            ),
        }
    )


def as_texts(value: Any) -> Any:
    """A value of nested fields with every mark as text: equal marks give equal text."""
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, dict):
        return {key: as_texts(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [as_texts(part) for part in value]
    return value
