"""``close_month`` and ``verify_chain``: words, exit codes, and what they leave behind."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from evaluations.models import RankingRun
from tests.cast import Cast
from tests.month import MonthCast
from tests.ranking.worked import Worked, fill, publish, uphold_later

pytestmark = pytest.mark.django_db


def run(name: str, *arguments: str, **options: Any) -> str:
    out = io.StringIO()
    call_command(name, *arguments, stdout=out, **options)
    return out.getvalue()


def test_close_month_takes_every_step_that_is_left(month_cast: MonthCast) -> None:
    fill(month_cast.visit_a, {})
    said = run("close_month", "--month", "2017-06", "--reason", "补办")
    month_cast.round.refresh_from_db()
    assert month_cast.round.status == "published"
    assert "注意：第2组检查配电运检党支部的评分表还没有提交。" in said
    assert said.index("结束互查") < said.index("已发布")
    again = run("close_month", "--month", "2017-06")
    assert "已经发布" in again
    assert RankingRun.objects.get().via == "command"


def test_a_dry_run_only_says(month_cast: MonthCast) -> None:
    said = run("close_month", "--month", "2017-06", "--dry-run")
    assert "将办：结束互查、公示初评" in said
    assert "将办：发布通报" in said
    month_cast.round.refresh_from_db()
    assert month_cast.round.status == "inspecting"


def test_close_month_does_not_close_what_cannot_be_published(month_cast: MonthCast) -> None:
    with pytest.raises(CommandError) as refusal:
        run("close_month", "--month", "2017-06")
    assert refusal.value.returncode == 1
    month_cast.round.refresh_from_db()
    assert month_cast.round.status == "inspecting"


def test_close_month_is_refused_before_the_day_without_a_reason(worked: Worked, clock: Any) -> None:
    out = io.StringIO()
    with pytest.raises(CommandError) as refusal:
        call_command("close_month", "--month", "2017-06", stdout=out)
    assert refusal.value.returncode == 1
    assert "请写明原因" in out.getvalue()


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("--month", "2016-02"), 1),
        (("--month", "2017-06", "--committee", "不存在"), 2),
    ],
)
def test_close_month_says_what_is_wrong(
    arguments: tuple[str, ...], code: int, worked: Worked
) -> None:
    with pytest.raises(CommandError) as refusal:
        run("close_month", *arguments)
    assert refusal.value.returncode == code


def test_close_month_one_committee_only(cast: Cast, worked: Worked) -> None:
    with pytest.raises(CommandError) as refusal:
        run("close_month", "--month", "2017-06", "--committee", cast.county.name)
    assert refusal.value.returncode == 1
    run("close_month", "--month", "2017-06", "--committee", cast.city.name)
    worked.round.refresh_from_db()
    assert worked.round.is_published


def test_verify_chain_agrees_with_an_untouched_portal(cast: Cast, worked: Worked) -> None:
    assert "还没有发布过" in run("verify_chain")
    first = publish(worked.round)
    uphold_later(worked.deduction("F1"), 0, cast.officer)
    from evaluations.services.publish import republish_round

    second = republish_round(
        round_id=worked.round.pk, reason="更正", actor=cast.officer, now=first.published_at
    ).run
    said = run("verify_chain")
    assert "全部相符：2 期通报" in said
    assert second.digest in said


@pytest.mark.parametrize(
    ("table", "change", "words"),
    [
        ("evaluations_rankingentry", "total = total + 100", "名次或评分表被改动过"),
        ("evaluations_rankingrun", "published_at = opened", "名次或评分表被改动过"),
        ("evaluations_inspection", "score = score + 100", "名次或评分表被改动过"),
        ("evaluations_deduction", "points = 0", "扣分被改动过"),
        ("evaluations_itemcheck", "state = 'judged', reason = '补'", "扣分被改动过"),
    ],
)
def test_whoever_walks_round_the_triggers_breaks_the_chain(
    table: str, change: str, words: str, worked: Worked
) -> None:
    publish(worked.round)
    change = change.replace("opened", "'2017-07-04 00:00:00+00'")
    _superuser(f"UPDATE {table} SET {change}")  # noqa: S608
    with pytest.raises(CommandError, match=words) as refusal:
        run("verify_chain")
    assert refusal.value.returncode == 1
    assert "2017年6月" in str(refusal.value)


def _superuser(statement: str) -> None:
    """Do what somebody with the database's own key can do."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL session_replication_role = replica")
            cursor.execute(statement)
            cursor.execute("SET LOCAL session_replication_role = origin")
            return
        cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
        triggers = cursor.fetchall()
        for name, _sql in triggers:
            cursor.execute(f'DROP TRIGGER "{name}"')
        cursor.execute(statement)
        for _name, sql in triggers:
            cursor.execute(sql)
