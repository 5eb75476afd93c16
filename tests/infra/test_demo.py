"""``script/demo`` as real processes: start, work, crash, stop, start again.

Runs what script/demo runs once the environment is there, in a folder of its own. The whole
road from a fresh clone with an empty home is ``script/try-clone``.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.infra.processes import (
    ROOT,
    Running,
    alive,
    clean_environment,
    command_line,
    descendants,
    get,
    ready,
    running,
    until,
)
from tests.servers import free_port

pytestmark = [pytest.mark.drill, pytest.mark.xdist_group("processes")]

COMPANY = "试验公司党委"


@pytest.fixture(scope="module")
def var(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A demo that was prepared before: a migrated database that has its company."""
    folder = tmp_path_factory.mktemp("demo") / "var"
    folder.mkdir()
    subprocess.run(
        [
            sys.executable,
            "-c",
            "import django; django.setup()\n"
            "from django.core.management import call_command\n"
            "from django.utils.timezone import now\n"
            "from branches.models import Committee\n"
            "from portal.audit.services import record\n"
            "from portal.demo.build import BUILT\n"
            "call_command('migrate', verbosity=0)\n"
            f"city = Committee.objects.create(name={COMPANY!r}, full_name={COMPANY!r})\n"
            "record(code=BUILT, target=city, actor=None, now=now(), via='test')\n",
        ],
        env=clean_environment(
            DJANGO_SETTINGS_MODULE="portal.settings",
            PORTAL_ENV="demo",
            PORTAL_DATABASE_URL=f"sqlite:///{folder / 'portal.sqlite3'}",
        ),
        cwd=ROOT,
        check=True,
    )
    return folder


def demo_command(var: Path, port: int) -> list[str]:
    script = str(ROOT / "script" / "run_demo.py")
    return [sys.executable, script, "--var", str(var), "--port", str(port)]


@pytest.fixture(scope="module")
def demo(var: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Running, str]]:
    """One running demo for all tests that leave it running."""
    port = free_port()
    # What stands in a developer's environment must not reach the demo.
    environment = clean_environment(
        PORTAL_ENV="production", PORTAL_DATABASE_URL="postgres://nobody@127.0.0.1:1/nothing"
    )
    log = tmp_path_factory.mktemp("log") / "demo.log"
    with running(demo_command(var, port), log, environment) as started:
        started.until_it_says("Stop: Ctrl-C")
        yield started, f"http://localhost:{port}"


def companies(var: Path) -> list[str]:
    with closing(sqlite3.connect(var / "portal.sqlite3")) as database:
        return [name for (name,) in database.execute("SELECT name FROM branches_committee")]


def pids_of(demo: Running, words: str) -> list[int]:
    return [pid for pid in descendants(demo.process.pid) if words in command_line(pid)]


def test_it_works_and_says_who_may_sign_in(var: Path, demo: tuple[Running, str]) -> None:
    started, address = demo
    # Web answers; beat woke the sweep, the worker did it, the database has its heartbeat.
    until(lambda: ready(address), "ready")
    assert get(f"{address}/healthz") == (200, "ok\n")
    accounts = json.loads((var / "accounts.json").read_text(encoding="utf-8"))
    assert accounts["accounts"]
    assert accounts["password"] in started.output
    for account in accounts["accounts"]:
        assert len(account) == 4
        assert all(part in started.output for part in account)
    for name in ("valkey-server", "gunicorn", "celery -A portal worker", "celery -A portal beat"):
        assert pids_of(started, name), name


def test_a_management_command_finds_the_demo(var: Path, demo: tuple[Running, str]) -> None:
    started, _address = demo
    command = [str(ROOT / "script" / "manage"), "verify_chain"]
    done = subprocess.run(
        command, env=clean_environment(PORTAL_DEMO_VAR=str(var)), capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    nowhere = subprocess.run(
        command,
        env=clean_environment(PORTAL_DEMO_VAR=str(var / "nowhere")),
        capture_output=True,
        text=True,
    )
    assert (nowhere.returncode, "script/demo" in nowhere.stderr) == (1, True)
    assert started.process.poll() is None


@pytest.mark.parametrize("name", ["gunicorn", "celery -A portal worker", "valkey-server"])
def test_a_crashed_process_comes_back(demo: tuple[Running, str], name: str) -> None:
    started, address = demo
    until(lambda: ready(address), "ready")
    victims = pids_of(started, name)
    told = started.output.count("started again.")
    os.kill(min(victims), signal.SIGKILL)
    until(lambda: started.output.count("started again.") > told, "started again")
    until(lambda: ready(address), "ready after the crash")
    until(lambda: not alive(victims), "the old process and its children gone")
    assert "ended with code -9; starting it again in 1 s. Its log: " in started.output


def test_a_second_demo_and_a_busy_port_are_refused_in_a_sentence(
    var: Path, demo: tuple[Running, str], tmp_path: Path
) -> None:
    again = subprocess.run(
        demo_command(var, free_port()), capture_output=True, text=True, timeout=60
    )
    assert again.returncode == 1
    assert again.stderr == "This demo is running already. Stop it first, or use its address.\n"
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        busy = subprocess.run(
            demo_command(tmp_path / "elsewhere", port), capture_output=True, text=True, timeout=60
        )
    assert busy.returncode == 1
    assert busy.stderr.startswith(f"Port {port} cannot be used (Address already in use).")
    assert f"--port {port + 1}" in busy.stderr
    assert "Traceback" not in busy.stderr


def test_stopping_keeps_the_data_and_leaves_nobody_behind(var: Path, tmp_path: Path) -> None:
    own = tmp_path / "var"
    subprocess.run(["cp", "-r", str(var), str(own)], check=True)
    (own / "prepared").unlink(missing_ok=True)
    port = free_port()

    # Ctrl-C
    with running(demo_command(own, port), tmp_path / "1.log", clean_environment()) as first:
        first.until_it_says("Stop: Ctrl-C")
        assert "Preparing the database." in first.output
        assert "Building" not in first.output  # the company is there already
        family = descendants(first.process.pid)
        assert len(family) >= 6
        assert first.ask_to_stop(signal.SIGINT) == 0
        until(lambda: not alive(family), "all children gone")
        assert "Stopped. The data are kept." in first.output

    # The second start has nothing to prepare and finds the data. Then its supervisor is killed.
    with running(demo_command(own, port), tmp_path / "2.log", clean_environment()) as second:
        second.until_it_says("Stop: Ctrl-C")
        assert "Preparing" not in second.output
        assert companies(own) == [COMPANY]
        family = descendants(second.process.pid)
        assert len(family) >= 6
        second.process.kill()
        until(lambda: not alive(family), "all children gone")


def test_a_process_that_cannot_start_is_named_with_its_log(var: Path, tmp_path: Path) -> None:
    """The broker's data folder is a broken one: the start says which process and why."""
    broken = tmp_path / "var"
    subprocess.run(["cp", "-r", str(var), str(broken)], check=True)
    appendonly = broken / "broker" / "appendonlydir"
    subprocess.run(["rm", "-rf", str(appendonly)], check=True)
    appendonly.write_text("not a folder")
    done = subprocess.run(
        demo_command(broken, free_port()), capture_output=True, text=True, timeout=90
    )
    assert done.returncode == 1
    assert "broker ended with code 1" in done.stdout
    assert "appendonlydir" in done.stdout
