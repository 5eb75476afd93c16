"""Homes: the secretary's answer of the day, staff, administrators; search; the digest."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from branches.navigation import duties_to_do
from branches.services import organisation
from evaluations.models import Inspection
from evaluations.selectors.todo import appeals_todo
from evaluations.services import notices, sheets
from portal.dashboard.search import find
from portal.dashboard.secretary import SecretaryHome, secretary_page
from portal.dashboard.staff import staff_page
from tests.branches.scene import Busy, keep
from tests.branches.test_record_pages import page, signed
from tests.branches.test_records import save
from tests.cast import NOW, TODAY, Cast
from tests.month import MonthCast
from tests.notices.scene import Provisional, Published, provisional, published  # noqa: F401

HOME = "/"


def at(month: int, day: int, hour: int = 10) -> dt.datetime:
    return dt.datetime(2017, month, day, hour, tzinfo=NOW.tzinfo)


def home_of(cast: Cast, now: dt.datetime = NOW) -> SecretaryHome:
    return secretary_page(
        user=cast.secretary_a, branch=cast.branch_a, branches=[cast.branch_a], now=now
    )


# -- the answer ------------------------------------------------------------------------------


def test_heading_counts_what_is_left(cast: Cast, busy: Busy) -> None:
    home = home_of(cast)
    assert home.heading == "本月还有 2 件事"
    assert [g.label for g in home.groups] == ["3 天内到期 2", "已完成 9"]
    assert home.row is not None
    assert (home.row.due_count, home.row.done_count) == (11, 9)


def test_heading_says_what_is_overdue(cast: Cast) -> None:
    """Nothing written: the themed day's fixed Friday has passed, the rest is due on the 30th."""
    home = home_of(cast)
    assert home.heading == "本月还有 11 件事，1 件已逾期"
    assert home.groups[0].label == "逾期 1"
    late = home.groups[0].rows[0]
    assert (late.title, late.status.text) == ("6月主题党日", "逾期 18 天")
    assert late.url.endswith("?duty=themed_day")


def test_heading_when_all_is_done(cast: Cast, busy: Busy) -> None:
    keep(cast, TODAY, ["safety_talk"], "六月安全讲评")
    keep(cast, TODAY, ["group_meeting"], "第三党小组学习", group=cast.group_three)
    home = home_of(cast)
    assert home.heading == "本月该办的都办了"
    assert [g.state for g in home.groups] == ["done"]
    assert len(home.groups[0].rows) + len(home.more_done) == 11


def test_an_open_appeal_window_is_on_the_home_of_who_may_appeal(
    cast: Cast,
    provisional: Provisional,  # noqa: F811 - the fixture
) -> None:
    last_day = provisional.round.appeals_end_on
    during = dt.datetime.combine(last_day, dt.time(23), NOW.tzinfo)
    (shown,) = home_of(cast, during).appeals
    assert (shown.month.label, shown.until) == ("2017年6月", last_day)
    assert shown.url == reverse("evaluations:score", args=[provisional.round.pk, cast.branch_a.pk])
    assert home_of(cast, during + dt.timedelta(days=1)).appeals == []
    titles = [i.title for i in appeals_todo([cast.secretary_a], last_day)[cast.secretary_a.pk]]
    assert titles == ["看2017年6月初评，有异议的扣分可以申诉"]
    assert appeals_todo([cast.secretary_a], last_day + dt.timedelta(days=1)) == {}


def test_beginning_of_a_quarter_is_calm(cast: Cast) -> None:
    """On 3 July nothing is late: quarterly duties are not counted yet, but for the plan."""
    home = home_of(cast, at(7, 3))
    assert home.heading == "本月还有 8 件事"
    assert [g.state for g in home.groups] == ["soon", "idle"]
    assert [row.title for row in home.groups[0].rows] == ["季度计划（第三季度）"]  # by the 10th


