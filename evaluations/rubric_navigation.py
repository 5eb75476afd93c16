"""Where the rubrics stand in the side bar."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from branches.access import access_of
from portal.kernel import navigation

if TYPE_CHECKING:
    from portal.accounts.models import User


def plug_in() -> None:
    """Called once by ``EvaluationsConfig.ready``. Officers and leaders keep the rubrics at hand;
    for everybody else they come after what there is to do."""
    for key, allowed, order in (
        ("rubrics", oversees, 60),
        ("rubrics-read", only_reads, 75),
    ):
        navigation.register(
            navigation.NavEntry(
                key=key,
                label=_("细则"),
                icon="checklist",
                url_name="evaluations:rubric-list",
                allowed=allowed,
                order=order,
            )
        )


def oversees(user: User) -> bool:
    return bool(access_of(user).overseen_committees)


def only_reads(user: User) -> bool:
    return not oversees(user) and not access_of(user).is_admin
