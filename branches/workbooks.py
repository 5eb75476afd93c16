"""Workbooks that come in: their columns, and what a row means. Nothing is written here.

A row that does not fit is kept with its column and a reason for people; the others stay usable.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from branches.models import (
    Branch,
    Duty,
    ImportKind,
    MembershipKind,
    PartyGroup,
    Person,
    RowImport,
)
from branches.rosters import KEPT_DAYS, eligible_people
from branches.services.record_checks import RECORDABLE
from branches.services.registers import MOST_DUES, members_in
from portal.documents.excel import CellProblem, Column, Kind, Row, Sheet, stream_sheet
from portal.documents.excel.guarding import Upload
from portal.kernel.months import Month

REQUIRED = {
    ImportKind.ROSTER: ("姓名", "转入日期"),
    ImportKind.DUES: ("姓名", "月份", "金额"),
    ImportKind.RECORDS: ("日期", "事项", "主题", "地点", "主持人"),
}
OPTIONAL = {
    ImportKind.ROSTER: ("工号", "部门班组", "行政职务", "类别", "党小组"),
    ImportKind.DUES: ("交纳日期", "减免原因"),
    ImportKind.RECORDS: ("记录人", "议题", "决议", "学时", "党小组", "请假", "补录原因"),
}
_HINTS = {
    ImportKind.ROSTER: "类别填“正式党员”或“预备党员”，不填按正式。",
    ImportKind.DUES: "没交的不用填。减免的金额填0并写原因。",
    ImportKind.RECORDS: "事项用顿号分开，如“主题党日、集中学习”。请假写成“姓名：原因；姓名：原因”",
}
_WIDE = {"主题", "议题", "决议", "事项", "请假", "减免原因", "补录原因"}


@dataclass(frozen=True, slots=True)
class ReadRow:
    """One row as it was read: what people recognise it by, what is wrong, what to write."""

    number: int
    words: str
    problems: tuple[tuple[str, str], ...]
    plain: dict[str, Any]


def blank_sheet(kind: ImportKind, branch: Branch) -> Sheet:
    """The empty table to fill in, with the branch's names to choose from."""
    names = list(eligible_people(branch, dt.date.today()).values())[:200]  # noqa: DTZ011 - a hint
    choices: dict[str, Sequence[str]] = {"类别": [str(label) for label in MembershipKind.labels]}
    if kind != ImportKind.ROSTER and sum(map(len, names)) < 200:
        choices |= {"姓名": names, "主持人": names, "记录人": names}
    return Sheet(
        name=kind.label,
        columns=[
            Column(
                title,
                Kind.DATE if title.endswith("日期") else Kind.TEXT,
                width=30 if title in _WIDE else 14,
                choices=choices.get(title, ()),
            )
            for title in (*REQUIRED[kind], *OPTIONAL[kind])
        ],
        rows=[],
        title=_("%(branch)s%(kind)s") % {"branch": branch.label, "kind": kind.label},
        notes=[_HINTS[kind]],
        spare_rows=200,
    )


def problem_sheet(kept: RowImport) -> Sheet:
    """What has to be put right, one line per problem."""
    rows = kept.rows.filter(is_good=False).values_list("number", "words", "problems")
    return Sheet(
        name=_("要改的行"),
        columns=[
            Column(_("行"), Kind.INTEGER),
            Column(_("列"), width=14),
            Column(_("原因"), width=40),
            Column(_("读到的内容"), width=30),
        ],
        rows=[
            (number, column, reason, words)
            for number, words, problems in rows.iterator(chunk_size=1000)
            for column, reason in problems
        ],
        title=_("%(file)s要改的行") % {"file": kept.filename},
    )


def read_rows(
    kind: ImportKind, branch: Branch, file: Upload, today: dt.date
) -> tuple[int, Iterator[ReadRow]]:
    """How many rows there are at most, and the rows as they are read. Raises UnreadableFile for a
    file that can't be read at all; for one that is too long when it gets there."""
    stream = stream_sheet(file, required=REQUIRED[kind], optional=OPTIONAL[kind])
    reader = {
        ImportKind.ROSTER: _RosterReader,
        ImportKind.DUES: _DuesReader,
        ImportKind.RECORDS: _RecordReader,
    }[kind](branch, today)
    return stream.height, map(reader.read, stream.rows)


