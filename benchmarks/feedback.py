"""How fast are lists, search and similar matters among 100,000 requests, and does a burst get in?

    script/postgres .venv/bin/python benchmarks/feedback.py
    script/postgres .venv/bin/python benchmarks/feedback.py --requests 20000
    script/postgres .venv/bin/python benchmarks/feedback.py --load 50 --seconds 60

Without ``--load``: builds the requests once, then measures each page's selector and the similar
matters in this process, warm; median, best and worst of 15 in milliseconds, with the number of
queries. Other work on the machine slows all three; its load is printed with them.
Wanted on PostgreSQL: every median under 150 ms, 8 queries or fewer.

With ``--load``: starts gunicorn as it runs in the demo, on loopback only, and sends so many
submissions a second for so long, every fifth of them anonymous; then counts what is in the
database. Wanted: no error, no loss.
"""

from __future__ import annotations

import argparse
import datetime as dt
import os
import random
import socket
import statistics
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.environ.setdefault("PORTAL_ENV", "test")
os.environ.setdefault("PORTAL_LOG_LEVEL", "WARNING")
os.environ.setdefault("PORTAL_BROKER_URL", "memory://")
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")

import django  # noqa: E402

django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connection, reset_queries  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402
from django.utils import timezone  # noqa: E402

from branches.models import Branch, Committee, Person, RoleGrant  # noqa: E402
from feedback.keys import new_key  # noqa: E402
from feedback.models import (  # noqa: E402
    Category,
    Department,
    ListeningSession,
    Promise,
    Publication,
    SimilarText,
    StaffRequest,
)
from feedback.selectors.board import board  # noqa: E402
from feedback.selectors.lists import ledger, my_requests  # noqa: E402
from feedback.similar import count_pieces, similar_matters, take_apart  # noqa: E402
from portal.accounts.models import User  # noqa: E402
from portal.kernel.months import local_date  # noqa: E402

REPEAT = 15
WANTED_MS = 150
WANTED_QUERIES = 8
PAIRS = [
    line.split("\t")
    for line in (ROOT / "tests" / "feedback" / "similar_pairs.tsv").read_text("utf-8").splitlines()
]
PLACES = [
    f"{name}{kind}"
    for name in "东西南北中江海山泉石丰晋惠安德永"
    for kind in ("供电所", "抢修班", "运维班")
]


def company() -> tuple[Committee, User, User]:
    committee = Committee.objects.create(name="市公司党委", issuer_code="泉电党")
    Branch.objects.create(committee=committee, name="机关党支部")
    for name in ("物资部", "办公室", "安监部"):
        Department.objects.create(committee=committee, name=name)
    officer = User.objects.create_user("officer", display_name="郑晓岚", password=None)
    Person.objects.create(name="郑晓岚", committee=committee, user=officer)
    RoleGrant.objects.create(
        user=officer,
        role="party_affairs_officer",
        committee=committee,
        started_on=dt.date(2016, 1, 1),
    )
    worker = User.objects.create_user("worker", display_name="陈师傅", password=None)
    Person.objects.create(name="陈师傅", committee=committee, user=worker)
    return committee, officer, worker


def fill(committee: Committee, number: int) -> None:
    """Requests of five years: most of them closed, as an old ledger is."""
    dice = random.Random(6)
    today = local_date(timezone.now())
    departments = list(Department.objects.all())
    categories = ["protection", "logistics", "safety", "burden", "pay", None]
    known = set(Category.objects.values_list("pk", flat=True))
    rows = []
    for n in range(number):
        typed, headline = PAIRS[dice.randrange(len(PAIRS))]
        place = PLACES[dice.randrange(len(PLACES))]
        on = today - dt.timedelta(days=dice.randrange(1825))
        is_open = n % 200 == 0
        category = categories[n % 6]
        rows.append(
            StaffRequest(
                id=new_key(),
                committee=committee,
                kind_id="suggestion",
                category_id=category if category in known else None,
                level=("named", "confidential", "anonymous")[n % 3],
                text=f"{place}：{typed}，第{n % 977}次提。",
                headline=f"{place}{headline}",
                submitted_on=on,
                released_on=on,
                accept_due_on=on,
                status="assigned" if is_open else "closed",
                outcome="" if is_open else "carried_out",
                department=departments[n % 3],
                reply_due_on=today + dt.timedelta(days=dice.randrange(-3, 20)),
                replied_on=None if is_open else on,
                closed_on=None if is_open else on,
            )
        )
        if len(rows) == 5_000:
            StaffRequest.objects.bulk_create(rows)
            rows = []
    StaffRequest.objects.bulk_create(rows)
    while take_apart(today, 5_000):
        pass
    count_pieces(today)


