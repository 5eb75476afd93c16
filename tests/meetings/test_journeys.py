"""The meeting on a wall of 1920 x 1080, run from the keyboard; the bulletin to its signature."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from evaluations.models import IssuedPaper, MeetingComment, MeetingDecision, MonthRound
from evaluations.selectors.meetings import agenda
from tests.cast import Cast
from tests.conftest import axe, expect_console, sign_in
from tests.notices.scene import Published, at

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.conftest import Pages

pytestmark = pytest.mark.django_db(transaction=True)

MEETING = at(7, 10, 9)


def listens(wall: Page) -> None:
    """The script of a branch's screen has begun."""
    expect(wall.locator("[data-left]")).to_contain_text("本位还有")


def test_the_meeting_is_run_with_keys(
    cast: Cast, published: Published, on: Any, new_page: Pages
) -> None:
    round_ = MonthRound.objects.select_related("policy").get(pk=published.notice.run.round_id)
    found = agenda(round_, cast.leader)
    stops = found.stops
    wall = new_page(1920, 1080)
    title = wall.get_by_role("heading", level=1)
    fits = "document.documentElement.scrollHeight <= innerHeight"
    sign_in(wall, cast.leader)
    wall.goto(reverse("evaluations:meeting", args=[round_.pk]))
    axe(wall)
    wall.get_by_role("link", name="上大屏").click()
    expect(title).to_have_text("先说上次定的事")
    wall.wait_for_load_state("load")
    axe(wall)
    assert wall.evaluate(fits)
    wall.keyboard.press("PageDown")
    expect(title).to_have_text(found.boards[0].group.label)
    axe(wall)
    assert wall.evaluate(fits)
    wall.keyboard.press("Space")
    expect(title).to_have_text(stops[0].line.branch_name)
    listens(wall)
    assert wall.evaluate(fits)
    axe(wall)

    wall.keyboard.press("2")
    fairly_good = wall.get_by_role("button", name="较好")
    expect(fairly_good).to_have_attribute("aria-pressed", "true")
    assert MeetingComment.objects.get().verdict == "fairly_good"
    wall.keyboard.press("1")  # he thinks again: the last word counts
    first = wall.locator(".meeting-verdicts button").first
    expect(first).to_have_attribute("aria-pressed", "true")
    assert MeetingComment.objects.get().verdict == "good"

    wall.keyboard.press("b")  # the presenter's black screen; any key brings the page back
    expect(title).to_be_hidden()
    wall.keyboard.press("PageDown")
    expect(title).to_have_text(stops[0].line.branch_name)

    wall.keyboard.press("PageDown")  # the presenter in the hand
    expect(title).to_have_text(stops[1].line.branch_name)
    listens(wall)
    wall.keyboard.press("0")
    expect(wall.get_by_role("alert")).to_contain_text("支部会前没有写自己的话")
    wall.keyboard.press("d")
    expect(wall.get_by_label("谁来办")).to_be_visible()
    wall.keyboard.press("Escape")  # from the field as well
    expect(wall.get_by_label("谁来办")).to_be_hidden()
    wall.keyboard.press("d")
    wall.keyboard.type("党课讲稿统一备案 2 份")
    wall.keyboard.press("PageDown")  # not before it has an owner and a day
    expect(wall.get_by_text("这条决定还没记下")).to_be_visible()
    expect(title).to_have_text(stops[1].line.branch_name)
    axe(wall)
    wall.get_by_label("谁来办").fill("党群部")
    wall.get_by_role("button", name="记下决定").dblclick()
    expect(wall.locator(".meeting-decide > summary")).to_contain_text("决定 1")
    decision = MeetingDecision.objects.get()
    assert (decision.owner, decision.participant_id) == ("党群部", stops[1].participant.pk)
    assert MeetingComment.objects.count() == 1  # the 2 that was typed gave nobody a word

    wall.keyboard.press("Escape")
    wall.keyboard.press("ArrowLeft")
    expect(title).to_have_text(stops[0].line.branch_name)
    expect(first).to_have_attribute("aria-pressed", "true")
    wall.go_back()
    expect(title).to_have_text(stops[1].line.branch_name)


