"""What the services of turnouts share: the lock, repeated calls, history, who and what was out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext as _

from branches.models import Person
from portal.accounts.models import User
from portal.kernel.errors import DomainError, Frozen
from servicecrew.lifecycles import TurnoutStatus
from servicecrew.models import (
    Crew,
    CrewMember,
    CrewRole,
    Turnout,
    TurnoutCrew,
    TurnoutEvent,
    TurnoutPerson,
    TurnoutVehicle,
    Vehicle,
)


@dataclass(frozen=True, slots=True)
class PersonDay:
    """Somebody out on one day. Without ``day`` the first day, without ``crew_id`` the leading
    crew."""

    person_id: int
    crew_id: int | None = None
    day: dt.date | None = None
    role: str = CrewRole.MEMBER
    shift: int = 1


@dataclass(frozen=True, slots=True)
class VehicleDay:
    """A vehicle out on one day; defaults as for people."""

    vehicle_id: int
    crew_id: int | None = None
    day: dt.date | None = None


def in_force(day: dt.date) -> Q:
    return Q(started_on__lte=day) & (Q(ended_on__isnull=True) | Q(ended_on__gte=day))


def roster_on(crew: Crew, day: dt.date) -> list[CrewMember]:
    """Captain, deputies, members in force on ``day``."""
    order = {CrewRole.CAPTAIN: 0, CrewRole.DEPUTY: 1, CrewRole.MEMBER: 2}
    rows = CrewMember.objects.filter(in_force(day), crew=crew).select_related("person")
    return sorted(rows, key=lambda row: (order[CrewRole(row.role)], row.pk))


def locked(turnout_id: int) -> Turnout:
    """The turnout with its row locked until the transaction ends."""
    found: Turnout = (
        Turnout.objects.select_for_update(of=("self",))
        .select_related("crew", "committee")
        .get(pk=turnout_id)
    )
    return found


def replayed(turnout: Turnout, key: UUID | None) -> bool:
    """Whether a call with this key was carried out before. Raises DomainError when it was for
    another turnout."""
    if key is None:
        return False
    found = TurnoutEvent.objects.filter(key=key).values_list("turnout_id", flat=True).first()
    if found is not None and found != turnout.pk:
        raise DomainError(_("这次提交的标识已用在另一条记录上，请重新打开页面。"), field="key")
    return found is not None


def refuse_frozen(turnout: Turnout) -> None:
    if turnout.status in {TurnoutStatus.CONFIRMED, TurnoutStatus.VERIFIED}:
        raise Frozen(
            _("这条记录%(state)s，不能直接改。要改请先点“更正”，写明原因。")
            % {"state": TurnoutStatus(turnout.status).label}
        )
    if turnout.status == TurnoutStatus.VOID:
        raise Frozen(_("这条记录已作废，不能再改。"))


def touch(turnout: Turnout, now: dt.datetime) -> None:
    """Save with the next version."""
    turnout.version += 1
    turnout.updated_at = now
    turnout.save()


def note(
    turnout: Turnout,
    step: str,
    *,
    actor: User | None,
    now: dt.datetime,
    text: str = "",
    changes: Mapping[str, Any] | None = None,
    key: UUID | None = None,
) -> TurnoutEvent:
    return TurnoutEvent.objects.create(
        turnout=turnout,
        at=now,
        step=step,
        actor=actor,
        note=str(text)[:300],
        changes=dict(changes or {}),
        key=key,
    )


def set_people(turnout: Turnout, people: Sequence[PersonDay]) -> None:
    """Replace who was out. The same person twice on one day is one row: the first."""
    rows: dict[tuple[dt.date, int], TurnoutPerson] = {}
    for entry in people:
        day = entry.day or turnout.started_on
        if day < turnout.started_on:
            raise DomainError(
                _("%(day)s早于出队日期，请核对。") % {"day": f"{day.month}月{day.day}日"},
                field="people",
            )
        rows.setdefault(
            (day, entry.person_id),
            TurnoutPerson(
                turnout=turnout,
                day=day,
                crew_id=entry.crew_id or turnout.crew_id,
                person_id=entry.person_id,
                role=entry.role,
                shift=entry.shift,
            ),
        )
    wanted = {key for _day, key in rows}
    known = set(Person.objects.filter(pk__in=wanted).values_list("pk", flat=True))
    if wanted - known:
        raise DomainError(_("有一名队员已不在人员库里，请重新选人。"), field="people")
    _must_take_part(turnout, {row.crew_id for row in rows.values()}, "people")
    turnout.people.all().delete()
    TurnoutPerson.objects.bulk_create(rows.values())


def set_vehicles(turnout: Turnout, vehicles: Sequence[VehicleDay]) -> None:
    """Replace which vehicles were out."""
    kinds = dict(
        Vehicle.objects.filter(pk__in=[v.vehicle_id for v in vehicles]).values_list("pk", "kind")
    )
    rows: dict[tuple[dt.date, int], TurnoutVehicle] = {}
    for entry in vehicles:
        if entry.vehicle_id not in kinds:
            raise DomainError(_("有一辆车不在车辆库里，请重新选车。"), field="vehicles")
        day = entry.day or turnout.started_on
        rows.setdefault(
            (day, entry.vehicle_id),
            TurnoutVehicle(
                turnout=turnout,
                day=day,
                crew_id=entry.crew_id or turnout.crew_id,
                vehicle_id=entry.vehicle_id,
                kind=kinds[entry.vehicle_id],
            ),
        )
    _must_take_part(turnout, {row.crew_id for row in rows.values()}, "vehicles")
    turnout.vehicles.all().delete()
    TurnoutVehicle.objects.bulk_create(rows.values())


def move_first_day(turnout: Turnout, day: dt.date) -> None:
    """The turnout turned out to have begun on another day: its people follow, if they were all
    written down for the first one."""
    if day == turnout.started_on:
        return
    for rows in (turnout.people, turnout.vehicles):
        if set(rows.values_list("day", flat=True)) <= {turnout.started_on}:
            rows.update(day=day)
    turnout.started_on = day


def existing_crews(keys: Sequence[int]) -> list[int]:
    found = set(Crew.objects.filter(pk__in=keys).values_list("pk", flat=True))
    if set(keys) - found:
        raise DomainError(_("有一支服务队不存在，请重新选。"), field="crews")
    return list(keys)


def set_crews(turnout: Turnout, keys: Sequence[int]) -> None:
    wanted = dict.fromkeys((turnout.crew_id, *existing_crews(keys)))
    turnout.parties.exclude(crew_id__in=wanted).delete()
    TurnoutCrew.objects.bulk_create(
        [TurnoutCrew(turnout=turnout, crew_id=key) for key in wanted], ignore_conflicts=True
    )


def _must_take_part(turnout: Turnout, crews: set[int], field: str) -> None:
    known = set(turnout.parties.values_list("crew_id", flat=True))
    if crews - known:
        raise DomainError(_("有人员或车辆记在没有参加的服务队名下，请先加上那支队。"), field=field)
