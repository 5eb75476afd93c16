"""The month's round: opening it, moving its calendar, teams and assignments, its steps."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models import Count, Exists, F, OuterRef, Q, Subquery
from django.utils.translation import gettext as _

from branches.access import access_of
from branches.models import (
    Appointment,
    Branch,
    Committee,
    Membership,
    MembershipKind,
    PartyGroup,
    Person,
)
from evaluations.lifecycles import ROUND, InspectionStatus, RoundStatus
from evaluations.models import (
    EvaluationPolicy,
    Inspection,
    InspectionTeam,
    MonthRound,
    RoundEvent,
    RoundParticipant,
    Rubric,
    RubricVersion,
    TeamMember,
    VersionStatus,
)
from evaluations.permissions import may_run_round, may_set_policy
from portal.accounts.models import User
from portal.audit.services import record
from portal.kernel.errors import DomainError, TransitionRefused
from portal.kernel.months import Month, local_date
from portal.workdays import services as workdays

FULL_MEMBERS_FOR_COMMITTEE = 7  # domain.md 1.1: under seven full members there is no committee


def policy_in_force(committee: Committee, month: Month) -> EvaluationPolicy:
    """The policy of ``committee`` for ``month``: its own newest, else that of the committee
    above. Raises DomainError when there is none."""
    place: Committee | None = committee
    while place is not None:
        found = (
            EvaluationPolicy.objects.filter(committee=place, first_month__lte=month.first_day)
            .order_by("-first_month")
            .first()
        )
        if found:
            return found
        place = place.parent
    raise DomainError(_("%(name)s还没有设置考评规则。") % {"name": committee.name})


def set_policy(
    *,
    committee: Committee,
    first_month: Month,
    values: Mapping[str, Any],
    actor: User | None,
    now: dt.datetime,
) -> EvaluationPolicy:
    """Put a policy in force from ``first_month``. A policy a round has used is history and
    can't be overwritten: choose a later month."""
    if actor is not None and not may_set_policy(actor, committee):
        raise PermissionDenied
    with transaction.atomic():
        policy = (
            EvaluationPolicy.objects.select_for_update()
            .filter(committee=committee, first_month=first_month.first_day)
            .first()
        )
        if policy and policy.rounds.exists():
            raise DomainError(_("该月轮次已按这套规则开启，请另设一个起始月份。"))
        policy = policy or EvaluationPolicy(committee=committee, first_month=first_month.first_day)
        before = {name: getattr(policy, name) for name in values}
        for name, value in values.items():
            setattr(policy, name, value)
        policy.full_clean(validate_unique=False)
        policy.save()
        record(code="policy.set", target=policy, actor=actor, now=now, before=before, after=values)
    return policy


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


def open_round(
    *,
    committee: Committee,
    month: Month,
    actor: User | None,
    now: dt.datetime,
    via: str = "web",
    dates: Mapping[str, dt.date] | None = None,
) -> MonthRound:
    """Open the round of ``month``: work out its calendar, take in every branch as it stands,
    freeze the rubric versions in force.

    Opening twice gives the round that is there. Raises PermissionDenied for a stranger and
    DomainError when a rubric or the policy is missing.
    """
    if actor is not None and committee.pk not in access_of(actor).officer_committees:
        raise PermissionDenied
    with transaction.atomic():
        # The committee's row serialises two openings of one month.
        Committee.objects.select_for_update().get(pk=committee.pk)
        existing: MonthRound | None = MonthRound.objects.filter(
            committee=committee, month=month.first_day
        ).first()
        if existing:
            return existing
        policy = policy_in_force(committee, month)
        versions = _versions_in_force(month)
        days = {**default_calendar(policy, month), **(dates or {})}
        round_ = MonthRound(
            committee=committee, month=month.first_day, policy=policy, opened_at=now, **days
        )
        round_.full_clean(validate_unique=False)
        round_.save()
        _take_in_branches(round_, versions)
        RubricVersion.objects.filter(
            pk__in=[v.pk for v in versions.values()], frozen_at__isnull=True
        ).update(frozen_at=now)
        _log(round_, step="open", actor=actor, now=now, via=via)
        record(
            code="round.opened",
            target=round_,
            actor=actor,
            now=now,
            via=via,
            after={"month": str(month), **days},
        )
    return round_