def test_heading_before_the_branch_is_classified(cast: Cast) -> None:
    home = home_of(cast, dt.datetime(2015, 12, 1, 9, tzinfo=NOW.tzinfo))
    assert home.heading == "本月本支部还不参加考评"
    assert home.groups == []


def test_missing_group_is_one_click_away(cast: Cast, busy: Busy) -> None:
    row = home_of(cast).groups[0].rows[0]
    assert row.title == "第三党小组6月党小组会"
    assert row.url.endswith(f"?duty=group_meeting&group={cast.group_three.pk}")


def test_done_rows_keep_their_warning(cast: Cast, busy: Busy) -> None:
    home = home_of(cast)
    rows = [*home.groups[-1].rows, *home.more_done]
    lines = {row.code: row.line for row in rows}
    assert lines["B4"] == "应到12人，实到9人，75%，低于80%"
    assert lines["B1"] == "并入主题党日，一次录入"


def test_late_entry_and_flawed_record_are_told_apart(cast: Cast) -> None:
    save(
        cast,
        duties=("safety_talk",),
        held_on=dt.date(2017, 5, 20),
        late_reason="漏记",
    )
    save(cast, duties=("committee_meeting",), resolution="")
    home = home_of(cast)
    flawed = next(g for g in home.groups if g.state == "doing")
    assert flawed.label == "待核实 1"
    assert "缺“决议与落实”" in str(flawed.rows[0].line)
    may = home_of(cast, at(5, 31))
    done = may.groups[-1].rows[0]
    assert (done.status.state, done.status.text) == ("makeup", "补录")


# -- the week --------------------------------------------------------------------------------


def test_week_has_visits_and_always_the_lock(cast: Cast, busy: Busy) -> None:
    week = home_of(cast).week
    assert [day.day.day for day in week] == [26, 27, 28, 29, 30]
    assert [day.is_today for day in week] == [False, True, False, False, False]
    lines = {day.day.day: list(day.lines) for day in week}
    assert lines[28] == ["14:30 去查物资供应党支部"]
    assert lines[29] == ["9:00 机关第二党支部来查"]
    assert lines[30] == ["24:00 记录锁定"]


def test_week_never_says_more_than_two_lines_a_day(cast: Cast, busy: Busy) -> None:
    for _number in range(3):
        keep(cast, TODAY, ["safety_talk"], "安全讲评")
    week = home_of(cast, at(6, 9)).week
    friday = week[4]
    assert len(friday.lines) == 2
    assert re.fullmatch(r"\d 件事", str(friday.lines[1]))


def test_on_a_rest_day_the_week_is_the_next_one(cast: Cast) -> None:
    week = home_of(cast, at(6, 25)).week
    assert week[0].day == dt.date(2017, 6, 26)


# -- the cards -------------------------------------------------------------------------------


def test_task_card_says_whom_when_where_and_with_whom(cast: Cast, busy: Busy) -> None:
    task = home_of(cast).task
    assert task is not None
    assert task.inspection.inspected_branch == cast.supplies
    assert (task.when.text, task.when.state) == ("明天 14:30", "soon")
    assert task.members == "林建明（组长）、黄丽萍"
    assert task.focus == "合同合规、廉洁风险三清单"
    assert task.url == reverse("evaluations:sheet", args=[busy.visit.pk])


def test_on_its_day_the_visit_leads_and_the_record_steps_back(cast: Cast, busy: Busy) -> None:
    task = home_of(cast).task
    assert task is not None
    assert not task.is_now
    client, start = signed(cast.secretary_a), "今天 14:30，去查物资供应党支部"
    assert start not in page(client, HOME)
    with time_machine.travel(at(6, 28), tick=False):
        text = page(client, HOME)
    assert start in text.replace(cast.supplies.name, "物资供应党支部")
    assert "开始检查" in text
    assert re.search(r'class="btn btn-secondary btn-lg" href="/records/branches/\d+/new/"', text)


