"""Every list comes out as Excel with what its page shows, for those who see the page."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.urls import reverse
from python_calamine import CalamineWorkbook

from branches.models import ImportKind
from branches.record_papers import blank_attendance_paper
from branches.rosters import Circle
from branches.workbooks import OPTIONAL, REQUIRED
from portal.documents.excel import read_sheet
from tests.branches.test_record_pages import page, signed
from tests.branches.test_record_papers import words
from tests.branches.test_records import save
from tests.cast import NOW, TODAY, Cast

INSIDE = ("members-file", "study-file")


@pytest.fixture(autouse=True)
def june() -> Iterator[None]:
    """It is 27 June 2017, 10:00."""
    with time_machine.travel(NOW, tick=False):
        yield


def cells(cast: Cast, who: str, address: str) -> str:
    """All cells of the first sheet, joined."""
    answer = signed(getattr(cast, who)).get(address)
    assert answer.status_code == 200
    book = CalamineWorkbook.from_filelike(io.BytesIO(answer.content))
    rows = book.get_sheet_by_index(0).to_python()
    return "\n".join("|".join(str(cell) for cell in row) for row in rows)


def of(cast: Cast, name: str) -> str:
    return reverse(f"branches:{name}", args=[cast.branch_a.pk])


@pytest.mark.parametrize(
    ("who", "name", "args", "wanted"),
    [
        ("secretary_a", "members-file", True, "林建明"),
        ("secretary_a", "study-file", True, "林建明|1.0|2"),
        ("officer", "person-list-file", False, "配电运检书记"),
        ("officer", "list-file", False, "物资供应党支部"),
        ("employee", "burden-file", False, "记一件事"),
    ],
)
def test_the_table_says_what_the_page_shows(
    cast: Cast, who: str, name: str, args: bool, wanted: str
) -> None:
    save(cast, duties=("group_study",), study_hours=Decimal(2))
    address = of(cast, name) if args else reverse(f"branches:{name}")
    assert wanted in cells(cast, who, address)
    shown = address.replace("export/", "")
    assert address in page(signed(getattr(cast, who)), shown)


def test_the_tables_follow_the_search(cast: Cast) -> None:
    found = cells(cast, "officer", reverse("branches:list-file") + "?q=物资")
    assert "物资供应党支部" in found
    assert "综合能源党支部" not in found
    people = cells(cast, "officer", reverse("branches:person-list-file") + "?q=林建明")
    assert "黄丽萍" not in people


def test_the_roster_that_came_out_can_be_read_in(cast: Cast) -> None:
    answer = signed(cast.officer).get(of(cast, "members-file"))
    table = read_sheet(
        io.BytesIO(answer.content),
        required=REQUIRED[ImportKind.ROSTER],
        optional=OPTIONAL[ImportKind.ROSTER],
    )
    assert len(table.rows) == 12
    assert set(OPTIONAL[ImportKind.ROSTER]) <= set(table.columns)


def test_what_only_officers_need_of_a_roster_goes_to_them_alone(cast: Cast) -> None:
    own = ("工号", "部门班组", "行政职务")
    for who, has in (("officer", True), ("secretary_a", False)):
        table = cells(cast, who, of(cast, "members-file"))
        assert "党内职务" in table
        assert [word in table for word in own] == [has] * 3, who


def test_a_search_with_a_nul_in_it_is_a_search_without(cast: Cast) -> None:
    for name, args in (
        ("branches:list", []),
        ("branches:person-list", []),
        ("servicecrew:programme", ["gratitude"]),
    ):
        answer = signed(cast.officer).get(reverse(name, args=args) + "?q=%00林")
        assert answer.status_code == 200, name
        assert "\0" not in answer.content.decode()


@pytest.mark.parametrize("name", INSIDE)
def test_strangers_get_no_table(cast: Cast, name: str) -> None:
    assert signed(cast.secretary_b).get(of(cast, name)).status_code == 403
    assert signed(cast.officer_elsewhere).get(of(cast, name)).status_code == 404


def test_people_are_for_officers_and_leaders(cast: Cast) -> None:
    assert signed(cast.secretary_a).get(reverse("branches:person-list-file")).status_code == 403


@pytest.mark.parametrize("name", ["branch-handbook", "branch-sign-in-sheet"])
def test_papers_of_a_branch_are_to_be_had_by_a_call_too(cast: Cast, name: str) -> None:
    gaps = {"year": "2017"} if name == "branch-handbook" else {}
    address = reverse(f"api:{name}", kwargs={"pk": cast.branch_a.pk, "form": "docx"} | gaps)
    for user, status in ((cast.secretary_a, 200), (cast.officer, 200), (cast.secretary_b, 403)):
        assert signed(user).get(address).status_code == status
    assert signed(cast.officer_elsewhere).get(address).status_code == 404


def test_a_blank_sheet_to_sign_has_the_roster_of_the_day(cast: Cast) -> None:
    def sheet(day: dt.date = TODAY, circle: Any = Circle.MEMBERS) -> str:
        return words(blank_attendance_paper(cast.branch_a, day, circle))

    assert "应到：12人" in sheet()
    assert "林建明" in sheet()
    assert "应到：3人" in sheet(circle=Circle.COMMITTEE)
    address = reverse("branches:blank-attendance", args=[cast.branch_a.pk, "docx"])
    assert signed(cast.secretary_a).get(f"{address}?day=2017-06-30").status_code == 200
    assert signed(cast.secretary_b).get(address).status_code == 403
    assert address.replace("docx", "pdf") in page(signed(cast.secretary_a), of(cast, "members"))
