"""Addresses of the score sheets."""

from __future__ import annotations

from django.urls import path

from evaluations.views import sheets

urlpatterns_sheets = [
    path("sheets/", sheets.SheetList.as_view(), name="sheets"),
    path("sheets/<int:pk>/", sheets.SheetPage.as_view(), name="sheet"),
    path("sheets/<int:pk>/start/", sheets.StartSheet.as_view(), name="sheet-start"),
    path(
        "sheets/<int:pk>/rechecks/<int:finding_pk>/", sheets.Recheck.as_view(), name="sheet-recheck"
    ),
    path(
        "sheets/<int:pk>/rechecks/<int:finding_pk>/take-back/",
        sheets.TakeBackRecheck.as_view(),
        name="sheet-recheck-take-back",
    ),
    path("sheets/<int:pk>/items/<int:item_pk>/", sheets.ItemPage.as_view(), name="sheet-item"),
    path("sheets/<int:pk>/summary/", sheets.SummaryPage.as_view(), name="sheet-summary"),
    path("sheets/<int:pk>/submit/", sheets.SubmitSheet.as_view(), name="sheet-submit"),
    path("sheets/<int:pk>/take-back/", sheets.TakeBackSheet.as_view(), name="sheet-take-back"),
    path("sheets/<int:pk>/confirm/", sheets.ConfirmSheet.as_view(), name="sheet-confirm"),
    path("sheets/<int:pk>/object/", sheets.ObjectToSheet.as_view(), name="sheet-object"),
]
