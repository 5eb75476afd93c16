"""Keeping and removing attachments."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable, Sequence
from functools import partial

from django.db import models, transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from portal.accounts.models import User
from portal.attachments import pictures, store
from portal.attachments.checking import CheckedFile
from portal.attachments.limits import NAMED, Profile
from portal.attachments.models import Attachment, SealedContent
from portal.attachments.owners import owner_type_of
from portal.kernel.errors import DomainError
from portal.kernel.months import local_date


def attach(
    *,
    owner: models.Model,
    files: Sequence[CheckedFile],
    actor: User | None,
    now: dt.datetime,
    profile: Profile = NAMED,
) -> list[Attachment]:
    """Keep files that :func:`~portal.attachments.checking.check` has let through.

    Call it inside the transaction that writes the owner: if that is rolled back, the rows go
    with it and the sweep removes the bytes. Of a sealed profile only the date is kept, whatever
    ``actor`` and ``now`` say. Raises DomainError above ``profile.max_files``.
    """
    if not files:
        return []
    owner_type = owner_type_of(owner)
    with transaction.atomic():
        there = Attachment.objects.filter(owner_type=owner_type, owner_id=str(owner.pk))
        last = there.aggregate(last=Max("number"))["last"] or 0
        if there.count() + len(files) > profile.max_files:
            raise DomainError(
                _("最多%(n)d个附件。") % {"n": profile.max_files}, field="attachments"
            )
        return [
            _keep(owner_type, str(owner.pk), last + number, file, actor, now, profile)
            for number, file in enumerate(files, start=1)
        ]


def _keep(
    owner_type: str,
    owner_id: str,
    number: int,
    file: CheckedFile,
    actor: User | None,
    now: dt.datetime,
    profile: Profile,
) -> Attachment:
    sealed = profile.is_sealed
    attachment = Attachment.objects.create(
        owner_type=owner_type,
        owner_id=owner_id,
        number=number,
        extension=file.extension,
        name="" if sealed else file.name,
        size=len(file.data),
        digest="" if sealed else hashlib.sha256(file.data).hexdigest(),
        fingerprint=pictures.fingerprint(file.data) if file.width and not sealed else "",
        width=file.width,
        height=file.height,
        pages=file.pages,
        stored_as="" if sealed else store.write(file.data, file.extension),
        is_sealed=sealed,
        uploaded_on=local_date(now),
        uploaded_at=None if sealed else now,
        uploaded_by=None if sealed else actor,
    )
    if sealed:
        SealedContent.objects.create(attachment=attachment, data=file.data)
    return attachment


def content_of(attachment: Attachment) -> bytes:
    """The clean bytes. Raises FileNotFoundError when the disk has lost them."""
    if attachment.is_sealed:
        return bytes(SealedContent.objects.get(attachment=attachment).data)
    return store.read(attachment.stored_as)


def remove(*, attachments: Iterable[Attachment]) -> None:
    """Take attachments away. Who may, is the owner's service to ask. The bytes go when the
    transaction has committed."""
    with transaction.atomic():
        for attachment in attachments:
            stored_as = attachment.stored_as
            attachment.delete()
            if stored_as:
                transaction.on_commit(partial(store.remove, stored_as), robust=True)


def sweep_leftovers(now: dt.datetime) -> str:
    """Remove bytes that no row speaks of: their transaction did not commit. A day's grace, so
    that nothing is taken from a request that is still running."""
    old = list(store.names_older_than(now.timestamp() - store.KEEP_SECONDS))
    removed = 0
    for start in range(0, len(old), 500):
        names = old[start : start + 500]
        known = set(
            Attachment.objects.filter(stored_as__in=names).values_list("stored_as", flat=True)
        )
        for name in set(names) - known:
            store.remove(name)
            removed += 1
    return _("清理 %(n)d 个") % {"n": removed}
