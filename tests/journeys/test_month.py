"""June 2017 from open records to an accepted notice, every step by the person it belongs to."""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from evaluations.models import MonthRound, RankingRun, RectificationNotice
from evaluations.services import rounds, rubric_seed
from portal.audit.models import AuditEntry
from tests.cast import FIRST_MONTH, NOW, Cast
from tests.conftest import Pages, sign_in
from tests.journeys.hands import fill_answers, follow, heading, item_of, press, tap
from tests.notices.scene import at

if TYPE_CHECKING:
    import time_machine
    from playwright.sync_api import Locator, Page

    from portal.accounts.models import User

SUBJECT = "重温入党誓词，学习安全规程"


class Desks:
    """Everybody's own window; a new morning means signing in again."""

    def __init__(self, new_page: Pages) -> None:
        self.new_page = new_page
        self.pages: dict[str, Page] = {}

    def at(self, user: User, address: str, *, touch: bool = False) -> Page:
        page = self.pages.get(user.username)
        if page is None:
            page = self.new_page(390, 844, touch=True) if touch else self.new_page(1440, 900)
            self.pages[user.username] = page
        sign_in(page, user)
        page.goto(address)
        return page


def panel(page: Page, title: str) -> Locator:
    return page.locator("section.panel").filter(
        has=page.get_by_role("heading", name=title, exact=True)
    )


