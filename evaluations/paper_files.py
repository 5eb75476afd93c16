"""Which papers there are of a visit, a notice and a month, who may have them, and the files."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from evaluations.models import (
    BulletinDraft,
    Inspection,
    IssuedPaper,
    MonthRound,
    RectificationNotice,
)
from evaluations.permissions import may_act_for_committee, may_run_round, may_sign_bulletin
from evaluations.selectors.archive import layout_of
from evaluations.selectors.bulletin_papers import bulletin_paper
from evaluations.selectors.bulletins import bulletin
from evaluations.selectors.notices import notice_for_page
from evaluations.selectors.papers import answer_paper, kept_paper, notice_paper, talk_paper
from evaluations.selectors.sheet_papers import visit_paper
from evaluations.selectors.sheets import sheets_for
from portal.documents.official import FileForm, Layout, Paper, paper_response

if TYPE_CHECKING:
    from portal.accounts.models import User


@dataclass(frozen=True, slots=True)
class PaperKind:
    """One paper of a notice. ``allowed``: who may have it among those who see the notice."""

    slug: str
    label: Any
    hint: Any
    draw: Callable[[RectificationNotice], Paper]
    allowed: Callable[[User, RectificationNotice], bool] = lambda user, notice: True


NOTICE_PAPERS = (
    PaperKind(
        "letter",
        gettext_lazy("整改通知书"),
        gettext_lazy("信函格式，内部工作用"),
        lambda notice: notice_paper(notice, Layout.LETTER),
    ),
    PaperKind(
        "red-head",
        gettext_lazy("限期整改通知"),
        gettext_lazy("红头文件，党委签发用"),
        lambda notice: notice_paper(notice, Layout.RED_HEAD),
    ),
    PaperKind(
        "answer", gettext_lazy("整改情况反馈单"), gettext_lazy("报整改后带填写内容"), answer_paper
    ),
    PaperKind(
        "talk",
        gettext_lazy("约谈记录"),
        gettext_lazy("事由已填，谈话内容手写"),
        talk_paper,
        lambda user, notice: may_act_for_committee(user, notice.branch),
    ),
)
BY_SLUG = {kind.slug: kind for kind in NOTICE_PAPERS}


def papers_for(user: User, notice: RectificationNotice) -> list[PaperKind]:
    return [kind for kind in NOTICE_PAPERS if kind.allowed(user, notice)]


def notice_file(user: User, pk: int, slug: str, form: str) -> HttpResponse:
    """The file for page and API alike. Raises Http404 for who may not have it."""
    kind = BY_SLUG.get(slug)
    try:
        notice = notice_for_page(user, pk)
    except RectificationNotice.DoesNotExist:
        raise Http404 from None
    if kind is None or not kind.allowed(user, notice):
        raise Http404
    name = f"{notice.document_number or _('草稿')} {notice.branch.label}{kind.label}"
    return paper_response(kind.draw(notice), FileForm(form), name)


def sheet_file(user: User, pk: int, form: str) -> HttpResponse:
    """现场检查单 of a visit, for page and API alike: for whoever may open its sheet, else
    Http404."""
    visit: Inspection = get_object_or_404(sheets_for(user), pk=pk)
    branch = visit.participant.branch
    name = f"{visit.round.label} {branch.label}{visit.team.label}{_('现场检查单')}"
    return paper_response(visit_paper(visit), FileForm(form), name)


def bulletin_file(user: User, pk: int, form: str) -> HttpResponse:
    """The same for the bulletin of a round: as it was signed, else as it would read now."""
    round_ = MonthRound.objects.visible_to(user).select_related("committee").filter(pk=pk).first()
    if round_ is None:
        raise Http404
    if not (
        round_.is_published or may_run_round(user, round_) or may_sign_bulletin(user, round_, None)
    ):
        raise Http404
    found = bulletin(round_, user)
    kept = IssuedPaper.objects.live().filter(run=found.run).first() if found.run else None
    if kept is not None and kept.cleared_at is None:
        paper = kept_paper(kept)
    else:
        paper = bulletin_paper(found, BulletinDraft.objects.filter(round=round_).first())
    return paper_response(paper, FileForm(form), paper.name)


def issued_file(paper: IssuedPaper, slug: str, form: str) -> HttpResponse:
    """A signed paper of the archive, for who may see it. Raises Http404 for a layout it was not
    kept in."""
    layout = layout_of(slug)
    if str(layout) not in paper.words:
        raise Http404
    name = f"{paper.document_number} {paper.branch or ''}{paper.get_kind_display()}"
    return paper_response(kept_paper(paper, layout), FileForm(form), name)
