"""The outbox: mail, at least once, with the key as Message-ID."""

from __future__ import annotations

import datetime as dt
import hashlib
import logging
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from celery import current_app
from django.conf import settings
from django.core.mail import EmailMessage
from django.db import connection, transaction
from django.utils.translation import gettext as _

from portal.accounts.models import User
from portal.audit import services as audit
from portal.kernel.errors import TransitionRefused
from portal.kernel.months import local_date
from portal.notifications.alarms import alarm_readers
from portal.notifications.keys import CHUNK, fit_key, one_line
from portal.notifications.models import OutboxMessage
from portal.notifications.services.inbox import Message, tell_many

logger = logging.getLogger(__name__)

BACK_OFF = (
    dt.timedelta(minutes=1),
    dt.timedelta(minutes=5),
    dt.timedelta(minutes=15),
    dt.timedelta(hours=1),
    dt.timedelta(hours=6),
)
"""How long to wait after the first, second, ... failure. One failure more, and it is dead."""

LEASE = dt.timedelta(minutes=10)
"""How long a claim holds where rows can't be locked (SQLite). Longer than one delivery run."""

RUN_SECONDS = 240.0
"""A delivery run takes no new message after this long; well under the lease and the task's
time limit."""


def mail(*, user: User, key: str, subject: str, body: str, now: dt.datetime) -> bool:
    """Have a mail sent to ``user``, unless ``key`` is there already.

    Call it inside the transaction of the event. Returns False, and writes nothing, when
    the user has no address: the inbox has to do.
    """
    if not user.email:
        return False
    post([outgoing(user.pk, key, subject, body, now)])
    return True


def outgoing(user_id: int, key: str, subject: str, body: str, now: dt.datetime) -> OutboxMessage:
    """A row for the outbox, unsaved."""
    return OutboxMessage(
        key=fit_key(key),
        user_id=user_id,
        subject=one_line(subject)[:160],
        body=body,
        next_attempt_at=now,
        created_at=now,
    )


def post(rows: Sequence[OutboxMessage]) -> None:
    """Insert the rows whose keys are new, and have them delivered after the commit."""
    OutboxMessage.objects.bulk_create(rows, ignore_conflicts=True, batch_size=CHUNK)
    wake_delivery()


def wake_delivery() -> None:
    """After the commit, ask a worker to deliver now instead of at the next sweep.

    Once per transaction, however many mails it holds. A broker that is down is no harm:
    the sweep delivers within a minute of its return.
    """
    waiting = {entry[1] for entry in connection.run_on_commit}
    if not connection.in_atomic_block or _send_wake_up not in waiting:
        transaction.on_commit(_send_wake_up, robust=True)


def _send_wake_up() -> None:
    current_app.send_task("notifications.deliver")


@dataclass(slots=True)
class DeliveryCounts:
    """What a delivery run did."""

    sent: int = 0
    failed: int = 0
    dead: int = 0

    def __str__(self) -> str:
        if not (self.sent or self.failed or self.dead):
            return _("没有待发的邮件")
        words = [_("发出 %d 封") % self.sent]
        if self.failed:
            words.append(_("%d 封没发成，稍后再试") % self.failed)
        if self.dead:
            words.append(_("%d 封多次失败，已停发") % self.dead)
        return "，".join(words)


def deliver_due(*, now: dt.datetime, limit: int = 200) -> DeliveryCounts:
    """Send what is due, one message per transaction, at most ``limit``.

    Any number of these may run at the same time: a message is claimed by one of them. A
    failure is put off by :data:`BACK_OFF`; after the last attempt the message is ``dead``
    and the administrators are told. Nothing is ever dropped.
    """
    counts = DeliveryCounts()
    stop = time.monotonic() + RUN_SECONDS
    deliver = (
        _deliver_locked
        if connection.features.has_select_for_update_skip_locked
        else (_deliver_leased)
    )
    for _attempt in range(limit):
        outcome = deliver(now)
        if outcome is None:
            break
        setattr(counts, outcome, getattr(counts, outcome) + 1)
        if time.monotonic() > stop:
            break
    return counts


