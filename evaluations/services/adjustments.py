"""Bonus and veto: what the party-affairs department adds to, or holds down, a month's total."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from evaluations.models import (
    BonusEntry,
    BonusRule,
    MonthRound,
    RoundParticipant,
    RubricItem,
    VetoEvent,
    VetoRule,
)
from evaluations.permissions import may_act_for_committee
from evaluations.services.rounds import locked_round
from portal.accounts.models import User
from portal.audit.services import record
from portal.kernel.errors import DomainError, TransitionRefused

MAX_FACT = 500


def add_bonus(
    *,
    participant: RoundParticipant,
    rule: BonusRule,
    fact: str,
    points: Decimal | None = None,
    actor: User,
    now: dt.datetime,
) -> BonusEntry:
    """Add marks for a proven fact; ``points`` defaults to the rule's. The sum is capped by the
    rubric version when the month is computed."""
    fact = _checked(fact)
    with transaction.atomic():
        _open_round(participant, actor)
        if rule.version_id != participant.rubric_version_id:
            raise DomainError(_("这条加分标准不属于该支部的细则。"), field="rule")
        entry = BonusEntry(
            participant=participant,
            rule=rule,
            points=rule.points if points is None else points,
            fact=fact,
            approved_by=actor,
            approved_at=now,
        )
        entry.full_clean()
        entry.save()
        record(
            code="bonus.added",
            target=entry,
            actor=actor,
            now=now,
            after={"branch": str(participant), "points": entry.points, "fact": fact},
        )
    return entry


def remove_bonus(*, entry: BonusEntry, reason: str, actor: User, now: dt.datetime) -> None:
    """Take a bonus back before the month is published, with a reason."""
    with transaction.atomic():
        _open_round(entry.participant, actor)
        record(
            code="bonus.removed",
            target=entry,
            actor=actor,
            now=now,
            reason=_checked(reason, "reason"),
            before={"points": entry.points, "fact": entry.fact},
        )
        entry.delete()


def add_veto(
    *,
    participant: RoundParticipant,
    rule: VetoRule,
    fact: str,
    item: RubricItem | None = None,
    actor: User,
    now: dt.datetime,
) -> VetoEvent:
    """Hold the total down for a veto event. A rule that zeroes an item must name the item."""
    fact = _checked(fact)
    with transaction.atomic():
        _open_round(participant, actor)
        if rule.version_id != participant.rubric_version_id:
            raise DomainError(_("这条否决标准不属于该支部的细则。"), field="rule")
        if rule.zeroes_item and item is None:
            raise DomainError(_("请选弄虚作假涉及的考评项目，该项计0分。"), field="item")
        if item is not None and item.version_id != participant.rubric_version_id:
            raise DomainError(_("这个考评项目不属于该支部的细则。"), field="item")
        if participant.vetoes.filter(rule=rule).exists():
            raise DomainError(_("这条否决本月已认定。"), field="rule")
        event = VetoEvent.objects.create(
            participant=participant,
            rule=rule,
            item=item if rule.zeroes_item else None,
            fact=fact,
            decided_by=actor,
            decided_at=now,
        )
        record(
            code="veto.decided",
            target=event,
            actor=actor,
            now=now,
            after={"branch": str(participant), "rule": rule.code, "fact": fact},
        )
    return event


def remove_veto(*, event: VetoEvent, reason: str, actor: User, now: dt.datetime) -> None:
    """Take a veto back before the month is published, with a reason."""
    with transaction.atomic():
        _open_round(event.participant, actor)
        record(
            code="veto.removed",
            target=event,
            actor=actor,
            now=now,
            reason=_checked(reason, "reason"),
            before={"rule": event.rule.code, "fact": event.fact},
        )
        event.delete()


def _open_round(participant: RoundParticipant, actor: User) -> MonthRound:
    round_ = locked_round(participant.round_id)
    if not may_act_for_committee(actor, participant.branch):
        raise PermissionDenied
    if round_.is_published:
        raise TransitionRefused(_("本月已通报，加分和否决不能再改。"))
    return round_


def _checked(text: str, field: str = "fact") -> str:
    text = text.strip()
    if not text:
        raise DomainError(
            _("请写明事实和依据。") if field == "fact" else _("请写明原因。"), field=field
        )
    if len(text) > MAX_FACT:
        raise DomainError(_("请控制在 %(max)d 字以内。") % {"max": MAX_FACT}, field=field)
    return text
