"""Reminders an officer sends by hand: once a day to each secretary who owes something."""

from __future__ import annotations

import datetime as dt

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from branches.duty_facts import DutyState
from branches.duty_matrix import duty_matrix
from branches.models import Branch
from evaluations.permissions import may_run_round
from evaluations.recipients import secretaries_of
from evaluations.services.rounds import locked_round
from portal.accounts.models import User
from portal.audit.services import record
from portal.kernel.months import local_date
from portal.notifications.models import InboxMessage
from portal.notifications.services import Message, tell_many


def remind_missing(*, round_id: int, actor: User, now: dt.datetime) -> int:
    """Tell the secretaries (and deputies) of every branch with an overdue or nearly due duty.

    Returns how many people got a message; a second press on the same day tells nobody.
    """
    today = local_date(now)
    with transaction.atomic():
        round_ = locked_round(round_id)
        if not may_run_round(actor, round_):
            raise PermissionDenied
        matrix = duty_matrix(
            branches=Branch.objects.filter(participations__round=round_),
            month=round_.period,
            today=today,
        )
        messages: list[Message] = []
        people = secretaries_of((row.branch_id for row in matrix.rows), today=today)
        for row in matrix.rows:
            owed = [c for c in row.left if c.state in {DutyState.OVERDUE, DutyState.DUE_SOON}]
            if not owed:
                continue
            names = "、".join(cell.rule.label for cell in owed)
            for user in people.get(row.branch_id, ()):
                messages.append(
                    Message(
                        user.pk,
                        f"remind:{round_.pk}:{row.branch_id}:{user.pk}:{today}",
                        _("%(month)s还缺 %(n)d 项") % {"month": round_.label, "n": len(owed)},
                        names,
                        reverse("dashboard:home"),
                    )
                )
        keys = {message.key for message in messages}
        told = len(keys) - InboxMessage.objects.filter(key__in=keys).count()
        tell_many(messages=messages, now=now)
        if told:
            record(
                code="round.reminded", target=round_, actor=actor, now=now, after={"people": told}
            )
    return told
