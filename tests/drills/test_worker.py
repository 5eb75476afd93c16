"""A real worker and a real Redis, treated badly: kill -9 in mid-publication, the broker stopped and
flushed, one message thirty times. PostgreSQL only; ``script/drill --kills 200`` is the long form.
"""

from __future__ import annotations

import itertools
import os
import random
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg2
import pytest
from celery import current_app
from django.db import connection
from kombu import Connection

from evaluations.services.publish import publish_round
from tests.drills.harness import NOW, Scene, message_ids
from tests.infra.processes import Running, alive, clean_environment, descendants, running, until
from tests.servers import Redis

pytestmark = [
    pytest.mark.drill,
    pytest.mark.servers,
    pytest.mark.xdist_group("processes"),
]

KILLS = int(os.environ.get("PORTAL_DRILL_KILLS", "3"))
SEED = int(os.environ.get("PORTAL_DRILL_SEED", "2017"))

# Early, in the middle and late in a publication: the tables it writes first, halfway and last.
HELD_UP_AT = (
    "evaluations_rankingrun",
    "evaluations_rectificationnotice",
    "notifications_outboxmessage",
)


@dataclass
class Machinery:
    """A broker of this test's own and a worker on the test's database."""

    redis: Redis
    folder: Path
    starts: Iterator[int] = field(default_factory=itertools.count)

    @contextmanager
    def worker(self) -> Iterator[Running]:
        flag = self.folder / f"ready-{next(self.starts)}"
        environment = clean_environment(
            DJANGO_SETTINGS_MODULE="portal.settings",
            PORTAL_ENV="test",
            PORTAL_DATABASE_URL=database_url(),
            PORTAL_BROKER_URL=self.redis.url,
            PORTAL_EMAIL_URL=f"filemail://{self.folder / 'mail'}",
            PORTAL_READY_FILE=str(flag),
        )
        command = [
            *(sys.executable, "-m", "celery", "-A", "portal", "worker", "--pool", "prefork"),
            *("--concurrency", "2", "--loglevel", "INFO", "--without-gossip", "--without-mingle"),
        ]
        with running(command, self.folder / f"{flag.name}.log", environment) as started:
            until(lambda: flag.exists() or started.process.poll() is not None, "a ready worker")
            assert started.process.poll() is None, started.output
            yield started

    def send(self, task: str, **values: Any) -> None:
        with Connection(self.redis.url) as broker:
            current_app.send_task(task, kwargs=values, connection=broker)

    def publish(self, scene: Scene) -> None:
        self.send("evaluations.publish_round", round_id=scene.round_id, reason="催")

    def is_idle(self) -> bool:
        """No message waits and none is in anybody's hands."""
        return self.redis.ask("LLEN celery") == ":0" and self.redis.ask("HLEN unacked") == ":0"

    def letters(self) -> list[str]:
        """Message-IDs of all mails about the publication that ever left. The sweep of a real
        worker has other letters too, by the hour of the day: the morning's digest is one."""
        return [name for name in message_ids(self.folder / "mail") if "<published." in name]


def database_url() -> str:
    """Where the tests' own database is: the worker is told by the environment, as always."""
    settings = connection.settings_dict
    return "postgres://{USER}:{PASSWORD}@{HOST}:{PORT}/{NAME}".format(**settings)


@pytest.fixture
def machinery(tmp_path: Path) -> Iterator[Machinery]:
    server = Redis()
    server.start()
    try:
        yield Machinery(server, tmp_path)
    finally:
        server.close()


@contextmanager
def held_up(table: str) -> Iterator[Callable[[], bool]]:
    """Whoever writes to ``table`` has to wait; the question is whether somebody does."""
    with closing(psycopg2.connect(database_url())) as other, other.cursor() as cursor:
        cursor.execute(f"LOCK TABLE {table} IN SHARE MODE")
        yield lambda: waiting(table) > 0
        other.rollback()


def waiting(table: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT COUNT(*) FROM pg_locks WHERE NOT granted AND relation = %s::regclass", [table]
        )
        found: int = cursor.fetchone()[0]
        return found


