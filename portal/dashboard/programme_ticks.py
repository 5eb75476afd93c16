"""五大工程 in the form of a record: one entry is the monthly record and the programme's deed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from branches import also
from branches.models import Activity
from portal.accounts.models import User
from portal.kernel.errors import DomainError
from servicecrew.models import Programme
from servicecrew.services.programmes import add_deed


def plug_in() -> None:
    """Called once by ``DashboardConfig.ready``."""
    also.register(also.Also("programme", choices=programmes, tick=tick))


def programmes(activity: Activity | None) -> Sequence[tuple[str, Any]]:
    """Programmes that the record is not counted for yet."""
    found = Programme.objects.all()
    if activity is not None:
        found = found.exclude(deeds__activity=activity)
    return list(found.values_list("code", "name"))


def tick(activity: Activity, code: str, actor: User, now: dt.datetime) -> None:
    """Count the record for a programme, for the programme's own target groups."""
    programme = Programme.objects.filter(code=code).first()
    if programme is None:
        raise DomainError(_("没有这个工程。"), field="also")
    add_deed(
        programme=programme,
        branch=activity.branch,
        committee=activity.branch.committee,
        activity=activity,
        actor=actor,
        now=now,
    )
