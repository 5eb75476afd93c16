"""How findings are put right and looked back at."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from functools import partial
from random import Random

from evaluations.lifecycles import FindingStatus
from evaluations.models import Finding
from evaluations.services import findings, rechecks
from portal.accounts.models import User
from portal.demo import facts, plots
from portal.demo.chance import chance
from portal.demo.story.life import Life, Visit, moment
from portal.workdays.services import add_workdays

RECHECKED_MONTHS = 2  # before the month in hand
RECHECKED_PER_VISIT = 3
CAME_BACK = 0.05


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
        self.life.agenda.at(at, partial(self._report, visit, ids, rng, visit.team.secretary))

    def _report(
        self, visit: Visit, ids: Sequence[int], rng: Random, looker: User, now: dt.datetime
    ) -> None:
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
        self.life.agenda.at(look, partial(self._look_back, visit, ids, rng, looker))

    def _look_back(
        self, visit: Visit, ids: Sequence[int], rng: Random, looker: User, now: dt.datetime
    ) -> None:
        reported = Finding.objects.filter(pk__in=ids, status=FindingStatus.REPORTED)
        ids = list(reported.order_by("pk").values_list("pk", flat=True))
        if ids and rng.random() < 0.08:
            finding = findings.return_finding(
                finding_id=ids[0], reason=rng.choice(facts.RETURNS), actor=looker, now=now
            )
            again = moment(finding.due_on, 15, rng.randrange(60))
            self.life.agenda.at(again, partial(self._report, visit, ids[:1], rng, looker))
            ids = ids[1:]
        if ids:
            note = rng.choice(facts.LOOK_BACK)
            findings.verify_findings(finding_ids=ids, actor=looker, now=now, note=note)

    def recheck(self, visit: Visit, now: dt.datetime) -> None:
        """What another team found the month before, seen with this team's own eyes: most of it
        has held. Only of the latest months, which the page of the figures speaks of."""
        month = visit.participant.round.period
        if month < self.life.hand.plus(-RECHECKED_MONTHS):
            return
        rng = chance(
            self.life.seed, "recheck", str(month), visit.team.plan.name, visit.host.plan.name
        )
        asked = Finding.objects.to_recheck_on(visit.inspection).order_by("pk")
        for key in asked.values_list("pk", flat=True)[:RECHECKED_PER_VISIT]:
            holds = visit.host.plan.name == plots.DEMO_BRANCH or rng.random() >= CAME_BACK
            finding = rechecks.recheck_finding(
                finding_id=key,
                visit_id=visit.inspection.pk,
                holds=holds,
                note="" if holds else rng.choice(facts.CAME_BACK),
                actor=visit.team.secretary,
                now=now,
            )
            if not holds:
                again = moment(finding.due_on, 15, rng.randrange(60))
                judge = self.life.judge_of(visit.host)
                self.life.agenda.at(again, partial(self._report, visit, [key], rng, judge))

    @staticmethod
    def _unsettled(ids: Sequence[int]) -> list[int]:
        """Those that neither an appeal nor another team has struck off meanwhile."""
        still = Finding.objects.filter(pk__in=ids).exclude(status=FindingStatus.VERIFIED)
        return list(still.order_by("pk").values_list("pk", flat=True))
