"""Many hands at once: document numbers, one winner per step, on both databases."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, transaction

from branches.models import Branch
from evaluations.models import IssuedPaper, NoticeEvent, RectificationNotice
from evaluations.services import appeals, notices
from evaluations.services.bulletins import sign_bulletin
from evaluations.services.publish import publish_round
from portal.kernel.errors import TransitionRefused
from portal.kernel.models import NumberSequence
from tests.cast import Cast
from tests.notices.scene import PUBLISHED_AT, Provisional, Published, at, draft

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("on")]


def all_at_once(calls: list[Callable[[], Any]]) -> Counter[str]:
    """Run the calls in threads that start together; how each ended, by name."""
    gate = threading.Barrier(len(calls))
    outcomes: list[str] = []

    def run(call: Callable[[], Any]) -> None:
        gate.wait()
        try:
            call()
            outcomes.append("done")
        except Exception as error:
            outcomes.append(type(error).__name__)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(call,)) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return Counter(outcomes)


def test_bulletin_and_notice_signed_at_once_share_and_skip_no_number(
    cast: Cast, published: Published
) -> None:
    run = published.notice.run

    def bulletin() -> IssuedPaper:
        return sign_bulletin(
            round_id=run.round_id, version=1, actor=cast.leader, now=PUBLISHED_AT
        ).paper

    def notice() -> RectificationNotice:
        return notices.check_and_issue(
            notice_id=published.notice.pk, actor=cast.leader, now=PUBLISHED_AT
        )

    assert all_at_once([bulletin, bulletin, bulletin, notice]) == {"done": 4}
    kept = IssuedPaper.objects.values_list("issuer_code", "number")
    assert sorted(kept) == [("泉电党整", 1), ("泉电党通", 1)]


def test_eight_officers_sign_eight_notices_at_once(cast: Cast, published: Published) -> None:
    """No number twice, none left out, and the sequence says the last one."""
    run = published.notice.run
    others = Branch.objects.filter(committee=cast.city).exclude(
        pk__in=[cast.branch_a.pk, cast.office_three.pk, cast.office_one.pk]  # the leader's own
    )
    signed = [published.notice, published.office_notice]
    signed += [draft(run, branch, {"A1": "未传达1项"}) for branch in others[:6]]

    def sign(notice: RectificationNotice) -> Callable[[], Any]:
        return lambda: notices.check_and_issue(
            notice_id=notice.pk, actor=cast.leader, now=PUBLISHED_AT
        )

    assert all_at_once([sign(notice) for notice in signed]) == {"done": 8}
    numbers = RectificationNotice.objects.filter(number__isnull=False)
    assert sorted(numbers.values_list("number", flat=True)) == list(range(1, 9))
    assert NumberSequence.objects.get().last_number == 8


def test_one_notice_signed_eight_times_at_once(cast: Cast, published: Published) -> None:
    def sign() -> None:
        notices.check_and_issue(notice_id=published.notice.pk, actor=cast.leader, now=PUBLISHED_AT)

    assert all_at_once([sign] * 8) == {"done": 1, "TransitionRefused": 7}
    assert NumberSequence.objects.get().last_number == 1
    assert NoticeEvent.objects.filter(notice=published.notice, step="issue").count() == 1


def test_signing_that_is_rolled_back_leaves_no_gap(cast: Cast, published: Published) -> None:
    """One signer's transaction fails after the number was taken; the other waits for it."""

    def fail() -> None:
        with transaction.atomic():
            notices.check_and_issue(
                notice_id=published.notice.pk, actor=cast.leader, now=PUBLISHED_AT
            )
            transaction.set_rollback(True)

    def sign() -> None:
        notices.check_and_issue(
            notice_id=published.office_notice.pk, actor=cast.leader, now=PUBLISHED_AT
        )

    assert all_at_once([fail, sign]) == {"done": 2}
    published.notice.refresh_from_db()
    published.office_notice.refresh_from_db()
    assert (published.notice.status, published.notice.number) == ("draft", None)
    assert published.office_notice.number == 1


