"""What stands open today in 书记听您说: the gloves, six matters, one for the discipline."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from functools import partial

from feedback.models import Level, PromiseTeam, Source, StaffRequest
from feedback.services import author, handling, office, publishing, submitting, supervision
from portal.accounts.models import User
from portal.demo.matters import GLOVES, TEAMS
from portal.demo.story.life import moment
from portal.demo.story.voices import Voices, day_words, second_friday
from portal.kernel.months import Month
from portal.workdays.services import add_workdays

CONFIRMED_TEAMS = 17


def _said_arrived(request: StaffRequest) -> list[PromiseTeam]:
    """All but six; the author's own team is still to say so."""
    own = "配电抢修班"
    teams = request.promises.get().teams.exclude(name=own).order_by("pk")
    return list(teams[:CONFIRMED_TEAMS])


class OpenMatters:
    """What nobody has finished yet."""

    def __init__(self, voices: Voices) -> None:
        self.voices = voices

    def plan(self) -> None:
        """Put them on the agenda."""
        self._gloves()
        self._open_ones()
        self._sealed()

    def _gloves(self) -> None:
        """Said at a reception day; ordered, delivered as promised; 17 of 23 teams say so."""
        said_on = self._reception_day()
        promised_on, delivered_on = add_workdays(said_on, 2), add_workdays(self.voices.today, -5)
        kept: dict[str, str] = {}

        def say(now: dt.datetime) -> None:
            person = self.voices.city.staff["laixiaoyan"]
            made = submitting.record_request(
                said=submitting.Said(GLOVES, Level.NAMED, "suggestion", "protection"),
                committee=self.voices.city.committee,
                source=Source.RECEPTION,
                speaker=submitting.Speaker(person=person, name=person.name),
                answer_at_once="物资部会后核实各班组用量，3天内答复。",
                actor=self.voices.staff("kemingyuan"),
                now=now,
            )
            kept["key"] = made.pk
            office.accept(
                request_id=made.pk,
                headline="一线班组纱手套不够用",
                category="protection",
                actor=self.voices.officer,
                now=now + dt.timedelta(hours=2),
            )
            office.assign(
                request_id=made.pk,
                department=self.voices.department("物资部").department,
                helpers=[self.voices.department("安监部").department],
                note="请核实各班组实际用量。",
                actor=self.voices.officer,
                now=now + dt.timedelta(hours=3),
            )

        def answer(now: dt.datetime) -> None:
            text = (
                f"纱手套一线班组每人每月由2副调为4副，{day_words(delivered_on)}起执行；"
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
                actor=self.voices.department("物资部").handler,
                now=now,
            )

        def order(now: dt.datetime) -> None:
            handling.order_promised(
                promise_id=self._promise(kept["key"]),
                note="按23个班组用量下单",
                actor=self.voices.department("物资部").handler,
                now=now,
            )

        def deliver(now: dt.datetime) -> None:
            handling.deliver_promised(
                promise_id=self._promise(kept["key"]),
                note="物资供应党支部送到23个班组",
                actor=self.voices.department("物资部").handler,
                now=now,
            )
            publishing.publish(
                request_id=kept["key"],
                said="线路上干活，纱手套一个月两副不够用，能不能多发几副。",
                changed=f"{day_words(delivered_on)}起，一线班组纱手套每人每月由2副调为4副",
                detail="先补本月差额2副，物资供应党支部送到23个班组。",
                who="一位一线同志在接待日说",
                is_featured=True,
                actor=self.voices.officer,
                now=now + dt.timedelta(hours=1),
            )

        def confirm(now: dt.datetime) -> None:
            request = StaffRequest.objects.get(pk=kept["key"])
            for number, team in enumerate(_said_arrived(request)):
                author.answer_for_team(
                    team_id=team.pk,
                    arrived=True,
                    actor=self._of_team(team.name),
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
            self.voices.agenda.at(moment(day, hour), action)

    def _reception_day(self) -> dt.date:
        """The last one that leaves two weeks for what came of it."""
        latest = add_workdays(self.voices.today, -10)
        months = (Month.of(latest), Month.of(latest).plus(-1))
        day = next(d for d in map(second_friday, months) if d <= latest)
        return day if day > self.voices.first else latest

    def _of_team(self, name: str) -> User:
        """Somebody of the team with an account; else the author, who asked there."""
        own = User.objects.filter(person__workplace=name, is_active=True).order_by("pk").first()
        return own or self.voices.staff("laixiaoyan")

    @staticmethod
    def _promise(key: str) -> str:
        return str(StaffRequest.objects.get(pk=key).promises.get().pk)

    def _open_ones(self) -> None:
        """One to accept, one to assign, two in hand, one overdue with a supervision order."""
        self.voices.agenda.at(moment(add_workdays(self.voices.today, -1), 16, 20), self._to_accept)
        self.voices.agenda.at(moment(add_workdays(self.voices.today, -1), 10, 5), self._to_assign)
        self.voices.agenda.at(
            moment(add_workdays(self.voices.today, -6), 9, 40), partial(self._in_hand, 0)
        )
        self.voices.agenda.at(
            moment(add_workdays(self.voices.today, -2), 11, 15), partial(self._in_hand, 1)
        )
        self.voices.agenda.at(moment(add_workdays(self.voices.today, -9), 9, 30), self._overdue)

    def _to_accept(self, now: dt.datetime) -> None:
        submitting.submit_request(
            said=submitting.Said(
                "夜里抢修回来食堂关门了，希望有热的夜餐，或者发点速食。",
                Level.CONFIDENTIAL,
                "suggestion",
                "logistics",
            ),
            actor=self.voices.staff("laixiaoyan"),
            committee=self.voices.city.committee,
            now=now,
        )

    def _to_assign(self, now: dt.datetime) -> None:
        made, _user = self.voices.said(
            "配电抢修班的对讲机充电座坏了三个，轮流充不够用。", "protection", 2, now
        )
        office.accept(
            request_id=made.pk,
            headline="抢修班对讲机充电座不够",
            actor=self.voices.officer,
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
        made, _user = self.voices.said(text, category, 3 + which * 7, now)
        self._take(made.pk, headline, department, now)

    def _overdue(self, now: dt.datetime) -> None:
        made, _user = self.voices.said(
            "抢修班夜餐的标准三年没变，一碗面都不够。", "logistics", 8, now
        )
        self._take(made.pk, "抢修班夜餐标准低", "办公室", now)
        self.voices.agenda.at(moment(self.voices.today, 8, 30), partial(self._supervised, made.pk))

    def _take(self, key: str, headline: str, department: str, now: dt.datetime) -> None:
        office.accept(
            request_id=key,
            headline=headline,
            actor=self.voices.officer,
            now=now + dt.timedelta(hours=1),
        )
        office.assign(
            request_id=key,
            department=self.voices.department(department).department,
            actor=self.voices.officer,
            now=now + dt.timedelta(hours=2),
        )

    def _supervised(self, key: str, now: dt.datetime) -> None:
        supervision.supervise(
            request_id=key,
            demand="说明为什么逾期，写明哪天调到多少。",
            due_on=add_workdays(self.voices.today, 1),
            actor=self.voices.leader,
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
                actor=next(
                    (p.user for p in self.voices.speakers if p.user),
                    self.voices.staff("laixiaoyan"),
                ),
                committee=self.voices.city.committee,
                now=now,
            )

        self.voices.agenda.at(moment(add_workdays(self.voices.today, -1), 20, 10), say)
