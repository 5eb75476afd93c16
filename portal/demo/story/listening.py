"""A year of 书记听您说 in the city: 147 requests of which 136 were carried out, the gloves at
"delivered, not yet confirmed", reception days, one overdue promise, one matter for the
discipline office. Everything through the services; the figures are added up from these rows.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from functools import partial
from itertools import count

from branches.models import Person
from feedback.models import Level, ListeningSession, ReplyTemplate, Source, StaffRequest
from feedback.services import (
    author,
    handling,
    office,
    publishing,
    sessions,
    submitting,
    supervision,
)
from portal.accounts.models import User
from portal.demo.agenda import Agenda
from portal.demo.chance import chance
from portal.demo.company import BuiltCommittee, BuiltDepartment
from portal.demo.matters import (
    GLOVES,
    MATTERS,
    NOT_ADOPTED,
    PLACES,
    TEAMS,
    TEMPLATES,
    YEAR,
    Matter,
    NotAdopted,
)
from portal.demo.story.life import moment
from portal.kernel.months import Month
from portal.workdays.services import add_workdays, next_workday

OPEN = 6  # of the year's requests; the gloves are one of them
LATE = 3
RATED = 118
DISSATISFIED = 5
PUBLISHED = 40
CONFIRMED_TEAMS = 17


class Listening:
    """Plans the year of the city's requests."""

    def __init__(
        self, *, seed: int, city: BuiltCommittee, agenda: Agenda, today: dt.date, first: dt.date
    ) -> None:
        self.rng = chance(seed, "listening")
        self.city, self.agenda, self.today = city, agenda, today
        # Twelve months up to today, but not before the company's story begins.
        self.first = max(first, today - dt.timedelta(days=360))
        self.speakers: list[Person] = []
        self.turn = count()
        self.last_session: dict[dt.date, str] = {}

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

    def plan(self) -> None:
        """Put the year on the agenda."""
        if not self.city.departments:
            return
        ReplyTemplate.objects.bulk_create(
            [
                ReplyTemplate(committee=self.city.committee, name=name, text=text, sort_order=n)
                for n, (name, text) in enumerate(TEMPLATES, start=1)
            ]
        )
        # Nobody takes, answers or decides his own.
        working = {self.officer, self.leader} | {
            user for d in self.city.departments.values() for user in (d.handler, d.head)
        }
        self.speakers = [
            person
            for branch in self.city.branches.values()
            if not branch.plan.is_general
            for person in branch.people[3:6]
            if person.user is None or person.user not in working
        ]
        self._sessions()
        self._settled()
        self._gloves()
        self._open_ones()
        self._sealed()

    # -- the year --------------------------------------------------------------------------

    def _settled(self) -> None:
        """141 that came to an end: 136 carried out, 4 explained or not adopted, 1 declined."""
        kinds = [category for category, number in YEAR for _n in range(number)]
        # The six open ones: protection twice (gloves), logistics twice, safety, burden.
        for category in ("protection", "protection", "logistics", "logistics", "safety", "burden"):
            kinds.remove(category)
        self.rng.shuffle(kinds)
        total = len(kinds)
        days = (self.today - self.first).days - 45
        ends = {
            3: NOT_ADOPTED[0],
            40: NOT_ADOPTED[1],
            total - 12: NOT_ADOPTED[2],
            90: NOT_ADOPTED[3],
        }
        late = {20, 63, 101}
        unrated = set(self.rng.sample([n for n in range(total) if n != 57], total - 1 - RATED))
        rated = [n for n in range(total) if n not in unrated and n != 57]
        half = set(self.rng.sample(rated, 16))
        bad = set(self.rng.sample([n for n in rated if n not in half], DISSATISFIED))
        for number, category in enumerate(kinds):
            day = next_workday(self.first + dt.timedelta(days=days * number // total))
            matter = self._matter(category)
            place = PLACES[next(self.turn) % len(PLACES)]
            if number == 57:
                self.agenda.at(moment(day, 9, number % 60), partial(self._declined, place))
                continue
            ending = ends.get(number)
            solved = "" if number in unrated else "not" if number in bad else "solved"
            if number in half:
                solved = "half"
            publish = number >= total - PUBLISHED or ending is not None
            self.agenda.at(
                moment(day, 9 + number % 8, number % 60),
                partial(
                    self._lives, matter, place, number, ending, number in late, solved, publish
                ),
            )

    def _matter(self, category: str) -> Matter:
        found = [matter for matter in MATTERS if matter.category == category]
        return found[next(self.turn) % len(found)]

    def _department(self, name: str) -> BuiltDepartment:
        return self.city.departments.get(name) or next(iter(self.city.departments.values()))

    def _said(
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
        made = submitting.record_request(
            said=said,
            committee=self.city.committee,
            source=sources[number % len(sources)],
            speaker=submitting.Speaker(person=speaker, name=speaker.name),
            actor=self.staff("kemingyuan"),
            now=now,
        )
        return made, speaker.user

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
        made, _user = self._said(said, matter.category, number, now)
        start = next_workday(made.released_on)
        accepted = moment(start, max(now.hour, 9), now.minute) + dt.timedelta(minutes=50)
        self.agenda.at(accepted, partial(self._accepted, made.pk, matter, place, ending))
        days = 9 if is_late else 1 + number % 6
        replied_on = add_workdays(start, days)
        self.agenda.at(
            moment(replied_on, 10 + number % 7, number % 60),
            partial(self._replied, made.pk, matter, ending, replied_on),
        )
        if solved:
            self.agenda.at(
                moment(add_workdays(replied_on, 1 + number % 3), 19, number % 60),
                partial(self._rated, made.pk, solved),
            )
        else:
            self.agenda.at(moment(add_workdays(replied_on, 6), 1), partial(self._unrated, made.pk))
        if publish:
            words = (
                ending.board if ending else matter.changed.format(p=place, day=_day(replied_on)),
                said,
            )
            self.agenda.at(
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
            actor=self.officer,
            now=now,
        )
        office.assign(
            request_id=key,
            department=self._department(matter.department).department,
            actor=self.officer,
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
        changed = matter.changed.format(p=_place_of(request.headline), day=_day(day))
        outcome, text = (ending.outcome, ending.reply) if ending else ("carried_out", changed)
        department = self._department(matter.department)
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
        publishing.publish(request_id=key, said=said, changed=changed, actor=self.officer, now=now)

    def _declined(self, place: str, now: dt.datetime) -> None:
        text = f"{place}旁边小区的停电通知发错了，要求公司赔偿物业费。"
        made, _user = self._said(text, "protection", 57, now)
        office.decline(
            request_id=made.pk,
            reason="属于客户诉求，已转95598登记，工单号已告知本人。",
            actor=self.officer,
            now=now + dt.timedelta(hours=2),
        )

    # -- what stands open today --------------------------------------------------------------

    def _gloves(self) -> None:
        """Said at a reception day; ordered, delivered as promised; 17 of 23 teams say so."""
        said_on = add_workdays(self.today, -12)
        promised_on, delivered_on = add_workdays(said_on, 2), add_workdays(said_on, 7)
        kept: dict[str, str] = {}

        def say(now: dt.datetime) -> None:
            person = self.city.staff["laixiaoyan"]
            made = submitting.record_request(
                said=submitting.Said(GLOVES, Level.NAMED, "suggestion", "protection"),
                committee=self.city.committee,
                source=Source.RECEPTION,
                speaker=submitting.Speaker(person=person, name=person.name),
                answer_at_once="物资部会后核实各班组用量，3天内答复。",
                actor=self.staff("kemingyuan"),
                now=now,
            )
            kept["key"] = made.pk
            office.accept(
                request_id=made.pk,
                headline="一线班组纱手套不够用",
                category="protection",
                actor=self.officer,
                now=now + dt.timedelta(hours=2),
            )
            office.assign(
                request_id=made.pk,
                department=self._department("物资部").department,
                helpers=[self._department("安监部").department],
                note="请核实各班组实际用量。",
                actor=self.officer,
                now=now + dt.timedelta(hours=3),
            )

        def answer(now: dt.datetime) -> None:
            text = (
                f"纱手套一线班组每人每月由2副调为4副，{_day(delivered_on)}起执行；"
                "本月差额2副先补发，送到23个班组，由班长签收。"
            )
            handling.reply(
                request_id=kept["key"],
                answer=handling.Answer(
                    text,
                    "planned",
                    "每人每月2副",
                    "每人每月4副",
                    handling.Pledge("纱手套补发到23个班组", delivered_on, TEAMS),
                ),
                actor=self._department("物资部").handler,
                now=now,
            )

        def order(now: dt.datetime) -> None:
            handling.order_promised(
                promise_id=self._promise(kept["key"]),
                note="按46个班组用量下单",
                actor=self._department("物资部").handler,
                now=now,
            )

        def deliver(now: dt.datetime) -> None:
            handling.deliver_promised(
                promise_id=self._promise(kept["key"]),
                note="物资供应党支部送到23个班组",
                actor=self._department("物资部").handler,
                now=now,
            )
            publishing.publish(
                request_id=kept["key"],
                said="线路上干活，纱手套一个月两副不够用，能不能多发几副。",
                changed=f"{_day(delivered_on)}起，一线班组纱手套每人每月由2副调为4副",
                detail="先补本月差额2副，物资供应党支部送到23个班组。",
                who="一位一线同志在接待日说",
                is_featured=True,
                actor=self.officer,
                now=now + dt.timedelta(hours=1),
            )

        def confirm(now: dt.datetime) -> None:
            request = StaffRequest.objects.get(pk=kept["key"])
            teams = list(request.promises.get().teams.order_by("pk"))
            people = [p.user for p in self.speakers if p.user is not None]
            supplies = self._department("物资部")
            people = [u for u in people if u not in (supplies.handler, supplies.head)]
            for number, team in enumerate(teams[:CONFIRMED_TEAMS]):
                author.answer_for_team(
                    team_id=team.pk,
                    arrived=True,
                    actor=people[number % len(people)] if people else self.officer,
                    now=now + dt.timedelta(minutes=number),
                )

        steps: tuple[tuple[dt.date, int, Callable[[dt.datetime], None]], ...] = (
            (said_on, 9, say),
            (promised_on, 15, answer),
            (add_workdays(promised_on, 1), 9, order),
            (delivered_on, 14, deliver),
            (add_workdays(delivered_on, 2), 16, confirm),
        )
        for day, hour, action in steps:
            self.agenda.at(moment(day, hour), action)

    @staticmethod
    def _promise(key: str) -> str:
        return str(StaffRequest.objects.get(pk=key).promises.get().pk)

    def _open_ones(self) -> None:
        """One to accept, one to assign, two in hand, one overdue with a supervision order."""
        self.agenda.at(moment(add_workdays(self.today, -1), 16, 20), self._to_accept)
        self.agenda.at(moment(add_workdays(self.today, -1), 10, 5), self._to_assign)
        self.agenda.at(moment(add_workdays(self.today, -6), 9, 40), partial(self._in_hand, 0))
        self.agenda.at(moment(add_workdays(self.today, -2), 11, 15), partial(self._in_hand, 1))
        self.agenda.at(moment(add_workdays(self.today, -9), 9, 30), self._overdue)

    def _to_accept(self, now: dt.datetime) -> None:
        submitting.submit_request(
            said=submitting.Said(
                "夜里抢修回来食堂关门了，希望有热的夜餐，或者发点速食。",
                Level.CONFIDENTIAL,
                "suggestion",
                "logistics",
            ),
            actor=self.staff("laixiaoyan"),
            committee=self.city.committee,
            now=now,
        )

    def _to_assign(self, now: dt.datetime) -> None:
        made, _user = self._said(
            "配电抢修班的对讲机充电座坏了三个，轮流充不够用。", "protection", 2, now
        )
        office.accept(
            request_id=made.pk,
            headline="抢修班对讲机充电座不够",
            actor=self.officer,
            now=now + dt.timedelta(hours=1),
        )

    def _in_hand(self, which: int, now: dt.datetime) -> None:
        text, headline, category, department = (
            (
                "仓库领料要排队半个钟头，能不能先在系统里约好再去。",
                "仓库领料排队久",
                "burden",
                "物资部",
            ),
            (
                "洛江供电所门口的减速带太高，抢修车过一次颠一次，工具都散了。",
                "洛江供电所门口减速带太高",
                "safety",
                "安监部",
            ),
        )[which]
        made, _user = self._said(text, category, 3 + which * 7, now)
        self._take(made.pk, headline, department, now)

    def _overdue(self, now: dt.datetime) -> None:
        made, _user = self._said("抢修班夜餐的标准三年没变，一碗面都不够。", "logistics", 8, now)
        self._take(made.pk, "抢修班夜餐标准低", "办公室", now)
        self.agenda.at(moment(self.today, 8, 30), partial(self._supervised, made.pk))

    def _take(self, key: str, headline: str, department: str, now: dt.datetime) -> None:
        office.accept(
            request_id=key, headline=headline, actor=self.officer, now=now + dt.timedelta(hours=1)
        )
        office.assign(
            request_id=key,
            department=self._department(department).department,
            actor=self.officer,
            now=now + dt.timedelta(hours=2),
        )

    def _supervised(self, key: str, now: dt.datetime) -> None:
        supervision.supervise(
            request_id=key,
            demand="说明为什么逾期，写明哪天调到多少。",
            due_on=add_workdays(self.today, 1),
            actor=self.leader,
            now=now,
        )

    def _sealed(self) -> None:
        def say(now: dt.datetime) -> None:
            submitting.submit_request(
                said=submitting.Said(
                    "有人在工程结算里多报了工程量，材料我可以当面交。",
                    Level.CONFIDENTIAL,
                    "discipline",
                    "other",
                ),
                actor=next((p.user for p in self.speakers if p.user), self.staff("laixiaoyan")),
                committee=self.city.committee,
                now=now,
            )

        self.agenda.at(moment(add_workdays(self.today, -1), 20, 10), say)

    # -- reception days ------------------------------------------------------------------------

    def _sessions(self) -> None:
        """The second Friday of each month; the next one announced and partly booked."""
        month = Month.of(self.first).plus(1)
        while month <= Month.of(self.today).plus(1):
            day = _second_friday(month)
            planned = moment(add_workdays(day, -8), 15)
            if planned.date() > self.first:
                self.agenda.at(min(planned, moment(self.today, 8, 0)), partial(self._session, day))
            month = month.plus(1)

    def _session(self, day: dt.date, now: dt.datetime) -> None:
        supplies = [
            self._department(name).department for name in ("人资部", "物资部", "安监部", "工会")
        ]
        session = sessions.plan_session(
            committee=self.city.committee,
            values=sessions.SessionValues(
                held_on=day,
                starts_at=dt.time(9),
                ends_at=dt.time(11, 30),
                place="公司本部3楼302室",
                leader_title="公司党委书记",
                rule="每月第二个周五",
                departments=tuple(supplies),
            ),
            actor=self.officer,
            now=now,
        )
        sessions.announce(session_id=session.pk, actor=self.officer, now=now)
        booked = [p.user for p in self.speakers if p.user is not None][:3]
        for slot, user in zip(session.slots.all(), booked, strict=False):
            sessions.book(
                slot_id=slot.pk,
                topic="班组用工",
                is_confidential=slot.starts_at == dt.time(9),
                actor=user,
                now=now,
            )
        if day < self.today:
            self.agenda.at(moment(day, 17), partial(self._held, session.pk))

    def _held(self, key: str, now: dt.datetime) -> None:
        session = ListeningSession.objects.get(pk=key)
        minutes = "接待4人，记下诉求5件，当场答复2件，其余转部门办理。"
        sessions.hold(session_id=key, minutes=minutes, actor=self.officer, now=now)
        results = (
            f"{session.held_on.month}月接待日听到5件：当场答复2件，3件已分派，7个工作日内答复。"
        )
        sessions.publish_results(
            session_id=key, results=results, actor=self.officer, now=now + dt.timedelta(minutes=30)
        )


def _day(day: dt.date) -> str:
    return f"{day.month}月{day.day}日"


def _place_of(headline: str) -> str:
    return next((place for place in PLACES if place in headline), "班组")


def _second_friday(month: Month) -> dt.date:
    first = month.first_day
    return first + dt.timedelta(days=(4 - first.weekday()) % 7 + 7)
