"""The pages of rubrics: reading for everybody, drafting for the top committee's officers."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from evaluations.models import Rubric, RubricVersion
from evaluations.rubric_content import RuleContent
from evaluations.services.rounds import open_round, set_policy
from evaluations.services.rubrics import activate_version, content_of, draft_version
from tests.cast import Cast
from tests.rubrics.conftest import JANUARY, JULY, NOW

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


@pytest.fixture
def draft(cast: Cast, first: RubricVersion) -> RubricVersion:
    return draft_version(rubric=first.rubric, first_month=JULY, actor=cast.officer, now=NOW)


@pytest.fixture
def officer(cast: Cast, client: Client) -> Client:
    client.force_login(cast.officer)
    return client


def url(name: str, *args: Any) -> str:
    return reverse(f"evaluations:rubric-{name}", args=args)


def page(client: Client, address: str, **more: Any) -> str:
    response = client.get(address, **more)
    assert response.status_code == 200
    return response.content.decode()


READING: list[Callable[[RubricVersion], str]] = [
    lambda version: url("list"),
    lambda version: url("version", version.pk),
    lambda version: url("difference", version.pk),
    lambda version: url("workbook", version.pk),
]
EDITING: list[Callable[[RubricVersion], str]] = [
    lambda version: url("edit", version.pk),
    lambda version: url("item", version.pk, "A1"),
    lambda version: url("item-new", version.pk) + "?section=A",
    lambda version: url("section", version.pk, "A"),
    lambda version: url("section-new", version.pk),
    lambda version: url("frame", version.pk),
    lambda version: url("activate", version.pk),
    lambda version: url("withdraw", version.pk),
    lambda version: url("import", version.rubric_id),
]
POSTING: list[Callable[[RubricVersion], str]] = [
    lambda version: url("draft", version.rubric_id),
    lambda version: url("date", version.pk),
    lambda version: url("item", version.pk, "A1"),
    lambda version: url("item-remove", version.pk, "A1"),
    lambda version: url("section", version.pk, "A"),
    lambda version: url("section-remove", version.pk, "A"),
    lambda version: url("frame", version.pk),
    lambda version: url("activate", version.pk),
    lambda version: url("withdraw", version.pk),
    lambda version: url("discard", version.pk),
    lambda version: url("import", version.rubric_id),
    lambda version: url("import-preview", version.rubric_id),
]


# -- who ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("address", [*READING, *EDITING])
def test_nobody_reads_without_signing_in(
    client: Client, draft: RubricVersion, address: Callable[[RubricVersion], str]
) -> None:
    response = client.get(address(draft))
    assert response.status_code == 302
    assert response["Location"].startswith(reverse("accounts:login"))


@pytest.mark.parametrize("address", READING)
@pytest.mark.parametrize("who", ["employee", "secretary_a", "officer_elsewhere", "auditor"])
def test_everybody_reads_versions_in_force(
    cast: Cast,
    client: Client,
    first: RubricVersion,
    address: Callable[[RubricVersion], str],
    who: str,
) -> None:
    client.force_login(cast.users[who])
    assert client.get(address(first)).status_code == 200


@pytest.mark.parametrize("who", ["employee", "secretary_a", "leader", "officer_elsewhere"])
def test_a_draft_does_not_exist_for_readers(
    cast: Cast, client: Client, draft: RubricVersion, who: str
) -> None:
    client.force_login(cast.users[who])
    for address in READING[1:]:
        assert client.get(address(draft)).status_code == 404
    assert "草稿" not in page(client, url("list"))
    other = f"{url('difference', draft.rubric.versions.get(number=1).pk)}?with={draft.pk}"
    assert client.get(other).status_code == 404


@pytest.mark.parametrize("who", ["employee", "secretary_a", "leader", "officer_elsewhere"])
def test_readers_neither_see_nor_press_the_drafting_pages(
    cast: Cast, client: Client, draft: RubricVersion, who: str
) -> None:
    client.force_login(cast.users[who])
    for address in EDITING:
        assert client.get(address(draft)).status_code == 403
    for address in POSTING:
        assert client.post(address(draft)).status_code == 403
    assert RubricVersion.objects.filter(pk=draft.pk, status="draft").exists()


# -- reading ------------------------------------------------------------------------------------


def test_the_shelf_names_every_rubric(cast: Cast, client: Client, first: RubricVersion) -> None:
    client.force_login(cast.employee)
    text = page(client, url("list"))
    assert "2017年6月执行 5 套细则" in text
    for rubric in Rubric.objects.all():
        assert rubric.name in text
    assert "起草新版" not in text


def test_an_empty_shelf_says_so(cast: Cast, client: Client) -> None:
    client.force_login(cast.employee)
    assert "还没有考评细则" in page(client, url("list"))


def test_a_version_shows_every_item_with_its_rules(
    cast: Cast, client: Client, first: RubricVersion
) -> None:
    client.force_login(cast.secretary_a)
    text = page(client, url("version", first.pk))
    assert "27 个项目，满分 100 分，重点工作占 46 分" in text
    for item in content_of(first).items:
        assert f'id="{item.code}"' in text
        assert item.name in text
        for rule in item.rules:
            assert rule.text in text
    for words in ("V4", "总分封顶60分，涉及项目计0分", "合计最多加 5 分", "较好", "不涉及不扣分"):
        assert words in text


def test_a_code_leads_to_its_item_and_words_are_searched(
    cast: Cast, client: Client, first: RubricVersion
) -> None:
    client.force_login(cast.employee)
    address = url("version", first.pk)
    response = client.get(address, {"q": "d1"})
    assert response.status_code == 302
    assert response["Location"] == f"{address}#D1"
    text = page(client, address, data={"q": "出席率低于60%"})
    assert "有 1 个" in text
    assert 'id="B4"' in text
    assert 'id="A1"' not in text
    assert "没有这样的项目" in page(client, address, data={"q": "<script>"})


def test_the_version_in_force_has_a_lasting_address(
    cast: Cast, client: Client, first: RubricVersion
) -> None:
    client.force_login(cast.employee)
    assert client.get(url("in-force", "PROD"))["Location"] == url("version", first.pk)
    assert client.get(url("in-force", "NONE")).status_code == 404


def test_the_difference_is_in_words(officer: Client, cast: Cast, first: RubricVersion) -> None:
    content = content_of(first)
    version = draft_version(
        rubric=first.rubric, first_month=JULY, actor=cast.officer, now=NOW, content=content
    )
    assert "内容相同" in page(officer, url("difference", version.pk))
    version.items.filter(code="A1").update(full_marks="5")
    text = page(officer, url("difference", version.pk))
    assert "第2版比第1版有 1 处不同" in text
    assert "A1 满分由 4 改为 5" in text
    assert "这是第一个版本" in page(officer, url("difference", first.pk))


def test_pages_take_as_many_queries_for_a_long_rubric_as_for_a_short_one(
    officer: Client, rubrics: dict[str, Rubric], django_assert_max_num_queries: Any
) -> None:
    for code in ("SEC_FULL", "PROD"):
        version = rubrics[code].versions.get()
        for name in ("version", "difference", "workbook"):
            with django_assert_max_num_queries(26):
                officer.get(url(name, version.pk))
    with django_assert_max_num_queries(18):
        officer.get(url("list"))


# -- drafting -----------------------------------------------------------------------------------


def form_of(text: str, part: str = "piece-form") -> dict[str, Any]:
    """The fields of the first form after ``part``, as a browser would send them."""
    found: dict[str, Any] = {}
    text = text[text.index(part) :]
    text = text[: text.index("</form>")]
    for tag in re.findall(r"<(?:input|textarea|select|option)[^>]*>[^<]*", text):
        name = re.search(r'\bname="([^"]*)"', tag)
        value = re.search(r'\bvalue="([^"]*)"', tag)
        if tag.startswith("<select") and name:
            last = name[1]
        elif tag.startswith("<option"):
            if " selected" in tag and value:
                found[last] = value[1]
        elif tag.startswith("<textarea") and name:
            found[name[1]] = tag.partition(">")[2].strip()
        elif name and ('type="checkbox"' not in tag or " checked" in tag):
            empty = "on" if 'type="checkbox"' in tag else ""
            found.setdefault(name[1], []).append(value[1] if value else empty)
    return found


def test_a_draft_is_started_with_one_press(officer: Client, first: RubricVersion) -> None:
    response = officer.post(url("draft", first.rubric_id))
    version = first.rubric.versions.get(number=2)
    assert response["Location"] == url("edit", version.pk)
    assert version.month == JULY
    text = page(officer, url("edit", version.pk))
    assert "合计相符，可从2017年7月起生效" in text


def test_an_item_is_edited_without_scripts(officer: Client, draft: RubricVersion) -> None:
    address = url("item", draft.pk, "A1")
    text = page(officer, address)
    assert "hx-post" not in text.split('class="piece-form"')[1]  # there is no slot to answer into
    form = form_of(text)
    assert form["code"] == ["A1"]
    form |= {
        "full_marks": "３．５",
        "rules-3-text": "走过场",
        "rules-3-unit": "每次",
        "rules-3-points": "0.3",
    }
    response = officer.post(address, form)
    assert response.status_code == 302
    assert response["Location"] == f"{url('edit', draft.pk)}#A1"
    item = content_of(draft).item("A1")
    assert item is not None
    assert str(item.full_marks) == "3.50"
    assert item.rules[-1] == RuleContent("走过场", "每次", item.rules[-1].points)
    assert item.is_key_work
    text = page(officer, url("edit", draft.pk))
    assert "少 0.5 分" in text
    assert "A类“政治建设与理论学习”满分12分，项目合计11.5分，少0.5分。" in text
    assert url("activate", draft.pk) not in text


def test_an_item_is_edited_in_place_and_the_sums_follow(
    officer: Client, draft: RubricVersion
) -> None:
    address = url("item", draft.pk, "A1")
    fragment = page(officer, address, headers={"HX-Request": "true"})
    assert "<html" not in fragment
    assert 'hx-target="closest .rubric-slot"' in fragment
    form = form_of(fragment) | {"full_marks": "5"}
    response = officer.post(address, form, headers={"HX-Request": "true"})
    text = response.content.decode()
    assert response["HX-Retarget"] == "#rubric-sections"
    assert 'id="rubric-sums" hx-swap-oob="true"' in text
    assert "多 1 分" in text
    assert 'id="rubric-head" hx-swap-oob="true"' in text
    assert re.search(r"<h1>还有 \d 处要改，才能生效</h1>", text)
    assert "<html" not in text


@pytest.mark.parametrize(
    ("change", "beside"),
    [
        ({"full_marks": "很多"}, "请填数字，例如 1.5"),
        ({"full_marks": "1"}, "一次扣2分，超过满分1分；请改为扣满分。"),
        ({"rules-0-points": ""}, "须写每单位扣几分，或选扣满分。"),
        ({"rules-0-takes_all": "on"}, "已选扣满分，不要再写分值。"),
        ({"code": "B7"}, "项目编号“B7”与所在类别“A”不符。"),
        ({"code": "A2"}, "项目编号“A2”已经有了。"),
        ({"seen": "old"}, "A1刚被别人改过，没有覆盖。"),
    ],
)
def test_what_does_not_fit_is_said_and_what_was_typed_is_kept(
    officer: Client, draft: RubricVersion, change: dict[str, str], beside: str
) -> None:
    address = url("item", draft.pk, "A1")
    before = content_of(draft)
    form = form_of(page(officer, address)) | {"name": "改过的名称"} | change
    response = officer.post(address, form)
    text = response.content.decode()
    assert response.status_code in {400, 409}
    assert beside in text
    assert "改过的名称" in text
    assert content_of(draft) == before


def test_rules_are_removed_and_rows_added(officer: Client, draft: RubricVersion) -> None:
    address = url("item", draft.pk, "A1")
    form = form_of(page(officer, address))
    more = officer.post(address, form | {"more": "1"})
    assert more.status_code == 200
    assert "rules-6-text" in more.content.decode()
    officer.post(address, form | {"rules-1-DELETE": "on"})
    item = content_of(draft).item("A1")
    assert item is not None
    assert [rule.text for rule in item.rules] == ["未传达", "只有传达没有落实措施"]


def test_items_and_sections_come_and_go(officer: Client, draft: RubricVersion) -> None:
    address = url("item-new", draft.pk) + "?section=H"
    form = form_of(page(officer, address))
    assert form["code"] == ["H3"]
    form |= {"name": "读书", "full_marks": "1", "standard": "每季读一本", "frequency": "Q"}
    form |= {"rules-0-text": "未读", "rules-0-unit": "次", "rules-0-takes_all": "on"}
    assert officer.post(address, form).status_code == 302
    item = content_of(draft).item("H3")
    assert item is not None
    assert item.rules[0].takes_all
    seen = form_of(page(officer, url("item", draft.pk, "H3")))["seen"]
    officer.post(url("item-remove", draft.pk, "H3"), {"seen": seen})
    assert content_of(draft).item("H3") is None

    assert "hx-post" not in page(officer, url("section-new", draft.pk)).split("piece-form")[1]
    officer.post(url("section-new", draft.pk), {"code": "I", "name": "其他", "full_marks": "2"})
    section = content_of(draft).section("I")
    assert section is not None
    form = form_of(page(officer, url("section", draft.pk, "I")))
    officer.post(url("section", draft.pk, "I"), form | {"name": "另外"})
    assert content_of(draft).sections[-1].name == "另外"
    seen = form_of(page(officer, url("section", draft.pk, "I")))["seen"]
    officer.post(url("section-remove", draft.pk, "I"), {"seen": seen})
    assert content_of(draft).section("I") is None
    full = officer.post(url("section-remove", draft.pk, "H"), {"seen": "x"})
    assert full.status_code == 409


def test_the_frame_is_edited(officer: Client, draft: RubricVersion) -> None:
    address = url("frame", draft.pk)
    form = form_of(page(officer, address), 'class="stack"')
    assert form["band-0-name"] == ["好"]
    response = officer.post(address, form | {"bonus_cap": "1"})
    assert response.status_code == 400
    assert "加2分，超过加分上限1分。" in response.content.decode()
    form |= {
        "bonus_cap": "4",
        "veto-4-DELETE": "on",
        "band-0-name": "优",
        "not_due_policy": "scale",
    }
    assert officer.post(address, form).status_code == 302
    content = content_of(RubricVersion.objects.get(pk=draft.pk))
    assert str(content.bonus_cap) == "4.00"
    assert [veto.code for veto in content.veto_rules] == ["V1", "V2", "V3", "V4"]
    assert content.bands[0].name == "优"
    assert content.not_due_policy == "scale"


def test_activation_shows_the_difference_first(
    officer: Client, cast: Cast, draft: RubricVersion
) -> None:
    draft.items.filter(code="A1").update(full_marks="3.5")
    draft.items.filter(code="A2").update(full_marks="3.5")
    address = url("activate", draft.pk)
    text = page(officer, address)
    assert "2017年7月起改 2 处" in text
    assert "A1 满分由 4 改为 3.5" in text
    assert officer.post(address).status_code == 302
    draft.refresh_from_db()
    assert draft.status == "active"
    assert officer.post(address).status_code == 409
    assert officer.get(address)["Location"] == url("version", draft.pk)


def test_a_draft_that_changes_nothing_offers_no_button_that_puts_it_in_force(
    officer: Client, draft: RubricVersion
) -> None:
    text = page(officer, url("activate", draft.pk))
    assert "与第1版内容相同" in text
    assert "确认生效" not in text


def test_a_draft_promises_no_month_whose_round_has_opened(
    officer: Client, cast: Cast, draft: RubricVersion
) -> None:
    draft.items.filter(code="A1").update(full_marks="3.5")
    draft.items.filter(code="A2").update(full_marks="3.5")
    set_policy(committee=cast.city, first_month=JANUARY, values={}, actor=None, now=NOW)
    open_round(committee=cast.city, month=JULY, actor=cast.officer, now=NOW)
    for address in (url("edit", draft.pk), url("activate", draft.pk)):
        text = page(officer, address)
        assert "2017年7月的轮次已经开启，新细则最早从2017年8月起生效。" in text
        assert "可从2017年7月起生效" not in text
        assert "确认生效" not in text


def test_a_rubric_that_sums_to_99_does_not_take_effect(
    officer: Client, draft: RubricVersion
) -> None:
    draft.items.filter(code="D1").update(full_marks="7")
    response = officer.post(url("activate", draft.pk))
    assert response.status_code == 400
    assert "D类“安全生产先锋”满分22分，项目合计21分，少1分。" in response.content.decode()
    draft.refresh_from_db()
    assert draft.status == "draft"


def test_a_month_whose_round_is_open_is_refused_beside_the_field(
    officer: Client, cast: Cast, draft: RubricVersion
) -> None:
    set_policy(committee=cast.city, first_month=JANUARY, values={}, actor=None, now=NOW)
    open_round(committee=cast.city, month=cast.month, actor=cast.officer, now=NOW)
    response = officer.post(url("date", draft.pk), {"first_month": "2017-06", "note": "急"})
    assert response.status_code == 400
    assert "2017年6月的轮次已经开启，新细则最早从2017年7月起生效。" in response.content.decode()
    officer.post(url("date", draft.pk), {"first_month": "2017-09", "note": "听取意见"})
    draft.refresh_from_db()
    assert (str(draft.month), draft.note) == ("2017-09", "听取意见")


def test_withdrawing_and_discarding(officer: Client, cast: Cast, draft: RubricVersion) -> None:
    activate_version(version=draft, actor=cast.officer, now=NOW)
    address = url("withdraw", draft.pk)
    assert officer.post(address, {"reason": ""}).status_code == 400
    assert officer.post(address, {"reason": "分值有误"})["Location"] == url("edit", draft.pk)
    assert officer.post(url("discard", draft.pk))["Location"] == url("list")
    assert not RubricVersion.objects.filter(pk=draft.pk).exists()


def test_a_version_in_force_is_not_edited_by_any_page(
    officer: Client, cast: Cast, first: RubricVersion
) -> None:
    before = content_of(first)
    form = {"code": "A", "name": "改名", "full_marks": "12", "seen": ""}
    assert officer.get(url("edit", first.pk))["Location"] == url("version", first.pk)
    assert officer.post(url("section", first.pk, "A"), form).status_code == 409
    assert officer.post(url("item-remove", first.pk, "A1"), {"seen": ""}).status_code == 409
    assert officer.post(url("discard", first.pk)).status_code == 409
    assert content_of(first) == before
