"""Publishing a month once, and what stands in the database afterwards."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from branches.models import Branch
from evaluations import chain
from evaluations.models import MonthRound, RankingEntry, RankingRun, RectificationNotice
from evaluations.ranking import COLUMNS, key_failures, provisional
from evaluations.selectors.round_board import round_board
from evaluations.services import appeals, rounds
from evaluations.services.preliminary import tell_of_preliminary
from evaluations.services.publish import publish_round, republish_round, what_is_missing
from portal.audit.models import AuditEntry
from portal.kernel.errors import DomainError, TransitionRefused
from portal.notifications.models import InboxMessage, OutboxMessage
from tests.cast import Cast
from tests.month import MonthCast
from tests.ranking.worked import (
    CLOSED_AT,
    PUBLISH_AT,
    Worked,
    problems,
    publish,
    uphold_later,
)

pytestmark = pytest.mark.django_db


# -- the worked example ---------------------------------------------------------------------


def test_worked_example_is_94_good_and_no_notice(cast: Cast, worked: Worked) -> None:
    rows = {row.branch_id: row for row in provisional(worked.round)}
    row = rows[cast.branch_a.pk]
    assert [row.base, row.bonus, row.total] == [93, 1, 94]
    assert row.band == "好"
    assert row.open_findings == 6
    assert key_failures(worked.round) == []
    run = publish(worked.round)
    assert RankingEntry.objects.get(run=run, branch=cast.branch_a).total == 94
    assert not run.notices.exists()


def test_two_breaches_still_good_but_a_notice_is_proposed(cast: Cast, failing: Worked) -> None:
    run = publish(failing.round)
    entry = RankingEntry.objects.get(run=run, branch=cast.branch_a)
    assert (entry.base, entry.total, entry.band) == (91, 92, "好")
    (problem,) = problems(run)
    assert problem.notice.branch == cast.branch_a
    assert (problem.item.code, problem.trigger) == ("D1", "below_line")
    assert (problem.marks, problem.full_marks) == (4, 8)
    assert problem.facts == "党员一般违章2人次，扣4分：6月14日一名党员安全帽下颏带未系（第1组）"
    assert problem.notice.status == "draft"
    assert [e.step for e in problem.notice.events.all()] == ["draft"]


# -- what publication writes ------------------------------------------------------------------


def test_publication_inserts_what_the_provisional_page_showed(worked: Worked) -> None:
    shown = provisional(worked.round)
    run = publish(worked.round)
    entries = {entry.branch_id: entry for entry in run.entries.all()}
    assert run.entry_count == len(shown) == len(entries)
    for row in shown:
        for name in COLUMNS:
            assert getattr(entries[row.branch_id], name) == getattr(row, name), name


def test_publication_is_one_whole(cast: Cast, failing: Worked) -> None:
    MonthRound.objects.filter(pk=failing.round.pk).update(
        highlights="抗台保供电", next_focus="迎峰度夏"
    )
    type(cast.officer).objects.filter(pk=cast.officer.pk).update(email="officer@example.org")
    run = publish(failing.round, actor=cast.officer, via="web")
    round_ = failing.round
    assert (round_.status, round_.published_at) == ("published", PUBLISH_AT)
    assert (run.sequence, run.revision, run.previous_digest) == (1, 1, "")
    assert run.published_by == cast.officer
    assert (run.bulletin.highlights, run.bulletin.next_focus) == ("抗台保供电", "迎峰度夏")
    event = round_.events.get(step="publish")
    assert (event.actor, event.via) == (cast.officer, "web")
    audit = AuditEntry.objects.get(code="round.published")
    assert audit.before == {"status": "provisional"}
    assert audit.after["digest"] == run.digest
    assert audit.after["notices_drafted"] == 1
    assert audit.after["publisher_belongs_to_a_ranked_branch"] is True

    told = InboxMessage.objects.get(user=cast.secretary_a, key__startswith="published:")
    assert told.title == "2017年6月考评通报已发布"
    assert told.body == "配电运检党支部：得分92.0分，好，同类第3名，共3个。"
    assert told.link == reverse("evaluations:ranking", args=[round_.pk])
    assert (
        InboxMessage.objects.filter(user=cast.deputy_a, key__startswith="published:").count() == 1
    )
    not_seen = InboxMessage.objects.get(
        user=cast.secretary_of(cast.supplies), key__startswith="published:"
    )
    assert not_seen.body == "物资供应党支部：本月未检查，不排名。"
    mail = OutboxMessage.objects.get(user=cast.officer)
    assert "有1份整改通知书草稿待核稿" in mail.body
    assert run.digest[:16] in mail.body
    assert not InboxMessage.objects.filter(user=cast.officer_elsewhere).exists()


def test_closing_tells_each_inspected_branch_its_score_and_until_when_it_may_appeal(
    cast: Cast, worked: Worked
) -> None:
    told = InboxMessage.objects.get(user=cast.secretary_a, key__startswith="preliminary:")
    assert told.title == "2017年6月初评已公示，有异议请申诉"
    assert told.body == (
        "配电运检党支部：初评94.0分。对扣分有异议的，可以逐条申诉，到7月4日(周二)24:00为止。"
    )
    assert told.link == reverse("evaluations:score", args=[worked.round.pk, cast.branch_a.pk])
    sent = InboxMessage.objects.filter(key__startswith="preliminary:")
    assert sent.filter(user=cast.deputy_a).count() == 1
    assert not sent.filter(user=cast.secretary_of(cast.supplies)).exists()  # not inspected


def test_a_branch_nobody_inspected_has_a_dash_for_a_score(
    cast: Cast, worked: Worked, client: Client
) -> None:
    client.force_login(cast.officer)
    address = reverse("evaluations:score", args=[worked.round.pk, cast.supplies.pk])
    before = client.get(address).content.decode()
    publish(worked.round)
    after = client.get(address).content.decode()
    for page in (before, after):
        assert "<b>—</b>" in page
        assert "0.0" not in page.partition("<main")[2]


def test_telling_the_branches_takes_one_statement(worked: Worked) -> None:
    InboxMessage.objects.filter(key__startswith="preliminary:").delete()
    with CaptureQueriesContext(connection) as few:
        told = tell_of_preliminary(worked.round, now=CLOSED_AT)
    assert told > 2
    written = [q for q in few.captured_queries if "notifications_inboxmessage" in q["sql"]]
    assert len(written) == 1
    assert tell_of_preliminary(worked.round, now=CLOSED_AT) == 0  # told once
    assert tell_of_preliminary(worked.round, now=PUBLISH_AT) == 0  # the window is over


def test_the_second_press_finds_it_published(cast: Cast, worked: Worked) -> None:
    first = publish(worked.round)
    audits = AuditEntry.objects.count()
    again = publish_round(round_id=worked.round.pk, actor=cast.officer, now=PUBLISH_AT, via="web")
    assert again.already
    assert again.run == first
    assert (RankingRun.objects.count(), AuditEntry.objects.count()) == (1, audits)


def test_statements_do_not_grow_with_the_branches(cast: Cast, worked: Worked) -> None:
    """The number is part of the contract: a fixed handful, whatever the company's size."""
    with CaptureQueriesContext(connection) as queries:
        publish_round(round_id=worked.round.pk, actor=None, now=PUBLISH_AT, via="sweep")
    assert len(queries) <= 40  # with the correction: its rows, its standing, three inserts


