"""What every drill asks afterwards: is the month whole? Nothing lost, nothing doubled.

``scene`` is a June that is due to be published and has everything in it: five sheets, a notice to
draft, secretaries to tell, an office to mail.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.db import connection, models

from evaluations import chain
from evaluations.models import (
    MonthRound,
    NoticeEvent,
    NoticeProblem,
    RankingEntry,
    RankingRun,
    RectificationNotice,
    RoundEvent,
)
from portal.accounts.models import User
from portal.audit.models import AuditEntry
from portal.kernel.months import SHANGHAI
from portal.notifications.models import InboxMessage, OutboxMessage
from tests.cast import Cast
from tests.ranking.worked import Worked

NOW = dt.datetime(2017, 7, 5, 9, 0, tzinfo=SHANGHAI)


@dataclass
class Scene:
    """A month to publish, and what it must come to."""

    round_id: int
    cast: Cast
    participants: int
    told: int
    mailed: int
    floor: dict[type[models.Model], int]

    @property
    def round(self) -> MonthRound:
        return MonthRound.objects.get(pk=self.round_id)

    # -- the two states a month may be in; there is no third ------------------------------

    def is_untouched(self) -> bool:
        return self.round.status == "provisional"

    def assert_untouched(self) -> None:
        """Nothing of a publication is there."""
        assert self.round.published_at is None
        for model, last in self.floor.items():
            assert not model._default_manager.filter(pk__gt=last).exists(), model

    def assert_whole(self) -> None:
        """Everything of one publication is there, once."""
        round_ = self.round
        assert round_.status == "published"
        run = RankingRun.objects.get(round=round_)
        assert run.entry_count == self.participants
        assert RankingEntry.objects.filter(run=run).count() == self.participants
        assert RankingEntry.objects.filter(pk__gt=self.floor[RankingEntry]).count() == (
            self.participants
        )
        assert chain.digest_of(run) == run.digest
        assert run.bulletin.created_at == run.published_at
        notice = RectificationNotice.objects.get(run=run)
        assert [p.item.code for p in notice.problems.all()] == ["D1"]
        assert [e.step for e in notice.events.all()] == ["draft"]
        assert NoticeProblem.objects.count() == NoticeEvent.objects.count() == 1
        assert RoundEvent.objects.filter(round=round_, step="publish").count() == 1
        assert AuditEntry.objects.filter(code="round.published").count() == 1
        assert self._inbox().count() == self.told
        assert self._outbox().count() == self.mailed
        assert all(not link.problem for link in chain.verify())

    def is_delivered(self) -> bool:
        return set(self._outbox().values_list("status", flat=True)) == {"sent"}

    def assert_delivered(self) -> None:
        """Every mail has left, none is waiting or dead."""
        assert self.is_delivered()

    def settle(self) -> None:
        """Whatever a death left behind: untouched or whole."""
        if self.is_untouched():
            self.assert_untouched()
        else:
            self.assert_whole()

    def _inbox(self) -> Any:
        return InboxMessage.objects.filter(key__startswith=f"published:{self.round_id}:1:")

    def _outbox(self) -> Any:
        return OutboxMessage.objects.filter(key__startswith=f"published:{self.round_id}:1:")

    # -- back to the start ------------------------------------------------------------------

    def rewind(self) -> None:
        """Take the publication back, as no service and no trigger would allow."""
        with triggers_aside(), connection.cursor() as cursor:
            for model, last in self.floor.items():
                table = model._meta.db_table
                cursor.execute(f"DELETE FROM {table} WHERE id > %s", [last])  # noqa: S608
            cursor.execute(
                "UPDATE evaluations_monthround SET status = 'provisional', published_at = NULL "
                "WHERE id = %s",
                [self.round_id],
            )


def message_ids(folder: Path) -> list[str]:
    """The Message-ID of every mail in a folder of the file backend."""
    found: list[str] = []
    for file in sorted(folder.iterdir()) if folder.is_dir() else []:
        found += re.findall(r"^Message-ID: (.*)$", file.read_text("utf-8"), re.MULTILINE)
    return found


# Children before parents: rewind deletes in this order.
WRITTEN = (
    "evaluations.NoticeProblem",
    "evaluations.NoticeEvent",
    "evaluations.IssuedPaper",
    "evaluations.RectificationNotice",
    "evaluations.MonthlyBulletin",
    "evaluations.CorrectedScore",
    "evaluations.TeamSeverity",
    "evaluations.RunCalibration",
    "evaluations.RankingEntry",
    "evaluations.RankingRun",
    "evaluations.RoundEvent",
    "audit.AuditEntry",
    "notifications.InboxMessage",
    "notifications.OutboxMessage",
)


@contextmanager
def triggers_aside() -> Iterator[None]:
    """Let the drill itself do what the database forbids everybody."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET session_replication_role = replica")
            try:
                yield
            finally:
                cursor.execute("SET session_replication_role = origin")
            return
        cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
        triggers = cursor.fetchall()
        for name, _sql in triggers:
            cursor.execute(f'DROP TRIGGER "{name}"')
        try:
            yield
        finally:
            for _name, sql in triggers:
                cursor.execute(sql)


@pytest.fixture
def scene(transactional_db: None, cast: Cast, failing: Worked) -> Scene:
    for user in (cast.officer, cast.leader):
        User.objects.filter(pk=user.pk).update(email=f"{user.username}@example.org")
    found = Scene(
        round_id=failing.round.pk,
        cast=cast,
        participants=failing.round.participants.count(),
        told=0,
        mailed=2,
        floor={
            model: model._default_manager.aggregate(last=models.Max("pk"))["last"] or 0
            for model in map(apps.get_model, WRITTEN)
        },
    )
    # Every branch's secretary, branch A's deputy, the officer and the committee's secretary.
    found.told = found.participants + 1 + 2
    return found


__all__ = ("scene",)
