"""A rubric version as an Excel workbook, and back again.

Out: six sheets, one row per section, item, deduction rule, bonus, veto and band. In: every row
is read by itself; one that was not understood is reported with its place and the reason, and
the others stand. Nothing here touches the database.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, replace
from decimal import Decimal
from typing import Any, Final, TypeVar

from django.utils.translation import gettext as _

from evaluations.rubric_checks import (
    LIMITS,
    Problem,
    band_problems,
    bonus_problems,
    frame_problems,
    item_problems,
    rule_problems,
    section_problems,
    veto_problems,
)
from evaluations.rubric_content import (
    TOTAL_MARKS,
    BandContent,
    BonusContent,
    ItemContent,
    RubricContent,
    RuleContent,
    SectionContent,
    VetoContent,
)
from evaluations.rubric_differences import (
    APPLIES,
    FREQUENCIES,
    POLICIES,
    SOURCES,
    source_words,
)
from portal.documents.excel import CellProblem, Column, Kind, Row, Sheet, Table, read_sheets
from portal.documents.excel.guarding import Upload

SECTIONS: Final = "类别"
ITEMS: Final = "考评项目"
RULES: Final = "扣分标准"
BONUS: Final = "加分项"
VETOES: Final = "否决项"
BANDS: Final = "等次"
FRAME: Final = "总则"
MOST_ROWS: Final = 600  # a rubric has some 25 items and 70 rules

_HEADINGS: Final[dict[str, tuple[str, ...]]] = {
    SECTIONS: ("编号", "名称", "满分"),
    ITEMS: ("类别", "编号", "考评项目", "满分", "重点工作", "周期", "数据来源", "考评要求"),
    RULES: ("项目编号", "扣分情形", "单位", "每单位扣分", "扣满分"),
    BONUS: ("编号", "情形", "加分"),
    VETOES: ("编号", "情形", "总分封顶", "涉及项目计0分", "取消当季评优", "约谈"),
    BANDS: ("等次", "最低分"),
    FRAME: ("名称", "内容"),
}
_OPTIONAL: Final[dict[str, tuple[str, ...]]] = {
    SECTIONS: ("英文名称", "英文"),
    ITEMS: ("适用范围", "依据材料", "英文名称", "英文"),
}
_CAP: Final = "加分上限"
_POLICY: Final = "未到期项目"
# Where a problem found in a value stands in the sheet.
_COLUMN_OF: Final[dict[str, dict[str, str]]] = {
    SECTIONS: {"code": "编号", "name": "名称", "full_marks": "满分", "name_en": "英文名称"},
    ITEMS: {
        "code": "编号",
        "name": "考评项目",
        "full_marks": "满分",
        "frequency": "周期",
        "source": "数据来源",
        "standard": "考评要求",
        "evidence": "依据材料",
        "applies_when": "适用范围",
        "name_en": "英文名称",
    },
    RULES: {"text": "扣分情形", "unit": "单位", "points": "每单位扣分"},
    BONUS: {"code": "编号", "text": "情形", "points": "加分"},
    VETOES: {"code": "编号", "text": "情形", "cap": "总分封顶"},
    BANDS: {"name": "等次", "floor": "最低分"},
}
# What goes along with a row of another sheet, and the column that names that row.
_HANGS_ON: Final = {(ITEMS, "类别"): SECTIONS, (RULES, "项目编号"): ITEMS}


@dataclass(frozen=True, slots=True)
class NotUnderstood:
    """One cell that was not understood; its whole row is left out. ``code`` is what the row
    stands for; ``follows``: nothing is wrong with it but that its item or section was not
    understood."""

    sheet: str
    row: int
    column: str
    reason: str
    code: str = ""
    follows: bool = False

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Understood:
    """What a workbook says, and the rows that were left out of it."""

    content: RubricContent
    report: tuple[NotUnderstood, ...]
    rows: int


# -- out --------------------------------------------------------------------------------------


def sheets_of(content: RubricContent, *, title: str) -> list[Sheet]:
    """The sheets of the workbook, ready to be written."""
    yes_no = (_("是"), _("否"))
    return [
        Sheet(
            ITEMS,
            [
                Column("类别", Kind.CENTRED, 6),
                Column("编号", Kind.CENTRED, 7),
                Column("考评项目", width=26),
                Column("满分", Kind.MARKS, 7),
                Column("重点工作", Kind.CENTRED, 9, choices=yes_no),
                Column("周期", Kind.CENTRED, 9, choices=tuple(FREQUENCIES.values())),
                Column("数据来源", width=11),
                Column("适用范围", width=16, choices=tuple(APPLIES.values())),
                Column("考评要求", Kind.LONG_TEXT, 52),
                Column("依据材料", Kind.LONG_TEXT, 28),
                Column("英文名称", Kind.LONG_TEXT, 28),
            ],
            [
                (
                    section.code,
                    item.code,
                    item.name,
                    item.full_marks,
                    item.is_key_work,
                    FREQUENCIES[item.frequency],
                    source_words(item.source),
                    APPLIES[item.applies_when],
                    item.standard,
                    item.evidence,
                    item.name_en,
                )
                for section in content.sections
                for item in section.items
            ],
            title=title,
            notes=[_("各类项目满分之和须等于类别满分，各类满分之和须为100分。改好后整本上传。")],
            spare_rows=40,
        ),
        Sheet(
            RULES,
            [
                Column("项目编号", Kind.CENTRED, 9),
                Column("扣分情形", Kind.LONG_TEXT, 52),
                Column("单位", width=12),
                Column("每单位扣分", Kind.NUMBER, 12),
                Column("扣满分", Kind.CENTRED, 9, choices=yes_no),
            ],
            [
                (item.code, rule.text, rule.unit, rule.points, rule.takes_all)
                for item in content.items
                for rule in item.rules
            ],
            notes=[_("每单位扣分与扣满分二选一。")],
            portrait=True,
            spare_rows=80,
        ),
        Sheet(
            SECTIONS,
            [
                Column("编号", Kind.CENTRED, 7),
                Column("名称", width=30),
                Column("满分", Kind.MARKS, 8),
                Column("英文名称", width=40),
            ],
            [(s.code, s.name, s.full_marks, s.name_en) for s in content.sections],
            portrait=True,
        ),
        Sheet(
            BONUS,
            [
                Column("编号", Kind.CENTRED, 7),
                Column("情形", Kind.LONG_TEXT, 50),
                Column("加分", Kind.NUMBER, 8),
            ],
            [(b.code, b.text, b.points) for b in content.bonus_rules],
            portrait=True,
        ),
        Sheet(
            VETOES,
            [
                Column("编号", Kind.CENTRED, 7),
                Column("情形", Kind.LONG_TEXT, 44),
                Column("总分封顶", Kind.NUMBER, 10),
                Column("涉及项目计0分", Kind.CENTRED, 15, choices=yes_no),
                Column("取消当季评优", Kind.CENTRED, 14, choices=yes_no),
                Column("约谈", Kind.CENTRED, 8, choices=yes_no),
            ],
            [
                (v.code, v.text, v.cap, v.zeroes_item, v.bars_awards, v.needs_talk)
                for v in content.veto_rules
            ],
        ),
        Sheet(
            BANDS,
            [Column("等次", width=12), Column("最低分", Kind.NUMBER, 10)],
            [(band.name, band.floor) for band in content.bands],
            portrait=True,
        ),
        Sheet(
            FRAME,
            [Column("名称", width=16), Column("内容", width=24)],
            [(_CAP, content.bonus_cap), (_POLICY, POLICIES[content.not_due_policy])],
            portrait=True,
        ),
    ]


# -- in ---------------------------------------------------------------------------------------


def read_workbook(file: Upload, *, for_secretaries: bool = False) -> Understood:
    """Read a workbook in the form of :func:`sheets_of`. Raises UnreadableFile when it is none;
    everything smaller is a line of the report."""
    tables = read_sheets(file, _HEADINGS, optional=_OPTIONAL, most_rows=MOST_ROWS)
    return _Reading(tables, for_secretaries).result()


T = TypeVar("T")


class _Reading:
    """One pass over the tables, collecting values and the report."""

    def __init__(self, tables: dict[str, Table], for_secretaries: bool) -> None:
        self.tables = tables
        self.for_secretaries = for_secretaries
        self.report: list[NotUnderstood] = []
        self.unread: dict[str, set[str]] = {SECTIONS: set(), ITEMS: set()}

    def result(self) -> Understood:
        sections = self._sections()
        items = self._items(sections)
        rules = self._rules({item.code: item for item, _section in items})
        stated_cap, policy = self._frame()
        bonuses = self._bonuses(TOTAL_MARKS if stated_cap is None else stated_cap)
        # A cap that was not understood is in the report; the bonuses still stand.
        cap = (
            max((b.points for b in bonuses), default=Decimal(0))
            if stated_cap is None
            else stated_cap
        )
        content = RubricContent(
            sections=tuple(
                replace(
                    section,
                    items=tuple(
                        replace(item, rules=tuple(rules.get(item.code, ())))
                        for item, of in items
                        if of == section.code
                    ),
                )
                for section in sections
            ),
            bonus_rules=tuple(sorted(bonuses, key=lambda bonus: bonus.code)),
            veto_rules=tuple(sorted(self._vetoes(), key=lambda veto: veto.code)),
            bands=tuple(sorted(self._bands(), key=lambda band: -band.floor)),
            bonus_cap=cap,
            not_due_policy=policy,
            for_secretaries=self.for_secretaries,
        )
        order = list(self.tables)
        report = sorted(self.report, key=lambda bad: (order.index(bad.sheet), bad.row))
        return Understood(
            content, tuple(report), sum(len(table.rows) for table in self.tables.values())
        )

    def _sections(self) -> list[SectionContent]:
        def read(row: Row) -> SectionContent:
            return SectionContent(
                code=row.text("编号", required=True, limit=LIMITS["section.code"]),
                name=row.text("名称", required=True),
                full_marks=row.decimal("满分"),
                name_en=_english(row),
            )

        found = self._each(SECTIONS, read, section_problems, key=lambda section: section.code)
        return [section for _row, section in found]

    def _items(self, sections: list[SectionContent]) -> list[tuple[ItemContent, str]]:
        known = {section.code for section in sections}

        def read(row: Row) -> tuple[ItemContent, str]:
            section = row.text("类别", required=True)
            if section not in known:
                raise CellProblem("类别", _("没有“%(code)s”类") % {"code": section[:20]})
            item = ItemContent(
                code=row.text("编号", required=True, limit=LIMITS["item.code"]),
                name=row.text("考评项目", required=True),
                full_marks=row.decimal("满分"),
                is_key_work=row.flag("重点工作"),
                frequency=_choice(row, "周期", _FREQUENCY_WORDS),
                source=_source(row),
                standard=row.text("考评要求", required=True),
                evidence=row.text("依据材料"),
                applies_when=_choice(row, "适用范围", _APPLIES_WORDS),
                name_en=_english(row),
            )
            return item, section

        found = self._each(
            ITEMS,
            read,
            lambda pair: item_problems(*pair),
            key=lambda pair: pair[0].code,
        )
        return [pair for _row, pair in found]

    def _rules(self, items: dict[str, ItemContent]) -> dict[str, list[RuleContent]]:
        def read(row: Row) -> tuple[ItemContent, RuleContent]:
            code = row.text("项目编号", required=True)
            if code not in items:
                raise CellProblem(
                    "项目编号", _("没有读到项目“%(code)s”，这一条随之不收") % {"code": code[:20]}
                )
            return items[code], RuleContent(
                text=row.text("扣分情形", required=True),
                unit=row.text("单位", required=True),
                points=row.optional_decimal("每单位扣分"),
                takes_all=row.flag("扣满分"),
            )

        found = self._each(
            RULES,
            read,
            lambda pair: rule_problems(pair[1], 0, pair[0]),
            key=lambda pair: (pair[0].code, pair[1].text),
        )
        rules: dict[str, list[RuleContent]] = {}
        for _row, (item, rule) in found:
            rules.setdefault(item.code, []).append(rule)
        return rules

    def _frame(self) -> tuple[Decimal | None, str]:
        cap: Decimal | None = None
        policy = "full_marks"
        for row in self.tables[FRAME].rows:
            try:
                name = row.text("名称")
                if name == _CAP:
                    value = row.decimal("内容")
                    if wrong := frame_problems(RubricContent((), (), bonus_cap=value)):
                        raise CellProblem("内容", wrong[0].message.rstrip("。"))
                    cap = value
                elif name == _POLICY:
                    policy = _choice(row, "内容", _POLICY_WORDS)
                else:
                    raise CellProblem("名称", _("不认识“%(name)s”") % {"name": name[:20]})
            except CellProblem as bad:
                self._report(FRAME, row, bad.column, bad.reason)
        return cap, policy

    def _bonuses(self, cap: Decimal) -> list[BonusContent]:
        def read(row: Row) -> BonusContent:
            return BonusContent(
                row.text("编号", required=True),
                row.text("情形", required=True),
                row.decimal("加分"),
            )

        found = self._each(
            BONUS, read, lambda bonus: bonus_problems(bonus, cap), key=lambda bonus: bonus.code
        )
        return [bonus for _row, bonus in found]

    def _vetoes(self) -> list[VetoContent]:
        def read(row: Row) -> VetoContent:
            return VetoContent(
                row.text("编号", required=True),
                row.text("情形", required=True),
                row.decimal("总分封顶"),
                row.flag("涉及项目计0分"),
                row.flag("取消当季评优"),
                row.flag("约谈"),
            )

        found = self._each(VETOES, read, veto_problems, key=lambda veto: veto.code)
        return [veto for _row, veto in found]

    def _bands(self) -> list[BandContent]:
        def read(row: Row) -> BandContent:
            return BandContent(row.text("等次", required=True), row.decimal("最低分"))

        found = self._each(BANDS, read, band_problems, key=lambda band: band.name)
        floors: set[Decimal] = set()
        kept = []
        for row, band in found:
            if band.floor in floors:
                self._report(BANDS, row, "最低分", _("与上面一个等次的最低分相同"))
            else:
                floors.add(band.floor)
                kept.append(band)
        return kept

    def _each(
        self,
        sheet: str,
        read: Callable[[Row], T],
        check: Callable[[T], list[Problem]],
        key: Callable[[T], Any],
    ) -> list[tuple[Row, T]]:
        """Read, check and keep the rows of a sheet; a row with anything wrong is reported and
        left out, so is a second row with the key of an earlier one."""
        kept: dict[Any, tuple[Row, T]] = {}
        for row in self.tables[sheet].rows:
            try:
                value = read(row)
            except CellProblem as bad:
                self._report(sheet, row, bad.column, bad.reason)
                continue
            if wrong := check(value):
                for problem in wrong:
                    column = _COLUMN_OF[sheet].get(problem.field, "")
                    self._report(sheet, row, column, problem.message.rstrip("。"))
            elif key(value) in kept:
                first = kept[key(value)][0].number
                column = next(iter(_COLUMN_OF[sheet].values()))
                self._report(sheet, row, column, _("与第%(row)d行重复") % {"row": first})
            else:
                kept[key(value)] = (row, value)
        return list(kept.values())

    def _report(self, sheet: str, row: Row, column: str, reason: str) -> None:
        code = row.text("编号") if sheet in self.unread else ""
        self.unread.get(sheet, set()).add(code)
        above = _HANGS_ON.get((sheet, column))
        follows = above is not None and row.text(column) in self.unread[above]
        self.report.append(NotUnderstood(sheet, row.number, column, reason, code, follows))


def _words(labels: dict[str, str], **more: str) -> dict[str, str]:
    return {**{label: value for value, label in labels.items()}, **more}


_FREQUENCY_WORDS: Final = _words(
    FREQUENCIES, 月="M", 季="Q", 半年="H", 年="Y", 事件="E", 每季度="Q", 每年度="Y"
)
_APPLIES_WORDS: Final = {**_words(APPLIES), "": ""}
_POLICY_WORDS: Final = _words(POLICIES)
_SOURCE_WORDS: Final = {**_words(SOURCES), **{code: code for code in SOURCES}}


def _english(row: Row) -> str:
    return row.text("英文名称") or row.text("英文")  # as exports called it before


def _choice(row: Row, column: str, words: dict[str, str]) -> str:
    text = row.text(column)
    if text not in words:
        choices: Iterable[str] = [word for word in words if word][:5]
        raise CellProblem(
            column,
            _("不认识“%(text)s”，可填：%(choices)s")
            % {"text": text[:20], "choices": "、".join(choices)},
        )
    return words[text]


def _source(row: Row) -> str:
    """``系统+现场``, ``系统、现场`` or the codes themselves."""
    text = row.text("数据来源", required=True).replace("＋", "+").replace("、", "+")
    parts = [part.strip() for part in text.split("+")]
    unknown = [part for part in parts if part not in _SOURCE_WORDS]
    if unknown:
        raise CellProblem(
            "数据来源",
            _("不认识“%(text)s”，可填：%(choices)s")
            % {"text": unknown[0][:20], "choices": "、".join(SOURCES.values())},
        )
    return "+".join(_SOURCE_WORDS[part] for part in parts)
