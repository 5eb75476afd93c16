"""A large workbook: read and written by the worker, in chunks, with progress, once."""

from __future__ import annotations

import datetime as dt
import io
import tracemalloc
from collections.abc import Iterator
from itertools import islice
from typing import Any
from uuid import UUID

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from rest_framework.test import APIClient

from branches.models import Appointment, DuesPayment, ImportKind, Membership, RowImport
from branches.services import imports
from branches.services.import_writers import written
from branches.services.imports import ABANDONED_AFTER, run_import
from branches.views.imports import UploadForm
from branches.workbooks import read_rows
from portal.documents.excel import Column, Sheet, UnreadableFile, stream_sheet, write_workbook
from portal.documents.excel.guarding import LARGE, Limits
from tests.branches.test_imports import DUES, record_row, workbook
from tests.branches.test_imports import RECORDS as RECORD_HEADS
from tests.branches.test_record_pages import page, signed
from tests.cast import NOW, TODAY, Cast

JUNE_8 = "2017-06-08"


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Any) -> Iterator[None]:
    """It is 27 June 2017, 10:00; every file is a large one, a chunk has three rows."""
    settings.MEDIA_ROOT = tmp_path
    monkeypatch.setattr(imports, "AT_ONCE_BYTES", 0)
    monkeypatch.setattr(imports, "AT_ONCE_ROWS", 0)
    monkeypatch.setattr(imports, "CHUNK", 3)
    with time_machine.travel(NOW, tick=False):
        yield


def sent(cast: Cast, rows: list[Any], kind: str = "dues", heads: Any = DUES) -> tuple[UUID, str]:
    """A file sent to the page: the key of the import, its address."""
    address = reverse("branches:import", args=[cast.branch_a.pk, kind])
    answer = signed(cast.secretary_a).post(address, {"file": workbook(heads, rows)})
    assert answer.status_code == 302
    return RowImport.objects.latest("created_at").pk, answer["Location"]


def dues_rows(cast: Cast, count: int = 10) -> list[Any]:
    return [(p.name, "2017-06", 45, JUNE_8, "") for p in cast.members(cast.branch_a)[:count]]


def test_a_large_file_waits_for_the_worker_and_the_page_says_how_far_it_is(cast: Cast) -> None:
    key, address = sent(cast, [*dues_rows(cast, 7), ("没有这人", "2017-06", 45, JUNE_8, "")])
    client = signed(cast.secretary_a)
    text = page(client, address)
    assert "正在读" in text
    assert 'hx-trigger="every 2s"' in text
    assert client.post(address).status_code == 409  # not before it was read
    run_import(uuid=key, now=NOW)
    assert "7 行可以导入，1 行要改" in page(client, address)
    assert client.post(address, {"only_good": "1"}).status_code == 302
    assert "正在写入" in page(client, address)
    assert not DuesPayment.objects.exists()
    assert client.post(address, {"step": "undo"}).status_code == 409  # not while it is written
    run_import(uuid=key, now=NOW, seconds=0)  # one chunk
    assert DuesPayment.objects.count() == 3
    assert "到第 4 行，约 8 行" in page(client, address)
    run_import(uuid=key, now=NOW)
    run_import(uuid=key, now=NOW)
    assert DuesPayment.objects.count() == 7
    assert "已导入 7 行" in page(client, address)
    client.post(address, {"step": "undo"})
    assert not DuesPayment.objects.exists()


def test_the_page_asks_again_by_itself_until_it_is_the_persons_turn(cast: Cast) -> None:
    key, address = sent(cast, dues_rows(cast))
    client = signed(cast.secretary_a)
    part = client.get(address, headers={"HX-Request": "true"})
    assert "<html" not in part.content.decode()
    assert "HX-Refresh" not in part
    run_import(uuid=key, now=NOW)
    assert client.get(address, headers={"HX-Request": "true"})["HX-Refresh"] == "true"


