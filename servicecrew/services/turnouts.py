"""Writing turnouts: opening one, changing it, who and what was out.

Everything here may be sent twice: the turnout's own UUID, the key of a press and the key of an
edit make a repeated call answer what the first one did.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from branches.models import Person
from portal.accounts.models import User
from portal.audit.services import record
from portal.kernel.errors import DomainError, Frozen
from portal.kernel.months import local_date
from servicecrew.checks import check_order, spoken
from servicecrew.counties import county_of
from servicecrew.errors import TurnoutConflict
from servicecrew.lifecycles import TurnoutStatus
from servicecrew.models import (
    SUB_KINDS,
    Crew,
    CrewMember,
    CrewRole,
    EnteredVia,
    Operation,
    Turnout,
    TurnoutCrew,
    TurnoutEvent,
    TurnoutPerson,
    TurnoutTime,
    TurnoutVehicle,
    Vehicle,
)
from servicecrew.permissions import may_edit_turnout, may_turn_out
from servicecrew.services.times import TimeStatement, state_times
from servicecrew.tallies import Ledger

# What a person may change by hand. Moments have their own door, so have people and vehicles.
EDITABLE = (
    "subject",
    "service_kind",
    "sub_kind",
    "source",
    "order_no",
    "city_goal_id",
    "operation_id",
    "county",
    "township",
    "place",
    "area_kind",
    "line_name",
    "voltage",
    "line_branch",
    "pole_range",
    "transformer_area",
    "cause",
    "weather",
    "is_night_work",
    "customers_out",
    "customers_restored",
    "areas_restored",
    "lines_restored",
    "key_customers",
    "poles",
    "metres",
    "devices",
    "users_served",
    "problems_solved",
    "helpers_count",
    "materials",
    "result",
    "needs_found",
    "work_ticket_no",
    "leader_on_site",
    "has_safety_talk",
    "has_no_breach",
    "satisfaction",
    "media",
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


def open_turnout(
    *,
    uuid: UUID,
    crew: Crew,
    values: Mapping[str, Any],
    times: Sequence[TimeStatement] = (),
    people: Sequence[PersonDay] | None = None,
    vehicles: Sequence[VehicleDay] = (),
    other_crews: Sequence[int] = (),
    started_on: dt.date | None = None,
    entered_via: str = EnteredVia.WEB,
    actor: User,
    now: dt.datetime,
    via: str = "web",
) -> tuple[Turnout, bool]:
    """Write a draft. The same ``uuid`` again gives the turnout it made, unchanged (second value
    False). ``people=None`` takes everybody on the roster of the day.

    Raises PermissionDenied (not of the crew), DomainError naming the field.
    """
    if not may_turn_out(actor, crew):
        raise PermissionDenied(_("只有本队的队员可以登记出队。"))
    with transaction.atomic():
        earlier = Turnout.objects.filter(uuid=uuid).select_related("crew").first()
        if earlier is not None:
            return _same(earlier, actor), False
        left = next((t.at for t in times if t.mark == "departed"), None) or min(
            (t.at for t in times), default=None
        )
        turnout = Turnout(
            uuid=uuid,
            crew=crew,
            committee_id=crew.committee_id,
            county=crew.county,
            started_on=started_on or local_date(left or now),
            entered_via=entered_via,
            created_by=actor,
            created_at=now,
            updated_at=now,
        )
        _assign(turnout, values)
        dropped: list[str] = []
        if entered_via == EnteredVia.PHONE:
            times = _fit_for_storm(turnout, times, dropped)
        if not turnout.subject.strip():
            raise DomainError(_("请写出队事由，一句话就行。"), field="subject")
        _clean(turnout)
        try:
            with transaction.atomic():
                turnout.save(force_insert=True)
        except IntegrityError:  # another request with the same uuid was quicker
            return _same(Turnout.objects.select_related("crew").get(uuid=uuid), actor), False
        TurnoutCrew.objects.bulk_create(
            [
                TurnoutCrew(turnout=turnout, crew_id=key)
                for key in dict.fromkeys((crew.pk, *_existing_crews(other_crews)))
            ]
        )
        state_times(turnout, times, actor=actor, now=now)
        check_order(turnout, now)
        turnout.reckon()
        turnout.save()
        if people is None:
            people = [
                PersonDay(row.person_id, crew.pk, turnout.started_on, row.role)
                for row in roster_on(crew, turnout.started_on)
            ]
        set_people(turnout, people)
        set_vehicles(turnout, vehicles)
        opened = "；".join([str(EnteredVia(entered_via).label), *dropped])
        note(turnout, "opened", actor=actor, now=now, text=opened)
        record(
            code="turnout.opened",
            target=turnout,
            actor=actor,
            now=now,
            via=via,
            after={"crew": crew.pk, "subject": turnout.subject},
        )
    return turnout, True


def edit_turnout(
    *,
    turnout_id: int,
    values: Mapping[str, Any],
    version: int,
    people: Sequence[PersonDay] | None = None,
    vehicles: Sequence[VehicleDay] | None = None,
    other_crews: Sequence[int] | None = None,
    key: UUID | None = None,
    reason: str = "",
    actor: User,
    now: dt.datetime,
    via: str = "web",
) -> Turnout:
    """Change a turnout as it was at ``version``; what is not in ``values`` stays.

    Raises TurnoutConflict (somebody saved meanwhile; both versions are in it), Frozen (confirmed
    or verified: take that back first), PermissionDenied, DomainError naming the field. The same
    ``key`` again changes nothing.
    """
    with transaction.atomic():
        turnout = locked(turnout_id)
        if not may_edit_turnout(actor, turnout):
            raise PermissionDenied(_("只有队长、副队长可以改出队记录。"))
        if replayed(turnout, key):
            return turnout
        refuse_frozen(turnout)
        if turnout.version != version:
            raise TurnoutConflict(
                _("别人刚改过这条记录，您的改动还没有存。请对照后再存一次。"),
                turnout=turnout,
                yours=dict(values),
            )
        with Ledger([turnout.pk]):
            before = {name: getattr(turnout, name) for name in EDITABLE}
            _assign(turnout, values)
            _clean(turnout)
            changes = {
                name: [_told(name, before[name]), _told(name, getattr(turnout, name))]
                for name in EDITABLE
                if before[name] != getattr(turnout, name)
            }
            if other_crews is not None:
                _set_crews(turnout, other_crews)
            if people is not None:
                was = turnout.people.count()
                set_people(turnout, people)
                changes["people"] = [was, len(people)]
            if vehicles is not None:
                was = turnout.vehicles.count()
                set_vehicles(turnout, vehicles)
                changes["vehicles"] = [was, len(vehicles)]
            turnout.reckon()
            touch(turnout, now)
        note(turnout, "edited", actor=actor, now=now, text=reason, changes=changes, key=key)
        record(
            code="turnout.edited",
            target=turnout,
            actor=actor,
            now=now,
            via=via,
            reason=reason,
            before={name: change[0] for name, change in changes.items()},
            after={name: change[1] for name, change in changes.items()},
        )
    return turnout


# -- shared with the other services of turnouts ---------------------------------------------


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


# -- inside ---------------------------------------------------------------------------------


def _fit_for_storm(
    turnout: Turnout, times: Sequence[TimeStatement], dropped: list[str]
) -> Sequence[TimeStatement]:
    """What was opened without a signal is not refused for what the captain could not know: an
    operation that was closed meanwhile, or an order after leaving by a clock that was wrong. That
    part is left out, and ``dropped`` tells the history what it was."""
    chosen = turnout.operation_id
    operation = Operation.objects.filter(pk=chosen).first() if chosen is not None else None
    if operation is not None and not operation.holds(turnout.started_on):
        turnout.operation = None
        dropped.append(_("出队日期不在行动“%(name)s”期间，没有归进去") % {"name": operation.name})
    left = next((t.at - _lead(t) for t in times if t.mark == "departed"), None)
    late = [t for t in times if t.mark == "ordered" and not t.is_measured and left and t.at > left]
    dropped += [_("接令 %(at)s 晚于出发，没有记上，请核对") % {"at": spoken(t.at)} for t in late]
    return [t for t in times if t not in late]


def _lead(statement: TimeStatement) -> dt.timedelta:
    return dt.timedelta(milliseconds=statement.offset_ms or 0)


def _same(turnout: Turnout, actor: User) -> Turnout:
    if not may_turn_out(actor, turnout.crew):
        raise PermissionDenied(_("这个标识已用在别的服务队的记录上。"))
    return turnout


def _assign(turnout: Turnout, values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        if name not in EDITABLE:
            raise DomainError(_("没有“%(name)s”这一项。") % {"name": name}, field=name)
        setattr(turnout, name, value)


def _clean(turnout: Turnout) -> None:
    """The rules of the fields, in the user's words."""
    turnout.county = county_of(turnout.county)
    if turnout.sub_kind and turnout.sub_kind not in SUB_KINDS.get(turnout.service_kind, ()):
        raise DomainError(_("这个小类不属于所选的服务类别，请重新选。"), field="sub_kind")
    if turnout.operation_id is not None:
        operation = Operation.objects.filter(pk=turnout.operation_id).first()
        if operation is None:
            raise DomainError(_("没有这个行动，请重新选。"), field="operation")
        if not operation.holds(turnout.started_on):
            raise DomainError(
                _("出队日期不在行动“%(name)s”期间，请核对。") % {"name": operation.name},
                field="operation",
            )
    if (
        turnout.customers_out is not None
        and turnout.customers_restored is not None
        and turnout.customers_restored > turnout.customers_out
    ):
        raise DomainError(
            _("复电%(restored)d户，多于停电%(out)d户，请核对。")
            % {"restored": turnout.customers_restored, "out": turnout.customers_out},
            field="customers_restored",
        )
    try:
        turnout.clean_fields(exclude=("uuid", "crew", "committee", "created_by"))
    except ValidationError as error:
        name, messages = next(iter(error.message_dict.items()))
        raise DomainError(messages[0], field=name) from None


