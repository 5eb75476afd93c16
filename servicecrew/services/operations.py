"""Operations: opening, reporting, closing. Their figures are counted, never written."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from branches.models import Committee
from portal.accounts.models import User
from portal.audit.services import record
from portal.kernel.errors import DomainError, EditConflict
from servicecrew.models import (
    Crew,
    Operation,
    OperationCounty,
    OperationEvent,
    OperationTeam,
    OutageReport,
    Turnout,
)
from servicecrew.permissions import (
    may_open_operation,
    may_report_operation,
    may_run_operation,
)


def open_operation(
    *,
    committee: Committee,
    name: str,
    kind: str,
    started_on: dt.date,
    ended_on: dt.date | None = None,
    commander: str = "",
    summary: str = "",
    landfall_at: dt.datetime | None = None,
    affected: Mapping[str, int] | None = None,
    actor: User | None,
    now: dt.datetime,
    via: str = "web",
) -> Operation:
    """Open an operation, with the customers affected by county if known. Raises
    PermissionDenied, DomainError when the name is taken or the dates are the wrong way round."""
    if actor is not None and not may_open_operation(actor, committee):
        raise PermissionDenied(_("只有党群部专责可以发起行动。"))
    if not name.strip():
        raise DomainError(_("请写行动名称。"), field="name")
    if ended_on is not None and ended_on < started_on:
        raise DomainError(_("结束日期不能早于开始日期。"), field="ended_on")
    with transaction.atomic():
        if Operation.objects.filter(committee=committee, name=name).exists():
            raise DomainError(_("已有同名行动，请换个名称。"), field="name")
        operation: Operation = Operation.objects.create(
            committee=committee,
            name=name,
            kind=kind,
            started_on=started_on,
            ended_on=ended_on,
            commander=commander,
            summary=summary,
            landfall_at=landfall_at,
        )
        OperationCounty.objects.bulk_create(
            [
                OperationCounty(operation=operation, county=county, customers_affected=number)
                for county, number in (affected or {}).items()
            ]
        )
        record(
            code="operation.opened",
            target=operation,
            actor=actor,
            now=now,
            via=via,
            after={"kind": kind, "started_on": started_on},
        )
    return operation


def edit_operation(
    *,
    operation_id: int,
    values: Mapping[str, Any],
    version: int,
    actor: User,
    now: dt.datetime,
    via: str = "web",
) -> Operation:
    """Write summary, commander, lessons; or close it by ``ended_on``. Raises EditConflict."""
    with transaction.atomic():
        operation: Operation = Operation.objects.select_for_update(of=("self",)).get(
            pk=operation_id
        )
        if not may_run_operation(actor, operation):
            raise PermissionDenied(_("只有党群部专责可以改行动资料。"))
        if operation.version != version:
            raise EditConflict(_("别人刚改过这次行动，您的改动还没有存。请看过再存一次。"))
        before = {name: getattr(operation, name) for name in values}
        for name, value in values.items():
            setattr(operation, name, value)
        if operation.ended_on is not None:
            if operation.ended_on < operation.started_on:
                raise DomainError(_("结束日期不能早于开始日期。"), field="ended_on")
            later = Turnout.objects.live().filter(
                operation=operation, started_on__gt=operation.ended_on
            )
            if later.exists():
                raise DomainError(
                    _("结束日期之后还有%(count)d次出队，请把日期往后推。")
                    % {"count": later.count()},
                    field="ended_on",
                )
        operation.version += 1
        operation.save()
        record(
            code="operation.edited",
            target=operation,
            actor=actor,
            now=now,
            via=via,
            before=before,
            after=dict(values),
        )
    return operation


def add_event(
    *,
    operation: Operation,
    happened_at: dt.datetime,
    text: str,
    who: str = "",
    is_key: bool = False,
    actor: User | None,
    now: dt.datetime,
    via: str = "web",
) -> OperationEvent:
    """A line of the timeline."""
    if actor is not None and not may_report_operation(actor, operation):
        raise PermissionDenied(_("只有党群部专责和队长可以记大事记。"))
    if not text.strip():
        raise DomainError(_("请写发生了什么。"), field="text")
    if happened_at > now + dt.timedelta(minutes=5):
        raise DomainError(_("时间还没有到，请核对。"), field="happened_at")
    with transaction.atomic():
        event = OperationEvent.objects.create(
            operation=operation, happened_at=happened_at, text=text, who=who, is_key=is_key
        )
        record(
            code="operation.event",
            target=operation,
            actor=actor,
            now=now,
            via=via,
            after={"text": text},
        )
    return event


def report_outages(
    *,
    operation: Operation,
    reported_at: dt.datetime,
    out: Mapping[str, tuple[int, int]],
    source: str,
    actor: User | None,
    now: dt.datetime,
    via: str = "web",
) -> None:
    """停电时报: customers (and transformer areas) still out, by county. The same hour again
    replaces what was said."""
    if actor is not None and not may_run_operation(actor, operation):
        raise PermissionDenied(_("只有党群部专责可以填时报。"))
    affected = dict(operation.counties.values_list("county", "customers_affected"))
    for county, (customers, _areas) in out.items():
        if customers > affected.get(county, 0):
            raise DomainError(
                _("%(county)s待复电%(out)d户，多于影响的%(affected)d户，请核对。")
                % {"county": county, "out": customers, "affected": affected.get(county, 0)},
                field=county,
            )
    with transaction.atomic():
        OutageReport.objects.filter(operation=operation, reported_at=reported_at).delete()
        OutageReport.objects.bulk_create(
            [
                OutageReport(
                    operation=operation,
                    county=county,
                    reported_at=reported_at,
                    customers_out=customers,
                    areas_out=areas,
                    source=source,
                )
                for county, (customers, areas) in out.items()
            ]
        )
        record(
            code="operation.outages",
            target=operation,
            actor=actor,
            now=now,
            via=via,
            after={"at": reported_at, "out": sum(customers for customers, _a in out.values())},
        )


def set_affected(
    *,
    operation: Operation,
    affected: Mapping[str, int],
    actor: User | None,
    now: dt.datetime,
    via: str = "web",
) -> None:
    """How many customers of each county the operation is about; a county with 0 is not. Raises
    DomainError where fewer would be affected than were reported to be without power."""
    if actor is not None and not may_run_operation(actor, operation):
        raise PermissionDenied(_("只有党群部专责可以改影响户数。"))
    with transaction.atomic():
        Operation.objects.select_for_update(of=("self",)).get(pk=operation.pk)
        most = dict(
            OutageReport.objects.filter(operation=operation)
            .values_list("county")
            .annotate(most=Max("customers_out"))
        )
        for county, reported in most.items():
            if affected.get(county, 0) < reported:
                raise DomainError(
                    _("%(county)s的时报里有过%(out)d户停电，影响户数不能少于它。")
                    % {"county": county, "out": reported},
                    field=county,
                )
        before = dict(operation.counties.values_list("county", "customers_affected"))
        wanted = {county: number for county, number in affected.items() if number}
        operation.counties.all().delete()
        OperationCounty.objects.bulk_create(
            [
                OperationCounty(operation=operation, county=county, customers_affected=number)
                for county, number in wanted.items()
            ]
        )
        record(
            code="operation.affected",
            target=operation,
            actor=actor,
            now=now,
            via=via,
            before=before,
            after=wanted,
        )


def place_teams(
    *,
    operation: Operation,
    teams: Iterable[tuple[Crew, str, int, int]],
    placed_at: dt.datetime,
    actor: User | None,
    now: dt.datetime,
    via: str = "web",
) -> list[OperationTeam]:
    """前置力量: crew, place, people and vehicles. The same crew at the same place again replaces
    the numbers; nobody and nothing there takes it back."""
    if actor is not None and not may_run_operation(actor, operation):
        raise PermissionDenied(_("只有党群部专责可以安排前置力量。"))
    teams = list(teams)
    with transaction.atomic():
        for crew, place, _people, _vehicles in teams:
            OperationTeam.objects.filter(operation=operation, crew=crew, place=place).delete()
        rows = OperationTeam.objects.bulk_create(
            [
                OperationTeam(
                    operation=operation,
                    crew=crew,
                    county=crew.county,
                    place=place,
                    people=people,
                    vehicles=vehicles,
                    placed_at=placed_at,
                )
                for crew, place, people, vehicles in teams
                if people or vehicles
            ]
        )
        record(
            code="operation.teams_placed",
            target=operation,
            actor=actor,
            now=now,
            via=via,
            after={"teams": len(rows)},
        )
    return rows
