"""Working days: the vectors of the office, the properties, the calendar's upkeep."""

from __future__ import annotations

import datetime as dt
import io

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from portal.accounts.models import User
from portal.audit.models import AuditEntry
from portal.kernel.errors import DomainError
from portal.kernel.months import SHANGHAI, Month
from portal.workdays import calendar, official, services
from portal.workdays.models import CalendarDay, CalendarYear
from portal.workdays.official import OfficialDay

NOW = dt.datetime(2026, 11, 23, 10, 0, tzinfo=SHANGHAI)

# The make-up working days of the State Council's notices, written down by hand.
MAKEUP_DAYS = {
    2016: "02-06 02-14 06-12 09-18 10-08 10-09",
    2017: "01-22 02-04 04-01 05-27 09-30",
    2018: "02-11 02-24 04-08 04-28 09-29 09-30 12-29",
    2019: "02-02 02-03 04-28 05-05 09-29 10-12",
    2020: "01-19 04-26 05-09 06-28 09-27 10-10",
    2021: "02-07 02-20 04-25 05-08 09-18 09-26 10-09",
    2022: "01-29 01-30 04-02 04-24 05-07 10-08 10-09",
    2023: "01-28 01-29 04-23 05-06 06-25 10-07 10-08",
    2024: "02-04 02-18 04-07 04-28 05-11 09-14 09-29 10-12",
    2025: "01-26 02-08 04-27 09-28 10-11",
    2026: "01-04 02-14 02-28 05-09 09-20 10-10",
}


@pytest.fixture(autouse=True)
def _fresh_calendar(request: pytest.FixtureRequest) -> object:
    calendar.forget()
    yield
    calendar.forget()


@pytest.fixture
def clerk(db: None) -> User:
    return User.objects.create_user(username="clerk", display_name="林小姐")


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


# -- the vectors ----------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("start", "n", "expected"),
    [
        ("2026-02-11", 5, "2026-02-25"),
        ("2026-09-30", 5, "2026-10-13"),
        ("2026-09-25", 5, "2026-10-09"),
        ("2017-05-26", 2, "2017-05-31"),
        ("2017-07-05", 5, "2017-07-12"),
        ("2026-02-25", -5, "2026-02-11"),
        ("2026-02-15", 0, "2026-02-15"),
    ],
)
def test_counting_from_the_day_after(start: str, n: int, expected: str) -> None:
    assert services.add_workdays(day(start), n) == day(expected)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("month", "n", "expected"),
    [
        (Month(2017, 10), 5, "2017-10-13"),
        (Month(2026, 10), 5, "2026-10-13"),
        (Month(2026, 2), 5, "2026-02-06"),
        (Month(2026, 2), 30, "2026-03-19"),  # runs on: February has 18
    ],
)
def test_nth_workday(month: Month, n: int, expected: str) -> None:
    assert services.nth_workday(month, n) == day(expected)


@pytest.mark.django_db
def test_window_of_june_2017() -> None:
    assert services.next_workday(day("2017-06-25")) == day("2017-06-26")  # a Sunday
    assert services.next_workday(day("2017-06-26")) == day("2017-06-26")
    assert services.last_workday(Month(2017, 6)) == day("2017-06-30")
    assert services.last_workday(Month(2017, 9)) == day("2017-09-30")  # a Saturday that works
    assert services.last_workday(Month(2026, 1)) == day("2026-01-30")


@pytest.mark.django_db
@pytest.mark.parametrize("year", sorted(MAKEUP_DAYS))
def test_a_new_database_knows_the_notices(year: int) -> None:
    stored = CalendarDay.objects.filter(date__year=year, is_workday=True)
    found = [str(row.date)[5:] for row in stored.order_by("date")]
    assert found == MAKEUP_DAYS[year].split()
    assert CalendarYear.objects.get(year=year).is_confirmed
    assert services.missing_years(dt.date(year, 6, 1)) == []
    assert all(row.date.weekday() >= 5 for row in stored)


# -- what is not known ------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_deadline_that_crosses_into_2027_warns_and_does_not_crash() -> None:
    due = services.add_workdays(day("2026-12-24"), 10)
    assert due == day("2027-01-08")  # 1 January is a holiday by law
    assert services.missing_years(day("2026-12-24"), due) == [2027]
    assert CalendarYear.objects.get(year=2027).source == CalendarYear.Source.ESTIMATED


@pytest.mark.django_db
def test_a_year_that_is_not_there_falls_back_to_monday_to_friday() -> None:
    assert services.add_workdays(day("2031-09-30"), 2) == day("2031-10-02")
    assert services.missing_years(day("2031-09-30"), day("2017-01-05")) == [2031]
    assert services.is_workday(day("1995-10-02"))
    assert not services.is_workday(day("1995-10-01"))


@pytest.mark.django_db
def test_nonsense_is_refused() -> None:
    with pytest.raises(ValueError, match="2000"):
        services.add_workdays(day("2026-01-01"), 100_000)
    with pytest.raises(ValueError, match="from 1"):
        services.nth_workday(Month(2026, 1), 0)
    with pytest.raises(TypeError):
        services.is_workday(NOW)


