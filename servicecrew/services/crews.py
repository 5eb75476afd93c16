"""Crews: founding them, keeping their roster, vehicles, equipment and history.

``actor=None`` means the machine (the demo company, a command); everybody else needs the right.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from branches.access import forget_access
from branches.models import Branch, Committee, Person
from portal.accounts.models import User
from portal.audit.services import record
from portal.kernel.errors import DomainError
from portal.kernel.models import NumberSequence
from portal.kernel.months import local_date
from servicecrew.lifecycles import OPEN
from servicecrew.models import (
    Crew,
    CrewLevel,
    CrewMember,
    CrewNote,
    CrewRole,
    Equipment,
    TurnoutPerson,
    TurnoutVehicle,
    Vehicle,
)
from servicecrew.permissions import may_close_crew, may_found_crew, may_manage_crew


def found_crew(
    *,
    committee: Committee,
    name: str,
    county: str,
    serial_code: str,
    level: str = CrewLevel.SQUAD,
    parent: Crew | None = None,
    branch: Branch | None = None,
    pledge: str = "",
    commitments: str = "",
    sort_order: int = 0,
    founded_on: dt.date | None = None,
    actor: User | None,
    now: dt.datetime,
    via: str = "web",
) -> Crew:
    """Set up a crew. Raises PermissionDenied; DomainError when the name is taken, or the parent
    is no wider than the crew itself."""
    if actor is not None and not may_found_crew(actor, committee):
        raise PermissionDenied(_("只有本党委的党群部专责可以设立服务队。"))
    order = [CrewLevel.CORPS, CrewLevel.DETACHMENT, CrewLevel.SQUAD]
    if parent is not None and order.index(CrewLevel(parent.level)) >= order.index(CrewLevel(level)):
        raise DomainError(_("上级服务队的层级须高于本队。"), field="parent")
    with transaction.atomic():
        if Crew.objects.filter(committee=committee, name=name).exists():
            raise _name_taken()
        with _named_once():
            crew: Crew = Crew.objects.create(
                committee=committee,
                name=name,
                county=county,
                serial_code=serial_code,
                level=level,
                parent=parent,
                branch=branch,
                pledge=pledge,
                commitments=commitments,
                sort_order=sort_order,
                founded_on=founded_on,
            )
        record(
            code="crew.founded",
            target=crew,
            actor=actor,
            now=now,
            via=via,
            after={"name": name, "level": level},
        )
    return crew


def _name_taken() -> DomainError:
    return DomainError(_("本党委已有同名服务队，请换个名称。"), field="name")


@contextmanager
def _named_once() -> Iterator[None]:
    """Two that asked at once whether the name is free: the later one hears that it is not."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError:
        raise _name_taken() from None


def edit_crew(
    *, crew: Crew, values: dict[str, Any], actor: User, now: dt.datetime, via: str = "web"
) -> Crew:
    """Change name, pledge or commitments. Raises PermissionDenied, DomainError."""
    with transaction.atomic():
        crew = Crew.objects.select_for_update(of=("self",)).get(pk=crew.pk)
        if not may_manage_crew(actor, crew):
            raise PermissionDenied(_("只有队长、副队长和党群部专责可以改服务队资料。"))
        before = {name: getattr(crew, name) for name in values}
        for name, value in values.items():
            setattr(crew, name, value)
        if (
            Crew.objects.filter(committee_id=crew.committee_id, name=crew.name)
            .exclude(pk=crew.pk)
            .exists()
        ):
            raise _name_taken()
        with _named_once():
            crew.save()
        record(
            code="crew.edited",
            target=crew,
            actor=actor,
            now=now,
            via=via,
            before=before,
            after=values,
        )
    return crew


def enlist(
    *,
    crew: Crew,
    person: Person,
    role: str = CrewRole.MEMBER,
    skill: str = "",
    started_on: dt.date,
    actor: User | None,
    now: dt.datetime,
    via: str = "web",
) -> CrewMember:
    """入队: put somebody on the roster from a day on. Raises PermissionDenied, DomainError."""
    with transaction.atomic():
        crew = Crew.objects.select_for_update(of=("self",)).get(pk=crew.pk)
        # Asked of the locked row: it may have been closed a moment ago.
        if actor is not None and not may_manage_crew(actor, crew):
            raise PermissionDenied(_("只有队长、副队长和党群部专责可以改名册。"))
        open_rows = CrewMember.objects.filter(crew=crew, ended_on__isnull=True)
        if open_rows.filter(person=person).exists():
            raise DomainError(_("该同志已在本队名册上。"), field="person")
        if role == CrewRole.CAPTAIN and open_rows.filter(role=CrewRole.CAPTAIN).exists():
            raise DomainError(_("本队已有队长，请先办离任。"), field="role")
        member = CrewMember.objects.create(
            crew=crew, person=person, role=role, skill=skill, started_on=started_on
        )
        if person.user is not None:
            forget_access(person.user)
        record(
            code="crew.enlisted",
            target=member,
            actor=actor,
            now=now,
            via=via,
            after={"role": role, "started_on": started_on},
        )
    return member


