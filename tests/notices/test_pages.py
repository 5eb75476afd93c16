"""The pages: who opens what, what a refused press shows, nothing typed is lost."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from evaluations.models import NoticeEvent, RectificationNotice
from evaluations.selectors.deadlines import newest_first
from evaluations.selectors.notices import notice_page
from evaluations.services import appeals, notices
from portal.accounts.models import User
from portal.kernel.models import NumberSequence
from portal.kernel.ui import Event
from tests.cast import Cast
from tests.notices.pages import get, page, post, signed_in, text
from tests.notices.scene import GOOD, PUBLISHED_AT, Provisional, Published, at, put

pytestmark = pytest.mark.usefixtures("on")


# -- who opens what ---------------------------------------------------------------------------

SEES = {"secretary_a", "deputy_a", "captain", "officer", "leader"}


def test_notice_opens_for_its_branch_and_the_committee_only(
    cast: Cast, published: Published
) -> None:
    put(published.notice, "issued")
    for role, user in cast.users.items():
        response = get(user, "notice-detail", published.notice.pk)
        assert response.status_code == (200 if role in SEES else 404), role


def test_draft_is_unknown_to_the_branch(cast: Cast, published: Published) -> None:
    assert get(cast.secretary_a, "notice-detail", published.notice.pk).status_code == 404
    ledger = get(cast.secretary_a, "notice-list")
    assert "还没有整改通知书" in text(ledger)
    assert "待签发" not in text(ledger)
    put(published.notice, "checked")
    assert get(cast.secretary_a, "notice-detail", published.notice.pk).status_code == 404
    assert "还没有整改通知书" in text(get(cast.secretary_a, "notice-list"))


def test_finding_opens_for_branch_team_and_committee(cast: Cast, provisional: Provisional) -> None:
    finding = provisional.finding(provisional.breaches)
    for role, user in cast.users.items():
        response = get(user, "finding-detail", finding.pk)
        assert response.status_code == (200 if role in SEES | {"inspector"} else 404), role


def test_appeal_opens_for_branch_and_committee(cast: Cast, provisional: Provisional) -> None:
    appeal = appeals.file_appeal(
        deduction_id=provisional.breaches.pk, text="不属实", actor=cast.secretary_a, now=at(7, 3)
    )
    for role, user in cast.users.items():
        response = get(user, "appeal-detail", appeal.pk)
        assert response.status_code == (200 if role in SEES else 404), role


@pytest.mark.parametrize("name", ["notice-list", "finding-list", "appeal-list"])
def test_ledgers_open_for_everybody_signed_in_and_show_only_what_is_theirs(
    cast: Cast, published: Published, name: str
) -> None:
    put(published.notice, "issued")
    for role, user in cast.users.items():
        response = get(user, name)
        assert response.status_code == 200
        if role not in SEES | {"inspector", "secretary_b"}:
            assert "配电运检" not in text(response).split("<main")[1], role
    anonymous = Client().get(page(name))
    assert anonymous.status_code == 302
    assert anonymous["Location"].startswith(reverse("accounts:login"))


def test_appeal_form_is_for_the_branch_alone(cast: Cast, provisional: Provisional) -> None:
    statuses = {
        role: get(user, "appeal-create", provisional.breaches.pk).status_code
        for role, user in cast.users.items()
    }
    assert {role for role, code in statuses.items() if code == 200} == {"secretary_a", "deputy_a"}
    # Those who see the sheet but may not contest it are told so; others know of nothing.
    assert {role for role, code in statuses.items() if code == 403} == {
        "captain",
        "inspector",
        "officer",
        "leader",
    }


STEPS = [
    ("notice-check", {"version": 1}),
    ("notice-check-and-issue", {"version": 1}),
    ("notice-send-back", {"remark": "改"}),
    ("notice-issue", {"version": 1}),
    ("notice-acknowledge", {}),
    ("notice-save-answers", {"version": 1}),
    ("notice-respond", {"version": 1}),
    ("notice-accept", {}),
    ("notice-return", {"return-reason": "差"}),
    ("notice-withdraw", {"withdraw-reason": "错"}),
]


@pytest.mark.parametrize(("name", "data"), STEPS)
def test_steps_of_a_notice_are_posts_for_the_right_people(
    cast: Cast, published: Published, name: str, data: dict[str, Any]
) -> None:
    put(published.notice, "issued")
    pk = published.notice.pk
    branch = name in {"notice-acknowledge", "notice-save-answers", "notice-respond"}
    wrong = [cast.officer] if branch else [cast.secretary_a, cast.captain]
    for user in wrong:
        assert post(user, name, pk, **data).status_code == 403
    for user in (cast.secretary_b, cast.officer_elsewhere, cast.employee, cast.auditor):
        assert post(user, name, pk, **data).status_code == 404
    assert get(cast.officer, name, pk).status_code == 405


# -- a notice from draft to closed ----------------------------------------------------------------


def typed(notice: RectificationNotice, version: int, **changed: Any) -> dict[str, Any]:
    values = {name: getattr(GOOD, name) for name in notices.ANSWER_FIELDS} | changed
    return {
        "version": version,
        **{
            f"p{pk}-{name}": value
            for pk in notice.problems.values_list("pk", flat=True)
            for name, value in values.items()
        },
    }


def test_one_notice_through_all_its_pages(cast: Cast, published: Published) -> None:
    pk = published.notice.pk
    draft = get(cast.officer, "notice-detail", pk)
    assert "关于配电运检党支部限期整改有关问题的通知" in text(draft)
    assert "6月固定日为9日" in text(draft)
    assert "低于60%" in text(draft)
    assert "今天签发：7月7日(周五)前签收，7月12日(周三)前整改" in text(draft)
    assert post(cast.officer, "notice-check", pk, version=1).status_code == 302
    checked = text(get(cast.leader, "notice-detail", pk))
    assert f"{cast.officer}7月5日 09:00核稿。" in checked
    assert "通知书待签发" in checked
    refused = post(cast.leader, "notice-send-back", pk, remark=" ")
    assert refused.status_code == 400
    assert "请写明哪里要改" in text(refused)
    assert post(cast.leader, "notice-send-back", pk, remark="写明改期原因").status_code == 302
    assert "写明改期原因" in text(get(cast.officer, "notice-detail", pk))
    assert post(cast.officer, "notice-check", pk, version=3).status_code == 302
    assert post(cast.leader, "notice-issue", pk, version=4).status_code == 302

    served = get(cast.secretary_a, "notice-detail", pk)
    assert "泉电党整〔2017〕1号" in text(served)
    assert "2017年7月12日" in text(served)
    assert "请签收" in text(served)
    assert post(cast.secretary_a, "notice-acknowledge", pk).status_code == 302

    published.notice.refresh_from_db()
    sent = post(
        cast.deputy_a,
        "notice-respond",
        pk,
        **typed(published.notice, published.notice.version, done_on="2017-07-04"),
    )
    assert sent.status_code == 302
    review = get(cast.officer, "notice-detail", pk)
    assert "已报整改，待审核" in text(review)
    assert GOOD.measure in text(review)

    refused = post(cast.officer, "notice-return", pk, **{"return-reason": ""})
    assert refused.status_code == 400
    assert "请写明哪里没有改到位" in text(refused)
    back = post(
        cast.officer,
        "notice-return",
        pk,
        **{"return-reason": "没有会议记录", "return-due_on": "2017-07-14"},
    )
    assert back.status_code == 302
    again = get(cast.secretary_a, "notice-detail", pk)
    assert "没有会议记录" in text(again)
    assert "7月14日前报整改情况" in text(again)
    assert GOOD.measure in text(again)  # the answer is there to be mended
    published.notice.refresh_from_db()
    post(
        cast.secretary_a,
        "notice-respond",
        pk,
        **typed(published.notice, published.notice.version, result="记录已补"),
    )
    assert post(cast.officer, "notice-accept", pk, note="现场看过").status_code == 302
    closed = get(cast.secretary_a, "notice-detail", pk)
    assert "已办结" in text(closed)
    assert "现场看过" in text(closed)


def test_the_page_says_who_may_sign_and_asks_before_it_signs(
    cast: Cast, published: Published
) -> None:
    drafted = text(get(cast.officer, "notice-detail", published.notice.pk))
    assert "也可以核稿并签发" in drafted
    assert "确认核稿并签发" in drafted
    put(published.notice, "checked")
    checked = text(get(cast.leader, "notice-detail", published.notice.pk))
    assert "签发后编号并送达支部，文字不能再改，只能撤回、编号作废。" in checked
    assert "确认签发" in checked


def test_timelines_go_by_moment_the_latest_first() -> None:
    due = Event(dt.date(2017, 7, 13), "整改期限")
    signed = Event(at(7, 18), "签收")
    look_back = Event(dt.date(2017, 7, 20), "回头看期限")
    issued = Event(at(7, 13, 9), "签发")
    assert newest_first([look_back, due, signed, issued]) == [look_back, signed, due, issued]


def test_a_notice_and_a_finding_tell_their_story_by_moment(
    cast: Cast, published: Published
) -> None:
    put(published.notice, "issued")
    put(published.notice, "acknowledged")
    late = at(7, 30).date()
    shown = notice_page(published.notice, cast.officer, late).events
    assert list(shown) == newest_first(shown)
    assert "（已过）" in "".join(str(event.text) for event in shown)


def test_second_press_of_issue_says_the_state_and_shows_the_page(
    cast: Cast, published: Published
) -> None:
    client = signed_in(cast.officer)
    url = page("notice-check-and-issue", published.notice.pk)
    assert client.post(url, {"version": 1}).status_code == 302
    second = client.post(url, {"version": 1})
    assert second.status_code == 409
    assert "现在是“待签收”，不能核稿。" in text(second)
    assert "泉电党整〔2017〕1号" in text(second)
    assert NumberSequence.objects.get().last_number == 1


def test_signing_a_draft_somebody_changed_shows_the_new_text(
    cast: Cast, published: Published
) -> None:
    problem = published.problems[0]
    post(
        cast.leader, "notice-edit-problem", published.notice.pk, problem.pk, facts="改写", version=1
    )
    refused = post(cast.officer, "notice-check-and-issue", published.notice.pk, version=1)
    assert refused.status_code == 409
    assert "另一位同志刚改过" in text(refused)
    assert "改写" in text(refused)
    assert not NumberSequence.objects.exists()


def test_rewording_keeps_what_was_typed_when_it_is_refused(
    cast: Cast, published: Published
) -> None:
    pk, problem = published.notice.pk, published.problems[0]
    empty = post(cast.officer, "notice-edit-problem", pk, problem.pk, facts=" ", version=1)
    assert empty.status_code == 400
    assert "请写明事实" in text(empty)
    post(cast.leader, "notice-edit-problem", pk, problem.pk, facts="书记的说法", version=1)
    late = post(cast.officer, "notice-edit-problem", pk, problem.pk, facts="专责的说法", version=1)
    assert late.status_code == 409
    assert "专责的说法" in text(late)
    assert "书记的说法" in text(late)
    assert 'name="version" value="2"' in text(late)
    other = published.office_notice.problems.get()
    strange = post(cast.officer, "notice-edit-problem", pk, other.pk, facts="x", version=1)
    assert strange.status_code == 404


def test_incomplete_answer_names_each_field_and_keeps_what_was_typed(
    cast: Cast, published: Published
) -> None:
    put(published.notice, "acknowledged")
    response = post(
        cast.secretary_a,
        "notice-respond",
        published.notice.pk,
        **typed(published.notice, 1, measure="", result="刚写了一半", done_on="2017-07-06"),
    )
    assert response.status_code == 400
    body = text(response)
    assert body.count("请写明整改措施。") == 2
    assert "完成时间不能晚于今天" in body
    assert body.count("刚写了一半") == 2
    assert 'value="2017-07-06"' in body
    published.notice.refresh_from_db()
    assert published.notice.status == "acknowledged"


@pytest.mark.parametrize("day", ["明天", "2017-13-40", "0000-00-00"])
def test_bad_date_is_refused_beside_its_field(cast: Cast, published: Published, day: str) -> None:
    put(published.notice, "acknowledged")
    response = post(
        cast.secretary_a,
        "notice-respond",
        published.notice.pk,
        **typed(published.notice, 1, done_on=day, cause="因为抢修"),
    )
    assert response.status_code == 400
    assert "field-error" in text(response)
    assert text(response).count("因为抢修") == 2
    assert day in text(response)


def test_a_day_before_the_visit_is_refused_beside_its_field(
    cast: Cast, published: Published
) -> None:
    put(published.notice, "acknowledged")
    data = typed(published.notice, 1, done_on="2017-06-01")
    response = post(cast.secretary_a, "notice-respond", published.notice.pk, **data)
    assert response.status_code == 400
    assert "完成时间不能早于检查当天（6月28日）。" in text(response)


@pytest.mark.parametrize("version", ["", "abc", "-1", "9" * 40])
def test_broken_version_is_no_server_error(cast: Cast, published: Published, version: str) -> None:
    put(published.notice, "acknowledged")
    for name in ("notice-respond", "notice-save-answers"):
        data = typed(published.notice, 1) | {"version": version}
        assert post(cast.secretary_a, name, published.notice.pk, **data).status_code in {400, 409}
    put(published.notice, "draft")
    for name in ("notice-check", "notice-check-and-issue", "notice-issue"):
        response = post(cast.officer, name, published.notice.pk, version=version)
        assert response.status_code in {400, 409}


def test_typing_is_saved_by_itself_and_by_the_button(cast: Cast, published: Published) -> None:
    put(published.notice, "acknowledged")
    pk = published.notice.pk
    data = typed(published.notice, 1, measure="写到一半", result="", done_on="")
    saved = post(cast.secretary_a, "notice-save-answers", pk, htmx=True, **data)
    assert saved.status_code == 200
    assert "已保存 09:00" in text(saved)
    assert 'name="version" value="2"' in text(saved)
    assert "写到一半" in text(get(cast.deputy_a, "notice-detail", pk))
    other = post(cast.deputy_a, "notice-save-answers", pk, htmx=True, **data | {"version": 1})
    assert other.status_code == 200  # the same text is no conflict
    changed = typed(published.notice, 1, measure="副书记写的")
    assert post(cast.deputy_a, "notice-save-answers", pk, htmx=True, **changed).status_code == 409
    by_button = post(cast.deputy_a, "notice-save-answers", pk, **changed | {"version": 2})
    assert by_button.status_code == 302


def test_conflict_shows_both_texts_and_lets_the_next_press_decide(
    cast: Cast, published: Published
) -> None:
    put(published.notice, "acknowledged")
    pk = published.notice.pk
    first = typed(published.notice, 1, measure="书记写的")
    post(cast.secretary_a, "notice-save-answers", pk, **first)
    second = typed(published.notice, 1, measure="副书记写的")
    refused = post(cast.deputy_a, "notice-respond", pk, **second)
    assert refused.status_code == 409
    assert "书记写的" in text(refused)
    assert "副书记写的" in text(refused)
    assert 'name="version" value="2"' in text(refused)
    assert post(cast.deputy_a, "notice-respond", pk, **second | {"version": 2}).status_code == 302
    assert published.problems[0].measure == "副书记写的"


def test_answer_pressed_twice(cast: Cast, published: Published) -> None:
    put(published.notice, "acknowledged")
    data = typed(published.notice, 1)
    assert post(cast.secretary_a, "notice-respond", published.notice.pk, **data).status_code == 302
    second = post(cast.secretary_a, "notice-respond", published.notice.pk, **data)
    assert second.status_code == 409
    assert "待审核" in text(second)
    assert NoticeEvent.objects.filter(notice=published.notice, step="respond").count() == 1


def test_who_must_stand_back_is_told_so(cast: Cast, published: Published) -> None:
    body = text(get(cast.officer, "notice-detail", published.office_notice.pk))
    assert "您须回避" in body
    assert page("notice-check", published.office_notice.pk) not in body
    assert page("notice-send-back", published.office_notice.pk) not in body
    assert "您须回避" not in text(get(cast.leader, "notice-detail", published.office_notice.pk))


# -- the door, and the admin --------------------------------------------------------------------


def test_side_bar_entry_leads_to_where_something_waits(cast: Cast, published: Published) -> None:
    def door(user: User) -> str:
        return str(get(user, "rectification")["Location"])

    assert door(cast.officer) == page("notice-list")
    assert door(cast.secretary_a) == page("finding-list")
    assert door(cast.inspector) == page("finding-list")
    notices.check_and_issue(notice_id=published.notice.pk, actor=cast.officer, now=PUBLISHED_AT)
    assert door(cast.secretary_a) == page("notice-list")
    body = text(get(cast.secretary_a, "notice-list"))
    assert 'aria-current="page"' in body


def test_admin_reads_and_never_writes(cast: Cast, published: Published) -> None:
    root = User.objects.create_superuser("root", display_name="根", password=None)
    client = signed_in(root)
    for model in ("rectificationnotice", "finding", "scoreappeal"):
        assert client.get(reverse(f"admin:evaluations_{model}_changelist")).status_code == 200
        assert client.get(reverse(f"admin:evaluations_{model}_add")).status_code == 403
    url = reverse("admin:evaluations_rectificationnotice_change", args=[published.notice.pk])
    assert client.get(url).status_code == 200
    assert client.post(url, {"status": "accepted"}).status_code == 403
    published.notice.refresh_from_db()
    assert published.notice.status == "draft"
