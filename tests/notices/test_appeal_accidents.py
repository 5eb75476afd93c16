"""Appeals when things go wrong: two at once, a second press, a session that ends, a wrong role."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from django.urls import reverse
from playwright.sync_api import expect

from branches.models import Person
from evaluations.models import Deduction, ScoreAppeal, TeamMember
from evaluations.services import appeals
from tests.cast import Cast
from tests.conftest import sign_in
from tests.notices.scene import Provisional, at

if TYPE_CHECKING:
    import time_machine

    from tests.conftest import Pages

IN_TIME = at(7, 3)


@pytest.fixture
def appeal(cast: Cast, provisional: Provisional, on: time_machine.Traveller) -> ScoreAppeal:
    on.move_to(IN_TIME)
    return appeals.file_appeal(
        deduction_id=provisional.breaches.pk, text="一人系好了", actor=cast.secretary_a, now=IN_TIME
    )


def send(user: Any, name: str, pk: int, **typed: str) -> Any:
    client = Client()
    client.force_login(user)
    return client.post(reverse(f"evaluations:{name}", args=[pk]), typed)


@pytest.mark.parametrize("step", ["uphold", "reject"])
def test_who_decides_second_is_told_and_gets_his_words_back(
    cast: Cast, appeal: ScoreAppeal, step: str
) -> None:
    first = send(cast.leader, "appeal-reject", appeal.pk, **{"reject-decision": "照片看得清"})
    assert first.status_code == 302
    typed = {f"{step}-decision": "我看是一人，证据在附件", "uphold-count_after": "1"}
    page = send(cast.officer, f"appeal-{step}", appeal.pk, **typed)
    assert page.status_code == 409
    text = page.content.decode()
    assert "我看是一人，证据在附件" in text
    assert "照片看得清" in text
    appeal.refresh_from_db()
    assert (appeal.status, appeal.decision) == ("rejected", "照片看得清")


def test_pressed_twice_it_is_decided_once(cast: Cast, appeal: ScoreAppeal) -> None:
    typed = {"uphold-decision": "一人系好了，属实", "uphold-count_after": "1"}
    assert send(cast.officer, "appeal-uphold", appeal.pk, **typed).status_code == 302
    assert send(cast.officer, "appeal-uphold", appeal.pk, **typed).status_code == 409
    assert Deduction.objects.get(pk=appeal.deduction_id).count == 1


@pytest.mark.parametrize(
    "name", ["appeal-uphold", "appeal-reject", "appeal-second-team", "appeal-recall"]
)
def test_no_wrong_role_takes_any_step(
    cast: Cast, provisional: Provisional, appeal: ScoreAppeal, name: str
) -> None:
    """Nobody but who oversees the committee; and of its own branch not even the officers."""
    prefix = {"appeal-second-team": "second"}.get(name, name.removeprefix("appeal-"))
    typed = {f"{prefix}-{field}": "x" for field in ("decision", "reason")}
    for role, user in cast.users.items():
        if role not in {"officer", "leader"}:
            assert send(user, name, appeal.pk, **typed).status_code in {403, 404}, role
    own = appeals.file_appeal(
        deduction_id=provisional.office_line.pk,
        text="6月12日已传达",
        actor=cast.secretary_of(cast.office_three),
        now=IN_TIME,
    )
    assert send(cast.officer, name, own.pk, **typed).status_code in {403, 404, 409}
    own.refresh_from_db()
    appeal.refresh_from_db()
    assert (own.status, appeal.status) == ("filed", "filed")


@pytest.mark.parametrize(
    ("name", "typed", "said"),
    [
        ("appeal-uphold", {"uphold-count_after": str(2**63), "uphold-decision": "x"}, "次数须少于"),
        ("appeal-uphold", {"uphold-count_after": "-1", "uphold-decision": "x"}, "次数须少于"),
        ("appeal-uphold", {"uphold-count_after": "٣", "uphold-decision": "x"}, "次数须少于"),
        ("appeal-uphold", {"uphold-count_after": "1", "uphold-decision": "字" * 501}, "500"),
        ("appeal-reject", {"reject-decision": "x\x00y"}, "空字符"),
        ("appeal-reject", {"reject-decision": ""}, "请写明复核意见"),
    ],
)
def test_what_does_not_fit_is_said_beside_the_field(
    cast: Cast, appeal: ScoreAppeal, name: str, typed: dict[str, str], said: str
) -> None:
    page = send(cast.officer, name, appeal.pk, **typed)
    assert page.status_code == 400
    assert said in page.content.decode()
    appeal.refresh_from_db()
    assert appeal.status == "filed"


@pytest.mark.django_db(transaction=True)
def test_a_decision_outlives_the_session_it_was_typed_in(
    cast: Cast, appeal: ScoreAppeal, on: time_machine.Traveller, new_page: Pages
) -> None:
    address = reverse("evaluations:appeal-detail", args=[appeal.pk])
    page = new_page(1440, 900)
    sign_in(page, cast.officer)
    page.goto(address)
    page.get_by_text("事实属实，维持原扣分").click()
    page.locator("[name=reject-decision]").fill("核对了现场照片，两人都没有系")
    cookies = page.context.cookies()
    page.context.clear_cookies(name=next(c["name"] for c in cookies if "session" in c["name"]))
    page.get_by_role("button", name="维持原扣分").click()
    expect(page.get_by_role("button", name="登录")).to_be_visible()
    assert parse_qs(urlsplit(page.url).query)["next"] == [address]
    sign_in(page, cast.officer)
    page.goto(page.url)
    expect(page.locator("[name=reject-decision]")).to_be_visible()
    expect(page.locator("[name=reject-decision]")).to_have_value("核对了现场照片，两人都没有系")
    page.get_by_role("button", name="维持原扣分").click()
    expect(page.get_by_text("核对了现场照片，两人都没有系")).to_be_visible()
    page.go_back()
    page.reload()
    expect(page.locator("[name=reject-decision]")).to_have_count(0)
    appeal.refresh_from_db()
    assert appeal.status == "rejected"


@pytest.mark.parametrize(
    "name", ["appeal-uphold", "appeal-reject", "appeal-second-team", "appeal-recall"]
)
def test_who_took_the_marks_does_not_judge_them(cast: Cast, appeal: ScoreAppeal, name: str) -> None:
    """An officer who was sent out with the team reads the appeal; another decides it."""
    TeamMember.objects.create(
        team=appeal.deduction.inspection.team, person=Person.objects.get(user=cast.officer)
    )
    prefix = {"appeal-second-team": "second"}.get(name, name.removeprefix("appeal-"))
    typed = {f"{prefix}-{field}": "属实" for field in ("decision", "reason")}
    assert send(cast.officer, name, appeal.pk, **typed).status_code == 403
    appeal.refresh_from_db()
    assert appeal.status == "filed"

    client = Client()
    client.force_login(cast.officer)
    page = client.get(reverse("evaluations:appeal-detail", args=[appeal.pk])).content.decode()
    assert "您所在检查组扣的分" in page
    assert "uphold-decision" not in page
    leads = send(cast.leader, "appeal-reject", appeal.pk, **{"reject-decision": "照片看得清"})
    assert leads.status_code == 302