# -- who, when, why not ---------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["secretary_a", "inspector", "leader", "officer_elsewhere", "sysadmin"]
)
def test_only_an_officer_of_the_committee_publishes(name: str, cast: Cast, worked: Worked) -> None:
    with pytest.raises(PermissionDenied):
        publish_round(
            round_id=worked.round.pk, actor=getattr(cast, name), now=PUBLISH_AT, via="web"
        )
    publish(worked.round)
    with pytest.raises(PermissionDenied):
        republish_round(
            round_id=worked.round.pk, reason="更正", actor=getattr(cast, name), now=PUBLISH_AT
        )


def test_before_its_day_a_reason_is_asked_for(cast: Cast, worked: Worked) -> None:
    early = PUBLISH_AT - dt.timedelta(days=2)
    with pytest.raises(DomainError, match="7月5日"):
        publish_round(round_id=worked.round.pk, actor=cast.officer, now=early, via="web")
    run = publish(worked.round, actor=cast.officer, now=early, via="web", reason="台风临近")
    assert run.reason == "台风临近"
    assert AuditEntry.objects.get(code="round.published").reason == "台风临近"


def test_an_inspection_still_open_is_not_published(cast: Cast, month_cast: MonthCast) -> None:
    with pytest.raises(TransitionRefused, match="互查中"):
        publish_round(round_id=month_cast.round.pk, actor=cast.officer, now=PUBLISH_AT, via="web")
    with pytest.raises(TransitionRefused, match="还没有通报"):
        republish_round(
            round_id=month_cast.round.pk, reason="更正", actor=cast.officer, now=PUBLISH_AT
        )


