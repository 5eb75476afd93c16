"""The outings of crews, for the fatigue guard."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import replace

from django.db.models import Max, Q

from servicecrew.fatigue import Outing, Strain, strains, watches
from servicecrew.models import TurnoutPerson

LOOK_BACK = dt.timedelta(hours=48)
# A turnout of several days has shifts: its people were out when they are written down for a day
# and a shift, not from its first moment to its last.
LONGEST = dt.timedelta(hours=30)
# One that has not ended after so long was forgotten, not fought.
FORGOTTEN = dt.timedelta(days=14)


def strained_people(
    *, now: dt.datetime, crews: Collection[int] = (), turnout_id: int | None = None
) -> list[Strain]:
    """Warnings about everybody of ``crews`` who was out within two days of ``now``, or about the
    people of one turnout at the time of its end. One query, two for a turnout; one more when one of
    the turnouts went on for several days."""
    is_recent = Q(turnout__departed_at__gt=now - LOOK_BACK)
    went_on = Q(turnout__left_at__gt=now - LOOK_BACK) | Q(turnout__left_at__isnull=True) & (
        Q(turnout__restored_at__gt=now - LOOK_BACK) | Q(turnout__restored_at__isnull=True)
    )
    rows = TurnoutPerson.objects.exclude(turnout__status="void").filter(
        is_recent | went_on,
        turnout__departed_at__gt=now - FORGOTTEN,
        turnout__departed_at__lte=now,
    )
    if turnout_id is not None:
        rows = rows.filter(
            person__in=TurnoutPerson.objects.filter(turnout_id=turnout_id).values("person")
        )
    else:
        rows = rows.filter(crew_id__in=crews)
    short, long = set(), []
    for person, name, crew, turnout, began, restored, left, day, shift in rows.values_list(
        "person_id",
        "person__name",
        "crew__name",
        "turnout_id",
        "turnout__departed_at",
        "turnout__restored_at",
        "turnout__left_at",
        "day",
        "shift",
    ):
        if began is None:
            continue
        ended = min(left or restored or now, now)
        outing = Outing(person, name, began, ended, crew=crew)
        if ended - began <= LONGEST:
            short.add(outing)
        else:
            long.append((turnout, day, shift, replace(outing, is_reckoned=True)))
    outings = list(short)
    shifts = _shifts_of({turnout for turnout, *_rest in long})
    for turnout, day, shift, whole in long:
        for began, ended in watches(whole.began, whole.ended, day, shift, shifts[turnout]):
            outings.append(replace(whole, began=began, ended=ended))
    return strains(outings)


def by_crew(found: Sequence[Strain]) -> tuple[list[Strain], list[tuple[str, int]]]:
    """For those who look at many crews: warnings that rest on moments, name by name; and of those
    reckoned by days and shifts how many people each crew has, the most first."""
    counts = Counter(strain.crew for strain in found if strain.is_reckoned)
    return [strain for strain in found if not strain.is_reckoned], counts.most_common()


def _shifts_of(turnouts: Collection[int]) -> dict[int, dict[dt.date, int]]:
    """How many shifts are written down for each day of these turnouts."""
    found: dict[int, dict[dt.date, int]] = {}
    if turnouts:
        for turnout, day, most in (
            TurnoutPerson.objects.filter(turnout__in=turnouts)
            .values_list("turnout_id", "day")
            .annotate(most=Max("shift"))
            .order_by()
        ):
            found.setdefault(turnout, {})[day] = most
    return found
