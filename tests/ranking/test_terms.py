"""What is printed adds up: on the page, on the wall, at the secretary's and on the paper."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from evaluations.models import MonthRound
from evaluations.selectors.bulletin_papers import bulletin_paper
from evaluations.selectors.bulletins import bulletin
from evaluations.selectors.standings import standing_of
from evaluations.selectors.terms import terms_of
from evaluations.services.publish import publish_round
from portal.documents.official import Paragraph, Table
from portal.kernel.marks import one_decimal
from portal.kernel.months import SHANGHAI, Month
from portal.kernel.words import signed
from tests.cast import Cast
from tests.ranking.test_corrections import corrected_from, inspected
from tests.ranking.worked import Worked, publish

D = Decimal
AUGUST = dt.datetime(2017, 8, 7, 9, tzinfo=SHANGHAI)


def row(base: str, correction: str | None, total: str, **more: Any) -> Any:
    values = {"tier": "branch", "bonus": D(0), "cap": None} | more
    return SimpleNamespace(
        base=D(base),
        correction=None if correction is None else D(correction),
        total=D(total),
        **values,
    )


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (row("96.04", "-0.36", "95.68"), "原始 96.0，校正 −0.3"),
        (row("91.26", "-0.02", "91.24"), "原始 91.3，校正 −0.1"),
        (row("91.30", "-0.01", "91.29"), "原始 91.3，校正 0.0"),
        (row("88.00", "1.24", "90.24", bonus=D(1)), "原始 88.0，校正 +1.2，加分 +1.0"),
        (row("88.00", None, "89.00", bonus=D(1)), "原始 88.0，加分 +1.0"),
        (
            row("95.00", "-0.40", "79.90", cap=D("79.90")),
            "原始 95.0，校正 −0.4，否决封顶 79.9",
        ),
    ],
)
def test_the_terms_add_up_as_they_are_printed(line: Any, words: str) -> None:
    assert terms_of(line).words == words  # type: ignore[union-attr]


def test_a_general_branch_says_what_its_branches_brought() -> None:
    line = row("91.92", "-0.13", "91.79", tier="general_branch")
    terms = terms_of(line, own=D("92.44"), share=50)
    assert terms is not None
    assert terms.words == "原始 91.9（本级 46.2、所属支部 45.7），校正 −0.1"
    assert [term.text for term in terms.halves] == ["46.2", "45.7", "91.9"]


def test_no_zero_is_negative() -> None:
    assert one_decimal(D("-0.04")) == signed(D("-0.04")) == signed(D("0.04")) == "0.0"


@pytest.mark.django_db
def test_page_wall_home_and_paper_print_the_same_terms(cast: Cast, worked: Worked) -> None:
    publish(worked.round)
    corrected_from(cast, Month(2017, 7))
    july = inspected(cast)
    publish_round(round_id=july.pk, actor=None, now=AUGUST, via="sweep")
    round_ = MonthRound.objects.with_runs().select_related("policy", "committee").get(pk=july.pk)
    found = standing_of(round_, cast.officer).line_of(cast.branch_a.pk)
    assert found is not None
    line = found[1]
    terms = line.terms
    assert terms is not None
    assert terms.correction is not None
    assert terms.base + terms.correction + terms.bonus == terms.total

    client = Client()
    with time_machine.travel(AUGUST, tick=False):
        client.force_login(cast.secretary_a)
        home = client.get(reverse("dashboard:home")).content.decode()
        assert terms.words in home
        told = re.search(r"看全部 (\d+) 条扣分", home)
        assert told
        score = client.get(reverse("evaluations:score", args=[round_.pk, cast.branch_a.pk]))
        page = score.content.decode()
        assert f"<h3>扣分 {told[1]} 条</h3>" in page
        assert f"<span>校正</span><b>{signed(terms.correction)}</b>" in page
        client.force_login(cast.officer)
        participant = line.standing.participant_id
        wall = client.get(reverse("evaluations:meeting-screen", args=[round_.pk, participant]))
        assert terms.words in wall.content.decode()

    paper = bulletin_paper(bulletin(round_, cast.officer), None)
    blocks = paper.attachments[0].blocks
    said = "".join(block.text for block in blocks if isinstance(block, Paragraph))
    assert "总分=基本分+校正+加分" in said
    for table in (block for block in blocks if isinstance(block, Table)):
        names = [column.title for column in table.columns]
        for cells in table.rows:
            shown = dict(zip(names, cells, strict=True))
            if shown["总分"] != "—":
                parts = (shown[name].replace("−", "-") for name in ("基本分", "校正", "加分"))
                assert sum(map(D, parts)) == D(shown["总分"])


@pytest.mark.django_db
def test_a_general_branch_has_the_members_of_its_branches(cast: Cast, worked: Worked) -> None:
    publish(worked.round)
    below = worked.round.participants.filter(branch__parent=cast.general)
    members = sum(below.values_list("member_count", flat=True))
    client = Client()
    with time_machine.travel(AUGUST, tick=False):
        client.force_login(cast.officer)
        address = reverse("evaluations:ranking", args=[worked.round.pk])
        page = client.get(address, {"branch": cast.general.pk}).content.decode()
    assert members > 0
    assert f"党员 {members} 人" in page
