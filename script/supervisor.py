"""Starts the demo's processes in order, keeps them running, stops them in reverse.

The broker first, then web, worker and beat together. Every process is told to die with the
supervisor, so nothing is left behind even when it is killed. Standard library only.
"""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

PR_SET_PDEATHSIG = 1
START_SECONDS = 120
STOP_SECONDS = 20
STEADY_SECONDS = 60  # after this long without a crash the patience starts anew
LONGEST_PAUSE = 30


class StartFailed(Exception):
    """A process did not become ready; the text says which and shows the end of its log."""


class StopRequested(Exception):
    """Ctrl-C or SIGTERM."""


def _die_with_supervisor() -> None:
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def say(text: str) -> None:
    print(text, flush=True)


@dataclass
class Child:
    """One process: how to start it and how to see that it is ready."""

    name: str
    command: Sequence[str | Path]
    ready: Callable[[], bool]
    log: Path
    environment: Mapping[str, str]
    folder: Path
    before: Callable[[], None] = lambda: None
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    crashes: int = 0
    next_start: float = 0.0

    def start(self) -> None:
        self._clear_away()
        self.before()
        with self.log.open("ab") as out:
            self.process = subprocess.Popen(
                [str(part) for part in self.command],
                env=dict(self.environment),
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                start_new_session=True,  # Ctrl-C is for the supervisor alone
                preexec_fn=_die_with_supervisor,
            )
        self.started = time.monotonic()

    def _clear_away(self) -> None:
        """What a crashed process left behind (a pool's children) must not stand in the way."""
        if self.process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)

    @property
    def ended(self) -> int | None:
        return self.process.poll() if self.process else None

    def log_end(self) -> str:
        text = self.log.read_text(encoding="utf-8", errors="replace") if self.log.exists() else ""
        return "\n".join(text.splitlines()[-15:])

    def stop(self) -> None:
        if self.process is None or self.process.poll() is not None:
            return
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            say(f"{self.name} did not stop within {STOP_SECONDS} seconds and was killed.")
            self.kill()

    def kill(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self._clear_away()
            self.process.wait()


@dataclass
class Supervisor:
    """Stages of children: each stage starts together and must be ready before the next."""

    stages: Sequence[Sequence[Child]]
    stop_asked: bool = field(default=False, init=False)

    @property
    def children(self) -> list[Child]:
        return [child for stage in self.stages for child in stage]

    def listen_to_signals(self) -> None:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._on_signal)

    def _on_signal(self, number: int, frame: object) -> None:
        if self.stop_asked:  # a second Ctrl-C: no more patience
            for child in reversed(self.children):
                child.kill()
            sys.exit(130)
        self.stop_asked = True
        raise StopRequested

    def start(self) -> None:
        for stage in self.stages:
            for child in stage:
                child.start()
            for child in stage:
                self._wait(child)

    def _wait(self, child: Child) -> None:
        deadline = time.monotonic() + START_SECONDS
        while not child.ready():
            if child.ended is not None:
                raise StartFailed(f"{child.name} ended with code {child.ended}:\n{child.log_end()}")
            if time.monotonic() > deadline:
                raise StartFailed(
                    f"{child.name} was not ready after {START_SECONDS} seconds:\n{child.log_end()}"
                )
            time.sleep(0.05)

    def watch(self) -> None:
        """Until a signal comes: start again what crashed, with growing pauses, and say so."""
        while True:
            now = time.monotonic()
            for child in self.children:
                if child.ended is None:
                    if child.crashes and now - child.started > STEADY_SECONDS:
                        child.crashes = 0
                elif not child.next_start:
                    child.crashes += 1
                    pause = min(2 ** (child.crashes - 1), LONGEST_PAUSE)
                    child.next_start = now + pause
                    say(
                        f"{child.name} ended with code {child.ended}; starting it again in "
                        f"{pause} s. Its log: {child.log}"
                    )
                elif now >= child.next_start:
                    child.next_start = 0.0
                    child.start()
                    say(f"{child.name} started again.")
            time.sleep(0.2)

    def stop(self) -> None:
        for child in reversed(self.children):
            child.stop()


def answers_http(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=2) as answer:  # noqa: S310 - own address
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False
