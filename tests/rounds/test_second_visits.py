"""重查: after an appeal another team goes, and its sheet counts instead of the contested one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse

from evaluations import calibration
from evaluations.models import (
    Deduction,
    Finding,
    Inspection,
    InspectionTeam,
    MonthRound,
    Recusal,
    ScoreAppeal,
)
from evaluations.monthly_navigation import sheets_to_act_on
from evaluations.ranking import provisional
from evaluations.selectors.round_board import round_board
from evaluations.selectors.sheets import desk
from evaluations.services import appeals, pairing, rounds, second_visits, sheets
from evaluations.services.appeals import why_no_appeal
from evaluations.services.publish import publish_round
from portal.kernel.errors import DomainError, TransitionRefused
from tests.cast import Cast
from tests.month import MonthCast, month_cast
from tests.notices.scene import at

__all__ = ("month_cast",)

INSPECTED = at(6, 28, 15)
NOW = at(7, 3)


@dataclass
class Contested:
    """The sheet of office_two at branch_a, contested; ``other``: office_three's team, free."""

    appeal: ScoreAppeal
    first: Inspection
    other: InspectionTeam


@pytest.fixture(autouse=True)
def _third_of_july() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def contested(cast: Cast, month_cast: MonthCast) -> Contested:
    other = rounds.create_team(
        round_id=month_cast.round.pk,
        branch=cast.office_three,
        leader=cast.person(cast.secretary_of(cast.office_three)),
        members=[],
        actor=None,
        now=INSPECTED,
    )
    fill(month_cast, month_cast.visit_a, cast.inspector, 3)
    fill(month_cast, month_cast.visit_a_again, cast.secretary_of(cast.supplies), 0)
    rounds.close_inspection(
        round_id=month_cast.round.pk,
        actor=None,
        now=at(7, 1, 0, 5),
        via="sweep",
    )
    line = Deduction.objects.get(inspection=month_cast.visit_a)
    appeal = appeals.file_appeal(
        deduction_id=line.pk, text="当天没有作业", actor=cast.secretary_a, now=NOW
    )
    return Contested(appeal, Inspection.objects.get(pk=month_cast.visit_a.pk), other)


def fill(month: MonthCast, visit: Inspection, actor: Any, count: int, now: Any = INSPECTED) -> None:
    sheets.start_sheet(inspection_id=visit.pk, actor=actor, now=now)
    if count:
        item = month.item(visit, "D1")
        sheets.save_item(
            inspection_id=visit.pk,
            item_id=item.pk,
            lines=[sheets.LineInput(item.rules.get(number=1).pk, count, "下颏带未系好")],
            override=None,
            version=0,
            actor=actor,
            now=now,
        )
    sheets.submit_sheet(inspection_id=visit.pk, rest_is_fine=True, actor=actor, now=now)


def send(contested: Contested, actor: Any, **more: Any) -> Inspection:
    values: dict[str, Any] = {
        "appeal_id": contested.appeal.pk,
        "team_id": contested.other.pk,
        "reason": "两边说法不一",
        "planned_on": dt.date(2017, 7, 4),
        "now": NOW,
        **more,
    }
    return second_visits.send_second_team(actor=actor, **values)


def revisit(cast: Cast, month: MonthCast, contested: Contested, count: int = 1) -> Inspection:
    visit = send(contested, cast.officer)
    fill(month, visit, cast.secretary_of(cast.office_three), count, at(7, 4, 9))
    return Inspection.objects.get(pk=visit.pk)


def test_only_teams_without_a_conflict_are_offered(cast: Cast, contested: Contested) -> None:
    offered = {c.team.branch_id: c.reason for c in second_visits.candidates(contested.appeal)}
    assert offered == {
        cast.office_three.pk: "",
        cast.office_two.pk: "本月已查过这个支部",
        cast.supplies.pk: "本月已查过这个支部",
        cast.branch_b.pk: "同一类型",
    }
    for one, other in (
        (cast.office_three, cast.branch_a),
        (cast.branch_a, cast.office_three),
    ):
        recusal = Recusal.objects.create(
            inspector=one,
            inspected=other,
            first_month=dt.date(2017, 6, 1),
            reason="配偶在该支部",
            declared_at=NOW,
        )
        reasons = {c.team.branch_id: c.reason for c in second_visits.candidates(contested.appeal)}
        assert reasons[cast.office_three.pk] == "已登记回避"
        recusal.delete()


@pytest.mark.parametrize("branch", ["office_two", "supplies", "branch_b"])
def test_a_team_in_conflict_cannot_be_sent(
    cast: Cast, contested: Contested, month_cast: MonthCast, branch: str
) -> None:
    team = InspectionTeam.objects.get(round=month_cast.round, branch=getattr(cast, branch))
    with pytest.raises(DomainError) as refused:
        send(contested, cast.officer, team_id=team.pk)
    assert refused.value.field == "team"
    contested.appeal.refresh_from_db()
    assert contested.appeal.status == "filed"