def _versions_in_force(month: Month) -> dict[str, RubricVersion]:
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


def _take_in_branches(round_: MonthRound, versions: Mapping[str, RubricVersion]) -> None:
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


# -- steps ------------------------------------------------------------------------------


def start_inspection(
    *, round_id: int, actor: User | None, now: dt.datetime, via: str = "web", reason: str = ""
) -> MonthRound:
    """Records go on, inspectors may set out. Before its day a reason is asked for."""
    return _step(round_id, "start_inspection", "window_starts_on", actor, now, via, reason)


def close_inspection(
    *, round_id: int, actor: User | None, now: dt.datetime, via: str = "web", reason: str = ""
) -> MonthRound:
    """End the window and show the preliminary scores; appeals may be filed.

    Sheets not submitted by now do not count; the page lists them beforehand. Before the
    window has passed a reason is asked for.
    """
    return _step(
        round_id, "close_inspection", "window_ends_on", actor, now, via, reason, after=True
    )


def reopen_inspection(
    *, round_id: int, actor: User | None, now: dt.datetime, via: str = "web", reason: str = ""
) -> MonthRound:
    """Back from the preliminary scores to inspection, with a reason."""
    if not reason.strip():
        raise DomainError(_("请写明退回互查的原因。"), field="reason")
    return _step(round_id, "reopen_inspection", None, actor, now, via, reason)


def _step(
    round_id: int,
    name: str,
    date_field: str | None,
    actor: User | None,
    now: dt.datetime,
    via: str,
    reason: str,
    *,
    after: bool = False,
) -> MonthRound:
    with transaction.atomic():
        round_ = locked_round(round_id)
        if actor is not None and not may_run_round(actor, round_):
            raise PermissionDenied
        before = ROUND.take(round_, name)
        if date_field:
            require_reason_if_early(round_, date_field, now=now, reason=reason, after=after)
        round_.save(update_fields=["status"])
        _log(round_, step=name, actor=actor, now=now, via=via, note=reason)
        record(
            code=f"round.{name}",
            target=round_,
            actor=actor,
            now=now,
            via=via,
            reason=reason,
            before={"status": before},
            after={"status": round_.status},
        )
    return round_


def require_reason_if_early(
    round_: MonthRound, date_field: str, *, now: dt.datetime, reason: str, after: bool
) -> None:
    """The machine keeps the calendar; a person may be earlier, but says why."""
    day: dt.date = getattr(round_, date_field)
    today = local_date(now)
    early = today <= day if after else today < day
    if early and not reason.strip():
        raise DomainError(
            _("按日历这一步在%(day)s之后自动进行。现在就做，请写明原因。")
            % {"day": f"{day.month}月{day.day}日"},
            field="reason",
        )


def locked_round(round_id: int) -> MonthRound:
    """The round with its row locked. Call inside a transaction."""
    round_: MonthRound = (
        MonthRound.objects.select_for_update(of=("self",))
        .select_related("committee", "policy")
        .get(pk=round_id)
    )
    return round_


def _log(
    round_: MonthRound, *, step: str, actor: User | None, now: dt.datetime, via: str, note: str = ""
) -> None:
    RoundEvent.objects.create(
        round=round_, at=now, step=step, actor=actor, via=via, note=note[:300]
    )


