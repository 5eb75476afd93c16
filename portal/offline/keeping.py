"""Which pages a phone may keep, and for whom.

Nothing is kept unless its view says so (:func:`keepable`), and then only under the key of the
user it was drawn for. What a user will need in the field is named by providers that the upper
floors register, so that it can be fetched while there still is a signal.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from portal.accounts.models import User
from portal.offline.assets import version

KEEP = "X-Portal-Keep"
USER = "X-Portal-User"


@dataclass(frozen=True, slots=True)
class FieldPage:
    """Something a user works on in the field: an entrance with its further pages.

    ``data``: addresses of the API whose answers the pages draw from, by the name of the
    object in the queue (``sheets/5``).
    """

    url: str
    title: str
    hint: str = ""
    further: Sequence[str] = ()
    data: dict[str, str] = field(default_factory=dict)


Provider = Callable[[User], Iterable[FieldPage]]
_providers: dict[str, Provider] = {}


def register_pages(name: str, provider: Provider) -> None:
    """``provider(user)`` names what the user will need without a signal. Must be cheap: it is
    asked when he opens the portal. The same name again replaces the provider."""
    _providers[name] = provider


def pages_of(user: User) -> list[FieldPage]:
    return [page for provider in _providers.values() for page in provider(user)]


def keepable(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """The page may be kept on the phone of whom it was drawn for."""

    @wraps(view)
    def drawn(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response = view(request, *args, **kwargs)
        if request.method == "GET" and response.status_code == 200:
            response[KEEP] = version()
        return response

    return drawn


class WhoMiddleware:
    """Tells the service worker whose page passes by, so that it never serves another's."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.user.is_authenticated and response.headers.get("Content-Type", "").startswith(
            "text/html"
        ):
            response[USER] = str(request.user.pk)
        return response
