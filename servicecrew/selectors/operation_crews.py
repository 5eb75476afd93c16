"""Who is out in an operation: a line per crew, a line per township."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from django.db.models import Count, Max, Sum
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.translation import gettext as _

from portal.kernel.months import local_date
from portal.kernel.ui import Status
from servicecrew.counting import Figures
from servicecrew.lifecycles import LOGGED
from servicecrew.models import Crew, Operation, Turnout, TurnoutCrew, TurnoutPerson

if TYPE_CHECKING:
    from portal.accounts.models import User


SHOWN_CREWS = 6


@dataclass(frozen=True, slots=True)
class CrewLine:
    """A crew's line in the table. ``status``: 现场, 换班, 返回."""

    crew: Crew
    task: str
    url: str
    status: Status
    figures: Figures
    latest: dt.datetime | None


@dataclass(frozen=True, slots=True)
class TownshipLine:
    """What was done in a township of the chosen county; "" where nobody wrote which."""

    name: str
    turnouts: int
    customers_restored: int
    url: str


def townships_of(operation: Operation, county: str) -> list[TownshipLine]:
    """Where in the county the crews were, by the turnout's own place; most turnouts first."""
    rows = (
        Turnout.objects.filter(operation=operation, county=county, status__in=LOGGED)
        .order_by()
        .values("township")
        .annotate(n=Count("pk"), restored=Coalesce(Sum("customers_restored"), 0))
        .order_by("-n", "township")
    )
    address = reverse("servicecrew:turnouts")
    return [
        TownshipLine(
            row["township"],
            row["n"],
            row["restored"],
            f"{address}?"
            + urlencode(
                {"operation": operation.pk, "county": county}
                | ({"q": row["township"]} if row["township"] else {})
            ),
        )
        for row in rows
    ]


def crew_lines(
    operation: Operation, parts: Mapping[int, Figures], user: User, now: dt.datetime
) -> list[CrewLine]:
    """One line per crew that counts, or is out, in this operation; most people first."""
    crews = Crew.objects.in_bulk(parts)
    led: dict[int, list[Turnout]] = {}
    turnouts = (
        Turnout.objects.filter(operation=operation)
        .exclude(status__in=("void", "draft"))
        .only(
            "pk",
            "uuid",
            "crew_id",
            "subject",
            "departed_at",
            "restored_at",
            "left_at",
            "arrived_at",
            "started_on",
            "updated_at",
            "status",
        )
        .order_by("-started_on", "-pk")
    )
    for turnout in turnouts:
        led.setdefault(turnout.crew_id, []).append(turnout)
    joined = dict(
        TurnoutCrew.objects.filter(turnout__operation=operation)
        .values_list("crew_id")
        .annotate(newest=Max("turnout__updated_at"))
    )
    relieved = set(
        TurnoutPerson.objects.filter(
            turnout__operation=operation, shift__gt=1, day=local_date(now)
        ).values_list("crew_id", flat=True)
    )
    found = []
    for key, figures in parts.items():
        crew = crews[key]
        rows = led.get(key, [])
        found.append(
            CrewLine(
                crew=crew,
                task=_task(rows),
                url=f"{reverse('servicecrew:turnouts')}?operation={operation.pk}&crew={key}",
                status=_crew_status(operation, rows, key in relieved),
                figures=figures,
                latest=latest_of(rows, joined.get(key)),
            )
        )
    return sorted(found, key=lambda line: (-line.figures.person_times, line.crew.sort_order))


def _task(rows: Sequence[Turnout]) -> str:
    if not rows:
        return _("期初数")
    if len(rows) == 1:
        return str(rows[0].subject)
    return _("%(subject)s等 %(count)d 次") % {"subject": rows[0].subject, "count": len(rows)}


def _crew_status(operation: Operation, rows: Sequence[Turnout], relieved: bool) -> Status:
    if not rows:
        return Status("idle", _("期初数"))
    if relieved:
        return Status("soon", _("换班"), "refresh")
    if operation.is_open and any(row.ended_at is None for row in rows):
        return Status("doing", _("现场"), "tool")
    return Status("done", _("返回"))


def latest_of(rows: Sequence[Turnout], updated: dt.datetime | None) -> dt.datetime | None:
    known = [
        moment
        for row in rows
        for moment in (row.departed_at, row.arrived_at, row.restored_at, row.left_at)
        if moment
    ]
    return max(known, default=updated)
