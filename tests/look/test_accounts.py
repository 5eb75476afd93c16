"""Signing in and out, locking out, the first password, the idle session."""

from __future__ import annotations

import datetime as dt
import re

import pytest
import time_machine
from axes.models import AccessLog
from django.apps import apps
from django.test import Client, override_settings
from django.urls import reverse

from portal.accounts import guide as guides
from tests.cast import Cast

LOGIN = "/account/sign-in/"
PASSWORD = "a-long-enough-pass"  # gitleaks:allow


@pytest.fixture
def secretary(cast: Cast) -> Cast:
    cast.secretary_a.set_password(PASSWORD)
    cast.secretary_a.save()
    return cast


def sign_in(client: Client, cast: Cast, password: str = PASSWORD, **more: str) -> object:
    return client.post(LOGIN, {"username": cast.secretary_a.username, "password": password, **more})


def is_signed_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def test_a_page_asks_to_sign_in_and_is_shown_afterwards(client: Client, secretary: Cast) -> None:
    wanted = reverse("dashboard:styleguide") + "?page=2"
    asked = client.get(wanted)
    assert asked.status_code == 302
    form = client.get(asked.headers["Location"]).content.decode()
    hidden = re.search(r'name="next" value="([^"]+)"', form[form.index("<main") :])
    assert hidden is not None
    answer = client.post(
        LOGIN,
        {
            "username": secretary.secretary_a.username,
            "password": PASSWORD,
            "next": hidden[1].replace("&amp;", "&"),
        },
    )
    assert answer.headers["Location"] == wanted


def test_nobody_keeps_a_list_of_who_came_in_when(client: Client, secretary: Cast) -> None:
    sign_in(client, secretary)
    assert is_signed_in(client)
    assert not AccessLog.objects.exists()


def test_next_never_leads_to_a_strange_house(client: Client, secretary: Cast) -> None:
    answer = client.post(
        LOGIN,
        {
            "username": secretary.secretary_a.username,
            "password": PASSWORD,
            "next": "https://example.org/",
        },
    )
    assert answer.headers["Location"] == "/"


def test_a_wrong_name_and_a_wrong_password_sound_alike(client: Client, secretary: Cast) -> None:
    wrong = "账号或密码不对"
    by_password = client.post(
        LOGIN, {"username": secretary.secretary_a.username, "password": "no-such-pass"}
    )
    by_name = client.post(LOGIN, {"username": "nobody-here", "password": PASSWORD})
    secretary.secretary_a.is_active = False
    secretary.secretary_a.save()
    closed = client.post(LOGIN, {"username": secretary.secretary_a.username, "password": PASSWORD})
    for answer in (by_password, by_name, closed):
        assert answer.status_code == 200
        assert wrong in answer.content.decode()
        assert not is_signed_in(client)


@override_settings(AXES_ENABLED=True)
def test_the_sixth_guess_is_not_even_looked_at(client: Client, secretary: Cast) -> None:
    name = secretary.secretary_a.username
    for _ in range(5):
        client.post(LOGIN, {"username": name, "password": "no-such-pass"})
    locked = client.post(LOGIN, {"username": name, "password": PASSWORD})
    assert locked.status_code == 429
    assert "15 分钟后再试" in locked.content.decode()
    assert not is_signed_in(client)


def test_signing_out_takes_a_post(client: Client, secretary: Cast) -> None:
    client.force_login(secretary.secretary_a)
    assert client.get(reverse("accounts:logout")).status_code == 405
    assert is_signed_in(client)
    client.post(reverse("accounts:logout"))
    assert not is_signed_in(client)


def test_a_first_password_comes_before_everything_else(client: Client, secretary: Cast) -> None:
    user = secretary.secretary_a
    user.must_change_password = True
    user.save()
    client.force_login(user)
    wanted = reverse("dashboard:styleguide")
    change = reverse("accounts:password_change")

    led = client.get(wanted)
    assert led.status_code == 302
    assert led.headers["Location"].startswith(change)
    assert client.get("/api/v1/").status_code == 403
    page = client.get(led.headers["Location"]).content.decode()
    assert "先换一个只有您知道的密码" in page

    same = {"old_password": PASSWORD, "new_password1": PASSWORD, "new_password2": PASSWORD}
    refused = client.post(change, {**same, "next": wanted})
    assert "新密码和现在的一样" in refused.content.decode()

    new = "quite-another-phrase"
    done = client.post(
        change,
        {"old_password": PASSWORD, "new_password1": new, "new_password2": new, "next": wanted},
    )
    assert done.headers["Location"] == wanted
    assert client.get(wanted).status_code == 200
    user.refresh_from_db()
    assert not user.must_change_password


def test_changing_the_password_ends_the_other_sessions(secretary: Cast) -> None:
    here, elsewhere = Client(), Client()
    for client in (here, elsewhere):
        client.force_login(secretary.secretary_a)
    new = "quite-another-phrase"
    here.post(
        reverse("accounts:password_change"),
        {"old_password": PASSWORD, "new_password1": new, "new_password2": new},
    )
    page = reverse("dashboard:styleguide")
    assert here.get(page).status_code == 200
    assert elsewhere.get(page).status_code == 302


@pytest.mark.parametrize(
    ("who", "minutes"), [("secretary_a", 240), ("officer", 30), ("auditor", 30)]
)
def test_a_session_left_alone_ends(client: Client, cast: Cast, who: str, minutes: int) -> None:
    page = reverse("dashboard:styleguide")
    with time_machine.travel(cast.now, tick=False) as clock:
        client.force_login(cast.users[who])
        clock.shift(dt.timedelta(minutes=minutes - 1))
        assert client.get(page).status_code == 200
        clock.shift(dt.timedelta(minutes=minutes - 1))  # the last page counts, not the first
        assert client.get(page).status_code == 200
        clock.shift(dt.timedelta(minutes=minutes, seconds=1))
        gone = client.get(page)
        assert gone.status_code == 302
        assert f"next={page}" in gone.headers["Location"]
        words = client.get(gone.headers["Location"]).content.decode()
        assert f"{minutes} 分钟没有操作，已退出" in words
        assert "已退出" not in client.get(gone.headers["Location"]).content.decode()


def test_a_fragment_leads_the_whole_page_to_the_sign_in(client: Client, db: None) -> None:
    answer = client.get(
        reverse("dashboard:styleguide"),
        headers={"HX-Request": "true", "HX-Current-URL": "http://testserver/records/?page=2"},
    )
    assert answer.status_code == 204
    assert answer.headers["HX-Redirect"] == f"{LOGIN}?next=%2Frecords%2F%3Fpage%3D2"


def test_the_guided_list_is_shown_in_a_demo_only(
    client: Client, db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guides, "_guide", [])
    with override_settings(PORTAL_ENV="demo"):
        apps.get_app_config("demo").ready()  # as when a demo starts
    with override_settings(PORTAL_ENV="production"):
        assert "可以试试什么" not in client.get(LOGIN).content.decode()
    with override_settings(PORTAL_ENV="demo"):
        shown = client.get(LOGIN).content.decode()
    assert "可以试试什么" in shown
    for entry in guides._guide[0].entries:
        assert entry.display_name in shown