def _deliver_locked(now: dt.datetime) -> str | None:
    """Claim by row lock: others skip it, and death gives it back at once (PostgreSQL)."""
    with transaction.atomic():
        message = (
            OutboxMessage.objects.due(now)
            .select_related("user")
            .select_for_update(skip_locked=True, of=("self",))
            .first()
        )
        return None if message is None else _attempt(message, now)


def _deliver_leased(now: dt.datetime) -> str | None:
    """Claim by conditional UPDATE (SQLite): the write lock of the whole database must not be
    held while a mail server thinks. Death gives the message back when the lease ends."""
    for message in OutboxMessage.objects.due(now).select_related("user")[:20]:
        claimed = OutboxMessage.objects.filter(
            pk=message.pk,
            status=OutboxMessage.Status.PENDING,
            next_attempt_at=message.next_attempt_at,
        ).update(next_attempt_at=now + LEASE)
        if claimed:
            return _attempt(message, now)
    return None


def _attempt(message: OutboxMessage, now: dt.datetime) -> str:
    """Send and write down what came of it: ``sent``, ``failed`` or ``dead``."""
    try:
        _send(message)
    except Exception as error:
        logger.warning("mail %s was not sent: %s", message.key, error)
        return _put_off(message, error, now)
    message.status = OutboxMessage.Status.SENT
    message.attempts += 1
    message.sent_at = now
    message.last_error = ""
    message.save(update_fields=["status", "attempts", "sent_at", "last_error"])
    return "sent"


class NoAddress(Exception):
    """The reader's account has no mail address (any more). Waiting would not help."""


def _send(message: OutboxMessage) -> None:
    if not message.user.email:
        raise NoAddress(_("收件人没有邮箱地址"))
    EmailMessage(
        subject=message.subject,
        body=message.body,
        to=[message.user.email],
        headers={
            "Message-ID": message_id(message.key),
            "Auto-Submitted": "auto-generated",
        },
    ).send()


def message_id(key: str) -> str:
    """The Message-ID that a mail with ``key`` always has."""
    readable = re.sub(r"[^A-Za-z0-9]+", ".", key).strip(".")[:60]
    exact = hashlib.sha256(key.encode()).hexdigest()[:16]
    domain = urlsplit(settings.PORTAL_BASE_URL).hostname or "localhost"
    return f"<{readable}.{exact}@{domain}>"


def _put_off(message: OutboxMessage, error: Exception, now: dt.datetime) -> str:
    message.attempts += 1
    message.last_error = f"{type(error).__name__}: {error}"[:500]
    if message.attempts <= len(BACK_OFF) and not isinstance(error, NoAddress):
        message.next_attempt_at = now + BACK_OFF[message.attempts - 1]
        message.save(update_fields=["attempts", "last_error", "next_attempt_at"])
        return "failed"
    message.status = OutboxMessage.Status.DEAD
    with transaction.atomic():
        message.save(update_fields=["attempts", "last_error", "status"])
        tell_many(
            messages=[
                Message(
                    reader.pk,
                    f"outbox-dead:{message.pk}:{message.attempts}:{reader.pk}",
                    _("邮件发不出去：%(subject)s") % {"subject": message.subject},
                    _("收件人 %(user)s，试了 %(n)d 次。%(error)s")
                    % {"user": message.user, "n": message.attempts, "error": message.last_error},
                )
                for reader in alarm_readers(local_date(now))
            ],
            now=now,
        )
    return "dead"


@transaction.atomic
def send_again(*, message_id: int, actor: User, now: dt.datetime) -> OutboxMessage:
    """Take up a ``dead`` message again from the first attempt. Raises TransitionRefused when
    it is not dead."""
    message: OutboxMessage = OutboxMessage.objects.select_for_update().get(pk=message_id)
    if message.status != OutboxMessage.Status.DEAD:
        raise TransitionRefused(_("这封邮件现在是“%s”，不用重发。") % message.get_status_display())
    message.status = OutboxMessage.Status.PENDING
    message.next_attempt_at = now
    # The count runs on, so that a second death raises a second alarm; two tries are enough.
    message.attempts = len(BACK_OFF) - 1
    message.save(update_fields=["status", "next_attempt_at", "attempts"])
    audit.record(
        code="outbox.sent_again",
        target=message,
        actor=actor,
        now=now,
        before={"status": "dead", "last_error": message.last_error},
        after={"status": "pending"},
    )
    wake_delivery()
    return message
