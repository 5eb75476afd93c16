"""What the story of “海丝之光” is told with: the squads, a turnout as a row, an operation."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import TypeVar
from uuid import NAMESPACE_URL, UUID, uuid5

from branches.models import Person
from portal.accounts.models import User
from portal.demo import crew_plan as plan
from portal.demo.agenda import Agenda
from portal.demo.company import VIA, BuiltCompany
from portal.demo.crew_plan import CrewPlan
from portal.demo.story.life import moment
from servicecrew.models import Crew, Operation, Vehicle
from servicecrew.services import imports, operations
from servicecrew.services.imports import TurnoutRow
from servicecrew.services.turnout_rows import PersonDay, VehicleDay

Thing = TypeVar("Thing")
HOUR = dt.timedelta(hours=1)


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


class Crews:
    """The squads once founded, and what every part of their story needs: a row, an operation."""

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

    def operation(
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

    def row(
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
        town = town or town_of(squad, rng.randrange(9))
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

    def bring(self, rows: list[TurnoutRow], now: dt.datetime) -> None:
        imports.import_turnouts(
            rows=rows,
            as_history=True,
            actor=None,
            now=now,
            via=VIA,
            confirmed_by=self.squads[0].captain,
        )

    def report_outages(
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

    def tell_timeline(
        self, operation: Operation, start: dt.datetime, now: dt.datetime, squads: int
    ) -> None:
        """``squads``: how many went out."""
        for hours, minutes, text, who, is_key in plan.MERANTI_EVENTS:
            at = start + hours * HOUR + dt.timedelta(minutes=minutes)
            if at <= now:
                operations.add_event(
                    operation=operation,
                    happened_at=at,
                    text=text.format(squads=squads),
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


def town_of(squad: BuiltCrew, number: int) -> str:
    towns = plan.TOWNSHIPS[squad.plan.county]
    return towns[number % len(towns)]


def subject_of(squad: BuiltCrew, sub_kind: str, rng: Random) -> str:
    town = town_of(squad, rng.randrange(9))
    words = {
        "disaster_relief": ("{town}倒杆断线抢险", "{town}低压线路抢险", "{town}10kV线路复电"),
        "power_guarantee": ("{town}春节值守保电", "{town}侨乡村保电"),
        "summer_peak": ("{town}重载台区测温", "{town}台区负荷转移"),
        "fault_repair": ("{town}雷击跳闸抢修", "{town}变压器故障抢修"),
    }[sub_kind]
    return rng.choice(words).format(town=town)
