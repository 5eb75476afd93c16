"""Many at once: officers at their buttons, beat, the task, the command."""

from __future__ import annotations

import io
import threading
from collections import Counter
from collections.abc import Callable

import pytest
import time_machine
from django.core.management import call_command
from django.db import connection

from branches.models import RoleGrant
from evaluations import tasks
from evaluations.models import MonthRound, RankingRun
from evaluations.services.publish import publish_round
from evaluations.services.sweep import sweep_rounds
from portal.accounts.models import User
from portal.kernel.months import Month
from tests.drills.harness import NOW, Scene

pytestmark = pytest.mark.drill


def all_at_once(works: list[Callable[[], str]]) -> Counter[str]:
    """Run each in a thread of its own, started together; what each said, counted. What one
    raises is said too."""
    barrier = threading.Barrier(len(works))
    said: Counter[str] = Counter()
    lock = threading.Lock()

    def run(work: Callable[[], str]) -> None:
        try:
            barrier.wait()
            word = work()
        except Exception as error:
            word = f"{type(error).__name__}: {error}"
        finally:
            connection.close()
        with lock:
            said[word] += 1

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return said


def officers(scene: Scene, count: int) -> list[User]:
    found = []
    for number in range(count):
        user = User.objects.create(username=f"officer-{number}", display_name=f"专责{number}")
        RoleGrant.objects.create(
            user=user,
            role="party_affairs_officer",
            committee=scene.cast.city,
            started_on=NOW.date(),
        )
        found.append(user)
    return found


def test_sixteen_officers_publish_at_once(scene: Scene) -> None:
    people = officers(scene, 16)
    scene.told += 16

    def press(user: User) -> Callable[[], str]:
        def work() -> str:
            with time_machine.travel(NOW, tick=True):
                result = publish_round(
                    round_id=scene.round_id, actor=user, now=NOW, via="web", reason=""
                )
            return "already" if result.already else "published"

        return work

    with time_machine.travel(NOW, tick=True):
        said = all_at_once([press(user) for user in people])
    assert said == {"published": 1, "already": 15}
    scene.assert_whole()


def test_button_beat_task_and_command_meet_on_one_month(scene: Scene) -> None:
    people = officers(scene, 4)
    scene.told += 4

    def button(user: User) -> str:
        publish_round(round_id=scene.round_id, actor=user, now=NOW, via="web", reason="催")
        return "fine"

    def beat() -> str:
        outcome = sweep_rounds(now=NOW)
        assert not outcome.failed, outcome.failed
        return "fine"

    def task() -> str:
        tasks.publish_round(round_id=scene.round_id, reason="催")
        return "fine"

    def command() -> str:
        call_command("close_month", "--month", "2017-06", "--reason", "催", stdout=io.StringIO())
        return "fine"

    with time_machine.travel(NOW, tick=True):
        works: list[Callable[[], str]] = [lambda u=user: button(u) for user in people]  # type: ignore[misc]
        said = all_at_once([*works, *[beat] * 4, *[task] * 4, *[command] * 4])
    assert said == {"fine": 16}
    scene.assert_whole()


def test_a_month_opens_once_however_many_sweep(scene: Scene) -> None:
    """July's round, by eight sweeps at once."""
    scene.rewind()

    def beat() -> str:
        return "broke" if sweep_rounds(now=NOW).failed else "fine"

    with time_machine.travel(NOW, tick=True):
        said = all_at_once([beat] * 8)
    assert said == {"fine": 8}
    july = Month(2017, 7)
    assert MonthRound.objects.filter(committee=scene.cast.city, month=july.first_day).count() == 1
    assert RankingRun.objects.filter(round_id=scene.round_id).count() == 1
