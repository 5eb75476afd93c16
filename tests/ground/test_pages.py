"""Inbox, machinery and calendar in the browser's eyes: who gets what, and what happens."""

from __future__ import annotations

import datetime as dt
import io
from typing import Any

import openpyxl
import pytest
from django.template import Context, Template
from django.test import Client
from django.urls import reverse

from branches.access import access_of
from branches.models import Appointment
from feedback.models import DepartmentSeat
from portal.accounts.models import User
from portal.dashboard.wiring import system_admins
from portal.kernel import sweep
from portal.kernel.months import Month
from portal.notifications import services, shell
from portal.notifications.models import InboxMessage, OutboxMessage
from portal.notifications.shell import _counted, shell_facts, sweep_alarm, unread_of
from portal.workdays import calendar
from portal.workdays.models import CalendarDay, CalendarYear
from tests.cast import NOW, TODAY, Cast
from tests.permissions.scene import build

INBOX = "/messages/"


@pytest.fixture(autouse=True)
def _fresh_calendar() -> Any:
    calendar.forget()
    yield
    calendar.forget()


# -- inbox ------------------------------------------------------------------------------------


def test_the_inbox_shows_ones_own_and_reads_them(cast: Cast, client: Client) -> None:
    services.tell(
        user=cast.secretary_a,
        key="a",
        title="整改通知书 3 号已签发",
        link=reverse("notifications:inbox") + "?show=unread",
        now=NOW,
    )
    services.tell(user=cast.secretary_a, key="b", title="六月互查开始", now=NOW)
    services.tell(user=cast.secretary_b, key="c", title="邻居的事", now=NOW)
    first, second, other = InboxMessage.objects.order_by("key")
    client.force_login(cast.secretary_a)
    text = client.get(INBOX).content.decode()
    assert "有 2 条消息还没看" in text
    assert "邻居的事" not in text

    answer = client.get(reverse("notifications:open", args=[first.pk]))
    assert answer["Location"] == first.link
    first.refresh_from_db()
    assert first.read_at is not None
    assert client.get(reverse("notifications:open", args=[other.pk])).status_code == 404
    assert client.post(reverse("notifications:read", args=[other.pk])).status_code == 404
    assert client.get(reverse("notifications:read", args=[second.pk])).status_code == 405

    answer = client.post(
        reverse("notifications:read", args=[second.pk]), {"back": "https://evil.test/"}
    )
    assert answer["Location"] == INBOX
    assert "消息都看过了" in client.get(INBOX).content.decode()
    assert "没有未读消息" in client.get(INBOX, {"show": "unread"}).content.decode()
    other.refresh_from_db()
    assert other.read_at is None


def test_mark_all_read_leaves_what_arrived_since(cast: Cast, client: Client) -> None:
    services.tell(user=cast.secretary_a, key="a", title="旧", now=NOW)
    client.force_login(cast.secretary_a)
    newest = client.get(INBOX).context["newest"]
    services.tell(user=cast.secretary_a, key="b", title="刚到", now=NOW)
    back = f"{INBOX}?show=unread"
    answer = client.post(reverse("notifications:read-all"), {"up_to": newest, "back": back})
    assert answer["Location"] == back
    unread = InboxMessage.objects.visible_to(cast.secretary_a).unread()
    assert [message.title for message in unread] == ["刚到"]
    client.post(reverse("notifications:read-all"), {"up_to": "all"})
    assert unread.count() == 1


def test_the_bell_and_the_alarm_cost_one_query(
    cast: Cast, django_assert_num_queries: Any, monkeypatch: pytest.MonkeyPatch, clock: Any
) -> None:
    services.tell(user=cast.employee, key="a", title="一", now=NOW)
    services.tell(user=cast.employee, key="b", title="二", now=NOW)
    monkeypatch.setattr(sweep, "_process_started_at", NOW - dt.timedelta(hours=1))
    access_of(cast.employee)  # every page has asked that before
    with django_assert_num_queries(1):
        assert unread_of(cast.employee) == 2
        assert "5 分钟" in sweep_alarm(cast.employee)
    assert unread_of(cast.secretary_b) == 0
    with sweep.heartbeat(sweep.SWEEP):
        pass
    assert sweep_alarm(cast.secretary_b) != ""  # asked once per request
    assert sweep_alarm(cast.deputy_a) == ""
    clock.move_to(NOW + dt.timedelta(minutes=6))
    assert sweep_alarm(cast.captain) != ""
    assert shell_facts(cast.captain).last_sweep == NOW


