"""Appeals, and the notices that publication drafts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from functools import partial

from evaluations.models import Deduction, MonthRound, RankingRun, RectificationNotice, ScoreAppeal
from evaluations.permissions import may_issue_notice
from evaluations.services import adjustments, appeals, notices
from portal.demo import facts, plots
from portal.demo.chance import chance
from portal.demo.company import BuiltBranch
from portal.demo.plots import Course, Failure
from portal.demo.sheets import write
from portal.demo.story.faults import Faults
from portal.demo.story.life import Life, moment
from portal.workdays.services import add_workdays


class Rulings:
    """What the office decides: appeals of the branches, bonus marks, notices and their course."""

    def __init__(self, life: Life, faults: Faults) -> None:
        self.life = life
        self.faults = faults

    def add_bonuses(self, round_: MonthRound, now: dt.datetime) -> None:
        """The officer adds marks for a proven fact: a fault found and mended before anybody
        came, a night of repairs."""
        month = round_.period
        rng = chance(self.life.seed, "bonus", self.life.built.plan.name, month)
        hosts = [
            built
            for built in self.life.built.branches.values()
            if not (built.plan.is_exempt or built.plan.is_general)
            and not built.plan.has_party_affairs_office
        ]
        self._add_bonus(round_, rng.choice(hosts), "J5", rng.choice(facts.SELF_CURED), now)
        repairers = [built for built in hosts if built.plan.sites]
        demo = self.life.built.branches.get(plots.DEMO_BRANCH)
        if self.life.has_plots and month == self.life.hand and demo:
            repairers = [demo]
        if repairers and (month == self.life.hand or month.number in {5, 6, 7, 8, 9}):
            built = rng.choice(repairers)
            scene = self.faults.scene(built.plan.name, month)
            text = write(rng.choice(facts.RESCUES), scene=scene, count=1, rng=rng)
            self._add_bonus(round_, built, "J3", text, now)

    def _add_bonus(
        self, round_: MonthRound, built: BuiltBranch, code: str, fact: str, now: dt.datetime
    ) -> None:
        participant = round_.participants.select_related(
            "branch__committee", "rubric_version", "round__committee"
        ).get(branch=built.branch)
        rule = participant.rubric_version.bonus_rules.get(code=code)
        adjustments.add_bonus(
            participant=participant, rule=rule, fact=fact, actor=self.life.officer, now=now
        )

    def appeal(self, round_: MonthRound, ruling: tuple[bool, str] | None, now: dt.datetime) -> None:
        """A branch contests one deduction; with a ``ruling`` it is decided the same day."""
        rng = chance(self.life.seed, "appeal", self.life.built.plan.name, round_.period)
        told = {failure.fact for failure in plots.FAILURES}
        lines = [
            line
            for line in Deduction.objects.filter(
                inspection__round=round_, inspection__status="confirmed", item__code__lt="D"
            )
            .select_related("inspection__inspected_branch", "item")
            .order_by("pk")
            if line.fact not in told and (ruling is None or not ruling[0] or line.points <= 1)
        ]
        if not lines:
            return
        line = rng.choice(lines)
        host = self.life.built.branches[line.inspection.inspected_branch.name]
        appeal = appeals.file_appeal(
            deduction_id=line.pk, text=plots.APPEAL_TEXT, actor=host.secretary, now=now
        )
        if ruling is not None:
            decided = now + dt.timedelta(hours=5)
            self.life.agenda.at(decided, partial(self._decide, appeal, ruling, host))

    def _decide(
        self, appeal: ScoreAppeal, ruling: tuple[bool, str], host: BuiltBranch, now: dt.datetime
    ) -> None:
        uphold, text = ruling
        appeals.decide_appeal(
            appeal_id=appeal.pk,
            uphold=uphold,
            count_after=(appeal.count_before - 1 if "次数" in text else 0) if uphold else None,
            decision=text,
            actor=self.life.judge_of(host),
            now=now,
        )

    def plan_notices(self, run: RankingRun, round_: MonthRound, now: dt.datetime) -> None:
        drafts = RectificationNotice.objects.filter(run=run).select_related("branch")
        for notice in drafts.order_by("pk"):
            told = self.life.failures(round_.period, notice.branch.name)
            failure = told[0] if told else Failure(0, notice.branch.name, "", 0, "")
            host = self.life.built.branches[notice.branch.name]
            issue = moment(add_workdays(now.date(), 1), 10, 20)
            if failure.course == Course.UNACKNOWLEDGED:
                issue = moment(add_workdays(self.life.today, -1), 16, 30)
            elif failure.course == Course.RESPONDED:
                issue = moment(add_workdays(self.life.today, -6), 10, 20)
            self.life.agenda.at(issue, partial(self._issue, notice.pk, failure, host))

    def _issue(self, notice_id: int, failure: Failure, host: BuiltBranch, now: dt.datetime) -> None:
        """The officer checks, the secretary signs; where one of them stands back, the other does
        both in one go."""
        judge, leader = self.life.judge_of(host), self.life.leader
        notice = RectificationNotice.objects.select_related("branch").get(pk=notice_id)
        if judge == leader or not may_issue_notice(leader, notice):
            notices.check_and_issue(notice_id=notice_id, actor=judge, now=now)
        else:
            before = now - dt.timedelta(minutes=50)
            notices.check_notice(notice_id=notice_id, actor=judge, now=before)
            notices.issue_notice(notice_id=notice_id, actor=leader, now=now)
        if failure.course == Course.UNACKNOWLEDGED:
            return
        signed = moment(add_workdays(now.date(), 1), 9, 15)
        self.life.agenda.at(signed, partial(self._sign_for, notice_id, failure, host))

    def _sign_for(
        self, notice_id: int, failure: Failure, host: BuiltBranch, now: dt.datetime
    ) -> None:
        notice = notices.acknowledge_notice(notice_id=notice_id, actor=host.secretary, now=now)
        if failure.course == Course.OVERDUE:
            return
        assert notice.due_on is not None  # noqa: S101 - set when it was issued
        answered = moment(notice.due_on, 15, 40)
        self.life.agenda.at(answered, partial(self._respond, notice_id, failure, host))

    def _respond(
        self, notice_id: int, failure: Failure, host: BuiltBranch, now: dt.datetime
    ) -> None:
        notice = RectificationNotice.objects.get(pk=notice_id)
        done = add_workdays(now.date(), -1)
        answers = {
            problem.pk: notices.Answer(
                cause=failure.cause or facts.CAUSES[0],
                measure=failure.measure or facts.MEASURES[1],
                responsible=host.officers[-1].name,
                done_on=done,
                result="已完成，佐证材料见支部台账。",
            )
            for problem in notice.problems.all()
        }
        notice = notices.respond_to_notice(
            notice_id=notice_id,
            answers=answers,
            version=notice.version,
            actor=host.secretary,
            now=now,
        )
        if failure.course == Course.RESPONDED:
            return
        first_answer = not notice.events.filter(step="return").exists()
        review: Callable[[dt.datetime], None]
        if failure.course == Course.RETURNED_ONCE and first_answer:
            review = partial(self._return, notice_id, failure, host)
        else:
            review = partial(self._accept, notice_id, host)
        self.life.agenda.at(moment(add_workdays(now.date(), 2), 11), review)

    def _return(
        self, notice_id: int, failure: Failure, host: BuiltBranch, now: dt.datetime
    ) -> None:
        notice = notices.return_response(
            notice_id=notice_id,
            reason="只写了补记录，没有说明今后怎样保证当天录入，请补充办法和责任人。",
            actor=self.life.judge_of(host),
            now=now,
        )
        assert notice.due_on is not None  # noqa: S101
        again = moment(add_workdays(notice.due_on, -1), 15, 10)
        self.life.agenda.at(again, partial(self._respond, notice_id, failure, host))

    def _accept(self, notice_id: int, host: BuiltBranch, now: dt.datetime) -> None:
        notices.accept_response(
            notice_id=notice_id,
            actor=self.life.judge_of(host),
            now=now,
            note="回头看已改到位。",
        )