def test_a_worker_that_died_is_followed_by_one_that_goes_on(cast: Cast) -> None:
    key, _address = sent(cast, dues_rows(cast))
    run_import(uuid=key, now=NOW)
    imports.accept_import(uuid=key, only_good=True, actor=cast.secretary_a, now=NOW)
    run_import(uuid=key, now=NOW, seconds=0)
    RowImport.objects.filter(pk=key).update(touched_at=NOW)  # and then it died
    run_import(uuid=key, now=NOW + dt.timedelta(minutes=1))
    assert DuesPayment.objects.count() == 3  # somebody may still be at it
    later = NOW + ABANDONED_AFTER + dt.timedelta(seconds=1)
    assert imports.sweep(later) == "接着做了1个导入"
    assert DuesPayment.objects.count() == 10
    assert imports.sweep(later) == "没有要接着做的导入"


def test_two_workers_at_one_import_write_it_once(cast: Cast) -> None:
    key, _address = sent(cast, dues_rows(cast))
    run_import(uuid=key, now=NOW)
    imports.accept_import(uuid=key, only_good=True, actor=cast.secretary_a, now=NOW)
    slow = RowImport.objects.get(pk=key)
    run_import(uuid=key, now=NOW, seconds=0)
    with pytest.raises(imports._Overtaken):
        imports._write(slow, float("inf"))  # comes late, with what it knew before
    assert DuesPayment.objects.count() == 3
    assert RowImport.objects.get(pk=key).cursor == 4
    run_import(uuid=key, now=NOW)
    assert DuesPayment.objects.count() == 10


@pytest.mark.parametrize("fails", [False, True], ids=["reads on", "gives up"])
def test_a_reader_that_comes_too_late_changes_nothing_and_nothing_is_written_twice(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, fails: bool
) -> None:
    key, _address = sent(cast, dues_rows(cast))
    reading = read_rows

    def stalled(*args: Any) -> Any:
        """Four rows; then a second worker does it all, and a person says yes; then the rest."""
        monkeypatch.setattr(imports, "read_rows", reading)
        height, rows = reading(*args)

        def slowly() -> Iterator[Any]:
            yield from islice(rows, 4)
            later = NOW + ABANDONED_AFTER + dt.timedelta(seconds=1)
            run_import(uuid=key, now=later)
            imports.accept_import(uuid=key, only_good=True, actor=cast.secretary_a, now=later)
            run_import(uuid=key, now=later)
            assert not fails or 1 / 0
            yield from rows

        return height, slowly()

    monkeypatch.setattr(imports, "read_rows", stalled)
    run_import(uuid=key, now=NOW)
    kept = RowImport.objects.get(pk=key)
    assert (kept.stage, kept.total, kept.rows.count()) == ("written", 10, 10)
    assert DuesPayment.objects.count() == 10
    imports.accept_import(uuid=key, only_good=True, actor=cast.secretary_a, now=NOW)
    assert RowImport.objects.get(pk=key).stage == "written"  # a second yes


def test_whoever_lost_the_post_meanwhile_holds_nothing_up(cast: Cast) -> None:
    key, address = sent(cast, dues_rows(cast))
    run_import(uuid=key, now=NOW)
    imports.accept_import(uuid=key, only_good=True, actor=cast.secretary_a, now=NOW)
    Appointment.objects.filter(person__user=cast.secretary_a).update(
        ended_on=TODAY - dt.timedelta(days=1)
    )
    assert run_import(uuid=key, now=NOW).stage == "written"
    assert not DuesPayment.objects.exists()
    assert "只有本支部的书记、副书记可以登记" in page(signed(cast.deputy_a), address)


