"""The round tells the floor below when a month's records lock."""

from __future__ import annotations

import datetime as dt

from portal.kernel.months import Month


def records_due_on(committee_id: int, month: Month) -> dt.date | None:
    """The lock day of the committee's round of ``month``; None while there is no round."""
    from evaluations.models import MonthRound  # at call time: this is registered in ready()

    return (
        MonthRound.objects.filter(committee_id=committee_id, month=month.first_day)
        .values_list("records_due_on", flat=True)
        .first()
    )


def focus_of(committee_id: int, month: Month) -> list[str]:
    """The month's focus, line by line: what a meeting's agenda may start with."""
    from evaluations.models import MonthRound  # at call time: this is registered in ready()

    found = MonthRound.objects.filter(committee=committee_id, month=month.first_day)
    return [
        line
        for focus in found.values_list("focus", flat=True)
        for line in focus.replace("；", "\n").splitlines()
    ]
