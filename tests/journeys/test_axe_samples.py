"""axe finds nothing on any page that no scene of ``test_axe`` visits.

Their addresses are the samples of the permission matrix; each is opened by the first of ``ROLES``
that gets a page there. A page that nobody opens fails, unless ``NO_PAGE`` says why.
"""

from __future__ import annotations

import pytest

from portal.accounts.models import User
from tests.cast import Cast
from tests.conftest import Pages, axe, sign_in
from tests.journeys.hands import upright
from tests.journeys.test_axe import NO_PAGE, PAGES, page_routes
from tests.permissions.matrix import ROLES, client_of
from tests.permissions.routes import Address, addresses
from tests.permissions.scene import House, house, house_clock

__all__ = ("house", "house_clock")

# Those who see most of a page first.
READERS = sorted(ROLES, key=lambda role: role in {"anonymous", "employee"})


def unvisited(cast: Cast, house: House) -> list[Address]:
    visited = {visit.name for visits in PAGES.values() for visit in visits}
    wanted = page_routes() - visited - NO_PAGE
    return [a for a in addresses(cast, house) if a.route.name in wanted]


def reader_of(cast: Cast, address: Address) -> str | None:
    """The first role that gets a page."""
    for role in READERS:
        answer = client_of(cast, role).get(address.path)
        if answer.status_code == 200 and answer.headers["Content-Type"].startswith("text/html"):
            return role
    return None


@pytest.mark.parametrize("size", ["desktop", "phone"])
@pytest.mark.usefixtures("house_clock")
def test_pages_by_their_samples(size: str, cast: Cast, house: House, new_page: Pages) -> None:
    pages = {}
    complaints = []
    for address in unvisited(cast, house):
        role = reader_of(cast, address)
        if role is None:
            complaints.append(f"{address.label}: nobody gets a page")
            continue
        if role not in pages:
            touch = size == "phone"
            pages[role] = new_page(390, 844, touch=True) if touch else new_page(1440, 900)
            if role != "anonymous":
                user = cast.users.get(role) or User.objects.get(username=role)
                sign_in(pages[role], user)
        page = pages[role]
        page.goto(address.path)
        for look in (upright, axe):
            try:
                look(page)
            except AssertionError as error:
                complaints.append(f"{address.label} as {role}: {error}")
    assert not complaints, "\n\n".join(complaints)