def test_accept_and_return_at_once_have_one_winner(cast: Cast, published: Published) -> None:
    RectificationNotice.objects.filter(pk=published.notice.pk).update(
        status="responded",
        responded_at=PUBLISHED_AT,
        checked_at=PUBLISHED_AT,
        checked_by=cast.officer,
        issued_at=PUBLISHED_AT,
        issuer_code="泉电党整",
        year=2017,
        number=1,
        due_on=PUBLISHED_AT.date(),
    )
    pk, leader, officer = published.notice.pk, cast.leader, cast.officer
    outcome = all_at_once(
        [
            lambda: notices.accept_response(notice_id=pk, actor=leader, now=PUBLISHED_AT),
            lambda: notices.return_response(
                notice_id=pk, reason="还差", actor=officer, now=PUBLISHED_AT
            ),
        ]
    )
    assert outcome == {"done": 1, "TransitionRefused": 1}
    assert NoticeEvent.objects.filter(notice=pk, step__in=("accept", "return")).count() == 1


def test_a_check_and_a_remark_at_once_have_one_order(cast: Cast, published: Published) -> None:
    """Both may come to pass, one after the other, and the state is that of the last; a signature
    never stands on words that were sent back."""
    pk, leader, officer = published.notice.pk, cast.leader, cast.officer
    notices.check_notice(notice_id=pk, actor=officer, now=PUBLISHED_AT)
    outcome = all_at_once(
        [
            lambda: notices.issue_notice(notice_id=pk, actor=leader, now=PUBLISHED_AT),
            lambda: notices.send_back_notice(
                notice_id=pk, remark="还差一句", actor=officer, now=PUBLISHED_AT
            ),
        ]
    )
    assert outcome == {"done": 1, "TransitionRefused": 1}
    published.notice.refresh_from_db()
    assert (published.notice.status, published.notice.number) in {("issued", 1), ("draft", None)}


def test_one_deduction_appealed_and_decided_by_many_at_once(
    cast: Cast, provisional: Provisional
) -> None:
    line = provisional.breaches.pk
    filed = all_at_once(
        [
            lambda user=user: appeals.file_appeal(  # type: ignore[misc]
                deduction_id=line, text="不属实", actor=user, now=at(7, 3)
            )
            for user in [cast.secretary_a, cast.deputy_a] * 3
        ]
    )
    assert filed == {"done": 1, "TransitionRefused": 5}
    appeal = provisional.breaches.appeals.get()
    decided = all_at_once(
        [
            lambda user=user: appeals.decide_appeal(  # type: ignore[misc]
                appeal_id=appeal.pk,
                uphold=True,
                count_after=1,
                decision="一人系好了",
                actor=user,
                now=at(7, 3),
            )
            for user in [cast.officer, cast.leader] * 3
        ]
    )
    assert decided == {"done": 1, "TransitionRefused": 5}
    provisional.breaches.refresh_from_db()
    assert provisional.breaches.count == 1


def test_decision_and_publication_at_once_never_leave_a_changed_mark_unpublished(
    cast: Cast, provisional: Provisional
) -> None:
    """Either the decision came first and is in the ranking, or publication was refused."""
    appeal = appeals.file_appeal(
        deduction_id=provisional.breaches.pk, text="不属实", actor=cast.secretary_a, now=at(7, 3)
    )
    outcome = all_at_once(
        [
            lambda: appeals.decide_appeal(
                appeal_id=appeal.pk,
                uphold=True,
                count_after=0,
                decision="属实",
                actor=cast.officer,
                now=at(7, 5),
            ),
            lambda: publish_round(
                round_id=provisional.round.pk, actor=None, now=at(7, 5), via="sweep"
            ),
        ]
    )
    assert outcome["done"] >= 1
    provisional.round.refresh_from_db()
    appeal.refresh_from_db()
    assert appeal.status == "upheld"
    if provisional.round.is_published:
        run = provisional.round.runs.get()
        problems = run.notices.filter(branch=cast.branch_a, problems__item__code="D1")
        assert not problems.exists()


def test_refused_step_says_so(cast: Cast, published: Published) -> None:
    with pytest.raises(TransitionRefused, match="待核稿"):
        notices.acknowledge_notice(
            notice_id=published.notice.pk, actor=cast.secretary_a, now=PUBLISHED_AT
        )
