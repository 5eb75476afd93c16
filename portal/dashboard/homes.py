"""Which home a user lands on: the one that answers "what do I have to do, by when"."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render

from branches.access import Access, access_of

View = Callable[[HttpRequest], HttpResponseBase]


@dataclass(frozen=True, slots=True)
class Home:
    """A role's home. ``order`` decides for a user with several roles: lowest first.
    ``url_name``: the page it leads to, where that has an address of its own."""

    key: str
    suits: Callable[[Access], bool]
    view: View
    order: int
    url_name: str = ""


_homes: dict[str, Home] = {}


def register(
    key: str, *, suits: Callable[[Access], bool], view: View, order: int, url_name: str = ""
) -> None:
    """Called from ``DashboardConfig.ready``; the same key again replaces the first."""
    _homes[key] = Home(key, suits, view, order, url_name)


def home_of(access: Access) -> Home | None:
    """The first registered home that suits."""
    ordered = sorted(_homes.values(), key=lambda h: h.order)
    return next((candidate for candidate in ordered if candidate.suits(access)), None)


def pages_at_home(user: Any) -> list[str]:
    """Names of the pages that are the user's home though they lie elsewhere."""
    found = home_of(access_of(user))
    return [found.url_name] if found is not None and found.url_name else []


def home(request: HttpRequest) -> Any:
    """首页: the first registered home that suits the user."""
    found = home_of(access_of(request.user))
    return found.view(request) if found else render(request, "dashboard/home_plain.html")
