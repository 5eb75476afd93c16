"""转整改通知书: a finding let pass becomes the draft of a notice, once."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse

from evaluations.models import Finding, NoticeEvent, RectificationNotice
from evaluations.services import findings, notices
from evaluations.services.publish import republish_round
from portal.audit.models import AuditEntry
from portal.kernel.errors import TransitionRefused
from tests.cast import Cast
from tests.notices.scene import Published, at

LATE = at(7, 20, 9)  # the themed day was due on the 12th


@pytest.fixture(autouse=True)
def _late(on: Any) -> None:
    on.move_to(LATE)


@pytest.fixture
def finding(published: Published) -> Finding:
    return published.provisional.finding(published.provisional.breaches)


def to_notice(finding: Finding, actor: Any, now: dt.datetime = LATE) -> RectificationNotice:
    return notices.notice_from_finding(finding_id=finding.pk, actor=actor, now=now)


def page_of(client: Client, user: Any, finding: Finding) -> str:
    client.force_login(user)
    answer = client.get(reverse("evaluations:finding-detail", args=[finding.pk]))
    return str(answer.content.decode())


def test_an_officer_presses_and_the_draft_tells_rule_and_facts(
    cast: Cast, client: Client, finding: Finding
) -> None:
    assert "转整改通知书" in page_of(client, cast.officer, finding)
    url = reverse("evaluations:finding-notice", args=[finding.pk])
    answers = [client.post(url), client.post(url)]  # a double click
    notice = RectificationNotice.objects.get(finding=finding)
    for answer in answers:
        assert answer.headers["Location"] == reverse("evaluations:notice-detail", args=[notice.pk])
    assert (notice.status, notice.branch) == ("draft", cast.branch_a)
    problem = notice.problems.get()
    assert finding.deduction is not None
    assert finding.deduction.rule.text in problem.facts
    assert finding.fact in problem.facts
    assert (problem.trigger, problem.item) == ("overdue", finding.item)
    assert [e.step for e in NoticeEvent.objects.filter(notice=notice)] == ["draft"]
    assert AuditEntry.objects.filter(code="notice.drafted_from_finding").count() == 1
    letter = client.get(answers[0].headers["Location"]).content.decode()
    assert "期限已过，没有整改。" in letter
    assert "由逾期或退回的问题转来" in letter
    assert "通报发布时由系统起草" not in letter
    assert reverse("evaluations:finding-detail", args=[finding.pk]) in letter
    page = page_of(client, cast.officer, finding)
    assert "整改通知书草稿" in page
    assert url not in page


def test_it_stands_beside_the_notice_of_the_month_and_goes_the_same_way(
    cast: Cast, client: Client, finding: Finding
) -> None:
    months = RectificationNotice.objects.get(branch=cast.branch_a, finding=None)
    notice = to_notice(finding, cast.officer)
    link = reverse("evaluations:notice-detail", args=[notice.pk])
    # Until it is signed the branch knows nothing of it.
    assert link not in page_of(client, cast.secretary_a, finding)
    assert "转整改通知书" not in page_of(client, cast.secretary_a, finding)
    notices.check_and_issue(
        notice_id=notice.pk, version=notice.version, actor=cast.officer, now=LATE
    )
    notice.refresh_from_db()
    assert notice.status == "issued"
    assert notice.due_on is not None
    shown = page_of(client, cast.secretary_a, finding)
    assert link in shown
    assert notice.document_number in shown
    months.refresh_from_db()
    assert months.status == "draft"


def test_withdrawn_it_may_be_made_again(cast: Cast, finding: Finding) -> None:
    first = to_notice(finding, cast.officer)
    notices.withdraw_notice(notice_id=first.pk, reason="已约谈", actor=cast.officer, now=LATE)
    assert to_notice(finding, cast.officer).pk != first.pk


@pytest.mark.parametrize(
    "role",
    ["secretary_a", "deputy_a", "secretary_b", "inspector", "employee", "officer_elsewhere"],
)
def test_nobody_else_makes_a_notice(
    cast: Cast, client: Client, finding: Finding, role: str
) -> None:
    user = getattr(cast, role)
    with pytest.raises(PermissionDenied):
        to_notice(finding, user)
    client.force_login(user)
    url = reverse("evaluations:finding-notice", args=[finding.pk])
    assert client.post(url).status_code in {403, 404}
    answer = client.post(f"/api/v1/findings/{finding.pk}/notice/")
    assert answer.status_code in {403, 404}
    assert not RectificationNotice.objects.filter(finding=finding).exists()


def test_who_stands_back_makes_none_of_the_own_branch(cast: Cast, published: Published) -> None:
    """The officers' own department: its branch is judged by the committee's secretary."""
    own = published.provisional.finding(published.provisional.office_line)
    Finding.objects.filter(pk=own.pk).update(due_on=dt.date(2017, 7, 10))
    with pytest.raises(PermissionDenied):
        to_notice(own, cast.officer)
    assert to_notice(own, cast.leader).branch == own.branch


def test_only_what_is_late_or_was_given_back(cast: Cast, finding: Finding) -> None:
    with pytest.raises(TransitionRefused, match="逾期未改"):
        to_notice(finding, cast.officer, at(7, 6))
    findings.report_finding(
        finding_id=finding.pk,
        cause="疏忽",
        measure="教育",
        responsible="林建明",
        actor=cast.secretary_a,
        now=at(7, 6),
    )
    with pytest.raises(TransitionRefused, match="逾期未改"):
        to_notice(finding, cast.officer)
    findings.return_finding(finding_id=finding.pk, reason="没有记录", actor=cast.officer, now=LATE)
    problem = to_notice(finding, cast.officer).problems.get()
    assert problem.trigger == "given_back"
    assert "没有记录" in problem.facts


def test_before_the_month_is_published_the_page_says_to_wait(
    cast: Cast, client: Client, provisional: Any
) -> None:
    finding = provisional.finding(provisional.breaches)
    with pytest.raises(TransitionRefused, match="通报以后才能转"):
        to_notice(finding, cast.officer)
    page = page_of(client, cast.officer, finding)
    assert "通报以后可以转整改通知书" in page
    assert reverse("evaluations:finding-notice", args=[finding.pk]) not in page


@pytest.mark.django_db(transaction=True)
def test_a_correction_of_the_month_leaves_it_alone(
    cast: Cast, published: Published, finding: Finding
) -> None:
    notice = to_notice(finding, cast.officer)
    republish_round(
        round_id=published.provisional.round.pk, reason="更正", actor=cast.officer, now=LATE
    )
    notice.refresh_from_db()
    assert notice.status == "draft"


def test_the_api_makes_it_and_finds_it(cast: Cast, client: Client, finding: Finding) -> None:
    client.force_login(cast.officer)
    url = f"/api/v1/findings/{finding.pk}/notice/"
    made = [client.post(url).json() for _twice in range(2)]
    assert made[0]["id"] == made[1]["id"]
    assert made[0]["finding"] == finding.pk
    found = client.get(f"/api/v1/notices/?finding={finding.pk}").json()["results"]
    assert [row["id"] for row in found] == [made[0]["id"]]
