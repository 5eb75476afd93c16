"""Pages of the records: what each sees, who is sent away, nothing lost, nothing doubled."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from branches.models import Activity, Membership
from portal.accounts.models import User
from portal.audit.models import AuditEntry
from tests.branches.scene import Busy, keep
from tests.branches.test_records import save
from tests.cast import NOW, Cast

pytestmark = pytest.mark.usefixtures("clock")
NINTH = dt.date(2017, 6, 9)


def signed(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def form_of(cast: Cast, **more: Any) -> dict[str, Any]:
    return {
        "duties": ["themed_day", "general_meeting"],
        "held_on": "2017-06-09",
        "place": "三楼会议室",
        "subject": "学规矩、保安全",
        "chair": cast.person(cast.secretary_a).pk,
        "recorder": cast.person(cast.deputy_a).pk,
        "agenda": "一、学习；二、讨论",
        "resolution": "责任区挂牌",
        "client_key": "6f1c2a34-0000-4000-8000-00000000000a",
        **more,
    }


def create_url(cast: Cast, **query: str) -> str:
    address = reverse("branches:record-create", args=[cast.branch_a.pk])
    return f"{address}?{urlencode(query)}" if query else address


def page(client: Client, url: str, status: int = 200) -> str:
    response = client.get(url)
    assert response.status_code == status, response.status_code
    return str(response.content.decode())


# -- who may see what ------------------------------------------------------------------------

INSIDE = ["record-list", "calendar", "members"]
FORMS = ["record-create", "roster"]


@pytest.mark.parametrize("name", INSIDE)
@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("secretary_a", 200),
        ("deputy_a", 200),
        ("officer", 200),
        ("leader", 200),
        ("captain", 200),  # holds the post of 组织委员 in A
        ("secretary_b", 403),
        ("inspector", 403),
        ("employee", 403),
        ("officer_elsewhere", 404),
        ("sysadmin", 404),
        ("secadmin", 404),
        ("auditor", 404),
    ],
)
def test_inside_of_a_branch(cast: Cast, name: str, who: str, status: int) -> None:
    client = signed(getattr(cast, who))
    page(client, reverse(f"branches:{name}", args=[cast.branch_a.pk]), status)


@pytest.mark.parametrize("name", FORMS)
@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("secretary_a", 200),
        ("deputy_a", 200),
        ("officer", 403),
        ("leader", 403),
        ("captain", 403),
        ("secretary_b", 403),
        ("employee", 403),
        ("officer_elsewhere", 404),
        ("auditor", 404),
    ],
)
def test_writing_in_a_branch(cast: Cast, name: str, who: str, status: int) -> None:
    client = signed(getattr(cast, who))
    page(client, reverse(f"branches:{name}", args=[cast.branch_a.pk]), status)


@pytest.mark.parametrize(
    ("who", "see", "change"),
    [
        ("secretary_a", 200, 200),
        ("deputy_a", 200, 200),
        ("officer", 200, 403),
        ("leader", 200, 403),
        ("captain", 200, 403),
        ("secretary_b", 404, 404),
        ("inspector", 404, 404),
        ("officer_elsewhere", 404, 404),
        ("employee", 404, 404),
        ("sysadmin", 404, 404),
    ],
)
def test_one_record(cast: Cast, who: str, see: int, change: int) -> None:
    activity = save(cast)
    client = signed(getattr(cast, who))
    page(client, reverse("branches:record-detail", args=[activity.pk]), see)
    page(client, reverse("branches:record-edit", args=[activity.pk]), change)
    page(client, reverse("branches:record-delete", args=[activity.pk]), change)


def test_visitors_are_sent_to_sign_in(cast: Cast, client: Client) -> None:
    activity = save(cast)
    for name, pk in (
        ("record-list", cast.branch_a.pk),
        ("record-create", cast.branch_a.pk),
        ("calendar", cast.branch_a.pk),
        ("roster", cast.branch_a.pk),
        ("record-detail", activity.pk),
        ("record-edit", activity.pk),
        ("record-delete", activity.pk),
    ):
        response = client.get(reverse(f"branches:{name}", args=[pk]))
        assert response.status_code == 302
        assert response["Location"].startswith(reverse("accounts:login"))


def test_short_ways_lead_to_the_own_branch(cast: Cast) -> None:
    client = signed(cast.deputy_a)
    assert client.get(reverse("branches:own-records"))["Location"] == reverse(
        "branches:record-list", args=[cast.branch_a.pk]
    )
    new = client.get(reverse("branches:record-new"), {"duty": "themed_day"})
    assert new["Location"] == create_url(cast, duty="themed_day")
    assert signed(cast.employee).get(reverse("branches:own-records")).status_code == 404
    assert signed(cast.employee).get(reverse("branches:record-new")).status_code == 403


# -- the form --------------------------------------------------------------------------------


def test_form_starts_with_the_fixed_day_and_last_times_place_and_people(cast: Cast) -> None:
    save(cast, held_on=dt.date(2017, 5, 12), place="调度楼二楼", now=NOW, late_reason="补")
    text = page(signed(cast.secretary_a), create_url(cast, duty="themed_day"))
    assert re.search(r'name="held_on" value="2017-06-09"', text)
    assert 'value="调度楼二楼"' in text
    person = cast.person(cast.secretary_a)
    assert f'<option value="{person.pk}" selected>{person.name}</option>' in text
    assert re.search(r'value="themed_day"[^>]* checked', text)


def test_form_of_any_other_duty_starts_today(cast: Cast) -> None:
    text = page(signed(cast.secretary_a), create_url(cast, duty="safety_talk"))
    assert 'name="held_on" value="2017-06-27"' in text


def test_form_takes_duty_and_group_from_the_address(cast: Cast) -> None:
    url = create_url(cast, duty="group_meeting", group=str(cast.group_three.pk))
    text = page(signed(cast.secretary_a), url)
    assert f'<option value="{cast.group_three.pk}" selected>' in text
    assert "第三党小组党员应到 <b>4</b> 人" in text


def test_strange_words_in_the_address_do_no_harm(cast: Cast) -> None:
    url = create_url(cast, duty="'--", group="x", on="2017-13-41")
    assert 'name="held_on" value="2017-06-27"' in page(signed(cast.secretary_a), url)


def test_saving_leads_to_the_record(cast: Cast) -> None:
    people = cast.members(cast.branch_a)
    response = signed(cast.secretary_a).post(
        create_url(cast),
        form_of(
            cast,
            **{
                f"absent_{people[4].pk}": "leave",
                f"reason_{people[4].pk}": "值班",
                f"absent_{people[5].pk}": "",
            },
        ),
    )
    activity = Activity.objects.get()
    assert response["Location"] == reverse("branches:record-detail", args=[activity.pk])
    assert (activity.present_count, activity.expected_count) == (11, 12)
    text = page(signed(cast.secretary_a), response["Location"])
    assert "林淑芬（请假：值班）" in text
    assert "应到 12 人，实到 11 人，92%" in text


def test_double_press_makes_one_record(cast: Cast) -> None:
    client = signed(cast.secretary_a)
    first = client.post(create_url(cast), form_of(cast))
    second = client.post(create_url(cast), form_of(cast))
    assert first["Location"] == second["Location"]
    assert Activity.objects.count() == 1
    assert "没有记第二条" in page(client, second["Location"])
    assert "没有记第二条" not in page(client, second["Location"])


def test_error_stands_beside_its_field_and_nothing_is_lost(cast: Cast) -> None:
    people = cast.members(cast.branch_a)
    response = signed(cast.secretary_a).post(
        create_url(cast),
        form_of(
            cast,
            duties=["themed_day", "group_study"],
            subject="端午前的一课",
            **{f"absent_{people[6].pk}": "leave", f"reason_{people[6].pk}": ""},
        ),
    )
    text = response.content.decode()
    assert response.status_code == 200
    assert "勾选了集中学习，请填学时" in text
    assert 'value="端午前的一课"' in text
    assert re.search(rf'id="absent_{people[6].pk}".*?<option value="leave" selected>', text, re.S)
    assert "6f1c2a34-0000-4000-8000-00000000000a" in text
    assert not Activity.objects.exists()


def test_leave_without_a_reason_is_said_at_the_roster(cast: Cast) -> None:
    person = cast.members(cast.branch_a)[6]
    response = signed(cast.secretary_a).post(
        create_url(cast), form_of(cast, **{f"absent_{person.pk}": "leave"})
    )
    assert f"{person.name}请假，请写原因" in response.content.decode()


def test_a_slip_in_the_year_costs_one_error_and_nothing_that_was_filled_in(cast: Cast) -> None:
    client, away = signed(cast.secretary_a), cast.members(cast.branch_a)[6]
    marks = {f"absent_{away.pk}": "leave", f"reason_{away.pk}": "值班"}
    sent = form_of(cast, held_on="2011-06-09", **marks)
    response = client.post(create_url(cast), sent)
    text = response.content.decode()
    assert list(response.context["form"].errors) == ["held_on"]
    assert "请看看年份" in text
    assert len(re.findall(r'name="duties" value="\w+"[^>]* checked', text)) == 2
    for user in (cast.secretary_a, cast.deputy_a):
        person = cast.person(user)
        assert f'<option value="{person.pk}" selected>' in text
    marked = rf'id="absent_{away.pk}".*?<option value="leave" selected>.*?value="值班"'
    assert re.search(marked, text, re.S)
    # The roster that is asked for while one types forgets as little.
    url = reverse("branches:roster", args=[cast.branch_a.pk])
    assert re.search(marked, client.get(url, sent).content.decode(), re.S)
    assert client.post(create_url(cast), {**sent, "held_on": "2017-06-09"}).status_code == 302
    assert Activity.objects.get().absences.get().reason == "值班"


def test_a_chair_who_was_not_here_that_day_is_named_and_stays_chosen(cast: Cast) -> None:
    person = cast.members(cast.branch_a)[6]
    Membership.objects.filter(person=person).update(started_on=dt.date(2017, 6, 20))
    text = (
        signed(cast.secretary_a)
        .post(create_url(cast), form_of(cast, chair=person.pk))
        .content.decode()
    )
    assert f"{person.name}这一天不是本支部的党员或支委，不能主持" in text
    assert f'<option value="{person.pk}" selected>' in text


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"held_on": "去年"}, "请填日期"),
        ({"held_on": "0001-01-01"}, "请填日期"),
        ({"held_on": "9999-12-31"}, "请填日期"),
        ({"held_on": "2017-06-28"}, "还没到这一天"),
        ({"duties": []}, "请勾选"),
        ({"duties": ["picnic"]}, "没有这个选项，请重新选。"),
        ({"chair": "999999"}, "没有这个选项，请重新选。"),
        ({"study_hours": "25"}, "24"),
        ({"ayes": "-1"}, "0"),
        ({"ayes": "12"}, "多于实到"),
        ({"place": ""}, "请填地点"),
        ({"held_on": ""}, "请填日期"),
        ({"subject": "长" * 121}, "120"),
    ],
)
def test_bad_input_is_answered_in_words(cast: Cast, change: dict[str, Any], sentence: str) -> None:
    response = signed(cast.secretary_a).post(create_url(cast), form_of(cast, **change))
    assert response.status_code == 200
    assert sentence in response.content.decode()
    assert not Activity.objects.exists()


def test_late_entry_asks_for_its_reason(cast: Cast, clock: time_machine.Traveller) -> None:
    clock.move_to(dt.datetime(2017, 7, 3, 9, tzinfo=NOW.tzinfo))
    client = signed(cast.secretary_a)
    assert "2017年6月的记录已锁定" in page(client, create_url(cast, on="2017-06-09"))
    refused = client.post(create_url(cast), form_of(cast))
    assert "现在写是补录" in refused.content.decode()
    client.post(create_url(cast), form_of(cast, late_reason="记录人住院"))
    activity = Activity.objects.get()
    assert activity.late_reason == "记录人住院"
    text = page(client, reverse("branches:record-detail", args=[activity.pk]))
    assert "补录" in text
    assert "不能删除" in text


def test_a_dead_session_leads_back_to_the_form(cast: Cast) -> None:
    response = Client().post(create_url(cast), form_of(cast))
    assert response.status_code == 302
    assert f"next={create_url(cast)}" in response["Location"]


# -- two editors -----------------------------------------------------------------------------


def test_second_editor_sees_the_conflict_and_decides(cast: Cast) -> None:
    activity = save(cast)
    url = reverse("branches:record-edit", args=[activity.pk])
    mine, other = signed(cast.secretary_a), signed(cast.deputy_a)
    assert 'name="version" value="1"' in page(mine, url)
    other.post(url, form_of(cast, version=1, place="二楼活动室"))
    clash = mine.post(url, form_of(cast, version=1, place="操场"))
    text = clash.content.decode()
    assert clash.status_code == 409
    assert "黄丽萍刚改过这条记录" in text
    assert 'value="操场"' in text
    activity.refresh_from_db()
    assert activity.place == "二楼活动室"
    assert 'name="version" value="2"' in text
    assert mine.post(url, form_of(cast, version=2, place="操场")).status_code == 302
    activity.refresh_from_db()
    assert (activity.place, activity.version) == ("操场", 3)


def test_edit_form_shows_what_is_stored(cast: Cast, busy: Busy) -> None:
    text = page(
        signed(cast.secretary_a), reverse("branches:record-edit", args=[busy.themed_day.pk])
    )
    assert text.count('<option value="leave" selected>') == 3
    assert text.count('value="值班"') == 3
    assert 'name="ayes" value="8"' in text
    assert "实到 <b data-present>9</b>" in text


# -- deletion --------------------------------------------------------------------------------


def test_deletion_asks_why(cast: Cast) -> None:
    activity = save(cast)
    client = signed(cast.secretary_a)
    url = reverse("branches:record-delete", args=[activity.pk])
    assert "请填写这一项。" in client.post(url, {"reason": ""}).content.decode()
    response = client.post(url, {"reason": "与6日重复"})
    assert response["Location"].endswith("?month=2017-06")
    assert not Activity.objects.exists()
    assert AuditEntry.objects.get(code="record.deleted").reason == "与6日重复"


def test_locked_record_answers_409(cast: Cast, clock: time_machine.Traveller) -> None:
    activity = save(cast)
    clock.move_to(dt.datetime(2017, 7, 3, 9, tzinfo=NOW.tzinfo))
    response = signed(cast.secretary_a).post(
        reverse("branches:record-delete", args=[activity.pk]), {"reason": "重复"}
    )
    assert response.status_code == 409
    assert "已锁定，不能删除" in response.content.decode()


# -- the roster fragment ---------------------------------------------------------------------


def test_roster_follows_day_duties_and_group_and_keeps_marks(cast: Cast) -> None:
    client = signed(cast.secretary_a)
    url = reverse("branches:roster", args=[cast.branch_a.pk])
    person = cast.person(cast.captain)
    text = page(client, f"{url}?held_on=2017-06-05&duties=committee_meeting")
    assert "支委应到 <b>3</b> 人" in text
    query = {
        "held_on": "2017-06-09",
        "duties": "themed_day",
        f"absent_{person.pk}": "leave",
        f"reason_{person.pk}": "抢修",
    }
    text = page(client, f"{url}?{urlencode(query)}")
    assert "全体党员应到 <b>12</b> 人" in text
    assert 'value="抢修"' in text
    assert "实到 <b data-present>11</b>" in text


def test_roster_says_that_the_month_is_locked(cast: Cast) -> None:
    url = reverse("branches:roster", args=[cast.branch_a.pk])
    text = page(signed(cast.secretary_a), f"{url}?held_on=2017-05-12&duties=themed_day")
    assert "2017年5月的记录已锁定" in text


def test_roster_before_anybody_came_is_explained(cast: Cast) -> None:
    url = reverse("branches:roster", args=[cast.branch_a.pk])
    assert "名单是空的" in page(signed(cast.secretary_a), f"{url}?held_on=2015-05-12")


# -- lists -----------------------------------------------------------------------------------


def test_list_names_what_is_missing_and_what_is_there(cast: Cast, busy: Busy) -> None:
    text = page(signed(cast.secretary_a), reverse("branches:record-list", args=[cast.branch_a.pk]))
    assert "6月还有 2 件事要记" in text
    assert "第三党小组6月党小组会" in text
    assert f"duty=group_meeting&amp;group={cast.group_three.pk}" in text
    assert "支部党员大会、集中学习、党课、主题党日" in text


def test_list_is_filtered_by_the_address(cast: Cast, busy: Busy) -> None:
    client = signed(cast.officer)
    url = reverse("branches:record-list", args=[cast.branch_a.pk])
    by_duty = page(client, f"{url}?month=2017-06&duty=ideology_review")
    assert "二季度员工思想动态分析" in by_duty
    assert "六月重点工作安排" not in by_duty
    assert "六月重点工作安排" in page(client, f"{url}?month=2017-06&q=重点工作安排")
    assert "没有符合条件的记录" in page(client, f"{url}?month=2017-06&q=台风")
    assert "这个月的记录会列在这里" in page(client, f"{url}?month=2017-04")
    page(client, f"{url}?month=2017-6", 404)


def test_officer_reads_but_has_no_button_to_write(cast: Cast, busy: Busy) -> None:
    url = reverse("branches:record-list", args=[cast.branch_a.pk])
    text = page(signed(cast.officer), url)
    assert "记一件事" not in text
    assert "去记录" not in text


def test_list_costs_the_same_for_five_records_and_for_twenty_five(
    cast: Cast, busy: Busy, django_assert_num_queries: Callable[..., Any]
) -> None:
    client = signed(cast.secretary_a)
    url = reverse("branches:record-list", args=[cast.branch_a.pk])
    page(client, url)
    with CaptureQueriesContext(connection) as few:
        page(client, url)
    assert len(few) <= 20
    for number in range(20):
        keep(
            cast,
            dt.date(2017, 6, 1 + number),
            ["group_study"],
            f"夜学第{number + 1}次",
            study_hours=Decimal(1),
        )
    with django_assert_num_queries(len(few)):
        assert "夜学第20次" in page(client, url)


def test_calendar_has_records_open_duties_lock_and_rest_days(cast: Cast, busy: Busy) -> None:
    client = signed(cast.secretary_a)
    url = reverse("branches:calendar", args=[cast.branch_a.pk])
    text = page(client, url)
    assert "6月已记 5 条，还有 2 件事" in text
    assert "24:00 记录锁定" in text
    assert "calendar-due calendar-due_soon" in text
    assert "2017年5月" in page(client, f"{url}?month=2017-05")
    assert "6月" in page(client, f"{url}?month=2017-05")


def test_record_prints_as_minutes(cast: Cast, busy: Busy) -> None:
    text = page(signed(cast.leader), reverse("branches:record-detail", args=[busy.themed_day.pk]))
    assert "配电运检党支部活动记录" in text
    assert "应到 11 人，实到 8 人" in text
    assert "赞成 8 人，反对 0 人，弃权 0 人（赞成须超过应到 11 人的半数）" in text
    assert "主持人签字" in text
    assert "修改" not in re.sub(r"<[^>]+>", "", text.split("<main")[1])
