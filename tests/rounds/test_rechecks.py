"""复核: another team, a month later, says on the spot whether what was put right has held."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.test import Client
from django.urls import reverse

from branches.access import access_of
from evaluations.models import Finding, Inspection, MonthRound, RoundParticipant
from evaluations.selectors.ledgers import finding_ledger
from evaluations.selectors.rechecks import ReopenedRate, old_findings, reopened_among
from evaluations.selectors.sheets import sheets_for
from evaluations.services import evidence, findings, rechecks, rounds, sheets
from portal.attachments.checking import CheckedFile
from portal.attachments.models import Attachment
from portal.kernel.errors import DomainError, TransitionRefused
from portal.kernel.months import Month, local_date
from portal.kernel.together import counted
from portal.notifications.models import InboxMessage
from tests.cast import Cast
from tests.notices.scene import Published, at, on, provisional, published

__all__ = ("on", "provisional", "published")

IN_JULY = at(7, 27)
GOOD: dict[str, Any] = {
    "cause": "当天抢修",
    "measure": "7月3日补开，以后提前报备",
    "responsible": "林建明",
}


def july_visit(cast: Cast, home: Any, leader: Any, *, begin: bool = True) -> Inspection:
    """``home``'s team at branch_a in July."""
    found = MonthRound.objects.filter(committee=cast.city, month=dt.date(2017, 7, 1)).first()
    round_ = found or rounds.open_round(
        committee=cast.city, month=Month(2017, 7), actor=None, now=at(7, 20)
    )
    team = rounds.create_team(
        round_id=round_.pk, branch=home, leader=leader, members=[], actor=None, now=at(7, 22)
    )
    visit = rounds.assign(
        round_id=round_.pk,
        team=team,
        participant=RoundParticipant.objects.get(round=round_, branch=cast.branch_a),
        actor=None,
        now=at(7, 22),
    )
    if begin and round_.status == "open":
        rounds.start_inspection(round_id=round_.pk, actor=None, now=at(7, 26), via="sweep")
    return Inspection.objects.get(pk=visit.pk)


@pytest.fixture
def visit(cast: Cast, published: Published, on: Any) -> Inspection:
    on.move_to(IN_JULY)
    return july_visit(cast, cast.supplies, cast.person(cast.secretary_of(cast.supplies)))


@pytest.fixture
def closed(cast: Cast, published: Published) -> Finding:
    """The themed day, reported on 3 July and struck off by the team that found it on the 6th."""
    finding = published.provisional.finding(published.provisional.themed_day)
    findings.report_finding(finding_id=finding.pk, actor=cast.secretary_a, now=at(7, 5), **GOOD)
    return findings.verify_finding(finding_id=finding.pk, actor=cast.inspector, now=at(7, 6))


def recheck(visit: Inspection, finding: Finding, actor: Any, **more: Any) -> Finding:
    values: dict[str, Any] = {"holds": True, "now": IN_JULY, **more}
    return rechecks.recheck_finding(finding_id=finding.pk, visit_id=visit.pk, actor=actor, **values)


def reopened_rate(findings: QuerySet[Finding], now: dt.datetime) -> ReopenedRate:
    return ReopenedRate(**counted(reopened_among(findings, now)))


def test_the_next_months_team_finds_the_old_findings_on_top_of_its_sheet(
    cast: Cast, client: Client, visit: Inspection, closed: Finding
) -> None:
    client.force_login(cast.secretary_of(cast.supplies))
    page = client.get(reverse("evaluations:sheet", args=[visit.pk])).content.decode()
    assert "先复核这 1 条老问题" in page
    assert page.index(closed.fact) < page.index("考评项目")
    assert closed.measure in page
    assert "已销号，待复核" in page