# -- properties -------------------------------------------------------------------------------

days = st.dates(min_value=dt.date(2014, 1, 1), max_value=dt.date(2029, 12, 31))
counts = st.integers(min_value=-120, max_value=120)


@pytest.fixture
def kept_calendar(db: None) -> None:
    """Read once, so that the many examples below ask the database nothing."""
    calendar.current()


@pytest.mark.usefixtures("kept_calendar")
class TestProperties:
    @given(day=days, n=st.integers(min_value=1, max_value=120))
    def test_a_due_day_is_a_working_day_after_the_start(self, day: dt.date, n: int) -> None:
        due = services.add_workdays(day, n)
        assert due > day
        assert services.is_workday(due)
        assert services.next_workday(due) == due

    @given(one=days, other=days, n=counts)
    def test_later_start_never_gives_an_earlier_day(
        self, one: dt.date, other: dt.date, n: int
    ) -> None:
        first, second = sorted((one, other))
        assert services.add_workdays(first, n) <= services.add_workdays(second, n)

    @given(day=days, n=counts)
    def test_more_days_never_give_an_earlier_day(self, day: dt.date, n: int) -> None:
        assert services.add_workdays(day, n) < services.add_workdays(day, n + 1) or n in {-1, 0}
        assert services.add_workdays(day, n) <= services.add_workdays(day, n + 1)

    @given(day=days, n=counts)
    def test_between_is_the_inverse_of_add(self, day: dt.date, n: int) -> None:
        assert services.workdays_between(day, services.add_workdays(day, n)) == n

    @given(day=days, n=st.integers(0, 60), m=st.integers(0, 60))
    def test_steps_add_up(self, day: dt.date, n: int, m: int) -> None:
        assert services.add_workdays(services.add_workdays(day, n), m) == services.add_workdays(
            day, n + m
        )


# -- the copy in memory -----------------------------------------------------------------------


def test_the_calendar_is_read_once_and_changes_are_noticed_at_once(
    clerk: User, django_assert_num_queries: object
) -> None:
    friday = day("2026-11-27")
    assert services.add_workdays(friday, 1) == day("2026-11-30")
    with django_assert_num_queries(0):  # type: ignore[operator]
        assert services.add_workdays(friday, 200) > friday
    services.set_day(day=day("2026-11-28"), is_workday=True, note="保供值守", actor=clerk, now=NOW)
    assert services.add_workdays(friday, 1) == day("2026-11-28")
    services.clear_day(day=day("2026-11-28"), actor=clerk, now=NOW)
    assert services.add_workdays(friday, 1) == day("2026-11-30")


def test_a_change_by_another_process_is_noticed_with_the_next_request(
    clerk: User, django_assert_num_queries: object
) -> None:
    monday = day("2026-11-30")
    assert services.is_workday(monday)
    # As another process would do it: rows and token change, this copy is not told.
    CalendarDay.objects.create(date=monday, is_workday=False, note="停工检修")
    CalendarYear.objects.filter(year=2026).update(revision="changed elsewhere")
    assert services.is_workday(monday)
    calendar.ask_again()  # what request_started and task_prerun call
    with django_assert_num_queries(2):  # type: ignore[operator]
        assert not services.is_workday(monday)
    calendar.ask_again()
    with django_assert_num_queries(1):  # type: ignore[operator]
        assert not services.is_workday(monday)


def test_requests_and_tasks_ask_again(clerk: User, client: Client) -> None:
    from celery.signals import task_prerun

    monday = day("2026-11-30")
    assert services.is_workday(monday)
    CalendarDay.objects.create(date=monday, is_workday=False)
    CalendarYear.objects.filter(year=2026).update(revision="elsewhere")
    task_prerun.send(sender=None)
    assert not services.is_workday(monday)
    CalendarDay.objects.filter(date=monday).delete()
    CalendarYear.objects.filter(year=2026).update(revision="elsewhere again")
    client.get("/")
    assert services.is_workday(monday)


def test_a_change_that_was_rolled_back_does_not_stay_in_memory(clerk: User) -> None:
    from django.db import transaction

    saturday = day("2026-11-28")
    try:
        with transaction.atomic():
            services.set_day(day=saturday, is_workday=True, note="", actor=clerk, now=NOW)
            assert services.is_workday(saturday)
            raise RuntimeError
    except RuntimeError:
        pass
    calendar.ask_again()
    assert not services.is_workday(saturday)


# -- keeping it -------------------------------------------------------------------------------


