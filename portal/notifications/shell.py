"""What the shell around every page asks of the database: one query."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import IntegerField, Subquery
from django.utils import timezone
from django.utils.translation import gettext as _

from portal.accounts.models import User
from portal.kernel import sweep
from portal.kernel.models import JobHeartbeat
from portal.kernel.months import local_date
from portal.notifications.models import InboxMessage

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser
    from django.db.models import QuerySet


RowsOf = Callable[[User], "QuerySet[Any, Any]"]
StandingOf = Callable[[User], Hashable]

_counted: dict[str, RowsOf] = {}
_standing: list[StandingOf] = []

# Wording this query costs far more than asking it, and every page asks it: the wording is kept
# for each user as long as day and standing stay what they are (ADR 81).
_WORDINGS_KEPT = 1000
_worded: dict[Hashable, tuple[str, tuple[Any, ...]]] = {}


def register_count(key: str, rows: RowsOf) -> None:
    """Have ``rows(user)`` counted together with everything else that the shell asks: the
    side bar costs one query, however many counters it shows. Read it with :func:`counter`.

    ``rows`` is not asked on every request: beside the user's key it may go by nothing but his
    standing (:func:`register_standing`) and the date in Shanghai."""
    _counted[key] = rows
    _worded.clear()


def register_standing(standing: StandingOf) -> None:
    """Whatever the registered rows go by in a user, as one value that differs when any of it
    does."""
    _standing[:] = [standing]
    _worded.clear()


def counter(key: str) -> Callable[[User | AnonymousUser], int]:
    """What a navigation entry takes as its ``counter``."""
    return lambda user: shell_facts(user).counts.get(key, 0)


class RowCount(Subquery):
    """How many rows a queryset has, as a number inside another query."""

    template = "(SELECT COUNT(*) FROM (%(subquery)s) AS counted)"
    output_field = IntegerField()
    empty_result_set_value = 0


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
        sql, params = _wording(user)
        connection = connections[DEFAULT_DB_ALIAS]
        with connection.cursor() as cursor:
            cursor.execute(sql, params)
            row = cursor.fetchone()
        kept = (
            ShellFacts(row[1], _moment(row[0]), dict(zip(_counted, row[2:], strict=True)))
            if row
            else _NOTHING
        )
        user._shell_facts = kept  # type: ignore[attr-defined]
    return kept


def _wording(user: User) -> tuple[str, tuple[Any, ...]]:
    """The statement for ``user`` as he stands today, with its parameters."""
    standing = _standing[0](user) if _standing else None
    key = (user.pk, local_date(timezone.now()), standing)
    kept = _worded.get(key)
    if kept is None:
        unread = InboxMessage.objects.filter(user_id=user.pk, read_at__isnull=True)
        counted = [rows(user) for rows in _counted.values()]
        question = User.objects.filter(pk=user.pk).values_list(
            Subquery(JobHeartbeat.objects.filter(name=sweep.SWEEP).values("finished_at")),
            *(RowCount(rows.order_by().values("pk")) for rows in (unread, *counted)),
        )
        kept = question.query.get_compiler(connection=connections[DEFAULT_DB_ALIAS]).as_sql()
        if len(_worded) >= _WORDINGS_KEPT:
            _worded.clear()
        _worded[key] = kept  # another thread may clear it any time: never read back
    return kept


def _moment(value: Any) -> dt.datetime | None:
    """A moment as the database gives it to those who ask without the ORM."""
    connection = connections[DEFAULT_DB_ALIAS]
    column = JobHeartbeat._meta.get_field("finished_at").get_col(JobHeartbeat._meta.db_table)
    for convert in connection.ops.get_db_converters(column):
        value = convert(value, column, connection)
    moment: dt.datetime | None = value
    return moment


def unread_of(user: User | AnonymousUser) -> int:
    """The number on the bell."""
    return shell_facts(user).unread


def sweep_alarm(user: User | AnonymousUser) -> str:
    """A sentence while the sweep is silent: then nothing that is due happens by itself."""
    if not sweep.is_late(shell_facts(user).last_sweep, timezone.now()):
        return ""
    return _("后台定时任务超过 5 分钟没有运行，到期的事可能没有自动办理，请告诉系统管理员。")
