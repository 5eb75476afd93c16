"""A million turnouts with eight persons each: is every statistic on the board under 300 ms?

    script/postgres .venv/bin/python -m benchmarks.crews [--turnouts 1000000]

Fills an empty database by SQL, counts everything into the monthly tally (as ``count_crews`` does),
then asks each statistic of the board eleven times and prints the median; then the whole board as a
leader opens it, for twelve months and for all time, with the number of its queries and the slowest
of them. The tally grows with months x crews x kinds, not with turnouts; the last line says how many
rows it has.
"""

from __future__ import annotations

import argparse
import os
import statistics
import time
from collections.abc import Callable
from typing import Any

LIMIT_MS = 300
MOST_QUERIES = 15
COUNTIES = ("市区", "晋江", "石狮", "南安", "惠安", "安溪", "永春", "德化", "洛江", "泉港")


def fill(turnouts: int) -> None:
    """31 crews, 4,000 people, 120 months; eight people and two vehicles on each turnout."""
    import datetime as dt

    from django.db import connection

    from branches.models import Branch, Committee, Membership, Person, Role, RoleGrant
    from portal.accounts.models import User
    from servicecrew.models import Crew, Operation, Vehicle

    city = Committee.objects.create(name="压测党委", county="泉州", issuer_code="压")
    leader = User.objects.create_user("bench_leader", display_name="压测书记", password=None)
    RoleGrant.objects.create(
        user=leader, role=Role.PARTY_AFFAIRS_OFFICER, committee=city, started_on=dt.date(2007, 1, 1)
    )
    crews = Crew.objects.bulk_create(
        [
            Crew(
                name=f"第{n}分队",
                committee=city,
                county=COUNTIES[n % 10],
                serial_code=f"压{n}",
                sort_order=n,
            )
            for n in range(31)
        ]
    )
    people = Person.objects.bulk_create(
        [Person(name=f"队员{n}", committee=city) for n in range(4000)]
    )
    branch = Branch.objects.create(
        committee=city,
        name="压测党支部",
        founded_on=dt.date(2007, 1, 1),
    )
    Membership.objects.bulk_create(
        [
            Membership(person=person, branch=branch, kind="full", started_on=dt.date(2007, 1, 1))
            for person in people[:2400]
        ]
    )
    vehicles = Vehicle.objects.bulk_create(
        [
            Vehicle(
                crew=crews[n % 31],
                plate=f"压{n:05d}",
                kind="repair",
                started_on=dt.date(2010, 1, 1),
            )
            for n in range(300)
        ]
    )
    operations = Operation.objects.bulk_create(
        [
            Operation(
                committee=city,
                name=f"行动{n}",
                kind="typhoon",
                started_on=dt.date(2007, 1, 1),
                ended_on=dt.date(2017, 1, 1),
            )
            for n in range(20)
        ]
    )
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit = off")
        cursor.execute(
            """
            INSERT INTO servicecrew_turnout (uuid, crew_id, committee_id, operation_id, status,
                subject, service_kind, sub_kind, source, order_no, city_goal_id, county, township,
                place, area_kind, line_name, voltage, line_branch, pole_range, transformer_area,
                cause, weather, is_night_work, started_on, departed_at, arrived_at, restored_at,
                response_minutes, is_in_time, minutes_out, customers_restored, lines_restored,
                key_customers, helpers_count, materials, result, needs_found, work_ticket_no,
                leader_on_site, has_safety_talk, has_no_breach, satisfaction, media, entered_via,
                version, created_at, updated_at, verified_at)
            SELECT gen_random_uuid(), %(crew)s + n %% 31, %(city)s,
                CASE WHEN n %% 5 = 0 THEN %(operation)s + n %% 20 END,
                CASE WHEN n %% 20 = 0 THEN 'logged' ELSE 'verified' END,
                '出队', k.kind, k.sub, '', '', CASE WHEN n %% 3 = 0 THEN 'happy' END,
                (%(counties)s)[1 + n %% 10], '', '某地', 'city', '', '', '', '', '', '', '', false,
                d.day, d.at, d.at + interval '40 minutes', d.at + interval '2 hours',
                40, true, 120, 100, 1, '', 0, '', '', '', '', '', true, true, 'very', '', 'import',
                1, d.at, d.at, d.at
            FROM generate_series(1, %(count)s) n
            CROSS JOIN LATERAL (
                SELECT date '2007-01-01' + (n %% 3650) AS day,
                       timestamptz '2007-01-01 08:00+08' + (n %% 3650) * interval '1 day' AS at
            ) d
            CROSS JOIN LATERAL (
                SELECT (ARRAY['repair', 'political', 'marketing', 'volunteer', 'value_added'])
                       [1 + n %% 5] AS kind,
                       (ARRAY['fault_repair', 'power_guarantee', 'customer_visit',
                              'safety_publicity', 'energy_diagnosis'])[1 + n %% 5] AS sub
            ) k
            """,
            {
                "crew": crews[0].pk,
                "city": city.pk,
                "operation": operations[0].pk,
                "count": turnouts,
                "counties": list(COUNTIES),
            },
        )
        cursor.execute(
            "INSERT INTO servicecrew_turnoutcrew (turnout_id, crew_id)"
            " SELECT id, crew_id FROM servicecrew_turnout"
        )
        cursor.execute(
            "INSERT INTO servicecrew_turnoutperson"
            " (turnout_id, day, crew_id, person_id, role, shift)"
            " SELECT t.id, t.started_on, t.crew_id, %s + (t.id * 8 + n) %% 4000, 'member', 1"
            " FROM servicecrew_turnout t CROSS JOIN generate_series(1, 8) n",
            [people[0].pk],
        )
        cursor.execute(
            "INSERT INTO servicecrew_turnoutvehicle (turnout_id, day, crew_id, vehicle_id, kind)"
            " SELECT t.id, t.started_on, t.crew_id, %s + (t.id * 2 + n) %% 300, 'repair'"
            " FROM servicecrew_turnout t CROSS JOIN generate_series(1, 2) n",
            [vehicles[0].pk],
        )
        cursor.execute("ANALYZE")


