"""Drawing who visits whom, and what may be changed afterwards: by hand, or when a team drops
out. The engine is ``evaluations.pairing``, the judge ``evaluations.pairing_check``."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from branches.models import Branch, BranchType
from evaluations import pairing
from evaluations.lifecycles import InspectionStatus, RoundStatus
from evaluations.models import (
    Inspection,
    InspectionTeam,
    MonthRound,
    PairingChange,
    PairingDraw,
    RankingRun,
    Recusal,
    RoundEvent,
    RoundParticipant,
    TeamAbsence,
    TeamMember,
)
from evaluations.pairing_certificate import canonical_digest
from evaluations.pairing_certificate import certificate as certificate_of
from evaluations.pairing_check import Fault, check
from evaluations.pairing_terms import FEWER, Pair, Plan, Relaxation, Task
from evaluations.permissions import may_run_round
from evaluations.services import rounds
from evaluations.services.certificates import Arranged, arranged, named_fault, pairs_of
from evaluations.services.pairing_facts import (
    latest_draw,
    leaders_of,
    participants_of,
    posts_in,
    task_for,
)
from evaluations.services.rounds import locked_round
from evaluations.services.visit_days import Diary, even_diary, freed_slots
from portal.accounts.models import User
from portal.audit.services import record
from portal.kernel.errors import DomainError, TransitionRefused
from portal.kernel.months import Month


@dataclass(frozen=True, slots=True)
class Proposal:
    """How the holes of a round would be filled: new visits only, everything else stays.
    ``relaxed``: what has to give way beyond what the draw and earlier changes gave up."""

    task: Task
    plan: Plan
    added: tuple[Pair, ...]
    faults: tuple[Fault, ...]
    digest: str
    relaxed: tuple[Relaxation, ...] = ()


# -- the least change ----------------------------------------------------------------------


def proposal(found: Arranged) -> Proposal | None:
    """How the round's holes would be filled with the least change; None without a draw or
    without a hole."""
    if found.draw is None or not found.holes:
        return None
    standing = found.pairs
    seed = f"{found.draw.seed}|{len(found.changes)}"
    task = task_for(found.round, seed=seed, fixed=standing)
    # One visit less for a whole type is a matter of the draw: here it would fill no hole at all.
    may = tuple(step for step in task.rules.may_relax if step != FEWER)
    task = replace(task, rules=replace(task.rules, may_relax=may))
    plan = pairing.draw(task)
    added = tuple(pair for pair in plan.pairs if pair not in set(standing))
    judged = certificate_of(task, plan)
    faults = tuple(f for f in check(judged) if f.pair in set(added) or f.pair is None)
    text = "|".join(f"{a}>{b}" for a, b in added)
    before = found.certificate["relaxations"] if found.certificate else []
    relaxed = tuple(r for r in plan.relaxations if {"step": r.step, "value": r.value} not in before)
    digest = hashlib.sha256(f"{seed}|{text}".encode()).hexdigest()
    return Proposal(task, plan, added, faults, digest, relaxed if added else ())


# -- drawing -------------------------------------------------------------------------------


def draw_round(
    *,
    round_id: int,
    actor: User | None,
    now: dt.datetime,
    reason: str = "",
    via: str = "web",
    diary: Diary | None = None,
) -> PairingDraw:
    """Draw the visits of a month, with teams and days, and keep the certificate.

    Visits that were arranged or have begun stay as they are. A second draw replaces the planned
    visits of the first and needs a reason. ``diary`` gives day, hour and place of each visit;
    without one the working days of the window are dealt out evenly.

    Raises PermissionDenied for anybody but an officer of the committee, TransitionRefused once
    the inspection is over, DomainError without a reason for a second draw, or when there is
    nobody to send.

    The matching may take seconds where the rules leave little room: it is done before the lock is
    taken, and once more under it only if the round has changed meanwhile.
    """
    seen = MonthRound.objects.select_related("committee", "policy").get(pk=round_id)
    before = latest_draw(seen)
    _check_may_draw(seen, before, actor, reason)
    ahead = _task_of_draw(seen, before)
    plan_ahead = pairing.draw(ahead)
    with transaction.atomic():
        round_ = locked_round(round_id)
        before = latest_draw(round_)
        _check_may_draw(round_, before, actor, reason)
        task = _task_of_draw(round_, before)
        if before is not None:
            planned = round_.inspections.filter(status=InspectionStatus.PLANNED, replaces=None)
            planned.delete()
        number = before.number + 1 if before else 1
        plan = plan_ahead if task == ahead else pairing.draw(task)
        certificate = certificate_of(task, plan)
        certificate["names"] = dict(
            sorted((str(p.branch_id), p.branch.name) for p in participants_of(round_).values())
        )
        # Visits that stood before may break a rule: the page says so. A drawn one never does.
        fresh = tuple(pair for pair in plan.pairs if pair not in set(task.fixed))
        never = [f for f in check(certificate) if f.never and f.pair in set(fresh)]
        if never:
            raise DomainError("；".join(named_fault(f, certificate["names"]) for f in never))
        _send(round_, fresh, diary)
        draw: PairingDraw = PairingDraw.objects.create(
            round=round_,
            number=number,
            seed=task.seed,
            certificate=certificate,
            digest=canonical_digest(certificate),
            drawn_at=now,
            drawn_by=actor,
            reason=reason.strip()[:300],
        )
        RoundEvent.objects.create(
            round=round_, at=now, step="draw", actor=actor, via=via, note=reason.strip()[:300]
        )
        record(
            code="round.drawn",
            target=round_,
            actor=actor,
            now=now,
            via=via,
            reason=reason,
            after={
                "number": number,
                "seed": task.seed,
                "visits": len(plan.pairs),
                "relaxed": [f"{r.step} {r.value or ''}".strip() for r in plan.relaxations],
                "digest": draw.digest,
            },
        )
    return draw


def _check_may_draw(
    round_: MonthRound, before: PairingDraw | None, actor: User | None, reason: str
) -> None:
    if actor is not None and not may_run_round(actor, round_):
        raise PermissionDenied
    if round_.status not in {RoundStatus.OPEN, RoundStatus.INSPECTING}:
        raise TransitionRefused(_("互查已结束，不能再抽签。"))
    if before is not None and not reason.strip():
        raise DomainError(_("本月已经抽过签。重抽请写明原因。"), field="reason")


def _task_of_draw(round_: MonthRound, before: PairingDraw | None) -> Task:
    """What the next draw of a round must know; a second one keeps only visits that have begun."""
    seed = seed_of(round_, before.number + 1 if before else 1)
    task = task_for(round_, seed=seed, fixed=pairs_of(round_, only_begun=before is not None))
    if not any(unit.sends_team for unit in task.units):
        raise DomainError(_("没有一个支部派得出检查组：先登记书记或副书记。"))
    return task


def seed_of(round_: MonthRound, number: int) -> str:
    """The published seed: committee, month, the digest of the last month published anywhere,
    and the number of the draw. It is known to all and chosen by nobody."""
    digest = (
        RankingRun.objects.filter(round__month__lt=round_.month)
        .order_by("-sequence")
        .values_list("digest", flat=True)
        .first()
    )
    return f"{round_.committee_id}|{round_.period}|{(digest or '-')[:16]}|{number}"


# -- changes -------------------------------------------------------------------------------


def hand_over(
    *, inspection_id: int, team: InspectionTeam, reason: str, actor: User, now: dt.datetime
) -> list[Fault]:
    """Give a planned visit to another team by hand, with a reason; what the checker says of it.

    What no reason can allow (itself, one house, last month's pair, a recusal, an absent team) is
    refused; a shorter memory or a larger load is recorded with the change.
    """
    with transaction.atomic():
        inspection, before = rounds.reassign(
            inspection_id=inspection_id, team=team, reason=reason, actor=actor, now=now
        )
        return _judged(
            inspection, field="team", reason=reason, actor=actor, now=now, instead_of=before
        )


def add_by_hand(
    *,
    round_id: int,
    team: InspectionTeam,
    participant: RoundParticipant,
    actor: User,
    now: dt.datetime,
    planned_on: dt.date | None = None,
    planned_time: dt.time | None = None,
    place: str = "",
) -> tuple[Inspection, list[Fault]]:
    """Arrange one more visit by hand, and what the checker says of it. Refused is what
    :func:`hand_over` refuses."""
    with transaction.atomic():
        inspection = rounds.assign(
            round_id=round_id,
            team=team,
            participant=participant,
            planned_on=planned_on,
            planned_time=planned_time,
            place=place,
            actor=actor,
            now=now,
        )
        faults = _judged(
            inspection, field="participant", reason=_("手工安排"), actor=actor, now=now
        )
    return inspection, faults


def _judged(
    inspection: Inspection,
    *,
    field: str,
    reason: str,
    actor: User,
    now: dt.datetime,
    instead_of: int | None = None,
) -> list[Fault]:
    """What the checker says of a visit made by hand, against history, recusals and absences as
    they are now: a recusal declared since the draw binds too. Kept beside the draw, with the
    branch ``instead_of`` whose team it goes; none for a visit that is new."""
    round_ = inspection.round
    found = arranged(round_)
    draw, certificate, names = found.draw, found.certificate, found.names
    relaxed = certificate["relaxations"] if certificate else []
    task = task_for(round_, seed=draw.seed if draw else "")
    plan = Plan(found.pairs, tuple(Relaxation(r["step"], r["value"]) for r in relaxed))
    pair = (str(inspection.inspector_branch_id), str(inspection.inspected_branch_id))
    # The checker tells a visit both ways under one of the two.
    mine = {pair, pair[::-1], (pair[0], "")}
    faults = [f for f in check(certificate_of(task, plan)) if f.pair in mine]
    if never := [named_fault(f, names) for f in faults if f.never]:
        raise DomainError("；".join(never), field=field)
    if draw is not None:
        PairingChange.objects.create(
            draw=draw,
            kind=PairingChange.Kind.BY_HAND,
            at=now,
            actor=actor,
            reason=reason.strip()[:300],
            removed=[{"team": str(instead_of), "branch": pair[1]}] if instead_of else [],
            added=[{"team": pair[0], "branch": pair[1]}],
            faults=[named_fault(f, names) for f in faults],
        )
    return faults


def drop_out(
    *, round_id: int, branch: Branch, reason: str, actor: User | None, now: dt.datetime
) -> int:
    """A branch can send no team this month (any more): its planned visits fall free, its begun
    ones stay. How many fell free; :func:`replan` fills them."""
    if not reason.strip():
        raise DomainError(_("请写明派不出组的原因。"), field="reason")
    with transaction.atomic():
        round_ = locked_round(round_id)
        if actor is not None and not may_run_round(actor, round_):
            raise PermissionDenied
        if round_.status not in {RoundStatus.OPEN, RoundStatus.INSPECTING}:
            raise TransitionRefused(_("互查已结束。"))
        if not round_.participants.filter(branch=branch).exists():
            raise DomainError(_("这个支部不在本月轮次中。"), field="branch")
        if round_.absences.filter(branch=branch).exists():
            raise DomainError(_("该支部本月已登记派不出组。"), field="branch")
        absence = TeamAbsence.objects.create(
            round=round_,
            branch=branch,
            reason=reason.strip()[:300],
            declared_by=actor,
            declared_at=now,
        )
        visits = list(
            round_.inspections.filter(
                inspector_branch=branch, status=InspectionStatus.PLANNED, replaces=None
            ).order_by("pk")
        )
        removed = [
            {
                "team": str(v.inspector_branch_id),
                "branch": str(v.inspected_branch_id),
                "on": v.planned_on.isoformat() if v.planned_on else "",
                "at": v.planned_time.strftime("%H:%M") if v.planned_time else "",
                "place": v.place,
            }
            for v in visits
        ]
        Inspection.objects.filter(pk__in=[v.pk for v in visits]).delete()
        draw = latest_draw(round_)
        if draw is not None and removed:
            PairingChange.objects.create(
                draw=draw,
                kind=PairingChange.Kind.DROP_OUT,
                at=now,
                actor=actor,
                reason=reason.strip()[:300],
                removed=removed,
            )
        record(
            code="team.dropped_out",
            target=absence,
            actor=actor,
            now=now,
            reason=reason,
            after={"branch": str(branch), "visits": len(removed)},
        )
    return len(removed)


def replan(
    *, round_id: int, actor: User | None, now: dt.datetime, digest: str = ""
) -> PairingChange:
    """Fill the holes of a round as :func:`proposal` showed it; every other visit stays.

    ``digest`` is that of the proposal that was looked at: when the round has changed since,
    nothing is done and a DomainError asks to look again.
    """
    with transaction.atomic():
        round_ = locked_round(round_id)
        if actor is not None and not may_run_round(actor, round_):
            raise PermissionDenied
        if round_.status not in {RoundStatus.OPEN, RoundStatus.INSPECTING}:
            raise TransitionRefused(_("互查已结束，不能再补派。"))
        standing = arranged(round_)
        draw, found = standing.draw, proposal(standing)
        if draw is None or found is None:
            raise DomainError(_("没有缺组的检查。"))
        if digest and digest != found.digest:
            raise DomainError(_("安排刚刚有变，方案已重新计算，请再看一遍。"))
        if not found.added:
            raise DomainError(_("没有组可以补派：请手工指定，或增加检查组。"))
        _send(round_, found.added, freed_slots(draw))
        change: PairingChange = PairingChange.objects.create(
            draw=draw,
            kind=PairingChange.Kind.REPLAN,
            at=now,
            actor=actor,
            reason=_("补派缺组的检查"),
            added=[{"team": a, "branch": b} for a, b in found.added],
            relaxations=[{"step": r.step, "value": r.value} for r in found.plan.relaxations],
            faults=[f.text for f in found.faults],
        )
        record(
            code="round.replanned",
            target=round_,
            actor=actor,
            now=now,
            after={"visits": [f"{a}>{b}" for a, b in found.added]},
        )
    return change


def recuse(
    *,
    inspector: Branch,
    inspected: Branch,
    first_month: Month,
    last_month: Month | None,
    reason: str,
    actor: User | None,
    now: dt.datetime,
) -> Recusal:
    """From ``first_month`` on neither of two branches sends its team to the other."""
    if actor is not None and not _officer_of(actor, inspected):
        raise PermissionDenied
    recusal = Recusal(
        inspector=inspector,
        inspected=inspected,
        first_month=first_month.first_day,
        last_month=last_month.first_day if last_month else None,
        reason=reason.strip()[:300],
        declared_by=actor,
        declared_at=now,
    )
    recusal.full_clean()
    with transaction.atomic():
        recusal.save()
        record(
            code="recusal.declared",
            target=recusal,
            actor=actor,
            now=now,
            reason=reason,
            after={"inspector": str(inspector), "inspected": str(inspected)},
        )
    return recusal


def _officer_of(actor: User, branch: Branch) -> bool:
    from branches.access import access_of

    return branch.committee_id in access_of(actor).officer_committees


# -- teams and visits ---------------------------------------------------------------------


def _send(round_: MonthRound, pairs: Sequence[Pair], diary: Diary | None) -> None:
    """Make the teams that are missing and the visits of ``pairs``, set-based."""
    participants = participants_of(round_)
    teams = {team.branch_id: team for team in round_.teams.all()}
    leaders = leaders_of(posts_in(round_))
    order = {value: n for n, value in enumerate(("management", "business", "production"))}
    new = sorted(
        {int(a) for a, _b in pairs} - teams.keys(),
        key=lambda b: (
            order[participants[b].branch_type], participants[b].branch.sort_order, b,
        ),
    )  # fmt: skip
    number = max((team.number for team in teams.values()), default=0)
    for branch in new:
        number += 1
        teams[branch] = InspectionTeam(round=round_, branch_id=branch, number=number)
    InspectionTeam.objects.bulk_create([teams[branch] for branch in new], batch_size=200)
    TeamMember.objects.bulk_create(
        [
            TeamMember(team=teams[branch], person=person, is_leader=n == 0)
            for branch in new
            for n, person in enumerate(leaders[branch][:2])
        ],
        batch_size=200,
    )
    slots = diary or even_diary(round_)
    visits = []
    for sender, visited in pairs:
        home, host = participants[int(sender)], participants[int(visited)]
        slot = slots(home.branch_id, host.branch_id)
        visits.append(
            Inspection(
                round=round_,
                team=teams[home.branch_id],
                participant=host,
                inspector_branch_id=home.branch_id,
                inspected_branch_id=host.branch_id,
                inspector_type=BranchType(home.branch_type),
                inspected_type=BranchType(host.branch_type),
                planned_on=slot.on,
                planned_time=slot.at,
                place=slot.place,
            )
        )
    Inspection.objects.bulk_create(visits, batch_size=200)
