"""The month's records: what each branch did, written in the evening of the day."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from functools import partial
from random import Random

from branches.duty_rules import fixed_day
from branches.models import AbsenceKind, Duty, PartyGroup, Person
from branches.services.record_values import AbsenceValues, ActivityValues
from branches.services.records import save_activity
from portal.demo import facts, plots
from portal.demo.chance import chance
from portal.demo.company import BuiltBranch
from portal.demo.story.life import Life, moment, workdays_of
from portal.demo.story.registers import Registers
from portal.kernel.months import Month
from portal.workdays.services import add_workdays, next_workday, nth_workday


class Records:
    """Puts the records of a month on the agenda."""

    def __init__(self, life: Life) -> None:
        self.life = life
        self.registers = Registers(life)

    def keep(self, month: Month) -> None:
        for built in self.life.built.branches.values():
            if built.people:
                self._plan(built, month)
                self._plan_papers(built, month)
                self.registers.keep(built, month)

    def _plan(self, built: BuiltBranch, month: Month) -> None:
        plan = built.plan
        rng = chance(self.life.seed, "records", plan.name, month)
        missing = self._missing(plan.name, month)
        days = workdays_of(month.first_day, month.last_day)
        early, late = days[3:9], days[9:-2] or days[-3:]
        if month == self.life.hand:  # what is not told to be missing has been done by today
            past = [day for day in days if day < self.life.today]
            late = [day for day in late if day in past] or past[-3:]
        wide = not plan.is_exempt
        ends_quarter = month.ends_quarter
        is_late_lecturer = self.life.has_plots and plan.name == plots.LATE_ENTRY
        lecture_apart = (
            is_late_lecturer or chance(self.life.seed, "lecture", plan.name).random() < 0.6
        )
        # In the quarter's second month; in its first when the month in hand is the second,
        # so that a late entry of the month before shows in the quarter's column.
        lecture_month = month.quarter_first.plus(0 if self.life.hand.number % 3 == 2 else 1)
        relay = {Duty.DOCUMENT_RELAY} if wide and Duty.DOCUMENT_RELAY not in missing else set()
        review = {Duty.IDEOLOGY_REVIEW} if wide and ends_quarter else set()

        day = next_workday(fixed_day(plan.themed_day_rule, month) or rng.choice(early))
        if rng.random() < 0.07 and month < self.life.hand:
            day = add_workdays(day, 2)
            if Month.of(day) == month:
                self.life.moved.add((month, plan.name))
            else:
                day = add_workdays(day, -2)
        themed = {Duty.THEMED_DAY, Duty.GROUP_STUDY} - missing
        if ends_quarter:
            themed.add(Duty.GENERAL_MEETING)
            if wide and not lecture_apart:
                themed.add(Duty.PARTY_LECTURE)
        if not built.has_committee:
            themed |= relay | review
        if month.number == 12:
            themed |= {Duty.ORG_LIFE_MEETING, Duty.MEMBER_APPRAISAL}
        if Duty.THEMED_DAY in missing:
            if Duty.GROUP_STUDY not in missing:
                self._put_down(built, rng.choice(early), {Duty.GROUP_STUDY}, rng)
        else:
            self._put_down(built, day, themed, rng)
        if built.has_committee and wide:
            if Duty.COMMITTEE_MEETING not in missing:
                committee = {Duty.COMMITTEE_MEETING} | relay | review
                self._put_down(built, rng.choice(early), committee, rng)
            elif relay:
                self._put_down(built, rng.choice(early), relay | {Duty.GROUP_STUDY}, rng)
        if wide and lecture_apart and month == lecture_month:
            is_late = is_late_lecturer and month == self.life.hand.plus(-1)
            late_reason = plots.LATE_REASON if is_late else ""
            self._put_down(
                built, rng.choice(late), {Duty.PARTY_LECTURE}, rng, late_reason=late_reason
            )
        groups = built.groups if wide else []
        if Duty.GROUP_MEETING in missing:
            groups = groups[:-1]
        for group in groups:
            self._put_down(built, rng.choice(late), {Duty.GROUP_MEETING}, rng, group=group)
        if plan.type == "production" and Duty.SAFETY_TALK not in missing:
            self._put_down(built, rng.choice(late), {Duty.SAFETY_TALK}, rng)

    def _plan_papers(self, built: BuiltBranch, month: Month) -> None:
        """Plans, summaries and the secretary's report, in the first days of their months."""
        if built.plan.is_exempt:
            return
        papers: set[Duty] = set()
        if month.number % 3 == 1:
            papers.add(Duty.QUARTER_PLAN)
        if month.number == 1:
            papers |= {Duty.YEAR_PLAN, Duty.YEAR_SUMMARY, Duty.WORK_REPORT}
        if papers:
            rng = chance(self.life.seed, "papers", built.plan.name, month)
            day = workdays_of(month.first_day, month.last_day)[0]
            self._put_down(built, day, papers, rng)

    def _missing(self, name: str, month: Month) -> set[Duty]:
        if not self.life.has_plots:
            return set()
        found: set[Duty] = set()
        if month >= self.life.hand:
            found |= {Duty(duty) for duty in plots.MISSING.get(name, ())}
        for failure in self.life.failures(month, name):
            if failure.skips_themed_day:
                found.add(Duty.THEMED_DAY)
        return found

    def _put_down(
        self,
        built: BuiltBranch,
        day: dt.date,
        duties: set[Duty],
        rng: Random,
        *,
        group: PartyGroup | None = None,
        late_reason: str = "",
    ) -> None:
        """Put one record on the agenda, written in the evening of its day (or after the
        month's lock, with a reason)."""
        month = Month.of(day)
        at = moment(day, rng.choice((16, 17, 17, 18)), rng.randrange(60))
        if late_reason:
            at = moment(nth_workday(month.plus(1), 3), 11, 30)
        self.life.agenda.at(
            at, partial(self._write, built, day, frozenset(duties), group, rng, late_reason)
        )

    def _write(
        self,
        built: BuiltBranch,
        day: dt.date,
        duties: frozenset[Duty],
        group: PartyGroup | None,
        rng: Random,
        late_reason: str,
        now: dt.datetime,
    ) -> None:
        is_committee = Duty.COMMITTEE_MEETING in duties
        expected = self._expected(built, group, is_committee=is_committee)
        chair, recorder = self._chair_and_recorder(built, expected)
        low = any(
            failure.low_turnout for failure in self.life.failures(Month.of(day), built.plan.name)
        )
        absences = self._absences(
            built, expected, {chair.pk, recorder.pk}, rng, low=low and Duty.THEMED_DAY in duties
        )
        hours = Decimal(rng.choice((2, 3, 3))) if Duty.GROUP_STUDY in duties else Decimal(0)
        subject, agenda, resolution = self._words(duties, rng)
        save_activity(
            branch=built.branch,
            values=ActivityValues(
                duties=tuple(sorted(duties)),
                held_on=day,
                place=rng.choice(facts.PLACES),
                subject=subject,
                chair=chair,
                recorder=recorder,
                group=group,
                agenda=agenda,
                resolution=resolution,
                study_hours=hours,
                absences=absences,
                late_reason=late_reason,
            ),
            actor=built.secretary,
            now=now,
        )
        for duty in duties:
            self.life.held[Month.of(day), built.plan.name, duty] = day
        if Duty.THEMED_DAY in duties:
            makes_up = built.plan.type == "production"
            gone = sum(not (makes_up and a.kind == AbsenceKind.MADE_UP) for a in absences)
            self.life.turnout[Month.of(day), built.plan.name] = (
                len(expected),
                len(expected) - gone,
            )

    @staticmethod
    def _expected(
        built: BuiltBranch, group: PartyGroup | None, *, is_committee: bool
    ) -> list[Person]:
        if is_committee:
            return built.officers
        if group is None:
            return built.people
        return built.people[built.groups.index(group) :: len(built.groups)]

    @staticmethod
    def _chair_and_recorder(built: BuiltBranch, expected: list[Person]) -> tuple[Person, Person]:
        officers = built.officers
        if expected is built.people or expected is officers:
            second = officers[1] if len(officers) > 1 else built.people[1]
            return officers[0], second
        return expected[0], expected[1]

    def _absences(
        self,
        built: BuiltBranch,
        expected: list[Person],
        needed: set[int],
        rng: Random,
        *,
        low: bool,
    ) -> tuple[AbsenceValues, ...]:
        if len(expected) < 4:
            return ()
        share = 0.45 if low else rng.choice((0, 0.04, 0.06, 0.08, 0.1, 0.12, 0.15, 0.24))
        free = [person for person in expected if person.pk not in needed]
        count = min(len(free), round(share * len(expected)))
        kinds = [AbsenceKind.LEAVE] * 5 + [AbsenceKind.ABSENT]
        if built.plan.type == "production" and not low:
            kinds.append(AbsenceKind.MADE_UP)
        found = []
        for person in rng.sample(free, count):
            kind = rng.choice(kinds)
            reason = rng.choice(facts.LEAVE_REASONS) if kind == AbsenceKind.LEAVE else ""
            found.append(AbsenceValues(person.pk, kind, reason))
        return tuple(found)

    @staticmethod
    def _words(duties: frozenset[Duty], rng: Random) -> tuple[str, str, str]:
        """Subject, agenda and resolution."""
        if Duty.GROUP_MEETING in duties:
            subject = rng.choice(facts.GROUP_SUBJECTS)
            return subject, f"一、{subject}；二、收集意见和建议。", ""
        if Duty.COMMITTEE_MEETING in duties:
            document, task = rng.choice(facts.DOCUMENTS), rng.choice(facts.TASKS)
            return (
                f"学习《{document}》，研究本月党建工作",
                f"一、学习《{document}》；二、研究{task}；三、通报上月问题整改。",
                f"{task}由支委分工负责，月底前完成；上月问题逐项核对。",
            )
        if Duty.PARTY_LECTURE in duties and Duty.THEMED_DAY not in duties:
            return rng.choice(facts.LECTURES), "支部书记讲党课，党员交流体会。", ""
        if Duty.YEAR_PLAN in duties:
            return (
                "通过年度计划、总结和书记述职",
                "一、上年总结；二、书记述职并评议；三、讨论本年计划。",
                "同意报送年度计划和总结；述职评议意见由书记逐条整改。",
            )
        if Duty.QUARTER_PLAN in duties:
            return "通过季度工作计划", "讨论本季度党建重点和分工。", "计划分到各党小组落实。"
        if Duty.SAFETY_TALK in duties:
            subject = rng.choice(facts.SAFETY_SUBJECTS)
            return subject, "通报当月违章和隐患，党员讲评本责任区。", ""
        subject = rng.choice(facts.SUBJECTS)
        resolution = ""
        if Duty.GENERAL_MEETING in duties:
            resolution = "同意支委会提出的下季度工作安排，由各党小组落实。"
        if Duty.ORG_LIFE_MEETING in duties:
            resolution += "整改清单七条，书记牵头，次年三月底前完成；评议结果张榜。"
        return subject, f"一、{subject}；二、交流发言；三、布置下月工作。", resolution