def test_an_undecided_appeal_holds_the_month(cast: Cast, worked: Worked) -> None:
    appeals.file_appeal(
        deduction_id=worked.deduction("F1").pk,
        text="按期答复，系统延迟",
        actor=cast.secretary_a,
        now=CLOSED_AT,
    )
    with pytest.raises(DomainError, match="配电运检"):
        publish_round(round_id=worked.round.pk, actor=None, now=PUBLISH_AT, via="sweep")
    assert any("申诉" in sentence for sentence in what_is_missing(worked.round))


def test_a_month_without_a_sheet_is_not_published(cast: Cast, month_cast: MonthCast) -> None:
    rounds.close_inspection(round_id=month_cast.round.pk, actor=None, now=CLOSED_AT, via="sweep")
    with pytest.raises(DomainError, match="没有一张"):
        publish_round(round_id=month_cast.round.pk, actor=None, now=PUBLISH_AT, via="sweep")
    sentences = what_is_missing(month_cast.round)
    assert "第1组检查配电运检党支部的评分表还没有提交。" in sentences
    assert any("没有安排检查" in sentence for sentence in sentences)


def test_the_board_says_before_the_press_what_is_left_out(month_cast: MonthCast) -> None:
    board = round_board(month_cast.round, today=dt.date(2017, 6, 28))
    assert board.next.needs_reason
    assert sorted(board.next.skipped) == sorted(what_is_missing(month_cast.round))
    assert "第1组检查配电运检党支部的评分表还没有提交。" in board.next.skipped


def test_publishing_before_appeals_end_is_warned_of_and_shown_as_cut_short(
    cast: Cast, worked: Worked
) -> None:
    early = CLOSED_AT.date()
    assert "申诉期到7月4日(周二)24:00。现在发布" in (
        round_board(worked.round, today=early).next.warning
    )
    assert round_board(worked.round, today=PUBLISH_AT.date()).next.warning == ""
    publish(worked.round, actor=cast.officer, now=CLOSED_AT, reason="演练", via="web")
    appeals_step = round_board(worked.round, today=early).steps[4]
    assert (appeals_step.state, appeals_step.note) == ("beside", "提前通报，7月4日前仍可申诉")
    assert round_board(worked.round, today=PUBLISH_AT.date()).steps[4].state == "done"


# -- the digest chain -----------------------------------------------------------------------


def test_the_database_hashes_the_very_lines_that_python_reads(worked: Worked) -> None:
    run = publish(worked.round)
    assert chain.digest_of(run) == run.digest
    assert chain.hash_lines(chain.header(run), chain.lines(run)) == run.digest


def test_canonical_lines_read_the_same_everywhere(cast: Cast, worked: Worked) -> None:
    run = publish(worked.round)
    lines = list(chain.lines(run))
    sheet_count = worked.round.inspections.done().count()
    corrections = 1 + run.corrected.count() + run.severities.count()
    assert len(lines) == run.entry_count + sheet_count + corrections
    entry = run.entries.get(branch=cast.branch_a)
    key = int(entry.key_marks * 100)
    assert (
        f"entry|{cast.branch_a.pk}|{entry.participant_id}|branch|production|production"
        f"|{entry.secretary_id}|full_time|1|9300|100||9400|{key}|6|好|3|3|||" in lines
    )
    sheet = worked.sheet_a
    assert f"sheet|{sheet.pk}|{worked.participant_a.pk}|9300|{sheet.digest}" in lines
    assert chain.header(run) == (
        f"\nrun|1|{worked.round.pk}|1|2017-07-05T01:00:00.000000+00:00|{run.entry_count}\n"
    )


# -- correction -----------------------------------------------------------------------------


def test_a_correction_is_a_new_revision_beside_the_old(cast: Cast, worked: Worked) -> None:
    first = publish(worked.round)
    before = list(first.entries.order_by("pk").values())
    uphold_later(worked.deduction("F1"), 0, cast.officer)
    result = republish_round(
        round_id=worked.round.pk, reason="申诉成立", actor=cast.officer, now=PUBLISH_AT
    )
    second = result.run
    assert not result.already
    assert (second.revision, second.sequence, second.previous_digest) == (2, 2, first.digest)
    assert second.reason == "申诉成立"
    assert second.entries.get(branch=cast.branch_a).total == 95
    assert list(first.entries.order_by("pk").values()) == before
    assert [c.problem for c in chain.verify()] == [""] * chain.length()
    assert InboxMessage.objects.filter(user=cast.secretary_a, title__contains="更正").count() == 1


