"""Reading in the admin. Nothing here is changed by hand: every step has its service."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.http import HttpRequest

from evaluations.models import (
    Band,
    BonusRule,
    DeductionRule,
    Finding,
    FindingEvent,
    NoticeEvent,
    NoticeProblem,
    RectificationNotice,
    Rubric,
    RubricImport,
    RubricItem,
    RubricSection,
    RubricVersion,
    ScoreAppeal,
    VetoRule,
)

if TYPE_CHECKING:
    _Problems = admin.TabularInline[NoticeProblem, RectificationNotice]
    _NoticeEvents = admin.TabularInline[NoticeEvent, RectificationNotice]
    _FindingEvents = admin.TabularInline[FindingEvent, Finding]
    _Notices = admin.ModelAdmin[RectificationNotice]
    _Findings = admin.ModelAdmin[Finding]
    _Appeals = admin.ModelAdmin[ScoreAppeal]
    _Rubrics = admin.ModelAdmin[Rubric]
    _Versions = admin.ModelAdmin[RubricVersion]
    _Items = admin.ModelAdmin[RubricItem]
    _Imports = admin.ModelAdmin[RubricImport]
    _Sections = admin.TabularInline[RubricSection, RubricVersion]
    _Bonuses = admin.TabularInline[BonusRule, RubricVersion]
    _Vetoes = admin.TabularInline[VetoRule, RubricVersion]
    _Bands = admin.TabularInline[Band, RubricVersion]
    _Rules = admin.TabularInline[DeductionRule, RubricItem]
else:  # the classes take no parameters at run time
    _Problems = _NoticeEvents = _FindingEvents = admin.TabularInline
    _Notices = _Findings = _Appeals = admin.ModelAdmin
    _Rubrics = _Versions = _Items = _Imports = admin.ModelAdmin
    _Sections = _Bonuses = _Vetoes = _Bands = _Rules = admin.TabularInline


class ReadOnly:
    """No adding, changing or deleting, whoever asks."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class ProblemInline(ReadOnly, _Problems):
    model = NoticeProblem
    extra = 0


class NoticeEventInline(ReadOnly, _NoticeEvents):
    model = NoticeEvent
    extra = 0


@admin.register(RectificationNotice)
class NoticeAdmin(ReadOnly, _Notices):
    list_display = ("__str__", "branch", "status", "issued_at", "due_on", "closed_at")
    list_filter = ("status", "year")
    list_select_related = ("branch",)
    search_fields = ("branch__name", "issuer_code", "=number")
    date_hierarchy = "drafted_at"
    inlines = (ProblemInline, NoticeEventInline)


class FindingEventInline(ReadOnly, _FindingEvents):
    model = FindingEvent
    extra = 0


@admin.register(Finding)
class FindingAdmin(ReadOnly, _Findings):
    list_display = ("__str__", "branch", "severity", "status", "due_on")
    list_filter = ("status", "severity", "kind")
    list_select_related = ("branch",)
    search_fields = ("branch__name", "fact")
    inlines = (FindingEventInline,)


@admin.register(ScoreAppeal)
class AppealAdmin(ReadOnly, _Appeals):
    list_display = ("__str__", "branch", "status", "filed_at", "decided_at")
    list_filter = ("status",)
    list_select_related = ("branch",)
    search_fields = ("branch__name", "text", "decision")


class SectionInline(ReadOnly, _Sections):
    model = RubricSection
    extra = 0


class BonusInline(ReadOnly, _Bonuses):
    model = BonusRule
    extra = 0


class VetoInline(ReadOnly, _Vetoes):
    model = VetoRule
    extra = 0


class BandInline(ReadOnly, _Bands):
    model = Band
    extra = 0


class RuleInline(ReadOnly, _Rules):
    model = DeductionRule
    extra = 0


@admin.register(Rubric)
class RubricAdmin(ReadOnly, _Rubrics):
    list_display = ("name", "code", "subject")


@admin.register(RubricVersion)
class RubricVersionAdmin(ReadOnly, _Versions):
    list_display = ("__str__", "first_month", "status", "frozen_at")
    list_filter = ("rubric", "status")
    list_select_related = ("rubric",)
    inlines = (SectionInline, BonusInline, VetoInline, BandInline)


@admin.register(RubricItem)
class RubricItemAdmin(ReadOnly, _Items):
    list_display = ("code", "name", "version", "full_marks", "is_key_work", "frequency")
    list_filter = ("version__rubric", "is_key_work", "frequency")
    list_select_related = ("version__rubric",)
    search_fields = ("code", "name", "standard")
    inlines = (RuleInline,)


@admin.register(RubricImport)
class RubricImportAdmin(ReadOnly, _Imports):
    list_display = ("file_name", "rubric", "user", "uploaded_at")
    list_select_related = ("rubric", "user")
