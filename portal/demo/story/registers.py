"""Dues, talks and terms of the demo's branches, entered as their secretaries would."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from functools import partial
from itertools import pairwise

from branches.models import Duty, Person, Talk
from branches.services.registers import DuesLine, enter_term, record_talks, settle_dues
from portal.demo import plots
from portal.demo.chance import chance
from portal.demo.company import BuiltBranch
from portal.demo.story.life import Life, moment, workdays_of
from portal.kernel.months import Month

POINTS = (
    "夜班和家里老人照看有冲突，排班时错开。",
    "带徒弟遇到困难，安排技术骨干一起带。",
    "对新设备不熟，报名下月培训。",
    "提出备品领用手续多，由支部与物资部商量。",
    "肯定上月抢修表现，希望多承担党小组的事。",
)
DUES = tuple(Decimal(yuan) for yuan in (48, 55, 62, 75, 84, 96, 105, 120))
RETIRED_DUES = tuple(Decimal(yuan) for yuan in (18, 22, 25))


class Registers:
    """Puts the registers of a month on the agenda."""

    def __init__(self, life: Life) -> None:
        self.life = life
        self.talked: set[tuple[str, int, int]] = set()
        self.entered: set[str] = set()

    def keep(self, built: BuiltBranch, month: Month) -> None:
        days = workdays_of(month.first_day, month.last_day)
        if month == self.life.hand or Month.of(self.life.today) == month:
            days = [day for day in days if day < self.life.today] or days[:1]
        self._term(built, days[0])
        if built.plan.is_general:
            members: list[Person] = []
        else:
            members = built.people
            self._dues(built, month, days[min(5, len(days) - 1)])
        if not built.plan.is_exempt:
            self._talks(built, month, members, days)

    def _term(self, built: BuiltBranch, day: dt.date) -> None:
        """One election before the story; one branch's term ends in four months."""
        name = built.plan.name
        if name in self.entered:
            return
        self.entered.add(name)
        rng = chance(self.life.seed, "term", name)
        back = 32 if name == plots.SECOND_TEAM else rng.randrange(13, 28)
        elected = Month.of(self.life.today).plus(-back).first_day.replace(day=rng.randrange(5, 26))
        self.life.agenda.at(moment(day, 9, 5), partial(self._enter_term, built, elected))

    def _enter_term(self, built: BuiltBranch, elected: dt.date, now: dt.datetime) -> None:
        enter_term(branch=built.branch, elected_on=elected, actor=built.secretary, now=now)

    def _dues(self, built: BuiltBranch, month: Month, day: dt.date) -> None:
        missing = plots.MISSING.get(built.plan.name, ()) if self.life.has_plots else ()
        people = built.people
        if month >= self.life.hand and Duty.DUES in missing:
            people = people[:-2]
        amounts = RETIRED_DUES if built.plan.is_exempt else DUES
        lines = []
        for person in people:
            rng = chance(self.life.seed, "dues", built.plan.name, person.name)
            lines.append(DuesLine(person.pk, rng.choice(amounts)))
        self.life.agenda.at(moment(day, 15, 20), partial(self._settle, built, month, day, lines))

    def _settle(
        self,
        built: BuiltBranch,
        month: Month,
        day: dt.date,
        lines: list[DuesLine],
        now: dt.datetime,
    ) -> None:
        settle_dues(
            branch=built.branch,
            month=month,
            paid_on=day,
            lines=lines,
            actor=built.secretary,
            now=now,
        )

    def _talks(
        self, built: BuiltBranch, month: Month, members: list[Person], days: list[dt.date]
    ) -> None:
        """The committee talks with each other and with every member in the first half of the
        year, members with each other in the second."""
        halves = [1] if month.number <= 6 else [1, 2]
        officers = built.officers
        posts = {person.pk for person in officers}
        ordinary = [person for person in members if person.pk not in posts]
        self._monthly_talks(built, month, ordinary, days)
        for half in halves:
            key = (built.plan.name, month.year, half)
            if key in self.talked:
                continue
            self.talked.add(key)
            rng = chance(self.life.seed, "talks", built.plan.name, month, half)
            batches: list[tuple[Person, list[Person]]] = []
            if half == 1:
                for number, officer in enumerate(officers):
                    share = ordinary[number :: len(officers)]
                    batches.append((officer, [*officers[number + 1 :], *share]))
            else:
                batches += [(one, [other]) for one, other in list(pairwise(ordinary))[::2]]
                if len(ordinary) % 2 and len(ordinary) > 1:
                    batches.append((ordinary[-1], [ordinary[0]]))
            for number, (speaker, listeners) in enumerate(batches):
                if listeners:
                    # A general branch's committee are people of its branches: another week.
                    first = 7 if built.plan.is_general else 2
                    day = days[min(first + number % 3, len(days) - 1)]
                    self.life.agenda.at(
                        moment(day, 16, number % 60),
                        partial(self._talk, built, day, speaker, listeners, rng.choice(POINTS)),
                    )

    def _monthly_talks(
        self, built: BuiltBranch, month: Month, ordinary: list[Person], days: list[dt.date]
    ) -> None:
        """Besides, a secretary sees one or two of his members each month; some months he does
        not find the time."""
        rng = chance(self.life.seed, "talks", built.plan.name, month, "secretary")
        wanted = min(rng.choice((2, 2, 2, 1, 0)), len(ordinary))
        for number, listener in enumerate(rng.sample(ordinary, wanted)):
            day = days[min(11 + number, len(days) - 1)]
            self.life.agenda.at(
                moment(day, 17, number),
                partial(self._talk, built, day, built.officers[0], [listener], rng.choice(POINTS)),
            )

    def _talk(
        self,
        built: BuiltBranch,
        day: dt.date,
        speaker: Person,
        listeners: list[Person],
        points: str,
        now: dt.datetime,
    ) -> None:
        # In a month that has just begun both weeks may be the same day.
        known = Talk.objects.filter(held_on=day, speaker=speaker).values_list("listener", flat=True)
        listeners = [person for person in listeners if person.pk not in set(known)]
        if not listeners:
            return
        record_talks(
            branch=built.branch,
            held_on=day,
            speaker=speaker,
            listeners=listeners,
            points=points,
            actor=built.secretary,
            now=now,
        )