def test_one_month_through_every_hand(
    cast: Cast, clock: time_machine.Traveller, new_page: Pages
) -> None:
    rubric_seed.load_rubrics(
        source=rubric_seed.seed_source(), first_month=FIRST_MONTH, actor=None, now=NOW
    )
    rounds.set_policy(committee=cast.city, first_month=FIRST_MONTH, values={}, actor=None, now=NOW)
    inspector = cast.secretary_of(cast.office_two)
    desks = Desks(new_page)

    # 20 June: the officer opens the month, sends a team, plans its visit.
    clock.move_to(at(6, 20, 9))
    page = desks.at(cast.officer, "/")
    page.get_by_label(re.compile("市公司党委")).fill("2017-06")
    press(page, re.compile("开启.*市公司党委"))
    expect(page.locator(".next-step .next-title")).to_have_text("抽签决定这个月谁查谁")
    follow(page, "检查组和安排")  # this month by hand: one team, one visit
    teams = panel(page, "增加检查组")
    teams.get_by_label("派出支部").select_option(label="机关第二党支部")
    teams.get_by_label("组长").select_option(label=inspector.display_name)
    press(page, "增加")
    expect(page.get_by_role("heading", name="第1组")).to_be_visible()
    visits = panel(page, "安排一次检查")
    visits.get_by_label("检查组").select_option(index=1)
    visits.get_by_label("被查支部").select_option(label="配电运检党支部")
    visits.get_by_label("日期").fill("2017-06-28")
    press(page, "安排")
    expect(page.get_by_role("heading", level=1)).to_have_text("检查组和安排，共 1 次")

    # 26 June: the secretary writes down the themed day.
    clock.move_to(at(6, 26, 9))
    page = desks.at(cast.secretary_a, "/")
    page.get_by_role("link", name=re.compile("去(记录|补上).*主题党日")).click()
    page.get_by_label("地点").fill("三楼会议室")
    page.locator("[name=subject]").fill(SUBJECT)
    page.get_by_label("主持人").select_option(label="林建明")
    page.get_by_label("记录人").select_option(label="黄丽萍")
    page.get_by_label("议题与内容").fill("重温入党誓词")
    page.get_by_label("决议与落实").fill("各班组自查一次。")
    press(page, "记下来")
    expect(heading(page)).to_have_text(SUBJECT)

    # 28 June: the round is inspecting, the leader of the team fills the sheet on the spot.
    clock.move_to(at(6, 28, 10))
    page = desks.at(cast.officer, "/")
    press(page, "现在开始互查")
    expect(heading(page)).to_have_text("2017年6月，第 3 步交叉互查")
    page = desks.at(inspector, "/sheets/", touch=True)
    follow(page, "打开任务单")
    press(page, "开始检查")
    expect(heading(page)).to_have_text("第一议题与上级部署传达落实")
    sheet = MonthRound.objects.get().inspections.get()
    page.goto(f"/sheets/{sheet.pk}/items/{item_of(sheet, 'D1').pk}/")
    tap(page, "党员严重违章", "6月14日一名党员无票作业", "严重")
    page.goto(f"/sheets/{sheet.pk}/items/{item_of(sheet, 'B4').pk}/")
    tap(page, "出席率低于80%", "6月9日主题党日到会9人")
    page.goto(f"/sheets/{sheet.pk}/summary/")
    page.get_by_label(re.compile(r"其余 \d+ 项无扣分")).check()
    press(page, "提交，请对方确认")
    expect(page.get_by_text("已提交 10:00")).to_be_visible()

    # The same day: the secretary confirms the facts, with the sheet in his hand.
    page = desks.at(cast.secretary_a, "/")
    follow(page, "看评分表")
    press(page, "事实属实，确认")
    expect(page.get_by_text("已确认 10:00")).to_be_visible()

    # 1 July: the window is over, the officer shows the scores; the branch contests one line.
    clock.move_to(at(7, 1, 9))
    page = desks.at(cast.officer, "/")
    press(page, "结束互查、公示初评")
    expect(heading(page)).to_have_text("2017年6月，初评公示，等申诉")
    clock.move_to(at(7, 3, 9))
    page = desks.at(cast.secretary_a, "/rankings/")
    follow(page, "配电运检党支部")
    follow(page, "看全部扣分")
    line = page.locator("details.why-row").filter(has_text="到会9人")
    if line.get_attribute("open") is None:
        line.locator("summary").click()
    line.get_by_role("link", name="对这一条申诉").click()
    page.get_by_label("申诉理由").fill("实到 12 人，有签到表。")
    press(page, "提出申诉")
    expect(page.get_by_text("还没有复核")).to_be_visible()

    # 4 July: the officer looks at the list of names, the deduction goes.
    clock.move_to(at(7, 4, 9))
    page = desks.at(cast.officer, "/")
    follow(page, "去复核")
    follow(page, re.compile("到会9人"))
    page.locator("[name='uphold-count_after'][value='0']").check()
    page.locator("[name='uphold-decision']").fill("签到表属实，不扣。")
    press(page, "申诉成立，改分")
    expect(page.get_by_text("签到表属实，不扣。")).to_be_visible()

    # 5 July: published; the key work that failed makes a notice; she checks, the secretary signs.
    clock.move_to(at(7, 5, 9))
    page = desks.at(cast.officer, "/")
    press(page, "发布通报")
    expect(heading(page)).to_have_text("2017年6月，已经通报")
    follow(page, "去核稿")
    follow(page, re.compile("草稿"))
    expect(page.locator("article")).to_contain_text("党员严重违章")
    press(page, "核稿，送签")
    expect(page.get_by_text("等党委签发").or_(page.get_by_text("核稿。")).first).to_be_visible()
    page = desks.at(cast.leader, "/rectification/")
    follow(page, re.compile("草稿"))
    page.locator(".ask > summary").click()
    press(page, "确认签发")
    expect(page.get_by_text("泉电党整〔2017〕1号").first).to_be_visible()

    # Everybody reads the bulletin.
    page = desks.at(cast.employee, "/bulletins/")
    follow(page, re.compile("2017年6月份"))
    expect(page.locator("article")).to_contain_text("泉电党整〔2017〕1号")
    score = page.locator("tr").filter(has_text="配电运检党支部")
    expect(score).to_contain_text("92.0")

    # 6 to 10 July: acknowledged, answered, accepted.
    clock.move_to(at(7, 6, 9))
    page = desks.at(cast.secretary_a, "/")
    page.locator(".duty-fix").filter(has_text="通知书").get_by_role("link").click()
    press(page, "签收")
    fill_answers(page, dt.date(2017, 7, 6))
    press(page, "报整改情况")
    expect(heading(page)).to_have_text("泉电党整〔2017〕1号：待审核")
    clock.move_to(at(7, 10, 9))
    page = desks.at(cast.officer, "/")
    follow(page, "去审核")
    follow(page, "泉电党整〔2017〕1号")
    press(page, "认可，办结")
    expect(heading(page)).to_contain_text("已办结")
    page.goto("/rounds/")
    expect(page.locator(".next-step .next-title")).to_have_text("这个月已经办完通报")

    # The auditor sees every hand that moved the month.
    page = desks.at(cast.auditor, "/audit/")
    page.get_by_label("含有").fill("2017年6月")
    press(page, "筛选")
    expect(page.locator(".audit-entry").filter(has_text="郑晓岚").first).to_be_visible()
    assert RankingRun.objects.get().revision == 1
    assert RectificationNotice.objects.get().status == "accepted"
    said = set(AuditEntry.objects.values_list("code", flat=True))
    assert {
        "round.opened",
        "record.created",
        "sheet.submitted",
        "sheet.confirmed",
        "appeal.filed",
        "appeal.upheld",
        "round.published",
        "notice.checked",
        "notice.issued",
        "notice.accepted",
    } <= said, sorted(said)
