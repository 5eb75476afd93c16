"""What the shell around every page asks of the database: one query."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.db.models import IntegerField, Subquery
from django.utils import timezone
from django.utils.translation import gettext as _

from portal.accounts.models import User
from portal.kernel import sweep
from portal.kernel.models import JobHeartbeat
from portal.notifications.models import InboxMessage

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser
    from django.db.models import QuerySet


RowsOf = Callable[[User], "QuerySet[Any, Any]"]

_counted: dict[str, RowsOf] = {}


def register_count(key: str, rows: RowsOf) -> None:
    """Have ``rows(user)`` counted together with everything else that the shell asks: the
    side bar costs one query, however many counters it shows. Read it with :func:`counter`."""
    _counted[key] = rows


def counter(key: str) -> Callable[[User | AnonymousUser], int]:
    """What a navigation entry takes as its ``counter``."""
    return lambda user: shell_facts(user).counts.get(key, 0)


class RowCount(Subquery):
    """How many rows a queryset has, as a number inside another query."""

    template = "(SELECT COUNT(*) FROM (%(subquery)s) AS counted)"
    output_field = IntegerField()


@dataclass(frozen=True, slots=True)
class ShellFacts:
    """Unread messages of one user, when the last sweep finished, and what was registered."""

    unread: int
    last_sweep: dt.datetime | None
    counts: Mapping[str, int] = field(default_factory=dict)


_NOTHING = ShellFacts(0, None)


def shell_facts(user: User | AnonymousUser) -> ShellFacts:
    """Asked once per user instance, that is once per request."""
    if not isinstance(user, User):
        return _NOTHING
    kept: ShellFacts | None = getattr(user, "_shell_facts", None)
    if kept is None:
        unread = InboxMessage.objects.filter(user_id=user.pk, read_at__isnull=True)
        counted = [rows(user) for rows in _counted.values()]
        row = (
            User.objects.filter(pk=user.pk)
            .values_list(
                Subquery(JobHeartbeat.objects.filter(name=sweep.SWEEP).values("finished_at")),
                *(RowCount(rows.order_by().values("pk")) for rows in (unread, *counted)),
            )
            .first()
        )
        kept = (
            ShellFacts(row[1], row[0], dict(zip(_counted, row[2:], strict=True)))
            if row
            else _NOTHING
        )
        user._shell_facts = kept  # type: ignore[attr-defined]
    return kept


def unread_of(user: User | AnonymousUser) -> int:
    """The number on the bell."""
    return shell_facts(user).unread


def sweep_alarm(user: User | AnonymousUser) -> str:
    """A sentence while the sweep is silent: then nothing that is due happens by itself."""
    if not sweep.is_late(shell_facts(user).last_sweep, timezone.now()):
        return ""
    return _("后台定时任务超过 5 分钟没有运行，到期的事可能没有自动办理，请告诉系统管理员。")
