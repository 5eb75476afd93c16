"""Enter once, on a phone of 390 px: five ticks in one record, no signal, late, no quorum."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import pypdfium2
import pytest
import time_machine
from django.urls import reverse

from branches.models import Activity, DuesPayment
from branches.services.registers import DuesLine, settle_dues
from portal.documents.excel import Column, write_workbook
from portal.documents.excel import Sheet as Table
from tests.attachments.files import photo
from tests.branches.test_records import save
from tests.cast import JUNE, NOW, Cast
from tests.conftest import axe, expect_console, sign_in
from tests.documents.measure import POINT, Sheet
from tests.journeys.hands import PASSWORD, arrived, upright

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

FIVE = ("themed_day", "general_meeting", "party_lecture", "group_study", "dues")
MOST_TAPS, MOST_FIELDS = 5, 4


@pytest.fixture(autouse=True)
def june() -> Iterator[None]:
    """The server lives in June 2017; its clock ticks."""
    with time_machine.travel(NOW, tick=True):
        yield


class Thumb:
    """Counts what a person has to do: taps, and fields typed into."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.taps = self.fields = 0

    def tap(self, what: Locator) -> None:
        self.page.wait_for_load_state("load")
        what.click()
        self.taps += 1

    def type(self, field: str, text: str) -> None:
        self.page.locator(f"#id_{field}").fill(text)
        self.fields += 1


def may_of(cast: Cast) -> Activity:
    """Last month's themed day with its five ticks, and what members paid."""
    settle_dues(
        branch=cast.branch_a,
        month=JUNE.plus(-1),
        paid_on=dt.date(2017, 5, 12),
        lines=[DuesLine(p.pk, Decimal(45)) for p in cast.members(cast.branch_a)],
        actor=cast.secretary_a,
        now=NOW,
    )
    return save(
        cast,
        held_on=dt.date(2017, 5, 12),
        duties=FIVE,
        starts_at=dt.time(14, 30),
        study_hours=Decimal(2),
        now=dt.datetime(2017, 5, 12, 18, tzinfo=NOW.tzinfo),
    )


def form_url(cast: Cast) -> str:
    return reverse("branches:record-create", args=[cast.branch_a.pk])


def test_themed_day_with_five_ticks_from_sign_in_to_saved(cast: Cast, phone: Page) -> None:
    """The figure in the README: taps and typed fields, the sign-in counted in."""
    from playwright.sync_api import expect

    may_of(cast)
    cast.secretary_a.set_password(PASSWORD)
    cast.secretary_a.save()
    thumb = Thumb(phone)
    phone.goto("/")
    thumb.type("username", "secretary_a")
    thumb.type("password", PASSWORD)
    thumb.tap(phone.get_by_role("button", name="登录"))
    arrived(phone, "本月还有 9 件事，1 件已逾期")
    thumb.tap(phone.get_by_role("link", name="记一件事"))
    arrived(phone, "记一件事")
    thumb.tap(phone.get_by_role("link", name="照上月填"))
    phone.wait_for_load_state("load")
    expect(phone.locator('[name="duties"]:checked')).to_have_count(5)
    expect(phone.locator("#id_held_on")).to_have_value("2017-06-09")
    expect(phone.get_by_text("记录要素还缺：决议")).to_be_visible()
    thumb.type("subject", "抢修现场的规矩")
    thumb.type("resolution", "责任区挂牌本月完成，黄丽萍负责")
    expect(phone.get_by_text("记录要素齐了")).to_be_visible()
    axe(phone)
    upright(phone)
    thumb.tap(phone.get_by_role("button", name="记下来"))
    arrived(phone, "抢修现场的规矩")
    june = Activity.objects.get(held_on=dt.date(2017, 6, 9))
    assert set(june.ticks.values_list("duty", flat=True)) == set(FIVE)
    assert DuesPayment.objects.filter(activity=june).count() == 12
    assert (thumb.taps, thumb.fields) == (4, 4)
    assert thumb.taps <= MOST_TAPS
    assert thumb.fields <= MOST_FIELDS


