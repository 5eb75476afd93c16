"""``/api/v1``: the REST twin of every page, and its description."""

from __future__ import annotations

from django.urls import path, re_path
from drf_spectacular.views import SpectacularAPIView
from rest_framework.authtoken.views import ObtainAuthToken
from rest_framework.routers import SimpleRouter

from branches.api import BranchViewSet, CommitteeViewSet, MeView
from branches.duties_api import BurdenView, DutyView
from branches.imports_api import RowImportViewSet
from branches.records_api import ActivityViewSet
from branches.registers_api import (
    CalculatorView,
    DuesViewSet,
    RecruitStepViewSet,
    StudyView,
    TalkViewSet,
    TermViewSet,
)
from evaluations.api.bulletins import BatchViewSet, BulletinViewSet, PaperViewSet
from evaluations.api.findings import FindingViewSet
from evaluations.api.meetings import MeetingViewSet
from evaluations.api.rankings import CorrectedScoreViewSet, RankingViewSet
from evaluations.api.rectification import AppealViewSet, NoticeViewSet
from evaluations.api.rounds import RoundViewSet
from evaluations.api.rubrics import RubricVersionViewSet, RubricViewSet
from evaluations.api.sheets import SheetViewSet
from feedback.api.arranging import TeamViewSet, ThemesView
from feedback.api.promises import OrderViewSet, PromiseViewSet
from feedback.api.requests import RequestViewSet
from feedback.api.sessions import BoardView, SessionViewSet
from feedback.api.settings import SettingsView, SettingView
from feedback.api.visits import LinkViewSet, PlaceViewSet, VisitViewSet
from portal.api_reference import reference
from portal.audit.api import AuditViewSet
from portal.dashboard.api import Board135View
from portal.kernel.api import KEY_REGEX
from portal.notifications.api import MessageViewSet
from servicecrew.api.crews import CrewViewSet
from servicecrew.api.figures import ContributionsView, FiguresView, OpeningViewSet
from servicecrew.api.operations import OperationViewSet
from servicecrew.api.programmes import (
    MentorPairViewSet,
    PioneerViewSet,
    ProgrammeViewSet,
    RetiredViewSet,
)
from servicecrew.api.turnouts import TurnoutViewSet

router = SimpleRouter()
router.register("committees", CommitteeViewSet, "committee")
router.register("branches", BranchViewSet, "branch")
router.register("visits", VisitViewSet, "visit")
router.register("visit-places", PlaceViewSet, "visit-place")
router.register("links", LinkViewSet, "link")
router.register("activities", ActivityViewSet, "activity")
router.register("imports", RowImportViewSet, "import")
router.register("dues", DuesViewSet, "dues")
router.register("talks", TalkViewSet, "talk")
router.register("terms", TermViewSet, "term")
router.register("recruit-steps", RecruitStepViewSet, "recruit-step")
router.register("rubrics", RubricViewSet, "rubric")
router.register("rubric-versions", RubricVersionViewSet, "rubric-version")
router.register("rounds", RoundViewSet, "round")
router.register("sheets", SheetViewSet, "sheet")
router.register("findings", FindingViewSet, "finding")
router.register("appeals", AppealViewSet, "appeal")
router.register("rankings", RankingViewSet, "ranking")
router.register("corrected-scores", CorrectedScoreViewSet, "corrected-score")
router.register("meetings", MeetingViewSet, "meeting")
router.register("bulletins", BulletinViewSet, "bulletin")
router.register("papers", PaperViewSet, "paper")
router.register("paper-batches", BatchViewSet, "paper-batch")
router.register("notices", NoticeViewSet, "notice")
router.register("requests", RequestViewSet, "request")
router.register("promises", PromiseViewSet, "promise")
router.register("promise-teams", TeamViewSet, "promise-team")
router.register("supervision-orders", OrderViewSet, "supervision-order")
router.register("sessions", SessionViewSet, "session")
router.register("messages", MessageViewSet, "message")
router.register("crews", CrewViewSet, "crew")
router.register("turnouts", TurnoutViewSet, "turnout")
router.register("operations", OperationViewSet, "operation")
router.register("opening-balances", OpeningViewSet, "opening-balance")
router.register("programmes", ProgrammeViewSet, "programme")
router.register("mentor-pairs", MentorPairViewSet, "mentor-pair")
router.register("pioneers", PioneerViewSet, "pioneer")
router.register("retired-comrades", RetiredViewSet, "retired-comrade")
router.register("audit", AuditViewSet, "audit")

app_name = "api"
urlpatterns = [
    path("", reference, name="reference"),
    path("listening/settings/<slug:slug>/", SettingsView.as_view(), name="setting-list"),
    path("listening/settings/<slug:slug>/<slug:pk>/", SettingView.as_view(), name="setting"),
    path("board/", BoardView.as_view(), name="board"),
    path("themes/", ThemesView.as_view(), name="themes"),
    path("burden/", BurdenView.as_view(), name="burden"),
    path("duties/", DutyView.as_view(), name="duties"),
    re_path(
        rf"^branches/(?P<pk>{KEY_REGEX})/study-hours/$", StudyView.as_view(), name="study-hours"
    ),
    path("dues-calculator/", CalculatorView.as_view(), name="dues-calculator"),
    path("board-135/", Board135View.as_view(), name="board-135"),
    path("contributions/", ContributionsView.as_view(), name="contributions"),
    path("figures/", FiguresView.as_view(), name="figures"),
    path("me/", MeView.as_view(), name="me"),
    path("token/", ObtainAuthToken.as_view(), name="token"),
    path("schema/", SpectacularAPIView.as_view(), name="schema"),
    *router.urls,
]
