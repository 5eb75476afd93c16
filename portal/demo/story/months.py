"""A committee's months from open records to the published bulletin."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from functools import partial
from random import Random

from evaluations.models import MeetingDecision, MonthRound, RectificationNotice
from evaluations.services import bulletins, meetings, publish, rounds
from portal.accounts.models import User
from portal.demo import facts, plots
from portal.demo.chance import chance
from portal.demo.story.faults import Faults
from portal.demo.story.life import ONE_DAY, Ending, Life, moment
from portal.demo.story.records import Records
from portal.demo.story.rectification import Rectification
from portal.demo.story.rulings import Rulings
from portal.demo.story.visits import Visits
from portal.kernel.months import Month
from portal.workdays.services import add_workdays, nth_workday

SWEEP = "sweep"


class Months:
    """Puts months on the agenda."""

    def __init__(self, life: Life) -> None:
        self.life = life
        self.agenda = life.agenda
        self.records = Records(life)
        self.faults = Faults(life)
        self.visits = Visits(life, self.faults, Rectification(life))
        self.rulings = Rulings(life, self.faults)

    def live(self, month: Month, ending: Ending) -> None:
        """Put a month's records and its round on the agenda."""
        start = moment(nth_workday(month, 1), 8, 40)
        self.agenda.at(start, partial(self._open, month, ending))
        self.records.keep(month)

    def _open(self, month: Month, ending: Ending, now: dt.datetime) -> None:
        rng = chance(self.life.seed, "round", self.life.built.plan.name, month)
        round_ = rounds.open_round(
            committee=self.life.built.committee, month=month, actor=self.life.officer, now=now
        )
        rounds.write_words(
            round_id=round_.pk,
            focus=rng.choice(facts.FOCUS),
            highlights="",
            next_focus="",
            actor=self.life.officer,
            now=now + dt.timedelta(minutes=15),
        )
        if ending == Ending.OPEN:
            return
        days: dict[str, dt.date] = {}
        reason = ""
        if ending == Ending.IN_INSPECTION:
            days, reason = self._window_of_today(round_), plots.MOVED_REASON
        elif ending == Ending.IN_APPEALS:
            days, reason = self._appeals_of_today(round_), plots.APPEAL_DELAY
        if days:
            move = partial(self._move_calendar, round_, days, reason)
            before = min(days.get("window_starts_on", round_.window_starts_on), self.life.today)
            self.agenda.at(moment(add_workdays(before, -3), 16, 10), move)
        starts = days.get("window_starts_on", round_.window_starts_on)
        ends = days.get("window_ends_on", round_.window_ends_on)
        visits_end = round_.window_ends_on if ending == Ending.IN_APPEALS else ends
        draw = moment(add_workdays(starts, -2), 10)
        self.agenda.at(draw, partial(self.visits.assign, round_, starts, visits_end, ending))
        self.agenda.at(moment(starts, 0, 5), partial(self._start, round_))
        self.agenda.at(moment(ends + ONE_DAY, 0, 5), partial(self._close, round_))
        is_hand = ending == Ending.IN_INSPECTION
        credited = min(ends, add_workdays(self.life.today, -2)) if is_hand else ends
        self.agenda.at(moment(credited, 17, 30), partial(self.rulings.add_bonuses, round_))
        if ending == Ending.IN_APPEALS:
            filed = moment(add_workdays(self.life.today, -1), 15, 20)
            self.agenda.at(filed, partial(self.rulings.appeal, round_, None))
        elif ending == Ending.PUBLISHED:
            self._plan_publication(round_, rng)

    def _plan_publication(self, round_: MonthRound, rng: Random) -> None:
        if rng.random() < 0.5:
            filed = moment(round_.appeals_end_on, 9, 40)
            ruling = rng.choice(plots.APPEAL_RULINGS)
            self.agenda.at(filed, partial(self.rulings.appeal, round_, ruling))
        words = moment(round_.publish_on, 9, 10)
        self.agenda.at(words, partial(self._write_words, round_, rng))
        self.agenda.at(moment(round_.publish_on, 10), partial(self._publish, round_), alone=True)

    def _window_of_today(self, round_: MonthRound) -> dict[str, dt.date]:
        """Days that put today into the middle of the inspection window."""
        starts = add_workdays(self.life.today, -4)
        if round_.window_starts_on <= starts and round_.window_ends_on > self.life.today:
            return {}
        ends = max(round_.window_ends_on, add_workdays(self.life.today, 3))
        appeals_end = max(round_.appeals_end_on, add_workdays(ends, 2))
        publish_on = max(round_.publish_on, add_workdays(appeals_end, 1))
        return {
            "window_starts_on": starts,
            "window_ends_on": ends,
            "appeals_end_on": appeals_end,
            "publish_on": publish_on,
            "meeting_on": max(round_.meeting_on, add_workdays(publish_on, 2)),
        }

    def _appeals_of_today(self, round_: MonthRound) -> dict[str, dt.date]:
        """Days that put today into the days of appeal."""
        ends = max(round_.window_ends_on, add_workdays(self.life.today, -2))
        appeals_end = add_workdays(self.life.today, 2)
        publish_on = add_workdays(appeals_end, 1)
        return {
            "window_ends_on": ends,
            "appeals_end_on": appeals_end,
            "publish_on": publish_on,
            "meeting_on": add_workdays(publish_on, 2),
        }

    def _move_calendar(
        self, round_: MonthRound, days: Mapping[str, dt.date], reason: str, now: dt.datetime
    ) -> None:
        rounds.move_calendar(
            round_id=round_.pk, dates=days, reason=reason, actor=self.life.officer, now=now
        )

    def _start(self, round_: MonthRound, now: dt.datetime) -> None:
        rounds.start_inspection(round_id=round_.pk, actor=None, now=now, via=SWEEP)

    def _close(self, round_: MonthRound, now: dt.datetime) -> None:
        rounds.close_inspection(round_id=round_.pk, actor=None, now=now, via=SWEEP)

    def _write_words(self, round_: MonthRound, rng: Random, now: dt.datetime) -> None:
        rounds.write_words(
            round_id=round_.pk,
            focus=MonthRound.objects.values_list("focus", flat=True).get(pk=round_.pk),
            highlights=rng.choice(facts.ROUND_HIGHLIGHTS),
            next_focus=rng.choice(facts.NEXT_FOCUS),
            actor=self.life.officer,
            now=now,
        )

    def _publish(self, round_: MonthRound, now: dt.datetime) -> None:
        result = publish.publish_round(
            round_id=round_.pk, actor=self.life.officer, now=now, via="web"
        )
        self.rulings.plan_notices(result.run, round_, now)
        self.agenda.at(now + dt.timedelta(hours=6), partial(self._sign, round_.pk))
        self._plan_readers(round_, now)
        self.agenda.at(moment(round_.meeting_on, 9), partial(self._meet, round_.pk))

    def _meet(self, round_id: int, now: dt.datetime) -> None:
        """The monthly meeting: a word on each secretary, two decisions; the last ones are done."""
        rng = chance(self.life.seed, "meeting", self.life.built.plan.name, round_id)
        round_ = MonthRound.objects.get(pk=round_id)
        blamed = set(
            RectificationNotice.objects.filter(run__round=round_).values_list(
                "participant_id", flat=True
            )
        )
        hosts = {host.branch.pk: host for host in self.life.built.branches.values()}
        for part in round_.participants.filter(is_exempt=False, secretary__isnull=False):
            host = hosts[part.branch_id]
            judge = self.life.judge_of(host)
            for kind, low in (("unit", 86), ("rating", 84)):
                due = round_.month.month in (6, 12) if kind == "rating" else True
                if due and (kind == "rating" or part.secretary_mode == "part_time"):
                    meetings.enter_input(
                        participant_id=part.pk,
                        kind=kind,
                        marks=Decimal(low) + Decimal(rng.randrange(0, 24)) / 2,
                        actor=judge,
                        now=now - dt.timedelta(minutes=30),
                    )
            verdict = rng.choices(("good", "fairly_good"), (5, 8))[0]
            if part.pk in blamed:
                verdict = "average"
            meetings.comment_secretary(
                participant_id=part.pk,
                verdict=verdict,
                text=rng.choice(facts.MEETING_WORDS[verdict]),
                version=1,
                actor=judge,
                now=now,
            )
        for decision in MeetingDecision.objects.open().filter(
            round__committee=round_.committee, round__month__lt=round_.month
        ):
            if rng.random() < 0.85:
                meetings.close_decision(
                    decision_id=decision.pk,
                    result=rng.choice(facts.DECISION_RESULTS),
                    actor=self.life.officer,
                    now=now,
                )
        for text, owner in rng.sample(facts.DECISIONS, 2):
            meetings.decide(
                round_id=round_id,
                participant_id=None,
                text=text,
                owner=owner,
                due_on=add_workdays(now.date(), 10),
                client_key=None,
                actor=self.life.leader,
                now=now + dt.timedelta(minutes=40),
            )

    def _sign(self, round_id: int, now: dt.datetime) -> None:
        """The committee's secretary puts his name under the bulletin in the afternoon."""
        bulletins.sign_bulletin(round_id=round_id, version=1, actor=self.life.leader, now=now)

    def _plan_readers(self, round_: MonthRound, now: dt.datetime) -> None:
        """Most secretaries read it within three days, some never say so."""
        rng = chance(self.life.seed, "readers", self.life.built.plan.name, round_.month)
        for host in self.life.built.branches.values():
            user = host.officers[0].user if host.officers else None
            when = now + dt.timedelta(hours=rng.uniform(7, 70))
            if user is not None and rng.random() < 0.9:
                self.agenda.at(when, partial(self._read, round_.pk, user))

    def _read(self, round_id: int, user: User, now: dt.datetime) -> None:
        bulletins.receive_bulletin(round_id=round_id, actor=user, now=now)
