"""What visits tell beyond their own pages: the leader's board says which hooks are owed, and the
inspector of a branch reads them as facts that never score by themselves."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from branches.models import Appointment
from evaluations.item_facts import item_facts
from evaluations.models import Deduction, RubricItem
from evaluations.proposals import Proposal, proposal_of
from evaluations.services import sheets
from feedback.models import StaffVisit, VisitPlace, VisitQuestion
from feedback.services import visits
from feedback.services.submitting import Said, Speaker
from feedback.services.visits import Brought, Seen, VisitDraft
from portal.accounts.models import User
from portal.kernel.months import Month
from tests.branches.scene import Busy
from tests.branches.scene import busy as busy
from tests.cast import NOW, TODAY, Cast
from tests.feedback.channel import words

pytestmark = pytest.mark.django_db
SOURCE = Path(settings.BASE_DIR) / "evaluations" / "data" / "rubrics.json"
JUNE = Month(2017, 6)
OVER = dt.date(2017, 7, 1)


@pytest.fixture
def clock() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


def seed_item(rubric: str, code: str) -> dict[str, Any]:
    rubrics = json.loads(SOURCE.read_text())["rubrics"]
    sections = next(r for r in rubrics if r["code"] == rubric)["sections"]
    return next(i for s in sections for i in s["items"] if i["code"] == code)


def proposed(item: dict[str, Any], branch: Any, today: dt.date) -> list[Proposal]:
    rules = list(enumerate((rule["text"] for rule in item["deductions"]), start=1))
    text = f"{item['name_zh']}，{item['standard']}"
    return [proposal_of(fact, rules) for fact in item_facts(text, branch.pk, JUNE, today)]


def place(cast: Cast, name: str, kind: str = "station", **more: Any) -> VisitPlace:
    return VisitPlace.objects.create(committee=cast.city, kind=kind, name=name, **more)


def hook(cast: Cast, kind: str = "team", **target: Any) -> Any:
    return visits.assign_link(
        committee=cast.city,
        leader=cast.person(cast.leader),
        kind=kind,
        started_on=dt.date(2017, 1, 1),
        actor=cast.officer,
        now=NOW,
        **target,
    )


def visited(cast: Cast, who: User, where: VisitPlace, day: int, **more: Any) -> StaffVisit:
    draft = VisitDraft(
        led_by=cast.person(who), visited_on=dt.date(2017, 6, day), place=where, **more
    )
    return visits.record_visit(committee=cast.city, draft=draft, actor=who, now=NOW)


def test_a_hook_nobody_went_to_is_proposed_once_the_month_is_over(cast: Cast, clock: None) -> None:
    item = seed_item("MGMT", "D1")
    seen, unseen = place(cast, "洛江供电所"), place(cast, "河市供电所")
    hook(cast, place=seen)
    hook(cast, place=unseen)
    visited(cast, cast.leader, seen, 8)
    [fact] = proposed(item, cast.office_one, TODAY)
    assert fact.rule_id is None, "before the last day it is only worth knowing"
    [fact] = proposed(item, cast.office_one, OVER)
    leader = cast.person(cast.leader).name
    assert fact.fact == f"2017年6月有 1 处挂点没有走访记录：{leader}挂河市供电所。"
    assert (fact.rule_id, fact.count) == (1, 1), "少到"
    assert proposed(item, cast.office_two, OVER) == [], "whose members are hooked nowhere"
    visited(cast, cast.leader, unseen, 9)
    [fact] = proposed(item, cast.office_one, OVER)
    assert (fact.rule_id, "都到过，共 2 次" in fact.fact) == (None, True)


def test_a_problem_found_and_handed_on_to_nobody_is_proposed(cast: Cast, clock: None) -> None:
    item = seed_item("MGMT", "D1")
    station = place(cast, "洛江供电所")
    hook(cast, place=station)
    check = VisitQuestion.objects.get(name="查安全")
    concern = VisitQuestion.objects.get(name="关注身心健康")
    visited(cast, cast.leader, station, 5, seen={concern.pk: Seen("夜里睡不好", is_finding=True)})
    found = {check.pk: Seen("安全带过期两条", is_finding=True)}
    visited(cast, cast.leader, station, 6, seen=found)
    handed_on = [Brought(Said("安全带过期两条", "named"), Speaker(name="陈师傅"))]
    visited(cast, cast.leader, station, 7, seen=found, brought=handed_on)
    _kept, fact = proposed(item, cast.office_one, OVER)
    assert fact.fact == "1 次走访发现问题没有转成诉求：6月6日走访洛江供电所。"
    assert (fact.rule_id, fact.count) == (3, 1), "发现问题未转办; what is private is told to nobody"


def test_customers_of_a_business_branch(cast: Cast, clock: None) -> None:
    item = seed_item("BUSI", "D3")
    secretary = cast.secretary_of(cast.supplies)
    [fact] = proposed(item, cast.supplies, OVER)
    assert (fact.rule_id, fact.fact) == (1, "2017年6月支委没有走访重点客户的记录。")
    works = place(cast, "滨江石化", "enterprise")
    visited(cast, secretary, works, 8)
    visited(cast, secretary, works, 9)
    [fact] = proposed(item, cast.supplies, OVER)
    assert fact.rule_id is None
    assert "走访重点客户 2 次，1 户：滨江石化" in fact.fact


def test_a_group_leader_is_not_of_the_branch_committee(cast: Cast, clock: None) -> None:
    item = seed_item("BUSI", "D3")
    secretary = cast.secretary_of(cast.supplies)
    Appointment.objects.filter(person__user=secretary).update(post="group_leader")
    visited(cast, secretary, place(cast, "滨江石化", "enterprise"), 8)
    [fact] = proposed(item, cast.supplies, OVER)
    assert fact.fact == "2017年6月支委没有走访重点客户的记录。"


def test_the_inspector_reads_it_and_nothing_is_deducted(cast: Cast, busy: Busy) -> None:
    now = dt.datetime(2017, 6, 29, 9, tzinfo=cast.now.tzinfo)
    with time_machine.travel(now, tick=False):
        sheets.start_sheet(inspection_id=busy.visit.pk, actor=cast.secretary_a, now=now)
        version = busy.visit.participant.rubric_version
        item: Any = RubricItem.objects.get(version=version, code="D3")
        client = Client()
        client.force_login(cast.secretary_a)
        text = words(client.get(reverse("evaluations:sheet-item", args=[busy.visit.pk, item.pk])))
    assert "记录显示：2017年6月支委没有走访重点客户的记录。" in text
    assert "现场属实，填上" not in text, "the month is not over"
    assert not Deduction.objects.filter(inspection=busy.visit).exists()


def test_the_leaders_board_says_which_hooks_are_owed(cast: Cast, clock: None) -> None:
    seen, unseen = place(cast, "洛江供电所"), place(cast, "河市供电所")
    hook(cast, place=seen)
    hook(cast, place=unseen)
    hook(cast, kind="branch", branch=cast.branch_a)
    hook(cast, kind="government", place=place(cast, "市工信局", "government"))
    visited(cast, cast.leader, seen, 8)
    client = Client()
    client.force_login(cast.leader)
    board = reverse("dashboard:board")
    text = words(client.get(board))
    assert "挂点走访还欠" in text
    assert "本人 2 处，6月30日前" in text
    assert "等您裁定的诉求" in text
    assert "出队待核定" not in text, "the party-affairs office's work"
    tiles = client.get("/api/v1/board-135/").json()["owed"]
    [tile] = [tile for tile in tiles if tile["label"] == "挂点走访还欠"]
    assert (tile["count"], tile["state"]) == (2, "soon")
    rows = client.get(tile["url"]).context["lines"]
    assert [str(line.link.target) for line in rows] == ["配电运检党支部", "河市供电所"]
    officer = Client()
    officer.force_login(cast.officer)
    text = words(officer.get(board))
    assert "2 处，6月30日前" in text
    assert "出队待核定" in text
    with CaptureQueriesContext(connection) as queries:
        client.get(board)
    assert len(queries) <= 15


def test_the_meeting_is_entered_from_the_board(cast: Cast, busy: Busy) -> None:
    may = Month(2017, 5)
    meeting = reverse("evaluations:meeting", args=[cast.city.rounds.get(month=may.first_day).pk])
    with time_machine.travel(dt.datetime(2017, 6, 29, 9, tzinfo=cast.now.tzinfo), tick=False):
        for user, sees in ((cast.leader, True), (cast.officer, True)):
            client = Client()
            client.force_login(user)
            text = client.get(reverse("dashboard:board")).content.decode()
            assert (f'href="{meeting}"' in text) is sees
            assert "例会点评" in text
            assert client.get(meeting).status_code == 200
        client.force_login(cast.employee)
        public = client.get(reverse("dashboard:board-public")).content.decode()
    assert meeting not in public