def test_a_finding_whose_sheet_is_not_confirmed_leads_to_the_sheet(cast: Cast, busy: Busy) -> None:
    now = at(6, 29)
    sheets.start_sheet(inspection_id=busy.coming.pk, actor=cast.inspector, now=now)
    item = busy.coming.participant.rubric_version.items.get(code="A1")
    rule = item.rules.get(number=1)
    sheets.save_item(
        inspection_id=busy.coming.pk,
        item_id=item.pk,
        lines=[sheets.LineInput(rule_id=rule.pk, count=1, fact="6月20日才传达")],
        override=None,
        version=0,
        actor=cast.inspector,
        now=now,
    )
    sheets.submit_sheet(
        inspection_id=busy.coming.pk, rest_is_fine=True, actor=cast.inspector, now=now
    )
    (fix,) = [f for f in home_of(cast, now).fixes if f.title == "6月20日才传达"]
    assert fix.action == "先确认评分表"
    assert fix.url == reverse("evaluations:sheet", args=[busy.coming.pk])
    with time_machine.travel(now, tick=False):
        text = page(signed(cast.secretary_a), reverse("evaluations:finding-list"))
    assert "1\u00a0个等确认评分表" in text
    sheets.confirm_sheet(inspection_id=busy.coming.pk, actor=cast.secretary_a, now=now)
    (fix,) = [f for f in home_of(cast, now).fixes if f.title == "6月20日才传达"]
    assert fix.action == "报整改"


def test_sheet_that_waits_for_our_word_is_on_top(cast: Cast, busy: Busy) -> None:
    now = at(6, 29)
    sheets.start_sheet(inspection_id=busy.coming.pk, actor=cast.inspector, now=now)
    assert home_of(cast, now).waiting == []
    sheets.submit_sheet(
        inspection_id=busy.coming.pk, rest_is_fine=True, actor=cast.inspector, now=now
    )
    waiting = home_of(cast, now).waiting
    assert [w.inspection.pk for w in waiting] == [busy.coming.pk]
    with time_machine.travel(now, tick=False):
        text = page(signed(cast.secretary_a), HOME)
    assert "机关第二党支部查完了，评 100.0 分，等您确认" in text
    sheets.confirm_sheet(inspection_id=busy.coming.pk, actor=cast.secretary_a, now=now)
    assert home_of(cast, now).waiting == []


def test_last_score_adds_up(cast: Cast, busy: Busy) -> None:
    last = home_of(cast).last
    assert last is not None
    assert last.month.number == 5
    assert (last.score.value, last.lost, last.count) == (Decimal("95.5"), Decimal("-4.5"), 4)
    assert [(d.code, d.points[0]) for d in last.score.deductions] == [
        ("D1", Decimal(-2)),
        ("D2", Decimal(-1)),
        ("D4", Decimal(-1)),
    ]


def test_no_score_before_the_first_publication(cast: Cast, month_cast: MonthCast) -> None:
    assert home_of(cast).last is None


def test_fixes_are_sorted_by_urgency_and_have_one_button(cast: Cast, busy: Busy) -> None:
    home = home_of(cast)
    assert home.finding_count == 4
    assert home.late_fixes == 3
    assert [fix.status.state for fix in home.fixes] == ["late", "late", "late", "doing"]
    assert [fix.action for fix in home.fixes] == ["报整改"] * 3 + ["看反馈"]
    assert home.fixes[0].status.text == "逾期 25 天"


def test_issued_notice_is_shown_and_a_draft_is_not(
    cast: Cast, request: pytest.FixtureRequest
) -> None:
    scene: Published = request.getfixturevalue("published")
    now = at(7, 5, 11)
    assert home_of(cast, now).notice_count == 0
    notices.check_and_issue(notice_id=scene.notice.pk, actor=cast.officer, now=now)
    home = home_of(cast, now)
    assert home.notice_count == 1
    notice = next(fix for fix in home.fixes if "通知书" in fix.title)
    assert notice.title.startswith("整改通知书 泉电党")
    assert notice.action == "去签收"


