"""What notices, findings and appeals plug into the portal: side bar, sweep, daily digest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from branches.access import access_of
from evaluations.models import Finding, NoticeProblem, RectificationNotice, SheetPhoto
from evaluations.monthly_navigation import has_a_seat
from evaluations.selectors.meeting_todo import meeting_todo
from evaluations.selectors.sheet_photos import may_open_photo
from evaluations.selectors.todo import (
    appeals_todo,
    bulletins_todo,
    rectification_todo,
    rows_to_do,
)
from evaluations.services import overdue
from portal.attachments.owners import register_owner
from portal.kernel import navigation, sweep
from portal.notifications.shell import counter, register_count
from portal.notifications.todo import register_todo

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from portal.accounts.models import User


def plug_in() -> None:
    """Called once by ``EvaluationsConfig.ready``."""
    register_count("rectification", rows_to_do)
    navigation.register(
        navigation.NavEntry(
            key="rectification",
            label=_("整改"),
            icon="tool",
            url_name="evaluations:rectification",
            allowed=takes_part,
            order=50,
            counter=counter("rectification"),
        )
    )
    sweep.register("overdue", str(_("逾期提醒")), overdue.remind_in_working_hours)
    register_todo("rectification", rectification_todo)
    register_todo("appeals", appeals_todo)
    register_todo("bulletins", bulletins_todo)
    register_todo("meeting", meeting_todo)
    register_owner(NoticeProblem, may_open_evidence)
    register_owner(Finding, may_open_finding_evidence)
    register_owner(SheetPhoto, may_open_photo)


def may_open_evidence(user: User | AnonymousUser, problem_id: str) -> bool:
    """Whoever sees the notice sees what was put beside its problems."""
    visible = RectificationNotice.objects.visible_to(user)
    return bool(visible.filter(problems__pk=problem_id).exists())


def may_open_finding_evidence(user: User | AnonymousUser, finding_id: str) -> bool:
    """Whoever sees the finding sees what was put beside it; so does the team that rechecks it."""
    return bool(Finding.objects.with_files_for(user).filter(pk=finding_id).exists())


def takes_part(user: User) -> bool:
    """Officers and leaders, holders of a branch post, and whoever is in an inspection team."""
    access = access_of(user)
    if access.overseen_committees or access.post_branches:
        return True
    return has_a_seat(user)