def working() -> list[int]:
    """Sessions other than the test's own that are in a transaction on this database."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database() "
            "AND pid <> pg_backend_pid() AND backend_type = 'client backend' "
            "AND xact_start IS NOT NULL"
        )
        return [pid for (pid,) in cursor.fetchall()]


def kill_worker(worker: Running) -> None:
    """The whole of it, as a power cut would."""
    family = [worker.process.pid, *descendants(worker.process.pid)]
    for pid in family:
        os.kill(pid, signal.SIGKILL)
    until(lambda: not alive(family), "the worker's end")


def settle(scene: Scene, machinery: Machinery) -> None:
    """What a death left is untouched or whole; a new worker's sweep makes it whole."""
    until(lambda: not working(), "the dead worker's session to be rolled back")
    scene.settle()
    with machinery.worker():
        machinery.send("portal.sweep")
        until(lambda: not scene.is_untouched(), "the month to be published")
        until(scene.is_delivered, "the mails to be delivered")
    scene.assert_whole()
    scene.assert_delivered()
    button = publish_round(round_id=scene.round_id, actor=scene.cast.officer, now=NOW, via="web")
    assert button.already


def test_a_killed_worker_loses_and_doubles_nothing(scene: Scene, machinery: Machinery) -> None:
    rng = random.Random(SEED)
    for number in range(KILLS):
        with machinery.worker() as worker:
            if number < len(HELD_UP_AT):
                with held_up(HELD_UP_AT[number]) as somebody_waits:
                    machinery.publish(scene)
                    until(somebody_waits, f"the worker at {HELD_UP_AT[number]}")
                    kill_worker(worker)
                assert scene.is_untouched()
            else:  # the long form: any moment of the half second after the message
                machinery.publish(scene)
                time.sleep(rng.uniform(0, 0.5))
                kill_worker(worker)
        before = len(machinery.letters())
        settle(scene, machinery)
        left = machinery.letters()
        assert len(set(left)) == scene.mailed, "a mail was lost"
        assert len(left) - before <= scene.mailed + 1, "more than the one in hand was doubled"
        scene.rewind()
        machinery.redis.flush()
        print(f"kill {number + 1} of {KILLS}: whole")


def test_a_killed_child_is_replaced_and_its_work_done_again(
    scene: Scene, machinery: Machinery
) -> None:
    with machinery.worker() as worker:
        with held_up("evaluations_rankingentry") as somebody_waits:
            machinery.publish(scene)
            until(somebody_waits, "the worker in mid-publication")
            children = descendants(worker.process.pid)
            for pid in children:
                os.kill(pid, signal.SIGKILL)
            until(lambda: not alive(children), "the children's end")
        until(lambda: not scene.is_untouched(), "the message to be taken up again")
        until(scene.is_delivered, "the mails to be delivered")
        assert worker.process.poll() is None
    scene.assert_whole()


def test_one_message_thirty_times(scene: Scene, machinery: Machinery) -> None:
    for _number in range(30):
        machinery.publish(scene)
    with machinery.worker() as worker:
        until(lambda: worker.output.count("succeeded in") >= 30, "thirty answers")
        until(machinery.is_idle, "an empty queue")
        until(scene.is_delivered, "the mails to be delivered")
    scene.assert_whole()
    assert sorted(machinery.letters()) == sorted(set(machinery.letters()))
    assert len(machinery.letters()) == scene.mailed


class StopRedis:
    """Stops the broker before the statement that logs the publication, and forgets what it held."""

    def __init__(self, redis: Redis) -> None:
        self.redis = redis
        self.done = False

    def __call__(
        self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any
    ) -> Any:
        if not self.done and "evaluations_roundevent" in sql:
            self.redis.flush()
            self.redis.stop()
            self.done = True
        return execute(sql, params, many, context)


def close_connections() -> None:
    """Have the next message look up anew where the broker is."""
    pool: Any = current_app.pool
    pool.force_close_all()


@pytest.fixture
def own_broker(machinery: Machinery) -> Iterator[None]:
    """This process speaks to the test's own broker."""
    before = current_app.conf.broker_url
    current_app.conf.update(broker_url=machinery.redis.url)
    close_connections()
    try:
        yield
    finally:
        close_connections()
        current_app.conf.update(broker_url=before)


@pytest.mark.usefixtures("own_broker")
def test_redis_is_stopped_and_flushed_while_the_officer_publishes(
    scene: Scene, machinery: Machinery
) -> None:
    stop = StopRedis(machinery.redis)
    with connection.execute_wrapper(stop):
        result = publish_round(
            round_id=scene.round_id, actor=scene.cast.officer, now=NOW, via="web"
        )
    assert stop.done
    assert not result.already  # the officer's button answered as ever
    scene.assert_whole()
    assert not scene.is_delivered()
    machinery.redis.start()
    with machinery.worker():
        machinery.send("portal.sweep")
        until(scene.is_delivered, "the mails to be delivered by the sweep")
    scene.assert_whole()
    assert len(machinery.letters()) == scene.mailed
