"""What the pages of a crew and of an operation write, another program can write as well: the
same services, the same people."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models import QuerySet
from django.test import Client
from django.urls import reverse
from PIL import Image

from branches.models import Person
from portal.attachments.models import Attachment
from portal.audit.models import AuditEntry
from portal.kernel.errors import DomainError
from servicecrew.models import Crew, CrewMember, Turnout, Vehicle
from servicecrew.services import crews, steps
from servicecrew.services.turnout_rows import VehicleDay
from tests.cast import TODAY, Cast
from tests.servicecrew.scene import Team, at, turnout_of

CREWS = "/api/v1/crews/"


def signed_in(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def send(client: Client, path: str, body: dict[str, Any], method: str = "POST") -> Any:
    with time_machine.travel(at(26, 9), tick=False):
        return client.generic(method, path, json.dumps(body), content_type="application/json")


def picture(colour: str = "red") -> SimpleUploadedFile:
    room = io.BytesIO()
    Image.new("RGB", (40, 30), colour).save(room, "JPEG")
    return SimpleUploadedFile("现场.jpg", room.getvalue(), "image/jpeg")


def founding(cast: Cast, **more: Any) -> dict[str, Any]:
    return {
        "committee": cast.city.pk,
        "name": "洛江第二分队",
        "county": "洛江",
        "serial_code": "海丝洛",
        **more,
    }


def test_an_officer_founds_a_crew_under_the_corps(cast: Cast, team: Team) -> None:
    officer = signed_in(cast.officer)
    made = send(officer, CREWS, founding(cast, parent=team.corps.pk, founded_on="2017-06-26"))
    assert made.status_code == 201, made.content.decode()
    assert made.json()["parent"] == team.corps.pk
    again = send(officer, CREWS, founding(cast))
    assert (again.status_code, again.json()["field"]) == (409, "name") or (
        again.status_code,
        again.json()["field"],
    ) == (400, "name")
    assert Crew.objects.filter(name="洛江第二分队").count() == 1


def test_nobody_founds_a_crew_in_anothers_committee(cast: Cast, team: Team) -> None:
    for user in (cast.officer_elsewhere, cast.captain, cast.employee, cast.leader):
        answer = send(signed_in(user), CREWS, founding(cast))
        assert answer.status_code in {400, 403}, user.username
    beside = send(signed_in(cast.officer_elsewhere), CREWS, founding(cast))
    assert beside.json() == {
        "code": "refused",
        "detail": "没有这一项，或不归您选。",
        "field": "committee",
    }
    under = founding(cast, committee=cast.county.pk, name="x", parent=team.corps.pk)
    assert send(signed_in(cast.officer_elsewhere), CREWS, under).json()["field"] == "parent"
    assert not Crew.objects.filter(serial_code="海丝洛").exists()


def test_the_captain_puts_somebody_on_the_roster_and_takes_him_off(cast: Cast, team: Team) -> None:
    captain = signed_in(cast.captain)
    roster = f"{CREWS}{team.squad.pk}/roster/"
    person = cast.members(cast.branch_a)[8]
    body = {"person": person.pk, "skill": "带电作业", "started_on": "2017-06-26"}
    made = send(captain, roster, body)
    assert made.status_code == 201, made.content.decode()
    assert (made.json()["name"], made.json()["role"]) == (person.name, "member")
    twice = send(captain, roster, body)
    assert twice.json()["detail"] == "该同志已在本队名册上。"
    second = send(captain, roster, {**body, "person": person.pk, "role": "captain"})
    assert second.status_code == 400
    end = f"{roster}{made.json()['id']}/end/"
    early = send(captain, end, {"ended_on": "2017-06-01"})
    assert (early.status_code, early.json()["field"]) == (400, "ended_on")
    assert send(captain, end, {"ended_on": "2017-06-30"}).json()["ended_on"] == "2017-06-30"
    assert send(captain, end, {"ended_on": "2017-06-30"}).json()["detail"] == "该同志已经离队。"


def test_people_of_another_committee_are_not_on_offer(cast: Cast, team: Team) -> None:
    stranger = cast.members(cast.elsewhere)[1]
    nobody = Person.objects.order_by("-pk")[0].pk + 100
    answers = [
        send(
            signed_in(cast.captain),
            f"{CREWS}{team.squad.pk}/roster/",
            {"person": pk, "started_on": "2017-06-26"},
        )
        for pk in (stranger.pk, nobody)
    ]
    assert [a.status_code for a in answers] == [400, 400]
    assert answers[0].json() == answers[1].json(), "who exists there is not to be found out"


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("roster/", {"person": 1, "started_on": "2017-06-26"}),
        ("vehicles/", {"plate": "闽C09999", "kind": "repair", "started_on": "2017-06-26"}),
        ("equipment/", {"name": "绝缘杆", "quantity": 4, "unit": "根"}),
        ("notes/", {"kind": "banner", "happened_on": "2017-06-20", "title": "雨夜送光明"}),
        ("", {"pledge": "x"}),
    ],
)
def test_neighbours_are_refused_and_strangers_find_nothing(
    cast: Cast, team: Team, path: str, body: dict[str, Any]
) -> None:
    method = "POST" if path else "PATCH"
    address = f"{CREWS}{team.squad.pk}/{path}"
    for user, status in (
        (team.second_captain, 403),  # of the crew beside it
        (team.member, 403),  # serves in it, does not keep it
        (cast.leader, 403),
        (cast.officer_elsewhere, 404),
        (cast.sysadmin, 404),
    ):
        assert send(signed_in(user), address, body, method).status_code == status, user.username


def test_a_member_of_another_crew_can_not_be_ended_here(cast: Cast, team: Team) -> None:
    theirs = CrewMember.objects.filter(crew=team.second).order_by("pk")[1]
    path = f"{CREWS}{team.squad.pk}/roster/{theirs.pk}/end/"
    assert send(signed_in(cast.captain), path, {"ended_on": "2017-06-26"}).status_code == 404
    theirs.refresh_from_db()
    assert theirs.ended_on is None


def test_vehicle_equipment_history_and_pledge(cast: Cast, team: Team) -> None:
    captain = signed_in(cast.captain)
    crew = f"{CREWS}{team.squad.pk}/"
    van = {"plate": "闽c09999", "kind": "generator", "started_on": "2017-06-26"}
    assert send(captain, f"{crew}vehicles/", van).json()["plate"] == "闽C09999"
    assert send(captain, f"{crew}vehicles/", van).json()["detail"] == "这个车牌已登记过。"
    poles = {"name": "绝缘杆", "quantity": 4, "unit": "根"}
    send(captain, f"{crew}equipment/", poles)
    send(captain, f"{crew}equipment/", {**poles, "quantity": 6})
    note = {"kind": "banner", "happened_on": "2017-06-20", "title": "雨夜送光明"}
    assert send(captain, f"{crew}notes/", note).status_code == 201
    future = send(captain, f"{crew}notes/", {**note, "happened_on": "2017-09-01"})
    assert future.json()["field"] == "happened_on"
    changed = send(captain, crew, {"pledge": "人民电业为人民"}, "PATCH").json()
    assert (changed["name"], changed["pledge"]) == ("配电运检分队", "人民电业为人民")
    member = signed_in(team.member)
    assert [e["quantity"] for e in member.get(f"{crew}equipment/").json()] == [6]
    assert [n["title"] for n in member.get(f"{crew}notes/").json()] == ["雨夜送光明"]
    employee = signed_in(cast.secretary_b)  # of the same committee: that it exists is no secret
    assert employee.get(f"{crew}equipment/").status_code == 403
    assert employee.get(f"{crew}notes/").status_code == 200


def test_pictures_of_an_operation(cast: Cast, team: Team) -> None:
    path = f"/api/v1/operations/{team.summer.pk}/photos/"
    captain, officer = signed_in(cast.captain), signed_in(cast.officer)
    with time_machine.travel(at(26, 9), tick=False):
        kept = captain.post(path, {"photos": [picture()]})
        assert kept.status_code == 200, kept.content.decode()
        (photo,) = captain.post(path, {"photos": [picture()]}).json()
        hostile = SimpleUploadedFile("a.jpg", b"<script>alert(1)</script>", "image/jpeg")
        assert captain.post(path, {"photos": [hostile]}).status_code == 400
        assert signed_in(cast.leader).get(path).json()[0]["id"] == photo["id"]
        assert signed_in(cast.employee).post(path, {"photos": [picture()]}).status_code == 403
        assert signed_in(cast.officer_elsewhere).get(path).status_code == 404
        one = f"{path}{photo['id']}/"
        beside = signed_in(team.second_captain)
        assert beside.delete(one).status_code == 403, "another's picture"
        assert signed_in(cast.officer_elsewhere).delete(one).status_code == 404
        assert officer.delete(one).status_code == 204
        assert officer.delete(one).status_code == 204, "gone is gone"
    assert Attachment.objects.of(team.summer).count() == 0


def test_a_picture_of_a_turnout_is_taken_away_by_its_crew(cast: Cast, team: Team) -> None:
    turnout = turnout_of(team, cast.captain)
    path = f"/api/v1/turnouts/{turnout.uuid}/photos/"
    captain = signed_in(cast.captain)
    with time_machine.travel(at(21, 9), tick=False):
        (photo,) = captain.post(path, {"photos": [picture()]}).json()
        assert signed_in(cast.leader).delete(f"{path}{photo['id']}/").status_code == 403
        assert signed_in(cast.employee).delete(f"{path}{photo['id']}/").status_code == 404
        assert captain.delete(f"{path}{photo['id']}/").status_code == 204
    assert captain.get(path).json() == []


def test_a_vehicle_is_taken_out_of_service_and_stays_in_old_turnouts(
    cast: Cast, team: Team
) -> None:
    captain = signed_in(cast.captain)
    turnout = turnout_of(team, cast.captain, vehicles=[VehicleDay(team.van.pk)])
    assert turnout.vehicles.count() == 1
    page = reverse("servicecrew:crew-vehicle-end", args=[team.squad.pk, team.van.pk])
    with time_machine.travel(at(26, 9), tick=False):
        early = captain.post(page, {"ended_on": "2017-06-19"})
        assert "6月20日还出过队" in early.content.decode()
        assert captain.post(page, {"ended_on": "2017-06-25"}).status_code == 302
        shown = captain.get(reverse("servicecrew:crew", args=[team.squad.pk])).content.decode()
    assert team.van.plate not in shown
    assert turnout.vehicles.count() == 1
    path = f"{CREWS}{team.squad.pk}/vehicles"
    again = send(captain, f"{path}/{team.van.pk}/end/", {"ended_on": "2017-06-26"})
    assert again.json()["detail"] == "这辆车已经停用。"
    theirs = f"{path}/{team.second_van.pk}/end/"
    assert send(captain, theirs, {"ended_on": "2017-06-26"}).status_code == 404
    crane = f"{path}/{team.crane.pk}/end/"
    assert (
        send(signed_in(team.second_captain), crane, {"ended_on": "2017-06-26"}).status_code == 403
    )
    assert send(captain, crane, {"ended_on": "2017-06-26"}).status_code == 200


def test_a_crew_is_closed_when_nothing_is_left_to_do(cast: Cast, team: Team) -> None:
    officer = signed_in(cast.officer)
    close = f"{CREWS}{team.squad.pk}/close/"
    day = {"closed_on": "2017-06-26"}
    assert "下面还有服务队" in send(officer, f"{CREWS}{team.corps.pk}/close/", day).json()["detail"]
    turnout = turnout_of(team, cast.captain)
    assert send(officer, close, day).json()["detail"] == "还有 1 次出队没有核定，办完再撤销。"
    steps.void_turnout(turnout_id=turnout.pk, reason="没出成", actor=cast.captain, now=at(21, 9))
    for user, status in ((cast.captain, 403), (cast.leader, 403), (cast.officer_elsewhere, 404)):
        assert send(signed_in(user), close, day).status_code == status, user.username
    page = reverse("servicecrew:crew-close", args=[team.squad.pk])
    assert signed_in(cast.captain).get(page).status_code == 403
    with time_machine.travel(at(26, 9), tick=False):
        late = officer.post(page, {"closed_on": "2017-07-01"})
        assert "撤销日期不能在将来" in late.content.decode()
        assert officer.post(page, day).status_code == 302
        shown = officer.get(reverse("servicecrew:crew", args=[team.squad.pk])).content.decode()
    assert "2017年6月26日已撤销" in shown
    assert "加一名队员" not in shown
    assert not CrewMember.objects.filter(crew=team.squad, ended_on__isnull=True).exists()
    assert send(officer, close, day).json()["detail"] == "这支服务队已经撤销。"
    mine = signed_in(cast.captain).get(f"{CREWS}mine/").json()
    assert mine == [], "and its captain leads nothing any more"


def test_a_closed_crew_takes_nobody_on(cast: Cast, team: Team) -> None:
    stale = Crew.objects.get(pk=team.squad.pk)
    Crew.objects.filter(pk=team.squad.pk).update(closed_on=TODAY)
    officer = signed_in(cast.officer)
    page = reverse("servicecrew:crew-enlist", args=[team.squad.pk])
    assert officer.get(page).status_code == 403
    person = cast.members(cast.branch_a)[8]
    body = {"person": person.pk, "started_on": "2017-06-20"}
    assert send(officer, f"{CREWS}{team.squad.pk}/roster/", body).status_code == 403
    with pytest.raises(PermissionDenied):  # closed between the look and the lock
        crews.enlist(crew=stale, person=person, started_on=TODAY, actor=cast.officer, now=at(26, 9))


def test_a_crew_is_not_closed_before_it_was_last_out_and_nobody_outlasts_it(
    cast: Cast, team: Team
) -> None:
    officer = signed_in(cast.officer)
    close = f"{CREWS}{team.squad.pk}/close/"
    turnout = turnout_of(team, cast.captain)
    Turnout.objects.filter(pk=turnout.pk).update(status="verified", verified_at=at(21, 9))
    early = send(officer, close, {"closed_on": "2017-06-19"})
    assert early.json()["field"] == "closed_on"
    assert "6月20日还出过队" in early.json()["detail"]
    CrewMember.objects.filter(crew=team.squad, person=cast.person(cast.captain)).update(
        ended_on=TODAY
    )
    Vehicle.objects.filter(pk=team.van.pk).update(ended_on=TODAY)
    assert send(officer, close, {"closed_on": "2017-06-20"}).status_code == 200
    for rows in (team.squad.members, team.squad.vehicles):
        assert set(rows.values_list("ended_on", flat=True)) == {at(20, 0).date()}


def test_only_what_is_named_is_changed(cast: Cast, team: Team) -> None:
    path = f"{CREWS}{team.squad.pk}/"
    assert send(signed_in(cast.officer), path, {"pledge": "随叫随到"}, "PATCH").status_code == 200
    entry = AuditEntry.objects.filter(code="crew.edited").latest("pk")
    assert set(entry.after) == {"pledge"}


def test_a_plate_is_measured_as_it_is_kept(cast: Cast, team: Team) -> None:
    body = {"plate": "闽Cß000000000", "kind": "repair", "started_on": "2017-06-20"}
    assert len(body["plate"]) == 12
    answer = send(signed_in(cast.officer), f"{CREWS}{team.squad.pk}/vehicles/", body)
    assert answer.status_code == 400
    assert "plate" in answer.json()


def test_two_that_give_a_name_at_once_do_not_both_get_it(
    cast: Cast, team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Both looked before either had written.
    monkeypatch.setattr(QuerySet, "exists", lambda _rows: False)
    common: dict[str, Any] = {"actor": cast.officer, "now": at(26, 9)}
    with pytest.raises(DomainError, match="同名服务队"):
        crews.found_crew(
            committee=cast.city, name=team.second.name, county="市区", serial_code="x", **common
        )
    with pytest.raises(DomainError, match="同名服务队"):
        crews.edit_crew(crew=team.squad, values={"name": team.second.name}, **common)
