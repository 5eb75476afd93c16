"""The account behind a request that the login middleware has let through."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.exceptions import PermissionDenied

from portal.accounts.models import User

if TYPE_CHECKING:
    from django.http import HttpRequest
    from rest_framework.request import Request


def signed_in(request: HttpRequest | Request) -> User:
    """The signed-in user. Raises PermissionDenied where a page was left open to everybody by
    mistake."""
    user = request.user
    if not isinstance(user, User):
        raise PermissionDenied
    return user
