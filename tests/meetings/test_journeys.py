"""The meeting on a wall of 1920 x 1080, run from the keyboard; the bulletin to its signature."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from evaluations.models import IssuedPaper, MeetingComment, MeetingDecision, MonthRound
from evaluations.selectors.meetings import agenda
from tests.cast import Cast
from tests.conftest import axe, sign_in
from tests.notices.scene import Published

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.conftest import Pages

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_meeting_is_run_with_keys(
    cast: Cast, published: Published, on: Any, new_page: Pages
) -> None:
    round_ = MonthRound.objects.select_related("policy").get(pk=published.notice.run.round_id)
    stops = agenda(round_, cast.leader).stops
    wall = new_page(1920, 1080)
    sign_in(wall, cast.leader)
    wall.goto(reverse("evaluations:meeting", args=[round_.pk]))
    axe(wall)
    wall.get_by_role("link", name="上大屏").click()
    expect(wall.get_by_role("heading", level=1)).to_have_text(stops[0].line.branch_name)
    wall.wait_for_load_state("load")
    expect(wall.locator("[data-left]")).to_contain_text("本位还有")  # the script listens
    assert wall.evaluate("document.documentElement.scrollHeight <= innerHeight")
    axe(wall)

    wall.keyboard.press("2")
    fairly_good = wall.get_by_role("button", name="较好")
    expect(fairly_good).to_have_attribute("aria-pressed", "true")
    assert MeetingComment.objects.get().verdict == "fairly_good"
    wall.keyboard.press("1")  # he thinks again: the last word counts
    expect(wall.locator(".meeting-verdicts button").first).to_have_attribute("aria-pressed", "true")
    assert MeetingComment.objects.get().verdict == "good"

    wall.keyboard.press("PageDown")  # the presenter in the hand
    expect(wall.get_by_role("heading", level=1)).to_have_text(stops[1].line.branch_name)
    wall.wait_for_load_state("load")
    expect(wall.locator("[data-left]")).to_contain_text("本位还有")
    wall.locator(".meeting-decide summary").click()
    wall.get_by_label("要办什么").fill("党课讲稿统一备案 2 份")
    wall.get_by_label("谁来办").fill("党群部")
    wall.get_by_role("button", name="记下决定").click()
    expect(wall.locator(".meeting-decide summary")).to_have_text("决定 1")
    decision = MeetingDecision.objects.get()
    assert (decision.owner, decision.participant_id) == ("党群部", stops[1].participant.pk)
    assert MeetingComment.objects.count() == 1  # the 2 that was typed gave nobody a word

    wall.wait_for_load_state("load")
    expect(wall.locator("[data-left]")).to_contain_text("本位还有")
    wall.keyboard.press("ArrowLeft")
    expect(wall.get_by_role("heading", level=1)).to_have_text(stops[0].line.branch_name)
    expect(wall.locator(".meeting-verdicts button").first).to_have_attribute("aria-pressed", "true")


def test_a_bulletin_is_worded_by_one_and_signed_by_another(
    cast: Cast, published: Published, on: Any, new_page: Pages
) -> None:
    pk = published.notice.run.round_id
    officer: Page = new_page(1440, 900)
    sign_in(officer, cast.officer)
    officer.goto(reverse("evaluations:bulletin", args=[pk]))
    axe(officer)
    officer.get_by_role("link", name="改文字").click()
    officer.get_by_label("六、下月重点").fill("抓好迎峰度夏。\n开展党员示范岗。")
    axe(officer)
    officer.get_by_role("button", name="保存").last.click()
    expect(officer.locator(".bulletin")).to_contain_text("开展党员示范岗。")
    officer.get_by_text("与生成的文字对照").click()
    expect(officer.locator("ins")).to_contain_text("抓好迎峰度夏。")
    axe(officer)
    expect(officer.get_by_role("button", name="签发并编号")).to_have_count(0)

    leader = new_page(390, 844, touch=True)
    sign_in(leader, cast.leader)
    leader.goto(reverse("evaluations:bulletin", args=[pk]))
    axe(leader)
    leader.get_by_role("button", name="签发并编号").click()
    expect(leader.locator(".bulletin-number")).to_have_text("泉电党通〔2017〕1号")
    assert "开展党员示范岗。" in IssuedPaper.objects.get().text

    secretary = new_page(390, 844, touch=True)
    sign_in(secretary, cast.secretary_a)
    secretary.goto(reverse("evaluations:bulletin", args=[pk]))
    secretary.get_by_role("button", name="已阅").click()
    expect(secretary.get_by_text("您的支部已签阅")).to_be_visible()

    officer.goto(reverse("evaluations:archive"))
    officer.get_by_label("文号、支部或正文里的字").fill("示范")
    officer.get_by_role("button", name="查找").click()
    expect(officer.locator("mark")).to_have_text("示范")
    axe(officer)