def test_what_held_stays_closed_and_is_not_asked_again(
    cast: Cast, client: Client, visit: Inspection, closed: Finding
) -> None:
    client.force_login(cast.secretary_of(cast.supplies))
    url = reverse("evaluations:sheet-recheck", args=[visit.pk, closed.pk])
    answer = client.post(url, {"holds": "yes"}, follow=True)
    closed.refresh_from_db()
    assert (closed.status, closed.rechecked_in_id) == ("verified", visit.pk)
    assert "复核属实" in answer.content.decode()
    assert [e.step for e in closed.events.all()][-1] == "recheck"
    again = client.post(url, {"holds": "no", "note": "又没开"})
    assert again.status_code == 409
    assert "不用复核" in again.content.decode()


def test_one_tap_is_not_final_until_the_sheet_is_submitted(
    cast: Cast, client: Client, visit: Inspection, closed: Finding
) -> None:
    team = cast.secretary_of(cast.supplies)
    client.force_login(team)
    back = reverse("evaluations:sheet-recheck-take-back", args=[visit.pk, closed.pk])
    assert "没有可以撤回的复核" in client.post(back).content.decode()
    recheck(visit, closed, team)
    answer = client.post(back, follow=True).content.decode()
    assert "先复核这 1 条老问题" in answer
    closed.refresh_from_db()
    assert (closed.status, closed.rechecked_in_id) == ("verified", None)
    assert [e.step for e in closed.events.all()][-1] == "take_back"
    with pytest.raises(PermissionDenied):
        rechecks.take_back_recheck(
            finding_id=closed.pk, visit_id=visit.pk, actor=cast.inspector, now=IN_JULY
        )
    recheck(visit, closed, team)
    sheets.submit_sheet(inspection_id=visit.pk, rest_is_fine=True, actor=team, now=IN_JULY)
    with pytest.raises(TransitionRefused, match="已提交"):
        rechecks.take_back_recheck(finding_id=closed.pk, visit_id=visit.pk, actor=team, now=IN_JULY)


def test_a_reported_finding_that_was_struck_off_by_mistake_is_reported_again(
    cast: Cast, published: Published, visit: Inspection
) -> None:
    finding = published.provisional.finding(published.provisional.themed_day)
    findings.report_finding(finding_id=finding.pk, actor=cast.secretary_a, now=at(7, 25), **GOOD)
    finding.refresh_from_db()
    look_back_by, team = finding.look_back_by, cast.secretary_of(cast.supplies)
    assert recheck(visit, finding, team).status == "verified"
    rechecks.take_back_recheck(finding_id=finding.pk, visit_id=visit.pk, actor=team, now=IN_JULY)
    finding.refresh_from_db()
    assert (finding.status, finding.verified_at) == ("reported", None)
    assert finding.look_back_by == look_back_by
    assert recheck(visit, finding, team, holds=False, note="没有改").status == "returned"


def test_what_did_not_hold_is_open_again_with_a_new_day_and_the_branch_is_told(
    cast: Cast, visit: Inspection, closed: Finding
) -> None:
    finding = recheck(
        visit, closed, cast.secretary_of(cast.supplies), holds=False, note="7月又没有记录"
    )
    assert (finding.status, finding.return_reason) == ("returned", "7月又没有记录")
    assert finding.due_on > local_date(IN_JULY)
    told = InboxMessage.objects.filter(user=cast.secretary_a, title__startswith="复核退回")
    assert told.get().body == "7月又没有记录"
    # It goes round once more, and the inspection of the sheet had begun with it.
    visit.refresh_from_db()
    assert visit.status == "under_way"
    findings.report_finding(finding_id=finding.pk, actor=cast.secretary_a, now=at(7, 28), **GOOD)


def test_a_reported_finding_is_struck_off_by_the_other_team(
    cast: Cast, visit: Inspection, published: Published
) -> None:
    finding = published.provisional.finding(published.provisional.lecture)
    findings.report_finding(finding_id=finding.pk, actor=cast.secretary_a, now=at(7, 20), **GOOD)
    closed = recheck(visit, finding, cast.secretary_of(cast.supplies))
    assert (closed.status, closed.rechecked_at) == ("verified", IN_JULY)


