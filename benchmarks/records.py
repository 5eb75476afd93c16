"""A month of records of 256 branches, and imports of 50,000 rows of each kind.

    script/postgres .venv/bin/python -m benchmarks.records [--branches 256] [--rows 50000]
    script/postgres .venv/bin/python -m benchmarks.records --kinds records --rows 2000

First: 256 branches with 10 records each (about 2,500) and 8 members each (20,000 attendances, of
which a tenth are absences); the officers' matrix is computed and drawn, with its queries and time.
Wanted: under 10 queries, at any number of branches. Then a workbook of dues, one of past records
and one of a roster are read, tried, written and undone as the worker does it. Printed: seconds and
the process's greatest memory after each stage. Wanted: under 300 MB.
"""

from __future__ import annotations

import argparse
import datetime as dt
import io
import os
import resource
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any
from uuid import uuid4

MOST_QUERIES, MOST_MEGABYTES = 10, 300
DAYS = (5, 6, 8, 9, 12, 13, 16, 19, 20, 22)
KINDS = (
    ("themed_day", "general_meeting", "group_study"),
    ("committee_meeting", "document_relay"),
    ("party_lecture",),
    ("ideology_review",),
    ("safety_talk",),
)
TYPES = ("production", "production", "management", "business")
MEMBERS = 8
PAYERS = 500  # members of the branch that imports


