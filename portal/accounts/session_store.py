"""Sessions in the database that know whose they are (ADR 80).

The row of a session points at its account, and both are read in one query. Whether that account
may go on is still Django's question: :func:`account_of` asks it the usual way.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextvars import ContextVar
from typing import Any

from django.contrib.auth import SESSION_KEY, get_user
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from portal.accounts.models import SignedIn, User


class SessionStore(DatabaseStore):
    """``SESSION_ENGINE``: as Django's, with the account read along."""

    _account: User | None = None

    @classmethod
    def get_model_class(cls) -> type[SignedIn]:
        return SignedIn

    def _get_session_from_db(self) -> SignedIn | None:
        row = (
            SignedIn.objects.select_related("user")
            .filter(session_key=self.session_key, expire_date__gt=timezone.now())
            .first()
        )
        if row is None:
            self._session_key = None
            return None
        self._account = row.user
        return row

    def create_model_instance(self, data: Mapping[str, Any]) -> SignedIn:
        row: Any = super().create_model_instance(dict(data))
        row.user_id = data.get(SESSION_KEY)
        signed_in: SignedIn = row
        return signed_in

    @property
    def account(self) -> User | None:
        """The account that the stored session names; None before anybody has signed in."""
        self.keys()  # reads the row
        return self._account


_at_hand: ContextVar[User | None] = ContextVar("account that came with the session", default=None)


class AccountBackend(ModelBackend):
    """As Django's; takes the account that came with the session instead of reading it again."""

    def get_user(self, user_id: Any) -> User | None:
        known = _at_hand.get()
        if known is None or known.pk != user_id:
            found: User | None = super().get_user(user_id)
            return found
        return known if self.user_can_authenticate(known) else None


def account_of(request: HttpRequest) -> User | AnonymousUser:
    """Who is signed in. Django checks backend, activity and session hash as ever."""
    if not hasattr(request, "_cached_user"):
        store: Any = request.session
        mark = _at_hand.set(store.account)
        try:
            request._cached_user = get_user(request)  # type: ignore[attr-defined]
        finally:
            _at_hand.reset(mark)
    user: User | AnonymousUser = request._cached_user  # type: ignore[attr-defined]
    return user


class AccountReadingMiddleware(AuthenticationMiddleware):
    """``request.user`` by :func:`account_of`."""

    def process_request(self, request: HttpRequest) -> None:
        super().process_request(request)  # says so when there is no session
        request.user = SimpleLazyObject(lambda: account_of(request))  # type: ignore[assignment]
