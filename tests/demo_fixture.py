"""The demo company for tests: built once per run and database, put back before each test.

``demo_company`` is for journeys and pages that want a year of history: the company of the
documentation on 2017-06-27, as ``manage.py build_demo --today 2017-06-27`` builds it. Tests
that ask for it are transactional (a live server may look at it) and share one xdist worker.
"""

from __future__ import annotations

import datetime as dt
import io
import sqlite3
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.apps import apps
from django.core.management import call_command
from django.core.management.color import no_style
from django.db import connection, models, transaction

from branches.models import Branch, Committee
from evaluations.models import MonthRound
from portal.accounts.models import User
from portal.demo.build import Built, build_demo
from portal.kernel.months import SHANGHAI, Month
from tests.cast import KEPT_APPS, Rows, _develop

TODAY = dt.date(2017, 6, 27)


@dataclass
class DemoCompany:
    """What a journey asks of it. Everything is read fresh from the database."""

    built: Built
    today: dt.date = TODAY
    now: dt.datetime = dt.datetime(2017, 6, 27, 10, 0, tzinfo=SHANGHAI)
    month: Month = field(default=Month(2017, 6))

    def user(self, username: str) -> User:
        return User.objects.get(username=username)

    def branch(self, name: str) -> Branch:
        return Branch.objects.get(name=name)

    @property
    def city(self) -> Committee:
        return Committee.objects.get(parent__isnull=True)

    @property
    def round(self) -> MonthRound:
        """The round in hand."""
        return MonthRound.objects.get(committee=self.city, month=self.month.first_day)


# -- keeping a whole database --------------------------------------------------------------


def demo_tables() -> list[type[models.Model]]:
    return [model for app in KEPT_APPS for model in apps.get_app_config(app).get_models()]


class Snapshot:
    """Every row of the database as it is now, to be put back later in well under a second."""

    def __init__(self) -> None:
        self.kept: Any = self._page_by_page() if connection.vendor == "sqlite" else self._copied()

    def put_back(self) -> None:
        """Make the database what it was. Call it outside of any transaction."""
        connection.ensure_connection()
        if connection.vendor == "sqlite":
            self.kept.backup(connection.connection)
        else:
            self._copy_back()

    @staticmethod
    def _page_by_page() -> sqlite3.Connection:
        memory = sqlite3.connect(":memory:", check_same_thread=False)
        connection.ensure_connection()
        connection.connection.backup(memory)
        return memory

    @staticmethod
    def _copied() -> dict[str, bytes]:
        found = {}
        with connection.cursor() as cursor:
            for model in demo_tables():
                buffer = io.BytesIO()
                cursor.cursor.copy_expert(f'COPY "{model._meta.db_table}" TO STDOUT', buffer)
                found[model._meta.db_table] = buffer.getvalue()
        return found

    def _copy_back(self) -> None:
        """Tables in any order: foreign keys are checked at the end. Triggers that freeze
        published months step aside meanwhile."""
        with transaction.atomic(), connection.cursor() as cursor:
            names = ", ".join(f'"{table}"' for table in self.kept)
            cursor.execute(f"TRUNCATE {names} CASCADE")
            for table, rows in self.kept.items():
                cursor.execute(f'ALTER TABLE "{table}" DISABLE TRIGGER USER')
                cursor.cursor.copy_expert(f'COPY "{table}" FROM STDIN', io.BytesIO(rows))
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            for table in self.kept:
                cursor.execute(f'ALTER TABLE "{table}" ENABLE TRIGGER USER')
            for sql in connection.ops.sequence_reset_sql(no_style(), demo_tables()):
                cursor.execute(sql)


def empty_database(reference_rows: Rows) -> None:
    """As after migrating: only the reference rows, keys from the beginning."""
    call_command("flush", verbosity=0, interactive=False)
    _develop(reference_rows)


@pytest.fixture(scope="session")
def demo_snapshot(
    reference_rows: Rows, django_db_setup: None, django_db_blocker: Any
) -> tuple[Snapshot, Built]:
    """The demo, built once; the database is empty again afterwards."""
    with django_db_blocker.unblock():
        empty_database(reference_rows)
        built = build_demo(today=TODAY)
        snapshot = Snapshot()
        empty_database(reference_rows)
    return snapshot, built


@pytest.fixture
def demo_company(
    demo_snapshot: tuple[Snapshot, Built], transactional_db: None, clock: Any
) -> DemoCompany:
    """The demo company on the morning of 2017-06-27; the clock stands at 10:00 that day."""
    snapshot, built = demo_snapshot
    snapshot.put_back()
    return DemoCompany(built)


__all__ = ("DemoCompany", "demo_company", "demo_snapshot")
