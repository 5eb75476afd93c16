"""How findings are put right and looked back at."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from functools import partial
from random import Random

from evaluations.lifecycles import FindingStatus
from evaluations.models import Finding
from evaluations.services import findings
from portal.demo import facts, plots
from portal.demo.story.life import Life, Visit, moment
from portal.workdays.services import add_workdays


class Rectification:
    """Reports of the branches and looks back of the teams."""

    def __init__(self, life: Life) -> None:
        self.life = life

    def plan(
        self, visit: Visit, ids: Sequence[int], due_on: dt.date, rng: Random, now: dt.datetime
    ) -> None:
        """When the branch reports what is due on one day: one time in thirty it is late, of
        last month's some things are still undone."""
        month = visit.participant.round.period
        if self.life.has_plots and month == self.life.hand.plus(-1):
            ids = ids[:-1] if visit.host.plan.name in plots.SLOW else ids
        if not ids:
            return
        day = add_workdays(due_on, -rng.choice((0, 0, 1, 1, 2)))
        if rng.random() < 0.03:
            day = add_workdays(due_on, rng.choice((1, 2, 3)))
        at = max(moment(day, 16, rng.randrange(50)), now + dt.timedelta(minutes=30))
        self.life.agenda.at(at, partial(self._report, visit, ids, rng))

    def _report(self, visit: Visit, ids: Sequence[int], rng: Random, now: dt.datetime) -> None:
        ids = self._unsettled(ids)
        if not ids:
            return
        people = visit.host.people[: 1 + len(visit.host.people) // 3]
        findings.report_findings(
            reports={
                key: findings.Report(
                    cause=rng.choice(facts.CAUSES),
                    measure=rng.choice(facts.MEASURES),
                    responsible=rng.choice(people).name,
                )
                for key in ids
            },
            actor=visit.host.secretary,
            now=now,
        )
        look = moment(
            add_workdays(now.date(), rng.choice((1, 2, 2, 3, 4, 5))), 10, rng.randrange(60)
        )
        self.life.agenda.at(look, partial(self._look_back, visit, ids, rng))

    def _look_back(self, visit: Visit, ids: Sequence[int], rng: Random, now: dt.datetime) -> None:
        ids = self._unsettled(ids)
        leader = visit.team.secretary
        if ids and rng.random() < 0.08:
            finding = findings.return_finding(
                finding_id=ids[0], reason=rng.choice(facts.RETURNS), actor=leader, now=now
            )
            again = moment(finding.due_on, 15, rng.randrange(60))
            self.life.agenda.at(again, partial(self._report, visit, ids[:1], rng))
            ids = ids[1:]
        if ids:
            note = rng.choice(facts.LOOK_BACK)
            findings.verify_findings(finding_ids=ids, actor=leader, now=now, note=note)

    @staticmethod
    def _unsettled(ids: Sequence[int]) -> list[int]:
        """Those that no appeal has struck off meanwhile."""
        still = Finding.objects.filter(pk__in=ids).exclude(status=FindingStatus.VERIFIED)
        return list(still.order_by("pk").values_list("pk", flat=True))