class _Reader:
    """Reads row by row; remembers what came before, so that a double is noticed."""

    def __init__(self, branch: Branch, today: dt.date) -> None:
        self.branch, self.today = branch, today
        self.seen: dict[Any, int] = {}
        self.problems: list[tuple[str, str]] = []

    def read(self, row: Row) -> ReadRow:
        self.problems = []
        words, plain = self.one(row)
        return ReadRow(row.number, words, tuple(self.problems), plain)

    def one(self, row: Row) -> tuple[str, dict[str, Any]]:
        raise NotImplementedError

    def take(self, column: str, read: Any, *args: Any, **more: Any) -> Any:
        """A cell, or None with its problem noted."""
        try:
            return read(column, *args, **more)
        except CellProblem as problem:
            self.problems.append((problem.column, problem.reason))
            return None

    def wrong(self, column: str, reason: str) -> None:
        self.problems.append((column, reason))

    def once(self, key: Any, row: Row, column: str) -> None:
        if key in self.seen:
            self.wrong(column, _("与第%(n)d行重复") % {"n": self.seen[key]})
        else:
            self.seen[key] = row.number

    def past(self, row: Row, column: str) -> dt.date | None:
        day: dt.date | None = self.take(column, row.date)
        if day is not None and day > self.today:
            self.wrong(column, _("还没到这一天"))
        return day


def _one_of(names: dict[int, str], name: str) -> int | str:
    """The key of a name among people, or why there is none."""
    found = [key for key, known in names.items() if known == name]
    if len(found) == 1:
        return found[0]
    return (
        _("“%(name)s”不在名单上") % {"name": name}
        if not found
        else _("有几位“%(name)s”，请在页面上登记") % {"name": name}
    )


class _DuesReader(_Reader):
    def __init__(self, branch: Branch, today: dt.date) -> None:
        super().__init__(branch, today)
        self.members: dict[Month, dict[int, str]] = {}

    def one(self, row: Row) -> tuple[str, dict[str, Any]]:
        name = self.take("姓名", row.text, required=True, limit=40) or ""
        month: Month | None = self.take("月份", row.month)
        amount = self.take("金额", row.optional_decimal)
        reason = self.take("减免原因", row.text, limit=100) or ""
        paid_on = self.past(row, "交纳日期") if row.raw("交纳日期") != "" else None
        plain: dict[str, Any] = {"amount": str(amount or 0), "exempt_reason": reason}
        if amount is not None and not 0 <= amount <= MOST_DUES:
            self.wrong("金额", _("请填0到%(most)s元") % {"most": MOST_DUES})
        if not amount and not reason and (amount is not None or row.raw("金额") == ""):
            self.wrong("金额", _("没有金额也没有减免原因"))
        if amount and paid_on is None and row.raw("交纳日期") == "":
            self.wrong("交纳日期", _("不能为空"))
        if month is not None and name:
            if month > Month.of(self.today).plus(12):
                self.wrong("月份", _("最多预交一年"))
            if month not in self.members:
                self.members[month] = members_in(self.branch, month)
            found = _one_of(self.members[month], name)
            if isinstance(found, str):
                self.wrong("姓名", found)
            else:
                self.once((found, month), row, "姓名")
                plain |= {"person": found, "month": str(month)}
        plain["paid_on"] = paid_on.isoformat() if paid_on else None
        return f"{name} {month or ''} {amount if amount is not None else ''}".strip(), plain


