"""The sweep: each step for itself, each with a heartbeat; the command; the late banner."""

from __future__ import annotations

import datetime as dt
import io
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from portal.kernel import sweep
from portal.kernel.models import JobHeartbeat
from portal.kernel.months import SHANGHAI
from portal.tasks import daily_digest, run_sweep

NOW = dt.datetime(2017, 6, 27, 10, 0, tzinfo=SHANGHAI)


@pytest.fixture
def only_mine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweep, "_steps", {})


def fail(now: dt.datetime) -> str:
    raise RuntimeError("磁盘满了")


@pytest.mark.django_db
@pytest.mark.usefixtures("only_mine")
def test_one_failing_step_stops_nobody(caplog: pytest.LogCaptureFixture, clock: Any) -> None:
    asked: list[dt.datetime] = []
    sweep.register("first", "第一步", fail)

    def second(now: dt.datetime) -> str:
        asked.append(now)
        return "做了 1 件"

    sweep.register("second", "第二步", second)
    results = sweep.run(now=NOW)
    assert asked == [NOW]
    assert [(one.name, one.ok) for one in results] == [("first", False), ("second", True)]
    beats = sweep.heartbeats()
    assert beats["sweep.first"].outcome == "失败：RuntimeError: 磁盘满了"
    assert beats["sweep.second"].outcome == "做了 1 件"
    assert beats["sweep"].outcome == "未完成：第一步"
    assert {beat.finished_at for beat in beats.values()} == {NOW}
    assert "磁盘满了" in caplog.text


@pytest.mark.django_db
@pytest.mark.usefixtures("only_mine")
def test_command_says_what_happened_and_by_its_exit_code() -> None:
    sweep.register("good", "好的", lambda now: "做完")
    out = io.StringIO()
    call_command("sweep", stdout=out)
    assert out.getvalue() == "完成  好的（good）  做完\n"
    sweep.register("bad", "坏的", fail)
    with pytest.raises(CommandError, match="1 个步骤失败：bad") as failed:
        call_command("sweep", stdout=out)
    assert failed.value.returncode == 1
    with pytest.raises(CommandError, match="没有“nope”") as unknown:
        call_command("sweep", "--only", "nope", stdout=out)
    assert unknown.value.returncode == 2
    out = io.StringIO()
    call_command("sweep", "--only", "good", stdout=out)
    call_command("sweep", "--list", stdout=out)
    assert "失败" in out.getvalue()
    assert out.getvalue().startswith("完成  好的")


@pytest.mark.django_db
def test_the_real_steps_run_on_an_empty_house() -> None:
    names = [step.name for step in sweep.steps()]
    assert {"outbox", "digest"} <= set(names)
    run_sweep()
    run_sweep()
    assert sweep.heartbeats()["sweep"].outcome == "正常"
    daily_digest()


def test_a_sweep_that_waited_too_long_is_let_go() -> None:
    assert run_sweep.expires == 55


def test_help_is_written_for_people(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        call_command("sweep", "--help")
    assert "退出码" in capsys.readouterr().out


@pytest.mark.parametrize(("minutes_ago", "late"), [(0, False), (4, False), (6, True), (None, True)])
def test_silence_is_noticed_after_five_minutes(
    minutes_ago: int | None, late: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweep, "_process_started_at", NOW - dt.timedelta(hours=1))
    last = None if minutes_ago is None else NOW - dt.timedelta(minutes=minutes_ago)
    assert sweep.is_late(last, NOW) is late


def test_a_process_that_just_started_does_not_complain(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweep, "_process_started_at", NOW - dt.timedelta(minutes=1))
    assert not sweep.is_late(None, NOW)
    assert not sweep.is_late(NOW - dt.timedelta(days=1), NOW)


@pytest.mark.django_db
def test_a_failed_job_has_not_finished() -> None:
    with pytest.raises(RuntimeError), sweep.heartbeat("job"):
        raise RuntimeError("kaputt")
    assert sweep.last_finished("job") is None
    assert JobHeartbeat.objects.get(name="job").finished_at is not None
    with sweep.heartbeat("job"):
        pass
    assert sweep.last_finished("job") is not None


def test_beat_calls_tasks_that_exist() -> None:
    from portal.celery import app
    from portal.schedule import BEAT_SCHEDULE

    app.loader.import_default_modules()
    wanted = {str(entry["task"]) for entry in BEAT_SCHEDULE.values()}
    assert wanted >= {"portal.sweep", "portal.daily_digest"}
    assert wanted | {"notifications.deliver"} <= set(app.tasks)


@pytest.mark.django_db
def test_the_woken_worker_delivers() -> None:
    from portal.accounts.models import User
    from portal.notifications.models import OutboxMessage
    from portal.notifications.services import mail
    from portal.notifications.tasks import deliver

    reader = User.objects.create_user("reader", "reader@example.test", display_name="林")
    mail(user=reader, key="k", subject="s", body="b", now=NOW)
    deliver()
    deliver()
    assert OutboxMessage.objects.get().attempts == 1
