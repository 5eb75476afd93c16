"""The web app's own pages, and what a phone may keep."""

from __future__ import annotations

import json
import re

import pytest
from django.test import Client
from django.urls import reverse

from portal.offline import assets
from tests.cast import Cast
from tests.month import MonthCast

pytestmark = [pytest.mark.usefixtures("clock"), pytest.mark.django_db]


def test_the_worker_is_served_from_the_root_and_renews_itself(client: Client) -> None:
    answer = client.get("/sw.js")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/javascript; charset=utf-8"
    assert "no-cache" in answer.headers["Cache-Control"]
    assert "worker-src 'self'" in answer.headers["Content-Security-Policy"]
    plan = json.loads(re.search(r"self\.portal = (.*);\n", answer.content.decode())[1])  # type: ignore[index]
    assert plan["version"] == assets.version()
    assert {"/static/js/pad.js", "/static/css/tokens.css", "/offline/"} <= set(plan["files"])
    assert not [name for name in plan["files"] if "echarts" in name]


def test_the_manifest_puts_it_on_the_home_screen(client: Client) -> None:
    answer = client.get("/manifest.webmanifest")
    assert answer.headers["Content-Type"] == "application/manifest+json"
    found = answer.json()
    assert (found["start_url"], found["scope"], found["display"]) == ("/", "/", "standalone")
    assert {icon["sizes"] for icon in found["icons"]} == {"192x192", "512x512", "any"}


def test_the_page_without_a_signal_knows_nobody(cast: Cast, client: Client) -> None:
    assert client.get("/offline/").status_code == 200
    assert "X-Portal-Keep" not in client.get("/offline/").headers


def test_only_pages_for_the_field_may_be_kept(
    cast: Cast, month_cast: MonthCast, client: Client
) -> None:
    client.force_login(cast.inspector)
    sheet = reverse("evaluations:sheet", args=[month_cast.visit_a.pk])
    for kept in ("/sheets/", sheet, "/offline/queue/"):
        answer = client.get(kept)
        assert answer.headers["X-Portal-Keep"] == assets.version(), kept
        assert answer.headers["X-Portal-User"] == str(cast.inspector.pk)
    for other in ("/", "/messages/", "/rankings/"):
        assert "X-Portal-Keep" not in client.get(other).headers, other
    client.force_login(cast.employee)
    assert "X-Portal-Keep" not in client.get(sheet).headers


def test_what_is_fetched_ahead(cast: Cast, month_cast: MonthCast, client: Client) -> None:
    client.force_login(cast.inspector)
    found = client.get("/offline/pages/").json()
    titles = [page["title"] for page in found["pages"]]
    assert titles == ["互查任务", "去查配电运检党支部", "去查变电检修党支部", ""]
    sheet = found["pages"][1]
    assert len(sheet["further"]) > 20
    for address in [sheet["url"], *sheet["further"][:3], *sheet["data"].values()]:
        assert client.get(address).status_code == 200, address
    client.force_login(cast.employee)
    assert client.get("/offline/pages/").json()["pages"] == []


def test_who_asks_is_told_who_he_is_and_what_time_it_is(cast: Cast, client: Client) -> None:
    client.force_login(cast.captain)
    found = client.get("/offline/me/").json()
    assert found["user"] == str(cast.captain.pk)
    assert found["now"] == int(cast.now.timestamp() * 1000)
    client.logout()
    assert client.get("/offline/me/").status_code == 302
