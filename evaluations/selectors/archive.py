"""文件库: every signed paper, found by number, branch, month or words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.core.paginator import Page, Paginator
from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext as _

from branches.access import access_of
from branches.models import Committee
from evaluations.models import IssuedPaper, PaperKind
from evaluations.selectors.ledgers import (
    PAGE_SIZE,
    Address,
    Filter,
    days_of,
    drop_down,
    month_filter,
)
from portal.accounts.models import User
from portal.documents.official import Layout
from portal.kernel.months import Month

MAX_WORDS = 5
AROUND = 24  # characters shown on each side of what was found


@dataclass(frozen=True, slots=True)
class Found:
    """A paper with the place where the first word occurs: before, word, after."""

    paper: IssuedPaper
    excerpt: tuple[str, str, str] | None
    slugs: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Archive:
    """A page of papers under the conditions of the address."""

    query: str
    found: Sequence[Found]
    page: Page[IssuedPaper]
    filters: Sequence[Filter]
    clear_url: str
    is_filtered: bool
    month: Month | None
    committees: Sequence[Committee]


def matching(rows: QuerySet[IssuedPaper], query: str) -> QuerySet[IssuedPaper]:
    """Papers whose number, title, branch or text hold every word of ``query``. Words stand apart
    by spaces; two characters of Chinese are a word."""
    for word in query.replace("\x00", " ").split()[:MAX_WORDS]:
        rows = rows.filter(
            Q(text__icontains=word) | Q(title__icontains=word) | Q(branch__name__icontains=word)
        )
    return rows


def archive(user: User, asked: Mapping[str, str], url: str) -> Archive:
    """The archive as ``user`` may see it; the same number of queries however many papers."""
    address = Address(url, asked, ("q", "kind", "month", "void", "page"))
    everything = IssuedPaper.objects.visible_to(user)
    query = " ".join(address.get("q").split())[:60]
    kinds = drop_down(address, "kind", _("文种"), _("全部文种"), PaperKind.choices)
    months = month_filter(address, days_of(everything, "month"))
    void = drop_down(
        address, "void", _("状态"), _("有效和作废"), [("no", _("有效")), ("yes", _("作废"))]
    )
    rows = matching(everything, query)
    if kinds.chosen:
        rows = rows.filter(kind=kinds.chosen)
    month = Month.parse(months.chosen) if months.chosen else None
    if month:
        rows = rows.filter(month=month.first_day)
    if void.chosen:
        rows = rows.filter(voided_at__isnull=void.chosen == "no")
    rows = rows.select_related("branch", "committee", "signed_by").defer("words")
    page = Paginator(rows.order_by("-kept_at", "-pk"), PAGE_SIZE).get_page(asked.get("page"))
    overseen = access_of(user).overseen_committees
    return Archive(
        query=query,
        found=[
            Found(paper, _excerpt(paper.text, query), slugs_of(paper)) for paper in page.object_list
        ],
        page=page,
        filters=(kinds, months, void),
        clear_url=url,
        is_filtered=bool(query or kinds.chosen or months.chosen or void.chosen),
        month=month,
        committees=list(
            Committee.objects.filter(pk__in=overseen, papers__month=month.first_day)
            .distinct()
            .order_by(F("sort_order"), "pk")
        )
        if month and overseen
        else [],
    )


def slugs_of(paper: IssuedPaper) -> list[tuple[str, str]]:
    """The layouts a paper was kept in, as they stand in addresses, with their labels."""
    if paper.cleared_at is not None:
        return []
    if paper.kind == PaperKind.BULLETIN:
        return [("red-head", _("通报"))]
    return [("letter", _("通知书")), ("red-head", _("红头通知"))]


def layout_of(slug: str) -> Layout:
    return {"letter": Layout.LETTER, "red-head": Layout.RED_HEAD}[slug]


def _excerpt(text: str, query: str) -> tuple[str, str, str] | None:
    word = query.split()[0] if query else ""
    at = text.lower().find(word.lower()) if word else -1
    if at < 0:
        return None
    start, end = max(0, at - AROUND), at + len(word)
    before = ("…" if start else "") + text[start:at]
    after = text[end : end + AROUND] + ("…" if end + AROUND < len(text) else "")
    return (_one_line(before), text[at:end], _one_line(after))


def _one_line(text: str) -> str:
    return text.replace("\n", "　")
