"""What goes wrong in a storm: a clear sentence, nothing lost, nothing counted twice."""

from __future__ import annotations

import datetime as dt
import io
import uuid
from typing import Any

import openpyxl
import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from servicecrew.counting import Scope, totals
from servicecrew.models import Turnout, TurnoutEvent, TurnoutPerson, TurnoutTime, TurnoutVehicle
from servicecrew.services import steps
from servicecrew.services.turnout_rows import VehicleDay
from servicecrew.services.turnouts import edit_turnout
from servicecrew.tallies import recount
from servicecrew.workbook import OPTIONAL, REQUIRED
from tests.cast import Cast
from tests.servicecrew.scene import Team, at, declared, pressed, turnout_of


@pytest.fixture
def captain(cast: Cast, team: Team, client: Client) -> Any:
    client.force_login(cast.captain)
    with time_machine.travel(at(21, 8), tick=False):
        yield client


def text(answer: Any) -> str:
    body: str = answer.content.decode()
    return body


def test_a_vehicle_in_two_turnouts_is_named(captain: Client, team: Team, cast: Cast) -> None:
    van = [VehicleDay(team.van.pk)]
    turnout_of(
        team, cast.captain, people=[], vehicles=van, values={"subject": "第一处", "place": "甲"}
    )
    other = turnout_of(
        team, cast.captain, vehicles=van, values={"subject": "第二处", "place": "乙"}
    )
    sentence = "闽C00001 这段时间在另一次出队“第一处”（6月20日 21:46 出发），一辆车不能同时在两处。"
    assert sentence in text(captain.get(reverse("servicecrew:turnout", args=[other.uuid])))
    refused = captain.post(reverse("servicecrew:turnout-log", args=[other.uuid]))
    assert refused.status_code == 400
    assert sentence in text(refused)
    assert TurnoutVehicle.objects.count() == 2, "the storm's record is not thrown away"
    other.refresh_from_db()
    edit_turnout(
        turnout_id=other.pk,
        values={},
        version=other.version,
        vehicles=[VehicleDay(team.crane.pk)],
        actor=cast.captain,
        now=at(21, 8),
    )
    logged = captain.post(reverse("servicecrew:turnout-log", args=[other.uuid]))
    assert logged.status_code == 302


def test_one_after_the_other_on_one_day_is_fine(captain: Client, team: Team, cast: Cast) -> None:
    first = turnout_of(team, cast.captain, vehicles=[VehicleDay(team.van.pk)])
    steps.mark_turnout(
        turnout_id=first.pk,
        statements=[declared("arrived", at(20, 22)), declared("restored", at(20, 22, 30))],
        actor=cast.captain,
        now=at(21, 8),
    )
    second = turnout_of(
        team,
        cast.captain,
        values={"subject": "第二处", "place": "乙"},
        vehicles=[VehicleDay(team.van.pk)],
        times=[pressed("departed", at(20, 22, 40))],
        now=at(20, 22, 40),
    )
    assert captain.post(reverse("servicecrew:turnout-log", args=[second.uuid])).status_code == 302


def test_a_queue_played_twice_changes_nothing(captain: Client, team: Team, cast: Cast) -> None:
    """A night out of a phone's queue, sent again from beginning to end: with the same keys, and by
    an old phone that knows no keys for its requests."""
    turnout, log, confirm = (str(uuid.uuid4()) for _n in range(3))

    def moment(mark: str, when: str) -> dict[str, Any]:
        return {"key": str(uuid.uuid4()), "mark": mark, "at": f"2017-06-{when}:00+08:00"}

    mark = f"/api/v1/turnouts/{turnout}/mark/"
    opened = {
        "uuid": turnout,
        "crew": team.squad.pk,
        "subject": "10kV梓溪线陈溪支线断线",
        "place": "桂阳乡",
        "work_ticket_no": "P-1",
        "vehicles": [{"vehicle": team.van.pk}],
        "times": [moment("ordered", "20T21:32"), moment("departed", "20T21:46")],
    }
    queue: list[tuple[str, dict[str, Any]]] = [
        ("/api/v1/turnouts/", opened),
        (mark, moment("arrived", "20T22:41")),
        (mark, moment("restored", "21T01:17")),
        (f"/api/v1/turnouts/{turnout}/log/", {"key": log}),
        (f"/api/v1/turnouts/{turnout}/confirm/", {"key": confirm}),
    ]
    keys = [str(uuid.uuid4()) for _operation in queue]

    def play(with_keys: bool) -> list[tuple[int, Any]]:
        answers = []
        for (path, body), key in zip(queue, keys, strict=True):
            headers = {"Idempotency-Key": key} if with_keys else {}
            answer = captain.post(path, body, content_type="application/json", headers=headers)
            assert answer.status_code in {200, 201}, text(answer)
            answers.append((answer.status_code, answer.json()))
        return answers

    def stock() -> tuple[int, ...]:
        return (
            Turnout.objects.count(),
            TurnoutTime.objects.count(),
            TurnoutPerson.objects.count(),
            TurnoutVehicle.objects.count(),
            TurnoutEvent.objects.count(),
            totals(Scope(is_verified=None)).person_times,
        )

    first = play(with_keys=True)
    before = stock()
    assert before[:4] == (1, 4, 6, 1)
    assert play(with_keys=True) == first, "the same answers, word for word"
    play(with_keys=False)
    assert stock() == before
    assert recount() == 0


