"""The demo company as it stands on 2017-06-27: figures, situations, and what the services allow."""

from __future__ import annotations

import datetime as dt
import itertools
import re
from collections import Counter

import pytest
from django.contrib.auth import authenticate
from django.db.models import Count, F

from branches.access import access_of
from branches.duty_facts import DutyState
from branches.duty_matrix import duties_of, duty_matrix
from branches.models import Activity, Branch, Membership
from evaluations.lifecycles import InspectionStatus, RoundStatus
from evaluations.models import (
    Deduction,
    Finding,
    FindingEvent,
    Inspection,
    MonthRound,
    RankingEntry,
    RectificationNotice,
    ScoreAppeal,
)
from evaluations.permissions import may_confirm_sheet, may_decide_appeal, may_review_notice
from portal.accounts.models import User
from portal.demo.accounts import DEMO_ACCOUNTS, DEMO_PASSWORD, DemoAccount
from portal.notifications.models import OutboxMessage
from portal.workdays.services import add_workdays
from tests.demo_fixture import DemoCompany

pytestmark = pytest.mark.xdist_group("demo")

MEMBERS = {"变电运检党总支": 0, "客户服务党总支": 0, "配电运检党支部": 33, "离退休党支部": 46}


def test_figures_of_the_documentation(demo_company: DemoCompany) -> None:
    city = Branch.objects.filter(committee=demo_company.city)
    assert city.count() == demo_company.built.organisations == 21
    types = Counter(b.branch_type for b in city.classified(demo_company.month))
    assert types == {"production": 13, "management": 4, "business": 4}
    members = Membership.objects.filter(branch__in=city, ended_on__isnull=True)
    assert members.count() == demo_company.built.members == 401
    for name, count in MEMBERS.items():
        assert members.filter(branch__name=name).count() == count
    months = list(
        MonthRound.objects.filter(committee=demo_company.city)
        .order_by("month")
        .values_list("month", "status")
    )
    assert [str(month)[:7] for month, _ in months] == [
        *(f"2016-{n:02d}" for n in range(7, 13)),
        *(f"2017-{n:02d}" for n in range(1, 7)),
    ]
    assert {status for _, status in months[:-1]} == {RoundStatus.PUBLISHED}
    assert months[-1][1] == RoundStatus.INSPECTING


def test_no_visit_breaks_a_hard_rule(demo_company: DemoCompany) -> None:
    visits = Inspection.objects.all()
    assert not visits.filter(inspector_type=F("inspected_type")).exists()
    assert not visits.filter(inspector_branch=F("inspected_branch")).exists()
    seen: dict[int, set[tuple[int, int]]] = {}
    for visit in visits.select_related("inspector_branch", "inspected_branch").order_by("pk"):
        one, other = visit.inspector_branch, visit.inspected_branch
        assert (one.parent_id or one.pk) != (other.parent_id or other.pk)
        seen.setdefault(visit.round_id, set()).add((one.pk, other.pk))
    for pairs in seen.values():
        assert not pairs & {(b, a) for a, b in pairs}
    rounds = MonthRound.objects.filter(committee=demo_company.city).order_by("month")
    for before, after in itertools.pairwise(rounds):
        assert not seen[before.pk] & seen[after.pk]
    published = rounds.filter(status=RoundStatus.PUBLISHED)
    counts = (
        Inspection.objects.filter(round__in=published)
        .values("round", "inspected_branch")
        .annotate(n=Count("pk"))
        .values_list("n", flat=True)
    )
    assert set(counts) == {2}
    assert len(counts) == 11 * 20


@pytest.mark.parametrize("account", DEMO_ACCOUNTS, ids=lambda account: account.username)
def test_each_role_signs_in(demo_company: DemoCompany, account: DemoAccount) -> None:
    user = authenticate(username=account.username, password=DEMO_PASSWORD)
    assert isinstance(user, User)
    assert user.display_name == account.display_name


