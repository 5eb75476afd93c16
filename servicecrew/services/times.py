"""Moments of a turnout: the three buttons, and times declared later.

What a phone measured and what somebody declared are kept apart (:class:`TurnoutTime`); the
columns of the turnout hold the moment that counts: the latest declared one if there is any, else
the earliest measured one.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.utils.translation import gettext as _

from portal.accounts.models import User
from portal.kernel.errors import DomainError
from servicecrew.models import MARK_FIELDS, Mark, Turnout, TurnoutTime

# Differences this small are the network's, not the clock's.
TOLERATED = dt.timedelta(seconds=30)
AHEAD = dt.timedelta(minutes=2)
MAX_OFFSET = dt.timedelta(days=3650)
# Two clocks that differ by no more than this are taken to agree.
NOISE = dt.timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class TimeStatement:
    """Somebody says when something was. ``is_measured``: a button was pressed then and ``at`` is
    what the phone's clock said. ``offset_ms``: phone minus portal, if the phone knew;
    ``sent_at``: what the phone's clock said when this was sent, from which the portal works the
    difference out itself."""

    key: UUID
    mark: str
    at: dt.datetime
    is_measured: bool
    offset_ms: int | None = None
    sent_at: dt.datetime | None = None
    device: str = ""
    reason: str = ""


def state_times(
    turnout: Turnout, statements: Sequence[TimeStatement], *, actor: User, now: dt.datetime
) -> list[TurnoutTime]:
    """Append what is new (a key known already is left out), and set the turnout's columns
    (unsaved). Returns the rows added."""
    keys = [statement.key for statement in statements]
    known = dict(TurnoutTime.objects.filter(key__in=keys).values_list("key", "turnout_id"))
    if any(found != turnout.pk for found in known.values()):
        raise DomainError(_("这次按键的标识已用在另一条记录上，请重新打开页面。"), field="key")
    fresh = {s.key: s for s in statements if s.key not in known}
    rows = [_row(turnout, statement, actor, now) for statement in fresh.values()]
    _keep_their_order(turnout, rows)
    added = TurnoutTime.objects.bulk_create(rows)
    if added:
        settle(turnout)
    return added


def settle(turnout: Turnout) -> None:
    """Set the moments that count (unsaved)."""
    for name in MARK_FIELDS.values():
        setattr(turnout, name, None)
    rows = list(turnout.times.order_by("received_at", "id"))
    for mark, name in MARK_FIELDS.items():
        of_mark = [row for row in rows if row.mark == mark]
        declared = [row for row in of_mark if not row.is_measured]
        measured = [row.at for row in of_mark if row.is_measured]
        if declared:
            setattr(turnout, name, declared[-1].at)
        elif measured:
            setattr(turnout, name, min(measured))


def _keep_their_order(turnout: Turnout, rows: Sequence[TurnoutTime]) -> None:
    """Presses come in the order in which they were made, whatever the clock says (ADR 60).

    The same phone's clock may be corrected between two presses, and its error is measured anew
    at each sending: what was pressed second can come out first. The phone's own order is then
    right, and so is the order where two phones differ by less than a clock is trusted for. Such
    a press is put beside its neighbour; ``phone_at`` and ``offset_ms`` say by how much.
    """
    order = list(Mark)
    stated = [row for row in turnout.times.all() if row.is_measured]
    for row in sorted(rows, key=lambda row: order.index(Mark(row.mark))):
        if row.is_measured:
            at = order.index(Mark(row.mark))
            before = _on_the_wrong_side(turnout, stated, row, order[:at], is_before=True)
            after = _on_the_wrong_side(turnout, stated, row, order[at + 1 :], is_before=False)
            if before and all(before.values()):
                row.at = max(before)
            elif after and all(after.values()):
                row.at = min(after)
            _tell_offset(row)
            stated.append(row)


def _on_the_wrong_side(
    turnout: Turnout,
    stated: Sequence[TurnoutTime],
    row: TurnoutTime,
    marks: Sequence[Mark],
    *,
    is_before: bool,
) -> dict[dt.datetime, bool]:
    """Moments of ``marks`` that ``row`` should not be beyond but is, and whether the clock may be
    to blame for it."""
    found: dict[dt.datetime, bool] = {}
    for mark in marks:
        of_mark = [other for other in stated if other.mark == mark]
        counted: dt.datetime | None = getattr(turnout, MARK_FIELDS[mark])
        if counted is None:
            counted = min((other.at for other in of_mark), default=None)
        if counted is not None and counted != row.at and (counted < row.at) != is_before:
            near = abs(counted - row.at) <= NOISE
            found[counted] = near or _same_hand(of_mark, row, is_before)
    return found


def _same_hand(others: Sequence[TurnoutTime], row: TurnoutTime, is_before: bool) -> bool:
    """Whether the same person's phone showed the right order."""
    return any(
        other.stated_by_id == row.stated_by_id
        and other.phone_at is not None
        and row.phone_at is not None
        and (other.phone_at <= row.phone_at) == is_before
        for other in others
    )


def _tell_offset(row: TurnoutTime) -> None:
    """What was moved says so: the phone's clock minus the moment that counts."""
    if row.phone_at is None:
        return
    moved = row.phone_at - row.at
    told = dt.timedelta(milliseconds=row.offset_ms or 0)
    if abs(moved - told) >= dt.timedelta(seconds=1):
        row.offset_ms = int(moved.total_seconds() * 1000)


def _row(turnout: Turnout, statement: TimeStatement, actor: User, now: dt.datetime) -> TurnoutTime:
    if statement.mark not in Mark.values:
        raise DomainError(_("没有这个时刻，请从出发、到场、复电里选。"), field="mark")
    at, offset = statement.at, None
    if statement.is_measured:
        offset = _offset(statement, now)
        if offset is not None and abs(offset) > TOLERATED:
            at = min(statement.at - offset, now)  # nobody pressed after it arrived here
        elif at > now + AHEAD:  # pressed after it arrived here: the phone's clock is fast
            offset = at - now
            at = now
    return TurnoutTime(
        turnout=turnout,
        key=statement.key,
        mark=statement.mark,
        is_measured=statement.is_measured,
        at=at.replace(microsecond=0),
        phone_at=statement.at if statement.is_measured else None,
        offset_ms=None if offset is None else int(offset.total_seconds() * 1000),
        device=statement.device[:40],
        reason=statement.reason[:200],
        stated_by=actor,
        received_at=now,
    )


def _offset(statement: TimeStatement, now: dt.datetime) -> dt.timedelta | None:
    if statement.offset_ms is not None:
        offset = dt.timedelta(milliseconds=statement.offset_ms)
    elif statement.sent_at is not None:
        offset = statement.sent_at - now
    else:
        return None
    return offset if abs(offset) < MAX_OFFSET else None
