"""Addresses of the findings."""

from __future__ import annotations

from django.urls import path

from evaluations.views import findings

urlpatterns_findings = [
    path("rectification/findings/", findings.FindingList.as_view(), name="finding-list"),
    path("rectification/findings/<int:pk>/", findings.FindingPage.as_view(), name="finding-detail"),
    path(
        "rectification/findings/<int:pk>/draft/",
        findings.SaveReport.as_view(),
        name="finding-save-report",
    ),
    path(
        "rectification/findings/<int:pk>/report/",
        findings.SendReport.as_view(),
        name="finding-report",
    ),
    path(
        "rectification/findings/<int:pk>/verify/", findings.Verify.as_view(), name="finding-verify"
    ),
    path(
        "rectification/findings/<int:pk>/extend/", findings.Extend.as_view(), name="finding-extend"
    ),
    path("rectification/findings/<int:pk>/talk/", findings.Talk.as_view(), name="finding-talk"),
    path(
        "rectification/findings/<int:pk>/notice/",
        findings.ToNotice.as_view(),
        name="finding-notice",
    ),
    path(
        "rectification/findings/<int:pk>/endorse/",
        findings.Endorse.as_view(),
        name="finding-endorse",
    ),
    path(
        "rectification/findings/<int:pk>/evidence/",
        findings.AddEvidence.as_view(),
        name="finding-add-evidence",
    ),
    path(
        "rectification/findings/<int:pk>/evidence/<uuid:file_pk>/remove/",
        findings.RemoveEvidence.as_view(),
        name="finding-remove-evidence",
    ),
    path(
        "rectification/findings/<int:pk>/return/",
        findings.GiveBack.as_view(),
        name="finding-return",
    ),
]