def test_a_meeting_of_many_decisions_closes_without_scrolling(
    cast: Cast, published: Published, on: Any, new_page: Pages
) -> None:
    round_ = MonthRound.objects.get(pk=published.notice.run.round_id)
    stop = round_.participants.filter(is_exempt=False).select_related("branch")[0]
    wall = new_page(1920, 1080)
    sign_in(wall, cast.leader)
    texts = [
        *["海缆井巡查两人同行，记录上墙"] * 16,
        *["夜班党员学习改为线上补课，月底前由支部书记逐人核对补课记录并报党群部备案" * 2] * 8,
    ]
    for number, text in enumerate(texts):
        MeetingDecision.objects.create(
            round=round_,
            participant=stop if number % 2 else None,
            text=text,
            owner="运检部党群专责",
            due_on=dt.date(2017, 12, 21),
            decided_at=MEETING,
            decided_by=cast.leader,
        )
    wall.goto(reverse("evaluations:meeting-closing", args=[round_.pk]))
    turn, rows = wall.locator(".meeting-turn"), wall.locator(".meeting-list li")
    expect(rows).to_have_count(16)
    for number in (1, 2):
        expect(turn).to_have_text(f"第 {number} / 2 页")
        axe(wall)
        assert wall.evaluate("document.documentElement.scrollHeight <= innerHeight")
        smallest = "Math.min(...[...document.querySelectorAll('.meeting-list li *')].map(x =>"
        assert wall.evaluate(smallest + " parseFloat(getComputedStyle(x).fontSize)))") >= 32
        wall.keyboard.press("PageDown")
    expect(wall.get_by_role("heading", level=1)).not_to_have_text("这次定的事")


def test_words_typed_at_the_meeting_outlive_enter_the_next_key_and_a_dead_session(
    cast: Cast, published: Published, on: Any, new_page: Pages
) -> None:
    round_ = MonthRound.objects.select_related("policy").get(pk=published.notice.run.round_id)
    stops = agenda(round_, cast.leader).stops
    address = reverse("evaluations:meeting-screen", args=[round_.pk, stops[0].participant.pk])
    wall = new_page(1920, 1080)
    title = wall.get_by_role("heading", level=1)
    words = wall.get_by_label("点评意见")
    sign_in(wall, cast.leader)
    wall.goto(address)
    listens(wall)
    words.fill("抢修有力")
    words.press("Enter")  # keeps the words, and gives nobody the first verdict
    expect(words).to_have_attribute("data-said", "抢修有力")
    expect(wall.locator("[data-verdict][aria-pressed=true]")).to_have_count(0)
    words.fill("抢修有力，党课要补")
    words.press("PageDown")
    expect(title).to_have_text(stops[1].line.branch_name)
    said = MeetingComment.objects.get()
    assert (said.text, said.verdict) == ("抢修有力，党课要补", "")

    words.fill("登录过期了也在")
    cookies = wall.context.cookies()
    wall.context.clear_cookies(name=next(c["name"] for c in cookies if "session" in c["name"]))
    words.press("Enter")
    expect(wall.get_by_role("alert")).to_contain_text("登录已过期")
    expect(words).to_have_value("登录过期了也在")
    here = reverse("evaluations:meeting-screen", args=[round_.pk, stops[1].participant.pk])
    leads = wall.get_by_role("link", name="去登录").get_attribute("href") or ""
    assert leads.endswith(f"?next={here}")
    sign_in(wall, cast.leader)
    wall.goto(here)
    expect(title).to_have_text(stops[1].line.branch_name)
    expect(words).to_have_value("登录过期了也在")
    listens(wall)
    wall.keyboard.press("3")
    expect(wall.locator("[data-verdict][aria-pressed=true]")).to_contain_text("一般")
    assert MeetingComment.objects.get(verdict="average").text == "登录过期了也在"
    wall.reload()
    expect(words).to_have_value("登录过期了也在")
    expect(wall.locator(".was-draft")).to_have_count(0)


def test_a_lost_line_loses_no_word_and_no_verdict(
    cast: Cast, published: Published, on: Any, new_page: Pages
) -> None:
    round_ = MonthRound.objects.select_related("policy").get(pk=published.notice.run.round_id)
    stop = agenda(round_, cast.leader).stops[0]
    wall = new_page(1920, 1080)
    sign_in(wall, cast.leader)
    wall.goto(reverse("evaluations:meeting-screen", args=[round_.pk, stop.participant.pk]))
    listens(wall)
    words = wall.get_by_label("点评意见")
    words.fill("断网时写的")
    expect_console(wall, "ERR_INTERNET_DISCONNECTED")
    wall.context.set_offline(True)
    wall.get_by_role("button", name="好1", exact=True).click()
    expect(wall.get_by_role("alert")).to_contain_text("网络断了")
    expect(words).to_have_value("断网时写的")
    wall.context.set_offline(False)
    wall.get_by_role("button", name="好1", exact=True).click()
    expect(wall.get_by_role("alert")).to_have_count(0)
    said = MeetingComment.objects.get()
    assert (said.verdict, said.text, said.version) == ("good", "断网时写的", 2)


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
