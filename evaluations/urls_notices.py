"""Addresses of the rectification notices."""

from __future__ import annotations

from django.urls import path

from evaluations.views import notices

urlpatterns_notices = [
    path("rectification/notices/", notices.NoticeList.as_view(), name="notice-list"),
    path("rectification/notices/<int:pk>/", notices.NoticePage.as_view(), name="notice-detail"),
    path(
        "rectification/notices/<int:pk>/problems/<int:problem_id>/",
        notices.EditProblem.as_view(),
        name="notice-edit-problem",
    ),
    path("rectification/notices/<int:pk>/check/", notices.Check.as_view(), name="notice-check"),
    path(
        "rectification/notices/<int:pk>/check-and-issue/",
        notices.CheckAndIssue.as_view(),
        name="notice-check-and-issue",
    ),
    path(
        "rectification/notices/<int:pk>/send-back/",
        notices.SendBack.as_view(),
        name="notice-send-back",
    ),
    path("rectification/notices/<int:pk>/issue/", notices.Issue.as_view(), name="notice-issue"),
    path(
        "rectification/notices/<int:pk>/acknowledge/",
        notices.Acknowledge.as_view(),
        name="notice-acknowledge",
    ),
    path(
        "rectification/notices/<int:pk>/answers/",
        notices.SaveAnswers.as_view(),
        name="notice-save-answers",
    ),
    path(
        "rectification/notices/<int:pk>/respond/", notices.Respond.as_view(), name="notice-respond"
    ),
    path("rectification/notices/<int:pk>/accept/", notices.Accept.as_view(), name="notice-accept"),
    path(
        "rectification/notices/<int:pk>/return/", notices.GiveBack.as_view(), name="notice-return"
    ),
    path(
        "rectification/notices/<int:pk>/withdraw/",
        notices.Withdraw.as_view(),
        name="notice-withdraw",
    ),
    path("rectification/notices/<int:pk>/extend/", notices.Extend.as_view(), name="notice-extend"),
    path(
        "rectification/notices/<int:pk>/evidence/",
        notices.AddEvidence.as_view(),
        name="notice-add-evidence",
    ),
    path(
        "rectification/notices/<int:pk>/problems/<int:problem_id>/evidence/<uuid:file_pk>/remove/",
        notices.RemoveEvidence.as_view(),
        name="notice-remove-evidence",
    ),
]
