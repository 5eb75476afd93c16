"""Which papers there are of a record, who may have them, and the files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _

from branches.models import Activity
from branches.record_papers import attendance_paper, minutes_paper
from portal.documents.official import FileForm, paper_response

if TYPE_CHECKING:
    from portal.accounts.models import User

PAPERS = {"minutes": (minutes_paper, _("记录")), "attendance": (attendance_paper, _("签到表"))}


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
