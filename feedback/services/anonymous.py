"""What an anonymous author does. Nothing here knows, asks or writes who it is."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import replace

from django.db import IntegrityError, transaction

from branches.models import Committee
from feedback import receipts
from feedback.models import Level, StaffRequest
from feedback.receipts import Receipt
from feedback.services.submitting import Said, submit_request
from portal.attachments.checking import CheckedFile
from portal.kernel.months import SHANGHAI, local_date


def submit_anonymously(
    *,
    said: Said,
    committee: Committee,
    nonce: str,
    files: Sequence[CheckedFile] = (),
    now: dt.datetime,
) -> tuple[StaffRequest, Receipt]:
    """Keep what was said and hand out its receipt, once.

    The same form (``nonce``) with the same content again comes to the same receipt and the same
    request. Raises DomainError naming the field.
    """
    said = replace(said, level=Level.ANONYMOUS, key="")
    receipt = receipts.issue(nonce=nonce, content=_content(said, committee, files))
    if (there := find(receipt)) is not None:
        return there, receipt
    try:
        with transaction.atomic():
            request = submit_request(
                said=said, actor=None, committee=committee, files=files, now=midnight(now)
            )
            request.receipt_digest = receipt.digest
            request.save(update_fields=["receipt_digest"])
    except IntegrityError:
        # Pressed twice: the other one was first.
        if (there := find(receipt)) is None:
            raise
        return there, receipt
    return request, receipt


def find(receipt: Receipt) -> StaffRequest | None:
    """The request of a receipt, or None. What is compared is a MAC of the code under a secret, so
    the time it takes says nothing about the code."""
    found: StaffRequest | None = (
        StaffRequest.objects.filter(receipt_digest=receipt.digest, level=Level.ANONYMOUS)
        .select_related("kind", "category", "department", "committee")
        .first()
    )
    if found is None or not hmac.compare_digest(found.receipt_digest or "", receipt.digest):
        return None
    return found


def midnight(now: dt.datetime) -> dt.datetime:
    """The beginning of the day in Shanghai: all that is known of when an anonymous author came,
    whatever a service further down does with its ``now``."""
    return dt.datetime.combine(local_date(now), dt.time(), SHANGHAI)


def _content(said: Said, committee: Committee, files: Sequence[CheckedFile]) -> str:
    parts = [str(committee.pk), said.kind, said.category, said.text.strip()]
    parts += [hashlib.sha256(file.data).hexdigest() for file in files]
    return "\x00".join(parts)
