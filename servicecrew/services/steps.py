"""The steps of a turnout: a button pressed, logged, confirmed, verified, given back, corrected,
voided. Each may be sent twice with the same ``key``."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from portal.accounts.models import User
from portal.audit.services import record
from portal.kernel.errors import DomainError
from portal.kernel.months import local_date
from portal.kernel.sequences import next_number
from servicecrew import permissions
from servicecrew.checks import LATER, check_order, double_bookings, missing_fields, refuse_missing
from servicecrew.lifecycles import TURNOUT
from servicecrew.models import Turnout
from servicecrew.services.times import TimeStatement, state_times
from servicecrew.services.turnout_rows import (
    locked,
    move_first_day,
    note,
    refuse_frozen,
    replayed,
    touch,
)
from servicecrew.tallies import Ledger


def mark_turnout(
    *,
    turnout_id: int,
    statements: Sequence[TimeStatement],
    actor: User,
    now: dt.datetime,
    via: str = "web",
) -> Turnout:
    """State moments of a turnout: a pressed button, or a time declared later.

    Needs no version: moments are appended, the one that counts follows from them all. The same
    keys again change nothing. Raises DomainError with the sentence when the moments are the
    wrong way round, Frozen when it is confirmed, PermissionDenied for others.
    """
    with transaction.atomic():
        turnout = locked(turnout_id)
        if not permissions.may_mark(actor, turnout):
            raise PermissionDenied(_("只有本队的队员可以记时间。"))
        with Ledger([turnout.pk]):
            added = state_times(turnout, statements, actor=actor, now=now)
            if not added:
                return turnout
            refuse_frozen(turnout)
            check_order(turnout, now)
            if turnout.departed_at is not None:
                move_first_day(turnout, local_date(turnout.departed_at))
            turnout.reckon()
            touch(turnout, now)
        for row in added:
            note(
                turnout,
                "marked" if row.is_measured else "declared",
                actor=actor,
                now=now,
                text=row.reason,
                changes={row.mark: [None, row.at.isoformat()]},
            )
        record(
            code="turnout.marked",
            target=turnout,
            actor=actor,
            now=now,
            via=via,
            after={row.mark: row.at for row in added},
        )
    return turnout


def log_turnout(
    *,
    turnout_id: int,
    actor: User,
    now: dt.datetime,
    key: UUID | None = None,
    via: str = "web",
) -> Turnout:
    """登记: the draft becomes a record and gets its number. What may wait until the captain
    confirms (work ticket, exact place) may still be missing."""

    def check(turnout: Turnout) -> None:
        refuse_missing(
            [item for item in missing_fields(turnout) if item.field not in LATER], _("登记")
        )
        refuse_double(turnout)
        turnout.serial_year = turnout.started_on.year
        if turnout.serial_number is None:
            turnout.serial_number = next_number(
                issuer_code=turnout.crew.serial_code, year=turnout.serial_year
            )

    return _step(
        turnout_id, "log", permissions.may_mark, check, actor=actor, now=now, key=key, via=via
    )


def confirm_turnout(
    *,
    turnout_id: int,
    actor: User,
    now: dt.datetime,
    version: int | None = None,
    key: UUID | None = None,
    via: str = "web",
) -> Turnout:
    """队长确认: everything required is there; from now on nothing changes without a reason."""

    def check(turnout: Turnout) -> None:
        if version is not None and turnout.version != version:
            raise DomainError(_("这条记录刚被改过，请看过再确认。"), field="version")
        refuse_missing(missing_fields(turnout), _("确认"))
        if turnout.ended_at is None:
            raise DomainError(_("还没有复电（完工）或撤离时间，填好才能确认。"), field="restored")
        refuse_double(turnout)
        turnout.confirmed_by, turnout.confirmed_at = actor, now

    return _step(
        turnout_id,
        "confirm",
        permissions.may_confirm_turnout,
        check,
        actor=actor,
        now=now,
        key=key,
        via=via,
    )


def verify_turnout(
    *,
    turnout_id: int,
    actor: User,
    now: dt.datetime,
    key: UUID | None = None,
    via: str = "web",
) -> Turnout:
    """党群部核定: it counts in the published totals."""

    def check(turnout: Turnout) -> None:
        turnout.verified_by, turnout.verified_at = actor, now

    return _step(
        turnout_id,
        "verify",
        permissions.may_verify_turnout,
        check,
        actor=actor,
        now=now,
        key=key,
        via=via,
    )


def give_back_turnout(
    *,
    turnout_id: int,
    reason: str,
    actor: User,
    now: dt.datetime,
    key: UUID | None = None,
    via: str = "web",
) -> Turnout:
    """退回: the officer doubts something; the captain corrects and confirms again."""
    return _step(
        turnout_id,
        "give_back",
        permissions.may_verify_turnout,
        _forget_signatures,
        actor=actor,
        now=now,
        reason=_reason(reason),
        key=key,
        via=via,
    )


def reopen_turnout(
    *,
    turnout_id: int,
    reason: str,
    actor: User,
    now: dt.datetime,
    key: UUID | None = None,
    via: str = "web",
) -> Turnout:
    """更正: take back a confirmation or a verification. It counts no more until it has been
    confirmed and verified again; the history says why."""
    return _step(
        turnout_id,
        "reopen",
        permissions.may_correct_turnout,
        _forget_signatures,
        actor=actor,
        now=now,
        reason=_reason(reason),
        key=key,
        via=via,
    )


def void_turnout(
    *,
    turnout_id: int,
    reason: str,
    actor: User,
    now: dt.datetime,
    key: UUID | None = None,
    via: str = "web",
) -> Turnout:
    """作废: it never happened (a wrong press). The row and its number stay."""
    return _step(
        turnout_id,
        "void",
        permissions.may_void_turnout,
        lambda turnout: None,
        actor=actor,
        now=now,
        reason=_reason(reason),
        key=key,
        via=via,
    )


def refuse_double(turnout: Turnout) -> None:
    found = double_bookings(turnout)
    if found:
        raise DomainError(
            " ".join(str(booking) for booking in found[:3]),
            field="vehicles" if found[0].is_vehicle else "people",
        )


# -- inside ---------------------------------------------------------------------------------


def _step(
    turnout_id: int,
    name: str,
    allowed: Callable[[Any, Turnout], bool],
    check: Callable[[Turnout], None],
    *,
    actor: User,
    now: dt.datetime,
    reason: str = "",
    key: UUID | None = None,
    via: str,
) -> Turnout:
    with transaction.atomic():
        turnout = locked(turnout_id)
        if replayed(turnout, key):
            return turnout
        if not allowed(actor, turnout):
            raise PermissionDenied
        with Ledger([turnout.pk]):
            before = TURNOUT.take(turnout, name)
            check(turnout)
            touch(turnout, now)
        note(turnout, name, actor=actor, now=now, text=reason, key=key)
        record(
            code=f"turnout.{name}",
            target=turnout,
            actor=actor,
            now=now,
            via=via,
            reason=reason,
            before={"status": before},
            after={"status": turnout.status, "number": turnout.number},
        )
    return turnout


def _forget_signatures(turnout: Turnout) -> None:
    turnout.confirmed_by = turnout.verified_by = None
    turnout.confirmed_at = turnout.verified_at = None


def _reason(text: str) -> str:
    text = text.strip()
    if not text:
        raise DomainError(_("请写明原因。"), field="reason")
    return text[:300]
