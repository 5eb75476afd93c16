"""Building: the same again from the same seed, only on an empty database, by command too."""

from __future__ import annotations

import datetime as dt
import json
import os
import shutil
import subprocess
import sys
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db.models import DateTimeField

from branches.models import Branch, Committee
from evaluations.models import Inspection, IssuedPaper, MonthRound
from portal.accounts.models import User
from portal.demo import build
from portal.demo.build import Built, Stage, build_demo, month_in_hand, planned, stage, steps
from portal.kernel.errors import DomainError
from portal.kernel.months import SHANGHAI, Month
from servicecrew.models import Turnout
from tests.cast import Rows
from tests.demo_fixture import demo_tables, empty_database

pytestmark = pytest.mark.xdist_group("demo")
ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.fixture
def empty(reference_rows: Rows, transactional_db: None) -> Rows:
    empty_database(reference_rows)
    return reference_rows


def table_digest() -> str:
    """SHA-256 over every row, in order, without what is random on purpose."""
    digest = sha256()
    for model in demo_tables():
        for row in model._default_manager.order_by("pk").values():
            row.pop("password", None)
            row.pop("revision", None)
            if model is IssuedPaper:
                row.pop("code")
            digest.update(json.dumps(row, default=str, sort_keys=True).encode())
    return digest.hexdigest()


def small(**more: Any) -> Built:
    return build_demo(**{"today": dt.date(2017, 6, 27), "organisations": 8, "months": 2, **more})


def test_same_seed_same_rows(empty: Rows) -> None:
    built = small()
    assert built.organisations == Branch.objects.count() == 8
    first = table_digest()
    empty_database(empty)
    assert small() == built
    assert table_digest() == first
    empty_database(empty)
    small(seed=7)
    assert table_digest() != first


def test_who_starts_it_at_night_finds_nothing_that_is_still_to_come(empty: Rows) -> None:
    night = dt.datetime(2017, 6, 27, 0, 3, tzinfo=SHANGHAI)
    build_demo(today=night.date(), now=night, months=2)
    moments = [
        (model, field.attname)
        for model in demo_tables()
        for field in model._meta.concrete_fields
        if isinstance(field, DateTimeField)
    ]
    late = [
        f"{model.__name__}.{name}"
        for model, name in moments
        if model._default_manager.filter(**{f"{name}__gt": night}).exists()
    ]
    assert not late
    assert Inspection.objects.filter(status="under_way", started_at__lte=night).exists()
    assert Turnout.objects.filter(departed_at__gt=night - dt.timedelta(hours=2)).exists()


@pytest.mark.parametrize(
    ("today", "hand", "opened"),
    [
        (dt.date(2017, 6, 27), Month(2017, 6), True),
        (dt.date(2017, 6, 20), Month(2017, 6), True),
        (dt.date(2017, 6, 9), Month(2017, 5), True),
        (dt.date(2017, 10, 2), Month(2017, 9), False),  # a holiday before the first working day
        (dt.date(2017, 12, 31), Month(2017, 12), True),  # a Sunday
        (dt.date(2018, 2, 20), Month(2018, 2), True),  # spring festival
    ],
)
def test_today_lies_in_the_window_on_any_day(
    empty: Rows, today: dt.date, hand: Month, opened: bool
) -> None:
    assert month_in_hand(today) == hand
    small(today=today, months=1, organisations=5)
    round_ = MonthRound.objects.get(month=hand.first_day)
    assert round_.status == "inspecting"
    assert round_.window_starts_on <= today <= round_.window_ends_on
    assert round_.inspections.done().exists()
    assert MonthRound.objects.filter(month=Month.of(today).first_day).exists() is opened


def test_only_on_an_empty_database(empty: Rows) -> None:
    User.objects.create(username="somebody", display_name="某人")
    with pytest.raises(DomainError, match="空库"):
        small()
    with pytest.raises(CommandError, match="空库") as refused:
        call_command("build_demo", verbosity=0)
    assert refused.value.returncode == 1
    assert not Committee.objects.exists()


def test_a_build_that_died_midway_is_not_taken_for_a_company(
    empty: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert stage() == Stage.EMPTY
    with monkeypatch.context() as patched:

        def die(*args: object, **more: object) -> None:
            raise KeyboardInterrupt

        patched.setattr(build, "_settle", die)
        with pytest.raises(KeyboardInterrupt):
            small(organisations=5, months=1)
    assert Committee.objects.exists()
    assert stage() == Stage.HALF_BUILT
    empty_database(empty)
    small(organisations=5, months=1)
    assert stage() == Stage.BUILT


@pytest.mark.parametrize("months", [0, 37])
def test_months_within_reason(empty: Rows, months: int) -> None:
    with pytest.raises(DomainError, match="1到36"):
        small(months=months)
    assert not Committee.objects.exists()


def test_steps_are_what_is_reported(empty: Rows) -> None:
    reported: list[int] = []
    small(advance=reported.append)
    plan = planned(seed=2017, organisations=8)
    assert sum(reported) == steps(plan, today=dt.date(2017, 6, 27), months=2)


def test_the_command_from_a_shell(tmp_path: Path) -> None:
    """Two processes that hash differently build the same; a second build is refused."""
    digests = []
    database = tmp_path / "empty.sqlite3"
    run(database, "1", "migrate", "-v0")
    for hashing in ("1", "2"):
        copy = tmp_path / f"{hashing}.sqlite3"
        shutil.copy(database, copy)
        arguments = ("--organisations", "5", "--months", "1", "--today", "2017-06-27")
        done = run(copy, hashing, "build_demo", *arguments)
        assert "建好了：5个组织" in done.stdout
        script = "from tests.demo.test_build import table_digest; print(table_digest())"
        digests.append(run(copy, hashing, "shell", "-v0", "-c", script).stdout.strip())
        again = run(copy, hashing, "build_demo", *arguments, check=False)
        assert again.returncode == 1
        assert "空库" in again.stderr
    assert digests[0] == digests[1]
    assert len(digests[0]) == 64


def test_the_command_explains_itself() -> None:
    text = run(Path("unused.sqlite3"), "1", "build_demo", "--help").stdout
    for option in ("--organisations", "--seed", "--months", "--today"):
        assert option in text
    assert "退出码为1" in text


def run(
    database: Path, hashing: str, *arguments: str, check: bool = True
) -> subprocess.CompletedProcess[str]:
    environment = {
        **os.environ,
        "PORTAL_ENV": "test",
        "PORTAL_DATABASE_URL": f"sqlite:///{database}",
        "PORTAL_BROKER_URL": "memory://",
        "DJANGO_SETTINGS_MODULE": "portal.settings",
        "PYTHONHASHSEED": hashing,
        "PYTHONPATH": str(ROOT),
    }
    return subprocess.run(
        [sys.executable, str(ROOT / "manage.py"), *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=check,
        timeout=600,
    )
