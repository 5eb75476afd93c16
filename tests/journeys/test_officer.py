"""A party-affairs officer closes the month: remind, close, decide, publish, issue, accept."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from evaluations.models import (
    Inspection,
    MonthRound,
    RankingRun,
    RectificationNotice,
    RoundEvent,
    ScoreAppeal,
)
from evaluations.services import appeals
from portal.notifications.models import InboxMessage
from tests.cast import NOW, Cast
from tests.conftest import expect_console, sign_in
from tests.journeys.hands import (
    follow,
    heading,
    log_in,
    notice_answered,
    press,
    sheet_submitted,
    upright,
)
from tests.month import MonthCast
from tests.notices.scene import PUBLISHED_AT, Provisional, at

if TYPE_CHECKING:
    import time_machine
    from playwright.sync_api import Page

EARLY = "七一活动提前，互查已全部完成"


@pytest.mark.usefixtures("clock")
def test_the_board_says_the_one_next_step_and_reminds(
    cast: Cast, month_cast: MonthCast, screen: Page
) -> None:
    log_in(screen, cast.officer)
    expect(heading(screen)).to_have_text("2017年6月，第 3 步交叉互查")
    expect(screen.locator(".next-step .next-title")).to_have_text("还有 4 张评分表没有提交")
    upright(screen)
    press(screen, "一并提醒")
    expect(screen.get_by_text(re.compile(r"已提醒 \d+ 位书记"))).to_be_visible()
    told = InboxMessage.objects.count()
    assert InboxMessage.objects.filter(user=cast.secretary_a).count() == 1
    press(screen, "一并提醒")
    expect(screen.get_by_text("今天已经提醒过了。")).to_be_visible()
    assert InboxMessage.objects.count() == told


@pytest.mark.usefixtures("clock")
def test_closing_before_its_day_wants_a_reason(
    cast: Cast, month_cast: MonthCast, screen: Page
) -> None:
    sheet_submitted(month_cast.visit_a, cast.inspector, NOW, {})
    sign_in(screen, cast.officer)
    screen.goto(f"/rounds/{month_cast.round.pk}/")
    expect_console(screen, "400")
    press(screen, "结束互查、公示初评")
    expect(screen.locator("#reason-error")).to_be_visible()
    expect(screen.locator("#id_reason")).to_be_focused()
    upright(screen)
    assert MonthRound.objects.get().status == "inspecting"
    screen.locator("#id_reason").fill(EARLY)
    screen.get_by_role("button", name="结束互查、公示初评").dblclick()
    expect(heading(screen)).to_have_text("2017年6月，初评公示，等申诉")
    expect(screen.get_by_text(EARLY)).to_be_visible()
    upright(screen)
    assert RoundEvent.objects.filter(step="close_inspection").count() == 1


def test_she_decides_the_appeal_before_she_may_publish(
    cast: Cast, provisional: Provisional, on: time_machine.Traveller, screen: Page
) -> None:
    appeals.file_appeal(
        deduction_id=provisional.breaches.pk,
        text="其中一人当天休假。",
        actor=cast.secretary_a,
        now=at(7, 3),
    )
    on.move_to(at(7, 4, 9))
    log_in(screen, cast.officer)
    expect(screen.locator(".next-step .next-title")).to_have_text("复核 1 件申诉")
    expect(screen.get_by_role("button", name="发布通报")).to_have_count(0)
    follow(screen, "去复核")
    follow(screen, re.compile("安全帽下颏带"))
    expect(screen.get_by_text("其中一人当天休假。")).to_be_visible()
    upright(screen)
    expect_console(screen, "400")
    press(screen, "申诉成立，改分")
    expect(screen.locator(".field-error").first).to_be_visible()
    screen.locator("[name='uphold-count_after'][value='1']").check()
    screen.locator("form[action$='/uphold/']").get_by_label(re.compile("复核意见")).fill(
        "考勤表属实，改为1人。"
    )
    screen.get_by_role("button", name="申诉成立，改分").dblclick()
    expect(screen.get_by_text("考勤表属实，改为1人。")).to_be_visible()
    upright(screen)
    decided = ScoreAppeal.objects.get()
    assert (decided.status, decided.count_after) == ("upheld", 1)
    assert str(Inspection.objects.get(pk=provisional.inspection.pk).score) == "93.00"
    screen.goto("/rounds/")
    expect(screen.locator(".next-step .next-title")).to_have_text("发布排名和通报")


def test_she_previews_publishes_once_and_follows_the_notice(
    cast: Cast, provisional: Provisional, on: time_machine.Traveller, screen: Page
) -> None:
    on.move_to(PUBLISHED_AT)
    log_in(screen, cast.officer)
    follow(screen, "预览通报")
    expect(screen.get_by_text("预览：数字按现在的评分表计算")).to_be_visible()
    expect(screen.get_by_role("heading", name="五、重点工作落实不力的支部")).to_be_visible()
    upright(screen)
    screen.go_back()

    # Two windows stand on the same board; she presses in both, and twice in the first.
    second = screen.context.new_page()
    second.goto("/rounds/")
    screen.get_by_role("button", name="发布通报").dblclick()
    expect(heading(screen)).to_have_text("2017年6月，已经通报")
    press(second, "发布通报")
    expect(heading(second)).to_have_text("2017年6月，已经通报")
    second.close()
    assert RankingRun.objects.count() == 1
    assert RectificationNotice.objects.count() == 1

    # What everybody reads, and why a score is what it is.
    follow(screen, "看排名")
    expect(screen.get_by_text("已通报")).to_be_visible()
    upright(screen)
    follow(screen, "生产（服务）型")
    follow(screen, "配电运检党支部")
    why = screen.locator("#why")
    expect(why).to_contain_text("91.0")
    follow(screen, "看全部扣分")
    line = screen.locator("details.why-row").filter(has_text="固定日为9日")
    if line.get_attribute("open") is None:
        line.locator("summary").click()
    expect(line).to_contain_text("当月未开展")
    expect(line).to_contain_text("第1组")
    upright(screen)
    screen.goto(f"/bulletins/{provisional.round.pk}/")
    expect(screen.get_by_text("预览：数字按现在的评分表计算")).to_have_count(0)
    expect(screen.get_by_text("整改通知书待签发")).to_be_visible()
    upright(screen)

    # The draft carries its facts; a person signs it; the answer comes back.
    screen.goto("/rounds/")
    expect(screen.locator(".next-step .next-title")).to_have_text("核稿 1 份整改通知书")
    follow(screen, "去核稿")
    follow(screen, re.compile("草稿"))
    expect(screen.get_by_text("6月固定日为9日，当月无活动记录").first).to_be_visible()
    upright(screen)
    screen.get_by_text("核稿并签发", exact=True).click()
    screen.get_by_role("button", name="确认核稿并签发").dblclick()
    expect(screen.get_by_text("泉电党整〔2017〕1号").first).to_be_visible()
    notice = RectificationNotice.objects.get()
    assert notice.status == "issued"

    notice_answered(notice, cast.secretary_a, PUBLISHED_AT)
    screen.goto("/rounds/")
    expect(screen.locator(".next-step .next-title")).to_have_text("审核 1 份整改情况")
    follow(screen, "去审核")
    follow(screen, "泉电党整〔2017〕1号")
    expect(screen.get_by_text("已补开，附记录和照片").first).to_be_visible()
    upright(screen)
    screen.get_by_label("回头看记录").first.fill("看了记录和照片，属实。")
    screen.get_by_role("button", name="认可，办结").dblclick()
    expect(screen.get_by_text("看了记录和照片，属实。")).to_be_visible()
    notice.refresh_from_db()
    assert notice.status == "accepted"
    screen.goto("/rounds/")
    expect(screen.locator(".next-step .next-title")).to_have_text("这个月已经办完通报")
