"""A month before the one that is inspected: two findings, reported and struck off."""

from __future__ import annotations

import datetime as dt

from evaluations.models import Finding, RoundParticipant, RubricItem
from evaluations.services import findings, rounds, sheets
from portal.kernel.months import SHANGHAI, Month
from tests.cast import Cast

THEN = dt.datetime(2017, 5, 26, 10, 0, tzinfo=SHANGHAI)


def findings_of_may(cast: Cast) -> list[Finding]:
    """What the energy branch's team found at branch_a in May, put right and struck off."""
    round_ = rounds.open_round(committee=cast.city, month=Month(2017, 5), actor=None, now=THEN)
    actor = cast.secretary_of(cast.energy)
    team = rounds.create_team(
        round_id=round_.pk,
        branch=cast.energy,
        leader=cast.person(actor),
        members=[],
        actor=None,
        now=THEN,
    )
    visit = rounds.assign(
        round_id=round_.pk,
        team=team,
        participant=RoundParticipant.objects.get(round=round_, branch=cast.branch_a),
        actor=None,
        now=THEN,
    )
    rounds.start_inspection(
        round_id=round_.pk, actor=None, now=THEN, via="sweep", reason="窗口已到"
    )
    for code, number, fact in (("A1", 1, "5月的文件没有传达"), ("D1", 1, "5月两人未系下颏带")):
        item = RubricItem.objects.get(version=visit.participant.rubric_version, code=code)
        sheets.save_item(
            inspection_id=visit.pk,
            item_id=item.pk,
            lines=[sheets.LineInput(item.rules.get(number=number).pk, 1, fact)],
            override=None,
            version=0,
            actor=actor,
            now=THEN,
        )
    sheets.submit_sheet(inspection_id=visit.pk, rest_is_fine=True, actor=actor, now=THEN)
    sheets.confirm_sheet(inspection_id=visit.pk, actor=cast.secretary_a, now=THEN)
    found = list(Finding.objects.filter(inspection=visit).order_by("number"))
    for finding in found:
        findings.report_finding(
            finding_id=finding.pk,
            cause="疏忽",
            measure="补上并公示",
            responsible="林建明",
            actor=cast.secretary_a,
            now=THEN,
        )
        findings.verify_finding(finding_id=finding.pk, actor=cast.officer, now=THEN)
    return found