def test_a_correction_that_changes_nothing_writes_nothing(cast: Cast, worked: Worked) -> None:
    first = publish(worked.round)
    finding = worked.sheet_a.findings.order_by("pk")[0]
    finding.status, finding.verified_at = "verified", PUBLISH_AT
    finding.save()
    result = republish_round(
        round_id=worked.round.pk, reason="复核", actor=cast.officer, now=PUBLISH_AT
    )
    assert result.already
    assert result.run == first
    assert RankingRun.objects.count() == 1


def test_a_correction_needs_its_reason(cast: Cast, worked: Worked) -> None:
    publish(worked.round)
    with pytest.raises(DomainError, match="原因"):
        republish_round(round_id=worked.round.pk, reason=" ", actor=cast.officer, now=PUBLISH_AT)


def test_a_draft_without_ground_is_withdrawn_by_the_correction(cast: Cast, failing: Worked) -> None:
    first = publish(failing.round)
    uphold_later(failing.deduction("D1"), 1, cast.officer)
    republish_round(round_id=failing.round.pk, reason="更正", actor=cast.officer, now=PUBLISH_AT)
    notice = first.notices.get()
    assert notice.status == "withdrawn"
    assert [e.step for e in notice.events.order_by("id")] == ["draft", "withdraw"]
    assert not RectificationNotice.objects.exclude(pk=notice.pk).exists()


def test_a_draft_whose_marks_changed_is_drafted_again(cast: Cast, failing: Worked) -> None:
    publish(failing.round)
    uphold_later(failing.deduction("D1"), 3, cast.officer)
    second = republish_round(
        round_id=failing.round.pk, reason="更正", actor=cast.officer, now=PUBLISH_AT
    ).run
    (problem,) = problems(second)
    assert problem.marks == 2
    assert problem.facts.startswith("党员一般违章3人次，扣6分")


def test_a_draft_that_still_holds_is_kept_with_its_edited_facts(
    cast: Cast, failing: Worked
) -> None:
    first = publish(failing.round)
    first.notices.get().problems.update(facts="经核实的事实")
    uphold_later(failing.deduction("F1"), 0, cast.officer)
    second = republish_round(
        round_id=failing.round.pk, reason="更正", actor=cast.officer, now=PUBLISH_AT
    ).run
    assert first.notices.get().status == "draft"
    assert [p.facts for p in problems(first)] == ["经核实的事实"]
    assert not second.notices.exists()


def test_a_served_notice_stays_and_the_office_is_told(cast: Cast, failing: Worked) -> None:
    from evaluations.services.notices import check_and_issue

    first = publish(failing.round)
    notice = check_and_issue(notice_id=first.notices.get().pk, actor=cast.leader, now=PUBLISH_AT)
    uphold_later(failing.deduction("D1"), 0, cast.officer)
    republish_round(round_id=failing.round.pk, reason="更正", actor=cast.officer, now=PUBLISH_AT)
    notice.refresh_from_db()
    assert notice.status == "issued"
    told = InboxMessage.objects.get(user=cast.officer, key__startswith="unfounded:")
    assert told.body == notice.document_number


def test_what_a_person_decided_against_is_not_drafted_again(cast: Cast, failing: Worked) -> None:
    from evaluations.services.notices import withdraw_notice

    first = publish(failing.round)
    withdraw_notice(
        notice_id=first.notices.get().pk, reason="已约谈，不发", actor=cast.leader, now=PUBLISH_AT
    )
    uphold_later(failing.deduction("F1"), 0, cast.officer)
    second = republish_round(
        round_id=failing.round.pk, reason="更正", actor=cast.officer, now=PUBLISH_AT
    ).run
    assert not second.notices.exists()


def test_the_neighbour_is_told_of_itself_only(cast: Cast, worked: Worked) -> None:
    publish(worked.round)
    bodies = InboxMessage.objects.filter(
        user=cast.secretary_b, key__startswith="published:"
    ).values_list("body", flat=True)
    assert len(bodies) == 1
    assert Branch.objects.get(pk=cast.branch_b.pk).name in bodies[0]
