"""The REST twin by real requests: what the pages show and do, for the same people."""

from __future__ import annotations

import datetime as dt
import io
from typing import Any

import openpyxl
import pytest
from django.test import Client
from django.urls import reverse

from feedback.models import StaffRequest
from feedback.services import author, handling
from feedback.services.handling import Pledge
from feedback.similar import keep_up
from portal.accounts.models import User
from portal.audit.models import AuditEntry
from tests.cast import NOW, Cast
from tests.feedback.scene import GLOVES, HEADLINE, Listening, accepted, assigned, replied, say

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


class Api:
    """Somebody who asks for JSON."""

    def __init__(self, user: User) -> None:
        self.client = Client()
        self.client.force_login(user)

    def get(self, path: str, status: int = 200) -> Any:
        answer = self.client.get(f"/api/v1/{path}")
        assert answer.status_code == status, answer.content.decode()
        return answer.json()

    def post(self, path: str, status: int = 200, **given: Any) -> Any:
        answer = self.client.post(f"/api/v1/{path}", given, content_type="application/json")
        assert answer.status_code == status, answer.content.decode()
        return answer.json()


def test_the_way_of_a_request_by_rest(cast: Cast, listening: Listening) -> None:
    worker, office, bench = Api(listening.worker), Api(cast.officer), Api(listening.handler)
    made = worker.post("requests/", 201, text=GLOVES, level="confidential", category="protection")
    key = made["id"]
    assert [row["id"] for row in worker.get("requests/")["results"]] == [key]
    assert bench.get("requests/")["results"] == []
    bench.get(f"requests/{key}/", 404)
    bench.get(f"requests/{key}/way/", 404)

    assert office.post(f"requests/{key}/accept/", headline=HEADLINE)["status"] == "accepted"
    refused = office.post(f"requests/{key}/reply/", 403, text="改了", outcome="carried_out")
    assert "detail" in refused
    taken = office.post(f"requests/{key}/assign/", department=listening.supplies.pk)
    assert (taken["status"], taken["reply_due_on"]) == ("assigned", "2017-07-06")
    assert bench.get(f"requests/{key}/")["headline"] == HEADLINE
    bench.post(f"requests/{key}/ask/", text="哪个班？")
    worker.post(f"requests/{key}/add/", text="抢修一班。")
    bench.post(
        f"requests/{key}/reply/",
        text="7月1日起纱手套每人每月由2副调为4副。",
        outcome="planned",
        promise_what="每人每月4副",
        promise_due_on="2017-07-01",
        teams=["抢修一班"],
    )
    promise = bench.get("promises/")["results"][0]
    assert (promise["what"], promise["due_on"]) == ("每人每月4副", "2017-07-01")
    assert bench.post(f"promises/{promise['id']}/deliver/")["status"] == "delivered"
    rated = worker.post(f"requests/{key}/rate/", solved="solved", is_answered=True)
    assert rated["status"] == "replied", "closed when the promise has arrived"
    again = worker.post(f"requests/{key}/rate/", 409, solved="solved", is_answered=True)
    assert again["detail"]

    way = bench.get(f"requests/{key}/way/")
    assert [event["code"] for event in way["events"]][:3] == ["submitted", "accepted", "assigned"]
    assert [message["text"] for message in way["messages"]] == ["哪个班？", "抢修一班。"]
    assert way["replies"][0]["department_name"] == "物资部"
    assert way["ratings"][0]["solved"] == "solved"
    assert listening.worker.display_name not in str(way), "never a name"
    page = bench.client.get(reverse("feedback:request", args=[key])).content.decode()
    assert all(event["text"] in page for event in way["events"])


def test_the_author_does_not_read_what_the_office_keeps_to_itself(
    cast: Cast, listening: Listening
) -> None:
    request = assigned(say(listening.worker), cast, listening)
    handling_line = request.events.create(
        request=request, number=99, code="note", text="内部一句", on=cast.today, is_inner=True
    )
    assert handling_line.text in str(Api(listening.handler).get(f"requests/{request.pk}/way/"))
    assert handling_line.text not in str(Api(listening.worker).get(f"requests/{request.pk}/way/"))


def test_the_other_steps_by_rest(cast: Cast, listening: Listening) -> None:
    office, bench = Api(cast.officer), Api(listening.handler)
    first = assigned(say(listening.worker), cast, listening)
    second = accepted(say(listening.colleague, "手套一个月两副不够"), cast)
    sealed = say(listening.worker, "有人收了礼", level="confidential", kind="discipline")
    bench.post(f"requests/{first.pk}/ask-extension/", new_due_on="2017-07-12", reason="等招标")
    granted = office.post(f"requests/{first.pk}/extension/", grant=True)
    assert granted["reply_due_on"] == "2017-07-12"
    office.post(f"requests/{second.pk}/merge/", 404, into=sealed.pk)
    assert office.post(f"requests/{second.pk}/merge/", into=first.pk)["status"] == "merged"
    bench.post(f"requests/{first.pk}/reply/", text="7月12日起手套每人4副。", outcome="planned")
    done = bench.post(f"requests/{first.pk}/carry-out/", what="7月12日起每人4副")
    assert done["outcome"] == "carried_out"
    bench.post(f"requests/{first.pk}/publish/", 403, said="手套不够", changed="每人4副")
    office.post(f"requests/{first.pk}/publish/", said="手套不够", changed="7月12日起每人4副")
    assert "7月12日起每人4副" in str(office.get("board/"))
    office.post(f"requests/{sealed.pk}/settle/", 404, text="已转")
    discipline = Api(listening.discipline)
    discipline.post(f"requests/{sealed.pk}/accept/")
    told = discipline.post(f"requests/{sealed.pk}/settle/", text="已转公司纪委办理。")
    assert told["status"] == "closed"


