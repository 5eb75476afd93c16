"""Similar matters while somebody types; themes that come back."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.generic import View

from feedback.access import listening_committees
from feedback.models.requests import MAX_TEXT
from feedback.permissions import may_submit
from feedback.selectors.themes import themes
from feedback.services.author import committees_above
from feedback.similar import similar_matters
from portal.accounts.requests import signed_in
from portal.kernel.months import Month, local_date


class SimilarMatters(View):
    """相似的事: a fragment. By POST, so that what is typed stands in no address."""

    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest) -> HttpResponse:
        user = signed_in(request)
        if not may_submit(user):
            raise PermissionDenied
        text = request.POST.get("text", "")[:MAX_TEXT]
        found = similar_matters(text, committees_above(user))
        may_join = any(not match.is_answered for match in found)
        return render(request, "feedback/_similar.html", {"found": found, "may_join": may_join})


class Themes(View):
    """常提的事, month by month; for the office."""

    def get(self, request: HttpRequest) -> HttpResponse:
        committees = listening_committees(signed_in(request))
        if not committees:
            raise PermissionDenied(_("常提的事由书记办公室和党群部看。"))
        today = local_date(timezone.now())
        found = themes(committees, Month.of(today), today)
        return render(request, "feedback/themes.html", {"themes": found})
