"""The Django admin: posts are reference data and editable, everything else is for reading.

Organisations, people and records change through services only, which check, lock and log.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin

from branches.models import (
    Activity,
    Appointment,
    Branch,
    BranchClassification,
    Committee,
    Membership,
    PartyGroup,
    Person,
    Post,
    RoleGrant,
)

if TYPE_CHECKING:
    from django.http import HttpRequest


class ForReading(admin.ModelAdmin):  # type: ignore[type-arg]
    """Nothing is added, changed or deleted here."""

    list_per_page = 50

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Post)
class PostAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """A new kind of post may be added and renamed. None is deleted: appointments point at it,
    and the code of an existing one is what the rules know it by."""

    list_display = ("name", "code", "sort_order")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("code",) if obj else ()

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Committee)
class CommitteeAdmin(ForReading):
    list_display = ("name", "parent", "county", "issuer_code", "is_active")
    list_select_related = ("parent",)


@admin.register(Branch)
class BranchAdmin(ForReading):
    list_display = ("name", "committee", "parent", "closed_on")
    list_filter = ("committee",)
    list_select_related = ("committee", "parent")
    search_fields = ("name", "short_name")


@admin.register(BranchClassification)
class ClassificationAdmin(ForReading):
    list_display = ("branch", "first_month", "tier", "branch_type", "is_exempt")
    list_filter = ("branch_type", "tier")
    list_select_related = ("branch",)


@admin.register(PartyGroup)
class PartyGroupAdmin(ForReading):
    list_display = ("name", "branch", "started_on", "ended_on")
    list_select_related = ("branch",)


@admin.register(Person)
class PersonAdmin(ForReading):
    list_display = ("name", "staff_no", "committee", "workplace")
    list_select_related = ("committee",)
    search_fields = ("name", "staff_no")


@admin.register(Membership)
class MembershipAdmin(ForReading):
    list_display = ("person", "branch", "kind", "started_on", "ended_on")
    list_select_related = ("person", "branch")
    search_fields = ("person__name",)


@admin.register(Appointment)
class AppointmentAdmin(ForReading):
    list_display = ("person", "branch", "committee", "post", "started_on", "ended_on")
    list_select_related = ("person", "branch", "committee", "post")
    search_fields = ("person__name",)


@admin.register(RoleGrant)
class RoleGrantAdmin(ForReading):
    list_display = ("user", "role", "committee", "branch", "started_on", "ended_on")
    list_select_related = ("user", "committee", "branch")


@admin.register(Activity)
class ActivityAdmin(ForReading):
    list_display = ("held_on", "branch", "subject", "present_count", "expected_count")
    list_select_related = ("branch",)
    date_hierarchy = "held_on"
