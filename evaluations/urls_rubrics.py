"""Addresses of the rubrics."""

from __future__ import annotations

from django.urls import path

from evaluations.views import rubric_drafts as drafts
from evaluations.views import rubric_imports as imports
from evaluations.views import rubrics

_version = "rubrics/versions/<int:pk>/"

urlpatterns_rubrics = [
    path("rubrics/", rubrics.RubricList.as_view(), name="rubric-list"),
    path("rubrics/<slug:code>/", rubrics.RubricInForce.as_view(), name="rubric-in-force"),
    path("rubrics/<int:pk>/draft/", drafts.StartDraft.as_view(), name="rubric-draft"),
    path("rubrics/<int:pk>/import/", imports.Upload.as_view(), name="rubric-import"),
    path(
        "rubrics/<int:pk>/import/preview/",
        imports.Preview.as_view(),
        name="rubric-import-preview",
    ),
    path(_version, rubrics.VersionPage.as_view(), name="rubric-version"),
    path(f"{_version}difference/", rubrics.Difference.as_view(), name="rubric-difference"),
    path(f"{_version}workbook/", rubrics.VersionWorkbook.as_view(), name="rubric-workbook"),
    path(f"{_version}edit/", drafts.EditPage.as_view(), name="rubric-edit"),
    path(f"{_version}edit/date/", drafts.DateDraft.as_view(), name="rubric-date"),
    path(f"{_version}edit/frame/", drafts.EditFrame.as_view(), name="rubric-frame"),
    path(f"{_version}edit/items/new/", drafts.EditItem.as_view(), name="rubric-item-new"),
    path(f"{_version}edit/items/<slug:code>/", drafts.EditItem.as_view(), name="rubric-item"),
    path(
        f"{_version}edit/items/<slug:code>/remove/",
        drafts.RemoveItem.as_view(),
        name="rubric-item-remove",
    ),
    path(f"{_version}edit/sections/new/", drafts.EditSection.as_view(), name="rubric-section-new"),
    path(
        f"{_version}edit/sections/<slug:code>/",
        drafts.EditSection.as_view(),
        name="rubric-section",
    ),
    path(
        f"{_version}edit/sections/<slug:code>/remove/",
        drafts.RemoveSection.as_view(),
        name="rubric-section-remove",
    ),
    path(f"{_version}activate/", drafts.Activate.as_view(), name="rubric-activate"),
    path(f"{_version}withdraw/", drafts.Withdraw.as_view(), name="rubric-withdraw"),
    path(f"{_version}discard/", drafts.Discard.as_view(), name="rubric-discard"),
]
