"""Where a form leads that was sent without a session, and an address that only takes forms."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from django.urls import reverse

from tests.cast import Cast

STOOD = "http://testserver/rectification/appeals/9/?step=2"


@pytest.mark.parametrize(
    ("referer", "back"),
    [
        (STOOD, "/rectification/appeals/9/?step=2"),
        ("http://elsewhere.example/rectification/", "/rectification/appeals/9/reject/"),
        ("http://testserver/account/sign-in/?next=/", "/rectification/appeals/9/reject/"),
        ("", "/rectification/appeals/9/reject/"),
    ],
)
def test_a_form_sent_without_a_session_leads_back_to_where_it_stood(
    db: None, referer: str, back: str
) -> None:
    address = reverse("evaluations:appeal-reject", args=[9])
    answer = Client().post(address, {}, headers={"Referer": referer} if referer else {})
    assert answer.status_code == 302
    assert parse_qs(urlsplit(answer.headers["Location"]).query)["next"] == [back]


def test_an_address_that_only_takes_forms_says_so(cast: Cast) -> None:
    client = Client()
    client.force_login(cast.officer)
    page = client.get(reverse("evaluations:appeal-reject", args=[9]), headers={"Referer": STOOD})
    assert page.status_code == 405
    assert page.headers["Allow"] == "POST, OPTIONS"
    assert "这个地址只收表单" in page.content.decode()
    assert f'href="{STOOD}"' in page.content.decode()
