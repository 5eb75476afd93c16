"""Appeals: who may file and decide, when, what a decision changes, both texts."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from evaluations.lifecycles import APPEAL, AppealStatus
from evaluations.models import Deduction, Inspection, MonthRound, ScoreAppeal
from evaluations.services import appeals, rounds
from evaluations.services.publish import publish_round
from portal.accounts.models import User
from portal.audit.models import AuditEntry
from portal.kernel.errors import DomainError, TransitionRefused
from portal.notifications.models import InboxMessage
from tests.cast import Cast
from tests.notices.scene import Provisional, Published, at

NOW = at(7, 3)
LAST_MINUTE = at(7, 4, 23, 59)


@pytest.fixture(autouse=True)
def _stand_in_july(on: Any) -> None:
    on.move_to(NOW)


def file(
    deduction: Deduction, user: User, text: str = "当天有记录", now: dt.datetime = NOW
) -> ScoreAppeal:
    return appeals.file_appeal(deduction_id=deduction.pk, text=text, actor=user, now=now)


def decide(
    appeal: ScoreAppeal,
    user: User,
    *,
    uphold: bool = True,
    count_after: int | None = 0,
    decision: str = "核对记录，情况属实",
) -> ScoreAppeal:
    return appeals.decide_appeal(
        appeal_id=appeal.pk,
        uphold=uphold,
        count_after=count_after,
        decision=decision,
        actor=user,
        now=NOW,
    )


# -- filing ----------------------------------------------------------------------------------


def test_secretary_and_deputy_file_nobody_else(cast: Cast, provisional: Provisional) -> None:
    allowed = {"secretary_a", "deputy_a"}
    for role, user in cast.users.items():
        if role in allowed:
            continue
        with pytest.raises(PermissionDenied):
            file(provisional.breaches, user)
    file(provisional.breaches, cast.deputy_a)
    file(provisional.themed_day, cast.secretary_a)


def test_filing_keeps_the_count_and_tells_the_office(cast: Cast, provisional: Provisional) -> None:
    appeal = file(provisional.breaches, cast.secretary_a, "  一人系好了，有照片  ")
    assert (appeal.count_before, appeal.text) == (2, "一人系好了，有照片")
    told = InboxMessage.objects.get(key__startswith=f"appeal:{appeal.pk}:filed")
    assert told.user == cast.officer
    assert "配电运检党支部申诉" in told.title
    assert AuditEntry.objects.get(code="appeal.filed").reason == "一人系好了，有照片"


def test_appeal_of_the_offices_own_branch_goes_to_the_leader(
    cast: Cast, provisional: Provisional
) -> None:
    appeal = file(provisional.office_line, cast.secretary_of(cast.office_three))
    told = InboxMessage.objects.get(key__startswith=f"appeal:{appeal.pk}:filed")
    assert told.user == cast.leader
    with pytest.raises(PermissionDenied):
        decide(appeal, cast.officer)
    decide(appeal, cast.leader)


def test_until_midnight_of_the_last_day(cast: Cast, provisional: Provisional) -> None:
    assert provisional.round.appeals_end_on == dt.date(2017, 7, 4)
    file(provisional.breaches, cast.secretary_a, now=LAST_MINUTE)
    with pytest.raises(TransitionRefused, match="7月4日24:00截止"):
        file(provisional.themed_day, cast.secretary_a, now=at(7, 5, 0, 0))


@pytest.mark.parametrize(
    ("status", "sentence"),
    [("open", "还没有公示"), ("inspecting", "还没有公示")],
)
def test_not_before_the_scores_are_shown(
    cast: Cast, provisional: Provisional, status: str, sentence: str
) -> None:
    MonthRound.objects.filter(pk=provisional.round.pk).update(status=status)
    with pytest.raises(TransitionRefused, match=sentence):
        file(provisional.breaches, cast.secretary_a)


def test_a_month_published_early_is_contested_until_the_day(
    cast: Cast, published: Published
) -> None:
    line = published.provisional.breaches
    with pytest.raises(TransitionRefused, match="7月4日24:00截止"):
        file(line, cast.secretary_a, now=at(7, 5))
    file(line, cast.secretary_a, now=LAST_MINUTE)


def test_each_deduction_is_contested_once(cast: Cast, provisional: Provisional) -> None:
    appeal = file(provisional.breaches, cast.secretary_a)
    with pytest.raises(TransitionRefused, match="已经申诉过"):
        file(provisional.breaches, cast.deputy_a)
    decide(appeal, cast.officer, uphold=False, count_after=None)
    with pytest.raises(TransitionRefused, match="已经申诉过"):
        file(provisional.breaches, cast.secretary_a)


@pytest.mark.parametrize("text", ["", "  ", "长" * 501])
def test_reasons_are_required_and_fit(cast: Cast, provisional: Provisional, text: str) -> None:
    with pytest.raises(DomainError) as refused:
        file(provisional.breaches, cast.secretary_a, text)
    assert refused.value.field == "text"


# -- deciding --------------------------------------------------------------------------------


def test_every_step_is_played_here_or_belongs_to_the_second_team() -> None:
    assert set(APPEAL.steps) - {"uphold", "reject"} == {"send_second", "recall", "replace"}


@pytest.mark.parametrize("step", ["uphold", "reject"])
@pytest.mark.parametrize("status", AppealStatus.values)
def test_matrix_of_state_step_and_role(
    cast: Cast, provisional: Provisional, status: str, step: str
) -> None:
    uphold = step == "uphold"
    first = file(provisional.breaches, cast.secretary_a)
    for role, user in cast.users.items():
        ScoreAppeal.objects.filter(pk=first.pk).update(
            status=status, decided_at=NOW, decided_by=cast.leader, decision="已定"
        )
        Deduction.objects.filter(pk=provisional.breaches.pk).update(count=2, points=4)
        if role not in {"officer", "leader"}:
            with pytest.raises(PermissionDenied):
                decide(first, user, uphold=uphold)
        elif status == "filed":
            decided = decide(first, user, uphold=uphold)
            assert decided.status == APPEAL.steps[step].target
            continue
        else:
            with pytest.raises(TransitionRefused) as refused:
                decide(first, user, uphold=uphold)
            assert str(AppealStatus(status).label) in refused.value.message
        first.refresh_from_db()
        assert first.status == status


def test_upheld_in_part_lowers_points_score_and_seal(cast: Cast, provisional: Provisional) -> None:
    before = provisional.inspection
    appeal = decide(file(provisional.breaches, cast.secretary_a), cast.officer, count_after=1)
    line = Deduction.objects.get(pk=provisional.breaches.pk)
    after = Inspection.objects.get(pk=before.pk)
    assert (line.count, line.points) == (1, Decimal(2))
    assert after.score == before.score + 2
    assert after.digest != before.digest
    assert (appeal.count_before, appeal.count_after) == (2, 1)
    assert provisional.finding(line).status == "confirmed"  # one breach is still to be put right
    entry = AuditEntry.objects.get(code="appeal.upheld")
    assert (entry.before["count"], entry.after["count"]) == (2, 1)
    told = InboxMessage.objects.filter(key__startswith=f"appeal:{appeal.pk}:decided")
    assert {m.user for m in told} == {cast.secretary_a, cast.deputy_a}


def test_upheld_in_full_takes_a_rule_that_takes_all_off(
    cast: Cast, provisional: Provisional
) -> None:
    before = provisional.inspection.score
    decide(file(provisional.themed_day, cast.secretary_a), cast.officer, count_after=0)
    line = Deduction.objects.get(pk=provisional.themed_day.pk)
    assert (line.count, line.points) == (0, Decimal(0))
    assert Inspection.objects.get(pk=provisional.inspection.pk).score == before + 4
    finding = provisional.finding(line)
    assert finding.status == "verified"
    assert [e.step for e in finding.events.all()] == ["strike_off"]


def test_deduction_taken_off_no_longer_fails_key_work(cast: Cast, provisional: Provisional) -> None:
    """Both ★ failures upheld: publication drafts no notice to the branch."""
    for deduction in (provisional.themed_day, provisional.breaches):
        decide(file(deduction, cast.secretary_a), cast.officer, count_after=0)
    result = publish_round(round_id=provisional.round.pk, actor=None, now=at(7, 5), via="sweep")
    assert not result.run.notices.filter(branch=cast.branch_a).exists()


@pytest.mark.parametrize("count", [None, -1, 2, 3])
def test_count_after_is_less_than_before(
    cast: Cast, provisional: Provisional, count: int | None
) -> None:
    appeal = file(provisional.breaches, cast.secretary_a)
    with pytest.raises(DomainError) as refused:
        decide(appeal, cast.officer, count_after=count)
    assert refused.value.field == "count_after"
    appeal.refresh_from_db()
    assert appeal.status == "filed"
    assert Deduction.objects.get(pk=provisional.breaches.pk).count == 2


def test_rejected_keeps_marks_and_both_texts(cast: Cast, provisional: Provisional) -> None:
    before = provisional.inspection
    appeal = decide(
        file(provisional.breaches, cast.secretary_a, "不属实"),
        cast.officer,
        uphold=False,
        count_after=None,
        decision="照片与通报一致",
    )
    after = Inspection.objects.get(pk=before.pk)
    assert (after.score, after.digest) == (before.score, before.digest)
    assert (appeal.text, appeal.decision) == ("不属实", "照片与通报一致")
    assert appeal.decided_by == cast.officer


@pytest.mark.parametrize("decision", ["", " ", "长" * 501])
def test_decision_is_written_out(cast: Cast, provisional: Provisional, decision: str) -> None:
    appeal = file(provisional.breaches, cast.secretary_a)
    with pytest.raises(DomainError) as refused:
        decide(appeal, cast.officer, decision=decision)
    assert refused.value.field == "decision"


def test_open_appeals_hold_publication_up_and_are_named(
    cast: Cast, provisional: Provisional
) -> None:
    appeal = file(provisional.breaches, cast.secretary_a)
    assert list(appeals.open_appeals(provisional.round)) == [appeal]
    with pytest.raises(DomainError, match="配电运检党支部"):
        appeals.refuse_if_appeals_open(provisional.round)
    decide(appeal, cast.officer)
    appeals.refuse_if_appeals_open(provisional.round)
    assert not appeals.open_appeals(provisional.round).exists()


def test_who_sees_which_appeal(cast: Cast, provisional: Provisional) -> None:
    file(provisional.breaches, cast.secretary_a)
    seen = {"secretary_a", "deputy_a", "captain", "officer", "leader"}
    for role, user in cast.users.items():
        assert ScoreAppeal.objects.visible_to(user).exists() is (role in seen), role


def test_reopened_inspection_takes_no_appeal(cast: Cast, provisional: Provisional) -> None:
    rounds.reopen_inspection(
        round_id=provisional.round.pk, actor=cast.officer, now=NOW, reason="漏查一家"
    )
    with pytest.raises(TransitionRefused, match="还没有公示"):
        file(provisional.breaches, cast.secretary_a)
