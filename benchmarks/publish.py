# ruff: noqa: S608 - the statements are files and constants of ours; values are parameters
"""How much dearer is publishing a month than the bare SQL that ranks and inserts the same rows?

    script/postgres .venv/bin/python benchmarks/publish.py
    script/postgres .venv/bin/python benchmarks/publish.py --organisations 10000 --repeat 5

For each size a company is built once. Each measurement works on its own copy of that database
(CREATE DATABASE ... TEMPLATE), in a process of its own, and commits:

bare     the plain SQL that ranks and inserts the same rows, through psycopg alone: entries, draft
         notices with problems and history, a message to every secretary; one commit
publish  publish_round as the Celery task calls it: locks, checks, the same rows, the digest over
         entries and sheets, bulletin, audit, state, mail

Printed: seconds of both (and of the ranking alone, the first statement of bare), their ratio
(median of the pairs), peak memory of the publishing worker.
Wanted: ratio at most 1.5, memory under 300 MB and not growing with the organisations.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.environ.setdefault("PORTAL_ENV", "test")
os.environ.setdefault("PORTAL_BROKER_URL", "memory://")
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")


def address(name: str) -> str:
    parts = urlsplit(os.environ["PORTAL_DATABASE_URL"])
    return urlunsplit(parts._replace(path=f"/{name}"))


def in_child(name: str, *arguments: str) -> dict[str, Any]:
    """Run this file again on the database ``name``; what it printed last."""
    done = subprocess.run(
        [sys.executable, __file__, *arguments],
        env={**os.environ, "PORTAL_DATABASE_URL": address(name)},
        stdout=subprocess.PIPE,
        check=True,
        text=True,
    )
    result: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return result


def administer(statement: str) -> None:
    import psycopg2

    connection = psycopg2.connect(address("postgres"))
    connection.autocommit = True
    try:
        connection.cursor().execute(statement)
    finally:
        connection.close()


def exists(name: str) -> bool:
    import psycopg2

    connection = psycopg2.connect(address("postgres"))
    try:
        cursor = connection.cursor()
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
        return cursor.fetchone() is not None
    finally:
        connection.close()


# -- what the children do -----------------------------------------------------------------


def build(organisations: int) -> dict[str, Any]:
    import django

    django.setup()
    from django.core.management import call_command

    from benchmarks.big_company import build as build_company

    call_command("migrate", verbosity=0)
    return {"round": build_company(organisations).pk}


def newest(_number: int) -> dict[str, Any]:
    import django

    django.setup()
    from evaluations.models import MonthRound

    return {"round": MonthRound.objects.filter(status="provisional").order_by("-month")[0].pk}


def bare(round_id: int) -> dict[str, Any]:
    """The same rows by plain statements, outside Django."""
    import django

    django.setup()
    import psycopg2

    from benchmarks.big_company import NOW
    from evaluations.models import MonthRound
    from evaluations.ranking import (
        COLUMNS,
        fact_words,
        failure_parameters,
        round_parameters,
        standing_parameters,
        statement,
        with_standing,
    )
    from evaluations.services.publish import message_words

    round_ = MonthRound.objects.select_related("policy").get(pk=round_id)
    connection = psycopg2.connect(os.environ["PORTAL_DATABASE_URL"])
    cursor = connection.cursor()
    # A run of last month stands in for the new one, so that the foreign keys are checked too;
    # the trigger against late entries would refuse that and is switched off.
    cursor.execute("SELECT id FROM evaluations_rankingrun ORDER BY id LIMIT 1")
    run_id = cursor.fetchone()[0]
    cursor.execute(
        "ALTER TABLE evaluations_rankingentry DISABLE TRIGGER rankingentry_no_late_insert"
    )
    cursor.execute("ALTER TABLE evaluations_rankingentry DROP CONSTRAINT one_entry_per_branch")
    # This one has a condition, and so is no constraint to PostgreSQL.
    cursor.execute("DROP INDEX one_notice_per_run")
    for table, rule in (
        ("evaluations_rankingentry", "one_entry_per_branch"),
        ("evaluations_rectificationnotice", "one_notice_per_run"),
    ):  # the stand-in has rows of its own month: an index as wide as before, and one column more
        cursor.execute(f"CREATE UNIQUE INDEX {rule} ON {table} (run_id, branch_id, participant_id)")
    connection.commit()
    cursor.execute("CHECKPOINT")
    connection.commit()
    # As publish_round does; without these two the bare statements are slower.
    cursor.execute("SET jit = off")
    cursor.execute("SET work_mem = '64MB'")
    connection.commit()
    of_run = {"run_id": run_id, "now": NOW}
    steps: list[tuple[str, dict[str, Any]]] = [
        (
            f"INSERT INTO evaluations_rankingentry (run_id, {', '.join(COLUMNS)}) "
            + with_standing()
            + statement("entries.sql"),
            {**standing_parameters(round_), **of_run},
        ),
        (
            "CREATE TEMPORARY TABLE publication_failures ON COMMIT DROP AS "
            + statement("failures.sql")
            + "SELECT * FROM failures",
            failure_parameters(round_),
        ),
        ("ANALYZE publication_failures", {}),
        (statement("draft_notices.sql"), of_run),
        (
            statement("draft_problems.sql"),
            {**round_parameters(round_), **fact_words(), **of_run},
        ),
        (
            "INSERT INTO evaluations_noticeevent (notice_id, at, step, note) "
            "SELECT id, %(now)s, 'draft', '' FROM evaluations_rectificationnotice "
            "WHERE run_id = %(run_id)s AND drafted_at = %(now)s ORDER BY id",
            of_run,
        ),
        (
            statement("tell_branches.sql").replace(
                "WHERE e.run_id = %(run_id)s",
                "JOIN evaluations_roundparticipant q ON q.id = e.participant_id "
                "AND q.round_id = %(round_id)s WHERE e.run_id = %(run_id)s",
            ),
            {**message_words(round_, "bare", "", NOW), **of_run, "round_id": round_id},
        ),
    ]
    began = time.perf_counter()
    seconds, counts = [], []
    for sql, parameters in steps:
        cursor.execute(sql, parameters)
        seconds.append(time.perf_counter() - began)
        counts.append(cursor.rowcount)
    connection.commit()
    return {
        "seconds": time.perf_counter() - began,
        "ranking": seconds[0],
        "rows": counts[0],
        "notices": counts[3],
        "messages": counts[-1],
    }


def publish(round_id: int) -> dict[str, Any]:
    """As the worker does it."""
    import django

    django.setup()
    from django.db import connection, reset_queries

    # A worker that has done anything before has these in memory.
    import portal.celery
    import portal.urls  # noqa: F401
    from benchmarks.big_company import NOW
    from evaluations.services.publish import publish_round
    from portal.notifications.models import InboxMessage

    with connection.cursor() as cursor:
        cursor.execute("CHECKPOINT")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    if os.environ.get("SHOW_STATEMENTS"):
        connection.force_debug_cursor = True
    began = time.perf_counter()
    result = publish_round(round_id=round_id, actor=None, now=NOW, via="task")
    seconds = time.perf_counter() - began
    for query in connection.queries:
        if float(query["time"]) > 0.02:
            head = " ".join(query["sql"].split())[:70]
            print(f"    {query['time']} s  {head}", file=sys.stderr)
    reset_queries()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {
        "seconds": seconds,
        "rows": result.run.entry_count,
        "notices": result.run.notices.count(),
        "messages": InboxMessage.objects.filter(key__startswith=f"published:{round_id}:1:")
        .exclude(key__contains=":office:")
        .count(),
        "memory_before_mb": before / 1024,
        "memory_mb": peak / 1024,
    }


# -- measuring ----------------------------------------------------------------------------


def measure(organisations: int, repeat: int, keep: bool) -> dict[str, Any]:
    template = f"publish_{organisations}"
    began = time.perf_counter()
    if not (keep and exists(template)):
        administer(f"DROP DATABASE IF EXISTS {template}")
        administer(f"CREATE DATABASE {template}")
        in_child(template, "--child", "build", str(organisations))
    round_id = in_child(template, "--child", "newest", "0")["round"]
    print(f"{organisations} organisations, built in {time.perf_counter() - began:.0f} s")
    ratios, bares, publishes = [], [], []
    result: dict[str, Any] = {}
    for turn in range(repeat):
        pair = {}
        for kind in ("bare", "publish") if turn % 2 == 0 else ("publish", "bare"):
            copy = f"{template}_copy"
            administer(f"DROP DATABASE IF EXISTS {copy}")
            administer(f"CREATE DATABASE {copy} TEMPLATE {template} STRATEGY file_copy")
            pair[kind] = in_child(copy, "--child", kind, str(round_id))
            administer(f"DROP DATABASE {copy}")
        assert pair["bare"]["rows"] == pair["publish"]["rows"] == organisations
        assert pair["bare"]["notices"] == pair["publish"]["notices"]
        assert pair["bare"]["messages"] == pair["publish"]["messages"]
        bares.append(pair["bare"]["seconds"])
        publishes.append(pair["publish"]["seconds"])
        ratios.append(publishes[-1] / bares[-1])
        result = pair["publish"]
        print(
            f"  bare {bares[-1]:.2f} s (ranking {pair['bare']['ranking']:.2f})"
            f"   publish {publishes[-1]:.2f} s   ratio {ratios[-1]:.2f}"
            f"   notices {result['notices']}   worker {result['memory_mb']:.0f} MB"
            f" (before {result['memory_before_mb']:.0f})"
        )
    if not keep:
        administer(f"DROP DATABASE {template}")
    return {
        "organisations": organisations,
        "bare": statistics.median(bares),
        "publish": statistics.median(publishes),
        "ratio": statistics.median(ratios),
        "memory": result["memory_mb"],
    }


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--organisations", type=int, nargs="*", default=[10_000, 100_000])
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--keep", action="store_true", help="keep and reuse the built companies")
    parser.add_argument("--child", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        kind, number = options.child
        work = {"build": build, "newest": newest, "bare": bare, "publish": publish}[kind]
        print(json.dumps(work(int(number))))
        return 0
    if not os.environ.get("PORTAL_DATABASE_URL", "").startswith("postgres"):
        print("needs PostgreSQL: script/postgres .venv/bin/python benchmarks/publish.py")
        return 2
    found = [measure(n, options.repeat, options.keep) for n in options.organisations]
    print("\n| organisations | bare SQL | publish_round | ratio | worker |")
    print("|---|---|---|---|---|")
    for one in found:
        print(
            f"| {one['organisations']:,} | {one['bare']:.2f} s | {one['publish']:.2f} s "
            f"| {one['ratio']:.2f} | {one['memory']:.0f} MB |"
        )
    good = all(one["ratio"] <= 1.5 and one["memory"] < 300 for one in found)
    growth = max(one["memory"] for one in found) - min(one["memory"] for one in found)
    print(f"\nratio <= 1.5 and memory < 300 MB: {'yes' if good else 'NO'}; growth {growth:.0f} MB")
    return 0 if good and growth < 20 else 1


if __name__ == "__main__":
    sys.exit(main())
