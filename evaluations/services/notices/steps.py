"""What the steps of a notice share: the lock, the version, and how a step ends."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from evaluations.models import NoticeEvent, RectificationNotice
from evaluations.recipients import reviewers_of, secretaries_of
from portal.accounts.models import User
from portal.audit.services import record
from portal.kernel.errors import DomainError, EditConflict
from portal.kernel.months import local_date
from portal.notifications.services import tell

MAX_REASON = 300


def locked(notice_id: int) -> RectificationNotice:
    notice: RectificationNotice = (
        RectificationNotice.objects.select_for_update(of=("self",))
        .select_related("branch__committee", "run__round__policy")
        .get(pk=notice_id)
    )
    return notice


def check_version(notice: RectificationNotice, version: int) -> None:
    if notice.version != version:
        raise EditConflict(
            _("另一位同志刚改过，或者您在另一个窗口改过。您填的内容还在下面，请核对后再提交。")
        )


def count_save(notice: RectificationNotice) -> None:
    notice.version += 1
    notice.save(update_fields=["version"])


def checked_text(text: str, *, field: str, missing: str = "") -> str:
    text = text.strip()
    if missing and not text:
        raise DomainError(missing, field=field)
    if len(text) > MAX_REASON:
        raise DomainError(_("请控制在 %(max)d 字以内。") % {"max": MAX_REASON}, field=field)
    return text


def close_step(
    notice: RectificationNotice,
    step: str,
    *,
    actor: User,
    now: dt.datetime,
    via: str,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    note: str = "",
    tell_branch: str = "",
    tell_committee: str = "",
    tell_office: str = "",
    office: Iterable[User] = (),
) -> None:
    """The end of every step: history, audit, and a message to the other side: the branch, who
    reviews for the committee, or those in ``office`` whose turn it is before the signature."""
    event = NoticeEvent.objects.create(notice=notice, at=now, step=step, actor=actor, note=note)
    record(
        code=f"notice.{_PAST[step]}",
        target=notice,
        actor=actor,
        now=now,
        via=via,
        reason=note,
        before=before,
        after=after,
    )
    today = local_date(now)
    users: list[User] = []
    title = tell_branch
    if tell_branch:
        users = secretaries_of([notice.branch_id], today=today).get(notice.branch_id, [])
    elif tell_committee:
        users = reviewers_of([notice.branch], today=today).get(notice.branch_id, [])
        title = tell_committee % {"branch": notice.branch, "number": notice.document_number}
    elif tell_office:
        users, title = list(office), tell_office
    link = reverse("evaluations:notice-detail", args=[notice.pk])
    for user in users:
        if user.pk != actor.pk:
            tell(
                user=user,
                key=f"notice-event:{event.pk}:{user.pk}",
                title=title[:120],
                body=note,
                link=link,
                now=now,
            )


_PAST = {
    "check": "checked",
    "send_back": "sent_back",
    "issue": "issued",
    "acknowledge": "acknowledged",
    "respond": "responded",
    "accept": "accepted",
    "return": "returned",
    "withdraw": "withdrawn",
    "extend": "extended",
}


def day_words(day: dt.date) -> str:
    return f"{day.month}月{day.day}日"
