"""The REST twin: one record with its details, registers, the due list; who may, and once only."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.test import Client

from branches.models import Activity, CommitteeTerm, DuesPayment, RecruitStep, Talk
from tests.branches.test_record_pages import signed
from tests.branches.test_records import save
from tests.cast import NOW, Cast


@pytest.fixture(autouse=True)
def june() -> Iterator[None]:
    """It is 27 June 2017, 10:00."""
    with time_machine.travel(NOW, tick=False):
        yield


def post(client: Client, path: str, body: dict[str, Any], method: str = "post") -> Any:
    send = getattr(client, method)
    return send(f"/api/v1/{path}", body, content_type="application/json")


def body_of(cast: Cast, **more: Any) -> dict[str, Any]:
    values = {
        "branch": cast.branch_a.pk,
        "duties": ["themed_day", "group_study"],
        "held_on": "2017-06-09",
        "starts_at": "15:00",
        "place": "三楼",
        "subject": "学规矩",
        "chair": cast.person(cast.secretary_a).pk,
        "recorder": cast.person(cast.deputy_a).pk,
        "agenda": "一、学习",
        "study_hours": "2",
        "absences": [
            {"person": cast.members(cast.branch_a)[5].pk, "kind": "leave", "reason": "值班"}
        ],
        "follow_ups": [{"text": "挂牌", "due_on": "2017-06-30"}],
        "sessions": [{"held_on": "2017-06-12", "place": "值班室"}],
    }
    return values | more


def test_a_record_with_its_details_is_written_once(cast: Cast) -> None:
    client = signed(cast.secretary_a)
    body = body_of(cast, client_key=str(uuid4()))
    first = post(client, "activities/", body)
    again = post(client, "activities/", body)
    assert (first.status_code, again.status_code) == (201, 200)
    assert Activity.objects.count() == 1
    answer = client.get(f"/api/v1/activities/{first.json()['id']}/").json()
    assert answer["present_count"] == 11
    assert answer["follow_ups"] == [{"text": "挂牌", "person": None, "due_on": "2017-06-30"}]
    assert answer["sessions"][0]["place"] == "值班室"
    assert answer["days_to_write"] == 18


def test_a_record_is_changed_at_its_version(cast: Cast) -> None:
    activity = save(cast)
    client = signed(cast.secretary_a)
    path = f"activities/{activity.pk}/"
    assert post(client, path, body_of(cast, version=1), "put").status_code == 200
    late = post(client, path, body_of(cast, version=1), "put")
    assert (late.status_code, late.json()["code"]) == (409, "conflict")


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"held_on": "2017-07-01"}, 400),
        ({"held_on": "2017-05-01"}, 400),
        ({"chair": 2**40}, 400),
        ({"duties": ["heart_talks"]}, 400),
        ({"starts_at": "25:00"}, 400),
        ({"branch": 2**40}, 404),
    ],
)
def test_what_can_not_be_is_refused(cast: Cast, change: dict[str, Any], status: int) -> None:
    answer = post(signed(cast.secretary_a), "activities/", body_of(cast, **change))
    assert answer.status_code == status
    assert not Activity.objects.exists()


def test_others_write_nothing(cast: Cast) -> None:
    for user in (cast.secretary_b, cast.officer, cast.employee):
        assert post(signed(user), "activities/", body_of(cast)).status_code == 403
    assert not Activity.objects.exists()


def test_registers_are_written_and_taken_back(cast: Cast) -> None:
    client, branch = signed(cast.secretary_a), cast.branch_a.pk
    people = [p.pk for p in cast.members(cast.branch_a)]
    talks = post(
        client,
        "talks/",
        {
            "branch": branch,
            "held_on": "2017-06-08",
            "speaker": people[0],
            "listeners": [people[4], people[5], people[5]],
            "points": "夜班的困难",
        },
    )
    assert (talks.status_code, len(talks.json())) == (201, 2)
    key = talks.json()[0]["id"]
    assert post(client, f"talks/{key}/take-back/", {}).status_code == 400
    assert post(client, f"talks/{key}/take-back/", {"reason": "写错"}).status_code == 204
    assert Talk.objects.count() == 1
    term = post(client, "terms/", {"branch": branch, "elected_on": "2016-03-08"})
    assert term.json()["ends_on"] == "2019-03-08"
    step = {
        "branch": branch,
        "person": cast.person(cast.employee).pk,
        "step": 1,
        "done_on": "2016-05-01",
    }
    assert post(client, "recruit-steps/", step).status_code == 201
    assert post(client, "recruit-steps/", step).status_code == 400
    dues: dict[str, Any] = {
        "branch": branch,
        "month": "2017-06",
        "paid_on": "2017-06-08",
        "lines": [{"person": people[0], "amount": "45"}],
    }
    assert post(client, "dues/", dues).json() == {"changed": 1}
    assert post(client, "dues/", dues).json() == {"changed": 0}
    twice = dues | {"lines": dues["lines"] * 2}
    assert post(client, "dues/", twice).status_code == 400
    assert (CommitteeTerm.objects.count(), RecruitStep.objects.count()) == (1, 1)
    assert DuesPayment.objects.count() == 1
    stranger = signed(cast.secretary_b)
    for path in ("talks", "terms", "recruit-steps", "dues"):
        assert stranger.get(f"/api/v1/{path}/").json()["count"] == 0
        assert signed(cast.officer).get(f"/api/v1/{path}/").json()["count"] == 1


def test_the_due_list_says_what_the_board_says(cast: Cast) -> None:
    save(cast)
    rows = signed(cast.officer).get("/api/v1/duties/?month=2017-06").json()
    mine = next(row for row in rows if row["branch"] == cast.branch_a.pk)
    assert (mine["due"], mine["done"]) == (11, 2)
    cell = next(cell for cell in mine["cells"] if cell["duty"] == "themed_day")
    assert (cell["state"], cell["item_code"], cell["done_on"]) == ("done", "B4", "2017-06-09")
    assert "《支部工作条例》" in cell["basis"]
    assert signed(cast.officer).get("/api/v1/duties/?month=六月").status_code == 400
    assert signed(cast.employee).get("/api/v1/duties/").status_code == 403


def test_hours_bill_and_calculator(cast: Cast) -> None:
    save(cast, duties=("group_study",), study_hours=2, held_on=dt.date(2017, 6, 9))
    client = signed(cast.secretary_a)
    hours = client.get(f"/api/v1/branches/{cast.branch_a.pk}/study-hours/").json()
    assert {row["hours"] for row in hours} == {"2.00"}
    address = f"/api/v1/branches/{cast.branch_a.pk}/study-hours/"
    assert signed(cast.secretary_b).get(address).status_code == 403
    assert client.get("/api/v1/burden/?month=2017-06").json()["asked"] == 9
    due = post(client, "dues-calculator/", {"base": "5000.01"})
    assert due.json() == {"due": "75.00"}
    assert "no-store" in due["Cache-Control"]