def test_a_vote_that_fails_for_lack_of_quorum_is_said_while_typing(cast: Cast, phone: Page) -> None:
    from playwright.sync_api import expect

    sign_in(phone, cast.secretary_a)
    phone.goto(f"{form_url(cast)}?duty=general_meeting")
    phone.wait_for_load_state("load")
    line = phone.locator("[data-vote-line]")
    expect(line).to_contain_text("可以表决；赞成至少 6 人才通过")
    phone.get_by_text("标出没来的人").click()
    for select in phone.locator("[data-votes]").all()[3:9]:
        select.select_option(label="缺席")
    expect(line).to_contain_text("应到 11 人，实到 5 人，不足半数，不能表决")
    axe(phone)
    phone.locator("[data-votes]").nth(8).select_option(label="到会")
    expect(line).to_contain_text("可以表决")
    phone.locator("#id_ayes").fill("5")
    expect(line).to_contain_text("没有超过应到 11 人的半数，未通过（要 6 人）")


def test_a_late_entry_asks_why_and_says_how_late(cast: Cast, phone: Page) -> None:
    from playwright.sync_api import expect

    sign_in(phone, cast.secretary_a)
    phone.goto(f"{form_url(cast)}?duty=safety_talk&on=2017-05-25")
    phone.wait_for_load_state("load")
    expect(phone.get_by_text("2017年5月的记录已锁定")).to_be_visible()
    phone.locator("#id_place").fill("抢修班")
    phone.locator("#id_subject").fill("五月安全讲评")
    phone.locator("#id_chair").select_option(label="林建明")
    phone.get_by_role("button", name="记下来").click()
    expect(phone.locator("[data-error-summary]")).to_contain_text("请写明原因")
    phone.locator("#id_late_reason").fill("记录人住院")
    phone.get_by_role("button", name="记下来").click()
    arrived(phone, "五月安全讲评")
    expect(phone.get_by_text("补录，写于 33 天后")).to_be_visible()


def test_a_record_made_without_a_signal_is_sent_once_there_is_one(cast: Cast, phone: Page) -> None:
    from playwright.sync_api import expect

    sign_in(phone, cast.secretary_a)
    phone.goto(f"{form_url(cast)}?duty=safety_talk")
    phone.wait_for_load_state("load")
    phone.locator("#id_place").fill("抢修班")
    phone.locator("#id_subject").fill("六月安全讲评")
    phone.locator("#id_chair").select_option(label="林建明")
    expect(phone.locator("[data-saved]")).to_contain_text("已保存")
    expect_console(phone, "ERR_INTERNET_DISCONNECTED")
    phone.context.set_offline(True)
    phone.get_by_role("button", name="记下来").click()
    expect(phone.locator("[data-saved]")).to_have_text("已存在本机，有信号会自动上传。")
    assert not Activity.objects.exists()
    # What waits in the queue is no draft any more: the next form does not offer it again.
    assert not phone.evaluate("Object.keys(localStorage).filter((n) => n.includes('record-new'))")
    phone.context.set_offline(False)
    arrived(phone, "六月安全讲评")
    assert re.search(r"/records/\d+/$", phone.url)
    assert Activity.objects.count() == 1
    phone.goto(form_url(cast))
    phone.wait_for_load_state("load")
    expect(phone.locator("#id_subject")).to_have_value("")


