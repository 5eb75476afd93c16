"""The crews of the cast: the squad of branch A with its captain, a deputy and four members, a
second squad of branch B, one in the county, vehicles, and a summer operation of the city's."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import Any

import pytest

from branches.access import forget_access
from branches.models import Person
from portal.accounts.models import User
from portal.kernel.months import SHANGHAI
from servicecrew.models import Crew, Operation, Turnout, Vehicle
from servicecrew.services import crews
from servicecrew.services.times import TimeStatement
from servicecrew.services.turnouts import open_turnout
from tests.cast import NOW, SINCE, Cast, kept


@dataclass
class Team:
    """The crews. ``squad`` is led by ``cast.captain``, ``cast.deputy_a`` is his deputy and
    ``member`` (an account) serves in it; ``second`` is led by ``second_captain``."""

    corps: Crew
    squad: Crew
    second: Crew
    county: Crew
    van: Vehicle
    crane: Vehicle
    second_van: Vehicle
    summer: Operation
    member: User
    second_captain: User


def at(day: int, hour: int, minute: int = 0, month: int = 6) -> dt.datetime:
    return dt.datetime(2017, month, day, hour, minute, tzinfo=SHANGHAI)


def pressed(mark: str, moment: dt.datetime, **more: Any) -> TimeStatement:
    return TimeStatement(uuid.uuid4(), mark, moment, is_measured=True, **more)


def declared(mark: str, moment: dt.datetime, **more: Any) -> TimeStatement:
    return TimeStatement(uuid.uuid4(), mark, moment, is_measured=False, **more)


def build_team(cast: Cast) -> Team:
    def crew(name: str, **more: Any) -> Crew:
        wanted: dict[str, Any] = {
            "committee": cast.city,
            "county": "市区",
            "serial_code": "海丝市",
            "actor": None,
            "now": NOW,
        }
        return crews.found_crew(name=name, **wanted | more)

    def enlist(crew: Crew, person: Any, role: str = "member") -> None:
        crews.enlist(crew=crew, person=person, role=role, started_on=SINCE, actor=None, now=NOW)

    def vehicle(crew: Crew, plate: str, kind: str) -> Vehicle:
        return crews.enlist_vehicle(
            crew=crew, plate=plate, kind=kind, started_on=SINCE, actor=None, now=NOW
        )

    corps = crew("海丝之光服务总队", level="corps")
    squad = crew("配电运检分队", parent=corps, branch=cast.branch_a, serial_code="海丝配")
    second = crew("变电运维分队", parent=corps, branch=cast.branch_b, serial_code="海丝变")
    county = crew("晋江分队", committee=cast.county, county="晋江", serial_code="海丝晋")
    people = cast.members(cast.branch_a)
    enlist(squad, cast.person(cast.captain), "captain")
    enlist(squad, cast.person(cast.deputy_a), "deputy_captain")
    for person in people[3:7]:
        enlist(squad, person)
    member = User.objects.create_user("crew_member", display_name=people[3].name, password=None)
    others = cast.members(cast.branch_b)
    enlist(second, others[1], "captain")
    enlist(second, others[2])
    second_captain = User.objects.create_user(
        "second_captain", display_name=others[1].name, password=None
    )
    enlist(county, cast.members(cast.elsewhere)[1], "captain")
    summer = Operation.objects.create(
        committee=cast.city, name="迎峰度夏2017", kind="peak_season", started_on=dt.date(2017, 6, 1)
    )
    return Team(
        corps=corps,
        squad=squad,
        second=second,
        county=county,
        van=vehicle(squad, "闽C00001", "repair"),
        crane=vehicle(squad, "闽C00002", "crane"),
        second_van=vehicle(second, "闽C00003", "repair"),
        summer=summer,
        member=member,
        second_captain=second_captain,
    )


@pytest.fixture
def team(cast: Cast) -> Team:
    found = kept("team", lambda: build_team(cast))
    # Rows of the cast that the team changes are not among those it brings along.
    Person.objects.filter(pk=cast.members(cast.branch_a)[3].pk).update(user=found.member)
    Person.objects.filter(pk=cast.members(cast.branch_b)[1].pk).update(user=found.second_captain)
    for user in (*cast.users.values(), found.member, found.second_captain):
        forget_access(user)
    return found


def turnout_of(team: Team, actor: User, **more: Any) -> Turnout:
    """A draft of the night of 20 June: out at 21:46, ordered at 21:32."""
    wanted: dict[str, Any] = {
        "uuid": uuid.uuid4(),
        "crew": team.squad,
        "values": {"subject": "10kV梓溪线陈溪支线断线", "place": "桂阳乡", "area_kind": "rural"},
        "times": [pressed("ordered", at(20, 21, 32)), pressed("departed", at(20, 21, 46))],
        "actor": actor,
        "now": at(20, 21, 46),
    }
    return open_turnout(**wanted | more)[0]
