"""Many turnouts at once: from a workbook, from paper, for the years before the portal.

Set-based: a fixed number of statements whatever the number of rows.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid5

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from branches.access import access_of
from portal.accounts.models import User
from portal.audit.services import record
from portal.kernel.errors import DomainError
from portal.kernel.models import NumberSequence
from servicecrew.access import crews_of
from servicecrew.checks import check_order
from servicecrew.counties import county_of
from servicecrew.lifecycles import TurnoutStatus
from servicecrew.models import (
    MARK_FIELDS,
    SUB_KINDS,
    Crew,
    EnteredVia,
    OpeningBalance,
    Operation,
    Turnout,
    TurnoutCrew,
    TurnoutEvent,
    TurnoutImport,
    TurnoutPerson,
    TurnoutTime,
    TurnoutVehicle,
    Vehicle,
)
from servicecrew.services.turnout_rows import PersonDay, VehicleDay
from servicecrew.tallies import Ledger, add_to_tally, cells_of

BATCH = 400


@dataclass(frozen=True, slots=True)
class TurnoutRow:
    """One turnout to bring in. ``times`` by mark; defaults of people and vehicles as in
    ``turnouts.PersonDay``."""

    uuid: UUID
    crew: Crew
    started_on: dt.date
    values: Mapping[str, Any]
    times: Mapping[str, dt.datetime] = field(default_factory=dict)
    people: Sequence[PersonDay] = ()
    vehicles: Sequence[VehicleDay] = ()
    other_crews: Sequence[int] = ()
    number: int = 0


def import_turnouts(
    *,
    rows: Sequence[TurnoutRow],
    as_history: bool = False,
    entered_via: str = EnteredVia.IMPORT,
    confirmed_by: User | None = None,
    actor: User | None,
    now: dt.datetime,
    via: str = "web",
) -> list[Turnout]:
    """Bring in turnouts that are not there yet (by UUID); returns those made.

    They arrive logged. ``as_history``: the party-affairs office brings in what was counted
    before and vouches for it; those are verified at once, with ``confirmed_by`` as the captain if
    known. Raises PermissionDenied for a crew that is not the actor's, DomainError naming the row.
    """
    _may_import({row.crew.committee_id for row in rows}, rows, as_history, actor)
    with transaction.atomic():
        known = set()
        for first in range(0, len(rows), BATCH):
            batch = [row.uuid for row in rows[first : first + BATCH]]
            known |= set(Turnout.objects.filter(uuid__in=batch).values_list("uuid", flat=True))
        fresh = [row for row in rows if row.uuid not in known]
        status = TurnoutStatus.VERIFIED if as_history else TurnoutStatus.LOGGED
        turnouts = [_turnout(row, status, entered_via, confirmed_by, actor, now) for row in fresh]
        _give_numbers(turnouts)
        Turnout.objects.bulk_create(turnouts, batch_size=BATCH)
        _bring_along(fresh, turnouts, actor, now, status)
        for first in range(0, len(turnouts), BATCH):
            ledger = Ledger([])
            with ledger:
                ledger.ids = [t.pk for t in turnouts[first : first + BATCH]]
        if turnouts:
            record(
                code="turnout.imported",
                target=turnouts[0],
                actor=actor,
                now=now,
                via=via,
                after={"count": len(turnouts), "as_history": as_history},
            )
    return turnouts


def open_balance(
    *,
    crew: Crew,
    counted_on: dt.date,
    service_kind: str,
    person_times: int,
    vehicle_times: int,
    turnouts: int = 0,
    sub_kind: str = "",
    operation: Operation | None = None,
    basis: str,
    actor: User | None,
    now: dt.datetime,
    via: str = "web",
) -> OpeningBalance:
    """期初数: what was counted before the portal. Officers only; always shown apart."""
    if actor is not None and crew.committee_id not in access_of(actor).officer_committees:
        raise PermissionDenied(_("只有党群部专责可以录入期初数。"))
    if not basis.strip():
        raise DomainError(_("请写明依据，如“2016年7月纸质台账”。"), field="basis")
    if counted_on > now.date():
        raise DomainError(_("期初数的截止日期不能在将来。"), field="counted_on")
    if sub_kind and sub_kind not in SUB_KINDS.get(service_kind, ()):
        raise DomainError(_("这个小类不属于所选的服务类别，请重新选。"), field="sub_kind")
    if OpeningBalance.objects.filter(
        crew=crew,
        operation=operation,
        counted_on=counted_on,
        service_kind=service_kind,
        sub_kind=sub_kind,
        basis=basis,
    ).exists():
        raise DomainError(_("同一支队、同一依据的期初数已经录过，不重复计。"), field="basis")
    with transaction.atomic():
        balance = OpeningBalance.objects.create(
            crew=crew,
            operation=operation,
            counted_on=counted_on,
            service_kind=service_kind,
            sub_kind=sub_kind,
            turnouts=turnouts,
            person_times=person_times,
            vehicle_times=vehicle_times,
            basis=basis,
            created_by=actor,
            created_at=now,
        )
        add_to_tally(cells_of("opening_id = %s", (balance.pk,)))
        record(
            code="turnout.opening_balance",
            target=balance,
            actor=actor,
            now=now,
            via=via,
            after={"person_times": person_times, "vehicle_times": vehicle_times},
        )
    return balance


# -- inside ---------------------------------------------------------------------------------


def _may_import(
    committees: set[int], rows: Sequence[TurnoutRow], as_history: bool, actor: User | None
) -> None:
    if actor is None:
        return
    officer_of = access_of(actor).officer_committees
    if as_history:
        if committees - officer_of:
            raise PermissionDenied(_("只有党群部专责可以把历史记录直接核定。"))
        return
    leads = crews_of(actor).leads
    if any(row.crew.pk not in leads and row.crew.committee_id not in officer_of for row in rows):
        raise PermissionDenied(_("有的行是别的服务队的，您只能导入自己带的队。"))


def _turnout(
    row: TurnoutRow,
    status: str,
    entered_via: str,
    confirmed_by: User | None,
    actor: User | None,
    now: dt.datetime,
) -> Turnout:
    turnout = Turnout(
        uuid=row.uuid,
        crew=row.crew,
        committee_id=row.crew.committee_id,
        county=row.crew.county,
        started_on=row.started_on,
        status=status,
        entered_via=entered_via,
        created_by=actor,
        created_at=now,
        updated_at=now,
        serial_year=row.started_on.year,
    )
    for name, value in row.values.items():
        setattr(turnout, name, value)
    turnout.county = county_of(turnout.county)
    for mark, moment in row.times.items():
        setattr(turnout, MARK_FIELDS[mark], moment)
    try:
        check_order(turnout, now)
    except DomainError as error:
        where = _("第%(number)d行：") % {"number": row.number} if row.number else ""
        raise DomainError(f"{where}{error.message}", field=error.field) from None
    turnout.reckon()
    if status == TurnoutStatus.VERIFIED:
        turnout.confirmed_by, turnout.confirmed_at = confirmed_by, now
        turnout.verified_by, turnout.verified_at = actor, now
    return turnout


def _give_numbers(turnouts: list[Turnout]) -> None:
    """Numbers in the order of the days, each sequence moved on once."""
    by_sequence: dict[tuple[str, int], list[Turnout]] = defaultdict(list)
    for turnout in turnouts:
        by_sequence[turnout.crew.serial_code, turnout.started_on.year].append(turnout)
    for (code, year), found in sorted(by_sequence.items()):
        NumberSequence.objects.bulk_create(
            [NumberSequence(issuer_code=code, year=year)], ignore_conflicts=True
        )
        sequence = NumberSequence.objects.select_for_update().get(issuer_code=code, year=year)
        for turnout in sorted(found, key=lambda t: (t.started_on, str(t.uuid))):
            sequence.last_number += 1
            turnout.serial_number = sequence.last_number
        sequence.save(update_fields=["last_number"])


def _bring_along(
    rows: Sequence[TurnoutRow],
    turnouts: list[Turnout],
    actor: User | None,
    now: dt.datetime,
    status: str,
) -> None:
    kinds = dict(Vehicle.objects.values_list("pk", "kind"))
    crews: list[TurnoutCrew] = []
    people: list[TurnoutPerson] = []
    vehicles: list[TurnoutVehicle] = []
    times: list[TurnoutTime] = []
    events: list[TurnoutEvent] = []
    for row, turnout in zip(rows, turnouts, strict=True):
        crews += [
            TurnoutCrew(turnout=turnout, crew_id=key)
            for key in dict.fromkeys((row.crew.pk, *row.other_crews))
        ]
        people += {
            (p.day or row.started_on, p.person_id): TurnoutPerson(
                turnout=turnout,
                day=p.day or row.started_on,
                crew_id=p.crew_id or row.crew.pk,
                person_id=p.person_id,
                role=p.role,
                shift=p.shift,
            )
            for p in row.people
        }.values()
        vehicles += {
            (v.day or row.started_on, v.vehicle_id): TurnoutVehicle(
                turnout=turnout,
                day=v.day or row.started_on,
                crew_id=v.crew_id or row.crew.pk,
                vehicle_id=v.vehicle_id,
                kind=kinds[v.vehicle_id],
            )
            for v in row.vehicles
        }.values()
        times += [
            TurnoutTime(
                turnout=turnout,
                key=uuid5(row.uuid, mark),
                mark=mark,
                is_measured=False,
                at=moment,
                stated_by=actor,
                received_at=now,
            )
            for mark, moment in row.times.items()
        ]
        events.append(
            TurnoutEvent(
                turnout=turnout,
                at=now,
                step="imported" if status == TurnoutStatus.LOGGED else "imported_history",
                actor=actor,
            )
        )
    TurnoutCrew.objects.bulk_create(crews, batch_size=BATCH)
    TurnoutPerson.objects.bulk_create(people, batch_size=BATCH)
    TurnoutVehicle.objects.bulk_create(vehicles, batch_size=BATCH)
    TurnoutTime.objects.bulk_create(times, batch_size=BATCH)
    TurnoutEvent.objects.bulk_create(events, batch_size=BATCH)


# -- from a workbook, with a look before the yes ----------------------------------------------


def keep_import(
    *,
    uuid: UUID,
    filename: str,
    rows: Sequence[Mapping[str, Any]],
    actor: User,
    now: dt.datetime,
) -> TurnoutImport:
    """Keep what was read of a workbook until its owner says yes. Raises DomainError when there
    was nothing in it."""
    if not rows:
        raise DomainError(_("表里没有一行出队，请填好再传。"), field="file")
    return TurnoutImport.objects.create(
        uuid=uuid, filename=filename[:120], rows=list(rows), created_by=actor, created_at=now
    )


def accept_import(*, kept_id: int, actor: User, now: dt.datetime, via: str = "web") -> int:
    """Bring in the rows without problems; pressed twice they are there once. Returns how many
    were new."""
    with transaction.atomic():
        kept = TurnoutImport.objects.select_for_update().get(pk=kept_id)
        if kept.created_by_id != actor.pk:
            raise PermissionDenied
        good = [row["plain"] for row in kept.rows if not row["problems"]]
        if not good:
            raise DomainError(_("每一行都有问题，先在表里改好再传。"))
        made = import_turnouts(rows=turnout_rows(good, kept.uuid), actor=actor, now=now, via=via)
        if kept.accepted_at is None:
            kept.accepted_at = now
            kept.save(update_fields=["accepted_at"])
    return len(made)


def turnout_rows(kept: Sequence[Mapping[str, Any]], of: UUID) -> list[TurnoutRow]:
    """What was kept of an import. The UUIDs of its turnouts follow from its own."""
    crews = Crew.objects.in_bulk()
    return [
        TurnoutRow(
            uuid=uuid5(of, str(plain["number"])),
            crew=crews[plain["crew"]],
            started_on=dt.date.fromisoformat(plain["day"]),
            values=plain["values"],
            times={mark: dt.datetime.fromisoformat(text) for mark, text in plain["times"].items()},
            people=[PersonDay(key) for key in plain["people"]],
            vehicles=[VehicleDay(key) for key in plain["vehicles"]],
            number=plain["number"],
        )
        for plain in kept
    ]
