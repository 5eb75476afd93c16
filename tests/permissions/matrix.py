"""Who gets what, asked of the running portal: every role, every address, every method.

Each request runs in a transaction that is rolled back, so that all of them meet the same scene.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.cookies import SimpleCookie
from typing import Any
from unittest.mock import patch

from django.db import connection, transaction
from django.http import HttpResponseBase
from django.test import Client
from django.urls import reverse

from portal.accounts.models import User
from tests.cast import Cast
from tests.permissions.listening import LISTENING_ROLES
from tests.permissions.routes import Address, addresses
from tests.permissions.scene import SECRETS, House

ROLES = (
    "anonymous",
    "employee",
    "captain",
    "secretary_a",
    "deputy_a",
    "secretary_b",
    "inspector",
    "officer",
    "officer_elsewhere",
    "leader",
    "sysadmin",
    "secadmin",
    "auditor",
    *LISTENING_ROLES,
)
LOGIN = "login"  # sent to the sign-in page
METHOD_UNKNOWN = "405"
THE_REST = "the rest"
_WRITE = re.compile(
    r'^\s*(?:INSERT INTO|UPDATE|DELETE FROM|INSERT OR IGNORE INTO)\s+"?(\w+)"?', re.I
)
# A session counts its reader's idle time; that is not data of the house.
_NO_DATA = {"accounts_signedin"}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one request came to. ``text``: the secrets and names found in a page that opened."""

    role: str
    method: str
    address: Address
    status: str
    wrote: frozenset[str]
    found: frozenset[str]

    @property
    def label(self) -> str:
        return self.address.label

    def __str__(self) -> str:
        return f"{self.method} {self.address.path} ({self.label}) as {self.role}: {self.status}"


def ask_everything(cast: Cast, house: House, names: tuple[str, ...]) -> list[Outcome]:
    """Every request there is. ``names`` are looked for in what opens, beside the secrets."""
    found = []
    everywhere = addresses(cast, house)
    # The client keeps a copy of every template's context: slow, and nobody looks at them here.
    with (
        patch("django.test.client.store_rendered_templates", lambda *args, **kwargs: None),
        patch.object(logging.getLogger("django.request"), "disabled", True),
    ):
        for role in ROLES:
            found += _ask_as(cast, role, everywhere, (*SECRETS, *names))
    return found


def _ask_as(
    cast: Cast, role: str, everywhere: list[Address], words: tuple[str, ...]
) -> list[Outcome]:
    client = client_of(cast, role)
    cookies = client.cookies.output(header="")
    found = []
    for address in everywhere:
        for method in address.route.methods:
            client.cookies = SimpleCookie(cookies)
            found.append(_ask(client, role, method, address, words))
    return found


@contextmanager
def rolled_back() -> Iterator[None]:
    """Nothing of what happens inside stays. Services that insist on a transaction of their own
    take this one for a test's."""
    atomic: Any = transaction.atomic()
    atomic._from_testcase = True
    with atomic:
        yield
        transaction.set_rollback(True)


def client_of(cast: Cast, role: str, **options: Any) -> Client:
    client = Client(raise_request_exception=False, **options)
    if role != "anonymous":
        client.force_login(cast.users.get(role) or User.objects.get(username=role))
    return client


def send(client: Client, method: str, address: Address) -> Any:
    """An empty request, as JSON where the address belongs to the API."""
    if method == "GET":
        return client.get(address.path)
    if address.path.startswith("/api/"):
        return client.generic(method, address.path, "{}", content_type="application/json")
    return client.generic(
        method, address.path, "", content_type="application/x-www-form-urlencoded"
    )


def _ask(
    client: Client, role: str, method: str, address: Address, wanted: tuple[str, ...]
) -> Outcome:
    with rolled_back(), _writes() as wrote:
        response = send(client, method, address)
        text = _text(response) if response.status_code == 200 else ""
    return Outcome(
        role=role,
        method=method,
        address=address,
        status=_status(response),
        wrote=frozenset(wrote),
        found=frozenset(word for word in wanted if word in text),
    )


def _status(response: HttpResponseBase) -> str:
    doors = (reverse("accounts:login"), reverse("admin:login"))
    if response.status_code == 302 and response.headers["Location"].startswith(doors):
        return LOGIN
    return str(response.status_code)


def _text(response: Any) -> str:
    body = b"".join(response.streaming_content) if response.streaming else response.content
    return str(body.decode("utf-8", errors="replace"))


@contextmanager
def _writes() -> Iterator[set[str]]:
    """The tables that are written to meanwhile, sessions apart."""
    tables: set[str] = set()

    def watch(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        written = _WRITE.match(sql)
        if written and written[1] not in _NO_DATA:
            tables.add(written[1])
        return execute(sql, params, many, context)

    with connection.execute_wrapper(watch):
        yield tables


def lines(outcomes: list[Outcome]) -> list[str]:
    """The matrix as text: a line per address and method, roles with the same answer together.
    A method that an address does not know has no line."""
    by_line: dict[tuple[str, str], list[Outcome]] = {}
    for outcome in outcomes:
        by_line.setdefault((outcome.label, outcome.method), []).append(outcome)
    width = max(len(label) for label, _ in by_line) + 2
    return [
        f"{method:<5}{label:<{width}}{_folded(found)}"
        for (label, method), found in by_line.items()
        if {o.status for o in found} - {METHOD_UNKNOWN, LOGIN}
    ]


def _folded(outcomes: list[Outcome]) -> str:
    roles: dict[str, list[str]] = {}
    for outcome in outcomes:
        roles.setdefault(outcome.status, []).append(outcome.role)
    if len(roles) == 1:
        return f"{next(iter(roles))} everybody"
    biggest = max(roles, key=lambda status: len(roles[status]))
    parts = [
        f"{status} {' '.join(names)}"
        for status, names in sorted(roles.items())
        if status != biggest or len(names) < 5
    ]
    if len(roles[biggest]) >= 5:
        parts.append(f"{biggest} {THE_REST}")
    return " · ".join(parts)
