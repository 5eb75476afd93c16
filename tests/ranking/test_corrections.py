"""Corrected scores in a published month: on either basis, in the chain, and from a file."""

from __future__ import annotations

import datetime as dt
import io
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, transaction
from django.test import Client

from evaluations import bundle, calibration, chain
from evaluations.models import (
    CorrectedScore,
    MonthRound,
    RankingRun,
    RunCalibration,
    TeamSeverity,
)
from evaluations.ranking import parameters_with, standing_rows
from evaluations.services import rounds
from evaluations.services.corrections import corrected_scores
from evaluations.services.publish import publish_round, republish_round
from portal.kernel.months import SHANGHAI, Month
from tests.cast import Cast
from tests.ranking.worked import PUBLISH_AT, Worked, fill, publish, uphold_later

pytestmark = pytest.mark.django_db


def said(name: str, *arguments: str) -> str:
    out = io.StringIO()
    call_command(name, *arguments, stdout=out)
    return out.getvalue()


def corrected_from(cast: Cast, month: Month) -> None:
    rounds.set_policy(
        committee=cast.city,
        first_month=month,
        values={"official_basis": "corrected"},
        actor=cast.officer,
        now=PUBLISH_AT,
    )


def july_inspected(cast: Cast) -> MonthRound:
    """A second month, in which a team whose marks are known comes again."""
    now = dt.datetime(2017, 7, 25, 9, 0, tzinfo=SHANGHAI)
    july = rounds.open_round(committee=cast.city, month=Month(2017, 7), actor=None, now=now)
    everybody = {p.branch_id: p for p in july.participants.all()}
    for sender, hosts in (
        (cast.office_two, (cast.branch_a, cast.branch_b, cast.sub_two)),
        (cast.supplies, (cast.branch_a, cast.branch_b, cast.sub_two)),
    ):
        team = rounds.create_team(
            round_id=july.pk,
            branch=sender,
            leader=cast.person(cast.secretary_of(sender)),
            members=[],
            actor=None,
            now=now,
        )
        for host in hosts:
            visit = rounds.assign(
                round_id=july.pk, team=team, participant=everybody[host.pk], actor=None, now=now
            )
            if sender == cast.supplies:
                fill(visit, {})
            else:
                fill(visit, {("C3", 2): (1, "未登记"), ("A2", 3): (2, "答不出")})
    return rounds.close_inspection(
        round_id=july.pk,
        actor=None,
        now=dt.datetime(2017, 8, 1, 0, 5, tzinfo=SHANGHAI),
        via="sweep",
        reason="x",
    )


def inspected(cast: Cast) -> MonthRound:
    rounds.start_inspection(
        round_id=rounds.open_round(
            committee=cast.city, month=Month(2017, 7), actor=None, now=PUBLISH_AT
        ).pk,
        actor=None,
        now=dt.datetime(2017, 7, 25, 0, 5, tzinfo=SHANGHAI),
        via="sweep",
        reason="x",
    )
    return july_inspected(cast)


def test_the_first_month_is_raw_and_says_why(worked: Worked) -> None:
    run = publish(worked.round)
    kept = RunCalibration.objects.get(run=run)
    assert kept.basis == "raw"
    assert len(kept.input_digest) == 64
    for score in run.corrected.all():
        assert score.correction == 0
        assert score.reason in {"first_month", "apart", "little_history"}
        assert score.total == score.raw_total
    assert all(entry.correction is None for entry in run.entries.all())


def test_a_month_is_ranked_by_corrected_scores_from_the_month_the_committee_says(
    cast: Cast, worked: Worked
) -> None:
    first = publish(worked.round)
    corrected_from(cast, Month(2017, 7))
    july = inspected(cast)
    run = publish_round(
        round_id=july.pk, actor=None, now=dt.datetime(2017, 8, 7, tzinfo=SHANGHAI), via="sweep"
    ).run
    kept = RunCalibration.objects.get(run=run)
    assert kept.basis == "corrected"
    entry = run.entries.get(branch=cast.branch_a)
    score = run.corrected.get(branch=cast.branch_a)
    assert entry.total == score.total
    assert entry.rank == score.rank
    assert entry.correction is not None
    assert entry.base + entry.correction + entry.bonus == entry.total
    strict = TeamSeverity.objects.get(run=run, branch=cast.office_two)
    lenient = TeamSeverity.objects.get(run=run, branch=cast.supplies)
    assert strict.severity < 0 < lenient.severity
    assert RunCalibration.objects.get(run=first).basis == "raw"  # June stays as it was
    assert all(not link.problem for link in chain.verify())


def test_ranges_and_bands_hold_each_rank(cast: Cast, worked: Worked) -> None:
    publish(worked.round)
    july = inspected(cast)
    for score in publish(july, now=dt.datetime(2017, 8, 7, tzinfo=SHANGHAI)).corrected.all():
        if score.rank_low is not None:
            assert score.rank_low <= score.rank <= score.rank_high
            assert score.tie_band >= 1
        assert score.se > 0


def test_what_is_shown_before_is_what_is_published(cast: Cast, worked: Worked) -> None:
    publish(worked.round)
    corrected_from(cast, Month(2017, 7))
    july = MonthRound.objects.select_related("policy").get(pk=inspected(cast).pk)
    found = calibration.month_fit(july)
    assert found is not None
    shown = corrected_scores(july, found, standing_rows(parameters_with(july, found)))
    run = publish(july, now=dt.datetime(2017, 8, 7, tzinfo=SHANGHAI))
    kept = {score.branch_id: score for score in run.corrected.all()}
    assert {s.branch_id: (s.total, s.rank, s.se, s.rank_low) for s in shown} == {
        b: (s.total, s.rank, s.se, s.rank_low) for b, s in kept.items()
    }