def test_a_colleague_finds_the_same_matter_and_joins_it_by_rest(
    cast: Cast, listening: Listening
) -> None:
    request = say(listening.worker)
    colleague = Api(listening.colleague)
    path = f"requests/{request.pk}/me-too/"
    colleague.post(path, 404)  # nobody but the office has read it yet
    accepted(request, cast)
    keep_up(NOW)
    found = colleague.post("requests/similar/", text=GLOVES)
    assert [row["id"] for row in found] == [request.pk]
    assert set(found[0]) == {"id", "headline", "submitted_on", "is_answered", "changed"}
    for _twice in range(2):
        assert colleague.post(path) == {"request": request.pk, "on": "2017-06-27"}
    assert request.me_toos.count() == 1
    colleague.get(f"requests/{request.pk}/", 404)  # joining shows nobody's words
    assert Api(listening.worker).post(path, 409)["detail"] == "这是您自己提的。"
    Api(cast.sysadmin).post(path, 403)
    Api(cast.sysadmin).post("requests/similar/", 403, text=GLOVES)
    StaffRequest.objects.filter(pk=request.pk).update(is_sealed=True)
    colleague.post(path, 404)


def test_lists_filter_and_hide_what_is_sealed(cast: Cast, listening: Listening) -> None:
    open_one = assigned(say(listening.worker), cast, listening)
    accepted(say(listening.worker, "食堂太远了"), cast)
    sealed = say(listening.worker, "有人收了礼", level="confidential", kind="discipline")
    office = Api(cast.officer)
    assert office.get("requests/")["count"] == 2
    assert office.get("requests/?status=assigned")["results"][0]["id"] == open_one.pk
    office.get(f"requests/{sealed.pk}/", 404)
    assert Api(listening.discipline).get("requests/")["results"][0]["id"] == sealed.pk
    assert Client().get("/api/v1/requests/").status_code in (401, 403)


def test_a_wrong_value_is_named_with_its_field(cast: Cast, listening: Listening) -> None:
    worker = Api(listening.worker)
    assert "level" in worker.post("requests/", 400, text=GLOVES, level="anonymous")
    assert worker.post("requests/", 400, text="短", level="named")["field"] == "text"
    assert not StaffRequest.objects.exists()


def test_the_box_finds_requests_as_far_as_one_may_see_them(
    cast: Cast, listening: Listening
) -> None:
    request = assigned(say(listening.worker), cast, listening)

    def found(user: User, words: str) -> bool:
        client = Client()
        client.force_login(user)
        page = client.get(reverse("dashboard:search"), {"q": words}).content.decode()
        return reverse("feedback:request", args=[request.pk]) in page

    for user in (cast.officer, listening.aide, listening.handler, listening.worker):
        assert found(user, "手套"), user
        assert found(user, request.number), user
    for user in (listening.colleague, listening.other_handler, cast.auditor):
        assert not found(user, "手套"), user


def test_overdue_promises_stand_on_the_leaders_home(
    cast: Cast, listening: Listening, clock: Any
) -> None:
    pledge = Pledge("每人每月4副", NOW.date(), ())
    replied(say(listening.worker), cast, listening, outcome="planned", pledge=pledge)

    def home(user: User) -> str:
        client = Client()
        client.force_login(user)
        return client.get("/", follow=True).content.decode()

    assert "1 件承诺在路上，都没到期" in home(cast.leader)
    clock.move_to(NOW.replace(day=30))
    page = home(cast.leader)
    assert "物资部：每人每月4副，逾期 3 天" in page
    assert reverse("feedback:promises") in page
    promise = StaffRequest.objects.get().promises.get()
    handling.deliver_promised(promise_id=promise.pk, actor=listening.handler, now=NOW)
    author.confirm_promise(promise_id=promise.pk, arrived=True, actor=listening.worker, now=NOW)
    assert "没有欠着的" in home(cast.leader)


def test_the_leaders_home_counts_the_overdue_requests_of_the_ledger(
    cast: Cast, listening: Listening, clock: Any
) -> None:
    """One fact, one number: the home, the ledger and the public board."""
    for text in ("纱手套不够用", "食堂夜班没有热饭"):
        say(listening.worker, text)
    clock.move_to(NOW + dt.timedelta(days=20))
    client = Client()
    client.force_login(cast.leader)
    tiles = client.get("/api/v1/board-135/").json()["owed"]
    tile = next(tile for tile in tiles if "诉求" in tile["label"])
    assert (tile["label"], tile["count"], tile["state"]) == ("逾期的诉求", 2, "late")
    assert len(client.get(tile["url"]).context["listing"].rows) == 2
    assert client.get(reverse("feedback:board")).context["board"].open.late == 2


def test_the_ledger_as_a_workbook(cast: Cast, listening: Listening) -> None:
    assigned(say(listening.worker, "=cmd 纱手套不够用"), cast, listening)
    say(listening.worker, "有人收了礼", level="confidential", kind="discipline")
    path = reverse("feedback:ledger-excel")
    office = Client()
    office.force_login(cast.officer)
    answer: Any = office.get(path, {"q": "手套"})
    sheet = openpyxl.load_workbook(io.BytesIO(b"".join(answer))).active
    assert sheet is not None
    cells = [cell.value for row in sheet.iter_rows() for cell in row if cell.value]
    assert "=cmd 纱手套不够用" in cells
    assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)
    assert not any("收了礼" in str(cell) for cell in cells)
    assert not any(listening.worker.display_name in str(cell) for cell in cells)
    assert AuditEntry.objects.get(code="request.exported").after["rows"] == 1
    stranger = Client()
    stranger.force_login(listening.handler)
    assert stranger.get(path).status_code == 403