def test_each_role_has_its_standing(demo_company: DemoCompany) -> None:
    access = {a.username: access_of(demo_company.user(a.username)) for a in DEMO_ACCOUNTS}
    demo_branch = demo_company.branch("配电运检党支部").pk
    assert access["linjianming"].secretary_branches == {demo_branch}
    assert access["huangliping"].deputy_branches == {demo_branch}
    assert access["zhengguodong"].secretary_branches == {demo_company.branch("机关第二党支部").pk}
    assert access["chenyafang"].is_officer
    assert len(access["chenyafang"].officer_committees) == 8
    assert access["wuzhiyuan"].is_leader
    assert access["suwenbin"].captain_branches == {demo_branch}
    assert access["laixiaoyan"].home_committees == {demo_company.city.pk}
    assert not access["laixiaoyan"].own_branches
    assert access["honglixin"].is_system_admin
    assert access["caiminghui"].is_security_admin
    assert access["shiwenhua"].is_auditor


def test_the_secretary_has_something_late_and_something_soon(demo_company: DemoCompany) -> None:
    branch = demo_company.branch("配电运检党支部")
    row = duties_of(branch, demo_company.month, demo_company.today)
    assert row is not None
    assert [c.rule.item_code for c in row.in_state(DutyState.OVERDUE)] == ["B4"]
    assert {c.rule.item_code for c in row.in_state(DutyState.DUE_SOON)} >= {"B3", "D2"}
    assert row.done_count >= 3
    waiting = Inspection.objects.get(
        round=demo_company.round, inspected_branch=branch, status="submitted"
    )
    assert waiting.team.branch.name == "机关第二党支部"
    assert may_confirm_sheet(demo_company.user("linjianming"), waiting)
    going = Inspection.objects.get(round=demo_company.round, inspector_branch=branch)
    assert going.planned_on == dt.date(2017, 6, 28)
    assert going.inspected_branch.name == "物资供应党支部"


def test_the_inspector_has_a_visit_today(demo_company: DemoCompany) -> None:
    inspector = demo_company.user("zhengguodong")
    mine = Inspection.objects.inspected_by(inspector).filter(round=demo_company.round)
    today = mine.get(planned_on=demo_company.today)
    assert today.status == InspectionStatus.PLANNED
    assert today.inspected_branch.name == "变电检修党支部"


def test_the_officer_sees_a_month_half_done(demo_company: DemoCompany) -> None:
    branches = Branch.objects.filter(committee=demo_company.city)
    matrix = duty_matrix(branches=branches, month=demo_company.month, today=demo_company.today)
    states = Counter(cell.state for row in matrix.rows for cell in row.cells)
    assert 10 <= matrix.missing_count <= 20
    assert states[DutyState.OVERDUE] >= 2
    visits = demo_company.round.inspections.values_list("status", flat=True)
    by_status = Counter(visits)
    assert by_status["under_way"] == 1
    assert by_status["confirmed"] + by_status["submitted"] > by_status["planned"] > 0
    half = demo_company.round.inspections.get(status="under_way")
    assert 0 < half.checks.count() < 27
    short = {
        branch.name
        for branch in branches
        if demo_company.round.inspections.filter(inspected_branch=branch).count() == 1
    }
    assert short == {"洛江供电服务党支部", "泉港供电服务党支部"}


def test_notices_stand_where_the_tour_needs_them(demo_company: DemoCompany) -> None:
    today = demo_company.today
    notices = RectificationNotice.objects.order_by("number")
    assert [n.number for n in notices] == [*range(1, 5), *range(1, 5)] or all(
        n.number for n in notices
    )
    assert not notices.filter(status__in=("draft", "withdrawn")).exists()
    overdue = notices.get(pk__in=RectificationNotice.objects.overdue(today).values("pk"))
    assert overdue.branch.name == "输电运检党支部"
    assert notices.get(status="issued").branch.name == "营业服务党支部"
    answered = notices.get(status="responded")
    assert may_review_notice(demo_company.user("chenyafang"), answered)
    assert notices.filter(status="accepted").count() == 5
    assert notices.filter(events__step="return").count() == 1
    assert not RectificationNotice.objects.filter(problems__isnull=True).exists()


def test_one_appeal_waits_for_the_officer(demo_company: DemoCompany) -> None:
    appeal = ScoreAppeal.objects.open().get()
    round_ = appeal.deduction.inspection.round
    assert round_.committee.county == "晋江"
    assert round_.status == RoundStatus.PROVISIONAL
    assert round_.appeals_end_on >= demo_company.today
    assert may_decide_appeal(demo_company.user("chenyafang"), appeal)


