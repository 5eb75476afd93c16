"""Addresses of the monthly meeting and of the secretaries' appraisals."""

from __future__ import annotations

from django.urls import path, re_path

from evaluations.views import appraisals, meetings

urlpatterns_meetings = [
    path("meetings/<int:pk>/", meetings.MeetingStart.as_view(), name="meeting"),
    path("meetings/<int:pk>/minutes/", meetings.MeetingMinutes.as_view(), name="meeting-minutes"),
    path("meetings/<int:pk>/opening/", meetings.MeetingOpening.as_view(), name="meeting-opening"),
    path(
        "meetings/<int:pk>/boards/<int:number>/",
        meetings.MeetingBoard.as_view(),
        name="meeting-board",
    ),
    path("meetings/<int:pk>/closing/", meetings.MeetingClosing.as_view(), name="meeting-closing"),
    path("meetings/<int:pk>/decide/", meetings.Decide.as_view(), name="meeting-decide"),
    path(
        "meetings/<int:pk>/decisions/<int:decision_pk>/close/",
        meetings.CloseDecision.as_view(),
        name="meeting-close-decision",
    ),
    path(
        "meetings/<int:pk>/branches/<int:participant_pk>/",
        meetings.MeetingScreen.as_view(),
        name="meeting-screen",
    ),
    path(
        "meetings/<int:pk>/branches/<int:participant_pk>/comment/",
        meetings.Comment.as_view(),
        name="meeting-comment",
    ),
    path(
        "meetings/<int:pk>/branches/<int:participant_pk>/decide/",
        meetings.Decide.as_view(),
        name="meeting-decide-branch",
    ),
    path("appraisals/", appraisals.AppraisalIndex.as_view(), name="appraisal-index"),
    path("appraisals/<int:pk>/", appraisals.AppraisalMonth.as_view(), name="appraisals"),
    path(
        "appraisals/<int:pk>/<int:participant_pk>/",
        appraisals.AppraisalPage.as_view(),
        name="appraisal",
    ),
    path(
        "appraisals/<int:pk>/<int:participant_pk>/own-words/",
        appraisals.OwnWords.as_view(),
        name="appraisal-own-words",
    ),
    re_path(
        r"^appraisals/(?P<pk>\d{1,18})/(?P<participant_pk>\d{1,18})/(?P<kind>unit|rating)/$",
        appraisals.EnterInput.as_view(),
        name="appraisal-enter",
    ),
]
