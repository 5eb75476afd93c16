"""整改: one door to the three ledgers."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.generic import View

from branches.access import access_of
from evaluations.selectors.todo import rectification_todo
from portal.accounts.requests import signed_in
from portal.kernel.months import local_date


class Rectification(View):
    """Redirect to the ledger of the most urgent thing this user has to do; with nothing to do,
    officers see the notices, everybody else the findings."""

    def get(self, request: HttpRequest) -> HttpResponse:
        user = signed_in(request)
        items = rectification_todo([user], local_date(timezone.now())).get(user.pk, [])
        for name in ("notice", "appeal", "finding"):
            if any(f"/{name}s/" in item.link for item in items):
                return redirect(f"evaluations:{name}-list")
        overseer = bool(access_of(user).overseen_committees)
        return redirect("evaluations:notice-list" if overseer else "evaluations:finding-list")
