"""What 书记听您说 plugs into the portal: side bar, counter, sweep, daily digest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from branches.access import access_of
from feedback.permissions import handles, is_discipline, listens, may_submit
from feedback.selectors.todo import feedback_todo, rows_to_do, rows_to_rate
from feedback.services import sweep as due
from feedback.visit_permissions import goes_visiting
from portal.kernel import navigation, sweep
from portal.notifications.shell import counter, register_count
from portal.notifications.todo import register_todo

if TYPE_CHECKING:
    from portal.accounts.models import User


def plug_in() -> None:
    """Called once by ``FeedbackConfig.ready``. One entry per reader: the office its ledger, a
    department its list, everybody else what he said."""
    register_count("requests", rows_to_do)
    register_count("own_requests", rows_to_rate)
    entry = navigation.NavEntry
    navigation.register(
        entry(
            key="ledger",
            label=_("诉求"),
            icon="messages",
            url_name="feedback:ledger",
            allowed=listens,
            order=55,
            counter=counter("requests"),
        )
    )
    navigation.register(
        entry(
            key="hands",
            label=_("承办"),
            icon="inbox",
            url_name="feedback:hands",
            allowed=lambda user: handles(user) and not listens(user),
            order=12,
            counter=counter("requests"),
        )
    )
    navigation.register(
        entry(
            key="sealed",
            label=_("纪检"),
            icon="shield-lock",
            url_name="feedback:sealed",
            allowed=is_discipline,
            order=12,
        )
    )
    navigation.register(
        entry(
            key="mine",
            label=_("说一件事"),
            icon="message-plus",
            url_name="feedback:mine",
            allowed=speaks,
            order=15,
            counter=counter("own_requests"),
        )
    )
    navigation.register(
        entry(
            key="visits",
            label=_("走访"),
            icon="map-pin",
            url_name="feedback:visits",
            allowed=goes_visiting,
            order=58,
        )
    )
    sweep.register("requests", str(_("诉求时限")), due.run)
    register_todo("requests", feedback_todo)


def speaks(user: User) -> bool:
    """Everybody on the roll whose side bar has no entry of the office: those have the ledger."""
    access = access_of(user)
    return may_submit(user) and not listens(user) and not access.is_admin