def furnish(committee: Committee) -> None:
    """What the board shows besides counts: published changes, ratings, a promise, a session."""
    now = timezone.now()
    closed = StaffRequest.objects.filter(status="closed").order_by("pk")
    Publication.objects.bulk_create(
        Publication(request=row, said=row.headline, changed="改好了", published_at=now)
        for row in closed[:5_000]
    )
    StaffRequest.objects.filter(pk__in=closed.values("pk")[:60_000]).update(last_rating="solved")
    first = Publication.objects.order_by("pk").first()
    assert first is not None
    Publication.objects.filter(pk=first.pk).update(is_featured=True)
    Promise.objects.create(
        request=first.request,
        department=Department.objects.all()[0],
        what="每月4副",
        due_on=local_date(now),
        promised_at=now,
    )
    session = ListeningSession.objects.create(
        committee=committee,
        status="announced",
        held_on=local_date(now) + dt.timedelta(days=9),
        starts_at=dt.time(9),
        ends_at=dt.time(11),
        place="302室",
        leader_title="党委书记",
    )
    session.departments.set(Department.objects.all())
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")


def measure(name: str, work: Callable[[Any], Any], user: User) -> bool:
    """``work`` is done for the user as a new request has him: signed in, nothing gathered yet."""
    work(fresh(user))
    again = fresh(user)
    with CaptureQueriesContext(connection) as queries:
        work(again)
        asked = len(queries)
    times = []
    for _number in range(REPEAT):
        again = fresh(user)
        started = time.perf_counter()
        work(again)
        times.append((time.perf_counter() - started) * 1000)
        reset_queries()
    median = statistics.median(times)
    good = median < WANTED_MS and asked <= WANTED_QUERIES
    print(
        f"{name:<34} {median:7.1f} ms   best {min(times):7.1f}   worst {max(times):7.1f} ms"
        f"   {asked:2} queries"
        f"   {'good' if good else 'TOO SLOW' if median >= WANTED_MS else 'TOO MANY'}"
    )
    return good


def fresh(user: User) -> User:
    """The user as a new request has him: nothing gathered yet."""
    return User.objects.get(pk=user.pk)


