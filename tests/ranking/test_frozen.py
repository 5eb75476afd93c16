"""A published month, edited by any road: the database says no, on both databases."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest
from django.db import DatabaseError, connection, models, transaction

from evaluations.models import (
    BonusEntry,
    Deduction,
    Inspection,
    ItemCheck,
    MonthlyBulletin,
    MonthRound,
    NoticeEvent,
    RankingEntry,
    RankingRun,
    RoundEvent,
    RoundParticipant,
    VetoEvent,
)
from tests.cast import Cast
from tests.ranking.worked import Worked, publish

HISTORY = (RankingRun, RankingEntry, MonthlyBulletin, RoundEvent, NoticeEvent)
CONTENT = (RoundParticipant, Inspection, Deduction, ItemCheck, BonusEntry)
TOUCH: dict[type[models.Model], dict[str, Any]] = {
    RankingRun: {"reason": "改"},
    RankingEntry: {"rank": 1},
    MonthlyBulletin: {"highlights": "改"},
    RoundEvent: {"note": "改"},
    NoticeEvent: {"note": "改"},
    RoundParticipant: {"member_count": 1},
    Inspection: {"highlights": "改"},
    Deduction: {"fact": "改"},
    ItemCheck: {"state": ""},
    BonusEntry: {"fact": "改"},
}


def refused(work: Callable[[], object], words: str) -> None:
    with pytest.raises(DatabaseError, match=words), transaction.atomic():
        work()


def words_for(model: type[models.Model]) -> str:
    return "只能追加" if model in {RoundEvent, NoticeEvent} else "更正须另发修订"


def published_row(model: type[models.Model], failing: Worked) -> Any:
    publish(failing.round)
    return model._default_manager.order_by("pk")[0]


@pytest.mark.django_db
@pytest.mark.parametrize("model", [*HISTORY, *CONTENT])
def test_no_row_of_a_published_month_changes(model: type[models.Model], failing: Worked) -> None:
    row = published_row(model, failing)
    rows = model._default_manager.filter(pk=row.pk)
    refused(lambda: rows.update(**TOUCH[model]), words_for(model))


@pytest.mark.django_db
@pytest.mark.parametrize("model", [*HISTORY, *CONTENT])
def test_no_row_of_a_published_month_goes(model: type[models.Model], failing: Worked) -> None:
    row = published_row(model, failing)
    rows = model._default_manager.filter(pk=row.pk)
    refused(lambda: rows._raw_delete(rows.db), words_for(model))


@pytest.mark.django_db
@pytest.mark.parametrize("model", CONTENT)
def test_no_row_is_slipped_into_a_published_month(
    model: type[models.Model], failing: Worked
) -> None:
    row = published_row(model, failing)
    row.pk = None
    refused(lambda: row.save(force_insert=True), words_for(model))


@pytest.mark.django_db
def test_no_veto_and_no_entry_comes_late(cast: Cast, failing: Worked) -> None:
    run = publish(failing.round)
    participant = failing.participant_a
    veto = VetoEvent(
        participant=participant,
        rule=participant.rubric_version.veto_rules.all()[0],
        fact="事后",
        decided_by=cast.officer,
        decided_at=run.published_at,
    )
    refused(veto.save, "更正须另发修订")
    entry = run.entries.all()[0]
    entry.pk, entry.branch = None, cast.elsewhere  # breaks no other rule
    refused(lambda: entry.save(force_insert=True), "更正须另发修订")


@pytest.mark.django_db
@pytest.mark.parametrize(
    "change",
    [
        {"status": "provisional", "published_at": None},
        {"month": "2017-05-01"},
        {"published_at": "2017-07-06T00:00:00Z"},
    ],
)
def test_a_published_round_stays_published(change: dict[str, Any], worked: Worked) -> None:
    publish(worked.round)
    rounds = MonthRound.objects.filter(pk=worked.round.pk)
    refused(lambda: rounds.update(**change), "更正须另发修订")
    refused(lambda: rounds._raw_delete(rounds.db), "更正须另发修订")


@pytest.mark.django_db
def test_before_publication_everything_moves(worked: Worked) -> None:
    """The triggers look at the round's state, not at the table."""
    for model in CONTENT:
        row = model._default_manager.order_by("pk")[0]
        values = TOUCH[model]
        assert model._default_manager.filter(pk=row.pk).update(**values) == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("model", [MonthRound, Inspection, RankingEntry])
def test_triggers_outlive_a_changed_column(model: type[models.Model]) -> None:
    """SQLite makes a table anew to change a column; its triggers, and those of other tables that
    mention it, must still be there."""
    before = _triggers()
    assert len(before) > 40
    old = next(
        f for f in model._meta.local_fields if isinstance(f, models.CharField) and f.max_length
    )
    wider = copy.copy(old)
    wider.max_length = (old.max_length or 0) + 1
    for was, becomes in ((old, wider), (wider, old)):
        with connection.schema_editor() as editor:
            editor.alter_field(model, was, becomes)
        assert _triggers() == before


def _triggers() -> set[str]:
    catalogue = {
        "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger'",
        "postgresql": "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal",
    }[connection.vendor]
    with connection.cursor() as cursor:
        cursor.execute(catalogue)
        return {name for (name,) in cursor.fetchall()}
