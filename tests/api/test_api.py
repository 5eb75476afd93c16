"""The REST twin: same rows, same people, same sentences as the pages."""

from __future__ import annotations

from typing import Any

import pytest
import time_machine
from django.test import Client
from rest_framework.authtoken.models import Token

from evaluations.models import Inspection, ItemCheck, RectificationNotice
from portal.accounts.models import User
from tests.cast import Cast
from tests.month import MonthCast
from tests.notices.scene import PUBLISHED_AT, Published

pytestmark = pytest.mark.usefixtures("clock")


def api(user: User | None) -> Client:
    client = Client()
    if user is not None:
        client.force_login(user)
    return client


def get(user: User | None, path: str, **query: Any) -> Any:
    return api(user).get(f"/api/v1/{path}", query)


def post(user: User, path: str, body: Any = None) -> Any:
    return api(user).post(f"/api/v1/{path}", body or {}, content_type="application/json")


def names(answer: Any) -> set[str]:
    assert answer.status_code == 200, answer.content
    return {row["name"] for row in answer.json()["results"]}


def test_nobody_reads_without_signing_in(cast: Cast) -> None:
    for path in ("me/", "branches/", "rounds/", "schema/"):
        assert get(None, path).status_code in {401, 403}


def test_a_token_does_what_a_session_does(cast: Cast) -> None:
    token = Token.objects.create(user=cast.secretary_a)
    answer = Client().get("/api/v1/me/", headers={"Authorization": f"Token {token.key}"})
    assert answer.json()["secretary_branches"] == [cast.branch_a.pk]


def test_a_token_is_had_for_a_password(cast: Cast) -> None:
    cast.employee.set_password("haisi-2017-lights")
    cast.employee.save()
    body = {"username": "employee", "password": "haisi-2017-lights"}
    answer = Client().post("/api/v1/token/", body, content_type="application/json")
    assert answer.status_code == 200
    assert Token.objects.get(user=cast.employee).key == answer.json()["token"]


def test_branches_end_at_the_committee(cast: Cast) -> None:
    assert "晋江营销党支部" not in names(get(cast.secretary_a, "branches/"))
    assert names(get(cast.officer_elsewhere, "branches/")) == {"晋江营销党支部"}
    assert "晋江营销党支部" in names(get(cast.officer, "branches/"))
    stranger = get(cast.officer_elsewhere, f"branches/{cast.branch_a.pk}/")
    assert stranger.status_code == 404


def test_a_sheet_goes_through_the_api_from_start_to_both_sides_word(
    cast: Cast, month_cast: MonthCast
) -> None:
    visit = month_cast.visit_a
    item = month_cast.item(visit, "D1")
    rule = item.rules.get(number=1)
    line = {"rule": rule.pk, "count": 1, "fact": "6月14日下颏带未系好"}
    started = post(cast.inspector, f"sheets/{visit.pk}/start/")
    assert started.json()["status"] == "under_way"
    client = api(cast.inspector)
    path = f"/api/v1/sheets/{visit.pk}/items/{item.pk}/"
    body = {"version": 0, "lines": [line]}
    saved = client.put(path, body, content_type="application/json")
    assert saved.json()["base"] == "98.00"
    again = client.put(path, body, content_type="application/json")
    assert again.status_code == 200, "the phone sends the same save twice"
    assert ItemCheck.objects.get(item=item).version == 1
    other = {"version": 0, "lines": [{**line, "count": 3}]}
    conflict = client.put(path, other, content_type="application/json")
    assert conflict.status_code == 409
    assert conflict.json()["code"] == "conflict"
    assert "您填的内容还在" in conflict.json()["detail"]
    early = post(cast.inspector, f"sheets/{visit.pk}/submit/")
    assert (early.status_code, early.json()["field"]) == (400, "rest_is_fine")
    done = post(cast.inspector, f"sheets/{visit.pk}/submit/", {"rest_is_fine": True})
    assert done.json()["score"] == "98.00"
    wrong = post(cast.secretary_b, f"sheets/{visit.pk}/confirm/")
    assert wrong.status_code == 404, "another branch's sheet does not exist for a neighbour"
    assert post(cast.officer, f"sheets/{visit.pk}/confirm/").status_code == 403
    assert post(cast.secretary_a, f"sheets/{visit.pk}/confirm/").json()["status"] == "confirmed"
    late = post(cast.secretary_a, f"sheets/{visit.pk}/confirm/")
    assert late.status_code == 409
    assert late.json()["code"] == "wrong_state"


def test_a_fact_that_is_missing_names_its_field(cast: Cast, month_cast: MonthCast) -> None:
    visit = month_cast.visit_a
    item = month_cast.item(visit, "D1")
    rule = item.rules.get(number=1)
    answer = api(cast.inspector).put(
        f"/api/v1/sheets/{visit.pk}/items/{item.pk}/",
        {"version": 0, "lines": [{"rule": rule.pk, "count": 1, "fact": ""}]},
        content_type="application/json",
    )
    assert answer.status_code == 400
    assert answer.json()["field"] == f"fact-{rule.pk}"
    assert Inspection.objects.get(pk=visit.pk).status == "planned"


