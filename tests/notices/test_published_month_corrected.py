"""A published month put right: appeals decided late, what was found out afterwards (事后查明),
and the new revision in which it counts."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from branches.models import Branch
from evaluations.models import Deduction, Inspection, MonthRound, ScoreAppeal
from evaluations.selectors.standings import standing_of
from evaluations.selectors.why import Why, why
from evaluations.services import appeals
from evaluations.services.bulletins import sign_bulletin
from evaluations.services.notices import check_and_issue
from evaluations.services.publish import republish_round
from portal.accounts.models import User
from portal.audit.models import AuditEntry
from portal.kernel.errors import DomainError, TransitionRefused
from portal.notifications.models import InboxMessage
from tests.cast import Cast
from tests.notices.pages import get, post, signed_in, text
from tests.notices.scene import Provisional, Published, at

NOW = at(7, 10)
LATE = at(7, 20)


@pytest.fixture(autouse=True)
def _stand_after_publication(on: Any) -> None:
    on.move_to(NOW)


def correct(
    deduction: Deduction,
    user: User,
    to: int | None = 0,
    reason: str = "查实当天已系好，有照片",
    now: dt.datetime = NOW,
) -> ScoreAppeal:
    return appeals.correct_deduction(
        deduction_id=deduction.pk, count_after=to, reason=reason, actor=user, now=now
    )


def contested(cast: Cast, deduction: Deduction) -> ScoreAppeal:
    appeal: ScoreAppeal = ScoreAppeal.objects.create(
        deduction=deduction,
        branch=cast.branch_a,
        text="不属实",
        filed_by=cast.secretary_a,
        filed_at=at(7, 3),
        count_before=deduction.count,
    )
    return appeal


# -- an appeal decided after publication ------------------------------------------------------


def test_upheld_after_publication_leaves_the_sheet_as_it_was_written(
    cast: Cast, published: Published
) -> None:
    line = published.provisional.breaches
    sheet = Inspection.objects.get(pk=line.inspection_id)
    appeal = contested(cast, line)
    page = text(get(cast.officer, "appeal-detail", appeal.pk))
    assert "本月已通报" in page
    assert "申诉成立，改分" in page
    sent = {"uphold-count_after": "0", "uphold-decision": "照片属实"}
    assert post(cast.officer, "appeal-uphold", appeal.pk, **sent).status_code == 302
    appeal.refresh_from_db()
    assert (appeal.status, appeal.count_after) == ("upheld", 0)
    kept = Deduction.objects.get(pk=line.pk)
    assert (kept.count, kept.points) == (line.count, line.points)
    after = Inspection.objects.get(pk=sheet.pk)
    assert (after.score, after.digest) == (sheet.score, sheet.digest)
    assert published.provisional.finding(line).status == "verified"
    told = InboxMessage.objects.get(
        key__startswith=f"appeal:{appeal.pk}:decided", user=cast.secretary_a
    )
    assert "重新发布后计入得分" in told.body
    assert "还没有计入得分" in text(get(cast.secretary_a, "appeal-detail", appeal.pk))
    assert "去更正并重新发布" in text(get(cast.officer, "appeal-detail", appeal.pk))


# -- a correction of the committee's own -------------------------------------------------------


def test_an_officer_puts_one_deduction_right_from_the_score_page(
    cast: Cast, published: Published
) -> None:
    line = published.provisional.breaches
    round_ = published.provisional.round
    score = text(get(cast.officer, "score", round_.pk, cast.branch_a.pk))
    assert f"/rectification/appeals/correct/{line.pk}/" in score
    assert "更正这条扣分" not in text(get(cast.secretary_a, "score", round_.pk, cast.branch_a.pk))
    form = text(get(cast.officer, "deduction-correct", line.pk))
    assert "更正 D1 这一条（−4.0 分）" in form
    wordless = post(cast.officer, "deduction-correct", line.pk, count_after="1", reason="")
    assert wordless.status_code == 400
    assert "请写明更正的原因" in text(wordless)
    same = post(cast.officer, "deduction-correct", line.pk, count_after="2", reason="看过照片")
    assert same.status_code == 400
    assert "没有要更正的" in text(same)
    assert "看过照片" in text(same)
    done = post(cast.officer, "deduction-correct", line.pk, count_after="1", reason="一人系好了")
    assert done.status_code == 302
    appeal = ScoreAppeal.objects.get()
    assert (appeal.status, appeal.count_before, appeal.count_after) == ("upheld", 2, 1)
    assert appeal.is_correction
    page = text(signed_in(cast.secretary_a).get(done["Location"]))
    assert "通报后更正" in page
    assert "支部申诉" not in page
    assert "−2.0" in page
    told = InboxMessage.objects.get(
        key__startswith=f"appeal:{appeal.pk}:corrected", user=cast.secretary_a
    )
    assert "原计2次，更正后1次：一人系好了" in told.body
    entry = AuditEntry.objects.get(code="deduction.corrected")
    assert (entry.actor, entry.reason) == (cast.officer, "一人系好了")


def test_a_wrong_correction_is_corrected_but_never_beyond_the_sheet(
    cast: Cast, published: Published
) -> None:
    line = published.provisional.breaches
    correct(line, cast.officer, to=0)
    with pytest.raises(DomainError, match="填0到2") as refused:
        correct(line, cast.officer, to=3)
    assert refused.value.field == "count_after"
    with pytest.raises(DomainError, match="填0到2"):
        correct(line, cast.officer, to=None)
    again = correct(line, cast.leader, to=2)
    assert (again.count_before, again.count_after) == (0, 2)
    assert appeals.count_in_force(line) == 2


def test_nothing_is_corrected_before_publication(cast: Cast, provisional: Provisional) -> None:
    with pytest.raises(TransitionRefused, match="还没有通报"):
        correct(provisional.breaches, cast.officer)
    page = text(get(cast.officer, "deduction-correct", provisional.breaches.pk))
    assert "还没有通报" in page


def test_an_open_appeal_is_decided_first(cast: Cast, published: Published) -> None:
    contested(cast, published.provisional.breaches)
    with pytest.raises(TransitionRefused, match="申诉还没有复核"):
        correct(published.provisional.breaches, cast.officer)


def test_nobody_else_corrects(cast: Cast, published: Published) -> None:
    """Not the branch, its neighbour, an employee or an officer elsewhere; of the office's own
    branch not even the officer; nor who sat in the team."""
    line, own = published.provisional.breaches, published.provisional.office_line
    sent = {"count_after": 0, "reason": "查实"}
    for role, user in cast.users.items():
        if role in {"officer", "leader"}:
            continue
        assert get(user, "deduction-correct", line.pk).status_code in {403, 404}, role
        assert post(user, "deduction-correct", line.pk, **sent).status_code in {403, 404}, role
        asked = signed_in(user).post(
            "/api/v1/appeals/correct/", {"deduction": line.pk, **sent}, "application/json"
        )
        assert asked.status_code in {403, 404}, role
        with pytest.raises(PermissionDenied):
            correct(line, user)
    assert post(cast.officer, "deduction-correct", own.pk, **sent).status_code == 403
    with pytest.raises(PermissionDenied):
        correct(own, cast.officer)
    score = text(get(cast.officer, "score", published.provisional.round.pk, cast.office_three.pk))
    assert "更正这条扣分" not in score
    line.inspection.team.members.create(person=cast.person(cast.leader))
    with pytest.raises(PermissionDenied):
        correct(line, cast.leader)
    assert not ScoreAppeal.objects.exists()


def test_the_api_corrects_too(cast: Cast, published: Published) -> None:
    line = published.provisional.breaches
    answer = signed_in(cast.officer).post(
        "/api/v1/appeals/correct/",
        {"deduction": line.pk, "count_after": 0, "reason": "查实"},
        "application/json",
    )
    assert answer.status_code == 201
    assert (answer.json()["status"], answer.json()["count_after"]) == ("upheld", 0)


# -- publishing it again -------------------------------------------------------------------------


def test_the_round_page_lists_what_changes_and_publishes_it_again(
    cast: Cast, published: Published
) -> None:
    round_, line = published.provisional.round, published.provisional.breaches
    quiet = text(get(cast.officer, "round", round_.pk))
    assert "还没有计入得分和名次" not in quiet
    correct(line, cast.officer, to=1, reason="一人系好了")
    page = text(get(cast.officer, "round", round_.pk))
    assert "通报以后更正了 1 条扣分" in page
    assert "原扣4.0，更正后扣2.0（一人系好了）" in page
    assert f"/rounds/{round_.pk}/republish/" in page
    assert f"/rounds/{round_.pk}/republish/" not in text(get(cast.leader, "round", round_.pk))
    wordless = post(cast.officer, "round-republish", round_.pk, reason=" ")
    assert wordless.status_code == 400
    assert "请写明更正的原因" in text(wordless)
    done = post(cast.officer, "round-republish", round_.pk, reason="申诉后查明")
    assert done.status_code == 302
    first, second = round_.runs.order_by("revision")
    assert (second.revision, second.reason) == (2, "申诉后查明")
    before, after = (run.entries.get(branch=cast.branch_a).total for run in (first, second))
    assert after == before + 2
    assert "签发更正后的通报" in text(get(cast.officer, "round", round_.pk))


def test_where_nothing_differs_nothing_is_published(cast: Cast, published: Published) -> None:
    round_ = published.provisional.round
    correct(published.provisional.breaches, cast.officer, to=1)
    correct(published.provisional.breaches, cast.officer, to=2)
    assert "通报以后更正了" not in text(get(cast.officer, "round", round_.pk))
    client = signed_in(cast.officer)
    page = client.post(f"/rounds/{round_.pk}/republish/", {"reason": "再看一遍"}, follow=True)
    assert "没有重新发布" in text(page)
    assert round_.runs.count() == 1
    wordless = text(post(cast.officer, "round-republish", round_.pk, reason=""))
    assert "请写明更正的原因" in wordless


def test_nobody_else_publishes_again(cast: Cast, published: Published) -> None:
    round_ = published.provisional.round
    correct(published.provisional.breaches, cast.officer, to=1)
    for role, user in cast.users.items():
        if role == "officer":
            continue
        sent = post(user, "round-republish", round_.pk, reason="更正")
        assert sent.status_code in {403, 404}, role
        asked = republish_by_api(user, round_.pk)
        assert asked.status_code in {403, 404}, role
    assert round_.runs.count() == 1
    answer = republish_by_api(cast.officer, round_.pk)
    assert answer.status_code == 200
    assert (answer.json()["revision"], answer.json()["already"]) == (2, False)
    assert republish_by_api(cast.officer, round_.pk).json()["already"] is True


def republish_by_api(user: User, pk: int) -> Any:
    sent = {"reason": "更正"}
    return signed_in(user).post(f"/api/v1/rounds/{pk}/republish/", sent, "application/json")


# -- the figures of the new revision add up ------------------------------------------------------


def test_a_corrected_score_adds_up_on_every_page(cast: Cast, published: Published) -> None:
    round_, line = published.provisional.round, published.provisional.breaches
    first = round_.runs.get()
    old = first.entries.get(branch=cast.branch_a)
    correct(line, cast.officer, to=1, reason="一人系好了")
    waiting = text(get(cast.secretary_a, "score", round_.pk, cast.branch_a.pk))
    assert "−4.0" in waiting
    assert "更正后" not in waiting
    assert "通报后更正，待重新发布" in waiting
    run = republish_round(
        round_id=round_.pk, reason="查明一人系好了", actor=cast.officer, now=LATE
    ).run
    new = run.entries.get(branch=cast.branch_a)
    assert new.base == old.base + 2
    page = text(get(cast.secretary_a, "score", round_.pk, cast.branch_a.pk))
    assert "原扣4.0，更正后2.0（一人系好了）" in page
    assert "第 2 次发布作了更正" in page
    assert f"总分由{old.total:.1f}改为{new.total:.1f}" in page
    explained = why_of(cast.branch_a, round_, cast.secretary_a)
    assert explained.score.teams[0].total == new.base
    (row,) = [row for row in explained.score.deductions if row.code == "D1"]
    assert row.points == [Decimal(-2)]
    lost = -sum((row.points[0] or 0 for row in explained.score.deductions), Decimal(0))
    assert 100 - lost == new.base
    kept = {s.code: s.marks for s in explained.sections}
    assert sum(kept.values()) == new.base
    assert line.points == Deduction.objects.get(pk=line.pk).points
    # What is decided after this revision waits for the next.
    correct(line, cast.leader, to=0, reason="另一人当天休假", now=at(7, 21))
    later = why_of(cast.branch_a, round_, cast.secretary_a)
    assert later.score.teams[0].total == new.base
    page = text(get(cast.secretary_a, "score", round_.pk, cast.branch_a.pk))
    assert "原扣4.0，更正后2.0（一人系好了）" in page
    assert "待重新发布" in page
    own = round_.participants.get(branch=cast.branch_a)
    wall = text(get(cast.officer, "meeting-screen", round_.pk, own.pk))
    assert "−2.0" in wall
    assert "−4.0" in wall  # the themed day, which stands


def test_failed_key_work_is_said_of_the_revision_shown(cast: Cast, published: Published) -> None:
    round_, line = published.provisional.round, published.provisional.themed_day
    score = ("score", round_.pk, cast.branch_a.pk)
    before = text(get(cast.officer, *score))
    assert "项重点工作不落实" in before
    for deduction in (line, published.provisional.breaches):
        correct(deduction, cast.officer, to=0)
    assert text(get(cast.officer, *score)).count("项重点工作不落实") == 1
    republish_round(round_id=round_.pk, reason="查明", actor=cast.officer, now=LATE)
    assert "重点工作各项均不低于" in text(get(cast.officer, *score))
    home = text(signed_in(cast.secretary_a).get("/"))
    assert line.item.name not in home.split("扣分")[-1]


def why_of(branch: Branch, round_: MonthRound, user: User) -> Why:
    read = MonthRound.objects.with_runs().select_related("policy", "committee").get(pk=round_.pk)
    found = standing_of(read, user).line_of(branch.pk)
    assert found is not None
    return why(round_=read, group=found[0], line=found[1], user=user, now=LATE)


# -- the revised bulletin, and a notice that lost its ground --------------------------------------


def test_the_revised_bulletin_prints_its_correction_and_keeps_the_old_number(
    cast: Cast, published: Published
) -> None:
    round_, provisional = published.provisional.round, published.provisional
    old = sign_bulletin(round_id=round_.pk, version=1, actor=cast.leader, now=NOW).paper
    assert "更正说明" not in old.text
    for line in (provisional.breaches, provisional.themed_day):
        correct(line, cast.officer, to=0, reason="查实当天有记录")
    before = round_.runs.get().entries.get(branch=cast.branch_a).total
    republish_round(round_id=round_.pk, reason="事后查明", actor=cast.officer, now=LATE)
    after = round_.runs.get(revision=2).entries.get(branch=cast.branch_a).total
    draft = text(get(cast.officer, "bulletin", round_.pk))
    new = sign_bulletin(round_id=round_.pk, version=1, actor=cast.leader, now=LATE).paper
    signed = text(get(cast.secretary_a, "bulletin", round_.pk))
    for said in (draft, signed, new.text):
        assert "更正说明。" in said
        assert f"第2次发布，代替{old.document_number}。更正原因：事后查明。" in said
        assert "原扣4.0，更正后扣0.0（查实当天有记录）" in said
        assert f"总分由{before:.1f}改为{after:.1f}" in said
    assert f"{cast.branch_a.name}：主题党日" not in new.text
    listed = text(get(cast.secretary_a, "bulletins"))
    assert new.document_number in listed
    assert f"上一次发布 {old.document_number}" in listed
    assert f"/papers/{old.pk}/red-head.pdf" in listed
    assert get(cast.secretary_a, "paper-file", old.pk, "red-head", "docx").status_code == 200


def test_a_served_notice_that_lost_its_ground_says_so_to_the_committee(
    cast: Cast, published: Published
) -> None:
    notice, sentence = published.notice, "有的问题不再成立"
    check_and_issue(notice_id=notice.pk, version=notice.version, actor=cast.officer, now=NOW)
    named = [str(problem.item) for problem in published.problems]
    assert sentence not in text(get(cast.officer, "notice-detail", notice.pk))
    correct(published.provisional.themed_day, cast.officer, to=0)
    round_id = published.provisional.round.pk
    republish_round(round_id=round_id, reason="事后查明", actor=cast.officer, now=LATE)
    page = text(get(cast.officer, "notice-detail", notice.pk))
    assert sentence in page
    assert next(name for name in named if name.startswith("B4")) in page
    assert sentence not in text(get(cast.secretary_a, "notice-detail", notice.pk))