def test_one_import_that_can_not_go_on_does_not_hold_up_the_others(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    for place in (0, 1):
        with time_machine.travel(NOW + dt.timedelta(seconds=place), tick=False):
            key, _address = sent(cast, dues_rows(cast)[place : place + 1])
        run_import(uuid=key, now=NOW)
        imports.accept_import(uuid=key, only_good=True, actor=cast.secretary_a, now=NOW)
    writing, pressed = written, []

    def once_broken(*args: Any) -> None:
        pressed.append(args)
        assert len(pressed) > 1 or 1 / 0
        writing(*args)

    monkeypatch.setattr(imports, "written", once_broken)
    assert imports.sweep(NOW + dt.timedelta(minutes=2)) == "接着做了1个导入"
    assert DuesPayment.objects.count() == 1


def test_whatever_goes_wrong_while_reading_is_told_and_not_tried_for_ever(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    key, address = sent(cast, dues_rows(cast))
    monkeypatch.setattr(imports, "read_rows", lambda *_args: 1 / 0)
    assert run_import(uuid=key, now=NOW).stage == "unreadable"
    assert "请告诉系统管理员" in page(signed(cast.secretary_a), address)
    assert imports.sweep(NOW + dt.timedelta(hours=1)) == "没有要接着做的导入"


def test_a_message_that_was_lost_is_made_good_by_the_sweep(cast: Cast) -> None:
    key, _address = sent(cast, dues_rows(cast))
    assert imports.sweep(NOW) == "没有要接着做的导入"  # its message may still come
    assert imports.sweep(NOW + dt.timedelta(minutes=2)) == "接着做了1个导入"
    assert RowImport.objects.get(pk=key).stage == "ready"


def test_a_row_that_no_longer_fits_is_left_out_with_its_reason(cast: Cast) -> None:
    people = cast.members(cast.branch_a)
    key, address = sent(cast, dues_rows(cast))
    run_import(uuid=key, now=NOW)
    Membership.objects.filter(person=people[4]).update(
        started_on=dt.date(2016, 1, 1), ended_on=dt.date(2017, 5, 31)
    )
    imports.accept_import(uuid=key, only_good=False, actor=cast.secretary_a, now=NOW)
    run_import(uuid=key, now=NOW)
    assert DuesPayment.objects.count() == 9
    text = page(signed(cast.secretary_a), address)
    assert "已导入 9 行" in text
    assert "这个月不是本支部党员" in text


def test_a_large_file_that_can_not_be_read_says_why_on_its_page(cast: Cast) -> None:
    address = reverse("branches:import", args=[cast.branch_a.pk, "dues"])
    client = signed(cast.secretary_a)
    broken = SimpleUploadedFile("表.xlsx", b"PK\x03\x04 no workbook")
    where = client.post(address, {"file": broken})["Location"]
    kept = run_import(uuid=RowImport.objects.get().pk, now=NOW)
    assert kept.stage == "unreadable"
    text = page(client, where)
    assert "文件已损坏，打不开" in text
    assert "换一个文件" in text


def test_the_file_is_gone_once_it_was_read(cast: Cast, tmp_path: Any) -> None:
    key, _address = sent(cast, dues_rows(cast))
    assert len(list(tmp_path.rglob("*.xlsx"))) == 1
    run_import(uuid=key, now=NOW)
    assert not list(tmp_path.rglob("*.xlsx"))


def test_past_records_are_tried_out_in_chunks_too(cast: Cast) -> None:
    rows = [
        record_row(cast, 主题=f"五月第{n}次", 日期=f"2017-05-{10 + n}", 补录原因="旧系统转来")
        for n in range(5)
    ]
    rows[3] = record_row(cast, 主题="没有说明", 日期="2017-05-24", 补录原因="")
    key, _address = sent(cast, rows, "records", RECORD_HEADS)
    kept = run_import(uuid=key, now=NOW, seconds=0)
    assert (kept.stage, kept.cursor) == ("trying", 4)
    kept = run_import(uuid=key, now=NOW)
    assert kept.stage == "ready"
    assert kept.rows.filter(is_good=True).count() == 4
    assert "请写明原因" in kept.rows.get(is_good=False).problems[0][1]


def test_what_has_to_be_put_right_comes_as_a_table(cast: Cast) -> None:
    key, address = sent(cast, [*dues_rows(cast, 2), ("没有这人", "2017-06", -1, JUNE_8, "")])
    run_import(uuid=key, now=NOW)
    client = signed(cast.secretary_a)
    problems = reverse("branches:import-problems", args=[key])
    assert problems in page(client, address)
    body = io.BytesIO(client.get(problems).content)
    table = list(stream_sheet(body, required=("行", "列", "原因")).rows)
    assert [(row.integer("行"), row.text("列")) for row in table] == [(4, "金额"), (4, "姓名")]
    assert signed(cast.secretary_b).get(problems).status_code == 404


# -- streaming -----------------------------------------------------------------------------------


def test_ten_times_the_rows_need_no_more_memory(cast: Cast) -> None:
    def peak(count: int) -> int:
        rows = [(f"党员{n}", "2017-06", 45, JUNE_8, "") for n in range(count)]
        file = io.BytesIO(write_workbook([Sheet("表", [Column(head) for head in DUES], rows)]))
        del rows
        _height, found = read_rows(ImportKind.DUES, cast.branch_a, file, TODAY)
        tracemalloc.start()
        assert sum(1 for _row in found) == count
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return most

    assert peak(5000) < 2 * peak(500) + 200_000


def test_a_sheet_longer_than_the_limit_is_refused_with_a_sentence() -> None:
    rows = [(n,) for n in range(30)]
    body = write_workbook([Sheet("表", [Column("编号")], rows)])
    short = Limits(LARGE.size, LARGE.unpacked, 20, 5)
    with pytest.raises(UnreadableFile, match="20行"):
        list(stream_sheet(io.BytesIO(body), required=("编号",), limits=short).rows)


def test_the_page_says_how_many_rows_fit() -> None:
    assert LARGE.rows == 50_000
    assert "5万行" in str(UploadForm().fields["file"].help_text)


# -- the REST twin -------------------------------------------------------------------------------


def test_the_list_costs_the_same_however_many_imports_there_are(
    cast: Cast, django_assert_num_queries: Any
) -> None:
    client = APIClient()
    client.force_authenticate(cast.secretary_a)
    address = reverse("api:import-list")
    sent(cast, dues_rows(cast, 1))
    client.get(address)
    with CaptureQueriesContext(connection) as few:
        client.get(address)
    cost = len(few)
    for place in range(3):
        with time_machine.travel(NOW + dt.timedelta(seconds=place + 1), tick=False):
            sent(cast, dues_rows(cast, 2))
    with django_assert_num_queries(cost):
        assert client.get(address).json()["count"] == 4


def test_the_api_sends_asks_says_yes_and_takes_back(cast: Cast) -> None:
    client = APIClient()
    client.force_authenticate(cast.secretary_a)
    file = workbook(DUES, [*dues_rows(cast, 4), ("没有这人", "2017-06", 45, JUNE_8, "")])
    sent_ = {"branch": cast.branch_a.pk, "kind": "dues", "file": file}
    answer = client.post(reverse("api:import-list"), sent_, format="multipart")
    assert (answer.status_code, answer.json()["stage"]) == (201, "reading")
    key = answer.json()["uuid"]
    run_import(uuid=UUID(key), now=NOW)
    assert client.get(reverse("api:import-detail", args=[key])).json()["bad"] == 1
    rows = client.get(reverse("api:import-rows", args=[key])).json()["results"]
    assert rows[0]["problems"][0]["column"] == "姓名"
    accept = reverse("api:import-accept", args=[key])
    assert client.post(accept, {}, format="json").status_code == 400
    assert client.post(accept, {"only_good": True}, format="json").json()["stage"] == "writing"
    run_import(uuid=UUID(key), now=NOW)
    assert DuesPayment.objects.count() == 4
    undone = client.post(reverse("api:import-undo", args=[key]), {}, format="json")
    assert undone.json()["stage"] == "undone"
    assert not DuesPayment.objects.exists()


def test_imports_of_others_do_not_exist(cast: Cast) -> None:
    key, _address = sent(cast, dues_rows(cast))
    client = APIClient()
    for user in (cast.secretary_b, cast.officer):
        client.force_authenticate(user)
        assert client.get(reverse("api:import-detail", args=[key])).status_code == 404
        assert client.get(reverse("api:import-list")).json()["results"] == []