def test_an_appeal_upheld_takes_the_sheet_out_of_the_fit(cast: Cast, worked: Worked) -> None:
    before = calibration.month_fit(worked.round)
    uphold_later(worked.deduction("D1"), 0, cast.officer)
    after = calibration.month_fit(worked.round)
    assert before is not None
    assert after is not None
    assert before.row_count == after.row_count
    assert before.fit.input_digest != after.fit.input_digest
    weights = (
        before.fit.teams[cast.office_two.pk].weight,
        after.fit.teams[cast.office_two.pk].weight,
    )
    assert weights[0] == weights[1] + 1


@pytest.mark.parametrize("model", [RunCalibration, CorrectedScore, TeamSeverity])
def test_corrections_are_frozen_with_their_run(model: Any, worked: Worked) -> None:
    publish(worked.round)
    row = model.objects.order_by("pk")[0]
    rows = model.objects.filter(pk=row.pk)
    field = "model_version" if model is RunCalibration else "branch"
    value = "x" if model is RunCalibration else row.branch
    with pytest.raises(DatabaseError, match="更正须另发修订"), transaction.atomic():
        rows.update(**{field: value})
    with pytest.raises(DatabaseError, match="更正须另发修订"), transaction.atomic():
        rows._raw_delete(rows.db)


def test_whoever_changes_a_correction_breaks_the_chain(worked: Worked) -> None:
    run = publish(worked.round)
    line = next(line for line in chain.lines(run) if line.startswith("corrected|"))
    changed = [text.replace("|", "|9", 1) if text == line else text for text in chain.lines(run)]
    assert chain.hash_lines(chain.header(run), iter(changed)) != run.digest


# -- from a file ------------------------------------------------------------------------------


def test_published_months_are_recomputed_from_their_bundles(
    cast: Cast, worked: Worked, tmp_path: Path
) -> None:
    publish(worked.round)
    corrected_from(cast, Month(2017, 7))
    publish(inspected(cast), now=dt.datetime(2017, 8, 7, tzinfo=SHANGHAI))
    for month in ("2017-06", "2017-07"):
        file = tmp_path / f"{month}.json"
        said("export_month", month, str(file))
        text = said("recompute_month", str(file))
        assert "摘要一致" in text
        assert "门户数据库里的这一期也是这个摘要" in text


def test_a_correction_and_its_first_publication_are_both_recomputed(
    cast: Cast, worked: Worked
) -> None:
    first = publish(worked.round)
    appeal = uphold_later(worked.deduction("D1"), 0, cast.officer)
    appeal.decided_at = PUBLISH_AT + dt.timedelta(hours=3)
    appeal.save()
    second = republish_round(
        round_id=worked.round.pk,
        reason="申诉成立",
        actor=cast.officer,
        now=PUBLISH_AT + dt.timedelta(days=1),
    ).run
    assert second.revision == 2
    for run in (first, second):
        given = json.loads(json.dumps(bundle.export(RankingRun.objects.get(pk=run.pk))))
        assert bundle.recompute(given).digest == run.digest


def test_a_changed_bundle_does_not_agree(cast: Cast, worked: Worked, tmp_path: Path) -> None:
    run = publish(worked.round)
    given = json.loads(json.dumps(bundle.export(run)))
    given["tables"]["evaluations_deduction"][0][5] += 100
    assert not bundle.recompute(given).agrees
    file = tmp_path / "spoilt.json"
    file.write_text(json.dumps(given), encoding="utf-8")
    with pytest.raises(CommandError, match="不一致"):
        said("recompute_month", str(file))
    file.write_text("[]", encoding="utf-8")
    with pytest.raises(CommandError, match="读不懂"):
        said("recompute_month", str(file))
    with pytest.raises(CommandError, match="没有通报"):
        said("export_month", "2016-01", str(file))


# -- pages --------------------------------------------------------------------------------------


def test_the_page_says_how_sure_a_place_is(client: Client, cast: Cast, worked: Worked) -> None:
    publish(worked.round)
    corrected_from(cast, Month(2017, 7))
    july = inspected(cast)
    client.force_login(cast.secretary_a)
    for published in (False, True):
        if published:
            publish(july, now=dt.datetime(2017, 8, 7, tzinfo=SHANGHAI))
        page = f"/rankings/{july.pk}/?branch={cast.branch_a.pk}"
        text = client.get(page).content.decode()
        for words in ("误差内可能的名次", "原始平均", "校正", "检查组宽严", "怎么校正的", "可能"):
            assert words in text
        table = client.get(page + "&view=table").content.decode()
        assert "可能名次" in table


def test_severity_is_told_only_to_those_it_concerns(
    client: Client, cast: Cast, worked: Worked
) -> None:
    publish(worked.round)
    page = f"/rankings/{worked.round.pk}/"
    client.force_login(cast.officer)
    assert "检查组宽严" in client.get(page).content.decode()
    client.force_login(cast.employee)
    text = client.get(page).content.decode()
    assert "检查组宽严" not in text
    client.force_login(cast.inspector)
    own = client.get("/rankings/severity/").content.decode()
    assert str(cast.office_two) in own
    client.force_login(cast.secretary_a)
    assert str(cast.office_two) not in client.get("/rankings/severity/").content.decode()


def test_the_bulletin_gives_the_reliability_of_the_month(
    client: Client, cast: Cast, worked: Worked
) -> None:
    run = publish(worked.round)
    kept = RunCalibration.objects.get(run=run).reliability
    client.force_login(cast.secretary_a)
    text = client.get(f"/bulletins/{worked.round.pk}/").content.decode()
    for share in kept.values():
        if share is not None:
            assert f"可靠度 {share}%" in text
    assert Decimal(0) <= max((s for s in kept.values() if s is not None), default=0) <= 100