def test_scores_look_like_scores(demo_company: DemoCompany) -> None:
    entries = RankingEntry.objects.filter(run__round__committee=demo_company.city)
    totals = [float(t) for t in entries.filter(total__isnull=False).values_list("total", flat=True)]
    assert len(totals) == 11 * 20
    assert 88 < sum(totals) / len(totals) < 94
    assert min(totals) > 70
    assert max(totals) > 95
    assert set(entries.exclude(band="").values_list("band", flat=True)) >= {"好", "较好"}
    reasons = set(entries.filter(rank__isnull=True).values_list("unranked_reason", flat=True))
    assert reasons == {"exempt"}
    demo = entries.get(run__round__month=dt.date(2017, 5, 1), branch__name="配电运检党支部")
    assert 85 < demo.total < 95


def test_notices_come_of_key_work_only_where_told(demo_company: DemoCompany) -> None:
    by_month = Counter(
        (notice.run.round.month, notice.branch.name)
        for notice in RectificationNotice.objects.select_related("run__round", "branch")
    )
    assert set(by_month.values()) == {1}
    assert len(by_month) == 8


def test_facts_are_written_out(demo_company: DemoCompany) -> None:
    """Every fact is a whole sentence with a number or a date, none has a hole left in it."""
    facts = list(Deduction.objects.values_list("fact", flat=True).distinct())
    assert len(facts) > 300
    for fact in facts:
        assert fact.endswith("。")
        assert not re.search(r"[{}]|None", fact)
        assert 8 <= len(fact) <= 120
    wrong_day = [
        (deduction.fact, deduction.inspection.round.month)
        for deduction in Deduction.objects.select_related("inspection__round")
        for month in re.findall(r"(\d+)月\d+日", deduction.fact)
        if int(month) != deduction.inspection.round.month.month
    ]
    assert not wrong_day


def test_records_agree_with_the_facts(demo_company: DemoCompany) -> None:
    """A low turnout on a sheet is the turnout of the record."""
    checked = 0
    for line in Deduction.objects.filter(fact__startswith="主题党日应到").select_related(
        "inspection__round"
    ):
        expected, present = (int(n) for n in re.findall(r"(\d+)人", line.fact))
        month = line.inspection.round.period
        assert Activity.objects.filter(
            branch=line.inspection.inspected_branch,
            held_on__range=(month.first_day, month.last_day),
            ticks__duty="themed_day",
            expected_count=expected,
            present_count=present,
        ).exists()
        checked += 1
    assert checked >= 5


def test_findings_move_on(demo_company: DemoCompany) -> None:
    by_status = Counter(Finding.objects.values_list("status", flat=True))
    assert by_status["verified"] > 1000
    assert by_status["reported"] >= 3
    assert by_status["confirmed"] >= 10
    old = Finding.objects.open().filter(raised_at__date__lt=dt.date(2017, 4, 1))
    assert old.count() < 10


def test_what_stayed_overdue_was_reported_to_the_office(demo_company: DemoCompany) -> None:
    """Two working days late, as the sweep would have done it on that morning."""
    late = Finding.objects.overdue(add_workdays(demo_company.today, -3))
    late = late.exclude(status="raised")
    assert late.exists()
    assert not late.exclude(events__step="escalate").exists()
    reported = FindingEvent.objects.filter(finding__in=late, step="escalate")
    assert all(event.at <= demo_company.now for event in reported)


def test_nothing_waits_to_be_mailed(demo_company: DemoCompany) -> None:
    """The past sends no mail; the people of the tour have an address for the days to come."""
    assert not OutboxMessage.objects.exists()
    assert User.objects.exclude(email="").count() == len(DEMO_ACCOUNTS)


def test_messages_of_the_past_are_read(demo_company: DemoCompany) -> None:
    officer = demo_company.user("chenyafang")
    unread = officer.inbox.filter(read_at__isnull=True)
    assert 0 < unread.count() < 60
    assert officer.inbox.count() > unread.count()
