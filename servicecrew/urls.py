"""Addresses of crews, turnouts, operations, figures and programmes."""

from __future__ import annotations

from django.urls import path

from servicecrew.views import (
    captain,
    crews,
    operations,
    programmes,
    turnout_steps,
    turnouts,
    workbooks,
)

app_name = "servicecrew"
urlpatterns = [
    path("crew/", captain.CaptainHome.as_view(), name="home"),
    path("turnouts/", turnouts.TurnoutList.as_view(), name="turnouts"),
    path("turnouts/export/", workbooks.ExportTurnouts.as_view(), name="turnout-export"),
    path("turnouts/import/", workbooks.Import.as_view(), name="import"),
    path("turnouts/import/sheet/", workbooks.ImportSheet.as_view(), name="import-sheet"),
    path("turnouts/import/<uuid:uuid>/", workbooks.ImportPreview.as_view(), name="import-preview"),
    path("turnouts/blank/", turnouts.BlankSheet.as_view(), name="blank-sheet"),
    path("turnouts/<uuid:uuid>/", turnouts.TurnoutPage.as_view(), name="turnout"),
    path("turnouts/<uuid:uuid>/sheet/", turnouts.TurnoutSheet.as_view(), name="turnout-sheet"),
    path("turnouts/<uuid:uuid>/edit/", turnouts.TurnoutEdit.as_view(), name="turnout-edit"),
    path("turnouts/<uuid:uuid>/times/", turnouts.TurnoutTimes.as_view(), name="turnout-times"),
    path("turnouts/<uuid:uuid>/people/", turnouts.TurnoutPeople.as_view(), name="turnout-people"),
    path("turnouts/<uuid:uuid>/press/<slug:mark>/", captain.Press.as_view(), name="press"),
    path("turnouts/<uuid:uuid>/log/", turnout_steps.LogTurnout.as_view(), name="turnout-log"),
    path(
        "turnouts/<uuid:uuid>/confirm/",
        turnout_steps.ConfirmTurnout.as_view(),
        name="turnout-confirm",
    ),
    path(
        "turnouts/<uuid:uuid>/verify/", turnout_steps.VerifyTurnout.as_view(), name="turnout-verify"
    ),
    path(
        "turnouts/<uuid:uuid>/return/",
        turnout_steps.GiveBackTurnout.as_view(),
        name="turnout-return",
    ),
    path(
        "turnouts/<uuid:uuid>/reopen/", turnout_steps.ReopenTurnout.as_view(), name="turnout-reopen"
    ),
    path("turnouts/<uuid:uuid>/void/", turnout_steps.VoidTurnout.as_view(), name="turnout-void"),
    path("turnouts/<uuid:uuid>/photos/", turnouts.TurnoutPhotos.as_view(), name="turnout-photos"),
    path(
        "turnouts/<uuid:uuid>/photos/<uuid:photo>/remove/",
        turnouts.RemoveTurnoutPhoto.as_view(),
        name="turnout-photo-remove",
    ),
    path("figures/", workbooks.FiguresPage.as_view(), name="figures"),
    path("figures/export/", workbooks.ExportFigures.as_view(), name="figures-export"),
    path("figures/openings/new/", workbooks.OpenBalance.as_view(), name="opening-new"),
    path("crews/", crews.CrewTree.as_view(), name="crews"),
    path("crews/new/", crews.FoundCrew.as_view(), name="crew-new"),
    path("crews/<int:pk>/", crews.CrewPage.as_view(), name="crew"),
    path("crews/<int:pk>/edit/", crews.EditCrew.as_view(), name="crew-edit"),
    path("crews/<int:pk>/members/new/", crews.Enlist.as_view(), name="crew-enlist"),
    path(
        "crews/<int:pk>/members/<int:member_pk>/end/",
        crews.Discharge.as_view(),
        name="crew-discharge",
    ),
    path("crews/<int:pk>/vehicles/new/", crews.AddVehicle.as_view(), name="crew-vehicle"),
    path(
        "crews/<int:pk>/vehicles/<int:vehicle_pk>/end/",
        crews.RetireVehicle.as_view(),
        name="crew-vehicle-end",
    ),
    path("crews/<int:pk>/close/", crews.CloseCrew.as_view(), name="crew-close"),
    path("crews/<int:pk>/notes/new/", crews.AddNote.as_view(), name="crew-note"),
    path("crews/<int:pk>/equipment/", crews.KeepEquipment.as_view(), name="crew-equipment"),
    path("operations/", operations.OperationList.as_view(), name="operations"),
    path("operations/new/", operations.OperationCreate.as_view(), name="operation-create"),
    path("operations/<int:pk>/", operations.OperationPageView.as_view(), name="operation"),
    path(
        "operations/<int:pk>/report/", operations.OperationReport.as_view(), name="operation-report"
    ),
    path("operations/<int:pk>/edit/", operations.OperationEdit.as_view(), name="operation-edit"),
    path("operations/<int:pk>/events/new/", operations.AddEvent.as_view(), name="operation-event"),
    path(
        "operations/<int:pk>/outages/", operations.ReportOutages.as_view(), name="operation-outages"
    ),
    path(
        "operations/<int:pk>/counties/",
        operations.SetAffected.as_view(),
        name="operation-counties",
    ),
    path("operations/<int:pk>/teams/new/", operations.PlaceTeam.as_view(), name="operation-team"),
    path(
        "operations/<int:pk>/photos/", operations.OperationPhotos.as_view(), name="operation-photos"
    ),
    path(
        "operations/<int:pk>/photos/<uuid:photo>/remove/",
        operations.RemoveOperationPhoto.as_view(),
        name="operation-photo-remove",
    ),
    path("programmes/", programmes.ProgrammeList.as_view(), name="programmes"),
    path("programmes/<slug:code>/", programmes.ProgrammePageView.as_view(), name="programme"),
    path("programmes/<slug:code>/plan/", programmes.SetPlan.as_view(), name="programme-plan"),
    path("programmes/<slug:code>/deeds/new/", programmes.AddDeed.as_view(), name="programme-deed"),
    path(
        "programmes/<slug:code>/visits/new/", programmes.AddVisit.as_view(), name="programme-visit"
    ),
    path(
        "programmes/youth/pairs/new/",
        programmes.PairUp.as_view(),
        {"code": "youth"},
        name="pair-new",
    ),
    path(
        "programmes/youth/pairs/<int:pk>/end/",
        programmes.EndPair.as_view(),
        {"code": "youth"},
        name="pair-end",
    ),
    path(
        "programmes/pioneer/posts/new/",
        programmes.TakeOn.as_view(),
        {"code": "pioneer"},
        name="post-new",
    ),
    path(
        "programmes/pioneer/posts/<int:pk>/end/",
        programmes.FinishPost.as_view(),
        {"code": "pioneer"},
        name="post-end",
    ),
    path(
        "programmes/gratitude/retired/new/",
        programmes.ListRetired.as_view(),
        {"code": "gratitude"},
        name="retired-new",
    ),
    path(
        "programmes/gratitude/retired/<int:pk>/",
        programmes.EditRetired.as_view(),
        {"code": "gratitude"},
        name="retired-edit",
    ),
    path("mine/", programmes.MyContributions.as_view(), name="mine"),
]
