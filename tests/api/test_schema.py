"""Schemathesis throws generated requests at every operation: no server error, ever."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

import pytest
import schemathesis
from django.test import Client
from drf_spectacular.generators import SchemaGenerator
from hypothesis import HealthCheck, Phase
from hypothesis import settings as bounds

from tests.cast import Cast
from tests.notices.scene import Published

generator: Any = SchemaGenerator
schema = schemathesis.openapi.from_dict(generator().get_schema(request=None, public=True))


@pytest.fixture
def officer_client(cast: Cast, published: Published) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(cast.officer)
    return client


@schema.parametrize()
@bounds(
    max_examples=10,
    phases=(Phase.generate,),
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
def test_no_request_breaks_the_server(case: Any, officer_client: Client) -> None:
    sent = case.as_transport_kwargs(base_url="http://testserver")
    given = sent.get("params") or {}
    query = given if isinstance(given, str) else urlencode(given, doseq=True)
    path = sent["url"].removeprefix("http://testserver")
    body = sent.get("json", sent.get("data"))
    answer = officer_client.generic(
        sent["method"],
        f"{path}?{query}" if query else path,
        data="" if body is None else json.dumps(body, default=str),
        content_type="application/json",
    )
    assert answer.status_code < 500, answer.content
