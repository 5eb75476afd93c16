"""The shell around every page: which entries, counters and alarms a user sees.

The kernel knows no trade. Apps register what they have in ``AppConfig.ready()``::

    from portal.kernel import navigation
    navigation.register(navigation.NavEntry(
        key="notices", label=_("整改"), icon="tool", url_name="evaluations:notice_list",
        allowed=lambda user: access_of(user).is_secretary, order=50, counter=open_notices_of,
    ))

Everything here is lazy: a counter runs once, and only when a page really draws the side bar
(an htmx fragment, a redirect or the API does not).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse

MOST_ENTRIES = 6
BOTTOM_ENTRIES = 4
LARGE_TYPE_COOKIE = "portal_large_type"

type_user = Any  # accounts.User or AnonymousUser: the kernel stands below both
Counter = Callable[[type_user], int]
Predicate = Callable[[type_user], bool]
Covers = Callable[[type_user], Sequence[str]]


def everybody(user: type_user) -> bool:
    return bool(user.is_authenticated)


@dataclass(frozen=True, slots=True)
class NavEntry:
    """One entry of the side bar. ``order`` decides which six a user with many roles sees; the
    others are folded under 更多 and show no count there.
    ``covers(user)`` names further pages that the entry stands for: it is the current one there
    as well."""

    key: str
    label: Any
    icon: str
    url_name: str
    allowed: Predicate = everybody
    order: int = 100
    counter: Counter | None = None
    covers: Covers | None = None


@dataclass(frozen=True, slots=True)
class Inbox:
    """Where the bell leads and how many unread messages it shows."""

    url_name: str
    counter: Counter


@dataclass(frozen=True, slots=True)
class Standing:
    """How the shell names a user: his office for the top bar, his place for the phone's."""

    office: str = ""
    place: str = ""


_entries: dict[str, NavEntry] = {}
_alarms: dict[str, Callable[[type_user], str]] = {}
_inbox: list[Inbox] = []
_search: list[str] = []
_standing: list[Callable[[type_user], Standing]] = []


def register(entry: NavEntry) -> None:
    """Add an entry. The same key registered again replaces the first (tests, reloads)."""
    _entries[entry.key] = entry


def register_inbox(inbox: Inbox) -> None:
    _inbox[:] = [inbox]


def register_search(url_name: str) -> None:
    """The page that answers the search box (``GET ?q=``). Without it there is no box."""
    _search[:] = [url_name]


def register_standing(standing: Callable[[type_user], Standing]) -> None:
    _standing[:] = [standing]


def register_alarm(key: str, alarm: Callable[[type_user], str]) -> None:
    """A red line above every page while ``alarm(user)`` returns a sentence. Must be cheap."""
    _alarms[key] = alarm


class ShownEntry:
    """A registered entry as one user sees it; the count is asked at most once."""

    def __init__(self, entry: NavEntry, user: type_user, url: str, current: bool) -> None:
        self.key, self.label, self.icon = entry.key, entry.label, entry.icon
        self.url, self.current = url, current
        self._counter, self._user = entry.counter, user

    @cached_property
    def count(self) -> int:
        return self._counter(self._user) if self._counter else 0


class Shell:
    """What ``templates/base.html`` asks for, computed when it asks."""

    def __init__(self, request: HttpRequest) -> None:
        self.request = request
        self.user: type_user = getattr(request, "user", None)
        self.company = settings.PORTAL_COMPANY_NAME

    @cached_property
    def signed_in(self) -> bool:
        return self.user is not None and bool(self.user.is_authenticated)

    @property
    def entries(self) -> list[ShownEntry]:
        """The user's first entries, at most six, with the current one marked."""
        return self._all[:MOST_ENTRIES]

    @property
    def beyond(self) -> list[ShownEntry]:
        """What else the user may open: folded away under the six."""
        return self._all[MOST_ENTRIES:]

    @property
    def beyond_is_current(self) -> bool:
        return any(entry.current for entry in self.beyond)

    @cached_property
    def _all(self) -> list[ShownEntry]:
        if not self.signed_in:
            return []
        shown: list[tuple[NavEntry, str]] = []
        for entry in sorted(_entries.values(), key=lambda e: (e.order, e.key)):
            if entry.allowed(self.user) and (url := _address(entry.url_name)):
                shown.append((entry, url))
        current = self._current(shown)
        return [ShownEntry(entry, self.user, url, entry is current) for entry, url in shown]

    def _current(self, shown: Sequence[tuple[NavEntry, str]]) -> NavEntry | None:
        """The entry with the longest address that the page lies under."""
        path = self.request.path
        within = [
            (len(address), entry)
            for entry, url in shown
            for address in (url, *self._covered(entry))
            if path == address or (address not in {"", "/"} and path.startswith(address))
        ]
        return max(within, key=lambda found: found[0])[1] if within else None

    def _covered(self, entry: NavEntry) -> list[str]:
        return [_address(name) for name in entry.covers(self.user)] if entry.covers else []

    @property
    def bottom(self) -> list[ShownEntry]:
        return self.entries[:BOTTOM_ENTRIES]

    @property
    def more(self) -> list[ShownEntry]:
        return self._all[BOTTOM_ENTRIES:MOST_ENTRIES]

    @cached_property
    def standing(self) -> Standing:
        return _standing[0](self.user) if _standing and self.signed_in else Standing()

    @cached_property
    def inbox_url(self) -> str:
        return _address(_inbox[0].url_name) if _inbox else ""

    @cached_property
    def unread(self) -> int:
        return _inbox[0].counter(self.user) if _inbox and self.signed_in else 0

    @cached_property
    def search_url(self) -> str:
        return _address(_search[0]) if _search else ""

    @cached_property
    def alarms(self) -> list[str]:
        if not self.signed_in:
            return []
        return [text for alarm in _alarms.values() if (text := alarm(self.user))]

    @property
    def large_type(self) -> bool:
        if self.signed_in:
            return bool(getattr(self.user, "large_type", False))
        return self.request.COOKIES.get(LARGE_TYPE_COOKIE) == "1"

    @property
    def user_key(self) -> str:
        """Keeps one person's drafts in a shared browser apart from another's."""
        return str(self.user.pk) if self.signed_in else "guest"


def _address(url_name: str) -> str:
    """The address of a registered page, or "" while its app is not plugged in."""
    try:
        return reverse(url_name)
    except NoReverseMatch:
        return ""


def shell(request: HttpRequest) -> dict[str, Any]:
    """Context processor."""
    return {"shell": Shell(request)}