class _RosterReader(_Reader):
    def __init__(self, branch: Branch, today: dt.date) -> None:
        super().__init__(branch, today)
        self.groups = {
            group.name: group.pk
            for group in PartyGroup.objects.filter(branch=branch, ended_on__isnull=True)
        }
        self.kinds = {str(label): value for value, label in MembershipKind.choices}
        self.numbers = dict(
            Person.objects.filter(staff_no__isnull=False).values_list("staff_no", "name")
        )

    def one(self, row: Row) -> tuple[str, dict[str, Any]]:
        name = self.take("姓名", row.text, required=True, limit=40) or ""
        staff_no = self.take("工号", row.text, limit=20) or ""
        started_on = self.past(row, "转入日期")
        kind = self.take("类别", row.text) or str(MembershipKind.FULL.label)
        group = self.take("党小组", row.text) or ""
        if kind not in self.kinds:
            self.wrong("类别", _("请填“正式党员”或“预备党员”"))
        if group and group not in self.groups:
            self.wrong("党小组", _("本支部没有“%(name)s”") % {"name": group})
        if staff_no and self.numbers.get(staff_no, name) != name:
            self.wrong(
                "工号",
                _("%(no)s是%(name)s的工号") % {"no": staff_no, "name": self.numbers[staff_no]},
            )
        self.once(staff_no or name, row, "工号" if staff_no else "姓名")
        return f"{name} {staff_no}".strip(), {
            "name": name,
            "staff_no": staff_no,
            "workplace": self.take("部门班组", row.text, limit=60) or "",
            "job_title": self.take("行政职务", row.text, limit=40) or "",
            "kind": self.kinds.get(kind, ""),
            "group": self.groups.get(group),
            "started_on": started_on.isoformat() if started_on else None,
        }


class _RecordReader(_Reader):
    def __init__(self, branch: Branch, today: dt.date) -> None:
        super().__init__(branch, today)
        self.duties = {str(duty.label): duty.value for duty in Duty if duty.value in RECORDABLE}
        self.groups = {g.name: g.pk for g in PartyGroup.objects.filter(branch=branch)}
        self.people: dict[dt.date, dict[int, str]] = {}

    def one(self, row: Row) -> tuple[str, dict[str, Any]]:
        day = self.past(row, "日期")
        subject = self.take("主题", row.text, required=True, limit=120) or ""
        plain: dict[str, Any] = {
            "held_on": day.isoformat() if day else None,
            "subject": subject,
            "place": self.take("地点", row.text, required=True, limit=60) or "",
            "agenda": self.take("议题", row.text, limit=4000) or "",
            "resolution": self.take("决议", row.text, limit=4000) or "",
            "study_hours": str(self.take("学时", row.optional_decimal) or 0),
            "late_reason": self.take("补录原因", row.text, limit=200) or "",
            "duties": self._duties(row),
            "group": None,
            "absences": [],
        }
        group = self.take("党小组", row.text) or ""
        if group and group not in self.groups:
            self.wrong("党小组", _("本支部没有“%(name)s”") % {"name": group})
        plain["group"] = self.groups.get(group)
        if day is not None:
            if day not in self.people:
                if len(self.people) >= KEPT_DAYS:
                    self.people.clear()  # a sheet goes by date; a roster of each day is too much
                self.people[day] = eligible_people(self.branch, day)
            people = self.people[day]
            for column, field, required in (
                ("主持人", "chair", True),
                ("记录人", "recorder", False),
            ):
                name = self.take(column, row.text, required=required) or ""
                found = _one_of(people, name) if name else None
                if isinstance(found, str):
                    self.wrong(column, found)
                plain[field] = found if isinstance(found, int) else None
            plain["absences"] = self._absences(row, people)
            self.once((day, subject), row, "主题")
        return f"{day or ''} {subject}".strip(), plain

    def _duties(self, row: Row) -> list[str]:
        found = []
        for name in (
            (self.take("事项", row.text, required=True) or "").replace("，", "、").split("、")
        ):
            name = name.strip()
            if name in self.duties:
                found.append(self.duties[name])
            elif name:
                self.wrong("事项", _("没有“%(name)s”这个事项") % {"name": name})
        return found

    def _absences(self, row: Row, people: dict[int, str]) -> list[list[Any]]:
        found = []
        for part in (self.take("请假", row.text) or "").replace(";", "；").split("；"):
            name, _mark, reason = part.strip().replace(":", "：").partition("：")
            if not name:
                continue
            key = _one_of(people, name)
            if isinstance(key, str):
                self.wrong("请假", key)
            elif not reason.strip():
                self.wrong("请假", _("%(name)s没有写原因") % {"name": name})
            else:
                found.append([key, reason.strip()[:100]])
        return found
