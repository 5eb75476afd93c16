"""What is wrong with a branch in a month, and what a team sees of it."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from random import Random

from branches.models import Duty
from evaluations.models import FindingKind, RoundParticipant, RubricItem, Severity
from evaluations.scoring import DueState, deduction_points, due_state
from evaluations.services import sheet_state
from portal.demo import plots
from portal.demo.chance import chance
from portal.demo.company import BuiltBranch
from portal.demo.plots import Failure
from portal.demo.sheets import USUAL, Fault, Scene, as_seen_by, draw_faults
from portal.demo.story.life import Life, workdays_of
from portal.kernel.months import Month


class Faults:
    """The faults of each branch and month, the same for both teams that come."""

    def __init__(self, life: Life) -> None:
        self.life = life
        self._of_month: dict[tuple[Month, str], tuple[list[Fault], list[Fault]]] = {}

    def seen_by(
        self, *, team: BuiltBranch, host: BuiltBranch, participant: RoundParticipant, rng: Random
    ) -> list[Fault]:
        month = participant.round.period
        forced, common = self._faults_of(participant, host, month)
        plan = host.plan
        amount = max(1.5, self._usual(plan.name, month) + team.plan.severity + rng.gauss(0, 1))
        seen = as_seen_by(faults=common, amount=amount, rng=rng, keep=forced)
        left = amount - float(sum(fault.points for fault in seen))
        if left > 1:
            known = {fault.rule_id for fault in (*common, *seen)}
            own = draw_faults(
                items=self.judged_items(participant),
                scene=self.scene(plan.name, month),
                amount=amount,
                rng=rng,
                blocked=self._blocked(month, plan.name),
                given=seen,
            )
            seen = [*seen, *(f for f in own[len(seen) :] if f.rule_id not in known)]
        for fault in seen:
            if fault.item.is_key_work:
                self.life.key_faults[month, plan.name].add((fault.item.code, fault.rule_text))
        return seen

    def _usual(self, name: str, month: Month) -> float:
        """How many marks the branch loses this month with an average team."""
        for (months_back, branch), told in plots.FORM.items() if self.life.has_plots else ():
            if branch == name and self.life.hand.plus(-months_back) == month:
                return told
        plan = self.life.built.branches[name].plan
        wobble = chance(self.life.seed, "form", name, month).gauss(0, 1.6)
        season = chance(self.life.seed, "season", plan.type, month).gauss(0, 0.8)
        return max(2.0, USUAL - plan.quality + wobble + season)

    def _faults_of(
        self, participant: RoundParticipant, host: BuiltBranch, month: Month
    ) -> tuple[list[Fault], list[Fault]]:
        """What is wrong with a branch this month: the faults told on purpose, and the rest."""
        name = host.plan.name
        if (month, name) not in self._of_month:
            rng = chance(self.life.seed, "faults", name, month)
            items = self.judged_items(participant)
            forced = [self._told(failure, items) for failure in self.life.failures(month, name)]
            told = {fault.item.code for fault in forced}
            forced += self._themed_day_faults(name, month, items) if "B4" not in told else []
            common = draw_faults(
                items=[item for item in items if item.code not in {f.item.code for f in forced}],
                scene=self.scene(name, month),
                amount=self._usual(name, month) + 3,
                rng=rng,
                blocked=self._blocked(month, name),
            )
            self._of_month[month, name] = (forced, common)
        return self._of_month[month, name]

    def _told(self, failure: Failure, items: Sequence[RubricItem]) -> Fault:
        item = next(item for item in items if item.code == failure.code)
        rule = next(rule for rule in item.rules.all() if rule.number == failure.rule)
        points = deduction_points(
            points=rule.points,
            takes_all=rule.takes_all,
            count=failure.count,
            full_marks=item.full_marks,
        )
        return Fault(
            item=item,
            rule_id=rule.pk,
            rule_text=rule.text,
            number=rule.number,
            count=failure.count,
            points=points,
            fact=failure.fact,
            severity=Severity.MAJOR,
            kind=FindingKind.FIX_BY_DATE,
        )

    def _themed_day_faults(
        self, name: str, month: Month, items: Sequence[RubricItem]
    ) -> list[Fault]:
        """What the records show, every team sees: under 80 % came, or the day was moved."""
        expected, present = self.life.turnout.get((month, name), (0, 0))
        item = next(item for item in items if item.code == "B4")
        found = []
        if expected * 60 <= present * 100 < expected * 80:
            share = (present * 200 + expected) // (expected * 2)
            fact = f"主题党日应到{expected}人，实到{present}人，出席率{share}%。"
            found.append(("出席率低于80%", fact))
        elif (month, name) in self.life.moved:
            day = self.life.held[month, name, Duty.THEMED_DAY]
            fact = f"主题党日未在固定日开展，改到{day.month}月{day.day}日，会前没有说明改期原因。"
            found.append(("改期未说明原因", fact))
        rules = {rule.text: rule for rule in item.rules.all()}
        return [
            Fault(
                item=item,
                rule_id=rules[text].pk,
                rule_text=text,
                number=rules[text].number,
                count=1,
                points=rules[text].points or Decimal(0),
                fact=fact,
                severity=Severity.MINOR,
                kind=FindingKind.FIX_BY_DATE,
            )
            for text, fact in found
            if ("B4", text) not in self._blocked(month, name)
        ]

    def _blocked(self, month: Month, name: str) -> frozenset[tuple[str, str]]:
        """Key-work faults of both months before: a third would be a notice by accident."""
        return frozenset(
            self.life.key_faults[month.plus(-1), name] & self.life.key_faults[month.plus(-2), name]
        )

    def scene(self, name: str, month: Month) -> Scene:
        days = workdays_of(month.first_day, month.last_day)
        if month == self.life.hand:
            days = [day for day in days if day < self.life.today] or days[:1]
        return Scene(
            plan=self.life.built.branches[name].plan,
            month_number=month.number,
            quarter=(month.number + 2) // 3,
            days=days[1:15] or days,
            committee_day=self.life.held.get((month, name, Duty.COMMITTEE_MEETING)),
            themed_day=self.life.held.get((month, name, Duty.THEMED_DAY)),
        )

    @staticmethod
    def judged_items(participant: RoundParticipant) -> list[RubricItem]:
        return [
            item
            for item in sheet_state.rubric_content(participant.rubric_version)
            if due_state(
                frequency=item.frequency,
                applies_when=item.applies_when,
                month_number=participant.round.period.number,
                has_committee=participant.has_committee,
                group_count=participant.group_count,
            )
            is DueState.DUE
        ]
