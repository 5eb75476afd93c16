"""“海丝之光”: what is going on now: a storm, and the captain's own day."""

from __future__ import annotations

import datetime as dt
from functools import partial

from portal.accounts.models import User
from portal.demo import crew_plan as plan
from portal.demo.chance import chance
from portal.demo.company import VIA
from portal.demo.story.crews import HOUR, BuiltCrew, Crews, key, subject_of, town_of
from portal.demo.story.life import moment
from servicecrew.models import Operation
from servicecrew.services import imports, operations, steps
from servicecrew.services.imports import TurnoutRow
from servicecrew.services.times import TimeStatement
from servicecrew.services.turnout_rows import PersonDay, VehicleDay
from servicecrew.services.turnouts import edit_turnout, open_turnout


class CrewPresent:
    """What is going on now."""

    def __init__(self, crews: Crews) -> None:
        self.crews = crews

    def plan(self) -> None:
        """An operation that is still open, and the captain's own day."""
        self.crews.agenda.at(self.crews.until - 40 * HOUR, self._captains_week)
        if self.crews.company.counties:
            # Hour 66 of the curve, the one that the documentation shows, is this morning's.
            start = moment(self.crews.today - dt.timedelta(days=3), 15)
            self.crews.agenda.at(start + 6 * HOUR, partial(self._storm, start))

    def _storm(self, start: dt.datetime, now: dt.datetime) -> None:
        is_storm = 4 <= self.crews.today.month <= 11
        name = "抗击台风“鹭鸣”" if is_storm else f"抗击寒潮{self.crews.today.year}"
        operation = self.crews.operation(
            name,
            "typhoon",
            start.date(),
            None,
            now,
            summary="市县协同，31支分队前置到位。以下数字随各队登记实时变化，核定后计入统计。",
            landfall_at=start + 27 * HOUR + dt.timedelta(minutes=5),
            affected=plan.AFFECTED,
        )
        self.crews.agenda.at(self.crews.until, partial(self._storm_so_far, operation, start))

    def _storm_so_far(self, operation: Operation, start: dt.datetime, now: dt.datetime) -> None:
        self.crews.report_outages(operation, start, now)
        # One squad is out on a repair of its own.
        self.crews.tell_timeline(operation, start, now, squads=len(self.crews.squads) - 1)
        operations.place_teams(
            operation=operation,
            teams=[
                (s.crew, f"{town_of(s, 1)}应急驻点", len(s.people), len(s.vehicles))
                for s in self.crews.squads
            ],
            placed_at=start + 18 * HOUR,
            actor=self.crews.officer,
            now=now,
            via=VIA,
        )
        rng = chance(self.crews.seed, "storm", operation.name)
        rows = []
        for n, squad in enumerate(self.crews.squads[1:], start=1):
            row = self.crews.row(
                squad,
                start.date() + dt.timedelta(days=1),
                rng,
                "repair",
                "disaster_relief",
                squad.plan.task or subject_of(squad, "disaster_relief", rng),
                ("storm", n),
                people=len(squad.people) * 2 + rng.randint(0, len(squad.people)),
                vehicles=len(squad.vehicles) * 2 + rng.randint(0, 2),
                length=3,
                operation=operation,
            )
            times = {mark: at for mark, at in row.times.items() if at <= now}
            if n % 4:
                times.pop("restored", None)
            row.values["result"] = ""  # type: ignore[index]
            rows.append(
                TurnoutRow(
                    uuid=row.uuid,
                    crew=row.crew,
                    started_on=row.started_on,
                    values=row.values,
                    times=times,
                    people=row.people,
                    vehicles=row.vehicles,
                )
            )
        imports.import_turnouts(rows=rows, entered_via="paper", actor=None, now=now, via=VIA)

    def _captains_week(self, now: dt.datetime) -> None:
        """One confirmed and waiting for the office, one logged without its work ticket, one still
        out: two of the three buttons are pressed."""
        squad = self.crews.squads[0]
        captain = squad.captain
        assert captain is not None  # noqa: S101 - the plan gives him an account
        two = self.crews.today - dt.timedelta(days=2)
        one = self.crews.today - dt.timedelta(days=1)
        self._go(
            squad,
            captain,
            "10kV城东线23号杆引线烧断",
            moment(two, 18, 5),
            (7, 33, 128),
            ticket="PD-P-0417",
            confirm=True,
        )
        self.crews.agenda.at(
            moment(one, 15, 30),
            lambda _now: self._go(
                squad, captain, "东海街道滨城社区台区低压断线", moment(one, 13, 22), (6, 31, 84)
            ),
        )
        self.crews.agenda.at(
            self.crews.until,
            lambda _now: self._go(
                squad,
                captain,
                "10kV后埔线断线",
                self.crews.until - dt.timedelta(minutes=104),
                (9, 38, None),
            ),
        )

    def _go(
        self,
        squad: BuiltCrew,
        captain: User,
        subject: str,
        ordered: dt.datetime,
        minutes: tuple[int, int, int | None],
        *,
        ticket: str = "",
        confirm: bool = False,
    ) -> None:
        leave, arrive, restore = minutes

        def after(n: int) -> dt.datetime:
            return ordered + dt.timedelta(minutes=n)

        pressed = [("departed", after(leave)), ("arrived", after(arrive))]
        if restore is not None:
            pressed.append(("restored", after(restore)))
        end = pressed[-1][1] + dt.timedelta(minutes=2)
        turnout, _new = open_turnout(
            uuid=key("captain", subject),
            crew=squad.crew,
            values={
                "subject": subject,
                "sub_kind": "fault_repair",
                "source": "dispatch",
                "county": "市区",
                "township": "丰泽城东街道",
                "place": "后埔村" if restore is None else "丰泽城东街道",
                "area_kind": "city",
                "weather": "雷雨",
                "cause": "broken_line",
                "line_name": subject.removeprefix("10kV")[:3] if "kV" in subject else "",
                "voltage": "10" if "kV" in subject else "0.4",
                "work_ticket_no": ticket,
                "customers_out": 186,
            },
            times=[
                TimeStatement(key(subject, "ordered"), "ordered", ordered, is_measured=False),
                TimeStatement(key(subject, "departed"), *pressed[0], is_measured=True),
            ],
            people=[
                PersonDay(p.pk, role="captain" if n == 0 else "member")
                for n, p in enumerate(squad.people[:6])
            ],
            vehicles=[VehicleDay(v.pk) for v in squad.vehicles[:2]],
            entered_via="phone",
            actor=captain,
            now=after(leave),
        )
        for mark, at in pressed[1:]:
            steps.mark_turnout(
                turnout_id=turnout.pk,
                statements=[TimeStatement(key(subject, mark), mark, at, is_measured=True)],
                actor=captain,
                now=at,
            )
        if restore is not None:
            turnout.refresh_from_db()
            edit_turnout(
                turnout_id=turnout.pk,
                values={"customers_restored": 186, "satisfaction": "satisfied" if confirm else ""},
                version=turnout.version,
                actor=captain,
                now=end,
            )
            steps.log_turnout(turnout_id=turnout.pk, actor=captain, now=end)
        if confirm:
            steps.confirm_turnout(turnout_id=turnout.pk, actor=captain, now=end)