def test_a_round_is_run_by_its_officer_only(cast: Cast, month_cast: MonthCast) -> None:
    path = f"rounds/{month_cast.round.pk}/close-inspection/"
    assert post(cast.secretary_a, path, {"reason": "查完"}).status_code == 403
    assert post(cast.officer_elsewhere, path, {"reason": "查完"}).status_code == 404
    missing = post(cast.officer, path)
    assert (missing.status_code, missing.json()["field"]) == (400, "reason")
    done = post(cast.officer, path, {"reason": "各组已查完"})
    assert done.json()["status"] == "provisional"
    assert post(cast.officer, path, {"reason": "再来"}).status_code == 409


def test_opening_and_assigning(cast: Cast, month_cast: MonthCast) -> None:
    body = {"committee": cast.city.pk, "month": "2017-07"}
    assert post(cast.leader, "rounds/", body).status_code == 403
    opened = post(cast.officer, "rounds/", body)
    assert (opened.status_code, opened.json()["month"]) == (201, "2017-07")
    assert post(cast.officer, "rounds/", {**body, "month": "2017-13"}).status_code == 400
    same_type = post(
        cast.officer,
        f"rounds/{month_cast.round.pk}/assign/",
        {
            "team": month_cast.team_office.pk,
            "participant": month_cast.participant(cast.office_one).pk,
        },
    )
    assert same_type.status_code == 400
    assert "不同类型" in same_type.json()["detail"]


def test_published_lines_are_for_the_committee(cast: Cast, published: Published) -> None:
    mine = get(cast.employee, "rankings/", branch=cast.branch_a.pk).json()["results"]
    assert len(mine) == 1
    assert mine[0]["month"] == "2017-06"
    assert len(mine[0]["digest"]) == 64
    assert get(cast.officer_elsewhere, "rankings/").json()["results"] == []


def test_a_draft_notice_is_no_business_of_the_branch_yet(
    cast: Cast, published: Published, clock: time_machine.Traveller
) -> None:
    clock.move_to(PUBLISHED_AT)
    notice = published.notice
    assert get(cast.secretary_a, f"notices/{notice.pk}/").status_code == 404
    issued = post(cast.officer, f"notices/{notice.pk}/check-and-issue/")
    assert issued.json()["document_number"] == "泉电党整〔2017〕1号"
    assert get(cast.secretary_a, f"notices/{notice.pk}/").status_code == 200
    assert get(cast.secretary_b, f"notices/{notice.pk}/").status_code == 404
    assert post(cast.officer, f"notices/{notice.pk}/acknowledge/").status_code == 403
    assert post(cast.secretary_a, f"notices/{notice.pk}/acknowledge/").status_code == 200
    assert post(cast.secretary_a, f"notices/{notice.pk}/acknowledge/").status_code == 409
    answers = [
        {
            "problem": problem.pk,
            "cause": "计划被抢修冲掉",
            "measure": "补开并定备用日",
            "responsible": "林建明",
            "done_on": "2017-06-29",
            "result": "已补开",
        }
        for problem in published.problems
    ]
    notice.refresh_from_db()
    early = [{**answer, "done_on": "2017-06-27"} for answer in answers]
    refused = post(
        cast.secretary_a,
        f"notices/{notice.pk}/respond/",
        {"version": notice.version, "answers": early},
    )
    assert refused.status_code == 400
    assert "完成时间不能早于检查当天（6月28日）。" in refused.content.decode()
    sent = post(
        cast.secretary_a,
        f"notices/{notice.pk}/respond/",
        {"version": notice.version, "answers": answers},
    )
    assert sent.status_code == 200, sent.content
    assert post(cast.officer, f"notices/{notice.pk}/accept/").json()["status"] == "accepted"
    assert RectificationNotice.objects.get(pk=notice.pk).closed_at is not None


def test_messages_and_trail_have_their_own_readers(cast: Cast, month_cast: MonthCast) -> None:
    assert get(cast.auditor, "audit/").json()["count"] > 0
    assert get(cast.officer, "audit/").json()["count"] == 0
    assert get(cast.employee, "messages/").json()["count"] == 0


def test_filters_and_pages(cast: Cast, month_cast: MonthCast) -> None:
    found = get(cast.officer, "sheets/", inspected_branch=cast.branch_a.pk).json()
    assert found["count"] == 2
    assert get(cast.officer, "sheets/", round=month_cast.round.pk, page=2).status_code == 404


def test_lists_cost_the_same_for_one_and_for_many(
    cast: Cast, month_cast: MonthCast, django_assert_max_num_queries: Any
) -> None:
    client = api(cast.officer)
    for path in ("branches/", "sheets/", "rubrics/", "rubric-versions/", "rounds/"):
        with django_assert_max_num_queries(9):
            assert client.get(f"/api/v1/{path}").status_code == 200


def test_the_reference_describes_every_resource(cast: Cast) -> None:
    page = api(cast.employee).get("/api/v1/").content.decode()
    for resource in ("rounds", "sheets", "notices", "rankings", "audit"):
        assert f'id="{resource}"' in page
