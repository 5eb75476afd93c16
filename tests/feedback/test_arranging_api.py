"""What the office arranges and teams answer by REST: the same services as the pages, for the same
people."""

from __future__ import annotations

from typing import Any

import pytest
from django.db.models import QuerySet

from branches.models import Branch, Person
from feedback.models import LinkAssignment, ListeningSession, StaffRequest, VisitPlace
from feedback.services import handling, visits
from feedback.services.handling import Pledge
from portal.kernel.errors import DomainError
from tests.cast import NOW, TODAY, Cast
from tests.feedback.scene import GLOVES, Listening, at, replied, say
from tests.feedback.test_twin import Api

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

DAY: dict[str, Any] = {
    "held_on": "2017-07-14",
    "starts_at": "09:00",
    "ends_at": "11:00",
    "place": "公司本部3楼302室",
    "leader_title": "公司党委书记",
}


def test_a_reception_day_from_plan_to_results_by_rest(
    cast: Cast, listening: Listening, clock: Any
) -> None:
    office, worker = Api(cast.officer), Api(listening.worker)
    worker.post("sessions/", 403, **DAY)
    Api(listening.handler).post("sessions/", 403, **DAY)
    strange = office.post("sessions/", 400, **DAY, departments=[10**9])
    assert strange["field"] == "departments"
    early = office.post("sessions/", 400, **{**DAY, "ends_at": "08:00"})
    assert early["field"] == "ends_at"
    made = office.post("sessions/", 201, **DAY, departments=[listening.supplies.pk])
    path = f"sessions/{made['id']}/"
    assert made["status"] == "planned"
    worker.post(f"{path}announce/", 404)  # not announced: nobody outside the office sees it
    assert office.post(f"{path}announce/")["status"] == "announced"
    slot = worker.get(f"{path}slots/")[0]["id"]
    worker.post(f"{path}book/", slot=slot, topic="班组用工", is_confidential=True)
    Api(listening.colleague).post(f"{path}unbook/", 403, slot=slot)
    worker.post(f"{path}unbook/", slot=slot)
    assert worker.get(f"{path}slots/")[0]["is_free"]
    worker.post(f"{path}hold/", 403, minutes="x")
    assert "还没到日子" in office.post(f"{path}hold/", 409, minutes="谈了三件事")["detail"]
    clock.move_to(at(7, 14, 16))
    office, worker = Api(cast.officer), Api(listening.worker)  # the old sessions are over
    office.post(f"{path}hold/", minutes="谈了三件事")
    assert office.post(f"{path}publish/", results="三件都已转办")["status"] == "published"
    assert office.post(f"{path}cancel/", 409, reason="x")
    assert ListeningSession.objects.get().minutes == "谈了三件事"
    assert "minutes" not in worker.get(path), "minutes stay inside the office"


def test_a_day_that_falls_through_says_why(cast: Cast, listening: Listening) -> None:
    office = Api(cast.officer)
    path = f"sessions/{office.post('sessions/', 201, **DAY)['id']}/"
    assert "reason" in office.post(f"{path}cancel/", 400)
    assert office.post(f"{path}cancel/", reason="防汛值守")["status"] == "cancelled"


def test_written_down_for_somebody_by_rest(cast: Cast, listening: Listening) -> None:
    aide = Api(listening.aide)
    heard: dict[str, Any] = {"text": GLOVES, "source": "phone", "name": "陈师傅"}
    Api(listening.worker).post("requests/record/", 403, **heard)
    assert aide.post("requests/record/", 400, text=GLOVES, source="phone")["field"] == "name"
    assert "source" in aide.post("requests/record/", 400, **{**heard, "source": "online"})
    missing = aide.post("requests/record/", 400, **heard, staff_no="没有")
    assert missing["field"] == "staff_no"
    made = aide.post("requests/record/", 201, **heard, answer_at_once="先发两副")
    request = StaffRequest.objects.get()
    assert made == {"number": request.number}
    assert (request.source, request.authorship.name) == ("phone", "陈师傅")


