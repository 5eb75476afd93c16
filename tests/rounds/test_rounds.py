"""Opening a round, its calendar, teams and pairs, and its steps."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.test import Client

from branches.services import organisation
from evaluations.lifecycles import ROUND, RoundStatus
from evaluations.models import Inspection, MonthRound, RoundEvent, RubricVersion
from evaluations.selectors.round_board import round_board
from evaluations.services import rounds
from evaluations.services.round_intake import default_calendar
from portal.audit.models import AuditEntry
from portal.kernel.errors import DomainError, TransitionRefused
from portal.kernel.months import Month
from tests.cast import NOW, Cast
from tests.month import MonthCast

D = dt.date


@pytest.mark.parametrize(
    ("month", "expected"),
    [
        # 25 June 2017 is a Sunday; the bulletin is out by the 5th, the meeting by the 10th.
        (
            Month(2017, 6),
            {
                "records_due_on": D(2017, 6, 30),
                "window_starts_on": D(2017, 6, 26),
                "window_ends_on": D(2017, 6, 30),
                "appeals_end_on": D(2017, 7, 4),
                "publish_on": D(2017, 7, 5),
                "meeting_on": D(2017, 7, 10),
            },
        ),
        # "By the 5th" after September lands behind the National Day holiday.
        (
            Month(2017, 9),
            {
                "records_due_on": D(2017, 9, 30),
                "window_starts_on": D(2017, 9, 25),
                "window_ends_on": D(2017, 9, 30),
                "appeals_end_on": D(2017, 10, 10),
                "publish_on": D(2017, 10, 11),
                "meeting_on": D(2017, 10, 11),
            },
        ),
    ],
)
def test_the_calendar_keeps_to_working_days(
    month_cast: MonthCast, month: Month, expected: dict[str, dt.date]
) -> None:
    assert default_calendar(month_cast.round.policy, month) == expected


def test_a_round_takes_every_branch_as_it_stands(cast: Cast, month_cast: MonthCast) -> None:
    round_ = month_cast.round
    assert round_.participants.count() == 10
    a = month_cast.participant(cast.branch_a)
    assert (a.branch_type, a.tier, a.secretary_mode) == ("production", "branch", "full_time")
    assert (a.member_count, a.group_count, a.has_committee) == (12, 3, True)
    joint = month_cast.participant(cast.joint)
    assert not joint.has_committee, "six members: no committee, so no committee meeting is due"
    assert month_cast.participant(cast.branch_b).parent_id == cast.general.pk


def test_a_later_change_of_type_leaves_the_round_alone(cast: Cast, month_cast: MonthCast) -> None:
    organisation.classify_branch(
        branch=cast.supplies,
        first_month=Month(2017, 7),
        tier="branch",
        branch_type="management",
        is_exempt=False,
        note="机构调整",
        actor=None,
        now=NOW,
    )
    assert month_cast.participant(cast.supplies).branch_type == "business"
    july = rounds.open_round(committee=cast.city, month=Month(2017, 7), actor=None, now=NOW)
    assert july.participants.get(branch=cast.supplies).branch_type == "management"


def test_opening_twice_gives_the_round_that_is_there(cast: Cast, month_cast: MonthCast) -> None:
    again = rounds.open_round(
        committee=cast.city, month=month_cast.round.period, actor=cast.officer, now=NOW
    )
    assert again.pk == month_cast.round.pk
    assert MonthRound.objects.count() == 1


def test_two_months_at_once_are_both_on_the_officers_home_the_older_first(
    cast: Cast, month_cast: MonthCast, client: Client
) -> None:
    client.force_login(cast.officer)
    june = month_cast.round
    page = client.get(f"/rounds/{june.pk}/")
    assert "确认开启2017年7月" in page.content.decode()  # asked before, with what is frozen
    assert "考评细则版本和考评规则按现在的样子固定" in page.content.decode()
    july = rounds.open_round(committee=cast.city, month=Month(2017, 7), actor=None, now=NOW)
    home = client.get("/rounds/")
    assert home["Location"] == f"/rounds/{june.pk}/"
    tabs = client.get(home["Location"]).context["unfinished"]
    assert [(tab.url, tab.is_current) for tab in tabs] == [
        (f"/rounds/{june.pk}/", True),
        (f"/rounds/{july.pk}/", False),
    ]


def test_the_column_of_gaps_adds_up_to_the_title(month_cast: MonthCast) -> None:
    board = round_board(month_cast.round, today=NOW.date())
    rows = [row for group in board.matrix.groups for row in group.rows]
    assert any(cell.text == "缺组" for row in rows for cell in row.cells)
    assert sum(row.missing for row in rows) == board.due_total - board.due_done
    assert board.missing == [*board.shown_missing, *board.rest_missing]


def test_opening_freezes_the_rubrics(month_cast: MonthCast) -> None:
    versions = RubricVersion.objects.filter(participants__round=month_cast.round).distinct()
    assert len(versions) == 3
    assert all(v.is_frozen for v in versions)


def test_without_a_policy_or_rubrics_a_round_says_what_is_missing(cast: Cast) -> None:
    with pytest.raises(DomainError, match="还没有设置考评规则"):
        rounds.open_round(committee=cast.city, month=Month(2017, 6), actor=None, now=NOW)
    rounds.set_policy(
        committee=cast.city, first_month=Month(2016, 1), values={}, actor=None, now=NOW
    )
    with pytest.raises(DomainError, match="还没有考评细则"):
        rounds.open_round(committee=cast.city, month=Month(2017, 6), actor=None, now=NOW)


def test_a_county_company_goes_by_its_superiors_policy(cast: Cast, month_cast: MonthCast) -> None:
    policy = rounds.policy_in_force(cast.county, Month(2017, 6))
    assert policy.committee == cast.city


def test_a_used_policy_is_history(cast: Cast, month_cast: MonthCast) -> None:
    with pytest.raises(DomainError, match="另设一个起始月份"):
        rounds.set_policy(
            committee=cast.city,
            first_month=Month.of(month_cast.round.policy.first_month),
            values={"key_fail_percent": 50},
            actor=cast.officer,
            now=NOW,
        )


@pytest.mark.parametrize("who", ["secretary_a", "officer_elsewhere", "leader", "employee"])
def test_only_the_committees_officer_runs_a_round(
    cast: Cast, month_cast: MonthCast, who: str
) -> None:
    with pytest.raises(PermissionDenied):
        rounds.close_inspection(
            round_id=month_cast.round.pk, actor=cast.users[who], now=NOW, reason="提前"
        )
    assert MonthRound.objects.get().status == RoundStatus.INSPECTING


def test_a_person_who_is_early_says_why(cast: Cast, month_cast: MonthCast) -> None:
    with pytest.raises(DomainError, match="6月30日之后自动进行"):
        rounds.close_inspection(round_id=month_cast.round.pk, actor=cast.officer, now=NOW)
    rounds.close_inspection(
        round_id=month_cast.round.pk, actor=cast.officer, now=NOW, reason="各组已查完"
    )
    event = RoundEvent.objects.latest("pk")
    assert (event.step, event.note, event.actor) == ("close_inspection", "各组已查完", cast.officer)
    entry = AuditEntry.objects.get(code="round.close_inspection")
    assert entry.before == {"status": "inspecting"}
    assert entry.after == {"status": "provisional"}


def test_every_state_refuses_the_steps_that_do_not_start_there(
    cast: Cast, month_cast: MonthCast
) -> None:
    services = {
        "start_inspection": rounds.start_inspection,
        "close_inspection": rounds.close_inspection,
        "reopen_inspection": rounds.reopen_inspection,
    }
    for status in ("open", "inspecting", "provisional"):
        for name, service in services.items():
            MonthRound.objects.update(status=status)
            if ROUND.allows(status, name):
                service(round_id=month_cast.round.pk, actor=cast.officer, now=NOW, reason="演练")
                assert MonthRound.objects.get().status == ROUND.steps[name].target
            else:
                with pytest.raises(TransitionRefused):
                    service(
                        round_id=month_cast.round.pk, actor=cast.officer, now=NOW, reason="演练"
                    )
                assert MonthRound.objects.get().status == status


def test_moving_the_calendar_keeps_its_order_and_its_reason(
    cast: Cast, month_cast: MonthCast
) -> None:
    move = {"publish_on": D(2017, 7, 6), "meeting_on": D(2017, 7, 11)}
    with pytest.raises(DomainError, match="原因"):
        rounds.move_calendar(
            round_id=month_cast.round.pk, dates=move, reason=" ", actor=cast.officer, now=NOW
        )
    rounds.move_calendar(
        round_id=month_cast.round.pk,
        dates=move,
        reason="迎峰度夏保电顺延",
        actor=cast.officer,
        now=NOW,
    )
    moved = MonthRound.objects.get()
    assert (moved.publish_on, moved.meeting_on) == (D(2017, 7, 6), D(2017, 7, 11))
    with pytest.raises(Exception, match="次序"):
        rounds.move_calendar(
            round_id=month_cast.round.pk,
            dates={"publish_on": D(2017, 6, 1)},
            reason="弄错了",
            actor=cast.officer,
            now=NOW,
        )


def assign(month: MonthCast, team: object, branch: object, actor: object = None) -> Inspection:
    return rounds.assign(
        round_id=month.round.pk,
        team=team,  # type: ignore[arg-type]
        participant=month.participant(branch),  # type: ignore[arg-type]
        actor=actor,  # type: ignore[arg-type]
        now=NOW,
    )


def test_hard_rules_of_a_pair(cast: Cast, month_cast: MonthCast) -> None:
    with pytest.raises(DomainError, match="自己的支部"):
        assign(month_cast, month_cast.team_office, cast.office_two)
    with pytest.raises(DomainError, match="不同类型"):
        assign(month_cast, month_cast.team_office, cast.office_one)
    with pytest.raises(DomainError, match="已安排"):
        assign(month_cast, month_cast.team_office, cast.branch_a)
    home = rounds.create_team(
        round_id=month_cast.round.pk,
        branch=cast.branch_a,
        leader=cast.person(cast.secretary_a),
        members=[],
        actor=None,
        now=NOW,
    )
    with pytest.raises(DomainError, match="互为检查方"):
        assign(month_cast, home, cast.office_two)
    assert Inspection.objects.count() == 4


def test_the_database_repeats_the_first_two_rules(cast: Cast, month_cast: MonthCast) -> None:
    visit = month_cast.visit_a
    for change in (
        {"inspector_type": visit.inspected_type},
        {"inspector_branch": visit.inspected_branch},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            Inspection.objects.filter(pk=visit.pk).update(**change)


def test_an_exempt_branch_is_not_visited(cast: Cast, month_cast: MonthCast) -> None:
    participant = month_cast.participant(cast.joint)
    participant.is_exempt = True
    participant.save()
    with pytest.raises(DomainError, match="不参评"):
        assign(month_cast, month_cast.team_office, cast.joint)


def test_a_visit_that_began_stays_with_its_team(cast: Cast, month_cast: MonthCast) -> None:
    energy_team = rounds.create_team(
        round_id=month_cast.round.pk,
        branch=cast.energy,
        leader=cast.person(cast.secretary_of(cast.energy)),
        members=[],
        actor=cast.officer,
        now=NOW,
    )
    moved, _sender = rounds.reassign(
        inspection_id=month_cast.visit_a.pk,
        team=energy_team,
        reason="原组去抢修",
        actor=cast.officer,
        now=NOW,
    )
    assert moved.inspector_branch_id == cast.energy.pk
    Inspection.objects.filter(pk=month_cast.visit_b.pk).update(status="under_way")
    with pytest.raises(TransitionRefused, match="不能改派"):
        rounds.reassign(
            inspection_id=month_cast.visit_b.pk,
            team=energy_team,
            reason="原组去抢修",
            actor=cast.officer,
            now=NOW,
        )


def test_a_dropped_visit_leaves_a_trace(cast: Cast, month_cast: MonthCast) -> None:
    pk = month_cast.visit_energy.pk
    rounds.unassign(inspection_id=pk, reason="支部搬迁", actor=cast.officer, now=NOW)
    assert not Inspection.objects.filter(pk=pk).exists()
    assert AuditEntry.objects.get(code="inspection.unassigned").reason == "支部搬迁"
