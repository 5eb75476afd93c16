"""A step sent after a colleague was quicker: the page says so and keeps what was typed."""

from __future__ import annotations

from typing import Any

import pytest

from evaluations.services import appeals, findings
from tests.cast import Cast
from tests.notices.pages import get, post, text
from tests.notices.scene import Provisional, Published, at, put

pytestmark = pytest.mark.usefixtures("on")

MOVED = "这一步现在做不了：您打开页面以后，情况有了变化。最近一步："
KEPT = "您写的，没有提交"


def test_a_finding_given_back_without_reason_after_it_was_struck_off(
    cast: Cast, provisional: Provisional, on: Any
) -> None:
    on.move_to(at(7, 3))
    pk = provisional.finding(provisional.breaches).pk
    findings.report_finding(
        finding_id=pk,
        cause="疏忽",
        measure="已整改",
        responsible="林建明",
        actor=cast.secretary_a,
        now=at(7, 3),
    )
    findings.verify_finding(finding_id=pk, note="", actor=cast.officer, now=at(7, 3, 11))
    late = post(
        cast.inspector, "finding-return", pk, **{"return-reason": "", "return-due_on": "2017-07-20"}
    )
    assert late.status_code == 400
    assert f"{MOVED}7月3日 11:00 {cast.officer}" in text(late)
    assert KEPT in text(late)
    assert "2017年7月20日" in text(late)
    worded = post(cast.inspector, "finding-return", pk, **{"return-reason": "还差一张照片"})
    assert worded.status_code == 409
    assert MOVED not in text(worded)  # the service says it in its own words
    assert KEPT in text(worded)
    assert "还差一张照片" in text(worded)


def test_a_finding_refused_while_its_form_is_there_says_nothing_of_it(
    cast: Cast, provisional: Provisional, on: Any
) -> None:
    on.move_to(at(7, 3))
    pk = provisional.finding(provisional.breaches).pk
    for page in (
        get(cast.officer, "finding-detail", pk),
        post(cast.officer, "finding-extend", pk, **{"extend-due_on": "2017-07-20"}),
    ):
        assert MOVED not in text(page)
        assert KEPT not in text(page)


def test_an_appeal_decided_meanwhile(cast: Cast, provisional: Provisional, on: Any) -> None:
    on.move_to(at(7, 3, 15))
    appeal = appeals.file_appeal(
        deduction_id=provisional.breaches.pk, text="不属实", actor=cast.secretary_a, now=at(7, 3)
    )
    appeals.decide_appeal(
        appeal_id=appeal.pk,
        uphold=False,
        count_after=None,
        decision="照片清楚",
        actor=cast.officer,
        now=at(7, 3, 14),
    )
    wordless = post(cast.leader, "appeal-uphold", appeal.pk, **{"uphold-count_after": "1"})
    assert wordless.status_code == 400
    assert f"{MOVED}7月3日 14:00 {cast.officer}“维持原扣分”。" in text(wordless)
    too_long = "当日监护人在场，" * 80
    long = post(
        cast.leader,
        "appeal-uphold",
        appeal.pk,
        **{"uphold-count_after": "1", "uphold-decision": too_long},
    )
    assert long.status_code == 400
    assert MOVED in text(long)
    assert too_long in text(long)


def test_a_month_that_was_published_meanwhile(cast: Cast, published: Published) -> None:
    pk = published.notice.run.round_id
    too_long = "两张评分表要重交，" * 40
    late = post(cast.officer, "round-reopen-inspection", pk, reason=too_long)
    assert late.status_code == 400
    assert MOVED in text(late)
    assert "“发布通报”" in text(late)
    assert too_long in text(late)
    assert "您写的" not in text(post(cast.officer, "round-reopen-inspection", pk, reason=" "))


def test_a_month_sent_back_without_reason_is_told_so_in_its_own_form(
    cast: Cast, provisional: Provisional
) -> None:
    refused = text(post(cast.officer, "round-reopen-inspection", provisional.round.pk, reason=""))
    assert "reopen-error" in refused
    assert 'id="reason-error"' not in refused
    assert MOVED not in refused


def test_a_notice_answered_after_it_was_accepted_keeps_the_answer(
    cast: Cast, published: Published
) -> None:
    put(published.notice, "accepted")
    problem = published.notice.problems.order_by("number")[0]
    late = post(
        cast.secretary_a,
        "notice-respond",
        published.notice.pk,
        **{"version": "1", f"p{problem.pk}-measure": "每班开工前由监护人检查"},
    )
    assert late.status_code == 409
    assert "现在是“已办结”" in text(late)
    assert KEPT in text(late)
    assert "每班开工前由监护人检查" in text(late)
