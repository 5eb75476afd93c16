"""The year of the demo company, added up from its rows as the board adds it up."""

from __future__ import annotations

from decimal import Decimal

import time_machine
from django.test import Client
from django.urls import reverse

from feedback.models import StaffRequest
from feedback.selectors.rates import counts_of, received_in, year_before
from tests.demo_fixture import DemoCompany


def test_the_year_of_the_article(demo_company: DemoCompany) -> None:
    rows = received_in([demo_company.city.pk], year_before(demo_company.today), demo_company.today)
    counts = counts_of(rows)
    assert (counts.received, counts.carried_out, counts.open) == (147, 136, 6)
    shown = {rate.key: (rate.part, rate.whole, rate.percent) for rate in counts.rates()}
    assert shown == {
        "accepted": (145, 146, Decimal("99.3")),
        "in_time": (138, 141, Decimal("97.9")),
        "satisfied": (113, 118, Decimal("95.8")),
        "carried_out": (136, 147, Decimal("92.5")),
    }
    gloves = StaffRequest.objects.get(headline="一线班组纱手套不够用")
    promise = gloves.promises.get()
    assert (gloves.status, promise.status) == ("replied", "delivered")
    assert promise.teams.filter(has_arrived=True).count() == 17
    assert promise.teams.count() == 23
    with time_machine.travel(demo_company.now, tick=False):
        board = Client().get(reverse("feedback:board")).content.decode()
    assert "92.5" in board
    assert "由2副调为4副" in board
    assert "赖晓燕" not in board
