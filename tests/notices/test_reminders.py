"""What the sweep reminds of, what the digest and the side bar count."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from evaluations.models import Finding, RectificationNotice
from evaluations.selectors.todo import rectification_todo, things_to_do
from evaluations.services import findings, notices, overdue
from portal.accounts.models import User
from portal.kernel import navigation, sweep
from portal.notifications.models import InboxMessage
from tests.cast import Cast
from tests.notices.scene import PUBLISHED_AT, Published, at

pytestmark = pytest.mark.usefixtures("on")


@pytest.fixture
def served(cast: Cast, published: Published) -> RectificationNotice:
    """Issued on 5 July: to be signed for by the 7th, put right by the 12th."""
    return notices.check_and_issue(
        notice_id=published.notice.pk, actor=cast.officer, now=PUBLISHED_AT
    )


def told(prefix: str) -> set[User]:
    return {m.user for m in InboxMessage.objects.filter(key__startswith=prefix)}


def test_nothing_on_the_day_itself_and_each_deadline_once(
    cast: Cast, served: RectificationNotice
) -> None:
    Finding.objects.all().delete()
    both_sides = {cast.secretary_a, cast.deputy_a, cast.officer}
    overdue.remind(at(7, 7, 23, 59))
    assert not told("notice-unsigned")
    for hour in (0, 1, 2):
        overdue.remind(at(7, 8, hour))
    assert told("notice-unsigned") == both_sides
    assert InboxMessage.objects.filter(key__startswith="notice-unsigned").count() == 3
    overdue.remind(at(7, 12, 23, 59))
    assert not told("notice-overdue")
    overdue.remind(at(7, 13, 0, 0))
    assert told("notice-overdue") == both_sides


def test_new_deadline_is_reminded_of_anew(cast: Cast, served: RectificationNotice) -> None:
    overdue.remind(at(7, 13))
    RectificationNotice.objects.filter(pk=served.pk).update(
        status="returned", due_on=dt.date(2017, 7, 20)
    )
    overdue.remind(at(7, 21))
    keys = InboxMessage.objects.filter(key__startswith=f"notice-overdue:{served.pk}:")
    assert keys.filter(user=cast.secretary_a).count() == 2


def test_findings_remind_the_branch_and_look_backs_the_team(
    cast: Cast, published: Published
) -> None:
    overdue.remind(at(7, 13))
    assert told("finding-overdue") == {cast.secretary_a, cast.deputy_a}
    ours = published.provisional.finding(published.provisional.breaches)
    findings.report_finding(
        finding_id=ours.pk,
        cause="疏忽",
        measure="已整改",
        responsible="林建明",
        actor=cast.secretary_a,
        now=at(7, 13),
    )
    overdue.remind(at(7, 20))
    assert not told("look-back-overdue")
    overdue.remind(at(7, 21))
    assert told("look-back-overdue") == {cast.inspector}


def test_steady_state_only_reads(cast: Cast, served: RectificationNotice) -> None:
    overdue.remind(at(7, 13))
    with CaptureQueriesContext(connection) as queries:
        assert "0" in overdue.remind(at(7, 13, 0, 1))
    written = [q["sql"] for q in queries if q["sql"].startswith(("INSERT", "UPDATE"))]
    assert not written


def test_sweep_and_digest_know_of_it() -> None:
    assert "overdue" in {step.name for step in sweep.steps()}
    assert "rectification" in navigation._entries


def todo(cast: Cast, role: str, day: dt.date) -> list[str]:
    user = getattr(cast, role)
    return [item.title for item in rectification_todo([user], day).get(user.pk, [])]


def test_what_each_reader_has_to_do(cast: Cast, published: Published) -> None:
    day = PUBLISHED_AT.date()
    assert todo(cast, "officer", day) == ["核稿：给配电运检党支部的整改通知书"]
    assert todo(cast, "leader", day) == ["核稿：给机关第三党支部的整改通知书"]
    notices.check_notice(notice_id=published.notice.pk, actor=cast.officer, now=PUBLISHED_AT)
    assert todo(cast, "officer", day) == []
    assert "签发给配电运检党支部的整改通知书" in todo(cast, "leader", day)
    notices.issue_notice(notice_id=published.notice.pk, actor=cast.leader, now=PUBLISHED_AT)
    assert todo(cast, "officer", day) == []
    ours = todo(cast, "deputy_a", day)
    assert ours[0] == "签收整改通知书泉电党整〔2017〕1号"
    assert len(ours) == 4  # and the three findings
    assert todo(cast, "inspector", day) == []
    finding = published.provisional.finding(published.provisional.breaches)
    findings.report_finding(
        finding_id=finding.pk,
        cause="疏忽",
        measure="已整改",
        responsible="林建明",
        actor=cast.secretary_a,
        now=PUBLISHED_AT,
    )
    assert todo(cast, "inspector", day) == [f"回头看：配电运检党支部，{finding.fact}"]
    for stranger in ("employee", "secretary_b", "officer_elsewhere", "sysadmin", "captain"):
        assert todo(cast, stranger, day) == [], stranger


def test_overdue_is_marked_late(cast: Cast, published: Published) -> None:
    for day, states in ((dt.date(2017, 7, 12), {"late", "soon"}), (dt.date(2017, 7, 13), {"late"})):
        items = rectification_todo([cast.secretary_a], day)[cast.secretary_a.pk]
        assert {item.state for item in items} == states


@pytest.mark.parametrize("stage", ["reworded", "checked", "issued"])
def test_side_bar_counts_the_same_in_one_query(
    cast: Cast, published: Published, stage: str
) -> None:
    notice, officer = published.notice, cast.officer
    if stage == "reworded":
        problem = published.problems[0]
        notices.edit_problem(
            notice_id=notice.pk,
            problem_id=problem.pk,
            facts="6月9日未开展",
            version=notice.version,
            actor=officer,
            now=PUBLISHED_AT,
        )
    elif stage == "checked":
        notices.check_notice(notice_id=notice.pk, actor=officer, now=PUBLISHED_AT)
    else:
        notices.check_and_issue(notice_id=notice.pk, actor=officer, now=PUBLISHED_AT)
    day = PUBLISHED_AT.date()
    for role, user in cast.users.items():
        expected = len(todo(cast, role, day))
        with CaptureQueriesContext(connection) as queries:
            assert things_to_do(user) == expected, role
        assert len([q for q in queries if "evaluations_" in q["sql"]]) == 1


def test_digest_costs_the_same_for_one_reader_and_for_all(cast: Cast, published: Published) -> None:
    everybody = list(User.objects.all())
    costs = []
    for users in (everybody[:1], everybody):
        with CaptureQueriesContext(connection) as queries:
            rectification_todo(users, PUBLISHED_AT.date())
        costs.append(len(queries))
    assert costs[0] == costs[1] <= 14
