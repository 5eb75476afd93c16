"""Papers to take away, and the public page that says whether one is true."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import View

from evaluations.paper_files import bulletin_file, notice_file, sheet_file
from evaluations.selectors.papers import verdict_of
from portal.accounts.requests import signed_in
from portal.documents.official import Face, PaperUnavailable, fonts, grid


class NoticeFile(View):
    """A paper of a notice as PDF or docx."""

    def get(self, request: HttpRequest, pk: int, slug: str, form: str) -> HttpResponse:
        try:
            return notice_file(signed_in(request), pk, slug, form)
        except PaperUnavailable as refusal:
            messages.error(request, refusal.message)
            return redirect("evaluations:notice-detail", pk=pk)


class BulletinFile(View):
    """月度通报 as PDF or docx."""

    def get(self, request: HttpRequest, pk: int, form: str) -> HttpResponse:
        try:
            return bulletin_file(signed_in(request), pk, form)
        except PaperUnavailable as refusal:
            messages.error(request, refusal.message)
            return redirect("evaluations:bulletin", pk=pk)


class SheetFile(View):
    """现场检查单 as PDF or docx."""

    def get(self, request: HttpRequest, pk: int, form: str) -> HttpResponse:
        try:
            return sheet_file(signed_in(request), pk, form)
        except PaperUnavailable as refusal:
            messages.error(request, refusal.message)
            return redirect("evaluations:sheet-summary", pk=pk)


class AboutPapers(View):
    """公文版式与字体: what a PDF is set in here, and which fonts only stand in."""

    def get(self, request: HttpRequest) -> HttpResponse:
        found = fonts()
        if found.missing:
            headline = _("这台服务器没有中文字体，只能下载 Word 版")
        elif found.stand_ins:
            headline = _("PDF 有 %(n)d 种字体由自由字体代替") % {"n": len(found.stand_ins)}
        else:
            headline = _("PDF 用的都是标准字体")
        context = {
            "headline": headline,
            "faces": [_face(face) for face in found.faces],
            "numbers": _layout_numbers(),
        }
        return render(request, "evaluations/papers/about.html", context)


_WHERE = {
    "title": gettext_lazy("发文机关标志、标题"),
    "body": gettext_lazy("正文、三四级标题、版记"),
    "second": gettext_lazy("二级标题"),
    "heading": gettext_lazy("一级标题、附件序号"),
    "digits": gettext_lazy("页码"),
}


def _face(face: Face) -> dict[str, Any]:
    if not face.used:
        state, words = "late", _("没有")
    elif face.is_standard:
        state, words = "done", _("标准字体")
    else:
        state, words = "idle", _("代替")
    return {
        "where": _WHERE[face.role],
        "standard": face.standard,
        "used": face.used,
        "state": state,
        "words": words,
    }


def _layout_numbers() -> list[tuple[Any, str]]:
    return [
        (_("版心"), f"{grid.BLOCK_WIDTH:g} × {grid.BLOCK_HEIGHT:g} mm"),
        (_("天头、订口"), f"{grid.TOP:g} mm、{grid.LEFT:g} mm"),
        (
            _("每面"),
            _("%(lines)d 行，每行 %(n)d 字") % {"lines": grid.LINES, "n": grid.CHARACTERS},
        ),
        (_("正文"), _("3号，16 磅")),
        (_("标题"), _("2号，22 磅")),
        (_("红色标志"), _("上边缘距版心 %(n)g mm") % {"n": grid.RED_MARK_TOP}),
        (_("红色分隔线"), _("文号之下 %(n)g mm，与版心等宽") % {"n": grid.RED_RULE_BELOW}),
        (_("页码"), _("版心之下 %(n)g mm，单页居右、双页居左") % {"n": grid.PAGE_NUMBER_BELOW}),
    ]


@method_decorator(login_not_required, name="dispatch")
class Verify(View):
    """文书核验: number, date, addressee, digest, true or not. Nothing else, to anybody."""

    def get(self, request: HttpRequest, code: str) -> HttpResponse:
        given = request.GET.get("digest", "")[:80]
        verdict = verdict_of(code, given)
        answer = render(
            request,
            "evaluations/papers/verify.html",
            {"verdict": verdict, "given": given},
            status=200 if verdict else 404,
        )
        answer["X-Robots-Tag"] = "noindex"
        answer["Referrer-Policy"] = "no-referrer"
        answer["Cache-Control"] = "no-store"
        return answer
