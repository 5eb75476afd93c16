"""The pages of findings, and the three ledgers."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from evaluations.models import Finding, Inspection, ScoreAppeal
from evaluations.services import rounds
from evaluations.services.publish import publish_round
from tests.cast import JUNE, Cast
from tests.notices.pages import get, page, post, signed_in, text
from tests.notices.scene import PUBLISHED_AT, Provisional, Published, at, put

pytestmark = pytest.mark.usefixtures("on")

REPORT = {"cause": "疏忽", "measure": "已整改并讲评", "responsible": "林建明"}


def test_one_finding_through_its_pages(cast: Cast, provisional: Provisional, on: Any) -> None:
    on.move_to(at(7, 3))
    pk = provisional.finding(provisional.breaches).pk
    assert "7月12日前整改（剩 7 个工作日）" in text(get(cast.secretary_a, "finding-detail", pk))
    incomplete = post(
        cast.secretary_a, "finding-report", pk, version=1, **REPORT | {"measure": " "}
    )
    assert incomplete.status_code == 400
    assert "请写明整改措施。" in text(incomplete)
    assert "疏忽" in text(incomplete)
    saved = post(cast.secretary_a, "finding-save-report", pk, htmx=True, version=1, **REPORT)
    assert "已保存 10:00" in text(saved)
    conflict = post(
        cast.deputy_a, "finding-report", pk, version=1, **REPORT | {"cause": "别的原因"}
    )
    assert conflict.status_code == 409
    assert "别的原因" in text(conflict)
    assert "疏忽" in text(conflict)
    assert post(cast.deputy_a, "finding-report", pk, version=2, **REPORT).status_code == 302
    twice = post(cast.deputy_a, "finding-report", pk, version=2, **REPORT)
    assert twice.status_code == 409
    assert "待回头看" in text(twice)
    assert post(cast.secretary_a, "finding-verify", pk, note="").status_code == 403
    assert "请回头看" in text(get(cast.inspector, "finding-detail", pk))
    bad = post(
        cast.inspector,
        "finding-return",
        pk,
        **{"return-reason": "没改", "return-due_on": "2017-07-01"},
    )
    assert bad.status_code == 400
    assert "不能早于今天" in text(bad)
    assert "没改" in text(bad)
    early = post(cast.inspector, "finding-verify", pk, note="看过现场")
    assert early.status_code == 409
    assert "书记还没有背书" in text(early)
    assert post(cast.secretary_a, "finding-endorse", pk).status_code == 302
    assert post(cast.inspector, "finding-verify", pk, note="看过现场").status_code == 302
    assert "已销号" in text(get(cast.secretary_a, "finding-detail", pk))


def test_ledger_of_findings_by_side_and_state(
    cast: Cast, provisional: Provisional, on: Any
) -> None:
    on.move_to(at(7, 3))
    late = text(get(cast.secretary_a, "finding-list"))
    assert "1\u00a0个问题逾期，3\u00a0个待整改" in late
    assert "逾期 3 天" in late
    # What two teams found alike are two rows: each says whose it is.
    assert late.count(f"{provisional.inspection.team.label}提出") == 3
    team = text(get(cast.inspector, "finding-list"))
    assert "配电运检党支部" in team
    assert "机关第三党支部" not in team.split("<tbody")[1]
    everything = text(get(cast.officer, "finding-list"))
    assert "机关第三党支部" in everything
    only = text(get(cast.officer, "finding-list", type="management")).split("<tbody")[1]
    assert "机关第三党支部" in only
    assert "配电运检党支部" not in only
    assert "没有符合条件的问题" in text(get(cast.officer, "finding-list", type="business"))


def test_every_figure_of_the_135_board_opens_as_many_rows(
    cast: Cast, provisional: Provisional, on: Any
) -> None:
    """By the ledger's own sets, of the board's month and committee: what has been reported is
    with those who look back, and not overdue."""
    june = provisional
    # Another branch's is of another committee's month, and must stay out.
    county = rounds.open_round(committee=cast.county, month=JUNE, actor=None, now=at(6, 20))
    Inspection.objects.filter(pk=june.visit_office.pk).update(round=county)
    publish_round(round_id=june.round.pk, actor=None, now=PUBLISHED_AT, via="sweep")
    on.move_to(at(7, 20))
    reported, fixed = june.finding(june.lecture), june.finding(june.breaches)
    Finding.objects.filter(pk=reported.pk).update(status="reported", reported_at=at(7, 3))
    Finding.objects.filter(pk=fixed.pk).update(status="verified", verified_at=at(7, 9))
    Finding.objects.filter(pk=june.finding(june.themed_day).pk).update(due_on=at(7, 12).date())
    board = signed_in(cast.leader).get("/api/v1/board-135/").json()
    bars = board["mechanisms"][1]["bars"]
    assert {bar["label"]: bar["number"] for bar in bars} == {
        "已销号": 1,
        "待回头看": 1,
        "待整改": 1,
        "其中逾期": 1,
    }
    for bar in bars:
        ledger = signed_in(cast.leader).get(bar["url"]).context["ledger"]
        assert len(ledger.rows) == bar["number"], bar
    assert "互查问题 3 个" in board["mechanisms"][1]["title"]
    assert len(get(cast.leader, "finding-list", status="all").context["ledger"].rows) == 4


@pytest.mark.parametrize(
    "query",
    [
        {"status": "nonsense"},
        {"committee": "abc"},
        {"month": "2017-99"},
        {"type": "'; DROP TABLE"},
        {"page": "99999"},
        {"page": "-1"},
        {"branch": "abc"},
        {"scope": "team"},
        {"severity": "😀"},
    ],
)
@pytest.mark.parametrize("name", ["notice-list", "finding-list", "appeal-list"])
def test_any_query_string_opens(
    cast: Cast, provisional: Provisional, name: str, query: dict[str, str]
) -> None:
    for user in (cast.officer, cast.secretary_a, cast.employee):
        assert get(user, name, **query).status_code == 200


def test_notices_by_state_type_and_month(cast: Cast, published: Published) -> None:
    def rows(**query: str) -> str:
        body = text(get(cast.officer, "notice-list", **query))
        return body.split("<tbody")[1].split("</tbody>")[0] if "<tbody" in body else ""

    put(published.notice, "issued")
    assert "配电运检党支部" in rows(status="issued")
    assert "机关第三党支部" not in rows(status="issued")
    assert "机关第三党支部" in rows(type="management", month="2017-06")
    assert rows(type="business") == ""
    assert rows(month="2016-01") == rows()  # a month that has none is no condition
    assert "1\u00a0份待核稿" in text(get(cast.officer, "notice-list"))


@pytest.mark.parametrize(
    ("name", "most"), [("notice-list", 16), ("finding-list", 16), ("appeal-list", 16)]
)
def test_ledgers_cost_the_same_for_two_rows_and_for_fifty(
    cast: Cast, published: Published, name: str, most: int
) -> None:
    client = signed_in(cast.officer)
    client.get(page(name))
    with CaptureQueriesContext(connection) as few:
        client.get(page(name))
    line = published.provisional.finding(published.provisional.breaches)
    Finding.objects.bulk_create(
        Finding(
            inspection=line.inspection,
            branch=line.branch,
            item=line.item,
            number=number,
            fact=f"问题{number}",
            severity="minor",
            kind="fix_by_date",
            status="confirmed",
            raised_at=PUBLISHED_AT,
            due_on=dt.date(2017, 7, 20),
        )
        for number in range(10, 60)
    )
    ScoreAppeal.objects.bulk_create(
        ScoreAppeal(
            deduction=published.provisional.breaches,
            branch=cast.branch_a,
            status="rejected",
            text="不属实",
            filed_by=cast.secretary_a,
            filed_at=PUBLISHED_AT,
            decided_by=cast.officer,
            decided_at=PUBLISHED_AT,
            decision="属实",
            count_before=1,
        )
        for _ in range(50)
    )
    with CaptureQueriesContext(connection) as many:
        client.get(page(name))
    assert len(many) <= len(few) + 1  # a month to choose from, or the first page of rows
    assert len(many) <= most
