"""The outings of crews, for the fatigue guard."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from servicecrew.fatigue import Outing, Strain, strains
from servicecrew.models import TurnoutPerson

LOOK_BACK = dt.timedelta(hours=48)
# A turnout of several days has shifts; its people were not out all the time.
LONGEST = dt.timedelta(hours=30)


def strained_people(
    *, now: dt.datetime, crews: Collection[int] = (), turnout_id: int | None = None
) -> list[Strain]:
    """Warnings about everybody of ``crews`` who was out within two days of ``now``, or about the
    people of one turnout at the time of its end. One query, two for a turnout."""
    rows = TurnoutPerson.objects.exclude(turnout__status="void").filter(
        turnout__departed_at__gt=now - LOOK_BACK, turnout__departed_at__lte=now
    )
    if turnout_id is not None:
        rows = rows.filter(
            person__in=TurnoutPerson.objects.filter(turnout_id=turnout_id).values("person")
        )
    else:
        rows = rows.filter(crew_id__in=crews)
    outings = []
    for person, name, began, restored, left in rows.values_list(
        "person_id",
        "person__name",
        "turnout__departed_at",
        "turnout__restored_at",
        "turnout__left_at",
    ).distinct():
        if began is None:
            continue
        ended = min(left or restored or now, now)
        if ended - began <= LONGEST:
            outings.append(Outing(person, name, began, ended))
    return strains(outings)
