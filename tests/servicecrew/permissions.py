"""The crew's part of the permission matrix: one of everything, and what goes into the gaps."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from branches.access import forget_access
from servicecrew.models import (
    Crew,
    CrewMember,
    MentorPair,
    Operation,
    PioneerEntry,
    RetiredComrade,
    Turnout,
    TurnoutImport,
    Vehicle,
)
from servicecrew.services import programmes, steps
from servicecrew.services.imports import keep_import
from tests.cast import Cast
from tests.servicecrew.scene import Team, at, build_team, pressed, turnout_of

DRAFT = "梓溪线断线草稿"
CONFIRMED = "梓溪线断线待核定"


def build_crews(cast: Cast) -> Team:
    """The crews, a draft, a confirmed turnout, an import that waits; in branch A a mentor with his
    apprentice, a post and a retired comrade."""
    team = build_team(cast)
    for user in cast.users.values():
        forget_access(user)
    turnout_of(team, cast.captain, values={"subject": DRAFT, "place": "桂阳乡"})
    done = turnout_of(
        team,
        cast.captain,
        values={"subject": CONFIRMED, "place": "桂阳乡", "work_ticket_no": "P-1"},
        times=[
            pressed("departed", at(18, 8)),
            pressed("arrived", at(18, 9)),
            pressed("restored", at(18, 10)),
        ],
        now=at(18, 10),
    )
    steps.log_turnout(turnout_id=done.pk, actor=cast.captain, now=at(18, 11))
    steps.confirm_turnout(turnout_id=done.pk, actor=cast.captain, now=at(18, 11))
    keep_import(
        uuid=uuid.uuid4(),
        filename="补录.xlsx",
        rows=[
            {
                "number": 2,
                "subject": "纸上的",
                "crew_name": "配电运检分队",
                "day": "2017-06-18",
                "people_count": 0,
                "vehicle_count": 0,
                "problems": ["人员：不能为空"],
                "notes": [],
                "plain": {},
            }
        ],
        actor=cast.captain,
        now=at(18, 12),
    )
    people = cast.members(cast.branch_a)
    common: dict[str, Any] = {"branch": cast.branch_a, "actor": None, "now": at(18, 12)}
    since = at(1, 8).date()
    programmes.pair_up(
        mentor=people[1], apprentice=people[2], subject="带电作业", started_on=since, **common
    )
    programmes.take_on(
        person=people[1], kind="area", title="后埔村责任区", started_on=since, **common
    )
    programmes.keep_retired(person=people[6], retired_on=since, **common)
    return team


Sample = Callable[[Any, Any], dict[str, Any]]


def _turnout(subject: str) -> Sample:
    return lambda cast, house: {"uuid": Turnout.objects.get(subject=subject).uuid}


_turnouts: dict[str, Sample] = {"draft": _turnout(DRAFT), "confirmed": _turnout(CONFIRMED)}


def _crew(cast: Any, house: Any) -> dict[str, Any]:
    return {"pk": Crew.objects.get(name="配电运检分队").pk}


def _member(cast: Any, house: Any) -> dict[str, Any]:
    crew = Crew.objects.get(name="配电运检分队")
    member = CrewMember.objects.filter(crew=crew).order_by("-pk")[0]
    return {"pk": crew.pk, "member_pk": member.pk}


def _vehicle(gap: str) -> Sample:
    def sample(cast: Any, house: Any) -> dict[str, Any]:
        vehicle = Vehicle.objects.filter(crew__name="配电运检分队").order_by("pk")[0]
        return {"pk": vehicle.crew_id, gap: vehicle.pk}

    return sample


def _operation(cast: Any, house: Any) -> dict[str, Any]:
    return {"pk": Operation.objects.get(name="迎峰度夏2017").pk}


def _programme(cast: Any, house: Any) -> dict[str, Any]:
    return {"code": "integrity"}


def _press(cast: Any, house: Any) -> dict[str, Any]:
    return {"uuid": Turnout.objects.get(subject=DRAFT).uuid, "mark": "arrived"}


def _first(model: Any) -> Sample:
    return lambda cast, house: {"pk": model.objects.order_by("pk")[0].pk}


# No such picture: who may take one away is asked first.
_NO_PHOTO = {"photo": uuid.UUID(int=1)}


def _turnout_photo(cast: Any, house: Any) -> dict[str, Any]:
    return {"uuid": Turnout.objects.get(subject=CONFIRMED).uuid, **_NO_PHOTO}


def _operation_photo(cast: Any, house: Any) -> dict[str, Any]:
    return {**_operation(cast, house), **_NO_PHOTO}


def _programme_key(cast: Any, house: Any) -> dict[str, Any]:
    return {"pk": "integrity"}


CREW_SAMPLES: dict[str, Sample | dict[str, Sample]] = {
    "servicecrew:turnout": _turnouts,
    "servicecrew:turnout-sheet": _turnout(DRAFT),
    "servicecrew:turnout-edit": _turnout(DRAFT),
    "servicecrew:turnout-times": _turnout(DRAFT),
    "servicecrew:turnout-people": _turnout(DRAFT),
    "servicecrew:press": _press,
    "servicecrew:turnout-log": _turnout(DRAFT),
    "servicecrew:turnout-confirm": _turnout(DRAFT),
    "servicecrew:turnout-verify": _turnout(CONFIRMED),
    "servicecrew:turnout-return": _turnout(CONFIRMED),
    "servicecrew:turnout-reopen": _turnout(CONFIRMED),
    "servicecrew:turnout-void": _turnout(DRAFT),
    "servicecrew:import-preview": lambda cast, house: {"uuid": TurnoutImport.objects.get().uuid},
    "servicecrew:crew": _crew,
    "servicecrew:crew-edit": _crew,
    "servicecrew:crew-enlist": _crew,
    "servicecrew:crew-discharge": _member,
    "servicecrew:crew-vehicle": _crew,
    "servicecrew:crew-vehicle-end": _vehicle("vehicle_pk"),
    "servicecrew:crew-close": _crew,
    "servicecrew:crew-note": _crew,
    "servicecrew:crew-equipment": _crew,
    "servicecrew:operation": _operation,
    "servicecrew:operation-report": _operation,
    "servicecrew:operation-edit": _operation,
    "servicecrew:operation-event": _operation,
    "servicecrew:operation-outages": _operation,
    "servicecrew:operation-counties": _operation,
    "servicecrew:operation-team": _operation,
    "servicecrew:operation-photos": _operation,
    "servicecrew:operation-photo-remove": _operation_photo,
    "servicecrew:turnout-photos": _turnout(CONFIRMED),
    "servicecrew:turnout-photo-remove": _turnout_photo,
    "servicecrew:pair-end": _first(MentorPair),
    "servicecrew:post-end": _first(PioneerEntry),
    "servicecrew:retired-edit": _first(RetiredComrade),
    "servicecrew:programme": _programme,
    "servicecrew:programme-plan": _programme,
    "servicecrew:programme-deed": _programme,
    "servicecrew:programme-visit": _programme,
    "api:crew-detail": _crew,
    "api:crew-roster": _crew,
    "api:crew-discharge": lambda cast, house: {
        "pk": _member(cast, house)["pk"],
        "member": _member(cast, house)["member_pk"],
    },
    "api:crew-vehicles": _crew,
    "api:crew-vehicle-end": _vehicle("vehicle"),
    "api:crew-close": _crew,
    "api:crew-equipment": _crew,
    "api:crew-notes": _crew,
    "api:turnout-detail": _turnouts,
    "api:turnout-mark": _turnout(DRAFT),
    "api:turnout-times": _turnout(DRAFT),
    "api:turnout-log": _turnout(DRAFT),
    "api:turnout-confirm": _turnout(DRAFT),
    "api:turnout-verify": _turnout(CONFIRMED),
    "api:turnout-give-back": _turnout(CONFIRMED),
    "api:turnout-reopen": _turnout(CONFIRMED),
    "api:turnout-void": _turnout(DRAFT),
    "api:turnout-photos": _turnout(CONFIRMED),
    "api:turnout-photo": _turnout_photo,
    "api:operation-detail": _operation,
    "api:operation-events": _operation,
    "api:operation-photos": _operation,
    "api:operation-photo": _operation_photo,
    "api:operation-teams": _operation,
    "api:operation-counties": _operation,
    "api:operation-outages": _operation,
    "api:programme-detail": _programme_key,
    "api:programme-plan": _programme_key,
    "api:programme-deeds": _programme_key,
    "api:programme-visits": _programme_key,
    "api:mentor-pair-detail": _first(MentorPair),
    "api:mentor-pair-end": _first(MentorPair),
    "api:pioneer-detail": _first(PioneerEntry),
    "api:pioneer-end": _first(PioneerEntry),
    "api:retired-comrade-detail": _first(RetiredComrade),
}