def test_links_are_assigned_and_ended_by_the_office(cast: Cast, listening: Listening) -> None:
    station = VisitPlace.objects.create(committee=cast.city, kind="station", name="城东供电所")
    theirs = VisitPlace.objects.create(committee=cast.county, kind="station", name="青阳供电所")
    link: dict[str, Any] = {
        "leader": cast.person(cast.leader).pk,
        "kind": "team",
        "place": station.pk,
        "times_a_year": 12,
        "started_on": "2017-06-01",
    }
    office = Api(cast.officer)
    Api(cast.secretary_a).post("links/", 403, **link)
    Api(listening.worker).post("links/", 403, **link)
    for place in (theirs.pk, 10**9):
        assert office.post("links/", 400, **{**link, "place": place})["field"] == "place"
    made = office.post("links/", 201, **link)
    assert made["target"] == "城东供电所"
    assert "已经挂联这里" in office.post("links/", 400, **link)["detail"]
    end = f"links/{made['id']}/end/"
    Api(cast.officer_elsewhere).post(end, 404, ended_on="2017-06-27")
    Api(cast.secretary_a).post(end, 404, ended_on="2017-06-27")
    assert office.post(end, 400, ended_on="2017-05-01")["field"] == "ended_on"
    assert office.post(end, ended_on="2017-06-27")["ended_on"] == "2017-06-27"
    assert LinkAssignment.objects.get().ended_on == TODAY


def test_a_link_by_rest_leads_where_its_kind_says(cast: Cast, listening: Listening) -> None:
    station = VisitPlace.objects.create(committee=cast.city, kind="station", name="城东供电所")
    leader = cast.person(cast.leader)
    link: dict[str, Any] = {
        "leader": leader.pk,
        "kind": "team",
        "place": station.pk,
        "branch": cast.branch_a.pk,
        "person": leader.pk,
        "started_on": "2017-06-01",
    }
    made = Api(cast.officer).post("links/", 201, **link)
    assert made["target"] == "城东供电所"


def test_two_clicks_at_once_link_once(
    cast: Cast, listening: Listening, monkeypatch: pytest.MonkeyPatch
) -> None:
    common: dict[str, Any] = {
        "committee": cast.city,
        "leader": cast.person(cast.leader),
        "kind": "branch",
        "branch": cast.branch_a,
        "started_on": TODAY,
        "actor": cast.officer,
        "now": NOW,
    }
    visits.assign_link(**common)
    # Both looked before either had written.
    monkeypatch.setattr(QuerySet, "exists", lambda _rows: False)
    with pytest.raises(DomainError, match="已经挂联这里"):
        visits.assign_link(**common)
    assert LinkAssignment.objects.count() == 1


def test_links_by_rest_are_those_that_the_form_offers(cast: Cast, listening: Listening) -> None:
    office = Api(cast.officer)
    link: dict[str, Any] = {
        "leader": cast.person(cast.leader).pk,
        "kind": "branch",
        "branch": cast.branch_a.pk,
        "started_on": "2017-06-01",
    }
    worker = cast.members(cast.branch_a)[5]
    assert office.post("links/", 400, **{**link, "leader": worker.pk})["field"] == "leader"
    assert "times_a_year" in office.post("links/", 400, **link, times_a_year=53)
    Branch.objects.filter(pk=cast.branch_a.pk).update(closed_on=TODAY)
    assert office.post("links/", 400, **link)["field"] == "branch"


def test_teams_say_by_rest_what_has_arrived(cast: Cast, listening: Listening) -> None:
    pledge = Pledge("每人每月4副", at(6, 30).date(), ("一班", "二班"))
    request = replied(say(listening.worker), cast, listening, outcome="planned", pledge=pledge)
    promise = request.promises.get()
    handling.deliver_promised(promise_id=promise.pk, actor=listening.handler, now=NOW)
    Person.objects.filter(user=listening.colleague).update(workplace="一班")
    colleague, author = Api(listening.colleague), Api(listening.worker)
    teams = author.get("promise-teams/")
    assert [(team["name"], team["what"]) for team in teams] == [
        ("一班", "每人每月4副"),
        ("二班", "每人每月4副"),
    ]
    assert [team["name"] for team in colleague.get("promise-teams/")] == ["一班"]
    colleague.post(f"promise-teams/{teams[1]['id']}/answer/", 403, arrived=True)
    assert Api(listening.handler).get("promise-teams/") == [], "not the department that delivers"
    path = f"promise-teams/{teams[0]['id']}/answer/"
    Api(listening.handler).post(path, 403, arrived=True)
    Api(cast.officer_elsewhere).post(path, 403, arrived=True)
    colleague.post("promise-teams/999999/answer/", 404, arrived=True)
    assert colleague.post(path, arrived=True)["has_arrived"] is True
    assert colleague.get("promise-teams/") == []
    assert [team["name"] for team in author.get("promise-teams/")] == ["二班"]


def test_what_comes_back_is_for_the_office(cast: Cast, listening: Listening) -> None:
    found = Api(cast.officer).get("themes/")
    assert len(found["months"]) == 6
    assert Api(cast.leader).get("themes/")["rows"] == found["rows"]
    Api(listening.worker).get("themes/", 403)
    Api(listening.handler).get("themes/", 403)