def discharge(
    *,
    member: CrewMember,
    ended_on: dt.date,
    actor: User | None,
    now: dt.datetime,
    via: str = "web",
) -> CrewMember:
    """离队: end a service; the row stays, so that old turnouts keep their roster."""
    with transaction.atomic():
        member = (
            CrewMember.objects.select_for_update(of=("self",))
            .select_related("crew", "person__user")
            .get(pk=member.pk)
        )
        if actor is not None and not may_manage_crew(actor, member.crew):
            raise PermissionDenied(_("只有队长、副队长和党群部专责可以改名册。"))
        if member.ended_on is not None:
            raise DomainError(_("该同志已经离队。"))
        if ended_on < member.started_on:
            raise DomainError(_("离队日期不能早于入队日期。"), field="ended_on")
        member.ended_on = ended_on
        member.save(update_fields=["ended_on"])
        if member.person.user is not None:
            forget_access(member.person.user)
        record(
            code="crew.discharged",
            target=member,
            actor=actor,
            now=now,
            via=via,
            after={"ended_on": ended_on},
        )
    return member


def enlist_vehicle(
    *,
    crew: Crew,
    plate: str,
    kind: str,
    started_on: dt.date,
    actor: User | None,
    now: dt.datetime,
    via: str = "web",
) -> Vehicle:
    """Give a crew a vehicle. Raises PermissionDenied; DomainError when the plate is known."""
    if actor is not None and not may_manage_crew(actor, crew):
        raise PermissionDenied(_("只有队长、副队长和党群部专责可以登记车辆。"))
    try:
        with transaction.atomic():
            vehicle = Vehicle.objects.create(
                crew=crew, plate=plate.strip().upper(), kind=kind, started_on=started_on
            )
            record(
                code="crew.vehicle_enlisted",
                target=vehicle,
                actor=actor,
                now=now,
                via=via,
                after={"plate": vehicle.plate},
            )
    except IntegrityError:
        raise DomainError(_("这个车牌已登记过。"), field="plate") from None
    return vehicle


def retire_vehicle(
    *,
    vehicle: Vehicle,
    ended_on: dt.date,
    actor: User | None,
    now: dt.datetime,
    via: str = "web",
) -> Vehicle:
    """停用: from the next day on it is not offered; old turnouts keep it. Raises
    PermissionDenied, DomainError."""
    with transaction.atomic():
        vehicle = (
            Vehicle.objects.select_for_update(of=("self",))
            .select_related("crew")
            .get(pk=vehicle.pk)
        )
        if actor is not None and not may_manage_crew(actor, vehicle.crew):
            raise PermissionDenied(_("只有队长、副队长和党群部专责可以停用车辆。"))
        if vehicle.ended_on is not None:
            raise DomainError(_("这辆车已经停用。"))
        if ended_on < vehicle.started_on:
            raise DomainError(_("停用日期不能早于启用日期。"), field="ended_on")
        last = (
            vehicle.turnout_days.exclude(turnout__status="void")
            .order_by("-day")
            .values_list("day", flat=True)
            .first()
        )
        if last is not None and last > ended_on:
            raise DomainError(
                _("这辆车%(month)d月%(day)d日还出过队，停用日期不能早于它。")
                % {"month": last.month, "day": last.day},
                field="ended_on",
            )
        vehicle.ended_on = ended_on
        vehicle.save(update_fields=["ended_on"])
        record(
            code="crew.vehicle_retired",
            target=vehicle,
            actor=actor,
            now=now,
            via=via,
            after={"ended_on": ended_on},
        )
    return vehicle


