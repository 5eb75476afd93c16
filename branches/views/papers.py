"""Papers of a branch: minutes, attendance list, the handbook of a year."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.generic import View

from branches.forms.records import ActivityForm
from branches.paper_files import record_file
from branches.record_papers import blank_attendance_paper, handbook_paper
from branches.rosters import Circle
from branches.views.base import today_of
from branches.views.records import inside
from portal.accounts.requests import signed_in
from portal.documents.official import FileForm, PaperUnavailable, paper_response


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
        branch = inside(signed_in(request), pk)
        if form not in {str(f) for f in FileForm}:
            raise Http404
        day = ActivityForm.day_of({"held_on": request.GET.get("day", "")}) or today_of()
        circle = Circle.COMMITTEE if request.GET.get("of") == "committee" else Circle.MEMBERS
        try:
            paper = blank_attendance_paper(branch, day, circle)
            return paper_response(paper, FileForm(form), f"{day} {branch.label}签到表")
        except PaperUnavailable as refusal:
            messages.error(request, refusal.message)
            return redirect("branches:members", pk)


class Handbook(View):
    """A branch's year as one file."""

    def get(self, request: HttpRequest, pk: int, year: int, form: str) -> HttpResponse:
        branch = inside(signed_in(request), pk)
        if form not in {str(f) for f in FileForm} or not 1990 <= year <= today_of().year:
            raise Http404
        try:
            paper = handbook_paper(branch, year, today_of())
            return paper_response(paper, FileForm(form), f"{branch.label}{year}年工作手册")
        except PaperUnavailable as refusal:
            messages.error(request, refusal.message)
            return redirect("branches:record-list", pk)