@pytest.mark.parametrize(
    "role", ["secretary_a", "inspector", "officer_elsewhere", "secretary_b", "employee"]
)
def test_only_who_decides_the_appeal_sends_a_second_team(
    cast: Cast, contested: Contested, role: str
) -> None:
    with pytest.raises(PermissionDenied):
        send(contested, getattr(cast, role))


def test_the_second_sheet_counts_instead_of_the_first(
    cast: Cast, contested: Contested, month_cast: MonthCast
) -> None:
    def raw() -> Decimal:
        (row,) = [r for r in provisional(month_cast.round) if r.branch_id == cast.branch_a.pk]
        assert row.total is not None
        return row.total

    other = Inspection.objects.get(pk=month_cast.visit_a_again.pk)
    before = raw()
    second = revisit(cast, month_cast, contested)
    contested.first.refresh_from_db()
    assert contested.first.status == "set_aside"
    assert second.score is not None
    assert other.score is not None
    assert second.score > (contested.first.score or 0)
    assert raw() == (second.score + other.score) / 2 > before


def test_the_first_sheet_leaves_the_fit(
    cast: Cast, contested: Contested, month_cast: MonthCast
) -> None:
    revisit(cast, month_cast, contested)
    read = calibration.sheets_of(month_cast.round) or []
    senders = {row[1] for row in read if row[2] == cast.branch_a.pk}
    assert senders == {cast.office_three.pk, cast.supplies.pk}


def test_both_texts_and_both_sheets_stay_readable(
    cast: Cast, client: Client, contested: Contested, month_cast: MonthCast
) -> None:
    second = revisit(cast, month_cast, contested)
    contested.appeal.refresh_from_db()
    assert contested.appeal.status == "replaced"
    client.force_login(cast.secretary_a)
    page = client.get(
        reverse("evaluations:appeal-detail", args=[contested.appeal.pk])
    ).content.decode()
    for text in ("当天没有作业", "两边说法不一", "下颏带未系好×", "重查代替原表"):
        assert text.rstrip("×") in page
    for visit in (contested.first, second):
        sheet = client.get(reverse("evaluations:sheet-summary", args=[visit.pk]))
        assert sheet.status_code == 200
    assert (
        "不再计分"
        in client.get(
            reverse("evaluations:sheet-summary", args=[contested.first.pk])
        ).content.decode()
    )


def test_the_findings_of_the_first_sheet_are_struck_off_and_the_second_raises_its_own(
    cast: Cast, contested: Contested, month_cast: MonthCast
) -> None:
    second = revisit(cast, month_cast, contested)
    assert Finding.objects.get(inspection=contested.first).status == "verified"
    assert Finding.objects.get(inspection=second).status == "raised"


def test_the_second_visit_is_the_last_word(
    cast: Cast, contested: Contested, month_cast: MonthCast
) -> None:
    second = revisit(cast, month_cast, contested)
    with pytest.raises(TransitionRefused):
        sheets.take_back(
            inspection_id=second.pk, actor=cast.secretary_of(cast.office_three), now=NOW
        )
    assert "不再申诉" in why_no_appeal(Deduction.objects.get(inspection=second), NOW)


def test_the_month_waits_for_the_second_sheet(
    cast: Cast, contested: Contested, month_cast: MonthCast
) -> None:
    send(contested, cast.officer)
    with pytest.raises(DomainError, match="重查没有提交"):
        publish_round(round_id=month_cast.round.pk, actor=None, now=at(7, 5), via="sweep")


def test_every_open_appeal_against_the_sheet_waits_for_the_same_visit(
    cast: Cast, contested: Contested
) -> None:
    send(contested, cast.officer)
    assert set(
        ScoreAppeal.objects.filter(deduction__inspection=contested.first).values_list(
            "status", flat=True
        )
    ) == {"revisit"}
    with pytest.raises(TransitionRefused):
        appeals.decide_appeal(
            appeal_id=contested.appeal.pk,
            uphold=False,
            count_after=None,
            decision="维持",
            actor=cast.officer,
            now=NOW,
        )


def test_while_a_second_team_is_out_the_sheet_is_not_contested_again(
    cast: Cast, contested: Contested
) -> None:
    line = Deduction.objects.get(inspection=contested.first)
    other = Deduction.objects.create(
        inspection=contested.first,
        item=line.item,
        rule=line.item.rules.exclude(pk=line.rule_id).earliest("number"),
        count=1,
        points=Decimal(1),
        fact="责任区内1起",
    )
    assert why_no_appeal(other, NOW) == ""
    send(contested, cast.officer)
    assert "正在另派组重查" in why_no_appeal(other, NOW)
    with pytest.raises(TransitionRefused):
        appeals.file_appeal(deduction_id=other.pk, text="不属实", actor=cast.secretary_a, now=NOW)


def test_two_open_appeals_wait_for_one_visit_and_are_answered_by_it(
    cast: Cast, contested: Contested, month_cast: MonthCast
) -> None:
    line = Deduction.objects.get(inspection=contested.first)
    other = Deduction.objects.create(
        inspection=contested.first,
        item=line.item,
        rule=line.item.rules.exclude(pk=line.rule_id).earliest("number"),
        count=1,
        points=Decimal(1),
        fact="责任区内1起",
    )
    appeals.file_appeal(deduction_id=other.pk, text="不属实", actor=cast.secretary_a, now=NOW)
    revisit(cast, month_cast, contested)
    assert set(ScoreAppeal.objects.values_list("status", flat=True)) == {"replaced"}


