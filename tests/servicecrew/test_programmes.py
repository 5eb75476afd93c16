"""Mentors, posts, retired comrades, plans: written where they belong, named to few, no ranks."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from branches.models import Person
from servicecrew.models import (
    CareVisit,
    MentorPair,
    PioneerEntry,
    Programme,
    ProgrammePlan,
    RetiredComrade,
)
from servicecrew.selectors.programmes import programme_page
from servicecrew.services import programmes
from tests.cast import NOW, TODAY, Cast

pytestmark = pytest.mark.usefixtures("clock", "team")


@pytest.fixture
def secretary(cast: Cast, client: Client) -> Client:
    client.force_login(cast.secretary_a)
    return client


def signed_in(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def text(answer: Any) -> str:
    body: str = answer.content.decode()
    return body


def page_of(client: Client, code: str) -> str:
    return text(client.get(reverse("servicecrew:programme", args=[code])))


def test_a_mentor_takes_an_apprentice_on_and_lets_him_go(secretary: Client, cast: Cast) -> None:
    mentor, apprentice = cast.members(cast.branch_a)[1:3]
    form = {
        "branch": cast.branch_a.pk,
        "mentor": mentor.pk,
        "apprentice": mentor.pk,
        "subject": "配电自动化终端消缺",
        "started_on": "2017-06-01",
    }
    path = reverse("servicecrew:pair-new")
    alone = secretary.post(path, form)
    assert "师傅和徒弟不能是同一人" in text(alone)
    assert "配电自动化终端消缺" in text(alone), "what was typed stays"
    form["apprentice"] = apprentice.pk
    assert secretary.post(path, form).status_code == 302
    assert "已有师傅在带" in text(secretary.post(path, form)), "pressed twice it is one pair"
    pair = MentorPair.objects.get()
    page = page_of(secretary, "youth")
    assert f"{mentor} 带 {apprentice}" in page
    assert "师带徒 1 对在带" in page
    end = reverse("servicecrew:pair-end", args=[pair.pk])
    assert "不能早于开始" in text(secretary.post(end, {"ended_on": "2017-05-01"}))
    assert secretary.post(end, {"ended_on": "2017-06-27"}).status_code == 302
    pair.refresh_from_db()
    assert pair.ended_on == TODAY
    assert "这一对已经结束" in text(secretary.post(end, {"ended_on": "2017-06-27"}))


def test_who_is_paired_is_for_the_branch_and_the_office(secretary: Client, cast: Cast) -> None:
    mentor, apprentice = cast.members(cast.branch_a)[1:3]
    pair = programmes.pair_up(
        mentor=mentor,
        apprentice=apprentice,
        branch=cast.branch_a,
        subject="继保调试",
        started_on=TODAY,
        actor=None,
        now=NOW,
    )
    plain = page_of(signed_in(cast.employee), "youth")
    assert "师带徒 1 对在带" in plain
    assert apprentice.name not in plain
    neighbour = signed_in(cast.secretary_b)
    assert neighbour.get(reverse("servicecrew:pair-end", args=[pair.pk])).status_code == 404
    rows = neighbour.get(reverse("api:mentor-pair-list")).json()["results"]
    assert rows == []


def test_a_post_is_taken_on_and_shown_to_its_member_without_points(
    secretary: Client, cast: Cast
) -> None:
    member = cast.person(cast.deputy_a)
    form = {
        "branch": cast.branch_a.pk,
        "kind": "project",
        "person": member.pk,
        "title": "揭榜：10kV后埔线跳闸治理",
        "started_on": "2017-03-01",
    }
    path = reverse("servicecrew:post-new")
    assert secretary.post(path, form).status_code == 302
    assert "还在进行" in text(secretary.post(path, form))
    entry = PioneerEntry.objects.get()
    assert entry.title in page_of(secretary, "pioneer")
    mine = text(signed_in(cast.deputy_a).get(reverse("servicecrew:mine")))
    assert entry.title in mine
    assert "没有积分，不排名" in mine
    assert entry.title not in text(signed_in(cast.secretary_b).get(reverse("servicecrew:mine")))
    end = reverse("servicecrew:post-end", args=[entry.pk])
    assert secretary.post(end, {"ended_on": "2017-06-20", "is_done": "on"}).status_code == 302
    entry.refresh_from_db()
    assert (entry.is_done, entry.ended_on) == (True, dt.date(2017, 6, 20))


def test_the_roster_of_retired_comrades_says_who_waits_longest(
    secretary: Client, cast: Cast
) -> None:
    first, second, third = cast.members(cast.branch_a)[3:6]
    path = reverse("servicecrew:retired-new")
    for person in (first, second, third):
        form = {"branch": cast.branch_a.pk, "person": person.pk, "retired_on": "2015-03-01"}
        assert secretary.post(path, form | {"birth_month": "9"}).status_code == 302
    visit = reverse("servicecrew:programme-visit", args=["gratitude"])
    prefilled = secretary.get(visit, {"person": second.pk})
    assert prefilled.context["form"]["person"].value() == second.pk
    for person, day in ((first, "2017-06-20"), (second, "2017-02-01")):
        form = {
            "branch": cast.branch_a.pk,
            "kind": "home",
            "person": person.pk,
            "visited_on": day,
            "visitor": "支委",
        }
        assert secretary.post(visit, form).status_code == 302
    roster = programme_page(
        programme=Programme.objects.get(pk="gratitude"),
        user=cast.secretary_a,
        committees=[cast.city.pk],
        year=2017,
        today=TODAY,
    ).retired
    assert roster is not None
    shown = roster.lines
    assert [line.row.person for line in shown] == [third, second, first]
    words = [str(line.status.text) if line.status else "" for line in shown]
    assert words == ["还没有走访过", "146 天没有走访", ""]
    row = RetiredComrade.objects.get(person=third)
    edit = reverse("servicecrew:retired-edit", args=[row.pk])
    kept = {"branch": cast.branch_a.pk, "person": third.pk, "retired_on": "2015-03-01"}
    early = secretary.post(edit, kept | {"left_on": "2014-01-01"})
    assert "不能早于退休日期" in text(early)
    assert secretary.post(edit, kept | {"left_on": "2017-06-26"}).status_code == 302
    page = page_of(secretary, "gratitude")
    assert "老同志名册 2 人" in page
    assert third.name not in page
    plain = page_of(signed_in(cast.employee), "gratitude")
    assert "老同志名册 2 人" in plain
    assert first.name not in plain


def test_a_long_roster_is_searched_narrowed_and_turned(secretary: Client, cast: Cast) -> None:
    for number in range(30):
        person = Person.objects.create(committee=cast.city, name=f"蔡老{number:02}")
        RetiredComrade.objects.create(
            branch=cast.branch_a,
            person=person,
            retired_on=dt.date(2015, 3, 1),
            lives_alone=number == 7,
        )
        if number < 28:
            CareVisit.objects.create(
                programme_id="gratitude",
                branch=cast.branch_a,
                kind="home",
                person=person,
                visited_on=TODAY - dt.timedelta(days=1 + number),
                visitor="支委",
                created_at=NOW,
            )
    path = reverse("servicecrew:programme", args=["gratitude"])

    def names(**asked: str) -> list[str]:
        roster = secretary.get(path, asked).context["page"].retired
        return [line.row.person.name for line in roster.lines]

    first = names()
    assert len(first) == 12, "a screen or two, not all thirty"
    assert first[:3] == ["蔡老28", "蔡老29", "蔡老27"]
    assert not set(first) & set(names(page="2"))
    assert names(page="3")[-1] == "蔡老00"
    assert names(who="due") == ["蔡老28", "蔡老29"]
    assert names(who="alone") == ["蔡老07"]
    assert names(q="老1") == [f"蔡老{n}" for n in range(19, 9, -1)]
    assert "没有找到这个名字" in text(secretary.get(path, {"q": "没有这人"}))
    assert "page=2#retired" in text(secretary.get(path)), "and comes back to the roster"
    with CaptureQueriesContext(connection) as few:
        names(q="老07")
    with CaptureQueriesContext(connection) as many:
        names()
    assert len(many) == len(few)


def test_the_plan_carries_its_indicators(cast: Cast) -> None:
    officer = signed_in(cast.officer)
    path = reverse("servicecrew:programme-plan", args=["youth"])
    form = {"committee": cast.city.pk, "year": "2017", "target": "18", "deeds": "18", "pairs": "30"}
    assert officer.post(path, form).status_code == 302
    plan = ProgrammePlan.objects.get(programme="youth", year=2017)
    assert dict(plan.indicators.values_list("measure", "target")) == {"deeds": 18, "pairs": 30}
    assert officer.get(path).context["form"]["pairs"].value() == 30
    form.pop("pairs")
    assert officer.post(path, form).status_code == 302
    assert dict(plan.indicators.values_list("measure", "target")) == {"deeds": 18}
    assert "0</b> / 18" in page_of(officer, "youth")


def test_small_cells_are_not_numbers(cast: Cast) -> None:
    for people in (3, 40):
        programmes.add_deed(
            programme=Programme.objects.get(pk="gratitude"),
            branch=cast.branch_a,
            committee=cast.city,
            held_on=dt.date(2017, 6, people % 20 + 1),
            title=f"活动{people}",
            people=people,
            actor=None,
            now=NOW,
        )
    deeds = signed_in(cast.officer).get("/api/v1/programmes/gratitude/").json()["deeds"]
    assert {deed["words"]: deed["people"] for deed in deeds} == {"活动3": None, "活动40": 40}


def test_programmes_over_the_api(cast: Cast) -> None:
    """The REST twin: the same services, the same refusals."""
    officer = signed_in(cast.officer)

    def send(path: str, **body: Any) -> Any:
        return officer.post(f"/api/v1/{path}", body, content_type="application/json")

    five = officer.get("/api/v1/programmes/").json()
    assert [card["code"] for card in five] == [
        "pioneer",
        "integrity",
        "care",
        "youth",
        "gratitude",
    ]
    branch, people = cast.branch_a.pk, cast.members(cast.branch_a)
    plan = send(
        "programmes/care/plan/",
        committee=cast.city.pk,
        year=2017,
        target=4,
        indicators={"visits": 9},
    )
    assert plan.json()["indicators"] == [
        {"name": "走访慰问次数", "measure": "visits", "target": 9, "value": 0}
    ]
    deed = send(
        "programmes/care/deeds/", branch=branch, held_on="2017-06-20", title="盛夏送凉", people=23
    )
    assert deed.json()["deeds"][0]["words"] == "盛夏送凉"
    nothing = send("programmes/care/deeds/", branch=branch)
    assert (nothing.status_code, nothing.json()["field"]) == (400, "held_on")
    visit = {
        "branch": branch,
        "kind": "summer",
        "person": people[4].pk,
        "visited_on": "2017-06-20",
        "visitor": "工会主席",
    }
    assert send("programmes/care/visits/", **visit).status_code == 201
    assert "当天已记过" in send("programmes/care/visits/", **visit).json()["detail"]
    assert CareVisit.objects.count() == 1
    pair = send(
        "mentor-pairs/",
        branch=branch,
        mentor=people[1].pk,
        apprentice=people[2].pk,
        subject="带电作业",
        started_on="2017-01-01",
    ).json()
    ended = send(f"mentor-pairs/{pair['id']}/end/", ended_on="2017-06-01").json()
    assert ended["ended_on"] == "2017-06-01"
    entry = send(
        "pioneers/",
        branch=branch,
        person=people[1].pk,
        kind="area",
        title="后埔村责任区",
        started_on="2017-01-01",
    ).json()
    assert send(f"pioneers/{entry['id']}/end/", ended_on="2016-01-01").json()["field"] == "ended_on"
    retired = {"branch": branch, "person": people[5].pk, "retired_on": "2015-03-01"}
    assert send("retired-comrades/", **retired).status_code == 201
    assert send("retired-comrades/", **retired, lives_alone=True).json()["lives_alone"] is True
    refused = send("retired-comrades/", **retired | {"person": 9_999_999})
    assert (refused.status_code, refused.json()["field"]) == (400, "person")
    employee = signed_in(cast.employee)
    for path in ("mentor-pairs/", "pioneers/", "retired-comrades/"):
        assert employee.get(f"/api/v1/{path}").json()["results"] == []
    denied = employee.post(
        "/api/v1/pioneers/", retired | {"kind": "area"}, content_type="application/json"
    )
    assert denied.status_code in {400, 403}
    assert "没有积分" not in str(employee.get("/api/v1/contributions/").json())
    assert employee.get("/api/v1/contributions/").json()["turnout_count"] == 0
