"""Writing the audit trail. Always inside the transaction of the change itself."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from typing import Any

from django.db import models

from portal.accounts.models import User
from portal.audit.models import AuditEntry
from portal.kernel.digests import canonical


def record(
    *,
    code: str,
    target: models.Model,
    actor: User | None,
    now: dt.datetime,
    via: str = "web",
    reason: str = "",
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> AuditEntry:
    """Append one row: ``actor`` did ``code`` to ``target`` at ``now``.

    ``before`` and ``after`` hold only what changed, as plain values.
    """
    return AuditEntry.objects.create(
        at=now,
        code=code,
        actor=actor,
        via=via,
        object_type=target._meta.label_lower,
        object_id=str(target.pk),
        object_label=str(target)[:200],
        reason=reason[:500],
        before=_plain(before),
        after=_plain(after),
    )


def _plain(values: Mapping[str, Any] | None) -> dict[str, Any]:
    return dict(json.loads(canonical(dict(values or {}))))
