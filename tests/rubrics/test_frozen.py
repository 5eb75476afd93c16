"""A version that a round has opened with does not change: not by service, not by SQL."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal

import pytest
from django.db import DatabaseError, connection, transaction
from django.db.models import Model

from evaluations.models import (
    Band,
    BonusRule,
    DeductionRule,
    RubricItem,
    RubricSection,
    RubricVersion,
    VetoRule,
)
from evaluations.services.rounds import open_round, set_policy
from evaluations.services.rubric_drafts import remove_item
from evaluations.services.rubrics import content_of, draft_version
from evaluations.services.sheet_state import rubric_content
from portal.kernel.errors import Frozen
from tests.cast import Cast
from tests.rubrics.conftest import JANUARY, JULY, NOW

pytestmark = pytest.mark.django_db

TABLES: dict[type[Model], str] = {
    RubricSection: "version_id",
    RubricItem: "version_id",
    BonusRule: "version_id",
    VetoRule: "version_id",
    Band: "version_id",
    DeductionRule: "item__version_id",
}


@pytest.fixture
def frozen(cast: Cast, first: RubricVersion) -> RubricVersion:
    """The production rubric after the June round opened with it."""
    set_policy(committee=cast.city, first_month=JANUARY, values={}, actor=None, now=NOW)
    open_round(committee=cast.city, month=cast.month, actor=cast.officer, now=NOW)
    first.refresh_from_db()
    assert first.frozen_at == NOW
    return first


@contextmanager
def refused() -> Iterator[None]:
    with pytest.raises(DatabaseError, match="细则已用于月度考评"), transaction.atomic():
        yield


def row_of(model: type[Model], version: RubricVersion) -> Model:
    row = model._default_manager.filter(**{TABLES[model]: version.pk}).order_by("pk").first()
    assert row is not None
    return row


def run(sql: str, *values: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)


@pytest.mark.parametrize("model", TABLES)
def test_rows_can_not_be_changed_or_deleted(frozen: RubricVersion, model: type[Model]) -> None:
    row = row_of(model, frozen)
    table = model._meta.db_table
    column = "points" if model is DeductionRule else "version_id"
    before = content_of(frozen)
    with refused():
        run(f"UPDATE {table} SET {column} = {column} WHERE id = %s", row.pk)  # noqa: S608
    with refused():
        run(f"DELETE FROM {table} WHERE id = %s", row.pk)  # noqa: S608
    with refused():
        model._default_manager.filter(pk=row.pk).update(**{model._meta.pk.name: row.pk})
    assert content_of(frozen) == before


@pytest.mark.parametrize("model", TABLES)
def test_rows_can_not_be_added(frozen: RubricVersion, model: type[Model]) -> None:
    row = row_of(model, frozen)
    row.pk = None
    row._state.adding = True
    for field, value in {
        "code": "Z9",
        "name": "另一个",
        "number": 99,
        "floor": Decimal(42),
    }.items():
        if hasattr(row, field):
            setattr(row, field, value)
    with refused():
        row.save()


@pytest.mark.parametrize("model", TABLES)
def test_rows_of_a_draft_can_not_be_moved_into_it(
    cast: Cast, frozen: RubricVersion, model: type[Model]
) -> None:
    version = draft_version(rubric=frozen.rubric, first_month=JULY, actor=cast.officer, now=NOW)
    row = row_of(model, version)
    if model is DeductionRule:
        target = {"item_id": row_of(RubricItem, frozen).pk, "number": 99}
    else:
        target = {"version_id": frozen.pk}
    with refused():
        model._default_manager.filter(pk=row.pk).update(**target)


@pytest.mark.parametrize(
    "change",
    [
        {"first_month": JULY.first_day},
        {"status": "draft"},
        {"number": 9},
        {"bonus_cap": Decimal(9)},
        {"not_due_policy": "scale"},
        {"frozen_at": None},
    ],
)
def test_the_version_itself_stands(frozen: RubricVersion, change: dict[str, object]) -> None:
    with refused():
        RubricVersion.objects.filter(pk=frozen.pk).update(**change)
    with refused():
        run("DELETE FROM evaluations_rubricversion WHERE id = %s", frozen.pk)


def test_a_draft_beside_it_is_free(cast: Cast, frozen: RubricVersion) -> None:
    version = draft_version(rubric=frozen.rubric, first_month=JULY, actor=cast.officer, now=NOW)
    for model in TABLES:
        row = row_of(model, version)
        model._default_manager.filter(pk=row.pk).update(**{model._meta.pk.name: row.pk})
    version.delete()
    assert not RubricSection.objects.filter(version_id=version.pk).exists()


def test_the_service_refuses_first_and_kindly(cast: Cast, frozen: RubricVersion) -> None:
    services: list[Callable[[], object]] = [
        lambda: remove_item(version_id=frozen.pk, code="A1", seen="", actor=cast.officer, now=NOW),
    ]
    for service in services:
        with pytest.raises(Frozen, match="要改请新起一版，从下个月起生效"):
            service()


def test_every_guard_is_there() -> None:
    """A later migration that makes one of these tables anew must not lose its guard."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        else:
            cursor.execute("SELECT DISTINCT trigger_name FROM information_schema.triggers")
        names = {name for (name,) in cursor.fetchall()}
    wanted = {
        f"frozen_{model._meta.model_name}_{verb}"
        for model in TABLES
        for verb in ("insert", "update", "delete")
    }
    assert wanted | {"frozen_rubricversion_update", "frozen_rubricversion_delete"} <= names


def test_a_freeze_that_was_taken_back_leaves_nothing_behind(
    cast: Cast, first: RubricVersion
) -> None:
    """The round could not be opened, the draft was worded anew, then the round was opened."""
    set_policy(committee=cast.city, first_month=JANUARY, values={}, actor=None, now=NOW)

    def opened(now: dt.datetime) -> list[str]:
        open_round(committee=cast.city, month=cast.month, actor=cast.officer, now=now)
        first.refresh_from_db()
        return [item.name for item in rubric_content(first)]

    with transaction.atomic():
        names = opened(NOW)
        transaction.set_rollback(True)
    first.refresh_from_db()
    assert first.frozen_at is None
    item = RubricItem.objects.filter(version=first, name=names[0]).get()
    RubricItem.objects.filter(pk=item.pk).update(name="改过的项目")
    assert opened(NOW + dt.timedelta(minutes=5)) == ["改过的项目", *names[1:]]
