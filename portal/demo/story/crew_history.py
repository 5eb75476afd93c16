"""“海丝之光”: the operations of 2016 and 2017 that the article tells of."""

from __future__ import annotations

import datetime as dt

from portal.demo import crew_plan as plan
from portal.demo.chance import chance
from portal.demo.company import VIA
from portal.demo.story.crews import HOUR, Crews, key, shared, subject_of, town_of
from portal.demo.story.life import moment
from portal.kernel.months import SHANGHAI
from servicecrew.models import Operation
from servicecrew.services import crews, imports, operations
from servicecrew.services.imports import TurnoutRow
from servicecrew.services.turnout_rows import PersonDay, VehicleDay


class CrewHistory:
    """The years before the portal."""

    def __init__(self, crews: Crews) -> None:
        self.crews = crews

    def plan(self, founded: dt.datetime) -> None:
        """The article's year: 3,821 person-times and 1,215 vehicle-times in 310 rows. Each
        operation is brought in when it is over, or at the founding when that was long ago."""
        if not self.crews.company.counties:
            return
        for over, bring in (
            (dt.date(2016, 7, 20), self._nepartak),
            (dt.date(2016, 9, 26), self._meranti),
            (dt.date(2017, 2, 6), self._spring),
            (dt.date(2017, 6, 26), self._summer),
        ):
            self.crews.agenda.at(max(founded, moment(over, 9)), bring)

    def _nepartak(self, now: dt.datetime) -> None:
        nepartak = self.crews.operation(
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
            crew=self.crews.squads[0].crew,
            operation=nepartak,
            counted_on=dt.date(2016, 7, 12),
            service_kind="repair",
            sub_kind="aid_elsewhere",
            turnouts=turnouts,
            person_times=people,
            vehicle_times=vehicles,
            basis="2016年7月支援闽清纸质台账（党群部存档）",
            actor=self.crews.officer,
            now=now,
            via=VIA,
        )

    def _spring(self, now: dt.datetime) -> None:
        spring = self.crews.operation(
            "2017年春节保电",
            "event",
            dt.date(2017, 1, 26),
            dt.date(2017, 2, 3),
            now,
            summary="除夕到初七，各分队在变电站、古城和侨乡重点村值守。",
            lessons="值守点提前走一遍线，比多派一班人管用。",
        )
        self._spread(spring, plan.SPRING, "power_guarantee", dt.date(2017, 1, 27), 1, now, days=7)

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
        rng = chance(self.crews.seed, "operation", operation.name)
        squads = [self.crews.squads[n % len(self.crews.squads)] for n in range(count)]
        sizes = shared(people, [len(s.people) * length for s in squads])
        loads = shared(vehicles, [len(s.vehicles) * length for s in squads])
        rows = []
        for n, squad in enumerate(squads):
            day = first + dt.timedelta(days=rng.randrange(days) if days > 1 else 0)
            rows.append(
                self.crews.row(
                    squad,
                    day,
                    rng,
                    "political" if "guarantee" in sub_kind else "repair",
                    sub_kind,
                    subject_of(squad, sub_kind, rng),
                    (operation.pk, n),
                    people=sizes[n],
                    vehicles=loads[n],
                    length=length,
                    operation=operation,
                )
            )
        self.crews.bring(rows, now)

    def _meranti(self, now: dt.datetime) -> None:
        first = dt.date(2016, 9, 14)
        start = moment(first, 0)
        meranti = self.crews.operation(
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
        self.crews.report_outages(
            meranti, start, now, extra=((72, 120), (84, 55), (96, 12), (104, 0))
        )
        self.crews.tell_timeline(meranti, start, now, squads=len(self.crews.squads))
        operations.place_teams(
            operation=meranti,
            teams=[
                (s.crew, f"{town_of(s, 0)}应急驻点", len(s.people), len(s.vehicles))
                for s in self.crews.squads
            ],
            placed_at=start + 18 * HOUR,
            actor=self.crews.officer,
            now=now,
            via=VIA,
        )
        _count, people, vehicles = plan.MERANTI
        named = [s.plan.meranti for s in self.crews.squads]
        left_people = people - sum(m[0] for m in named if m)
        left_vehicles = vehicles - sum(m[1] for m in named if m)
        others = [s for s in self.crews.squads if s.plan.meranti is None]
        sizes = iter(shared(left_people, [len(s.people) * 4 for s in others]))
        loads = iter(shared(left_vehicles, [len(s.vehicles) * 4 for s in others]))
        rng = chance(self.crews.seed, "meranti")
        rows = []
        for n, squad in enumerate(self.crews.squads):
            size, load = squad.plan.meranti or (next(sizes), next(loads))
            subject = squad.plan.task or subject_of(squad, "disaster_relief", rng)
            rows.append(
                self.crews.row(
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
        self.crews.bring(rows, now)

    def _summer(self, now: dt.datetime) -> None:
        summer = self.crews.operation(
            "迎峰度夏2017",
            "peak_season",
            dt.date(2017, 6, 1),
            dt.date(2017, 6, 30),
            now,
            summary="6月负荷三次刷新纪录，雷雨多。重载台区测温、断线抢修、医院学校保电。",
            lessons="夜间抢修要给换班留人：20日夜德化分队一班人干到凌晨。",
        )
        rng = chance(self.crews.seed, "summer 2017")
        count, people, vehicles = plan.SUMMER
        squads = [self.crews.squads[n % len(self.crews.squads)] for n in range(count - 1)]
        sizes = shared(people - 6, [len(s.people) for s in squads])
        loads = shared(vehicles - 2, [len(s.vehicles) for s in squads])
        rows = []
        for n, squad in enumerate(squads):
            day = dt.date(2017, 6, 1) + dt.timedelta(days=n // len(self.crews.squads) * 4 + n % 4)
            kind, sub = ("political", "summer_peak") if n % 2 else ("repair", "fault_repair")
            rows.append(
                self.crews.row(
                    squad,
                    day,
                    rng,
                    kind,
                    sub,
                    subject_of(squad, sub, rng),
                    ("summer", n),
                    people=sizes[n],
                    vehicles=loads[n],
                    operation=summer,
                )
            )
        rows.append(self._zixi(summer))
        self.crews.bring(rows, now)

    def _zixi(self, summer: Operation) -> TurnoutRow:
        """10kV梓溪线陈溪支线: the night of 20 June 2017 that the article tells of."""
        squad = next(s for s in self.crews.squads if s.plan.county == "德化")

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
