"""What the monthly meeting asks of the secretaries before it is held."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from evaluations.models import RoundParticipant
from evaluations.recipients import secretaries_of
from evaluations.selectors.deadlines import days_left
from portal.notifications.todo import TodoItem

if TYPE_CHECKING:
    from portal.accounts.models import User


def meeting_todo(users: Sequence[User], today: dt.date) -> dict[int, list[TodoItem]]:
    """For secretaries: the branch's own words, from publication until the day of
    the meeting, or until the committee has commented. Two queries."""
    silent = list(
        RoundParticipant.objects.filter(
            Q(comment__isnull=True) | Q(comment__own_words="", comment__verdict=""),
            round__status="published",
            round__meeting_on__gte=today,
            is_exempt=False,
            secretary__isnull=False,
        )
        .exclude(secretary_mode="")
        .select_related("round", "secretary")
        .order_by("round__meeting_on", "pk")
    )
    if not silent:
        return {}
    wanted = {user.pk for user in users}
    people = secretaries_of({p.branch_id for p in silent}, today=today)
    found: dict[int, list[TodoItem]] = defaultdict(list)
    for participant in silent:
        # The page is the secretary's own appraisal: his deputy can't open it.
        for user in people.get(participant.branch_id, ()):
            secretary = participant.secretary
            if user.pk in wanted and secretary is not None and secretary.user_id == user.pk:
                found[user.pk].append(_item(participant, today))
    return dict(found)


def _item(participant: RoundParticipant, today: dt.date) -> TodoItem:
    due_on = participant.round.meeting_on
    state = days_left(due_on, today)[0]
    return TodoItem(
        title=_("给%(month)s例会写一段“支部自己说”") % {"month": participant.round.label},
        due_on=due_on,
        link=reverse("evaluations:appraisal", args=[participant.round_id, participant.pk]),
        state="doing" if state == "idle" else state,
    )
