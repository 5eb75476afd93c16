"""A year of 书记听您说 in the city: 147 requests of which 136 were carried out, the gloves at
"delivered, not yet confirmed", reception days, one overdue promise, one matter for the
discipline office. Everything through the services; the figures are added up from these rows.
"""

from __future__ import annotations

import datetime as dt
from functools import partial

from feedback.models import ListeningSession, ReplyTemplate
from feedback.services import sessions
from portal.demo.agenda import Agenda
from portal.demo.company import BuiltCommittee
from portal.demo.matters import TEMPLATES
from portal.demo.story.life import moment
from portal.demo.story.listening_open import OpenMatters
from portal.demo.story.listening_year import SettledYear
from portal.demo.story.voices import Voices, second_friday
from portal.kernel.months import Month
from portal.workdays.services import add_workdays


class Listening:
    """Plans the year of the city's requests."""

    def __init__(
        self, *, seed: int, city: BuiltCommittee, agenda: Agenda, today: dt.date, first: dt.date
    ) -> None:
        self.voices = Voices(seed=seed, city=city, agenda=agenda, today=today, first=first)

    def plan(self) -> None:
        """Put the year on the agenda."""
        if not self.voices.city.departments:
            return
        ReplyTemplate.objects.bulk_create(
            [
                ReplyTemplate(
                    committee=self.voices.city.committee, name=name, text=text, sort_order=n
                )
                for n, (name, text) in enumerate(TEMPLATES, start=1)
            ]
        )
        # Nobody takes, answers or decides his own.
        working = {self.voices.officer, self.voices.leader} | {
            user for d in self.voices.city.departments.values() for user in (d.handler, d.head)
        }
        self.voices.speakers = [
            person
            for branch in self.voices.city.branches.values()
            if not branch.plan.is_general
            for person in branch.people[3:6]
            if person.user is None or person.user not in working
        ]
        self._sessions()
        SettledYear(self.voices).plan()
        OpenMatters(self.voices).plan()

    # -- reception days ------------------------------------------------------------------------

    def _sessions(self) -> None:
        """The second Friday of each month; the next one announced and partly booked."""
        month = Month.of(self.voices.first).plus(1)
        while month <= Month.of(self.voices.today).plus(1):
            day = second_friday(month)
            planned = moment(add_workdays(day, -8), 15)
            if planned.date() > self.voices.first:
                self.voices.agenda.at(
                    min(planned, moment(self.voices.today, 8, 0)), partial(self._session, day)
                )
            month = month.plus(1)

    def _session(self, day: dt.date, now: dt.datetime) -> None:
        supplies = [
            self.voices.department(name).department
            for name in ("人资部", "物资部", "安监部", "工会")
        ]
        session = sessions.plan_session(
            committee=self.voices.city.committee,
            values=sessions.SessionValues(
                held_on=day,
                starts_at=dt.time(9),
                ends_at=dt.time(11, 30),
                place="公司本部3楼302室",
                leader_title="公司党委书记",
                rule="每月第二个周五",
                departments=tuple(supplies),
            ),
            actor=self.voices.officer,
            now=now,
        )
        sessions.announce(session_id=session.pk, actor=self.voices.officer, now=now)
        booked = [p.user for p in self.voices.speakers if p.user is not None][:3]
        for slot, user in zip(session.slots.all(), booked, strict=False):
            sessions.book(
                slot_id=slot.pk,
                topic="班组用工",
                is_confidential=slot.starts_at == dt.time(9),
                actor=user,
                now=now,
            )
        if day < self.voices.today:
            self.voices.agenda.at(moment(day, 17), partial(self._held, session.pk))

    def _held(self, key: str, now: dt.datetime) -> None:
        session = ListeningSession.objects.get(pk=key)
        minutes = "接待4人，记下诉求5件，当场答复2件，其余转部门办理。"
        sessions.hold(session_id=key, minutes=minutes, actor=self.voices.officer, now=now)
        results = (
            f"{session.held_on.month}月接待日听到5件：当场答复2件，3件已分派，7个工作日内答复。"
        )
        sessions.publish_results(
            session_id=key,
            results=results,
            actor=self.voices.officer,
            now=now + dt.timedelta(minutes=30),
        )
