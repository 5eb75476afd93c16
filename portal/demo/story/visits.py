"""Who visits whom, the sheets they fill in, and what the visited say."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Sequence
from functools import partial
from random import Random

from evaluations.models import Finding, InspectionTeam, MonthRound
from evaluations.pairing_terms import Pair
from evaluations.services import pairing, rounds, sheets
from evaluations.services.visit_days import Diary, Slot
from portal.demo import facts, plots
from portal.demo.chance import chance
from portal.demo.sheets import Fault, by_item
from portal.demo.story.faults import Faults
from portal.demo.story.life import Ending, Life, Visit, moment, workdays_of
from portal.demo.story.rectification import Rectification
from portal.kernel.months import Month
from portal.workdays.services import add_workdays


class Visits:
    """Draws the pairs of a month and lets the visits happen."""

    def __init__(self, life: Life, faults: Faults, rectification: Rectification) -> None:
        self.life = life
        self.faults = faults
        self.rectification = rectification

    def assign(
        self,
        round_: MonthRound,
        starts: dt.date,
        ends: dt.date,
        ending: Ending,
        now: dt.datetime,
    ) -> None:
        month = round_.period
        rng = chance(self.life.seed, "pairs", self.life.built.plan.name, month)
        is_hand = ending == Ending.IN_INSPECTION and self.life.has_plots
        days = workdays_of(starts, ends) or [starts]
        slots = _slots(days, rng)
        done = _slots([day for day in days if day < self.life.today] or days, rng)
        left = _slots([day for day in days if day > self.life.today] or days, rng)
        by_id = {b.branch.pk: b for b in self.life.built.branches.values()}
        times: dict[Pair, dt.datetime] = {}

        def diary(team: int, host: int) -> Slot:
            pair = (by_id[team].plan.name, by_id[host].plan.name)
            if ending == Ending.IN_INSPECTION:
                early = rng.random() < 0.72 or (
                    pair[0] == plots.WITHDRAWN and pair not in self._withdrawn_pairs()
                )
                at = self._tour_moment(pair, (done if early else left)(pair[0]))
            else:
                at = slots(pair[0])
            times[pair] = at
            place = f"{by_id[host].plan.label}{rng.choice(facts.PLACES)}"[:60]
            return Slot(at.date(), at.time(), place)

        if is_hand:
            self._keep_stand_ins(round_, now)
            self._assign_tour(round_, diary, now)
        elif self.life.has_plots and month in (self.life.hand.plus(-1), self.life.hand.plus(-2)):
            self._stand_aside(month, now)
        pairing.draw_round(
            round_id=round_.pk,
            actor=self.life.officer,
            now=now + dt.timedelta(minutes=20),
            via="web",
            diary=diary,
        )
        participants = {
            p.branch_id: p for p in round_.participants.select_related("branch", "rubric_version")
        }
        for inspection in round_.inspections.select_related("team").order_by("pk"):
            team, host = (
                by_id[inspection.inspector_branch_id],
                by_id[inspection.inspected_branch_id],
            )
            pair = (team.plan.name, host.plan.name)
            visit = Visit(inspection, team, host, participants[host.branch.pk], times[pair])
            if is_hand and pair in self._withdrawn_pairs():
                continue
            if is_hand and pair == plots.UNDER_WAY:
                self.life.agenda.at(visit.at, partial(self._half_a_visit, visit))
            elif ending != Ending.IN_INSPECTION or visit.at.date() < self.life.today:
                self.life.agenda.at(visit.at, partial(self._visit, visit))
        if is_hand:
            withdraw = moment(add_workdays(self.life.today, -1), 17, 5)
            self.life.agenda.at(withdraw, partial(self._drop_out, round_))

    def _stand_aside(self, month: Month, now: dt.datetime) -> None:
        """The pairs that the tour needs in the month in hand must not have met just before."""
        for team, host in self._tour_pairs():
            branches = self.life.built.branches
            pairing.recuse(
                inspector=branches[team].branch,
                inspected=branches[host].branch,
                first_month=month,
                last_month=month,
                reason=plots.RECUSED_REASON,
                actor=self.life.officer,
                now=now,
            )

    def _keep_stand_ins(self, round_: MonthRound, now: dt.datetime) -> None:
        """Those that the team that drops out leaves send no team themselves: whom they visited
        could not stand in, the two would inspect each other in one month."""
        if not self.life.has_plots:
            return
        for name in plots.WITHDRAWN_FROM:
            pairing.drop_out(
                round_id=round_.pk,
                branch=self.life.built.branches[name].branch,
                reason=plots.AT_HOME_REASON,
                actor=self.life.officer,
                now=now,
            )

    def _assign_tour(self, round_: MonthRound, diary: Diary, now: dt.datetime) -> None:
        """Visits arranged by hand before the draw, which keeps them."""
        branches = self.life.built.branches
        pairs = self._tour_pairs()
        teams = self._make_teams(round_, pairs, now)
        participants = {p.branch_id: p for p in round_.participants.all()}
        for team, host in pairs:
            slot = diary(branches[team].branch.pk, branches[host].branch.pk)
            rounds.assign(
                round_id=round_.pk,
                team=teams[team],
                participant=participants[branches[host].branch.pk],
                planned_on=slot.on,
                planned_time=slot.at,
                place=slot.place,
                actor=self.life.officer,
                now=now,
            )

    def _make_teams(
        self, round_: MonthRound, pairs: Sequence[Pair], now: dt.datetime
    ) -> dict[str, InspectionTeam]:
        """The teams of ``pairs``; those of offices and firms have the first numbers."""
        sending = {inspector for inspector, _ in pairs}
        order = sorted(
            (built for name, built in self.life.built.branches.items() if name in sending),
            key=lambda built: built.plan.type == "production",
        )
        return {
            built.plan.name: rounds.create_team(
                round_id=round_.pk,
                branch=built.branch,
                leader=built.officers[0],
                members=[built.officers[1] if len(built.officers) > 1 else built.people[1]],
                actor=self.life.officer,
                now=now,
            )
            for built in order
        }

    def _tour_pairs(self) -> list[Pair]:
        """Visits of the month in hand that the tour needs."""
        if not self.life.has_plots:
            return []
        return [
            (plots.DEMO_INSPECTORS, plots.DEMO_BRANCH),
            (plots.SECOND_TEAM, plots.DEMO_BRANCH),
            (plots.DEMO_INSPECTORS, plots.DEMO_TODAY),
            (plots.DEMO_BRANCH, plots.DEMO_VISITS),
            plots.UNDER_WAY,
            *self._withdrawn_pairs(),
        ]

    @staticmethod
    def _withdrawn_pairs() -> list[Pair]:
        return [(plots.WITHDRAWN, name) for name in plots.WITHDRAWN_FROM]

    def _tour_moment(self, pair: Pair, at: dt.datetime) -> dt.datetime:
        if not self.life.has_plots:
            return at
        today, tomorrow = self.life.today, add_workdays(self.life.today, 1)
        told = {
            (plots.DEMO_INSPECTORS, plots.DEMO_BRANCH): moment(add_workdays(today, -1), 14, 30),
            (plots.DEMO_INSPECTORS, plots.DEMO_TODAY): moment(today, 15),
            (plots.DEMO_BRANCH, plots.DEMO_VISITS): moment(tomorrow, 14, 30),
            (plots.SECOND_TEAM, plots.DEMO_BRANCH): moment(tomorrow, 9),
            plots.UNDER_WAY: moment(today, 8, 30),
        }
        if pair in told:
            return told[pair]
        if pair in self._withdrawn_pairs():
            return moment(tomorrow, 9)
        return at

    def _drop_out(self, round_: MonthRound, now: dt.datetime) -> None:
        pairing.drop_out(
            round_id=round_.pk,
            branch=self.life.built.branches[plots.WITHDRAWN].branch,
            reason=plots.WITHDRAWN_REASON,
            actor=self.life.officer,
            now=now,
        )

    def _visit(self, visit: Visit, now: dt.datetime) -> None:
        """A whole visit: begun, filled in, submitted; the answer is put on the agenda."""
        leader = visit.team.secretary
        rng = chance(self.life.seed, "visit", visit.participant.round_id, *self._names(visit))
        key = visit.inspection.pk
        sheets.start_sheet(inspection_id=key, actor=leader, now=now)
        self.rectification.recheck(visit, now)
        lines = by_item(self._seen(visit, rng))
        filled = now + dt.timedelta(minutes=8 * len(lines))
        sheets.save_items(
            inspection_id=key,
            items=[sheets.ItemInput(item_id, tuple(found)) for item_id, found in lines.items()],
            actor=leader,
            now=filled,
        )
        submitted = filled + dt.timedelta(minutes=10)
        sheets.submit_sheet(
            inspection_id=key,
            highlights=rng.choice(facts.HIGHLIGHTS),
            rest_is_fine=True,
            actor=leader,
            now=submitted,
        )
        if self._waits_for_answer(visit):
            return
        answered = submitted + dt.timedelta(minutes=rng.choice((10, 15, 25, 40)))
        if rng.random() < 0.2:  # the secretary was out; the next working day, then
            answered = moment(add_workdays(now.date(), 1), 9, rng.randrange(50))
        self.life.agenda.at(answered, partial(self._answer_sheet, visit, rng))

    def _seen(self, visit: Visit, rng: Random) -> list[Fault]:
        return self.faults.seen_by(
            team=visit.team, host=visit.host, participant=visit.participant, rng=rng
        )

    def _half_a_visit(self, visit: Visit, now: dt.datetime) -> None:
        """A visit in the middle of which the demo's present lies: half the items looked at."""
        rng = chance(self.life.seed, "visit", visit.participant.round_id, *self._names(visit))
        leader = visit.team.secretary
        key = visit.inspection.pk
        sheets.start_sheet(inspection_id=key, actor=leader, now=now)
        self.rectification.recheck(visit, now)
        lines = by_item(self._seen(visit, rng))
        items = self.faults.judged_items(visit.participant)
        for number, item in enumerate(items[: len(items) // 2], start=1):
            sheets.save_item(
                inspection_id=key,
                item_id=item.pk,
                lines=lines.get(item.pk, []),
                override=None,
                version=0,
                actor=leader,
                now=now + dt.timedelta(minutes=2 * number),
            )

    @staticmethod
    def _names(visit: Visit) -> tuple[str, str]:
        return visit.team.plan.name, visit.host.plan.name

    def _waits_for_answer(self, visit: Visit) -> bool:
        return (
            self.life.has_plots
            and self._names(visit) == (plots.DEMO_INSPECTORS, plots.DEMO_BRANCH)
            and Month.of(visit.participant.round.month) == self.life.hand
        )

    def _answer_sheet(self, visit: Visit, rng: Random, now: dt.datetime) -> None:
        secretary = visit.host.secretary
        key = visit.inspection.pk
        if rng.random() < 0.05:
            text = rng.choice(facts.OBJECTIONS)
            sheets.object_to_sheet(inspection_id=key, text=text, actor=secretary, now=now)
        else:
            sheets.confirm_sheet(inspection_id=key, actor=secretary, now=now)
        # What is fixed at once is reported at once, what takes longest last, the rest together.
        together: dict[str, list[tuple[dt.date, int]]] = defaultdict(list)
        found = Finding.objects.filter(inspection_id=key).order_by("number")
        for finding_id, kind, due_on in found.values_list("pk", "kind", "due_on"):
            together[kind].append((due_on, finding_id))
        for rows in together.values():
            first_due = min(due_on for due_on, _finding_id in rows)
            self.rectification.plan(visit, [key for _due_on, key in rows], first_due, rng, now)


def _slots(days: Sequence[dt.date], rng: Random) -> Callable[[str], dt.datetime]:
    """Hands out half days to each team in turn, so that no team is in two places at once."""
    halves = [(day, hour, minute) for day in days for hour, minute in ((9, 0), (14, 30))]
    plans: dict[str, list[tuple[dt.date, int, int]]] = {}

    def next_slot(team: str) -> dt.datetime:
        left = plans.get(team)
        if not left:
            left = rng.sample(halves, len(halves))
            plans[team] = left
        return moment(*left.pop())

    return next_slot
