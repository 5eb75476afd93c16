"""The shell: navigation, counters, alarms, policy, large type."""

from __future__ import annotations

from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from portal.kernel import navigation
from portal.kernel.navigation import NavEntry
from tests.cast import Cast


@pytest.fixture
def registry(monkeypatch: pytest.MonkeyPatch) -> dict[str, NavEntry]:
    """An empty register of entries and alarms for one test."""
    entries: dict[str, NavEntry] = {}
    monkeypatch.setattr(navigation, "_entries", entries)
    monkeypatch.setattr(navigation, "_alarms", {})
    return entries


def page(client: Client, user: Any, address: str | None = None) -> HttpResponse:
    client.force_login(user)
    return client.get(address or reverse("dashboard:styleguide"))  # type: ignore[return-value]


def test_six_entries_in_order_the_rest_folded_and_only_those_allowed(
    client: Client, cast: Cast, registry: dict[str, NavEntry]
) -> None:
    for number in range(8):
        navigation.register(
            NavEntry(f"k{number}", f"第{number}项", "home", "dashboard:home", order=80 - number)
        )
    navigation.register(
        NavEntry("secret", "别人的", "lock", "dashboard:home", lambda user: False, order=0)
    )
    navigation.register(NavEntry("gone", "还没有", "lock", "nowhere:at-all", order=0))
    text = page(client, cast.employee).content.decode()
    side = text[text.index('class="side"') : text.index("</nav>")]
    shown, folded = side.split('class="side-more"')
    assert [f"第{n}项" in shown for n in range(8)] == [False, False] + [True] * 6
    assert [f"第{n}项" in folded for n in range(8)] == [True, True] + [False] * 6
    assert side.index("第7项") < side.index("第2项")
    assert "别人的" not in text
    assert "还没有" not in side


def test_a_counter_is_asked_once_and_only_where_the_side_bar_is_drawn(
    client: Client, cast: Cast, registry: dict[str, NavEntry]
) -> None:
    asked: list[int] = []

    def count(user: Any) -> int:
        asked.append(user.pk)
        return 3

    navigation.register(NavEntry("n", "整改", "tool", "dashboard:home", order=1, counter=count))
    text = page(client, cast.employee).content.decode()
    assert asked == [cast.employee.pk]
    assert "，3 件待办" in text
    client.post(reverse("accounts:large_type"), {"on": "1"})
    assert len(asked) == 1


def test_the_longest_address_is_the_current_entry(
    client: Client, cast: Cast, registry: dict[str, NavEntry]
) -> None:
    navigation.register(NavEntry("home", "首页", "home", "dashboard:home", order=1))
    navigation.register(NavEntry("guide", "样式", "book", "dashboard:styleguide", order=2))
    text = page(client, cast.employee).content.decode()
    side = text[text.index('class="side"') : text.index("</nav>")]
    assert side.count('aria-current="page"') == 1
    assert side.index('aria-current="page"') > side.index("首页")


def test_an_alarm_stands_above_every_page_until_it_is_silent(
    client: Client, cast: Cast, registry: dict[str, NavEntry]
) -> None:
    sentence = ["定时任务 40 分钟没有运行。"]
    navigation.register_alarm("sweep", lambda user: sentence[0])
    assert sentence[0] in page(client, cast.employee).content.decode()
    sentence[0] = ""
    assert "data-alarm" not in page(client, cast.employee).content.decode()


def test_nobody_sees_navigation_before_signing_in(client: Client, db: None) -> None:
    text = client.get(reverse("accounts:login")).content.decode()
    assert 'class="side"' not in text
    assert "bottombar" not in text


def test_every_page_forbids_what_is_inline_or_from_elsewhere(client: Client, cast: Cast) -> None:
    for response in (client.get(reverse("accounts:login")), page(client, cast.employee)):
        policy = response.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        script = next(p for p in policy.split("; ") if p.startswith("script-src"))
        assert all(s == "'self'" or s.startswith("'nonce-") for s in script.split()[1:])


def test_the_bell_says_how_many_are_unread(
    client: Client, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        navigation, "_inbox", [navigation.Inbox("dashboard:home", lambda user: 120)]
    )
    text = page(client, cast.employee).content.decode()
    assert "99+" in text
    assert "消息，120 条未读" in text


def test_large_type_is_kept_with_the_account(client: Client, cast: Cast) -> None:
    client.force_login(cast.employee)
    answer = client.post(
        reverse("accounts:large_type"), {"on": "1", "next": reverse("dashboard:styleguide")}
    )
    assert answer.headers["Location"] == reverse("dashboard:styleguide")
    assert 'class="large-type"' in page(client, cast.employee).content.decode()
    cast.employee.refresh_from_db()
    assert cast.employee.large_type
    client.post(reverse("accounts:large_type"), {"on": "0"})
    assert 'class="large-type"' not in page(client, cast.employee).content.decode()


@pytest.mark.parametrize("target", ["0", "on", "🙂", "rounds", "//elsewhere.example/", "\0"])
def test_large_type_leads_nowhere_but_to_a_path_of_ours(
    client: Client, cast: Cast, target: str
) -> None:
    client.force_login(cast.employee)
    answer = client.post(reverse("accounts:large_type"), {"on": "1", "next": target})
    assert answer.headers["Location"] == "/"


def test_large_type_holds_before_signing_in_too(client: Client, db: None) -> None:
    login = reverse("accounts:login")
    client.post(reverse("accounts:large_type"), {"on": "1", "next": login})
    assert 'class="large-type"' in client.get(login).content.decode()
