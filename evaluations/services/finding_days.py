"""When a finding must be put right."""

from __future__ import annotations

import datetime as dt

from evaluations.models import EvaluationPolicy, FindingKind, Severity
from portal.workdays import services as workdays


def finding_due_on(
    policy: EvaluationPolicy, kind: str, severity: str, raised_on: dt.date
) -> dt.date:
    """Due day in working days from the day after (domain.md 4): fixed at once, by severity,
    or continuing."""
    if kind == FindingKind.FIX_NOW:
        days = policy.fix_now_workdays
    elif kind == FindingKind.CONTINUING:
        days = policy.continuing_workdays
    elif severity == Severity.MINOR:
        days = policy.minor_workdays
    else:
        days = policy.major_workdays
    return workdays.add_workdays(raised_on, days)
