"""“海丝之光”: the crews, the operations of 2016 and 2017, a year of turnouts, what is going on."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from random import Random
from typing import TypeVar
from uuid import NAMESPACE_URL, UUID, uuid5

from branches.models import Person
from branches.services import organisation
from portal.accounts.models import User
from portal.demo import crew_plan as plan
from portal.demo.agenda import Agenda
from portal.demo.chance import chance
from portal.demo.company import VIA, BuiltBranch, BuiltCommittee, BuiltCompany
from portal.demo.crew_plan import CrewPlan
from portal.demo.names import Names
from portal.demo.story.life import moment
from portal.kernel.months import SHANGHAI, Month
from servicecrew.models import Crew, CrewRole, Operation, Vehicle, VehicleKind
from servicecrew.services import crews, imports, operations, steps
from servicecrew.services.imports import TurnoutRow
from servicecrew.services.times import TimeStatement
from servicecrew.services.turnouts import PersonDay, VehicleDay, edit_turnout, open_turnout

Thing = TypeVar("Thing")
HOUR = dt.timedelta(hours=1)
CREW_SINCE = dt.date(2015, 1, 15)


def key(*words: object) -> UUID:
    """Equal arguments give equal rows."""
    return uuid5(NAMESPACE_URL, ":".join(["demo crew", *map(str, words)]))


@dataclass
class BuiltCrew:
    """A squad with its people (the captain first) and vehicles."""

    plan: CrewPlan
    crew: Crew
    people: list[Person] = field(default_factory=list)
    vehicles: list[Vehicle] = field(default_factory=list)

    @property
    def captain(self) -> User | None:
        return self.people[0].user


class CrewStory:
    """Founds the crews and lets them go out."""

    def __init__(
        self, *, seed: int, company: BuiltCompany, agenda: Agenda, until: dt.datetime
    ) -> None:
        self.seed = seed
        self.company = company
        self.agenda = agenda
        self.until = until
        self.today = until.date()
        self.squads: list[BuiltCrew] = []
        assert company.city.officer is not None  # noqa: S101 - founded with branches
        self.officer: User = company.city.officer

    # -- founding ----------------------------------------------------------------------------

    def found(self, now: dt.datetime) -> None:
        """Corps, detachments and 31 squads; a generated company has its captain's squad."""
        city = self.company.city
        corps = self._crew("海丝之光共产党员服务总队", city, "泉州", "海丝", now, level="corps")
        plans = plan.SQUADS if self.company.counties else plan.SQUADS[:1]
        names = Names(
            chance(self.seed, "crew names"), taken=Person.objects.values_list("name", flat=True)
        )
        detachments: dict[str, Crew] = {}
        number = 0
        for order, squad in enumerate(plans, start=1):
            home = self.company.county(squad.county) or city
            above = detachments.get(squad.county)
            if above is None:
                above = self._crew(
                    f"{squad.county}支队",
                    home,
                    squad.county,
                    f"海丝{squad.county}",
                    now,
                    level="detachment",
                    parent=corps,
                    order=order * 10 - 5,
                )
                detachments[squad.county] = above
            branch = self._branch_of(squad)
            crew = self._crew(
                squad.name,
                home,
                squad.county,
                squad.code,
                now,
                parent=above,
                order=order * 10,
                branch=branch,
            )
            built = BuiltCrew(squad, crew)
            built.people = self._people(squad, home, branch, names, now)
            for place, person in enumerate(built.people):
                crews.enlist(
                    crew=crew,
                    person=person,
                    role=(CrewRole.CAPTAIN, CrewRole.DEPUTY)[place] if place < 2 else "member",
                    started_on=CREW_SINCE,
                    actor=None,
                    now=now,
                    via=VIA,
                )
            kinds = (
                VehicleKind.REPAIR,
                VehicleKind.REPAIR,
                VehicleKind.ENGINEERING,
                VehicleKind.GENERATOR,
                VehicleKind.CRANE,
            )
            for kind in kinds[: squad.vehicles]:
                number += 1
                built.vehicles.append(
                    crews.enlist_vehicle(
                        crew=crew,
                        plate=f"闽C{'DEFGH'[number % 5]}{2300 + number * 7:04d}",
                        kind=kind,
                        started_on=CREW_SINCE,
                        actor=None,
                        now=now,
                        via=VIA,
                    )
                )
            self.squads.append(built)
        for name, quantity, unit in plan.EQUIPMENT:
            crews.keep_equipment(
                crew=self.squads[0].crew,
                name=name,
                quantity=quantity,
                unit=unit,
                checked_on=self.today - dt.timedelta(days=23),
                actor=None,
                now=now,
                via=VIA,
            )

    def _crew(
        self,
        name: str,
        home: BuiltCommittee,
        county: str,
        code: str,
        now: dt.datetime,
        *,
        level: str = "squad",
        parent: Crew | None = None,
        order: int = 1,
        branch: BuiltBranch | None = None,
    ) -> Crew:
        return crews.found_crew(
            committee=home.committee,
            name=name,
            county=county,
            serial_code=code,
            level=level,
            parent=parent,
            branch=branch.branch if branch else None,
            pledge=plan.PLEDGE,
            commitments=plan.COMMITMENTS,
            sort_order=order,
            founded_on=CREW_SINCE,
            actor=None,
            now=now,
            via=VIA,
        )

    def _branch_of(self, squad: CrewPlan) -> BuiltBranch | None:
        city = self.company.city.branches
        if squad.branch in city or not squad.branch:
            return city.get(squad.branch)
        return next(
            (b for b in city.values() if any(p.name == squad.captain for p in b.people)), None
        )

    def _people(
        self,
        squad: CrewPlan,
        home: BuiltCommittee,
        branch: BuiltBranch | None,
        names: Names,
        now: dt.datetime,
    ) -> list[Person]:
        taken = {person.pk for built in self.squads for person in built.people}
        if branch is not None:
            ranks = [p for p in branch.people[2:] if p.pk not in taken]
            ranks.sort(key=lambda person: person.name != squad.captain)
            found = ranks[: squad.size]
        else:
            own = [b for b in home.branches.values() if b.plan.type == "production"]
            found = [p for b in own for p in b.people[3:6] if p.pk not in taken][:3]
        while len(found) < squad.size:
            found.append(
                organisation.create_person(
                    name=next(names)[0],
                    committee=home.committee,
                    workplace=f"{squad.county}供电所",
                    job_title="抢修工",
                    actor=None,
                    now=now,
                    via=VIA,
                )
            )
        return found

    # -- the years before the portal ------------------------------------------------------

    def history(self, founded: dt.datetime) -> None:
        """The article's year: 3,821 person-times and 1,215 vehicle-times in 310 rows. Each
        operation is brought in when it is over, or at the founding when that was long ago."""
        if not self.company.counties:
            return
        for over, bring in (
            (dt.date(2016, 7, 20), self._nepartak),
            (dt.date(2016, 9, 26), self._meranti),
            (dt.date(2017, 2, 6), self._spring),
            (dt.date(2017, 6, 26), self._summer),
        ):
            self.agenda.at(max(founded, moment(over, 9)), bring)

    def _nepartak(self, now: dt.datetime) -> None:
        nepartak = self._operation(
            "抗击台风“尼伯特”",
            "typhoon",
            dt.date(2016, 7, 8),
            dt.date(2016, 7, 12),
            now,
            summary="2016年第1号台风。泉州境内抢修的同时，跨市支援闽清。支援闽清的人次在建档前"
            "记在纸质台账上，作期初数列入。",
            lessons="跨市支援要自带发电机和三天给养；材料按台区打包装车，到场就能用。",
        )
        # On paper the Dehua squad had come to number 78 by then: that night's is 86.
        crews.continue_numbers(serial_code="海丝德", year=2017, last=78)
        self._spread(nepartak, plan.NEPARTAK, "disaster_relief", dt.date(2016, 7, 8), 3, now)
        turnouts, people, vehicles = plan.NEPARTAK_OPENING
        imports.open_balance(
            crew=self.squads[0].crew,
            operation=nepartak,
            counted_on=dt.date(2016, 7, 12),
            service_kind="repair",
            sub_kind="aid_elsewhere",
            turnouts=turnouts,
            person_times=people,
            vehicle_times=vehicles,
            basis="2016年7月支援闽清纸质台账（党群部存档）",
            actor=self.officer,
            now=now,
            via=VIA,
        )

    def _spring(self, now: dt.datetime) -> None:
        spring = self._operation(
            "2017年春节保电",
            "event",
            dt.date(2017, 1, 26),
            dt.date(2017, 2, 3),
            now,
            summary="除夕到初七，各分队在变电站、古城和侨乡重点村值守。",
            lessons="值守点提前走一遍线，比多派一班人管用。",
        )
        self._spread(spring, plan.SPRING, "power_guarantee", dt.date(2017, 1, 27), 1, now, days=7)

    def _operation(
        self,
        name: str,
        kind: str,
        first: dt.date,
        last: dt.date | None,
        now: dt.datetime,
        *,
        summary: str,
        lessons: str = "",
        landfall_at: dt.datetime | None = None,
        affected: dict[str, int] | None = None,
    ) -> Operation:
        operation = operations.open_operation(
            committee=self.company.city.committee,
            name=name,
            kind=kind,
            started_on=first,
            ended_on=last,
            commander="公司党委书记",
            summary=summary,
            landfall_at=landfall_at,
            affected=affected,
            actor=self.officer,
            now=now,
            via=VIA,
        )
        if lessons:
            operation = operations.edit_operation(
                operation_id=operation.pk,
                values={"lessons": lessons},
                version=operation.version,
                actor=self.officer,
                now=now,
                via=VIA,
            )
        return operation

    def _spread(
        self,
        operation: Operation,
        wanted: tuple[int, int, int],
        sub_kind: str,
        first: dt.date,
        length: int,
        now: dt.datetime,
        *,
        days: int = 1,
    ) -> None:
        """``wanted`` turnouts of ``length`` days, over the squads, adding up to exactly the
        person-times and vehicle-times."""
        count, people, vehicles = wanted
        rng = chance(self.seed, "operation", operation.name)
        squads = [self.squads[n % len(self.squads)] for n in range(count)]
        sizes = shared(people, [len(s.people) * length for s in squads])
        loads = shared(vehicles, [len(s.vehicles) * length for s in squads])
        rows = []
        for n, squad in enumerate(squads):
            day = first + dt.timedelta(days=rng.randrange(days) if days > 1 else 0)
            rows.append(
                self._row(
                    squad,
                    day,
                    rng,
                    "political" if "guarantee" in sub_kind else "repair",
                    sub_kind,
                    _subject(squad, sub_kind, rng),
                    (operation.pk, n),
                    people=sizes[n],
                    vehicles=loads[n],
                    length=length,
                    operation=operation,
                )
            )
        self._bring(rows, now)

    def _meranti(self, now: dt.datetime) -> None:
        first = dt.date(2016, 9, 14)
        start = moment(first, 0)
        meranti = self._operation(
            "抗击台风“莫兰蒂”",
            "typhoon",
            first,
            dt.date(2016, 9, 18),
            now,
            summary="2016年第14号台风，9月15日凌晨登陆厦门，泉州沿海风力最大。市县31支分队同时出动。",
            lessons="登陆前一天前置到位的队伍，到场平均快40分钟；倒杆材料要放到县一级。",
            landfall_at=start + 27 * HOUR + dt.timedelta(minutes=5),
            affected=plan.AFFECTED,
        )
        self._outages(meranti, start, now, extra=((72, 120), (84, 55), (96, 12), (104, 0)))
        self._timeline(meranti, start, now)
        operations.place_teams(
            operation=meranti,
            teams=[
                (s.crew, f"{_town(s, 0)}应急驻点", len(s.people), len(s.vehicles))
                for s in self.squads
            ],
            placed_at=start + 18 * HOUR,
            actor=self.officer,
            now=now,
            via=VIA,
        )
        _count, people, vehicles = plan.MERANTI
        named = [s.plan.meranti for s in self.squads]
        left_people = people - sum(m[0] for m in named if m)
        left_vehicles = vehicles - sum(m[1] for m in named if m)
        others = [s for s in self.squads if s.plan.meranti is None]
        sizes = iter(shared(left_people, [len(s.people) * 4 for s in others]))
        loads = iter(shared(left_vehicles, [len(s.vehicles) * 4 for s in others]))
        rng = chance(self.seed, "meranti")
        rows = []
        for n, squad in enumerate(self.squads):
            size, load = squad.plan.meranti or (next(sizes), next(loads))
            subject = squad.plan.task or _subject(squad, "disaster_relief", rng)
            rows.append(
                self._row(
                    squad,
                    first,
                    rng,
                    "repair",
                    "disaster_relief",
                    subject,
                    ("meranti", n),
                    people=size,
                    vehicles=load,
                    length=4,
                    operation=meranti,
                )
            )
        self._bring(rows, now)

    def _summer(self, now: dt.datetime) -> None:
        summer = self._operation(
            "迎峰度夏2017",
            "peak_season",
            dt.date(2017, 6, 1),
            dt.date(2017, 6, 30),
            now,
            summary="6月负荷三次刷新纪录，雷雨多。重载台区测温、断线抢修、医院学校保电。",
            lessons="夜间抢修要给换班留人：20日夜德化分队一班人干到凌晨。",
        )
        rng = chance(self.seed, "summer 2017")
        count, people, vehicles = plan.SUMMER
        squads = [self.squads[n % len(self.squads)] for n in range(count - 1)]
        sizes = shared(people - 6, [len(s.people) for s in squads])
        loads = shared(vehicles - 2, [len(s.vehicles) for s in squads])
        rows = []
        for n, squad in enumerate(squads):
            day = dt.date(2017, 6, 1) + dt.timedelta(days=n // len(self.squads) * 4 + n % 4)
            kind, sub = ("political", "summer_peak") if n % 2 else ("repair", "fault_repair")
            rows.append(
                self._row(
                    squad,
                    day,
                    rng,
                    kind,
                    sub,
                    _subject(squad, sub, rng),
                    ("summer", n),
                    people=sizes[n],
                    vehicles=loads[n],
                    operation=summer,
                )
            )
        rows.append(self._zixi(summer))
        self._bring(rows, now)

    def _zixi(self, summer: Operation) -> TurnoutRow:
        """10kV梓溪线陈溪支线: the night of 20 June 2017 that the article tells of."""
        squad = next(s for s in self.squads if s.plan.county == "德化")

        def clock(day: int, hour: int, minute: int) -> dt.datetime:
            return dt.datetime(2017, 6, day, hour, minute, tzinfo=SHANGHAI)

        return TurnoutRow(
            uuid=key("zixi"),
            crew=squad.crew,
            started_on=dt.date(2017, 6, 20),
            values={
                "subject": "10kV梓溪线陈溪支线断线",
                "service_kind": "repair",
                "sub_kind": "fault_repair",
                "source": "dispatch",
                "order_no": "DH20170620-031",
                "operation_id": summer.pk,
                "city_goal_id": "happy",
                "county": "德化",
                "township": "桂阳乡",
                "place": "陈溪村",
                "area_kind": "rural",
                "line_name": "梓溪线",
                "voltage": "10",
                "line_branch": "陈溪支线",
                "pole_range": "17号至18号杆",
                "cause": "broken_line",
                "weather": "雷雨",
                "is_night_work": True,
                "customers_out": 312,
                "customers_restored": 312,
                "areas_restored": 6,
                "lines_restored": 1,
                "metres": 120,
                "work_ticket_no": "DH-P-2017-0620-04",
                "leader_on_site": "供电所所长",
                "has_safety_talk": True,
                "has_no_breach": True,
                "satisfaction": "very",
                "result": "雷雨中导线断落，先验电挂地线，重新接续后试送成功，凌晨全部复电。",
            },
            times={
                "ordered": clock(20, 21, 32),
                "departed": clock(20, 21, 46),
                "arrived": clock(20, 22, 41),
                "restored": clock(21, 1, 17),
                "left": clock(21, 1, 45),
            },
            people=[
                PersonDay(p.pk, role="captain" if n == 0 else "member")
                for n, p in enumerate(squad.people[:6])
            ],
            vehicles=[VehicleDay(v.pk) for v in squad.vehicles[:2]],
        )

    # -- a year of turnouts -----------------------------------------------------------------

    def year(self, first: Month, last: Month) -> None:
        """512 turnouts of the last twelve months, brought in month by month and verified."""
        months = [first.plus(n) for n in range(12) if first.plus(n) <= last]
        rng = chance(self.seed, "crew year", first)
        end = self.today - dt.timedelta(days=6)
        days = [first.first_day + dt.timedelta(days=n) for n in range((end - first.first_day).days)]
        squads = self.squads
        by_month: dict[Month, list[TurnoutRow]] = {month: [] for month in months}
        late = 0
        for kind, count, subjects in plan.REGULAR:
            for n in range(count):
                sub, words = rng.choice(subjects)
                squad = squads[rng.randrange(len(squads)) if n % 5 else 0]
                day = days[int(len(days) * (n + rng.random()) / count)]
                is_late = kind == "repair" and late < 9 and n % 23 == 7
                late += is_late
                row = self._row(
                    squad,
                    day,
                    rng,
                    kind,
                    sub,
                    words.format(
                        line=rng.choice(plan.LINES),
                        town=_town(squad, rng.randrange(9)),
                        pole=rng.randrange(3, 60),
                    ),
                    ("year", kind, n),
                    people=rng.randint(3, min(8, len(squad.people))),
                    vehicles=rng.randint(1, min(2, len(squad.vehicles))),
                    is_late=is_late,
                )
                by_month.setdefault(Month.of(day), []).append(row)
        for month, rows in by_month.items():
            at = min(moment(month.plus(1).first_day + dt.timedelta(days=2), 10), self.until)
            self.agenda.at(at, partial(self._bring_at, rows))
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
        self.agenda.at(
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

    def _bring_at(self, rows: list[TurnoutRow], now: dt.datetime) -> None:
        self._bring(rows, now)

    def _bring(self, rows: list[TurnoutRow], now: dt.datetime) -> None:
        imports.import_turnouts(
            rows=rows,
            as_history=True,
            actor=None,
            now=now,
            via=VIA,
            confirmed_by=self.squads[0].captain,
        )

    def _row(
        self,
        squad: BuiltCrew,
        day: dt.date,
        rng: Random,
        kind: str,
        sub_kind: str,
        subject: str,
        name: tuple[object, ...],
        *,
        people: int,
        vehicles: int,
        length: int = 1,
        operation: Operation | None = None,
        is_late: bool = False,
    ) -> TurnoutRow:
        town = next((t for t in plan.TOWNSHIPS[squad.plan.county] if t in subject), None)
        town = town or _town(squad, rng.randrange(9))
        area = (
            "city" if squad.plan.county == "市区" else "remote" if town in plan.REMOTE else "rural"
        )
        promise = {"city": 45, "rural": 90, "remote": 120}[area]
        left = moment(day, rng.choice((7, 8, 9, 14, 16, 19)), rng.randrange(60))
        took = promise + rng.randint(4, 25) if is_late else rng.randint(promise // 3, promise - 4)
        ordered = left - dt.timedelta(minutes=min(14, took // 3))
        arrived = ordered + dt.timedelta(minutes=took)
        restored = arrived + dt.timedelta(minutes=rng.randint(35, 190))
        if length > 1:
            restored = moment(day + dt.timedelta(days=length - 1), 18, rng.randrange(60))
        is_repair = kind == "repair"
        customers = rng.randint(20, 460) if is_repair else None
        values: dict[str, object] = {
            "subject": subject,
            "service_kind": kind,
            "sub_kind": sub_kind,
            "source": rng.choice(("dispatch", "hotline")) if is_repair else "own",
            "county": squad.plan.county,
            "township": town,
            "place": town,
            "area_kind": area,
            "operation_id": operation.pk if operation else None,
            "city_goal_id": rng.choice(plan.GOALS[kind]) or None,
            "weather": rng.choice(plan.WEATHER),
            "has_safety_talk": True,
            "has_no_breach": True,
            "satisfaction": "fair"
            if is_late and day.day % 4
            else rng.choice(("very", "very", "satisfied")),
            "is_night_work": left.hour >= 19,
        }
        if is_repair:
            values |= {
                "cause": rng.choice(plan.CAUSES),
                "customers_out": customers,
                "customers_restored": customers,
                "areas_restored": rng.randint(1, 6),
                "lines_restored": 1 if "kV" in subject else 0,
                "work_ticket_no": f"{squad.plan.code}-P-{day:%Y%m%d}-{rng.randint(1, 9):02d}",
            }
        else:
            values |= {"users_served": rng.randint(3, 90), "problems_solved": rng.randint(0, 4)}
        times = {"ordered": ordered, "departed": left, "arrived": arrived, "restored": restored}
        if left > arrived:
            times["arrived"] = left + dt.timedelta(minutes=5)
        if not is_repair:
            times.pop("ordered")
        return TurnoutRow(
            uuid=key(*name),
            crew=squad.crew,
            started_on=day,
            values=values,
            times=times,
            people=[
                PersonDay(p.pk, day=when, role="captain" if p is squad.people[0] else "member")
                for p, when in over_days(squad.people, people, day, length)
            ],
            vehicles=[
                VehicleDay(v.pk, day=when)
                for v, when in over_days(squad.vehicles, vehicles, day, length)
            ],
        )

    # -- what is going on now ---------------------------------------------------------------

    def present(self) -> None:
        """An operation that is still open, and the captain's own day."""
        self.agenda.at(self.until - 40 * HOUR, self._captains_week)
        if self.company.counties:
            # Hour 66 of the curve, the one that the documentation shows, is this morning's.
            start = moment(self.today - dt.timedelta(days=3), 15)
            self.agenda.at(start + 6 * HOUR, partial(self._storm, start))

    def _storm(self, start: dt.datetime, now: dt.datetime) -> None:
        is_storm = 4 <= self.today.month <= 11
        name = "抗击台风“鹭鸣”" if is_storm else f"抗击寒潮{self.today.year}"
        operation = self._operation(
            name,
            "typhoon",
            start.date(),
            None,
            now,
            summary="市县协同，31支分队前置到位。以下数字随各队登记实时变化，核定后计入统计。",
            landfall_at=start + 27 * HOUR + dt.timedelta(minutes=5),
            affected=plan.AFFECTED,
        )
        self.agenda.at(self.until, partial(self._storm_so_far, operation, start))

    def _storm_so_far(self, operation: Operation, start: dt.datetime, now: dt.datetime) -> None:
        self._outages(operation, start, now)
        self._timeline(operation, start, now)
        operations.place_teams(
            operation=operation,
            teams=[
                (s.crew, f"{_town(s, 1)}应急驻点", len(s.people), len(s.vehicles))
                for s in self.squads
            ],
            placed_at=start + 18 * HOUR,
            actor=self.officer,
            now=now,
            via=VIA,
        )
        rng = chance(self.seed, "storm", operation.name)
        rows = []
        for n, squad in enumerate(self.squads[1:], start=1):
            row = self._row(
                squad,
                start.date() + dt.timedelta(days=1),
                rng,
                "repair",
                "disaster_relief",
                squad.plan.task or _subject(squad, "disaster_relief", rng),
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
        squad = self.squads[0]
        captain = squad.captain
        assert captain is not None  # noqa: S101 - the plan gives him an account
        two = self.today - dt.timedelta(days=2)
        one = self.today - dt.timedelta(days=1)
        self._go(
            squad,
            captain,
            "10kV城东线23号杆引线烧断",
            moment(two, 18, 5),
            (7, 33, 128),
            ticket="PD-P-0417",
            confirm=True,
        )
        self.agenda.at(
            moment(one, 15, 30),
            lambda _now: self._go(
                squad, captain, "东海街道滨城社区台区低压断线", moment(one, 13, 22), (6, 31, 84)
            ),
        )
        self.agenda.at(
            self.until,
            lambda _now: self._go(
                squad,
                captain,
                "10kV后埔线断线",
                self.until - dt.timedelta(minutes=104),
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

    def _outages(
        self,
        operation: Operation,
        start: dt.datetime,
        now: dt.datetime,
        extra: Iterable[tuple[int, int]] = (),
    ) -> None:
        """The curve, county by county, up to now; at hour 66 exactly the documented numbers."""
        for hour, share in (*plan.CURVE, *extra):
            at = start + hour * HOUR
            if at > now:
                break
            out = {}
            for county, affected in plan.AFFECTED.items():
                whole = sum(plan.AFFECTED.values())
                customers = round(plan.PEAK * affected / whole * share / 1000 / 100) * 100
                areas = customers // 300
                if hour == 66:
                    customers, areas = plan.OUT_NOW[county]
                elif 36 <= hour < 66:  # from each county's peak towards what is left of it
                    left, peak = plan.OUT_NOW[county][0], plan.PEAK * affected / whole
                    customers = round((left + (peak - left) * (share - 187) / 813) / 100) * 100
                    areas = customers // 300
                elif hour > 66:
                    customers = round(plan.OUT_NOW[county][0] * share / 187 / 10) * 10
                    areas = customers // 300
                out[county] = (min(customers, affected), areas)
            operations.report_outages(
                operation=operation,
                reported_at=at,
                out=out,
                source="配网调度",
                actor=self.officer,
                now=now,
                via=VIA,
            )

    def _timeline(self, operation: Operation, start: dt.datetime, now: dt.datetime) -> None:
        for hours, minutes, text, who, is_key in plan.MERANTI_EVENTS:
            at = start + hours * HOUR + dt.timedelta(minutes=minutes)
            if at <= now:
                operations.add_event(
                    operation=operation,
                    happened_at=at,
                    text=text,
                    who=who,
                    is_key=is_key,
                    actor=self.officer,
                    now=now,
                    via=VIA,
                )


# -- arithmetic ------------------------------------------------------------------------------


def shared(total: int, limits: Sequence[int]) -> list[int]:
    """``total`` over as many places, in proportion to their limits and never above one; each
    gets at least one."""
    whole = sum(limits)
    parts = [max(1, min(limit, total * limit // whole)) for limit in limits]
    left = total - sum(parts)
    step = 1 if left > 0 else -1
    place = 0
    while left:
        room = parts[place] < limits[place] if step > 0 else parts[place] > 1
        if room:
            parts[place] += step
            left -= step
        place = (place + 1) % len(parts)
    return parts


def over_days(
    things: Sequence[Thing], count: int, first: dt.date, length: int
) -> list[tuple[Thing, dt.date]]:
    """``count`` thing-days over ``length`` days, as even as can be."""
    found = []
    for n in range(length):
        today = count // length + (1 if n < count % length else 0)
        found += [(thing, first + dt.timedelta(days=n)) for thing in things[:today]]
    return found


def _town(squad: BuiltCrew, number: int) -> str:
    towns = plan.TOWNSHIPS[squad.plan.county]
    return towns[number % len(towns)]


def _subject(squad: BuiltCrew, sub_kind: str, rng: Random) -> str:
    town = _town(squad, rng.randrange(9))
    words = {
        "disaster_relief": ("{town}倒杆断线抢险", "{town}低压线路抢险", "{town}10kV线路复电"),
        "power_guarantee": ("{town}春节值守保电", "{town}侨乡村保电"),
        "summer_peak": ("{town}重载台区测温", "{town}台区负荷转移"),
        "fault_repair": ("{town}雷击跳闸抢修", "{town}变压器故障抢修"),
    }[sub_kind]
    return rng.choice(words).format(town=town)


def _ignore(_made: object) -> None:
    """An action of the agenda gives nothing back."""