def test_giving_back_needs_a_reason_and_keeps_the_page(
    cast: Cast, client: Client, visit: Inspection, closed: Finding
) -> None:
    client.force_login(cast.secretary_of(cast.supplies))
    url = reverse("evaluations:sheet-recheck", args=[visit.pk, closed.pk])
    answer = client.post(url, {"holds": "no", "note": "长" * 301})
    assert answer.status_code == 400
    page = answer.content.decode()
    assert "请控制在 300 字以内" in page
    assert "长" * 301 in page
    assert "请写明哪里没有改到位" in client.post(url, {"holds": "no"}).content.decode()
    closed.refresh_from_db()
    assert closed.status == "verified"


def test_the_team_that_raised_it_does_not_recheck_it(
    cast: Cast, visit: Inspection, closed: Finding
) -> None:
    own = july_visit(cast, cast.office_two, cast.person(cast.inspector))
    assert [
        row.finding for row in old_findings(own, cast.inspector, IN_JULY).rows if row.is_asked
    ] == []
    with pytest.raises(PermissionDenied):
        recheck(own, closed, cast.inspector)


@pytest.mark.parametrize(
    "role", ["secretary_a", "secretary_b", "inspector", "officer", "leader", "employee"]
)
def test_nobody_but_the_visiting_team_rechecks(
    cast: Cast, visit: Inspection, closed: Finding, role: str
) -> None:
    with pytest.raises(PermissionDenied):
        recheck(visit, closed, getattr(cast, role))


def test_after_the_sheet_is_handed_in_it_is_too_late(
    cast: Cast, visit: Inspection, closed: Finding
) -> None:
    actor = cast.secretary_of(cast.supplies)
    sheets.start_sheet(inspection_id=visit.pk, actor=actor, now=IN_JULY)
    sheets.submit_sheet(inspection_id=visit.pk, rest_is_fine=True, actor=actor, now=IN_JULY)
    with pytest.raises(TransitionRefused):
        recheck(visit, closed, actor)


def test_struck_off_after_an_appeal_there_is_nothing_to_look_at(
    cast: Cast, visit: Inspection, published: Published
) -> None:
    finding = published.provisional.finding(published.provisional.breaches)
    findings.strike_off(finding=finding, reason="不属实", actor=cast.officer, now=at(7, 4))
    assert old_findings(visit, cast.officer, IN_JULY).asked == 0


def test_the_rate_counts_what_came_back_within_ninety_days(
    cast: Cast, client: Client, visit: Inspection, closed: Finding, published: Published
) -> None:
    other = published.provisional.finding(published.provisional.lecture)
    findings.report_finding(finding_id=other.pk, actor=cast.secretary_a, now=at(7, 5), **GOOD)
    findings.verify_finding(finding_id=other.pk, actor=cast.officer, now=at(7, 7))
    everything = Finding.objects.all()
    assert reopened_rate(everything, IN_JULY).percent == 0
    recheck(visit, closed, cast.secretary_of(cast.supplies), holds=False, note="又没开")
    rate = reopened_rate(everything, IN_JULY)
    assert (rate.part, rate.whole, rate.percent) == (1, 2, Decimal(50))
    client.force_login(cast.officer)
    page = client.get(reverse("evaluations:finding-list")).content.decode()
    assert "1 ÷ 2" in page
    assert "90天内" in page
    client.force_login(cast.secretary_a)
    assert "90天内" not in client.get(reverse("evaluations:finding-list")).content.decode()


@pytest.mark.parametrize(("back_at", "counted"), [(at(10, 4), 1), (at(10, 5), 0)])
def test_what_came_back_after_more_than_ninety_days_is_not_counted(
    cast: Cast, visit: Inspection, closed: Finding, back_at: dt.datetime, counted: int
) -> None:
    """Struck off on 6 July; the ninetieth day is 4 October."""
    finding = recheck(
        visit,
        closed,
        cast.secretary_of(cast.supplies),
        holds=False,
        note="又没开",
        now=back_at,
    )
    assert finding.status == "returned"
    rate = reopened_rate(Finding.objects.all(), at(10, 27))
    assert (rate.part, rate.whole) == (counted, 1)