def move_calendar(
    *,
    round_id: int,
    dates: Mapping[str, dt.date],
    reason: str,
    actor: User,
    now: dt.datetime,
) -> MonthRound:
    """Move days of the round, with a reason; days keep their order (database constraint)."""
    allowed = {
        "records_due_on",
        "window_starts_on",
        "window_ends_on",
        "appeals_end_on",
        "publish_on",
        "meeting_on",
    }
    if not set(dates) <= allowed:
        raise DomainError(_("不认识的日期。"))
    if not reason.strip():
        raise DomainError(_("请写明调整日历的原因。"), field="reason")
    with transaction.atomic():
        round_ = locked_round(round_id)
        if not may_run_round(actor, round_):
            raise PermissionDenied
        if round_.is_published:
            raise TransitionRefused(_("本月已通报，日历不能再改。"))
        before = {name: getattr(round_, name) for name in dates}
        for name, value in dates.items():
            setattr(round_, name, value)
        round_.full_clean(validate_unique=False)
        round_.save(update_fields=sorted(dates))
        _log(round_, step="move_calendar", actor=actor, now=now, via="web", note=reason)
        record(
            code="round.calendar_moved",
            target=round_,
            actor=actor,
            now=now,
            reason=reason,
            before=before,
            after=dates,
        )
    return round_


def write_words(
    *,
    round_id: int,
    focus: str,
    highlights: str,
    next_focus: str,
    actor: User,
    now: dt.datetime,
) -> MonthRound:
    """The officer's own words of the month: focus, highlights, next month's focus."""
    with transaction.atomic():
        round_ = locked_round(round_id)
        if not may_run_round(actor, round_):
            raise PermissionDenied
        if round_.is_published:
            raise TransitionRefused(_("本月已通报，文字不能再改。"))
        values = {"focus": focus, "highlights": highlights, "next_focus": next_focus}
        before = {name: getattr(round_, name) for name in values}
        for name, value in values.items():
            setattr(round_, name, value)
        round_.full_clean(validate_unique=False)
        round_.save(update_fields=sorted(values))
        record(
            code="round.words_written",
            target=round_,
            actor=actor,
            now=now,
            before=before,
            after=values,
        )
    return round_


# -- teams and assignments by hand --------------------------------------------------------


def create_team(
    *,
    round_id: int,
    branch: Branch,
    leader: Person,
    members: Iterable[Person],
    actor: User | None,
    now: dt.datetime,
) -> InspectionTeam:
    """The team that ``branch`` sends out this month; ``leader`` is counted among its members."""
    with transaction.atomic():
        round_ = locked_round(round_id)
        _check_may_assign(round_, actor)
        if not round_.participants.filter(branch=branch).exists():
            raise DomainError(_("派出支部不在本月轮次中。"), field="branch")
        number = round_.teams.count() + 1
        try:
            with transaction.atomic():
                team = InspectionTeam.objects.create(round=round_, branch=branch, number=number)
        except IntegrityError:
            raise DomainError(_("该支部本月已派出一组。"), field="branch") from None
        people = {leader.pk: leader, **{p.pk: p for p in members}}
        TeamMember.objects.bulk_create(
            [
                TeamMember(team=team, person=person, is_leader=person.pk == leader.pk)
                for person in people.values()
            ]
        )
        record(
            code="team.created",
            target=team,
            actor=actor,
            now=now,
            after={"branch": str(branch), "members": [str(p) for p in people.values()]},
        )
    return team


def assign(
    *,
    round_id: int,
    team: InspectionTeam,
    participant: RoundParticipant,
    planned_on: dt.date | None = None,
    planned_time: dt.time | None = None,
    place: str = "",
    actor: User | None,
    now: dt.datetime,
) -> Inspection:
    """Send ``team`` to ``participant``. Refused: its own branch, the same type, the same
    general branch, both ways in one month, an exempt branch, the same visit twice."""
    with transaction.atomic():
        round_ = locked_round(round_id)
        _check_may_assign(round_, actor)
        inspection = Inspection(
            round=round_,
            team=team,
            participant=participant,
            planned_on=planned_on,
            planned_time=planned_time,
            place=place,
        )
        check_pair(round_, inspection)
        inspection.save()
        record(
            code="inspection.assigned",
            target=inspection,
            actor=actor,
            now=now,
            after={"team": team.label, "branch": str(participant), "on": planned_on},
        )
    return inspection


