"""Visits: written down in one go, private where it must be, and added up from rows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from feedback.models import (
    LinkAssignment,
    StaffRequest,
    StaffVisit,
    VisitCampaign,
    VisitPlace,
    VisitQuestion,
)
from feedback.selectors.visits import coverage, links, months_between, year_of_visits
from feedback.services import visits
from feedback.services.submitting import Said, Speaker
from feedback.services.visits import Brought, Seen, VisitDraft
from portal.audit.models import AuditEntry
from portal.kernel.errors import DomainError
from tests.cast import NOW, TODAY, Cast
from tests.feedback.channel import words
from tests.feedback.scene import Listening

pytestmark = pytest.mark.django_db
PRIVATE = "妻子住院，夜里睡不好"
SEEN = "安全带过期两条"


@pytest.fixture(autouse=True)
def clock() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def station(cast: Cast) -> VisitPlace:
    return VisitPlace.objects.create(
        committee=cast.city, kind="station", name="城东供电所", branch=cast.branch_a
    )


def question(name: str) -> VisitQuestion:
    return VisitQuestion.objects.get(name=name)


def visited(cast: Cast, place: VisitPlace | None, days_ago: int = 0, **more: Any) -> StaffVisit:
    draft = VisitDraft(
        led_by=cast.person(cast.leader),
        visited_on=TODAY - dt.timedelta(days=days_ago),
        place=place,
        **more,
    )
    return visits.record_visit(committee=cast.city, draft=draft, actor=cast.leader, now=NOW)


def full_visit(cast: Cast, station: VisitPlace) -> StaffVisit:
    return visited(
        cast,
        station,
        met_count=6,
        topics="夏季高峰准备",
        seen={
            question("查安全").pk: Seen(SEEN, is_finding=True),
            question("问需求").pk: Seen("多发几副手套"),
            question("查作风").pk: Seen(),
            question("关注身心健康").pk: Seen(PRIVATE),
        },
        private_note="老陈情绪低落，下周再去一次",
        brought=[
            Brought(
                Said("纱手套一个月两副不够", "confidential", kind="suggestion"),
                Speaker(name="陈师傅"),
            ),
            Brought(Said("值班室热水器坏了", "anonymous", kind="opinion"), Speaker()),
        ],
    )


def test_the_checklist_is_data(cast: Cast) -> None:
    groups = [q.group for q in VisitQuestion.objects.all()]
    assert [groups.count(group) for group in ("check", "ask", "concern")] == [4, 4, 2]


def test_one_visit_brings_several_requests(
    cast: Cast, listening: Listening, station: VisitPlace
) -> None:
    visit = full_visit(cast, station)
    assert visit.answers.count() == 3
    brought = StaffRequest.objects.filter(visit_link__visit=visit).order_by("level")
    assert [(r.level, r.source) for r in brought] == [
        ("anonymous", "visit"),
        ("confidential", "visit"),
    ]
    assert not hasattr(brought[0], "authorship")
    entry = AuditEntry.objects.get(code="visit.recorded")
    for secret in (PRIVATE, SEEN, "手套"):
        assert secret not in f"{entry.after}{entry.object_label}"


def test_the_same_form_twice_is_one_visit(cast: Cast, station: VisitPlace) -> None:
    key = "0123456789ABCDEF"
    assert visited(cast, station, key=key) == visited(cast, station, key=key)
    assert StaffVisit.objects.count() == 1


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"days_ago": -1}, "visited_on"),
        ({"place": None}, "place"),
        ({"met_count": 0}, "met_count"),
        ({"mode": "飞过去"}, "mode"),
        ({"topics": "长" * 501}, "topics"),
    ],
)
def test_bad_input_is_named(
    cast: Cast, station: VisitPlace, changes: dict[str, Any], field: str
) -> None:
    with pytest.raises(DomainError) as caught:
        visited(cast, **({"place": station} | changes))
    assert caught.value.field == field
    assert not StaffVisit.objects.exists()


def test_a_finding_says_what_it_is(cast: Cast, station: VisitPlace) -> None:
    safety = question("查安全").pk
    with pytest.raises(DomainError, match="“查安全”查出了问题"):
        visited(cast, station, seen={safety: Seen("", is_finding=True)})
    assert not StaffVisit.objects.exists()


def test_who_may_and_who_sees(cast: Cast, listening: Listening, station: VisitPlace) -> None:
    visit = full_visit(cast, station)
    draft = VisitDraft(led_by=cast.person(cast.secretary_b), visited_on=TODAY, whom="职工家庭")
    for user in (cast.employee, cast.officer_elsewhere, listening.worker, cast.auditor):
        with pytest.raises(PermissionDenied):
            visits.record_visit(committee=cast.city, draft=draft, actor=user, now=NOW)
    visits.record_visit(committee=cast.city, draft=draft, actor=cast.secretary_b, now=NOW)
    sees = {
        name: StaffVisit.objects.visible_to(user).filter(pk=visit.pk).exists()
        for name, user in cast.users.items()
    }
    assert {name for name, yes in sees.items() if yes} == {
        "leader",
        "officer",
        "secretary_a",
        "deputy_a",
        "captain",
    }


def test_what_is_private_is_read_by_few(
    cast: Cast, listening: Listening, station: VisitPlace, client: Client
) -> None:
    path = reverse("feedback:visit", args=[full_visit(cast, station).pk])
    for user, reads in ((cast.leader, True), (listening.aide, True), (cast.officer, False)):
        client.force_login(user)
        page = words(client.get(path))
        assert SEEN in page
        assert (PRIVATE in page) is reads, user
        assert ("老陈情绪低落" in page) is reads
    client.force_login(cast.secretary_a)
    page = words(client.get(path))
    assert PRIVATE not in page
    assert "另有 2 件由书记办公室办理" in page
    client.force_login(cast.secretary_b)
    assert client.get(path).status_code == 404
    client.force_login(cast.employee)
    assert client.get(path).status_code == 403
    listing = client.get("/api/v1/visits/")
    assert listing.json()["count"] == 0


def test_the_year_is_added_up_from_rows(
    cast: Cast, listening: Listening, station: VisitPlace
) -> None:
    full_visit(cast, station)
    visited(cast, station, 20, met_count=3)
    StaffRequest.objects.filter(source="visit", level="confidential").update(outcome="carried_out")
    year = year_of_visits(StaffVisit.objects.all())
    assert (year.visits, year.met, year.brought, year.carried_out) == (2, 9, 2, 1)
    assert str(year.rate) == "50.0"


def test_a_campaign_counts_the_visits_of_its_time(cast: Cast, station: VisitPlace) -> None:
    campaign = VisitCampaign.objects.create(
        committee=cast.city,
        name="百名干部走千家",
        started_on=dt.date(2017, 1, 1),
        ended_on=dt.date(2017, 12, 31),
    )
    assert visited(cast, station).campaign == campaign
    assert visited(cast, station, 300).campaign is None


def test_coverage_says_who_was_not_seen_and_where_too_often(
    cast: Cast, station: VisitPlace
) -> None:
    def team(name: str) -> VisitPlace:
        return VisitPlace.objects.create(committee=cast.city, kind="team", name=name)

    never, long_ago, often = team("检修一班"), team("检修二班"), team("检修三班")
    visited(cast, long_ago, 150)
    for days in (1, 8, 20):
        visited(cast, often, days)
    visited(cast, station, 40)
    with CaptureQueriesContext(connection) as queries:
        groups = coverage({cast.city.pk}, TODAY)
    assert len(queries) == 1
    lines = {line.place.name: line for group in groups for line in group.lines}
    assert lines[never.name].standing.text == "还没有去过"
    assert lines["检修二班"].standing.text == "4个月没有去"
    assert lines["检修三班"].standing.text == "30天内3次，先缓一缓"
    assert lines["城东供电所"].standing.text == "1个月前去过"
    assert [line.place.name for line in groups[1].lines] == ["检修一班", "检修二班", "检修三班"]
    assert [line.step for line in groups[1].lines] == [4, 3, 1]
    assert [group.due for group in groups] == [0, 2]


def test_months_are_full_months() -> None:
    day = dt.date
    assert months_between(day(2017, 1, 31), day(2017, 2, 28)) == 0
    assert months_between(day(2017, 1, 31), day(2017, 3, 1)) == 1
    assert months_between(day(2016, 6, 27), day(2017, 6, 27)) == 12
    assert months_between(TODAY, TODAY) == 0


def test_links_are_dated_and_kept_by_visits(
    cast: Cast, listening: Listening, station: VisitPlace
) -> None:
    leader = cast.person(cast.leader)
    common: dict[str, Any] = {
        "committee": cast.city,
        "leader": leader,
        "started_on": dt.date(2017, 1, 1),
        "actor": cast.officer,
        "now": NOW,
    }
    to_station = visits.assign_link(kind="team", place=station, times_a_year=2, **common)
    visits.assign_link(kind="branch", branch=cast.branch_a, **common)
    with pytest.raises(DomainError, match="已经挂联这里"):
        visits.assign_link(kind="team", place=station, **common)
    with pytest.raises(DomainError, match="请选挂联到哪里"):
        visits.assign_link(kind="staff", **common)
    with pytest.raises(PermissionDenied):
        visits.assign_link(kind="team", place=station, **(common | {"actor": cast.secretary_a}))
    visited(cast, station, 3)
    [branch, team] = sorted(links(cast.officer, TODAY), key=lambda line: line.link.kind)
    assert (branch.made, team.made) == (1, 1)
    assert (branch.in_month, team.in_month) == (1, 1)
    assert team.standing.text == "近一年1次，还差1次"
    visits.end_link(
        link_id=to_station.pk, ended_on=TODAY - dt.timedelta(days=1), actor=cast.officer, now=NOW
    )
    assert [line.link.kind for line in links(cast.leader, TODAY)] == ["branch"]
    with pytest.raises(IntegrityError), transaction.atomic():
        LinkAssignment.objects.filter(pk=to_station.pk).update(place=None)


def test_a_secretary_writes_it_down_on_the_phone(
    cast: Cast, listening: Listening, station: VisitPlace, client: Client
) -> None:
    visited(cast, station, 12)
    client.force_login(cast.secretary_a)
    address = reverse("feedback:visit-create")
    page = words(client.get(address))
    assert "城东供电所（12天前去过）" in page
    for name in ("查安全", "问思想", "关注身心健康"):
        assert name in page
    form = {
        "visited_on": "2017-06-26",
        "place": station.pk,
        "met_count": "4",
        "mode": "on_site",
        "said_1": "值班室热水器坏了两个月",
        "level_1": "confidential",
    }
    missing = client.post(address, form)
    assert missing.status_code == 400
    assert "请填是谁说的" in words(missing)
    assert "值班室热水器坏了两个月" in words(missing)
    done: Any = client.post(address, form | {"who_1": "陈师傅"}, follow=True)
    assert done.status_code == 200
    assert "6月26日走访城东供电所" in words(done)
    assert StaffRequest.objects.get(source="visit").authorship.name == "陈师傅"
    assert words(client.get(reverse("feedback:visits"))).count("城东供电所") == 2
    assert client.get(reverse("feedback:visit-coverage")).status_code == 200


def test_the_office_registers_links_on_the_page(
    cast: Cast, station: VisitPlace, client: Client
) -> None:
    client.force_login(cast.officer)
    form = {
        "leader": cast.person(cast.leader).pk,
        "kind": "team",
        "place": station.pk,
        "times_a_year": "5",
        "started_on": "2017-06-01",
    }
    address = reverse("feedback:links")
    assert client.post(address, form | {"staff_no": "没有"}).status_code == 400
    assert client.post(address, form).status_code == 302
    assert "还差5次" in words(client.get(address))
    link = LinkAssignment.objects.get()
    client.force_login(cast.secretary_a)
    assert "登记一项" not in words(client.get(address))
    assert client.post(address, form).status_code == 403
    assert client.post(reverse("feedback:link-end", args=[link.pk])).status_code == 404
    client.force_login(cast.officer)
    assert client.post(reverse("feedback:link-end", args=[link.pk])).status_code == 302


def test_the_api_is_its_twin(cast: Cast, station: VisitPlace, client: Client) -> None:
    client.force_login(cast.secretary_a)

    def post(**body: Any) -> Any:
        return client.post("/api/v1/visits/", body, content_type="application/json")

    made = post(visited_on="2017-06-26", place=station.pk, private_note=PRIVATE)
    assert made.status_code == 201, made.content
    assert PRIVATE not in made.content.decode()
    assert post(visited_on="2018-01-01", place=station.pk).json()["field"] == "visited_on"
    assert post(visited_on="2017-06-26", place=99).status_code == 400
    assert client.get("/api/v1/visits/").json()["count"] == 1
    assert client.get("/api/v1/visit-places/").json()["count"] == 1
    client.force_login(cast.employee)
    assert post(visited_on="2017-06-26", whom="某某").status_code == 403
