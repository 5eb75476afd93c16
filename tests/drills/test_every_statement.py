"""Die at every statement of publish-and-deliver, one after the other, then run again.

Each death is a real one: a forked process that ends without a word between two statements.
"""

from __future__ import annotations

import os
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper
from pytest_django import Settings

from evaluations.models import Deduction, RankingEntry, RankingRun
from evaluations.services.publish import publish_round, republish_round
from evaluations.services.sweep import sweep_rounds
from portal.notifications.services import LEASE, deliver_due
from tests.drills.harness import NOW, Scene, message_ids
from tests.ranking.worked import uphold_later

pytestmark = pytest.mark.drill

FINISHED, DIED, BROKE = 0, 9, 3


class Guillotine:
    """Counts what is sent to the database, and the moments before and after each COMMIT; ends
    the process at number ``at``."""

    def __init__(self, at: int) -> None:
        self.left = at

    def __call__(
        self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any
    ) -> Any:
        self.count()
        return execute(sql, params, many, context)

    def count(self) -> None:
        self.left -= 1
        if self.left == 0:
            os._exit(DIED)


def death(at: int, work: Callable[[], None]) -> bool:
    """Let ``work`` die at statement ``at`` in a process of its own; False when it had fewer and
    came to its end."""
    connection.close()
    if child := os.fork():
        _pid, status = os.waitpid(child, 0)
        code = os.waitstatus_to_exitcode(status)
        assert code in {FINISHED, DIED}, f"the process broke at statement {at}: exit code {code}"
        return code == DIED
    guillotine = Guillotine(at)
    commit = BaseDatabaseWrapper.__dict__["_commit"]

    def counted_commit(self: BaseDatabaseWrapper) -> None:
        guillotine.count()
        commit(self)
        guillotine.count()

    try:
        with (
            connection.execute_wrapper(guillotine),
            mock.patch.object(BaseDatabaseWrapper, "_commit", counted_commit),
        ):
            work()
    except BaseException:
        traceback.print_exc()
        os._exit(BROKE)
    os._exit(FINISHED)


@pytest.fixture
def letters(tmp_path: Path, settings: Settings) -> Callable[[], list[str]]:
    """Mails go to files, which outlive the process; the Message-IDs of all that left."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH = str(tmp_path)

    def collect() -> list[str]:
        found = message_ids(tmp_path)
        for file in tmp_path.iterdir():
            file.unlink()
        return found

    return collect


def publish_and_deliver() -> None:
    sweep_rounds(now=NOW)
    deliver_due(now=NOW)


def test_publish_and_deliver_survives_death_at_every_statement(
    scene: Scene, letters: Callable[[], list[str]]
) -> None:
    at, states = 1, set()
    while death(at, publish_and_deliver):
        states.add(scene.round.status)
        scene.settle()
        publish_and_deliver()
        deliver_due(now=NOW + LEASE)  # SQLite: a dead deliverer's claim holds for a while
        scene.assert_whole()
        scene.assert_delivered()
        left = letters()
        assert len(set(left)) == scene.mailed, "a mail was lost"
        assert len(left) <= scene.mailed + 1, "more than the one in hand was doubled"
        button = publish_round(
            round_id=scene.round_id, actor=scene.cast.officer, now=NOW, via="web"
        )
        assert button.already
        scene.rewind()
        at += 1
    assert at > 35, "the drill saw too few statements to be believed"
    assert states == {"provisional", "published"}


def test_a_correction_survives_death_at_every_statement(scene: Scene) -> None:
    """The second revision is there whole or not at all; the first never changes."""
    first = publish_round(round_id=scene.round_id, actor=None, now=NOW, via="sweep").run
    entries = list(RankingEntry.objects.filter(run=first).order_by("pk").values())
    uphold_later(
        Deduction.objects.get(inspection__round_id=scene.round_id, item__code="D1"),
        1,
        scene.cast.officer,
    )

    def correct() -> None:
        republish_round(round_id=scene.round_id, reason="更正", actor=scene.cast.officer, now=NOW)

    at, seen = 1, set()
    while True:
        died = death(at, correct)
        assert list(RankingEntry.objects.filter(run=first).order_by("pk").values()) == entries
        state = (
            RankingRun.objects.filter(round_id=scene.round_id).count(),
            first.notices.get().status,
        )
        assert state in {(1, "draft"), (2, "withdrawn")}
        seen.add(state)
        if not died or state == (2, "withdrawn"):
            break
        at += 1
    assert at > 25
    assert seen == {(1, "draft"), (2, "withdrawn")}
    correct()
    assert RankingRun.objects.filter(round_id=scene.round_id).count() == 2