def fill(branches: int, now: dt.datetime) -> Any:
    """The company, by plain inserts: it is only wanted to be read. Returns its officer."""
    from branches.models import (
        Absence,
        Activity,
        ActivityTick,
        Appointment,
        Branch,
        BranchClassification,
        Committee,
        Membership,
        Person,
        Role,
        RoleGrant,
    )
    from portal.accounts.models import User

    since = dt.date(2016, 1, 1)
    city = Committee.objects.create(name="压测党委", county="泉州", issuer_code="压")
    officer = User.objects.create_user("bench_officer", display_name="压测专责", password=None)
    RoleGrant.objects.create(
        user=officer, role=Role.PARTY_AFFAIRS_OFFICER, committee=city, started_on=since
    )
    made = Branch.objects.bulk_create(
        [
            Branch(committee=city, name=f"第{n + 1}供电服务党支部", sort_order=n, founded_on=since)
            for n in range(branches)
        ]
    )
    BranchClassification.objects.bulk_create(
        [
            BranchClassification(
                branch=branch, first_month=since, tier="branch", branch_type=TYPES[n % 4]
            )
            for n, branch in enumerate(made)
        ]
    )
    people = Person.objects.bulk_create(
        [Person(name=f"党员{n}", committee=city) for n in range(branches * MEMBERS)]
    )
    Membership.objects.bulk_create(
        [
            Membership(person=person, branch=made[n // MEMBERS], kind="full", started_on=since)
            for n, person in enumerate(people)
        ]
    )
    Appointment.objects.bulk_create(
        [
            Appointment(
                person=people[n * MEMBERS + place],
                branch=branch,
                post_id=post,
                secretary_mode="part_time" if post == "secretary" else "",
                started_on=since,
            )
            for n, branch in enumerate(made)
            for place, post in enumerate(("secretary", "org_member", "discipline_member"))
        ]
    )
    records = Activity.objects.bulk_create(
        [
            Activity(
                branch=branch,
                held_on=dt.date(2017, 6, day),
                place="三楼会议室",
                subject=f"六月第{number + 1}次活动",
                chair=people[n * MEMBERS],
                recorder=people[n * MEMBERS + 1],
                agenda="一、学习安规",
                study_hours=1 if number % 5 == 0 else 0,
                expected_count=MEMBERS,
                present_count=MEMBERS - number % 2,
                voter_count=MEMBERS,
                voters_present=MEMBERS - number % 2,
                created_by=officer,
                created_at=now,
                updated_by=officer,
                updated_at=now,
            )
            for n, branch in enumerate(made)
            for number, day in enumerate(DAYS)
        ]
    )
    ActivityTick.objects.bulk_create(
        [
            ActivityTick(activity=record, duty=duty)
            for n, record in enumerate(records)
            for duty in KINDS[n % len(KINDS)]
        ]
    )
    Absence.objects.bulk_create(
        [
            Absence(
                activity=record,
                person=people[n // len(DAYS) * MEMBERS + 5],
                kind="leave",
                reason="值班",
            )
            for n, record in enumerate(records)
            if n % len(DAYS) % 2
        ]
    )
    return officer


def workbook(heads: Sequence[str], rows: Iterable[Sequence[str | int]]) -> bytes:
    import xlsxwriter

    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"constant_memory": True})
    sheet = book.add_worksheet("导入")
    for number, row in enumerate((heads, *rows)):
        for column, cell in enumerate(row):
            sheet.write(number, column, cell)
    book.close()
    return out.getvalue()


def dues_workbook(rows: int) -> bytes:
    """Dues of one large branch; one row in a thousand is wrong."""

    def one(n: int) -> tuple[str | int, ...]:
        month, member = divmod(n, PAYERS)
        words = f"{2009 + month // 12}-{month % 12 + 1:02d}"
        return f"交费党员{member}", words, -1 if n % 1000 == 999 else 45, f"{words}-08"

    return workbook(("姓名", "月份", "金额", "交纳日期"), (one(n) for n in range(rows)))


def roster_workbook(rows: int) -> bytes:
    """New people with numbers of their own; one in a thousand is of a kind that does not exist."""
    return workbook(
        ("姓名", "工号", "部门班组", "类别", "转入日期"),
        (
            (
                f"新党员{n}",
                f"压{n:06d}",
                "配电班",
                "群众" if n % 1000 == 999 else "正式党员",
                "2016-01-04",
            )
            for n in range(rows)
        ),
    )


def records_workbook(rows: int) -> bytes:
    """Past lectures and studies; one in a thousand names nobody's chair."""

    def one(n: int) -> tuple[str | int, ...]:
        day = dt.date(2009, 1, 5) + dt.timedelta(days=n // 8)
        chair = "没有这人" if n % 1000 == 999 else f"交费党员{n % PAYERS}"
        absent = f"交费党员{(n + 1) % PAYERS}：值班"
        return day.isoformat(), f"第{n}次活动", "三楼会议室", "党课", chair, absent, "补录"

    return workbook(
        ("日期", "主题", "地点", "事项", "主持人", "请假", "补录原因"),
        (one(n) for n in range(rows)),
    )


def payers(since: dt.date) -> Any:
    """A branch with its members, its secretary and the officer of its committee."""
    from branches.models import (
        Appointment,
        Branch,
        Committee,
        Membership,
        Person,
        Role,
        RoleGrant,
    )
    from portal.accounts.models import User

    city = Committee.objects.create(name="交费党委", county="泉州", issuer_code="费")
    branch = Branch.objects.create(committee=city, name="交费党支部", founded_on=since)
    secretary = User.objects.create_user("bench_secretary", display_name="压测书记", password=None)
    head = Person.objects.create(name="压测书记", committee=city, user=secretary)
    Appointment.objects.create(
        person=head,
        branch=branch,
        post_id="secretary",
        started_on=since,
        secretary_mode="part_time",
    )
    people = Person.objects.bulk_create(
        [Person(name=f"交费党员{n}", committee=city) for n in range(PAYERS)]
    )
    Membership.objects.bulk_create(
        [Membership(person=p, branch=branch, kind="full", started_on=since) for p in people]
    )
    officer = User.objects.create_user("bench_roster", display_name="压测名册", password=None)
    RoleGrant.objects.create(
        user=officer, role=Role.PARTY_AFFAIRS_OFFICER, committee=city, started_on=since
    )
    return branch, secretary, officer


def megabytes() -> float:
    """The process's greatest memory so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def measure_board(officer: Any, month: Any, today: dt.date) -> bool:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from branches.access import access_of
    from branches.duty_board import duty_board

    access_of(officer)
    took = []
    for _turn in range(3):
        start = time.perf_counter()
        with CaptureQueriesContext(
            connection,
        ) as queries:
            board = duty_board(officer, month=month, today=today)
        took.append(time.perf_counter() - start)
    print(
        f"matrix: {len(board.rows)} branches x {len(board.rules)} duties, {len(queries)} queries,"
        f" {min(took) * 1000:.0f} ms"
    )
    return len(queries) < MOST_QUERIES


def measure_import(
    kind: Any, rows: int, body: bytes, branch: Any, actor: Any, made: Any, now: dt.datetime
) -> bool:
    """``made``: the rows of the table that the import writes, to be counted."""
    from branches.models import RowImport
    from branches.services import imports

    before = made.count()
    print(
        f"import: {rows:,} rows of {kind.value}, {len(body) / 1e6:.1f} MB;"
        f" before {megabytes():.0f} MB"
    )
    key = uuid4()
    who: dict[str, Any] = {"uuid": key, "actor": actor, "now": now}

    def said(what: str, start: float) -> None:
        took = time.perf_counter() - start
        kept = RowImport.objects.get(pk=key)
        print(f"  {what:6} {took:6.1f} s, {megabytes():.0f} MB, {kept.stage}", flush=True)

    start = time.perf_counter()
    imports.keep_import(branch=branch, kind=kind, filename="压测.xlsx", body=body, **who)
    del body
    said("sent", start)
    start = time.perf_counter()
    imports.run_import(uuid=key, now=now, seconds=36_000)
    said("read", start)
    kept = RowImport.objects.get(pk=key)
    bad = kept.rows.filter(is_good=False).count()
    if bad:
        print("  for example:", kept.rows.filter(is_good=False).values_list("problems")[0][0])
    imports.accept_import(only_good=True, **who)
    start = time.perf_counter()
    imports.run_import(uuid=key, now=now, seconds=36_000)
    said("write", start)
    written = made.count() - before
    print(f"  {written:,} written, {bad} left out with their reason")
    start = time.perf_counter()
    imports.undo_import(**who)
    said("undo", start)
    left = made.count() - before
    return written + bad == rows and not left and megabytes() < MOST_MEGABYTES


def measure_imports(rows: int, kinds: Sequence[str], now: dt.datetime) -> bool:
    from branches.models import Activity, DuesPayment, ImportKind, Membership

    branch, secretary, officer = payers(dt.date(2009, 1, 1))
    makers: dict[Any, tuple[Callable[[int], bytes], Any, Any]] = {
        ImportKind.DUES: (dues_workbook, secretary, DuesPayment.objects.filter(branch=branch)),
        ImportKind.RECORDS: (records_workbook, secretary, Activity.objects.filter(branch=branch)),
        ImportKind.ROSTER: (roster_workbook, officer, Membership.objects.filter(branch=branch)),
    }
    good = True
    for kind, (maker, actor, made) in makers.items():
        if kind.value in kinds:
            good &= measure_import(kind, rows, maker(rows), branch, actor, made, now)
    return good


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--branches", type=int, default=256)
    parser.add_argument("--rows", type=int, default=50_000)
    parser.add_argument("--kinds", nargs="*", default=("dues", "records", "roster"))
    arguments = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    os.environ.setdefault("PORTAL_ENV", "test")
    import django

    django.setup()
    from django.core.management import call_command

    from portal.kernel.months import SHANGHAI, Month

    call_command("migrate", verbosity=0, interactive=False)
    now = dt.datetime(2026, 6, 27, 10, tzinfo=SHANGHAI)
    start = time.perf_counter()
    officer = fill(arguments.branches, now)
    print(f"filled in {time.perf_counter() - start:.1f} s")
    good = measure_board(officer, Month(2017, 6), dt.date(2017, 6, 27))
    good &= measure_imports(arguments.rows, arguments.kinds, now)
    return 0 if good else 1


if __name__ == "__main__":
    raise SystemExit(main())
