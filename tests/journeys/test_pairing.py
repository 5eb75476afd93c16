"""An officer draws who visits whom; a team drops out; a visit is swapped by hand and judged."""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING

import pytest
import time_machine
from django.db.models import Q
from playwright.sync_api import expect

from evaluations.models import Inspection, MonthRound, PairingChange
from evaluations.services import pairing, rounds
from evaluations.services.pairing_facts import latest_draw
from portal.kernel.months import SHANGHAI, Month
from tests.conftest import expect_console, sign_in
from tests.journeys.hands import heading, press, upright

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Page

    from tests.cast import Cast
    from tests.month import MonthCast

NOW = dt.datetime(2017, 7, 21, 10, 0, tzinfo=SHANGHAI)


@pytest.fixture
def july(cast: Cast, month_cast: MonthCast) -> Iterator[MonthRound]:
    with time_machine.travel(NOW, tick=False):
        yield rounds.open_round(committee=cast.city, month=Month(2017, 7), actor=None, now=NOW)


def plan(july: MonthRound) -> dict[int, tuple[int, int, dt.date | None]]:
    return {
        visit.pk: (visit.inspector_branch_id, visit.inspected_branch_id, visit.planned_on)
        for visit in Inspection.objects.filter(round=july)
    }


def test_she_draws_and_reads_what_the_checker_says(
    cast: Cast, july: MonthRound, screen: Page
) -> None:
    sign_in(screen, cast.officer)
    screen.goto(f"/rounds/{july.pk}/pairing/")
    expect(heading(screen)).to_have_text("这个月还没有抽签")
    upright(screen)
    press(screen, "抽签")
    expect(screen.get_by_text(re.compile(r"已抽签，共 \d+ 次检查，校验通过。"))).to_be_visible()
    expect(screen.get_by_role("heading", name="谁查谁")).to_be_visible()
    expect(screen.get_by_role("link", name="下载证书")).to_be_visible()
    expect(screen.get_by_text(f"{cast.city.pk}|2017-07|-|1")).to_be_visible()
    upright(screen)
    assert len(plan(july)) == len(latest_draw(july).certificate["plan"])  # type: ignore[union-attr]


def test_a_team_drops_out_and_only_its_visits_are_planned_anew(
    cast: Cast, july: MonthRound, screen: Page
) -> None:
    pairing.draw_round(round_id=july.pk, actor=cast.officer, now=NOW)
    before = plan(july)
    gone = next(sender for sender, _host, _on in before.values())
    branch = july.participants.get(branch_id=gone).branch
    sign_in(screen, cast.officer)
    screen.goto(f"/rounds/{july.pk}/pairing/")
    screen.get_by_text("登记派不出组").click()
    form = screen.locator("form[action$='/drop-out/']")
    form.get_by_label("派不出组的支部").select_option(str(gone))
    form.get_by_label("原因").fill("全员抢修")
    form.get_by_role("button", name="登记").click()
    expect(heading(screen)).to_have_text(re.compile(r"还有 \d+ 次检查没有组去"))
    expect(screen.get_by_text(f"{branch.name}：全员抢修").first).to_be_visible()
    upright(screen)
    kept = {pk: visit for pk, visit in before.items() if visit[0] != gone}
    assert plan(july) == kept
    expect(screen.get_by_text(f"其余 {len(kept)} 次不变")).to_be_visible()
    press(screen, "按方案补派")
    expect(screen.get_by_text(re.compile(r"已补派 \d+ 次，其余不变。"))).to_be_visible()
    upright(screen)
    after = plan(july)
    assert {pk: after[pk] for pk in kept} == kept
    assert gone not in {sender for sender, _host, _on in after.values()}
    # Each hole is filled on the day that the branch had been told.
    told = {(host, on) for sender, host, on in before.values() if sender == gone}
    filled = {(after[pk][1], after[pk][2]) for pk in after.keys() - kept.keys()}
    assert filled <= told


def test_a_swap_by_hand_is_judged_at_once(cast: Cast, july: MonthRound, screen: Page) -> None:
    pairing.draw_round(round_id=july.pk, actor=cast.officer, now=NOW)
    visit = Inspection.objects.filter(round=july, inspected_branch=cast.branch_a).first()
    assert visit is not None
    sender = visit.inspector_branch_id
    met = Q(inspected_branch=cast.branch_a) | Q(inspector_branch=cast.branch_a)
    busy = {
        branch
        for pair in Inspection.objects.filter(met, round__committee=cast.city).values_list(
            "inspector_branch_id", "inspected_branch_id"
        )
        for branch in pair
    }
    types = dict(july.participants.values_list("branch_id", "branch_type"))
    recused, other = [
        team
        for team in july.teams.select_related("branch").order_by("pk")
        if team.branch_id not in busy and types[team.branch_id] != visit.inspected_type
    ][:2]
    pairing.recuse(
        inspector=recused.branch,
        inspected=cast.branch_a,
        first_month=Month(2017, 7),
        last_month=None,
        reason="两个支部书记是亲属",
        actor=cast.officer,
        now=NOW,
    )
    sign_in(screen, cast.officer)
    screen.goto(f"/rounds/{july.pk}/visits/{visit.pk}/")
    upright(screen)
    expect_console(screen, "400")
    screen.get_by_label("改派给").select_option(str(recused.pk))
    screen.get_by_label("原因").fill("原组人手不够")
    press(screen, "改派")
    expect(screen.locator(".field-error").get_by_text("应当回避")).to_be_visible()
    expect(screen.get_by_label("原因")).to_have_value("原组人手不够")
    upright(screen)
    visit.refresh_from_db()
    assert visit.inspector_branch_id == sender
    screen.get_by_label("改派给").select_option(str(other.pk))
    press(screen, "改派")
    expect(screen.get_by_text(re.compile("已改派.*校验(通过|提示)"))).to_be_visible()
    upright(screen)
    change = PairingChange.objects.get(kind="by_hand")
    assert (change.reason, change.added[0]["team"]) == ("原组人手不够", str(other.branch_id))
    assert change.removed == [{"team": str(sender), "branch": str(visit.inspected_branch_id)}]
    screen.goto(f"/rounds/{july.pk}/pairing/")
    expect(screen.get_by_text("手工改派", exact=True)).to_be_visible()
