"""Opening and posting the pages of notices, findings and appeals."""

from __future__ import annotations

from typing import Any

from django.test import Client
from django.urls import reverse

from portal.accounts.models import User


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def page(name: str, *args: Any) -> str:
    return reverse(f"evaluations:{name}", args=args)


def get(user: User, name: str, *args: Any, **query: str) -> Any:
    return signed_in(user).get(page(name, *args), query)


def post(user: User, name: str, *args: int, htmx: Any = False, **data: Any) -> Any:
    headers = {"HX-Request": "true"} if htmx else {}
    return signed_in(user).post(page(name, *args), data, headers=headers)


def text(response: Any) -> str:
    return str(response.content.decode())