def test_back_in_inspection_the_second_visit_stays_and_the_first_sheet_too(
    cast: Cast, contested: Contested, month_cast: MonthCast
) -> None:
    second = send(contested, cast.officer)
    rounds.reopen_inspection(
        round_id=month_cast.round.pk, actor=cast.officer, now=NOW, reason="漏查一个支部"
    )
    with pytest.raises(TransitionRefused, match="在申诉里撤回"):
        rounds.unassign(inspection_id=second.pk, reason="不去了", actor=cast.officer, now=NOW)
    with pytest.raises(TransitionRefused, match="正在另派组重查"):
        sheets.take_back(inspection_id=contested.first.pk, actor=cast.inspector, now=NOW)
    pairing.drop_out(
        round_id=month_cast.round.pk,
        branch=cast.office_three,
        reason="迎审",
        actor=cast.officer,
        now=NOW,
    )
    assert Inspection.objects.filter(pk=second.pk).exists()


def test_the_board_waits_for_the_second_sheet_and_shows_no_hole(
    cast: Cast, client: Client, contested: Contested, month_cast: MonthCast
) -> None:
    before = round_board(month_cast.round, today=NOW.date())
    second = send(contested, cast.officer)
    round_ = MonthRound.objects.get(pk=month_cast.round.pk)
    board = round_board(round_, today=NOW.date())
    assert board.next.title == "等重查提交评分表"
    assert board.visits_total == before.visits_total
    assert [c.code for c in board.matrix.columns] == [c.code for c in before.matrix.columns]
    fill(month_cast, second, cast.secretary_of(cast.office_three), 1, at(7, 4, 9))
    after = round_board(round_, today=NOW.date())
    assert after.visits_done == before.visits_done
    client.force_login(cast.officer)
    assert client.get(f"/rounds/{round_.pk}/teams/").status_code == 200


def test_the_second_visit_stands_in_the_inspectors_badge(cast: Cast, contested: Contested) -> None:
    user = cast.secretary_of(cast.office_three)
    before = sheets_to_act_on(user).count()
    send(contested, cast.officer)
    assert sheets_to_act_on(user).count() == before + 1


def test_a_day_after_the_bulletin_is_refused(cast: Cast, contested: Contested) -> None:
    with pytest.raises(DomainError, match="不能晚于通报日") as refused:
        send(contested, cast.officer, planned_on=dt.date(9999, 12, 31))
    assert refused.value.field == "planned_on"


def test_the_inspector_finds_the_second_visit_on_the_desk(
    cast: Cast, client: Client, contested: Contested
) -> None:
    visit = send(contested, cast.officer)
    user = cast.secretary_of(cast.office_three)
    assert visit in desk(user).to_do
    client.force_login(user)
    page = client.get(reverse("evaluations:sheet", args=[visit.pk])).content.decode()
    assert "申诉后重查" in page


def test_a_team_that_cannot_go_is_recalled_and_the_appeal_waits_again(
    cast: Cast, client: Client, contested: Contested
) -> None:
    send(contested, cast.officer)
    client.force_login(cast.officer)
    url = reverse("evaluations:appeal-recall", args=[contested.appeal.pk])
    refused = client.post(url, {"recall-reason": ""})
    assert refused.status_code == 400
    assert "请写明为什么撤回重查" in refused.content.decode()
    client.post(url, {"recall-reason": "组长出差"})
    contested.appeal.refresh_from_db()
    assert contested.appeal.status == "filed"
    assert not Inspection.objects.filter(replaces=contested.first).exists()


def test_the_form_says_beside_the_field_what_is_missing_and_keeps_what_was_typed(
    cast: Cast, client: Client, contested: Contested
) -> None:
    client.force_login(cast.officer)
    url = reverse("evaluations:appeal-second-team", args=[contested.appeal.pk])
    page = client.post(url, {"second-reason": "两边说法不一"}).content.decode()
    assert "请选一个检查组" in page
    assert "两边说法不一" in page
    client.post(url, {"second-team": contested.other.pk, "second-reason": "两边说法不一"})
    contested.appeal.refresh_from_db()
    assert contested.appeal.status == "revisit"


def test_the_api_sends_and_recalls(cast: Cast, client: Client, contested: Contested) -> None:
    client.force_login(cast.officer)
    url = f"/api/v1/appeals/{contested.appeal.pk}"
    sent = client.post(
        f"{url}/second-team/",
        {"team": contested.other.pk, "reason": "两边说法不一"},
        "application/json",
    )
    assert (sent.status_code, sent.json()["status"]) == (200, "revisit")
    back = client.post(f"{url}/recall/", {"reason": "组长出差"}, "application/json")
    assert (back.status_code, back.json()["status"]) == (200, "filed")
