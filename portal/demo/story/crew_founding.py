"""“海丝之光”: corps, detachments and squads with their people, vehicles and equipment."""

from __future__ import annotations

import datetime as dt

from branches.models import Person
from branches.services import organisation
from portal.demo import crew_plan as plan
from portal.demo.chance import chance
from portal.demo.company import VIA, BuiltBranch, BuiltCommittee
from portal.demo.crew_plan import CrewPlan
from portal.demo.names import Names
from portal.demo.story.crews import BuiltCrew, Crews
from servicecrew.models import Crew, CrewRole, VehicleKind
from servicecrew.services import crews

CREW_SINCE = dt.date(2015, 1, 15)


class CrewFounding:
    """Founds the crews."""

    def __init__(self, crews: Crews) -> None:
        self.crews = crews

    def found(self, now: dt.datetime) -> None:
        """Corps, detachments and 31 squads; a generated company has its captain's squad."""
        city = self.crews.company.city
        corps = self._crew("海丝之光共产党员服务总队", city, "泉州", "海丝", now, level="corps")
        plans = plan.SQUADS if self.crews.company.counties else plan.SQUADS[:1]
        names = Names(
            chance(self.crews.seed, "crew names"),
            taken=Person.objects.values_list("name", flat=True),
        )
        detachments: dict[str, Crew] = {}
        number = 0
        for order, squad in enumerate(plans, start=1):
            home = self.crews.company.county(squad.county) or city
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
            self.crews.squads.append(built)
        for name, quantity, unit in plan.EQUIPMENT:
            crews.keep_equipment(
                crew=self.crews.squads[0].crew,
                name=name,
                quantity=quantity,
                unit=unit,
                checked_on=self.crews.today - dt.timedelta(days=23),
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
        city = self.crews.company.city.branches
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
        taken = {person.pk for built in self.crews.squads for person in built.people}
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
