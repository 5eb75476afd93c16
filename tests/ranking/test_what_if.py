"""What-if: replaying a month changes nothing when nothing is changed, and says why when it is."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.test import Client

from evaluations.models import Deduction, RankingRun, RubricVersion
from evaluations.selectors.lift import lift
from evaluations.selectors.standings import standing_of
from evaluations.selectors.what_if import Terms, replay
from portal.kernel.months import SHANGHAI, Month
from tests.cast import Cast
from tests.ranking.test_corrections import corrected_from, inspected
from tests.ranking.worked import Worked, publish

pytestmark = pytest.mark.django_db

AUGUST = dt.datetime(2017, 8, 7, tzinfo=SHANGHAI)


def test_with_nothing_changed_every_total_and_place_is_the_published_one(
    cast: Cast, worked: Worked
) -> None:
    publish(worked.round)
    corrected_from(cast, Month(2017, 7))
    july = inspected(cast)
    publish(july, now=AUGUST)
    for round_ in (worked.round, july):
        round_.refresh_from_db()
        for group in replay(round_, Terms()).groups:
            for row in group.rows:
                assert row.total == row.total_before
                assert row.rank == row.rank_before
            assert group.moved == 0


def test_raw_instead_of_corrected_takes_the_correction_off(cast: Cast, worked: Worked) -> None:
    publish(worked.round)
    corrected_from(cast, Month(2017, 7))
    july = inspected(cast)
    run = publish(july, now=AUGUST)
    raw = {row.branch_id: row for g in replay(july, Terms(basis="raw")).groups for row in g.rows}
    for score in run.corrected.all():
        assert raw[score.branch_id].total == score.raw_total


def test_one_team_instead_of_two_says_so(cast: Cast, worked: Worked) -> None:
    publish(worked.round)
    july = inspected(cast)
    publish(july, now=AUGUST)
    rows = [row for g in replay(july, Terms(teams=1)).groups for row in g.rows]
    assert any("只算前 1 个组" in row.why for row in rows)
    assert any(row.total != row.total_before for row in rows)


def test_another_rubric_prices_the_same_facts_anew(cast: Cast, worked: Worked) -> None:
    publish(worked.round)
    version = worked.participant_a.rubric_version
    other = RubricVersion.objects.get(pk=version.pk)
    same = {
        r.branch_id: r for g in replay(worked.round, Terms(version=other)).groups for r in g.rows
    }
    for row in same.values():
        assert row.total == row.total_before
    business = RubricVersion.objects.get(rubric__subject="business", status="active")
    unmoved = replay(worked.round, Terms(version=business))
    mine = next(r for g in unmoved.groups for r in g.rows if r.branch_id == cast.branch_a.pk)
    assert mine.total == mine.total_before  # a rubric of another type leaves a branch alone


def test_one_band_up_takes_the_fewest_items(cast: Cast, worked: Worked) -> None:
    publish(worked.round)
    july = inspected(cast)
    publish(july, now=AUGUST)
    july.refresh_from_db()
    standing = standing_of(july, cast.officer)
    for group in standing.groups:
        for line in group.ranked:
            lost = {("A1", "一"): Decimal(2), ("B1", "二"): Decimal(9), ("C1", "三"): Decimal(1)}
            found = lift(line, group, lost)
            if line.fair is None or line.fair.band == 1:
                assert found is None
                continue
            assert found is not None
            assert found.items[0][0] == "B1"
            if found.is_enough:
                won = sum(marks for _code, _name, marks in found.items)
                assert won >= found.need
                assert won - found.items[-1][2] < found.need
            assert "分" in found.words


def test_officers_open_it_and_nothing_is_written(
    client: Client, cast: Cast, worked: Worked
) -> None:
    publish(worked.round)
    before = (RankingRun.objects.count(), Deduction.objects.count())
    page = f"/rounds/{worked.round.pk}/what-if/"
    client.force_login(cast.officer)
    assert "换一套规则" in client.get(page).content.decode()
    asked = client.get(page, {"basis": "raw", "teams": "1"}).content.decode()
    assert f"/rounds/{worked.round.pk}/what-if/month/?basis=raw" in asked
    month = client.get(f"{page}month/", {"basis": "raw", "teams": "1"})
    assert "名次有变化" in month.content.decode()
    assert "data-unmoved" in client.get(f"{page}month/").content.decode()
    refused = client.get(page, {"own_share": "101"})
    assert refused.status_code == 400
    assert "还没有算，请改下面几处" in refused.content.decode()
    assert "还没有存上" not in refused.content.decode()
    assert "不能大于100。" in refused.content.decode()
    client.force_login(cast.secretary_a)
    assert client.get(page).status_code == 404
    assert client.get(f"{page}month/").status_code == 404
    assert (RankingRun.objects.count(), Deduction.objects.count()) == before
