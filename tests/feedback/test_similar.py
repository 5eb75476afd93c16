"""Similar matters: found on both databases, by the office's words, and good enough to help."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from feedback import similar
from feedback.grams import grams, ranked
from feedback.models import PieceCount, SimilarText, StaffRequest
from feedback.selectors.themes import themes
from feedback.services import office
from feedback.similar import keep_up, similar_matters, to_handle_together
from portal.kernel.months import Month
from tests.cast import NOW, Cast
from tests.feedback.channel import words
from tests.feedback.scene import Listening, say

PAIRS = [
    line.split("\t")
    for line in (Path(__file__).parent / "similar_pairs.tsv").read_text("utf-8").splitlines()
]
KNOWN = [known for _typed, known in PAIRS]


# -- how good ----------------------------------------------------------------------------


def test_the_labelled_set_is_large_and_honest() -> None:
    assert len(PAIRS) >= 200
    assert len(set(KNOWN)) == len(KNOWN)
    # Paraphrases, not copies: on average less than half of the headline's bigrams are in it.
    shared = [
        len({*_bigrams(typed)} & {*_bigrams(known)}) / len({*_bigrams(known)})
        for typed, known in PAIRS
    ]
    assert sum(shared) / len(shared) < 0.4


def _bigrams(text: str) -> list[str]:
    return [text[n : n + 2] for n in range(len(text) - 1)]


def test_four_of_five_are_among_the_first_five() -> None:
    texts = {str(number): grams(known) for number, known in enumerate(KNOWN)}
    counts: dict[str, int] = {}
    for pieces in texts.values():
        for piece in set(pieces):
            counts[piece] = counts.get(piece, 0) + 1
    hits = sum(
        str(number) in [key for key, _share in ranked(grams(typed), texts, counts, len(texts))]
        for number, (typed, _known) in enumerate(PAIRS)
    )
    assert hits / len(PAIRS) >= 0.8, hits


def test_pieces_are_pairs_things_and_words() -> None:
    assert grams("饭堂的Wi-Fi，ＶＰＮ") == ["#食堂", "饭堂", "堂的", "wi", "fi", "vpn"]
    assert grams("能不能") == []
    assert grams("") == []


# -- in the database -----------------------------------------------------------------------


@pytest.fixture
def known(cast: Cast, listening: Listening) -> list[StaffRequest]:
    """The first forty matters, accepted under the office's words."""
    made = []
    with time_machine.travel(NOW, tick=False):
        for number, (typed, headline) in enumerate(PAIRS[:40]):
            request = say(listening.worker, f"原话{number}：{typed}")
            office.accept(request_id=request.pk, headline=headline, actor=cast.officer, now=NOW)
            made.append(request)
    keep_up(NOW)
    return made


@pytest.mark.django_db
def test_recall_holds_in_the_database_and_in_both_ways_of_looking(
    known: list[StaffRequest], cast: Cast
) -> None:
    for small in (similar.SMALL, 0):
        with patch.object(similar, "SMALL", small):
            hits = sum(
                request.pk in [found.request.pk for found in similar_matters(typed, most=5)]
                for request, (typed, _headline) in zip(known, PAIRS, strict=False)
            )
        assert hits >= 32, (small, hits)


@pytest.mark.django_db
def test_the_fragment_costs_a_fixed_number_of_queries(known: list[StaffRequest]) -> None:
    with CaptureQueriesContext(
        connection,
    ) as queries:
        similar_matters(PAIRS[0][0])
    assert len(queries) == 3
    with CaptureQueriesContext(connection) as queries:
        assert similar_matters("手套") == []  # too short to say anything
    assert len(queries) == 0


@pytest.mark.django_db
def test_what_a_colleague_wrote_is_never_searched_by_others(
    cast: Cast, listening: Listening
) -> None:
    private = "老张家里两个病人，想申请大病困难救助"
    request = say(listening.worker, private)
    keep_up(NOW)
    assert similar_matters(private) == []
    office.accept(request_id=request.pk, headline="困难帮扶渠道", actor=cast.officer, now=NOW)
    keep_up(NOW)
    assert "老张" not in SimilarText.objects.get().shown
    assert [found.headline for found in similar_matters("大病困难帮扶怎么申请")] == ["困难帮扶渠道"]
    page = Client()
    page.force_login(listening.colleague)
    response = page.post(reverse("feedback:similar"), {"text": "大病困难帮扶怎么申请"})
    assert "困难帮扶渠道" in words(response)
    assert "老张" not in words(response)


@pytest.mark.django_db
def test_sealed_and_ended_matters_are_not_offered(cast: Cast, listening: Listening) -> None:
    say(listening.worker, "举报食堂采购收回扣", kind="discipline")
    request = say(listening.worker, "食堂晚上九点关门太早")
    office.accept(request_id=request.pk, headline="夜间食堂供餐", actor=cast.officer, now=NOW)
    keep_up(NOW)
    assert len(similar_matters("食堂夜间能不能供餐")) == 1
    assert SimilarText.objects.count() == 1
    office.decline(request_id=request.pk, reason="另有安排", actor=cast.officer, now=NOW)
    keep_up(NOW)
    assert similar_matters("食堂夜间能不能供餐") == []


