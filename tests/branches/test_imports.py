"""Excel in: rows that do not fit say where and why, the others come in, all of it can be undone."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from branches.models import Absence, Activity, DuesPayment, Membership, Person, RowImport
from branches.services.registers import DuesLine, settle_dues
from portal.audit.models import AuditEntry
from portal.documents.excel import Column, Sheet, read_sheet, write_workbook
from tests.branches.test_record_pages import page, signed
from tests.branches.test_records import save
from tests.cast import JUNE, NOW, Cast


@pytest.fixture(autouse=True)
def june() -> Iterator[None]:
    """It is 27 June 2017, 10:00."""
    with time_machine.travel(NOW, tick=False):
        yield


def workbook(heads: Sequence[str], rows: Sequence[Sequence[Any]]) -> SimpleUploadedFile:
    body = write_workbook([Sheet("表", [Column(head) for head in heads], rows)])
    return SimpleUploadedFile("表.xlsx", body)


def upload(cast: Cast, kind: str, heads: Sequence[str], rows: Sequence[Sequence[Any]]) -> Any:
    user = cast.officer if kind == "roster" else cast.secretary_a
    address = reverse("branches:import", args=[cast.branch_a.pk, kind])
    return signed(user).post(address, {"file": workbook(heads, rows)})


DUES = ("姓名", "月份", "金额", "交纳日期", "减免原因")
RECORDS = (
    "日期",
    "事项",
    "主题",
    "地点",
    "主持人",
    "记录人",
    "议题",
    "决议",
    "学时",
    "请假",
    "补录原因",
)
ROSTER = ("姓名", "工号", "类别", "党小组", "转入日期")


# -- dues --------------------------------------------------------------------------------------


def test_bad_rows_name_row_column_and_reason_and_the_good_come_in_on_request(cast: Cast) -> None:
    people = cast.members(cast.branch_a)
    answer = upload(
        cast,
        "dues",
        DUES,
        [
            (people[0].name, "2017-06", 45, "2017-06-08", ""),
            (people[1].name, "2017年6月", 0, "", "家庭困难"),
            ("没有这人", "2017-06", 45, "2017-06-08", ""),
            (people[2].name, "2017-06", -5, "2017-06-08", ""),
            (people[3].name, "2017-06", 45, "2017-07-08", ""),
            (people[0].name, "2017-06", 45, "2017-06-08", ""),
            (people[4].name, "六月", 45, "2017-06-08", ""),
        ],
    )
    assert answer.status_code == 302
    client = signed(cast.secretary_a)
    text = page(client, answer["Location"])
    assert "2 行可以导入，5 行要改" in text
    for words in (
        "姓名：“没有这人”不在名单上",
        "金额：请填0到5000元",
        "交纳日期：还没到这一天",
        "姓名：与第2行重复",
        "月份：“六月”不是月份",
    ):
        assert words in text
    assert not DuesPayment.objects.exists()
    assert client.post(answer["Location"]).status_code == 400  # not without asking
    assert not DuesPayment.objects.exists()
    assert client.post(answer["Location"], {"only_good": "1"}).status_code == 302
    paid = {row.person_id: row for row in DuesPayment.objects.all()}
    assert paid[people[0].pk].amount == Decimal(45)
    assert paid[people[1].pk].exempt_reason == "家庭困难"
    assert AuditEntry.objects.get(code="import.accepted").after["left_out"] == 5


def test_an_import_is_written_once_and_can_be_undone(cast: Cast) -> None:
    people = cast.members(cast.branch_a)
    mine = DuesLine(people[5].pk, Decimal(60))
    settle_dues(
        branch=cast.branch_a,
        month=JUNE,
        paid_on=dt.date(2017, 6, 8),
        lines=[mine],
        actor=cast.secretary_a,
        now=NOW,
    )
    rows = [(p.name, "2017-06", 45, "2017-06-08", "") for p in people[:4]]
    answer = upload(cast, "dues", DUES, rows)
    client = signed(cast.secretary_a)
    for _press in range(2):
        client.post(answer["Location"])
    assert DuesPayment.objects.count() == 5
    assert "已导入 4 行" in page(client, answer["Location"])
    for _press in range(2):
        client.post(answer["Location"], {"step": "undo"})
    assert [row.person for row in DuesPayment.objects.all()] == [people[5]]
    assert "这次导入已撤销" in page(client, answer["Location"])
    assert client.post(answer["Location"]).status_code == 409


def test_undoing_gives_an_overwritten_payment_its_earlier_amount_back(cast: Cast) -> None:
    people = cast.members(cast.branch_a)
    settle_dues(
        branch=cast.branch_a,
        month=JUNE,
        paid_on=dt.date(2017, 6, 7),
        lines=[DuesLine(people[0].pk, Decimal(60)), DuesLine(people[1].pk, Decimal(0), "生病")],
        actor=cast.deputy_a,
        now=NOW - dt.timedelta(days=3),
    )
    earlier = list(DuesPayment.objects.order_by("pk").values())
    rows = [(p.name, "2017-06", 45, "2017-06-08", "") for p in people[:3]]
    answer = upload(cast, "dues", DUES, rows)
    client = signed(cast.secretary_a)
    client.post(answer["Location"])
    assert {row.amount for row in DuesPayment.objects.all()} == {Decimal(45)}
    client.post(answer["Location"], {"step": "undo"})
    assert list(DuesPayment.objects.order_by("pk").values()) == earlier
    assert AuditEntry.objects.get(code="import.undone").after["rows"] == 3


def test_undoing_leaves_alone_what_was_corrected_after_the_import(cast: Cast) -> None:
    person = cast.members(cast.branch_a)[0]

    def state(amount: int, now: dt.datetime) -> None:
        settle_dues(
            branch=cast.branch_a,
            month=JUNE,
            paid_on=dt.date(2017, 6, 8),
            lines=[DuesLine(person.pk, Decimal(amount))],
            actor=cast.secretary_a,
            now=now,
        )

    state(60, NOW - dt.timedelta(days=3))
    answer = upload(cast, "dues", DUES, [(person.name, "2017-06", 45, "2017-06-08", "")])
    client = signed(cast.secretary_a)
    client.post(answer["Location"])
    state(50, NOW + dt.timedelta(hours=1))
    client.post(answer["Location"], {"step": "undo"})
    assert DuesPayment.objects.get().amount == Decimal(50)


def test_what_was_exported_can_be_brought_in_again(cast: Cast) -> None:
    settle_dues(
        branch=cast.branch_a,
        month=JUNE,
        paid_on=dt.date(2017, 6, 8),
        lines=[DuesLine(p.pk, Decimal(45)) for p in cast.members(cast.branch_a)],
        actor=cast.secretary_a,
        now=NOW,
    )
    client = signed(cast.secretary_a)
    address = reverse("branches:dues-file", args=[cast.branch_a.pk]) + "?month=2017-06"
    body = client.get(address).content
    file = SimpleUploadedFile("党费.xlsx", body)
    answer = client.post(
        reverse("branches:import", args=[cast.branch_a.pk, "dues"]), {"file": file}
    )
    assert "12 行都可以导入" in page(client, answer["Location"])


# -- past records --------------------------------------------------------------------------------


def record_row(cast: Cast, **more: Any) -> list[Any]:
    values: dict[str, Any] = {
        "日期": "2017-06-09",
        "事项": "主题党日、集中学习",
        "主题": "学规矩",
        "地点": "三楼",
        "主持人": "林建明",
        "记录人": "黄丽萍",
        "议题": "一、学习",
        "决议": "",
        "学时": 2,
        "请假": "",
        "补录原因": "",
    }
    return [(values | more)[head] for head in RECORDS]


def test_past_records_are_judged_by_the_rules_of_the_form(cast: Cast) -> None:
    away = cast.members(cast.branch_a)[5]
    answer = upload(
        cast,
        "records",
        RECORDS,
        [
            record_row(cast, 请假=f"{away.name}：值班"),
            record_row(cast, 主题="没写学时", 学时=0),
            record_row(cast, 主题="没有这项", 事项="主题党日、开会"),
            record_row(cast, 主题="锁了", 日期="2017-05-12"),
            record_row(cast, 主题="补录", 日期="2017-05-12", 补录原因="迁入系统"),
        ],
    )
    client = signed(cast.secretary_a)
    text = page(client, answer["Location"])
    assert "2 行可以导入，3 行要改" in text
    assert "勾选了集中学习，请填学时" in text
    assert "事项：没有“开会”这个事项" in text
    assert "2017年5月的记录已锁定" in text
    assert not Activity.objects.exists()  # trying out leaves nothing behind
    assert not AuditEntry.objects.filter(code="record.created").exists()
    client.post(answer["Location"], {"only_good": "1"})
    assert set(Activity.objects.values_list("subject", flat=True)) == {"学规矩", "补录"}
    assert Absence.objects.get().reason == "值班"
    mine = save(cast, duties=("safety_talk",))
    changed = Activity.objects.get(subject="补录")
    Activity.objects.filter(pk=changed.pk).update(version=2)  # somebody worked on it since
    client.post(answer["Location"], {"step": "undo"})
    assert set(Activity.objects.all()) == {mine, changed}


# -- the roster ----------------------------------------------------------------------------------


def test_a_roster_comes_in_by_the_officer_and_goes_out_again(cast: Cast) -> None:
    answer = upload(
        cast,
        "roster",
        ROSTER,
        [
            ("新来一", "QZ90001", "正式党员", "第一党小组", "2017-06-01"),
            ("新来二", "", "预备党员", "", "2017-06-01"),
            ("新来三", "", "群众", "", "2017-06-01"),
            ("新来四", "", "", "第九党小组", "2017-06-01"),
        ],
    )
    client = signed(cast.officer)
    text = page(client, answer["Location"])
    assert "2 行可以导入，2 行要改" in text
    assert "党小组：本支部没有“第九党小组”" in text
    before = Membership.objects.count()
    client.post(answer["Location"], {"only_good": "1"})
    assert Membership.objects.count() == before + 2
    assert Membership.objects.get(person__name="新来一").group == cast.group_one
    client.post(answer["Location"], {"step": "undo"})
    assert Membership.objects.count() == before
    assert not Person.objects.filter(name__startswith="新来").exists()


def test_people_who_were_used_since_are_not_taken_away(cast: Cast) -> None:
    answer = upload(cast, "roster", ROSTER, [("新来一", "", "", "", "2017-06-01")])
    client = signed(cast.officer)
    client.post(answer["Location"])
    person = Person.objects.get(name="新来一")
    save(cast, chair=person, held_on=dt.date(2017, 6, 9))
    refused = client.post(answer["Location"], {"step": "undo"})
    assert refused.status_code == 409
    assert "请逐个办理转出" in refused.content.decode()
    assert Membership.objects.filter(person=person).exists()


# -- files and people ----------------------------------------------------------------------------


def test_a_file_that_is_no_workbook_is_said_so(cast: Cast) -> None:
    address = reverse("branches:import", args=[cast.branch_a.pk, "dues"])
    file = SimpleUploadedFile("党费.xlsx", b"not a workbook")
    answer = signed(cast.secretary_a).post(address, {"file": file})
    assert answer.status_code == 400
    assert "这不是 Excel 工作簿" in answer.content.decode()
    missing = upload(cast, "dues", ("姓名", "金额"), [("林建明", 45)])
    assert "缺少列：月份" in missing.content.decode()


@pytest.mark.parametrize("kind", ["dues", "records", "roster"])
def test_the_empty_table_has_the_columns_that_are_asked_for(cast: Cast, kind: str) -> None:
    user = cast.officer if kind == "roster" else cast.secretary_a
    address = reverse("branches:import-blank", args=[cast.branch_a.pk, kind])
    body = signed(user).get(address).content
    required = {"dues": DUES[:3], "records": RECORDS[:5], "roster": ("姓名", "转入日期")}[kind]
    assert read_sheet(io.BytesIO(body), required=required).rows == ()


def test_imports_are_for_those_who_may_write_the_rows(cast: Cast) -> None:
    answer = upload(
        cast, "dues", DUES, [(cast.members(cast.branch_a)[0].name, "2017-06", 45, "", "")]
    )
    for user in (cast.secretary_b, cast.officer, cast.employee):
        assert signed(user).get(answer["Location"]).status_code == 404
        assert signed(user).post(answer["Location"]).status_code == 404
    address = reverse("branches:import", args=[cast.branch_a.pk, "roster"])
    assert signed(cast.secretary_a).get(address).status_code == 403
    assert RowImport.objects.count() == 1
