"""The year of 书记听您说 in the city: 141 requests that came to an end, 136 of them carried out."""

from __future__ import annotations

import datetime as dt
from functools import partial

from feedback.models import StaffRequest
from feedback.services import author, handling, office, publishing
from portal.demo.matters import NOT_ADOPTED, PLACES, YEAR, Matter, NotAdopted
from portal.demo.story.life import moment
from portal.demo.story.voices import Voices, day_words
from portal.workdays.services import add_workdays, next_workday

RATED = 118
DISSATISFIED = 5
PUBLISHED = 40


class SettledYear:
    """What was said, answered, rated and put on the board."""

    def __init__(self, voices: Voices) -> None:
        self.voices = voices

    def plan(self) -> None:
        """141 that came to an end: 136 carried out, 4 explained or not adopted, 1 declined."""
        kinds = [category for category, number in YEAR for _n in range(number)]
        # The six open ones: protection twice (gloves), logistics twice, safety, burden.
        for category in ("protection", "protection", "logistics", "logistics", "safety", "burden"):
            kinds.remove(category)
        self.voices.rng.shuffle(kinds)
        total = len(kinds)
        days = (self.voices.today - self.voices.first).days - 45
        ends = {
            3: NOT_ADOPTED[0],
            40: NOT_ADOPTED[1],
            total - 12: NOT_ADOPTED[2],
            90: NOT_ADOPTED[3],
        }
        late = {20, 63, 101}
        unrated = set(
            self.voices.rng.sample([n for n in range(total) if n != 57], total - 1 - RATED)
        )
        rated = [n for n in range(total) if n not in unrated and n != 57]
        half = set(self.voices.rng.sample(rated, 16))
        bad = set(self.voices.rng.sample([n for n in rated if n not in half], DISSATISFIED))
        for number, category in enumerate(kinds):
            day = next_workday(self.voices.first + dt.timedelta(days=days * number // total))
            matter = self.voices.matter(category)
            place = PLACES[next(self.voices.turn) % len(PLACES)]
            if number == 57:
                self.voices.agenda.at(moment(day, 9, number % 60), partial(self._declined, place))
                continue
            ending = ends.get(number)
            solved = "" if number in unrated else "not" if number in bad else "solved"
            if number in half:
                solved = "half"
            publish = number >= total - PUBLISHED or ending is not None
            self.voices.agenda.at(
                moment(day, 9 + number % 8, number % 60),
                partial(
                    self._lives, matter, place, number, ending, number in late, solved, publish
                ),
            )

    def _lives(
        self,
        matter: Matter,
        place: str,
        number: int,
        ending: NotAdopted | None,
        is_late: bool,
        solved: str,
        publish: bool,
        now: dt.datetime,
    ) -> None:
        said = ending.said if ending else matter.said.format(p=place)
        made, _user = self.voices.said(said, matter.category, number, now)
        start = next_workday(made.released_on)
        accepted = moment(start, max(now.hour, 9), now.minute) + dt.timedelta(minutes=50)
        self.voices.agenda.at(accepted, partial(self._accepted, made.pk, matter, place, ending))
        days = 9 if is_late else 1 + number % 6
        replied_on = add_workdays(start, days)
        self.voices.agenda.at(
            moment(replied_on, 10 + number % 7, number % 60),
            partial(self._replied, made.pk, matter, ending, replied_on),
        )
        if solved:
            self.voices.agenda.at(
                moment(add_workdays(replied_on, 1 + number % 3), 19, number % 60),
                partial(self._rated, made.pk, solved),
            )
        else:
            self.voices.agenda.at(
                moment(add_workdays(replied_on, 6), 1), partial(self._unrated, made.pk)
            )
        if publish:
            words = (
                ending.board
                if ending
                else matter.changed.format(p=place, day=day_words(replied_on)),
                said,
            )
            self.voices.agenda.at(
                moment(add_workdays(replied_on, 7), 11, number % 60),
                partial(self._published, made.pk, *words),
            )

    def _accepted(
        self,
        key: str,
        matter: Matter,
        place: str,
        ending: NotAdopted | None,
        now: dt.datetime,
    ) -> None:
        office.accept(
            request_id=key,
            headline=ending.headline if ending else matter.headline.format(p=place),
            category=matter.category,
            actor=self.voices.officer,
            now=now,
        )
        office.assign(
            request_id=key,
            department=self.voices.department(matter.department).department,
            actor=self.voices.officer,
            now=now + dt.timedelta(minutes=5),
        )

    def _replied(
        self,
        key: str,
        matter: Matter,
        ending: NotAdopted | None,
        day: dt.date,
        now: dt.datetime,
    ) -> None:
        request = StaffRequest.objects.get(pk=key)
        changed = matter.changed.format(p=_place_of(request.headline), day=day_words(day))
        outcome, text = (ending.outcome, ending.reply) if ending else ("carried_out", changed)
        department = self.voices.department(matter.department)
        actor = department.handler
        if not request.is_anonymous and request.authorship.user_id == actor.pk:
            actor = department.head
        handling.reply(
            request_id=key,
            answer=handling.Answer(text, outcome),
            actor=actor,
            now=now,
        )

    def _rated(self, key: str, solved: str, now: dt.datetime) -> None:
        author.rate(
            request_id=key,
            solved=solved,
            is_answered=solved != "not",
            actor=None,
            has_receipt=True,  # by receipt: many who spoke have no account
            now=now,
        )

    def _unrated(self, key: str, now: dt.datetime) -> None:
        from feedback.services.history import locked

        author.close_if_done(locked(key), now=now, unrated=True)

    def _published(self, key: str, changed: str, said: str, now: dt.datetime) -> None:
        publishing.publish(
            request_id=key, said=said, changed=changed, actor=self.voices.officer, now=now
        )

    def _declined(self, place: str, now: dt.datetime) -> None:
        text = f"{place}旁边小区的停电通知发错了，要求公司赔偿物业费。"
        made, _user = self.voices.said(text, "protection", 57, now)
        office.decline(
            request_id=made.pk,
            reason="属于客户诉求，已转95598登记，工单号已告知本人。",
            actor=self.voices.officer,
            now=now + dt.timedelta(hours=2),
        )


def _place_of(headline: str) -> str:
    return next((place for place in PLACES if place in headline), "班组")