@pytest.mark.django_db
def test_the_office_finds_what_to_handle_together(cast: Cast, listening: Listening) -> None:
    first = say(listening.worker, "夜班回来食堂关门了，只能吃泡面")
    second = say(listening.colleague, "食堂晚上关门太早，夜班没有饭吃")
    say(listening.worker, "班车少了一站")
    hidden = say(listening.worker, "食堂晚上关门太早，夜里没饭吃", level="anonymous")
    keep_up(NOW)
    assert [found.request for found in to_handle_together(first, NOW.date())] == [second]
    tomorrow = NOW + dt.timedelta(days=1)
    keep_up(tomorrow)
    assert hidden in [found.request for found in to_handle_together(first, tomorrow.date())]


@pytest.mark.django_db
@pytest.mark.usefixtures("clock")
def test_the_office_merges_what_looks_the_same_with_one_press(
    cast: Cast, listening: Listening
) -> None:
    first = say(listening.worker, "夜班回来食堂关门了，只能吃泡面")
    second = say(listening.colleague, "食堂晚上关门太早，夜班没有饭吃")
    keep_up(NOW)
    office = Client()
    office.force_login(cast.officer)
    page = office.get(reverse("feedback:request", args=[first.pk])).content.decode()
    assert "像是同一件事" in page
    assert f'name="into" value="{second.number}"' in page
    office.post(reverse("feedback:request-merge", args=[first.pk]), {"into": second.number})
    first.refresh_from_db()
    assert first.merged_into == second
    worker = Client()
    worker.force_login(listening.worker)
    own = worker.get(reverse("feedback:request", args=[first.pk])).content.decode()
    assert "像是同一件事" not in own, "the author is not shown what others said"


@pytest.mark.django_db
def test_keeping_up_twice_changes_nothing(known: list[StaffRequest]) -> None:
    before = list(SimilarText.objects.order_by("pk").values_list())
    counted = PieceCount.objects.get(piece="").count
    keep_up(NOW + dt.timedelta(minutes=1))
    assert list(SimilarText.objects.order_by("pk").values_list()) == before
    assert counted == 40
    assert similar.take_apart(NOW.date()) == []


@pytest.mark.django_db
@pytest.mark.usefixtures("clock")
def test_the_sweep_never_says_that_something_anonymous_came(
    cast: Cast, listening: Listening
) -> None:
    """It runs every minute and its words stand in a log and on a page."""
    say(listening.worker, "抢修班夜餐的标准三年没变")
    assert keep_up(NOW) == "更新1件"
    hidden = say(listening.worker, "有人在仓库抽烟，没有人管", level="anonymous")
    assert keep_up(NOW) == "更新0件"
    assert not SimilarText.objects.filter(pk=hidden.pk).exists()
    tomorrow = NOW + dt.timedelta(days=1)
    assert keep_up(tomorrow) == "更新0件"
    assert SimilarText.objects.filter(pk=hidden.pk).exists()


@pytest.mark.django_db
def test_themes_come_back_by_month(cast: Cast, listening: Listening, client: Client) -> None:
    for month, text in ((4, "食堂菜少"), (5, "饭堂太贵"), (6, "餐厅排队"), (6, "班车晚点")):
        say(listening.worker, text, now=NOW.replace(month=month))
    for month in (4, 5, 6, 6):  # a place is no theme
        say(listening.worker, "江南营业厅的门坏了", now=NOW.replace(month=month))
    keep_up(NOW)
    found = themes({cast.city.pk}, Month(2017, 6), NOW.date())
    [theme] = found.rows
    assert (theme.name, theme.counts, theme.total) == ("食堂", (0, 0, 0, 1, 1, 1), 3)
    assert theme.is_back
    with time_machine.travel(NOW, tick=False):
        client.force_login(cast.officer)
        page = client.get(reverse("feedback:themes"))
        assert "近半年提得最多的是食堂，3 件" in words(page)
        assert 'data-label="6月"' in page.content.decode(), (
            "on a phone, too, a number has its month"
        )
        client.force_login(listening.worker)
        assert client.get(reverse("feedback:themes")).status_code == 403


@pytest.mark.django_db
def test_an_anonymous_author_is_helped_too(known: list[StaffRequest], client: Client) -> None:
    address = reverse("feedback:anonymous-similar")
    response: Any = client.post(address, {"text": PAIRS[0][0]})
    assert PAIRS[0][1] in words(response)
    assert "我也遇到" not in words(response)
    assert not response.cookies


@pytest.mark.django_db
def test_the_ledger_finds_two_characters_old_and_new(known: list[StaffRequest], cast: Cast) -> None:
    def found(query: str, today: dt.date) -> set[str]:
        rows = StaffRequest.objects.filter(pk__in=similar.matching(query, today))
        return set(rows.values_list("pk", flat=True))

    for query in ("手套", "食堂", "不够", "夜里抢修", "的", "龙虾", "VPN"):
        wanted = {
            request.pk
            for request in StaffRequest.objects.all()
            if query.lower() in f"{request.headline} {request.text}".lower()
        }
        assert found(query, NOW.date()) == wanted, query
    SimilarText.objects.all().delete()  # too new to have been taken apart
    assert len(found("手套", NOW.date())) >= 1