def lists(number: int) -> int:
    call_command("migrate", verbosity=0)
    started = time.perf_counter()
    if StaffRequest.objects.exists():  # measured again on a database that is kept
        committee = Committee.objects.get()
        officer, worker = (User.objects.get(username=name) for name in ("officer", "worker"))
    else:
        committee, officer, worker = company()
        fill(committee, number)
    if not Publication.objects.exists():
        furnish(committee)
    number = StaffRequest.objects.count()
    print(f"load of the machine: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    print(f"{number:,} requests in {time.perf_counter() - started:.0f} s, {connection.vendor}")
    today = local_date(timezone.now())
    typed = [typed for typed, _headline in PAIRS]
    turn = iter(range(10_000))

    def searched(words: str) -> Callable[[Any], Any]:
        return lambda user: ledger(user, {"q": words}, today)

    results = [
        measure("ledger", lambda user: ledger(user, {}, today), officer),
        measure("ledger, ended", lambda user: ledger(user, {"tab": "ended"}, today), officer),
        measure("search, two characters (手套)", searched("手套"), officer),
        measure("search, nothing found (龙虾)", searched("龙虾"), officer),
        measure("mine", lambda user: my_requests(user, {}, today), worker),
        measure("board", lambda user: board(user, {}, today), worker),
        measure(
            "similar matters",
            lambda _user: similar_matters(typed[next(turn) % len(typed)], {committee.pk}),
            worker,
        ),
        measure(
            "similar matters, long text",
            lambda _user: similar_matters("。".join(typed[:40]), {committee.pk}),
            worker,
        ),
    ]
    print(f"similar texts: {SimilarText.objects.count():,}")
    return 0 if all(results) else 1


# -- the burst ----------------------------------------------------------------------------


def load(rate: int, seconds: int) -> int:
    """Never anything but loopback; ends by itself."""
    from django.test import Client
    from django.test.utils import setup_test_environment

    setup_test_environment()
    call_command("migrate", verbosity=0)
    committee, _officer, worker = company()
    client = Client()
    client.force_login(worker)
    page = client.get("/listen/say/")
    cookies = "; ".join(f"{key}={morsel.value}" for key, morsel in client.cookies.items())
    token = page.context["csrf_token"]
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = subprocess.Popen(
        [
            *(sys.executable, "-m", "gunicorn", "portal.wsgi", "--config", "deploy/gunicorn.py"),
            *("--bind", f"127.0.0.1:{port}", "--workers", "2"),
        ],
        cwd=ROOT,
        env={
            **os.environ,
            "PORTAL_ANONYMOUS_REQUESTS_PER_HOUR": "1000000",
        },
        stdout=subprocess.DEVNULL,
    )
    try:
        _wait(port)
        statuses, times = _burst(port, rate, seconds, committee.pk, cookies, str(token))
    finally:
        server.terminate()
        server.wait(30)
    sent = rate * seconds
    kept = StaffRequest.objects.count()
    anonymous = StaffRequest.objects.filter(level="anonymous").count()
    times.sort()
    print(f"{sent:,} sent in {seconds} s, {kept:,} kept, {anonymous:,} of them anonymous")
    print(f"answers: {dict(statuses)}")
    median, slow = times[len(times) // 2], times[int(len(times) * 0.95)]
    print(f"median {median:.0f} ms, 95 of 100 under {slow:.0f} ms, worst {times[-1]:.0f} ms")
    good = kept == sent and set(statuses) <= {200, 302}
    print("good" if good else "LOST OR REFUSED")
    return 0 if good else 1


def _burst(
    port: int, rate: int, seconds: int, committee: int, cookies: str, token: str
) -> tuple[Counter[int], list[float]]:
    """Each submission at its own moment, however slow those before it were."""
    import http.client
    import queue
    from urllib.parse import urlencode

    statuses: Counter[int] = Counter()
    times: list[float] = []
    lock = threading.Lock()
    waiting: queue.Queue[tuple[int, float] | None] = queue.Queue()

    def send(number: int, due: float) -> None:
        text = f"第{number}件：{PAIRS[number % len(PAIRS)][0]}"
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        if number % 5 == 0:
            path = "/listen/anonymous/"
            form = {"text": text, "kind": "suggestion", "committee": committee}
            form["nonce"] = f"{number:032x}"
        else:
            path = "/listen/say/"
            form = {"text": text, "kind": "suggestion", "level": "named", "key": new_key()}
            form["csrfmiddlewaretoken"] = token
            headers["Cookie"] = cookies
        try:
            line = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
            line.request("POST", path, urlencode(form), headers)
            status = line.getresponse().status
            line.close()
        except OSError:
            status = 0
        with lock:
            statuses[status] += 1
            times.append((time.perf_counter() - due) * 1000)

    def work() -> None:
        while (job := waiting.get()) is not None:
            send(*job)

    threads = [threading.Thread(target=work, daemon=True) for _number in range(40)]
    for thread in threads:
        thread.start()
    begin = time.perf_counter()
    for number in range(rate * seconds):
        due = begin + number / rate
        time.sleep(max(0.0, due - time.perf_counter()))
        waiting.put((number, due))
    for _thread in threads:
        waiting.put(None)
    for thread in threads:
        thread.join(120)
    return statuses, times


def _wait(port: int) -> None:
    until = time.monotonic() + 60
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=2).close()
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.2)
        else:
            return


def main() -> int:
    asked = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    asked.add_argument("--requests", type=int, default=100_000)
    asked.add_argument("--load", type=int, metavar="A_SECOND", default=0)
    asked.add_argument("--seconds", type=int, default=60)
    given = asked.parse_args()
    if given.load:
        return load(min(given.load, 200), min(given.seconds, 300))
    return lists(given.requests)


if __name__ == "__main__":
    sys.exit(main())
