"""The daily digest mail: what the reader has to do."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from portal.accounts.models import User
from portal.kernel import sweep
from portal.kernel.months import SHANGHAI
from portal.notifications.keys import CHUNK
from portal.notifications.services.outbox import outgoing, post
from portal.notifications.todo import TodoItem, todo_for
from portal.workdays.services import is_workday

DIGEST = "daily-digest"
DIGEST_AT = dt.time(8, 0)


def send_digests(*, today: dt.date, now: dt.datetime) -> int:
    """Mail everybody who has something to do, and an address, what it is. Once per person
    and day, and only on working days. Returns how many have something to do."""
    if not is_workday(today):
        return 0
    readers = list(User.objects.filter(is_active=True).exclude(email="").order_by("pk"))
    count = 0
    for start in range(0, len(readers), CHUNK):
        chunk = readers[start : start + CHUNK]
        todo = todo_for(chunk, today)
        rows = [
            outgoing(
                user.pk,
                f"digest:{today}:{user.pk}",
                digest_subject(todo[user.pk]),
                digest_body(user, todo[user.pk], today),
                now,
            )
            for user in chunk
            if user.pk in todo
        ]
        if rows:
            with transaction.atomic():
                post(rows)
        count += len(rows)
    return count


def digest_subject(items: Sequence[TodoItem]) -> str:
    late = sum(item.state == "late" for item in items)
    if late:
        return _("党建门户：今天有 %(n)d 件事，其中 %(late)d 件已逾期") % {
            "n": len(items),
            "late": late,
        }
    return _("党建门户：今天有 %(n)d 件事要办") % {"n": len(items)}


def digest_body(user: User, items: Sequence[TodoItem], today: dt.date) -> str:
    """The mail: plain text, one thing per paragraph, each with its address."""
    base = settings.PORTAL_BASE_URL.rstrip("/")
    lines = [_("%(name)s：") % {"name": user}, ""]
    for number, item in enumerate(items, start=1):
        lines.append(f"{number}. {item.title}{_when(item, today)}")
        if item.link:
            lines.append(f"   {base}{item.link}")
        lines.append("")
    lines.append(_("这封信由门户在工作日早上自动发出，办完的事明天不再列出。请不要回复。"))
    return "\n".join(lines)


def _when(item: TodoItem, today: dt.date) -> str:
    if item.due_on is None:
        return ""
    due = _("%(month)d月%(day)d日") % {"month": item.due_on.month, "day": item.due_on.day}
    days = (item.due_on - today).days
    if days < 0:
        return _("（应于%(due)s，逾期 %(n)d 天）") % {"due": due, "n": -days}
    if days == 0:
        return _("（今天截止）")
    return _("（%(due)s前，还有 %(n)d 天）") % {"due": due, "n": days}


def send_digests_once(*, now: dt.datetime) -> str:
    """Send today's digests unless a run of today has finished, or it is before eight.

    Asked by beat at eight and by every sweep, so that a beat that slept skips no day.
    """
    local = now.astimezone(SHANGHAI)
    if local.time() < DIGEST_AT:
        return _("还没到 8 点")
    last = sweep.last_finished(DIGEST)
    if last and last.astimezone(SHANGHAI).date() >= local.date():
        return _("今天已经发过")
    with sweep.heartbeat(DIGEST) as beat:
        count = send_digests(today=local.date(), now=now)
        beat.outcome = _("%d 人有事要办") % count
    return beat.outcome
