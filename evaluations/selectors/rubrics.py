"""Reads for the pages of rubrics."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import groupby
from typing import TYPE_CHECKING

from django.db.models import Count, Q, Subquery, Sum
from django.http import Http404
from django.utils.translation import gettext as _

from evaluations.models import MonthRound, Rubric, RubricVersion, VersionStatus
from evaluations.permissions import may_draft_rubric
from evaluations.rubric_checks import Problem, problems
from evaluations.rubric_content import TOTAL_MARKS, ItemContent, RubricContent, SectionContent
from evaluations.rubric_differences import Change, differences, rule_words
from evaluations.services.rubrics import content_of, month_taken
from portal.kernel.months import Month
from portal.kernel.ui import Status

if TYPE_CHECKING:
    from portal.accounts.models import User


@dataclass(frozen=True, slots=True)
class ShelfRow:
    """One rubric: what is in force, what comes next, what is being drafted."""

    rubric: Rubric
    current: RubricVersion | None
    coming: Sequence[RubricVersion]
    drafts: Sequence[RubricVersion]


def shelf(user: User, today: dt.date) -> list[ShelfRow]:
    """Every rubric with its versions, as ``user`` may see them (two queries and the access)."""
    this_month = Month.of(today).first_day
    versions: dict[int, list[RubricVersion]] = {}
    for version in (
        RubricVersion.objects.visible_to(user)
        .annotate(
            item_count=Count("items"),
            key_count=Count("items", filter=Q(items__is_key_work=True)),
            key_marks=Sum("items__full_marks", filter=Q(items__is_key_work=True)),
        )
        .order_by("rubric_id", "-first_month", "-number")
    ):
        versions.setdefault(version.rubric_id, []).append(version)
    rows = []
    for rubric in Rubric.objects.order_by("pk"):
        own = versions.get(rubric.pk, [])
        active = [v for v in own if v.status == VersionStatus.ACTIVE]
        rows.append(
            ShelfRow(
                rubric=rubric,
                current=next((v for v in active if v.first_month <= this_month), None),
                coming=[v for v in reversed(active) if v.first_month > this_month],
                drafts=[v for v in own if v.status == VersionStatus.DRAFT],
            )
        )
    return rows


@dataclass(frozen=True, slots=True)
class SectionBar:
    """One section in the outline: its marks against its items' sum, and how many were found."""

    section: SectionContent
    found: int

    @property
    def width(self) -> str:
        """The length of its bar; the longest section there is has about a quarter of 100."""
        return f"{min(Decimal(100), self.section.full_marks * 3):.1f}%"

    @property
    def lacks(self) -> Decimal:
        return max(self.section.missing, Decimal(0))

    @property
    def has_too_many(self) -> Decimal:
        return max(-self.section.missing, Decimal(0))


@dataclass(frozen=True, slots=True)
class VersionLine:
    """One version in the list of them, with its standing today in words."""

    version: RubricVersion
    status: Status
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class VersionPage:
    """A version to be read or edited: ``shown`` is its content after the search."""

    version: RubricVersion
    content: RubricContent
    shown: RubricContent
    query: str
    versions: Sequence[RubricVersion]
    may_draft: bool
    problems: Sequence[Problem]
    today: dt.date

    @property
    def lines(self) -> list[VersionLine]:
        """All versions, newest first, each with where it stands today."""
        this_month = Month.of(self.today).first_day
        begun = [
            v.first_month
            for v in self.versions
            if v.status == VersionStatus.ACTIVE and v.first_month <= this_month
        ]
        return [
            VersionLine(v, _standing(v, max(begun, default=None), this_month), v == self.version)
            for v in self.versions
        ]

    @property
    def rubric(self) -> Rubric:
        return self.version.rubric

    @property
    def is_draft(self) -> bool:
        return self.version.status == VersionStatus.DRAFT

    @property
    def bars(self) -> list[SectionBar]:
        found = {section.code: len(section.items) for section in self.shown.sections}
        return [SectionBar(s, found.get(s.code, 0)) for s in self.content.sections]

    @property
    def missing(self) -> Decimal:
        """Marks the sections lack to 100 (negative: have too many)."""
        return TOTAL_MARKS - self.content.total

    @property
    def surplus(self) -> Decimal:
        return max(-self.missing, Decimal(0))

    @property
    def marks_of_items(self) -> Decimal:
        """What the items add up to, whatever their sections say."""
        return sum((section.marks_of_items for section in self.content.sections), Decimal(0))

    @property
    def item_count(self) -> int:
        return sum(1 for _item in self.content.items)

    @property
    def found_count(self) -> int:
        return sum(1 for _item in self.shown.items)

    @property
    def previous(self) -> RubricVersion | None:
        """The version before this one: what it is compared with."""
        earlier = [
            v
            for v in self.versions
            if v.status == VersionStatus.ACTIVE
            and v.pk != self.version.pk
            and (v.first_month, v.number) < (self.version.first_month, self.version.number)
        ]
        return max(earlier, key=lambda v: (v.first_month, v.number), default=None)


