"""Addresses of the appeals."""

from __future__ import annotations

from django.urls import path

from evaluations.views import appeals

urlpatterns_appeals = [
    path("rectification/appeals/", appeals.AppealList.as_view(), name="appeal-list"),
    path(
        "rectification/appeals/new/<int:deduction_id>/",
        appeals.AppealCreate.as_view(),
        name="appeal-create",
    ),
    path(
        "rectification/appeals/correct/<int:deduction_id>/",
        appeals.CorrectionCreate.as_view(),
        name="deduction-correct",
    ),
    path("rectification/appeals/<int:pk>/", appeals.AppealPage.as_view(), name="appeal-detail"),
    path("rectification/appeals/<int:pk>/uphold/", appeals.Uphold.as_view(), name="appeal-uphold"),
    path(
        "rectification/appeals/<int:pk>/second-team/",
        appeals.SendSecondTeam.as_view(),
        name="appeal-second-team",
    ),
    path(
        "rectification/appeals/<int:pk>/recall/",
        appeals.RecallSecondTeam.as_view(),
        name="appeal-recall",
    ),
    path("rectification/appeals/<int:pk>/reject/", appeals.Reject.as_view(), name="appeal-reject"),
]
