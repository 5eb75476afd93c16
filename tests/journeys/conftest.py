"""Journeys play on the cast's June: open, inspected, provisional or published."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import pytest

from tests.conftest import Pages
from tests.month import month_cast
from tests.notices.scene import on, provisional, published

if TYPE_CHECKING:
    from playwright.sync_api import Page


@pytest.fixture(params=["desktop", "phone"])
def screen(request: pytest.FixtureRequest, new_page: Pages) -> Page:
    """The same journey on both screens."""
    on_phone = cast("str", request.param) == "phone"
    return new_page(390, 844, touch=True) if on_phone else new_page(1440, 900)


__all__ = ("month_cast", "on", "provisional", "published", "screen")
