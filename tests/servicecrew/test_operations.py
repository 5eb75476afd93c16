"""An operation from its opening to its report: counties, outages, teams, pictures, the tired."""

from __future__ import annotations

import io
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client
from django.urls import reverse
from PIL import Image

from portal.attachments.models import Attachment
from servicecrew.models import Crew, Operation, OperationTeam, Turnout
from servicecrew.selectors.operations import _legend
from servicecrew.services import steps
from servicecrew.tallies import recount
from tests.cast import Cast
from tests.servicecrew.scene import Team, at, declared, pressed, turnout_of

pytestmark = pytest.mark.usefixtures("clock")


def signed_in(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def text(answer: Any) -> str:
    body: str = answer.content.decode()
    return body


@pytest.fixture
def officer(cast: Cast, client: Client) -> Client:
    client.force_login(cast.officer)
    return client


def test_a_typhoon_is_prepared_reported_and_drawn(officer: Client, cast: Cast, team: Team) -> None:
    made: Any = officer.post(
        reverse("servicecrew:operation-create"),
        {
            "committee": cast.city.pk,
            "name": "抗击台风“纳沙”",
            "kind": "typhoon",
            "started_on": "2017-06-26",
            "landfall_at": "2017-06-26T21:00",
        },
    )
    assert made.status_code == 302
    typhoon = Operation.objects.get(name="抗击台风“纳沙”")
    assert "填影响户数" in text(officer.get(made.url))
    counties = reverse("servicecrew:operation-counties", args=[typhoon.pk])
    assert officer.post(counties, {"德化": "4000", "永春": "6000"}).status_code == 302
    outages = reverse("servicecrew:operation-outages", args=[typhoon.pk])
    too_many = officer.post(
        outages,
        {"reported_at": "2017-06-26T20:00", "source": "配网调度", "德化": "4001", "永春": "0"},
    )
    assert "多于影响的4000户" in text(too_many)
    for hour, out in (("20", "4000"), ("22", "1500")):
        form = {"reported_at": f"2017-06-26T{hour}:00", "source": "配网调度", "永春": "0"}
        assert officer.post(outages, form | {"德化": out}).status_code == 302
    fewer = officer.post(counties, {"德化": "3999", "永春": "6000"})
    assert "时报里有过4000户停电" in text(fewer)
    page = text(officer.get(made.url))
    assert "1,500 户" in page
    assert "26日 21 时登陆" in page
    teams = reverse("servicecrew:operation-team", args=[typhoon.pk])
    placed = {"place": "桂阳供电所", "placed_at": "2017-06-26T08:00", "crew": team.squad.pk}
    for people in ("6", "8"):
        assert officer.post(teams, placed | {"people": people, "vehicles": "2"}).status_code == 302
    assert OperationTeam.objects.get().people == 8, "said again it is replaced"
    assert "8 人 2 车" in text(officer.get(made.url))
    assert officer.post(teams, placed | {"people": "0", "vehicles": "0"}).status_code == 302
    assert not OperationTeam.objects.exists()


def test_hours_and_lines_stand_on_the_page_of_a_typhoon(
    officer: Client, cast: Cast, team: Team
) -> None:
    typhoon = Operation.objects.create(
        committee=cast.city, name="抗击台风“纳沙”", kind="typhoon", started_on=at(20, 8).date()
    )
    counties = reverse("servicecrew:operation-counties", args=[typhoon.pk])
    assert officer.post(counties, {"德化": "4000"}).status_code == 302
    values = {"subject": "断线", "place": "桂阳乡", "operation_id": typhoon.pk}
    turnout = turnout_of(
        team, cast.captain, values={**values, "lines_restored": 2, "customers_restored": 312}
    )
    steps.mark_turnout(
        turnout_id=turnout.pk,
        statements=[declared("arrived", at(20, 22)), declared("restored", at(21, 1, 46))],
        actor=cast.captain,
        now=at(21, 2),
    )
    steps.log_turnout(turnout_id=turnout.pk, actor=cast.captain, now=at(21, 2))
    page = text(officer.get(reverse("servicecrew:operation", args=[typhoon.pk])))
    assert "恢复线路 2 条次，各次出队复电 312 户次" in page
    assert "合计在外 24 小时" in page or "合计在外 4 小时" in page


def test_a_crew_is_founded(officer: Client, cast: Cast, team: Team) -> None:
    path = reverse("servicecrew:crew-new")
    form = {
        "committee": cast.city.pk,
        "name": "德化第三分队",
        "level": "squad",
        "parent": team.corps.pk,
        "county": "德化",
        "serial_code": "海丝德三",
        "founded_on": "2017-06-01",
    }
    assert officer.post(path, form).status_code == 302
    crew = Crew.objects.get(name="德化第三分队")
    assert crew.parent == team.corps
    again = officer.post(path, form)
    assert "已有同名服务队" in text(again)
    assert signed_in(cast.captain).get(path).status_code == 403


def test_what_was_counted_on_paper_comes_in_once(officer: Client, cast: Cast, team: Team) -> None:
    path = reverse("servicecrew:opening-new")
    form = {
        "crew": team.squad.pk,
        "service_kind": "repair",
        "counted_on": "2016-07-31",
        "turnouts": "12",
        "person_times": "168",
        "vehicle_times": "54",
        "basis": "2016年7月纸质台账",
    }
    assert officer.post(path, form).status_code == 302
    assert "不重复计" in text(officer.post(path, form))
    page = text(officer.get(reverse("servicecrew:figures")))
    assert "168 人次，54 台次，12 次出队" in page
    assert "其中期初数" in page
    assert "2016年7月纸质台账" in page
    assert signed_in(cast.captain).get(path).status_code == 403


def photo(colour: str = "red") -> SimpleUploadedFile:
    file = io.BytesIO()
    Image.new("RGB", (800, 600), colour).save(file, "JPEG")
    return SimpleUploadedFile("抢修现场.jpg", file.getvalue(), "image/jpeg")


def test_pictures_of_a_turnout_are_optional_and_kept_once(cast: Cast, team: Team) -> None:
    turnout = turnout_of(team, cast.captain)
    member = signed_in(team.member)
    path = reverse("servicecrew:turnout-photos", args=[turnout.uuid])
    assert "请" in text(member.post(path)), "without a file the field says so"
    svg = SimpleUploadedFile("图.svg", b"<svg/>", "image/svg+xml")
    assert "图.svg" in text(member.post(path, {"photos": svg}))
    for _press in range(2):
        assert member.post(path, {"photos": photo()}).status_code == 302
    (kept,) = Attachment.objects.of(turnout)
    page = text(member.get(reverse("servicecrew:turnout", args=[turnout.uuid])))
    assert "照片 1 张" in page
    assert "加了 1 张照片" in page
    address = reverse("attachments:file", args=[kept.pk])
    assert member.get(address).status_code == 200
    assert signed_in(cast.secretary_b).get(address).status_code == 404
    assert signed_in(cast.leader).post(path, {"photos": photo("blue")}).status_code == 403
    twin = f"/api/v1/turnouts/{turnout.uuid}/photos/"
    assert [row["url"] for row in member.post(twin, {"photos": photo()}).json()] == [address]
    refused = member.post(twin, {"photos": SimpleUploadedFile("图.svg", b"<svg/>")})
    assert (refused.status_code, "图.svg" in text(refused)) == (400, True)
    assert signed_in(cast.leader).post(twin, {"photos": photo("blue")}).status_code == 403
    remove = reverse("servicecrew:turnout-photo-remove", args=[turnout.uuid, kept.pk])
    for _press in range(2):
        assert member.post(remove).status_code == 302
    assert not Attachment.objects.of(turnout).exists()
    notes = [event.note for event in turnout.events.filter(step="photos")]
    assert notes == ["加了 1 张照片", "去掉了 1 张照片"]


def test_pictures_of_an_operation(officer: Client, cast: Cast, team: Team) -> None:
    path = reverse("servicecrew:operation-photos", args=[team.summer.pk])
    assert officer.post(path, {"photos": [photo(), photo("blue")]}).status_code == 302
    assert "照片 2 张" in text(officer.get(reverse("servicecrew:operation", args=[team.summer.pk])))
    assert signed_in(cast.employee).get(path).status_code == 403
    captain = signed_in(cast.captain)
    assert captain.post(path, {"photos": photo("green")}).status_code == 302
    theirs, _also, own = Attachment.objects.of(team.summer)

    def remove(row: Attachment) -> str:
        return reverse("servicecrew:operation-photo-remove", args=[team.summer.pk, row.pk])

    page = text(captain.get(reverse("servicecrew:operation", args=[team.summer.pk])))
    assert (remove(own) in page, remove(theirs) in page) == (True, False)
    assert captain.post(remove(theirs)).status_code == 403
    assert captain.post(remove(own)).status_code == 302
    assert officer.post(remove(theirs)).status_code == 302
    assert Attachment.objects.of(team.summer).count() == 1


def test_the_tired_stand_beside_the_praise(cast: Cast, team: Team) -> None:
    """More than twelve hours out: the captain, the turnout's page and the operation say so; a
    colleague without a crew does not read names."""
    turnout = turnout_of(
        team, cast.captain, values={"subject": "抢险", "operation_id": team.summer.pk}
    )
    steps.mark_turnout(
        turnout_id=turnout.pk,
        statements=[declared("arrived", at(20, 22)), declared("restored", at(21, 11))],
        actor=cast.captain,
        now=at(21, 12),
    )
    steps.log_turnout(turnout_id=turnout.pk, actor=cast.captain, now=at(21, 12))
    name = turnout.people.select_related("person")[0].person.name
    words = f"{name} 24 小时内在外 13.2 小时"
    with time_machine.travel(at(21, 13), tick=False):
        captain = signed_in(cast.captain)
        assert words in text(captain.get(reverse("servicecrew:home")))
        page = text(captain.get(reverse("servicecrew:turnout", args=[turnout.uuid])))
        assert "辛苦了，也该歇了" in page
        operation = reverse("servicecrew:operation", args=[team.summer.pk])
        assert words in text(signed_in(cast.officer).get(operation))
        assert "24 小时内在外" not in text(signed_in(cast.employee).get(operation))


def test_a_chosen_county_opens_its_townships(officer: Client, cast: Cast, team: Team) -> None:
    for township in ("桂阳乡", "桂阳乡", ""):
        turnout = turnout_of(
            team,
            cast.captain,
            people=[],
            values={
                "subject": "断线",
                "county": "市区",
                "township": township,
                "customers_restored": 100,
                "operation_id": team.summer.pk,
            },
        )
        Turnout.objects.filter(pk=turnout.pk).update(status="logged")
    recounted()
    page = officer.get(reverse("servicecrew:operation", args=[team.summer.pk]), {"county": "市区"})
    lines = page.context["page"].townships
    found = [(line.name, line.turnouts, line.customers_restored) for line in lines]
    assert found == [("桂阳乡", 2, 200), ("", 1, 100)]
    assert "没有写乡镇" in text(page)
    assert officer.get(lines[0].url).context["ledger"].page.paginator.count == 2


def recounted() -> None:
    with transaction.atomic():
        recount()


def test_a_county_is_one_county_however_it_is_written(cast: Cast, team: Team) -> None:
    for county in ("德化县", "德化", "丰泽区", "福州"):
        turnout_of(team, cast.captain, values={"subject": "断线", "county": county})
    found = Turnout.objects.order_by("pk").values_list("county", flat=True)
    assert list(found) == ["德化", "德化", "市区", "福州"]


def test_operations_and_figures_over_the_api(officer: Client, cast: Cast, team: Team) -> None:
    def send(path: str, method: str = "post", **body: Any) -> Any:
        return getattr(officer, method)(f"/api/v1/{path}", body, content_type="application/json")

    made = send(
        "operations/",
        committee=cast.city.pk,
        name="抗击台风",
        kind="typhoon",
        started_on="2017-06-20",
    )
    assert made.status_code == 201, text(made)
    key = made.json()["id"]
    assert send(f"operations/{key}/counties/", counties={"德化": 4000}).status_code == 200
    strange = send(f"operations/{key}/counties/", counties={"海底": 1})
    assert (strange.status_code, "没有这个区县" in text(strange)) == (400, True)
    late = send(
        f"operations/{key}/outages/",
        reported_at="2017-06-20T25:00:00+08:00",
        counties={"德化": {"customers_out": 1}},
    )
    assert (late.status_code, "25:00" in text(late)) == (400, True)
    report = send(
        f"operations/{key}/outages/",
        reported_at="2017-06-20T23:00:00+08:00",
        counties={"德化": {"customers_out": 312}},
    ).json()
    assert (report["customers_affected"], report["customers_out"]) == (4000, 312)
    assert len(report["counties"]) == 10
    event = send(
        f"operations/{key}/events/",
        happened_at="2017-06-20T22:00:00+08:00",
        text="登陆",
        who="",
        is_key=True,
    )
    assert event.json()["events"][0]["text"] == "登陆"
    turnout = turnout_of(
        team,
        cast.captain,
        values={"subject": "断线", "place": "桂阳", "work_ticket_no": "P-1", "operation_id": key},
        times=[
            pressed("departed", at(20, 21, 46)),
            pressed("arrived", at(20, 22, 41)),
            pressed("restored", at(21, 1, 17)),
        ],
        now=at(21, 2),
    )
    steps.log_turnout(turnout_id=turnout.pk, actor=cast.captain, now=at(21, 2))
    page = officer.get(f"/api/v1/operations/{key}/").json()
    assert (page["total"]["person_times"], page["verified"]["person_times"]) == (6, 0)
    assert sum(line["figures"]["person_times"] for line in page["crews"]) == 6
    wrong = send(f"operations/{key}/", "patch", version=9, ended_on="2017-06-22")
    assert (wrong.status_code, wrong.json()["code"]) == (409, "conflict")
    closed = send(f"operations/{key}/", "patch", version=1, ended_on="2017-06-22")
    assert closed.json()["ended_on"] == "2017-06-22"
    figures = officer.get("/api/v1/figures/", {"basis": "logged", "operation": key, "by": "county"})
    body = figures.json()
    assert body["total"]["person_times"] == 6
    assert [(part["label"], part["figures"]["person_times"]) for part in body["parts"]] == [
        ("市区", 6)
    ]
    assert [row["label"] for row in body["rows"]] == ["断线"]
    opening: dict[str, Any] = {
        "crew": team.squad.pk,
        "counted_on": "2016-12-31",
        "service_kind": "repair",
        "person_times": 20,
        "basis": "纸质台账",
    }
    assert send("opening-balances/", **opening).status_code == 201
    assert officer.get("/api/v1/figures/").json()["opening"]["person_times"] == 20
    captain = signed_in(cast.captain)
    denied = captain.post("/api/v1/opening-balances/", opening, content_type="application/json")
    assert denied.status_code == 403
    board = officer.get("/api/v1/board-135/").json()
    assert (board["squads"], len(board["mechanisms"]), len(board["programmes"])) == (3, 3, 5)
    employee = signed_in(cast.employee)
    assert employee.get("/api/v1/board-135/").status_code == 403
    public = employee.get("/api/v1/board-135/", {"public": "1"}).json()
    assert public["owed"] == []


def test_the_first_entry_is_current_on_the_captains_page(cast: Cast, team: Team) -> None:
    def current(user: Any, route: str) -> str:
        page = text(signed_in(user).get(reverse(route)))
        side = page[page.index('class="side"') : page.index("</nav>")]
        assert side.count('aria-current="page"') == 1
        return side[side.index('aria-current="page"') :].split("<span>")[1].split("</span>")[0]

    assert current(cast.captain, "servicecrew:home") == "首页", "his home lies there"
    assert current(cast.captain, "servicecrew:turnouts") == "出队记录"
    assert current(team.member, "servicecrew:home") == "出队", "a member's home is another page"
    assert current(cast.deputy_a, "servicecrew:home") == "出队", "a secretary's too"
    assert current(cast.deputy_a, "servicecrew:turnouts") == "出队"


def test_no_share_of_customers_is_in_two_steps_of_the_legend() -> None:
    assert _legend(has_out=True) == ["待复 5% 以内", "6% 到 12%", "13% 到 19%", "20% 及以上"]
