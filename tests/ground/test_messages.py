"""Inbox exactly once, outbox at least once, digests once a day."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Sequence
from typing import Any

import pytest
from django.core import mail as django_mail
from django.core.mail.backends.base import BaseEmailBackend
from django.db import connection, transaction

from portal.accounts.models import User
from portal.audit.models import AuditEntry
from portal.kernel.errors import TransitionRefused
from portal.kernel.months import SHANGHAI
from portal.notifications import alarms, services, todo
from portal.notifications.models import InboxMessage, OutboxMessage
from portal.notifications.services import outbox
from portal.notifications.todo import TodoItem

NOW = dt.datetime(2017, 6, 27, 10, 0, tzinfo=SHANGHAI)  # a Tuesday
SATURDAY = dt.date(2017, 7, 1)


def account(username: str, email: str = "") -> User:
    return User.objects.create_user(
        username, email=email, display_name=f"{username}同志", password=None
    )


@pytest.fixture
def reader(db: None) -> User:
    return account("reader", "reader@example.test")


@pytest.fixture
def watchman(db: None, monkeypatch: pytest.MonkeyPatch) -> User:
    """Somebody who is told of alarms."""
    user = account("watchman")
    monkeypatch.setattr(alarms, "_readers", [lambda today: [user]])
    return user


class Broken(BaseEmailBackend):
    """A mail server that is away."""

    def send_messages(self, email_messages: Sequence[Any]) -> int:
        raise ConnectionRefusedError("no mail server")


class Dying(BaseEmailBackend):
    """The mail goes out, then the process dies before it can write that down."""

    sent: list[Any] = []

    def send_messages(self, email_messages: Sequence[Any]) -> int:
        self.sent.extend(email_messages)
        raise SystemExit("killed")


class Counting(BaseEmailBackend):
    """Counts what it is given, from any thread."""

    keys: list[str] = []
    gate = threading.Lock()

    def send_messages(self, email_messages: Sequence[Any]) -> int:
        with self.gate:
            self.keys += [message.extra_headers["Message-ID"] for message in email_messages]
        return len(email_messages)


def use(settings: Any, backend: type[BaseEmailBackend]) -> None:
    settings.EMAIL_BACKEND = f"{__name__}.{backend.__name__}"


# -- inbox ------------------------------------------------------------------------------------


def test_the_same_message_thirty_times_is_one_row(reader: User) -> None:
    for _ in range(30):
        services.tell(user=reader, key="round-opened:1", title="六月互查开始", now=NOW)
        services.mail(user=reader, key="round-opened:1", subject="六月", body="开始", now=NOW)
    assert InboxMessage.objects.count() == 1
    assert OutboxMessage.objects.count() == 1


def test_many_messages_cost_two_statements(
    reader: User, django_assert_max_num_queries: Any
) -> None:
    other = account("other")
    messages = [
        services.Message(user.pk, f"published:{n}:{user.pk}", f"第 {n} 条")
        for n in range(100)
        for user in (reader, other)
    ]
    with django_assert_max_num_queries(4):
        services.tell_many(messages=messages, now=NOW)
        services.tell_many(messages=messages, now=NOW)
    assert InboxMessage.objects.visible_to(reader).count() == 100


def test_what_does_not_fit_is_cut_and_what_leads_outside_is_dropped(reader: User) -> None:
    long_key = "k" * 300
    for link in ("//evil.test/x", "https://evil.test/", "javascript:alert(1)", "/\\evil.test"):
        services.tell(user=reader, key=link, title="看", link=link, now=NOW)
    services.tell(user=reader, key=long_key, title="长" * 300, body="文" * 900, now=NOW)
    services.tell(user=reader, key=long_key, title="again", now=NOW)
    services.tell(user=reader, key="good", title="两\n行", link="/notices/4/", now=NOW)
    assert set(InboxMessage.objects.exclude(key="good").values_list("link", flat=True)) == {""}
    cut = InboxMessage.objects.get(key__startswith="kkk")
    assert (len(cut.key), len(cut.title), len(cut.body)) == (120, 120, 500)
    good = InboxMessage.objects.get(key="good")
    assert (good.title, good.link) == ("两 行", "/notices/4/")


def test_a_message_shares_the_fate_of_its_event(reader: User) -> None:
    @transaction.atomic
    def event() -> None:
        services.tell(user=reader, key="a", title="没有发生", now=NOW)
        services.mail(user=reader, key="a", subject="没有发生", body="", now=NOW)
        raise RuntimeError

    with pytest.raises(RuntimeError):
        event()
    assert not InboxMessage.objects.exists()
    assert not OutboxMessage.objects.exists()


def test_reading(reader: User) -> None:
    stranger = account("stranger")
    for n in range(3):
        services.tell(user=reader, key=f"m{n}", title=f"{n}", now=NOW + dt.timedelta(hours=n))
    first, second, third = InboxMessage.objects.order_by("pk")
    services.mark_read(message_id=third.pk, user=stranger, now=NOW)
    assert InboxMessage.objects.visible_to(reader).unread().count() == 3
    services.mark_read(message_id=third.pk, user=reader, now=NOW)
    services.mark_read(message_id=third.pk, user=reader, now=NOW + dt.timedelta(days=1))
    third.refresh_from_db()
    assert third.read_at == NOW
    order = InboxMessage.objects.visible_to(reader).unread_first()
    assert [message.title for message in order] == ["1", "0", "2"]
    # What arrives after the page was drawn stays unread.
    assert services.mark_all_read(user=reader, up_to=first.pk, now=NOW) == 1
    assert list(InboxMessage.objects.visible_to(reader).unread()) == [second]
    assert not InboxMessage.objects.visible_to(stranger).exists()


# -- outbox -----------------------------------------------------------------------------------


def test_mail_goes_out_once_with_its_key_as_message_id(reader: User) -> None:
    services.mail(user=reader, key="published:3:1", subject="6 月\r\nBcc: x", body="正文", now=NOW)
    assert str(services.deliver_due(now=NOW)) == "发出 1 封"
    assert str(services.deliver_due(now=NOW)) == "没有待发的邮件"
    [sent] = django_mail.outbox
    assert sent.to == ["reader@example.test"]
    assert sent.subject == "6 月 Bcc: x"
    assert sent.extra_headers["Message-ID"] == services.message_id("published:3:1")
    assert sent.message()["Message-ID"].startswith("<published.3.1.")
    row = OutboxMessage.objects.get()
    assert (row.status, row.attempts, row.sent_at) == ("sent", 1, NOW)


def test_message_ids_are_one_per_key() -> None:
    keys = ["a:b", "a.b", "a b", "通报:1", "通报:2", "x" * 120]
    ids = {services.message_id(key) for key in keys}
    assert len(ids) == len(keys)
    assert all(one.isascii() and " " not in one for one in ids)


def test_nobody_without_an_address_gets_mail(db: None) -> None:
    assert not services.mail(user=account("paper"), key="k", subject="s", body="", now=NOW)
    assert not OutboxMessage.objects.exists()


def test_back_off_then_dead_and_an_alarm(reader: User, watchman: User, settings: Any) -> None:
    use(settings, Broken)
    services.mail(user=reader, key="k", subject="六月通报", body="", now=NOW)
    at = NOW
    for wait in services.BACK_OFF:
        assert services.deliver_due(now=at).failed == 1
        row = OutboxMessage.objects.get()
        assert row.next_attempt_at == at + wait
        assert services.deliver_due(now=row.next_attempt_at - dt.timedelta(seconds=1)).failed == 0
        at = row.next_attempt_at
    assert not InboxMessage.objects.exists()
    assert services.deliver_due(now=at).dead == 1
    row = OutboxMessage.objects.get()
    assert (row.status, row.attempts) == ("dead", 6)
    assert "no mail server" in row.last_error
    alarm = InboxMessage.objects.get()
    assert alarm.user == watchman
    assert alarm.title == "邮件发不出去：六月通报"
    assert services.deliver_due(now=at + dt.timedelta(days=9)).sent == 0  # kept, not tried


def test_one_bad_address_does_not_hold_up_the_others(
    reader: User, watchman: User, settings: Any
) -> None:
    gone = account("gone", "gone@example.test")
    services.mail(user=gone, key="1", subject="s", body="", now=NOW)
    services.mail(user=reader, key="2", subject="s", body="", now=NOW)
    User.objects.filter(pk=gone.pk).update(email="")
    counts = services.deliver_due(now=NOW)
    assert (counts.sent, counts.failed, counts.dead) == (1, 0, 1)
    assert InboxMessage.objects.filter(user=watchman).count() == 1


def test_the_dead_can_be_sent_again(reader: User, watchman: User, settings: Any) -> None:
    services.mail(user=reader, key="k", subject="s", body="", now=NOW)
    row = OutboxMessage.objects.get()
    with pytest.raises(TransitionRefused, match="待发"):
        services.send_again(message_id=row.pk, actor=watchman, now=NOW)
    OutboxMessage.objects.update(status="dead", attempts=6)
    services.send_again(message_id=row.pk, actor=watchman, now=NOW)
    assert AuditEntry.objects.get().code == "outbox.sent_again"
    use(settings, Broken)
    assert services.deliver_due(now=NOW).failed == 1
    assert services.deliver_due(now=NOW + dt.timedelta(hours=7)).dead == 1
    assert InboxMessage.objects.filter(user=watchman).count() == 1
    services.send_again(message_id=row.pk, actor=watchman, now=NOW)
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    assert services.deliver_due(now=NOW).sent == 1


def test_limit(reader: User) -> None:
    for n in range(5):
        services.mail(user=reader, key=f"{n}", subject="s", body="", now=NOW)
    assert services.deliver_due(now=NOW, limit=2).sent == 2
    assert OutboxMessage.objects.filter(status="pending").count() == 3


# -- drills -----------------------------------------------------------------------------------


@pytest.mark.drill
@pytest.mark.django_db(transaction=True)
def test_dying_between_send_and_commit_sends_again_under_the_same_id(settings: Any) -> None:
    reader = account("reader", "reader@example.test")
    services.mail(user=reader, key="published:9", subject="s", body="", now=NOW)
    Dying.sent = []
    use(settings, Dying)
    with pytest.raises(SystemExit):
        services.deliver_due(now=NOW)
    assert OutboxMessage.objects.get().status == "pending"
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    assert services.deliver_due(now=NOW + services.LEASE).sent == 1
    [before] = Dying.sent
    [after] = django_mail.outbox
    assert before.extra_headers["Message-ID"] == after.extra_headers["Message-ID"]
    assert services.deliver_due(now=NOW + services.LEASE).sent == 0


@pytest.mark.drill
@pytest.mark.django_db(transaction=True)
def test_four_deliverers_at_once_send_each_mail_once(settings: Any) -> None:
    reader = account("reader", "reader@example.test")
    for n in range(40):
        services.mail(user=reader, key=f"m{n}", subject="s", body="", now=NOW)
    Counting.keys = []
    use(settings, Counting)
    start = threading.Barrier(4)
    trouble: list[Exception] = []

    def work() -> None:
        try:
            start.wait(10)
            while services.deliver_due(now=NOW, limit=7).sent:
                pass
        except Exception as error:
            trouble.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert trouble == []
    assert sorted(Counting.keys) == sorted(services.message_id(f"m{n}") for n in range(40))
    assert set(OutboxMessage.objects.values_list("status", flat=True)) == {"sent"}


@pytest.mark.drill
@pytest.mark.django_db(transaction=True)
def test_a_broker_that_is_down_harms_nothing_that_commits(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from celery import Celery

    nowhere = Celery("nowhere", broker="redis://127.0.0.1:1/0")
    nowhere.conf.broker_transport_options = {"socket_connect_timeout": 1}
    nowhere.conf.task_publish_retry_policy = {"max_retries": 1, "interval_start": 0}
    asked: list[str] = []

    class App:
        def send_task(self, name: str) -> None:
            asked.append(name)
            nowhere.send_task(name)

    monkeypatch.setattr(outbox, "current_app", App())
    reader = account("reader", "reader@example.test")
    with transaction.atomic():
        for n in range(20):
            services.tell(user=reader, key=f"k{n}", title="六月通报", now=NOW)
            services.mail(user=reader, key=f"k{n}", subject="六月通报", body="", now=NOW)
    assert asked == ["notifications.deliver"]  # once per transaction, and it failed
    assert InboxMessage.objects.count() == 20
    assert services.deliver_due(now=NOW).sent == 20  # the sweep's way


# -- digests ----------------------------------------------------------------------------------


@pytest.fixture
def duties(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[TodoItem]]:
    """What each user name has to do."""
    found: dict[str, list[TodoItem]] = {}

    def provider(users: Sequence[User], today: dt.date) -> dict[int, list[TodoItem]]:
        return {user.pk: found.get(user.username, []) for user in users}

    monkeypatch.setattr(todo, "_providers", {"test": provider})
    return found


def test_a_digest_says_what_is_due_late_things_first(
    reader: User, duties: dict[str, list[TodoItem]]
) -> None:
    account("idle", "idle@example.test")
    account("paper")
    duties["reader"] = [
        TodoItem("6 月党员大会", dt.date(2017, 6, 30), "/branches/1/", "soon"),
        TodoItem("整改通知书 3 号", dt.date(2017, 6, 20), "/notices/3/", "late"),
        TodoItem("谈心谈话", None, "", "idle"),
        TodoItem("党费收缴", dt.date(2017, 6, 27), "", "soon"),
    ]
    duties["paper"] = [TodoItem("没有邮箱", None)]
    for _ in range(3):
        assert services.send_digests(today=NOW.date(), now=NOW) == 1
    assert services.deliver_due(now=NOW).sent == 1
    [sent] = django_mail.outbox
    assert sent.to == ["reader@example.test"]
    assert sent.subject == "党建门户：今天有 4 件事，其中 1 件已逾期"
    body = str(sent.body)
    assert "1. 整改通知书 3 号（应于6月20日，逾期 7 天）" in body
    assert "http://localhost:8000/notices/3/" in body
    assert "2. 党费收缴（今天截止）" in body
    assert "3. 6 月党员大会（6月30日前，还有 3 天）" in body
    assert "4. 谈心谈话\n" in body


def test_no_digest_on_a_day_off(reader: User, duties: dict[str, list[TodoItem]]) -> None:
    duties["reader"] = [TodoItem("有事", None)]
    assert services.send_digests(today=SATURDAY, now=NOW) == 0
    assert services.send_digests(today=dt.date(2017, 5, 27), now=NOW) == 1  # a Saturday at work
    assert OutboxMessage.objects.count() == 1


def test_the_sweep_makes_up_for_a_beat_that_slept(
    reader: User, duties: dict[str, list[TodoItem]], clock: Any
) -> None:
    duties["reader"] = [TodoItem("有事", None)]
    early = NOW.replace(hour=7, minute=59)
    assert services.send_digests_once(now=early) == "还没到 8 点"
    assert services.send_digests_once(now=NOW) == "1 人有事要办"
    assert services.send_digests_once(now=NOW + dt.timedelta(minutes=1)) == "今天已经发过"
    tomorrow = NOW + dt.timedelta(days=1)
    clock.move_to(tomorrow)
    assert services.send_digests_once(now=tomorrow) == "1 人有事要办"
    assert OutboxMessage.objects.count() == 2


def test_digests_cost_the_same_for_ten_as_for_one(
    db: None, duties: dict[str, list[TodoItem]], django_assert_max_num_queries: Any
) -> None:
    for n in range(10):
        account(f"user{n}", f"user{n}@example.test")
        duties[f"user{n}"] = [TodoItem("有事", None)]
    with django_assert_max_num_queries(6):
        assert services.send_digests(today=NOW.date(), now=NOW) == 10
