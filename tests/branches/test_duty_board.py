"""The officers' board: all branches on one page, by one reading of the rules."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import time_machine
from django.db.models import Count, Sum
from django.urls import reverse
from python_calamine import CalamineWorkbook

from benchmarks.records import MOST_QUERIES, fill
from branches.access import access_of
from branches.duty_board import duty_board
from branches.models import Activity
from branches.services import organisation
from tests.branches.test_record_pages import page, signed
from tests.branches.test_records import save
from tests.cast import FIRST_MONTH, JUNE, NOW, TODAY, Cast

BOARD = "/duties/"


@pytest.fixture(autouse=True)
def june() -> Iterator[None]:
    """It is 27 June 2017, 10:00."""
    with time_machine.travel(NOW, tick=False):
        yield


def more_branches(cast: Cast, count: int) -> None:
    for number in range(count):
        organisation.create_branch(
            committee=cast.county,
            name=f"供电所第{number + 1}党支部",
            tier="branch",
            branch_type="production",
            first_month=FIRST_MONTH,
            actor=None,
            now=NOW,
        )


def test_the_heading_adds_up(cast: Cast) -> None:
    save(cast)
    text = page(signed(cast.officer), BOARD)
    board = duty_board(cast.officer, month=JUNE, today=TODAY)
    assert f"6月还缺 {board.left_count} 项，逾期 {board.overdue_count} 项" in text
    assert board.left_count == sum(row.missing_count for row in board.rows)
    assert f"应办 {board.due_count} 项，已办 2 项" in text
    assert len(board.rows) == 11


def test_columns_are_those_of_the_month(cast: Cast) -> None:
    board = duty_board(cast.officer, month=JUNE, today=TODAY)
    codes = [rule.item_code for rule in board.rules]
    assert codes == ["A1", "A2", "A3", "A4", "B1", "B2", "B3", "B4", "B6", "C3", "D2"]


def test_filters_are_in_the_address(cast: Cast) -> None:
    client = signed(cast.officer)
    text = page(client, f"{BOARD}?type=management")
    assert "机关第一党支部" in text
    assert "物资供应党支部" not in text
    found = page(client, f"{BOARD}?q=综合")
    assert "综合能源党支部" in found
    assert "机关第一党支部" not in found
    nothing = page(client, f"{BOARD}?q=没有这个支部")
    assert "没有符合条件的支部" in nothing


def test_everybody_sees_what_he_may_see_inside(cast: Cast) -> None:
    head = duty_board(cast.secretary_of(cast.general), month=JUNE, today=TODAY)
    assert {row.branch_id for row in head.rows} == {
        cast.general.pk,
        cast.branch_b.pk,
        cast.sub_two.pk,
    }
    assert signed(cast.employee).get(BOARD).status_code == 403


def test_the_file_is_what_is_shown(cast: Cast) -> None:
    answer = signed(cast.officer).get("/duties/export/?type=business&month=2017-06")
    rows = CalamineWorkbook.from_filelike(io.BytesIO(answer.content)).get_sheet_by_index(0)
    words = rows.to_python()
    names = [row[0] for row in words if row[1] == "经营型"]
    assert names == ["物资供应党支部", "综合能源党支部", "集体企业联合党支部"]


@pytest.mark.parametrize("count", [2, 40])
def test_the_board_costs_two_queries_for_any_number_of_branches(
    cast: Cast, count: int, django_assert_num_queries: Callable[..., Any]
) -> None:
    more_branches(cast, count)
    duty_board(cast.officer, month=JUNE, today=TODAY)  # who he is is asked once
    with django_assert_num_queries(2):
        board = duty_board(cast.officer, month=JUNE, today=TODAY)
    assert len(board.rows) == 11 + count


def test_a_month_of_256_branches_takes_under_ten_queries(
    cast: Cast, django_assert_max_num_queries: Callable[..., Any]
) -> None:
    """About 2,500 records with 20,000 attendances, as ``benchmarks/records.py`` measures them."""
    officer = fill(256, NOW)
    access_of(officer)
    with django_assert_max_num_queries(MOST_QUERIES - 1):
        board = duty_board(officer, month=JUNE, today=TODAY)
    assert len(board.rows) == 256
    sums = Activity.objects.aggregate(records=Count("pk"), attended=Sum("present_count"))
    assert sums["records"] >= 2_500
    assert sums["attended"] >= 19_000
    assert board.is_long


def test_settings_are_the_officers(cast: Cast) -> None:
    address = reverse("branches:duty-settings", args=[cast.city.pk])
    values = {"first_month": "2017-07", "lecture_frequency": "H", "study_hours": "32"}
    assert signed(cast.officer).post(address, values).status_code == 302
    assert signed(cast.secretary_a).get(address).status_code == 403
    past = signed(cast.officer).post(address, values | {"first_month": "2017-05"})
    assert "过去的月份不能改" in past.content.decode()