def reassign(
    *, inspection_id: int, team: InspectionTeam, reason: str, actor: User, now: dt.datetime
) -> Inspection:
    """Give a planned visit to another team, with a reason."""
    if not reason.strip():
        raise DomainError(_("请写明改派的原因。"), field="reason")
    with transaction.atomic():
        inspection = _locked_planned(inspection_id, actor)
        before = inspection.team.label
        inspection.team = team
        check_pair(inspection.round, inspection)
        inspection.save()
        record(
            code="inspection.reassigned",
            target=inspection,
            actor=actor,
            now=now,
            reason=reason,
            before={"team": before},
            after={"team": team.label},
        )
    return inspection


def unassign(*, inspection_id: int, reason: str, actor: User, now: dt.datetime) -> None:
    """Drop a planned visit, with a reason."""
    if not reason.strip():
        raise DomainError(_("请写明取消的原因。"), field="reason")
    with transaction.atomic():
        inspection = _locked_planned(inspection_id, actor)
        record(
            code="inspection.unassigned",
            target=inspection,
            actor=actor,
            now=now,
            reason=reason,
            before={"team": inspection.team.label, "branch": str(inspection.participant)},
        )
        inspection.delete()


def _locked_planned(inspection_id: int, actor: User) -> Inspection:
    inspection: Inspection = (
        Inspection.objects.select_for_update(of=("self",))
        .select_related("round__committee", "team", "participant__branch")
        .get(pk=inspection_id)
    )
    _check_may_assign(inspection.round, actor)
    if inspection.replaces_id is not None:
        raise TransitionRefused(_("这是申诉后的重查，请在申诉里撤回重查。"))
    if inspection.status != InspectionStatus.PLANNED:
        raise TransitionRefused(_("这次检查已经开始，不能改派。"))
    return inspection


def _check_may_assign(round_: MonthRound, actor: User | None) -> None:
    if actor is not None and not may_run_round(actor, round_):
        raise PermissionDenied
    if round_.status not in {RoundStatus.OPEN, RoundStatus.INSPECTING}:
        raise TransitionRefused(_("互查已结束，不能再安排检查。"))


def check_pair(round_: MonthRound, inspection: Inspection) -> None:
    """The hard rules of a pair; the database repeats the first two."""
    team, inspected = inspection.team, inspection.participant
    if team.round_id != round_.pk or inspected.round_id != round_.pk:
        raise DomainError(_("检查组和被查支部须属于同一个月。"))
    home = round_.participants.get(branch_id=team.branch_id)
    inspection.inspector_branch_id = home.branch_id
    inspection.inspected_branch_id = inspected.branch_id
    inspection.inspector_type = home.branch_type
    inspection.inspected_type = inspected.branch_type
    if home.branch_id == inspected.branch_id:
        raise DomainError(_("不能检查自己的支部。"), field="participant")
    if home.branch_type == inspected.branch_type:
        raise DomainError(
            _("%(a)s和%(b)s同为%(type)s，互查须由不同类型的支部进行。")
            % {"a": home, "b": inspected, "type": home.get_branch_type_display()},
            field="participant",
        )
    above = {home.parent_id or home.branch_id} & {inspected.parent_id or inspected.branch_id}
    if above:
        raise DomainError(_("同一党总支内不能互查。"), field="participant")
    if inspected.is_exempt:
        raise DomainError(_("该支部本月不参评，不安排检查。"), field="participant")
    others = round_.inspections.exclude(pk=inspection.pk)
    if others.filter(team=team, participant=inspected).exists():
        raise DomainError(_("该组本月已安排检查这个支部。"), field="participant")
    if others.filter(
        inspector_branch_id=inspected.branch_id, inspected_branch_id=home.branch_id
    ).exists():
        raise DomainError(
            _("%(b)s本月已检查%(a)s，不能互为检查方。") % {"a": home, "b": inspected},
            field="participant",
        )


def missing_sheets(round_: MonthRound) -> Any:
    """Planned visits whose sheet is not submitted, the oldest first."""
    return (
        round_.inspections.filter(
            status__in=(InspectionStatus.PLANNED, InspectionStatus.UNDER_WAY), replaces=None
        )
        .select_related("team__branch", "participant__branch")
        .order_by(F("planned_on").asc(nulls_last=True), "pk")
    )
