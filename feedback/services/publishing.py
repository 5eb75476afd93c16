"""The board of what was said and what changed: putting a request on it, without names."""

from __future__ import annotations

import datetime as dt

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from feedback.models import Publication, StaffRequest
from feedback.permissions import may_publish
from feedback.services.history import OFFICE, checked, locked, office_step, tell_author
from portal.accounts.models import User
from portal.kernel.errors import DomainError, TransitionRefused


def publish(
    *,
    request_id: str,
    said: str,
    changed: str,
    detail: str = "",
    who: str = "",
    is_featured: bool = False,
    actor: User,
    now: dt.datetime,
    via: str = "web",
) -> Publication:
    """Put it on the board, or reword what is there. Without names and without teams under five."""
    said = checked(said, field="said", most=200, missing=_("请写大家看得懂的一句：说了什么。"))
    changed = checked(
        changed, field="changed", most=200, missing=_("请写改了什么，不是“已转相关部门”。")
    )
    detail = checked(detail, field="detail", most=200)
    who = checked(who, field="who", most=40)
    with transaction.atomic():
        request = locked(request_id)
        if not may_publish(actor, request):
            raise PermissionDenied
        if request.status not in ("replied", "closed", "declined", "reopened", "appealed"):
            raise TransitionRefused(_("答复或不予受理之后才能公开。"))
        _refuse_names(request, said, changed, detail, who)
        if is_featured:
            Publication.objects.filter(
                request__committee_id=request.committee_id, is_featured=True
            ).update(is_featured=False)
        found, created = Publication.objects.update_or_create(
            request=request,
            defaults={
                "said": said,
                "changed": changed,
                "detail": detail,
                "who": who,
                "is_featured": is_featured,
            },
            create_defaults={
                "said": said,
                "changed": changed,
                "detail": detail,
                "who": who,
                "is_featured": is_featured,
                "published_at": now,
            },
        )
        office_step(
            request,
            "published" if created else "republished",
            _("公开到看板") if created else _("改了看板上的写法"),
            note=changed,
            actor=actor,
            office=OFFICE,
            now=now,
            via=via,
        )
        if created:
            tell_author(
                request, "published", _("公开到看板：%(what)s") % {"what": changed}, now=now
            )
    return found


def _refuse_names(request: StaffRequest, *texts: str) -> None:
    """The author's name must not stand on the board, whatever level was chosen."""
    author = getattr(request, "authorship", None)
    if author is None:
        return
    names = {author.name, author.person and author.person.name}
    if author.user is not None:
        names.add(author.user.display_name)
    if any(name and name in text for name in names for text in texts):
        raise DomainError(_("看板上不能出现诉求人的姓名，请改写。"), field="said")
