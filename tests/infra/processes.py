"""Real processes for tests: start them, wait for a condition, leave none behind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

ROOT = Path(__file__).resolve().parent.parent.parent
PATIENCE_SECONDS = 240  # a machine with much else to do

Found = TypeVar("Found")


def until(question: Callable[[], Found], what: str) -> Found:
    """Ask until the answer is true; its value. A time-out is a failure that says ``what``."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not (answer := question()):
        assert time.monotonic() < deadline, f"not within {PATIENCE_SECONDS} seconds: {what}"
        time.sleep(0.1)
    return answer


def clean_environment(**more: str) -> dict[str, str]:
    """This process's environment without anything of the portal's or the tests' own."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("PORTAL_", "DJANGO_"))}
    return {**kept, "PYTHONUNBUFFERED": "1", **more}


class Running:
    """A started process with its output in a file."""

    def __init__(self, command: list[str], log: Path, environment: Mapping[str, str]) -> None:
        self.log = log
        with log.open("wb") as out:
            self.process = subprocess.Popen(
                command,
                cwd=ROOT,
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                start_new_session=True,
            )

    @property
    def output(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace")

    def says(self, words: str) -> bool:
        assert self.process.poll() is None or words in self.output, self.output
        return words in self.output

    def until_it_says(self, words: str) -> None:
        until(lambda: self.says(words), f"{words!r} in:\n{self.output}")

    def ask_to_stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        self.process.send_signal(how)
        return self.process.wait(PATIENCE_SECONDS)


@contextmanager
def running(command: list[str], log: Path, environment: Mapping[str, str]) -> Iterator[Running]:
    started = Running(command, log, environment)
    try:
        yield started
    finally:
        family = [started.process.pid, *descendants(started.process.pid)]
        for pid in family:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        started.process.wait(PATIENCE_SECONDS)


def _parents() -> dict[int, tuple[int, str]]:
    """pid -> (pid of the parent, state) of every process."""
    found = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            _, _, rest = stat.read_text(errors="replace").rpartition(")")
        except OSError:
            continue
        state, parent = rest.split()[:2]
        found[int(stat.parent.name)] = (int(parent), state)
    return found


def descendants(pid: int) -> list[int]:
    parents = _parents()
    family, new = [], [pid]
    while new:
        new = [child for child, (parent, _) in parents.items() if parent in new]
        family += new
    return family


def alive(pids: list[int]) -> list[int]:
    """Those that still run; a zombie nobody collected does not."""
    states = _parents()
    return [pid for pid in pids if pid in states and states[pid][1] != "Z"]


def command_line(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    except OSError:
        return ""


class _KeepRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *args: object, **kwargs: object) -> None:
        return None


def get(address: str, **headers: str) -> tuple[int, str]:
    """Status and body, or (0, reason) while nobody answers. Redirects are not followed."""
    question = urllib.request.Request(  # noqa: S310 - own address
        address, headers={name.replace("_", "-"): value for name, value in headers.items()}
    )
    try:
        with urllib.request.build_opener(_KeepRedirects).open(question, timeout=10) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()
    except OSError as error:
        return 0, str(error)


def ready(address: str, **headers: str) -> bool:
    status, body = get(f"{address}/readyz", **headers)
    return status == 200 and bool(json.loads(body)["ready"])