def close_crew(
    *, crew: Crew, closed_on: dt.date, actor: User, now: dt.datetime, via: str = "web"
) -> Crew:
    """撤销: its people's services and its vehicles end with it, its turnouts and figures stay.
    Raises PermissionDenied; DomainError while something is unfinished or stands below it, or
    when it was out on a later day."""
    with transaction.atomic():
        crew = Crew.objects.select_for_update(of=("self",)).get(pk=crew.pk)
        if not may_close_crew(actor, crew):
            raise PermissionDenied(_("只有本党委的党群部专责可以撤销服务队。"))
        if crew.closed_on is not None:
            raise DomainError(_("这支服务队已经撤销。"))
        if closed_on > local_date(now):
            raise DomainError(_("撤销日期不能在将来。"), field="closed_on")
        if crew.founded_on is not None and closed_on < crew.founded_on:
            raise DomainError(_("撤销日期不能早于成立日期。"), field="closed_on")
        if crew.crews.filter(closed_on__isnull=True).exists():
            raise DomainError(_("下面还有服务队，先撤销或改设它们。"))
        waiting = crew.turnouts.filter(status__in=OPEN).count()
        if waiting:
            raise DomainError(_("还有 %(n)d 次出队没有核定，办完再撤销。") % {"n": waiting})
        for days in (TurnoutPerson.objects, TurnoutVehicle.objects):
            out = days.filter(crew=crew, day__gt=closed_on).exclude(turnout__status="void")
            last = out.order_by("-day").values_list("day", flat=True).first()
            if last is not None:
                raise DomainError(
                    _("这支服务队%(month)d月%(day)d日还出过队，撤销日期不能早于它。")
                    % {"month": last.month, "day": last.day},
                    field="closed_on",
                )
        longer = Q(ended_on__isnull=True) | Q(ended_on__gt=closed_on)
        members = list(crew.members.filter(longer).select_related("person__user"))
        for member in members:
            member.ended_on = max(closed_on, member.started_on)
        CrewMember.objects.bulk_update(members, ["ended_on"])
        vehicles = list(crew.vehicles.filter(longer))
        for vehicle in vehicles:
            vehicle.ended_on = max(closed_on, vehicle.started_on)
        Vehicle.objects.bulk_update(vehicles, ["ended_on"])
        crew.closed_on = closed_on
        crew.save(update_fields=["closed_on"])
        for member in members:
            if member.person.user is not None:
                forget_access(member.person.user)
        record(
            code="crew.closed",
            target=crew,
            actor=actor,
            now=now,
            via=via,
            after={"closed_on": closed_on, "members": len(members), "vehicles": len(vehicles)},
        )
    return crew


def keep_equipment(
    *,
    crew: Crew,
    name: str,
    quantity: int,
    unit: str,
    checked_on: dt.date | None,
    actor: User | None,
    now: dt.datetime,
    via: str = "web",
) -> Equipment:
    """Note how much of something a crew keeps; the same name again replaces the quantity."""
    if actor is not None and not may_manage_crew(actor, crew):
        raise PermissionDenied
    with transaction.atomic():
        row, _new = Equipment.objects.update_or_create(
            crew=crew,
            name=name,
            defaults={"quantity": quantity, "unit": unit, "checked_on": checked_on},
        )
        record(
            code="crew.equipment_kept",
            target=row,
            actor=actor,
            now=now,
            via=via,
            after={"quantity": quantity},
        )
    return row


def add_note(
    *,
    crew: Crew,
    kind: str,
    happened_on: dt.date,
    title: str,
    source: str = "",
    people: int | None = None,
    actor: User | None,
    now: dt.datetime,
    via: str = "web",
) -> CrewNote:
    """Write down a training, an award, a letter or a banner."""
    if actor is not None and not may_manage_crew(actor, crew):
        raise PermissionDenied
    if happened_on > now.date() + dt.timedelta(days=1):
        raise DomainError(_("日期在将来，请核对。"), field="happened_on")
    with transaction.atomic():
        row = CrewNote.objects.create(
            crew=crew,
            kind=kind,
            happened_on=happened_on,
            title=title,
            source=source,
            people=people,
        )
        record(
            code="crew.noted",
            target=row,
            actor=actor,
            now=now,
            via=via,
            after={"kind": kind, "title": title},
        )
    return row


def continue_numbers(*, serial_code: str, year: int, last: int) -> None:
    """Let the numbers of a crew go on after those given on paper this year."""
    NumberSequence.objects.update_or_create(
        issuer_code=serial_code, year=year, defaults={"last_number": last}
    )
