"""The month's round: opening it, moving its calendar, teams and assignments, its steps."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from branches.access import access_of
from branches.models import (
    Branch,
    Committee,
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
    RubricVersion,
    TeamMember,
)
from evaluations.permissions import may_run_round, may_set_policy
from evaluations.services.pair_rules import check_pair
from evaluations.services.policy_rules import check_policy
from evaluations.services.preliminary import tell_of_preliminary
from evaluations.services.round_intake import default_calendar, take_in_branches, versions_in_force
from portal.accounts.models import User
from portal.audit.services import record
from portal.kernel.errors import DomainError, TransitionRefused
from portal.kernel.months import Month, local_date


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
    can't be overwritten: choose a later month. Raises ValidationError, a sentence per field,
    for numbers out of bounds or order (``policy_rules``)."""
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
        check_policy(policy)
        policy.save()
        record(code="policy.set", target=policy, actor=actor, now=now, before=before, after=values)
    return policy


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
        versions = versions_in_force(month)
        days = {**default_calendar(policy, month), **(dates or {})}
        round_ = MonthRound(
            committee=committee, month=month.first_day, policy=policy, opened_at=now, **days
        )
        round_.full_clean(validate_unique=False)
        round_.save()
        take_in_branches(round_, versions)
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
    window has passed a reason is asked for. Each inspected branch is told its score.
    """
    with transaction.atomic():
        round_ = _step(
            round_id, "close_inspection", "window_ends_on", actor, now, via, reason, after=True
        )
        tell_of_preliminary(round_, now=now)
    return round_


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
) -> tuple[Inspection, int]:
    """Give a planned visit to another team, with a reason. The visit, and the branch whose team
    was to go before."""
    if not reason.strip():
        raise DomainError(_("请写明改派的原因。"), field="reason")
    with transaction.atomic():
        inspection = _locked_planned(inspection_id, actor)
        before, sender_before = inspection.team.label, inspection.inspector_branch_id
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
    return inspection, sender_before


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


def missing_sheets(round_: MonthRound) -> Any:
    """Planned visits whose sheet is not submitted, the oldest first."""
    return (
        round_.inspections.filter(
            status__in=(InspectionStatus.PLANNED, InspectionStatus.UNDER_WAY), replaces=None
        )
        .select_related("team__branch", "participant__branch")
        .order_by(F("planned_on").asc(nulls_last=True), "pk")
    )


def gaps_in_words(visits: Iterable[Inspection], unvisited: Iterable[RoundParticipant]) -> list[str]:
    """One sentence for each visit without a sheet and each branch that nobody visits. Reads the
    visits' teams and branches."""
    sentences = [
        _("%(team)s检查%(branch)s的评分表还没有提交。")
        % {"team": visit.team.label, "branch": visit.participant}
        for visit in visits
    ]
    sentences += [
        _("%(branch)s没有安排检查。") % {"branch": participant} for participant in unvisited
    ]
    return sentences
