"""Vocabularies of the crews and programmes: slogans age, so they are rows and may be renamed.

Turnouts, rosters and visits are not in the admin: who may read one is decided by ``visible_to``,
and every change has its service.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin

from servicecrew.models import CityGoal, Programme, TargetGroup

if TYPE_CHECKING:
    from django.http import HttpRequest

    _Goals = admin.ModelAdmin[CityGoal]
    _Groups = admin.ModelAdmin[TargetGroup]
    _Programmes = admin.ModelAdmin[Programme]
else:  # the class takes no parameters at run time
    _Goals = _Groups = _Programmes = admin.ModelAdmin


class Renamed:
    """The code stays, for rows name it; nothing is deleted."""

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("code",) if obj else ()

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(CityGoal)
class CityGoalAdmin(Renamed, _Goals):
    """五个泉州. One that is no longer in use can still be read on old turnouts."""

    list_display = ("name", "code", "hint", "sort_order", "is_active")


@admin.register(TargetGroup)
class TargetGroupAdmin(Renamed, _Groups):
    list_display = ("name", "code", "hint", "sort_order")


@admin.register(Programme)
class ProgrammeAdmin(Renamed, _Programmes):
    """五大工程: name, aim and whom it is for. There are five: none is added here."""

    list_display = ("name", "code", "aim", "is_restricted", "sort_order")
    filter_horizontal = ("groups",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False