def _existing_crews(keys: Sequence[int]) -> list[int]:
    found = set(Crew.objects.filter(pk__in=keys).values_list("pk", flat=True))
    if set(keys) - found:
        raise DomainError(_("有一支服务队不存在，请重新选。"), field="crews")
    return list(keys)


def _set_crews(turnout: Turnout, keys: Sequence[int]) -> None:
    wanted = dict.fromkeys((turnout.crew_id, *_existing_crews(keys)))
    turnout.parties.exclude(crew_id__in=wanted).delete()
    TurnoutCrew.objects.bulk_create(
        [TurnoutCrew(turnout=turnout, crew_id=key) for key in wanted], ignore_conflicts=True
    )


def _must_take_part(turnout: Turnout, crews: set[int], field: str) -> None:
    known = set(turnout.parties.values_list("crew_id", flat=True))
    if crews - known:
        raise DomainError(_("有人员或车辆记在没有参加的服务队名下，请先加上那支队。"), field=field)


def _told(name: str, value: Any) -> Any:
    """A value for the history, which outlives the row it points to: a related row by its name."""
    if value is None or not name.endswith("_id"):
        return _plain(value)
    related: Any = Turnout._meta.get_field(name.removesuffix("_id")).related_model
    return str(related._default_manager.filter(pk=value).first() or value)


def _plain(value: Any) -> Any:
    return value if value is None or isinstance(value, bool | int) else str(value)


__all__ = (
    "EDITABLE",
    "PersonDay",
    "TurnoutTime",
    "VehicleDay",
    "edit_turnout",
    "open_turnout",
    "roster_on",
)