def test_a_table_with_bad_rows_is_looked_at_and_the_good_ones_come_in(
    cast: Cast, phone: Page, tmp_path: Path
) -> None:
    """Row, column and reason are told; the good rows only when asked for; one press takes back."""
    from playwright.sync_api import expect

    people = cast.members(cast.branch_a)
    rows = [
        (people[0].name, "2017-06", 45, "2017-06-08"),
        ("没有这人", "2017-06", 45, "2017-06-08"),
        (people[1].name, "2017-06", "四十五", "2017-06-08"),
    ]
    file = tmp_path / "六月党费.xlsx"
    columns = [Column(head) for head in ("姓名", "月份", "金额", "交纳日期")]
    file.write_bytes(write_workbook([Table("党费", columns, rows)]))
    sign_in(phone, cast.secretary_a)
    phone.goto(reverse("branches:import", args=[cast.branch_a.pk, "dues"]))
    phone.set_input_files("#id_file", file)
    phone.get_by_role("button", name="读这个文件").click()
    arrived(phone, "1 行可以导入，2 行要改")
    expect(phone.get_by_text("姓名：“没有这人”不在名单上")).to_be_visible()
    expect(phone.get_by_text("金额：“四十五”不是数字")).to_be_visible()
    axe(phone)
    upright(phone)
    assert not DuesPayment.objects.exists()
    phone.get_by_role("button", name="只导入好的 1 行").click()
    arrived(phone, "已导入 1 行")
    assert DuesPayment.objects.get().person == people[0]
    phone.get_by_role("button", name="撤销这次导入").click()
    arrived(phone, "这次导入已撤销")
    assert not DuesPayment.objects.exists()


def test_a_printed_list_keeps_its_head_and_minutes_have_their_own(cast: Cast, phone: Page) -> None:
    from playwright.sync_api import expect

    may_of(cast)
    sign_in(phone, cast.secretary_a)
    phone.emulate_media(media="print")
    phone.goto(reverse("branches:record-list", args=[cast.branch_a.pk]))
    expect(phone.get_by_role("heading", level=1)).to_be_visible()
    expect(phone.locator(".page-head")).to_contain_text("配电运检党支部，本月")
    phone.goto(reverse("branches:record-detail", args=[Activity.objects.get().pk]))
    expect(phone.locator(".minutes-title")).to_be_visible()
    expect(phone.locator(".page-head")).to_be_hidden()


def test_minutes_are_printed_on_one_sheet_with_every_element(cast: Cast, phone: Page) -> None:
    """The PDF that the phone downloads: one A4 page, its lines within the margins."""
    may_of(cast)
    sign_in(phone, cast.secretary_a)
    phone.goto(reverse("branches:record-detail", args=[Activity.objects.get().pk]))
    phone.wait_for_load_state("load")
    with phone.expect_download() as download:
        phone.get_by_role("link", name=re.compile("PDF.*会议记录")).click()
    data = Path(download.value.path()).read_bytes()
    with pypdfium2.PdfDocument(data) as pdf:
        assert len(pdf) == 1
        assert [round(side * POINT) for side in pdf[0].get_size()] == [210, 297]
    text = "".join(Sheet(data, 0).text.split())
    for words in (
        "党员大会记录",
        "2017年5月12日",
        "主持人",
        "记录人",
        "应到",
        "实到",
        "议题",
        "签字",
    ):
        assert words in text


def test_a_photo_is_put_beside_a_record_with_the_phone(cast: Cast, phone: Page) -> None:
    from playwright.sync_api import expect

    may = may_of(cast)
    sign_in(phone, cast.secretary_a)
    phone.goto(reverse("branches:record-detail", args=[may.pk]))
    phone.get_by_role("link", name="加材料").click()
    arrived(phone, "加材料")
    phone.set_input_files(
        "#id_materials", {"name": "签到表.jpg", "mimeType": "image/jpeg", "buffer": photo()}
    )
    phone.get_by_label("为什么现在才改").fill("签到表刚拍")
    axe(phone)
    phone.get_by_role("button", name="加上").click()
    expect(phone.get_by_role("heading", name="材料 1 个")).to_be_visible()
    expect(phone.get_by_role("link", name=re.compile("^签到表"))).to_be_visible()
    axe(phone)
    upright(phone)
