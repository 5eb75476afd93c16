"""Reference data of 书记听您说. Requests are not in the admin: who may read one is decided by
``visible_to``, and every step has its service."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import admin

from feedback.models import Category, Kind, ListeningPolicy, ReplyTemplate

if TYPE_CHECKING:
    _Kinds = admin.ModelAdmin[Kind]
    _Categories = admin.ModelAdmin[Category]
    _Policies = admin.ModelAdmin[ListeningPolicy]
    _Templates = admin.ModelAdmin[ReplyTemplate]
else:  # the class takes no parameters at run time
    _Kinds = _Categories = _Policies = _Templates = admin.ModelAdmin


@admin.register(Kind)
class KindAdmin(_Kinds):
    list_display = ("name", "code", "is_sealed", "sort_order", "is_active")


@admin.register(Category)
class CategoryAdmin(_Categories):
    list_display = ("name", "code", "sort_order", "is_active")


@admin.register(ListeningPolicy)
class PolicyAdmin(_Policies):
    list_display = ("committee", "ordinary_workdays", "complex_workdays", "smallest_cell")


@admin.register(ReplyTemplate)
class TemplateAdmin(_Templates):
    list_display = ("name", "committee", "sort_order")