def test_counts_follow_a_post_that_ends_and_the_day(cast: Cast, clock: Any) -> None:
    """The wording that is kept for a user counts what a fresh one would, whoever asks and
    whatever changed since."""

    def held_against_fresh() -> dict[tuple[int, str], int]:
        found: dict[tuple[int, str], int] = {}
        for user in User.objects.filter(pk__in=[u.pk for u in cast.users.values()]):
            counts = shell_facts(user).counts
            assert counts == {key: rows(user).count() for key, rows in _counted.items()}
            found |= {(user.pk, key): n for key, n in counts.items()}
        return found

    build(cast)
    first = held_against_fresh()
    assert first == held_against_fresh()
    assert any(first.values())
    Appointment.objects.filter(branch=cast.branch_a).update(ended_on=TODAY)
    DepartmentSeat.objects.update(ended_on=TODAY)
    clock.move_to(NOW + dt.timedelta(days=1))
    assert held_against_fresh() != first


def test_a_wording_thrown_away_by_another_thread_is_not_missed(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Forgetful(dict[Any, Any]):
        def __setitem__(self, key: Any, value: Any) -> None:
            """Cleared elsewhere the moment it was written."""

    services.tell(user=cast.employee, key="a", title="一", now=NOW)
    monkeypatch.setattr(shell, "_worded", Forgetful())
    assert unread_of(cast.employee) == 1


def test_a_late_sweep_is_a_red_line_on_every_page(
    cast: Cast, client: Client, monkeypatch: pytest.MonkeyPatch, clock: Any
) -> None:
    client.force_login(cast.secretary_a)
    assert "后台定时任务" not in client.get(INBOX).content.decode()
    monkeypatch.setattr(sweep, "_process_started_at", NOW - dt.timedelta(hours=1))
    assert "后台定时任务超过 5 分钟没有运行" in client.get(INBOX).content.decode()


# -- machinery --------------------------------------------------------------------------------


def test_only_the_system_administrator_sees_the_machinery(cast: Cast, client: Client) -> None:
    services.mail(user=cast.officer, key="k", subject="通报", body="", now=NOW)
    for name, user in cast.users.items():
        client.force_login(user)
        wanted = 200 if name == "sysadmin" else 403
        assert client.get("/machinery/").status_code == wanted, name
        answer = client.post(reverse("notifications:resend", args=[1]))
        assert answer.status_code == (404 if name == "sysadmin" else 403), name


def test_a_dead_mail_is_seen_and_sent_again(cast: Cast, client: Client) -> None:
    cast.officer.email = "officer@example.test"
    cast.officer.save()
    services.mail(user=cast.officer, key="k", subject="六月通报", body="", now=NOW)
    mail = OutboxMessage.objects.get()
    again = reverse("notifications:resend", args=[mail.pk])
    client.force_login(cast.sysadmin)
    refused = client.post(again)
    assert refused.status_code == 409
    assert "不用重发" in refused.content.decode()
    OutboxMessage.objects.update(status="dead", attempts=6, last_error="连不上邮件服务器")
    sweep.run(now=NOW, only="offline")  # the machinery runs: the mail is the headline
    text = client.get("/machinery/").content.decode()
    assert "有 1 封邮件发不出去" in text
    assert "连不上邮件服务器" in text
    assert client.post(again).status_code == 302
    mail.refresh_from_db()
    assert mail.status == "pending"


def test_steps_and_their_failures_are_shown(
    cast: Cast, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(now: dt.datetime) -> str:
        raise RuntimeError("磁盘满了")

    monkeypatch.setattr(sweep, "_steps", {})
    sweep.register("good", "好的一步", lambda now: "做了 3 件")
    sweep.register("bad", "坏的一步", broken)
    sweep.register("new", "还没轮到", lambda now: "")
    sweep.run(now=NOW, only="good")
    sweep.run(now=NOW, only="bad")
    client.force_login(cast.sysadmin)
    text = client.get("/machinery/", {"status": "nonsense"}).content.decode()
    for words in ("做了 3 件", "失败：RuntimeError: 磁盘满了", "还没运行过"):
        assert words in text


def test_alarms_reach_the_system_administrators_of_the_day(cast: Cast) -> None:
    assert system_admins(TODAY) == [cast.sysadmin]
    assert system_admins(dt.date(2010, 1, 1)) == []
    cast.sysadmin.is_active = False
    cast.sysadmin.save()
    assert system_admins(TODAY) == []


# -- calendar ---------------------------------------------------------------------------------


def test_everybody_reads_the_calendar_and_one_keeps_it(cast: Cast, client: Client) -> None:
    posts = [
        (reverse("workdays:day", args=[2027]), {"day": "2027-01-04", "kind": "holiday"}),
        (reverse("workdays:confirm", args=[2027]), {"note": "通知"}),
        (reverse("workdays:load", args=[2027]), {}),
        (reverse("workdays:notice", args=[2027]), {"text": "2027-01-01,休", "note": "x"}),
    ]
    for name, user in cast.users.items():
        if name == "sysadmin":
            continue
        client.force_login(user)
        assert client.get("/workdays/2026/").status_code == 200, name
        for url, data in posts:
            assert client.post(url, data).status_code == 403, (name, url)
        assert client.get(reverse("workdays:notice", args=[2027])).status_code == 403
    assert not CalendarYear.objects.get(year=2027).is_confirmed
    assert client.get("/workdays/1066/").status_code == 404


def test_the_year_in_words(cast: Cast, client: Client) -> None:
    client.force_login(cast.officer)
    page = client.get("/workdays/2026/")
    text = page.content.decode()
    assert "2026 年有 248 个工作日，已按通知核定" in text
    spring, *_rest = [one for one in page.context["specials"] if "春节" in one.note]
    assert (spring.first, spring.last) == (dt.date(2026, 2, 15), dt.date(2026, 2, 23))
    autumn = next(one for one in page.context["specials"] if "国庆" in one.note)
    assert (autumn.first, autumn.last) == (dt.date(2026, 10, 1), dt.date(2026, 10, 7))
    assert "2027 年的放假安排还没有核定" in client.get("/workdays/2027/").content.decode()
    assert "2031 年还没有日历" in client.get("/workdays/2031/").content.decode()
    assert client.get("/workdays/").status_code == 302


def test_the_administrator_changes_a_day(cast: Cast, client: Client) -> None:
    client.force_login(cast.sysadmin)
    assert "这一天" in client.get("/workdays/2027/?day=2027-01-04").content.decode()
    assert "这一天" not in client.get("/workdays/2027/?day=2026-01-04").content.decode()
    url = reverse("workdays:day", args=[2027])
    answer = client.post(url, {"day": "2027-01-04", "kind": "holiday", "note": "台风停工"})
    assert answer["Location"].endswith("?day=2027-01-04#m1")
    assert CalendarDay.objects.get(date=dt.date(2027, 1, 4)).note == "台风停工"
    client.post(url, {"day": "2027-01-04", "kind": "plain"})
    assert not CalendarDay.objects.filter(date=dt.date(2027, 1, 4)).exists()
    for data in ({"day": "2026-01-04", "kind": "work"}, {"day": "x"}, {"day": "2027-01-05"}):
        assert client.post(url, data).status_code == 400


def test_the_administrator_confirms_and_takes_back(cast: Cast, client: Client) -> None:
    client.force_login(cast.sysadmin)
    url = reverse("workdays:confirm", args=[2027])
    assert client.post(url, {"note": ""}).status_code == 400
    client.post(url, {"note": "国办发明电〔2026〕9号"})
    assert CalendarYear.objects.get(year=2027).is_confirmed
    assert "国办发明电〔2026〕9号" in client.get("/workdays/2027/").content.decode()
    client.post(url, {"reopen": "1"})
    assert not CalendarYear.objects.get(year=2027).is_confirmed
    client.post(reverse("workdays:load", args=[2028]))
    assert CalendarDay.objects.filter(date__year=2028).exists()


def test_pasting_the_notice(cast: Cast, client: Client) -> None:
    client.force_login(cast.sysadmin)
    url = reverse("workdays:notice", args=[2027])
    before = list(CalendarDay.objects.values_list("date", flat=True))
    wrong = client.post(url, {"text": "2027-01-01,休\n随便写的", "note": "国办"})
    assert wrong.status_code == 400
    assert "有 1 行没看懂，一天也没有改。" in wrong.content.decode()
    assert client.post(url, {"text": "# 没有日子", "note": "国办"}).status_code == 400
    assert list(CalendarDay.objects.values_list("date", flat=True)) == before
    right = client.post(url, {"text": "2027-01-01~2027-01-03,休,元旦", "note": "国办"})
    assert right["Location"] == "/workdays/2027/"
    assert CalendarYear.objects.get(year=2027).is_confirmed
    # What the page offers for editing is what it reads.
    text = client.get(url).context["form"]["text"].initial
    again = client.post(url, {"text": text, "note": "国办"})
    assert again.status_code == 302
    assert CalendarDay.objects.filter(date__year=2027).count() == 3


def test_the_year_as_a_workbook(cast: Cast, client: Client) -> None:
    client.force_login(cast.employee)
    answer = client.get(reverse("workdays:export", args=[2026]))
    sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).active
    values = [[cell.value for cell in row[:3]] for row in sheet.iter_rows()]
    made_up = [value[1:] for value in values if str(value[0]).startswith("2026-02-14")]
    assert made_up == [["班", "调休上班（补 2026-02-20）"]]


def warning(*days: object) -> str:
    template = Template("{% load workdays %}{% calendar_warning days more %}")
    return template.render(Context({"days": list(days), "more": None}))


@pytest.mark.django_db
def test_the_warning_where_a_deadline_rests_on_an_estimate() -> None:
    assert "2027 年的放假安排还没有核定" in warning(dt.date(2026, 12, 30), dt.date(2027, 1, 8))
    assert "2027、2031 年" in warning(Month(2027, 2), dt.date(2031, 1, 8))
    late = dt.datetime(2026, 12, 31, 17, 0, tzinfo=dt.UTC)  # 2027 in Shanghai already
    assert "2027" in warning(late)
    assert warning(dt.date(2026, 12, 30), None).strip() == ""
