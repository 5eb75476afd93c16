"""书记背书: the secretary vouches for what the branch reports about a finding."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.utils.translation import gettext as _

from branches.access import access_of
from evaluations.models import Finding
from evaluations.recipients import with_secretary
from portal.accounts.models import User
from portal.kernel.errors import TransitionRefused
from portal.kernel.months import local_date


def to_be_asked(found: Iterable[Finding], actor: User, now: dt.datetime) -> set[int | None]:
    """Branches whose secretary must vouch for what ``actor``, a deputy, reports."""
    others = {finding.branch_id for finding in found} - access_of(actor).secretary_branches
    return with_secretary(others, today=local_date(now)) if others else set()


def vouch(finding: Finding, asked: set[int | None], actor: User, now: dt.datetime) -> None:
    """A secretary who reports vouches for it at once (书记签字背书); for a deputy's report the
    secretary is asked, where there is one with an account."""
    finding.extended_from = None
    finding.awaits_endorsement = finding.branch_id in asked
    finding.endorsed_by = None if finding.awaits_endorsement else actor
    finding.endorsed_at = None if finding.awaits_endorsement else now


def check_endorsed(finding: Finding) -> None:
    """Raise TransitionRefused while the secretary has not vouched for a deputy's report."""
    if finding.awaits_endorsement:
        raise TransitionRefused(_("副书记报的整改，书记还没有背书，暂不能销号。"))
