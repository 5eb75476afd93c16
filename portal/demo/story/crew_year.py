"""“海丝之光”: a year of turnouts and notes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from functools import partial
from random import Random

from portal.demo import crew_plan as plan
from portal.demo.chance import chance
from portal.demo.company import VIA
from portal.demo.story.crews import BuiltCrew, Crews, town_of
from portal.demo.story.life import moment
from portal.kernel.months import Month
from servicecrew.services import crews
from servicecrew.services.imports import TurnoutRow


class CrewYear:
    """The last twelve months."""

    def __init__(self, crews: Crews) -> None:
        self.crews = crews

    def plan(self, first: Month, last: Month) -> None:
        """512 turnouts of the last twelve months, brought in month by month and verified."""
        months = [first.plus(n) for n in range(12) if first.plus(n) <= last]
        rng = chance(self.crews.seed, "crew year", first)
        end = self.crews.today - dt.timedelta(days=6)
        days = [first.first_day + dt.timedelta(days=n) for n in range((end - first.first_day).days)]
        squads = self.crews.squads
        by_month: dict[Month, list[TurnoutRow]] = {month: [] for month in months}
        late = 0
        for kind, count, subjects in plan.REGULAR:
            for n in range(count):
                sub, words = rng.choice(subjects)
                squad = squads[rng.randrange(len(squads)) if n % 5 else 0]
                day = days[int(len(days) * (n + rng.random()) / count)]
                is_late = kind == "repair" and late < 9 and n % 23 == 7
                late += is_late
                row = self.crews.row(
                    squad,
                    day,
                    rng,
                    kind,
                    sub,
                    words.format(
                        line=rng.choice(plan.LINES),
                        town=town_of(squad, rng.randrange(9)),
                        pole=rng.randrange(3, 60),
                    ),
                    ("year", kind, n),
                    people=rng.randint(3, min(8, len(squad.people))),
                    vehicles=rng.randint(1, min(2, len(squad.vehicles))),
                    is_late=is_late,
                )
                by_month.setdefault(Month.of(day), []).append(row)
        for month, rows in by_month.items():
            at = min(moment(month.plus(1).first_day + dt.timedelta(days=2), 10), self.crews.until)
            self.crews.agenda.at(at, partial(self.crews.bring, rows))
        for n in range(37):
            kind, title, source = plan.NOTES[(0, 2, 1, 3)[n % 4]]
            self._note_at(rng, days, squads[n * 7 % len(squads)], kind, title, source)
        for n in (4, 5, 6, 5, 6):
            kind, title, source = plan.NOTES[n]
            self._note_at(rng, days, squads[0], kind, title, source)

    def _note_at(
        self,
        rng: Random,
        days: Sequence[dt.date],
        squad: BuiltCrew,
        kind: str,
        title: str,
        source: str,
    ) -> None:
        day = rng.choice(days[5:])
        self.crews.agenda.at(
            moment(day, 16, 30),
            lambda now: _ignore(
                crews.add_note(
                    crew=squad.crew,
                    kind=kind,
                    happened_on=day,
                    title=title,
                    source=source,
                    people=len(squad.people) if kind == "training" else None,
                    actor=None,
                    now=now,
                    via=VIA,
                )
            ),
        )


def _ignore(_made: object) -> None:
    """An action of the agenda gives nothing back."""