# -- the page --------------------------------------------------------------------------------


@pytest.mark.usefixtures("clock")
def test_secretary_lands_on_it(cast: Cast, busy: Busy) -> None:
    text = page(signed(cast.secretary_a), HOME)
    assert "<h1>本月还有 2 件事</h1>" in text
    assert "2017年6月27日(周二)" in text
    assert "应办 11 件，已完成 9 件。记录 6月30日(周五) 24:00 锁定。另有 3 个问题整改逾期。" in text
    assert text.partition("<main")[2].partition("</main>")[0].count("btn-primary") == 1
    for role in ("deputy_a",):
        assert "<h1>本月还有 2 件事</h1>" in page(signed(getattr(cast, role)), HOME)


@pytest.mark.usefixtures("clock")
def test_page_works_with_nothing_at_all(cast: Cast) -> None:
    text = page(signed(cast.secretary_a), HOME)
    assert "本月互查还没有开始" in text
    assert "没有要整改的问题" in text
    assert "第一次通报之后" in text


@pytest.mark.usefixtures("clock")
def test_two_branches_have_tabs(cast: Cast, busy: Busy) -> None:
    organisation.appoint(
        person=cast.person(cast.secretary_a),
        post="deputy_secretary",
        branch=organisation.create_branch(
            committee=cast.city,
            name="防汛抢险临时党支部",
            tier="branch",
            branch_type="production",
            first_month=cast.month,
            is_temporary=True,
            sort_order=99,
            actor=None,
            now=NOW,
        ),
        started_on=TODAY,
        actor=None,
        now=NOW,
    )
    client = signed(cast.secretary_a)
    text = page(client, HOME)
    assert "防汛抢险临时党支部" in text
    other = re.search(r'href="\?branch=(\d+)"[^>]*>防汛', text)
    assert other
    assert "本月还有 7 件事" in page(client, f"{HOME}?branch={other[1]}")
    assert "本月还有 2 件事" in page(client, f"{HOME}?branch={cast.branch_b.pk}")


@pytest.mark.usefixtures("clock")
def test_page_costs_the_same_however_much_there_is(
    cast: Cast, busy: Busy, django_assert_num_queries: Callable[..., Any]
) -> None:
    client = signed(cast.secretary_a)
    page(client, HOME)
    with CaptureQueriesContext(connection) as few:
        page(client, HOME)
    assert len(few) <= 34
    for number in range(12):
        keep(cast, dt.date(2017, 6, 10 + number), ["safety_talk"], f"讲评{number}")
    with django_assert_num_queries(len(few)):
        page(client, HOME)


# -- the other homes -------------------------------------------------------------------------


@pytest.mark.usefixtures("clock")
@pytest.mark.parametrize(
    ("who", "where"),
    [
        ("secadmin", "branches:grant-list"),
        ("auditor", "audit:list"),
        ("sysadmin", "notifications:machinery"),
    ],
)
def test_administrators_land_on_their_own_third(cast: Cast, who: str, where: str) -> None:
    response = signed(getattr(cast, who)).get(HOME)
    assert response["Location"] == reverse(where)


@pytest.mark.usefixtures("clock")
def test_staff_home_has_the_bulletins_and_the_own_branch(cast: Cast, busy: Busy) -> None:
    home = staff_page(user=cast.inspector, now=NOW)
    assert [v.inspection.pk for v in home.visits] == [busy.coming.pk]
    assert home.heading == "还有 1 个支部等您去查"
    assert [r.pk for r in home.bulletins] == [busy.may.pk]
    text = page(signed(cast.inspector), HOME)
    assert reverse("evaluations:bulletin", args=[busy.may.pk]) in text
    assert reverse("evaluations:sheet", args=[busy.coming.pk]) in text
    plain = page(signed(cast.employee), HOME)
    assert "2017年5月通报已发布" in plain
    assert "您不在党支部里" in plain