def test_editing_leaves_an_audit_row(clerk: User) -> None:
    services.set_day(day=day("2027-01-02"), is_workday=False, note=" 元旦 ", actor=clerk, now=NOW)
    services.confirm_year(year=2027, note="国办发明电〔2026〕9号", actor=clerk, now=NOW)
    assert services.missing_years(day("2027-03-01")) == []
    services.confirm_year(year=2027, confirmed=False, actor=clerk, now=NOW)
    assert services.missing_years(day("2027-03-01")) == [2027]
    codes = list(AuditEntry.objects.order_by("id").values_list("code", flat=True))
    assert codes == ["calendar.day_set", "calendar.year_confirmed", "calendar.year_reopened"]
    entry = AuditEntry.objects.order_by("id")[0]
    assert (entry.actor, entry.object_label) == (clerk, "2027-01-02 元旦")


def test_a_day_in_an_unknown_year_makes_that_year_an_estimate(clerk: User) -> None:
    services.set_day(day=day("2033-01-03"), is_workday=False, note="元旦", actor=clerk, now=NOW)
    assert CalendarYear.objects.get(year=2033).source == CalendarYear.Source.ESTIMATED
    with pytest.raises(DomainError):
        services.set_day(day=day("1888-01-03"), is_workday=False, note="", actor=clerk, now=NOW)


def test_import_leaves_corrected_years_alone(clerk: User) -> None:
    services.set_day(day=day("2026-11-28"), is_workday=True, note="", actor=clerk, now=NOW)
    done = services.import_years(first=2015, last=2028, actor=clerk, now=NOW)
    assert [year.year for year in done if not year.left] == [2015, 2027, 2028]
    assert services.is_workday(day("2026-11-28"))
    assert services.missing_years(*(dt.date(y, 1, 1) for y in range(2015, 2029))) == [2027, 2028]
    services.import_years(first=2026, last=2026, actor=clerk, now=NOW, overwrite=True)
    assert not services.is_workday(day("2026-11-28"))
    with pytest.raises(DomainError):
        services.import_years(first=2027, last=2026, actor=clerk, now=NOW)


@pytest.mark.django_db
def test_import_is_the_same_twice() -> None:
    before = list(CalendarDay.objects.values_list("date", "is_workday", "note"))
    services.import_years(first=2016, last=2027, actor=None, now=NOW, overwrite=True)
    assert list(CalendarDay.objects.values_list("date", "is_workday", "note")) == before


@pytest.mark.django_db
def test_command() -> None:
    out = io.StringIO()
    call_command("import_workdays", "--first", "2026", "--last", "2028", stdout=out)
    lines = out.getvalue().splitlines()
    assert lines[0] == "2026  保持不动  放假 22 天，调休上班 6 天  已核定"
    assert lines[2].startswith("2028  已读入")
    assert lines[2].endswith("推算，待核定")
    with pytest.raises(CommandError, match="年份"):
        call_command("import_workdays", "--first", "2028", "--last", "2026", stdout=out)


def test_an_estimated_year_has_no_makeup_days() -> None:
    [estimated] = official.official_years(2030, 2030)
    assert not estimated.is_confirmed
    assert estimated.days
    assert not any(one.is_workday for one in estimated.days)


# -- the notice as text -----------------------------------------------------------------------

NOTICE = """日期,安排,说明
# 2027 年（示例）
2027-01-01~2027-01-03,休,元旦

2027/2/20，班，春节调休
2027-02-21 上班
2027-13-01,休,没有这个月
2026-12-31,休,去年
随便写的一行
2027-01-02,休,重复
2027-05-03~2027-05-01,休,颠倒
"""


def test_reading_a_notice_reports_row_by_row() -> None:
    found, problems = services.read_notice(NOTICE, year=2027)
    assert [(str(one.date)[5:], one.is_workday, one.note) for one in found] == [
        ("01-01", False, "元旦"),
        ("01-02", False, "元旦"),
        ("01-03", False, "元旦"),
        ("02-20", True, "春节调休"),
        ("02-21", True, "调休上班"),
    ]
    assert [problem.line for problem in problems] == [7, 8, 9, 10, 11]
    assert [problem.reason for problem in problems] == [
        "没有这一天",
        "不在 2027 年",
        "没看懂。请写成：日期,休或班,说明",
        "2027-01-02 前面已经有了",
        "起止日期颠倒，或相隔超过一个月",
    ]


def test_a_notice_replaces_the_whole_year_and_confirms_it(clerk: User) -> None:
    found, _problems = services.read_notice("2027-01-01~2027-01-03,休,元旦", year=2027)
    year = services.import_notice(year=2027, days=found, actor=clerk, now=NOW, note="国办通知")
    assert year.is_confirmed
    assert CalendarDay.objects.filter(date__year=2027).count() == 3
    assert services.is_workday(day("2027-10-01"))  # the notice did not say so: people see it
    with pytest.raises(DomainError, match="没有读到"):
        services.import_notice(year=2027, days=[], actor=clerk, now=NOW)
    with pytest.raises(DomainError, match="两次"):
        services.import_notice(year=2027, days=[*found, found[0]], actor=clerk, now=NOW)
    stray = OfficialDay(day("2028-01-01"), False, "")
    with pytest.raises(DomainError, match="不在"):
        services.import_notice(year=2027, days=[stray], actor=clerk, now=NOW)
