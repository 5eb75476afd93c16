"""What the phone in the storm relies on: everything may be sent twice, nothing is overwritten."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
import time_machine
from django.test import Client

from servicecrew.models import Turnout, TurnoutEvent, TurnoutTime
from tests.cast import Cast
from tests.servicecrew.scene import Team, at

LIST = "/api/v1/turnouts/"


def send(client: Client, path: str, body: dict[str, Any], method: str = "POST") -> Any:
    return client.generic(method, path, _json(body), content_type="application/json")


def _json(body: dict[str, Any]) -> str:
    import json

    return json.dumps(body, default=str)


def opening(team: Team, **more: Any) -> dict[str, Any]:
    return {
        "uuid": str(uuid.uuid4()),
        "crew": team.squad.pk,
        "subject": "10kV梓溪线陈溪支线断线",
        "place": "桂阳乡",
        "area_kind": "rural",
        "times": [
            {"key": str(uuid.uuid4()), "mark": "ordered", "at": "2017-06-20T21:32:00+08:00"},
            {"key": str(uuid.uuid4()), "mark": "departed", "at": "2017-06-20T21:46:00+08:00"},
        ],
        "vehicles": [{"vehicle": team.van.pk}],
        **more,
    }


def press(mark: str, moment: str, **more: Any) -> dict[str, Any]:
    return {"key": str(uuid.uuid4()), "mark": mark, "at": f"2017-06-{moment}+08:00", **more}


@pytest.fixture
def phone(cast: Cast, team: Team, client: Client) -> Client:
    client.force_login(cast.captain)
    return client


def test_a_turnout_sent_twice_is_one(phone: Client, team: Team) -> None:
    body = opening(team)
    with time_machine.travel(at(20, 21, 47), tick=False):
        first, second = send(phone, LIST, body), send(phone, LIST, body)
    assert (first.status_code, second.status_code) == (201, 200), first.content.decode()
    assert first.json() == second.json()
    assert Turnout.objects.count() == 1
    assert len(first.json()["people"]) == 6, "the roster of the day is filled in"
    assert first.json()["version"] == 1


def test_three_buttons_make_the_night_of_zixi(phone: Client, team: Team) -> None:
    body = opening(team)
    path = f"{LIST}{body['uuid']}/"
    with time_machine.travel(at(21, 1, 18), tick=False):
        send(phone, LIST, body)
        for mark, moment in (("arrived", "20T22:41:00"), ("restored", "21T01:17:00")):
            pressing = press(mark, moment)
            answer = send(phone, f"{path}mark/", pressing)
            again = send(phone, f"{path}mark/", pressing)
            assert answer.status_code == 200, answer.content.decode()
            assert again.json() == answer.json(), "a queue played twice changes nothing"
    found = answer.json()
    assert found["response_minutes"] == 69
    assert found["is_in_time"] is True, "90 minutes are promised in the country"
    turnout = Turnout.objects.get()
    assert turnout.repair_minutes == 156
    assert turnout.whole_minutes == 225
    assert str(turnout.started_on) == "2017-06-20", "past midnight it is still the day it began"
    assert turnout.people.count() == 6, "and nobody counts twice for it"


def test_arrival_before_departure_is_said_in_words(phone: Client, team: Team) -> None:
    body = opening(team)
    with time_machine.travel(at(21, 1, 18), tick=False):
        send(phone, LIST, body)
        answer = send(phone, f"{LIST}{body['uuid']}/mark/", press("arrived", "20T21:30:00"))
    assert answer.status_code == 400
    assert answer.json()["detail"] == (
        "到场（6月20日 21:30）早于出发（6月20日 21:46）。过了零点的，请把日期改成第二天。"
    )
    assert answer.json()["field"] == "arrived"
    assert TurnoutTime.objects.filter(mark="arrived").count() == 0


def test_25_00_is_no_hour(phone: Client, team: Team) -> None:
    body = opening(team)
    with time_machine.travel(at(21, 1, 18), tick=False):
        send(phone, LIST, body)
        answer = send(phone, f"{LIST}{body['uuid']}/mark/", press("arrived", "20T25:00:00"))
    assert answer.status_code == 400
    assert "没有 24:00、25:00" in answer.content.decode()


def test_a_wrong_clock_is_noticed_and_taken_off(phone: Client, team: Team) -> None:
    """The phone is ten minutes fast; it says so by what it calls now when it sends."""
    body = opening(team)
    body["times"] = [
        press("departed", "20T21:56:00", sent_at="2017-06-20T22:10:00+08:00", device="小米")
    ]
    with time_machine.travel(at(20, 22, 0), tick=False):
        found = send(phone, LIST, body).json()
    assert found["departed_at"] == "2017-06-20T21:46:00+08:00"
    (time,) = found["times"]
    assert time["is_clock_off"] is True
    assert time["phone_at"] == "2017-06-20T21:56:00+08:00"
    assert time["offset_ms"] == 600_000


def test_measured_and_declared_are_kept_apart(phone: Client, team: Team) -> None:
    body = opening(team)
    path = f"{LIST}{body['uuid']}/"
    with time_machine.travel(at(21, 8), tick=False):
        send(phone, LIST, body)
        send(phone, f"{path}mark/", press("arrived", "20T22:50:00"))
        later = press("arrived", "20T22:41:00", is_measured=False, reason="到了才想起来按")
        answer = send(phone, f"{path}mark/", later)
    found = answer.json()
    assert found["arrived_at"] == "2017-06-20T22:41:00+08:00"
    both = [(t["at"][11:16], t["is_measured"]) for t in found["times"] if t["mark"] == "arrived"]
    assert both == [("22:41", False), ("22:50", True)]


def test_two_phones_press_and_the_first_press_counts(phone: Client, cast: Cast, team: Team) -> None:
    body = opening(team)
    path = f"{LIST}{body['uuid']}/"
    other = Client()
    other.force_login(team.member)
    with time_machine.travel(at(20, 23), tick=False):
        send(phone, LIST, body)
        send(other, f"{path}mark/", press("arrived", "20T22:43:00", device="队员手机"))
        answer = send(phone, f"{path}mark/", press("arrived", "20T22:41:00", device="队长手机"))
    assert answer.json()["arrived_at"] == "2017-06-20T22:41:00+08:00"
    assert len([t for t in answer.json()["times"] if t["mark"] == "arrived"]) == 2


def test_a_conflict_brings_both_versions(phone: Client, cast: Cast, team: Team) -> None:
    body = opening(team)
    path = f"{LIST}{body['uuid']}/"
    deputy = Client()
    deputy.force_login(cast.deputy_a)
    with time_machine.travel(at(20, 23), tick=False):
        send(phone, LIST, body)
        hers = send(deputy, path, {"version": 1, "place": "桂阳乡陈溪村"}, "PATCH")
        mine = send(phone, path, {"version": 1, "place": "桂阳乡政府"}, "PATCH")
    assert hers.status_code == 200, hers.content.decode()
    assert mine.status_code == 409
    said = mine.json()
    assert said["code"] == "conflict"
    assert said["current"]["place"] == "桂阳乡陈溪村"
    assert said["current"]["version"] == 2
    assert said["yours"] == {"place": "桂阳乡政府"}


def test_an_edit_with_a_key_may_be_sent_twice(phone: Client, team: Team) -> None:
    body = opening(team)
    path = f"{LIST}{body['uuid']}/"
    edit = {"version": 1, "customers_out": 312, "key": str(uuid.uuid4())}
    with time_machine.travel(at(20, 23), tick=False):
        send(phone, LIST, body)
        first, second = send(phone, path, edit, "PATCH"), send(phone, path, edit, "PATCH")
    assert first.json() == second.json()
    assert TurnoutEvent.objects.filter(step="edited").count() == 1


def test_from_draft_to_the_statistics(phone: Client, cast: Cast, team: Team) -> None:
    body = opening(team)
    path = f"{LIST}{body['uuid']}/"
    officer = Client()
    officer.force_login(cast.officer)
    with time_machine.travel(at(21, 8), tick=False):
        send(phone, LIST, body)
        send(phone, f"{path}mark/", press("arrived", "20T22:41:00"))
        send(phone, f"{path}mark/", press("restored", "21T01:17:00"))
        logged = send(phone, f"{path}log/", {"key": str(uuid.uuid4())})
        assert logged.json()["number"] == "海丝配〔2017〕1号"
        refused = send(phone, f"{path}confirm/", {})
        assert refused.status_code == 400
        assert refused.json()["detail"] == "还差工作票号，填好才能确认。"
        send(phone, path, {"version": logged.json()["version"], "work_ticket_no": "1"}, "PATCH")
        assert send(phone, f"{path}confirm/", {}).json()["status"] == "captain_confirmed"
        frozen = send(phone, path, {"version": 9, "place": "x"}, "PATCH")
        assert (frozen.status_code, frozen.json()["code"]) == (409, "frozen")
        assert send(phone, f"{path}verify/", {}).status_code == 403, "nobody verifies his own"
        assert send(officer, f"{path}verify/", {}).json()["status"] == "verified"
        back = send(officer, f"{path}reopen/", {"reason": "到场时间抄错"})
    assert back.json()["status"] == "logged"
    assert back.json()["number"] == "海丝配〔2017〕1号"


def test_strangers_find_nothing(cast: Cast, team: Team, phone: Client) -> None:
    body = opening(team)
    with time_machine.travel(at(20, 22), tick=False):
        send(phone, LIST, body)
        for user, status in (
            (cast.officer_elsewhere, 404),
            (cast.secretary_b, 404),
            (cast.employee, 404),
            (cast.sysadmin, 404),
            (cast.leader, 200),
            (cast.secretary_a, 200),
        ):
            client = Client()
            client.force_login(user)
            assert client.get(f"{LIST}{body['uuid']}/").status_code == status, user.username
            assert client.get(LIST).json()["count"] == (1 if status == 200 else 0)
        client.force_login(cast.secretary_a)
        assert (
            send(client, f"{LIST}{body['uuid']}/mark/", press("arrived", "20T21:50:00")).status_code
            == 403
        )


def test_the_roster_comes_along_before_the_network_goes(phone: Client, team: Team) -> None:
    with time_machine.travel(at(20, 20), tick=False):
        mine = phone.get("/api/v1/crews/mine/").json()
        roster = phone.get(f"/api/v1/crews/{team.squad.pk}/roster/").json()
    assert [crew["name"] for crew in mine] == ["配电运检分队"]
    assert [m["role"] for m in roster["members"]][:2] == ["captain", "deputy_captain"]
    assert {v["plate"] for v in roster["vehicles"]} == {"闽C00001", "闽C00002"}
    assert [o["name"] for o in roster["operations"]] == ["迎峰度夏2017"]
