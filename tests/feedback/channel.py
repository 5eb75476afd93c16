"""An anonymous author at the form and with the receipt, in short words."""

from __future__ import annotations

import datetime as dt
import html
from typing import Any

import pytest
import time_machine
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from branches.models import Committee
from feedback import rates
from feedback.models import StaffRequest
from tests.cast import NOW
from tests.feedback.scene import Listening

NEXT_DAY = NOW + dt.timedelta(days=1)

TEXT = "夜里抢修回来食堂关门了，希望有热的夜餐。"


def form_data(text: str = TEXT, **more: Any) -> dict[str, Any]:
    city = Committee.objects.get(parent=None)
    fields = {"text": text, "kind": "suggestion", "committee": city.pk, "nonce": "0" * 32}
    return fields | more


def send(client: Client, text: str = TEXT, **more: Any) -> HttpResponse:
    headers = more.pop("headers", {})
    response: Any = client.post(
        reverse("feedback:anonymous"), form_data(text, **more), headers=headers
    )
    return response  # type: ignore[no-any-return]


def say(client: Client, text: str = TEXT, **more: Any) -> str:
    """Send the form; the code as the receipt shows it."""
    response = send(client, text, **more)
    assert response.status_code == 200, response.content.decode()
    return code_in(response)


def code_in(response: Any) -> str:
    page: str = response.content.decode()
    return page.split('data-code="', 1)[1].split('"', 1)[0]


def with_receipt(client: Client, code: str, step: str = "receipt", **fields: Any) -> HttpResponse:
    headers = fields.pop("headers", {})
    response: Any = client.post(
        reverse(f"feedback:anonymous-{step}"), {"code": code} | fields, headers=headers
    )
    return response  # type: ignore[no-any-return]


def words(response: Any) -> str:
    return html.unescape(response.content.decode())


@pytest.fixture
def at_the_time() -> Any:
    rates.counter.forget()
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def visitor(listening: Listening) -> Client:
    return Client(enforce_csrf_checks=True)


def only() -> StaffRequest:
    return StaffRequest.objects.get()