def measured(ask: Callable[[], Any]) -> float:
    """Median of eleven, in milliseconds."""
    ask()
    took = []
    for _n in range(11):
        start = time.perf_counter()
        ask()
        took.append((time.perf_counter() - start) * 1000)
    return statistics.median(took)


def board_is_quick(period: str) -> bool:
    """The whole board in 2017, every statement under the limit, at most fifteen of them."""
    import datetime as dt

    from django.db import connection

    from branches.access import forget_access
    from portal.accounts.models import User
    from portal.dashboard.board135 import read_board

    leader = User.objects.get(username="bench_leader")
    spent: dict[str, float] = {}

    def timed(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        start = time.perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            spent[f"{len(spent):02d} {sql}"] = (time.perf_counter() - start) * 1000

    def read() -> None:
        forget_access(leader)
        read_board(user=leader, today=dt.date(2016, 12, 28), period=period)

    took = measured(read)
    with connection.execute_wrapper(timed):
        read()
    slowest = max(spent, key=spent.__getitem__)
    print(
        f"{took:8.1f} ms  the board, {period or 'twelve months'}: {len(spent)} queries,"
        f" the slowest {spent[slowest]:.1f} ms: {slowest[3:90]}"
    )
    return spent[slowest] <= LIMIT_MS and len(spent) <= MOST_QUERIES


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--turnouts", type=int, default=1_000_000)
    arguments = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    os.environ.setdefault("PORTAL_ENV", "test")
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection, transaction

    from branches.models import Committee
    from portal.kernel.months import Month
    from servicecrew.counting import PARTS, Scope, split, totals
    from servicecrew.models import CrewTally, Turnout, TurnoutPerson
    from servicecrew.tallies import recount

    call_command("migrate", verbosity=0, interactive=False)
    start = time.perf_counter()
    fill(arguments.turnouts)
    print(f"filled {arguments.turnouts:,} turnouts in {time.perf_counter() - start:.0f} s")
    start = time.perf_counter()
    with transaction.atomic():
        recount()
    print(f"counted everything once in {time.perf_counter() - start:.1f} s")
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE servicecrew_crewtally")
    committees = frozenset(Committee.objects.values_list("pk", flat=True))
    base = Scope(committees=committees)
    year = Scope(committees=committees, first=Month(2016, 1), last=Month(2016, 12))
    asked: dict[str, Callable[[], Any]] = {
        "all operations, ever": lambda: totals(Scope(committees=committees, in_operations=True)),
        "everything, ever": lambda: totals(base),
        "twelve months by kind": lambda: split(year, "service_kind"),
        "one county, one kind": lambda: totals(
            Scope(committees=committees, county="德化", service_kind="repair")
        ),
        "crews out now": lambda: list(
            Turnout.objects.filter(committee_id__in=committees)
            .under_way()
            .values_list("county", flat=True)
        ),
        **{f"ever, by {part}": lambda part=part: split(base, part) for part in PARTS},  # type: ignore[misc]
    }
    slow = 0
    for name, ask in asked.items():
        took = measured(ask)
        slow += took > LIMIT_MS
        print(f"{took:8.1f} ms  {name}")
    for period in ("", "2016", "all"):
        slow += not board_is_quick(period)
    print(
        f"{CrewTally.objects.count():,} rows in the tally,"
        f" {TurnoutPerson.objects.count():,} person-days"
    )
    if slow:
        print(f"{slow} above {LIMIT_MS} ms")
    return 1 if slow else 0


if __name__ == "__main__":
    raise SystemExit(main())
