"""What a person does at a page, said once."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from evaluations.models import Inspection, RectificationNotice, RubricItem
from evaluations.services import notices, sheets

if TYPE_CHECKING:
    import datetime as dt

    from playwright.sync_api import Locator, Page

    from portal.accounts.models import User

PASSWORD = "a-long-enough-pass"
SENTENCES = {
    "原因": "6月9日全员抢修，没有改期",
    "整改措施": "6月30日补开主题党日，改期须报党群部",
    "责任人": "林建明",
    "完成情况": "已补开，附记录和照片",
}


def heading(page: Page) -> Locator:
    """The one title of the page."""
    return page.get_by_role("heading", level=1)


def arrived(page: Page, title: str) -> None:
    """The page with this title is there, its scripts listen."""
    expect(heading(page)).to_have_text(title)
    page.wait_for_load_state("load")


def press(page: Page, name: str | re.Pattern[str]) -> None:
    """Press the one button with this name."""
    page.wait_for_load_state("load")  # scripts listen by then
    page.get_by_role("button", name=name, exact=isinstance(name, str)).click()


def follow(page: Page, name: str | re.Pattern[str]) -> None:
    """Follow the first link in the page's body with this name."""
    page.locator("main").get_by_role("link", name=name).first.click()


def log_in(page: Page, user: User, start: str = "/") -> None:
    """Sign in through the form, as everybody does in the morning."""
    user.set_password(PASSWORD)
    user.save()
    page.goto(start)
    give_password(page, user)


def give_password(page: Page, user: User) -> None:
    expect(heading(page)).to_have_text("登录")
    page.get_by_label("账号").fill(user.username)
    page.get_by_label("密码").fill(PASSWORD)
    press(page, "登录")


def item_of(inspection: Inspection, code: str) -> RubricItem:
    found: RubricItem = RubricItem.objects.get(
        version_id=inspection.participant.rubric_version_id, code=code
    )
    return found


def rule_box(page: Page, text: str) -> Locator:
    """The box of one deduction rule on the pad."""
    return page.locator("[data-rule]").filter(has_text=text)


def tap(page: Page, text: str, fact: str, severity: str = "一般") -> None:
    """Count one more by the rule with this text, write the fact, wait until it is saved."""
    page.wait_for_load_state("load")
    box = rule_box(page, text)
    box.get_by_role("button", name="加一").click()
    box.get_by_label("程度").select_option(label=severity)
    box.get_by_label("事实").fill(fact)
    expect(saved_line(page)).to_have_text(re.compile(r"已保存 \d+:\d\d"))


def saved_line(page: Page) -> Locator:
    return page.locator("[data-saved-text]")


def fill_answers(page: Page, done_on: dt.date) -> None:
    """Fill every problem's answer on the page of a notice."""
    page.wait_for_load_state("load")  # what is typed before that is not saved as it is typed
    for box in page.locator("details.answer").all():
        if box.get_attribute("open") is None:
            box.locator("summary").click()
        for label, text in SENTENCES.items():
            box.get_by_label(label, exact=True).fill(text)
        box.get_by_label("完成时间").fill(done_on.isoformat())


OVER_THE_EDGE = """width => {
  if (document.documentElement.scrollWidth <= width) return [];
  const inFrame = (e) => e.parentElement
    && (getComputedStyle(e.parentElement).overflowX !== "visible" || inFrame(e.parentElement));
  return [...document.querySelectorAll("body *")]
    .filter((e) => e.getBoundingClientRect().right > width + 0.5 && !inFrame(e))
    .map((e) => `<${e.tagName.toLowerCase()} class="${e.className}"> to ${
      e.getBoundingClientRect().right}`)
    .concat("something");
}"""


def upright(page: Page) -> None:
    """Nothing hangs over the right edge, and the page has one title."""
    assert page.viewport_size is not None
    page.wait_for_load_state("load")  # a title may stand there before the style sheets do
    over = page.evaluate(OVER_THE_EDGE, page.viewport_size["width"])
    assert not over, f"{page.url} hangs over: {over}"
    assert page.locator("h1").count() == 1, page.url


# -- what others have done before the journey begins -------------------------------------------


def sheet_submitted(
    inspection: Inspection, by: User, now: dt.datetime, lines: dict[tuple[str, int], str]
) -> None:
    """A colleague's sheet: ``lines`` are facts by item code and number of the rule."""
    sheets.start_sheet(inspection_id=inspection.pk, actor=by, now=now)
    for (code, number), fact in lines.items():
        item = item_of(inspection, code)
        rule = item.rules.get(number=number)
        sheets.save_item(
            inspection_id=inspection.pk,
            item_id=item.pk,
            lines=[sheets.LineInput(rule.pk, 1, fact)],
            override=None,
            version=0,
            actor=by,
            now=now,
        )
    sheets.submit_sheet(inspection_id=inspection.pk, rest_is_fine=True, actor=by, now=now)


def notice_answered(notice: RectificationNotice, by: User, now: dt.datetime) -> None:
    """The branch has acknowledged the notice and answered every problem."""
    notices.acknowledge_notice(notice_id=notice.pk, actor=by, now=now)
    notice.refresh_from_db()
    answer = notices.Answer(
        cause=SENTENCES["原因"],
        measure=SENTENCES["整改措施"],
        responsible=SENTENCES["责任人"],
        done_on=now.date(),
        result=SENTENCES["完成情况"],
    )
    notices.respond_to_notice(
        notice_id=notice.pk,
        answers={problem.pk: answer for problem in notice.problems.all()},
        version=notice.version,
        actor=by,
        now=now,
    )
