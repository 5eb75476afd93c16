"""What a draw must know, read from the round: who takes part, who has met whom, who stands aside,
who is away. Reads only; :mod:`evaluations.services.pairing` draws and changes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from django.db.models import Q, QuerySet

from branches.models import Appointment, Person
from evaluations.models import (
    Inspection,
    MonthRound,
    PairingDraw,
    Recusal,
    RoundParticipant,
)
from evaluations.pairing_terms import (
    MUTUAL,
    ORDER,
    SAME_TYPE,
    Pair,
    Rules,
    Task,
    Unit,
    both_ways,
)
from portal.kernel.together import read_together

# A visit inside one type and a visit both ways are refused by the database and by every road
# that assigns by hand, so a draw never gives these two up.
MAY_RELAX = tuple(step for step in ORDER if step not in {SAME_TYPE, MUTUAL})
LEADERS = ("secretary", "deputy_secretary")


def latest_draw(round_: MonthRound) -> PairingDraw | None:
    draw: PairingDraw | None = round_.draws.order_by("-number").first()
    return draw


def recusals_in(round_: MonthRound) -> QuerySet[Recusal]:
    """The recusals in force in the round's month."""
    return Recusal.objects.filter(
        Q(last_month__isnull=True) | Q(last_month__gte=round_.month),
        first_month__lte=round_.month,
    )


def task_for(round_: MonthRound, *, seed: str, fixed: Iterable[Pair] = ()) -> Task:
    """Everything a draw of ``round_`` must know. One query."""
    participants = round_.participants.select_related("branch")
    posts = posts_in(round_)
    absent = round_.absences.values_list("branch_id", flat=True)
    month = round_.period
    memory = max(2, round_.policy.pairing_memory)
    met = (
        Inspection.objects.filter(
            round__committee_id=round_.committee_id,
            round__month__lt=round_.month,
            round__month__gte=month.plus(-12).first_day,
        )
        .order_by()
        .values_list("round__month", "inspector_branch_id", "inspected_branch_id")
    )
    recusals = (
        recusals_in(round_)
        .filter(inspector__participations__round=round_)
        .values_list("inspector_id", "inspected_id")
    )
    read_together(participants, posts, absent, met, recusals)
    leaders = leaders_of(posts)
    units = tuple(
        Unit(
            key=str(p.branch_id),
            type=p.branch_type,
            house=str(p.parent_id or p.branch_id),
            is_visited=not p.is_exempt,
            sends_team=not p.is_exempt and p.branch_id in leaders,
            fills=p.branch.has_party_affairs_office,
        )
        for p in participants
    )
    history: dict[Pair, int] = {}
    for day, team, branch in met:
        age = (month.year - day.year) * 12 + month.number - day.month
        pair = (str(team), str(branch))
        history[pair] = min(age, history.get(pair, age))
    return Task(
        units=units,
        rules=Rules(round_.policy.visits_per_branch, memory, may_relax=MAY_RELAX),
        history=history,
        recusals=both_ways((str(a), str(b)) for a, b in recusals),
        unavailable=frozenset(str(branch) for branch in absent),
        fixed=tuple(sorted(fixed)),
        seed=seed,
    )


def participants_of(round_: MonthRound) -> dict[int, RoundParticipant]:
    return {p.branch_id: p for p in round_.participants.select_related("branch")}


def posts_in(round_: MonthRound) -> QuerySet[Appointment]:
    """Who holds a post in the round's branches when its teams set out."""
    return (
        Appointment.objects.filter(
            Q(ended_on__isnull=True) | Q(ended_on__gte=round_.window_starts_on),
            started_on__lte=round_.period.last_day,
            branch__participations__round=round_,
        )
        .select_related("person")
        .order_by("pk")
    )


def leaders_of(posts: Iterable[Appointment]) -> dict[int, list[Person]]:
    """Secretary and deputies of each branch, in that order, then other members of the
    committee."""
    found: dict[int, list[Person]] = defaultdict(list)
    others: dict[int, list[Person]] = defaultdict(list)
    for post in sorted(posts, key=lambda p: (p.post_id != "secretary", p.pk)):
        group = found if post.post_id in LEADERS else others
        if post.branch_id is not None and post.person not in group[post.branch_id]:
            group[post.branch_id].append(post.person)
    return {
        branch: [*people, *(p for p in others[branch] if p not in people)]
        for branch, people in found.items()
    }
