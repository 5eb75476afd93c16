"""Turnouts in Excel: out as shown, and in from the sheet that was filled on paper first.

What is read says of every row what it understood; a cell that does not fit is named with its row
and a sentence, and nothing of the file is lost or half taken.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from portal.documents.excel import CellProblem, Column, Kind, Row, Sheet, read_sheet
from portal.kernel.months import SHANGHAI
from servicecrew.models import (
    Crew,
    CrewMember,
    Mark,
    Operation,
    ServiceKind,
    SubKind,
    Turnout,
    Vehicle,
)
from servicecrew.services.turnout_rows import in_force

REQUIRED = ("服务队", "出队日期", "事由", "类别", "区县", "地点", "出发", "人员")
OPTIONAL = (
    "小类",
    "接令",
    "到场",
    "复电",
    "撤离",
    "车辆",
    "行动",
    "停电户数",
    "复电户数",
    "复电台区",
    "工作票号",
    "客户满意度",
    "处理经过",
)
# Cells that people merge down over several rows; an empty one repeats the row above.
CARRIED = ("服务队", "出队日期", "行动")
# From one written clock time to the next without a date.
LONGEST_LEG = dt.timedelta(hours=18)
TIME_COLUMNS = {
    "接令": Mark.ORDERED,
    "出发": Mark.DEPARTED,
    "到场": Mark.ARRIVED,
    "复电": Mark.RESTORED,
    "撤离": Mark.LEFT,
}
_CLOCK = re.compile(
    r"(?:(\d{4}[-/.]\d{1,2}[-/.]\d{1,2})\s+)?(\d{1,2})[:：时](\d{1,2})分?(?::\d{2})?"
)
SPLIT = re.compile(r"[、,，;；/\s]+")


@dataclass(frozen=True, slots=True)
class ReadRow:
    """What was understood of one row; ``problems`` keep it out. ``plain`` can be kept as JSON."""

    number: int
    subject: str
    crew: str
    day: str
    people: int
    vehicles: int
    problems: Sequence[str] = ()
    notes: Sequence[str] = ()
    plain: Mapping[str, Any] = field(default_factory=dict)


class Reader:
    """Reads a workbook against the crews the user may write for."""

    def __init__(self, crews: Iterable[Crew], today: dt.date) -> None:
        self.crews = {crew.name: crew for crew in crews}
        self.today = today
        keys = [crew.pk for crew in self.crews.values()]
        self.people: dict[int, dict[str, list[int]]] = {}
        for crew, name, person in CrewMember.objects.filter(
            in_force(today), crew_id__in=keys
        ).values_list("crew_id", "person__name", "person_id"):
            self.people.setdefault(crew, {}).setdefault(name, []).append(person)
        self.vehicles = dict(Vehicle.objects.filter(crew_id__in=keys).values_list("plate", "pk"))
        self.operations = dict(Operation.objects.values_list("name", "pk"))

    def read(self, file: Any) -> list[ReadRow]:
        """Every row of the file. Raises UnreadableFile when it is no such workbook."""
        table = read_sheet(file, required=REQUIRED, optional=OPTIONAL)
        found: list[ReadRow] = []
        above: dict[str, Any] = {}
        for row in table.rows:
            carried = []
            values = dict(row.values)
            for title in CARRIED:
                if values.get(title, "") == "" and above.get(title, "") != "":
                    values[title] = above[title]
                    if title != "行动":
                        carried.append(title)
                above[title] = values.get(title, "")
            found.append(self._row(Row(row.number, values), carried))
        return found

    def _row(self, row: Row, carried: Sequence[str]) -> ReadRow:
        problems: list[str] = []
        notes = (
            [_("%(names)s按上一行（合并单元格）") % {"names": "、".join(carried)}]
            if carried
            else []
        )

        def take(read: Any, default: Any = None) -> Any:
            try:
                return read()
            except CellProblem as problem:
                problems.append(f"{problem.column}：{problem.reason}")
                return default

        crew = take(lambda: self._crew(row))
        day = take(lambda: row.date("出队日期"))
        subject = take(lambda: row.text("事由", required=True, limit=80), "")
        kind = take(lambda: _chosen(row, "类别", ServiceKind.choices, required=True), "")
        values = {
            "subject": subject,
            "service_kind": kind,
            "sub_kind": take(lambda: _chosen(row, "小类", SubKind.choices), ""),
            "county": take(lambda: row.text("区县", required=True, limit=20), ""),
            "place": take(lambda: row.text("地点", required=True, limit=60), ""),
            "work_ticket_no": take(lambda: row.text("工作票号", limit=40), ""),
            "result": take(lambda: row.text("处理经过"), ""),
            "customers_out": take(lambda: _count(row, "停电户数")),
            "customers_restored": take(lambda: _count(row, "复电户数")),
            "areas_restored": take(lambda: _count(row, "复电台区")),
            "operation_id": take(lambda: self._operation(row)),
        }
        if (
            values["customers_out"] is not None
            and values["customers_restored"] is not None
            and values["customers_restored"] > values["customers_out"]
        ):
            problems.append(_("复电户数：不能多于停电户数"))
        times = self._times(row, day, take) if day else {}
        people = take(lambda: self._people(row, crew), []) if crew else []
        vehicles = take(lambda: self._vehicles(row), [])
        return ReadRow(
            number=row.number,
            subject=subject,
            crew=crew.name if crew else row.text("服务队"),
            day=day.isoformat() if day else "",
            people=len(people),
            vehicles=len(vehicles),
            problems=problems,
            notes=notes,
            plain={
                "number": row.number,
                "crew": crew.pk if crew else None,
                "day": day.isoformat() if day else None,
                "values": values,
                "times": {mark: at.isoformat() for mark, at in times.items()},
                "people": people,
                "vehicles": vehicles,
            },
        )

    def _crew(self, row: Row) -> Crew:
        name = row.text("服务队", required=True)
        if name not in self.crews:
            raise CellProblem("服务队", _("“%(name)s”不是您能登记的服务队") % {"name": name[:20]})
        return self.crews[name]

    def _operation(self, row: Row) -> int | None:
        name = row.text("行动")
        if not name:
            return None
        if name not in self.operations:
            raise CellProblem("行动", _("没有名叫“%(name)s”的行动") % {"name": name[:20]})
        return self.operations[name]

    def _people(self, row: Row, crew: Crew) -> list[int]:
        names = [name for name in SPLIT.split(row.text("人员", required=True)) if name]
        known = self.people.get(crew.pk, {})
        strangers = [name for name in names if name not in known]
        if strangers:
            raise CellProblem(
                "人员",
                _("%(names)s不在%(crew)s的名册上")
                % {"names": "、".join(strangers[:5]), "crew": crew},
            )
        twins = [name for name in names if len(known[name]) > 1]
        if twins:
            raise CellProblem(
                "人员", _("%(names)s有同名，请在网页上登记") % {"names": "、".join(twins[:5])}
            )
        return [known[name][0] for name in dict.fromkeys(names)]

    def _vehicles(self, row: Row) -> list[int]:
        plates = [plate.upper() for plate in SPLIT.split(row.text("车辆")) if plate]
        strangers = [plate for plate in plates if plate not in self.vehicles]
        if strangers:
            raise CellProblem(
                "车辆", _("%(plates)s没有登记过") % {"plates": "、".join(strangers[:5])}
            )
        return [self.vehicles[plate] for plate in dict.fromkeys(plates)]

    def _times(self, row: Row, day: dt.date, take: Any) -> dict[str, dt.datetime]:
        """Clock times follow each other; one earlier than the one before is the next day's, unless
        that would be most of a day later: then it is a slip of the pen."""
        found: dict[str, dt.datetime] = {}
        last: dt.datetime | None = None
        for title, mark in TIME_COLUMNS.items():
            at = take(lambda title=title: _moment(row, title, day))
            if at is None:
                continue
            moment, is_dated = at
            if last is not None and moment < last and not is_dated:
                if moment + dt.timedelta(days=1) - last > LONGEST_LEG:
                    reason = _("%(at)s 早于前一个时间 %(last)s；如果是第二天，请连日期一起写") % {
                        "at": f"{moment:%H:%M}",
                        "last": f"{last:%H:%M}",
                    }
                    take(lambda title=title, reason=reason: _refuse(title, reason))
                    continue
                moment += dt.timedelta(days=1)
            if last is not None and moment < last:
                take(lambda title=title: _refuse(title, _("早于前一个时间，请核对日期")))
                continue
            found[mark.value] = last = moment
        if "departed" not in found:
            take(lambda: row.text("出发", required=True))
        return found


def _refuse(column: str, reason: str) -> None:
    raise CellProblem(column, reason)


def _chosen(row: Row, column: str, choices: Any, *, required: bool = False) -> str:
    text = row.text(column, required=required)
    if not text:
        return ""
    for value, label in choices:
        if text in {value, str(label), str(label).removesuffix("服务")}:
            return str(value)
    names = "、".join(str(label) for _value, label in choices)
    raise CellProblem(
        column, _("“%(text)s”不在可选项里：%(names)s") % {"text": text[:12], "names": names}
    )


def _count(row: Row, column: str) -> int | None:
    if row.text(column) == "":
        return None
    number = row.integer(column)
    if number < 0:
        raise CellProblem(column, _("不能是负数"))
    return number


def _moment(row: Row, column: str, day: dt.date) -> tuple[dt.datetime, bool] | None:
    """The cell as a moment, and whether it names its own day."""
    value = row.raw(column)
    if isinstance(value, dt.datetime):
        if value.year < 1905:  # what Excel makes of 25:00 in a time cell
            raise CellProblem(column, _OVER)
        return value.replace(tzinfo=SHANGHAI), True
    if isinstance(value, dt.time):
        return dt.datetime.combine(day, value, SHANGHAI), False
    if isinstance(value, dt.timedelta):
        if value >= dt.timedelta(days=1):
            raise CellProblem(column, _over(str(value)))
        return dt.datetime.combine(day, dt.time.min, SHANGHAI) + value, False
    text = row.text(column)
    if not text:
        return None
    match = _CLOCK.fullmatch(text)
    if match is None:
        raise CellProblem(column, _("“%(text)s”不是时间，请写成 21:46") % {"text": text[:20]})
    hour, minute = int(match[2]), int(match[3])
    if hour > 23 or minute > 59:
        raise CellProblem(column, _over(text))
    when = day
    if match[1]:
        parts = [int(part) for part in re.split(r"[-/.]", match[1])]
        try:
            when = dt.date(*parts)
        except ValueError:
            raise CellProblem(column, _("“%(text)s”没有这一天") % {"text": text[:20]}) from None
    return dt.datetime(when.year, when.month, when.day, hour, minute, tzinfo=SHANGHAI), bool(
        match[1]
    )


_OVER = "超过24小时，请写钟点，过了零点直接写 01:17"


def _over(text: str) -> str:
    return _("没有“%(text)s”这个时刻，小时从00到23；过了零点直接写 01:17，会算作第二天") % {
        "text": text[:20]
    }


# -- out -------------------------------------------------------------------------------------


def blank_sheet(crews: Sequence[Crew]) -> Sheet:
    """The sheet to fill in where there is no network: headings, choices, one example."""
    choices: dict[str, Sequence[Any]] = {
        "服务队": [crew.name for crew in crews],
        "类别": [str(label) for _value, label in ServiceKind.choices],
        "小类": [str(label) for _value, label in SubKind.choices],
    }
    return Sheet(
        name=_("出队补录"),
        columns=[
            Column(
                title,
                Kind.DATE if title == "出队日期" else Kind.TEXT,
                choices=choices.get(title, ()),
            )
            for title in (*REQUIRED, *OPTIONAL)
        ],
        rows=[],
        title=_("“海丝之光”出队补录表"),
        notes=[
            _("一行一次出队。前八列必填。时间写钟点，如 21:46；过了零点直接写 01:17，算第二天。"),
            _("人员写姓名，用顿号隔开，须在本队名册上；车辆写车牌。"),
        ],
        spare_rows=200,
    )


def turnout_sheet(turnouts: Iterable[Turnout], figures: Mapping[int, Any]) -> Sheet:
    """Exactly the list that is shown."""
    return Sheet(
        name=_("出队记录"),
        title=_("“海丝之光”出队记录"),
        columns=[
            Column(_("编号"), width=20),
            Column(_("服务队")),
            Column(_("出队日期"), Kind.DATE),
            Column(_("事由"), width=30),
            Column(_("类别")),
            Column(_("小类")),
            Column(_("行动"), width=18),
            Column(_("区县")),
            Column(_("地点"), width=20),
            *(Column(mark.label, Kind.MOMENT) for mark in Mark),
            Column(_("到场用时（分）"), Kind.INTEGER),
            Column(_("人次"), Kind.INTEGER),
            Column(_("台次"), Kind.INTEGER),
            Column(_("复电户数"), Kind.INTEGER),
            Column(_("状态")),
        ],
        rows=[
            [
                turnout.number,
                turnout.crew.name,
                turnout.started_on,
                turnout.subject,
                turnout.get_service_kind_display(),
                turnout.get_sub_kind_display(),
                str(turnout.operation or ""),
                turnout.county,
                f"{turnout.township}{turnout.place}"
                if turnout.township != turnout.place
                else turnout.place,
                turnout.ordered_at,
                turnout.departed_at,
                turnout.arrived_at,
                turnout.work_started_at,
                turnout.restored_at,
                turnout.left_at,
                turnout.response_minutes,
                figures[turnout.pk].person_times if turnout.pk in figures else 0,
                figures[turnout.pk].vehicle_times if turnout.pk in figures else 0,
                turnout.customers_restored,
                turnout.get_status_display(),
            ]
            for turnout in turnouts
        ],
    )