def test_staff_of_another_committee_sees_no_bulletin_of_ours(cast: Cast, busy: Busy) -> None:
    member = cast.members(cast.elsewhere)[1]
    assert member.user is None
    organisation.edit_person(
        person=member,
        name=member.name,
        staff_no=None,
        user=cast.employee.__class__.objects.create_user(
            "jj", display_name="晋江职工", password=None
        ),
        workplace="",
        job_title="",
        actor=None,
        now=NOW,
    )
    member.refresh_from_db()
    assert member.user is not None
    assert staff_page(user=member.user, now=NOW).bulletins == []


# -- search ----------------------------------------------------------------------------------


def titles(cast: Cast, who: str, text: str) -> dict[str, list[str]]:
    found = find(user=getattr(cast, who), text=text, today=TODAY)
    return {group.label: [hit.title for hit in group.rows] for group in found}


def test_search_knows_branches_people_and_records(cast: Cast, busy: Busy) -> None:
    assert titles(cast, "officer", "物资") == {"支部": ["物资供应党支部"]}
    assert titles(cast, "officer", "林建明") == {"人员": ["林建明"]}
    assert titles(cast, "secretary_a", "保安全") == {"记录": ["学规矩、保安全"]}


def test_search_finds_only_what_one_may_see(cast: Cast, busy: Busy) -> None:
    assert titles(cast, "secretary_b", "保安全") == {}
    assert titles(cast, "secretary_b", "林建明") == {}
    assert titles(cast, "secretary_b", "配电运检") == {"支部": ["配电运检党支部"]}
    assert titles(cast, "officer_elsewhere", "配电运检") == {}
    assert titles(cast, "secretary_a", "林建明") == {"人员": ["林建明"]}


@pytest.mark.parametrize("text", ["{code}〔2017〕{no}号", "{no}号", "{no}", "2017 {no}号"])
def test_search_reads_document_numbers(
    cast: Cast, request: pytest.FixtureRequest, text: str
) -> None:
    scene: Published = request.getfixturevalue("published")
    now = at(7, 5, 11)
    issued = notices.check_and_issue(notice_id=scene.notice.pk, actor=cast.officer, now=now)
    asked = text.format(code=issued.issuer_code, no=issued.number)
    found = titles(cast, "secretary_a", asked)
    assert found.get("整改通知书") == [issued.document_number]
    assert "整改通知书" not in titles(cast, "secretary_b", asked)


@pytest.mark.usefixtures("clock")
def test_search_page(cast: Cast, busy: Busy) -> None:
    client = signed(cast.officer)
    assert "找到 1 条" in page(client, "/search/?q=物资")
    assert "没有找到" in page(client, "/search/?q=%25%27--")
    assert "搜支部、人员" in page(client, "/search/")


# -- the digest ------------------------------------------------------------------------------


def test_digest_names_overdue_and_soon_duties_of_each_secretary(
    cast: Cast, busy: Busy, django_assert_num_queries: Callable[..., Any]
) -> None:
    everybody = [cast.secretary_a, cast.deputy_a, cast.secretary_b, cast.employee]
    duties_to_do(everybody, TODAY)  # the calendar is read once per process
    with django_assert_num_queries(2):
        found = duties_to_do(everybody, TODAY)
    assert set(found) == {cast.secretary_a.pk, cast.deputy_a.pk, cast.secretary_b.pk}
    assert [item.title for item in found[cast.secretary_a.pk]] == [
        "配电运检：第三党小组6月党小组会",
        "配电运检：6月安全讲评",
    ]
    assert {item.state for item in found[cast.secretary_a.pk]} == {"soon"}


def test_visits_on_the_home_are_only_those_of_this_month(cast: Cast, busy: Busy) -> None:
    assert Inspection.objects.count() == 3
    task = home_of(cast, at(7, 3)).task
    assert task is None
