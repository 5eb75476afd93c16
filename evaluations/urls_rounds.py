"""Addresses of rounds, rankings and bulletins."""

from __future__ import annotations

from django.urls import path, re_path

from evaluations.views import (
    adjustments,
    bulletins,
    pairings,
    policies,
    rankings,
    round_visits,
    rounds,
    what_if,
)

urlpatterns_rounds = [
    path("rounds/", rounds.RoundIndex.as_view(), name="rounds"),
    path("rounds/open/", rounds.OpenRound.as_view(), name="round-open"),
    path("rounds/<int:pk>/", rounds.RoundPage.as_view(), name="round"),
    path(
        "rounds/<int:pk>/start-inspection/",
        rounds.StartInspection.as_view(),
        name="round-start-inspection",
    ),
    path(
        "rounds/<int:pk>/close-inspection/",
        rounds.CloseInspection.as_view(),
        name="round-close-inspection",
    ),
    path(
        "rounds/<int:pk>/reopen-inspection/",
        rounds.ReopenInspection.as_view(),
        name="round-reopen-inspection",
    ),
    path("rounds/<int:pk>/publish/", rounds.Publish.as_view(), name="round-publish"),
    path("rounds/<int:pk>/republish/", rounds.Republish.as_view(), name="round-republish"),
    path("rounds/<int:pk>/remind/", rounds.Remind.as_view(), name="round-remind"),
    path("rounds/<int:pk>/calendar/", rounds.CalendarPage.as_view(), name="round-calendar"),
    path("rounds/<int:pk>/words/", rounds.WordsPage.as_view(), name="round-words"),
    path("rounds/<int:pk>/pairing/", pairings.PairingPage.as_view(), name="round-pairing"),
    path("rounds/<int:pk>/pairing/draw/", pairings.DrawPairs.as_view(), name="round-draw"),
    path("rounds/<int:pk>/pairing/drop-out/", pairings.DropOut.as_view(), name="round-drop-out"),
    path("rounds/<int:pk>/pairing/replan/", pairings.Replan.as_view(), name="round-replan"),
    path("rounds/<int:pk>/pairing/recuse/", pairings.AddRecusal.as_view(), name="round-recuse"),
    path(
        "rounds/<int:pk>/pairing/certificate/",
        pairings.Certificate.as_view(),
        name="round-certificate",
    ),
    path("rounds/<int:pk>/what-if/", what_if.WhatIfPage.as_view(), name="what-if"),
    path("rounds/<int:pk>/what-if/month/", what_if.WhatIfMonth.as_view(), name="what-if-month"),
    path("rounds/<int:pk>/teams/", round_visits.TeamsPage.as_view(), name="round-teams"),
    path("rounds/<int:pk>/teams/add/", round_visits.AddTeam.as_view(), name="round-add-team"),
    path("rounds/<int:pk>/visits/add/", round_visits.AddVisit.as_view(), name="round-add-visit"),
    path(
        "rounds/<int:pk>/visits/<int:visit_pk>/",
        round_visits.ReassignVisit.as_view(),
        name="round-reassign",
    ),
    path(
        "rounds/<int:pk>/visits/<int:visit_pk>/drop/",
        round_visits.DropVisit.as_view(),
        name="round-drop-visit",
    ),
    path(
        "rounds/<int:pk>/adjust/<int:participant_pk>/",
        adjustments.AdjustPage.as_view(),
        name="round-adjust",
    ),
    path(
        "rounds/<int:pk>/adjust/<int:participant_pk>/bonus/",
        adjustments.AddBonus.as_view(),
        name="round-add-bonus",
    ),
    path(
        "rounds/<int:pk>/adjust/<int:participant_pk>/veto/",
        adjustments.AddVeto.as_view(),
        name="round-add-veto",
    ),
    re_path(
        r"^rounds/(?P<pk>\d+)/adjust/(?P<participant_pk>\d+)/(?P<kind>bonus|veto)/(?P<row_pk>\d+)/remove/$",
        adjustments.RemoveAdjustment.as_view(),
        name="round-remove-adjustment",
    ),
    path("policies/", policies.PolicyList.as_view(), name="policies"),
    path("policies/<int:pk>/", policies.PolicySet.as_view(), name="policy-set"),
    path("rankings/", rankings.RankingIndex.as_view(), name="rankings"),
    path("rankings/severity/", rankings.OwnSeverityPage.as_view(), name="own-severity"),
    path("rankings/<int:pk>/", rankings.RankingPage.as_view(), name="ranking"),
    path("rankings/<int:pk>/excel/", rankings.RankingExport.as_view(), name="ranking-export"),
    path("rankings/<int:pk>/branches/<int:branch_pk>/", rankings.ScorePage.as_view(), name="score"),
    path("bulletins/", bulletins.BulletinIndex.as_view(), name="bulletins"),
    path("bulletins/<int:pk>/", bulletins.BulletinPage.as_view(), name="bulletin"),
    path("bulletins/<int:pk>/edit/", bulletins.Edit.as_view(), name="bulletin-edit"),
    path("bulletins/<int:pk>/approve/", bulletins.Approve.as_view(), name="bulletin-approve"),
    path("bulletins/<int:pk>/sign/", bulletins.Sign.as_view(), name="bulletin-sign"),
    path("bulletins/<int:pk>/void/", bulletins.Void.as_view(), name="bulletin-void"),
    path("bulletins/<int:pk>/receive/", bulletins.Receive.as_view(), name="bulletin-receive"),
]
