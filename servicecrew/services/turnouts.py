"""Writing turnouts: opening one, changing it, who and what was out.

Everything here may be sent twice: the turnout's own UUID, the key of a press and the key of an
edit make a repeated call answer what the first one did.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from portal.accounts.models import User
from portal.audit.services import record
from portal.kernel.errors import DomainError
from portal.kernel.months import local_date
from servicecrew.checks import check_order, spoken
from servicecrew.counties import county_of
from servicecrew.errors import TurnoutConflict
from servicecrew.models import SUB_KINDS, Crew, EnteredVia, Operation, Turnout, TurnoutCrew
from servicecrew.permissions import may_edit_turnout, may_turn_out
from servicecrew.services.times import TimeStatement, state_times
from servicecrew.services.turnout_rows import (
    PersonDay,
    VehicleDay,
    existing_crews,
    locked,
    note,
    refuse_frozen,
    replayed,
    roster_on,
    set_crews,
    set_people,
    set_vehicles,
    touch,
)
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
                for key in dict.fromkeys((crew.pk, *existing_crews(other_crews)))
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
                set_crews(turnout, other_crews)
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


def _told(name: str, value: Any) -> Any:
    """A value for the history, which outlives the row it points to: a related row by its name."""
    if value is None or not name.endswith("_id"):
        return _plain(value)
    related: Any = Turnout._meta.get_field(name.removesuffix("_id")).related_model
    return str(related._default_manager.filter(pk=value).first() or value)


def _plain(value: Any) -> Any:
    return value if value is None or isinstance(value, bool | int) else str(value)
