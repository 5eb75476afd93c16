"""What a round takes in on the day it opens: its calendar, the rubric versions in force and every
branch as it stands. Later changes of organisation or rubric do not reach an open month.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, Subquery
from django.utils.translation import gettext as _

from branches.models import (
    Appointment,
    Branch,
    Membership,
    MembershipKind,
    PartyGroup,
)
from evaluations.models import (
    EvaluationPolicy,
    MonthRound,
    RoundParticipant,
    Rubric,
    RubricVersion,
    VersionStatus,
)
from portal.kernel.errors import DomainError
from portal.kernel.months import Month
from portal.workdays import services as workdays

FULL_MEMBERS_FOR_COMMITTEE = 7  # domain.md 1.1: under seven full members there is no committee


def default_calendar(policy: EvaluationPolicy, month: Month) -> dict[str, dt.date]:
    """The days of a month's round (domain.md 9.1).

    Inspection from the 25th (or the next working day) to the month's last working day,
    records to the month's last day, appeals on the first working days of the next month,
    publication by its 5th and the meeting by its 8th, each moved to a working day and kept
    in order.
    """
    following = month.plus(1)
    starts = workdays.next_workday(month.first_day.replace(day=policy.window_first_day))
    ends = max(workdays.last_workday(month), starts)
    appeals = workdays.nth_workday(following, max(1, policy.appeal_workdays))
    publish = max(
        workdays.next_workday(following.first_day.replace(day=policy.publish_day)),
        workdays.add_workdays(appeals, 1),
    )
    meeting = max(
        workdays.next_workday(following.first_day.replace(day=policy.meeting_day)), publish
    )
    return {
        "records_due_on": month.last_day,
        "window_starts_on": starts,
        "window_ends_on": ends,
        "appeals_end_on": appeals,
        "publish_on": publish,
        "meeting_on": meeting,
    }


def versions_in_force(month: Month) -> dict[str, RubricVersion]:
    """The active rubric version of every branch type in ``month``. The rubrics' rows are
    locked first, as activation does, so that none comes into force in the same instant."""
    found: dict[str, RubricVersion] = {}
    for rubric in (
        Rubric.objects.select_for_update()
        .order_by("pk")
        .exclude(subject__in=("full_time", "part_time"))
    ):
        version = (
            RubricVersion.objects.select_for_update()
            .filter(rubric=rubric, status=VersionStatus.ACTIVE, first_month__lte=month.first_day)
            .order_by("-first_month")
            .first()
        )
        if version is None:
            raise DomainError(
                _("%(name)s在%(month)s没有生效的版本。")
                % {"name": rubric.name, "month": month.label}
            )
        found[rubric.subject] = version
    if not found:
        raise DomainError(_("还没有考评细则，请先导入。"))
    return found


def take_in_branches(round_: MonthRound, versions: Mapping[str, RubricVersion]) -> None:
    """Write one participant per branch, from the facts in force on the month's last day."""
    month = round_.period
    day = month.last_day
    in_force = Q(started_on__lte=day) & (Q(ended_on__isnull=True) | Q(ended_on__gte=day))
    secretary = Appointment.objects.filter(
        in_force, branch=OuterRef("pk"), post_id="secretary"
    ).order_by("-started_on")

    def counted(rows: Any) -> Subquery:
        return Subquery(
            rows.filter(in_force, branch=OuterRef("pk"))
            .order_by()
            .values("branch")
            .annotate(n=Count("pk"))
            .values("n")
        )

    branches = (
        Branch.objects.filter(committee=round_.committee)
        .active_on(day)
        .classified(month)
        .annotate(
            secretary_id=Subquery(secretary.values("person_id")[:1]),
            secretary_mode=Subquery(secretary.values("secretary_mode")[:1]),
            members=counted(Membership.objects.all()),
            full_members=counted(Membership.objects.filter(kind=MembershipKind.FULL)),
            groups_now=counted(PartyGroup.objects.all()),
            has_sub=Exists(Branch.objects.filter(parent=OuterRef("pk"))),
        )
    )
    RoundParticipant.objects.bulk_create(
        [
            RoundParticipant(
                round=round_,
                branch=branch,
                parent_id=branch.parent_id,
                tier=branch.tier,
                branch_type=branch.branch_type,
                is_exempt=branch.is_exempt,
                rubric_version=versions[branch.branch_type],
                secretary_id=branch.secretary_id,
                secretary_mode=branch.secretary_mode or "",
                member_count=branch.members or 0,
                has_committee=branch.has_sub
                or (branch.full_members or 0) >= FULL_MEMBERS_FOR_COMMITTEE,
                group_count=branch.groups_now or 0,
            )
            for branch in branches
        ],
        batch_size=500,
    )
