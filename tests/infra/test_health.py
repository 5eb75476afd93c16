"""The two health addresses: process alive, and able to work."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine
from django.db import DatabaseError, connection
from django.test import Client

from portal.celery import app as celery_app
from portal.kernel.models import JobHeartbeat


def beat(now: dt.datetime, seconds_ago: int) -> None:
    then = now - dt.timedelta(seconds=seconds_ago)
    JobHeartbeat.objects.update_or_create(
        name="sweep", defaults={"started_at": then, "finished_at": then}
    )


@pytest.mark.django_db
def test_alive_without_sign_in_and_without_a_query(client: Client) -> None:
    with connection.execute_wrapper(_no_database):
        answer = client.get("/healthz")
    assert answer.status_code == 200
    assert answer.content == b"ok\n"
    assert client.post("/healthz").status_code == 405


@pytest.mark.django_db
@pytest.mark.parametrize(("seconds_ago", "status"), [(0, 200), (299, 200), (301, 503)])
def test_ready_while_the_sweep_is_fresh(
    client: Client, now: dt.datetime, seconds_ago: int, status: int
) -> None:
    beat(now, seconds_ago)
    with time_machine.travel(now, tick=False):
        answer = client.get("/readyz")
    assert answer.status_code == status, answer.content
    assert answer.json()["ready"] is (status == 200)
    assert ("sweep" in answer.json()["reasons"]) is (status == 503)
    assert answer["Cache-Control"].startswith("max-age=0")


@pytest.mark.django_db
def test_not_ready_before_the_first_sweep(client: Client) -> None:
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["reasons"] == {"sweep": "no sweep has finished yet"}


@pytest.mark.django_db
def test_each_trouble_is_named_and_tells_a_stranger_nothing(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(celery_app, "connection_for_write", _no_broker, raising=True)
    with connection.execute_wrapper(_no_database):
        answer = client.get("/readyz")
    assert answer.status_code == 503
    found = answer.json()
    assert set(found["checks"].values()) == {"bad"}
    assert found["reasons"]["broker"] == "broker does not answer (ConnectionError)"
    assert found["reasons"]["database"] == "database does not answer (DatabaseError)"
    assert "secret" not in answer.content.decode()


def _no_database(*args: object) -> None:
    raise DatabaseError("secret address")


def _no_broker(**kwargs: object) -> None:
    raise ConnectionError("secret address")
