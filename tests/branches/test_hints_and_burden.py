"""Hints for the author, and the bill of what was asked of people."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.urls import reverse

from branches.burden import burden_of
from branches.hints import hints_of, likeness
from branches.models import Branch
from branches.services.registers import DuesLine, settle_dues
from tests.branches.test_record_pages import page, signed
from tests.branches.test_records import absent, save
from tests.cast import JUNE, NOW, Cast

WORDS = (
    "一、学习公司安全生产会议精神，讨论抢修现场的规矩；二、交流发言；三、布置下月工作和夜班安排。"
)


@pytest.fixture(autouse=True)
def june() -> Iterator[None]:
    """It is 27 June 2017, 10:00."""
    with time_machine.travel(NOW, tick=False):
        yield


def test_likeness_is_of_the_words_not_of_their_marks() -> None:
    assert likeness("一、学习安规；讨论", "一学习安规，讨论。") == 100
    assert likeness("学习安规", "布置抢修") == 0
    assert likeness("", "学习") == 0


def test_near_copies_are_hinted_at_to_the_author_alone(cast: Cast) -> None:
    save(cast, held_on=dt.date(2017, 6, 5), agenda=WORDS)
    copy = save(cast, held_on=dt.date(2017, 6, 16), agenda=WORDS)
    other = save(cast, held_on=dt.date(2017, 6, 20), agenda="完全不同的议题" * 8)
    assert "与6月5日“学规矩、保安全”的内容有100%相同" in hints_of(copy)[0]
    assert hints_of(other) == []
    address = reverse("branches:record-detail", args=[copy.pk])
    assert "只给您看的提示，不计分" in page(signed(cast.secretary_a), address)
    assert "只给您看的提示" not in page(signed(cast.officer), address)


def test_one_person_in_two_places_is_hinted_at(cast: Cast) -> None:
    at = dt.time(15)
    save(cast, starts_at=at, place="三楼")
    people = cast.members(cast.branch_a)
    twin = save(
        cast,
        starts_at=at,
        place="抢修班",
        duties=("group_meeting",),
        group=cast.group_one,
        chair=people[0],
        recorder=people[3],
    )
    assert "林建明" in hints_of(twin)[0]
    later = save(cast, starts_at=dt.time(16), place="抢修班", subject="另一场")
    assert hints_of(later) == []


def test_the_bill_counts_what_was_there_already(cast: Cast) -> None:
    first = save(cast, held_on=dt.date(2017, 6, 5))
    away = (absent(cast.members(cast.branch_a)[5]),)
    save(cast, held_on=dt.date(2017, 6, 16), subject="第二次", place="别处", absences=away)
    bill = burden_of(Branch.objects.all(), JUNE)
    records = bill.lines[0]
    # 2 x (4 + 5) fields; the second carried hour, chair, recorder and agenda; the first had
    # everybody there and an empty hour as before.
    assert (records.times, records.asked) == (2, 18)
    assert records.prefilled == 1 + 1 + 4
    assert bill.asked_twice == 0
    save(cast, held_on=first.held_on)
    assert burden_of(Branch.objects.all(), JUNE).asked_twice == 1


def test_dues_as_last_month_were_not_typed(cast: Cast) -> None:
    people = cast.members(cast.branch_a)
    for month, amounts in ((JUNE.plus(-1), (45, 45)), (JUNE, (45, 50))):
        settle_dues(
            branch=cast.branch_a,
            month=month,
            paid_on=month.first_day,
            lines=[DuesLine(p.pk, Decimal(a)) for p, a in zip(people[:2], amounts, strict=True)],
            actor=cast.secretary_a,
            now=NOW,
        )
    dues = burden_of(Branch.objects.all(), JUNE).lines[1]
    assert (dues.asked, dues.prefilled, dues.share) == (2, 1, 50)


def test_everybody_reads_the_bill_with_the_rules_behind_it(
    cast: Cast, django_assert_max_num_queries: Callable[..., Any]
) -> None:
    save(cast)
    for user in (cast.employee, cast.secretary_a, cast.officer):
        text = page(signed(user), "/burden/?month=2017-06")
        assert "6月要填 9\u00a0格" in text
        assert "《支部工作条例》" in text
    with django_assert_max_num_queries(4):
        burden_of(Branch.objects.all(), JUNE)
