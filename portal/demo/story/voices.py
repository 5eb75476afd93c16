"""Who speaks in the story of 书记听您说, who works there, and how something is said."""

from __future__ import annotations

import datetime as dt
from itertools import count

from branches.models import Person
from feedback.models import Level, Source, StaffRequest
from feedback.services import submitting
from portal.accounts.models import User
from portal.demo.agenda import Agenda
from portal.demo.chance import chance
from portal.demo.company import BuiltCommittee, BuiltDepartment
from portal.demo.matters import MATTERS, Matter
from portal.kernel.months import Month, local_date


class Voices:
    """The city's requests: people, days and doors."""

    def __init__(
        self, *, seed: int, city: BuiltCommittee, agenda: Agenda, today: dt.date, first: dt.date
    ) -> None:
        self.rng = chance(seed, "listening")
        self.city, self.agenda, self.today = city, agenda, today
        # Twelve months up to today, but not before the company's story begins.
        self.first = max(first, today - dt.timedelta(days=360))
        self.speakers: list[Person] = []
        self.turn = count()

    @property
    def officer(self) -> User:
        assert self.city.officer is not None  # noqa: S101 - the city has one
        return self.city.officer

    @property
    def leader(self) -> User:
        assert self.city.leader is not None  # noqa: S101 - the city has one
        return self.city.leader

    def staff(self, username: str) -> User:
        user = self.city.staff[username].user
        assert user is not None  # noqa: S101 - entered with an account
        return user

    def matter(self, category: str) -> Matter:
        found = [matter for matter in MATTERS if matter.category == category]
        return found[next(self.turn) % len(found)]

    def department(self, name: str) -> BuiltDepartment:
        return self.city.departments.get(name) or next(iter(self.city.departments.values()))

    def said(
        self, text: str, category: str, number: int, now: dt.datetime, *, kind: str = "suggestion"
    ) -> tuple[StaffRequest, User | None]:
        """By different doors and with different openness, as a year brings them."""
        speaker = self.speakers[number % len(self.speakers)]
        if number % 9 == 4:
            said = submitting.Said(text, Level.ANONYMOUS, kind, category)
            committee = self.city.committee
            return submitting.submit_request(
                said=said, actor=None, committee=committee, now=now
            ), None
        level = Level.CONFIDENTIAL if number % 4 == 1 else Level.NAMED
        said = submitting.Said(text, level, kind, category)
        if speaker.user is not None and number % 3 == 0:
            return submitting.submit_request(
                said=said, actor=speaker.user, committee=self.city.committee, now=now
            ), speaker.user
        sources = (
            Source.RECEPTION,
            Source.FORUM,
            Source.VISIT,
            Source.TEAM_VISIT,
            Source.PHONE,
            Source.MAILBOX,
            Source.THREE_MEETINGS,
        )
        source = sources[number % len(sources)]
        day = local_date(now)
        if source is Source.RECEPTION and day != second_friday(Month.of(day)):
            source = Source.LINK_VISIT
        made = submitting.record_request(
            said=said,
            committee=self.city.committee,
            source=source,
            speaker=submitting.Speaker(person=speaker, name=speaker.name),
            actor=self.staff("kemingyuan"),
            now=now,
        )
        return made, speaker.user


def day_words(day: dt.date) -> str:
    return f"{day.month}月{day.day}日"


def second_friday(month: Month) -> dt.date:
    """The reception day of the month."""
    first = month.first_day
    return first + dt.timedelta(days=(4 - first.weekday()) % 7 + 7)
