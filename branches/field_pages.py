"""What a secretary needs on the phone where there is no signal: the form of a new record."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils.translation import gettext as _

from branches.access import access_of
from portal.offline import keeping

if TYPE_CHECKING:
    from portal.accounts.models import User


def plug_in() -> None:
    """Called once by ``BranchesConfig.ready``."""
    keeping.register_pages("records", record_pages)


def record_pages(user: User) -> Iterator[keeping.FieldPage]:
    """One form for each branch whose records the user keeps."""
    access = access_of(user)
    for key in sorted(access.recording_branches):
        yield keeping.FieldPage(
            url=reverse("branches:record-create", args=[key]),
            title=_("记一件事"),
            hint=access.branch_names.get(key, ""),
        )