def test_a_sheet_of_paper_typed_badly(captain: Client, team: Team, cast: Cast) -> None:
    """Merged cells, 25:00, an arrival before the departure, a van in two places: the good rows come
    in once, the bad ones are named with their row and stay in the file."""
    names = [m.person.name for m in team.squad.members.select_related("person").order_by("pk")]
    book = openpyxl.Workbook()
    sheet: Any = book.active
    sheet.append([*REQUIRED, *OPTIONAL])

    def row(**cells: Any) -> None:
        sheet.append([cells.get(title) for title in (*REQUIRED, *OPTIONAL)])

    common = {"类别": "抢修", "区县": "德化县", "地点": "桂阳乡"}
    row(
        服务队="配电运检分队",
        出队日期=dt.date(2017, 6, 19),
        事由="雷击断线",
        出发="20:10",
        到场="20:40",
        复电="22:00",
        人员=names[0],
        车辆="闽C00001",
        **common,
    )
    row(事由="倒杆", 出发="20:30", 人员=names[1], 车辆="闽C00001", **common)
    row(事由="跳闸", 出发="25:00", 人员=names[2], **common)
    row(事由="测温", 出发="08:00", 到场="07:30", 人员=names[3], **common)
    sheet.merge_cells("A2:A5")
    sheet.merge_cells("B2:B5")
    file = io.BytesIO()
    book.save(file)
    upload = SimpleUploadedFile("六月.xlsx", file.getvalue())
    preview = captain.post(reverse("servicecrew:import"), {"file": upload}, follow=True)
    page = text(preview)
    assert "没有“25:00”这个时刻" in page
    assert "07:30 早于前一个时间 08:00；如果是第二天，请连日期一起写" in page
    assert "2 行可以导入，2 行要改" in page
    for _press in range(2):
        assert captain.post(preview.request["PATH_INFO"]).status_code == 302
    assert set(Turnout.objects.values_list("subject", "county", "started_on")) == {
        ("雷击断线", "德化", dt.date(2017, 6, 19)),
        ("倒杆", "德化", dt.date(2017, 6, 19)),
    }
    assert totals(Scope(is_verified=None)).person_times == 2
    second = Turnout.objects.get(subject="倒杆")
    shown = text(captain.get(reverse("servicecrew:turnout", args=[second.uuid])))
    assert "一辆车不能同时在两处" in shown


@pytest.mark.parametrize("when", ["0001-01-01T00:00", "9999-12-31T23:59", "25:00"])
def test_a_time_that_no_record_can_hold_is_refused_in_words(
    captain: Client, team: Team, cast: Cast, when: str
) -> None:
    turnout = turnout_of(team, cast.captain)
    address = reverse("servicecrew:turnout-times", args=[turnout.uuid])
    form = captain.get(address).context["form"]
    typed = dict.fromkeys((form.add_prefix(name) for name in form.fields), when)
    answer = captain.post(address, typed)
    assert answer.status_code == 400
    assert "过了零点用第二天的日期" in text(answer)
    press = reverse("servicecrew:press", args=[turnout.uuid, "arrived"])
    sent = {"key": str(uuid.uuid4()), "at": when, "sent_at": when}
    assert captain.post(press, sent).status_code < 500