def test_the_team_that_rechecks_sees_the_branchs_files(
    cast: Cast, client: Client, visit: Inspection, published: Published
) -> None:
    finding = published.provisional.finding(published.provisional.themed_day)
    evidence.add_finding_evidence(
        finding_id=finding.pk,
        files=[CheckedFile("txt", "7月3日补开".encode(), "补开会议.txt")],
        actor=cast.secretary_a,
        now=at(7, 4),
    )
    findings.report_finding(finding_id=finding.pk, actor=cast.secretary_a, now=at(7, 5), **GOOD)
    client.force_login(cast.secretary_of(cast.supplies))
    page = client.get(reverse("evaluations:sheet", args=[visit.pk])).content.decode()
    kept = Attachment.objects.of(finding).get()
    address = reverse("attachments:file", args=[kept.pk])
    assert "支部的佐证 1 个" in page
    assert address in page
    assert client.get(address).status_code == 200
    listed = client.get(f"/api/v1/sheets/{visit.pk}/rechecks/").json()
    assert [[file["url"] for file in row["files"]] for row in listed if row["files"]] == [[address]]


def test_files_that_the_reader_may_not_open_are_not_named(
    cast: Cast, client: Client, visit: Inspection, published: Published
) -> None:
    """Another team's member, on another branch's visit, opens neither sheet nor file."""
    finding = published.provisional.finding(published.provisional.themed_day)
    evidence.add_finding_evidence(
        finding_id=finding.pk,
        files=[CheckedFile("txt", "7月3日补开".encode(), "补开会议.txt")],
        actor=cast.secretary_a,
        now=at(7, 4),
    )
    rows = old_findings(visit, cast.secretary_b, IN_JULY).rows
    assert [row.files for row in rows if row.files] == []


def test_what_was_struck_off_over_a_year_ago_has_left_the_rate(
    cast: Cast, visit: Inspection, closed: Finding
) -> None:
    recheck(visit, closed, cast.secretary_of(cast.supplies), holds=False, note="又没开")
    assert reopened_rate(Finding.objects.all(), IN_JULY).part == 1
    assert reopened_rate(Finding.objects.all(), at(7, 27, year=2018)).whole == 0


def test_the_api_says_the_same(
    cast: Cast, client: Client, visit: Inspection, closed: Finding
) -> None:
    client.force_login(cast.secretary_of(cast.supplies))
    listed = client.get(f"/api/v1/sheets/{visit.pk}/rechecks/").json()
    assert [(row["finding"], row["is_asked"]) for row in listed if row["is_asked"]] == [
        (closed.pk, True)
    ]
    url = f"/api/v1/sheets/{visit.pk}/rechecks/{closed.pk}/"
    assert client.post(url, {"holds": False}, "application/json").status_code == 400
    answer = client.post(url, {"holds": False, "note": "又没开"}, "application/json")
    assert answer.status_code == 200
    assert {row["finding"]: row["status"] for row in answer.json()}[closed.pk] == "returned"


def test_old_findings_cost_the_same_however_many_there_are(
    cast: Cast, visit: Inspection, closed: Finding, django_assert_num_queries: Any
) -> None:
    opened = sheets_for(cast.officer).get(pk=visit.pk)
    access_of(cast.officer)
    with django_assert_num_queries(2):
        old_findings(opened, cast.officer, IN_JULY)


def test_the_ledger_still_opens_without_anything_struck_off(
    cast: Cast, published: Published
) -> None:
    ledger = finding_ledger(cast.officer, {}, local_date(IN_JULY))
    assert ledger.rate is not None
    assert ledger.rate.percent is None


def test_a_refused_note_names_its_field(cast: Cast, visit: Inspection, closed: Finding) -> None:
    with pytest.raises(DomainError) as refused:
        recheck(visit, closed, cast.secretary_of(cast.supplies), holds=False, note="  ")
    assert refused.value.field == "note"
