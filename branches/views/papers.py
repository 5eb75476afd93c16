"""Papers of a branch: minutes, attendance list, the handbook of a year."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.generic import View

from branches.forms.records import ActivityForm
from branches.paper_files import handbook_file, record_file, sign_in_file
from branches.rosters import Circle
from branches.views.base import today_of, visible_branch
from portal.accounts.requests import signed_in
from portal.documents.official import PaperUnavailable


class RecordFile(View):
    """Minutes or attendance list as PDF or docx."""

    def get(self, request: HttpRequest, pk: int, slug: str, form: str) -> HttpResponse:
        try:
            return record_file(signed_in(request), pk, slug, form)
        except PaperUnavailable as refusal:
            messages.error(request, refusal.message)
            return redirect("branches:record-detail", pk)


class BlankAttendance(View):
    """空白签到表 of today, or of ``?day=``; ``?of=committee`` for the committee."""

    def get(self, request: HttpRequest, pk: int, form: str) -> HttpResponse:
        user = signed_in(request)
        day = ActivityForm.day_of({"held_on": request.GET.get("day", "")}) or today_of()
        circle = Circle.COMMITTEE if request.GET.get("of") == "committee" else Circle.MEMBERS
        try:
            return sign_in_file(user, visible_branch(user, pk), day, circle, form)
        except PaperUnavailable as refusal:
            messages.error(request, refusal.message)
            return redirect("branches:members", pk)


class Handbook(View):
    """A branch's year as one file."""

    def get(self, request: HttpRequest, pk: int, year: int, form: str) -> HttpResponse:
        user = signed_in(request)
        try:
            return handbook_file(user, visible_branch(user, pk), year, form, today_of())
        except PaperUnavailable as refusal:
            messages.error(request, refusal.message)
            return redirect("branches:record-list", pk)