def _standing(version: RubricVersion, current: dt.date | None, this_month: dt.date) -> Status:
    if version.status == VersionStatus.DRAFT:
        return Status("doing", _("草稿"), "pencil")
    if version.first_month > this_month:
        return Status("soon", _("待执行"), "calendar")
    if version.first_month == current:
        return Status("done", _("执行中"))
    return Status("idle", _("已替换"), "archive")


def find_version(user: User, pk: int) -> RubricVersion:
    """The version if ``user`` may see it; 404 for anybody who may not know of it."""
    version = (
        RubricVersion.objects.visible_to(user)
        .select_related("rubric", "created_by")
        .filter(pk=pk)
        .first()
    )
    if version is None:
        raise Http404
    found: RubricVersion = version
    return found


def version_page(
    user: User, version: RubricVersion, *, today: dt.date, query: str = ""
) -> VersionPage:
    """Everything its page shows (two queries whatever its length)."""
    content = content_of(version)
    words = query.strip()
    newest_round = MonthRound.objects.order_by("-month").values("month")[:1]
    versions = list(
        RubricVersion.objects.visible_to(user)
        .filter(rubric_id=version.rubric_id)
        .annotate(newest_round=Subquery(newest_round))
        .order_by("-number")
    )
    return VersionPage(
        version=version,
        content=content,
        shown=_found(content, words) if words else content,
        query=words,
        versions=versions,
        may_draft=may_draft_rubric(user),
        problems=_unready(version, content, versions),
        today=today,
    )


def _unready(
    version: RubricVersion, content: RubricContent, versions: Sequence[RubricVersion]
) -> list[Problem]:
    """Why a draft can't take effect: what it says, and from when."""
    if version.status != VersionStatus.DRAFT:
        return []
    newest: dt.date | None = versions[0].newest_round if versions else None  # type: ignore[attr-defined]
    free = Month.of(newest).plus(1) if newest else None
    taken = month_taken(version, version.month, free=free, others=versions)
    return [*problems(content), *([Problem("", "first_month", taken)] if taken else [])]


def _found(content: RubricContent, words: str) -> RubricContent:
    wanted = words.casefold()

    def speaks_of(item: ItemContent) -> bool:
        texts = (
            item.code,
            item.name,
            item.standard,
            item.evidence,
            *map(rule_words, item.rules),
        )
        return any(wanted in text.casefold() for text in texts)

    sections = (
        replace(section, items=tuple(item for item in section.items if speaks_of(item)))
        for section in content.sections
    )
    return replace(content, sections=tuple(section for section in sections if section.items))


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two versions' difference, grouped by the place it lies in."""

    old: RubricVersion
    new: RubricVersion
    groups: Sequence[tuple[str, str, Sequence[Change]]]
    count: int


def compare(old: RubricVersion, page: VersionPage) -> Comparison:
    """What the version of ``page`` changes, by item: (code, name of the item, changes)."""
    before, after = content_of(old), page.content
    found = differences(before, after)
    names = {
        **{s.code: s.name for s in (*before.sections, *after.sections)},
        **{i.code: i.name for i in (*before.items, *after.items)},
    }
    return Comparison(
        old=old,
        new=page.version,
        groups=[
            (place, names.get(place, ""), list(changes))
            for place, changes in groupby(found, key=lambda change: change.place)
        ],
        count=len(found),
    )
