"""The API's reference page, drawn by the portal itself from the OpenAPI description.

The usual viewers write styles into the page while it runs, which the content security policy
refuses; a server-drawn page needs no script and prints.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from drf_spectacular.generators import SchemaGenerator


@dataclass(frozen=True, slots=True)
class Field:
    name: str
    type: str
    required: bool
    note: str


@dataclass(frozen=True, slots=True)
class Operation:
    method: str
    path: str
    summary: str
    parameters: tuple[Field, ...]
    body: tuple[Field, ...]
    answers: tuple[tuple[str, str, tuple[Field, ...]], ...]


@dataclass(frozen=True, slots=True)
class Resource:
    name: str
    operations: tuple[Operation, ...]


def reference(request: HttpRequest) -> HttpResponse:
    """接口说明: every address with its parameters, body and answers."""
    return render(request, "api/reference.html", {"resources": resources()})


@cache
def resources() -> tuple[Resource, ...]:
    """The description by resource; worked out once per process."""
    generator: Any = SchemaGenerator
    schema: dict[str, Any] = generator().get_schema(request=None, public=True)
    found: dict[str, list[Operation]] = {}
    for path, methods in schema["paths"].items():
        name = path.removeprefix("/api/v1/").split("/")[0]
        for method, operation in methods.items():
            found.setdefault(name, []).append(_operation(schema, path, method, operation))
    return tuple(Resource(name, tuple(ops)) for name, ops in sorted(found.items()))


def _operation(
    schema: dict[str, Any], path: str, method: str, operation: dict[str, Any]
) -> Operation:
    body = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    return Operation(
        method=method.upper(),
        path=path,
        summary=operation.get("description", "").strip(),
        parameters=tuple(
            Field(
                p["name"],
                _type(schema, p.get("schema", {})),
                bool(p.get("required")),
                p.get("description", ""),
            )
            for p in operation.get("parameters", ())
        ),
        body=tuple(_fields(schema, body.get("schema", {}))),
        answers=tuple(
            (
                code,
                answer.get("description", ""),
                tuple(
                    _fields(
                        schema,
                        answer.get("content", {}).get("application/json", {}).get("schema", {}),
                    )
                ),
            )
            for code, answer in operation["responses"].items()
        ),
    )


def _resolved(schema: dict[str, Any], part: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in part:
        part = schema["components"]["schemas"][part["$ref"].rsplit("/", 1)[1]]
    if len(part.get("allOf", ())) == 1:
        return _resolved(schema, part["allOf"][0])
    return part


def _fields(schema: dict[str, Any], part: dict[str, Any]) -> Iterator[Field]:
    whole = _resolved(schema, part)
    if whole.get("type") == "array":
        whole = _resolved(schema, whole.get("items", {}))
    if "results" in whole.get("properties", {}):
        whole = _resolved(schema, whole["properties"]["results"].get("items", {}))
    required = set(whole.get("required", ()))
    for name, value in whole.get("properties", {}).items():
        yield Field(
            name,
            _type(schema, value),
            name in required,
            _resolved(schema, value).get("description", "").split("\n")[0],
        )


def _type(schema: dict[str, Any], part: dict[str, Any]) -> str:
    whole = _resolved(schema, part)
    if "enum" in whole:
        return " | ".join(str(value) for value in whole["enum"])
    for several in ("oneOf", "anyOf"):
        if several in whole:
            return " | ".join(dict.fromkeys(_type(schema, one) for one in whole[several]))
    if whole.get("type") == "array":
        return f"{_type(schema, whole.get('items', {}))}[]"
    kind = str(whole.get("type", "object"))
    return f"{kind} ({whole['format']})" if "format" in whole else kind
