"""The figures of the article come from rows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import time_machine
from django.test import Client
from django.urls import reverse

from portal.kernel.months import Month
from servicecrew.counting import (
    PARTS,
    Figures,
    Scope,
    added,
    figures_of_turnouts,
    split,
    totals,
)
from servicecrew.models import Crew, Operation, Programme, Turnout
from servicecrew.tallies import recount
from tests.demo_fixture import DemoCompany

FILTERS: dict[str, Callable[[Any], dict[str, Any]]] = {
    "crew": lambda key: {"crew": key},
    "committee": lambda key: {"committees": frozenset({key})},
    "county": lambda key: {"county": key},
    "service_kind": lambda key: {"service_kind": key},
    "sub_kind": lambda key: {"sub_kind": key},
    "operation": lambda key: {"operation": key},
    "goal": lambda key: {"goal": key},
    "month": lambda key: {"first": Month.of(key), "last": Month.of(key)},
}


def test_the_figures_of_the_article_are_sums_of_rows(demo_company: DemoCompany) -> None:
    scope = Scope(in_operations=True)
    total = totals(scope)
    assert (total.person_times, total.vehicle_times, total.turnouts) == (3821, 1215, 310)
    keys = list(scope.turnouts().values_list("pk", flat=True))
    opening = [
        Figures(row.turnouts, row.person_times, row.vehicle_times) for row in scope.openings()
    ]
    rows = added(figures_of_turnouts(keys, scope).values()) + added(opening)
    assert rows == total
    assert len(keys) + len(opening) == 310
    assert recount() == 0

    by_name = {
        Operation.objects.get(pk=key).name: (f.turnouts, f.person_times, f.vehicle_times)
        for key, f in split(scope, "operation").items()
    }
    assert by_name == {
        "抗击台风“尼伯特”": (32, 912, 289),
        "抗击台风“莫兰蒂”": (31, 1086, 352),
        "2017年春节保电": (62, 496, 158),
        "迎峰度夏2017": (185, 1327, 416),
    }
    kinds = split(Scope(operation=0), "service_kind")
    assert {kind: figures.turnouts for kind, figures in kinds.items()} == {
        "repair": 214,
        "political": 96,
        "marketing": 88,
        "volunteer": 71,
        "value_added": 43,
    }

    # Whatever the filter, the parts add up to the total.
    assert set(FILTERS) == set(PARTS)
    for part, narrowed_by in FILTERS.items():
        for key, figures in split(Scope(), part).items():
            narrowed = Scope(**narrowed_by(key))
            assert totals(narrowed) == figures, (part, key)
            for other in PARTS:
                assert added(split(narrowed, other).values()) == figures, (part, key, other)

    zixi = Turnout.objects.get(subject="10kV梓溪线陈溪支线断线")
    assert (zixi.response_minutes, zixi.repair_minutes, zixi.whole_minutes) == (69, 156, 225)
    assert zixi.people.count() == 6
    assert Crew.objects.filter(level="squad").count() == 31
    assert Operation.objects.open().count() == 1

    for username, route, words in (
        ("wuzhiyuan", "dashboard:board", ("3,821", "1,215", "看 310 条记录")),
        ("laixiaoyan", "dashboard:board-public", ("3,821", "不给个人排名")),
        ("suwenbin", "servicecrew:home", ("10kV后埔线断线", "送电成功后按一下", "还差工作票号")),
    ):
        page = _page(demo_company, username, route)
        for word in words:
            assert word in page, (username, word)
    assert Programme.objects.filter(deeds__isnull=False).distinct().count() == 5


def _page(demo_company: DemoCompany, username: str, route: str) -> str:
    client = Client()
    with time_machine.travel(demo_company.now, tick=False):
        client.force_login(demo_company.user(username))
        answer: Any = client.get(reverse(route))
    assert answer.status_code == 200
    body: str = answer.content.decode()
    return body
