"""Which papers there are of a record, who may have them, and the files."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _

from branches.models import Activity, Branch
from branches.permissions import may_see_branch
from branches.record_papers import (
    attendance_paper,
    blank_attendance_paper,
    handbook_paper,
    minutes_paper,
)
from branches.rosters import Circle
from portal.documents.official import FileForm, Paper, paper_response

if TYPE_CHECKING:
    from portal.accounts.models import User

PAPERS = {"minutes": (minutes_paper, _("记录")), "attendance": (attendance_paper, _("签到表"))}


def branch_file(
    user: User, branch: Branch, paper: Callable[[], Paper], form: str, name: str
) -> HttpResponse:
    """A paper of a branch that ``user`` knows of, for page and API alike. Raises PermissionDenied
    for whoever does not see its inside."""
    if not may_see_branch(user, branch):
        raise PermissionDenied(_("只有本支部和党委的同志可以看支部内部的记录。"))
    if form not in {str(f) for f in FileForm}:
        raise Http404
    return paper_response(paper(), FileForm(form), name)


def handbook_file(user: User, branch: Branch, year: int, form: str, today: dt.date) -> HttpResponse:
    """A branch's year as one file. Raises Http404 for a year that has not come."""
    if not 1990 <= year <= today.year:
        raise Http404
    name = f"{branch.label}{year}年工作手册"
    return branch_file(user, branch, lambda: handbook_paper(branch, year, today), form, name)


def sign_in_file(
    user: User, branch: Branch, day: dt.date, circle: Circle, form: str
) -> HttpResponse:
    """A blank sheet to sign at a meeting of ``day``."""
    name = f"{day} {branch.label}签到表"
    draw = partial(blank_attendance_paper, branch, day, circle)
    return branch_file(user, branch, draw, form, name)


def record_file(user: User, pk: int, slug: str, form: str) -> HttpResponse:
    """A paper of a record, for page and API alike. Raises Http404 for who may not have it."""
    if slug not in PAPERS or form not in {str(f) for f in FileForm}:
        raise Http404
    activity: Activity = get_object_or_404(
        Activity.objects.visible_to(user)
        .select_related("branch", "group", "chair", "recorder")
        .prefetch_related("ticks", "absences__person", "sessions", "follow_ups__person"),
        pk=pk,
    )
    draw, word = PAPERS[slug]
    name = f"{activity.held_on} {activity.branch.label}{activity.subject[:20]}{word}"
    return paper_response(draw(activity), FileForm(form), name)
